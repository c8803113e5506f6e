//! `buttonhook check`: every diagnostic of the project.

use std::io::stdout;
use std::path::Path;

use clap::Args;

use crate::flow::{self, Program};
use crate::project;
use crate::scenario;
use crate::source::{Diagnostic, Sources, render_human, render_json};

use super::style::say;
use super::{EXIT_OK, EXIT_PROJECT, Global, ProjectArgument};

/// What `check` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    project: ProjectArgument,
    /// How the mistakes are written
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

/// How the diagnostics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, with the line and a caret.
    Human,
    /// For programs: one JSON array.
    Json,
}

/// Tells every mistake of the project.
pub fn run(arguments: &Arguments, global: &Global) -> u8 {
    let (sources, program, diagnostics) = match whole(&arguments.project.project) {
        Ok(found) => found,
        Err(why) => return super::wrong(EXIT_PROJECT, &why.to_string()),
    };
    let broken = diagnostics.iter().any(Diagnostic::is_error);
    match arguments.format {
        Format::Json => say(&format!("{:#}\n", render_json(&sources, &diagnostics))),
        Format::Human if diagnostics.is_empty() => {
            let flows = program.as_ref().map_or(0, |program| program.flows().count());
            let steps: usize = program.iter().flat_map(Program::flows).map(|flow| flow.steps.len()).sum();
            let functions = program.as_ref().map_or(0, |program| program.scripts().functions().len());
            let (flows, steps, functions) = (many(flows, "flow"), many(steps, "step"), many(functions, "script function"));
            say(&format!("No mistakes: {flows} with {steps}, {functions}.\n"));
        }
        Format::Human => say(&render_human(&sources, &diagnostics, global.color.is_on(&stdout()))),
    }
    if broken { EXIT_PROJECT } else { EXIT_OK }
}

/// `1 flow`, `2 flows`.
fn many(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// The project in `root` with everything that is wrong with it, its conversations included.
pub(super) fn whole(root: &Path) -> Result<(Sources, Option<Program>, Vec<Diagnostic>), project::LoadError> {
    let loaded = project::load(root)?;
    // A file that could not be read is there as an empty one: compiled, it would only cause mistakes that are none.
    let (program, mut diagnostics) = match loaded.diagnostics {
        unread if unread.is_empty() => flow::compile(&loaded.sources),
        unread => (None, unread),
    };
    if let Some(program) = &program {
        diagnostics.extend(program.flows().flat_map(|flow| scenario::read(program, flow).1));
    }
    loaded.sources.in_order(&mut diagnostics);
    Ok((loaded.sources, program, diagnostics))
}
