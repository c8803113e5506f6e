//! Calls of other systems: what goes on when an answer comes, and which answers are still waited for after a turn.

use crate::model::{
    Call, CallAnswer, Effect, Emit, Event, EventKind, Fetched, HttpRequest, Journal, RequestKey, Resumes, ScriptName, StepName,
    Timestamp, Trace, Wait,
};

use crate::script::{Asked, Handler};

use super::super::step::Then;
use super::{Broken, Machine};

impl<'p> Machine<'p> {
    /// Puts a call among the effects.
    pub(in super::super) fn push_call(&mut self, request: HttpRequest, wait_ms: u64, tries: u32) -> RequestKey {
        let nth = u32::try_from(self.effects()).unwrap_or(u32::MAX);
        self.push_effect(Effect::Call(Call { nth, request, wait_ms, tries }));
        RequestKey::new(self.contact, self.conversation.turns, nth)
    }

    /// Puts news among the effects.
    pub(in super::super) fn push_emit(&mut self, news: impl FnOnce(u32) -> Emit) {
        let nth = u32::try_from(self.effects()).unwrap_or(u32::MAX);
        self.push_effect(Effect::Emit(news(nth)));
    }

    /// The answer to a call has come: what waited for it goes on, unless the conversation has moved on.
    pub(super) fn answered(&mut self, call: &RequestKey, answer: &CallAnswer) {
        let open = self.conversation.calls.iter().position(|open| open.key == *call);
        let Some(open) = open.map(|index| self.conversation.calls.remove(index)) else {
            return self.trace.push(Trace::MovedOn { why: "nobody waits for this answer any more".to_owned() });
        };
        if self.is_held() {
            // Whatever it led to would be said in between.
            self.conversation.session = None;
            return self.trace.push(Trace::Held);
        }
        match open.resumes {
            Resumes::Step { flow, step } => {
                let program = self.program;
                let there = program.flow(&flow).and_then(|flow| Some((flow, flow.whereabouts(&step)?)));
                let Some((flow, now)) = there else { return self.lost() };
                if flow.was_retired(&step) {
                    return self.enter(flow, now);
                }
                let Some(Then::Call(definition)) = flow.step(&now).map(|step| &step.then) else { return self.lost() };
                match self.whole(flow, |machine| definition.take_answer(machine, flow, answer)) {
                    Ok(next) => self.enter(flow, next),
                    Err(Broken { fault, to: Some(step) }) => {
                        self.fault(fault);
                        self.enter(flow, step);
                    }
                    Err(broken) => self.mend(flow, broken),
                }
            }
            Resumes::Run { flow, step, journal } => {
                let program = self.program;
                let there = program.flow(&flow).and_then(|flow| Some((flow, flow.whereabouts(&step)?)));
                let Some((flow, now)) = there else { return self.lost() };
                self.replay = Some((now.clone(), with_answer(journal, answer)));
                self.enter(flow, now);
            }
            Resumes::Handler { script, journal } => {
                let Some(handler) = handler_of(&journal.event.kind) else { return self.lost() };
                if !self.ask_handler(&script, handler, Some(with_answer(journal, answer))) && self.broke() {
                    self.apologise();
                }
            }
        }
    }

    /// What a script's function was told so far, when it goes on after an answer; it is forgotten by this.
    pub(in super::super) fn take_replay(&mut self, step: &StepName) -> Option<Journal> {
        self.replay.take_if(|(at, _)| at == step).map(|(_, journal)| journal)
    }

    /// What a run is remembered by until its answer comes.
    pub(in super::super) fn journal(&self, before: Option<Journal>, asked: &Asked) -> Journal {
        let fresh = || Journal { event: Box::new(self.seen.clone()), now: self.now, answers: Vec::new(), asked: String::new() };
        Journal { asked: asked.fingerprint(), ..before.unwrap_or_else(fresh) }
    }

    /// A handler asks another system. It has taken the event by that: whether it would pass it on is not known before the answer.
    pub(super) fn fetch_for(&mut self, script: &ScriptName, asked: Asked, journal: Option<Journal>) -> bool {
        let journal = self.journal(journal, &asked);
        let resumes = Resumes::Handler { script: script.clone(), journal };
        match self.call(asked, resumes, &format!("scripts/{script}.rhai")) {
            Ok(_) => true,
            Err(broken) => {
                self.fault(broken.fault);
                false
            }
        }
    }

    /// The step that waited for the answer is gone, and the flow does not say where its people go.
    fn lost(&mut self) {
        self.mend_session();
        if !self.by_stranded() {
            self.conversation.session = None;
            self.trace.push(Trace::MovedOn { why: "the step that waited for the answer is gone".to_owned() });
        }
    }

    /// Answers are waited for only while their step waits: whoever has moved on drops them.
    pub(super) fn keep_calls(&mut self) {
        let awaited = match self.conversation.session.as_ref().map(|session| &session.wait) {
            Some(Wait::Call { call }) => Some(call.clone()),
            Some(Wait::Menu { .. } | Wait::Answer) | None => None,
        };
        self.conversation.calls.retain(|open| match open.resumes {
            Resumes::Step { .. } | Resumes::Run { .. } => Some(&open.key) == awaited.as_ref(),
            Resumes::Handler { .. } => true,
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

/// The handler that is asked about such an event.
fn handler_of(kind: &EventKind) -> Option<Handler> {
    match kind {
        EventKind::Tapped { .. } => Some(Handler::OnTap),
        EventKind::Typed { .. } => Some(Handler::OnText),
        EventKind::Told { .. } => Some(Handler::OnEvent),
        _ => None,
    }
}
