//! The protocol as a machine of its own: what the store keeps of one contact, and what hosts hold in memory. Contacts have
//! nothing in common but the token's pace, so one is enough.

/// Hosts that share the store.
pub const HOSTS_MAX: usize = 3;

/// What the protocol forbids itself. Each is a line of SQL in the store; without it something must go wrong.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// A message that was accepted is not accepted again.
    pub dedupe: bool,
    /// A claim counts up the contact's epoch, and only the newest owner commits.
    pub fence: bool,
    /// The intent to send is stored before the request leaves.
    pub intent_first: bool,
    /// Only the newest attempt settles a send.
    pub newest_settles: bool,
    /// Only the first of a contact's line leaves.
    pub line: bool,
    /// The mailbox's head and the state are stored together.
    pub together: bool,
}

impl Rules {
    /// As they are in the stores.
    pub const ALL: Self =
        Self { dedupe: true, fence: true, intent_first: true, newest_settles: true, line: true, together: true };
}

/// How far the check goes. Every bound is on what goes wrong; the work itself is bounded by the messages.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Hosts.
    pub hosts: usize,
    /// Messages; each leads to one send.
    pub messages: u8,
    /// Deliveries of each of them.
    pub deliveries: u8,
    /// Deaths of hosts.
    pub deaths: u8,
    /// Leases that end although their owner lives: it was stopped, or cut off from the database.
    pub early: u8,
    /// Attempts that reach nobody.
    pub failures: u8,
}

/// Everything at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    /// What is committed.
    pub store: Stored,
    /// What each host holds in memory.
    pub hosts: [Host; HOSTS_MAX],
    /// Requests in the order in which they reached the provider.
    pub heard: Vec<u8>,
    /// Deliveries made of each message.
    pub delivered: Vec<u8>,
    /// Deaths so far.
    pub deaths: u8,
    /// Leases that ended early so far.
    pub early: u8,
    /// Attempts that reached nobody so far.
    pub failures: u8,
    /// Whether a late owner was turned away.
    pub fenced: bool,
}

/// One contact in the store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Stored {
    /// Messages in the order accepted.
    pub mail: Vec<u8>,
    /// How many of them are taken.
    pub head: usize,
    /// The conversation's state: the messages that made it.
    pub state: Vec<u8>,
    /// Counts the claims.
    pub epoch: u8,
    /// Whether somebody has it, and whether that lease is over.
    pub lease: Lease,
    /// Sends that wait or are under way.
    pub line: Vec<Waiting>,
    /// Sends that are settled.
    pub settled: Vec<u8>,
    /// Sends of which an earlier attempt may have left when the next began.
    pub doubted: Vec<u8>,
}

/// A lease.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Lease {
    /// Nobody has it.
    #[default]
    Free,
    /// Somebody has it.
    Held,
    /// Somebody had it, and its time is over.
    Over,
}

/// A send in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Waiting {
    /// The message that it answers.
    pub to: u8,
    /// Counts the attempts.
    pub attempt: u8,
    /// The intent.
    pub lease: Lease,
}

/// What a host holds in memory: a lane and a sender.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Host {
    /// A claimed contact.
    pub turn: Option<Turn>,
    /// A claimed send.
    pub attempt: Option<Attempt>,
}

/// A turn under way.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Turn {
    /// As claimed.
    pub epoch: u8,
    /// What the state will be.
    pub state: Vec<u8>,
    /// What the head will be.
    pub head: usize,
    /// What it sends.
    pub sends: Vec<u8>,
    /// Where the two are not stored together: the head is stored, the state is not yet.
    pub half: bool,
}

/// An attempt under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Attempt {
    /// Which send.
    pub to: u8,
    /// Which attempt.
    pub number: u8,
    /// Whether its request has left.
    pub left: bool,
    /// Whether its lease ended while its host lived. Nobody has told the host.
    pub late: bool,
}

/// What may happen next. Numbers name hosts, except in `Deliver`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The provider delivers a message, perhaps again.
    Deliver(u8),
    /// A lane claims the contact.
    Claim(usize),
    /// A lane commits its turn.
    Commit(usize),
    /// The contact's lease ends.
    LeaseEnds,
    /// A sender claims a send; which is its place in the line.
    ClaimSend(usize, usize),
    /// The request reaches the provider.
    Request(usize),
    /// The answer came and is stored.
    Settle(usize),
    /// Nobody was reached; the send is put back.
    PutBack(usize),
    /// The lease of a send ends.
    SendLeaseEnds(usize),
    /// A host loses all that it holds in memory.
    Die(usize),
}
