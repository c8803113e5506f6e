//! How fast sends may leave under one token.

use std::collections::VecDeque;
use std::num::NonZeroU32;

use crate::model::{Timestamp, time};

const MINUTE_MS: u64 = 60_000;

/// At most so many sends in any sixty seconds. It remembers when the last ones were let go, which holds for a provider that
/// counts in fixed minutes as for one that counts in sliding ones (reference: xobito-api, section 5, "fixed window or
/// sliding: unknown"). What it does not know (another program on the same token) the provider's 429 tells.
#[derive(Debug)]
pub struct Pace {
    /// Nothing means no limit.
    per_minute: Option<NonZeroU32>,
    /// When the last sends were let go, oldest first; never more than `per_minute`.
    let_go: VecDeque<Timestamp>,
}

impl Pace {
    /// No limit of our own.
    pub fn unlimited() -> Self {
        Self { per_minute: None, let_go: VecDeque::new() }
    }

    /// At most `per_minute` in any sixty seconds.
    pub fn per_minute(per_minute: NonZeroU32) -> Self {
        Self { per_minute: Some(per_minute), let_go: VecDeque::new() }
    }

    /// How many may leave now, at most `wanted`; and, when that is fewer than wanted, when to ask again.
    pub fn permits(&mut self, wanted: usize, now: Timestamp) -> (usize, Option<Timestamp>) {
        let Some(per_minute) = self.per_minute else { return (wanted, None) };
        self.forget(now);
        let free = (per_minute.get() as usize).saturating_sub(self.let_go.len());
        let again = self.let_go.front().map(|oldest| time::after(*oldest, MINUTE_MS));
        (free.min(wanted), if free < wanted { again } else { None })
    }

    /// Counts `sends` that leave now.
    pub fn let_go(&mut self, sends: usize, now: Timestamp) {
        let Some(per_minute) = self.per_minute else { return };
        self.let_go.extend(std::iter::repeat_n(now, sends));
        let surplus = self.let_go.len().saturating_sub(per_minute.get() as usize);
        self.let_go.drain(..surplus);
    }

    /// One of those let go did not leave after all.
    pub fn take_back(&mut self) {
        self.let_go.pop_back();
    }

    /// How long it takes at least until `sends` have left when the first leave at `now`, in milliseconds.
    pub fn lasts_ms(&mut self, sends: u64, now: Timestamp) -> u64 {
        let Some(per_minute) = self.per_minute else { return 0 };
        self.forget(now);
        let per_minute = u64::from(per_minute.get());
        let free = per_minute.saturating_sub(self.let_go.len() as u64);
        let Some(later) = sends.checked_sub(free).filter(|later| *later > 0) else { return 0 };
        // Those let go last make room one minute after they left, the first of them first.
        let index = usize::try_from((later - 1) % per_minute).unwrap_or(0);
        let first = self.let_go.get(index).or(self.let_go.back()).copied().unwrap_or(now);
        let first_ms = u64::try_from(time::millis(time::after(first, MINUTE_MS)) - time::millis(now)).unwrap_or(0);
        first_ms + (later - 1) / per_minute * MINUTE_MS
    }

    fn forget(&mut self, now: Timestamp) {
        // A moment after now comes from a clock that was set back; it is forgotten too, or nothing would leave until then.
        while self.let_go.front().is_some_and(|&at| at > now || time::after(at, MINUTE_MS) <= now) {
            self.let_go.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> Timestamp {
        time::from_millis(ms)
    }

    #[test]
    fn no_sixty_seconds_hold_more_than_allowed() {
        let mut pace = Pace::per_minute(NonZeroU32::new(7).expect("not zero"));
        let mut left: Vec<i64> = Vec::new();
        for ms in (0..300_000).step_by(700) {
            let (free, _) = pace.permits(3, at(ms));
            pace.let_go(free, at(ms));
            left.extend(std::iter::repeat_n(ms, free));
        }
        for (index, ms) in left.iter().enumerate() {
            let within = left[index..].iter().filter(|other| **other < ms + 60_000).count();
            assert!(within <= 7, "{within} sends within a minute of {ms}");
        }
        assert!(left.len() >= 7 * 4, "it lets go as much as it may: {}", left.len());
    }

    #[test]
    fn says_when_to_ask_again() {
        let mut pace = Pace::per_minute(NonZeroU32::new(2).expect("not zero"));
        assert_eq!(pace.permits(5, at(0)), (2, None));
        pace.let_go(2, at(10));
        assert_eq!(pace.permits(5, at(20)), (0, Some(at(60_010))));
        assert_eq!(pace.permits(5, at(60_009)).0, 0);
        assert_eq!(pace.permits(2, at(60_010)), (2, None));
    }

    #[test]
    fn says_how_long_a_queue_lasts_at_least() {
        let mut pace = Pace::per_minute(NonZeroU32::new(2).expect("not zero"));
        assert_eq!([2, 3, 4, 5].map(|sends| pace.lasts_ms(sends, at(0))), [0, 60_000, 60_000, 120_000]);
        pace.let_go(1, at(0));
        pace.let_go(1, at(20_000));
        assert_eq!([1, 2, 3, 4].map(|sends| pace.lasts_ms(sends, at(30_000))), [30_000, 50_000, 90_000, 110_000]);
        assert_eq!(Pace::unlimited().lasts_ms(1_000_000, at(0)), 0);
    }

    #[test]
    fn a_clock_set_back_does_not_stop_everything() {
        let mut pace = Pace::per_minute(NonZeroU32::new(1).expect("not zero"));
        pace.let_go(1, at(3_600_000));
        assert_eq!(pace.permits(1, at(0)).0, 1);
    }

    #[test]
    fn unlimited_never_holds_back() {
        let mut pace = Pace::unlimited();
        pace.let_go(1_000, at(0));
        assert_eq!(pace.permits(64, at(0)), (64, None));
    }
}
