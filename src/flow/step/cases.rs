//! `choose: {by: size, small: a, large: b, otherwise: c}`: goes by the value of one variable.

use indexmap::IndexMap;

use jiff::civil::Date;

use crate::model::{FaultKind, Trace, Value, VariableName};
use crate::source::{Code, Diagnostic, Node, Span, nearest};

use super::super::engine::{Broken, Machine, Next};
use super::super::program::Flow;
use super::super::read::{Reader, Target, listed};
use super::super::typed::Typist;
use super::super::variable::{Kind, Variable};
use super::super::ways::Look;

/// The variable, and where its values lead.
#[derive(Debug, Clone)]
pub struct Cases {
    by: VariableName,
    /// Where the variable is named.
    span: Span,
    /// The values, as people read them, with the places where they stand.
    cases: IndexMap<String, (Target, Span)>,
    pub(super) otherwise: Option<Target>,
    /// Where nothing would be left out for what could not be read.
    whole: bool,
}

impl Cases {
    pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<Self> {
        let mut fields = reader.fields(node, "`choose`")?;
        let by = fields.need(reader, "by", "a_variable").and_then(|node| Some((reader.variable(node, "`by`")?, node.span)));
        let otherwise = fields.take("otherwise").map(|(_, node)| reader.target(node, "`otherwise`"));
        let mut whole = !matches!(otherwise, Some(None));
        let mut cases = IndexMap::new();
        for (value, node) in fields.into_entries().iter().filter(|(key, _)| !matches!(key.text.as_str(), "by" | "otherwise")) {
            match reader.target(node, "the step of a value") {
                Some(target) => {
                    cases.insert(value.text.clone(), (target, value.span));
                }
                None => whole = false,
            }
        }
        let (by, span) = by?;
        Some(Self { by, span, cases, otherwise: otherwise.flatten(), whole })
    }

    /// Each value with where it leads, as people read it.
    pub(super) fn rows(&self) -> impl Iterator<Item = (String, &Target)> {
        self.cases.iter().map(|(case, (target, _))| (format!("{} is {case}", self.by), target))
    }

    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow) {
        let Some(variable) = flow.remember.get(&self.by) else { return };
        if matches!(variable.kind, Kind::List | Kind::Record | Kind::Location | Kind::Media { .. }) {
            let message = format!("`{}` is {}, which no value of a row can be", self.by, variable.kind.words());
            reader.note(
                Diagnostic::error(Code::BAD_VALUE, self.span, message)
                    .related(variable.span, "declared here")
                    .help("write conditions, `choose: [{when: …, go: …}, {otherwise: …}]`"),
            );
            return;
        }
        let all = values(variable);
        for (case, (_, at)) in &self.cases {
            let Err(why) = case_of(variable, case) else { continue };
            let mistake = Diagnostic::error(Code::UNKNOWN_CASE, *at, format!("`{}` is never `{case}`: {why}", self.by))
                .related(variable.span, "declared here");
            let all = all.iter().flatten().map(String::as_str);
            reader.note(match nearest(case, all) {
                Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(*at, near),
                None => mistake.help("write a value that the variable can have, or `otherwise`"),
            });
        }
        self.check_left_out(reader, variable, all);
    }

    fn check_left_out(&self, reader: &Reader<'_>, variable: &Variable, all: Option<Vec<String>>) {
        if self.otherwise.is_some() || !self.whole {
            return;
        }
        let Some(all) = all else {
            let message = format!("`choose` does not say where other values of `{}` lead", self.by);
            reader.note(Diagnostic::error(Code::MISSING_CASE, self.span, message).help("add `otherwise: a_step`"));
            return;
        };
        let left: Vec<&str> = all.iter().map(String::as_str).filter(|value| !self.cases.contains_key(*value)).collect();
        // A row that is misspelt leaves its value out; that is the same mistake.
        if !left.is_empty() && self.cases.keys().all(|case| case_of(variable, case).is_ok()) {
            let message = format!("`choose` does not say where {} leads", listed(&left));
            reader.note(
                Diagnostic::error(Code::MISSING_CASE, self.span, message)
                    .related(variable.span, "the values are declared here")
                    .help("add a row for each, or `otherwise: a_step`"),
            );
        }
    }

    pub(super) fn look<'f>(&'f self, look: &mut Look<'f>) {
        // With an `otherwise`, to be unset is one more case.
        if self.otherwise.is_none() {
            look.value(&self.by, self.span);
        }
        self.exits().into_iter().for_each(|target| look.leads(target));
    }

    pub(super) fn exits(&self) -> Vec<&Target> {
        self.cases.values().map(|(target, _)| target).chain(&self.otherwise).collect()
    }

    pub(super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow) -> Result<Next, Broken> {
        let value = machine.scope(flow).variables.get(&self.by).unwrap_or(&Value::Nothing);
        let shown = value.to_string();
        let is = |case: &String| match (flow.remember.get(&self.by), value) {
            (Some(variable), Value::Whole(_) | Value::Decimal(_)) => case_of(variable, case).is_ok_and(|case| same(&case, value)),
            _ => *case == shown,
        };
        let at = self.cases.keys().position(|case| !value.is_nothing() && is(case));
        let told = self.rows().take(at.map_or(self.cases.len(), |at| at + 1)).enumerate();
        let told: Vec<Trace> = told.map(|(nth, (when, _))| Trace::Tested { when, came_out: at == Some(nth) }).collect();
        let case = at.and_then(|at| self.cases.get_index(at)).map(|(_, (target, _))| target);
        let Some(target) = case.or(self.otherwise.as_ref()) else {
            let message = match value {
                Value::Nothing => format!("`{}` has no value, and `choose` has no `otherwise`", self.by),
                _ => format!("`{}` is `{shown}`, for which `choose` has no row", self.by),
            };
            return Err(Broken::new(machine, FaultKind::Value, self.span, message));
        };
        machine.trace.extend(told);
        Ok(Next::Go(target.step.clone()))
    }
}

/// Every value that the variable can have, where there are few.
fn values(variable: &Variable) -> Option<Vec<String>> {
    match &variable.kind {
        Kind::Choice { of } => Some(of.clone()),
        Kind::YesNo => Some(vec!["yes".to_owned(), "no".to_owned()]),
        _ => None,
    }
}

/// The value that a row stands for; otherwise why the variable never has it.
fn case_of(variable: &Variable, case: &str) -> Result<Value, String> {
    match &variable.kind {
        Kind::YesNo => match case {
            "yes" => Ok(Value::YesNo(true)),
            "no" => Ok(Value::YesNo(false)),
            _ => Err("it is `yes` or `no`".to_owned()),
        },
        Kind::Number { .. } | Kind::Money { .. } => variable.read_answer(case, &Typist { today: Date::ZERO, language: None }),
        _ => variable.accept(Value::Text(case.to_owned()), None).and_then(|value| match value.to_string() == case {
            true => Ok(value),
            false => Err(format!("it is kept as `{value}`")),
        }),
    }
}

/// Whether two numbers are the same, with a fraction or without.
#[allow(clippy::cast_precision_loss)] // numbers as people write them
fn same(one: &Value, other: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::Whole(number) => Some(*number as f64),
        Value::Decimal(number) => Some(*number),
        _ => None,
    };
    one == other || number(one).zip(number(other)).is_some_and(|(one, other)| one == other)
}
