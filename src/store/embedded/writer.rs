//! The one thread that writes. It takes whatever waits, runs it in one transaction, and answers once that is on disk: while
//! the disk works on one commit the next one gathers, so that many small operations share the price of one.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{failed, schema};
use crate::store::StoreError;

/// Operations that may wait.
pub(super) const QUEUE_MAX: usize = 4096;
/// Operations that may wait before new messages are turned away. The rest of the queue is kept for work on what is already
/// inside, so that a flood from outside cannot stop what would relieve it.
pub(super) const ACCEPTS_QUEUED_MAX: usize = 3072;
/// Operations in one transaction.
const BATCH_MAX: usize = 1024;
/// The log's size at which the writer stops to move all of it into the database. Usually the reader keeps it smaller.
pub(super) const LOG_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How long the writer then waits for somebody who still reads the log.
const READERS_WAIT: Duration = Duration::from_millis(50);

/// What an operation asks of the queue and the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Comes from outside: the first to be turned away.
    Accept,
    /// May be lost in a power cut: whoever owns the lease dies in it too.
    Lease,
    /// Everything else.
    Inside,
}

/// The way to the writer.
#[derive(Debug, Clone)]
pub(super) struct Queue(mpsc::Sender<Order>);

enum Order {
    Work(Box<dyn Work>),
    Stop,
}

impl Queue {
    /// A queue and its other end.
    pub(super) fn new() -> (Self, Orders) {
        let (sender, receiver) = mpsc::channel(QUEUE_MAX);
        (Self(sender), Orders(receiver))
    }

    /// Runs `work` inside a transaction and answers when it is committed. `work` changes everything it means to or fails: a
    /// failure undoes it alone. When the caller goes away before the answer, the work is done all the same.
    pub(super) async fn run<T, F>(&self, kind: Kind, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        if kind == Kind::Accept && self.0.capacity() <= QUEUE_MAX - ACCEPTS_QUEUED_MAX {
            return Err(if self.0.is_closed() { StoreError::Closed } else { StoreError::Busy });
        }
        let (reply, answer) = oneshot::channel();
        let task = Task { kind, work: Some(work), done: None, reply };
        self.0.try_send(Order::Work(Box::new(task))).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy,
            mpsc::error::TrySendError::Closed(_) => StoreError::Closed,
        })?;
        // The thread drops the other half when it ends, however it ends.
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// How many operations wait.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        QUEUE_MAX - self.0.capacity()
    }

    /// Lets the thread end when it has done what waits.
    pub(super) async fn stop(&self) {
        // An error means that it has ended already.
        let _ = self.0.send(Order::Stop).await;
    }
}

/// The writer's end of the queue.
pub(super) struct Orders(mpsc::Receiver<Order>);

impl Orders {
    /// Waits for work and takes all that is there, up to [`BATCH_MAX`]; nothing when no more will come.
    fn next(&mut self) -> Option<Vec<Box<dyn Work>>> {
        let mut batch = Vec::new();
        let mut order = self.0.blocking_recv();
        loop {
            match order {
                Some(Order::Work(work)) => batch.push(work),
                // What was queued before is still done; whoever comes later is told that the store is closed.
                Some(Order::Stop) => self.0.close(),
                None => break,
            }
            if batch.len() == BATCH_MAX {
                break;
            }
            order = self.0.try_recv().ok();
        }
        // Only the end of the queue leaves a batch empty.
        (!batch.is_empty()).then_some(batch)
    }
}

trait Work: Send {
    fn kind(&self) -> Kind;
    fn run(&mut self, db: &Connection) -> rusqlite::Result<()>;
    fn answer(self: Box<Self>, verdict: Result<(), StoreError>);
}

struct Task<T, F> {
    kind: Kind,
    work: Option<F>,
    done: Option<T>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Work for Task<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> rusqlite::Result<T> + Send,
{
    fn kind(&self) -> Kind {
        self.kind
    }

    fn run(&mut self, db: &Connection) -> rusqlite::Result<()> {
        if let Some(work) = self.work.take() {
            self.done = Some(work(db)?);
        }
        Ok(())
    }

    fn answer(self: Box<Self>, verdict: Result<(), StoreError>) {
        let Self { done, reply, .. } = *self;
        let answer = verdict.and_then(|()| done.ok_or(StoreError::Closed));
        // Nobody to hear it: the caller has gone away.
        let _ = reply.send(answer);
    }
}

/// What the thread has.
pub(super) struct Writer {
    db: Connection,
    log: PathBuf,
    /// Whether commits wait for the disk at the moment.
    durable: bool,
    /// The log's size at which to try next to move it, in bytes.
    pub(super) shorten_at: u64,
}

impl Writer {
    /// `db` writes durably; `log` is where SQLite keeps its log.
    pub(super) fn new(db: Connection, log: PathBuf) -> Self {
        Self { db, log, durable: true, shorten_at: LOG_BYTES_MAX }
    }

