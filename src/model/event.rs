//! What happened, as understood: buttons are verified, the moment is ours.

use serde::{Deserialize, Serialize};

use super::SendKey;
use super::details::Details;
use super::inbound::{AttachmentKind, EventId, Sender};
use super::message::ButtonRef;
use super::time::Timestamp;
use super::timer::Timer;

/// One event takes one turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Where it came from; seeds whatever is random in the turn.
    pub id: EventId,
    /// When it was accepted, by our clock, or when it fell due. What a person did opens the 24-hour window.
    pub at: Timestamp,
    /// Who did it, as the provider knows them now; empty when nobody did.
    pub sender: Sender,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A button was tapped.
    Tapped {
        /// Which.
        button: Button,
        /// What was written on it.
        title: String,
    },
    /// A text was typed.
    Typed {
        /// The text.
        text: String,
    },
    /// Something else was sent.
    Attached {
        /// What it was.
        kind: AttachmentKind,
        /// The words with it.
        caption: String,
        /// What the provider tells of it.
        #[serde(skip_serializing_if = "Details::is_empty", default)]
        details: Details,
    },
    /// Nobody did anything: a moment came.
    TimerFired {
        /// The timer, as the conversation held it.
        timer: Timer,
    },
}

impl Event {
    /// Whether the person did it.
    pub fn is_inbound(&self) -> bool {
        self.timer().is_none()
    }

    /// The timer that fired, where one did.
    pub fn timer(&self) -> Option<&Timer> {
        match &self.kind {
            EventKind::TimerFired { timer } => Some(timer),
            EventKind::Tapped { .. } | EventKind::Typed { .. } | EventKind::Attached { .. } => None,
        }
    }
}

/// Whose button it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Button {
    /// One of ours: the signature in its id was good for this contact.
    Ours {
        /// What it stands for.
        means: ButtonRef,
        /// The send that carried it, which the tap proves to have arrived.
        send: SendKey,
    },
    /// Not one of ours: a template's, a hand-made send's, another system's. Reaches triggers and handlers only.
    Foreign {
        /// The id as it came.
        id: String,
    },
    /// The provider told no id, only what was written on the button.
    TitleOnly,
}
