//! Whose is the event? The open menu's own buttons come first, then the words that always lead out, then the flows' triggers,
//! then the scripts' handlers, then the open question again, and last the flow that takes anything else.

use crate::model::{
    AttachmentKind, ButtonRef, ChoiceName, Details, EventKind, Fault, FaultKind, FlowName, Journal, Message, ScriptName, SendKey,
    Session, StepName, TappedButton, Trace, Value, VariableName, Wait, limits,
};
use crate::script::{Answer, Handler, Request, Surroundings, Verdict};

use super::super::always::Deed;
use super::super::program::{Flow, no_variables};
use super::super::scope::Scope;
use super::super::step::{Call, Picked, Retry, Then};
use super::super::trigger::plain;
use super::super::typed::Typist;
use super::super::variable::Variable;
use super::{Machine, sees};

impl<'p> Machine<'p> {
    /// Decides whose the event is and lets it be taken.
    pub(super) fn route(&mut self) {
        if self.is_double_tap() || self.by_will() {
            return;
        }
        if self.is_held() && self.event.is_inbound() {
            return self.trace.push(Trace::Held);
        }
        self.mend_session();
        let taken = match &self.event.kind {
            EventKind::Tapped {
                button: TappedButton::Ours { means: ButtonRef::Choice { flow, step, choice }, send }, ..
            } => {
                self.own_tap(flow, step, choice, send);
                true
            }
            EventKind::Tapped {
                button: TappedButton::Ours { means: ButtonRef::Named(id), .. } | TappedButton::Foreign { id },
                title,
            } => self.by_button(id) || self.by_handler(Handler::OnTap) || self.by_open_question(title) || self.by_anything_else(),
            EventKind::Tapped { button: TappedButton::TitleOnly, title } => {
                self.by_title(title)
                    || self.by_always(title)
                    || self.by_word(title)
                    || self.by_handler(Handler::OnTap)
                    || self.by_open_question(title)
                    || self.by_anything_else()
            }
            EventKind::Typed { text } => {
                self.by_title(text)
                    || self.by_always(text)
                    || self.by_closed_answer(text)
                    || self.by_word(text)
                    || self.by_open_answer(text)
                    || self.by_handler(Handler::OnText)
                    || self.by_open_question(text)
                    || self.by_anything_else()
            }
            // Nobody is asked whose a timer is: `timers` takes them, and `unasked` what own systems tell and schedules bring.
            EventKind::TimerFired { .. } | EventKind::Told { .. } | EventKind::Scheduled { .. } => true,
            EventKind::Attached { kind, caption, details } => {
                self.by_sent_answer(*kind, caption, details)
                    || self.by_media(*kind)
                    || self.by_open_question("")
                    || self.by_anything_else()
            }
            EventKind::PersonWrote { text } => {
                self.person_wrote(text);
                true
            }
            EventKind::TakenOver { until } => {
                self.take_over(*until);
                true
            }
            EventKind::GivenBack => {
                self.given_back();
                true
            }
            EventKind::Answered { call, answer } => {
                self.answered(call, answer);
                true
            }
        };
        // What broke must not end in silence, nor must a button of ours.
        let ours = matches!(&self.event.kind, EventKind::Tapped { button: TappedButton::Ours { .. }, .. });
        if !taken && (ours || self.broke()) {
            if self.broke() { self.apologise() } else { self.say_gone() }
        }
    }

    /// A conversation may stand where the program has changed. A step that was renamed is followed; one that was removed, or
    /// that no longer waits, is left. Where its people go then is kept for when nobody else takes the event.
    pub(super) fn mend_session(&mut self) {
        let Some(session) = self.conversation.session.take() else { return };
        let flow = self.program.flow(&session.flow);
        let now = flow.and_then(|flow| flow.whereabouts(&session.step));
        if let (Some(flow), Some(now)) = (flow, now) {
            if flow.was_retired(&session.step) {
                self.stranded = Some((flow, now));
                return;
            }
            let fetches = matches!(session.wait, Wait::Call { .. });
            if flow.step(&now).is_some_and(|step| step.waits() || (fetches && step.run.is_some())) {
                self.conversation.session = Some(Session { step: now, ..session });
                return;
            }
        }
        let message = format!("the conversation waited at `{}.{}`, which the flows no longer have", session.flow, session.step);
        self.fault(Fault { kind: FaultKind::Vanished, place: String::new(), message });
        self.stranded = self.fault_route(&session.flow);
    }

