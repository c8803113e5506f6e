//! Checks of flows that begin although the contact did nothing: what they say may find the 24 hours over, and what began them is
//! known only until the contact is waited for.

use std::collections::HashSet;

use crate::model::{StepName, VariableName};
use crate::source::{Code, Diagnostic};

use super::program::Flow;
use super::read::{Reader, Target};
use super::step::{Step, Then, speaks_freely};
use super::ways;

/// The name under which flows see what began them.
const EVENT: &str = "event";

/// Checks a flow; `whole` says that all of its steps could be read.
pub(super) fn check(reader: &Reader<'_>, flow: &Flow, whole: bool) {
    if flow.steps.is_empty() || !flow.start.begins_unasked() {
        return;
    }
    says_freely(reader, flow);
    if whole && !flow.start.events.is_empty() {
        uses_what_is_gone(reader, flow);
    }
}

/// Notes the first thing that the flow says before anybody has answered, when it is no template.
fn says_freely(reader: &Reader<'_>, flow: &Flow) {
    let mut reached = HashSet::from([flow.first()]);
    // A flow that the person may begin as well tells the two apart by choosing; then nobody can know who comes along which way.
    let exits = if flow.start.begins_only_unasked() { Step::exits_unwaited } else { unchosen };
    if let Some(first) = flow.step(flow.first()) {
        reached.extend(closure(flow, exits(first), exits));
    }
    if let Some(step) = flow.steps.values().find(|step| reached.contains(&step.name) && speaks_freely(step)) {
        let span = step.texts().first().map_or(step.span, |text| text.span);
        reader.note(
            Diagnostic::warning(Code::UNASKED_AND_FREE, span, "the flow begins without the person, and this may not leave then")
                .label("24 hours after a person's last message only templates may")
                .help("begin with a `template`, and say the rest once they have answered"),
        );
    }
}

/// Notes values of the event in steps that are reached only after somebody was waited for.
fn uses_what_is_gone(reader: &Reader<'_>, flow: &Flow) {
    let gone = closure(flow, flow.steps.values().flat_map(Step::exits_waited_for).collect(), Step::exits);
    let event = VariableName::new(EVENT);
    for step in flow.steps.values().filter(|step| gone.contains(&step.name)) {
        let Some(span) = ways::uses_unset(flow, step, &event) else { continue };
        reader.note(
            Diagnostic::warning(Code::EVENT_GONE, span, "the event is over when this step is reached")
                .label("empty here, once somebody was waited for")
                .help("keep what you need in the first step: `set: {order: event.data.order}`, and write `{order}` here"),
        );
    }
}

/// The steps that come next without a choice.
fn unchosen(step: &Step) -> Vec<&Target> {
    if matches!(step.then, Then::Choose(_)) { Vec::new() } else { step.exits_unwaited() }
}

/// Every step that `exits` lead to from `open`, those included.
fn closure<'f>(flow: &'f Flow, mut open: Vec<&'f Target>, exits: fn(&'f Step) -> Vec<&'f Target>) -> HashSet<&'f StepName> {
    let mut seen = HashSet::new();
    while let Some(target) = open.pop() {
        let Some(step) = flow.step(&target.step) else { continue };
        if seen.insert(&step.name) {
            open.extend(exits(step));
        }
    }
    seen
}
