//! The outbox: one line of sends per contact, of which only the first ever has a due time. Finding the next send to make is
//! then one probe of an index that holds one row per contact, however long the lines are.

use rusqlite::{Connection, OptionalExtension};

use super::sum::{damage, sum};
use super::{contacts, count, evidence, settle, unreadable, unwritable};
use crate::failpoint;
use crate::model::{Contact, ContactId, OnUnknown, Priority, Refusal, SendKey, Timestamp, limits, time};
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
    priority: Priority,
    words: Vec<u8>,
    sum: i64,
}

impl Row {
    /// Done by the caller, because the writer's time is the scarce one.
    pub(super) fn new(send: NewSend) -> Result<Self, StoreError> {
        let message = serde_json::to_string(&send.message).map_err(unwritable)?;
        let words = evidence::digest(send.message.body());
        let about = (!send.about.is_empty()).then(|| serde_json::to_string(&send.about)).transpose().map_err(unwritable)?;
        let sum = seal(&send.key.0, send.on_unknown, &message, about.as_deref());
        Ok(Self { key: send.key.0, message, about, on_unknown: send.on_unknown, priority: send.priority, words, sum })
    }
}

/// The checksum of what must not change between the turn that decided it and the request: the words, and what becomes of doubt.
pub(super) fn seal(key: &str, on_unknown: OnUnknown, message: &str, about: Option<&str>) -> i64 {
    sum(&[key, on_unknown.name(), message, about.unwrap_or_default()])
}

/// Puts sends at the end of the contact's line; tells how many were new.
pub(super) fn append(db: &Connection, contact: i64, sends: &[Row], now: i64) -> rusqlite::Result<i64> {
    let mut new = 0;
    for send in sends {
        // A key is a send's identity for ever: one that waits or was settled is not sent again.
        let settled = db.prepare_cached("SELECT 1 FROM sent WHERE key = ?1")?.exists((&send.key,))?;
        if !settled {
            let line = Waiting {
                contact,
                key: &send.key,
                message: &send.message,
                about: send.about.as_deref(),
                on_unknown: send.on_unknown,
                priority: send.priority as i64,
                tries: 0,
                doubtful: false,
                attempt: 0,
                began_at: None,
                words: Some(&send.words),
                despite_hold: false,
                sum: Some(send.sum),
            };
            new += line.append(db, now)?;
        }
    }
    Ok(new)
}

/// A send on its way into a line.
pub(super) struct Waiting<'a> {
    pub(super) contact: i64,
    pub(super) key: &'a str,
    pub(super) message: &'a str,
    /// As JSON.
    pub(super) about: Option<&'a str>,
    pub(super) on_unknown: OnUnknown,
    /// As stored.
    pub(super) priority: i64,
    pub(super) tries: u32,
    pub(super) doubtful: bool,
    pub(super) attempt: i64,
    pub(super) began_at: Option<i64>,
    pub(super) words: Option<&'a [u8]>,
    /// Whether it leaves while a person has the conversation.
    pub(super) despite_hold: bool,
    /// As [`seal`] gives it; none where what it covers was stored before there were checksums.
    pub(super) sum: Option<i64>,
}

impl Waiting<'_> {
    /// Puts it at the end of the line, where its key does not wait already; tells how many were new, which is 0 or 1.
    pub(super) fn append(&self, db: &Connection, now: i64) -> rusqlite::Result<i64> {
        let priority = Priority::ALL.into_iter().find(|priority| *priority as i64 == self.priority).unwrap_or_default();
        let rank_at = time::millis(time::after(time::from_millis(now), priority.put_off_ms()));
        let behind = db.prepare_cached("SELECT 1 FROM outbox WHERE contact = ?1")?.exists((self.contact,))?;
        let due_at = if behind { None } else { Some(now.max(quiet_until(db, self.contact)?)) };
        let new = db
            .prepare_cached(
                "INSERT INTO outbox (contact, key, message, on_unknown, priority, tries, doubtful, attempt, began_at, words,
                                     stored_at, rank_at, due_at, ready, about, despite_hold, sum)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) ON CONFLICT (key) DO NOTHING",
            )?
            .execute(rusqlite::params![
                self.contact,
                self.key,
                self.message,
                self.on_unknown.name(),
                self.priority,
                self.tries,
                self.doubtful,
                self.attempt,
                self.began_at,
                self.words,
                now,
                rank_at,
                due_at,
                due_at.is_some_and(|due_at| due_at <= now),
                self.about,
                self.despite_hold,
                self.sum,
            ])?;
        if behind {
            // Whoever waits behind a broadcast must not wait as long as a broadcast.
            db.prepare_cached("UPDATE outbox SET rank_at = ?2 WHERE contact = ?1 AND due_at IS NOT NULL AND rank_at > ?2")?
                .execute((self.contact, rank_at))?;
        }
        Ok(new as i64)
    }
}

