//! Statuses: word about messages that were sent.

use serde_json::Value;

use super::super::deliveries::ignored;
use super::super::json;
use crate::model::{Delivery, EventId, MessageId, Phone, Receipt, ReceiptStatus};

/// Reads one item of `statuses`.
pub(super) fn deliver(status: &Value) -> Delivery {
    let Some(id) = json::id(status, "/id") else {
        return ignored("status", "it names no message");
    };
    let word = json::text(status, "/status").unwrap_or("");
    let Some(known) = receipt_status(word) else {
        return ignored(format!("status {}", json::label(word)), "a status that this version does not know");
    };
    let errors = json::items(status, "errors").unwrap_or_default();
    Delivery::Receipt(Receipt {
        id: EventId(format!("{id}:{word}")),
        message: MessageId(id),
        status: known,
        at: json::moment(status, "/timestamp"),
        error: if known == ReceiptStatus::Failed { error_text(errors) } else { String::new() },
        to: json::id(status, "/recipient_id").as_deref().and_then(Phone::parse),
        text: None,
        is_free: false,
    })
}

/// The status that the provider's word stands for. Xobito's own events use the same words.
pub(in super::super) fn receipt_status(word: &str) -> Option<ReceiptStatus> {
    Some(match word {
        "sent" => ReceiptStatus::Sent,
        "delivered" => ReceiptStatus::Delivered,
        "read" => ReceiptStatus::Read,
        "played" => ReceiptStatus::Played,
        "failed" => ReceiptStatus::Failed,
        _ => return None,
    })
}

/// Errors as people read them: `131047 Re-engagement message: The last customer message is older than 24 hours.`
pub(super) fn error_text(errors: &[Value]) -> String {
    let all: Vec<_> = errors.iter().map(one_error).filter(|error| !error.is_empty()).collect();
    json::detail(&all.join("; "))
}

fn one_error(error: &Value) -> String {
    let code = json::id(error, "/code").unwrap_or_default();
    // `message` repeats `title`.
    let title = json::first_text(error, &["/title", "/message"]).unwrap_or_default();
    let details = json::text(error, "/error_data/details").unwrap_or_default();
    let head = [code.as_str(), title].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    [head.as_str(), details].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}
