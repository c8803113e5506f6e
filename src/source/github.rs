//! Diagnostics as GitHub shows them beside the lines of a change: workflow commands.

use std::fmt::Write as _;

use super::diagnostic::{Diagnostic, Severity};
use super::render::clean;
use super::sources::Sources;

/// One workflow command for each diagnostic, `::error file=…,line=…,col=…,title=BH0201::message`. `base` stands before every
/// path, so that it is the file's in the repository: empty, or ending with `/`.
pub fn render_github(sources: &Sources, diagnostics: &[Diagnostic], base: &str) -> String {
    let mut lines = String::new();
    for diagnostic in diagnostics {
        let level = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let place = sources.place(diagnostic.span);
        let file = property(&format!("{base}{}", place.path));
        let parts = [&diagnostic.message, &diagnostic.label, &diagnostic.help];
        let said: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).map(|part| data(&clean(part))).collect();
        let (line, column, code) = (place.line, place.column, diagnostic.code);
        let said = said.join("%0A");
        let _ = writeln!(lines, "::{level} file={file},line={line},col={column},title={code}::{said}");
    }
    lines
}

/// A message, as workflow commands take it (GitHub's `@actions/core`, `command.ts`).
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property, which besides ends at `:` and `,`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
