//! The facts: what was accepted, what was decided, what was sent.
//!
//! One protocol, each operation one moment of the business and one transaction. Invariants: an answer means that it is on
//! disk; of two owners of a contact only the one with the newest epoch can write; a send's intent is stored before its
//! request leaves. A store never decides anything, and nothing else may keep state.

mod cases;
mod embedded;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::model::{
    About, Call, CallAnswer, Contact, ContactId, Conversation, Delivery, Emit, EventId, FlowName, Inbound, Message, MessageId,
    OnUnknown, Priority, Refusal, RequestKey, SendKey, Timestamp, WireButton,
};

pub use cases::{Cases, CommitTimes, Queue, Queues, SettledSend, Verdict};
pub use embedded::{BackedUp, Embedded, backup};

/// The operations. `now` is the caller's clock; a store that several hosts share uses its own instead.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Commit 1. Appends what is new to the mailboxes of the contacts, in order; records receipts and number changes.
    /// When it returns, everything is durable, doubles included.
    async fn accept(&self, deliveries: Vec<Delivery>, now: Timestamp) -> Result<Accepted, StoreError>;

    /// Up to `most` contacts that have something to take, mail or a timer of their conversation that is due, leased for
    /// `lease_ms`. No other claim gives them out until the lease ends or [`Store::commit`] gives them back.
    async fn claim(&self, most: usize, lease_ms: u64, now: Timestamp) -> Result<Claims, StoreError>;

    /// Commit 2. State, sends, history and the mailbox's head of each turn: together, or not at all where the epoch has moved
    /// on. Tells for each whether it was stored.
    async fn commit(&self, takes: Vec<Taken>, now: Timestamp) -> Result<Vec<bool>, StoreError>;

    /// Up to `most` sends that are due, at most one per contact and always its oldest, none of a paused channel. Their intent
    /// is durable when this returns. A send whose lease ran out comes again with [`ClaimedSend::doubtful`] set.
    async fn claim_sends(&self, most: usize, lease_ms: u64, now: Timestamp) -> Result<ClaimedSends, StoreError>;

    /// Commit 3. What became of claimed sends.
    async fn settle(&self, settlements: Vec<Settlement>, now: Timestamp) -> Result<(), StoreError>;

    /// Keeps exactly these schedules and tells where each of them stands, in their order. One that is new, or another than before,
    /// counts as dealt with until `now`.
    async fn keep_plans(&self, plans: Vec<Plan>, now: Timestamp) -> Result<Vec<PlanState>, StoreError>;

    /// Puts [`crate::model::Content::Scheduled`] into the mailboxes of up to `most` contacts who have not had it for `due`, oldest
    /// first, of those that were there when `due` was begun. A moment that is dealt with is handed out to nobody again.
    async fn hand_out(&self, plan: Plan, due: Timestamp, most: usize, now: Timestamp) -> Result<HandedOut, StoreError>;

    /// Up to `most` requests to other systems that are due, the longest due first. Their intent is durable when this returns. A
    /// request whose lease ran out comes again, with one more in [`ClaimedRequest::lost`].
    async fn claim_requests(&self, most: usize, lease_ms: u64, now: Timestamp) -> Result<ClaimedRequests, StoreError>;

    /// What became of claimed requests. The answer to a call goes into its contact's mailbox in the same moment in which the
    /// request goes, so that it is neither lost nor told twice. Settling what is settled already changes nothing.
    async fn settle_requests(&self, settlements: Vec<RequestSettlement>, now: Timestamp) -> Result<(), StoreError>;

    /// No send is claimed before `until`.
    async fn pause(&self, until: Timestamp) -> Result<(), StoreError>;

    /// What a person says about a send of which nobody can tell whether it left and whose step asks: it goes to the end of its
    /// contact's line again, or stays as it is. Tells whether such a send was there.
    async fn rule(&self, key: SendKey, verdict: Verdict, now: Timestamp) -> Result<bool, StoreError>;

    /// The newest settled sends of a kind, newest first: of one contact, or of all.
    async fn cases(&self, which: Cases, contact: Option<ContactId>, most: usize) -> Result<Vec<SettledSend>, StoreError>;

    /// What waits to leave.
    async fn queues(&self) -> Result<Queues, StoreError>;

    /// Notes that the host lives; tells when it last did so before.
    async fn alive(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError>;

    /// How long commits took since the store was opened.
    fn commit_times(&self) -> CommitTimes;

    /// Counts for people.
    async fn stats(&self, now: Timestamp) -> Result<Stats, StoreError>;

    /// The newest turns, newest first: of one contact, or of all.
    async fn history(&self, contact: Option<ContactId>, most: usize) -> Result<Vec<HistoryRow>, StoreError>;

    /// How many conversations wait at each step: `(flow, step, how many)`.
    async fn waiting(&self) -> Result<Vec<(String, String, u64)>, StoreError>;

    /// A secret or mark that the host keeps beside its data, made by `make` when it is not there yet.
    async fn setting(&self, name: &str, make: fn() -> Vec<u8>) -> Result<Vec<u8>, StoreError>;

    /// Ends all work and closes the files.
    async fn close(&self);
}

