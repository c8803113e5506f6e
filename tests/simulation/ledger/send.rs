//! What the books say of one send.

use buttonhook::model::{ContactId, Message, OnUnknown, Outcome, Priority, Timestamp, WireButton, limits, time};

/// A send that was decided.
pub struct Send {
    pub contact: ContactId,
    pub message: Message<WireButton>,
    pub on_unknown: OnUnknown,
    /// Its own place among all sends: when it was stored, put off by what it is for.
    pub rank_at: i64,
    pub priority: Priority,
    /// The number of the newest claim.
    pub attempt: u64,
    pub leased_until: Timestamp,
    pub tries: u32,
    /// Something proved that it left while it was under way.
    pub proven: bool,
    /// As settled, where it is.
    pub end: Option<End>,
    /// An answer came when its lease was over: if a claim came before that, what is proven had ended already.
    pub may_have_ended: bool,
    /// A person is asked about it.
    pub asked: bool,
    /// A person had it sent again.
    pub again: bool,
    pub attempts: Vec<Attempt>,
    /// Given out by the store and neither settled nor asked for again.
    pub claimed: bool,
    /// Something happened after which nobody can be sure.
    pub doubt: bool,
    /// The store must say that an earlier request may have left.
    pub doubtful: bool,
    pub settled: bool,
    pub arrived: u32,
}

impl Send {
    pub fn lease_is_over(&self, now: Timestamp) -> bool {
        self.leased_until <= now || time::millis(self.leased_until) - time::millis(now) > HOURS_2_MS
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum End {
    Sent,
    Refused,
    Unknown,
}

/// One request.
#[derive(Default)]
pub struct Attempt {
    pub answer: Option<Outcome>,
    /// The attempt's task has come to its end.
    pub over: bool,
    /// The store knows what became of it.
    pub stored: bool,
    /// What became of it may not have been stored: a crash, or a store that failed.
    pub excused: bool,
}

/// What lies further in the future comes from a clock that was set back.
pub const HOURS_2_MS: i64 = 2 * limits::RETRY_AFTER_SECS_MAX as i64 * 1000;

/// The place of a send that is stored now.
pub fn rank(priority: Priority, now: Timestamp) -> i64 {
    time::millis(time::after(now, priority.put_off_ms()))
}
