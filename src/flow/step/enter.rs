//! `enter`: another flow as a part of this one. It gets values `with`, `gives` some back when it ends, and then this flow goes on.

use indexmap::IndexMap;

use crate::model::{Caller, FaultKind, FlowName, Value, VariableName};
use crate::source::{Code, Diagnostic, Key, Node, Span};

use super::super::engine::{Broken, Machine, Next};
use super::super::keys;
use super::super::program::Flow;
use super::super::read::{Computed, Fields, Reader, Target};
use super::super::ways::Look;
use super::Step;

/// The key of `endings` that takes every ending without a row of its own.
pub(in super::super) const OTHERWISE: &str = "otherwise";

/// A visit to another flow.
#[derive(Debug, Clone)]
pub struct Enter {
    /// The flow.
    pub flow: FlowName,
    /// Where it is named.
    pub span: Span,
    /// The entered flow's variables that get a value, and their values.
    pub with: Vec<Given>,
    /// This flow's variables that get a value when it comes back.
    pub gives: Vec<Taken>,
    /// Where it leads then.
    pub then: Back,
}

/// A variable of the entered flow with the expression that gives it its value.
#[derive(Debug, Clone)]
pub struct Given {
    /// The entered flow's variable.
    pub variable: VariableName,
    /// Where it is named.
    pub span: Span,
    /// What it gets, worked out in the flow that enters.
    pub value: Computed,
}

/// A variable of this flow, and that of the entered one whose value it gets.
#[derive(Debug, Clone)]
pub struct Taken {
    /// This flow's.
    pub into: VariableName,
    /// The entered flow's.
    pub from: VariableName,
    /// Where the latter is named.
    pub span: Span,
}

/// Where it leads when the entered flow has ended.
#[derive(Debug, Clone)]
pub enum Back {
    /// It could not be read, which has been told: never so in a program that may run.
    Unread,
    /// Always there.
    Go(Target),
    /// There, by how it ended.
    Endings {
        /// By the name of the ending, with the place where that stands.
        by_name: IndexMap<String, (Target, Span)>,
        /// For every other ending.
        otherwise: Option<Target>,
        /// Where.
        span: Span,
    },
}

/// A flow that is about to be entered, with values that fit its variables.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Entry {
    pub flow: FlowName,
    pub caller: Caller,
    pub values: Vec<(VariableName, Value)>,
}

impl Enter {
    pub(super) fn read(reader: &Reader<'_>, node: &Node, step: &mut Fields<'_>, go: Option<(&Key, &Node)>) -> Option<Self> {
        let then = Back::read(reader, node, go, step.take("endings"));
        let mut fields = reader.fields(node, "`enter`")?;
        let flow = fields.need(reader, "flow", "another_flow").and_then(|node| Some((reader.scalar(node, "`flow`")?, node.span)));
        let with = fields.take("with").and_then(|(_, node)| reader.fields(node, "`with`"));
        let gives = fields.take("gives").and_then(|(_, node)| reader.fields(node, "`gives`"));
        fields.finish(reader, &keys::ENTER);
        let given = |(key, node): &(Key, Node)| {
            let variable = reader.new_name(&key.text, key.span, "a variable")?;
            Some(Given { variable: VariableName::new(variable), span: key.span, value: reader.computed(node, "a value")? })
        };
        let taken = |(key, node): &(Key, Node)| {
            let into = reader.known_variable(&key.text, key.span);
            let from = reader.scalar(node, "the variable").and_then(|text| reader.new_name(text, node.span, "a variable"));
            Some(Taken { into: into?, from: VariableName::new(from?), span: node.span })
        };
        let with = with.map(Fields::into_entries).unwrap_or_default().iter().filter_map(given).collect();
        let gives = gives.map(Fields::into_entries).unwrap_or_default().iter().filter_map(taken).collect();
        let (flow, span) = flow?;
        Some(Self { flow: FlowName::new(flow), span, with, gives, then })
    }

    /// Every step of this flow where it can lead.
    pub(in super::super) fn exits(&self) -> Vec<&Target> {
        match &self.then {
            Back::Unread => Vec::new(),
            Back::Go(target) => vec![target],
            Back::Endings { by_name, otherwise, .. } => by_name.values().map(|(target, _)| target).chain(otherwise).collect(),
        }
    }

