//! What begins although the contact did nothing: events of the user's own systems, and schedules.
//!
//! Whatever begins here must pass [`Machine::begin_unasked`]: the one place that knows that nobody asked for it.

use crate::model::{EventName, FlowName, Timestamp, Trace, limits, time};

use super::Machine;
use crate::script::Handler;

/// Why nothing begins for a contact who has opted out.
const OPTED_OUT: &str = "the contact wants to hear nothing that starts on our side";

impl Machine<'_> {
    /// The user's own system told something: the flow that begins by it begins; where there is none, the scripts' handlers are asked.
    pub(super) fn be_told(&mut self, name: &EventName) {
        match self.program.triggers().event(name) {
            Some(owner) => self.begin_unasked(&owner.flow, format!("the event `{name}`")),
            None if self.is_held() => self.trace.push(Trace::Held),
            None if self.has_opted_out() => self.trace.push(Trace::MovedOn { why: OPTED_OUT.to_owned() }),
            None if self.by_handler(Handler::OnEvent) => {}
            None => self.trace.push(Trace::Nobody),
        }
    }

    /// A flow's schedule came round: the flow begins for those whom it is for.
    pub(super) fn be_scheduled(&mut self, name: &FlowName, due: Timestamp) {
        let late_ms = u64::try_from(time::millis(self.now).saturating_sub(time::millis(due))).unwrap_or(0);
        let late_secs = (late_ms > limits::TIMER_LATE_MS).then_some(late_ms / 1000);
        self.trace.push(Trace::Scheduled { flow: name.clone(), due, late_secs });
        let program = self.program;
        let planned = program.flow(name).and_then(|flow| Some((flow, flow.start.schedule.as_ref()?)));
        let Some((flow, schedule)) = planned else {
            return self.trace.push(Trace::MovedOn { why: "the flow no longer has a `schedule`".to_owned() });
        };
        if let Some(when) = &schedule.when {
            match self.test(flow, when) {
                Ok(true) => {}
                Ok(false) => return,
                Err(broken) => return self.fault(broken.fault),
            }
        }
        self.begin_unasked(name, "its schedule".to_owned());
    }

    /// Begins a flow that the contact did not ask for. Where another flow's question is open and this one asks nothing itself,
    /// that question stays open: what is said comes in between. Otherwise this flow takes over.
    ///
    /// Not so while a person has the conversation, who would be interrupted, and not for a contact who wants to hear nothing that
    /// starts on our side.
    fn begin_unasked(&mut self, flow: &FlowName, because: String) {
        if self.is_held() {
            return self.trace.push(Trace::Held);
        }
        if self.has_opted_out() {
            return self.trace.push(Trace::MovedOn { why: OPTED_OUT.to_owned() });
        }
        let elsewhere = self.conversation.session.clone().filter(|session| session.flow != *flow);
        self.start(flow, because);
        if self.conversation.session.is_none() {
            self.conversation.session = elsewhere;
        }
    }
}
