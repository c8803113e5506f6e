//! Taps that come twice: with both of the provider's webhooks on, the signed event may tell a tapped button's title only, and the
//! forwarded body its id, in either order.
//!
//! The id must not be lost and the tap must not count twice. A tap without an id waits [`HELD_MS`] for it, where ids came lately
//! at all; the id then takes its place in the mailbox. Once it was taken by its title, the id is a double, unless the title
//! led nowhere: then nothing was done that could be done twice, and the id is taken as a tap of its own.

use rusqlite::{Connection, OptionalExtension};

use super::signed;
use super::sum::sum;
use crate::model::{Content, Inbound};

/// How long a tap without an id waits for it, in milliseconds. The webhooks come within moments of each other.
pub(super) const HELD_MS: i64 = 2_000;
/// How long after a tap with an id more of them are expected, in milliseconds: a week.
const IDS_EXPECTED_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// By how much the note of the last id may be behind, in milliseconds: it is not written with every tap.
const NOTE_BEHIND_MS: i64 = 60 * 60 * 1000;

/// What a second delivery of a tap does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Completes {
    /// Nothing: it is a double.
    Nothing,
    /// It gave the waiting tap its id.
    Waiting,
    /// The first one led nowhere: it is to be taken by itself.
    Later,
}

/// Whether it is a tap with an id.
pub(super) fn has_id(inbound: &Inbound) -> bool {
    matches!(inbound.content, Content::Tapped { id: Some(_), .. })
}

/// Whether it is a tap without an id.
pub(super) fn has_no_id(inbound: &Inbound) -> bool {
    matches!(inbound.content, Content::Tapped { id: None, .. })
}

/// Notes that the provider tells ids.
pub(super) fn note_id(db: &Connection, now: i64) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE channel SET tapped_at = ?1 WHERE tapped_at < ?1 - ?2 OR tapped_at > ?1")?
        .execute((now, NOTE_BEHIND_MS))
        .map(drop)
}

/// A tap without an id was just put into the mailbox, as its last message: it waits where ids are expected.
pub(super) fn hold(db: &Connection, contact: i64, event: &str, now: i64) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE seen SET titled = 1 WHERE event = ?1")?.execute((event,))?;
    db.prepare_cached("UPDATE inbox SET titled = 1 WHERE contact = ?1 AND seq = (SELECT tail FROM contact WHERE id = ?1)")?
        .execute((contact,))?;
    db.prepare_cached(
        "UPDATE contact SET id_until = coalesce(id_until, ?2 + ?3)
         WHERE id = ?1 AND (SELECT tapped_at FROM channel) BETWEEN ?2 - ?4 AND ?2",
    )?
    .execute((contact, now, HELD_MS, IDS_EXPECTED_MS))
    .map(drop)
}

/// What `inbound`, of which the id was seen before, does to the tap that came first.
pub(super) fn completes(db: &Connection, inbound: &Inbound, json: &str) -> rusqlite::Result<Completes> {
    if !has_id(inbound) {
        return Ok(Completes::Nothing);
    }
    let event = inbound.id.0.as_str();
    let titled: Option<i64> =
        db.prepare_cached("SELECT titled FROM seen WHERE event = ?1")?.query_row((event,), |row| row.get(0)).optional()?;
    match titled {
        Some(2) => {
            db.prepare_cached("UPDATE seen SET titled = 0 WHERE event = ?1")?.execute((event,))?;
            Ok(Completes::Later)
        }
        Some(1) => give_id(db, inbound, json),
        Some(_) | None => Ok(Completes::Nothing),
    }
}

/// Gives the tap that waits its id. Its contact is found by the names that both deliveries have. A damaged message is passed over,
/// so that it holds up only itself.
fn give_id(db: &Connection, inbound: &Inbound, json: &str) -> rusqlite::Result<Completes> {
    let phone = inbound.sender.phone.as_ref().map(|phone| phone.digits());
    let row: Option<(i64, i64)> = db
        .prepare_cached(
            "SELECT i.contact, i.seq FROM alias a JOIN inbox i ON i.contact = a.contact
             WHERE ((a.kind = 'phone' AND a.value = ?1) OR (a.kind = 'user_id' AND a.value = ?2))
                 AND i.titled = 1 AND CASE WHEN json_valid(i.inbound) THEN json_extract(i.inbound, '$.id') = ?3 END LIMIT 1",
        )?
        .query_row((phone, &inbound.sender.user_id, &inbound.id.0), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((contact, seq)) = row else { return Ok(Completes::Nothing) };
    // A lane may have it already: then the number 2 tells the commit that its id has come meanwhile.
    db.prepare_cached(
        "UPDATE inbox SET inbound = ?3, sum = ?4, titled = CASE WHEN (SELECT leased FROM contact WHERE id = ?1) = 1 THEN 2 ELSE 0 END
         WHERE contact = ?1 AND seq = ?2",
    )?
    .execute((contact, seq, json, sum(&[json])))?;
    db.prepare_cached("UPDATE seen SET titled = 0 WHERE event = ?1")?.execute((&inbound.id.0,))?;
    db.prepare_cached(
        "UPDATE contact SET id_until = NULL
         WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM inbox WHERE contact = ?1 AND titled = 1)",
    )?
    .execute((contact,))?;
    Ok(Completes::Waiting)
}

/// Lets go of contacts whose time is over, and of those whose time comes from a clock that was set back.
pub(super) fn let_go(db: &Connection, now: i64) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE contact SET id_until = NULL WHERE id_until IS NOT NULL AND (id_until <= ?1 OR id_until > ?1 + ?2)")?
        .execute((now, HELD_MS))
        .map(drop)
}

/// When the next contact is let go.
pub(super) fn next_let_go(db: &Connection) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached("SELECT min(id_until) FROM contact WHERE id_until IS NOT NULL")?.query_row((), |row| row.get(0))
}

/// Of the messages taken, those that led nowhere: their id may still come, or has come while they were taken. Gives the messages
/// whose id has come, with their checksums. Must run before they are deleted.
pub(super) fn led_nowhere(db: &Connection, contact: i64, taken: &[u64]) -> rusqlite::Result<Vec<(String, Option<i64>)>> {
    let mut came = Vec::new();
    for seq in taken {
        let row: Option<(i64, String, Option<i64>)> = db
            .prepare_cached("SELECT titled, inbound, sum FROM inbox WHERE contact = ?1 AND seq = ?2")?
            .query_row((contact, signed(*seq)), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        match row {
            Some((2, json, sum)) => came.push((json, sum)),
            Some((1, json, _)) => {
                db.prepare_cached("UPDATE seen SET titled = 2 WHERE event = json_extract(?1, '$.id')")?.execute((json,))?;
            }
            Some(_) | None => {}
        }
    }
    Ok(came)
}

/// Puts messages whose id came while they were taken into the mailbox again; tells how many. They keep their checksums: one that
/// is damaged meanwhile must not count as whole.
pub(super) fn again(db: &Connection, contact: i64, messages: Vec<(String, Option<i64>)>, now: i64) -> rusqlite::Result<i64> {
    let count = messages.len() as i64;
    for (json, sum) in messages {
        let seq: i64 = db
            .prepare_cached("UPDATE contact SET tail = tail + 1, due_at = coalesce(due_at, ?2) WHERE id = ?1 RETURNING tail")?
            .query_row((contact, now), |row| row.get(0))?;
        db.prepare_cached("INSERT INTO inbox (contact, seq, at, inbound, sum) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute((contact, seq, now, json, sum))?;
    }
    Ok(count)
}
