//! The outbox: one line of sends per contact, of which only the first ever has a due time. Finding the next send to make is
//! then one probe of an index that holds one row per contact, however long the lines are.

use rusqlite::{Connection, OptionalExtension};

use super::sum::{damage, sum};
use super::{contacts, settle, unreadable, unwritable};
use crate::failpoint;
use crate::model::{Contact, ContactId, OnUnknown, Refusal, SendKey, Timestamp, limits, time};
use crate::store::{ClaimedSend, Fate, NewSend, Settlement, StoreError};

/// Longer than anything ever has to wait, in milliseconds: what is due later comes from a clock that was set back meanwhile,
/// and is due now.
const WAIT_MS_MAX: i64 = 2 * limits::RETRY_AFTER_SECS_MAX as i64 * 1000;

/// A send, ready to be written.
pub(super) struct Row {
    key: String,
    message: String,
    about: Option<String>,
    on_unknown: OnUnknown,
    sum: i64,
}

impl Row {
    /// Done by the caller, because the writer's time is the scarce one.
    pub(super) fn new(send: NewSend) -> Result<Self, StoreError> {
        let message = serde_json::to_string(&send.message).map_err(unwritable)?;
        let about = (!send.about.is_empty()).then(|| serde_json::to_string(&send.about)).transpose().map_err(unwritable)?;
        let sum = sum(&[&send.key.0, word(send.on_unknown), &message, about.as_deref().unwrap_or_default()]);
        Ok(Self { key: send.key.0, message, about, on_unknown: send.on_unknown, sum })
    }
}

/// Puts sends at the end of the contact's line; tells how many were new.
pub(super) fn append(db: &Connection, contact: i64, sends: &[Row], now: i64) -> rusqlite::Result<i64> {
    let mut new = 0;
    for send in sends {
        // A key is a send's identity for ever: one that waits or was settled is not sent again.
        new += db
            .prepare_cached(
                "INSERT INTO outbox (contact, key, message, on_unknown, about, sum, due_at)
                 SELECT ?1, ?2, ?3, ?4, ?6, ?7, CASE WHEN EXISTS (SELECT 1 FROM outbox WHERE contact = ?1) THEN NULL ELSE ?5 END
                 WHERE NOT EXISTS (SELECT 1 FROM sent WHERE key = ?2)
                 ON CONFLICT (key) DO NOTHING",
            )?
            .execute((contact, &send.key, &send.message, word(send.on_unknown), now, &send.about, send.sum))?;
    }
    Ok(new as i64)
}

/// What waits for this contact was said before a flow handed the conversation to a person: it leaves all the same.
pub(super) fn let_out(db: &Connection, contact: i64) -> rusqlite::Result<()> {
    db.prepare_cached("UPDATE outbox SET despite_hold = 1 WHERE contact = ?1")?.execute((contact,)).map(drop)
}

/// What was claimed, as stored.
#[derive(Default)]
pub(super) struct Claimed {
    pub(super) sends: Vec<Stored>,
    pub(super) next_due: Option<Timestamp>,
}

/// A claimed send, as stored.
pub(super) struct Stored {
    id: i64,
    key: String,
    contact: i64,
    to: Contact,
    last_inbound_at: Option<i64>,
    message: String,
    about: Option<String>,
    on_unknown: String,
    tries: u32,
    doubtful: bool,
    /// A person has the conversation, and it was said by none of those who may speak all the same.
    held: bool,
    sum: Option<i64>,
    to_sum: Option<i64>,
}

/// Marks the intent to make up to `most` sends that are due. One found marked already had an owner whose lease ran out.
pub(super) fn lease(db: &Connection, most: usize, lease_ms: u64, now: Timestamp) -> rusqlite::Result<Claimed> {
    let until = time::millis(time::after(now, lease_ms));
    let now = time::millis(now);
    let paused_until = paused_until(db, now)?;
    if paused_until > now {
        let next: Option<i64> =
            db.prepare_cached("SELECT min(due_at) FROM outbox WHERE due_at IS NOT NULL")?.query_row((), |row| row.get(0))?;
        let next_due = next.map(|due_at| time::from_millis(due_at.max(paused_until)));
        return Ok(Claimed { sends: Vec::new(), next_due });
    }
    let mut sends = due(db, i64::MIN, now, most, now)?;
    sends.extend(due(db, now.saturating_add(WAIT_MS_MAX), i64::MAX, most - sends.len(), now)?);
    let held: Vec<Stored> = sends.extract_if(.., |send| send.held).collect();
    refuse_held(db, &held, time::from_millis(now))?;
    for send in &sends {
        db.prepare_cached("UPDATE outbox SET sending = 1, doubtful = ?2, due_at = ?3 WHERE id = ?1")?.execute((
            send.id,
            send.doubtful,
            until,
        ))?;
    }
    if !sends.is_empty() {
        failpoint::reached("intent.in_transaction");
    }
    let next: Option<i64> =
        db.prepare_cached("SELECT min(due_at) FROM outbox WHERE due_at > ?1")?.query_row((now,), |row| row.get(0))?;
    // Behind what was refused the next in line may be due already.
    let next = if held.is_empty() { next } else { Some(now) };
    Ok(Claimed { sends, next_due: next.map(time::from_millis) })
}

