//! A message as the phone in the browser shows it.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum From {
    /// The person with the phone.
    Them,
    /// The business.
    Bot,
}

/// What kind of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    Text,
    Buttons,
    Link,
    Template,
    Media,
    Tap,
    Attachment,
}

/// How far a message got. The order is the rank: a message never goes back, whatever arrives late.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Ticks {
    Pending,
    Sent,
    Delivered,
    Read,
    Failed,
}

impl Ticks {
    /// The wire literal, the same in Flow B, Flow A and the status endpoint.
    pub(super) fn literal(self) -> &'static str {
        match self {
            Ticks::Pending => "pending",
            Ticks::Sent => "sent",
            Ticks::Delivered => "delivered",
            Ticks::Read => "read",
            Ticks::Failed => "failed",
        }
    }
}

/// A reply button under a message. `id` is what a tap returns: the id of a reply button, the payload of a template's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Button {
    pub id: String,
    pub title: String,
}

/// A button that opens an address in the browser. It never reports a tap.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Link {
    pub label: String,
    pub url: String,
}

/// One message of a chat, in the shape that `GET /messages` returns.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Message {
    pub id: String,
    pub from: From,
    pub at: Timestamp,
    pub kind: Kind,
    pub header: String,
    pub body: String,
    pub footer: String,
    pub buttons: Vec<Button>,
    pub link: Option<Link>,
    pub media: Option<Value>,
    /// The message that a tap or a quoting reply belongs to.
    pub on: Option<String>,
    pub ticks: Ticks,
    /// Why it failed, as a sentence; empty otherwise.
    pub error: String,
    /// When `ticks` changed last; the status endpoint tells it.
    #[serde(skip)]
    pub changed: Timestamp,
    /// The category of the template, lower case; it decides the pricing member of the receipts. `None` for free-form.
    #[serde(skip)]
    pub category: Option<&'static str>,
}

impl Message {
    /// A message without anything but its place, for the callers to fill.
    pub(super) fn blank(id: String, from: From, kind: Kind, at: Timestamp) -> Message {
        Message {
            id,
            from,
            at,
            kind,
            header: String::new(),
            body: String::new(),
            footer: String::new(),
            buttons: Vec::new(),
            link: None,
            media: None,
            on: None,
            ticks: if from == From::Bot { Ticks::Pending } else { Ticks::Sent },
            error: String::new(),
            changed: at,
            category: None,
        }
    }
}
