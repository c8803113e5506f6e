//! The running counts, changed inside the transactions that they count.

use rusqlite::Connection;

/// By how much the counts change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) contacts: i64,
    pub(super) inbox: i64,
    pub(super) outbox: i64,
    pub(super) sent: i64,
    pub(super) refused: i64,
    pub(super) unknown: i64,
    pub(super) resent: i64,
    pub(super) doubles: i64,
    pub(super) requests: i64,
    pub(super) given_up: i64,
}

impl Tally {
    /// Adds it to the counts.
    pub(super) fn add(self, db: &Connection) -> rusqlite::Result<()> {
        if self == Self::default() {
            return Ok(());
        }
        db.prepare_cached(
            "UPDATE tally SET contacts = contacts + ?1, inbox = inbox + ?2, outbox = outbox + ?3,
                              sent = sent + ?4, refused = refused + ?5, unknown = unknown + ?6,
                              resent = resent + ?7, doubles = doubles + ?8,
                              requests = requests + ?9, given_up = given_up + ?10",
        )?
        .execute(rusqlite::params![
            self.contacts,
            self.inbox,
            self.outbox,
            self.sent,
            self.refused,
            self.unknown,
            self.resent,
            self.doubles,
            self.requests,
            self.given_up,
        ])
        .map(drop)
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, more: Self) {
        self.contacts += more.contacts;
        self.inbox += more.inbox;
        self.outbox += more.outbox;
        self.sent += more.sent;
        self.refused += more.refused;
        self.unknown += more.unknown;
        self.resent += more.resent;
        self.doubles += more.doubles;
        self.requests += more.requests;
        self.given_up += more.given_up;
    }
}
