//! Takes an event: decides whose it is, runs steps until one waits or the flow ends, and gives the whole turn back.
//!
//! Never fails and never panics: what breaks becomes a [`Fault`] inside the turn, and the flow's own route for it runs. Loops
//! are cut by bounds.

mod callers;
mod calls;
mod machine;
mod people;
mod pretend;
mod route;
mod tap;
mod timers;
mod unasked;

use crate::model::{
    About, Button, ContactId, Conversation, Effect, Event, EventKind, Fault, FaultKind, FlowName, Message, OnUnknown, Send,
    StepName, Timestamp, Turn, Wait, limits,
};
use crate::source::Span;

use super::program::{Program, no_variables};
use super::scope::Scope;
use super::step::Entry;
use super::text::Text;

pub(super) use calls::sees;
pub(super) use machine::Machine;
pub use pretend::{Opening, Pretence, Pretended};

/// What the contact reads when something broke and the flow says nothing of it with `if_broken`.
pub const BROKEN_TEXT: &str = "Sorry, something went wrong here. Please try again later.";
/// What the contact reads when a button leads nowhere any more and no flow takes it.
pub const GONE_TEXT: &str = "Sorry, that button is no longer in use.";

/// What the contact reads when a menu that is good for one tap is tapped again, and the step says nothing of it with `if_old`.
pub const SPENT_TEXT: &str = "You have answered that already.";

/// Where a step leads.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Next {
    /// To another step of the same flow.
    Go(StepName),
    /// Nowhere until the contact answers.
    Wait(Wait),
    /// Out of the flow.
    End(String),
    /// Through another flow and back.
    Enter(Entry),
    /// Out of the flow into another one.
    Start(FlowName),
}

/// A step that broke; nothing it did counts.
#[derive(Debug)]
pub(super) struct Broken {
    /// What happened.
    pub fault: Fault,
    /// Where the step itself says to go then.
    pub to: Option<StepName>,
}

impl Broken {
    pub(super) fn new(machine: &Machine<'_>, kind: FaultKind, span: Span, message: impl Into<String>) -> Self {
        Self { fault: Fault { kind, place: machine.program.place(span), message: message.into() }, to: None }
    }

    /// What broke at a place that is told in words.
    pub(super) fn at(place: &str, kind: FaultKind, message: impl Into<String>) -> Self {
        Self { fault: Fault { kind, place: place.to_owned(), message: message.into() }, to: None }
    }

    /// A step that cannot be as it is: the program changed under the conversation.
    pub(super) fn vanished(machine: &Machine<'_>, span: Span) -> Self {
        Self::new(machine, FaultKind::Vanished, span, "the step does not say anything, so there is nothing to tap on")
    }

    /// The same, with a place to go.
    pub(super) fn goes(self, step: &StepName) -> Self {
        Self { to: Some(step.clone()), ..self }
    }
}

/// Takes `event` for the conversation of `contact`.
///
/// Randomness grows from the event's id and time comes in as `now`, so that a turn taken again after a crash is the same turn.
pub fn advance(program: &Program, contact: ContactId, conversation: Conversation, event: &Event, now: Timestamp) -> Turn {
    advance_pretending(program, contact, conversation, event, now, Pretence::NONE)
}

/// The same for tests, with what they put in the place of the world.
pub fn advance_pretending(
    program: &Program,
    contact: ContactId,
    mut conversation: Conversation,
    event: &Event,
    now: Timestamp,
    pretence: &Pretence,
) -> Turn {
    // A timer that fires is gone whatever becomes of its turn, or it would fire for ever.
    let fired = event.timer().map(|timer| (timer, conversation.forget_timer(timer)));
    let mut before = conversation.clone();
    // A script that goes on sees the event about which it asked, and so does what follows it.
    let open = event.answered().and_then(|key| conversation.calls.iter().find(|open| open.key == *key));
    let asked_about = open.and_then(|open| open.resumes.journal()).map(|journal| journal.event.clone());
    let mut machine = Machine::new(program, contact, conversation, event, now);
    machine.seen = asked_about.as_deref().unwrap_or(event);
    machine.end_hold_by_time();
    machine.pretence = pretence;
    match (fired, &pretence.opening, &event.kind) {
        (Some((timer, is_open)), ..) => machine.fire(timer, is_open),
        (None, Some(opening), _) => machine.open_at(opening),
        (None, None, EventKind::Told { name, .. }) => machine.be_told(name),
        (None, None, EventKind::Scheduled { flow, due }) => machine.be_scheduled(flow, *due),
        (None, None, _) => machine.route(),
    }
    machine.keep_tap();
    machine.keep_time();
    machine.keep_calls();
    let turn = machine.finish();
    let size = stored_bytes(&turn.conversation);
    if size <= limits::STATE_BYTES_MAX {
        return turn;
    }
    // The answer comes once: nobody may go on waiting for it.
    if let Some(key) = event.answered() {
        before.give_up_call(key);
    }
    let spoken = program.languages.to(before.language.as_ref());
    let (contact, profile) = (&before.contact, &before.profile);
    let scope = Scope { flow: None, spoken, contact, profile, variables: no_variables(), event, now, zone: program.zone(None) };
    let sorry = said_or(program.always().broken.as_ref(), &scope, BROKEN_TEXT);
    overgrown(before, event, turn, size, sorry)
}

/// How long the state is as JSON, in bytes. Counted, not written: the store writes it once it is known to fit.
fn stored_bytes(conversation: &Conversation) -> usize {
    struct Counter(usize);
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    serde_json::to_writer(&mut counter, conversation).map_or(usize::MAX, |()| counter.0)
}

/// A turn whose state outgrew its bound is taken back: the contact is told if it was theirs, the conversation is as it was.
fn overgrown(before: Conversation, event: &Event, turn: Turn, size: usize, sorry: String) -> Turn {
    let message = format!("the conversation's state would have {size} bytes where {} are allowed", limits::STATE_BYTES_MAX);
    let fault = Fault { kind: FaultKind::State, place: String::new(), message };
    let Conversation { turns, unheard_turns, last_inbound_at, .. } = turn.conversation;
    let conversation = Conversation { turns, unheard_turns, last_inbound_at, ..before };
    let message = Message::Text { body: sorry };
    let sorry = Effect::Send(Send { nth: 0, message, on_unknown: OnUnknown::Resend, about: About::default() });
    let effects = if event.is_inbound() || event.answered().is_some() { vec![sorry] } else { Vec::new() };
    Turn { conversation, effects, trace: turn.trace, faults: vec![fault] }
}

/// An author's text with its values, or `ours` where there is none, or none that the provider would take.
fn said_or(text: Option<&Text>, scope: &Scope<'_>, ours: &str) -> String {
    let body = text.map(|text| text.fill(scope, &mut Vec::new()));
    let good = |body: &String| Message::<Button>::Text { body: body.clone() }.broken_limit().is_none();
    body.filter(good).unwrap_or_else(|| ours.to_owned())
}
