//! The bodies of Flow A, Xobito's own events, and their signature (reference: xobito-api.md, sections 14.1 to 14.3).

use super::super::message::{From, Kind, Message, Ticks};
use super::super::world::{Contact, TENANT};
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

/// `X-Webhook-Signature`: lowercase hexadecimal HMAC-SHA256 of the bytes that are posted.
pub(in super::super) fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(body);
    HEXLOWER.encode(&mac.finalize().into_bytes())
}

/// A contact was created, updated or deleted.
pub(in super::super) fn contact(event: &str, contact: &Contact, now: Timestamp) -> Value {
    let member = |name: &str| contact.fields.get(name).cloned().unwrap_or(Value::Null);
    let names = ["firstname", "lastname", "phone", "email", "type", "status_id", "source_id"];
    let attributes: serde_json::Map<String, Value> = names.into_iter().map(|name| (name.to_owned(), member(name))).collect();
    json!({
        "event": event, "model": "App\\Models\\Tenant\\Contact",
        "data": {"id": contact.id, "attributes": attributes, "relations": {}}, "original": null, "timestamp": time(now),
    })
}

/// A receipt. Only `message.sent` carries the content; the failure's text is the dashboard's, never Meta's code.
pub(in super::super) fn status(message: &Message) -> (&'static str, Value) {
    let event = match message.ticks {
        Ticks::Pending | Ticks::Sent => "message.sent",
        Ticks::Delivered => "message.delivered",
        Ticks::Read => "message.read",
        Ticks::Failed => "message.failed",
    };
    let error = if message.error.is_empty() { Value::Null } else { json!(message.error) };
    let mut data =
        json!({"message_id": message.id, "status": message.ticks.literal(), "error_message": error, "tenant_id": TENANT});
    if message.ticks == Ticks::Sent {
        data["text"] = json!(message.body);
        data["type"] = json!(message_type(message));
    }
    (event, json!({"event": event, "model": "WhatsAppMessage", "data": data, "timestamp": time(message.changed)}))
}

/// A message of a person. Only the event's name is stated; the members are inferred (section 14.2), and so a tap shows its
/// label and not its id: a host that needs the id must take it from Flow B.
pub(in super::super) fn received(digits: &str, message: &Message, wire_type: &str) -> (&'static str, Value) {
    debug_assert!(message.from == From::Them);
    let event = "message.received";
    let data = json!({"message_id": message.id, "from": digits, "type": wire_type, "text": message.body, "tenant_id": TENANT});
    (event, json!({"event": event, "model": "WhatsAppMessage", "data": data, "timestamp": time(message.at)}))
}

/// What a send was called on the way in; the page shows `text` only, the rest is inferred.
fn message_type(message: &Message) -> &str {
    match message.kind {
        Kind::Buttons => "interactive",
        Kind::Link => "cta_url",
        Kind::Template => "template",
        Kind::Media => message.media.as_ref().and_then(|m| m["kind"].as_str()).unwrap_or("media"),
        Kind::Text | Kind::Tap | Kind::Attachment => "text",
    }
}

/// Whole seconds and `+00:00` (section 3).
fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}
