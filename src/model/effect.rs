//! What a turn asks the world to do. Nothing happens before the turn is stored.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::call::{Call, Emit};
use super::contact::ContactId;
use super::message::Message;
use super::profile::About;

/// An effect of a turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Say something to the contact.
    Send(Send),
    /// Ask another system something; its answer is an event.
    Call(Call),
    /// Tell the user's own system something.
    Emit(Emit),
}

impl Effect {
    /// The message, where it is one.
    pub fn send(&self) -> Option<&Send> {
        match self {
            Effect::Send(send) => Some(send),
            Effect::Call(_) | Effect::Emit(_) => None,
        }
    }
}

/// A message on its way out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Send {
    /// Numbers the sends of a turn from 0.
    pub nth: u32,
    /// What to say.
    pub message: Message,
    /// What to do when nobody can tell whether it left.
    pub on_unknown: OnUnknown,
    /// What the provider is told about the contact with it.
    #[serde(skip_serializing_if = "About::is_empty", default)]
    pub about: About,
}

/// What to do with a send whose request left and whose answer never came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnUnknown {
    /// Send it again: for answers to a tap, where silence is worse than a repeat.
    Resend,
    /// Leave it and record it as unknown: for templates, which cost money.
    Skip,
    /// Leave it and ask a person, who sends it again or drops it.
    Ask,
}

impl OnUnknown {
    /// As authors write it, and stores keep it.
    pub fn name(self) -> &'static str {
        match self {
            OnUnknown::Resend => "resend",
            OnUnknown::Skip => "skip",
            OnUnknown::Ask => "ask",
        }
    }

    /// All of them.
    pub const ALL: [OnUnknown; 3] = [OnUnknown::Resend, OnUnknown::Skip, OnUnknown::Ask];
}

/// A send's identity for ever: contact, turn and number within the turn. A turn taken again after a crash gives the same
/// keys.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SendKey(pub String);

impl SendKey {
    /// The key of the `nth` send of a contact's turn number `turn`.
    pub fn new(contact: ContactId, turn: u64, nth: u32) -> Self {
        Self(format!("{contact}-{turn}-{nth}"))
    }
}

impl fmt::Display for SendKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
