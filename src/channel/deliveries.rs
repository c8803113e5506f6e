//! What one webhook body brings, counted while it is gathered.

use crate::model::{Delivery, Ignored, limits};

/// Gathers deliveries in the order of the body. Beyond [`limits::WEBHOOK_DELIVERIES_MAX`] it only counts, and says so.
#[derive(Debug, Default)]
pub(super) struct Deliveries {
    kept: Vec<Delivery>,
    beyond: usize,
}

impl Deliveries {
    /// Adds one.
    pub(super) fn push(&mut self, delivery: Delivery) {
        if self.kept.len() < limits::WEBHOOK_DELIVERIES_MAX {
            self.kept.push(delivery);
        } else {
            self.beyond += 1;
        }
    }

    /// Adds a part that makes no turn.
    pub(super) fn ignore(&mut self, what: impl Into<String>, why: &'static str) {
        self.push(ignored(what, why));
    }

    /// How many were added so far.
    pub(super) fn len(&self) -> usize {
        self.kept.len() + self.beyond
    }

    /// All of them, never an empty list: a body without content says so, and so does one with too much.
    pub(super) fn finish(mut self) -> Vec<Delivery> {
        if self.beyond > 0 {
            let what = format!("{} further parts", self.beyond);
            self.kept.push(ignored(what, "one webhook may bring 10,000 parts, and these came after them"));
        }
        if self.kept.is_empty() {
            self.ignore("empty body", "it has the right shape and holds nothing");
        }
        self.kept
    }
}

/// A part that makes no turn.
pub(super) fn ignored(what: impl Into<String>, why: &'static str) -> Delivery {
    Delivery::Ignored(Ignored { what: what.into(), why })
}
