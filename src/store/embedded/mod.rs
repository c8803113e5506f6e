//! The embedded store: one SQLite file, owned by one process.
//!
//! One thread writes ([`writer`]), one reads and tidies the log ([`reader`]); the operations are plain functions over a
//! connection, a file for each moment of the business. Invariants: every operation is all or nothing, an answer means that its
//! transaction is on disk (leases excepted, see `writer.rs`), and no operation ever waits for ever: when a thread ends, whoever
//! waits for it is told that the store is closed. JSON is written and read by the callers' tasks, never by the writer.
//! It must never decide anything, nor be opened by two processes at once.

mod accept;
mod backup;
mod claim;
mod commit;
mod contacts;
mod evidence;
mod files;
mod outbox;
mod persons;
mod prune;
mod reader;
mod reads;
mod requests;
mod schedules;
mod schema;
mod settle;
mod sum;
mod tally;
mod taps;
#[cfg(test)]
mod tests;
mod times;
mod writer;

use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use async_trait::async_trait;
use rusqlite::ErrorCode;

pub use self::backup::{BackedUp, backup};
use self::reader::{Questions, Reader};
use self::times::Times;
use self::writer::{Kind, Queue, Writer};
use super::{
    Accepted, Cases, ClaimedRequests, ClaimedSends, Claims, CommitTimes, HandedOut, HistoryRow, Plan, PlanState, Queues,
    RequestSettlement, SettledSend, Settlement, Stats, Store, StoreError, Taken, Verdict,
};
use crate::model::{ContactId, Delivery, SendKey, Timestamp};

/// One SQLite file in a directory of its own. Cheap to clone; the files are closed when [`Store::close`] returns, or when the
/// last clone is dropped.
#[derive(Debug, Clone)]
pub struct Embedded(Arc<Threads>);

#[derive(Debug)]
struct Threads {
    /// Nothing once dropping has begun: the threads end when nobody can reach them.
    ways: Option<(Queue, Questions)>,
    handles: Mutex<Vec<JoinHandle<()>>>,
    times: Arc<Times>,
}

impl Embedded {
    /// Opens the store in `dir`, making both when they are not there. Whatever an earlier process had leased is free again, and
    /// sends that it had begun come as doubtful.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another process has it, [`StoreError::TooNew`] when a newer version wrote it, and
    /// [`StoreError::Failed`] when it is damaged, not ours, or out of reach.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let lock = Arc::new(files::own(dir)?);
        let database = files::database(dir)?;
        let writer = Writer::new(schema::open_writer(&database)?, files::log_of(&database));
        let commits = Arc::new(AtomicU64::new(0));
        let (questions, reader) = Reader::open(&database, Arc::clone(&commits))?;
        let (queue, orders) = Queue::new();
        let times = Arc::new(Times::default());
        let measured = Arc::clone(&times);
        let wrote = move |took| {
            commits.fetch_add(1, Ordering::Relaxed);
            measured.note(took);
        };
        // The reader goes first: if the second thread cannot be had, dropping `questions` ends it again.
        let reads = spawn("store-reader", Arc::clone(&lock), move || reader.run())?;
        let writes = spawn("store-writer", lock, move || writer.run(orders, wrote))?;
        Ok(Self(Arc::new(Threads { ways: Some((queue, questions)), handles: Mutex::new(vec![writes, reads]), times })))
    }

    /// What became of the newest sends, newest first: of one contact, or of all. At most 10,000.
    pub async fn settled(&self, contact: Option<ContactId>, most: usize) -> Result<Vec<SettledSend>, StoreError> {
        self.cases(Cases::All, contact, most).await
    }

    fn queue(&self) -> Result<&Queue, StoreError> {
        self.0.ways.as_ref().map(|(queue, _)| queue).ok_or(StoreError::Closed)
    }

    fn questions(&self) -> Result<&Questions, StoreError> {
        self.0.ways.as_ref().map(|(_, questions)| questions).ok_or(StoreError::Closed)
    }
}

#[async_trait]
impl Store for Embedded {
    async fn accept(&self, deliveries: Vec<Delivery>, now: Timestamp) -> Result<Accepted, StoreError> {
        let rows = accept::rows(deliveries)?;
        self.queue()?.run(Kind::Accept, move |db| accept::store(db, &rows, now)).await
    }

