//! Commit 3: what became of sends.

use rusqlite::{Connection, OptionalExtension};

use super::accept::rank;
use super::outbox::{Waiting, advance_line, seal};
use super::sum::damage;
use super::tally::Tally;
use super::{evidence, signed};
use crate::failpoint;
use crate::model::{OnUnknown, ReceiptStatus, Refusal, SendKey, Timestamp, time};
use crate::store::{Fate, Settlement, Verdict};

/// Records each; one about a send that is settled already, or about an attempt that is not the newest, changes nothing, except
/// that it may prove that the send left.
pub(super) fn store(db: &Connection, settlements: &[Settlement], now: Timestamp) -> rusqlite::Result<()> {
    let now = time::millis(now);
    let mut tally = Tally::default();
    for settlement in settlements {
        match under_way(db, settlement)? {
            Some(send) => send.settle(db, settlement, now, &mut tally)?,
            None => late(db, settlement, now, &mut tally)?,
        }
    }
    if !settlements.is_empty() {
        failpoint::reached("result.in_transaction");
    }
    tally.add(db)
}

/// The send whose newest attempt is under way.
struct UnderWay {
    contact: i64,
    tries: u32,
    doubtful: bool,
    proven: Option<String>,
}

fn under_way(db: &Connection, settlement: &Settlement) -> rusqlite::Result<Option<UnderWay>> {
    db.prepare_cached("SELECT contact, tries, doubtful, proven FROM outbox WHERE key = ?1 AND attempt = ?2 AND sending = 1")?
        .query_row((&settlement.key.0, signed(settlement.attempt)), |row| {
            Ok(UnderWay { contact: row.get(0)?, tries: row.get(1)?, doubtful: row.get(2)?, proven: row.get(3)? })
        })
        .optional()
}

/// An attempt that was given up long ago has an answer after all: of all it could tell only one thing still matters.
fn late(db: &Connection, settlement: &Settlement, now: i64, tally: &mut Tally) -> rusqlite::Result<()> {
    let Fate::Sent { message } = &settlement.fate else { return Ok(()) };
    let key = settlement.key.0.as_str();
    let contact: Option<i64> = db
        .prepare_cached("SELECT contact FROM outbox WHERE key = ?1 UNION ALL SELECT contact FROM sent WHERE key = ?1")?
        .query_row((key,), |row| row.get(0))
        .optional()?;
    match contact {
        Some(contact) => evidence::prove(db, contact, key, message.as_ref().map(|id| id.0.as_str()), "late answer", now, tally),
        None => Ok(()),
    }
}

/// How a send ended.
#[derive(Default)]
struct End<'a> {
    outcome: &'static str,
    message: Option<&'a str>,
    detail: String,
    evidence: Option<&'a str>,
    double: Option<&'a str>,
    /// Whether a person is asked.
    asks: bool,
}

impl UnderWay {
    fn settle(&self, db: &Connection, settlement: &Settlement, now: i64, tally: &mut Tally) -> rusqlite::Result<()> {
        let key = settlement.key.0.as_str();
        if let Some(until) = settlement.rests_until {
            db.prepare_cached("UPDATE contact SET quiet_until = ?2 WHERE id = ?1")?
                .execute((self.contact, time::millis(until)))?;
        }
        // Word that it left outweighs an answer that never came. It says nothing against an answer that it did not.
        let in_doubt = self.doubtful
            || matches!(
                settlement.fate,
                Fate::Unknown { .. } | Fate::Ask { .. } | Fate::Retry { doubtful: true, .. } | Fate::Retry { counts: true, .. }
            );
        let proven = self.proven.as_deref().filter(|_| in_doubt);
        let (evidence, proven_id) = proven.and_then(|proven| proven.split_once(':')).unzip();
        let proven_id = proven_id.filter(|id| !id.is_empty());
        let end = match &settlement.fate {
            Fate::Sent { message } => {
                let message = message.as_ref().map(|id| id.0.as_str());
                let double = proven_id.filter(|proven| message.is_some_and(|message| message != *proven));
                End { outcome: "sent", message: message.or(proven_id), double, ..End::default() }
            }
            Fate::Retry { .. } | Fate::Refused { .. } | Fate::Unknown { .. } | Fate::Ask { .. } if proven.is_some() => {
                End { outcome: "sent", message: proven_id, evidence, ..End::default() }
            }
            Fate::Retry { at, doubtful, counts } => return retry(db, key, time::millis(*at), *doubtful, *counts),
            Fate::Refused { refusal, detail } => {
                End { outcome: "refused", detail: format!("{}: {detail}", why(*refusal)), ..End::default() }
            }
            Fate::Unknown { detail } => End { outcome: "unknown", detail: detail.clone(), ..End::default() },
            Fate::Ask { detail } => End { outcome: "unknown", detail: detail.clone(), asks: true, ..End::default() },
        };
        self.finish(db, key, &end, now)?;
        let sent = end.outcome == "sent";
        *tally += Tally {
            outbox: -1,
            sent: i64::from(sent),
            refused: i64::from(end.outcome == "refused"),
            unknown: i64::from(end.outcome == "unknown"),
            // Proven by word about the first attempt, it was not repeated as far as anybody knows.
            resent: i64::from(sent && self.doubtful && end.evidence.is_none()),
            doubles: i64::from(end.double.is_some()),
            ..Tally::default()
        };
        Ok(())
    }

