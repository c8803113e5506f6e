//! The store: what every store must do (`accepting`, `claiming`, `sending`, `evidence`, `ranks`, `taps`, `asking`, `timers`,
//! `schedules`, `holding`, `load`, `model`, `asking_model`), each test written against
//! `&dyn Store` and run on every kind of store, and what only the embedded one has (`embedded`, `killed`).

mod accepting;
mod asking;
mod asking_model;
mod claiming;
mod damaged;
mod embedded;
mod evidence;
mod holding;
mod killed;
mod load;
mod model;
mod ranks;
mod schedules;
mod sending;
mod taps;
mod timers;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use buttonhook::model::{
    Content, Conversation, Delivery, EventId, FlowName, Inbound, Message, MessageId, OnUnknown, Phone, Priority, SendKey, Sender,
    StepName, Timer, TimerKind, Timestamp, WireButton, time,
};
use buttonhook::store::{Claim, Claims, Embedded, Fate, NewSend, Settlement, Store, Taken};

/// Somewhere a store lives and can be opened again. A new kind of store implements this and joins `on_every_store`.
#[async_trait]
pub trait Place: Send + Sync {
    /// Opens what is there.
    async fn open(&self) -> Arc<dyn Store>;
    /// What opening finds after the process was killed right now: nothing of `store` is closed or flushed.
    async fn crash(&self, store: Arc<dyn Store>) -> Arc<dyn Store>;
}

/// The embedded store in a directory of its own.
pub struct EmbeddedPlace {
    root: tempfile::TempDir,
    lives: Mutex<u32>,
}

impl EmbeddedPlace {
    pub fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap(), lives: Mutex::new(0) }
    }

    pub fn dir(&self) -> PathBuf {
        self.root.path().join(self.lives.lock().unwrap().to_string())
    }
}

#[async_trait]
impl Place for EmbeddedPlace {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(Embedded::open(&self.dir()).unwrap())
    }

    /// Copies the files while the store is open: what was handed to the system is all that a killed process leaves behind. The
    /// log comes last, because whatever is copied into the database meanwhile is still in it.
    async fn crash(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        let old = self.dir();
        *self.lives.lock().unwrap() += 1;
        let new = self.dir();
        std::fs::create_dir(&new).unwrap();
        for file in ["buttonhook.db", "buttonhook.db-wal"] {
            std::fs::copy(old.join(file), new.join(file)).unwrap();
        }
        drop(store);
        self.open().await
    }
}

/// Runs each named test on every kind of store.
macro_rules! on_every_store {
    ($($name:ident)*) => {
        mod on_embedded {
            $(
                #[tokio::test]
                async fn $name() {
                    super::$name(&crate::store::EmbeddedPlace::new()).await;
                }
            )*
        }
    };
}
pub(crate) use on_every_store;

pub const LEASE_MS: u64 = 60_000;

/// A moment some milliseconds after an arbitrary one.
pub fn at(ms: i64) -> Timestamp {
    time::from_millis(1_700_000_000_000 + ms)
}

pub fn phone(n: usize) -> Phone {
    Phone::parse(&format!("+2782000{n:04}")).unwrap()
}

pub fn by_phone(n: usize) -> Sender {
    Sender { phone: Some(phone(n)), ..Sender::default() }
}

pub fn by_user_id(user_id: &str) -> Sender {
    Sender { user_id: Some(user_id.to_owned()), ..Sender::default() }
}

pub fn typed(id: &str, sender: Sender) -> Delivery {
    let content = Content::Typed { text: format!("the words of {id}") };
    Delivery::Message(Inbound { id: EventId(id.to_owned()), sender, sent_at: Some(at(-5)), content })
}

pub fn ids(claim: &Claim) -> Vec<&str> {
    claim.inbox.iter().map(|mail| mail.inbound.id.0.as_str()).collect()
}

pub fn send(key: &str) -> NewSend {
    let buttons = vec![WireButton { id: "signed".to_owned(), title: "Yes".to_owned() }];
    let message = Message::Buttons { header: None, body: format!("about {key}"), footer: None, buttons };
    let key = SendKey(key.to_owned());
    NewSend { key, message, on_unknown: OnUnknown::Skip, priority: Priority::Answer, about: Default::default() }
}

/// A turn that takes all the mail of `claim`.
pub fn takes(claim: &Claim, sends: &[&str]) -> Taken {
    Taken {
        contact: claim.contact,
        epoch: claim.epoch,
        head: claim.inbox.last().map_or(0, |mail| mail.seq),
        conversation: Conversation { turns: claim.conversation.turns + 1, ..claim.conversation.clone() },
        sends: sends.iter().map(|key| send(key)).collect(),
        requests: Vec::new(),
        history: Vec::new(),
        proofs: Vec::new(),
        led_nowhere: Vec::new(),
    }
}

/// A reminder that falls due at `ms`.
pub fn timer(step: &str, ms: i64) -> Timer {
    let (flow, step) = (FlowName::new("shop"), StepName::new(step));
    Timer { at: at(ms), kind: TimerKind::Later, flow, step, set_in: 1 }
}

/// Like [`takes`], and afterwards just these timers are open.
pub fn takes_and_waits(claim: &Claim, timers: &[Timer]) -> Taken {
    let mut taken = takes(claim, &[]);
    taken.conversation.timers = timers.to_vec();
    taken
}

pub async fn claim_all(store: &dyn Store, now: Timestamp) -> Claims {
    store.claim(1000, LEASE_MS, now).await.unwrap()
}

/// Accepts a message of contact `n` and takes it with `sends`.
pub async fn turn(store: &dyn Store, n: usize, event: &str, sends: &[&str], now: Timestamp) -> Claim {
    store.accept(vec![typed(event, by_phone(n))], now).await.unwrap();
    let mut claims = claim_all(store, now).await;
    assert_eq!(claims.contacts.len(), 1, "only this contact has mail");
    let claim = claims.contacts.remove(0);
    assert_eq!(store.commit(vec![takes(&claim, sends)], now).await.unwrap(), [true]);
    claim
}

pub async fn settle(store: &dyn Store, key: &str, fate: Fate, now: Timestamp) {
    settle_attempt(store, key, 1, fate, now).await;
}

/// Like [`settle`], of the attempt with this number instead of the first.
pub async fn settle_attempt(store: &dyn Store, key: &str, attempt: u64, fate: Fate, now: Timestamp) {
    store.settle(vec![settlement(key, attempt, fate)], now).await.unwrap();
}

pub fn settlement(key: &str, attempt: u64, fate: Fate) -> Settlement {
    Settlement { key: SendKey(key.to_owned()), attempt, fate, rests_until: None }
}

pub fn left(message: &str) -> Fate {
    Fate::Sent { message: Some(MessageId(message.to_owned())) }
}
