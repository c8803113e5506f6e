//! Habits of writing that YAML reads, but not as meant. They are told while the rest of the file is read on.

use super::line::{Line, in_quotes, value_of};
use crate::source::{Code, Diagnostic, SourceId, Span};

/// Characters that begin something else than a text.
pub(super) const RESERVED: &[char] = &['*', '&', '!', '%', '@', '`', '|', '>', '?', ',', '}', ']'];
/// Curly quotes, as word processors and phones write them.
pub(super) const CURLY: &[char] = &['“', '”', '„', '‘', '’', '‚', '«', '»'];

/// Spaces that look like one and are none to YAML.
fn is_odd_space(c: char) -> bool {
    matches!(c, '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}')
}

/// A text that begins with a brace: `say: {city} is nice`.
pub(in crate::source) fn unquoted_brace(text: &str, span: Span) -> Diagnostic {
    let bracket = if text[span.range()].starts_with('[') { '[' } else { '{' };
    needs_quotes(Code::YAML_UNQUOTED_BRACE, text, span, format!("a text that begins with `{bracket}` needs quotes"))
}

/// A text that begins with a character that YAML keeps for itself: `say: *Hello*`.
pub(in crate::source) fn reserved(text: &str, span: Span) -> Diagnostic {
    let line = Line::at(text, span.start as usize);
    // The text goes on behind what the parser took for a name.
    let value = value_of(&line).filter(|value| value.start == span.start as usize);
    let whole = value.map_or(span, |value| Span::new(span.source, value.start, value.end));
    let first = text[whole.range()].chars().next().unwrap_or('*');
    needs_quotes(Code::YAML_SYNTAX, text, whole, format!("a text that begins with `{first}` needs quotes"))
}

/// A tag (`!important`) or an anchor (`&co`) on the line of the byte `from`.
pub(in crate::source) fn property(source: SourceId, text: &str, from: usize, tagged: bool) -> Diagnostic {
    let line = Line::at(text, from);
    let sign = if tagged { '!' } else { '&' };
    if let Some(value) = value_of(&line).filter(|value| text[value.clone()].starts_with(sign)) {
        return reserved(text, Span::new(source, value.start, value.end));
    }
    let span = Span::new(source, from, line.end().max(from));
    Diagnostic::error(Code::YAML_SYNTAX, span, "YAML's tags and anchors are not part of the language")
        .help(format!("Take the word that begins with `{sign}` away, or put quotes round the text if it belongs to it."))
}

/// A key like one before it.
pub(in crate::source) fn second_key(name: &str, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(Code::YAML_DUPLICATE_KEY, span, format!("`{name}` stands here a second time"))
        .label("again")
        .related(first, "first here")
        .help("Give one of the two another name, or take it away.")
}

/// `<<: *others`.
pub(in crate::source) fn merge_key(span: Span) -> Diagnostic {
    Diagnostic::error(Code::YAML_SYNTAX, span, "merge keys (`<<`) are not part of the language")
        .help("Write the keys out where they are needed.")
}

/// A list, a mapping or nothing where a key was expected.
pub(in crate::source) fn not_a_key(text: &str, span: Span) -> Diagnostic {
    let message = if text[span.range()].is_empty() {
        "a colon without a key before it"
    } else {
        "a key is one name, not a list or a mapping"
    };
    Diagnostic::error(Code::YAML_SYNTAX, span, message).help("Write a name before the colon.")
}

/// A plain key with a space before, behind or in it (`say:` and a false one, read as one key with the text up to the next colon)
/// that only looks like one.
pub(in crate::source) fn odd_space_in_key(key: &str, span: Span) -> Option<Diagnostic> {
    let (first, last) = (key.chars().next()?, key.chars().next_back()?);
    let (start, end) = (span.start as usize, span.end as usize);
    if is_odd_space(first) {
        let here = Span::new(span.source, start, start + first.len_utf8());
        return Some(lookalike_space(here).sure_fix(here, " "));
    }
    let colon = key.char_indices().zip(key.chars().skip(1)).find(|&((_, c), next)| c == ':' && is_odd_space(next));
    if let Some(((at, _), next)) = colon.filter(|_| key.len() == end - start) {
        let here = Span::new(span.source, start + at + 1, start + at + 1 + next.len_utf8());
        return Some(lookalike_space(here).sure_fix(here, " "));
    }
    let here = Span::new(span.source, end.saturating_sub(last.len_utf8()), end);
    is_odd_space(last).then(|| lookalike_space(here).sure_fix(here, ""))
}

