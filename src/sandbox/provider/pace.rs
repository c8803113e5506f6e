//! The two reasons for a 429: the pace of the token, and the switch `rate_429_after` (reference: xobito-api.md, section 5).

use super::super::world::World;
use jiff::{SignedDuration, Timestamp};

impl World {
    /// The fixed window of a minute. `Some` with the seconds left when it is used up.
    pub(super) fn paced(&mut self, per_minute: u32, now: Timestamp) -> Option<i64> {
        if per_minute == 0 {
            return None;
        }
        let minute = SignedDuration::from_secs(60);
        let pace = &mut self.pace;
        let age = pace.opened.map(|opened| now.duration_since(opened));
        match age {
            // A clock that was set back would lock the window for long: it begins anew as well.
            Some(age) if age < minute && !age.is_negative() => {
                if pace.used >= per_minute {
                    self.board.count("rate_limit");
                    return Some(whole_seconds(minute - age));
                }
                pace.used += 1;
            }
            _ => (pace.opened, pace.used) = (Some(now), 1),
        }
        None
    }

    /// The pause of the switch `rate_429_after`.
    pub(super) fn paused(&mut self, now: Timestamp) -> Option<i64> {
        let after = self.board.faults.rate_429_after?;
        if let Some(left) = self.pause.1.map(|until| until.duration_since(now)).filter(|left| left.is_positive()) {
            self.board.count("rate_429");
            return Some(whole_seconds(left));
        }
        self.pause = (self.pause.0 + 1, None);
        if self.pause.0 <= after {
            return None;
        }
        let retry_after = i64::from(self.board.faults.retry_after);
        self.pause = (0, now.checked_add(SignedDuration::from_secs(retry_after)).ok());
        self.board.count("rate_429");
        Some(retry_after)
    }
}

fn whole_seconds(left: SignedDuration) -> i64 {
    (left.as_secs() + i64::from(left.subsec_nanos() > 0)).max(1)
}
