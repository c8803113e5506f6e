//! Commit 2: what was decided.

use rusqlite::{Connection, OptionalExtension};

use super::sum::sum;
use super::tally::Tally;
use super::{evidence, outbox, requests, signed, taps, unwritable};
use crate::failpoint;
use crate::model::{Contact, Conversation, Timestamp, time};
use crate::store::{NewHistory, NewSend, Proof, StoreError, Taken};

/// A claimed contact's work, ready to be written.
pub(super) struct Row {
    contact: i64,
    epoch: u64,
    head: u64,
    state: String,
    sum: i64,
    /// Flow and step of the waiting session.
    waits: Option<(String, String)>,
    last_inbound_at: Option<i64>,
    /// When its first timer falls due.
    wakes_at: Option<i64>,
    /// Until when a person has the conversation.
    held_until: Option<i64>,
    sends: Vec<outbox::Row>,
    proofs: Vec<Proof>,
    led_nowhere: Vec<u64>,
    requests: Vec<requests::Row>,
    history: Vec<NewHistory>,
}

impl Row {
    /// Done by the caller, because the writer's time is the scarce one.
    pub(super) fn new(taken: Taken) -> Result<Self, StoreError> {
        // The person is on the contact's row, where a number changed meanwhile is not overwritten.
        let conversation = Conversation { contact: Contact::default(), ..taken.conversation };
        let session = conversation.session.as_ref();
        let state = serde_json::to_string(&conversation).map_err(unwritable)?;
        Ok(Self {
            contact: taken.contact.0,
            epoch: taken.epoch,
            head: taken.head,
            sum: sum(&[&taken.contact.0.to_string(), &state]),
            state,
            waits: session.map(|session| (session.flow.to_string(), session.step.to_string())),
            last_inbound_at: conversation.last_inbound_at.map(time::millis),
            wakes_at: conversation.next_timer().map(|timer| time::millis(timer.at)),
            held_until: conversation.held.as_ref().map(|held| time::millis(held.until)),
            sends: taken.sends.into_iter().map(|send: NewSend| outbox::Row::new(send)).collect::<Result<_, _>>()?,
            proofs: taken.proofs,
            led_nowhere: taken.led_nowhere,
            requests: taken.requests.into_iter().map(requests::Row::new).collect::<Result<_, _>>()?,
            history: taken.history,
        })
    }
}

/// Stores each turn whose owner still holds the contact, and gives the contact back; tells for each whether it was stored.
pub(super) fn store(db: &Connection, rows: &[Row], now: Timestamp) -> rusqlite::Result<Vec<bool>> {
    let now = time::millis(now);
    let mut tally = Tally::default();
    let stored = rows.iter().map(|row| store_one(db, row, now, &mut tally)).collect::<Result<_, _>>()?;
    tally.add(db)?;
    failpoint::reached("turn.in_transaction");
    Ok(stored)
}

fn store_one(db: &Connection, row: &Row, now: i64, tally: &mut Tally) -> rusqlite::Result<bool> {
    let hands_off = hands_off(db, row, now)?;
    // The fence, the mailbox's head, the next timer and the end of the lease in one statement. The head never goes back, and never beyond what
    // was accepted: a message that nobody has seen yet cannot have been taken.
    let head: Option<i64> = db
        .prepare_cached(
            "UPDATE contact SET
                 head = max(head, min(?3, tail)),
                 leased = 0,
                 wakes_at = ?5,
                 held_until = CASE WHEN held_seq > max(head, min(?3, tail)) THEN held_until ELSE ?6 END,
                 due_at = CASE WHEN tail > max(head, min(?3, tail)) THEN ?4 END
             WHERE id = ?1 AND epoch = ?2 AND leased = 1 RETURNING head",
        )?
        .query_row((row.contact, signed(row.epoch), signed(row.head), now, row.wakes_at, row.held_until), |row| row.get(0))
        .optional()?;
    let Some(head) = head else { return Ok(false) };
    let kept = taps::led_nowhere(db, row.contact, &row.led_nowhere)?;
    let taken = db.prepare_cached("DELETE FROM inbox WHERE contact = ?1 AND seq <= ?2")?.execute((row.contact, head))?;
    tally.inbox -= taken as i64;
    tally.inbox += taps::again(db, row.contact, kept, now)?;
    for proof in &row.proofs {
        let on = proof.on.as_ref().map(|id| id.0.as_str());
        evidence::prove(db, row.contact, &proof.key.0, on, "tap", now, tally)?;
    }
    put_state(db, row)?;
    tally.outbox += outbox::append(db, row.contact, &row.sends, now)?;
    if hands_off {
        outbox::let_out(db, row.contact)?;
    }
    tally.requests += requests::append(db, row.contact, &row.requests, now)?;
    for turn in &row.history {
        db.prepare_cached("INSERT INTO history (contact, at, event, turn, revision, record) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute((row.contact, now, &turn.event.0, signed(turn.turn), &turn.revision, &turn.record))?;
    }
    Ok(true)
}

/// Whether a flow hands the conversation to a person in these turns: what it said before and with that still leaves.
fn hands_off(db: &Connection, row: &Row, now: i64) -> rusqlite::Result<bool> {
    if row.held_until.is_none() {
        return Ok(false);
    }
    let free = "SELECT held_until IS NULL OR held_until <= ?2 FROM contact WHERE id = ?1";
    Ok(db.prepare_cached(free)?.query_row((row.contact, now), |row| row.get(0)).optional()?.unwrap_or(false))
}

fn put_state(db: &Connection, row: &Row) -> rusqlite::Result<()> {
    let (flow, step) = row.waits.as_ref().map_or((None, None), |(flow, step)| (Some(flow), Some(step)));
    db.prepare_cached(
        "INSERT INTO conversation (contact, state, flow, step, last_inbound_at, sum) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (contact) DO UPDATE SET state = excluded.state, flow = excluded.flow, step = excluded.step,
                                             last_inbound_at = excluded.last_inbound_at, sum = excluded.sum",
    )?
    .execute((row.contact, &row.state, flow, step, row.last_inbound_at, row.sum))
    .map(drop)
}
