//! The channels: recorded webhook bodies in, requests out, and every way in which an attempt can end.

mod answers;
mod batch;
mod client;
mod hostile;
mod outbound;
mod provider;
mod received;
mod samples;
mod signature;
mod variants;

use std::path::PathBuf;

use buttonhook::channel::xobito;
use buttonhook::model::{Content, Delivery, Inbound, Sender};
use serde_json::Value;

/// The folder of sample bodies.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/payloads")
}

/// The bytes of a sample.
fn sample(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A sample as JSON.
fn sample_json(name: &str) -> Value {
    serde_json::from_slice(&sample(name)).unwrap()
}

/// What a JSON body brings, a line for each delivery.
fn told(body: &Value) -> Vec<String> {
    xobito::decode(body.to_string().as_bytes()).unwrap().iter().map(line).collect()
}

/// The one thing that a JSON body brings.
fn only(body: &Value) -> String {
    let lines = told(body);
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines[0].clone()
}

/// A delivery on one line, ids by their last characters.
fn line(delivery: &Delivery) -> String {
    match delivery {
        Delivery::Message(Inbound { id, sender, sent_at, content }) => {
            let at = sent_at.map_or("-".to_owned(), |at| at.as_second().to_string());
            format!("{} | {} | at {at} | {}", doing(content), who(sender), end(&id.0))
        }
        Delivery::Receipt(receipt) => {
            let at = receipt.at.map_or("-".to_owned(), |at| at.as_second().to_string());
            let status = format!("{:?}", receipt.status).to_lowercase();
            assert_eq!(receipt.id.0, format!("{}:{status}", receipt.message.0));
            let error = if receipt.error.is_empty() { String::new() } else { format!(" | {}", receipt.error) };
            format!("{status} {} | at {at}{error}", end(&receipt.message.0))
        }
        Delivery::NumberChanged { id, from, to } => format!("number {from} -> {to} | {}", end(&id.0)),
        Delivery::Ignored(ignored) => format!("ignored {}: {}", ignored.what, ignored.why),
    }
}

fn doing(content: &Content) -> String {
    match content {
        Content::Tapped { id, title, on } => {
            let on = on.as_ref().map_or("-", |on| end(&on.0));
            format!("tapped {} {title:?} on {on}", id.as_deref().unwrap_or("(no id)"))
        }
        Content::Typed { text } => format!("typed {text:?}"),
        Content::Attached { kind, caption, details } if details.is_empty() => format!("attached {kind:?} {caption:?}"),
        Content::Attached { kind, caption, details } => {
            format!("attached {kind:?} {caption:?} {}", serde_json::to_string(details).unwrap())
        }
        other => format!("{other:?}"),
    }
}

fn who(sender: &Sender) -> String {
    let phone = sender.phone.as_ref().map_or("-".to_owned(), ToString::to_string);
    format!("{phone} {} {:?}", sender.user_id.as_deref().map_or("-", end), sender.name)
}

fn end(id: &str) -> &str {
    let from = id.char_indices().rev().nth(11).map_or(0, |(at, _)| at);
    &id[from..]
}
