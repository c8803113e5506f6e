//! Places and parse errors: Rhai speaks in lines and characters, diagnostics in bytes and in the author's words.

use rhai::{Engine, LexError, ParseError, ParseErrorType, Position};

use super::engine::FORBIDDEN;
use crate::source::{Code, Diagnostic, SourceId, Span, nearest};

/// A text that Rhai reads, and where it stands in its file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written<'a> {
    pub(super) text: &'a str,
    pub(super) source: SourceId,
    /// The byte of the file at which `text` begins.
    pub(super) at: usize,
    /// The end of the stretch to point at when `text` does not stand in the file letter for letter.
    pub(super) only: Option<usize>,
}

impl Written<'_> {
    /// The byte of `text` at `position`; its end when Rhai gives none.
    pub(super) fn byte(&self, position: Position) -> usize {
        let Some(line) = position.line() else {
            return self.text.trim_end().len();
        };
        let start: usize = self.text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        let column = position.position().unwrap_or(1);
        let rest = &self.text[start.min(self.text.len())..];
        rest.char_indices().nth(column - 1).map_or(self.text.len(), |(offset, _)| start + offset)
    }

    /// The word or sign at `position`.
    pub(super) fn span(&self, position: Position) -> Span {
        let start = self.byte(position);
        self.stretch(start, start + word_length(&self.text[start..]))
    }

    /// Bytes `start` to `end` of the text.
    pub(super) fn stretch(&self, start: usize, end: usize) -> Span {
        match self.only {
            None => Span::new(self.source, self.at + start, self.at + end),
            Some(whole) => Span::new(self.source, self.at, whole),
        }
    }

    /// From the first character to the last that is not blank.
    pub(super) fn whole(&self) -> Span {
        self.stretch(0, self.text.trim_end().len())
    }
}

/// Bytes of the identifier at the start of `text`, or of its first character.
fn word_length(text: &str) -> usize {
    let word = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    if word > 0 { word } else { text.chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8) }
}

/// The diagnostic for what Rhai's parser says. `known` are the names that could have been meant.
pub(super) fn diagnostic<'n>(error: &ParseError, written: Written<'_>, known: impl IntoIterator<Item = &'n str>) -> Diagnostic {
    let span = written.span(error.position());
    // Rhai has a different error for each place at which such a word can stand.
    let start = written.byte(error.position());
    let word = &written.text[start..start + word_length(&written.text[start..])];
    if FORBIDDEN.contains(&word) {
        return forbidden(word, span);
    }
    match error.err_type() {
        ParseErrorType::VariableUndefined(name) => unknown_variable(name, span, known),
        ParseErrorType::ModuleUndefined(name) => {
            Diagnostic::error(Code::SCRIPT_FORBIDDEN, span, format!("there is no module `{name}`: scripts cannot use each other"))
                .help("Write the function into this script, or let the flow call both with run.")
        }
        ParseErrorType::TooManyFunctions => Diagnostic::error(
            Code::SCRIPT_SYNTAX,
            span,
            format!("a script has at most {} functions", super::fence::FUNCTIONS_MAX),
        )
        .help("Split it into two files."),
        kind => {
            let found = Diagnostic::error(Code::SCRIPT_SYNTAX, span, words(kind));
            match help(kind, written, error.position()) {
                Some(help) => found.help(help),
                None => found,
            }
        }
    }
}

/// The diagnostic for a text on which the parser itself broke.
pub(super) fn unreadable(written: Written<'_>) -> Diagnostic {
    Diagnostic::error(Code::SCRIPT_SYNTAX, written.stretch(0, 0), "this cannot be read, and it cannot be said why")
        .help("Take away what was written last until it can be read.")
}

/// A word of Rhai that scripts here do not have.
pub(super) fn forbidden(word: &str, span: Span) -> Diagnostic {
    let (why, help) = match word {
        "eval" => ("text never becomes a program here", "Write what it should do, with if or switch."),
        "curry" => ("curry grows without a bound", "Use a function with |…| that captures what it needs."),
        _ => ("scripts cannot use each other", "Write the function into this script, or let the flow call both with run."),
    };
    Diagnostic::error(Code::SCRIPT_FORBIDDEN, span, format!("`{word}` is not allowed: {why}")).help(help)
}