/// A person has taken the conversation over: what a flow had still to say would come in between, and is given up.
fn refuse_held(db: &Connection, held: &[Stored], now: Timestamp) -> rusqlite::Result<()> {
    let refused = held.iter().map(|send| {
        let detail = "a person took the conversation over before this could leave".to_owned();
        let fate = if send.doubtful { Fate::Unknown { detail } } else { Fate::Refused { refusal: Refusal::Held, detail } };
        Settlement { key: SendKey(send.key.clone()), fate }
    });
    settle::store(db, &refused.collect::<Vec<_>>(), now)
}

/// Up to `most` sends with a due time after `from` and not after `to`.
fn due(db: &Connection, from: i64, to: i64, most: usize, now: i64) -> rusqlite::Result<Vec<Stored>> {
    db.prepare_cached(
        "SELECT o.id, o.key, o.contact, c.phone, c.user_id, c.name, v.last_inbound_at, o.message, o.on_unknown, o.tries,
                o.doubtful OR o.sending, o.about, coalesce(c.held_until > ?4, 0) AND NOT o.despite_hold, o.sum, c.sum
         FROM outbox o JOIN contact c ON c.id = o.contact LEFT JOIN conversation v ON v.contact = o.contact
         WHERE o.due_at > ?1 AND o.due_at <= ?2 ORDER BY o.due_at, o.id LIMIT ?3",
    )?
    .query_map((from, to, i64::try_from(most).unwrap_or(i64::MAX), now), read)?
    .collect()
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        id: row.get(0)?,
        key: row.get(1)?,
        contact: row.get(2)?,
        to: contacts::read(row, 3)?,
        last_inbound_at: row.get(6)?,
        message: row.get(7)?,
        on_unknown: row.get(8)?,
        tries: row.get(9)?,
        doubtful: row.get(10)?,
        about: row.get(11)?,
        held: row.get(12)?,
        sum: row.get(13)?,
        to_sum: row.get(14)?,
    })
}

impl Stored {
    /// Reads the JSON; done by the caller, because the writer's time is the scarce one. A send that cannot be read back is
    /// given up, so that those behind it can leave.
    pub(super) fn read(self) -> Result<ClaimedSend, Settlement> {
        let key = SendKey(self.key);
        if let Some(damage) =
            damage(&[&key.0, &self.on_unknown, &self.message, self.about.as_deref().unwrap_or_default()], self.sum)
        {
            let detail = format!("the stored message {damage}");
            return Err(Settlement { key, fate: Fate::Refused { refusal: Refusal::Other, detail } });
        }
        if let Some(damage) = damage(&contacts::parts(&self.to), self.to_sum) {
            let detail = format!("who it is for {damage}");
            return Err(Settlement { key, fate: Fate::Refused { refusal: Refusal::Other, detail } });
        }
        match serde_json::from_str(&self.message) {
            Ok(message) => Ok(ClaimedSend {
                about: self.about.and_then(|about| serde_json::from_str(&about).ok()).unwrap_or_default(),
                key,
                contact: ContactId(self.contact),
                to: self.to,
                last_inbound_at: self.last_inbound_at.map(time::from_millis),
                message,
                on_unknown: if self.on_unknown == word(OnUnknown::Skip) { OnUnknown::Skip } else { OnUnknown::Resend },
                tries: self.tries,
                doubtful: self.doubtful,
            }),
            Err(error) => {
                let detail = format!("the stored message {}", unreadable(&error));
                Err(Settlement { key, fate: Fate::Refused { refusal: Refusal::Other, detail } })
            }
        }
    }
}

/// Until when nothing may leave, in milliseconds since 1970; in the past when nothing is paused.
pub(super) fn paused_until(db: &Connection, now: i64) -> rusqlite::Result<i64> {
    let until: i64 = db.prepare_cached("SELECT paused_until FROM channel")?.query_row((), |row| row.get(0))?;
    Ok(if until > now.saturating_add(WAIT_MS_MAX) { 0 } else { until })
}

/// Stops all sends until then; a longer pause stays, unless it comes from a clock that was set back.
pub(super) fn pause(db: &Connection, until: Timestamp) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE channel SET paused_until = CASE WHEN paused_until > ?1 + ?2 THEN ?1 ELSE max(paused_until, ?1) END",
    )?
    .execute((time::millis(until), WAIT_MS_MAX))
    .map(drop)
}

/// The next in a contact's line may leave now.
pub(super) fn advance_line(db: &Connection, contact: i64, now: i64) -> rusqlite::Result<()> {
    let next: Option<i64> = db
        .prepare_cached("SELECT id FROM outbox WHERE contact = ?1 ORDER BY id LIMIT 1")?
        .query_row((contact,), |row| row.get(0))
        .optional()?;
    if let Some(next) = next {
        db.prepare_cached("UPDATE outbox SET due_at = ?2 WHERE id = ?1")?.execute((next, now))?;
    }
    Ok(())
}

fn word(on_unknown: OnUnknown) -> &'static str {
    match on_unknown {
        OnUnknown::Resend => "resend",
        OnUnknown::Skip => "skip",
    }
}