    /// Works until the queue ends; `wrote` is called after each commit with how long it took.
    pub(super) fn run(mut self, mut orders: Orders, wrote: impl Fn(Duration)) {
        while let Some(mut batch) = orders.next() {
            let began = Instant::now();
            let verdicts = self.transact(&mut batch);
            let took = began.elapsed();
            for (work, verdict) in batch.into_iter().zip(verdicts) {
                work.answer(verdict);
            }
            wrote(took);
            self.shorten_log();
        }
    }

    /// Runs the batch and commits. A verdict is good only when the commit was.
    fn transact(&mut self, batch: &mut [Box<dyn Work>]) -> Vec<Result<(), StoreError>> {
        let all = batch.len();
        let outcome = self.begin(batch).and_then(|()| {
            let verdicts = self.work(batch)?;
            self.execute("COMMIT")?;
            Ok(verdicts)
        });
        outcome.unwrap_or_else(|error| {
            // A full disk may have ended the transaction already, or may keep even this from working; then the next BEGIN
            // fails and says so.
            if !self.db.is_autocommit() {
                let _ = self.execute("ROLLBACK");
            }
            vec![Err(failed(&error)); all]
        })
    }

    fn begin(&mut self, batch: &[Box<dyn Work>]) -> rusqlite::Result<()> {
        // Leases alone are committed without waiting for the disk. A power cut may lose them, and then it has ended the
        // process that held them as well, so a claim given out again fences nobody. Later durable commits carry them along,
        // because the log is written in order.
        let durable = batch.iter().any(|work| work.kind() != Kind::Lease);
        if durable != self.durable {
            self.db.pragma_update(None, "synchronous", if durable { "FULL" } else { "NORMAL" })?;
            self.durable = durable;
        }
        self.execute("BEGIN IMMEDIATE")
    }

    /// Runs each on its own savepoint: one that fails is undone alone. An error means that the whole transaction is lost.
    fn work(&self, batch: &mut [Box<dyn Work>]) -> rusqlite::Result<Vec<Result<(), StoreError>>> {
        let mut verdicts = Vec::with_capacity(batch.len());
        for work in batch {
            self.execute("SAVEPOINT operation")?;
            let verdict = match work.run(&self.db) {
                Ok(()) => Ok(()),
                // SQLite itself gives the transaction up when the disk is full or fails.
                Err(error) if self.db.is_autocommit() => return Err(error),
                Err(error) => {
                    self.execute("ROLLBACK TO operation")?;
                    Err(failed(&error))
                }
            };
            self.execute("RELEASE operation")?;
            verdicts.push(verdict);
        }
        Ok(verdicts)
    }

    fn execute(&self, sql: &str) -> rusqlite::Result<()> {
        self.db.prepare_cached(sql)?.execute(()).map(drop)
    }

    /// Under a steady load the reader never finds the log unused and it would grow without end. Then the writer stops for the
    /// moment it takes to move all of it.
    pub(super) fn shorten_log(&mut self) {
        let bytes = std::fs::metadata(&self.log).map_or(0, |log| log.len());
        if bytes < self.shorten_at {
            return;
        }
        let moved = self.db.busy_timeout(READERS_WAIT).and_then(|()| {
            let busy = self.db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |row| row.get::<_, i64>(0));
            self.db.busy_timeout(schema::OTHERS_WAIT).and(busy)
        });
        // A long read is in the way, or the disk: asked again when the log has grown by as much once more.
        self.shorten_at = if matches!(moved, Ok(0)) { LOG_BYTES_MAX } else { bytes + LOG_BYTES_MAX };
        if let Err(error) = moved {
            tracing::warn!(%error, "the store's log could not be moved into its database; it is tried again");
        }
    }
}
