//! `buttonhook test`: plays the conversations written beside the flows and in `tests/`.

mod coverage;
mod crowd;
mod machine;
mod report;
mod update;
mod watch;

use std::io::{stderr, stdout};
use std::path::Path;
use std::time::{Duration, Instant};

use clap::Args;

use crate::flow::{self, Flow, Program};
use crate::scenario::{self, Coverage, Played, Scenario, Suite};
use crate::source::render_human;

use super::check::{Whole, whole};
use super::style::{Paint, say};
use super::{EXIT_OK, EXIT_PROJECT, Global, ProjectArgument};

/// What `test` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    project: ProjectArgument,
    /// Play only conversations whose name, or the name of whose flow or file, holds this
    #[arg(long, value_name = "WORDS")]
    only: Option<String>,
    /// How the outcome is written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Tell which steps, ways out and lines of scripts no conversation reaches; some are left: exit with 1
    #[arg(long)]
    coverage: bool,
    /// Write what the bot says now into the lines that expect something else
    #[arg(long)]
    update: bool,
    /// Play again what a saved file touches, until interrupted
    #[arg(long, conflicts_with_all = ["update", "coverage"])]
    watch: bool,
    #[command(flatten)]
    crowd: crowd::Crowd,
}

/// How the outcome is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people: what went otherwise as a chat.
    Human,
    /// For programs: one JSON object.
    Json,
    /// For build servers: JUnit's XML.
    Junit,
}

/// A conversation that was played.
struct Ran<'a> {
    suite: &'a Suite,
    scenario: &'a Scenario,
    played: Played,
    took: Duration,
}

/// Everything that was played.
struct Run<'a> {
    program: &'a Program,
    ran: Vec<Ran<'a>>,
    took: Duration,
}

impl Run<'_> {
    fn failed(&self) -> usize {
        self.ran.iter().filter(|one| one.played.failure.is_some()).count()
    }
}

/// Plays the conversations of the project.
pub fn run(arguments: &Arguments, global: &Global) -> u8 {
    if arguments.watch {
        return watch::run(arguments, global);
    }
    let root = &arguments.project.project;
    if arguments.update
        && let Err(why) = update::run(root, arguments.only.as_deref())
    {
        return super::wrong(EXIT_PROJECT, &why);
    }
    let (program, suites) = match read(root, global) {
        Ok(found) => found,
        Err(code) => return code,
    };
    if arguments.crowd.crowd {
        let paint = Paint { colour: global.color.is_on(&stdout()) };
        return crowd::run(&arguments.crowd, &program, &suites, arguments.format, paint);
    }
    let covered = arguments.coverage.then(|| counted(&program));
    let (program, mut covered) = covered.map_or((program, None), |(program, covered)| (program, Some(covered)));
    let run = play(&program, &suites, |suite, scenario| wanted(&program, suite, scenario, arguments.only.as_deref()));
    if let (Some(only), true) = (&arguments.only, run.ran.is_empty()) {
        return super::wrong(EXIT_PROJECT, &format!("no conversation has `{only}` in its name, so nothing was played"));
    }
    if let Some(covered) = &mut covered {
        run.ran.iter().for_each(|one| covered.add(&program, &one.played.took));
    }
    let paint = Paint { colour: global.color.is_on(&stdout()) };
    match arguments.format {
        Format::Json => say(&format!("{:#}\n", machine::json(&run, covered.as_ref()))),
        Format::Junit => say(&machine::junit(&run)),
        Format::Human => {
            say(&report::report(&run, paint, global.quiet));
            if let Some(covered) = &covered {
                say(&coverage::report(&program, covered, paint));
            }
        }
    }
    let whole = covered.is_none_or(|covered| coverage::is_whole(&program, &covered));
    if run.failed() == 0 && whole { EXIT_OK } else { EXIT_PROJECT }
}

/// The program with scripts that tell which of their lines run. Its files keep their numbers and their lines.
fn counted(program: &Program) -> (Program, Coverage) {
    let (sources, covered) = scenario::counting(program.sources());
    (flow::draft(&sources, None).0, covered)
}

/// The project with its conversations; mistakes are told, and errors among them are the end.
fn read(root: &Path, global: &Global) -> Result<(Program, Vec<Suite>), u8> {
    let Whole { sources, program, suites, diagnostics } = match whole(root) {
        Ok(found) => found,
        Err(why) => return Err(super::wrong(EXIT_PROJECT, &why.to_string())),
    };
    if !diagnostics.is_empty() {
        eprint!("{}", render_human(&sources, &diagnostics, global.color.is_on(&stderr())));
    }
    program.map(|program| (program, suites)).ok_or(EXIT_PROJECT)
}

/// Whether a conversation is among those asked for.
fn wanted(program: &Program, suite: &Suite, scenario: &Scenario, only: Option<&str>) -> bool {
    let Some(only) = only else { return true };
    let path = &program.sources().get(suite.source).path;
    scenario.name.contains(only) || path.contains(only) || suite.flows.iter().any(|flow| flow.as_str() == only)
}

fn play<'a>(program: &'a Program, suites: &'a [Suite], wanted: impl Fn(&Suite, &Scenario) -> bool) -> Run<'a> {
    let began = Instant::now();
    let mut ran = Vec::new();
    for suite in suites {
        let Some(flow) = flow_of(program, suite) else { continue };
        for scenario in suite.scenarios.iter().filter(|scenario| wanted(suite, scenario)) {
            let began = Instant::now();
            let played = scenario::play(program, flow, scenario);
            ran.push(Ran { suite, scenario, played, took: began.elapsed() });
        }
    }
    Run { program, ran, took: began.elapsed() }
}

/// The first of the flows that a file is about.
fn flow_of<'p>(program: &'p Program, suite: &Suite) -> Option<&'p Flow> {
    suite.flows.first().and_then(|flow| program.flow(flow))
}
