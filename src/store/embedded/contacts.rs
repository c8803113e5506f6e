//! Who a message is from: contacts and the names by which the provider knows them.

use rusqlite::{Connection, OptionalExtension};

use super::sum::sum;
use crate::model::{Contact, Phone};

const PHONE: &str = "phone";
const USER_ID: &str = "user_id";

/// The contact of a sender, made when it is new; tells whether it was.
///
/// The user id decides, the phone number comes second, and afterwards both lead to the same contact. Where they led to two, the
/// number moves to the contact of the user id. Where the number's contact had another user id, both ids stay with it: the
/// provider gives a new one to a person who changes number (reference: whatsapp-webhooks, section 6).
pub(super) fn find_or_make(db: &Connection, phone: Option<&str>, user_id: Option<&str>) -> rusqlite::Result<(i64, bool)> {
    let by_user_id = find(db, USER_ID, user_id)?;
    let by_phone = find(db, PHONE, phone)?;
    let known = by_user_id.or(by_phone);
    let contact = match known {
        Some(contact) => contact,
        None => {
            db.prepare_cached("INSERT INTO contact DEFAULT VALUES")?.execute(())?;
            db.last_insert_rowid()
        }
    };
    for (kind, value, found) in [(USER_ID, user_id, by_user_id), (PHONE, phone, by_phone)] {
        if let Some(value) = value
            && found != Some(contact)
        {
            point(db, kind, value, contact)?;
        }
    }
    Ok((contact, known.is_none()))
}

/// Gives the contact at `from` the number `to`; nothing when nobody is there.
pub(super) fn change_number(db: &Connection, from: &str, to: &str) -> rusqlite::Result<()> {
    let Some(contact) = find(db, PHONE, Some(from))? else { return Ok(()) };
    db.prepare_cached("DELETE FROM alias WHERE kind = ?1 AND value = ?2")?.execute((PHONE, from))?;
    point(db, PHONE, to, contact)?;
    // The row is the only place that holds the number: claims fill the conversation's contact from it.
    let (person, noted) = db
        .prepare_cached("UPDATE contact SET phone = ?2 WHERE id = ?1 RETURNING phone, user_id, name, sum")?
        .query_row((contact, to), |row| Ok((read(row, 0)?, row.get(3)?)))?;
    note_sum(db, contact, &person, noted)
}

/// Keeps the checksum of who a contact is; nothing is written while that stays the same.
pub(super) fn note_sum(db: &Connection, contact: i64, person: &Contact, noted: Option<i64>) -> rusqlite::Result<()> {
    let sum = sum(&parts(person));
    if noted == Some(sum) {
        return Ok(());
    }
    db.prepare_cached("UPDATE contact SET sum = ?2 WHERE id = ?1")?.execute((contact, sum)).map(drop)
}

/// What of a person carries a checksum: a message to the wrong one would be worse than none.
pub(super) fn parts(person: &Contact) -> [&str; 3] {
    let phone = person.phone.as_ref().map_or("", |phone| phone.digits());
    [phone, person.user_id.as_deref().unwrap_or_default(), &person.name]
}

/// The person, from the columns `phone, user_id, name` beginning at `first`.
pub(super) fn read(row: &rusqlite::Row<'_>, first: usize) -> rusqlite::Result<Contact> {
    let phone: Option<String> = row.get(first)?;
    Ok(Contact { phone: phone.as_deref().and_then(Phone::parse), user_id: row.get(first + 1)?, name: row.get(first + 2)? })
}

fn find(db: &Connection, kind: &str, value: Option<&str>) -> rusqlite::Result<Option<i64>> {
    let Some(value) = value else { return Ok(None) };
    db.prepare_cached("SELECT contact FROM alias WHERE kind = ?1 AND value = ?2")?
        .query_row((kind, value), |row| row.get(0))
        .optional()
}

fn point(db: &Connection, kind: &str, value: &str, contact: i64) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO alias (kind, value, contact) VALUES (?1, ?2, ?3)
         ON CONFLICT (kind, value) DO UPDATE SET contact = excluded.contact",
    )?
    .execute((kind, value, contact))
    .map(drop)
}
