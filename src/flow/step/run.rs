//! `run`: calls a function of a script, `with` arguments, and keeps what it `gives`.

use crate::model::{Fault, FaultKind, Resumes, TimerKind, Trace, Value, VariableName};
use crate::script::{Answer, Request, ScriptFault, Surroundings};
use crate::source::{Code, Diagnostic, Span};

use super::super::engine::{Broken, Machine, Next, Pretended, sees};
use super::super::program::Flow;
use super::super::read::{Computed, Fields, Reader, Target};
use super::super::scope::Scope;
use super::super::ways::Look;
use super::Step;

/// A call of a script's function.
#[derive(Debug, Clone)]
pub struct Run {
    /// The script.
    pub script: String,
    /// The function.
    pub function: String,
    /// Its arguments.
    pub with: Vec<Computed>,
    /// The variable that keeps what it returns.
    pub gives: Option<VariableName>,
    /// Where it leads when the function fails, or its result does not fit.
    pub if_fails: Option<Target>,
    /// Where it leads when the function gives nothing.
    pub if_none: Option<Target>,
    /// Where the function is named.
    pub span: Span,
}

impl Run {
    pub(super) fn read(reader: &Reader<'_>, fields: &mut Fields<'_>) -> Option<Self> {
        let run = fields.take("run");
        let with_found = fields.take("with");
        let with = with_found.and_then(|(_, node)| reader.items(node, "`with`")).unwrap_or_default();
        let with: Vec<_> = with.iter().filter_map(|node| reader.computed(node, "an argument")).collect();
        let gives = fields.take("gives");
        // The `if_fails` of a call is the call's.
        let if_fails = if run.is_some() || !fields.has("call") { fields.take("if_fails") } else { None };
        let if_none = fields.take("if_none");
        let Some((_, node)) = run else {
            if let Some((key, _)) = with_found.or(gives).or(if_fails).or(if_none) {
                let message = format!("`{}` without `run`", key.text);
                reader.note(Diagnostic::error(Code::MISSING_KEY, key.span, message).help("add `run: script.function`"));
            }
            return None;
        };
        let name = reader.scalar(node, "`run`")?;
        let Some((script, function)) =
            name.split_once('.').filter(|(script, function)| !script.is_empty() && !function.is_empty())
        else {
            reader.note(
                Diagnostic::error(Code::BAD_VALUE, node.span, format!("`{name}` does not name a function"))
                    .help("write `script.function`: `prices.quote` is `fn quote` in `scripts/prices.rhai`"),
            );
            return None;
        };
        let gives = gives.and_then(|(_, node)| reader.variable(node, "`gives`"));
        let target = |found: Option<(&crate::source::Key, &crate::source::Node)>, what| {
            found.and_then(|(_, node)| reader.target(node, what))
        };
        let (if_fails, if_none) = (target(if_fails, "`if_fails`"), target(if_none, "`if_none`"));
        let (script, function) = (script.to_owned(), function.to_owned());
        Some(Self { script, function, with, gives, if_fails, if_none, span: node.span })
    }

    pub(super) fn exits(&self) -> Vec<&Target> {
        self.if_fails.iter().chain(&self.if_none).collect()
    }

