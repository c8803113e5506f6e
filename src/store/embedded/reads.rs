//! Answers for people.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{accept, count, outbox};
use crate::model::{ContactId, EventId, MessageId, ReceiptStatus, SendKey, Timestamp, time};
use crate::store::{HistoryRow, NewHistory, Stats};

/// Rows that one question gets at most, whatever it asks for.
const ROWS_MAX: usize = 10_000;

/// A send that is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledSend {
    /// Its identity.
    pub key: SendKey,
    /// To whom.
    pub contact: ContactId,
    /// `sent`, `refused` or `unknown`.
    pub outcome: String,
    /// The provider's id, where it told one.
    pub message: Option<MessageId>,
    /// The latest word about it from the provider; nothing for a send that did not leave.
    pub status: Option<ReceiptStatus>,
    /// Why it was refused or failed, or what came instead of an answer; empty otherwise.
    pub detail: String,
    /// Attempts that counted, the last one included.
    pub tries: u32,
    /// When it was settled.
    pub at: Timestamp,
}

pub(super) fn stats(db: &Connection, now: Timestamp) -> rusqlite::Result<Stats> {
    let paused_until = outbox::paused_until(db, time::millis(now))?;
    db.prepare_cached("SELECT contacts, inbox, outbox, sent, refused, unknown, requests, given_up FROM tally")?.query_row(
        (),
        |row| {
            Ok(Stats {
                contacts: count(row, 0)?,
                inbox: count(row, 1)?,
                outbox: count(row, 2)?,
                sent: count(row, 3)?,
                refused: count(row, 4)?,
                unknown: count(row, 5)?,
                requests: count(row, 6)?,
                given_up: count(row, 7)?,
                paused_until_ms: if paused_until > time::millis(now) { paused_until } else { 0 },
            })
        },
    )
}

pub(super) fn history(db: &Connection, contact: Option<ContactId>, most: usize) -> rusqlite::Result<Vec<HistoryRow>> {
    let (of_one, of_all) = (
        "SELECT contact, at, event, turn, revision, record FROM history WHERE contact = ?2 ORDER BY id DESC LIMIT ?1",
        "SELECT contact, at, event, turn, revision, record FROM history ORDER BY id DESC LIMIT ?1",
    );
    newest(db, contact, most, of_one, of_all, |row| {
        Ok(HistoryRow {
            contact: ContactId(row.get(0)?),
            at: time::from_millis(row.get(1)?),
            turn: NewHistory { event: EventId(row.get(2)?), turn: count(row, 3)?, revision: row.get(4)?, record: row.get(5)? },
        })
    })
}

pub(super) fn settled(db: &Connection, contact: Option<ContactId>, most: usize) -> rusqlite::Result<Vec<SettledSend>> {
    let (of_one, of_all) = (
        "SELECT key, contact, outcome, message, status, detail, tries, at FROM sent WHERE contact = ?2
         ORDER BY rowid DESC LIMIT ?1",
        "SELECT key, contact, outcome, message, status, detail, tries, at FROM sent ORDER BY rowid DESC LIMIT ?1",
    );
    newest(db, contact, most, of_one, of_all, |row| {
        Ok(SettledSend {
            key: SendKey(row.get(0)?),
            contact: ContactId(row.get(1)?),
            outcome: row.get(2)?,
            message: row.get::<_, Option<String>>(3)?.map(MessageId),
            status: row.get::<_, Option<i64>>(4)?.and_then(accept::status),
            detail: row.get(5)?,
            tries: row.get(6)?,
            at: time::from_millis(row.get(7)?),
        })
    })
}

fn newest<T>(
    db: &Connection,
    contact: Option<ContactId>,
    most: usize,
    of_one: &str,
    of_all: &str,
    read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    let most = most.min(ROWS_MAX) as i64;
    match contact {
        Some(contact) => db.prepare_cached(of_one)?.query_map((most, contact.0), read)?.collect(),
        None => db.prepare_cached(of_all)?.query_map((most,), read)?.collect(),
    }
}

pub(super) fn waiting(db: &Connection) -> rusqlite::Result<Vec<(String, String, u64)>> {
    db.prepare_cached("SELECT flow, step, count(*) FROM conversation WHERE flow IS NOT NULL GROUP BY flow, step")?
        .query_map((), |row| Ok((row.get(0)?, row.get(1)?, count(row, 2)?)))?
        .collect()
}

/// The only one here that may write: the writer runs it.
pub(super) fn setting(db: &Connection, name: &str, make: fn() -> Vec<u8>) -> rusqlite::Result<Vec<u8>> {
    let stored =
        db.prepare_cached("SELECT value FROM setting WHERE name = ?1")?.query_row((name,), |row| row.get(0)).optional()?;
    if let Some(value) = stored {
        return Ok(value);
    }
    let value = make();
    db.prepare_cached("INSERT INTO setting (name, value) VALUES (?1, ?2)")?.execute((name, &value))?;
    Ok(value)
}