    /// Moves the send out of the outbox and lets the next of its contact's line go.
    fn finish(&self, db: &Connection, key: &str, end: &End<'_>, now: i64) -> rusqlite::Result<()> {
        let status = (end.outcome == "sent").then_some(rank(ReceiptStatus::Sent));
        let resent = end.outcome == "sent" && self.doubtful && end.evidence.is_none();
        let sum = if end.asks { seal_again(db, key)? } else { None };
        // The digest is kept where evidence may still tell something.
        let in_doubt = resent || end.outcome == "unknown";
        db.prepare_cached(
            "INSERT INTO sent (key, contact, outcome, message, status, status_at, detail, tries, at, resent, evidence, double,
                               priority, attempt, began_at, words, asks, sum)
             SELECT key, contact, ?2, ?3, ?4, CASE WHEN ?4 IS NULL THEN NULL ELSE ?5 END, ?6, ?7, ?5, ?8, ?9, ?10,
                    priority, attempt, began_at, CASE WHEN ?11 THEN words END, CASE WHEN ?12 THEN message END, ?13
             FROM outbox WHERE key = ?1",
        )?
        .execute(rusqlite::params![
            key,
            end.outcome,
            end.message,
            status,
            now,
            &end.detail,
            self.tries + 1,
            resent,
            end.evidence,
            end.double,
            in_doubt,
            end.asks,
            sum,
        ])?;
        db.prepare_cached("DELETE FROM outbox WHERE key = ?1")?.execute((key,))?;
        if let Some(message) = end.message {
            evidence::join(db, message)?;
        }
        advance_line(db, self.contact, now)
    }
}

/// The checksum that a send will have when a person has it sent again: its step's word about doubt is answered then, and what there
/// was to tell of the contact was told. One that is damaged already gets none that matches.
fn seal_again(db: &Connection, key: &str) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached("SELECT on_unknown, message, about, sum FROM outbox WHERE key = ?1")?.query_row((key,), |row| {
        let (on_unknown, message): (String, String) = (row.get(0)?, row.get(1)?);
        let (about, sum): (Option<String>, Option<i64>) = (row.get(2)?, row.get(3)?);
        let damaged = damage(&[key, &on_unknown, &message, about.as_deref().unwrap_or_default()], sum).is_some();
        Ok(if damaged { sum } else { Some(seal(key, OnUnknown::Resend, &message, None)) })
    })
}

fn retry(db: &Connection, key: &str, at: i64, doubtful: bool, counts: bool) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE outbox SET sending = 0, ready = 0, due_at = ?2, doubtful = doubtful OR ?3, tries = tries + ?4 WHERE key = ?1",
    )?
    .execute((key, at, doubtful, counts))
    .map(drop)
}

/// What a person says about a send that waits for their word; tells whether it did.
pub(super) fn rule(db: &Connection, key: &SendKey, verdict: Verdict, now: Timestamp) -> rusqlite::Result<bool> {
    let now = time::millis(now);
    if verdict == Verdict::Drop {
        let dropped = db
            .prepare_cached("UPDATE sent SET asks = NULL, detail = detail || ' (a person left it at that)' WHERE key = ?1 AND asks IS NOT NULL")?
            .execute((&key.0,))?;
        return Ok(dropped > 0);
    }
    let asked: Option<Asked> = db
        .prepare_cached(
            "DELETE FROM sent WHERE key = ?1 AND asks IS NOT NULL
             RETURNING contact, asks, priority, tries, attempt, began_at, words, sum",
        )?
        .query_row((&key.0,), |row| {
            Ok(Asked {
                contact: row.get(0)?,
                message: row.get(1)?,
                priority: row.get(2)?,
                tries: row.get(3)?,
                attempt: row.get(4)?,
                began_at: row.get(5)?,
                words: row.get(6)?,
                sum: row.get(7)?,
            })
        })
        .optional()?;
    let Some(asked) = asked else { return Ok(false) };
    let Asked { contact, priority, tries, attempt, began_at, .. } = asked;
    let (message, words) = (asked.message.as_str(), asked.words.as_deref());
    // The doubt stays; what its step says about doubt has been answered.
    let (doubtful, on_unknown) = (true, OnUnknown::Resend);
    // The person who says so may well be the one who has the conversation; what there was to tell of the contact was told.
    let (despite_hold, about) = (true, None);
    let key = key.0.as_str();
    // Not reckoned anew: what was damaged while it waited for the person must not leave as whole.
    let sum = asked.sum;
    let send = Waiting {
        contact,
        key,
        message,
        about,
        on_unknown,
        priority,
        tries,
        doubtful,
        attempt,
        began_at,
        words,
        despite_hold,
        sum,
    };
    let outbox = send.append(db, now)?;
    Tally { outbox, unknown: -1, ..Tally::default() }.add(db)?;
    Ok(true)
}

/// A send that waits for a person's word.
struct Asked {
    contact: i64,
    message: String,
    priority: i64,
    tries: u32,
    attempt: i64,
    began_at: Option<i64>,
    words: Option<Vec<u8>>,
    /// That of the send as it will wait again.
    sum: Option<i64>,
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
        Refusal::TooOld => "it waited too long",
        Refusal::Other => "refused",
    }
}
