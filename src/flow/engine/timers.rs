//! Time passes: what happens when a timer fires, and which timers are open after a turn.
//!
//! The conversation holds its timers, and every turn leaves exactly those that still make sense. So a timer that the
//! conversation does not hold any more has nothing to say, however late or often it comes.

use crate::model::{Fault, FaultKind, FlowName, Message, Session, StepName, Timer, TimerKind, Timestamp, Trace, limits, time};

use crate::source::Span;

use super::super::program::Flow;
use super::{Broken, Machine};

/// The ending of a flow whose contact did not come back.
const SILENT_ENDING: &str = "silent";

impl<'p> Machine<'p> {
    /// Takes a timer; `is_open` tells whether the conversation still held it.
    pub(super) fn fire(&mut self, timer: &Timer, is_open: bool) {
        let late_ms = u64::try_from(time::millis(self.now).saturating_sub(time::millis(timer.at))).unwrap_or(0);
        self.trace.push(Trace::TimerFired {
            kind: timer.kind,
            flow: timer.flow.clone(),
            step: timer.step.clone(),
            set_in: timer.set_in,
            late_secs: (late_ms > limits::TIMER_LATE_MS).then_some(late_ms / 1000),
        });
        if !is_open {
            return self.moved_on("the conversation has moved on since it was set");
        }
        if self.is_held() {
            return self.put_off(timer);
        }
        match timer.kind {
            TimerKind::Silent => self.be_silent(timer),
            TimerKind::EndSilent => self.be_left_alone(timer),
            TimerKind::Later => self.remind(timer),
            TimerKind::Visit => self.visit(timer),
        }
    }

    /// The contact left the open question unanswered.
    fn be_silent(&mut self, timer: &Timer) {
        let waits =
            self.conversation.session.as_ref().is_some_and(|session| session.flow == timer.flow && session.step == timer.step);
        if !waits {
            return self.moved_on("its question is no longer open");
        }
        let Some((flow, session)) = self.open() else { return self.moved_on("the flow is gone") };
        // Where people of a step that is gone belong is decided when they do something.
        let step = flow.whereabouts(&session.step).filter(|_| !flow.was_retired(&session.step));
        let Some(silence) = step.and_then(|step| flow.step(&step)?.if_silent()) else {
            return self.moved_on("the step no longer has an `if_silent`");
        };
        let silent_turns = session.silent_turns.saturating_add(1);
        if silent_turns > limits::SILENT_TURNS_MAX {
            return self.end_silently(session.flow);
        }
        if let Some(say) = &silence.say {
            let mut missing = Vec::new();
            let body = say.fill(&self.scope(flow), &mut missing);
            self.trace.append(&mut missing);
            if let Err(broken) = self.send(Message::Text { body }, say.span) {
                self.fault(broken.fault);
            }
        }
        if let Some(go) = &silence.go {
            self.enter(flow, go.step.clone());
        }
        if let Some(session) = &mut self.conversation.session {
            session.silent_turns = silent_turns;
        }
    }

    /// The contact left the whole flow alone.
    fn be_left_alone(&mut self, timer: &Timer) {
        if self.conversation.session.as_ref().is_none_or(|session| session.flow != timer.flow) {
            return self.moved_on("the flow is over");
        }
        if self.program.flow(&timer.flow).is_some_and(|flow| flow.end_if_silent.is_none()) {
            return self.moved_on("the flow no longer has an `end_if_silent`");
        }
        self.end_silently(timer.flow.clone());
    }

    fn end_silently(&mut self, flow: FlowName) {
        self.conversation.session = None;
        self.trace.push(Trace::Ended { flow, ending: SILENT_ENDING.to_owned() });
    }

    /// A reminder is due. Where another flow's question is open and the reminder asks nothing itself, that question stays open:
    /// what is said comes in between.
    fn remind(&mut self, timer: &Timer) {
        let program = self.program;
        let flow: Option<&'p Flow> = program.flow(&timer.flow);
        let later = flow.and_then(|flow| Some((flow, flow.step(&flow.whereabouts(&timer.step)?)?.later.as_ref()?)));
        let Some((flow, later)) = later else {
            return self.moved_on("the step no longer has a `later`");
        };
        if self.is_unwelcome(later.span) {
            return;
        }
        if let Some(unless) = &later.unless {
            match self.test(flow, unless) {
                Ok(false) => {}
                Ok(true) => return,
                Err(broken) => return self.fault(broken.fault),
            }
        }
        self.return_to(flow, later.go.step.clone());
    }