/// What [`Store::accept`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accepted {
    /// Messages that will become turns.
    pub fresh: usize,
    /// Deliveries that were there already.
    pub doubles: usize,
}

/// What [`Store::claim`] gives.
#[derive(Debug, Clone, Default)]
pub struct Claims {
    /// The contacts.
    pub contacts: Vec<Claim>,
    /// When to look again although nothing woke us: the earliest lease or timer that will fall due.
    pub next_due: Option<Timestamp>,
}

/// A flow's schedule, as far as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Whose.
    pub flow: FlowName,
    /// Tells another schedule of the same flow apart.
    pub fingerprint: String,
}

/// Where a schedule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanState {
    /// Its moments until here are dealt with.
    pub done_until: Timestamp,
    /// The moment whose mail is not yet in all mailboxes.
    pub under_way: Option<Timestamp>,
}

/// What [`Store::hand_out`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandedOut {
    /// Mailboxes that got the event.
    pub mailed: usize,
    /// Whether nobody is left, so that the moment is dealt with.
    pub done: bool,
}

/// A contact with something to take.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Who.
    pub contact: ContactId,
    /// Fences late owners.
    pub epoch: u64,
    /// The state as of the last turn.
    pub conversation: Conversation,
    /// What waits in the mailbox, oldest first, at most [`INBOX_PER_CLAIM_MAX`].
    pub inbox: Vec<Mail>,
}

/// One accepted message.
#[derive(Debug, Clone, PartialEq)]
pub struct Mail {
    /// Its number in the contact's mailbox; gapless.
    pub seq: u64,
    /// When it was accepted.
    pub at: Timestamp,
    /// What it was.
    pub inbound: Inbound,
}

/// Messages that one claim gives out of one mailbox.
pub const INBOX_PER_CLAIM_MAX: usize = 32;

/// A claimed contact's work, done.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Who.
    pub contact: ContactId,
    /// As claimed.
    pub epoch: u64,
    /// The last message taken; those after it stay in the mailbox.
    pub head: u64,
    /// The new state.
    pub conversation: Conversation,
    /// The sends, in order.
    pub sends: Vec<NewSend>,
    /// The requests to other systems, in order.
    pub requests: Vec<NewRequest>,
    /// The turns, in order.
    pub history: Vec<NewHistory>,
    /// Taps that prove that a send of this contact arrived.
    pub proofs: Vec<Proof>,
    /// Numbers of messages taken that were taps without an id and led nowhere: should their id still come, it is taken too.
    pub led_nowhere: Vec<u64>,
}

/// A tap proves that the message with its button arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The send that carried the button.
    pub key: SendKey,
    /// The provider's id of the message, where the tap tells it.
    pub on: Option<MessageId>,
}

/// A send to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSend {
    /// Its identity for ever.
    pub key: SendKey,
    /// What to say.
    pub message: Message<WireButton>,
    /// What to do when nobody can tell whether it left.
    pub on_unknown: OnUnknown,
    /// How it ranks among others.
    pub priority: Priority,
    /// What the provider is told about the contact with it.
    pub about: About,
}

/// A request to another system, to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRequest {
    /// Its identity for ever.
    pub key: RequestKey,
    /// What to ask or tell.
    pub what: Requested,
}

/// What a request is for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Requested {
    /// An answer: it comes back as mail of the contact.
    Call(Call),
    /// Nothing but being heard: the user's own system is told.
    Emit(Emit),
}

/// A turn to be remembered.
#[derive(Debug, Clone, PartialEq)]
pub struct NewHistory {
    /// The event that led to it.
    pub event: EventId,
    /// The turn's number in its conversation.
    pub turn: u64,
    /// The revision of the program that took it.
    pub revision: String,
    /// The event, trace, effects and faults, as JSON.
    pub record: String,
}

/// A turn as remembered.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryRow {
    /// Whose.
    pub contact: ContactId,
    /// When it was taken.
    pub at: Timestamp,
    /// What was remembered.
    pub turn: NewHistory,
}

/// What [`Store::claim_sends`] gives.
#[derive(Debug, Clone, Default)]
pub struct ClaimedSends {
    /// The sends.
    pub sends: Vec<ClaimedSend>,
    /// When to look again although nothing woke us: the earliest retry, lease or pause to end.
    pub next_due: Option<Timestamp>,
}

/// A send that is ours to make.
#[derive(Debug, Clone)]
pub struct ClaimedSend {
    /// Its identity.
    pub key: SendKey,
    /// To whom.
    pub contact: ContactId,
    /// The person as known now.
    pub to: Contact,
    /// When the person last wrote, as known now: the window is checked at the moment of sending.
    pub last_inbound_at: Option<Timestamp>,
    /// What to say.
    pub message: Message<WireButton>,
    /// What to do when nobody can tell whether it left.
    pub on_unknown: OnUnknown,
    /// What the provider is told about the contact with it.
    pub about: About,
    /// Attempts before this one.
    pub tries: u32,
    /// An earlier attempt's request may have left: its owner died, or no answer came.
    pub doubtful: bool,
    /// Numbers the attempts, whether they count or not; names this one when it is settled.
    pub attempt: u64,
    /// When it was decided.
    pub stored_at: Timestamp,
    /// Whether the provider's webhooks tell enough to recognise a message whose answer was lost: text and recipient of messages
    /// of ours came lately.
    pub evidence_comes: bool,
}

