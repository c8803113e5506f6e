//! What happened, as understood: buttons are verified, the moment is ours.

use serde::{Deserialize, Serialize};

use super::SendKey;
use super::call::{CallAnswer, RequestKey};
use super::details::Details;
use super::inbound::{AttachmentKind, EventId, Sender};
use super::message::ButtonRef;
use super::name::{EventName, FlowName};
use super::time::Timestamp;
use super::timer::Timer;
use super::value::Value;

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
        details: Box<Details>,
    },
    /// Nobody did anything: a moment came.
    TimerFired {
        /// The timer, as the conversation held it.
        timer: Timer,
    },
    /// A call that a turn asked for has come to its end.
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
    /// A flow's schedule has come round for the contact.
    Scheduled {
        /// Whose schedule.
        flow: FlowName,
        /// The moment for which it was set; the event may come later, after a downtime for example.
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

impl Event {
    /// Whether the contact did it: only then is the 24-hour window open again.
    pub fn is_inbound(&self) -> bool {
        match self.kind {
            EventKind::Tapped { .. } | EventKind::Typed { .. } | EventKind::Attached { .. } => true,
            EventKind::TimerFired { .. }
            | EventKind::Answered { .. }
            | EventKind::Told { .. }
            | EventKind::Scheduled { .. }
            | EventKind::PersonWrote { .. }
            | EventKind::TakenOver { .. }
            | EventKind::GivenBack => false,
        }
    }

    /// The call whose answer this is, where it is one.
    pub fn answered(&self) -> Option<&RequestKey> {
        match &self.kind {
            EventKind::Answered { call, .. } => Some(call),
            _ => None,
        }
    }

    /// The timer that fired, where one did.
    pub fn timer(&self) -> Option<&Timer> {
        match &self.kind {
            EventKind::TimerFired { timer } => Some(timer),
            _ => None,
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
