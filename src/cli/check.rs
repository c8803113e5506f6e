//! `buttonhook check`: every diagnostic of the project.

use std::path::Path;
use std::process::ExitCode;

use crate::flow::{self, Program};
use crate::project;
use crate::scenario;
use crate::source::{Diagnostic, Sources, render_human, render_json};

use super::style::{FAILED, FINE, say};

/// How the diagnostics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, with the line and a caret.
    Human,
    /// For programs: one JSON array.
    Json,
}

/// Checks the project in `root`.
pub fn check(root: &Path, format: Format, colour: bool) -> ExitCode {
    let (sources, program, diagnostics) = match whole(root) {
        Ok(found) => found,
        Err(why) => {
            eprintln!("{why}");
            return FAILED;
        }
    };
    let broken = diagnostics.iter().any(Diagnostic::is_error);
    match format {
        Format::Json => say(&format!("{:#}\n", render_json(&sources, &diagnostics))),
        Format::Human if diagnostics.is_empty() => {
            let flows = program.as_ref().map_or(0, |program| program.flows().count());
            let steps: usize = program.iter().flat_map(Program::flows).map(|flow| flow.steps.len()).sum();
            let functions = program.as_ref().map_or(0, |program| program.scripts().functions().len());
            say(&format!("No mistakes: {flows} flows with {steps} steps, {functions} script functions.\n"));
        }
        Format::Human => say(&render_human(&sources, &diagnostics, colour)),
    }
    if broken { FAILED } else { FINE }
}

/// The project in `root` with everything that is wrong with it, its conversations included.
pub(super) fn whole(root: &Path) -> Result<(Sources, Option<Program>, Vec<Diagnostic>), project::LoadError> {
    let loaded = project::load(root)?;
    let (program, mut diagnostics) = flow::compile(&loaded.sources);
    diagnostics.extend(loaded.diagnostics);
    for program in &program {
        diagnostics.extend(program.flows().flat_map(|flow| scenario::read(program, flow).1));
    }
    Diagnostic::in_order(&mut diagnostics);
    Ok((loaded.sources, program, diagnostics))
}