    /// The question that was open is gone, and the flow says where its people go.
    pub(super) fn by_stranded(&mut self) -> bool {
        let Some((flow, step)) = self.stranded.take() else { return false };
        self.enter(flow, step);
        true
    }

    /// The flow, the step and the session of the open question.
    pub(super) fn open(&self) -> Option<(&'p Flow, Session)> {
        let session = self.conversation.session.clone()?;
        let program = self.program;
        Some((program.flow(&session.flow)?, session))
    }

    /// A tap on one of our menus: the open one, or an old one, which does what it says unless its step says otherwise.
    fn own_tap(&mut self, flow_name: &FlowName, step: &StepName, choice: &ChoiceName, send: &SendKey) {
        let program = self.program;
        let flow = program.flow(flow_name);
        let now = flow.and_then(|flow| flow.whereabouts(step));
        if let (Some(flow), Some(now)) = (flow, now) {
            let open = self.is_open(flow_name, &now, send);
            let menu = flow.step(&now).and_then(|step| if let Then::Menu(menu) = &step.then { Some(menu) } else { None });
            let menu = menu.filter(|menu| menu.knows(choice));
            if let Some((menu, because)) = menu.and_then(|menu| Some((menu, self.turned_down(menu, open, send)?))) {
                let (step, choice) = (step.clone(), choice.clone());
                self.trace.push(Trace::OldButton { flow: flow_name.clone(), step, choice, because: because.to_owned() });
                return self.by_if_old(flow, menu);
            }
            let known = menu.is_some();
            if !open {
                let because =
                    if known { "the menu is no longer open; its button does what it says" } else { "the step has changed" };
                let (flow, step, choice) = (flow_name.clone(), step.clone(), choice.clone());
                self.trace.push(Trace::OldButton { flow, step, choice, because: because.to_owned() });
            }
            if known {
                return self.choose(flow, &now, choice, send);
            }
            if flow.was_retired(step) {
                return self.enter(flow, now);
            }
        }
        if !(self.by_stranded() || self.by_anything_else()) {
            self.say_gone();
        }
    }

    /// Takes a choice of the menu that `send` carried.
    fn choose(&mut self, flow: &'p Flow, step: &StepName, choice: &ChoiceName, send: &SendKey) {
        let Some(Then::Menu(menu)) = flow.step(step).map(|step| &step.then) else { return };
        self.trace.push(Trace::Chose { choice: choice.clone() });
        let (set, go) = match menu.picked(self, flow, choice) {
            Ok(Some(Picked::Choice(choice))) => {
                let set = self.whole(flow, |machine| {
                    choice.set.iter().try_for_each(|set| set.run(machine, flow))?;
                    choice.speak.iter().try_for_each(|speak| speak.run(machine, flow))
                });
                (set, &choice.go)
            }
            Ok(Some(Picked::Row(from, value))) => {
                (self.whole(flow, |machine| machine.set(flow, &from.into, value, from.span)), &from.go)
            }
            Ok(Some(Picked::Page(page))) => return self.turn_page(flow, step, page, send),
            Ok(Some(Picked::Gone)) => {
                self.say_gone();
                return self.turn_page(flow, step, 0, send);
            }
            Ok(None) => return,
            Err(broken) => return self.mend(flow, broken),
        };
        if menu.once {
            self.spends = Some(send.clone());
        }
        match set {
            Ok(()) => self.enter(flow, go.step.clone()),
            Err(broken) => self.mend(flow, broken),
        }
    }

    /// Shows another page of the list that `send` carried. It is the same question, put anew.
    fn turn_page(&mut self, flow: &'p Flow, step: &StepName, page: usize, send: &SendKey) {
        let wait = Wait::Menu { send: send.clone() };
        let page = u32::try_from(page).unwrap_or(u32::MAX);
        self.conversation.session =
            Some(Session { flow: flow.name.clone(), step: step.clone(), wait, tries: 0, silent_turns: 0, page });
        self.asked = true;
        self.repeat(flow, step, 0);
    }