/// What became of a claimed send.
#[derive(Debug, Clone, PartialEq)]
pub struct Settlement {
    /// Which.
    pub key: SendKey,
    /// Which attempt, as claimed. One that is not the newest changes nothing, except that its having left is remembered.
    pub attempt: u64,
    /// What.
    pub fate: Fate,
    /// The contact's next send leaves no earlier.
    pub rests_until: Option<Timestamp>,
}

/// What becomes of a send after an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It left.
    Sent {
        /// The provider's id, where it told one.
        message: Option<MessageId>,
    },
    /// Another attempt, not before this moment.
    Retry {
        /// When.
        at: Timestamp,
        /// The attempt's request may have left.
        doubtful: bool,
        /// Whether the attempt counts against the bound on attempts.
        counts: bool,
    },
    /// Given up for good; it surely did not leave.
    Refused {
        /// Why.
        refusal: Refusal,
        /// The provider's words.
        detail: String,
    },
    /// Given up; nobody can tell whether it left.
    Unknown {
        /// What came instead of an answer.
        detail: String,
    },
    /// Put aside until a person says what becomes of it (see [`Store::rule`]); nobody can tell whether it left.
    Ask {
        /// What came instead of an answer.
        detail: String,
    },
}

/// What [`Store::claim_requests`] gives.
#[derive(Debug, Clone, Default)]
pub struct ClaimedRequests {
    /// The requests.
    pub requests: Vec<ClaimedRequest>,
    /// When to look again although nothing woke us: the earliest retry or lease to end.
    pub next_due: Option<Timestamp>,
}

/// A request to another system that is ours to make.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedRequest {
    /// Its identity.
    pub key: RequestKey,
    /// Whose conversation wants it.
    pub contact: ContactId,
    /// The person as known now.
    pub person: Contact,
    /// What to ask or tell.
    pub what: Requested,
    /// When the turn was stored that wants it.
    pub stored_at: Timestamp,
    /// Attempts before this one that counted.
    pub tries: u32,
    /// Attempts whose owner died before it could store an outcome; they are not among `tries`.
    pub lost: u32,
    /// An earlier attempt may have arrived: its owner died, or no answer came.
    pub doubtful: bool,
}

/// What became of a claimed request.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestSettlement {
    /// Which.
    pub key: RequestKey,
    /// What.
    pub fate: RequestFate,
}

/// What becomes of a request after an attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum RequestFate {
    /// Another attempt, not before this moment.
    Retry {
        /// When; at most [`crate::model::limits::REQUEST_WAIT_MS_MAX`] from now.
        at: Timestamp,
        /// The attempt may have arrived.
        doubtful: bool,
        /// Whether the attempt counts against the bound on attempts.
        counts: bool,
    },
    /// The end of a call: its answer becomes mail of the contact, as the event `answer-<key>`.
    Answered {
        /// What came of it.
        answer: CallAnswer,
    },
    /// News were taken.
    Delivered,
    /// News that nobody took are given up.
    GaveUp,
}

/// Counts for people.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Stats {
    /// Contacts we know.
    pub contacts: u64,
    /// Messages accepted and not yet taken.
    pub inbox: u64,
    /// Sends waiting or under way.
    pub outbox: u64,
    /// Sends that left.
    pub sent: u64,
    /// Sends refused for good.
    pub refused: u64,
    /// Sends of which nobody can tell whether they left.
    pub unknown: u64,
    /// Those of them that wait for a person's word.
    pub asked: u64,
    /// Sends that left in the end and were repeated although an earlier attempt may have left.
    pub resent: u64,
    /// Those of them of which both copies are known to have left.
    pub doubles: u64,
    /// Requests to other systems waiting or under way.
    pub requests: u64,
    /// News for the user's own system that nobody took and that were given up.
    pub given_up: u64,
    /// Until when no send leaves, in milliseconds since 1970; 0 when nothing is paused.
    pub paused_until_ms: i64,
}

/// Why a store did not do as asked. Nothing was changed.
#[derive(Debug, Clone, Error)]
pub enum StoreError {
    /// Another process has the files.
    #[error("the store in {path} is in use by another process; stop it, or choose another directory with BUTTONHOOK_STORE")]
    Locked {
        /// Where.
        path: String,
    },
    /// The files come from a newer version.
    #[error(
        "the store was written by a newer version (layout {found}, this version knows {known}); start the newer version again"
    )]
    TooNew {
        /// The layout found.
        found: i64,
        /// The newest layout known here.
        known: i64,
    },
    /// Too much waits to be written; try again soon.
    #[error("the store is busy")]
    Busy,
    /// It was closed.
    #[error("the store is closed")]
    Closed,
    /// The disk or the files failed.
    #[error("the store failed: {0}")]
    Failed(String),
}
