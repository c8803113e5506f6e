//! Which steps were entered, which of their ways out were taken, and which functions of scripts ran.

use std::collections::{BTreeMap, BTreeSet};

use crate::flow::{Back, Exit, ExitKind, Flow, Marked, Program, Step, Then, marked};
use crate::model::{FlowName, StepName, TimerKind, Trace};
use crate::source::{Source, SourceKind, Sources, Span};

use super::stage::Took;

/// What was reached so far.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    steps: BTreeSet<(FlowName, StepName)>,
    /// Of a step, or without one of the flow itself.
    exits: BTreeSet<(FlowName, Option<StepName>, String)>,
    functions: BTreeSet<String>,
    /// By script.
    lines: BTreeMap<String, BTreeSet<u32>>,
    /// The lines of each script that can run, by path.
    marked: Vec<(String, Vec<u32>)>,
}

/// How much of a script was reached.
#[derive(Debug, Clone, PartialEq)]
pub struct ScriptCoverage {
    /// The script's file.
    pub path: String,
    /// Lines that ran, and all that can.
    pub lines: (usize, usize),
    /// Those that did not.
    pub missing: Vec<u32>,
}

/// How much of a flow was reached.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowCoverage {
    /// The flow.
    pub flow: FlowName,
    /// Steps that were entered, and all.
    pub steps: (usize, usize),
    /// Ways out that were taken, and all: every button, row and `if_…`.
    pub exits: (usize, usize),
    /// What was not reached, in the order of its places.
    pub missing: Vec<Uncovered>,
}

/// Something that was not reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Uncovered {
    /// What it is called: `ask_city`, `menu · button prices`.
    pub name: String,
    /// What people read there.
    pub label: String,
    /// Where it stands.
    pub span: Span,
}

/// Ways out that are taken whenever their step is entered and done.
fn goes_without_saying(exit: &Exit) -> bool {
    matches!(exit.kind, ExitKind::Go | ExitKind::End)
}

/// The sources with scripts that tell which of their lines run, and what to count them with.
pub fn counting(sources: &Sources) -> (Sources, Coverage) {
    let mut coverage = Coverage::default();
    let mark = |(_, file): (_, &Source)| {
        if file.kind != SourceKind::Script {
            return file.clone();
        }
        let Marked { text, lines } = marked(&file.text);
        coverage.marked.push((file.path.to_string(), lines));
        Source { text: text.into(), ..file.clone() }
    };
    let files = sources.iter().map(mark).collect();
    (Sources::new(files), coverage)
}

impl Coverage {
    /// Counts what these turns reached.
    pub fn add(&mut self, program: &Program, took: &[Took]) {
        took.iter().for_each(|took| self.turn(program, took));
    }

    fn exit(&mut self, flow: &FlowName, step: &StepName, name: impl Into<String>) {
        self.exits.insert((flow.clone(), Some(step.clone()), name.into()));
    }

    fn turn(&mut self, program: &Program, took: &Took) {
        // The step at hand, and where in the trace it was entered.
        let mut at: Option<(&Flow, &Step, usize)> = None;
        for (index, trace) in took.trace.iter().enumerate() {
            let rest = &took.trace[index + 1..];
            match trace {
                Trace::Entered { flow, step } => {
                    self.steps.insert((flow.clone(), step.clone()));
                    let Some((flow, entered)) = program.flow(flow).and_then(|flow| Some((flow, flow.step(step)?))) else {
                        continue;
                    };
                    match at {
                        Some((left, before, from)) if left.name == flow.name => {
                            self.on(flow, before, entered, &took.trace[from..index], took);
                        }
                        Some((_, _, from)) => self.across(flow, entered, &took.trace[from..index], took),
                        None => self.answered(program, took, index),
                    }
                    at = Some((flow, entered, index));
                }
                Trace::Chose { choice } => {
                    if let Some((flow, step, menu)) = took.menu(program)
                        && let Some(way) = menu.exit_name(choice)
                    {
                        self.exit(&flow.name, &step.name, way);
                    }
                }
                Trace::CameBack { flow, step, ending } => self.came_back(program, flow, step, ending),
                Trace::OldButton { flow, step, .. } if !rest.iter().any(|one| matches!(one, Trace::Chose { .. })) => {
                    self.exit(flow, step, "if_old");
                }
                Trace::NotAnAnswer { .. } => self.no_answer(program, took, rest),
                Trace::TimerFired { kind, flow, step, .. } => self.timer(*kind, flow, step, rest),
                Trace::Always { word } => self.always(program, took, word),
                Trace::Ran { function, .. } => drop(self.functions.insert(function.clone())),
                Trace::Handler { script, function, .. } => drop(self.functions.insert(format!("{script}.{function}"))),
                Trace::Lines { script, lines } => self.lines.entry(script.to_string()).or_default().extend(lines),
                _ => {}
            }
        }
    }

