//! What an author probably meant when a file is not YAML: a place and a kind of trouble become plain words and a remedy.
//!
//! The parser sees only where it had to stop; the cause often stands before that (a quote that nobody closed) or is one habit
//! of writing (a text that begins with a brace). So each guess looks at the line itself, and the last resort says what the
//! parser said.

use std::ops::Range;

use super::code::Code;
use super::diagnostic::Diagnostic;
use super::line::{Line, closing, flow_value, in_quotes, open_quote, value_of};
use super::sources::{SourceId, Span};

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

/// Characters that begin something else than a text.
const RESERVED: &[char] = &['*', '&', '!', '%', '@', '`', '|', '>', '?', ',', '}', ']'];
/// Curly quotes, as word processors and phones write them.
const CURLY: &[char] = &['“', '”', '„', '‘', '’', '‚', '«', '»'];

/// Spaces that look like one and are none to YAML.
fn is_odd_space(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}')
}

/// Why the file cannot be read, as far as the line on which reading stopped tells.
pub(super) fn explain(source: SourceId, text: &str, at: usize, trouble: Trouble) -> Diagnostic {
    let seen = Seen { source, text, at, line: Line::at(text, at) };
    if trouble == Trouble::TooDeep {
        return Diagnostic::error(Code::YAML_SYNTAX, seen.here(), "too many mappings or lists inside each other")
            .help("A step needs three or four levels. Make steps of what is nested.");
    }
    None.or_else(|| seen.odd_space())
        .or_else(|| seen.tab(&trouble))
        .or_else(|| seen.quote(&trouble))
        .or_else(|| seen.value())
        .or_else(|| seen.no_space_after_colon())
        .unwrap_or_else(|| seen.last_resort(&trouble))
}

/// A text that begins with a brace: `say: {city} is nice`.
pub(super) fn unquoted_brace(text: &str, span: Span) -> Diagnostic {
    let bracket = if text[span.range()].starts_with('[') { '[' } else { '{' };
    needs_quotes(Code::YAML_UNQUOTED_BRACE, text, span, format!("a text that begins with `{bracket}` needs quotes"))
}

/// A text that begins with a character that YAML keeps for itself: `say: *Hello*`.
pub(super) fn reserved(text: &str, span: Span) -> Diagnostic {
    let line = Line::at(text, span.start as usize);
    // The text goes on behind what the parser took for a name.
    let end = value_of(&line).filter(|value| value.start == span.start as usize).map_or(span.end as usize, |value| value.end);
    let whole = Span::new(span.source, span.start as usize, end);
    let first = text[whole.range()].chars().next().unwrap_or('*');
    needs_quotes(Code::YAML_SYNTAX, text, whole, format!("a text that begins with `{first}` needs quotes"))
}

/// A tag (`!important`) or an anchor (`&co`) before a value.
pub(super) fn property(source: SourceId, text: &str, from: usize, tagged: bool) -> Diagnostic {
    let line = Line::at(text, from);
    let sign = if tagged { '!' } else { '&' };
    match value_of(&line).filter(|value| text[value.clone()].starts_with(sign)) {
        Some(value) => reserved(text, Span::new(source, value.start, value.end)),
        None => Diagnostic::error(
            Code::YAML_SYNTAX,
            Span::new(source, from, line.end()),
            "YAML tags and anchors are not part of the language",
        )
        .help(format!("Take the word that begins with `{sign}` away, or put quotes round the text if it belongs to it.")),
    }
}

/// A list, a mapping or nothing where a key was expected.
pub(super) fn not_a_key(text: &str, span: Span) -> Diagnostic {
    let message = match text[span.range()].chars().next() {
        None => "a colon without a key before it",
        Some(_) => "a key is one name, not a list or a mapping",
    };
    Diagnostic::error(Code::YAML_SYNTAX, span, message).help("Write a name before the colon.")
}

/// A key with a space before or behind it that only looks like one.
pub(super) fn odd_space_in_key(key: &str, span: Span) -> Option<Diagnostic> {
    let trimmed = key.trim_matches(is_odd_space);
    (trimmed.len() != key.len()).then(|| lookalike_space(span).fix(span, trimmed))
}