    pub(super) fn look<'f>(&'f self, look: &mut Look<'f>) {
        self.with.iter().for_each(|argument| look.handed(argument));
        self.exits().into_iter().for_each(|target| look.leads(target));
        self.gives.iter().for_each(|variable| look.sets(variable));
    }

    /// Calls the function; gives where to go when that is not simply on.
    pub(super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow, step: &Step) -> Result<Option<Next>, Broken> {
        self.attempt(machine, flow, step).map_err(|broken| match &self.if_fails {
            Some(target) => broken.goes(&target.step),
            None => broken,
        })
    }

    fn attempt(&self, machine: &mut Machine<'_>, flow: &Flow, step: &Step) -> Result<Option<Next>, Broken> {
        let journal = machine.take_replay(&step.name);
        let arguments = self.with.iter().map(|argument| machine.compute(flow, argument)).collect::<Result<Vec<_>, _>>()?;
        let function = format!("{}.{}", self.script, self.function);
        let answer = match machine.pretence.functions.get(&function) {
            Some(pretended) => self.pretended(pretended),
            None => {
                let scope = machine.scope(flow);
                let (event, now) = sees(journal.as_ref(), machine.seen, machine.now);
                let fetched = journal.as_ref().map_or(&[][..], |journal| &journal.answers);
                let around = Surroundings { fetched, ..Scope { event, now, ..scope }.surroundings() };
                machine.program.scripts().call(&self.script, &self.function, &arguments, &around)
            }
        };
        let lines = match &answer {
            Ok(answer) => &answer.lines,
            Err(fault) => &fault.lines,
        };
        machine.ran_lines(&self.script, lines);
        let Answer { value, requests, asks, .. } = answer.map_err(|fault| Broken::script(machine, fault))?;
        if let Some(asked) = asks {
            let journal = machine.journal(journal, &asked);
            let resumes = Resumes::Run { flow: flow.name.clone(), step: step.name.clone(), journal };
            return machine.call(asked, resumes, &machine.program.place(self.span)).map(|wait| Some(Next::Wait(wait)));
        }
        machine.trace.push(Trace::Ran { function, gave: shown(&value) });
        let mut next = self.carry_out(machine, flow, requests)?;
        if let (true, Some(target)) = (value.is_nothing(), &self.if_none) {
            next = next.or(Some(Next::Go(target.step.clone())));
        }
        if let Some(variable) = &self.gives {
            machine.set(flow, variable, value, self.span)?;
        }
        Ok(next)
    }

    /// What a test says that the function comes to.
    fn pretended(&self, pretended: &Pretended) -> Result<Answer, ScriptFault> {
        match pretended {
            Pretended::Gives(value) => Ok(Answer { value: value.clone(), ..Answer::default() }),
            Pretended::Fails(why) => {
                let place = format!("scripts/{}.rhai", self.script);
                Err(ScriptFault { limit: false, place, message: why.clone(), lines: Vec::new() })
            }
        }
    }

    fn carry_out(&self, machine: &mut Machine<'_>, flow: &Flow, requests: Vec<Request>) -> Result<Option<Next>, Broken> {
        let mut next = None;
        for request in requests {
            match request {
                Request::Send(message) => {
                    machine.send(message, self.span)?;
                }
                Request::Set(variable, value) => machine.set(flow, &variable, value, self.span)?,
                Request::Emit(name, data) => machine.emit(name, data, &machine.program.place(self.span))?,
                Request::Start(name) => next = Some(Next::Start(name)),
                Request::Go(step) => next = Some(Next::Go(step)),
                Request::Later(after_ms, step) => {
                    if flow.whereabouts(&step).is_none() {
                        let message = format!("later: the flow `{}` has no step `{step}`", flow.name);
                        return Err(Broken::new(machine, FaultKind::Script, self.span, message));
                    }
                    let at = crate::model::time::after(machine.now, after_ms);
                    machine.set_later(TimerKind::Visit, flow, &step, at, self.span)?;
                }
                Request::Log(line) => {
                    machine.trace.push(Trace::Logged { script: crate::model::ScriptName::new(&self.script), line })
                }
            }
        }
        Ok(next)
    }
}

/// A value as the trace keeps it: short.
fn shown(value: &Value) -> String {
    const MOST: usize = 200;
    value.to_string().chars().take(MOST).collect()
}

impl Broken {
    /// A script that failed.
    pub(in super::super) fn script(_machine: &Machine<'_>, fault: ScriptFault) -> Self {
        let kind = if fault.limit { FaultKind::ScriptLimit } else { FaultKind::Script };
        Self { fault: Fault { kind, place: fault.place, message: fault.message }, to: None }
    }
}
