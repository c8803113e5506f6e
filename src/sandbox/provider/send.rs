//! `POST /messages/send`: text, reply buttons, one URL button (reference: xobito-api.md, section 7).

use super::super::Sandbox;
use super::super::message::{Button, Kind, Link};
use super::Call;
use super::answer::Answer;
use super::fields::Fields;
use super::take::Outgoing;
use serde_json::Value;

/// What Xobito lets through in a body.
const BODY_CHARS: usize = 4_096;
/// What Meta lets through in the body of a message with buttons: the trap of section 7.
const BODY_CHARS_UPSTREAM: usize = 1_024;
const HEADER_CHARS: usize = 60;
const LABEL_CHARS: usize = 20;
const ID_CHARS: usize = 256;

pub(super) fn send(sandbox: &Sandbox, call: &Call) -> Result<Answer, Answer> {
    let mut fields = Fields::of(&call.fields);
    let phone = fields.phone(None);
    let body = fields.required("message_body", BODY_CHARS).to_owned();
    let header = fields.text("header", HEADER_CHARS).unwrap_or_default().to_owned();
    let footer = fields.text("footer", HEADER_CHARS).unwrap_or_default().to_owned();
    let kind = match fields.raw("message_type").map(Value::as_str) {
        None | Some(Some("text")) => Kind::Text,
        Some(Some("interactive")) => Kind::Buttons,
        Some(Some("cta_url")) => Kind::Link,
        Some(_) => {
            fields.wrong("message_type", "The selected message type is invalid.");
            Kind::Text
        }
    };
    let buttons = if kind == Kind::Buttons { buttons(&mut fields) } else { Vec::new() };
    let link = (kind == Kind::Link).then(|| link(&mut fields)).flatten();
    let contact = fields.contact();
    fields.done()?;

    let mut out = Outgoing::new(phone, kind);
    out.contact = contact;
    if kind != Kind::Text {
        // Header and footer belong to the other two kinds; with a text they are left out.
        (out.message.header, out.message.footer) = (header, footer);
        out.refused_upstream = body.chars().count() > BODY_CHARS_UPSTREAM || refused_by_meta(&buttons);
    }
    (out.message.body, out.message.buttons, out.message.link) = (body, buttons, link);
    sandbox.take(out)
}

fn buttons(fields: &mut Fields) -> Vec<Button> {
    let given = fields.raw("buttons").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if !(1..=3).contains(&given.len()) {
        fields.wrong("buttons", "Send between one and three buttons.");
        return Vec::new();
    }
    let mut buttons = Vec::new();
    for (n, button) in given.iter().enumerate() {
        let mut member = |name: &str, most: usize| {
            let place = format!("buttons.{n}.{name}");
            match button.get(name) {
                Some(Value::String(text)) if text.trim().is_empty() => {
                    fields.wrong(&place, format!("The {place} field is required."))
                }
                Some(Value::String(text)) if text.chars().count() > most => {
                    fields.wrong(&place, format!("The {place} may not be greater than {most} characters."));
                }
                Some(Value::String(text)) => return text.clone(),
                None | Some(Value::Null) => fields.wrong(&place, format!("The {place} field is required.")),
                Some(_) => fields.wrong(&place, format!("The {place} must be a string.")),
            }
            String::new()
        };
        buttons.push(Button { id: member("id", ID_CHARS), title: member("title", LABEL_CHARS) });
    }
    buttons
}

fn link(fields: &mut Fields) -> Option<Link> {
    let label = fields.required("button_text", LABEL_CHARS).to_owned();
    let url = fields.address("button_url", true)?.to_owned();
    Some(Link { label, url })
}

/// Meta wants ids and titles unique and ids without outer blanks (whatsapp-webhooks.md, section 9). Whether Xobito checks that is
/// unknown, so it fails upstream here.
fn refused_by_meta(buttons: &[Button]) -> bool {
    buttons.iter().enumerate().any(|(n, button)| {
        button.id.trim() != button.id || buttons[..n].iter().any(|other| other.id == button.id || other.title == button.title)
    })
}
