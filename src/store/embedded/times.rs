//! How long commits take, counted as metrics want it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::store::CommitTimes;

/// Upper bounds of the classes, in microseconds: from a commit that did not wait for the disk to one on a disk in trouble.
const BOUNDS_US: [u64; 12] = [100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 2_000_000];

/// The counts. Each is exact; read together while the writer works they may differ by one.
#[derive(Debug, Default)]
pub(super) struct Times {
    /// Commits by class; those beyond the last bound are in `count` only.
    classes: [AtomicU64; BOUNDS_US.len()],
    count: AtomicU64,
    micros: AtomicU64,
}

impl Times {
    /// Counts a commit.
    pub(super) fn note(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if let Some(class) = BOUNDS_US.iter().position(|bound| micros <= *bound) {
            self.classes[class].fetch_add(1, Ordering::Relaxed);
        }
        self.count.fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// All of them so far.
    pub(super) fn read(&self) -> CommitTimes {
        let mut below = 0;
        let at_most = BOUNDS_US.iter().zip(&self.classes).map(|(bound, class)| {
            below += class.load(Ordering::Relaxed);
            (*bound as f64 / 1e6, below)
        });
        let at_most = at_most.collect();
        CommitTimes {
            at_most,
            count: self.count.load(Ordering::Relaxed).max(below),
            seconds: self.micros.load(Ordering::Relaxed) as f64 / 1e6,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_holds_all_that_took_less() {
        let times = Times::default();
        for micros in [50, 100, 101, 3_000, 9_000_000] {
            times.note(Duration::from_micros(micros));
        }
        let told = times.read();
        assert_eq!(told.at_most[..3].iter().map(|(_, count)| *count).collect::<Vec<_>>(), [2, 3, 3]);
        assert_eq!((told.at_most[11].1, told.count), (4, 5));
        assert!((told.seconds - 9.003_251).abs() < 1e-9, "{}", told.seconds);
    }
}
