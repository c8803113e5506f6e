//! The embedded store.

/// One SQLite file.
#[derive(Debug)]
pub struct Embedded;
