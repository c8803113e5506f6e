//! What proves that a send left although no answer said so: the provider's word about a message, a tap on its button, and an
//! answer that came after its attempt was given up.
//!
//! A proof never makes a send leave: it ends one that waits to be repeated, changes one that was unknown into one that was sent,
//! or tells of one that was repeated that both copies left.

use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};

use super::accept::rank;
use super::outbox::advance_line;
use super::persons;
use super::tally::Tally;
use crate::model::{Receipt, ReceiptStatus, time};

/// Bytes of a text's digest that are kept. Enough that two texts to one person never share it.
const DIGEST_BYTES: usize = 16;
/// How long word about unknown messages is kept, in milliseconds: an hour. Our own answer comes within 35 seconds and the two
/// webhooks within seconds of each other; the rest is for their repetitions.
pub(super) const EARLY_KEPT_MS: i64 = 60 * 60 * 1000;
/// Unknown messages of which word is kept. People and campaigns send from the provider's dashboard too.
pub(super) const EARLY_MAX: i64 = 20_000;
/// How lately text and recipient must have come for more evidence to be expected, in milliseconds.
const LATELY_MS: i64 = 60 * 60 * 1000;

/// By what a text is recognised. Spaces at its ends do not count: providers trim.
pub(super) fn digest(text: &str) -> Vec<u8> {
    Sha256::digest(text.trim().as_bytes())[..DIGEST_BYTES].to_vec()
}

/// Word about a message. Of one that no send of ours has the id of it is kept for a while: our own answer may come after it, or
/// never. The same word again changes nothing.
pub(super) fn note(db: &Connection, receipt: &Receipt, now: i64, tally: &mut Tally) -> rusqlite::Result<()> {
    let message = receipt.message.0.as_str();
    let status_at = receipt.at.map_or(now, time::millis);
    let ours = db.prepare_cached("SELECT 1 FROM sent WHERE message = ?1")?.exists((message,))?;
    if ours {
        say(db, message, rank(receipt.status), status_at, &receipt.error)?;
        return note_channel(db, receipt, now);
    }
    let contact = match &receipt.to {
        Some(phone) => db
            .prepare_cached("SELECT contact FROM alias WHERE kind = 'phone' AND value = ?1")?
            .query_row((phone.digits(),), |row| row.get::<_, i64>(0))
            .optional()?,
        None => None,
    };
    let words = receipt.text.as_deref().map(digest);
    let text = receipt.text.as_deref().filter(|_| receipt.is_free);
    db.prepare_cached(
        "INSERT INTO early (message, status, status_at, detail, contact, words, at, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (message) DO UPDATE SET
             status_at = CASE WHEN excluded.status > status THEN excluded.status_at ELSE status_at END,
             detail = CASE WHEN excluded.status > status AND excluded.detail <> '' THEN excluded.detail ELSE detail END,
             status = max(status, excluded.status),
             contact = coalesce(excluded.contact, contact),
             words = coalesce(excluded.words, words),
             text = coalesce(excluded.text, text)",
    )?
    .execute((message, rank(receipt.status), status_at, &receipt.error, contact, words, now, text))?;
    let joined: Option<(i64, Vec<u8>, i64, Option<String>)> = db
        .prepare_cached(
            "SELECT contact, words, at, text FROM early WHERE message = ?1 AND contact IS NOT NULL AND words IS NOT NULL",
        )?
        .query_row((message,), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((contact, words, at, text)) = joined else { return Ok(()) };
    match text {
        _ if recognise(db, message, contact, &words, at, now, tally)? => Ok(()),
        Some(text) if persons::is_theirs(db, contact, now)? => persons::wrote(db, contact, message, text, now, tally),
        Some(_) | None => Ok(()),
    }
}

/// Notes what the provider's webhooks tell about messages that are surely ours.
fn note_channel(db: &Connection, receipt: &Receipt, now: i64) -> rusqlite::Result<()> {
    if receipt.text.is_some() {
        db.prepare_cached("UPDATE channel SET words_at = ?1")?.execute((now,))?;
    }
    if receipt.to.is_some() {
        db.prepare_cached("UPDATE channel SET recipient_at = ?1")?.execute((now,))?;
    }
    Ok(())
}

/// Whether text and recipient of our messages came lately, so that a lost answer can be made up for.
pub(super) fn comes(db: &Connection, now: i64) -> rusqlite::Result<bool> {
    let (words_at, recipient_at): (i64, i64) =
        db.prepare_cached("SELECT words_at, recipient_at FROM channel")?.query_row((), |row| Ok((row.get(0)?, row.get(1)?)))?;
    let lately = |at: i64| (now - LATELY_MS..=now).contains(&at);
    Ok(lately(words_at) && lately(recipient_at))
}

/// A message of the provider's whose recipient and text are known: if it is one of our sends in doubt, that is proven, and told. Of several
/// with the same text the oldest is meant; to the contact they are the same.
fn recognise(
    db: &Connection,
    message: &str,
    contact: i64,
    words: &[u8],
    at: i64,
    now: i64,
    tally: &mut Tally,
) -> rusqlite::Result<bool> {
    let waiting: Option<String> = db
        .prepare_cached(
            "SELECT key FROM outbox WHERE contact = ?1 AND words = ?2 AND (doubtful = 1 OR sending = 1 OR tries > 0) AND proven IS NULL
                 AND began_at <= ?3 ORDER BY id LIMIT 1",
        )?
        .query_row((contact, words, at), |row| row.get(0))
        .optional()?;
    let settled = "SELECT key FROM sent WHERE contact = ?1 AND words = ?2 AND words IS NOT NULL AND double IS NULL
         AND coalesce(began_at, at) <= ?3 AND (outcome = 'unknown' OR (resent = 1 AND message IS NOT ?4)) ORDER BY rowid LIMIT 1";
    let key = match waiting {
        Some(key) => Some(key),
        None => db.prepare_cached(settled)?.query_row((contact, words, at, message), |row| row.get(0)).optional()?,
    };
    match key {
        Some(key) => prove(db, contact, &key, Some(message), "receipts", now, tally).map(|()| true),
        None => Ok(false),
    }
}

/// `key` is known to have left, with the provider's id `message` where that is known too.
pub(super) fn prove(
    db: &Connection,
    contact: i64,
    key: &str,
    message: Option<&str>,
    evidence: &str,
    now: i64,
    tally: &mut Tally,
) -> rusqlite::Result<()> {
    let waiting: Option<(bool, bool)> = db
        .prepare_cached("SELECT sending, doubtful OR tries > 0 FROM outbox WHERE key = ?1 AND contact = ?2 AND attempt > 0")?
        .query_row((key, contact), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match waiting {
        // Its own answer may still come, and then tells whether this was another copy.
        Some((true, _)) => db
            .prepare_cached(
                "UPDATE outbox SET proven = CASE WHEN proven IS NULL OR proven LIKE '%:' THEN ?2 ELSE proven END WHERE key = ?1",
            )?
            .execute((key, format!("{evidence}:{}", message.unwrap_or(""))))
            .map(drop),
        Some((false, true)) => {
            end(db, key, message, evidence, now)?;
            *tally += Tally { sent: 1, outbox: -1, ..Tally::default() };
            advance_line(db, contact, now)
        }
        // Every attempt so far surely did not leave, whatever this is. (One that the provider says has failed is not as sure: it
        // counts as a try, and the network behind the provider may have taken it all the same.)
        Some((false, false)) => Ok(()),
        None => prove_settled(db, contact, key, message, evidence, tally),
    }
}

fn prove_settled(
    db: &Connection,
    contact: i64,
    key: &str,
    message: Option<&str>,
    evidence: &str,
    tally: &mut Tally,
) -> rusqlite::Result<()> {
    let proven = db
        .prepare_cached(
            "UPDATE sent SET outcome = 'sent', message = ?3, evidence = ?4, asks = NULL, status = ?5, status_at = at
             WHERE key = ?1 AND contact = ?2 AND outcome = 'unknown'",
        )?
        .execute((key, contact, message, evidence, rank(ReceiptStatus::Sent)))?;
    if proven > 0 {
        *tally += Tally { sent: 1, unknown: -1, ..Tally::default() };
    } else if let Some(message) = message {
        // A tap on either copy tells which one it was; the copy that our answer named is no news.
        let double = db
            .prepare_cached(
                "UPDATE sent SET double = ?3 WHERE key = ?1 AND contact = ?2 AND outcome = 'sent' AND resent = 1
                     AND double IS NULL AND message IS NOT NULL AND message <> ?3",
            )?
            .execute((key, contact, message))?;
        tally.doubles += double as i64;
    }
    match message {
        Some(message) => join(db, message),
        None => Ok(()),
    }
}

/// Moves a send that waits to be repeated among those that left.
fn end(db: &Connection, key: &str, message: Option<&str>, evidence: &str, now: i64) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO sent (key, contact, outcome, message, status, status_at, tries, at, evidence, attempt, began_at, priority)
         SELECT key, contact, 'sent', ?2, ?3, ?4, tries, ?4, ?5, attempt, began_at, priority FROM outbox WHERE key = ?1",
    )?
    .execute((key, message, rank(ReceiptStatus::Sent), now, evidence))?;
    db.prepare_cached("DELETE FROM outbox WHERE key = ?1")?.execute((key,))?;
    match message {
        Some(message) => join(db, message),
        None => Ok(()),
    }
}

