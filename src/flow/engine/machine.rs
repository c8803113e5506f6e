//! The turn while it is being taken.

use crate::model::{
    ContactId, Conversation, Effect, Event, EventKind, Fault, FaultKind, FlowName, Message, OnUnknown, ScriptName, Send, SendKey,
    Session, StepName, Tap, TappedButton, Timestamp, Trace, Turn, Value, VariableName, Variables, Wait, limits,
};
use crate::source::Span;

use super::super::program::{Flow, Program, no_variables};
use super::super::read::Computed;
use super::super::scope::Scope;
use super::calls::Replay;
use super::{BROKEN_TEXT, Broken, Next, Opening, Pretence, said_or};

/// The turn while it is being taken.
pub(in super::super) struct Machine<'p> {
    pub program: &'p Program,
    pub contact: ContactId,
    pub conversation: Conversation,
    pub event: &'p Event,
    pub now: Timestamp,
    pub trace: Vec<Trace>,
    /// What a test puts in the place of the world.
    pub pretence: &'p Pretence,
    /// The event that texts, expressions and scripts see: the one at hand, or the one that a script asked another system about.
    pub seen: &'p Event,
    /// Names that expressions see beside the flow's variables: those of an answer, while it is looked at.
    pub beside: Variables,
    /// A run of a script that goes on in this turn.
    pub(super) replay: Option<Replay>,
    pub(super) effects: Vec<Effect>,
    faults: Vec<Fault>,
    /// Where someone goes whose open question is gone, if nobody else takes the event.
    pub(super) stranded: Option<(&'p Flow, StepName)>,
    /// The menu that this turn uses up, unless something breaks.
    pub(super) spends: Option<SendKey>,
    steps_left: u32,
    /// Whether a question was put in this turn.
    pub(super) asked: bool,
    /// What the step at hand changed: variables with their values before it.
    undo: Vec<(VariableName, Option<Value>)>,
}

impl<'p> Machine<'p> {
    pub(super) fn new(
        program: &'p Program,
        contact: ContactId,
        mut conversation: Conversation,
        event: &'p Event,
        now: Timestamp,
    ) -> Self {
        conversation.turns += 1;
        if event.answered().is_none() {
            conversation.calls_in_a_row = 0;
        }
        if event.is_inbound() {
            conversation.hear_from(&event.sender, event.at);
        }
        Self {
            program,
            contact,
            conversation,
            event,
            now,
            trace: Vec::new(),
            pretence: Pretence::NONE,
            seen: event,
            beside: Variables::new(),
            replay: None,
            effects: Vec::new(),
            faults: Vec::new(),
            stranded: None,
            spends: None,
            steps_left: limits::STEPS_PER_TURN_MAX,
            asked: false,
            undo: Vec::new(),
        }
    }

    /// Keeps what was tapped. A tap in whose turn something broke may be made again at once: it did not do what it says.
    pub(super) fn keep_tap(&mut self) {
        let tap = match &self.event.kind {
            EventKind::Tapped { button: TappedButton::Ours { means, send }, .. } if !self.broke() => {
                let revision = self.program.revision().to_owned();
                Some(Tap { send: send.clone(), means: means.clone(), at: self.event.at, revision })
            }
            EventKind::Tapped { .. } | EventKind::Typed { .. } | EventKind::Attached { .. } => None,
            // The contact did nothing: whatever was tapped before is still the last thing tapped.
            _ => return,
        };
        let spent = self.spends.take().filter(|_| !self.broke());
        let taps = &mut self.conversation.taps;
        taps.last = tap;
        if let Some(send) = spent {
            taps.spend(&send);
        }
    }

    pub(super) fn finish(self) -> Turn {
        Turn { conversation: self.conversation, effects: self.effects, trace: self.trace, faults: self.faults }
    }

    /// The names that texts, expressions and scripts of `flow` see.
    pub(in super::super) fn scope<'a>(&'a self, flow: &'a Flow) -> Scope<'a> {
        let variables = self.conversation.variables.get(&flow.name).unwrap_or(no_variables());
        let (contact, profile) = (&self.conversation.contact, &self.conversation.profile);
        Scope { flow: Some(flow), contact, profile, variables, event: self.seen, now: self.now }
    }

