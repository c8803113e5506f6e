//! A conversation with a clock of its own: what the contact does goes in, what the bot says comes out. It expects nothing.

use crate::flow::{Opening, Pretence, Pretended, Program, advance_pretending, plain};
use crate::model::{
    Button, ButtonRef, Call, CallAnswer, ContactId, Conversation, Effect, Emit, Event, EventId, EventKind, Fault, FlowName,
    Message, RequestKey, Resumes, SendKey, Sender, StepName, Timestamp, Trace, time,
};

use super::line::OnMessage;

/// How long people take to answer.
const PAUSE_MS: u64 = 5_000;
/// How long other systems take to answer.
const ANSWER_MS: u64 = 1_000;
const CONTACT: ContactId = ContactId(1);

/// Something said.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// By the contact.
    They(String),
    /// By the bot.
    Bot(Message),
    /// Nothing was said for so many milliseconds.
    Pause(u64),
}

/// A button that was shown.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The button.
    pub button: Button,
    /// The send that carried it.
    pub send: SendKey,
    /// The text of its message.
    pub body: String,
}

impl Shown {
    /// Its name in its menu, or the id that a script gave it.
    pub fn name(&self) -> &str {
        match &self.button.means {
            ButtonRef::Choice { choice, .. } => choice.as_str(),
            ButtonRef::Named(id) => id,
        }
    }
}

/// A call that was asked for, and has no answer yet.
#[derive(Debug, Clone)]
pub struct AskedCall {
    /// Recognises it.
    pub key: RequestKey,
    /// What was asked.
    pub call: Call,
    /// What goes on when its answer comes; nothing when the conversation has moved on in the same turn.
    resumes: Option<Resumes>,
}

impl AskedCall {
    /// The step that asked; nothing for a script's handler.
    pub fn step(&self) -> Option<&StepName> {
        match self.resumes.as_ref()? {
            Resumes::Step { step, .. } | Resumes::Run { step, .. } => Some(step),
            Resumes::Handler { .. } => None,
        }
    }
}

impl std::fmt::Display for AskedCall {
    /// `GET https://api.example.com/orders of lookup`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let request = &self.call.request;
        write!(f, "{} {}", request.method, request.url)?;
        self.step().map_or(Ok(()), |step| write!(f, " of `{step}`"))
    }
}

/// A turn that was taken.
#[derive(Debug, Clone)]
pub struct Took {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub event: EventKind,
    /// Where the conversation waited before.
    pub waited: Option<(FlowName, StepName)>,
    /// How the turn came about.
    pub trace: Vec<Trace>,
    /// What broke.
    pub faults: Vec<Fault>,
    /// How many things had been said before it.
    pub said: usize,
}

/// A conversation under way.
#[derive(Debug, Clone)]
pub struct Stage {
    conversation: Conversation,
    sender: Sender,
    now: Timestamp,
    events: u32,
    pretence: Pretence,
    said: Vec<Said>,
    shown: Vec<Shown>,
    took: Vec<Took>,
    ending: Option<String>,
    asked: Vec<AskedCall>,
    news: Vec<Emit>,
}

impl Stage {
    /// A conversation in which nothing has happened yet.
    pub fn new(sender: Sender, now: Timestamp) -> Self {
        Self {
            conversation: Conversation::default(),
            sender,
            now,
            events: 0,
            pretence: Pretence::default(),
            said: Vec::new(),
            shown: Vec::new(),
            took: Vec::new(),
            ending: None,
            asked: Vec::new(),
            news: Vec::new(),
        }
    }

    /// Everything said so far, in order.
    pub fn said(&self) -> &[Said] {
        &self.said
    }

    /// Every button shown so far, oldest first.
    pub fn shown(&self) -> &[Shown] {
        &self.shown
    }

    /// Every turn taken so far, in order.
    pub fn took(&self) -> &[Took] {
        &self.took
    }

    /// How the last flow ended, when none is under way.
    pub fn ending(&self) -> Option<&str> {
        self.ending.as_deref()
    }

    /// The state.
    pub fn conversation(&self) -> &Conversation {
        &self.conversation
    }

    /// The calls that have no answer yet, oldest first, also those that nobody waits for any more.
    pub fn asked(&self) -> &[AskedCall] {
        &self.asked
    }

    /// The oldest call whose answer the conversation waits for.
    pub fn awaited(&self) -> Option<&AskedCall> {
        self.asked.iter().find(|asked| self.is_awaited(asked))
    }

    /// Whether the conversation waits for the answer.
    pub fn is_awaited(&self, asked: &AskedCall) -> bool {
        self.conversation.calls.iter().any(|open| open.key == asked.key)
    }

    /// The oldest news called `name` that nobody has taken out yet.
    pub fn take_news(&mut self, name: &str) -> Option<Emit> {
        let at = self.news.iter().position(|emit| emit.name == name)?;
        Some(self.news.remove(at))
    }

    /// What the clock shows.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// From here on a script function gives this, or fails like this, without being run.
    pub fn give(&mut self, function: String, pretended: Pretended) {
        self.pretence.functions.insert(function, pretended);
    }

