//! One line of a file as an author sees it: its indentation, key and value. For explaining what the parser refused, so it
//! reads what is *not* YAML too, and guesses.

use std::ops::Range;

/// A line without its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'a> {
    /// The byte of the file at which it begins.
    pub start: usize,
    /// What it says, without line feed and carriage return.
    pub text: &'a str,
}

impl<'a> Line<'a> {
    /// The line that holds the byte `at`.
    pub fn at(text: &'a str, at: usize) -> Self {
        let start = text[..at].rfind('\n').map_or(0, |feed| feed + 1);
        let end = text[start..].find('\n').map_or(text.len(), |feed| start + feed);
        Self { start, text: text[start..end].trim_end_matches('\r') }
    }

    /// The byte behind its last.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Bytes of blanks before what is written.
    pub fn indentation(&self) -> usize {
        self.text.len() - self.text.trim_start().len()
    }

    /// Where in the file its writing stands, without the blanks around it.
    pub fn written(&self) -> Range<usize> {
        let end = self.text.trim_end().len();
        self.start + self.indentation().min(end)..self.start + end
    }

    /// Its number, from 1.
    pub fn number(&self, text: &str) -> usize {
        text[..self.start].bytes().filter(|&byte| byte == b'\n').count() + 1
    }

    /// This line and all before it, nearest first.
    pub fn upwards(self, text: &str) -> impl Iterator<Item = Line<'_>> {
        let this = Line::at(text, self.start);
        std::iter::successors(Some(this), move |line| line.start.checked_sub(1).map(|before| Line::at(text, before)))
    }
}

/// Where the value of a line `key: value` or `- value` stands in the file, without a comment; nothing when the line has none.
pub(super) fn value_of(line: &Line<'_>) -> Option<Range<usize>> {
    let mut rest = line.text.trim_start();
    while let Some(item) = rest.strip_prefix("- ") {
        rest = item.trim_start();
    }
    if let Some(colon) = key_length(rest) {
        rest = rest[colon + 1..].trim_start();
    }
    let start = line.start + (line.text.len() - rest.len());
    let value = without_comment(rest).trim_end();
    (!value.is_empty()).then(|| start..start + value.len())
}

/// Where the key of a line `key: value`, `key:` or `- key: value` stands in the file.
pub(super) fn key_of(line: &Line<'_>) -> Option<Range<usize>> {
    let mut rest = line.text.trim();
    while let Some(item) = rest.strip_prefix("- ") {
        rest = item.trim_start();
    }
    let start = line.written().end - rest.len();
    key_length(rest).map(|length| start..start + length)
}

/// How long the key is with which `rest` begins, when a colon and a space follow it.
fn key_length(rest: &str) -> Option<usize> {
    if rest.starts_with(['"', '\'', '{', '[', '#']) {
        return None;
    }
    let colon = rest.find(": ").or_else(|| rest.ends_with(':').then(|| rest.len() - 1))?;
    (!rest[..colon].contains(" #")).then_some(colon)
}

/// What stands before a comment. Quotes hide a `#`; one that nobody closes hides it too.
fn without_comment(value: &str) -> &str {
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let from = quote.and_then(|quote| value[1..].find(quote)).map_or(0, |end| end + 2);
    if quote.is_some() && from == 0 {
        return value;
    }
    if from == 0 && value.starts_with('#') {
        return "";
    }
    value[from..].find(" #").map_or(value, |at| &value[..from + at])
}

/// Where the value around `at` stands in a one-line mapping `{key: value, key: value}`, up to the next key or the last brace.
pub(super) fn flow_value(line: &Line<'_>, at: usize) -> Option<Range<usize>> {
    let text = line.text;
    let at = (at - line.start).min(text.len());
    let starts_key = |from: usize| -> Option<usize> {
        let rest = text[from..].trim_start();
        let name = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|&length| length > 0)?;
        rest[name..].starts_with(": ").then(|| from + (text[from..].len() - rest.len()) + name + 1)
    };
    let colon = text[..at]
        .char_indices()
        .rev()
        .filter(|(_, c)| matches!(c, '{' | ','))
        .find_map(|(index, _)| starts_key(index + 1).filter(|&colon| colon <= at))?;
    let start = colon + (text[colon..].len() - text[colon..].trim_start().len());
    let next = text[start..].match_indices(", ").map(|(index, _)| start + index).find(|&comma| starts_key(comma + 1).is_some());
    let end = next.or_else(|| text.rfind('}').filter(|&brace| brace > start)).unwrap_or(text.len());
    let length = text[start..end].trim_end().len();
    (length > 0).then(|| line.start + start..line.start + start + length)
}

/// The byte behind the bracket that closes the first character of `value`; quoted texts inside are skipped.
pub(super) fn closing(value: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in value.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') if matches!(before, '{' | '[' | ',' | ':' | ' ') => quote = Some(c),
            (None, '{' | '[') => depth += 1,
            (None, '}' | ']') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + c.len_utf8());
                }
            }
            _ => {}
        }
        before = c;
    }
    None
}

/// The byte of the file at which a quote opens that is not closed on this line.
pub(super) fn open_quote(line: &Line<'_>) -> Option<usize> {
    let mut open: Option<(usize, char)> = None;
    let mut before = ':';
    let mut characters = line.text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        match open {
            Some((_, '"')) if c == '\\' => {
                characters.next();
            }
            Some((_, quote)) if c == quote => {
                // Two single quotes are one apostrophe.
                if quote == '\'' && characters.peek().is_some_and(|&(_, next)| next == '\'') {
                    characters.next();
                } else {
                    open = None;
                }
            }
            Some(_) => {}
            None if matches!(c, '"' | '\'') && matches!(before, ':' | '-' | '[' | '{' | ',') => open = Some((at, c)),
            None if c == '#' && line.text[..at].ends_with([' ', '\t']) => return None,
            None => {}
        }
        if !c.is_whitespace() {
            before = c;
        }
    }
    open.map(|(at, _)| line.start + at)
}

/// `text` as YAML in quotes: double ones, unless what it holds reads better in single ones.
pub(super) fn in_quotes(text: &str) -> String {
    if !text.contains(['"', '\\']) {
        format!("\"{text}\"")
    } else if !text.contains('\'') {
        format!("'{text}'")
    } else {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    }
}
