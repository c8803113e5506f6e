//! How fast sends may leave to one contact.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;

use crate::model::{ContactId, Timestamp, time};

/// At most one send in `apart` to one contact in the long run, and up to `burst` at once after a rest (reference:
/// whatsapp-webhooks section 8: one in 6 seconds, 45 at once, "borrowed from the future").
///
/// It remembers for each contact when all it borrowed is paid back, and forgets those who owe nothing: it holds no more entries
/// than sends left within `apart` times `burst`. The rest that follows from it is stored with the contact, so a restart does not
/// forget it.
#[derive(Debug)]
pub struct PairPace {
    /// Milliseconds between two sends, and how many may leave at once; nothing means no limit.
    pace: Option<(u64, NonZeroU32)>,
    /// When a contact owes nothing any more.
    paid_at: HashMap<ContactId, Timestamp>,
    /// Entries at which those who owe nothing are looked for next; doubles with what is left, so that each send pays for its own.
    sweep_at: usize,
}

/// Entries below which nobody is looked for.
const SWEEP_MIN: usize = 1024;

impl PairPace {
    /// No limit.
    pub fn off() -> Self {
        Self { pace: None, paid_at: HashMap::new(), sweep_at: SWEEP_MIN }
    }

    /// One in `apart`, and `burst` at once.
    pub fn new(apart: Duration, burst: NonZeroU32) -> Self {
        let apart_ms = u64::try_from(apart.as_millis()).unwrap_or(u64::MAX).max(1);
        Self { pace: Some((apart_ms, burst)), ..Self::off() }
    }

    /// How long it takes at least until `sends` to one contact have left, in milliseconds.
    pub fn lasts_ms(&self, sends: u64) -> u64 {
        self.pace.map_or(0, |(apart_ms, burst)| sends.saturating_sub(u64::from(burst.get())).saturating_mul(apart_ms))
    }

    /// Counts a send that leaves now; tells when the contact's next may leave, where that is later than now.
    pub fn let_go(&mut self, contact: ContactId, now: Timestamp) -> Option<Timestamp> {
        let (apart_ms, burst) = self.pace?;
        let most_ms = apart_ms.saturating_mul(u64::from(burst.get()));
        self.forget(now);
        // More than can be owed comes from a clock that was set back.
        let owed_until =
            self.paid_at.get(&contact).copied().filter(|at| *at <= time::after(now, most_ms)).unwrap_or(now).max(now);
        let paid_at = time::after(owed_until, apart_ms);
        self.paid_at.insert(contact, paid_at);
        // The next may leave once no more than `burst` minus one sends are owed.
        let spare_ms = i64::try_from(apart_ms * u64::from(burst.get() - 1)).unwrap_or(i64::MAX);
        let next = time::from_millis(time::millis(paid_at).saturating_sub(spare_ms));
        (next > now).then_some(next)
    }

    fn forget(&mut self, now: Timestamp) {
        if self.paid_at.len() >= self.sweep_at {
            self.paid_at.retain(|_, paid_at| *paid_at > now);
            self.sweep_at = (self.paid_at.len() * 2).max(SWEEP_MIN);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: ContactId = ContactId(1);

    fn at(ms: i64) -> Timestamp {
        time::from_millis(1_000_000 + ms)
    }

    fn pairs(apart_ms: u64, burst: u32) -> PairPace {
        PairPace::new(Duration::from_millis(apart_ms), NonZeroU32::new(burst).expect("not zero"))
    }

    #[test]
    fn a_burst_leaves_at_once_and_is_paid_back() {
        let mut pairs = pairs(6_000, 3);
        assert_eq!([pairs.let_go(ANN, at(0)), pairs.let_go(ANN, at(0))], [None, None]);
        assert_eq!(pairs.let_go(ANN, at(0)), Some(at(6_000)), "the third is the last of the burst");
        assert_eq!(pairs.let_go(ANN, at(6_000)), Some(at(12_000)));
        assert_eq!(pairs.let_go(ContactId(2), at(6_000)), None, "others are not held up");
        assert_eq!(pairs.let_go(ANN, at(100_000)), None, "all is paid back");
    }

    #[test]
    fn in_the_long_run_one_leaves_in_each_interval() {
        let mut pairs = pairs(6_000, 45);
        let (mut now, mut sends) = (0, 0);
        while now < 600_000 {
            sends += 1;
            if let Some(next) = pairs.let_go(ANN, at(now)) {
                now = time::millis(next) - 1_000_000;
            }
        }
        assert_eq!(sends, 45 + 99, "the burst, and one in 6 seconds of ten minutes");
    }

    #[test]
    fn whoever_owes_nothing_is_forgotten_and_a_clock_set_back_stops_nobody() {
        let mut pairs = pairs(6_000, 2);
        for contact in 0..5_000 {
            pairs.let_go(ContactId(contact), at(contact * 10_000));
        }
        assert!(pairs.paid_at.len() <= SWEEP_MIN);
        pairs.let_go(ANN, at(90_000_000));
        assert_eq!(pairs.let_go(ANN, at(0)), None);
        assert_eq!(PairPace::off().let_go(ANN, at(0)), None);
    }
}
