//! The three commits: *accepted* (`intake`), *taken* (`lane`), *settled* (`outbox`); and `schedules`, which fill mailboxes too.
//!
//! Plain functions that take their dependencies and the time; the loops around them live in `app`, so production and
//! simulation run the same code. Invariants: an acceptance is durable before anyone hears of it; a turn's state and its sends
//! are stored together; a send's intent is durable before its request leaves, and what became of it is decided by one pure
//! function ([`decide`]). A [`Wakes`] may be lost without losing a message: it costs latency only.
//!
//! It must never keep facts of its own: whatever matters after a crash is in the store.

mod alarm;
mod clock;
mod decide;
mod insight;
mod intake;
mod lane;
mod meter;
mod outbox;
mod pace;
mod pairs;
mod requests;
mod schedules;
mod wake;

pub use alarm::{Alarm, Raised};
pub use clock::{Clock, sleep_until_some};
pub use decide::{
    Attempt, DOUBTFUL_WAIT_MS, Decision, EVIDENCE_WAIT_MS, FAILED_TRIES_MAX, UNAUTHORIZED_WAIT_MS, UNKNOWN_TRIES_MAX, decide,
};
pub use insight::{Insight, PastTurn};
pub use intake::Intake;
pub use lane::{CONTACTS_PER_CLAIM_MAX, LANE_LEASE_MS, Take, Took, take_some};
pub use meter::{Counts, Meter};
pub use outbox::{SEND_LEASE_MS, SENDS_IN_FLIGHT_MAX, Sender, Sent};
pub use pace::Pace;
pub use pairs::PairPace;
pub use requests::{NEWS_WAITS_MS, REQUEST_LEASE_MS, REQUESTS_IN_FLIGHT_MAX, Requests};
pub use schedules::{CONTACTS_PER_PAGE_MAX, CameRound, hand_out_some};
pub use wake::Wakes;

// What the layers that only look on need to know of the store.
pub use crate::store::{Cases, CommitTimes, Queue, Queues, SettledSend, Stats, StoreError, Verdict};