    /// What is written on a button of the open menu was typed, or is all that the provider tells of a tap.
    fn by_title(&mut self, text: &str) -> bool {
        let Some((flow, session)) = self.open() else { return false };
        let Some(Then::Menu(menu)) = flow.step(&session.step).map(|step| &step.then) else { return false };
        let Some(choice) = menu.titled(self, flow, text, session.page as usize) else { return false };
        let Wait::Menu { send } = &session.wait else { return false };
        self.choose(flow, &session.step, &choice, send);
        true
    }

    /// A word that leads out of any question: one of the open flow's own, then one of the project's.
    fn by_always(&mut self, text: &str) -> bool {
        let (program, word) = (self.program, plain(text));
        let own = self.open().and_then(|(flow, _)| Some((flow, program.languages.meant(&flow.always, flow.span.source, &word)?)));
        if let Some((flow, (target, _))) = own {
            self.trace.push(Trace::Always { word });
            self.enter(flow, target.step.clone());
            return true;
        }
        match program.languages.meant(&program.always().words, program.always().source, &word) {
            None => return false,
            // Taken before: `by_will`.
            Some((Deed::OptOut(_) | Deed::OptIn(_), _)) => return false,
            Some((Deed::Start(flow, _), _)) => self.start(flow, format!("the word `{word}`, wherever one is")),
            Some((Deed::Say(say), _)) => {
                self.trace.push(Trace::Always { word });
                let mut missing = Vec::new();
                let body = say.fill(&self.flowless(), &mut missing);
                self.trace.append(&mut missing);
                if let Err(broken) = self.send(Message::Text { body }, say.span) {
                    self.fault(broken.fault);
                    return false;
                }
            }
        }
        true
    }

    /// A word that was typed goes before a pattern that fits it, unless the pattern's flow has the larger priority.
    fn by_word(&mut self, text: &str) -> bool {
        let program = self.program;
        let word = program.triggers().word(text);
        let least = word.map_or(0, |owner| owner.priority + 1);
        for (pattern, owner) in program.triggers().patterns(text, least) {
            let values = program.flow(&owner.flow).and_then(|flow| pattern.values(flow, text, &self.typist(flow)));
            if let Some(values) = values {
                self.start_with(&owner.flow, format!("the pattern `{}`", pattern.source()), values);
                return true;
            }
        }
        let Some(owner) = word else { return false };
        // Who begins with a word of one language and has chosen none is answered in it.
        if let (Some(language), None) = (&owner.language, &self.conversation.language) {
            self.speak(language.clone());
        }
        self.start(&owner.flow, format!("the word `{}`", plain(text)));
        true
    }

    fn by_button(&mut self, id: &str) -> bool {
        let Some(owner) = self.program.triggers().button(id) else { return false };
        self.start(&owner.flow, format!("the button `{id}`"));
        true
    }

    fn by_media(&mut self, kind: AttachmentKind) -> bool {
        let Some(owner) = self.program.triggers().media(kind) else { return false };
        self.start(&owner.flow, format!("media of the kind `{}`", kind.name()));
        true
    }

    /// Someone who has never written before is greeted; everyone else gets the flow that takes anything else.
    fn by_anything_else(&mut self) -> bool {
        let triggers = self.program.triggers();
        let first = triggers.first_contact().filter(|_| self.conversation.is_first_contact());
        let Some((owner, because)) = first
            .map(|owner| (owner, "the contact's first message"))
            .or_else(|| triggers.anything_else().map(|owner| (owner, "nothing else took it")))
        else {
            self.trace.push(Trace::Nobody);
            return false;
        };
        self.start(&owner.flow, because.to_owned());
        true
    }

    /// An answer that fits a question with few possible answers is surely meant as the answer, even where a flow starts with
    /// the same word.
    fn by_closed_answer(&mut self, text: &str) -> bool {
        self.by_answer(text, true)
    }

    /// A question that takes any text takes it only after the words that start flows: someone who writes `menu` wants out.
    fn by_open_answer(&mut self, text: &str) -> bool {
        self.by_answer(text, false)
    }

    fn by_answer(&mut self, text: &str, closed: bool) -> bool {
        self.by_value(|variable, typist| {
            let right = variable.is_closed() == closed;
            right.then(|| variable.read_answer(text, typist).ok()).flatten()
        })
    }

