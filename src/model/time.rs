//! Time as every layer speaks of it. Nothing here reads a clock: `now` is always handed in.

/// A moment in time, kept to the millisecond in the store.
pub use jiff::Timestamp;

/// Milliseconds since 1970 in UTC.
pub fn millis(at: Timestamp) -> i64 {
    at.as_millisecond()
}

/// The moment `millis` milliseconds after 1970 in UTC, held inside what a [`Timestamp`] can express.
pub fn from_millis(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// `at` and `later_ms` milliseconds after it; stands still at the end of time instead of failing.
pub fn after(at: Timestamp, later_ms: u64) -> Timestamp {
    from_millis(millis(at).saturating_add(i64::try_from(later_ms).unwrap_or(i64::MAX)))
}