    /// What the entered flow does in between concerns its own variables alone.
    pub(super) fn look<'f>(&'f self, look: &mut Look<'f>) {
        self.with.iter().for_each(|given| look.handed(&given.value));
        self.gives.iter().for_each(|taken| look.sets(&taken.into));
        self.exits().into_iter().for_each(|target| look.leads(target));
    }

    /// Works out what the entered flow is given; a value that does not fit its variable breaks this step.
    pub(super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow, step: &Step) -> Result<Next, Broken> {
        let program = machine.program;
        let Some(entered) = program.flow(&self.flow) else {
            let message = format!("there is no flow `{}`", self.flow);
            return Err(Broken::new(machine, FaultKind::Vanished, self.span, message));
        };
        let mut values = Vec::with_capacity(self.with.len());
        for given in &self.with {
            let value = machine.compute(flow, &given.value)?;
            let variable = entered.remember.get(&given.variable);
            let today = machine.typist(entered).today;
            let value = variable
                .map_or_else(|| Err("it has no such variable".to_owned()), |variable| variable.accept(value, Some(today)));
            let value = value.map_err(|why| {
                let message = format!("the value does not fit `{}` of the flow `{}`: {why}", given.variable, self.flow);
                Broken::new(machine, FaultKind::Value, given.value.span, message)
            })?;
            values.push((given.variable.clone(), value));
        }
        let caller = Caller { flow: flow.name.clone(), step: step.name.clone() };
        Ok(Next::Enter(Entry { flow: self.flow.clone(), caller, values }))
    }

    /// The entered flow has ended with `ending`: takes over what it gives, and tells where this flow goes on.
    pub(in super::super) fn come_back(&self, machine: &mut Machine<'_>, flow: &Flow, ending: &str) -> Result<Next, Broken> {
        for taken in &self.gives {
            let values = machine.conversation.variables.get(&self.flow);
            let value = values.and_then(|values| values.get(&taken.from)).cloned().unwrap_or_default();
            machine.set(flow, &taken.into, value, taken.span)?;
        }
        let target = match &self.then {
            Back::Unread => None,
            Back::Go(target) => Some(target),
            Back::Endings { by_name, otherwise, .. } => by_name.get(ending).map(|(target, _)| target).or(otherwise.as_ref()),
        };
        target.map(|target| Next::Go(target.step.clone())).ok_or_else(|| {
            let message = format!("the flow `{}` ended with `{ending}`, for which `endings` has no row", self.flow);
            Broken::new(machine, FaultKind::Vanished, self.span, message)
        })
    }
}

impl Back {
    fn read(reader: &Reader<'_>, enter: &Node, go: Option<(&Key, &Node)>, endings: Option<(&Key, &Node)>) -> Self {
        let (key, node) = match (go, endings) {
            (Some((_, node)), None) => return reader.target(node, "`go`").map_or(Self::Unread, Self::Go),
            (None, Some(endings)) => endings,
            (Some((go, _)), Some((endings, node))) => {
                reader.note(
                    Diagnostic::error(Code::TOGETHER, go.span, "`enter` cannot have `go` and `endings` together")
                        .related(endings.span, "`endings` says where each ending leads")
                        .help("write it as a row of `endings`: `otherwise: a_step` takes what has no row of its own"),
                );
                (endings, node)
            }
            (None, None) => {
                reader.note(
                    Diagnostic::error(
                        Code::NO_EXIT,
                        enter.span,
                        "`enter` does not say where to go when the entered flow has ended",
                    )
                    .help("add `go: next_step`, or `endings: {done: next_step, otherwise: other_step}`"),
                );
                return Self::Unread;
            }
        };
        let mut by_name = IndexMap::new();
        let mut otherwise = None;
        let Some(fields) = reader.fields(node, "`endings`") else { return Self::Unread };
        for (ending, node) in fields.into_entries() {
            let target = reader.target(node, "the step of an ending");
            if ending.text == OTHERWISE {
                otherwise = target;
            } else if let Some(target) = target {
                by_name.insert(ending.text.clone(), (target, ending.span));
            }
        }
        Self::Endings { by_name, otherwise, span: key.span }
    }
}
