//! Leasing contacts that have mail, or a timer that is due.

use rusqlite::{Connection, OptionalExtension};

use super::sum::damage;
use super::{contacts, count, signed, taps, unreadable};
use crate::model::{Contact, ContactId, Conversation, Timestamp, time};
use crate::store::{Claim, INBOX_PER_CLAIM_MAX, Mail};

/// What was claimed, as stored.
pub(super) struct Claimed {
    pub(super) contacts: Vec<Row>,
    pub(super) next_due: Option<Timestamp>,
}

/// A claimed contact, as stored.
pub(super) struct Row {
    contact: i64,
    epoch: u64,
    person: Contact,
    person_sum: Option<i64>,
    /// With its checksum.
    state: Option<(String, Option<i64>)>,
    /// Numbers of the last message taken and of the last one accepted.
    head: u64,
    tail: u64,
    inbox: Vec<StoredMail>,
}

/// A message as stored.
struct StoredMail {
    seq: u64,
    at: i64,
    json: String,
    sum: Option<i64>,
}

/// A claimed contact that cannot be read back.
pub(super) struct Unreadable {
    pub(super) contact: i64,
    pub(super) epoch: u64,
    pub(super) why: String,
}

/// What of the room in a claim timers have for themselves, as a divisor: a flood of mail must not keep them from firing.
const TIMERS_SHARE: i64 = 4;
/// Contacts of which only a timer wants something, in the words of the index `contact_wakes`, which holds nobody else.
macro_rules! asleep {
    ($question:literal, $rest:literal) => {
        concat!($question, " wakes_at IS NOT NULL AND leased = 0 AND due_at IS NULL AND parked IS NULL ", $rest)
    };
}
/// Those whose timers are due.
pub(super) const WOKEN: &str = asleep!("SELECT id FROM contact WHERE", "AND wakes_at <= ?1 ORDER BY wakes_at, id LIMIT ?2");
/// When the next one will be.
pub(super) const NEXT_TO_WAKE: &str =
    asleep!("SELECT wakes_at FROM contact WHERE", "AND wakes_at > ?1 ORDER BY wakes_at LIMIT 1");

/// Leases up to `most` contacts: those whose lease ran out first, then whoever has waited longest, then those whose timers are
/// due. Waiting mail is due whatever the clock says, so that a clock set back cannot hide it.
pub(super) fn lease(db: &Connection, most: usize, lease_ms: u64, now: Timestamp) -> rusqlite::Result<Claimed> {
    let until = time::millis(time::after(now, lease_ms));
    let now = time::millis(now);
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let lost = "SELECT id FROM contact WHERE leased = 1 AND due_at <= ?1 ORDER BY due_at, id LIMIT ?2";
    let mut due = numbers(db, lost, (now, most))?;
    let room = most - due.len() as i64;
    let woken = numbers(db, WOKEN, (now, room))?;
    let kept = (woken.len() as i64).min(room / TIMERS_SHARE);
    taps::let_go(db, now)?;
    let waiting =
        "SELECT id FROM contact WHERE leased = 0 AND due_at IS NOT NULL AND id_until IS NULL ORDER BY due_at, id LIMIT ?1";
    due.extend(numbers(db, waiting, (room - kept,))?);
    let room = usize::try_from(most).unwrap_or(usize::MAX).saturating_sub(due.len());
    due.extend(woken.into_iter().take(room));
    let contacts = due.into_iter().map(|contact| take(db, contact, until)).collect::<Result<_, _>>()?;
    Ok(Claimed { contacts, next_due: next_due(db, now)?.map(time::from_millis) })
}

/// The earliest moment after `now` at which a lease ends or a timer falls due.
fn next_due(db: &Connection, now: i64) -> rusqlite::Result<Option<i64>> {
    let lease_ends = db
        .prepare_cached("SELECT min(due_at) FROM contact WHERE leased = 1 AND due_at > ?1")?
        .query_row((now,), |row| row.get::<_, Option<i64>>(0))?;
    let wakes = db.prepare_cached(NEXT_TO_WAKE)?.query_row((now,), |row| row.get(0)).optional()?;
    Ok(lease_ends.into_iter().chain(wakes).chain(taps::next_let_go(db)?).min())
}

