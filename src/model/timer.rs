//! What a conversation waits for besides its contact: moments.

use serde::{Deserialize, Serialize};

use super::contact::ContactId;
use super::event::{Event, EventKind};
use super::inbound::{EventId, Sender};
use super::name::{FlowName, StepName};
use super::time::Timestamp;

/// An open timer. It is part of the conversation, so it is set and given up in the same commit as the turn that does it, and
/// whoever moves on takes it out: a timer that is no longer there does nothing. It names flow and step and not what to do, so
/// that it survives any reload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Timer {
    /// When it falls due, to the millisecond. It never fires earlier.
    pub at: Timestamp,
    /// What it is for.
    pub kind: TimerKind,
    /// The flow that set it.
    pub flow: FlowName,
    /// The step that set it; with [`TimerKind::Visit`] the one to go to.
    pub step: StepName,
    /// The number of the turn that set it.
    pub set_in: u64,
}

/// What a timer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimerKind {
    /// The contact leaves an open question unanswered: the step's `if_silent`. At most one is open.
    Silent,
    /// The contact leaves the whole flow alone: the flow's `end_if_silent`. At most one is open.
    EndSilent,
    /// A step's `later`. At most one is open for each step.
    Later,
    /// A script's `later`: the timer's step is the one to go to. At most one is open for each step.
    Visit,
}

impl TimerKind {
    /// Whether it comes even when the flow is over; there may be several.
    pub fn outlives_the_flow(self) -> bool {
        matches!(self, TimerKind::Later | TimerKind::Visit)
    }

    /// As ids and logs name it.
    pub fn as_str(self) -> &'static str {
        match self {
            TimerKind::Silent => "silent",
            TimerKind::EndSilent => "end_silent",
            TimerKind::Later => "later",
            TimerKind::Visit => "visit",
        }
    }
}

impl Timer {
    /// Whether one of the two takes the place of the other.
    pub fn is_for_the_same_as(&self, other: &Timer) -> bool {
        let same_step = self.flow == other.flow && self.step == other.step;
        self.kind == other.kind && (!self.kind.outlives_the_flow() || same_step)
    }

    /// The event of its falling due for `contact`. Taken again after a crash, it is the same event.
    pub fn event(self, contact: ContactId) -> Event {
        let id = format!("timer-{contact}-{}-{}-{}.{}", self.set_in, self.kind.as_str(), self.flow, self.step);
        Event { id: EventId(id), at: self.at, sender: Sender::default(), kind: EventKind::TimerFired { timer: self } }
    }
}
