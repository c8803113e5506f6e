//! The provider: takes requests, lets them hang, and answers with every misbehaviour there is (design: guarantees, section 4.2,
//! row 6), as the channel's outcomes. What arrived is on the phones, whatever was answered.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use buttonhook::channel::Channel;
use buttonhook::model::{About, Contact, Message, MessageId, Outcome, Refusal, SendKey, WireButton};
use buttonhook::runtime::Clock;
use tokio::sync::oneshot;

use super::chaos::Watch;
use super::random::Random;

/// What the provider can do to a request.
#[derive(Debug, Clone, Copy)]
pub enum Misbehaviour {
    /// 429 with `retry_after`.
    TooManyWithWait,
    /// 429 without a body.
    TooMany,
    /// 500 "Failed to send message": the provider says no, the network behind it may have taken the message.
    Failed,
    /// 502 with HTML, a time limit, accept and close, a cut body, garbage, an answer of 100 MB: no usable answer.
    NoUsableAnswer,
    /// 200 without an id.
    Untraceable,
    /// A redirect, 401, 403, 404, 422.
    Refused,
    /// No connection: DNS, TCP, TLS.
    Unreached,
}

const MISBEHAVIOURS: [Misbehaviour; 7] = [
    Misbehaviour::TooManyWithWait,
    Misbehaviour::TooMany,
    Misbehaviour::Failed,
    Misbehaviour::NoUsableAnswer,
    Misbehaviour::Untraceable,
    Misbehaviour::Refused,
    Misbehaviour::Unreached,
];

/// A message on a phone.
#[derive(Clone)]
pub struct Arrived {
    pub id: MessageId,
    pub buttons: Vec<WireButton>,
}

/// The provider and everything behind it.
pub struct Network {
    watch: Arc<Watch>,
    random: Arc<Random>,
    /// Requests that hang, in the order in which they came.
    hanging: Mutex<Vec<Request>>,
    phones: Mutex<BTreeMap<String, Vec<Arrived>>>,
    /// Answers everything as it should.
    pub behaves: AtomicBool,
    messages: Mutex<u64>,
}

struct Request {
    key: SendKey,
    /// Which of the attempts at this send it is.
    nth: usize,
    to: String,
    buttons: Vec<WireButton>,
    answer: oneshot::Sender<Outcome>,
}

/// Messages that a phone keeps at hand.
const ARRIVED_KEPT: usize = 24;

impl Network {
    pub fn new(watch: Arc<Watch>, random: Arc<Random>) -> Arc<Self> {
        Arc::new(Self {
            watch,
            random,
            hanging: Mutex::default(),
            phones: Mutex::default(),
            behaves: AtomicBool::new(false),
            messages: Mutex::new(0),
        })
    }

    /// The line of one process to the provider.
    pub fn line(self: &Arc<Self>, clock: Clock) -> Arc<dyn Channel> {
        Arc::new(Line { network: Arc::clone(self), clock })
    }

    pub fn on_phone(&self, number: &str) -> Vec<Arrived> {
        self.phones.lock().unwrap().get(number).cloned().unwrap_or_default()
    }

    /// Answers one of the requests that hang; tells whether one did.
    pub fn answer_one(&self) -> bool {
        let request = {
            let mut hanging = self.hanging.lock().unwrap();
            // Of a process that died nobody hears the answer any more; the message may arrive all the same.
            if hanging.is_empty() {
                return false;
            }
            let at = self.random.roll(hanging.len() as u64) as usize;
            hanging.swap_remove(at)
        };
        let (outcome, arrives) = self.decide();
        if arrives {
            self.arrive(&request, &outcome);
        }
        self.watch.ledger().answered(&request.key, request.nth, &outcome, arrives);
        let _ = request.answer.send(outcome);
        true
    }

    fn next_id(&self) -> MessageId {
        let mut messages = self.messages.lock().unwrap();
        *messages += 1;
        MessageId(format!("wamid.out.{messages}"))
    }

    fn decide(&self) -> (Outcome, bool) {
        if self.behaves.load(Ordering::Relaxed) || !self.random.one_in(4) {
            return (Outcome::Sent { message: Some(self.next_id()) }, true);
        }
        let detail = "as told".to_owned();
        match self.random.pick(&MISBEHAVIOURS) {
            Misbehaviour::TooManyWithWait => (Outcome::Throttled { retry_after_secs: Some(45) }, false),
            Misbehaviour::TooMany => (Outcome::Throttled { retry_after_secs: None }, false),
            Misbehaviour::Failed => (Outcome::Failed { detail }, self.random.one_in(8)),
            Misbehaviour::NoUsableAnswer => (Outcome::Unknown { detail }, self.random.one_in(2)),
            Misbehaviour::Untraceable => (Outcome::Sent { message: None }, true),
            Misbehaviour::Refused => (Outcome::Refused { refusal: Refusal::Invalid, detail }, false),
            Misbehaviour::Unreached => (Outcome::Unreached { detail }, false),
        }
    }

    fn arrive(&self, request: &Request, outcome: &Outcome) {
        // The id that the phone shows is the one that we were told, where we were told one.
        let id = match outcome {
            Outcome::Sent { message: Some(id) } => id.clone(),
            _ => self.next_id(),
        };
        let mut phones = self.phones.lock().unwrap();
        let phone = phones.entry(request.to.clone()).or_default();
        phone.push(Arrived { id, buttons: request.buttons.clone() });
        if phone.len() > ARRIVED_KEPT {
            phone.remove(0);
        }
    }
}

struct Line {
    network: Arc<Network>,
    clock: Clock,
}

#[async_trait]
impl Channel for Line {
    async fn send(&self, to: &Contact, _: &About, key: &SendKey, message: &Message<WireButton>) -> Outcome {
        let network = &self.network;
        let left = network.watch.ledger().requested(key, message, self.clock.now());
        let nth = left.as_ref().map_or(0, |nth| *nth);
        network.watch.judge(left.map(drop));
        let (answer, answered) = oneshot::channel();
        let buttons = match message {
            Message::Buttons { buttons, .. } => buttons.clone(),
            _ => Vec::new(),
        };
        let to = to.phone.as_ref().map_or_else(String::new, |phone| phone.digits().to_owned());
        network.hanging.lock().unwrap().push(Request { key: key.clone(), nth, to, buttons, answer });
        let answered = answered.await;
        answered.unwrap_or_else(|_| Outcome::Unknown { detail: "the provider is gone".to_owned() })
    }

    fn name(&self) -> &str {
        "simulated"
    }
}
