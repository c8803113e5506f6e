//! What keeps every send from leaving until a person acts: a token that the provider refuses.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::outbox::SEND_LEASE_MS;
use crate::model::{Outcome, Refusal, Timestamp, time};

/// Raised by a refusal of the token, and over as soon as the provider takes the token again. A clone is the same alarm. It holds no
/// fact: after a restart the first send finds out anew.
#[derive(Debug, Clone, Default)]
pub struct Alarm(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    raised: Option<Raised>,
    /// When a send was let through to find out whether the token works again; nothing when none is under way.
    trying_since: Option<Timestamp>,
}

/// An alarm as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Raised {
    /// Since when.
    pub since: Timestamp,
    /// What it is and what to do.
    pub what: &'static str,
    /// The provider's words.
    pub detail: String,
}

const TOKEN: &str = "the provider refuses the token, so nothing leaves: set XOBITO_TOKEN to a token that works and start again; \
what waits is kept meanwhile";

impl Alarm {
    /// What is wrong, if anything is.
    pub fn raised(&self) -> Option<Raised> {
        self.state().raised.clone()
    }

    /// How many of `most` sends may be claimed: all of them, or while the alarm is raised one at a time, which finds out. Whoever
    /// claims none after all says so with [`Alarm::not_tried`].
    pub(super) fn lets_through(&self, most: usize, now: Timestamp) -> usize {
        let mut state = self.state();
        if state.raised.is_none() {
            return most;
        }
        let waits = |since: Timestamp| since <= now && now < time::after(since, SEND_LEASE_MS);
        if state.trying_since.is_some_and(waits) {
            return 0;
        }
        state.trying_since = Some(now);
        most.min(1)
    }

    /// Nothing was there to try.
    pub(super) fn not_tried(&self) {
        self.state().trying_since = None;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Learns from what became of an attempt on the channel `name`; each change is told once in the log.
    pub(super) fn note(&self, outcome: &Outcome, name: &str, now: Timestamp) {
        let State { raised, trying_since } = &mut *self.state();
        *trying_since = None;
        match outcome {
            Outcome::Refused { refusal: Refusal::Unauthorized, detail } => {
                if raised.is_none() {
                    tracing::error!(channel = name, "{TOKEN}: {detail}");
                    *raised = Some(Raised { since: now, what: TOKEN, detail: detail.clone() });
                }
            }
            // Refusals of our own, for want of a number for example, tell nothing about the token.
            Outcome::Refused { refusal: Refusal::Invalid | Refusal::NoAddress, .. }
            | Outcome::Unreached { .. }
            | Outcome::Unknown { .. } => {}
            Outcome::Sent { .. } | Outcome::Throttled { .. } | Outcome::Failed { .. } | Outcome::Refused { .. } => {
                if raised.take().is_some() {
                    tracing::info!(channel = name, "the provider takes the token again");
                }
            }
        }
    }
}