    async fn claim(&self, most: usize, lease_ms: u64, now: Timestamp) -> Result<Claims, StoreError> {
        let claimed = self.queue()?.run(Kind::Lease, move |db| claim::lease(db, most, lease_ms, now)).await?;
        let mut claims = Claims { contacts: Vec::with_capacity(claimed.contacts.len()), next_due: claimed.next_due };
        let mut unreadable = Vec::new();
        for row in claimed.contacts {
            match row.read() {
                Ok(claim) => claims.contacts.push(claim),
                Err(row) => unreadable.push(row),
            }
        }
        if !unreadable.is_empty() {
            for row in &unreadable {
                tracing::error!(contact = row.contact, "{}; its mail is kept and tried again at the next start", row.why);
            }
            self.queue()?.run(Kind::Inside, move |db| claim::park(db, &unreadable)).await?;
        }
        Ok(claims)
    }

    async fn commit(&self, takes: Vec<Taken>, now: Timestamp) -> Result<Vec<bool>, StoreError> {
        let rows = takes.into_iter().map(commit::Row::new).collect::<Result<Vec<_>, _>>()?;
        self.queue()?.run(Kind::Inside, move |db| commit::store(db, &rows, now)).await
    }

    async fn claim_sends(&self, most: usize, lease_ms: u64, now: Timestamp) -> Result<ClaimedSends, StoreError> {
        // Not `Kind::Lease`: the mark tells after a crash which requests may have left, so it must outlive a power cut.
        let claimed = self.queue()?.run(Kind::Inside, move |db| outbox::lease(db, most, lease_ms, now)).await?;
        let mut sends = Vec::with_capacity(claimed.sends.len());
        let mut hopeless = Vec::new();
        for stored in claimed.sends {
            match stored.read() {
                Ok(send) => sends.push(send),
                Err(settlement) => hopeless.push(settlement),
            }
        }
        if !hopeless.is_empty() {
            tracing::error!(sends = hopeless.len(), "sends that cannot be read back were given up");
            self.settle(hopeless, now).await?;
        }
        Ok(ClaimedSends { sends, next_due: claimed.next_due })
    }

    async fn settle(&self, settlements: Vec<Settlement>, now: Timestamp) -> Result<(), StoreError> {
        self.queue()?.run(Kind::Inside, move |db| settle::store(db, &settlements, now)).await
    }

    async fn keep_plans(&self, plans: Vec<Plan>, now: Timestamp) -> Result<Vec<PlanState>, StoreError> {
        self.queue()?.run(Kind::Inside, move |db| schedules::keep(db, &plans, now)).await
    }

    async fn hand_out(&self, plan: Plan, due: Timestamp, most: usize, now: Timestamp) -> Result<HandedOut, StoreError> {
        self.queue()?.run(Kind::Inside, move |db| schedules::hand_out(db, &plan, due, most, now)).await
    }

    async fn claim_requests(&self, most: usize, lease_ms: u64, now: Timestamp) -> Result<ClaimedRequests, StoreError> {
        // Durable like the mark of a send, and for the same reason.
        let claimed = self.queue()?.run(Kind::Inside, move |db| requests::lease(db, most, lease_ms, now)).await?;
        let mut requests = Vec::with_capacity(claimed.requests.len());
        let mut hopeless = Vec::new();
        for stored in claimed.requests {
            match stored.read() {
                Ok(request) => requests.push(request),
                Err(settlement) => hopeless.push(settlement),
            }
        }
        if !hopeless.is_empty() {
            tracing::error!(requests = hopeless.len(), "requests that cannot be read back were given up");
            self.settle_requests(hopeless, now).await?;
        }
        Ok(ClaimedRequests { requests, next_due: claimed.next_due })
    }

    async fn settle_requests(&self, settlements: Vec<RequestSettlement>, now: Timestamp) -> Result<(), StoreError> {
        let rows = settlements.into_iter().map(requests::Settled::new).collect::<Result<Vec<_>, _>>()?;
        self.queue()?.run(Kind::Inside, move |db| requests::settle(db, &rows, now)).await
    }

