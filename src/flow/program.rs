//! What may run.

/// A project, compiled: immutable, shared by all turns that start while it is live.
#[derive(Debug)]
pub struct Program {
    revision: String,
}

impl Program {
    /// The hash of the sources it came from.
    pub fn revision(&self) -> &str {
        &self.revision
    }
}
