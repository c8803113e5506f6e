//! What a message tells of the file or place that it brings (reference: whatsapp-webhooks, section 2). Whatever is missing, or of
//! another shape than expected, is simply not told: the attachment counts all the same.

use serde_json::Value;

use super::super::json;
use crate::model::{Details, limits};

/// The details under the member `kind` of `message`.
pub(super) fn details(kind: &str, message: &Value) -> Details {
    let Some(part) = message.get(kind) else { return Details::default() };
    let text = |name: &str, most: usize| {
        let text = json::text(part, &format!("/{name}"))?;
        Some(text.chars().filter(|c| !c.is_control()).take(most).collect::<String>()).filter(|text| !text.trim().is_empty())
    };
    // An address that was cut leads elsewhere.
    let url =
        json::text(part, "/url").filter(|url| url.chars().count() <= limits::URL_CHARS_MAX && !url.contains(char::is_control));
    let degrees = |name: &str, most: f64| degrees(part.get(name)?).filter(|degrees| degrees.abs() <= most);
    if kind == "location" {
        let (latitude, longitude) = (degrees("latitude", 90.0), degrees("longitude", 180.0));
        let (name, address) = (text("name", limits::PLACE_CHARS_MAX), text("address", limits::PLACE_CHARS_MAX));
        return Details { latitude, longitude, name, address, ..Details::default() };
    }
    Details {
        id: json::id(part, "/id"),
        url: url.map(str::to_owned),
        mime: text("mime_type", limits::MIME_CHARS_MAX),
        filename: text("filename", limits::FILENAME_CHARS_MAX),
        ..Details::default()
    }
}

/// Degrees as a number, or as a text, which some senders write.
fn degrees(value: &Value) -> Option<f64> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    number.is_finite().then_some(number)
}