fn numbers(db: &Connection, question: &str, bounds: impl rusqlite::Params) -> rusqlite::Result<Vec<i64>> {
    db.prepare_cached(question)?.query_map(bounds, |row| row.get(0))?.collect()
}

fn take(db: &Connection, contact: i64, until: i64) -> rusqlite::Result<Row> {
    let (epoch, person, head, tail, person_sum): (u64, Contact, u64, u64, Option<i64>) = db
        .prepare_cached(
            "UPDATE contact SET epoch = epoch + 1, leased = 1, due_at = ?2 WHERE id = ?1
             RETURNING epoch, phone, user_id, name, head, tail, sum",
        )?
        .query_row((contact, until), |row| {
            Ok((count(row, 0)?, contacts::read(row, 1)?, count(row, 4)?, count(row, 5)?, row.get(6)?))
        })?;
    let state = db
        .prepare_cached("SELECT state, sum FROM conversation WHERE contact = ?1")?
        .query_row((contact,), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let inbox = db
        .prepare_cached("SELECT seq, at, inbound, sum FROM inbox WHERE contact = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3")?
        .query_map((contact, signed(head), INBOX_PER_CLAIM_MAX as i64), |row| {
            Ok(StoredMail { seq: count(row, 0)?, at: row.get(1)?, json: row.get(2)?, sum: row.get(3)? })
        })?
        .collect::<Result<_, _>>()?;
    Ok(Row { contact, epoch, person, person_sum, state, head, tail, inbox })
}

impl Row {
    /// Reads the JSON; done by the caller, because the writer's time is the scarce one.
    pub(super) fn read(self) -> Result<Claim, Unreadable> {
        let stop =
            |what: &str, why: String| Unreadable { contact: self.contact, epoch: self.epoch, why: format!("{what} {why}") };
        if let Some(damage) = damage(&contacts::parts(&self.person), self.person_sum) {
            return Err(stop("who the contact is", damage));
        }
        let mut conversation = match &self.state {
            Some((state, sum)) => {
                let contact = self.contact.to_string();
                if let Some(damage) = damage(&[&contact, state], *sum) {
                    return Err(stop("the conversation", damage));
                }
                serde_json::from_str(state).map_err(|error| stop("the conversation", unreadable(&error)))?
            }
            None => Conversation::default(),
        };
        conversation.contact = self.person;
        let expected = self.tail.saturating_sub(self.head).min(INBOX_PER_CLAIM_MAX as u64);
        if self.inbox.len() as u64 != expected || !self.inbox.iter().zip(self.head + 1..).all(|(mail, seq)| mail.seq == seq) {
            return Err(stop("the mailbox", format!("is damaged: messages after {} are missing", self.head)));
        }
        let inbox = self.inbox.iter().map(|mail| {
            let what = || format!("message {}", mail.seq);
            if let Some(damage) = damage(&[&mail.json], mail.sum) {
                return Err(stop(&what(), damage));
            }
            let inbound = serde_json::from_str(&mail.json).map_err(|error| stop(&what(), unreadable(&error)))?;
            Ok(Mail { seq: mail.seq, at: time::from_millis(mail.at), inbound })
        });
        let inbox = inbox.collect::<Result<_, Unreadable>>()?;
        Ok(Claim { contact: ContactId(self.contact), epoch: self.epoch, conversation, inbox })
    }
}

/// Sets contacts aside that cannot be read back, so that they hold up nobody else. Their mail stays; the next start tries again.
pub(super) fn park(db: &Connection, contacts: &[Unreadable]) -> rusqlite::Result<()> {
    for unreadable in contacts {
        db.prepare_cached(
            "UPDATE contact SET leased = 0, due_at = NULL, parked = ?3 WHERE id = ?1 AND epoch = ?2 AND leased = 1",
        )?
        .execute((unreadable.contact, signed(unreadable.epoch), &unreadable.why))?;
    }
    Ok(())
}
