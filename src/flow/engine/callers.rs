//! Flows that enter each other. The conversation keeps for each flow which step entered it last: a chain of such steps leads
//! back from wherever the contact is, also after a tap on an old menu of a flow that has long ended.

use crate::model::{Caller, FaultKind, FlowName, StepName, Trace, limits};

use super::super::program::Flow;
use super::super::step::{Entry, Then};
use super::{Broken, Machine, Next};

/// A flow and a step of it.
pub(super) type Place<'p> = (&'p Flow, StepName);

impl<'p> Machine<'p> {
    /// Begins a flow for a step of another one. `flow` is that other one.
    pub(super) fn go_in(&mut self, flow: &'p Flow, entry: Entry) -> Result<Place<'p>, Broken> {
        let program = self.program;
        let Some(entered) = program.flow(&entry.flow) else {
            return Err(Broken::new(self, FaultKind::Vanished, flow.span, format!("there is no flow `{}`", entry.flow)));
        };
        if self.callers(&flow.name).count() >= limits::CALLERS_MAX {
            let message = format!("more than {} flows would have entered each other", limits::CALLERS_MAX);
            return Err(Broken::new(self, FaultKind::Loop, flow.span, message));
        }
        let because = format!("the step `{}` of `{}` entered it", entry.caller.step, entry.caller.flow);
        self.trace.push(Trace::Started { flow: entry.flow.clone(), because });
        self.conversation.callers.insert(entry.flow.clone(), entry.caller);
        self.forget(entered);
        for (variable, value) in entry.values {
            self.trace_set(&variable, &value);
            self.conversation.variables.entry(entry.flow.clone()).or_default().insert(variable, value);
        }
        Ok((entered, entered.first().clone()))
    }

    /// `flow` has ended with `ending`: where the step that entered it leads, or how that broke and in which flow. Nothing when no
    /// step entered it.
    pub(super) fn come_back(&mut self, flow: &'p Flow, ending: &str) -> Option<Result<Place<'p>, (&'p Flow, Broken)>> {
        // A person has the conversation: whatever the caller had still to say would come in between.
        if self.is_held() {
            return None;
        }
        let Caller { flow: name, step } = self.conversation.callers.get(&flow.name)?.clone();
        let program = self.program;
        // A flow that is gone leaves nobody to come back to, and nobody to tell of it.
        let caller = program.flow(&name)?;
        self.trace.push(Trace::CameBack { flow: name, step: step.clone(), ending: ending.to_owned() });
        let then = caller.whereabouts(&step).and_then(|step| caller.step(&step)).map(|step| &step.then);
        let outcome = match then {
            // What a removed step was for goes on where its people go.
            _ if caller.was_retired(&step) => Ok(caller.whereabouts(&step).unwrap_or(step)),
            Some(Then::Enter(enter)) if enter.flow == flow.name => {
                match self.whole(caller, |machine| enter.come_back(machine, caller, ending)) {
                    Ok(Next::Go(step)) => Ok(step),
                    Ok(_) => return None,
                    Err(broken) => Err(broken),
                }
            }
            Some(_) | None => {
                let message =
                    format!("the flow `{}` was entered by `{}.{step}`, which does so no longer", flow.name, caller.name);
                Err(Broken::new(self, FaultKind::Vanished, caller.span, message))
            }
        };
        Some(outcome.map(|step| (caller, step)).map_err(|broken| (caller, broken)))
    }

    /// Where to go when something broke in the flow `name`: its own route, or that of the flow that entered it, and so on.
    pub(super) fn fault_route(&self, name: &FlowName) -> Option<Place<'p>> {
        let program = self.program;
        let names = std::iter::once(name).chain(self.callers(name).map(|caller| &caller.flow));
        names.filter_map(|name| program.flow(name)).find_map(|flow| Some((flow, flow.if_broken.as_ref()?.step.clone())))
    }

    /// The steps that entered the flow `name`, the nearest first; no more than may be.
    fn callers(&self, name: &FlowName) -> impl Iterator<Item = &Caller> {
        let callers = &self.conversation.callers;
        std::iter::successors(callers.get(name), |caller| callers.get(&caller.flow)).take(limits::CALLERS_MAX)
    }
}
