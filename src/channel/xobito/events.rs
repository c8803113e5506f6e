//! Xobito's own events, Flow A (reference: xobito-api, section 14): signed and repeated, which the forwarder is not.
//!
//! Of `message.received` only the name is documented; its members are unknown (section 18, first item). Every spelling that
//! the provider or its sister product uses elsewhere is tried, and a raw Meta object inside is read as one.

use serde_json::Value;

use super::super::deliveries::{Deliveries, ignored};
use super::super::{json, meta};
use crate::model::{Content, Delivery, EventId, Ignored, Inbound, MessageId, Phone, Receipt, ReceiptStatus, Sender};

/// Where the provider's id of a message may stand.
const MESSAGE_ID: &[&str] =
    &["/message_id", "/wamid", "/whatsapp_message_id", "/message/message_id", "/message/wamid", "/message/id"];
/// Where the sender's number may stand.
const PHONE: &[&str] = &[
    "/from",
    "/phone",
    "/phone_number",
    "/wa_id",
    "/contact/phone",
    "/contact/phone_number",
    "/contact/wa_id",
    "/sender/phone",
    "/message/from",
];
/// Where a receipt may name the recipient.
const PHONE_TO: &[&str] = &["/recipient_id", "/to", "/phone", "/phone_number"];
/// Where the sender's business-scoped user id may stand. Members named `id` are Xobito's own keys.
const USER_ID: &[&str] = &["/from_user_id", "/contact/user_id", "/message/from_user_id"];
/// Where the sender's whole name may stand.
const NAME: &[&str] = &["/contact/name", "/contact/profile/name", "/profile/name", "/contact_name", "/name"];
/// Where the kind of message may stand.
const KIND: &[&str] = &["/type", "/message_type", "/message/type"];
/// Where the words may stand.
const WORDS: &[&str] =
    &["/text", "/text/body", "/message", "/message/text", "/message/text/body", "/message_body", "/body", "/content", "/caption"];
/// Where a tapped button's id may stand.
const BUTTON_ID: &[&str] = &[
    "/button_id",
    "/button_payload",
    "/button/id",
    "/button/payload",
    "/button_reply/id",
    "/list_reply/id",
    "/interactive/button_reply/id",
    "/interactive/list_reply/id",
    "/message/button/payload",
    "/message/interactive/button_reply/id",
    "/message/interactive/list_reply/id",
];
/// Where a tapped button's title may stand; the words stand in for it.
const BUTTON_TITLE: &[&str] = &[
    "/button_title",
    "/button_text",
    "/button/title",
    "/button/text",
    "/button_reply/title",
    "/list_reply/title",
    "/interactive/button_reply/title",
    "/interactive/list_reply/title",
    "/message/button/text",
    "/message/interactive/button_reply/title",
    "/message/interactive/list_reply/title",
];
/// Where the id of the message that carried the button may stand.
const CARRIER: &[&str] = &["/context/id", "/context/message_id", "/message/context/id", "/reply_to_message_id"];
/// Kinds that are taps.
const TAPS: &[&str] = &["interactive", "button", "button_reply", "list_reply"];

/// Whether `body` has the shape of an event.
pub(super) fn is_event(body: &Value) -> bool {
    json::text(body, "/event").is_some() && (body.get("model").is_some() || body.get("data").is_some())
}

/// Reads an event, of which [`is_event`] holds. The event's name decides; the model's name is only said for the log.
pub(super) fn decode(body: &Value, out: &mut Deliveries) {
    let event = json::text(body, "/event").unwrap_or_default();
    let what = || {
        let model = json::text(body, "/model").unwrap_or_default();
        json::label(format!("{} {event}", model.rsplit('\\').next().unwrap_or_default()).trim())
    };
    let Some(data) = body.get("data").filter(|data| data.is_object()) else {
        return out.ignore(what(), "it has no data");
    };
    match event.strip_prefix("message.") {
        Some("received") => received(body, data, out),
        Some(word) => match meta::receipt_status(word) {
            Some(status) => out.push(receipt(body, data, word, status)),
            None => out.ignore(what(), "a message event that this version does not know"),
        },
        None => out.ignore(what(), "changes of contacts, statuses and sources start nothing"),
    }
}