/// A name that nothing has.
pub(super) fn unknown_variable<'n>(name: &str, span: Span, known: impl IntoIterator<Item = &'n str>) -> Diagnostic {
    let found = Diagnostic::error(Code::SCRIPT_UNKNOWN_VARIABLE, span, format!("there is no variable `{name}` here"));
    match nearest(name, known) {
        Some(meant) => found.label(format!("did you mean `{meant}`?")).fix(span, meant),
        None => found.help(
            "A function sees its parameters, its own variables, the constants of its script, and contact, tap, text, now and event.",
        ),
    }
}

fn words(kind: &ParseErrorType) -> String {
    match kind {
        ParseErrorType::UnexpectedEOF => "the text ends in the middle of something".to_owned(),
        ParseErrorType::BadInput(LexError::UnterminatedString) => "a quote was opened and never closed".to_owned(),
        ParseErrorType::BadInput(LexError::UnexpectedInput(sign)) => format!("{sign} was not expected here"),
        ParseErrorType::MissingToken(token, what) => {
            let what = what.trim();
            if what.is_empty() { format!("{token} is missing") } else { format!("{token} is missing {what}") }
        }
        ParseErrorType::ExprTooDeep => "this nests too deep; give parts of it names with let".to_owned(),
        ParseErrorType::AssignmentToConstant(name) => format!("{name} cannot be changed"),
        ParseErrorType::FnDuplicatedDefinition(name, count) => format!("two functions {name} with {count} parameters"),
        ParseErrorType::WrongFnDefinition => "a function cannot stand inside another one".to_owned(),
        ParseErrorType::LoopBreak => "break and continue stand only inside a loop".to_owned(),
        ParseErrorType::LiteralTooLarge(..) => "this is larger than a script may hold".to_owned(),
        ParseErrorType::Reserved(word) => format!("{word} is a word of the language and cannot stand here"),
        other => {
            let text = other.to_string();
            let mut chars = text.chars();
            chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
        }
    }
}

fn help(kind: &ParseErrorType, written: Written<'_>, position: Position) -> Option<&'static str> {
    let at = written.byte(position);
    let rest = &written.text[at..];
    if rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=>") {
        return Some("To compare, write == with two signs.");
    }
    let word = &rest[..word_length(rest)];
    if ["and", "or", "not"].contains(&word) {
        return Some("Write && for and, || for or, and ! for not.");
    }
    match kind {
        ParseErrorType::UnexpectedEOF | ParseErrorType::MissingToken(..) if written.text[..at].contains("/*") => {
            Some("A comment that begins with /* ends with */. Is one left open?")
        }
        ParseErrorType::BadInput(LexError::UnterminatedString) => {
            Some("Texts stand in \"…\"; a text over several lines stands in `…`.")
        }
        ParseErrorType::BadInput(LexError::MalformedChar(_)) => Some("Texts stand in \"…\"; '…' holds a single character."),
        ParseErrorType::Reserved(word) if ["null", "nil"].contains(&word.as_str()) => Some("Nothing is written ()."),
        ParseErrorType::Reserved(word) if word == "var" => Some("A variable is made with let."),
        _ => None,
    }
}

/// The byte at which a comment begins that nothing ends: Rhai takes the rest of the file for a comment and says nothing.
/// `parses` tells whether a text is a whole program; `text` is one.
pub(super) fn open_comment(engine: &Engine, text: &str, parses: impl Fn(&Engine, &str) -> bool) -> Option<usize> {
    /// Beginnings that are tried from the end: parsing each costs time, and nobody has more inside one open comment.
    const BEGINNINGS_MAX: usize = 32;
    const END: &str = "\n*/";
    // Outside of a comment its end is an error; inside it closes the open one.
    if !text.contains("/*") || !parses(engine, &format!("{text}{END}")) {
        return None;
    }
    let begins = |at: &usize| parses(engine, &text[..*at]) && !parses(engine, &format!("{}{END}", &text[..*at]));
    let tried = text.rmatch_indices("/*").map(|(at, _)| at).take(BEGINNINGS_MAX).find(begins);
    tried.or_else(|| text.find("/*"))
}