/// A plain text that begins like a key with a false space behind its colon, or stands wholly in curly quotes.
pub(in crate::source) fn lookalike_in_text(text: &str, span: Span) -> Option<Diagnostic> {
    let plain = &text[span.range()];
    let mut start = span.start as usize;
    for line in plain.split_inclusive('\n') {
        if let Some(found) = odd_space_in_line(span.source, start, line) {
            return Some(found);
        }
        start += line.len();
    }
    let inner = plain.strip_prefix(CURLY)?.strip_suffix(CURLY)?;
    let message = "curly quotes do not count as quotes: they will be part of the text";
    Some(
        Diagnostic::warning(Code::YAML_LOOKALIKE, span, message)
            .help("Write straight quotes. If the text should show curly ones, put straight quotes round them.")
            .fix(span, in_quotes(inner)),
    )
}

/// A false space in the indentation of `line`, or straight behind its first colon. `start` is the line's place in the file.
pub(super) fn odd_space_in_line(source: SourceId, start: usize, line: &str) -> Option<Diagnostic> {
    let blank = &line[..line.len() - line.trim_start().len()];
    let named = |colon: &usize| line[..*colon].trim().chars().all(|c| c.is_alphanumeric() || "_-. ".contains(c));
    let behind = line.find(':').filter(named).map(|colon| colon + 1);
    let behind = behind.and_then(|at| line[at..].chars().next().filter(|&c| is_odd_space(c)).map(|c| (at, c)));
    let (at, c) = blank.char_indices().find(|&(_, c)| is_odd_space(c)).or(behind)?;
    let span = Span::new(source, start + at, start + at + c.len_utf8());
    Some(lookalike_space(span).sure_fix(span, " "))
}

/// A text that a `#` cuts short: `say: We are #1 in town`. With a space behind the `#` it is a comment, and meant.
pub(in crate::source) fn cut_by_comment(text: &str, span: Span) -> Option<Diagnostic> {
    let rest = &text[span.end as usize..];
    let comment = rest.trim_start_matches([' ', '\t']);
    let cut = comment.strip_prefix('#').is_some_and(|after| after.starts_with(char::is_alphanumeric));
    if !cut || comment.len() == rest.len() {
        return None;
    }
    let start = text.len() - comment.len();
    let end = Line::at(text, start).written().end;
    let from = if span.start == span.end { start } else { span.start as usize };
    let whole = Span::new(span.source, from, end);
    let message = "a `#` behind a space begins a comment: the text ends before it";
    let said = Diagnostic::warning(Code::YAML_COMMENT, Span::new(span.source, start, end), message)
        .help("Put quotes round the text if this belongs to it. If it is a comment, write a space behind the `#`.");
    Some(if text[whole.range()].contains('\n') { said } else { said.fix(whole, in_quotes(&text[whole.range()])) })
}

/// A line that looks like an item of a list, but was read as the rest of the text above it, because it is indented deeper.
pub(in crate::source) fn swallowed_item(text: &str, span: Span) -> Option<Diagnostic> {
    let mut start = span.start as usize;
    for (index, line) in text[span.range()].split_inclusive('\n').enumerate() {
        let item = line.trim_start();
        if index > 0 && item.starts_with("- ") {
            let at = start + line.len() - item.len();
            let here = Span::new(span.source, at, at + item.trim_end().len());
            let above = Line::at(text, start - 1);
            let above = Span::new(span.source, above.written().start, above.written().end);
            let message = "this looks like an item of a list, but is read as part of the text above it";
            return Some(
                Diagnostic::warning(Code::YAML_SYNTAX, here, message)
                    .related(above, "the text above")
                    .help("Begin the `-` exactly under the one above. For a text over several lines write `|` behind its key."),
            );
        }
        start += line.len();
    }
    None
}

fn lookalike_space(span: Span) -> Diagnostic {
    Diagnostic::error(Code::YAML_LOOKALIKE, span, "a character that looks like a space, but is none")
        .help("It often comes along when text is copied from a web page or a document. Write an ordinary space.")
}

pub(super) fn needs_quotes(code: Code, text: &str, span: Span, message: impl Into<String>) -> Diagnostic {
    let typed = &text[span.range()];
    let said = Diagnostic::error(code, span, message).help("Put quotes round the text.");
    if typed.contains('\n') { said } else { said.sure_fix(span, in_quotes(typed)) }
}
