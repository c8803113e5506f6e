//! Which of many sends leaves first.

use serde::{Deserialize, Serialize};

use super::event::EventKind;

/// What a send is for. An answer leaves before a reminder, a reminder before a broadcast, among those that wait at about the same
/// time; whatever has waited long enough leaves before all that came later, so that nothing starves (see [`Priority::put_off_ms`]).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// An answer to what a person just did, who waits for it.
    #[default]
    Answer,
    /// A moment of this conversation came: a reminder, a silence.
    Reminder,
    /// A schedule or an event of the user's system, which comes for many contacts at once.
    Broadcast,
}

impl Priority {
    /// All of them, first things first.
    pub const ALL: [Priority; 3] = [Priority::Answer, Priority::Reminder, Priority::Broadcast];

    /// The priority of what an event leads to.
    pub fn of(event: &EventKind) -> Self {
        match event {
            EventKind::Tapped { .. } | EventKind::Typed { .. } | EventKind::Attached { .. } => Priority::Answer,
            // A person waits for what was asked on their behalf, and what people at the desk write is an answer.
            EventKind::Answered { .. } | EventKind::TakenOver { .. } | EventKind::GivenBack | EventKind::PersonWrote { .. } => {
                Priority::Answer
            }
            EventKind::TimerFired { .. } => Priority::Reminder,
            EventKind::Told { .. } | EventKind::Scheduled { .. } => Priority::Broadcast,
        }
    }

    /// By how much its place in the queue is put off, in milliseconds: sends leave in the order of the moment they were stored
    /// plus this. An answer overtakes what was stored up to so much before it and nothing older.
    pub fn put_off_ms(self) -> u64 {
        match self {
            Priority::Answer => 0,
            Priority::Reminder => 60_000,
            Priority::Broadcast => 10 * 60_000,
        }
    }

    /// As status, metrics and stores name it.
    pub fn name(self) -> &'static str {
        match self {
            Priority::Answer => "answer",
            Priority::Reminder => "reminder",
            Priority::Broadcast => "broadcast",
        }
    }
}
