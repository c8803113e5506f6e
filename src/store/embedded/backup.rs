//! A copy of a store that may be at work, looked through from end to end before it counts as one.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};

use super::sum::damage;
use super::{files, schema};
use crate::store::StoreError;

/// What a backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackedUp {
    /// People known.
    pub contacts: u64,
    /// Messages accepted and not yet taken.
    pub inbox: u64,
    /// Sends waiting.
    pub outbox: u64,
    /// The file's size.
    pub bytes: u64,
}

/// Copies the store in `dir`, whether or not a process works on it, as of one moment, into the new file `to`. The file appears only
/// when every page and every record in it was found good.
///
/// # Errors
/// When there is no store, `to` is there already or cannot be written, or the store is damaged.
pub fn backup(dir: &Path, to: &Path) -> Result<BackedUp, StoreError> {
    let from = dir.join(files::DATABASE);
    if !from.is_file() {
        return Err(StoreError::Failed(format!(
            "there is no store in {}; name its directory with BUTTONHOOK_STORE",
            dir.display()
        )));
    }
    if to.exists() {
        return Err(StoreError::Failed(format!("{} is there already; a backup never writes over anything", to.display())));
    }
    let part = beside(to);
    let done = copy(&from, &part).and_then(|()| look_through(&part)).and_then(|held| {
        fs::rename(&part, to).map_err(|error| StoreError::Failed(format!("cannot write {}: {error}", to.display())))?;
        Ok(held)
    });
    if done.is_err() {
        // What is left of a copy is no backup. Where even this fails it is named so that nobody takes it for one.
        let _ = fs::remove_file(&part);
    }
    done
}

fn beside(to: &Path) -> PathBuf {
    let mut part = to.as_os_str().to_owned();
    part.push(".part");
    PathBuf::from(part)
}

fn copy(from: &Path, part: &Path) -> Result<(), StoreError> {
    // Made first, so that it is ours alone from its first byte on.
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(part).map_err(|error| StoreError::Failed(format!("cannot write {}: {error}", part.display())))?;
    let copy = || {
        let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        source.busy_timeout(schema::OTHERS_WAIT)?;
        source.pragma_update(None, "query_only", true)?;
        let mut target = Connection::open(part)?;
        // All pages in one step: one moment of the store, however much is written meanwhile.
        Backup::new(&source, &mut target)?.step(-1)?;
        // One file, without a log beside it.
        target.pragma_update(None, "journal_mode", "DELETE")
    };
    copy().map_err(|error| StoreError::Failed(format!("{} could not be copied: {error}", from.display())))
}

/// Looks through every page and every record that carries a checksum.
fn look_through(part: &Path) -> Result<BackedUp, StoreError> {
    let look = || -> rusqlite::Result<Result<BackedUp, String>> {
        let db = Connection::open_with_flags(part, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let found: String = db.query_row("PRAGMA integrity_check(1)", (), |row| row.get(0))?;
        if found != "ok" {
            return Ok(Err(found));
        }
        let layout = match schema::layout(&db) {
            Ok(layout) => layout,
            Err(why) => return Ok(Err(why)),
        };
        // An older layout has no checksums; the host brings it up to date at its next start.
        if layout == schema::LAYOUT
            && let Some(damaged) = damaged_record(&db)?
        {
            return Ok(Err(damaged));
        }
        let rows = |table: &str| db.query_row(&format!("SELECT count(*) FROM {table}"), (), |row| super::count(row, 0));
        let bytes = fs::metadata(part).map_or(0, |file| file.len());
        Ok(Ok(BackedUp { contacts: rows("contact")?, inbox: rows("inbox")?, outbox: rows("outbox")?, bytes }))
    };
    let words = match look() {
        Ok(Ok(held)) => return Ok(held),
        Ok(Err(words)) => words,
        Err(error) => error.to_string(),
    };
    Err(StoreError::Failed(format!(
        "the store is damaged, so no backup was written ({words}); keep the backups that you have (docs/store.md, Damage)"
    )))
}

/// The records that carry a checksum: what they are called, and what the checksum is of.
const RECORDS: [(&str, &str); 5] = [
    ("name", "SELECT id, sum, coalesce(phone, ''), coalesce(user_id, ''), name, NULL FROM contact"),
    ("conversation", "SELECT contact, sum, CAST(contact AS TEXT), state, NULL, NULL FROM conversation"),
    ("message", "SELECT contact, sum, inbound, NULL, NULL, NULL FROM inbox"),
    ("send", "SELECT contact, sum, key, on_unknown, message, coalesce(about, '') FROM outbox"),
    ("send in doubt", "SELECT contact, sum, key, 'resend', asks, '' FROM sent WHERE asks IS NOT NULL"),
];

fn damaged_record(db: &Connection) -> rusqlite::Result<Option<String>> {
    for (what, question) in RECORDS {
        let mut statement = db.prepare(question)?;
        let mut rows = statement.query(())?;
        while let Some(row) = rows.next()? {
            let parts: Vec<String> =
                (2..6).filter_map(|column| row.get::<_, Option<String>>(column).transpose()).collect::<Result<_, _>>()?;
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            if let Some(damage) = damage(&parts, row.get(1)?) {
                return Ok(Some(format!("a {what} of contact {} {damage}", row.get::<_, i64>(0)?)));
            }
        }
    }
    Ok(None)
}
