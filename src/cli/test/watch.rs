//! `--watch`: plays again what a saved file touches.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{IsTerminal, stdout};
use std::sync::Arc;

use crate::flow::Program;
use crate::model::Trace;
use crate::project::Watcher;
use crate::scenario::{Scenario, Suite};

use super::super::style::{Paint, many, say};
use super::super::{EXIT_START, Global, block_on, wrong};
use super::{Arguments, Ran, play, read, report, wanted};

/// A conversation by its file and name.
type Key = (Arc<str>, String);

/// What is known of the conversations from when they were last played.
#[derive(Default)]
struct Known {
    /// The files that each came by; nothing for one that failed.
    touched: BTreeMap<Key, BTreeSet<Arc<str>>>,
    /// The files as they were.
    texts: BTreeMap<Arc<str>, Arc<str>>,
}

/// Plays until interrupted.
pub(super) fn run(arguments: &Arguments, global: &Global) -> u8 {
    let mut watcher = match Watcher::new(&arguments.project.project) {
        Ok(watcher) => watcher,
        Err(why) => return wrong(EXIT_START, &why.to_string()),
    };
    let mut known = Known::default();
    block_on(async {
        loop {
            round(arguments, global, &mut known);
            watcher.changed().await;
        }
    })
}

fn round(arguments: &Arguments, global: &Global, known: &mut Known) {
    let paint = Paint { colour: global.color.is_on(&stdout()) };
    let Ok((program, suites)) = read(&arguments.project.project, global) else {
        say(&format!("\n{}\n", paint.dim("Waiting for the next save …")));
        return;
    };
    let texts: BTreeMap<_, _> = program.sources().iter().map(|(_, file)| (file.path.clone(), file.text.clone())).collect();
    let changed: BTreeSet<Arc<str>> = texts
        .iter()
        .chain(&known.texts)
        .map(|(path, _)| path)
        .filter(|path| texts.get(*path) != known.texts.get(*path))
        .cloned()
        .collect();
    let first = known.texts.is_empty();
    known.texts = texts;
    if changed.is_empty() {
        return;
    }
    let due = |suite: &Suite, scenario: &Scenario| {
        let key = key(&program, suite, scenario);
        let touched = known.touched.get(&key).is_none_or(|touched| touched.iter().any(|path| changed.contains(path)));
        touched && wanted(&program, suite, scenario, arguments.only.as_deref())
    };
    let run = play(&program, &suites, due);
    let played: Vec<(Key, Option<BTreeSet<Arc<str>>>)> = run
        .ran
        .iter()
        .map(|one| (key(&program, one.suite, one.scenario), one.played.failure.is_none().then(|| touched(&program, one))))
        .collect();
    if stdout().is_terminal() {
        say("\u{1b}[2J\u{1b}[H");
    }
    if !first {
        let names: Vec<&str> = changed.iter().map(AsRef::as_ref).collect();
        say(&paint.dim(&format!("{} saved, {} touched\n", names.join(", "), many(run.ran.len(), "conversation"))));
    }
    say(&report::report(&run, paint, false));
    say(&format!("{}\n", paint.dim("Waiting for the next save …")));
    for (key, touched) in played {
        match touched {
            Some(touched) => known.touched.insert(key, touched),
            None => known.touched.remove(&key),
        };
    }
}

fn key(program: &Program, suite: &Suite, scenario: &Scenario) -> Key {
    (program.sources().get(suite.source).path.clone(), scenario.name.clone())
}

/// The files that a conversation came by: its own, those of its flows, those of the scripts that ran, and what holds for all.
fn touched(program: &Program, one: &Ran<'_>) -> BTreeSet<Arc<str>> {
    let sources = program.sources();
    let mut found = BTreeSet::from([sources.get(one.suite.source).path.clone()]);
    let entered = one.played.entered.iter().map(|(flow, _)| flow).chain(&one.suite.flows);
    found.extend(entered.filter_map(|flow| program.flow(flow)).map(|flow| sources.get(flow.span.source).path.clone()));
    for trace in one.played.took.iter().flat_map(|took| &took.trace) {
        let script = match trace {
            Trace::Ran { function, .. } => function.split_once('.').map(|(script, _)| script),
            Trace::Handler { script, .. } => Some(script.as_str()),
            _ => None,
        };
        found.extend(script.map(|script| Arc::from(format!("scripts/{script}.rhai"))));
    }
    let always = sources.iter().filter(|(_, file)| file.path.contains("_always."));
    found.extend(always.map(|(_, file)| file.path.clone()));
    found
}
