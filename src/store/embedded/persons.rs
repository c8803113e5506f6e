//! People who write from the provider's desk. Its signed events tell what was sent and not to whom, its forwarded statuses to whom and not
//! what: a message of which both are known, and that none of our sends explains, was written by a person.

use rusqlite::Connection;

use super::accept::{hold_at_once, is_new, put_mail};
use super::tally::Tally;
use super::unwritable;
use crate::model::{Content, EventId, Inbound, Sender};

/// How long a send that left without an id of the provider's, or may have left, could still be what a message is, in milliseconds.
const OURS_MS: i64 = 60 * 60 * 1000;

/// Whether a free message to `contact` can be none of ours: nothing of ours to them is under way or in doubt. Where it is, the next word about
/// the same message asks again.
pub(super) fn is_theirs(db: &Connection, contact: i64, now: i64) -> rusqlite::Result<bool> {
    db.prepare_cached(
        "SELECT NOT EXISTS (SELECT 1 FROM outbox WHERE contact = ?1 AND (sending = 1 OR tries > 0 OR doubtful = 1))
            AND NOT EXISTS (SELECT 1 FROM sent WHERE contact = ?1 AND at > ?2
                                AND (outcome = 'unknown' OR (outcome = 'sent' AND message IS NULL)))",
    )?
    .query_row((contact, now.saturating_sub(OURS_MS)), |row| row.get(0))
}

/// Puts what the person wrote into the contact's mailbox, once: echoes of the same message carry the same id.
pub(super) fn wrote(
    db: &Connection,
    contact: i64,
    message: &str,
    text: String,
    now: i64,
    tally: &mut Tally,
) -> rusqlite::Result<()> {
    if !is_new(db, message, now)? {
        return Ok(());
    }
    let content = Content::PersonWrote { text };
    let inbound = Inbound { id: EventId(message.to_owned()), sender: Sender::default(), sent_at: None, content };
    let json =
        serde_json::to_string(&inbound).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(unwritable(error))))?;
    put_mail(db, contact, &inbound.sender, &json, now)?;
    hold_at_once(db, contact, now)?;
    tally.inbox += 1;
    Ok(())
}