    /// A location or a file that the open question asks for goes before a flow that starts with such things.
    fn by_sent_answer(&mut self, kind: AttachmentKind, caption: &str, details: &Details) -> bool {
        self.by_value(|variable, _| variable.read_sent(kind, caption, details).ok())
    }

    /// Takes an answer to the open question, if `value` finds one for its variable.
    fn by_value(&mut self, value: impl FnOnce(&Variable, &Typist<'_>) -> Option<Value>) -> bool {
        let Some((flow, session)) = self.open() else { return false };
        // A step that became a question after its menu was shown: nobody has been asked yet.
        if session.wait != Wait::Answer {
            return false;
        }
        let Some(Then::Ask(ask)) = flow.step(&session.step).map(|step| &step.then) else { return false };
        let variable = flow.remember.get(ask.into.as_str());
        let Some(value) = variable.and_then(|variable| value(variable, &self.typist(flow))) else { return false };
        match self.whole(flow, |machine| machine.set(flow, &ask.into, value, ask.span)) {
            Ok(()) => self.enter(flow, ask.go.step.clone()),
            Err(broken) => self.mend(flow, broken),
        }
        true
    }

    /// Nobody else took it and a question is open: it was no answer.
    fn by_open_question(&mut self, text: &str) -> bool {
        let Some((flow, session)) = self.open() else { return self.by_stranded() };
        let Some(step) = flow.step(&session.step) else { return false };
        if let (Wait::Call { .. }, Some(_)) = (&session.wait, &step.run) {
            // Its script has asked another system.
            self.trace.push(Trace::Meanwhile);
            return true;
        }
        let mut variable = None;
        let (retry, why): (Option<&Retry>, String) = match &step.then {
            Then::Menu(menu) => (menu.if_other.as_ref(), "it is no tap on the menu".to_owned()),
            Then::Ask(ask) => {
                variable = flow.remember.get(ask.into.as_str());
                let why = variable.and_then(|variable| variable.read_answer(text, &self.typist(flow)).err());
                (ask.if_wrong.as_ref(), why.unwrap_or_else(|| "it is no text".to_owned()))
            }
            Then::Call(call) => return self.meanwhile(flow, call),
            Then::Choose(_) | Then::Enter(_) | Then::Go(_) | Then::End(_) => return false,
        };
        let tries = session.tries.saturating_add(1);
        self.trace.push(Trace::NotAnAnswer { why, tries });
        let spent = retry.and_then(|retry| retry.tries.zip(retry.then.as_ref())).filter(|(most, _)| tries > *most);
        if let Some((_, then)) = spent {
            self.enter(flow, then.step.clone());
            return true;
        }
        if let Some(say) = retry.and_then(|retry| retry.say.as_ref()) {
            let mut missing = Vec::new();
            let body = say.fill(&self.scope(flow), &mut missing);
            self.trace.append(&mut missing);
            if let Err(broken) = self.send(Message::Text { body }, say.span) {
                self.fault(broken.fault);
            }
        } else if self.was_asked(&session, variable.is_some(), text) {
            let not_understood = &self.program.always().not_understood;
            self.preface = not_understood.say(variable, &self.typist(flow), &self.flowless());
        }
        self.repeat(flow, &session.step, tries);
        self.preface = None;
        true
    }

    /// Whether what came was meant as an answer: not where the step became another kind of question after it was put, nor where
    /// the contact asked to come back from a person.
    fn was_asked(&self, session: &Session, in_words: bool, text: &str) -> bool {
        matches!(session.wait, Wait::Answer) == in_words && !self.program.always().people.back.contains(&plain(text))
    }

    /// Another system is being asked, and the contact writes: the answer is still waited for.
    fn meanwhile(&mut self, flow: &Flow, call: &Call) -> bool {
        self.trace.push(Trace::Meanwhile);
        if let Some(say) = &call.meanwhile
            && let Err(broken) = self.say(flow, say)
        {
            self.fault(broken.fault);
        }
        true
    }

    /// Asks the scripts that react by themselves, in their order.
    pub(super) fn by_handler(&mut self, handler: Handler) -> bool {
        let program = self.program;
        program.scripts().handlers(handler).iter().any(|script| self.ask_handler(script, handler, None))
    }

    /// Asks one of them; `journal` is there when it goes on after an answer of `fetch`. Tells whether it takes the event.
    pub(super) fn ask_handler(&mut self, script: &ScriptName, handler: Handler, journal: Option<Journal>) -> bool {
        let answer = {
            let variables = self.conversation.script_variables.get(script).unwrap_or(no_variables());
            let (event, now) = sees(journal.as_ref(), self.seen, self.now);
            let scope = Scope { event, now, ..self.scope_of(None, variables) };
            let fetched = journal.as_ref().map_or(&[][..], |journal| &journal.answers);
            self.program.scripts().handle(script, handler, &Surroundings { fetched, ..scope.surroundings() })
        };
        let function = handler.function();
        let lines = match &answer {
            Ok(answer) => &answer.lines,
            Err(fault) => &fault.lines,
        };
        self.ran_lines(script.as_str(), lines);
        let handled = match answer {
            Err(fault) => {
                let kind = if fault.limit { FaultKind::ScriptLimit } else { FaultKind::Script };
                self.fault(Fault { kind, place: fault.place, message: fault.message });
                false
            }
            Ok(Answer { asks: Some(asked), .. }) => self.fetch_for(script, asked, journal),
            Ok(answer) if journal.is_some() && answer.verdict == Verdict::Passed => {
                let message = format!("{function} called pass() after fetch: the event is taken by then");
                self.fault(Fault { kind: FaultKind::Script, place: format!("scripts/{script}.rhai"), message });
                false
            }
            Ok(answer) => self.carry_out(script, answer),
        };
        self.trace.push(Trace::Handler { script: script.clone(), function: function.to_owned(), handled });
        handled
    }

    /// Does what a handler asked for, unless it passed the event on.
    fn carry_out(&mut self, script: &ScriptName, answer: Answer) -> bool {
        let acts = |request: &Request| !matches!(request, Request::Log(_) | Request::Set(..));
        let handled = match answer.verdict {
            Verdict::Handled => true,
            Verdict::Passed => false,
            Verdict::Unsaid => answer.requests.iter().any(acts),
        };
        let mut start = None;
        for request in answer.requests {
            match request {
                Request::Log(line) => self.trace.push(Trace::Logged { script: script.clone(), line }),
                Request::Set(name, value) => self.put_aside(script, name, value),
                Request::Send(_) | Request::Start(_) | Request::Go(_) | Request::Emit(..) if !handled => {}
                Request::Send(message) => self.say_for(script, message),
                Request::Emit(name, data) => {
                    if let Err(broken) = self.emit(name, data, &format!("scripts/{script}.rhai")) {
                        self.fault(broken.fault);
                    }
                }
                Request::Start(flow) => start = Some(flow),
                // Refused while the handler runs; here only so that nothing is lost in silence.
                Request::Later(_, step) | Request::Go(step) => {
                    let message = format!("the step `{step}` belongs to a flow; use `start`");
                    self.fault(Fault { kind: FaultKind::Script, place: format!("scripts/{script}.rhai"), message });
                }
            }
        }
        if let Some(flow) = start {
            self.start(&flow, format!("the script `{script}` started it"));
        }
        handled
    }

    fn say_for(&mut self, script: &ScriptName, message: Message) {
        let place = || format!("scripts/{script}.rhai");
        if let Some(broken) = message.broken_limit() {
            self.fault(Fault { kind: FaultKind::Message, place: place(), message: broken });
        } else if self.effects() >= limits::SENDS_PER_TURN_MAX {
            let message = format!("more than {} messages in one turn", limits::SENDS_PER_TURN_MAX);
            self.fault(Fault { kind: FaultKind::Loop, place: place(), message });
        } else {
            self.push(message);
        }
    }

    fn put_aside(&mut self, script: &ScriptName, name: VariableName, value: Value) {
        let variables = self.conversation.script_variables.entry(script.clone()).or_default();
        if value.is_nothing() {
            variables.remove(&name);
        } else if variables.len() < limits::SCRIPT_VARIABLES_MAX || variables.contains_key(&name) {
            variables.insert(name, value);
        } else {
            let message = format!("a script can put aside {} values for a contact, not more", limits::SCRIPT_VARIABLES_MAX);
            self.fault(Fault { kind: FaultKind::State, place: format!("scripts/{script}.rhai"), message });
        }
    }
}
