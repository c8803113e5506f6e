//! What a provider delivered, before anyone has decided what it means.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::call::{CallAnswer, RequestKey};
use super::contact::Phone;
use super::details::Details;
use super::message::MessageId;
use super::name::{EventName, FlowName};
use super::time::Timestamp;
use super::value::Value;

/// The key by which a delivery is recognised when it comes again; a message's own id at the provider, whichever of the
/// provider's webhooks brought it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub String);

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One thing that a webhook body held. One body may hold many.
#[derive(Debug, Clone, PartialEq)]
pub enum Delivery {
    /// A person did something: it becomes a turn.
    Message(Inbound),
    /// Word about a message of ours.
    Receipt(Receipt),
    /// A person has a new phone number; the conversation stays theirs.
    NumberChanged {
        /// Recognises the notice when it comes again.
        id: EventId,
        /// The number we knew.
        from: Phone,
        /// The number to answer to from now on.
        to: Phone,
    },
    /// Understood and of no concern to flows, or not understood.
    Ignored(Ignored),
}

/// One piece of mail for a contact's mailbox: something that the person did, or that happened to them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inbound {
    /// For recognising doubles.
    pub id: EventId,
    /// Who did it.
    pub sender: Sender,
    /// When, by the provider's clock; missing or absurd times are left out.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sent_at: Option<Timestamp>,
    /// What they did.
    pub content: Content,
}

/// Who sent it. At least one of `phone` and `user_id` is there: the decoder ignores a message that has neither.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sender {
    /// The phone number, where it is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<Phone>,
    /// The provider's stable id for the person, where it gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The profile's name, bounded by [`super::limits::CONTACT_NAME_CHARS_MAX`].
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Tapped a reply button, a template's quick reply or a list row.
    Tapped {
        /// The button's id as it came back; missing where the provider tells only the title.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        id: Option<String>,
        /// What was written on the button.
        title: String,
        /// The message that carried the button, where the provider says.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        on: Option<MessageId>,
    },
    /// Typed a text.
    Typed {
        /// The text, at most [`super::limits::INBOUND_TEXT_BYTES_MAX`] bytes.
        text: String,
    },
    /// Sent something that is neither tap nor text.
    Attached {
        /// What it was.
        kind: AttachmentKind,
        /// The words that came with it; empty when there were none.
        #[serde(skip_serializing_if = "String::is_empty", default)]
        caption: String,
        /// What the provider tells of it.
        #[serde(skip_serializing_if = "Details::is_empty", default)]
        details: Box<Details>,
    },
    /// Nobody did anything: a call of ours has come to its end.
    Answered {
        /// Which.
        call: RequestKey,
        /// What came of it.
        answer: CallAnswer,
    },
    /// The user's own system tells something about the contact.
    Told {
        /// What it is called.
        name: EventName,
        /// What it says.
        data: Value,
    },
    /// A flow's schedule has come round.
    Scheduled {
        /// Whose schedule.
        flow: FlowName,
        /// The moment for which it was set.
        due: Timestamp,
    },
    /// A person wrote to the contact from the provider's desk.
    PersonWrote {
        /// What they wrote.
        text: String,
    },
    /// A person took the conversation over.
    TakenOver {
        /// Until when.
        until: Timestamp,
    },
    /// The conversation was given back to the flows.
    GivenBack,
}

impl Content {
    /// Whether the contact did it.
    pub fn is_by_contact(&self) -> bool {
        matches!(self, Content::Tapped { .. } | Content::Typed { .. } | Content::Attached { .. })
    }

    /// Whether a person has taken the conversation over by it: sends are held back from the moment it is accepted.
    pub fn takes_over(&self) -> bool {
        matches!(self, Content::PersonWrote { .. } | Content::TakenOver { .. })
    }
}

/// Kinds of things people send beside text and taps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the names say it
pub enum AttachmentKind {
    Image,
    Video,
    Audio,
    Voice,
    Document,
    Sticker,
    Location,
    Contacts,
    Order,
    Form,
    /// A kind the provider cannot pass on, a poll for example. The person did write to us, so a flow may answer.
    Unsupported,
}

impl AttachmentKind {
    /// Every kind.
    pub const ALL: [AttachmentKind; 11] = [
        AttachmentKind::Image,
        AttachmentKind::Video,
        AttachmentKind::Audio,
        AttachmentKind::Voice,
        AttachmentKind::Document,
        AttachmentKind::Sticker,
        AttachmentKind::Location,
        AttachmentKind::Contacts,
        AttachmentKind::Order,
        AttachmentKind::Form,
        AttachmentKind::Unsupported,
    ];

    /// As authors write it.
    pub fn name(self) -> &'static str {
        match self {
            AttachmentKind::Image => "image",
            AttachmentKind::Video => "video",
            AttachmentKind::Audio => "audio",
            AttachmentKind::Voice => "voice",
            AttachmentKind::Document => "document",
            AttachmentKind::Sticker => "sticker",
            AttachmentKind::Location => "location",
            AttachmentKind::Contacts => "contacts",
            AttachmentKind::Order => "order",
            AttachmentKind::Form => "form",
            AttachmentKind::Unsupported => "unsupported",
        }
    }
}

/// Word about a message of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// For recognising doubles: message id and status.
    pub id: EventId,
    /// The message it is about.
    pub message: MessageId,
    /// What became of it.
    pub status: ReceiptStatus,
    /// When, by the provider's clock.
    pub at: Option<Timestamp>,
    /// Why it failed, in the provider's words with its code; empty otherwise.
    pub error: String,
    /// To whom the message went, where the provider says.
    pub to: Option<Phone>,
    /// What the message says, where the provider repeats it.
    pub text: Option<String>,
    /// Whether the provider calls it something else than a template: what no send of ours explains was then written by a person.
    pub is_free: bool,
}

/// What became of a message of ours. Ordered: a later status outranks an earlier one, however they arrive, and `failed`
/// outranks `sent` only (reference: whatsapp-webhooks, section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the names say it
pub enum ReceiptStatus {
    Sent,
    Failed,
    Delivered,
    Read,
    Played,
}

/// Why a part of a webhook body makes no turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// What it was: `reaction`, `field account_update`, …; never a person's words.
    pub what: String,
    /// Why it is of no concern.
    pub why: &'static str,
}
