//! `buttonhook check`: every diagnostic of the project.

use std::io::stdout;
use std::path::{Component, Path};

use clap::Args;

use crate::flow::{self, Program};
use crate::project::{self, Loaded};
use crate::scenario::{self, Suite};
use crate::source::{Diagnostic, Sources, render_github, render_human, render_json, render_sarif};

use super::fix;
use super::style::{Paint, many, say};
use super::{EXIT_OK, EXIT_PROJECT, Global, ProjectArgument};

/// What `check` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    project: ProjectArgument,
    /// How the mistakes are written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Correct in the files what is certain, and tell the rest
    #[arg(long)]
    fix: bool,
}

/// How the diagnostics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, with the line and a caret.
    Human,
    /// For programs: one JSON array.
    Json,
    /// For code scanners: SARIF 2.1.0.
    Sarif,
    /// For GitHub: notes beside the lines of a change.
    Github,
}

/// Tells every mistake of the project.
pub fn run(arguments: &Arguments, global: &Global) -> u8 {
    let root = &arguments.project.project;
    let paint = Paint { colour: global.color.is_on(&stdout()) };
    let whole = if arguments.fix {
        fix::apply(root).map_err(|why| why.to_string()).map(|fixed| {
            let summary = fix::summary(&fixed.changes, paint);
            // What programs read holds nothing else.
            if arguments.format == Format::Human {
                say(&summary)
            } else {
                eprint!("{summary}")
            }
            fixed.whole
        })
    } else {
        whole(root).map_err(|why| why.to_string())
    };
    let whole = match whole {
        Ok(whole) => whole,
        Err(why) => return super::wrong(EXIT_PROJECT, &why),
    };
    let (sources, diagnostics) = (&whole.sources, &whole.diagnostics);
    match arguments.format {
        Format::Json => say(&format!("{:#}\n", render_json(sources, diagnostics))),
        Format::Sarif => say(&format!("{:#}\n", render_sarif(sources, diagnostics, env!("CARGO_PKG_VERSION"), &base(root)))),
        Format::Github => say(&render_github(sources, diagnostics, &base(root))),
        Format::Human => say(&for_people(&whole, paint)),
    }
    if whole.is_broken() { EXIT_PROJECT } else { EXIT_OK }
}

fn for_people(whole: &Whole, paint: Paint) -> String {
    let mut text = render_human(&whole.sources, &whole.diagnostics, paint.colour);
    if let Some(error) = whole.diagnostics.iter().find(|one| one.is_error()) {
        text.push_str(&format!("\nMore about a mistake: buttonhook explain {}\n", error.code));
    }
    if whole.diagnostics.is_empty() {
        let flows = || whole.program.iter().flat_map(Program::flows);
        let steps: usize = flows().map(|flow| flow.steps.len()).sum();
        let functions = whole.program.as_ref().map_or(0, |program| program.scripts().functions().len());
        let (flows, steps, functions) = (many(flows().count(), "flow"), many(steps, "step"), many(functions, "script function"));
        text = format!("No mistakes: {flows} with {steps}, {functions}.\n");
    }
    text
}

/// What stands before the project's paths in its repository, as far as the command line tells: nothing, `shop/`, or the whole
/// path of a project that lies elsewhere.
fn base(root: &Path) -> String {
    let here = std::env::current_dir().ok();
    let relative = here.as_deref().and_then(|here| root.strip_prefix(here).ok()).unwrap_or(root);
    let mut base = String::new();
    for part in relative.components().filter(|part| *part != Component::CurDir) {
        match part {
            Component::RootDir => base.push('/'),
            part => base.push_str(&format!("{}/", part.as_os_str().to_string_lossy())),
        }
    }
    base
}

/// A project with everything that is wrong with it, its conversations included.
pub(super) struct Whole {
    pub sources: Sources,
    /// What may run: nothing while a diagnostic is an error.
    pub program: Option<Program>,
    /// Its conversations.
    pub suites: Vec<Suite>,
    /// In the order of their places.
    pub diagnostics: Vec<Diagnostic>,
}

impl Whole {
    fn is_broken(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// The project in `root`.
pub(super) fn whole(root: &Path) -> Result<Whole, project::LoadError> {
    Ok(examined(project::load_with_tests(root)?))
}

/// A project that was read.
pub(super) fn examined(loaded: Loaded) -> Whole {
    let Loaded { sources, diagnostics } = loaded;
    // A file that could not be read is there as an empty one: compiled, it would only cause mistakes that are none.
    if !diagnostics.is_empty() {
        return Whole { sources, program: None, suites: Vec::new(), diagnostics };
    }
    let (program, mut diagnostics) = flow::draft(&sources, None);
    let (suites, found) = scenario::suites(&program);
    diagnostics.extend(found);
    sources.in_order(&mut diagnostics);
    let good = !diagnostics.iter().any(Diagnostic::is_error);
    Whole { sources, program: good.then_some(program), suites, diagnostics }
}
