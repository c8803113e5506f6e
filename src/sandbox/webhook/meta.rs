//! The bodies of Flow B: what Meta posts and Xobito's forwarder posts again (reference: whatsapp-webhooks.md, sections 1 to 3).

use super::super::chat::{UNDELIVERABLE, WINDOW_CLOSED};
use super::super::ids;
use super::super::message::{Message, Ticks};
use serde_json::{Map, Value, json};

/// The business number, as the samples have it.
pub(in super::super) const BUSINESS: &str = "15550100000";
const ACCOUNT: &str = "900800700600501";
/// The id of the business number.
pub(in super::super) const NUMBER_ID: &str = "100200300400501";

/// A message of a person. `wire` is its Meta type and the member of that name.
pub(in super::super) fn inbound(digits: &str, name: &str, message: &Message, wire: &(&'static str, Value)) -> Value {
    let mut body = Map::new();
    if let Some(on) = &message.on {
        body.insert("context".into(), json!({"from": BUSINESS, "id": on}));
    }
    body.insert("from".into(), json!(digits));
    body.insert("id".into(), json!(message.id));
    body.insert("timestamp".into(), json!(message.at.as_second().to_string()));
    body.insert("type".into(), json!(wire.0));
    body.insert(wire.0.into(), wire.1.clone());
    envelope(json!({"contacts": [profile(digits, name)], "messages": [body]}))
}

/// A receipt for a message of the business. `contacts` stands beside it except with `sent` and failures, and `pricing` only with
/// `sent` and `delivered`, as in the samples.
pub(in super::super) fn status(digits: &str, name: &str, message: &Message, code: Option<u32>) -> Value {
    let mut status = Map::new();
    status.insert("id".into(), json!(message.id));
    status.insert("status".into(), json!(message.ticks.literal()));
    status.insert("timestamp".into(), json!(message.changed.as_second().to_string()));
    status.insert("recipient_id".into(), json!(digits));
    if matches!(message.ticks, Ticks::Sent | Ticks::Delivered) {
        status.insert("pricing".into(), pricing(message.category));
    }
    if let Some(code) = code {
        status.insert("errors".into(), json!([error(code)]));
    }
    let mut value = json!({"statuses": [status]});
    if matches!(message.ticks, Ticks::Delivered | Ticks::Read) {
        value["contacts"] = json!([profile(digits, name)]);
    }
    envelope(value)
}

fn envelope(mut value: Value) -> Value {
    value["messaging_product"] = json!("whatsapp");
    value["metadata"] = json!({"display_phone_number": BUSINESS, "phone_number_id": NUMBER_ID});
    json!({
        "object": "whatsapp_business_account",
        "entry": [{"id": ACCOUNT, "changes": [{"value": value, "field": "messages"}]}],
    })
}

fn profile(digits: &str, name: &str) -> Value {
    json!({"profile": {"name": name}, "wa_id": digits, "user_id": ids::user_id(digits)})
}

fn pricing(category: Option<&str>) -> Value {
    match category {
        // The type of a paid message is not in the samples; "regular" is inferred.
        Some(category) => json!({"billable": true, "pricing_model": "PMP", "category": category, "type": "regular"}),
        None => json!({"billable": false, "pricing_model": "PMP", "category": "service", "type": "free_customer_service"}),
    }
}

fn error(code: u32) -> Value {
    let (title, details) = match code {
        WINDOW_CLOSED => ("Re-engagement message", "The last customer message is older than 24 hours."),
        UNDELIVERABLE => ("Message undeliverable", "The recipient cannot be reached on WhatsApp."),
        _ => ("Something went wrong", "The message was not delivered."),
    };
    json!({
        "code": code, "title": title, "message": title, "error_data": {"details": details},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    })
}
