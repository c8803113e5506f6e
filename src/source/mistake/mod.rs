//! What an author probably meant when a file is not YAML: a place and a kind of trouble become plain words and a remedy.
//!
//! The parser sees only where it had to stop; the cause often stands before that (a quote that nobody closed) or is one habit
//! of writing (a text that begins with a brace). So each guess looks at the line itself and the ones above it, in a fixed
//! order, the surest first; the last resort says what the parser said. Nothing here knows the YAML crate.

pub(super) mod habit;
mod line;
mod quote;
mod shape;
mod value;

use std::ops::Range;

use super::code::Code;
use super::diagnostic::Diagnostic;
use super::sources::{SourceId, Span};
use line::Line;

/// What the parser stopped at, as coarse as our words for it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Trouble {
    /// A quote was opened and never closed.
    UnclosedQuote,
    /// Something stands behind a closing quote.
    AfterQuote,
    /// A backslash inside double quotes that means nothing.
    Escape,
    /// A colon where none may be.
    Colon,
    /// A line in a mapping without a colon.
    NoColon,
    /// A tab where only spaces may be.
    Tab,
    /// `{` or `[` was opened and never closed.
    Unclosed(char),
    /// A one-line mapping or list that does not read as one.
    Bracket,
    /// A line that is indented neither like its neighbours nor under them.
    Indentation,
    /// Too many mappings inside each other.
    TooDeep,
    /// Anything else, in the parser's words.
    Other(String),
}

/// Why the file cannot be read from byte `at` on.
pub(super) fn explain(source: SourceId, text: &str, at: usize, trouble: &Trouble) -> Diagnostic {
    let seen = Seen { source, text, at, line: Line::at(text, at) };
    if *trouble == Trouble::TooDeep {
        return seen
            .error(seen.here(), "too many mappings or lists inside each other")
            .help("A step needs three or four levels. Make steps of what is nested.");
    }
    seen.odd_space()
        .or_else(|| seen.tab(trouble))
        .or_else(|| seen.quote(trouble))
        .or_else(|| seen.value())
        .or_else(|| seen.unclosed_bracket(trouble))
        .or_else(|| seen.line_above(trouble))
        .unwrap_or_else(|| seen.last_resort(trouble))
}

/// The place at which reading stopped, with its line.
struct Seen<'a> {
    source: SourceId,
    text: &'a str,
    at: usize,
    line: Line<'a>,
}

impl Seen<'_> {
    fn span(&self, range: Range<usize>) -> Span {
        Span::new(self.source, range.start, range.end)
    }

    fn error(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(Code::YAML_SYNTAX, span, message)
    }

    /// The character at which reading stopped.
    fn here(&self) -> Span {
        let length = self.text[self.at..].chars().next().filter(|&c| c != '\n' && c != '\r').map_or(0, char::len_utf8);
        self.span(self.at..self.at + length)
    }

    /// The line at which reading stopped, or the last written one before it.
    fn written_line(&self) -> Line<'_> {
        self.line.upwards(self.text).find(|line| !line.text.trim().is_empty()).unwrap_or(self.line)
    }

    fn last_resort(&self, trouble: &Trouble) -> Diagnostic {
        let whole = self.span(self.written_line().written());
        let here = self.here();
        match trouble {
            Trouble::UnclosedQuote | Trouble::AfterQuote => self
                .error(here, "a text in quotes ends where it should not")
                .help("Look for a quote that is missing, or for one too many."),
            Trouble::Colon => self
                .error(here, "a colon stands where none may")
                .help("If it belongs to a text, put quotes round the text. If it ends a key, begin the key on a line of its own."),
            Trouble::Unclosed(open) => self
                .error(here, format!("a `{open}` is never closed"))
                .help(format!("Write `{}` where it ends. If it belongs to a text, put quotes round the text.", closing_of(*open))),
            Trouble::Bracket if self.text[self.at..].starts_with(['}', ']']) => self
                .error(here, "a bracket that closes nothing")
                .help("Take it away. If it belongs to a text, put quotes round the text."),
            Trouble::Bracket => self.error(here, "this does not belong inside the brackets").help(
                "Inside `{…}` and `[…]` commas stand between the parts. Put quotes round a text that holds brackets, commas or colons.",
            ),
            Trouble::Indentation | Trouble::NoColon => self
                .error(whole, "this line is indented neither like the lines it belongs with nor below them")
                .help("Begin it exactly under the first letter of the line beside which it stands; two spaces more for what lies inside."),
            Trouble::Other(said) => self
                .error(here, format!("this cannot be read as YAML: {said}"))
                .help("If it belongs to a text, put quotes round the text."),
            Trouble::Tab | Trouble::Escape | Trouble::TooDeep => self.error(here, "this cannot be read as YAML"),
        }
    }
}

/// What closes `open`.
fn closing_of(open: char) -> char {
    if open == '[' { ']' } else { '}' }
}
