//! Flows that enter each other: what each says of the other, and that they never go round in a circle. Known only when all
//! flows have been read; what could not be read is given the benefit of the doubt.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::model::{FlowName, VariableName, limits};
use crate::source::{Code, Diagnostic, Span, nearest};

use super::file::{Doubt, FlowFile};
use super::program::{Flow, Program};
use super::read::listed;
use super::step::{Back, Enter, Step, Then};

/// The visits of a flow to others, in the order of its steps.
pub(super) fn of(flow: &Flow) -> impl Iterator<Item = (&Step, &Enter)> {
    flow.steps.values().filter_map(|step| match &step.then {
        Then::Enter(enter) => Some((step, enter)),
        _ => None,
    })
}

/// What single files left open because another flow may enter theirs.
pub(super) fn doubts(files: &[Arc<FlowFile>]) -> Vec<Diagnostic> {
    let flows = || files.iter().filter_map(|file| file.flow.as_deref());
    let mut visits: HashMap<&FlowName, Vec<&Enter>> = HashMap::new();
    let names: HashSet<&FlowName> = flows().map(|flow| &flow.name).collect();
    for (_, enter) in flows().flat_map(of) {
        // A name that is misspelt is told as such, and means the flow that is offered for it.
        let meant = || names.get(&FlowName::new(nearest(enter.flow.as_str(), names.iter().map(|name| name.as_str()))?)).copied();
        let name = names.get(&enter.flow).copied().or_else(meant).unwrap_or(&enter.flow);
        visits.entry(name).or_default().push(enter);
    }
    let holds = |file: &FlowFile, doubt: &Doubt| {
        let flow = file.flow.as_deref();
        let visits = flow.and_then(|flow| visits.get(&flow.name)).map(Vec::as_slice).unwrap_or_default();
        match &doubt.gives {
            None => visits.is_empty(),
            Some(name) => {
                let begun_otherwise = visits.is_empty() || flow.is_none_or(|flow| !flow.start.is_empty());
                begun_otherwise || !visits.iter().all(|enter| enter.with.iter().any(|given| given.variable == *name))
            }
        }
    };
    let told = |file: &Arc<FlowFile>| {
        let file = Arc::clone(file);
        let doubts = file.doubts.iter().filter(|doubt| holds(&file, doubt));
        doubts.map(|doubt| doubt.diagnostic.clone()).collect::<Vec<_>>()
    };
    files.iter().flat_map(told).collect()
}

/// Checks every visit of every flow.
pub(super) fn check(program: &Program, diagnostics: &mut Vec<Diagnostic>) {
    for (_, enter) in program.flows().flat_map(of) {
        match program.flow(&enter.flow) {
            Some(entered) => visit(program, enter, entered, diagnostics),
            // A flow that could not be read may be the one that is meant.
            None if program.is_whole() => diagnostics.push(unknown_flow(program, enter)),
            None => {}
        }
    }
    circles(program, diagnostics);
}

fn unknown_flow(program: &Program, enter: &Enter) -> Diagnostic {
    let mistake = Diagnostic::error(Code::UNKNOWN_FLOW, enter.span, format!("there is no flow `{}`", enter.flow));
    match nearest(enter.flow.as_str(), program.flows().map(|flow| flow.name.as_str())) {
        Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(enter.span, near),
        None => mistake.help("`enter` takes the name of a flow of this project"),
    }
}

/// What a visit says of the flow that it enters.
fn visit(program: &Program, enter: &Enter, entered: &Flow, diagnostics: &mut Vec<Diagnostic>) {
    if !program.is_sound(entered) {
        return;
    }
    for given in &enter.with {
        match entered.remember.get(&given.variable) {
            None => diagnostics.push(unknown_variable(&given.variable, given.span, entered)),
            Some(variable) => {
                let why = given.value.expression.literal().and_then(|value| variable.accept(value, None).err());
                diagnostics.extend(why.map(|why| {
                    let message = format!("this value never fits `{}` of the flow `{}`: {why}", given.variable, entered.name);
                    Diagnostic::error(Code::DOES_NOT_FIT, given.value.span, message)
                        .related(variable.span, "declared here")
                        .help("give it a value of its kind and within its bounds")
                }));
            }
        }
    }
    for taken in enter.gives.iter().filter(|taken| !entered.remember.contains_key(&taken.from)) {
        diagnostics.push(unknown_variable(&taken.from, taken.span, entered));
    }
    endings(enter, entered, diagnostics);
}

fn unknown_variable(name: &VariableName, span: Span, entered: &Flow) -> Diagnostic {
    let message = format!("the flow `{}` has no variable `{name}`", entered.name);
    let mistake = Diagnostic::error(Code::UNKNOWN_VARIABLE, span, message);
    match nearest(name.as_str(), entered.remember.keys().map(VariableName::as_str)) {
        Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(span, near),
        None => mistake
            .related(entered.span, "the entered flow")
            .help("declare it there under `remember`; `with` sets the entered flow's variables, `gives` sets this flow's"),
    }
}