    /// The value of an expression.
    pub(in super::super) fn compute(&self, flow: &Flow, computed: &Computed) -> Result<Value, Broken> {
        let scope = self.scope(flow);
        let mut all = None;
        if !self.beside.is_empty() {
            let beside = self.beside.iter().map(|(name, value)| (name.clone(), value.clone()));
            all = Some(scope.variables.clone().into_iter().chain(beside).collect::<Variables>());
        }
        let scope = Scope { variables: all.as_ref().unwrap_or(scope.variables), ..scope };
        self.program.scripts().evaluate(&computed.expression, &scope.surroundings()).map_err(|fault| Broken::script(self, fault))
    }

    /// Whether a condition holds.
    pub(in super::super) fn test(&mut self, flow: &Flow, when: &Computed) -> Result<bool, Broken> {
        let value = self.compute(flow, when)?;
        let Value::YesNo(came_out) = value else {
            let message = format!("the condition came out as {} where true or false belongs", value.kind_name());
            return Err(Broken::new(self, FaultKind::Value, when.span, message));
        };
        self.trace.push(Trace::Tested { when: when.source.clone(), came_out });
        Ok(came_out)
    }

    /// Gives a variable of `flow` a value that fits it.
    pub(in super::super) fn set(&mut self, flow: &Flow, name: &VariableName, value: Value, span: Span) -> Result<(), Broken> {
        let Some(variable) = flow.remember.get(name.as_str()) else {
            let message = format!("there is no variable `{name}` in the flow `{}`; declare it under `remember`", flow.name);
            return Err(Broken::new(self, FaultKind::Value, span, message));
        };
        let value = variable
            .accept(value)
            .map_err(|why| Broken::new(self, FaultKind::Value, span, format!("the value does not fit `{name}`: {why}")))?;
        self.trace.push(Trace::Set { variable: name.clone(), value: value.to_string().chars().take(200).collect() });
        let old = self.conversation.variables.entry(flow.name.clone()).or_default().insert(name.clone(), value);
        self.undo.push((name.clone(), old));
        Ok(())
    }

    /// Puts a message on its way, if it keeps the provider's limits with its values filled in.
    pub(in super::super) fn send(&mut self, message: Message, span: Span) -> Result<SendKey, Broken> {
        if let Some(broken) = message.broken_limit() {
            return Err(Broken::new(self, FaultKind::Message, span, broken));
        }
        if self.sends() >= limits::SENDS_PER_TURN_MAX {
            let message = format!("more than {} messages in one turn", limits::SENDS_PER_TURN_MAX);
            return Err(Broken::new(self, FaultKind::Loop, span, message));
        }
        Ok(self.push(message))
    }

    /// Puts a message of ours on its way, which is known to keep the limits.
    pub(super) fn push(&mut self, message: Message) -> SendKey {
        let nth = self.next_effect();
        let on_unknown = if message.is_template() { OnUnknown::Skip } else { OnUnknown::Resend };
        let about = std::mem::take(&mut self.conversation.profile.untold);
        self.effects.push(Effect::Send(Send { nth, message, on_unknown, about }));
        SendKey::new(self.contact, self.conversation.turns, nth)
    }

    /// How many messages the turn has put on their way.
    pub(super) fn sends(&self) -> usize {
        self.effects.iter().filter_map(Effect::send).count()
    }

    /// The number of the turn's next effect.
    pub(super) fn next_effect(&self) -> u32 {
        u32::try_from(self.effects.len()).unwrap_or(u32::MAX)
    }

    /// Whether anything broke so far.
    pub(super) fn broke(&self) -> bool {
        !self.faults.is_empty()
    }

