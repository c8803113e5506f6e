//! Commit 1: what came in.

use rusqlite::Connection;

use super::sum::sum;
use super::tally::Tally;
use super::taps::{self, Completes};
use super::{contacts, count, evidence, prune, unwritable};
use crate::failpoint;
use crate::model::{Contact, Delivery, Inbound, Receipt, ReceiptStatus, Sender, Timestamp, limits, time};
use crate::store::{Accepted, StoreError};

/// A delivery, ready to be written.
pub(super) enum Row {
    Message { inbound: Inbound, json: String },
    Receipt(Receipt),
    NumberChanged { id: String, from: String, to: String },
}

/// Makes rows of deliveries; done by the caller, because the writer's time is the scarce one.
pub(super) fn rows(deliveries: Vec<Delivery>) -> Result<Vec<Row>, StoreError> {
    let row = |delivery| match delivery {
        Delivery::Message(inbound) => {
            let json = serde_json::to_string(&inbound).map_err(unwritable);
            Some(json.map(|json| Row::Message { inbound, json }))
        }
        Delivery::Receipt(receipt) => Some(Ok(Row::Receipt(receipt))),
        Delivery::NumberChanged { id, from, to } => {
            Some(Ok(Row::NumberChanged { id: id.0, from: from.digits().to_owned(), to: to.digits().to_owned() }))
        }
        Delivery::Ignored(_) => None,
    };
    deliveries.into_iter().filter_map(row).collect()
}

/// Stores what is new. With [`limits::INBOX_WAITING_MAX`] messages waiting it takes nothing: the provider comes again, and
/// meanwhile what is inside is worked off.
pub(super) fn store(db: &Connection, rows: &[Row], now: Timestamp) -> rusqlite::Result<Accepted> {
    let now = time::millis(now);
    let mut accepted = Accepted::default();
    let mut tally = Tally::default();
    let waiting = db.prepare_cached("SELECT inbox FROM tally")?.query_row((), |row| count(row, 0))?;
    if waiting >= limits::INBOX_WAITING_MAX && rows.iter().any(|row| matches!(row, Row::Message { .. })) {
        return Err(too_much_waits());
    }
    for row in rows {
        let id = match row {
            Row::Message { inbound, .. } => &inbound.id.0,
            Row::Receipt(receipt) => &receipt.id.0,
            Row::NumberChanged { id, .. } => id,
        };
        let is_new = is_new(db, id, now)?;
        // Two receipts with one id may still differ in what they tell: one webhook repeats the text, the other the recipient.
        if let Row::Receipt(receipt) = row {
            let before = tally.inbox;
            evidence::note(db, receipt, now, &mut tally)?;
            // A person's message that nobody else told us of.
            accepted.fresh += usize::try_from(tally.inbox - before).unwrap_or(0);
        }
        if let Row::Message { inbound, .. } = row
            && taps::has_id(inbound)
        {
            taps::note_id(db, now)?;
        }
        match row {
            Row::Message { inbound, json } if is_new || taps::completes(db, inbound, json)? == Completes::Later => {
                tally.contacts += i64::from(append(db, inbound, json, now)?);
                tally.inbox += 1;
                accepted.fresh += 1;
            }
            Row::Message { .. } | Row::Receipt(_) | Row::NumberChanged { .. } if !is_new => accepted.doubles += 1,
            Row::NumberChanged { from, to, .. } => contacts::change_number(db, from, to)?,
            Row::Message { .. } | Row::Receipt(_) => {}
        }
    }
    tally.add(db)?;
    evidence::prune(db, rows.len(), now)?;
    prune::bite(db, rows.len(), now)?;
    failpoint::reached("accept.in_transaction");
    Ok(accepted)
}

/// Told to the caller as [`StoreError::Busy`].
fn too_much_waits() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY), None)
}

/// Notes the id; tells whether it was new.
pub(super) fn is_new(db: &Connection, id: &str, now: i64) -> rusqlite::Result<bool> {
    let fresh = db.prepare_cached("INSERT INTO seen (event, at) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?.execute((id, now))?;
    Ok(fresh == 1)
}

/// Puts a message into its contact's mailbox; tells whether the contact is new.
fn append(db: &Connection, inbound: &Inbound, json: &str, now: i64) -> rusqlite::Result<bool> {
    let sender = &inbound.sender;
    let phone = sender.phone.as_ref().map(|phone| phone.digits());
    let user_id = sender.user_id.as_deref();
    let (contact, made) = contacts::find_or_make(db, phone, user_id)?;
    put_mail(db, contact, sender, json, now)?;
    if inbound.content.takes_over() {
        hold_at_once(db, contact, now)?;
    }
    if taps::has_no_id(inbound) {
        taps::hold(db, contact, &inbound.id.0, now)?;
    }
    Ok(made)
}

/// Puts `json` into a contact's mailbox and takes in what its sender tells of the person. The caller counts it.
pub(super) fn put_mail(db: &Connection, contact: i64, sender: &Sender, json: &str, now: i64) -> rusqlite::Result<()> {
    let phone = sender.phone.as_ref().map(|phone| phone.digits());
    let user_id = sender.user_id.as_deref();
    // A leased contact stays its owner's and a parked one parked; a waiting one keeps its place.
    let (seq, person, noted): (i64, Contact, Option<i64>) = db
        .prepare_cached(
            "UPDATE contact SET
                 tail = tail + 1,
                 phone = coalesce(?2, phone),
                 user_id = coalesce(?3, user_id),
                 name = CASE WHEN ?4 = '' THEN name ELSE ?4 END,
                 due_at = CASE WHEN leased = 1 OR parked IS NOT NULL THEN due_at ELSE coalesce(min(due_at, ?5), ?5) END
             WHERE id = ?1 RETURNING tail, phone, user_id, name, sum",
        )?
        .query_row((contact, phone, user_id, &sender.name, now), |row| Ok((row.get(0)?, contacts::read(row, 1)?, row.get(4)?)))?;
    contacts::note_sum(db, contact, &person, noted)?;
    db.prepare_cached("INSERT INTO inbox (contact, seq, at, inbound, sum) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((contact, seq, now, json, sum(&[json])))
        .map(drop)
}

/// A person has just taken the conversation over: nothing leaves until the turn that takes this mail has said for how long.
pub(super) fn hold_at_once(db: &Connection, contact: i64, now: i64) -> rusqlite::Result<()> {
    let until = now.saturating_add(limits::HOLD_AT_ONCE_MS as i64);
    db.prepare_cached("UPDATE contact SET held_until = coalesce(max(held_until, ?2), ?2), held_seq = tail WHERE id = ?1")?
        .execute((contact, until))
        .map(drop)
}

/// A status as stored: a later one is greater. The layout's comment lists them.
pub(super) fn rank(status: ReceiptStatus) -> i64 {
    match status {
        ReceiptStatus::Sent => 0,
        ReceiptStatus::Failed => 1,
        ReceiptStatus::Delivered => 2,
        ReceiptStatus::Read => 3,
        ReceiptStatus::Played => 4,
    }
}

/// The status of a stored rank.
pub(super) fn status(rank: i64) -> Option<ReceiptStatus> {
    [ReceiptStatus::Sent, ReceiptStatus::Failed, ReceiptStatus::Delivered, ReceiptStatus::Read, ReceiptStatus::Played]
        .into_iter()
        .find(|status| self::rank(*status) == rank)
}