/// Endings that the entered flow does not have, and those for which there is no row.
fn endings(enter: &Enter, entered: &Flow, diagnostics: &mut Vec<Diagnostic>) {
    let Back::Endings { by_name, otherwise, span } = &enter.then else { return };
    let ends = |step: &'_ Step| match &step.then {
        Then::End(ending) => Some(ending.name.clone()),
        _ => None,
    };
    let has: BTreeSet<String> = entered.steps.values().filter_map(ends).collect();
    for (name, (_, at)) in by_name.iter().filter(|(name, _)| !has.contains(*name)) {
        let message = format!("the flow `{}` never ends with `{name}`", entered.name);
        let mistake = Diagnostic::error(Code::UNKNOWN_ENDING, *at, message);
        diagnostics.push(match nearest(name, has.iter().map(String::as_str)) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(*at, near),
            None if has.is_empty() => mistake.help("it has no `end` at all"),
            None => mistake.help(format!("it ends with {}", listed(&has.iter().map(String::as_str).collect::<Vec<_>>()))),
        });
    }
    let left: Vec<&str> = has.iter().map(String::as_str).filter(|name| !by_name.contains_key(*name)).collect();
    // A row that is misspelt leaves one out; that is the same mistake.
    if otherwise.is_none() && !left.is_empty() && by_name.keys().all(|name| has.contains(name)) {
        let message = format!("`endings` does not say where {} leads", listed(&left));
        diagnostics.push(
            Diagnostic::error(Code::NO_EXIT, *span, message)
                .help(format!("add `{}: a_step`, or `otherwise: a_step` for all that have no row", left[0])),
        );
    }
}

/// Notes flows that would enter themselves, and flows that enter each other deeper than the host follows.
fn circles(program: &Program, diagnostics: &mut Vec<Diagnostic>) {
    let depths = depths(program);
    let depth = |name: &FlowName| depths.get(name).copied().unwrap_or(0);
    let mut told: HashSet<&FlowName> = HashSet::new();
    for flow in program.flows().filter(|flow| depth(&flow.name) > limits::CALLERS_MAX) {
        // Down the deepest way, until it ends or comes round.
        let mut way: Vec<(&Flow, &Enter)> = Vec::new();
        let mut at = flow;
        let round = loop {
            if let Some(from) = way.iter().position(|(earlier, _)| earlier.name == at.name) {
                break Some(from);
            }
            let visits = of(at).filter_map(|(_, enter)| Some((enter, program.flow(&enter.flow)?)));
            let Some((enter, entered)) = visits.max_by_key(|(_, entered)| depth(&entered.name)) else { break None };
            way.push((at, enter));
            at = entered;
        };
        let whole = &way[round.unwrap_or(0)..];
        let new = !whole.iter().any(|(flow, _)| told.contains(&flow.name));
        told.extend(way.iter().map(|(flow, _)| &flow.name));
        if new {
            diagnostics.push(if round.is_some() { circle(whole) } else { too_deep(whole) });
        }
    }
}

/// How many visits follow each other from each flow on. Counted up to one more than is allowed, which all flows of a circle reach.
fn depths(program: &Program) -> HashMap<&FlowName, usize> {
    let mut depths: HashMap<&FlowName, usize> = HashMap::new();
    for _ in 0..=limits::CALLERS_MAX {
        let deeper: HashMap<_, _> = program
            .flows()
            .filter_map(|flow| {
                let below = of(flow).filter(|(_, enter)| program.flow(&enter.flow).is_some());
                Some((&flow.name, below.map(|(_, enter)| depths.get(&enter.flow).copied().unwrap_or(0) + 1).max()?))
            })
            .collect();
        depths = deeper;
    }
    depths
}

fn circle(circle: &[(&Flow, &Enter)]) -> Diagnostic {
    let (first, enter) = circle[0];
    let message = match circle {
        [_] => format!("the flow `{}` enters itself", first.name),
        [..] => {
            let names: Vec<String> = circle.iter().map(|(flow, _)| format!("`{}`", flow.name)).collect();
            format!("flows enter each other in a circle: {} → `{}`", names.join(" → "), first.name)
        }
    };
    let mistake = Diagnostic::error(Code::ENTERS_ITSELF, enter.span, message);
    let related = |mistake: Diagnostic, (flow, enter): &(&Flow, &Enter)| {
        mistake.related(enter.span, format!("`{}` enters `{}`", flow.name, enter.flow))
    };
    circle[1..]
        .iter()
        .fold(mistake, related)
        .help("an entered flow comes back by itself when it ends; to begin a flow again, `go` to its first step")
}

fn too_deep(way: &[(&Flow, &Enter)]) -> Diagnostic {
    let (first, enter) = way[0];
    let message =
        format!("from `{}` on flows enter each other {} deep, {} is the most", first.name, way.len(), limits::CALLERS_MAX);
    Diagnostic::error(Code::ENTERS_ITSELF, enter.span, message).help("let one of them hold the steps of the next itself")
}
