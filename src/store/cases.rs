//! What people look at and decide about sends.

use serde::Serialize;

use crate::model::{ContactId, MessageId, Priority, ReceiptStatus, SendKey, Timestamp};

/// A send that is settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SettledSend {
    /// Its identity.
    pub key: SendKey,
    /// To whom.
    pub contact: ContactId,
    /// `sent`, `refused` or `unknown`.
    pub outcome: String,
    /// The provider's id, where it told one.
    pub message: Option<MessageId>,
    /// The latest word about it from the provider; nothing for a send that did not leave.
    pub status: Option<ReceiptStatus>,
    /// Why it was refused or failed, or what came instead of an answer; empty otherwise.
    pub detail: String,
    /// Attempts that counted, the last one included.
    pub tries: u32,
    /// When it was settled.
    pub at: Timestamp,
    /// Whether it was repeated although an earlier attempt may have left.
    pub resent: bool,
    /// What proved that it left where no answer said so: `receipts`, `tap` or `late answer`.
    pub evidence: Option<String>,
    /// The provider's id of a second copy that left as well.
    pub double: Option<MessageId>,
    /// Whether it waits for a person's word.
    pub asked: bool,
}

/// Kinds of settled sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cases {
    /// All of them.
    All,
    /// Left.
    Sent,
    /// Refused for good.
    Refused,
    /// Nobody can tell whether they left.
    Unknown,
    /// Unknown ones that wait for a person's word.
    Asked,
    /// Repeated although an earlier attempt may have left.
    Resent,
    /// Both copies left.
    Double,
}

impl Cases {
    /// Every kind, by the name that people ask with.
    pub const ALL: [(&'static str, Cases); 7] = [
        ("all", Cases::All),
        ("sent", Cases::Sent),
        ("refused", Cases::Refused),
        ("unknown", Cases::Unknown),
        ("asked", Cases::Asked),
        ("resent", Cases::Resent),
        ("double", Cases::Double),
    ];
}

/// What a person says about a send that waits for their word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Send it again, as if its step said `resend`.
    Resend,
    /// Leave it.
    Drop,
}

/// What waits to leave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Queues {
    /// By priority, as [`Priority::ALL`] orders them.
    pub waiting: [Queue; Priority::ALL.len()],
    /// Sends in the longest line of one contact.
    pub longest_line: u64,
    /// When the oldest accepted message that nobody has taken came in.
    pub oldest_mail_at: Option<Timestamp>,
}

/// The sends of one priority.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Queue {
    /// How many wait or are under way.
    pub sends: u64,
    /// When the oldest of them was stored.
    pub oldest_at: Option<Timestamp>,
}

/// How long commits took: a histogram for metrics.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CommitTimes {
    /// Upper bounds in seconds, each with how many commits took at most so long; in rising order.
    pub at_most: Vec<(f64, u64)>,
    /// All commits.
    pub count: u64,
    /// All their time, in seconds.
    pub seconds: f64,
}
