//! Requests to other systems. Unlike sends they stand in no line: each is due by itself.

use rusqlite::{Connection, OptionalExtension};

use super::accept::{is_new, put_mail};
use super::tally::Tally;
use super::{contacts, unreadable, unwritable};
use crate::model::{
    CallAnswer, CallFailure, Contact, ContactId, Content, EventId, Inbound, RequestKey, Sender, Timestamp, limits, time,
};
use crate::store::{ClaimedRequest, NewRequest, RequestFate, RequestSettlement, Requested, StoreError};

/// Longer than anything ever has to wait, in milliseconds: what is due later comes from a clock that was set back meanwhile, and is
/// due now.
const WAIT_MS_MAX: i64 = 2 * limits::REQUEST_WAIT_MS_MAX as i64;

const CALL: &str = "call";
const EMIT: &str = "emit";

/// A request, ready to be written.
pub(super) struct Row {
    key: String,
    kind: &'static str,
    what: String,
}

impl Row {
    /// Done by the caller, because the writer's time is the scarce one.
    pub(super) fn new(request: NewRequest) -> Result<Self, StoreError> {
        let kind = match request.what {
            Requested::Call(_) => CALL,
            Requested::Emit(_) => EMIT,
        };
        let what = serde_json::to_string(&request.what).map_err(unwritable)?;
        Ok(Self { key: request.key.0, kind, what })
    }
}

/// Stores a contact's requests; tells how many were new.
pub(super) fn append(db: &Connection, contact: i64, requests: &[Row], now: i64) -> rusqlite::Result<i64> {
    let mut new = 0;
    for request in requests {
        // A key is a request's identity for ever: one that is open is not stored a second time.
        new += db
            .prepare_cached(
                "INSERT INTO request (contact, key, kind, what, due_at, stored_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)
                 ON CONFLICT (key) DO NOTHING",
            )?
            .execute((contact, &request.key, request.kind, &request.what, now))?;
    }
    Ok(new as i64)
}

/// What was claimed, as stored.
#[derive(Default)]
pub(super) struct Claimed {
    pub(super) requests: Vec<Stored>,
    pub(super) next_due: Option<Timestamp>,
}

/// A claimed request, as stored.
pub(super) struct Stored {
    id: i64,
    key: String,
    contact: i64,
    person: Contact,
    kind: String,
    what: String,
    tries: u32,
    lost: u32,
    doubtful: bool,
    stored_at: i64,
}

/// Marks the intent to make up to `most` requests that are due. One found marked already had an owner whose lease ran out.
pub(super) fn lease(db: &Connection, most: usize, lease_ms: u64, now: Timestamp) -> rusqlite::Result<Claimed> {
    let until = time::millis(time::after(now, lease_ms));
    let now = time::millis(now);
    let mut requests = due(db, i64::MIN, now, most)?;
    requests.extend(due(db, now.saturating_add(WAIT_MS_MAX), i64::MAX, most - requests.len())?);
    for request in &requests {
        db.prepare_cached("UPDATE request SET sending = 1, lost = ?2, doubtful = ?3, due_at = ?4 WHERE id = ?1")?.execute((
            request.id,
            request.lost,
            request.doubtful,
            until,
        ))?;
    }
    let next: Option<i64> =
        db.prepare_cached("SELECT min(due_at) FROM request WHERE due_at > ?1")?.query_row((now,), |row| row.get(0))?;
    Ok(Claimed { requests, next_due: next.map(time::from_millis) })
}

