//! Other systems over HTTP, outgoing: calls of flows and scripts, and news for the user's own system.
//!
//! Invariants: a call reaches nothing but a host that the running project allows, at a public address that was checked and is then
//! connected to, without a second look-up in between; nothing is followed, decompressed or repeated here; what is read is bounded;
//! every attempt ends, and in one of the closed [`Reply`]s. A secret goes to its own hosts only and never into an answer, an error
//! or a log line.
//!
//! It must never decide whether to try again, keep state between two attempts, or trust a word of what comes back.

mod address;
mod client;
mod head;
mod news;
mod resolve;
mod target;

use async_trait::async_trait;

use crate::model::{Call, Contact, Emit, RequestKey, Timestamp, Value};

pub use address::{Reach, reach};
pub use client::{Client, ClientError, Hosted, Keys, Settings};
pub use news::{Receiver, ReceiverError};
pub use resolve::{Lookup, SystemLookup};
pub use target::Rules;

/// Whoever makes attempts: [`Client`], or a stand-in in tests.
#[async_trait]
pub trait Web: Send + Sync + 'static {
    /// One attempt at a call. Takes at most the call's `wait_ms`.
    async fn call(&self, key: &RequestKey, call: &Call) -> Reply;

    /// One attempt to tell the user's own system. Takes at most 20 seconds.
    async fn tell(&self, key: &RequestKey, news: &News<'_>, now: Timestamp) -> Reply;
}

/// Something that the user's own system is told.
#[derive(Debug, Clone, Copy)]
pub struct News<'a> {
    /// What it is called and says.
    pub emit: &'a Emit,
    /// Whom it is about.
    pub contact: crate::model::ContactId,
    /// The same person as known now.
    pub person: &'a Contact,
    /// When it happened.
    pub at: Timestamp,
}

/// How one attempt ended.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// The other system answered.
    Answered {
        /// The status.
        status: u16,
        /// The body: JSON as its value, anything else as a text; nothing when it was empty, or not asked for.
        body: Value,
        /// After how many seconds it may be asked again, where it says.
        retry_after_secs: Option<u32>,
    },
    /// It may not be asked; nothing left.
    NotAllowed {
        /// Why, and what to change.
        detail: String,
    },
    /// Nobody was reached; nothing left.
    Unreached {
        /// In words that do not tell a closed door from a wall.
        detail: String,
    },
    /// The request may have arrived, and no usable answer came.
    Lost {
        /// Whether the time ran out; otherwise the connection broke.
        late: bool,
        /// In words.
        detail: String,
    },
    /// An answer came that cannot be used, and would not be the next time either.
    Unreadable {
        /// Why.
        detail: String,
    },
}
