//! The turn while it is being taken.

use crate::model::{
    ContactId, Conversation, Effect, Event, EventKind, Fault, FaultKind, FlowName, Journal, Language, Message, OnUnknown,
    ScriptName, Send, SendKey, Session, StepName, Tap, TappedButton, Timestamp, Trace, Turn, Value, VariableName, Variables,
    Wait, limits,
};
use crate::source::Span;

use super::super::program::{Flow, Program, no_variables};
use super::super::read::Computed;
use super::super::scope::Scope;
use super::super::typed::Typist;
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
    /// The event that texts, expressions and scripts see: the one at hand, or the one about which a script asked another system.
    pub seen: &'p Event,
    /// A run of a script that goes on in this turn: its step, and what `fetch` gave so far.
    pub(super) replay: Option<(StepName, Journal)>,
    effects: Vec<Effect>,
    faults: Vec<Fault>,
    /// Where someone goes whose open question is gone, if nobody else takes the event.
    pub(super) stranded: Option<(&'p Flow, StepName)>,
    /// The menu that this turn uses up, unless something breaks.
    pub(super) spends: Option<SendKey>,
    steps_left: u32,
    /// What the step at hand says about a message of its own of which nobody can tell whether it left.
    pub(in super::super) on_unknown: Option<OnUnknown>,
    /// Whether a question was put in this turn.
    pub(super) asked: bool,
    /// What the next message says first, where there is room for it.
    pub(super) preface: Option<String>,
    /// What the step at hand changed: variables with their values before it.
    undo: Vec<(VariableName, Option<Value>)>,
    /// The contact's language before the step at hand, where that changed it.
    undo_language: Option<Option<Language>>,
}

impl<'p> Machine<'p> {
    pub(super) fn new(
        program: &'p Program,
        contact: ContactId,
        mut conversation: Conversation,
        event: &'p Event,
        now: Timestamp,
    ) -> Self {
        conversation.count_turn(event.is_inbound());
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
            replay: None,
            effects: Vec::new(),
            faults: Vec::new(),
            stranded: None,
            spends: None,
            steps_left: limits::STEPS_PER_TURN_MAX,
            on_unknown: None,
            asked: false,
            preface: None,
            undo: Vec::new(),
            undo_language: None,
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
        self.scope_of(Some(flow), variables)
    }