/// Until when the contact rests; in the past when it does not.
fn quiet_until(db: &Connection, contact: i64) -> rusqlite::Result<i64> {
    let until: Option<Option<i64>> =
        db.prepare_cached("SELECT quiet_until FROM contact WHERE id = ?1")?.query_row((contact,), |row| row.get(0)).optional()?;
    Ok(until.flatten().unwrap_or(i64::MIN))
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
    attempt: u64,
    stored_at: i64,
    evidence_comes: bool,
    /// A person has the conversation, and it was said by none of those who may speak all the same.
    held: bool,
    /// Something proves that it left.
    proven: bool,
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
    make_ready(db, now)?;
    let mut sends = due(db, most, now)?;
    let evidence_comes = evidence::comes(db, now)?;
    for send in &mut sends {
        send.evidence_comes = evidence_comes;
        send.attempt = db
            .prepare_cached(
                "UPDATE outbox SET sending = 1, ready = 0, doubtful = ?2, due_at = ?3, attempt = attempt + 1,
                                   began_at = coalesce(began_at, ?4)
                 WHERE id = ?1 RETURNING attempt",
            )?
            .query_row((send.id, send.doubtful, until, now), |row| count(row, 0))?;
    }
    let held: Vec<Stored> = sends.extract_if(.., |send| send.held).collect();
    refuse_held(db, &held, time::from_millis(now))?;
    // Its owner died, and meanwhile it turned out that it had left: a proof never makes a send leave.
    let left: Vec<Stored> = sends.extract_if(.., |send| send.proven && send.doubtful).collect();
    end_proven(db, &left, time::from_millis(now))?;
    if !sends.is_empty() {
        failpoint::reached("intent.in_transaction");
    }
    let next = db.prepare_cached(NEXT_DUE)?.query_row((now,), |row| row.get::<_, Option<i64>>(0))?;
    // Behind what was ended here the next in line may be due already.
    let next = if held.is_empty() && left.is_empty() { next } else { Some(now) };
    Ok(Claimed { sends, next_due: next.map(time::from_millis) })
}

/// A person has taken the conversation over: what a flow had still to say would come in between, and is given up.
fn refuse_held(db: &Connection, held: &[Stored], now: Timestamp) -> rusqlite::Result<()> {
    let refused = held.iter().map(|send| {
        let detail = "a person took the conversation over before this could leave".to_owned();
        let fate = if send.doubtful { Fate::Unknown { detail } } else { Fate::Refused { refusal: Refusal::Held, detail } };
        Settlement { key: SendKey(send.key.clone()), attempt: send.attempt, fate, rests_until: None }
    });
    settle::store(db, &refused.collect::<Vec<_>>(), now)
}

/// Word that it left came while it was under way, and its own answer never did.
fn end_proven(db: &Connection, left: &[Stored], now: Timestamp) -> rusqlite::Result<()> {
    let ended = left.iter().map(|send| {
        let fate = Fate::Unknown { detail: "its answer was never stored".to_owned() };
        Settlement { key: SendKey(send.key.clone()), attempt: send.attempt, fate, rests_until: None }
    });
    settle::store(db, &ended.collect::<Vec<_>>(), now)
}

/// The earliest due time to come: that of a retry, of a contact that rests, or the end of a lease.
pub(super) const NEXT_DUE: &str = "SELECT min(due_at) FROM outbox WHERE ready = 0 AND due_at IS NOT NULL AND due_at > ?1";
/// Those whose due time has come since the last look, and those whose due time comes from a clock that was set back.
pub(super) const MAKE_READY: [&str; 2] = [
    "UPDATE outbox SET ready = 1 WHERE ready = 0 AND due_at IS NOT NULL AND due_at <= ?1",
    "UPDATE outbox SET ready = 1 WHERE ready = 0 AND due_at IS NOT NULL AND due_at > ?1",
];

