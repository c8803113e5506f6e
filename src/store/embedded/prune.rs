//! Forgetting: what was only kept for recognising doubles or for people to look at goes after [`KEPT_MS`]. In small bites,
//! oldest first, so that no moment is slow and a clock that jumps ahead does little harm.

use rusqlite::{Connection, OptionalExtension};

/// How long ids of events, settled sends and turns are kept, in milliseconds: 30 days. Providers repeat a delivery for 7 days,
/// and word about a send may come as late.
pub(super) const KEPT_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// Rows that one bite takes beyond twice what came in; twice, so that forgetting keeps up with any load.
const BITE: usize = 16;

/// The statement that tells the age of the oldest row, and the one that takes a bite. Rows are numbered as they come, so the
/// lowest numbers are the oldest and no index by time is needed.
const TABLES: [(&str, &str); 3] = [
    (
        "SELECT at FROM seen ORDER BY rowid LIMIT 1",
        "DELETE FROM seen WHERE rowid IN (SELECT rowid FROM seen ORDER BY rowid LIMIT ?2) AND at < ?1",
    ),
    (
        "SELECT at FROM sent ORDER BY rowid LIMIT 1",
        "DELETE FROM sent WHERE rowid IN (SELECT rowid FROM sent ORDER BY rowid LIMIT ?2) AND at < ?1",
    ),
    (
        "SELECT at FROM history ORDER BY id LIMIT 1",
        "DELETE FROM history WHERE id IN (SELECT id FROM history ORDER BY id LIMIT ?2) AND at < ?1",
    ),
];

/// Takes a bite of what is too old, beside `came` new deliveries.
pub(super) fn bite(db: &Connection, came: usize, now: i64) -> rusqlite::Result<()> {
    let before = now.saturating_sub(KEPT_MS);
    for (oldest, forget) in TABLES {
        let oldest: Option<i64> = db.prepare_cached(oldest)?.query_row((), |row| row.get(0)).optional()?;
        if oldest.is_some_and(|at| at < before) {
            db.prepare_cached(forget)?.execute((before, (came * 2 + BITE) as i64))?;
        }
    }
    Ok(())
}