    pub(super) fn fault(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// Begins a flow afresh: what it remembered is gone, except what it keeps.
    pub(super) fn start(&mut self, name: &FlowName, because: String) {
        self.start_with(name, because, Vec::new());
    }

    /// The same, with values for its variables.
    pub(super) fn start_with(&mut self, name: &FlowName, because: String, values: Vec<(VariableName, Value)>) {
        self.trace.push(Trace::Started { flow: name.clone(), because });
        let Some(flow) = self.program.flow(name) else {
            self.conversation.session = None;
            let message = format!("there is no flow `{name}`");
            self.give_up(Fault { kind: FaultKind::Vanished, place: String::new(), message });
            return;
        };
        if let Some(variables) = self.conversation.variables.get_mut(name) {
            variables.retain(|variable, _| flow.remember.get(variable.as_str()).is_some_and(|variable| variable.keep));
        }
        for (variable, value) in values {
            if let Err(broken) = self.set(flow, &variable, value, flow.span) {
                return self.mend(flow, broken);
            }
        }
        self.enter(flow, flow.first().clone());
    }

    /// Notes which lines of a script ran, where they are counted.
    pub(in super::super) fn ran_lines(&mut self, script: &str, lines: &[u32]) {
        if !lines.is_empty() {
            self.trace.push(Trace::Lines { script: ScriptName::new(script), lines: lines.to_vec() });
        }
    }

    /// Comes to a step as if another had led there, for tests that begin in the middle of a flow.
    pub(super) fn open_at(&mut self, opening: &Opening) {
        let program = self.program;
        let Some(flow) = program.flow(&opening.flow) else {
            return self.start(&opening.flow, "a test begins there".to_owned());
        };
        for (variable, value) in &opening.with {
            if let Err(broken) = self.set(flow, variable, value.clone(), flow.span) {
                return self.mend(flow, broken);
            }
        }
        self.enter(flow, opening.step.clone());
    }

    /// Runs steps from `step` on until one waits or the flow ends.
    pub(super) fn enter(&mut self, flow: &'p Flow, step: StepName) {
        self.run_from(flow, step, false);
    }

    /// Something broke outside of a step's run: the flow's fault route runs, or the contact is told.
    pub(super) fn mend(&mut self, flow: &'p Flow, broken: Broken) {
        match &flow.if_broken {
            Some(target) => {
                self.fault(broken.fault);
                self.run_from(flow, target.step.clone(), true);
            }
            None => self.give_up(broken.fault),
        }
    }

    /// Runs steps; `mending` says that the flow's fault route has been taken, which happens once in a turn.
    fn run_from(&mut self, flow: &'p Flow, step: StepName, mending: bool) {
        self.conversation.session = None;
        let outcome = self.step(flow, &step);
        self.follow(flow, step, outcome, mending);
    }

    /// Goes on from `step`, of which this came.
    pub(super) fn go_on(&mut self, flow: &'p Flow, step: StepName, outcome: Result<Next, Broken>) {
        self.follow(flow, step, outcome, false);
    }

    fn follow(&mut self, flow: &'p Flow, mut at: StepName, mut outcome: Result<Next, Broken>, mut mending: bool) {
        loop {
            let next = match outcome {
                Ok(Next::Go(step)) => step,
                Ok(Next::Wait(wait)) => {
                    self.trace.push(Trace::Waits { step: at.clone() });
                    // While an answer of another system is awaited, the contact has not been asked anything.
                    self.asked |= !matches!(wait, Wait::Call { .. });
                    self.conversation.session =
                        Some(Session { flow: flow.name.clone(), step: at, wait, tries: 0, silent_turns: 0 });
                    return;
                }
                Ok(Next::End(ending)) => {
                    self.trace.push(Trace::Ended { flow: flow.name.clone(), ending });
                    return;
                }
                Ok(Next::Start(name)) => {
                    self.trace.push(Trace::Ended { flow: flow.name.clone(), ending: "started_another_flow".to_owned() });
                    return self.start(&name, format!("the flow `{}` started it", flow.name));
                }
                Err(broken) => {
                    let route = broken.to.or_else(|| {
                        let target = flow.if_broken.as_ref().filter(|_| !mending)?;
                        mending = true;
                        Some(target.step.clone())
                    });
                    match route {
                        Some(step) if self.steps_left > 0 => {
                            self.faults.push(broken.fault);
                            step
                        }
                        Some(_) | None => return self.give_up(broken.fault),
                    }
                }
            };
            outcome = self.step(flow, &next);
            at = next;
        }
    }

    /// One step, whole or not at all.
    fn step(&mut self, flow: &'p Flow, name: &StepName) -> Result<Next, Broken> {
        let Some(step) = flow.step(name) else {
            let message = format!("the flow `{}` has no step `{name}`", flow.name);
            return Err(Broken::new(self, FaultKind::Vanished, flow.span, message));
        };
        if self.steps_left == 0 {
            let message = format!("more than {} steps in one turn", limits::STEPS_PER_TURN_MAX);
            return Err(Broken::new(self, FaultKind::Loop, step.span, message));
        }
        self.steps_left -= 1;
        self.trace.push(Trace::Entered { flow: flow.name.clone(), step: step.name.clone() });
        self.whole(flow, |machine| step.run(machine, flow))
    }

    /// Does `part`; when it breaks, everything it set and said is taken back.
    pub(super) fn whole<T>(&mut self, flow: &Flow, part: impl FnOnce(&mut Self) -> Result<T, Broken>) -> Result<T, Broken> {
        let said = self.effects.len();
        self.undo.clear();
        let before = (self.conversation.profile.clone(), self.conversation.held.clone());
        let outcome = part(self);
        if outcome.is_err() {
            (self.conversation.profile, self.conversation.held) = before;
            self.effects.truncate(said);
            let variables = self.conversation.variables.entry(flow.name.clone()).or_default();
            for (name, old) in self.undo.drain(..).rev() {
                match old {
                    Some(value) => variables.insert(name, value),
                    None => variables.remove(&name),
                };
            }
        }
        outcome
    }

    /// Nothing says what to do about a fault: the flow is over, and a contact who did something is told.
    pub(super) fn give_up(&mut self, fault: Fault) {
        self.faults.push(fault);
        self.conversation.session = None;
        // Whoever asked for something waits for it, also while another system is asked.
        if self.event.is_inbound() || self.event.answered().is_some() {
            self.apologise();
        }
    }

    /// Tells the contact that something broke.
    pub(super) fn apologise(&mut self) {
        let body = said_or(self.program.always().broken.as_ref(), &self.flowless(), BROKEN_TEXT);
        self.push(Message::Text { body });
    }

    /// The names that texts outside of flows see.
    pub(super) fn flowless(&self) -> Scope<'_> {
        let (contact, profile) = (&self.conversation.contact, &self.conversation.profile);
        Scope { flow: None, contact, profile, variables: no_variables(), event: self.seen, now: self.now }
    }

    /// Puts the open question again, as it was first put.
    pub(super) fn repeat(&mut self, flow: &'p Flow, step: &StepName, tries: u32) {
        let Some(definition) = flow.step(step) else { return };
        let open = self.conversation.session.as_ref().map(|session| session.wait.clone());
        let asked = self.whole(flow, |machine| definition.ask_again(machine, flow));
        match asked {
            Ok(wait) => {
                if let (Wait::Menu { send: copy }, Some(Wait::Menu { send })) = (&wait, open) {
                    self.conversation.taps.copied(&send, copy);
                }
                self.conversation.session =
                    Some(Session { flow: flow.name.clone(), step: step.clone(), wait, tries, silent_turns: 0 });
            }
            Err(broken) => self.mend(flow, broken),
        }
    }

    /// Whether the menu that `send` carried is the one that is open now, or an earlier copy of it.
    pub(super) fn is_open(&self, flow: &FlowName, step: &StepName, send: &SendKey) -> bool {
        self.conversation.session.as_ref().is_some_and(|session| {
            let open = matches!(&session.wait, Wait::Menu { send: open } if self.conversation.taps.are_copies(open, send));
            open && session.flow == *flow && session.step == *step
        })
    }
}
