//! The one place where time is read.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use tokio::sync::watch;

use crate::model::{Timestamp, time};

/// How long a sleep lasts before the clock is read again: a system clock that was set meanwhile is noticed within this time.
const RECHECK: Duration = Duration::from_secs(60);

/// The time of day, with an offset that people can advance to try what happens tomorrow. A clone is the same clock.
#[derive(Debug, Clone)]
pub struct Clock {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// Where the time comes from before the offset.
    base: Base,
    offset_ms: AtomicI64,
    /// Counts the advances; sleepers wait for its changes.
    advanced: watch::Sender<u64>,
}

#[derive(Debug)]
enum Base {
    System,
    Fixed(Timestamp),
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::from_base(Base::System)
    }

    /// A clock that stands still at `at` until it is advanced, for tests.
    pub fn manual(at: Timestamp) -> Self {
        Self::from_base(Base::Fixed(at))
    }

    fn from_base(base: Base) -> Self {
        Self { shared: Arc::new(Shared { base, offset_ms: AtomicI64::new(0), advanced: watch::Sender::new(0) }) }
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        let base = match self.shared.base {
            Base::System => Timestamp::now(),
            Base::Fixed(at) => at,
        };
        time::from_millis(time::millis(base).saturating_add(self.shared.offset_ms.load(Ordering::Acquire)))
    }

    /// Lets `by` pass at once, and wakes whoever sleeps until a moment that this skips.
    pub fn advance(&self, by: Duration) {
        let by_ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        // Saturates, so that no number of advances turns the time back.
        let add = |offset: i64| Some(offset.saturating_add(by_ms));
        let _ = self.shared.offset_ms.fetch_update(Ordering::AcqRel, Ordering::Acquire, add);
        self.shared.advanced.send_modify(|count| *count += 1);
    }

    /// Lets `wait` pass, whatever the time of day is set to meanwhile. On a clock that stands still it passes by advances alone.
    pub async fn wait(&self, wait: Duration) {
        match self.shared.base {
            Base::System => tokio::time::sleep(wait).await,
            Base::Fixed(_) => {
                self.sleep_until(time::after(self.now(), u64::try_from(wait.as_millis()).unwrap_or(u64::MAX))).await
            }
        }
    }

    /// Returns once the clock shows `at` or later.
    pub async fn sleep_until(&self, at: Timestamp) {
        // Subscribed before the clock is read: an advance in between is seen as a change.
        let mut advanced = self.shared.advanced.subscribe();
        loop {
            let left_ms = time::millis(at).saturating_sub(time::millis(self.now()));
            let Ok(left_ms @ 1..) = u64::try_from(left_ms) else { return };
            let nap = async {
                match self.shared.base {
                    Base::System => tokio::time::sleep(Duration::from_millis(left_ms).min(RECHECK)).await,
                    Base::Fixed(_) => std::future::pending().await,
                }
            };
            tokio::select! {
                () = nap => {}
                _ = advanced.changed() => {}
            }
        }
    }
}

/// Like [`Clock::sleep_until`]; sleeps for ever when there is no moment to wait for.
pub async fn sleep_until_some(clock: &Clock, at: Option<Timestamp>) {
    match at {
        Some(at) => clock.sleep_until(at).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_advance_wakes_sleepers_whose_moment_it_skips_and_no_others() {
        let clock = Clock::manual(time::from_millis(1_000));
        let sleeper = |at_ms: i64| {
            let clock = clock.clone();
            tokio::spawn(async move { clock.sleep_until(time::from_millis(at_ms)).await })
        };
        let (soon, later) = (sleeper(61_000), sleeper(61_001));
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(60));
        soon.await.expect("the sleeper ends");
        assert!(!later.is_finished());
        clock.advance(Duration::from_millis(1));
        later.await.expect("the sleeper ends");
        assert_eq!(time::millis(clock.now()), 61_001);
    }

    #[test]
    fn time_stands_still_at_its_end_instead_of_turning_back() {
        let clock = Clock::manual(time::from_millis(0));
        clock.advance(Duration::MAX);
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), Timestamp::MAX);
    }

    #[tokio::test]
    async fn a_moment_that_has_passed_is_not_waited_for() {
        Clock::system().sleep_until(time::from_millis(0)).await;
    }
}