/// Each row is moved once, so that a claim looks at no more rows than it gives out, however many are not due yet.
fn make_ready(db: &Connection, now: i64) -> rusqlite::Result<()> {
    for (statement, bound) in MAKE_READY.into_iter().zip([now, now.saturating_add(WAIT_MS_MAX)]) {
        db.prepare_cached(statement)?.execute((bound,))?;
    }
    Ok(())
}

/// Up to `most` sends that are due, best place first.
fn due(db: &Connection, most: usize, now: i64) -> rusqlite::Result<Vec<Stored>> {
    db.prepare_cached(
        "SELECT o.id, o.key, o.contact, c.phone, c.user_id, c.name, v.last_inbound_at, o.message, o.on_unknown, o.tries,
                o.doubtful OR o.sending, o.stored_at, o.about, coalesce(c.held_until > ?2, 0) AND NOT o.despite_hold, o.sum, c.sum,
                o.proven IS NOT NULL
         FROM outbox o JOIN contact c ON c.id = o.contact LEFT JOIN conversation v ON v.contact = o.contact
         WHERE o.ready = 1 ORDER BY o.rank_at, o.id LIMIT ?1",
    )?
    .query_map((i64::try_from(most).unwrap_or(i64::MAX), now), read)?
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
        stored_at: row.get(11)?,
        attempt: 0,
        evidence_comes: false,
        about: row.get(12)?,
        held: row.get(13)?,
        sum: row.get(14)?,
        to_sum: row.get(15)?,
        proven: row.get(16)?,
    })
}

impl Stored {
    /// Reads the JSON; done by the caller, because the writer's time is the scarce one. A send that cannot be read back is
    /// given up, so that those behind it can leave.
    pub(super) fn read(self) -> Result<ClaimedSend, Settlement> {
        let key = SendKey(self.key);
        let give_up = |key, detail| {
            let fate = Fate::Refused { refusal: Refusal::Other, detail };
            Err(Settlement { key, attempt: self.attempt, fate, rests_until: None })
        };
        let parts = [&key.0, &self.on_unknown, &self.message, self.about.as_deref().unwrap_or_default()];
        if let Some(damage) = damage(&parts, self.sum) {
            return give_up(key, format!("the stored message {damage}"));
        }
        if let Some(damage) = damage(&contacts::parts(&self.to), self.to_sum) {
            return give_up(key, format!("who it is for {damage}"));
        }
        match serde_json::from_str(&self.message) {
            Ok(message) => Ok(ClaimedSend {
                about: self.about.and_then(|about| serde_json::from_str(&about).ok()).unwrap_or_default(),
                key,
                contact: ContactId(self.contact),
                to: self.to,
                last_inbound_at: self.last_inbound_at.map(time::from_millis),
                message,
                on_unknown: on_unknown(&self.on_unknown),
                tries: self.tries,
                doubtful: self.doubtful,
                attempt: self.attempt,
                stored_at: time::from_millis(self.stored_at),
                evidence_comes: self.evidence_comes,
            }),
            Err(error) => give_up(key, format!("the stored message {}", unreadable(&error))),
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

/// The next in a contact's line may leave now, or when the contact has rested. Its place is the best of the line, because
/// nobody behind it can leave before it. A first one that is under way or waits for its retry stays as it is: then what ended was
/// one behind it that a person had put there again.
pub(super) fn advance_line(db: &Connection, contact: i64, now: i64) -> rusqlite::Result<()> {
    let next: Option<(i64, bool)> = db
        .prepare_cached("SELECT id, due_at IS NULL FROM outbox WHERE contact = ?1 ORDER BY id LIMIT 1")?
        .query_row((contact,), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((next, true)) = next {
        let due_at = now.max(quiet_until(db, contact)?);
        db.prepare_cached(
            "UPDATE outbox SET due_at = ?2, ready = ?3, rank_at = (SELECT min(rank_at) FROM outbox WHERE contact = ?4)
             WHERE id = ?1",
        )?
        .execute((next, due_at, due_at <= now, contact))?;
    }
    Ok(())
}

/// What to do about doubt, as stored; what cannot be read is not repeated.
fn on_unknown(word: &str) -> OnUnknown {
    OnUnknown::ALL.into_iter().find(|on_unknown| on_unknown.name() == word).unwrap_or(OnUnknown::Skip)
}
