//! Variables that are used where, on one of the ways that lead there, nothing has set them yet. Each is followed alone, from
//! the first step on, along the ways on which it is still unset; the first use that is met is told with its way.
//!
//! Only what is certain is told. Left out are variables that are kept from earlier, that a script may set, or that an
//! expression looks at for being unset, and ways that only scripts and old buttons take.

use std::collections::{HashMap, VecDeque};

use crate::model::{StepName, VariableName};
use crate::source::{Code, Diagnostic, Span};

use super::always::Words;
use super::file::Doubt;
use super::program::Flow;
use super::read::{Computed, Reader, Target};
use super::step::{Step, Then};
use super::text::Text;

/// Steps of a way that a message names; of a longer way only the last ones.
const SHOWN_STEPS_MAX: usize = 6;

/// What a step does with one variable that is unset when the step is entered. Every kind of step tells its part, in the order
/// in which things happen: see the `look` functions in `step/`.
pub(super) struct Look<'f> {
    variable: &'f VariableName,
    set: bool,
    used: Option<Span>,
    ways: Vec<&'f Target>,
    /// Where words lead while a question is open.
    always: &'f Words<Target>,
    /// Whether another name hides the variable from expressions.
    hidden: bool,
}

impl<'f> Look<'f> {
    /// A text is filled in.
    pub(super) fn text(&mut self, text: &Text) {
        if !self.set && self.used.is_none() {
            self.used = text.needs(self.variable.as_str());
        }
    }

    /// The value itself is used.
    pub(super) fn value(&mut self, variable: &VariableName, span: Span) {
        if !self.set && self.used.is_none() && variable == self.variable {
            self.used = Some(span);
        }
    }

    /// An expression is worked out.
    pub(super) fn computed(&mut self, computed: &Computed) {
        if self.set || self.hidden || !computed.expression.uses(self.variable) {
            return;
        }
        if looks_for_nothing(&computed.source) {
            self.set = true;
        } else if self.used.is_none() {
            self.used = Some(computed.span);
        }
    }

    /// A variable's value is needed, at this place.
    pub(super) fn needs(&mut self, variable: &VariableName, span: Span) {
        if variable == self.variable && !self.set && self.used.is_none() {
            self.used = Some(span);
        }
    }

    /// A condition is worked out later, and asks whether something has happened by then: `paid == true` holds or not whether
    /// `paid` is set or not. Only a variable alone, `paid`, must be set to be a condition.
    pub(super) fn waited_for(&mut self, computed: &Computed) {
        if computed.source.trim() == self.variable.as_str() || looks_for_nothing(&computed.source) {
            self.computed(computed);
        }
    }

    /// A value is handed to a script, which may do with nothing what it likes; a calculation on the way may not.
    pub(super) fn handed(&mut self, computed: &Computed) {
        if computed.source.trim() != self.variable.as_str() {
            self.computed(computed);
        }
    }

    /// A variable gets a value.
    pub(super) fn sets(&mut self, variable: &VariableName) {
        self.set |= variable == self.variable;
    }

    /// A question is open: words of `always` may come.
    pub(super) fn waits(&mut self) {
        let mut targets: Vec<&Target> = self.always.values().map(|(target, _)| target).collect();
        targets.sort_by_key(|target| target.span);
        targets.into_iter().for_each(|target| self.leads(target));
    }

    /// The step may lead there now.
    pub(super) fn leads(&mut self, target: &'f Target) {
        if !self.set {
            self.ways.push(target);
        }
    }

    /// Where these names mean something else than variables.
    pub(super) fn hiding(&mut self, names: &[&str], tell: impl FnOnce(&mut Self)) {
        let before = self.hidden;
        self.hidden |= names.contains(&self.variable.as_str());
        tell(self);
        self.hidden = before;
    }

    /// What happens on one way only, and not on those told afterwards.
    pub(super) fn aside(&mut self, tell: impl FnOnce(&mut Self)) {
        let before = self.set;
        tell(self);
        self.set = before;
    }
}

