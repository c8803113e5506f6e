//! Diagnostics as people and programs read them.

use super::diagnostic::Diagnostic;
use super::sources::Sources;

/// For a terminal: the line with a caret, and the remedy. With `colour` it uses ANSI colours.
pub fn render_human(sources: &Sources, diagnostics: &[Diagnostic], colour: bool) -> String {
    let _ = (sources, diagnostics, colour);
    unimplemented!("helper")
}

/// For programs: one JSON array, an object for each diagnostic.
pub fn render_json(sources: &Sources, diagnostics: &[Diagnostic]) -> serde_json::Value {
    let _ = (sources, diagnostics);
    unimplemented!("helper")
}