/// A plain text that begins like a key with a false space behind its colon, or stands wholly in curly quotes.
pub(super) fn lookalike_in_text(text: &str, span: Span) -> Option<Diagnostic> {
    let plain = &text[span.range()];
    let mut start = span.start as usize;
    for line in plain.split_inclusive('\n') {
        if let Some(found) = odd_space_in_line(span.source, start, line) {
            return Some(found);
        }
        start += line.len();
    }
    let inner = plain.strip_prefix(CURLY)?.strip_suffix(CURLY)?;
    Some(
        Diagnostic::warning(Code::YAML_LOOKALIKE, span, "curly quotes do not count as quotes: they will be part of the text")
            .help("Write straight quotes. If the text should show curly ones, put straight quotes round them.")
            .fix(span, in_quotes(inner)),
    )
}

fn lookalike_space(span: Span) -> Diagnostic {
    Diagnostic::error(Code::YAML_LOOKALIKE, span, "a character that looks like a space, but is none")
        .help("It often comes along when text is copied from a web page or a document. Write an ordinary space.")
}

/// A false space in the indentation of `line`, or straight behind its first colon. `start` is the line's place in the file.
fn odd_space_in_line(source: SourceId, start: usize, line: &str) -> Option<Diagnostic> {
    let blank = line.len() - line.trim_start().len();
    let colon = line
        .find(':')
        .map(|at| at + 1)
        .filter(|&after| line[..after - 1].trim().chars().all(|c| c.is_alphanumeric() || "_-. ".contains(c)));
    let behind = colon.and_then(|after| line[after..].chars().next().filter(|&c| is_odd_space(c)).map(|c| (after, c)));
    let (at, c) = line[..blank].char_indices().find(|&(_, c)| is_odd_space(c)).or(behind)?;
    let span = Span::new(source, start + at, start + at + c.len_utf8());
    Some(lookalike_space(span).fix(span, " "))
}

