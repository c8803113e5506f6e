//! What must hold in every turn, whoever talks: judged by what the turn did, sent and broke.

use crate::flow::{Exit, ExitKind, Flow, Program};
use crate::model::{EventKind, Fault, FaultKind, FlowName, Message, StepName, Timestamp, Trace, limits, time};

use super::super::stage::{Said, Stage, Took};
use super::repertoire::named;

/// What must hold, whoever talks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Law {
    /// Nothing breaks that the flow does not provide for.
    NoFault,
    /// From every step that waits something leads on.
    NoDeadEnd,
    /// From every step that waits an end can be reached.
    NoCircle,
    /// From every step that waits an end can be reached without waiting for time to pass.
    WayOut,
    /// Nothing but templates leaves when the person's last word is older than 24 hours.
    InTheWindow,
    /// Nothing leaves that the provider refuses.
    WithinLimits,
}

impl Law {
    /// As reports name it.
    pub fn name(self) -> &'static str {
        match self {
            Law::NoFault => "no fault",
            Law::NoDeadEnd => "no dead end",
            Law::NoCircle => "no circle without an end",
            Law::WayOut => "always a way out",
            Law::InTheWindow => "nothing free after 24 hours",
            Law::WithinLimits => "nothing that the provider refuses",
        }
    }
}

/// A law that was broken.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Breach {
    /// Which.
    pub law: Law,
    /// Where, so that the same breach is told once.
    pub place: String,
    /// What happened.
    pub message: String,
}

/// What a turn looks like from outside.
pub(super) struct Seen<'s> {
    pub took: &'s Took,
    /// What the bot said in it.
    pub sent: Vec<&'s Message>,
    /// Where the conversation stood after it.
    pub after: Option<(FlowName, StepName)>,
}

/// The turns from number `from` on.
pub(super) fn turns(stage: &Stage, from: usize) -> impl Iterator<Item = Seen<'_>> {
    let all = stage.took();
    (from..all.len()).map(move |at| {
        let next = all.get(at + 1);
        let end = next.map_or(stage.said().len(), |next| next.said);
        let sent = stage.said()[all[at].said..end].iter();
        let sent = sent.filter_map(|said| if let Said::Bot(message) = said { Some(message) } else { None }).collect();
        let here = || stage.conversation().session.as_ref().map(|session| (session.flow.clone(), session.step.clone()));
        let after = next.map_or_else(here, |next| next.waited.clone());
        Seen { took: &all[at], sent, after }
    })
}

/// Every law that a turn breaks; `heard` is when the person last did something.
pub(super) fn broken(program: &Program, seen: &Seen<'_>, heard: Option<Timestamp>) -> Vec<Breach> {
    let mut found: Vec<Breach> = unprovided(program, seen.took).into_iter().map(fault).collect();
    for message in &seen.sent {
        let place = || place_of(program, seen, message);
        if let Some(limit) = message.broken_limit() {
            found.push(Breach { law: Law::WithinLimits, place: place(), message: limit });
        }
        let silent_ms = heard.map(|heard| time::millis(seen.took.at) - time::millis(heard));
        let open = silent_ms.is_some_and(|silent| silent <= i64::try_from(limits::WINDOW_MS).unwrap_or(i64::MAX));
        if !open && !message.is_template() {
            let since = match silent_ms {
                Some(silent) => {
                    let hours = silent / 3_600_000;
                    format!("{hours} hours after the person's last word")
                }
                None => "to a person who has never written".to_owned(),
            };
            let message = format!("“{}” is said {since}; only a template may leave then", short(message.body()));
            found.push(Breach { law: Law::InTheWindow, place: place(), message });
        }
    }
    found
}

fn short(text: &str) -> String {
    const CHARS: usize = 60;
    let mut letters = text.chars();
    let short: String = letters.by_ref().take(CHARS).collect();
    if letters.next().is_some() { format!("{short}…") } else { short }
}

fn fault(fault: &Fault) -> Breach {
    let law = match fault.kind {
        FaultKind::Message => Law::WithinLimits,
        FaultKind::Loop => Law::NoCircle,
        _ => Law::NoFault,
    };
    Breach { law, place: fault.place.clone(), message: fault.message.clone() }
}

/// Where the text stands that became `message`; the step that spoke where the text is none of a flow's.
fn place_of(program: &Program, seen: &Seen<'_>, message: &Message) -> String {
    let steps: Vec<(&FlowName, &StepName)> = seen
        .took
        .trace
        .iter()
        .rev()
        .filter_map(|trace| match trace {
            Trace::Entered { flow, step } | Trace::TimerFired { flow, step, .. } => Some((flow, step)),
            _ => None,
        })
        .collect();
    let last = steps.first().map(|(flow, step)| named(flow, step)).unwrap_or_default();
    program.origin(message.body(), steps.into_iter()).map_or(last, |span| program.place(span))
}

/// What broke without the flow having said where to go then. A turn takes one way out of trouble for each fault that it provides for.
fn unprovided<'t>(program: &Program, took: &'t Took) -> Vec<&'t Fault> {
    let always_bad = |fault: &Fault| !matches!(fault.kind, FaultKind::Script | FaultKind::Value | FaultKind::Call);
    let mut bad: Vec<&Fault> = took.faults.iter().filter(|fault| always_bad(fault)).collect();
    let rest: Vec<&Fault> = took.faults.iter().filter(|fault| !always_bad(fault)).collect();
    if !rest.is_empty() {
        let provided = ways_taken(program, took);
        bad.extend(rest.into_iter().skip(provided));
    }
    bad
}

/// How many steps a turn came to by `if_fails` or `if_broken`.
fn ways_taken(program: &Program, took: &Took) -> usize {
    let entered: Vec<(&FlowName, &StepName)> = took
        .trace
        .iter()
        .filter_map(|trace| if let Trace::Entered { flow, step } = trace { Some((flow, step)) } else { None })
        .collect();
    let before = took.waited.iter().map(|(flow, step)| (flow, step));
    let before: Vec<_> = before.chain(entered.iter().copied()).collect();
    let leads = |(flow, step): (&FlowName, &StepName), to: &StepName| {
        let Some(flow) = program.flow(flow) else { return false };
        troubles(flow, step).iter().any(|exit| exit.to.as_ref() == Some(to))
    };
    let offset = before.len() - entered.len();
    // The step before the first is where the conversation waited; none, where a flow has just begun.
    entered
        .iter()
        .enumerate()
        .filter(|(at, (_, to))| (at + offset).checked_sub(1).is_some_and(|before_at| leads(before[before_at], to)))
        .count()
}

fn troubles(flow: &Flow, step: &StepName) -> Vec<Exit> {
    let of_step = flow.step(step).map(|step| step.ways_out()).unwrap_or_default();
    of_step.into_iter().chain(flow.ways_out()).filter(|exit| exit.kind == ExitKind::Trouble).collect()
}

/// What the person did, where nobody took it and nothing answered it.
pub(super) fn unanswered(seen: &Seen<'_>) -> Option<&'static str> {
    let nobody = seen.took.trace.iter().any(|trace| matches!(trace, Trace::Nobody));
    if !nobody || !seen.sent.is_empty() {
        return None;
    }
    match seen.took.event {
        EventKind::Typed { .. } => Some("a text"),
        EventKind::Attached { .. } => Some("something that is no text"),
        EventKind::Tapped { .. } => Some("a button that no flow sent"),
        _ => None,
    }
}
