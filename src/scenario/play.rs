//! Plays a conversation.

use std::collections::VecDeque;

use crate::flow::{Flow, Program, advance, plain};
use crate::model::{
    Button, ButtonRef, ContactId, Conversation, Effect, Event, EventId, EventKind, Fault, FlowName, Message, SendKey, Sender,
    TappedButton, Timestamp, Trace, time,
};
use crate::source::Span;

use super::read::{Expected, Line, LineKind, Scenario};

/// A conversation as it was played.
#[derive(Debug, Clone)]
pub struct Played {
    /// Everything that was said, in order, up to the failure.
    pub said: Vec<Said>,
    /// What went otherwise than written.
    pub failure: Option<Failure>,
    /// Every step that was entered.
    pub entered: Vec<(FlowName, crate::model::StepName)>,
}

/// Something said.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// By the contact.
    They(String),
    /// By the bot.
    Bot(Message),
}

/// What went otherwise than written.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The line of the conversation.
    pub span: Span,
    /// What went wrong, in a sentence.
    pub message: String,
    /// What was expected, where a text was.
    pub expected: Option<String>,
    /// What came instead, where something came.
    pub came: Option<String>,
}

/// When every conversation begins: a Monday morning.
const BEGINS: &str = "2026-01-05T09:00:00Z";
/// How long people take to answer.
const PAUSE_MS: u64 = 5_000;
const CONTACT: ContactId = ContactId(1);

struct Stage<'p> {
    program: &'p Program,
    conversation: Conversation,
    sender: Sender,
    now: Timestamp,
    events: u32,
    /// Said by the bot and not yet expected by a line.
    open: VecDeque<Message>,
    /// Every button shown so far, oldest first, with the send that carried it.
    shown: Vec<(Button, SendKey)>,
    faults: Vec<Fault>,
    ending: Option<String>,
    played: Played,
}

/// Plays `scenario` of `flow` against `program`.
pub fn play(program: &Program, flow: &Flow, scenario: &Scenario) -> Played {
    let sender = Sender { phone: scenario.contact_phone.clone(), name: scenario.contact_name.clone(), user_id: None };
    let mut stage = Stage {
        program,
        conversation: Conversation::default(),
        sender,
        now: BEGINS.parse().unwrap_or(Timestamp::UNIX_EPOCH),
        events: 0,
        open: VecDeque::new(),
        shown: Vec::new(),
        faults: Vec::new(),
        ending: None,
        played: Played { said: Vec::new(), failure: None, entered: Vec::new() },
    };
    let end = scenario.lines.last().map_or(scenario.span, |line| line.span);
    let outcome = scenario
        .lines
        .iter()
        .try_for_each(|line| stage.line(line))
        .and_then(|()| stage.settled(end))
        .and_then(|()| stage.ended(flow, scenario));
    stage.played.failure = outcome.err();
    stage.played
}

