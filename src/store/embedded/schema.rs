//! Opening the database: its settings, its layout, and what a new owner has to put right first.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::store::StoreError;

/// The layouts, oldest first; layout number n is what the first n leave behind. A released one is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_timers.sql"),
    include_str!("migrations/0003_requests.sql"),
    include_str!("migrations/0004_leaving.sql"),
    include_str!("migrations/0005_sums.sql"),
    include_str!("migrations/0006_schedules.sql"),
    include_str!("migrations/0007_people.sql"),
];
/// The newest layout known here.
pub(super) const LAYOUT: i64 = MIGRATIONS.len() as i64;
/// Marks the file as ours ("BhkS"), so that another program's database is never taken for an empty store.
const APPLICATION_ID: i64 = 0x4268_6b53;
/// How long a statement waits for a person's `sqlite3` shell that holds the database.
pub(super) const OTHERS_WAIT: Duration = Duration::from_secs(2);
/// Files up to this size are looked through whenever they are opened; that takes about 3 ms for each MiB. Larger ones
/// would make every start slow: `buttonhook backup` looks through them, and each record is checked when it is read.
const LOOKED_THROUGH_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Pages kept in memory by the writer, in KiB.
const CACHE_KIB: i64 = 64 * 1024;
/// Statements kept prepared; more than we have.
const STATEMENTS_KEPT: usize = 128;

/// The connection that writes, with the newest layout in place.
pub(super) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    prepare(path).map_err(|refused| match refused {
        Refused::TooNew(found) => StoreError::TooNew { found, known: LAYOUT },
        Refused::NotOurs => StoreError::Failed(format!(
            "{} is a database of another program; choose another directory with BUTTONHOOK_STORE",
            path.display()
        )),
        Refused::Damaged(what) => StoreError::Failed(damaged(path, &what)),
        Refused::Sqlite(error) => StoreError::Failed(match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => damaged(path, &error.to_string()),
            _ => format!("{} cannot be opened: {error}", path.display()),
        }),
    })
}

/// A second connection, which reads and moves the log into the database and changes nothing.
pub(super) fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let open = || {
        let db = connect(path)?;
        settle_in(&db)?;
        db.pragma_update(None, "query_only", true)?;
        Ok::<_, rusqlite::Error>(db)
    };
    open().map_err(|error| StoreError::Failed(format!("{} cannot be opened for reading: {error}", path.display())))
}

/// The layout of a database that is ours.
///
/// # Errors
/// When it is another program's, or newer than this one; in words.
pub(super) fn layout(db: &Connection) -> Result<i64, String> {
    let (mark, layout) = match (number(db, "application_id"), number(db, "user_version")) {
        (Ok(mark), Ok(layout)) => (mark, layout),
        (Err(error), _) | (_, Err(error)) => return Err(error.to_string()),
    };
    match (mark, layout) {
        (APPLICATION_ID, 1..=LAYOUT) => Ok(layout),
        (APPLICATION_ID, _) => Err(StoreError::TooNew { found: layout, known: LAYOUT }.to_string()),
        _ => Err("it is a database of another program".to_owned()),
    }
}

enum Refused {
    TooNew(i64),
    NotOurs,
    /// What of the file does not hold together.
    Damaged(String),
    Sqlite(rusqlite::Error),
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

fn prepare(path: &Path) -> Result<Connection, Refused> {
    let db = connect(path)?;
    // Looked at before anything is written: a file that is not for us stays as it was.
    let layout = number(&db, "user_version")?;
    let mark = number(&db, "application_id")?;
    let tables: i64 = db.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    if (mark != APPLICATION_ID && tables > 0) || layout < 0 {
        return Err(Refused::NotOurs);
    }
    if layout > LAYOUT {
        return Err(Refused::TooNew(layout));
    }
    settle_in(&db)?;
    if std::fs::metadata(path).is_ok_and(|file| file.len() <= LOOKED_THROUGH_BYTES_MAX) {
        look_through(&db)?;
    }
    migrate(&db, layout)?;
    revive(&db)?;
    Ok(db)
}

fn damaged(path: &Path, what: &str) -> String {
    format!(
        "{} is damaged or no database ({what}); put a backup in its place, or move it away to begin with an empty store \
         (docs/store.md, Damage)",
        path.display()
    )
}

/// Looks for pages, rows and indexes that do not hold together.
fn look_through(db: &Connection) -> Result<(), Refused> {
    let found: String = db.query_row("PRAGMA integrity_check(1)", (), |row| row.get(0))?;
    if found == "ok" { Ok(()) } else { Err(Refused::Damaged(found)) }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    db.busy_timeout(OTHERS_WAIT)?;
    // Plans depend on the statement alone. Otherwise a new value for `LIMIT ?` has the statement planned afresh each time.
    db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    db.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    Ok(db)
}

fn settle_in(db: &Connection) -> rusqlite::Result<()> {
    // Not every file system can hold the log's shared memory; SQLite then silently keeps another mode, in which our second
    // connection would stop the writer. Nothing is lost by it, so it is not refused.
    db.pragma_update(None, "journal_mode", "WAL")?;
    // A commit is on disk before it is answered.
    db.pragma_update(None, "synchronous", "FULL")?;
    // Moving the log inside a commit makes that commit slow; the reader does it (see `reader.rs`).
    db.pragma_update(None, "wal_autocheckpoint", 0)?;
    db.pragma_update(None, "cache_size", -CACHE_KIB)?;
    db.pragma_update(None, "temp_store", "MEMORY")?;
    db.pragma_update(None, "trusted_schema", false)
}

fn migrate(db: &Connection, layout: i64) -> rusqlite::Result<()> {
    let missing = MIGRATIONS.iter().zip(1..).filter(|(_, number)| *number > layout);
    for (script, number) in missing {
        let step = db.unchecked_transaction()?;
        step.execute_batch(script)?;
        step.pragma_update(None, "application_id", APPLICATION_ID)?;
        step.pragma_update(None, "user_version", number)?;
        step.commit()?;
    }
    Ok(())
}

/// Whoever had leases is dead: this process owns the files alone. Contacts it had are free again; of sends and
/// requests it had begun nobody can tell whether they left. Parked contacts get another chance, because a newer version may read what an older one could not.
fn revive(db: &Connection) -> rusqlite::Result<()> {
    let all = db.unchecked_transaction()?;
    all.execute(
        "UPDATE contact SET leased = 0, parked = NULL, due_at = CASE WHEN tail > head THEN 0 END
         WHERE leased = 1 OR parked IS NOT NULL",
        (),
    )?;
    all.execute("UPDATE outbox SET sending = 0, ready = 0, doubtful = 1, due_at = 0 WHERE sending = 1", ())?;
    all.execute("UPDATE request SET sending = 0, lost = lost + 1, doubtful = 1, due_at = 0 WHERE sending = 1", ())?;
    all.commit()
}

fn number(db: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    db.pragma_query_value(None, pragma, |row| row.get(0))
}
