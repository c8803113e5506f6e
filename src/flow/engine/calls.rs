//! Calls to other systems: what a turn asks and tells, and how it goes on when an answer comes.
//!
//! The conversation holds its open calls, and every turn leaves exactly those whose answer somebody still waits for. So an answer that
//! comes after the contact has gone elsewhere has nothing to say.

use crate::model::{
    Call, CallAnswer, Effect, Emit, Event, Fault, FaultKind, Fetched, FlowName, Journal, Message, OpenCall, RequestKey, Resumes,
    ScriptName, StepName, Timestamp, Trace, Value, Wait, limits,
};
use crate::script::{Asked, Handler};

use super::super::program::Flow;
use super::super::step::{Then, json_bytes};
use super::{Broken, Machine};

/// A run of a script that goes on after an answer of `fetch`.
#[derive(Debug, Clone)]
pub(in super::super) struct Replay {
    /// The step whose script it is.
    pub step: StepName,
    /// What its `fetch` gave so far.
    pub journal: Journal,
}

impl<'p> Machine<'p> {
    /// Asks another system; the turn that its answer takes goes on with `resumes`. `place` is where that is written.
    pub(in super::super) fn call(&mut self, asked: Asked, resumes: Resumes, place: &str) -> Result<Wait, Broken> {
        let wrong = |kind, message: String| Err(Broken::at(place, kind, message));
        let bytes = asked.request.body.as_ref().map_or(0, json_bytes);
        if bytes > limits::CALL_BODY_BYTES_MAX {
            let message = format!("the body would have {bytes} bytes where {} are allowed", limits::CALL_BODY_BYTES_MAX);
            return wrong(FaultKind::Value, message);
        }
        if self.conversation.calls.len() >= limits::CALLS_OPEN_MAX {
            let message = format!("more than {} calls of this contact would be open", limits::CALLS_OPEN_MAX);
            return wrong(FaultKind::State, message);
        }
        if self.conversation.calls_in_a_row >= limits::CALLS_IN_A_ROW_MAX {
            let message = format!("more than {} calls one after the other, with nothing in between", limits::CALLS_IN_A_ROW_MAX);
            return wrong(FaultKind::Loop, message);
        }
        self.conversation.calls_in_a_row += 1;
        let nth = self.next_effect();
        let key = RequestKey::new(self.contact, self.conversation.turns, nth);
        self.trace.push(Trace::Called { call: key.clone(), what: in_few_words(&asked) });
        let Asked { request, wait_ms, tries } = asked;
        self.effects.push(Effect::Call(Call { nth, request, wait_ms, tries }));
        self.conversation.calls.push(OpenCall { key: key.clone(), resumes });
        Ok(Wait::Call { call: key })
    }

    /// Tells the user's own system something. `place` is where that is written.
    pub(in super::super) fn emit(&mut self, name: String, data: Value, place: String) -> Result<(), Broken> {
        let bytes = json_bytes(&data);
        if bytes > limits::CALL_BODY_BYTES_MAX {
            let message = format!("the news would have {bytes} bytes where {} are allowed", limits::CALL_BODY_BYTES_MAX);
            return Err(Broken::at(&place, FaultKind::Value, message));
        }
        if self.effects.iter().filter(|effect| matches!(effect, Effect::Emit(_))).count() >= limits::EMITS_PER_TURN_MAX {
            let message = format!("more than {} news in one turn", limits::EMITS_PER_TURN_MAX);
            return Err(Broken::at(&place, FaultKind::Loop, message));
        }
        self.trace.push(Trace::Emitted { name: name.clone() });
        let nth = self.next_effect();
        self.effects.push(Effect::Emit(Emit { nth, name, data }));
        Ok(())
    }

    /// Takes what came of a call; `open` is what waited for it, if anything still does.
    pub(super) fn answered(&mut self, key: &RequestKey, answer: &CallAnswer, open: Option<OpenCall>) {
        self.trace.push(Trace::CallAnswered { call: key.clone(), came: answer.in_few_words() });
        let Some(open) = open else { return self.moved_on("the conversation has moved on since it was asked") };
        if self.is_held() {
            if self.conversation.awaits(key) {
                self.conversation.session = None;
            }
            self.trace.push(Trace::Held);
            return self.moved_on("a person has the conversation");
        }
        match open.resumes {
            Resumes::Handler { script, journal } => self.resume_handler(&script, with_answer(journal, answer)),
            Resumes::Step { flow, step } => self.resume_step(key, &flow, &step, answer, None),
            Resumes::Run { flow, step, journal } => {
                self.resume_step(key, &flow, &step, answer, Some(with_answer(journal, answer)))
            }
        }
    }

