//! Texts with places for values: `Hello {contact.firstname | there}!`. Values are inserted once and never read as text with
//! places again; nothing computes inside braces.

use std::borrow::Cow;

use crate::model::{Trace, Value};
use crate::source::{Code, Diagnostic, Node, NodeKind, Span};

use super::read::Reader;
use super::scope::{self, Scope};

/// A text as an author wrote it.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    parts: Vec<Part>,
    /// Where it stands.
    pub span: Span,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Literal(String),
    Value { path: Vec<String>, fallback: Option<String>, at: Span },
}

impl Text {
    /// Reads a scalar node; mistakes in its braces are noted.
    pub(super) fn read(reader: &Reader<'_>, node: &Node, what: &str) -> Option<Self> {
        let NodeKind::Scalar { text, verbatim_at, .. } = &node.kind else { return None };
        let place = |from: usize, to: usize| match verbatim_at {
            Some(at) => Span::new(node.span.source, *at as usize + from, *at as usize + to),
            None => node.span,
        };
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut whole = true;
        let mut at = 0;
        while let Some(brace) = text[at..].find(['{', '}']).map(|found| at + found) {
            literal.push_str(&text[at..brace]);
            let doubled = text[brace + 1..].starts_with(&text[brace..=brace]);
            if doubled && text.as_bytes()[brace] == b'{' {
                Self::look_for_habit(reader, text, brace, &place);
            }
            if doubled || text.as_bytes()[brace] == b'}' {
                literal.push_str(&text[brace..=brace]);
                at = brace + 1 + usize::from(doubled);
                continue;
            }
            let Some(end) = text[brace..].find('}').map(|found| brace + found) else {
                reader.note(
                    Diagnostic::error(Code::BAD_VALUE, place(brace, brace + 1), format!("a brace in {what} is not closed"))
                        .help("close it with `}`, or write `{{` for a brace that is meant as such"),
                );
                return None;
            };
            if !literal.is_empty() {
                parts.push(Part::Literal(std::mem::take(&mut literal)));
            }
            match Self::value(reader, &text[brace + 1..end], place(brace + 1, end), place(brace, end + 1)) {
                Some(part) => parts.push(part),
                None => whole = false,
            }
            at = end + 1;
        }
        literal.push_str(&text[at..]);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        whole.then_some(Self { parts, span: node.span })
    }

    /// Other tools put values into `{{name}}`, which here shows the name in braces.
    fn look_for_habit(reader: &Reader<'_>, text: &str, brace: usize, place: &dyn Fn(usize, usize) -> Span) {
        let Some(end) = text[brace..].find("}}").map(|found| brace + found + 2) else { return };
        let name = text[brace + 2..end - 2].trim();
        if reader.variables.iter().any(|variable| variable.as_str() == name) || scope::is_given(name) {
            let span = place(brace, end);
            let mistake = Diagnostic::warning(Code::BAD_VALUE, span, format!("this shows `{{{name}}}` and not its value"));
            // Where YAML changed the text the place is that of all of it.
            let exact = span.range().len() == end - brace;
            reader.note(match exact {
                true => mistake.fix(span, format!("{{{name}}}")),
                false => mistake.help(format!("write `{{{name}}}` for the value")),
            });
        }
    }

    /// Stands for a text that could not be read, so that what goes with it is looked at all the same. It has two empty parts:
    /// so it is short, and unlike an empty text it is not known letter for letter.
    pub(super) fn unread(span: Span) -> Self {
        let nothing = || Part::Literal(String::new());
        Self { parts: vec![nothing(), nothing()], span }
    }