    /// The newest button called or titled `wanted`, of the message that is meant.
    pub fn button(&self, wanted: &str, on: &OnMessage) -> Option<&Shown> {
        let fits = |by_name: bool| {
            let called = move |shown: &&Shown| match by_name {
                true => shown.name() == wanted,
                false => plain(&shown.button.title) == plain(wanted),
            };
            match on {
                OnMessage::Newest => self.shown.iter().rev().find(called),
                OnMessage::Nth(nth) => self.shown.iter().filter(called).nth(nth - 1),
                OnMessage::Saying(text) => self.shown.iter().rev().filter(called).find(|shown| text.fits(&shown.body)),
            }
        };
        fits(true).or_else(|| fits(false))
    }

    /// Comes to a step as if the flow had led there, with these values.
    ///
    /// # Errors
    /// When the conversation does not survive being stored.
    pub fn open(&mut self, program: &Program, opening: Opening) -> Result<(), String> {
        self.pretence.opening = Some(opening);
        let event = self.inbound(EventKind::Typed { text: String::new() });
        let taken = self.take(program, &event);
        self.pretence.opening = None;
        taken
    }

    /// The contact does something, `shown` so in the chat.
    ///
    /// # Errors
    /// When the conversation does not survive being stored.
    pub fn act(&mut self, program: &Program, shown: String, kind: EventKind) -> Result<(), String> {
        self.said.push(Said::They(shown));
        let event = self.inbound(kind);
        self.take(program, &event)
    }

    /// Another system answers a call.
    ///
    /// # Errors
    /// When the conversation does not survive being stored.
    pub fn answer(&mut self, program: &Program, asked: &AskedCall, answer: CallAnswer) -> Result<(), String> {
        self.asked.retain(|open| open.key != asked.key);
        self.now = time::after(self.now, ANSWER_MS);
        let id = EventId(format!("answer-{}", asked.key));
        let kind = EventKind::Answered { call: asked.key.clone(), answer };
        self.take(program, &Event { id, at: self.now, sender: Sender::default(), kind })
    }

    /// Time passes, and what falls due on the way happens at its moment. Only here do timers fire: what fell due while people
    /// were talking comes with the next pause, so that a line of theirs is always answered by the lines after it. It ends
    /// because flows that nobody answers do (`limits::UNANSWERED_MAX`).
    ///
    /// # Errors
    /// When the conversation does not survive being stored.
    pub fn pass(&mut self, program: &Program, millis: u64) -> Result<(), String> {
        let until = time::after(self.now, millis);
        let mut from = self.now;
        while let Some(timer) = self.conversation.next_timer().filter(|timer| timer.at <= until).cloned() {
            self.now = self.now.max(timer.at);
            self.pause(from);
            from = self.now;
            self.take(program, &timer.event(CONTACT))?;
        }
        self.now = until;
        self.pause(from);
        Ok(())
    }

    /// Shows that time has passed since `from`.
    fn pause(&mut self, from: Timestamp) {
        let millis = u64::try_from(time::millis(self.now) - time::millis(from)).unwrap_or(0);
        match self.said.last_mut() {
            _ if millis == 0 => {}
            Some(Said::Pause(before)) => *before += millis,
            _ => self.said.push(Said::Pause(millis)),
        }
    }

    fn inbound(&mut self, kind: EventKind) -> Event {
        self.events += 1;
        self.now = time::after(self.now, PAUSE_MS);
        Event { id: EventId(format!("test-{}", self.events)), at: self.now, sender: self.sender.clone(), kind }
    }

    /// One event, one turn.
    fn take(&mut self, program: &Program, event: &Event) -> Result<(), String> {
        let conversation = written_and_read(&self.conversation).map_err(|why| why.to_string())?;
        let turn = advance_pretending(program, CONTACT, conversation, event, self.now, &self.pretence);
        let said = self.said.len();
        for effect in turn.effects {
            let send = match effect {
                Effect::Send(send) => send,
                Effect::Call(call) => {
                    let key = RequestKey::new(CONTACT, turn.conversation.turns, call.nth);
                    let resumes = turn.conversation.calls.iter().find(|open| open.key == key).map(|open| open.resumes.clone());
                    self.asked.push(AskedCall { key, call, resumes });
                    continue;
                }
                Effect::Emit(emit) => {
                    self.news.push(emit);
                    continue;
                }
            };
            let key = SendKey::new(CONTACT, turn.conversation.turns, send.nth);
            if let Message::Buttons { buttons, body, .. } = &send.message {
                let shown = |button: &Button| Shown { button: button.clone(), send: key.clone(), body: body.clone() };
                self.shown.extend(buttons.iter().map(shown));
            }
            self.said.push(Said::Bot(send.message));
        }
        for trace in &turn.trace {
            if let Trace::Ended { ending, .. } = trace {
                self.ending = Some(ending.clone());
            }
        }
        if turn.conversation.session.is_some() {
            self.ending = None;
        }
        let waited = self.conversation.session.take().map(|session| (session.flow, session.step));
        let (trace, faults) = (turn.trace, turn.faults);
        self.took.push(Took { at: self.now, event: event.kind.clone(), waited, trace, faults, said });
        self.conversation = turn.conversation;
        Ok(())
    }
}

fn written_and_read(conversation: &Conversation) -> Result<Conversation, serde_json::Error> {
    serde_json::from_slice(&serde_json::to_vec(conversation)?)
}