/// Each variable that may be used unset, once. Where a flow is begun by nothing but others that enter it, and all of them give
/// the variable a value, it is no mistake.
pub(super) fn unset(reader: &Reader<'_>, flow: &Flow) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let followed = |name: &VariableName| !reader.scripts.may_set(name) && begins_without(reader, flow, name);
    for variable in flow.remember.values().filter(|variable| !variable.keep && followed(&variable.name)) {
        let Some((span, way)) = first_use(flow, &variable.name) else { continue };
        let name = &variable.name;
        let shown = &way[way.len().saturating_sub(SHOWN_STEPS_MAX)..];
        let more = if shown.len() < way.len() { "… → " } else { "" };
        let steps = shown.iter().map(|step| format!("`{step}`")).collect::<Vec<_>>().join(" → ");
        let diagnostic = Diagnostic::warning(Code::MAYBE_UNSET, span, format!("`{name}` may have no value here"))
            .label(format!("nothing sets it on the way {more}{steps}"))
            .help(format!("ask for it or `set` it on that way too, or write a fallback, `{{{name} | …}}`"));
        doubts.push(Doubt { gives: Some(name.clone()), diagnostic });
    }
    doubts
}

/// Where `step` uses `name` while nothing has set it.
pub(super) fn uses_unset(flow: &Flow, step: &Step, name: &VariableName) -> Option<Span> {
    let mut look = Look { variable: name, set: false, used: None, ways: Vec::new(), always: &flow.always, hidden: false };
    step.look(&mut look);
    look.used
}

/// Whether the flow may begin while `variable` is unset: not so when it begins by patterns only, and all of them fill it.
fn begins_without(reader: &Reader<'_>, flow: &Flow, variable: &VariableName) -> bool {
    flow.start.begins_without(variable) || (flow.start.is_empty() && !reader.start_in_doubt.get())
}

/// The first place that uses `variable` unset, and the shortest way to it.
fn first_use<'f>(flow: &'f Flow, variable: &'f VariableName) -> Option<(Span, Vec<&'f StepName>)> {
    let first = flow.step(flow.first())?;
    let mut came_from: HashMap<&StepName, Option<&StepName>> = HashMap::from([(&first.name, None)]);
    let mut open = VecDeque::from([first]);
    while let Some(step) = open.pop_front() {
        let mut look = Look { variable, set: false, used: None, ways: Vec::new(), always: &flow.always, hidden: false };
        step.look(&mut look);
        if let Some(span) = look.used {
            let mut way: Vec<&StepName> =
                std::iter::successors(Some(&step.name), |at| came_from.get(at).copied().flatten()).collect();
            way.reverse();
            return Some((span, way));
        }
        if can_break(step) {
            look.ways.extend(&flow.if_broken);
        }
        for next in look.ways.into_iter().filter_map(|target| flow.step(&target.step)) {
            if !came_from.contains_key(&next.name) {
                came_from.insert(&next.name, Some(&step.name));
                open.push_back(next);
            }
        }
    }
    None
}

/// Whether the step may be taken back and the flow go where `if_broken` says.
fn can_break(step: &Step) -> bool {
    step.run.is_some() || !step.set.is_empty() || matches!(step.then, Then::Choose(_) | Then::Enter(_))
}

/// Whether an expression asks for the nothing, `()`, that an unset variable is: `city == ()`, `city ?? "Kochi"`.
fn looks_for_nothing(expression: &str) -> bool {
    let call = |before: &str| before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
    expression.contains("??")
        || expression.contains("?.")
        || expression.match_indices("()").any(|(at, _)| !call(&expression[..at]))
}

#[cfg(test)]
mod tests {
    use super::looks_for_nothing;

    #[test]
    fn nothing_is_told_apart_from_calls_without_values() {
        for (expression, looks) in [
            ("city == ()", true),
            ("if () != n { n } else { 1 }", true),
            ("n ?? 1", true),
            ("name.len() > 3", false),
            ("n + 1", false),
        ] {
            assert_eq!(looks_for_nothing(expression), looks, "{expression}");
        }
    }
}
