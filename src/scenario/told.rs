//! How a turn came about, line by line in people's words.

use crate::flow::{MenuPart, Program, stretch};
use crate::model::{Fault, TimerKind, Trace, time};

use super::stage::Took;

/// Characters of a value that a line quotes.
const QUOTED_CHARS_MAX: usize = 60;

/// What a turn did and why, a sentence a line, with the place in the files where one belongs to it.
pub fn told(program: &Program, took: &Took) -> Vec<(String, Option<String>)> {
    let mut lines: Vec<(String, Option<String>)> = took
        .trace
        .iter()
        .filter_map(|trace| sentence(program, trace, took))
        .map(|(line, step)| {
            (
                line,
                step.and_then(|(flow, step)| {
                    let flow = program.flow(flow)?;
                    Some(program.place(flow.step(step)?.span))
                }),
            )
        })
        .collect();
    lines.extend(took.faults.iter().map(broke));
    lines
}

fn broke(fault: &Fault) -> (String, Option<String>) {
    let place = (!fault.place.is_empty()).then(|| fault.place.clone());
    (format!("Something broke: {}.", fault.message), place)
}

type Step<'a> = (&'a crate::model::FlowName, &'a crate::model::StepName);

/// One line of the trace as a sentence; nothing for what says nothing to people.
fn sentence<'t>(program: &Program, trace: &'t Trace, took: &Took) -> Option<(String, Option<Step<'t>>)> {
    let here = |line: String| Some((line, None));
    match trace {
        Trace::Started { flow, because } => here(format!("The flow {flow} began: {because}.")),
        Trace::Always { word } => here(format!("“{word}” leads out of every question.")),
        Trace::TappedTwice { title } => here(format!("[{title}] was tapped twice; it counts once.")),
        Trace::OldButton { flow, step, choice, because } => {
            Some((format!("An old button, {choice} of {step}: {because}."), Some((flow, step))))
        }
        Trace::Entered { flow, step } => Some((format!("It came to {step}."), Some((flow, step)))),
        Trace::Chose { choice } => here(match took.menu(program).and_then(|(_, _, menu)| menu.part(choice)) {
            Some(MenuPart::Row(number)) => format!("Row {number} of the list was meant."),
            Some(MenuPart::Page(number)) => format!("Page {number} of the list was wanted."),
            Some(MenuPart::Choice) | None => format!("The button {choice} was meant."),
        }),
        Trace::Tested { when, came_out: true } => here(format!("{when} holds.")),
        Trace::Tested { when, came_out: false } => here(format!("{when} does not hold.")),
        Trace::Ran { function, gave } if gave.is_empty() => here(format!("{function} ran and gave nothing.")),
        Trace::Ran { function, gave } => here(format!("{function} ran and gave {}.", quoted(gave))),
        Trace::Set { variable, value } => here(format!("{variable} is now {}.", quoted(value))),
        Trace::Language { language } => here(format!("The contact reads {language} from now on.")),
        Trace::NotAnAnswer { why, tries } => here(format!("That was no answer, the {}: {why}.", nth(*tries))),
        Trace::Waits { step } => here(format!("{step} waits for an answer.")),
        Trace::CameBack { flow, step, ending } => {
            here(format!("It came back to {step} of {flow}, because of the ending {ending}."))
        }
        Trace::Ended { flow, ending } => here(format!("The flow {flow} ended: {ending}.")),
        Trace::Handler { script, function, handled: true } => here(format!("{function} of scripts/{script}.rhai took it.")),
        Trace::Handler { script, function, handled: false } => here(format!("{function} of scripts/{script}.rhai passed it on.")),
        Trace::Logged { script, line } => here(format!("scripts/{script}.rhai says: {line}")),
        Trace::Missing { name } => here(format!("{name} has no value, so its place stays empty.")),
        Trace::TimerSet { kind, at, .. } => {
            let after = u64::try_from(time::millis(*at) - time::millis(took.at)).unwrap_or(0);
            let what = match kind {
                TimerKind::Silent => "Silence will be noticed",
                TimerKind::EndSilent => "Without a word the flow will end",
                TimerKind::Later | TimerKind::Visit => "A reminder will come",
            };
            here(format!("{what} in {}.", stretch(after)))
        }
        Trace::TimerFired { kind: TimerKind::Later | TimerKind::Visit, step, .. } => {
            here(format!("The reminder of {step} was due."))
        }
        Trace::TimerFired { step, .. } => here(format!("Nothing came for as long as {step} waits.")),
        Trace::TimerOver { step, .. } => Some((format!("No reminder of {step}: its moment is over."), None)),
        Trace::Scheduled { flow, late_secs: None, .. } => here(format!("The schedule of {flow} came round.")),
        Trace::Scheduled { flow, late_secs: Some(secs), .. } => {
            here(format!("The schedule of {flow} came round, {} late.", stretch(secs * 1000)))
        }
        Trace::MovedOn { why } => here(format!("It did nothing: {why}.")),
        Trace::Called { method, host } => here(format!("It asks {host} ({method}).")),
        Trace::Answered { status } => here(format!("The answer has the status {status}.")),
        Trace::NoAnswer { why } => here(format!("No usable answer came: {}.", why.in_words())),
        Trace::Meanwhile => here("An answer of another system is still awaited.".to_owned()),
        Trace::Emitted { name } => here(format!("Your system is told: {name}.")),
        Trace::Learnt { what } => here(format!("Written down about the contact: {what}.")),
        Trace::Consented { opted_in: true, source } => here(format!("The contact agrees to hear from you, by {source}.")),
        Trace::Consented { opted_in: false, source } => here(format!("The contact wants to hear nothing more, by {source}.")),
        Trace::HandedOff { to, .. } if to.is_empty() => here("A person has the conversation from now on.".to_owned()),
        Trace::HandedOff { to, .. } => here(format!("{to} has the conversation from now on.")),
        Trace::GivenBack { because } => here(format!("The flows have the conversation again: {because}.")),
        Trace::Held => here("A person has the conversation, so that no flow takes it.".to_owned()),
        Trace::Nobody => here("Nobody took it: no button, word, script or anything_else.".to_owned()),
        Trace::Lines { .. } => None,
    }
}

fn quoted(value: &str) -> String {
    let mut letters = value.chars();
    let short: String = letters.by_ref().take(QUOTED_CHARS_MAX).collect();
    if letters.next().is_some() { format!("{short}…") } else { short }
}

fn nth(number: u32) -> String {
    let ending = match (number % 10, number % 100) {
        (1, n) if n != 11 => "st",
        (2, n) if n != 12 => "nd",
        (3, n) if n != 13 => "rd",
        _ => "th",
    };
    format!("{number}{ending}")
}
