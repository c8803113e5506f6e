//! The three commits, on the embedded store, with a stand-in for the engine and a channel that answers as it is told.

mod alarm;
mod doubt;
mod idle;
mod intake;
mod lane;
mod late;
mod outbox;
mod requests;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use buttonhook::channel::Channel;
use buttonhook::flow::button::Signer;
use buttonhook::model::{
    About, Button, ButtonRef, ChoiceName, Contact, ContactId, Content, Conversation, Delivery, Effect, Event, EventId, EventKind,
    FlowName, Inbound, Message, MessageId, OnUnknown, Outcome, Phone, Send, SendKey, StepName, Timestamp, Turn, WireButton, time,
};
use buttonhook::runtime::{Clock, Intake, Pace, PairPace, Sender, Take, Took, Wakes, take_some};
use buttonhook::store::{Embedded, Store};

const START_MS: i64 = 1_800_000_000_000;

/// A store, a clock that stands still, and everything between them.
struct World {
    store: Arc<dyn Store>,
    clock: Clock,
    wakes: Arc<Wakes>,
    intake: Intake,
    signer: Signer,
    channel: Arc<Scripted>,
    dir: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store: Arc<dyn Store> = Arc::new(Embedded::open(&dir.path().join("data")).unwrap());
        Self::around(store, dir)
    }

    fn around(store: Arc<dyn Store>, dir: tempfile::TempDir) -> Self {
        let clock = Clock::manual(time::from_millis(START_MS));
        let wakes = Arc::new(Wakes::default());
        let intake = Intake::new(store.clone(), clock.clone(), wakes.clone());
        Self { store, clock, wakes, intake, signer: Signer::new(b"key"), channel: Arc::default(), dir }
    }

    /// The same world after its process died.
    async fn after_crash(self) -> Self {
        let Self { store, dir, intake, wakes, .. } = self;
        drop((intake, wakes));
        store.close().await;
        drop(store);
        let store: Arc<dyn Store> = Arc::new(Embedded::open(&dir.path().join("data")).unwrap());
        Self::around(store, dir)
    }

    async fn take(&self, program: &dyn Take) -> Took {
        take_some(&*self.store, program, &self.signer, self.clock.now(), 16).await.unwrap()
    }

    /// Accepts the texts, each from a person of its own, and takes them.
    async fn decide(&self, texts: &[&str], on_unknown: OnUnknown) {
        let typed = texts.iter().enumerate().map(|(index, text)| typed(index, &format!("decide-{index}-{text}"), text));
        self.intake.take_in(typed.collect()).await.unwrap();
        self.take(&Echo { on_unknown }).await;
    }

    fn sender(&self, pace: Pace) -> Sender {
        Sender::new(self.store.clone(), self.channel.clone(), self.clock.clone(), pace)
    }
}

/// A text that person number `who` typed.
fn typed(who: usize, id: &str, text: &str) -> Delivery {
    delivery(who, id, Content::Typed { text: text.to_owned() })
}

fn delivery(who: usize, id: &str, content: Content) -> Delivery {
    let phone = Phone::parse(&format!("1555010{who:04}"));
    let sender = buttonhook::model::Sender { phone, name: format!("Person {who}"), ..Default::default() };
    Delivery::Message(Inbound { id: EventId(id.to_owned()), sender, sent_at: None, content })
}

/// Answers each text with itself and one button; panics at "poison".
struct Echo {
    on_unknown: OnUnknown,
}

impl Default for Echo {
    fn default() -> Self {
        Self { on_unknown: OnUnknown::Resend }
    }
}

impl Take for Echo {
    fn revision(&self) -> &str {
        "echo"
    }

    fn advance(&self, _: ContactId, mut conversation: Conversation, event: &Event, _: Timestamp) -> Turn {
        conversation.turns += 1;
        let body = match &event.kind {
            EventKind::Typed { text } => text.clone(),
            EventKind::Tapped { button, title } => format!("{button:?} {title}"),
            EventKind::Attached { kind, .. } => format!("{kind:?}"),
            EventKind::TimerFired { timer } => format!("{} fired", timer.step),
            other => format!("{other:?}"),
        };
        assert_ne!(body, "poison", "the stand-in breaks as it was asked to");
        let send = Send { nth: 0, message: message(body), on_unknown: self.on_unknown, about: About::default() };
        Turn { conversation, effects: vec![Effect::Send(send)], trace: vec![], faults: vec![] }
    }
}

fn message(body: String) -> Message {
    if body.starts_with("template") {
        return Message::Template { name: body, language: "en_US".to_owned(), fields: vec![], header: None, buttons: vec![] };
    }
    let means = ButtonRef::Choice { flow: FlowName::new("echo"), step: StepName::new("menu"), choice: ChoiceName::new("again") };
    Message::Buttons { header: None, body, footer: None, buttons: vec![Button { means, title: "Again".to_owned() }] }
}

/// A channel that records what it is asked to send and answers what it was told to, then `Sent`.
#[derive(Default)]
struct Scripted {
    answers: Mutex<VecDeque<Outcome>>,
    sent: Mutex<Vec<(SendKey, Contact, Message<WireButton>)>>,
}

impl Scripted {
    fn will_answer(&self, outcomes: impl IntoIterator<Item = Outcome>) {
        self.answers.lock().unwrap().extend(outcomes);
    }

    fn bodies(&self) -> Vec<String> {
        self.sent.lock().unwrap().iter().map(|(_, _, message)| message.body().to_owned()).collect()
    }
}

#[async_trait]
impl Channel for Scripted {
    async fn send(&self, to: &Contact, _: &About, key: &SendKey, message: &Message<WireButton>) -> Outcome {
        self.sent.lock().unwrap().push((key.clone(), to.clone(), message.clone()));
        let usual = Outcome::Sent { message: Some(MessageId(format!("wamid.{key}"))) };
        self.answers.lock().unwrap().pop_front().unwrap_or(usual)
    }

    fn name(&self) -> &str {
        "scripted"
    }
}
