//! The second connection: answers people's questions beside the writer, and moves the log into the database in quiet moments.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender, TrySendError};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::{failed, schema};
use crate::failpoint;
use crate::store::StoreError;

/// Questions that may wait.
const QUESTIONS_MAX: usize = 256;
/// How often the log is moved while something is being written.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);

type Question = Box<dyn FnOnce(&Connection) + Send>;

/// The way to the reader.
#[derive(Debug, Clone)]
pub(super) struct Questions(SyncSender<Order>);

enum Order {
    Ask(Question),
    Stop,
}

impl Questions {
    /// Answers from what is committed.
    pub(super) async fn ask<T, F>(&self, read: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let question: Question = Box::new(move |db| {
            // Nobody to hear it: the caller has gone away.
            let _ = reply.send(read(db).map_err(|error| failed(&error)));
        });
        self.0.try_send(Order::Ask(question)).map_err(|refused| match refused {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Closed,
        })?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Lets the thread end. Waits for a place in the queue; the reader empties it in moments.
    pub(super) fn stop(&self) {
        // An error means that it has ended already.
        let _ = self.0.send(Order::Stop);
    }
}

/// What the thread has.
pub(super) struct Reader {
    db: Connection,
    orders: Receiver<Order>,
    commits: Arc<AtomicU64>,
    moved: u64,
    moved_at: Instant,
}

impl Reader {
    /// Opens the second connection; `commits` counts what the writer wrote.
    pub(super) fn open(database: &Path, commits: Arc<AtomicU64>) -> Result<(Questions, Self), StoreError> {
        let db = schema::open_reader(database)?;
        let (sender, orders) = mpsc::sync_channel(QUESTIONS_MAX);
        let moved = commits.load(Ordering::Relaxed);
        Ok((Questions(sender), Self { db, orders, commits, moved, moved_at: Instant::now() }))
    }

    /// Works until told to stop or until nobody can ask any more.
    pub(super) fn run(mut self) {
        loop {
            match self.orders.recv_timeout(CHECKPOINT_EVERY) {
                Ok(Order::Ask(question)) => question(&self.db),
                Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.move_log();
        }
    }

    /// Copies what is committed into the database without standing in the writer's way, so that the log can begin afresh.
    fn move_log(&mut self) {
        let commits = self.commits.load(Ordering::Relaxed);
        if commits == self.moved || self.moved_at.elapsed() < CHECKPOINT_EVERY {
            return;
        }
        self.moved_at = Instant::now();
        failpoint::begins("log.moving");
        match self.db.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |_| Ok(())) {
            Ok(()) => self.moved = commits,
            Err(error) => tracing::warn!(%error, "the store's log could not be moved into its database; it is tried again"),
        }
    }
}
