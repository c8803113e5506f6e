//! WhatsApp's own webhook body (Meta Cloud API), as Xobito forwards it and as Meta sends it directly: envelope, messages,
//! statuses (reference: whatsapp-webhooks, sections 1 to 3).
//!
//! Invariants: all four levels are lists and each is walked to its end; one odd part becomes one [`crate::model::Ignored`]
//! with its reason and never fails its neighbours; the order of the body is kept, doubles included, because recognising
//! doubles is the store's work.
//!
//! It must never trust the content beyond its shape: through the forwarder the body is unsigned, so every text is bounded
//! and nothing of it names a step, a file or a function.

mod attachment;
mod echo;
mod message;
mod receipt;
mod sender;

pub(super) use message::{content, too_long};
pub(super) use receipt::receipt_status;
pub(super) use sender::user_id;

use serde_json::Value;

use super::deliveries::Deliveries;
use super::json;

/// The one field whose changes concern conversations.
const MESSAGES: &str = "messages";
/// What `object` says in bodies about WhatsApp; other products of Meta use the same envelope.
const WHATSAPP: &str = "whatsapp_business_account";

/// Whether `body` has this shape: the whole envelope, one change of it, or one change's value. A forwarder may take the
/// envelope apart (reference: xobito-api section 14.5, "per change: U").
pub(super) fn is_body(body: &Value) -> bool {
    body.get("entry").is_some() || body.get("object").is_some_and(Value::is_string) || is_change(body) || is_value(body)
}

fn is_change(body: &Value) -> bool {
    body.get("field").is_some_and(Value::is_string) && body.get("value").is_some()
}

fn is_value(body: &Value) -> bool {
    body.get("messaging_product").is_some_and(Value::is_string)
}

/// Reads everything in `body`, of which [`is_body`] holds.
pub(super) fn decode(body: &Value, out: &mut Deliveries) {
    if let Some(object) = json::text(body, "/object").filter(|object| *object != WHATSAPP) {
        return out.ignore(format!("object {}", json::label(object)), "a body about another product than WhatsApp");
    }
    match json::items(body, "entry") {
        Some(entries) => entries.iter().for_each(|entry| decode_entry(entry, out)),
        None if is_change(body) => decode_change(body, out),
        None if is_value(body) => decode_value(body, out),
        None => out.ignore("envelope", "it has no list of entries"),
    }
}

fn decode_entry(entry: &Value, out: &mut Deliveries) {
    match json::items(entry, "changes") {
        Some(changes) => changes.iter().for_each(|change| decode_change(change, out)),
        None => out.ignore("entry", "it has no list of changes"),
    }
}

fn decode_change(change: &Value, out: &mut Deliveries) {
    let Some(value) = change.get("value").filter(|value| value.is_object()) else {
        return out.ignore("change", "it has no value");
    };
    match json::text(change, "/field") {
        // Without a field the value speaks for itself.
        Some(MESSAGES) | None => decode_value(value, out),
        Some(field) if echo::FIELDS.contains(&field) => decode_echoes(value, out),
        Some(field) => out.ignore(format!("field {}", json::label(field)), "only the field `messages` concerns conversations"),
    }
}

fn decode_echoes(value: &Value, out: &mut Deliveries) {
    let lists = echo::LISTS.iter().filter_map(|name| json::items(value, name));
    let before = out.len();
    lists.flatten().for_each(|message| out.push(echo::deliver(message)));
    if out.len() == before {
        out.ignore("value", "it holds no echoes");
    }
}

/// In practice a value holds messages or statuses; nobody promises it, so all three lists are read.
fn decode_value(value: &Value, out: &mut Deliveries) {
    let before = out.len();
    let messages = json::items(value, "messages").unwrap_or_default();
    let people = sender::People::of(value, messages);
    messages.iter().for_each(|message| out.push(message::deliver(message, &people)));
    json::items(value, "statuses").unwrap_or_default().iter().for_each(|status| out.push(receipt::deliver(status)));
    for error in json::items(value, "errors").unwrap_or_default() {
        let what = format!("error {}", json::label(&receipt::error_text(std::slice::from_ref(error))));
        out.ignore(what, "a notice about the business number, not about one message");
    }
    if out.len() == before {
        out.ignore("value", "it holds neither messages nor statuses nor errors");
    }
}