    fn value(reader: &Reader<'_>, inside: &str, inner: Span, outer: Span) -> Option<Part> {
        let (name, fallback) = match inside.split_once('|') {
            Some((name, fallback)) => (name.trim(), Some(fallback.trim().to_owned())),
            None => (inside.trim(), None),
        };
        let path: Vec<String> = name.split('.').map(str::to_owned).collect();
        let plain = path.iter().all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '_'));
        if !plain {
            reader.note(Diagnostic::error(Code::BAD_VALUE, outer, format!("`{{{inside}}}` is not the name of a value")).help(
                "braces hold one name and perhaps a fallback, `{name | there}`; compute with `set` and put the result here",
            ));
            return None;
        }
        let start = inner.start + u32::try_from(inside.len() - inside.trim_start().len()).unwrap_or(0);
        let exact = inner.range().len() == inside.len();
        let span = if exact { Span::new(inner.source, start as usize, start as usize + name.len()) } else { outer };
        scope::check(reader, &path, span).then_some(Part::Value { path, fallback, at: span })
    }

    /// The text with its values. A value that is not set leaves its fallback, or nothing and a line in the trace.
    pub(super) fn fill(&self, scope: &Scope<'_>, trace: &mut Vec<Trace>) -> String {
        self.fill_as(scope, trace, clean)
    }

    /// The text as a web address: every value percent-encoded, so that it cannot leave its place.
    pub(super) fn fill_address(&self, scope: &Scope<'_>, trace: &mut Vec<Trace>) -> String {
        self.fill_as(scope, trace, percent_encoded)
    }

    fn fill_as(&self, scope: &Scope<'_>, trace: &mut Vec<Trace>, write: fn(&str) -> Cow<'_, str>) -> String {
        let mut filled = String::new();
        for part in &scope.spoken.text(self).parts {
            match part {
                Part::Literal(literal) => filled.push_str(literal),
                Part::Value { path, fallback, .. } => {
                    let value = scope.show(path);
                    match fallback {
                        Some(fallback) if value.is_empty() => filled.push_str(fallback),
                        None if value.is_empty() => trace.push(Trace::Missing { name: path.join(".") }),
                        Some(_) | None => filled.push_str(&write(&value)),
                    }
                }
            }
        }
        filled
    }

    /// The values in it, as dotted names, each with its place and whether it has something to fall back on.
    pub(super) fn values(&self) -> impl Iterator<Item = (String, Span, bool)> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value { path, fallback, at } => Some((path.join("."), *at, fallback.is_some())),
            Part::Literal(_) => None,
        })
    }

    /// Whether there are words in it that an author wrote, also as what a value falls back on.
    pub(super) fn has_words(&self) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Literal(written) | Part::Value { fallback: Some(written), .. } => written.contains(char::is_alphabetic),
            Part::Value { fallback: None, .. } => false,
        })
    }

    /// The value itself, with its kind, when the text is nothing but one place for a variable that is set.
    pub(super) fn alone(&self, scope: &Scope<'_>) -> Option<Value> {
        let [Part::Value { path, .. }] = self.parts.as_slice() else { return None };
        scope.variable(path).filter(|value| !value.is_nothing())
    }

    /// The text itself when it has no places for values.
    pub fn literal(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Literal(literal)] => Some(literal),
            [] => Some(""),
            [..] => None,
        }
    }

    /// The text as people read it in a picture: its values by their names, or by what they fall back on.
    pub fn shown(&self) -> String {
        let part = |part: &Part| match part {
            Part::Literal(literal) => literal.clone(),
            Part::Value { path, fallback, .. } => fallback.clone().unwrap_or_else(|| format!("{{{}}}", path.join("."))),
        };
        self.parts.iter().map(part).collect()
    }

    /// How many characters the text has at least, and at most given the longest that each value can be. Nothing for the
    /// most when a value has no bound of its own.
    pub(super) fn length(&self, longest: &dyn Fn(&[String]) -> Option<usize>) -> (usize, Option<usize>) {
        self.parts.iter().fold((0, Some(0)), |(least, most), part| match part {
            Part::Literal(literal) => {
                let count = literal.chars().count();
                (least + count, most.map(|most| most + count))
            }
            Part::Value { path, fallback, .. } => {
                let fallback = fallback.as_ref().map_or(0, |fallback| fallback.chars().count());
                (least, most.zip(longest(path)).map(|(most, value)| most + value.max(fallback)))
            }
        })
    }

    /// Where it needs the value of `variable`, with nothing to fall back on.
    pub(super) fn needs(&self, variable: &str) -> Option<Span> {
        self.parts.iter().find_map(|part| match part {
            Part::Value { path, fallback: None, at } if path[0] == variable => Some(*at),
            Part::Value { .. } | Part::Literal(_) => None,
        })
    }

    /// Whether it can become exactly `said`, whatever its values are. Linear in both.
    pub(super) fn could_be(&self, said: &str) -> bool {
        let mut rest = said;
        let mut after_value = false;
        for (index, part) in self.parts.iter().enumerate() {
            let Part::Literal(literal) = part else {
                after_value = true;
                continue;
            };
            let last = index + 1 == self.parts.len();
            let found = match (after_value, last) {
                (false, _) => rest.starts_with(literal.as_str()).then_some(0),
                (true, true) => rest.ends_with(literal.as_str()).then(|| rest.len() - literal.len()),
                (true, false) => rest.find(literal.as_str()),
            };
            let Some(at) = found else { return false };
            rest = &rest[at + literal.len()..];
            after_value = false;
        }
        rest.is_empty() || after_value
    }

    /// What stands before its first value.
    pub(super) fn head(&self) -> &str {
        match self.parts.first() {
            Some(Part::Literal(literal)) => literal,
            Some(Part::Value { .. }) | None => "",
        }
    }
}

/// A value as it may stand in a message: control characters other than line breaks and tabs are taken out.
fn clean(value: &str) -> Cow<'_, str> {
    let unwanted = |c: char| c.is_control() && c != '\n' && c != '\t';
    if value.contains(unwanted) { value.chars().filter(|&c| !unwanted(c)).collect::<String>().into() } else { value.into() }
}

/// Everything but letters, digits and `-._~` as `%XX` of its UTF-8 bytes (RFC 3986, section 2).
fn percent_encoded(value: &str) -> Cow<'_, str> {
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded.into()
}