/// Up to `most` requests with a due time after `from` and not after `to`.
fn due(db: &Connection, from: i64, to: i64, most: usize) -> rusqlite::Result<Vec<Stored>> {
    db.prepare_cached(
        "SELECT r.id, r.key, r.contact, c.phone, c.user_id, c.name, r.kind, r.what, r.tries, r.lost + r.sending,
                r.doubtful OR r.sending, r.stored_at
         FROM request r JOIN contact c ON c.id = r.contact
         WHERE r.due_at > ?1 AND r.due_at <= ?2 ORDER BY r.due_at, r.id LIMIT ?3",
    )?
    .query_map((from, to, i64::try_from(most).unwrap_or(i64::MAX)), read)?
    .collect()
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Stored> {
    Ok(Stored {
        id: row.get(0)?,
        key: row.get(1)?,
        contact: row.get(2)?,
        person: contacts::read(row, 3)?,
        kind: row.get(6)?,
        what: row.get(7)?,
        tries: row.get(8)?,
        lost: row.get(9)?,
        doubtful: row.get(10)?,
        stored_at: row.get(11)?,
    })
}

impl Stored {
    /// Reads the JSON; done by the caller, because the writer's time is the scarce one. A request that cannot be read back is
    /// given up; a conversation that waits for its answer hears so.
    pub(super) fn read(self) -> Result<ClaimedRequest, RequestSettlement> {
        let key = RequestKey(self.key);
        match serde_json::from_str(&self.what) {
            Ok(what) => Ok(ClaimedRequest {
                key,
                contact: ContactId(self.contact),
                person: self.person,
                what,
                stored_at: time::from_millis(self.stored_at),
                tries: self.tries,
                lost: self.lost,
                doubtful: self.doubtful,
            }),
            Err(error) => {
                let detail = format!("the stored request {}", unreadable(&error));
                let fate = if self.kind == CALL {
                    RequestFate::Answered { answer: CallAnswer::Failed { why: CallFailure::Unreached, detail } }
                } else {
                    RequestFate::GaveUp
                };
                Err(RequestSettlement { key, fate })
            }
        }
    }
}

/// A settlement, ready to be written.
pub(super) struct Settled {
    key: String,
    fate: Written,
}

enum Written {
    Retry {
        at: i64,
        doubtful: bool,
        counts: bool,
    },
    /// The answer as mail, and the id of its event.
    Answered {
        event: String,
        mail: String,
    },
    Delivered,
    GaveUp,
}

impl Settled {
    /// Done by the caller, because the writer's time is the scarce one.
    pub(super) fn new(settlement: RequestSettlement) -> Result<Self, StoreError> {
        let key = settlement.key;
        let fate = match settlement.fate {
            RequestFate::Retry { at, doubtful, counts } => Written::Retry { at: time::millis(at), doubtful, counts },
            RequestFate::Answered { answer } => {
                // Nobody is the sender: what mail tells of its sender would be taken for the contact's newest name.
                let content = Content::Answered { call: key.clone(), answer };
                let inbound = Inbound { id: answer_id(&key), sender: Sender::default(), sent_at: None, content };
                let mail = serde_json::to_string(&inbound).map_err(unwritable)?;
                Written::Answered { event: inbound.id.0, mail }
            }
            RequestFate::Delivered => Written::Delivered,
            RequestFate::GaveUp => Written::GaveUp,
        };
        Ok(Self { key: key.0, fate })
    }
}

/// The event by which an answer comes: the same whoever settles, so that no answer is told twice.
fn answer_id(key: &RequestKey) -> EventId {
    EventId(format!("answer-{key}"))
}

/// Records each; one about a request that is settled already changes nothing.
pub(super) fn settle(db: &Connection, settlements: &[Settled], now: Timestamp) -> rusqlite::Result<()> {
    let now = time::millis(now);
    let mut tally = Tally::default();
    for Settled { key, fate } in settlements {
        match fate {
            Written::Retry { at, doubtful, counts } => retry(db, key, *at, *doubtful, *counts)?,
            Written::Answered { event, mail } => {
                let Some(contact) = finish(db, key)? else { continue };
                tally.requests -= 1;
                if is_new(db, event, now)? {
                    put_mail(db, contact, &Sender::default(), mail, now)?;
                    tally.inbox += 1;
                }
            }
            Written::Delivered => tally.requests -= i64::from(finish(db, key)?.is_some()),
            Written::GaveUp => {
                let ended = i64::from(finish(db, key)?.is_some());
                tally.requests -= ended;
                tally.given_up += ended;
            }
        }
    }
    tally.add(db)
}

/// Only a request under way can be tried again: one that waits has an attempt before it anyway.
fn retry(db: &Connection, key: &str, at: i64, doubtful: bool, counts: bool) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE request SET sending = 0, due_at = ?2, doubtful = doubtful OR ?3, tries = tries + ?4 WHERE key = ?1 AND sending = 1",
    )?
    .execute((key, at, doubtful, counts))
    .map(drop)
}

/// Takes the request out; gives whose it was, or nothing when it was settled before.
fn finish(db: &Connection, key: &str) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached("DELETE FROM request WHERE key = ?1 RETURNING contact")?.query_row((key,), |row| row.get(0)).optional()
}