/// Word about a message, ours or one sent by hand in the dashboard: whose it is, the store knows. The id is the one that the
/// forwarded status gets.
fn receipt(body: &Value, data: &Value, word: &str, status: ReceiptStatus) -> Delivery {
    let Some(message) = json::first_id(data, MESSAGE_ID) else {
        return ignored(format!("message.{word}"), "it names no message");
    };
    let error = json::first_text(data, &["/error_message", "/error/message", "/error"]).unwrap_or_default();
    Delivery::Receipt(Receipt {
        id: EventId(format!("{message}:{word}")),
        message: MessageId(message),
        status,
        at: json::moment(body, "/timestamp"),
        error: if status == ReceiptStatus::Failed { json::detail(error) } else { String::new() },
        // No page names a recipient here; a number that is there all the same is taken.
        to: PHONE_TO.iter().find_map(|pointer| Phone::parse(&json::id(data, pointer)?)),
        text: json::text(data, "/text").and_then(json::words),
        is_free: json::text(data, "/type").is_some_and(|kind| !kind.contains("template")),
    })
}

fn received(body: &Value, data: &Value, out: &mut Deliveries) {
    let inner = ["payload", "raw", "message", "whatsapp"].iter().filter_map(|name| data.get(name));
    if let Some(whole) = std::iter::once(data).chain(inner).find(|part| meta::is_body(part)) {
        return meta::decode(whole, out);
    }
    out.push(match inbound(body, data) {
        Ok(inbound) => Delivery::Message(inbound),
        Err(reason) => Delivery::Ignored(reason),
    });
}

fn inbound(body: &Value, data: &Value) -> Result<Inbound, Ignored> {
    let because = |why| Ignored { what: "message.received".to_owned(), why };
    // A key of Xobito's own, kept apart from the ids that both flows share.
    let own_key = || Some(format!("xobito-message:{}", json::id(data, "/id")?));
    let raw_id = || json::id(data, "/id").filter(|id| id.starts_with("wamid."));
    let id = json::first_id(data, MESSAGE_ID)
        .or_else(raw_id)
        .or_else(own_key)
        .ok_or_else(|| because("it has no id, so that a second copy could not be recognised"))?;
    let content = content(data)?;
    let sender = sender(data).ok_or_else(|| because("it says neither the sender's number nor their user id"))?;
    let sent_at = ["/timestamp", "/sent_at", "/message/timestamp"].iter().find_map(|at| json::moment(data, at));
    Ok(Inbound { id: EventId(id), sender, sent_at: sent_at.or_else(|| json::moment(body, "/timestamp")), content })
}

fn sender(data: &Value) -> Option<Sender> {
    let phone = PHONE.iter().find_map(|pointer| Phone::parse(&json::id(data, pointer)?));
    let user_id = USER_ID.iter().find_map(|pointer| meta::user_id(data, pointer));
    let name = json::first_text(data, NAME).map(str::to_owned).unwrap_or_else(|| {
        let part = |pointer: &str| json::text(data, pointer).unwrap_or_default();
        format!("{} {}", part("/contact/firstname"), part("/contact/lastname"))
    });
    (phone.is_some() || user_id.is_some()).then(|| Sender { phone, user_id, name: json::name(&name) })
}

/// An id makes a tap, whatever the type says; a tap's type without an id leaves the title; a Meta object in its usual place
/// is read as one; what remains are words.
fn content(data: &Value) -> Result<Content, Ignored> {
    let kind = json::first_text(data, KIND).unwrap_or("");
    let words = json::first_text(data, WORDS);
    let title = json::first_text(data, BUTTON_TITLE).or(words);
    let id = BUTTON_ID.iter().find_map(|pointer| json::text(data, pointer));
    if id.is_some() || (TAPS.contains(&kind) && title.is_some()) {
        return tapped(data, id, title);
    }
    if matches!(kind, "" | "text") {
        let words = words.ok_or_else(|| Ignored { what: "message.received".to_owned(), why: "it holds no text" })?;
        return Ok(Content::Typed { text: json::words(words).ok_or_else(|| meta::too_long("message.received"))? });
    }
    let raw = data.get("message").filter(|message| message.get(kind).is_some()).unwrap_or(data);
    match meta::content(kind, raw)? {
        Content::Attached { kind, caption, details } if caption.is_empty() => {
            let caption = words.map_or(Some(String::new()), json::words).ok_or_else(|| meta::too_long("message.received"))?;
            Ok(Content::Attached { kind, caption, details })
        }
        content => Ok(content),
    }
}

fn tapped(data: &Value, id: Option<&str>, title: Option<&str>) -> Result<Content, Ignored> {
    let bounded = |text: &str| json::words(text).ok_or_else(|| meta::too_long("message.received"));
    let (id, title) = (id.map(bounded).transpose()?, bounded(title.unwrap_or_default())?);
    Ok(Content::Tapped { id, title, on: json::first_id(data, CARRIER).map(MessageId) })
}
