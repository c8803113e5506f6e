//! Hints between the loops. They carry no facts.

use tokio::sync::Notify;

/// The bells that one part of the runtime rings for another. A ring while nobody listens is kept, once.
#[derive(Debug, Default)]
pub struct Wakes {
    /// Something was accepted: a lane has work.
    pub lanes: Notify,
    /// Something was decided: the outbox has work.
    pub outbox: Notify,
    /// A flow wants something of another system.
    pub requests: Notify,
}
