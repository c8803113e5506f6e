//! What people may look at. Reads only.

use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::model::{ContactId, Timestamp};
use crate::store::{Cases, CommitTimes, HistoryRow, Queues, SettledSend, Stats, Store, StoreError};

/// Turns that one look at the history gives.
const HISTORY_MAX: usize = 200;
/// Sends that one look at them gives.
const CASES_MAX: usize = 200;

/// A reader of the store.
#[derive(Clone)]
pub struct Insight {
    store: Arc<dyn Store>,
}

/// A turn as people look at it.
#[derive(Debug, Serialize)]
pub struct PastTurn {
    /// Whose.
    pub contact: ContactId,
    /// When it was taken.
    pub at: Timestamp,
    /// Its number in the conversation.
    pub turn: u64,
    /// The revision of the program that took it.
    pub revision: String,
    /// The event, trace, effects and faults.
    pub record: Box<RawValue>,
}

impl Insight {
    /// A reader of `store`.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// The counts.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn stats(&self, now: Timestamp) -> Result<Stats, StoreError> {
        self.store.stats(now).await
    }

    /// How many conversations wait at each step: `(flow, step, how many)`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn waiting(&self) -> Result<Vec<(String, String, u64)>, StoreError> {
        self.store.waiting().await
    }

    /// What waits to leave.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn queues(&self) -> Result<Queues, StoreError> {
        self.store.queues().await
    }

    /// The newest settled sends of a kind, newest first, at most 200: of one contact, or of all.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn cases(&self, which: Cases, contact: Option<ContactId>, most: usize) -> Result<Vec<SettledSend>, StoreError> {
        self.store.cases(which, contact, most.min(CASES_MAX)).await
    }

    /// How long commits took since the start.
    pub fn commit_times(&self) -> CommitTimes {
        self.store.commit_times()
    }

    /// The newest turns, newest first, at most 200: of one contact, or of all.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn history(&self, contact: Option<ContactId>, most: usize) -> Result<Vec<PastTurn>, StoreError> {
        let rows = self.store.history(contact, most.min(HISTORY_MAX)).await?;
        Ok(rows.into_iter().map(past_turn).collect())
    }
}

fn past_turn(HistoryRow { contact, at, turn }: HistoryRow) -> PastTurn {
    // A record that is no JSON comes from a damaged row; the others are still worth showing.
    let record = RawValue::from_string(turn.record).unwrap_or_else(|_| RawValue::NULL.to_owned());
    PastTurn { contact, at, turn: turn.turn, revision: turn.revision, record }
}
