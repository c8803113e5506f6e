//! What can be known of a flow only when all of it has been read: where its steps lead, and whether all of them are reached.
//! Steps that could not be read have been noted already and are not held against those that name them.

use std::collections::HashSet;

use crate::model::StepName;
use crate::source::{Code, Diagnostic, nearest};

use super::file::Doubt;
use super::program::{Flow, Program};
use super::read::{Reader, Target, as_name};
use super::step::{Step, Then};
use super::variable::Kind;
use super::{unasked, ways};

/// Mistakes in a step that leave all its ways as they are.
const LEADS_NO_OTHER_WAY: [Code; 3] = [Code::UNKNOWN_VARIABLE, Code::BAD_URL, Code::TOO_LONG];

/// Checks each step of a flow by itself, and that the steps it names are there.
pub(super) fn steps(reader: &Reader<'_>, flow: &Flow) {
    for step in flow.steps.values() {
        step.check(reader, flow);
    }
    groups(reader, flow);
    let mut told: Vec<&StepName> = Vec::new();
    for target in targets(flow) {
        if exists(reader, target, told.contains(&&target.step)) {
            told.push(&target.step);
        }
    }
}

/// Checks the ways through a flow.
/// Gives what is a mistake only when no flow enters this one.
pub(super) fn ways(reader: &Reader<'_>, flow: &Flow) -> Vec<Doubt> {
    // Of a step or a part of one that could not be read nobody knows where it leads.
    let whole = flow.steps.len() == reader.steps_written.borrow().len()
        && reader.steps_mistakes.borrow().iter().all(|code| LEADS_NO_OTHER_WAY.contains(code));
    circles(reader, flow, whole);
    let mut doubts = Vec::new();
    if flow.steps.is_empty() {
        return doubts;
    }
    if flow.start.is_empty() && flow.tests.is_none() && !reader.start_in_doubt.get() {
        // A flow may be begun by scripts alone, so this is no error.
        let diagnostic = Diagnostic::warning(Code::NO_START, flow.span, format!("nothing begins the flow `{}`", flow.name))
            .help("add `start: {words: [hello]}`, `enter` it from another flow, or begin it from a script with `start(…)`");
        doubts.push(Doubt { gives: None, diagnostic });
    }
    if whole {
        reached(reader, flow);
    }
    unasked::check(reader, flow, whole);
    // What could not be read may have set a variable.
    if whole && reader.steps_mistakes.borrow().is_empty() {
        doubts.extend(ways::unset(reader, flow));
    }
    doubts
}

/// Notes groups of patterns whose variables no typed text can fill.
fn groups(reader: &Reader<'_>, flow: &Flow) {
    for pattern in &flow.start.matches {
        let variables = pattern.groups.iter().filter_map(|name| flow.remember.get(name.as_str()));
        for variable in
            variables.filter(|variable| matches!(variable.kind, Kind::List | Kind::Record | Kind::Location | Kind::Media { .. }))
        {
            let message = format!("the pattern fills `{}`, but no text can become {}", variable.name, variable.kind.words());
            reader.note(
                Diagnostic::error(Code::BAD_VALUE, pattern.span, message)
                    .related(variable.span, "declared here")
                    .help("declare it as a text or a number"),
            );
        }
    }
}

/// Every step that the flow names somewhere.
fn targets(flow: &Flow) -> impl Iterator<Item = &Target> {
    flow.steps.values().flat_map(super::step::Step::exits).chain(routes(flow))
}

/// The steps that a flow leads to from anywhere.
fn routes(flow: &Flow) -> impl Iterator<Item = &Target> {
    let always = flow.always.values().map(|(target, _)| target);
    flow.if_broken.iter().chain(flow.moved.values()).chain(flow.retired.values()).chain(always)
}

/// Notes a step that is named and not there. One that could not be read is there, and so is one whose name only has the wrong
/// letters. What is near to a step is a slip at each of its places; anything else is one step that is missing, `told` once.
/// Tells whether it was told here as missing.
fn exists(reader: &Reader<'_>, target: &Target, told: bool) -> bool {
    let written = reader.steps_written.borrow();
    let named = |name: &&String| *name == target.step.as_str() || as_name(name) == target.step.as_str();
    if told || written.iter().any(|name| named(&name)) {
        return false;
    }
    let message = format!("the flow has no step `{}`", target.step);
    let mistake = Diagnostic::error(Code::UNKNOWN_STEP, target.span, message);
    reader.note(match nearest(target.step.as_str(), written.iter().map(String::as_str)) {
        Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(target.span, near),
        None => {
            let names: Vec<&str> = written.iter().map(String::as_str).take(12).collect();
            mistake.help(format!("its steps are {}", super::read::listed(&names)))
        }
    });
    nearest(target.step.as_str(), written.iter().map(String::as_str)).is_none()
}

/// The step that a target means: the one it names, or the one that was probably meant, which is told elsewhere.
fn meant<'f>(flow: &'f Flow, target: &Target) -> Option<&'f Step> {
    let named = || nearest(target.step.as_str(), flow.steps.keys().map(StepName::as_str));
    flow.step(&target.step).or_else(|| flow.steps.get(named()?))
}

