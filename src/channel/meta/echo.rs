//! Echoes: what people wrote to a contact from the business's own phone or desk, told by Meta beside what contacts write.
//!
//! The reference names echoes among the fields that Xobito can forward and prints no body. This follows Meta's own page for
//! `smb_message_echoes` from memory: a list `message_echoes` of messages that carry `to` where others carry `from` (docs/provider-facts.md).

use serde_json::Value;

use super::super::deliveries::ignored;
use super::super::json;
use crate::model::{Content, Delivery, EventId, Inbound, Phone, Sender};

/// The fields whose changes hold echoes.
pub(super) const FIELDS: [&str; 2] = ["smb_message_echoes", "message_echoes"];
/// Where the list may stand in a change's value.
pub(super) const LISTS: [&str; 2] = ["message_echoes", "smb_message_echoes"];

/// Reads one item of the list.
pub(super) fn deliver(message: &Value) -> Delivery {
    let Some(id) = json::id(message, "/id") else {
        return ignored("echo", "it has no id, so that a second copy could not be recognised");
    };
    let phone = ["/to", "/recipient_id"].iter().find_map(|pointer| Phone::parse(&json::id(message, pointer)?));
    let user_id = ["/to_user_id", "/recipient_user_id"].iter().find_map(|pointer| super::user_id(message, pointer));
    if phone.is_none() && user_id.is_none() {
        return ignored("echo", "it does not say to whom it was written");
    }
    let text = json::first_text(message, &["/text/body", "/image/caption", "/video/caption", "/document/caption"]);
    Delivery::Message(Inbound {
        id: EventId(id),
        sender: Sender { phone, user_id, name: String::new() },
        sent_at: json::moment(message, "/timestamp"),
        // Of a text that is too long only that somebody wrote matters.
        content: Content::PersonWrote { text: text.and_then(json::words).unwrap_or_default() },
    })
}
