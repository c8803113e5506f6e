//! Calls of other systems: what goes on when an answer comes, and which answers are still waited for after a turn.

use crate::model::{Call, CallAnswer, Effect, Emit, HttpRequest, RequestKey, Resumes, Trace, Wait};

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
            Resumes::Run { .. } | Resumes::Handler { .. } => self.lost(),
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