impl Stage<'_> {
    fn line(&mut self, line: &Line) -> Result<(), Failure> {
        match &line.kind {
            LineKind::They(text) => self.act(line.span, text.clone(), EventKind::Typed { text: text.clone() }),
            LineKind::Sends(kind) => {
                let shown = format!(
                    "[{}]",
                    serde_json::to_value(kind).ok().and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default()
                );
                self.act(line.span, shown, EventKind::Attached { kind: *kind, caption: String::new() })
            }
            LineKind::TapId(id) => {
                let button = TappedButton::Foreign { id: id.clone() };
                self.act(line.span, format!("[{id}]"), EventKind::Tapped { button, title: id.clone() })
            }
            LineKind::Tap(wanted) => {
                let Some((button, send)) = self.button(wanted) else {
                    let shown =
                        self.shown.iter().map(|(button, _)| format!("{} ({})", name(button), button.title)).collect::<Vec<_>>();
                    let came = (!shown.is_empty()).then(|| shown.join(", "));
                    let message = format!("there is no button `{wanted}` to tap on");
                    return Err(Failure { span: line.span, message, expected: None, came });
                };
                let kind =
                    EventKind::Tapped { button: TappedButton::Ours { means: button.means, send }, title: button.title.clone() };
                self.act(line.span, format!("[{}]", button.title), kind)
            }
            LineKind::Wait(millis) => self.pass(line.span, *millis),
            LineKind::Bot(expected) => self.expect(line.span, expected),
            LineKind::Fault(expected) => {
                let fault = (!self.faults.is_empty()).then(|| self.faults.remove(0));
                match fault {
                    Some(fault) if expected.fits(&fault.message) => Ok(()),
                    other => Err(Failure {
                        span: line.span,
                        message: "something else should have broken".to_owned(),
                        expected: Some(expected.to_string()),
                        came: other.map(|fault| fault.message),
                    }),
                }
            }
        }
    }

    /// The newest button called or titled `wanted`.
    fn button(&self, wanted: &str) -> Option<(Button, SendKey)> {
        let named = self.shown.iter().rev().find(|(button, _)| name(button) == wanted);
        named.or_else(|| self.shown.iter().rev().find(|(button, _)| plain(&button.title) == plain(wanted))).cloned()
    }

    /// The contact does something; what the bot says to it waits for the lines that expect it.
    fn act(&mut self, span: Span, shown: String, kind: EventKind) -> Result<(), Failure> {
        self.settled(span)?;
        self.events += 1;
        self.now = time::after(self.now, PAUSE_MS);
        self.played.said.push(Said::They(shown));
        self.take(span, &Event { id: EventId(format!("test-{}", self.events)), at: self.now, sender: self.sender.clone(), kind })
    }

    /// Time passes, and what falls due on the way happens at its moment; what the bot says then waits for the lines that expect
    /// it. Only here do timers fire: what fell due while people were talking comes with the next `wait`, so that a line of
    /// theirs is always answered by the lines after it. It ends because flows that nobody answers do (`limits::UNANSWERED_MAX`).
    fn pass(&mut self, span: Span, millis: u64) -> Result<(), Failure> {
        self.settled(span)?;
        let until = time::after(self.now, millis);
        while let Some(timer) = self.conversation.next_timer().filter(|timer| timer.at <= until).cloned() {
            self.now = self.now.max(timer.at);
            self.take(span, &timer.event(CONTACT))?;
        }
        self.now = until;
        Ok(())
    }

    /// One event, one turn.
    fn take(&mut self, span: Span, event: &Event) -> Result<(), Failure> {
        let conversation = written_and_read(&self.conversation).map_err(|why| Failure {
            span,
            message: format!("the conversation does not survive the store: {why}"),
            expected: None,
            came: None,
        })?;
        let turn = advance(self.program, CONTACT, conversation, event, self.now);
        for send in turn.effects.iter().filter_map(Effect::send) {
            let key = SendKey::new(CONTACT, turn.conversation.turns, send.nth);
            if let Message::Buttons { buttons, .. } = &send.message {
                self.shown.extend(buttons.iter().map(|button| (button.clone(), key.clone())));
            }
            self.played.said.push(Said::Bot(send.message.clone()));
            self.open.push_back(send.message.clone());
        }
        for trace in &turn.trace {
            match trace {
                Trace::Entered { flow, step } => self.played.entered.push((flow.clone(), step.clone())),
                Trace::Ended { ending, .. } => self.ending = Some(ending.clone()),
                _ => {}
            }
        }
        if turn.conversation.session.is_some() {
            self.ending = None;
        }
        self.faults.extend(turn.faults);
        self.conversation = turn.conversation;
        Ok(())
    }

    fn expect(&mut self, span: Span, expected: &Expected) -> Result<(), Failure> {
        match self.open.pop_front() {
            Some(message) if expected.fits(message.body()) => Ok(()),
            other => Err(Failure {
                span,
                message: if other.is_some() { "the bot says something else" } else { "the bot says nothing" }.to_owned(),
                expected: Some(expected.to_string()),
                came: other.map(|message| message.body().to_owned()),
            }),
        }
    }

    /// Nothing may be left that no line expected.
    fn settled(&mut self, span: Span) -> Result<(), Failure> {
        if let Some(fault) = self.faults.first() {
            let message = format!("something broke at {}: {}", fault.place, fault.message);
            return Err(Failure { span, message, expected: None, came: None });
        }
        match self.open.front() {
            None => Ok(()),
            Some(message) => Err(Failure {
                span,
                message: "the bot says more than is written here".to_owned(),
                expected: None,
                came: Some(message.body().to_owned()),
            }),
        }
    }

    fn ended(&self, flow: &Flow, scenario: &Scenario) -> Result<(), Failure> {
        let Some((expected, span)) = &scenario.ends else { return Ok(()) };
        if self.ending.as_ref() == Some(expected) {
            return Ok(());
        }
        let came = self.ending.clone().or_else(|| {
            let session = self.conversation.session.as_ref()?;
            Some(format!("it waits at `{}` of `{}`", session.step, session.flow))
        });
        let message = format!("the flow `{}` does not end like that", flow.name);
        Err(Failure { span: *span, message, expected: Some(expected.clone()), came })
    }
}

fn written_and_read(conversation: &Conversation) -> Result<Conversation, serde_json::Error> {
    serde_json::from_slice(&serde_json::to_vec(conversation)?)
}

fn name(button: &Button) -> &str {
    match &button.means {
        ButtonRef::Choice { choice, .. } => choice.as_str(),
        ButtonRef::Named(id) => id,
    }
}
