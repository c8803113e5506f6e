//! A conversation with a clock of its own: what the contact does goes in, what the bot says comes out. It expects nothing.

use std::collections::VecDeque;

use crate::flow::{Flow, Menu, MenuPart, Opening, Pretence, Pretended, Program, Step, Then, advance_pretending, plain};
use crate::model::{
    Button, ButtonRef, Call, Contact, ContactId, Conversation, Effect, Emit, Event, EventId, EventKind, EventName, Fault,
    FlowName, Language, Message, OpenCall, RequestKey, SendKey, Sender, StepName, TappedButton, Timestamp, Trace, Value, time,
};

use super::line::OnMessage;

/// How long people take to answer.
const PAUSE_MS: u64 = 5_000;
/// How often a schedule may come round in one pause.
const ROUNDS_MAX: u32 = 1_000;
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

    /// What a line of a conversation calls it: its name where an author gave it one, and otherwise what stands on it.
    pub fn called(&self, program: &Program) -> &str {
        let ButtonRef::Choice { flow, step, choice } = &self.button.means else { return self.name() };
        let step = program.flow(flow).and_then(|flow| flow.step(&flow.whereabouts(step)?));
        let part = step.and_then(|step| if let Then::Menu(menu) = &step.then { menu.part(choice) } else { None });
        match part {
            Some(MenuPart::Row(_) | MenuPart::Page(_)) => &self.button.title,
            Some(MenuPart::Choice) | None => self.name(),
        }
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

impl Took {
    /// The menu of the button that was tapped, if it was one of ours.
    pub fn tapped(&self) -> Option<(&FlowName, &StepName)> {
        match &self.event {
            EventKind::Tapped { button: TappedButton::Ours { means: ButtonRef::Choice { flow, step, .. }, .. }, .. } => {
                Some((flow, step))
            }
            _ => None,
        }
    }

    /// The menu that a choice in it was made from, by a tap or in words; of a step that was renamed under its name now.
    pub fn menu<'p>(&self, program: &'p Program) -> Option<(&'p Flow, &'p Step, &'p Menu)> {
        let (flow, step) = self.tapped().or_else(|| self.waited.as_ref().map(|(flow, step)| (flow, step)))?;
        let flow = program.flow(flow)?;
        let step = flow.step(&flow.whereabouts(step)?)?;
        match &step.then {
            Then::Menu(menu) => Some((flow, step, menu)),
            Then::Ask(_) | Then::Call(_) | Then::Choose(_) | Then::Enter(_) | Then::Go(_) | Then::End(_) => None,
        }
    }
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
    calls: Vec<(RequestKey, Call)>,
    emits: VecDeque<Emit>,
    /// The flow whose schedule comes round, and the last moment of it that has come.
    scheduled: Option<FlowName>,
    came_round: Timestamp,
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
            calls: Vec::new(),
            emits: VecDeque::new(),
            scheduled: None,
            came_round: now,
        }
    }

    /// The contact has chosen this language before.
    pub fn reads(&mut self, language: Option<Language>) {
        self.conversation.language = language;
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

    /// The same once more, before a moment has passed: a finger that taps twice.
    ///
    /// # Errors
    /// When the conversation does not survive being stored.
    pub fn act_again_at_once(&mut self, program: &Program, shown: String, kind: EventKind) -> Result<(), String> {
        self.said.push(Said::They(shown));
        self.events += 1;
        let event = Event { id: EventId(format!("test-{}", self.events)), at: self.now, sender: self.sender.clone(), kind };
        self.take(program, &event)
    }

    /// Something happens that the contact did not do.
    ///
    /// # Errors
    /// When the conversation does not survive being stored.
    pub fn happens(&mut self, program: &Program, kind: EventKind) -> Result<(), String> {
        let event = self.inbound(kind);
        self.take(program, &event)
    }

    /// The oldest call whose answer is still awaited.
    pub fn next_call(&self) -> Option<(&OpenCall, &Call)> {
        let open = self.conversation.calls.first()?;
        Some((open, &self.calls.iter().find(|(key, _)| *key == open.key)?.1))
    }

    /// The next of the news for the user's own system.
    pub fn next_emit(&mut self) -> Option<Emit> {
        self.emits.pop_front()
    }

    /// A system of the user's tells something: the contact did nothing.
    ///
    /// # Errors
    /// When the conversation does not survive being stored.
    pub fn tell(&mut self, program: &Program, name: &EventName, data: &Value) -> Result<(), String> {
        self.meet();
        self.said.push(Said::They(format!("[event {name}]")));
        let event = self.inbound(EventKind::Told { name: name.clone(), data: data.clone() });
        self.take(program, &event)
    }

    /// From now on the schedule of this flow comes round as time passes; those of other flows have conversations of their own.
    pub fn follow_schedule_of(&mut self, flow: FlowName) {
        self.scheduled = Some(flow);
        self.came_round = self.now;
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
        let mut rounds = 0;
        loop {
            let timer = self.conversation.next_timer().filter(|timer| timer.at <= until).cloned();
            let round = self.next_round(program).filter(|due| *due <= until);
            let (at, event) = match (timer, round) {
                (Some(timer), due) if due.is_none_or(|due| timer.at <= due) => (timer.at, timer.event(CONTACT)),
                (_, Some(due)) => {
                    rounds += 1;
                    if rounds > ROUNDS_MAX {
                        return Err(format!("the schedule comes round more than {ROUNDS_MAX} times; wait for a shorter time"));
                    }
                    (due, self.come_round(due))
                }
                (_, None) => break,
            };
            self.now = self.now.max(at);
            self.pause(from);
            from = self.now;
            self.take(program, &event)?;
        }
        self.now = until;
        self.pause(from);
        Ok(())
    }

    /// When the schedule that is followed comes round next.
    fn next_round(&self, program: &Program) -> Option<Timestamp> {
        program.planned(program.flow(self.scheduled.as_ref()?)?)?.next(self.came_round)
    }

    fn come_round(&mut self, due: Timestamp) -> Event {
        self.came_round = due;
        self.events += 1;
        self.meet();
        let flow = self.scheduled.clone().unwrap_or_else(|| FlowName::new(""));
        let id = EventId(format!("test-{}", self.events));
        Event { id, at: due, sender: Sender::default(), kind: EventKind::Scheduled { flow, due } }
    }

    /// The contact is known, whether or not they have written.
    fn meet(&mut self) {
        if self.conversation.contact == Contact::default() {
            self.conversation.contact =
                Contact { phone: self.sender.phone.clone(), name: self.sender.name.clone(), user_id: None };
        }
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
        let conversation =
            written_and_read(&self.conversation).map_err(|why| format!("the conversation does not survive the store: {why}"))?;
        let turn = advance_pretending(program, CONTACT, conversation, event, self.now, &self.pretence);
        let said = self.said.len();
        for effect in turn.effects {
            let send = match effect {
                Effect::Send(send) => send,
                Effect::Call(call) => {
                    self.calls.push((RequestKey::new(CONTACT, turn.conversation.turns, call.nth), call));
                    continue;
                }
                Effect::Emit(emit) => {
                    self.emits.push_back(emit);
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