    /// The same for what may belong to no flow.
    pub(super) fn scope_of<'a>(&'a self, flow: Option<&'a Flow>, variables: &'a Variables) -> Scope<'a> {
        let Conversation { contact, profile, language, .. } = &self.conversation;
        let spoken = self.program.languages.to(language.as_ref());
        Scope { flow, spoken, contact, profile, variables, event: self.seen, now: self.now, zone: self.program.zone(flow) }
    }

    /// Who types, as `flow` reads it. The day is that of the event, so that who writes `tomorrow` at midnight is not a day late.
    pub(in super::super) fn typist(&self, flow: &Flow) -> Typist<'_> {
        let at = if self.event.is_inbound() { self.event.at } else { self.now };
        Typist {
            today: self.program.zone(Some(flow)).local(at).date(),
            language: self.conversation.language.as_ref().map(Language::as_str),
        }
    }

    /// The value of an expression.
    pub(in super::super) fn compute(&self, flow: &Flow, computed: &Computed) -> Result<Value, Broken> {
        let scope = self.scope(flow);
        self.program.scripts().evaluate(&computed.expression, &scope.surroundings()).map_err(|fault| Broken::script(self, fault))
    }

    /// The value of an expression that sees some more names than its flow has.
    pub(in super::super) fn compute_with(&self, flow: &Flow, computed: &Computed, names: &Variables) -> Result<Value, Broken> {
        let mut variables = self.conversation.variables.get(&flow.name).cloned().unwrap_or_default();
        variables.extend(names.iter().map(|(name, value)| (name.clone(), value.clone())));
        let scope = Scope { variables: &variables, ..self.scope(flow) };
        self.program.scripts().evaluate(&computed.expression, &scope.surroundings()).map_err(|fault| Broken::script(self, fault))
    }

    /// Whether a condition that sees some more names holds.
    pub(in super::super) fn test_with(&mut self, flow: &Flow, when: &Computed, names: &Variables) -> Result<bool, Broken> {
        let value = self.compute_with(flow, when, names)?;
        self.held(when, &value)
    }

    /// Whether a condition holds.
    pub(in super::super) fn test(&mut self, flow: &Flow, when: &Computed) -> Result<bool, Broken> {
        let value = self.compute(flow, when)?;
        self.held(when, &value)
    }

    /// What a condition came out as, in the trace.
    fn held(&mut self, when: &Computed, value: &Value) -> Result<bool, Broken> {
        let Value::YesNo(came_out) = *value else {
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
            .accept(value, Some(self.typist(flow).today))
            .map_err(|why| Broken::new(self, FaultKind::Value, span, format!("the value does not fit `{name}`: {why}")))?;
        self.trace_set(name, &value);
        let old = self.conversation.variables.entry(flow.name.clone()).or_default().insert(name.clone(), value);
        self.undo.push((name.clone(), old));
        Ok(())
    }

    pub(super) fn trace_set(&mut self, name: &VariableName, value: &Value) {
        self.trace.push(Trace::Set { variable: name.clone(), value: value.to_string().chars().take(200).collect() });
    }

    /// From now on the contact reads `language`.
    pub(in super::super) fn speak(&mut self, language: Language) {
        self.trace.push(Trace::Language { language: language.clone() });
        let old = self.conversation.language.replace(language);
        self.undo_language.get_or_insert(old);
    }

    /// Puts a message on its way, if it keeps the provider's limits with its values filled in.
    pub(in super::super) fn send(&mut self, message: Message, span: Span) -> Result<SendKey, Broken> {
        if let Some(broken) = message.broken_limit() {
            return Err(Broken::new(self, FaultKind::Message, span, broken));
        }
        if self.effects.len() >= limits::SENDS_PER_TURN_MAX {
            let message = format!("more than {} messages in one turn", limits::SENDS_PER_TURN_MAX);
            return Err(Broken::new(self, FaultKind::Loop, span, message));
        }
        Ok(match self.preface.take() {
            None => self.push(message),
            Some(preface) => self.push_after(preface, message),
        })
    }

    /// Puts a message on its way that begins with `preface`: people read one message more easily than two, and it costs half.
    /// Where it has no room for it the preface goes ahead.
    fn push_after(&mut self, preface: String, message: Message) -> SendKey {
        let whole = message.clone().map_body(|body| format!("{preface}\n\n{body}"));
        match whole.filter(|whole| whole.broken_limit().is_none()) {
            Some(whole) => self.push(whole),
            None => {
                if self.effects.len() + 1 < limits::SENDS_PER_TURN_MAX {
                    self.push(Message::Text { body: preface });
                }
                self.push(message)
            }
        }
    }

    /// Puts a message of ours on its way, which is known to keep the limits.
    pub(super) fn push(&mut self, message: Message) -> SendKey {
        let nth = u32::try_from(self.effects.len()).unwrap_or(u32::MAX);
        let usual = if message.is_template() { OnUnknown::Skip } else { OnUnknown::Resend };
        let on_unknown = self.on_unknown.unwrap_or(usual);
        let about = std::mem::take(&mut self.conversation.profile.untold);
        self.effects.push(Effect::Send(Send { nth, message, on_unknown, about }));
        SendKey::new(self.contact, self.conversation.turns, nth)
    }

    /// How many messages, calls and news the turn has put on their way.
    pub(in super::super) fn effects(&self) -> usize {
        self.effects.len()
    }

    pub(super) fn push_effect(&mut self, effect: Effect) {
        self.effects.push(effect);
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
        self.conversation.callers.remove(name);
        self.trace.push(Trace::Started { flow: name.clone(), because });
        let Some(flow) = self.program.flow(name) else {
            self.conversation.session = None;
            let message = format!("there is no flow `{name}`");
            self.give_up(Fault { kind: FaultKind::Vanished, place: String::new(), message });
            return;
        };
        self.forget(flow);
        for (variable, value) in values {
            if let Err(broken) = self.set(flow, &variable, value, flow.span) {
                return self.mend(flow, broken);
            }
        }
        self.enter(flow, flow.first().clone());
    }

    /// Forgets what `flow` remembered, except what it keeps.
    pub(super) fn forget(&mut self, flow: &Flow) {
        if let Some(variables) = self.conversation.variables.get_mut(&flow.name) {
            variables.retain(|variable, _| flow.remember.get(variable.as_str()).is_some_and(|variable| variable.keep));
        }
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
        match self.fault_route(&flow.name) {
            Some((flow, step)) => {
                self.fault(broken.fault);
                self.run_from(flow, step, true);
            }
            None => self.give_up(broken.fault),
        }
    }

    /// Runs steps; `mending` says that the flow's fault route has been taken, which happens once in a turn.
    fn run_from(&mut self, flow: &'p Flow, step: StepName, mut mending: bool) {
        let (mut flow, mut next) = (flow, step);
        self.conversation.session = None;
        loop {
            let outcome = match self.step(flow, &next) {
                Ok(Next::Go(step)) => Ok((flow, step)),
                Ok(Next::Enter(entry)) => self.go_in(flow, entry).map_err(|broken| (flow, broken)),
                Ok(Next::Wait(wait)) => {
                    self.trace.push(Trace::Waits { step: next.clone() });
                    self.asked = true;
                    self.conversation.session =
                        Some(Session { flow: flow.name.clone(), step: next, wait, tries: 0, silent_turns: 0, page: 0 });
                    return;
                }
                Ok(Next::End(ending)) => {
                    self.trace.push(Trace::Ended { flow: flow.name.clone(), ending: ending.clone() });
                    match self.come_back(flow, &ending) {
                        None => return,
                        Some(back) => back,
                    }
                }
                Ok(Next::Start(name)) => {
                    self.trace.push(Trace::Ended { flow: flow.name.clone(), ending: "started_another_flow".to_owned() });
                    return self.start(&name, format!("the flow `{}` started it", flow.name));
                }
                Err(broken) => Err((flow, broken)),
            };
            (flow, next) = match outcome {
                Ok(place) => place,
                Err((flow, broken)) => {
                    let route = broken.to.map(|step| (flow, step)).or_else(|| {
                        let route = self.fault_route(&flow.name).filter(|_| !mending)?;
                        mending = true;
                        Some(route)
                    });
                    match route {
                        Some(place) if self.steps_left > 0 => {
                            self.faults.push(broken.fault);
                            place
                        }
                        Some(_) | None => return self.give_up(broken.fault),
                    }
                }
            };
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
        self.undo_language = None;
        let conversation = &self.conversation;
        let before = (conversation.profile.clone(), conversation.held.clone(), conversation.calls.clone());
        let outcome = part(self);
        if outcome.is_err() {
            self.preface = None;
            (self.conversation.profile, self.conversation.held, self.conversation.calls) = before;
            self.effects.truncate(said);
            if let Some(old) = self.undo_language.take() {
                self.conversation.language = old;
            }
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
        self.scope_of(None, no_variables())
    }

    /// Puts the open question again, as it was first put.
    pub(super) fn repeat(&mut self, flow: &'p Flow, step: &StepName, tries: u32) {
        let Some(definition) = flow.step(step) else { return };
        let open = self.conversation.session.as_ref().map(|session| session.wait.clone());
        let page = self.conversation.session.as_ref().map_or(0, |session| session.page);
        let asked = self.whole(flow, |machine| definition.ask_again(machine, flow, page as usize));
        match asked {
            Ok(Next::Wait(wait)) => {
                if let (Wait::Menu { send: copy }, Some(Wait::Menu { send })) = (&wait, open) {
                    self.conversation.taps.copied(&send, copy);
                }
                self.conversation.session =
                    Some(Session { flow: flow.name.clone(), step: step.clone(), wait, tries, silent_turns: 0, page });
            }
            // A list whose rows are all gone leads elsewhere.
            Ok(Next::Go(step)) => self.enter(flow, step),
            Ok(Next::Enter(_) | Next::End(_) | Next::Start(_)) => {}
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
