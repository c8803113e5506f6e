//! One inbound message of any kind (reference: whatsapp-webhooks, section 2).

use serde_json::Value;

use super::super::deliveries::ignored;
use super::super::json;
use super::attachment::details;
use super::sender::People;
use crate::model::{AttachmentKind, Content, Delivery, Details, EventId, Ignored, Inbound, MessageId, Phone};

/// Reads one item of `messages`.
pub(super) fn deliver(message: &Value, people: &People<'_>) -> Delivery {
    let kind = json::text(message, "/type").unwrap_or("");
    let Some(id) = json::id(message, "/id").map(EventId) else {
        return ignored(json::label(kind), "it has no id, so that a second copy could not be recognised");
    };
    if kind == "system" {
        return system(message, id);
    }
    // What is of no concern whoever sent it is said first: its reason tells more than a missing sender does.
    let content = match content(kind, message) {
        Ok(content) => content,
        Err(reason) => return Delivery::Ignored(reason),
    };
    let Some(sender) = people.sender(message) else {
        return ignored(json::label(kind), "it says neither the sender's number nor their user id");
    };
    Delivery::Message(Inbound { id, sender, sent_at: json::moment(message, "/timestamp"), content })
}

/// What a message of this `kind` says, or why it makes no turn. Whatever a person wrote, tapped or sent makes one, also when
/// we cannot show it; what they did to earlier messages does not.
pub(in super::super) fn content(kind: &str, message: &Value) -> Result<Content, Ignored> {
    let why = match kind {
        "text" => return text(message),
        "interactive" => return interactive(message),
        "button" => return template_button(message),
        "reaction" => "a reaction is no answer",
        "edit" => "the message that was edited has already been answered",
        "revoke" => "the message that was deleted has already been answered",
        "request_welcome" => "the chat was opened and nothing written yet",
        "system" => "a notice, not something a person wrote",
        "" => "it has no type",
        kind => return attachment(kind, message),
    };
    Err(Ignored { what: if kind.is_empty() { "message".to_owned() } else { kind.to_owned() }, why })
}

fn text(message: &Value) -> Result<Content, Ignored> {
    let body = json::text(message, "/text/body").ok_or_else(|| because("text", "it holds no text"))?;
    Ok(Content::Typed { text: json::words(body).ok_or_else(|| too_long("text"))? })
}

/// A tap on a template's quick reply. Without a developer's payload the provider repeats the label as payload, so a missing
/// payload reads the same way.
fn template_button(message: &Value) -> Result<Content, Ignored> {
    let title = json::text(message, "/button/text");
    let id = payload(message, "/button/payload").or_else(|| title.map(str::to_owned));
    if id.is_none() {
        return Err(because("button", "it says neither payload nor label"));
    }
    tapped("button", message, id, title)
}

fn interactive(message: &Value) -> Result<Content, Ignored> {
    let Some(body) = message.get("interactive").filter(|body| body.is_object()) else {
        // Observed, although no page mentions it (reference: whatsapp-webhooks section 2.1).
        return Err(because("interactive", "it came without its body, so that nobody can tell what was tapped"));
    };
    // The member that is there says more than `type`, which may be missing.
    for (reply, what) in [("button_reply", "interactive button_reply"), ("list_reply", "interactive list_reply")] {
        if body.get(reply).is_some() {
            let id = payload(body, &format!("/{reply}/id"));
            let title = json::text(body, &format!("/{reply}/title"));
            if id.is_none() && title.is_none() {
                return Err(because(what, "it says neither id nor title"));
            }
            return tapped(what, message, id, title);
        }
    }
    if body.get("nfm_reply").is_some() {
        return attached(AttachmentKind::Form, "interactive nfm_reply", json::text(body, "/nfm_reply/body"), Details::default());
    }
    let kind = json::text(body, "/type").unwrap_or("");
    let why = match kind {
        "call_permission_reply" => "calls are of no concern to flows",
        _ => "an interactive kind that this version does not know",
    };
    Err(because(format!("interactive {}", json::label(kind)), why))
}

/// A button's own id; longer than a tap's words may be, it counts as too long there.
fn payload(value: &Value, pointer: &str) -> Option<String> {
    match value.pointer(pointer)? {
        Value::String(id) if !id.is_empty() => Some(id.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn tapped(what: &str, message: &Value, id: Option<String>, title: Option<&str>) -> Result<Content, Ignored> {
    let bounded = |text: &str| json::words(text).ok_or_else(|| too_long(what));
    let id = id.as_deref().map(bounded).transpose()?;
    let title = bounded(title.unwrap_or_default())?;
    Ok(Content::Tapped { id, title, on: json::id(message, "/context/id").map(MessageId) })
}

fn attachment(kind: &str, message: &Value) -> Result<Content, Ignored> {
    let details = details(kind, message);
    let caption = |pointer: &str| json::text(message, pointer);
    let (kind, what, caption) = match kind {
        "image" => (AttachmentKind::Image, "image", caption("/image/caption")),
        "video" => (AttachmentKind::Video, "video", caption("/video/caption")),
        "audio" if json::flag(message, "/audio/voice") => (AttachmentKind::Voice, "audio", None),
        "audio" => (AttachmentKind::Audio, "audio", None),
        // Named as a kind of its own by older bodies of the same shape.
        "voice" => (AttachmentKind::Voice, "voice", None),
        "document" => (AttachmentKind::Document, "document", caption("/document/caption")),
        "sticker" => (AttachmentKind::Sticker, "sticker", None),
        "location" => (AttachmentKind::Location, "location", None),
        "contacts" => (AttachmentKind::Contacts, "contacts", None),
        "order" => (AttachmentKind::Order, "order", caption("/order/text")),
        "unsupported" | "unknown" => (AttachmentKind::Unsupported, "unsupported", None),
        future => return Err(because(json::label(future), "a kind that this version does not know")),
    };
    attached(kind, what, caption, details)
}

fn attached(kind: AttachmentKind, what: &str, caption: Option<&str>, details: Details) -> Result<Content, Ignored> {
    let caption = json::words(caption.unwrap_or_default()).ok_or_else(|| too_long(what))?;
    Ok(Content::Attached { kind, caption, details: Box::new(details) })
}

/// A person has a new number. Older bodies call the member `new_wa_id` and the notice `customer_changed_number`.
fn system(message: &Value, id: EventId) -> Delivery {
    let kind = json::text(message, "/system/type").unwrap_or("");
    let what = || format!("system {}", json::label(kind));
    if !matches!(kind, "user_changed_number" | "customer_changed_number") {
        return ignored(what(), "a notice, not something a person wrote");
    }
    let number = |pointers: &[&str]| Phone::parse(&json::first_id(message, pointers)?);
    match (number(&["/from", "/system/customer"]), number(&["/system/wa_id", "/system/new_wa_id"])) {
        (Some(from), Some(to)) if from != to => Delivery::NumberChanged { id, from, to },
        (Some(_), Some(_)) => ignored(what(), "the old and the new number are the same"),
        _ => ignored(what(), "it does not say both numbers"),
    }
}

fn because(what: impl Into<String>, why: &'static str) -> Ignored {
    Ignored { what: what.into(), why }
}

/// WhatsApp passes on 4096 characters at most: a longer text was made by nobody's phone. Cutting it would pass off half a
/// text as the whole.
pub(in super::super) fn too_long(what: &str) -> Ignored {
    because(what, "a text, caption, title or id in it is longer than any that WhatsApp passes on")
}
