//! Answers for people.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{accept, count, outbox};
use crate::model::{ContactId, EventId, MessageId, Priority, SendKey, Timestamp, time};
use crate::store::{Cases, HistoryRow, NewHistory, Queue, Queues, SettledSend, Stats};

/// Rows that one question gets at most, whatever it asks for.
const ROWS_MAX: usize = 10_000;

pub(super) fn stats(db: &Connection, now: Timestamp) -> rusqlite::Result<Stats> {
    let paused_until = outbox::paused_until(db, time::millis(now))?;
    let asked = db.prepare_cached("SELECT count(*) FROM sent WHERE asks IS NOT NULL")?.query_row((), |row| count(row, 0))?;
    let counts = "SELECT contacts, inbox, outbox, sent, refused, unknown, resent, doubles, requests, given_up FROM tally";
    db.prepare_cached(counts)?.query_row((), |row| {
        Ok(Stats {
            contacts: count(row, 0)?,
            inbox: count(row, 1)?,
            outbox: count(row, 2)?,
            sent: count(row, 3)?,
            refused: count(row, 4)?,
            unknown: count(row, 5)?,
            asked,
            resent: count(row, 6)?,
            doubles: count(row, 7)?,
            requests: count(row, 8)?,
            given_up: count(row, 9)?,
            paused_until_ms: if paused_until > time::millis(now) { paused_until } else { 0 },
        })
    })
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

pub(super) fn cases(
    db: &Connection,
    which: Cases,
    contact: Option<ContactId>,
    most: usize,
) -> rusqlite::Result<Vec<SettledSend>> {
    // Each kind has an index of its own that holds nobody else; all of them are read backwards.
    let kind = match which {
        Cases::All => "TRUE",
        Cases::Sent => "outcome = 'sent'",
        Cases::Refused => "outcome = 'refused'",
        Cases::Unknown => "outcome = 'unknown'",
        Cases::Asked => "asks IS NOT NULL",
        Cases::Resent => "resent = 1",
        Cases::Double => "double IS NOT NULL",
    };
    let order = if matches!(which, Cases::All | Cases::Sent) { "rowid" } else { "at" };
    let columns = "key, contact, outcome, message, status, detail, tries, at, resent, evidence, double, asks IS NOT NULL";
    let of_one = format!("SELECT {columns} FROM sent WHERE {kind} AND contact = ?2 ORDER BY rowid DESC LIMIT ?1");
    let of_all = format!("SELECT {columns} FROM sent WHERE {kind} ORDER BY {order} DESC LIMIT ?1");
    newest(db, contact, most, &of_one, &of_all, |row| {
        Ok(SettledSend {
            key: SendKey(row.get(0)?),
            contact: ContactId(row.get(1)?),
            outcome: row.get(2)?,
            message: row.get::<_, Option<String>>(3)?.map(MessageId),
            status: row.get::<_, Option<i64>>(4)?.and_then(accept::status),
            detail: row.get(5)?,
            tries: row.get(6)?,
            at: time::from_millis(row.get(7)?),
            resent: row.get(8)?,
            evidence: row.get(9)?,
            double: row.get::<_, Option<String>>(10)?.map(MessageId),
            asked: row.get(11)?,
        })
    })
}

pub(super) fn queues(db: &Connection) -> rusqlite::Result<Queues> {
    let mut queues = Queues::default();
    for (priority, queue) in Priority::ALL.into_iter().zip(&mut queues.waiting) {
        *queue = db
            .prepare_cached("SELECT count(*), min(stored_at) FROM outbox WHERE priority = ?1")?
            .query_row((priority as i64,), |row| {
                Ok(Queue { sends: count(row, 0)?, oldest_at: row.get::<_, Option<i64>>(1)?.map(time::from_millis) })
            })?;
    }
    queues.longest_line = db
        .prepare_cached("SELECT coalesce(max(line), 0) FROM (SELECT count(*) AS line FROM outbox GROUP BY contact)")?
        .query_row((), |row| count(row, 0))?;
    queues.oldest_mail_at = db
        .prepare_cached("SELECT min(due_at) FROM contact WHERE leased = 0 AND due_at IS NOT NULL")?
        .query_row((), |row| row.get::<_, Option<i64>>(0))?
        .filter(|at| *at > 0)
        .map(time::from_millis);
    Ok(queues)
}

/// Notes that the host lives; tells when it last did so before. May write: the writer runs it.
pub(super) fn alive(db: &Connection, now: Timestamp) -> rusqlite::Result<Option<Timestamp>> {
    let before: i64 = db.prepare_cached("SELECT alive_at FROM channel")?.query_row((), |row| row.get(0))?;
    db.prepare_cached("UPDATE channel SET alive_at = ?1")?.execute((time::millis(now),))?;
    Ok((before > 0).then(|| time::from_millis(before)))
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