    async fn pause(&self, until: Timestamp) -> Result<(), StoreError> {
        self.queue()?.run(Kind::Inside, move |db| outbox::pause(db, until)).await
    }

    async fn rule(&self, key: SendKey, verdict: Verdict, now: Timestamp) -> Result<bool, StoreError> {
        self.queue()?.run(Kind::Inside, move |db| settle::rule(db, &key, verdict, now)).await
    }

    async fn cases(&self, which: Cases, contact: Option<ContactId>, most: usize) -> Result<Vec<SettledSend>, StoreError> {
        self.questions()?.ask(move |db| reads::cases(db, which, contact, most)).await
    }

    async fn queues(&self) -> Result<Queues, StoreError> {
        self.questions()?.ask(reads::queues).await
    }

    async fn alive(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        // Lost in a power cut it only tells of a downtime that was longer.
        self.queue()?.run(Kind::Lease, move |db| reads::alive(db, now)).await
    }

    fn commit_times(&self) -> CommitTimes {
        self.0.times.read()
    }

    async fn stats(&self, now: Timestamp) -> Result<Stats, StoreError> {
        self.questions()?.ask(move |db| reads::stats(db, now)).await
    }

    async fn history(&self, contact: Option<ContactId>, most: usize) -> Result<Vec<HistoryRow>, StoreError> {
        self.questions()?.ask(move |db| reads::history(db, contact, most)).await
    }

    async fn waiting(&self) -> Result<Vec<(String, String, u64)>, StoreError> {
        self.questions()?.ask(reads::waiting).await
    }

    async fn setting(&self, name: &str, make: fn() -> Vec<u8>) -> Result<Vec<u8>, StoreError> {
        let name = name.to_owned();
        self.queue()?.run(Kind::Inside, move |db| reads::setting(db, &name, make)).await
    }

    async fn close(&self) {
        let Some((queue, questions)) = &self.0.ways else { return };
        queue.stop().await;
        let threads = Arc::clone(&self.0);
        let questions = questions.clone();
        // Waiting for a thread would hold up other tasks, so it is done aside. An error means that the runtime itself is
        // ending; then dropping the store waits.
        let _ = tokio::task::spawn_blocking(move || {
            questions.stop();
            threads.join();
        })
        .await;
    }
}

impl Threads {
    /// Waits until the threads have ended and the files are closed.
    fn join(&self) {
        let mut handles = self.handles.lock().unwrap_or_else(PoisonError::into_inner);
        for handle in handles.drain(..) {
            // A thread that panicked has said so itself, and everyone who waited for it was told.
            let _ = handle.join();
        }
    }
}

impl Drop for Threads {
    /// Waits for the last commit, so that whoever opens the store next finds it free.
    fn drop(&mut self) {
        self.ways = None;
        self.join();
    }
}

/// Runs `work` on a thread that holds the store's lock until it has dropped everything else.
fn spawn(name: &str, lock: Arc<File>, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>, StoreError> {
    let body = move || {
        let _until_the_end = lock;
        work();
    };
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(body)
        .map_err(|error| StoreError::Failed(format!("the thread {name} could not be started: {error}")))
}

/// A database error in words for people.
fn failed(error: &rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
        Some(ErrorCode::DiskFull) => {
            StoreError::Failed("the disk is full; nothing was changed; free some space and it goes on by itself".to_owned())
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StoreError::Failed(format!("the database is damaged ({error}); stop the program and put a backup in its place"))
        }
        _ => StoreError::Failed(error.to_string()),
    }
}

/// SQLite's whole numbers are signed. Ours only count up from 0 and stay far below the bound.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A count as stored; a negative one, which only damage can make, reads as 0.
fn count(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get(column).map(|number: i64| u64::try_from(number).unwrap_or(0))
}

/// A value that has no JSON form.
fn unwritable(error: serde_json::Error) -> StoreError {
    StoreError::Failed(format!("a value cannot be stored: {error}"))
}

/// Why stored JSON cannot be read back. Only the place is told: the reader's own words may quote people's.
fn unreadable(error: &serde_json::Error) -> String {
    format!("cannot be read back ({:?} error, line {}, column {})", error.classify(), error.line(), error.column())
}
