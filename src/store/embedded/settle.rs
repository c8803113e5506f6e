//! Commit 3: what became of sends.

use rusqlite::{Connection, OptionalExtension};

use super::accept::rank;
use super::outbox::advance_line;
use super::tally::Tally;
use crate::failpoint;
use crate::model::{ReceiptStatus, Refusal, Timestamp, time};
use crate::store::{Fate, Settlement};

/// Records each; one about a send that is settled already changes nothing.
pub(super) fn store(db: &Connection, settlements: &[Settlement], now: Timestamp) -> rusqlite::Result<()> {
    let now = time::millis(now);
    let mut tally = Tally::default();
    for settlement in settlements {
        let key = settlement.key.0.as_str();
        let end = match &settlement.fate {
            Fate::Retry { at, doubtful, counts } => {
                retry(db, key, time::millis(*at), *doubtful, *counts)?;
                continue;
            }
            Fate::Sent { message } => End {
                outcome: "sent",
                message: message.as_ref().map(|id| id.0.as_str()),
                status: Some(rank(ReceiptStatus::Sent)),
                detail: String::new(),
                tally: Tally { sent: 1, outbox: -1, ..Tally::default() },
            },
            Fate::Refused { refusal, detail } => End {
                outcome: "refused",
                message: None,
                status: None,
                detail: format!("{}: {detail}", why(*refusal)),
                tally: Tally { refused: 1, outbox: -1, ..Tally::default() },
            },
            Fate::Unknown { detail } => End {
                outcome: "unknown",
                message: None,
                status: None,
                detail: detail.clone(),
                tally: Tally { unknown: 1, outbox: -1, ..Tally::default() },
            },
        };
        if finish(db, key, &end, now)? {
            tally += end.tally;
        }
    }
    if !settlements.is_empty() {
        failpoint::reached("result.in_transaction");
    }
    tally.add(db)
}

/// How a send ended.
struct End<'a> {
    outcome: &'static str,
    message: Option<&'a str>,
    status: Option<i64>,
    detail: String,
    tally: Tally,
}

/// Only a send under way can be tried again: one that waits has an attempt before it anyway.
fn retry(db: &Connection, key: &str, at: i64, doubtful: bool, counts: bool) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE outbox SET sending = 0, due_at = ?2, doubtful = doubtful OR ?3, tries = tries + ?4 WHERE key = ?1 AND sending = 1",
    )?
    .execute((key, at, doubtful, counts))
    .map(drop)
}

/// Moves the send out of the outbox and lets the next of its contact's line go; tells whether it was still there.
fn finish(db: &Connection, key: &str, end: &End<'_>, now: i64) -> rusqlite::Result<bool> {
    let gone: Option<(i64, i64)> = db
        .prepare_cached("DELETE FROM outbox WHERE key = ?1 RETURNING contact, tries")?
        .query_row((key,), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((contact, tries)) = gone else { return Ok(false) };
    db.prepare_cached(
        "INSERT INTO sent (key, contact, outcome, message, status, status_at, detail, tries, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    )?
    .execute((key, contact, end.outcome, end.message, end.status, end.status.map(|_| now), &end.detail, tries + 1, now))?;
    advance_line(db, contact, now)?;
    Ok(true)
}

/// A refusal in words.
fn why(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Invalid => "the message breaks a limit",
        Refusal::Unauthorized => "the token is missing, wrong or expired",
        Refusal::Forbidden => "the token or plan does not allow it",
        Refusal::NotFound => "the workspace, template or contact does not exist",
        Refusal::WindowClosed => "outside the 24-hour window",
        Refusal::Held => "a person has the conversation",
        Refusal::NoAddress => "the contact has no address on this channel",
        Refusal::Other => "refused",
    }
}