    fn resume_step(&mut self, key: &RequestKey, flow: &FlowName, step: &StepName, answer: &CallAnswer, journal: Option<Journal>) {
        if !self.conversation.awaits(key) {
            return self.moved_on("the conversation has moved on since it was asked");
        }
        self.conversation.session = None;
        let program = self.program;
        let found: Option<&'p Flow> = program.flow(flow);
        let now = found.and_then(|flow| flow.whereabouts(step));
        let (Some(found), Some(now)) = (found, now) else {
            let message = format!("the conversation waited at `{flow}.{step}`, which the flows no longer have");
            let fault = Fault { kind: FaultKind::Vanished, place: String::new(), message };
            return match found {
                Some(found) => self.mend(found, Broken { fault, to: None }),
                None => self.give_up(fault),
            };
        };
        // The people of a retired step go where it says; a step that is another by now begins as it is now.
        let Some(definition) = found.step(&now).filter(|_| !found.was_retired(step)) else { return self.enter(found, now) };
        match (&definition.then, journal) {
            (_, Some(journal)) => {
                self.replay = Some(Replay { step: now.clone(), journal });
                self.enter(found, now);
            }
            (Then::Call(call), None) => {
                let decided = self.whole(found, |machine| call.decide(machine, found, definition, answer));
                self.go_on(found, now, decided);
            }
            (_, None) => self.enter(found, now),
        }
    }

    /// What a script's function or handler was told so far, when it goes on after an answer; it is forgotten by this.
    pub(in super::super) fn take_replay(&mut self, step: &StepName) -> Option<Journal> {
        self.replay.take_if(|replay| replay.step == *step).map(|replay| replay.journal)
    }

    /// What a run that asks for the first time is remembered by.
    pub(in super::super) fn journal(&self, before: Option<Journal>, asked: &Asked) -> Journal {
        let fresh = || Journal { event: Box::new(self.seen.clone()), now: self.now, answers: Vec::new(), asked: String::new() };
        Journal { asked: asked.fingerprint(), ..before.unwrap_or_else(fresh) }
    }

    fn resume_handler(&mut self, script: &ScriptName, journal: Journal) {
        let handler = if journal.event.kind.is_tap() { Handler::OnTap } else { Handler::OnText };
        if !self.ask_handler(script, handler, Some(journal)) && self.broke() {
            self.apologise();
        }
    }

    /// The contact does something while an answer is awaited, and nobody else takes it.
    pub(super) fn meanwhile(&mut self, flow: &'p Flow, step: &StepName) {
        self.trace.push(Trace::Meanwhile { step: step.clone() });
        let Some(say) = flow.step(step).and_then(|step| step.meanwhile.as_ref()) else { return };
        let mut missing = Vec::new();
        let body = say.fill(&self.scope(flow), &mut missing);
        self.trace.append(&mut missing);
        if let Err(broken) = self.send(Message::Text { body }, say.span) {
            self.fault(broken.fault);
        }
    }

    /// Leaves open the calls whose answers somebody waits for.
    pub(super) fn keep_calls(&mut self) {
        let awaited = match self.conversation.session.as_ref().map(|session| &session.wait) {
            Some(Wait::Call { call }) => Some(call.clone()),
            Some(Wait::Menu { .. } | Wait::Answer) | None => None,
        };
        self.conversation.calls.retain(|open| match &open.resumes {
            Resumes::Handler { .. } => true,
            Resumes::Step { .. } | Resumes::Run { .. } => Some(&open.key) == awaited.as_ref(),
        });
    }
}

/// The event and the moment that a script sees: those of its first run, when it goes on.
pub(in super::super) fn sees<'a>(journal: Option<&'a Journal>, event: &'a Event, now: Timestamp) -> (&'a Event, Timestamp) {
    journal.map_or((event, now), |journal| (&journal.event, journal.now))
}

fn with_answer(mut journal: Journal, answer: &CallAnswer) -> Journal {
    let asked = std::mem::take(&mut journal.asked);
    journal.answers.push(Fetched { asked, answer: answer.clone() });
    journal
}

/// The method and the host: what else stands in an address may be the contact's.
fn in_few_words(asked: &Asked) -> String {
    let rest = asked.request.url.split_once("://").map_or("", |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or("");
    format!("{} {host}", asked.request.method)
}