/// Notes steps that nothing leads to.
fn reached(reader: &Reader<'_>, flow: &Flow) {
    // Scripts may send people anywhere with `go`; a flow that runs any is given the benefit of the doubt. So is one that names
    // a step which could be any of its own.
    if flow.steps.values().any(|step| step.run.is_some()) || targets(flow).any(|target| meant(flow, target).is_none()) {
        return;
    }
    let mut seen: HashSet<&StepName> = HashSet::new();
    let mut open: Vec<&Step> = routes(flow).filter_map(|target| meant(flow, target)).chain(flow.step(flow.first())).collect();
    while let Some(step) = open.pop() {
        if seen.insert(&step.name) {
            open.extend(step.exits().into_iter().filter_map(|target| meant(flow, target)));
        }
    }
    for step in flow.steps.values().filter(|step| !seen.contains(&step.name)) {
        reader.note(
            Diagnostic::warning(Code::UNREACHABLE, step.span, format!("nothing leads to the step `{}`", step.name))
                .help("lead a button or a `go` there, or take it out"),
        );
    }
}

/// Notes steps that go round in a circle without ever waiting: they would run until the host stops them.
fn circles(reader: &Reader<'_>, flow: &Flow, whole: bool) {
    // From which steps does some way lead to one that waits, ends, or runs a script, which may send people anywhere?
    let mut stops: HashSet<&StepName> = HashSet::new();
    loop {
        let before = stops.len();
        for step in flow.steps.values() {
            let exits = step.exits_at_once();
            let leaves = |target: &Target| flow.step(&target.step).is_none_or(|next| stops.contains(&next.name));
            // A row of `choose` that could not be read may lead out of the circle.
            let unsure = !whole && matches!(step.then, Then::Choose(_));
            // An entered flow may wait; if it does not, the bound on a turn's steps stops it.
            let elsewhere = matches!(step.then, Then::Enter(_));
            // A call waits for another system, and not for somebody who could have enough of it.
            let waits = step.waits() && !matches!(step.then, Then::Call(_));
            if waits || step.run.is_some() || elsewhere || unsure || exits.is_empty() || exits.into_iter().any(leaves) {
                stops.insert(&step.name);
            }
        }
        if stops.len() == before {
            break;
        }
    }
    let mut told: HashSet<&StepName> = HashSet::new();
    for step in flow.steps.values().filter(|step| !stops.contains(&step.name)) {
        let mut path: Vec<&Step> = Vec::new();
        let mut at = step;
        // All ways of such a step lead to such steps, so any of them comes round.
        while !path.iter().any(|earlier| earlier.name == at.name) && !told.contains(&at.name) {
            path.push(at);
            let Some(next) = at.exits_at_once().first().and_then(|target| flow.step(&target.step)) else { break };
            at = next;
        }
        if !told.contains(&at.name) {
            let message = format!("the step `{}` comes back to itself without ever waiting", at.name);
            reader.note(
                Diagnostic::error(Code::LOOP_WITHOUT_WAIT, at.span, message)
                    .help("let one of the steps on the way ask or show buttons"),
            );
        }
        told.extend(path.into_iter().map(|step| &step.name));
    }
}

/// Checks what flows and scripts say of each other.
pub(super) fn program(program: &Program, diagnostics: &mut Vec<Diagnostic>) {
    if program.is_whole() {
        let steps = program.flows().flat_map(|flow| flow.steps.values());
        for step in steps {
            if let Then::Call(call) = &step.then {
                call.check_hosts(program, diagnostics);
            }
        }
    }
    let runs = program.flows().flat_map(|flow| flow.steps.values()).filter_map(|step| step.run.as_ref());
    for run in runs.filter(|run| !program.scripts.is_broken(&run.script)) {
        let Some(function) = program.scripts.function(&run.script, &run.function) else {
            let wanted = format!("{}.{}", run.script, run.function);
            let known: Vec<String> =
                program.scripts.functions().iter().map(|function| format!("{}.{}", function.script, function.name)).collect();
            let mistake = Diagnostic::error(Code::UNKNOWN_FUNCTION, run.span, format!("there is no function `{wanted}`"));
            diagnostics.push(match nearest(&wanted, known.iter().map(String::as_str)) {
                Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(run.span, near),
                None => mistake.help(format!("write `fn {}` in `scripts/{}.rhai`", run.function, run.script)),
            });
            continue;
        };
        if !program.scripts.takes(&run.script, &run.function, run.with.len()) {
            let message =
                format!("`{}.{}` takes {} and is given {}", run.script, run.function, count(function.parameters), run.with.len());
            diagnostics.push(
                Diagnostic::error(Code::WRONG_ARITY, run.span, message).help("give one value in `with` for each parameter"),
            );
        }
    }
    // A flow that could not be read may be the one that is meant.
    let starts = program.scripts.starts().filter(|_| program.is_whole());
    for (flow, span) in starts.filter(|(flow, _)| program.flow(flow).is_none()) {
        let mistake = Diagnostic::error(Code::UNKNOWN_FLOW, span, format!("there is no flow `{flow}`"));
        diagnostics.push(match nearest(flow.as_str(), program.flows().map(|flow| flow.name.as_str())) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(span, near),
            None => mistake.help("`start` takes the name of a flow of this project"),
        });
    }
}

fn count(arguments: usize) -> String {
    if arguments == 1 { "1 argument".to_owned() } else { format!("{arguments} arguments") }
}