/// Word about `message` that came before we knew that it is ours.
pub(super) fn join(db: &Connection, message: &str) -> rusqlite::Result<()> {
    let early: Option<(i64, i64, String)> = db
        .prepare_cached("DELETE FROM early WHERE message = ?1 RETURNING status, status_at, detail")?
        .query_row((message,), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    match early {
        Some((status, status_at, detail)) => say(db, message, status, status_at, &detail),
        None => Ok(()),
    }
}

/// A later status outranks an earlier one, however they arrive.
fn say(db: &Connection, message: &str, status: i64, status_at: i64, detail: &str) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE sent SET status = ?2, status_at = ?3, detail = CASE WHEN ?4 = '' THEN detail ELSE ?4 END
         WHERE message = ?1 AND (status IS NULL OR status < ?2)",
    )?
    .execute((message, status, status_at, detail))
    .map(drop)
}

/// Forgets what is too old or too much, oldest first, in bites: twice what came in, so that forgetting keeps up.
pub(super) fn prune(db: &Connection, came: usize, now: i64) -> rusqlite::Result<()> {
    db.prepare_cached(
        "DELETE FROM early WHERE id IN (SELECT id FROM early ORDER BY id LIMIT ?1)
             AND (at < ?2 OR id <= (SELECT max(id) FROM early) - ?3)",
    )?
    .execute(((came * 2 + 16) as i64, now.saturating_sub(EARLY_KEPT_MS), EARLY_MAX))
    .map(drop)
}