fn needs_quotes(code: Code, text: &str, span: Span, message: impl Into<String>) -> Diagnostic {
    let typed = &text[span.range()];
    let said = Diagnostic::error(code, span, message).help("Put quotes round the text.");
    if typed.contains('\n') { said } else { said.fix(span, in_quotes(typed)) }
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

    /// The character at which reading stopped.
    fn here(&self) -> Span {
        let length = self.text[self.at..].chars().next().filter(|&c| c != '\n' && c != '\r').map_or(0, char::len_utf8);
        self.span(self.at..self.at + length)
    }

    /// The line at which reading stopped, or the last written one before it.
    fn written_line(&self) -> Line<'_> {
        self.line.upwards(self.text).find(|line| !line.text.trim().is_empty()).unwrap_or(self.line)
    }

    fn odd_space(&self) -> Option<Diagnostic> {
        self.line
            .upwards(self.text)
            .filter(|line| !line.text.trim().is_empty())
            .take(2)
            .find_map(|line| odd_space_in_line(self.source, line.start, line.text))
    }

    /// Tabs in the indentation: only the error's line and the one before it, unless the parser named the tab.
    fn tab(&self, trouble: &Trouble) -> Option<Diagnostic> {
        let found = self.line.upwards(self.text).take(2).find_map(|line| {
            let indentation = &line.text[..line.text.len() - line.text.trim_start().len()];
            let at = line.start + indentation.find('\t')?;
            let tabs = indentation[at - line.start..].chars().take_while(|&c| c == '\t').count();
            Some((at, tabs))
        });
        let (at, tabs) = match (found, trouble) {
            (Some(found), _) => found,
            (None, Trouble::Tab) => (self.line.text.find('\t').map_or(self.at, |at| self.line.start + at), 1),
            (None, _) => return None,
        };
        let span = self.span(at..(at + tabs).min(self.text.len()));
        let said = Diagnostic::error(Code::YAML_TAB, span, "a tab stands where only spaces may")
            .help("Indent with two spaces for each level; most editors can be told to write them for the tab key.");
        Some(if self.text[span.range()].starts_with('\t') { said.fix(span, "  ".repeat(tabs)) } else { said })
    }

    fn quote(&self, trouble: &Trouble) -> Option<Diagnostic> {
        match trouble {
            Trouble::UnclosedQuote => self.opened_above(),
            Trouble::AfterQuote => self.behind_quote().or_else(|| self.opened_above()),
            Trouble::Escape => Some(
                Diagnostic::error(Code::YAML_SYNTAX, self.here(), "a backslash inside double quotes that means nothing")
                    .help("Write two backslashes for one, or use single quotes, in which a backslash is only a backslash."),
            ),
            // A quote that was closed by the next one leaves all kinds of rubbish behind.
            Trouble::Colon | Trouble::NoColon | Trouble::Indentation => self.stray_quote(),
            _ => None,
        }
    }

    /// The quote that was opened and not closed on its line, looking upwards.
    fn opened_above(&self) -> Option<Diagnostic> {
        let (line, at) = self.line.upwards(self.text).find_map(|line| open_quote(&line).map(|at| (line, at)))?;
        let quote = &self.text[at..=at];
        let end = line.start + line.text.trim_end().len();
        let said = Diagnostic::error(
            Code::YAML_SYNTAX,
            self.span(at..end),
            format!("a quote opened at line {} is never closed", line.number(self.text)),
        )
        .label("opened here");
        let said = if self.at > line.end() && self.at < self.text.len() {
            said.related(self.here(), "reading stopped here")
        } else {
            said
        };
        // Where other keys follow on the same line, only the author knows where the text ends.
        if line.text.trim_start().starts_with('{') || line.text.contains(": {") {
            return Some(said.help(format!("Write the closing `{quote}` where the text ends.")));
        }
        Some(said.help("Close it at the end of the text.").fix(self.span(end..end), quote))
    }

    /// A quoted text that closed too early on the line of the error, when the value itself begins with the quote.
    fn behind_quote(&self) -> Option<Diagnostic> {
        let value = value_of(&self.line).filter(|value| value.start < self.at && value.end > self.at)?;
        let typed = &self.text[value.clone()];
        let quote = typed.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let span = self.span(value);
        let inner = typed.strip_prefix(quote)?.strip_suffix(quote);
        let message = match (inner, quote) {
            (Some(_), '\'') => "an apostrophe ends a text in single quotes",
            (Some(_), _) => "a double quote ends a text in double quotes",
            (None, _) => "something stands behind the closing quote",
        };
        let meant = inner.map_or_else(|| typed.to_owned(), |inner| inner.replace("''", "'"));
        let said = Diagnostic::error(Code::YAML_SYNTAX, span, message).label("the text ended at the quote inside");
        Some(said.help("Use the other kind of quotes round the whole text.").fix(span, in_quotes(&meant)))
    }

    /// A quote opened on a line above that is closed on a line that opens one of its own.
    fn stray_quote(&self) -> Option<Diagnostic> {
        let value = value_of(&self.line)?;
        let typed = &self.text[value];
        (typed.ends_with(['"', '\'']) && !typed.starts_with(['"', '\''])).then(|| self.opened_above()).flatten()
    }

    /// What is wrong with the value on the line of the error: it needs quotes, for one of several reasons.
    fn value(&self) -> Option<Diagnostic> {
        let line = self.written_line();
        let value = value_of(&line)?;
        let typed = &self.text[value.clone()];
        let first = typed.chars().next()?;
        let span = self.span(value.clone());
        if CURLY.contains(&first) {
            let inner = typed.trim_matches(CURLY);
            return Some(
                Diagnostic::error(Code::YAML_LOOKALIKE, span, "curly quotes do not count as quotes")
                    .help("Write straight quotes.")
                    .fix(span, in_quotes(inner)),
            );
        }
        if matches!(first, '{' | '[') {
            return match closing(typed) {
                Some(end) if !typed[end..].trim().is_empty() && !typed[..end].contains(": ") => {
                    Some(unquoted_brace(self.text, span))
                }
                Some(end) if !typed[end..].trim().is_empty() => None,
                _ => self.inside_one_line(&line),
            };
        }
        if RESERVED.contains(&first) || typed.starts_with("- ") {
            let first = if first == '-' { "- ".to_owned() } else { first.to_string() };
            return Some(needs_quotes(
                Code::YAML_SYNTAX,
                self.text,
                span,
                format!("a text that begins with `{first}` needs quotes"),
            ));
        }
        if (typed.contains(": ") || typed.ends_with(':')) && !matches!(first, '"' | '\'') {
            return Some(needs_quotes(
                Code::YAML_SYNTAX,
                self.text,
                span,
                "a text with a colon followed by a space needs quotes",
            ));
        }
        None
    }

    /// A text inside a one-line `{…}` that holds what ends or opens one.
    fn inside_one_line(&self, line: &Line<'_>) -> Option<Diagnostic> {
        let at = self.at.clamp(line.start, line.end());
        let value = flow_value(line, at)?;
        let typed = &self.text[value.clone()];
        if typed.starts_with(['"', '\'', '[']) || closing(typed).is_some_and(|end| end == typed.len() && typed.contains(": ")) {
            return None;
        }
        let span = self.span(value);
        if typed.contains(['{', '}', '[', ']']) {
            return Some(needs_quotes(
                Code::YAML_UNQUOTED_BRACE,
                self.text,
                span,
                "inside a one-line `{…}` a text with a brace needs quotes",
            ));
        }
        typed
            .contains(": ")
            .then(|| needs_quotes(Code::YAML_SYNTAX, self.text, span, "a text with a colon followed by a space needs quotes"))
    }

    /// `say:Hello`.
    fn no_space_after_colon(&self) -> Option<Diagnostic> {
        let line = self.written_line();
        let key = line.text.trim_start();
        let colon = key.find(':')?;
        let name = &key[..colon];
        if name.is_empty()
            || !name.chars().all(|c| c.is_alphanumeric() || c == '_')
            || key[colon + 1..].starts_with([' ', '/'])
            || key.len() == colon + 1
        {
            return None;
        }
        let at = line.start + (line.text.len() - key.len()) + colon;
        Some(
            Diagnostic::error(Code::YAML_SYNTAX, self.span(at..at + 1), format!("a space is missing after `{name}:`"))
                .help("A key is a name, a colon and a space.")
                .fix(self.span(at..at + 1), ": "),
        )
    }

    fn last_resort(&self, trouble: &Trouble) -> Diagnostic {
        let line = self.written_line();
        let whole =
            self.span(line.start + (line.text.len() - line.text.trim_start().len())..line.start + line.text.trim_end().len());
        let error = |span, message: &str| Diagnostic::error(Code::YAML_SYNTAX, span, message);
        match trouble {
            Trouble::UnclosedQuote | Trouble::AfterQuote => {
                error(self.here(), "a text in quotes ends where it should not").help("Look for a quote that is missing or stands too much.")
            }
            Trouble::Colon => error(self.here(), "a colon stands where none may")
                .help("If it belongs to a text, put quotes round the text. If it ends a key, begin the key on a line of its own."),
            Trouble::NoColon => error(whole, "this line has no colon: it is neither a key nor part of the text above it")
                .help("Write `key: value`. A text over several lines begins with `|` behind its key, and its lines are indented below it."),
            Trouble::Unclosed(open) => {
                let close = if *open == '[' { ']' } else { '}' };
                error(self.here(), &format!("a `{open}` is never closed"))
                    .help(format!("Write `{close}` where it ends. If it belongs to a text, put quotes round the text."))
            }
            Trouble::Bracket => error(self.here(), "this does not belong inside the brackets")
                .help("Inside `{…}` and `[…]` commas stand between the parts. Put quotes round a text that holds brackets, commas or colons."),
            Trouble::Indentation => error(whole, "this line is indented neither like the lines it belongs with nor below them")
                .help("Begin it exactly under the first letter of the lines beside which it stands; two spaces more for what lies inside."),
            Trouble::Other(said) => error(self.here(), &format!("this cannot be read as YAML: {said}"))
                .help("If it belongs to a text, put quotes round the text."),
            Trouble::Tab | Trouble::Escape | Trouble::TooDeep => error(self.here(), "this cannot be read as YAML"),
        }
    }
}
