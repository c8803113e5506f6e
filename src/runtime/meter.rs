//! What this process has done since it started, for metrics. It counts and decides nothing; facts are in the store.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::store::{Accepted, Fate};

/// Counters that only grow. Shared by whoever counts.
#[derive(Debug, Default)]
pub struct Meter {
    accepted: AtomicU64,
    doubles: AtomicU64,
    turned_away: AtomicU64,
    turns: AtomicU64,
    faults: AtomicU64,
    fenced: AtomicU64,
    attempts: AtomicU64,
    retries: AtomicU64,
    reloads: AtomicU64,
    reloads_refused: AtomicU64,
}

/// The counters at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages accepted.
    pub accepted: u64,
    /// Deliveries that were there already.
    pub doubles: u64,
    /// Webhook bodies that the store could not take.
    pub turned_away: u64,
    /// Turns taken and stored.
    pub turns: u64,
    /// Faults in those turns.
    pub faults: u64,
    /// Contacts whose turns were thrown away because a newer owner had them.
    pub fenced: u64,
    /// Requests made to the provider.
    pub attempts: u64,
    /// Attempts after which the send stays.
    pub retries: u64,
    /// Projects that went live.
    pub reloads: u64,
    /// Projects that did not.
    pub reloads_refused: u64,
}

impl Meter {
    /// The counters now.
    pub fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counts {
            accepted: read(&self.accepted),
            doubles: read(&self.doubles),
            turned_away: read(&self.turned_away),
            turns: read(&self.turns),
            faults: read(&self.faults),
            fenced: read(&self.fenced),
            attempts: read(&self.attempts),
            retries: read(&self.retries),
            reloads: read(&self.reloads),
            reloads_refused: read(&self.reloads_refused),
        }
    }

    /// Something was accepted.
    pub fn note_accepted(&self, accepted: Accepted) {
        add(&self.accepted, accepted.fresh);
        add(&self.doubles, accepted.doubles);
    }

    /// Something could not be accepted.
    pub fn note_turned_away(&self) {
        add(&self.turned_away, 1);
    }

    /// Turns were taken.
    pub fn note_turns(&self, turns: usize, faults: usize, fenced: usize) {
        add(&self.turns, turns);
        add(&self.faults, faults);
        add(&self.fenced, fenced);
    }

    /// A claimed send was settled.
    pub fn note_attempt(&self, attempted: bool, fate: &Fate) {
        add(&self.attempts, usize::from(attempted));
        add(&self.retries, usize::from(matches!(fate, Fate::Retry { .. })));
    }

    /// A project went live, or was refused.
    pub fn note_reload(&self, applied: bool) {
        add(if applied { &self.reloads } else { &self.reloads_refused }, 1);
    }
}

fn add(counter: &AtomicU64, more: usize) {
    counter.fetch_add(more as u64, Ordering::Relaxed);
}