    /// A moment that a script asked for with `later` has come.
    fn visit(&mut self, timer: &Timer) {
        let program = self.program;
        let flow: Option<&'p Flow> = program.flow(&timer.flow);
        let Some((flow, step)) = flow.and_then(|flow| Some((flow, flow.whereabouts(&timer.step)?))) else {
            return self.moved_on("the flow no longer has the step");
        };
        if !self.is_unwelcome(flow.span) {
            self.return_to(flow, step);
        }
    }

    /// Whether a reminder is not to come: the contact wants none, or has answered none for long. Counts it otherwise.
    fn is_unwelcome(&mut self, place: Span) -> bool {
        if self.has_opted_out() {
            self.moved_on("the contact wants to hear nothing that starts on our side");
            return true;
        }
        if self.conversation.unanswered >= limits::UNANSWERED_MAX {
            let message = format!("{} reminders in a row had no answer; this one is left out", limits::UNANSWERED_MAX);
            self.fault(Fault { kind: FaultKind::Loop, place: self.program.place(place), message });
            return true;
        }
        self.conversation.unanswered += 1;
        false
    }

    /// Goes to a step after a long time; a question of another flow stays open unless this one asks something.
    fn return_to(&mut self, flow: &'p Flow, step: StepName) {
        let elsewhere = self.conversation.session.clone().filter(|session| session.flow != flow.name);
        self.enter(flow, step);
        if self.conversation.session.is_none() {
            self.conversation.session = elsewhere;
        }
    }

    fn moved_on(&mut self, why: &str) {
        self.trace.push(Trace::MovedOn { why: why.to_owned() });
    }

    /// Opens a timer that outlives the flow, if the contact has not too many already.
    pub(in super::super) fn set_later(
        &mut self,
        kind: TimerKind,
        flow: &Flow,
        step: &StepName,
        at: Timestamp,
        span: Span,
    ) -> Result<(), Broken> {
        let timer = Timer { at, kind, flow: flow.name.clone(), step: step.clone(), set_in: self.conversation.turns };
        let others = self.conversation.timers.iter();
        let others = others.filter(|open| open.kind.outlives_the_flow() && !open.is_for_the_same_as(&timer)).count();
        if others >= limits::LATERS_MAX {
            let message = format!("more than {} reminders would wait for this contact", limits::LATERS_MAX);
            return Err(Broken::new(self, FaultKind::State, span, message));
        }
        self.set_timer(timer);
        Ok(())
    }

    /// Opens a timer, in the place of one that is for the same.
    pub(in super::super) fn set_timer(&mut self, timer: Timer) {
        let (flow, step) = (timer.flow.clone(), timer.step.clone());
        self.trace.push(Trace::TimerSet { kind: timer.kind, flow, step, at: timer.at });
        self.conversation.set_timer(timer);
    }

    /// Leaves open what still makes sense after the turn. Silence counts from the last thing that the contact did, whatever it
    /// was, and afresh from each question that is put.
    pub(super) fn keep_time(&mut self) {
        let Some((flow, session)) = self.open() else {
            return self.conversation.timers.retain(|timer| timer.kind.outlives_the_flow());
        };
        let Session { flow: flow_name, step, .. } = session;
        self.conversation.timers.retain(|timer| match timer.kind {
            TimerKind::Later | TimerKind::Visit => true,
            TimerKind::Silent => timer.flow == flow_name && timer.step == step,
            TimerKind::EndSilent => timer.flow == flow_name,
        });
        // Whoever is silent now is silent towards the person who has the conversation.
        if self.is_held() {
            return self.conversation.timers.retain(|timer| timer.kind != TimerKind::Silent);
        }
        let inbound = self.event.is_inbound();
        let if_silent = flow.step(&step).and_then(|step| step.if_silent());
        if let Some(silence) = if_silent.filter(|_| inbound || self.asked) {
            self.start_timer(TimerKind::Silent, &flow_name, &step, silence.after_ms);
        }
        let counts = self.conversation.timers.iter().any(|timer| timer.kind == TimerKind::EndSilent);
        if let Some((end_ms, _)) = flow.end_if_silent.filter(|_| inbound || !counts) {
            self.start_timer(TimerKind::EndSilent, &flow_name, &step, end_ms);
        }
    }

    fn start_timer(&mut self, kind: TimerKind, flow: &FlowName, step: &StepName, after_ms: u64) {
        let at = time::after(self.now, after_ms);
        self.set_timer(Timer { at, kind, flow: flow.clone(), step: step.clone(), set_in: self.conversation.turns });
    }
}
