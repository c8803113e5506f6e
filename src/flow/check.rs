//! What can be known of a flow only when all of it has been read: where its steps lead, and whether all of them are reached.
//! Steps that could not be read have been noted already and are not held against those that name them.

use std::collections::{HashMap, HashSet};

use crate::model::StepName;
use crate::source::{Code, Diagnostic, nearest};

use super::program::{Flow, Program};
use super::read::{Reader, Target};
use super::step::Then;
use super::variable::Kind;

/// Checks a flow by itself.
pub(super) fn flow(reader: &Reader<'_>, flow: &Flow) {
    for step in flow.steps.values() {
        step.check(reader, flow);
    }
    groups(reader, flow);
    // A step that could not be read is missing here; then nothing certain can be said about where steps lead.
    let whole = flow.steps.len() == reader.steps_written.get();
    let mut led_astray = false;
    for target in targets(flow) {
        if whole || nearest(target.step.as_str(), flow.steps.keys().map(StepName::as_str)).is_none() {
            led_astray |= !exists(reader, flow, target);
        }
    }
    if !whole || led_astray || flow.steps.is_empty() {
        return;
    }
    if flow.start.is_empty() && flow.tests.is_none() {
        // A flow may be begun by scripts alone, so this is no error.
        reader.note(
            Diagnostic::warning(Code::NO_START, flow.span, format!("nothing begins the flow `{}`", flow.name))
                .help("add `start: {words: [hello]}`, or begin it from a script with `start(…)`"),
        );
    }
    reached(reader, flow);
    circles(reader, flow);
}

/// Notes groups of patterns whose variables no typed text can fill.
fn groups(reader: &Reader<'_>, flow: &Flow) {
    for pattern in &flow.start.matches {
        let variables = pattern.groups.iter().filter_map(|name| flow.remember.get(name.as_str()));
        for variable in variables.filter(|variable| matches!(variable.kind, Kind::List | Kind::Record)) {
            let message = format!("the pattern fills `{}`, but no text can become a list or a record", variable.name);
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

/// Whether the step that is named is there; notes it when it is not.
fn exists(reader: &Reader<'_>, flow: &Flow, target: &Target) -> bool {
    if flow.steps.contains_key(&target.step) {
        return true;
    }
    let message = format!("the flow has no step `{}`", target.step);
    let mistake = Diagnostic::error(Code::UNKNOWN_STEP, target.span, message);
    reader.note(match nearest(target.step.as_str(), flow.steps.keys().map(StepName::as_str)) {
        Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(target.span, near),
        None => {
            let names: Vec<&str> = flow.steps.keys().map(StepName::as_str).take(12).collect();
            mistake.help(format!("its steps are {}", super::read::listed(&names)))
        }
    });
    false
}

/// Notes steps that nothing leads to.
fn reached(reader: &Reader<'_>, flow: &Flow) {
    let mut seen: HashSet<&StepName> = HashSet::new();
    let mut open: Vec<&StepName> = std::iter::once(flow.first()).chain(routes(flow).map(|target| &target.step)).collect();
    while let Some(step) = open.pop() {
        if seen.insert(step)
            && let Some(step) = flow.step(step)
        {
            open.extend(step.exits().into_iter().map(|target| &target.step));
        }
    }
    // Scripts may send people anywhere with `go`; a flow that runs any is given the benefit of the doubt.
    if flow.steps.values().any(|step| step.run.is_some()) {
        return;
    }
    for step in flow.steps.values().filter(|step| !seen.contains(&step.name)) {
        reader.note(
            Diagnostic::warning(Code::UNREACHABLE, step.span, format!("nothing leads to the step `{}`", step.name))
                .help("lead a button or a `go` there, or take it out"),
        );
    }
}

/// Notes steps that go round in a circle without ever waiting: they would run until the host stops them.
fn circles(reader: &Reader<'_>, flow: &Flow) {
    let mut settled: HashMap<&StepName, bool> = HashMap::new();
    for step in flow.steps.values() {
        let mut path: Vec<&StepName> = Vec::new();
        let mut at = step;
        loop {
            if settled.contains_key(&at.name) {
                break;
            }
            if path.contains(&&at.name) {
                reader.note(
                    Diagnostic::error(
                        Code::LOOP_WITHOUT_WAIT,
                        at.span,
                        format!("the step `{}` comes back to itself without ever waiting", at.name),
                    )
                    .help("let one of the steps on the way ask or show buttons"),
                );
                break;
            }
            path.push(&at.name);
            // A script may lead out of the circle; nothing certain can be said then.
            if at.run.is_some() {
                break;
            }
            let Then::Go(target) = &at.then else { break };
            let Some(next) = flow.step(&target.step) else { break };
            at = next;
        }
        settled.extend(path.into_iter().map(|name| (name, true)));
    }
}

/// Checks what flows and scripts say of each other.
pub(super) fn program(program: &Program, diagnostics: &mut Vec<Diagnostic>) {
    for run in program.flows().flat_map(|flow| flow.steps.values()).filter_map(|step| step.run.as_ref()) {
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
    for (flow, span) in program.scripts.starts().filter(|(flow, _)| program.flow(flow).is_none()) {
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