    /// From one step straight on to another.
    fn on(&mut self, flow: &Flow, before: &Step, entered: &Step, between: &[Trace], took: &Took) {
        let ran = between.iter().find_map(|one| if let Trace::Ran { gave, .. } = one { Some(gave.as_str()) } else { None });
        let tested: Vec<bool> = between
            .iter()
            .filter_map(|one| if let Trace::Tested { came_out, .. } = one { Some(*came_out) } else { None })
            .collect();
        let there = |target: Option<&StepName>| target == Some(&entered.name);
        let run = before.run.as_ref();
        let fails = run.and_then(|run| run.if_fails.as_ref()).map(|to| &to.step);
        let none = run.and_then(|run| run.if_none.as_ref()).map(|to| &to.step);
        if there(none) && ran == Some("") {
            return self.exit(&flow.name, &before.name, "if_none");
        }
        if there(fails) && !took.faults.is_empty() && tested.is_empty() {
            return self.exit(&flow.name, &before.name, "if_fails");
        }
        if let Then::Menu(menu) = &before.then
            && there(menu.if_empty().map(|to| &to.step))
            && took.faults.is_empty()
        {
            return self.exit(&flow.name, &before.name, "if_empty");
        }
        let row = tested.iter().position(|held| *held);
        if let Then::Choose(choose) = &before.then {
            let (name, leads) = match row {
                Some(row) => (format!("row {}", row + 1), choose.rows().get(row).map(|(_, to)| &to.step)),
                None => ("otherwise".to_owned(), choose.otherwise().map(|to| &to.step)),
            };
            if there(leads) {
                return self.exit(&flow.name, &before.name, name);
            }
        }
        let plain = matches!(&before.then, Then::Go(to) if to.step == entered.name);
        if !plain && !took.faults.is_empty() && there(flow.if_broken.as_ref().map(|to| &to.step)) {
            self.exits.insert((flow.name.clone(), None, "if_broken".to_owned()));
        }
    }

    /// From a step of another flow: a flow that was entered begins or has ended, or something broke in it.
    fn across(&mut self, flow: &Flow, entered: &Step, between: &[Trace], took: &Took) {
        let went = between.iter().any(|one| matches!(one, Trace::Started { .. } | Trace::CameBack { .. }));
        let if_broken = flow.if_broken.as_ref().is_some_and(|to| to.step == entered.name);
        if !went && if_broken && !took.faults.is_empty() {
            self.exits.insert((flow.name.clone(), None, "if_broken".to_owned()));
        }
    }

    /// A flow that a step had entered has ended.
    fn came_back(&mut self, program: &Program, flow: &FlowName, step: &StepName, ending: &str) {
        let Some(flow) = program.flow(flow) else { return };
        let Some(step) = flow.whereabouts(step).and_then(|step| flow.step(&step)) else { return };
        let Then::Enter(enter) = &step.then else { return };
        match &enter.then {
            Back::Endings { by_name, .. } if by_name.contains_key(ending) => {
                self.exit(&flow.name, &step.name, format!("ending {ending}"));
            }
            Back::Endings { otherwise: Some(_), .. } => self.exit(&flow.name, &step.name, "otherwise"),
            Back::Endings { otherwise: None, .. } | Back::Go(_) | Back::Unread => {}
        }
    }

    /// The first step of a turn: perhaps the question before it was answered.
    fn answered(&mut self, program: &Program, took: &Took, index: usize) {
        let Some((flow, step)) = &took.waited else { return };
        let Some(definition) = program.flow(flow).and_then(|flow| flow.step(step)) else { return };
        if let Some(row) = row_taken(definition, &took.trace[..=index]) {
            self.exit(flow, step, row);
        }
        let Then::Ask(ask) = &definition.then else { return };
        let set = |one: &Trace| matches!(one, Trace::Set { variable, .. } if *variable == ask.into);
        let before = &took.trace[..index];
        if before.iter().any(set) && !before.iter().any(|one| matches!(one, Trace::Started { .. })) {
            self.exit(flow, step, "answer");
        }
    }

    fn no_answer(&mut self, program: &Program, took: &Took, rest: &[Trace]) {
        let Some((flow, step)) = &took.waited else { return };
        let definition = program.flow(flow).and_then(|flow| flow.step(step));
        let name = match definition.map(|step| &step.then) {
            Some(Then::Menu(_)) => "if_other",
            Some(Then::Ask(_)) => "if_wrong",
            _ => return,
        };
        let gave_up = rest.iter().any(|one| matches!(one, Trace::Entered { .. }));
        self.exit(flow, step, if gave_up { format!("{name}.then") } else { name.to_owned() });
    }

    fn timer(&mut self, kind: TimerKind, flow: &FlowName, step: &StepName, rest: &[Trace]) {
        if rest.iter().any(|one| matches!(one, Trace::MovedOn { .. })) {
            return;
        }
        let entered = rest.iter().any(|one| matches!(one, Trace::Entered { .. }));
        let ended = rest.first().is_some_and(|one| matches!(one, Trace::Ended { .. }));
        match kind {
            TimerKind::Silent if !ended => self.exit(flow, step, "if_silent"),
            TimerKind::Silent | TimerKind::EndSilent => drop(self.exits.insert((flow.clone(), None, "end_if_silent".to_owned()))),
            TimerKind::Later if entered => self.exit(flow, step, "later"),
            // A script asked for it, which is no exit that the flow writes.
            TimerKind::Later | TimerKind::Visit => {}
        }
    }

