//! What begins although the contact did nothing: events of the user's own systems.
//!
//! Whatever begins here must pass [`Machine::begin_unasked`]: the one place that knows that nobody asked for it.

use crate::model::{EventName, FlowName, Trace};

use super::Machine;

impl Machine<'_> {
    /// The user's own system told something: the flow that begins by it begins.
    pub(super) fn be_told(&mut self, name: &EventName) {
        match self.program.triggers().event(name) {
            Some(owner) => self.begin_unasked(&owner.flow, format!("the event `{name}`")),
            None => self.trace.push(Trace::Nobody),
        }
    }

    /// Begins a flow that the contact did not ask for. Where another flow's question is open and this one asks nothing itself,
    /// that question stays open: what is said comes in between. Otherwise this flow takes over.
    fn begin_unasked(&mut self, flow: &FlowName, because: String) {
        let elsewhere = self.conversation.session.clone().filter(|session| session.flow != *flow);
        self.start(flow, because);
        if self.conversation.session.is_none() {
            self.conversation.session = elsewhere;
        }
    }
}
