//! `answers`: what the answer to a call leads to, by its status.

use std::fmt;

use crate::model::{CallAnswer, FaultKind, StepName, Trace, Value, VariableName, Variables};
use crate::source::{Code, Diagnostic, Key, Node, Span};

use super::super::super::engine::{Broken, Machine};
use super::super::super::keys;
use super::super::super::program::Flow;
use super::super::super::read::{Computed, Reader, Target};
use super::super::super::ways::Look;
use super::super::set::Set;
use super::Call;

/// The names by which expressions of an answer see it.
pub(in super::super::super) const NAMES: [&str; 2] = ["answer", "status"];

/// The rows of `answers`.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    rows: Vec<Row>,
}

#[derive(Debug, Clone)]
struct Row {
    fits: Fits,
    when: Option<Computed>,
    set: Vec<Set>,
    go: Target,
}

/// Which statuses a row is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fits {
    One(u16),
    /// `4xx`
    Hundred(u16),
    Any,
}

impl Fits {
    fn parse(text: &str) -> Option<Self> {
        if text == "otherwise" {
            return Some(Self::Any);
        }
        let hundred = text.strip_suffix("xx").and_then(|digit| digit.parse().ok()).filter(|digit| (1..=5).contains(digit));
        hundred.map(Self::Hundred).or_else(|| text.parse().ok().filter(|status| (100..=599).contains(status)).map(Self::One))
    }

    fn fits(self, status: u16) -> bool {
        match self {
            Self::One(one) => one == status,
            Self::Hundred(hundred) => status / 100 == hundred,
            Self::Any => true,
        }
    }

    /// Rows for one status go before those for a hundred, and those before the last.
    fn rank(self) -> u8 {
        match self {
            Self::One(_) => 0,
            Self::Hundred(_) => 1,
            Self::Any => 2,
        }
    }
}

impl fmt::Display for Fits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(status) => write!(f, "{status}"),
            Self::Hundred(hundred) => write!(f, "{hundred}xx"),
            Self::Any => f.write_str("otherwise"),
        }
    }
}

impl Answers {
    pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Self {
        let Some(entries) = reader.fields(node, "`answers`") else { return Self::default() };
        let mut rows: Vec<Row> = entries.into_entries().iter().filter_map(|(key, node)| Row::read(reader, key, node)).collect();
        rows.sort_by_key(|row| row.fits.rank());
        Self { rows }
    }

    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow, fails_somewhere: bool, call: Span) {
        for set in self.rows.iter().flat_map(|row| &row.set) {
            set.check(reader, flow);
        }
        self.check_names(reader, flow);
        if !fails_somewhere && flow.if_broken.is_none() {
            reader.note(
                Diagnostic::warning(Code::NO_WAY_OUT_OF_CALL, call, "nothing says where the call leads when no answer comes")
                    .help("add `if_fails: another_step`: other systems are down now and then, and somebody waits for an answer"),
            );
        }
    }

    /// Notes expressions that mean the answer where a variable of the flow has the same name.
    fn check_names(&self, reader: &Reader<'_>, flow: &Flow) {
        for name in NAMES {
            let (Some(variable), hidden) = (flow.remember.get(name), VariableName::new(name)) else { continue };
            let mut expressions = self.rows.iter().flat_map(|row| row.when.iter().chain(row.set.iter().map(Set::value)));
            if let Some(used) = expressions.find(|computed| computed.expression.uses(&hidden)) {
                reader.note(
                    Diagnostic::error(Code::HIDDEN_BY_ANSWER, used.span, format!("`{name}` means the call's answer here"))
                        .related(variable.span, "and not this variable")
                        .help("give the variable another name"),
                );
            }
        }
    }

    /// Each row: its status as written, and where it leads.
    pub fn rows(&self) -> impl Iterator<Item = (String, &Target)> {
        self.rows.iter().map(|row| (row.fits.to_string(), &row.go))
    }

    /// The rows that may take an answer of this status, in the order in which they are tried: as written, whether a condition decides, and
    /// where they lead.
    pub fn fitting(&self, status: u16) -> impl Iterator<Item = (String, bool, &Target)> {
        let fitting = self.rows.iter().filter(move |row| row.fits.fits(status));
        fitting.map(|row| (row.fits.to_string(), row.when.is_some(), &row.go))
    }

    pub(super) fn exits(&self) -> impl Iterator<Item = &Target> {
        self.rows.iter().map(|row| &row.go)
    }

    pub(super) fn look<'f>(&'f self, look: &mut Look<'f>) {
        for row in &self.rows {
            look.aside(|look| {
                look.hiding(&NAMES, |look| {
                    row.when.iter().for_each(|when| look.computed(when));
                    row.set.iter().for_each(|set| set.look(look));
                });
                look.leads(&row.go);
            });
        }
    }
}

impl Row {
    fn read(reader: &Reader<'_>, key: &Key, node: &Node) -> Option<Self> {
        let fits = Fits::parse(&key.text);
        if fits.is_none() {
            reader.note(
                Diagnostic::error(Code::BAD_VALUE, key.span, format!("`{}` is no status of an answer", key.text))
                    .help("write a number such as `200`, a hundred such as `4xx`, or `otherwise`"),
            );
        }
        let mut fields = reader.fields(node, "an answer")?;
        let (when, set) = reader.with_names(&NAMES, || {
            let when = fields.take("when").map(|(_, node)| reader.computed(node, "`when`"));
            (when, Set::read_all(reader, &mut fields))
        });
        let go = fields.need(reader, "go", "another_step").and_then(|node| reader.target(node, "`go`"));
        fields.finish(reader, &keys::ANSWER);
        Some(Self { fits: fits?, when: when.map_or(Some(None), |when| when.map(Some))?, set, go: go? })
    }
}

impl Call {
    /// Decides where an answer leads, and does what its row says.
    pub(in super::super::super) fn take_answer(
        &self,
        machine: &mut Machine<'_>,
        flow: &Flow,
        answer: &CallAnswer,
    ) -> Result<StepName, Broken> {
        let (status, body) = match answer {
            CallAnswer::Answered { status, body } => (*status, body),
            CallAnswer::Failed { why, detail } => {
                machine.trace.push(Trace::NoAnswer { why: *why });
                return self.failed(machine, format!("the call has no answer: {detail}"));
            }
        };
        machine.trace.push(Trace::Answered { status });
        let names: Variables = [("answer", body.clone()), ("status", Value::Whole(status.into()))]
            .map(|(name, value)| (VariableName::new(name), value))
            .into();
        for row in self.answers.rows.iter().filter(|row| row.fits.fits(status)) {
            if let Some(when) = &row.when
                && !machine.test_with(flow, when, &names)?
            {
                continue;
            }
            let set = row.set.iter().try_for_each(|set| set.run_with(machine, flow, &names));
            return match set {
                Ok(()) => Ok(row.go.step.clone()),
                // What came is not what was expected: that is for the step's own `if_fails`.
                Err(broken) => Err(match &self.if_fails {
                    Some(target) => broken.goes(&target.step),
                    None => broken,
                }),
            };
        }
        self.failed(machine, format!("the call was answered with the status {status}, of which `answers` says nothing"))
    }

    fn failed(&self, machine: &mut Machine<'_>, message: String) -> Result<StepName, Broken> {
        match &self.if_fails {
            Some(target) => Ok(target.step.clone()),
            None => Err(Broken::new(machine, FaultKind::Call, self.span, message)),
        }
    }
}