    fn always(&mut self, program: &Program, took: &Took, word: &str) {
        let Some(flow) = took.waited.as_ref().and_then(|(flow, _)| program.flow(flow)) else { return };
        let Some(to) = flow.always_leads(word) else { return };
        // A row has several words and counts once.
        let row = flow.ways_out().into_iter().find(|exit| exit.kind == ExitKind::Always && exit.to.as_ref() == Some(to));
        if let Some(row) = row {
            self.exits.insert((flow.name.clone(), None, row.name));
        }
    }

    /// How much of each flow was reached.
    pub fn of(&self, program: &Program) -> Vec<FlowCoverage> {
        program.flows().map(|flow| self.of_flow(flow)).collect()
    }

    fn of_flow(&self, flow: &Flow) -> FlowCoverage {
        let (mut steps, mut exits, mut missing) = ((0, 0), (0, 0), Vec::new());
        for exit in flow.ways_out() {
            let key = (flow.name.clone(), None, exit.name.clone());
            count(&mut exits, self.exits.contains(&key), || missing.push(uncovered(&exit.name, &exit)));
        }
        for step in flow.steps.values() {
            let entered = self.steps.contains(&(flow.name.clone(), step.name.clone()));
            let whole = || Uncovered { name: step.name.to_string(), label: "never entered".to_owned(), span: step.span };
            count(&mut steps, entered, || missing.push(whole()));
            for exit in step.ways_out().iter().filter(|exit| !goes_without_saying(exit)) {
                let key = (flow.name.clone(), Some(step.name.clone()), exit.name.clone());
                let name = format!("{} · {}", step.name, exit.name);
                // What a step never entered leads to is not told again.
                let tell = || {
                    if entered {
                        missing.push(uncovered(&name, exit))
                    }
                };
                count(&mut exits, self.exits.contains(&key), tell);
            }
        }
        missing.sort_by_key(|one| one.span);
        FlowCoverage { flow: flow.name.clone(), steps, exits, missing }
    }

    /// How much of each script was reached, in order of path. Nothing of one whose lines are not counted.
    pub fn lines(&self) -> Vec<ScriptCoverage> {
        let of = |(path, all): &(String, Vec<u32>)| {
            let name = path.rsplit('/').next().unwrap_or(path).trim_end_matches(".rhai");
            let ran = self.lines.get(name);
            let missing: Vec<u32> = all.iter().filter(|line| ran.is_none_or(|ran| !ran.contains(line))).copied().collect();
            ScriptCoverage { path: path.clone(), lines: (all.len() - missing.len(), all.len()), missing }
        };
        self.marked.iter().map(of).collect()
    }

    /// The functions that flows call and the handlers of scripts: how many ran, how many there are, and those that did not.
    pub fn functions(&self, program: &Program) -> ((usize, usize), Vec<String>) {
        let called = program.flows().flat_map(|flow| flow.steps.values()).filter_map(|step| step.run.as_ref());
        let mut all: BTreeSet<String> = called.map(|run| format!("{}.{}", run.script, run.function)).collect();
        for handler in crate::flow::HANDLERS {
            all.extend(program.scripts().handlers(handler).iter().map(|script| format!("{script}.{}", handler.function())));
        }
        let missing: Vec<String> = all.iter().filter(|name| !self.functions.contains(*name)).cloned().collect();
        ((all.len() - missing.len(), all.len()), missing)
    }
}

/// Which way out of a call a turn took, whose `trace` ends with the step that it came to.
fn row_taken(step: &Step, trace: &[Trace]) -> Option<String> {
    let Then::Call(call) = &step.then else { return None };
    let to = trace.iter().rev().find_map(|one| if let Trace::Entered { step, .. } = one { Some(step) } else { None })?;
    let fails = || call.if_fails.as_ref().filter(|target| target.step == *to).map(|_| "if_fails".to_owned());
    let at = trace.iter().position(|one| matches!(one, Trace::Answered { .. } | Trace::NoAnswer { .. }))?;
    let Trace::Answered { status } = &trace[at] else { return fails() };
    let mut tested =
        trace[at..].iter().filter_map(|one| if let Trace::Tested { came_out, .. } = one { Some(*came_out) } else { None });
    let taken = call.answers.fitting(*status).find(|(_, decides, _)| !*decides || tested.next().unwrap_or(false));
    // A row whose values do not fit ends as a call without an answer.
    taken.filter(|(_, _, target)| target.step == *to).map(|(name, _, _)| format!("answer {name}")).or_else(fails)
}

fn count(counted: &mut (usize, usize), reached: bool, missing: impl FnOnce()) {
    counted.1 += 1;
    if reached {
        counted.0 += 1;
    } else {
        missing();
    }
}

fn uncovered(name: &str, exit: &Exit) -> Uncovered {
    Uncovered { name: name.to_owned(), label: exit.label.clone(), span: exit.span }
}
