//! Guesses about the value on the line at which reading stopped: a text that needs quotes, for one of several reasons.

use super::Seen;
use super::habit::{CURLY, RESERVED, needs_quotes, unquoted_brace};
use super::line::{Line, closing, flow_value, in_quotes, value_of};
use crate::source::{Code, Diagnostic};

/// Said of `say: Open: 9 to 6`.
const COLON: &str = "a text with a colon followed by a space needs quotes";

impl Seen<'_> {
    pub(super) fn value(&self) -> Option<Diagnostic> {
        let line = self.written_line();
        let value = value_of(&line)?;
        let typed = &self.text[value.clone()];
        let span = self.span(value);
        let first = typed.chars().next()?;
        if CURLY.contains(&first) {
            let said = Diagnostic::error(Code::YAML_LOOKALIKE, span, "curly quotes do not count as quotes");
            return Some(said.help("Write straight quotes.").fix(span, in_quotes(typed.trim_matches(CURLY))));
        }
        if matches!(first, '{' | '[') {
            return match closing(typed) {
                Some(end) if end == typed.len() => self.inside_one_line(&line),
                Some(end) => (!typed[..end].contains(": ")).then(|| unquoted_brace(self.text, span)),
                None => self.inside_one_line(&line),
            };
        }
        if RESERVED.contains(&first) || typed.starts_with("- ") {
            let first = if first == '-' { "- ".to_owned() } else { first.to_string() };
            let message = format!("a text that begins with `{first}` needs quotes");
            return Some(needs_quotes(Code::YAML_SYNTAX, self.text, span, message));
        }
        let colon = typed.contains(": ") || typed.ends_with(':');
        (colon && !matches!(first, '"' | '\'')).then(|| needs_quotes(Code::YAML_SYNTAX, self.text, span, COLON))
    }

    /// A text inside a one-line `{…}` that holds what ends or opens one.
    fn inside_one_line(&self, line: &Line<'_>) -> Option<Diagnostic> {
        let value = flow_value(line, self.at.clamp(line.start, line.end()))?;
        let typed = &self.text[value.clone()];
        let mapping = closing(typed).is_some_and(|end| end == typed.len() && typed.contains(": "));
        if mapping || typed.starts_with(['"', '\'', '[']) {
            return None;
        }
        let span = self.span(value);
        if typed.contains(['{', '}', '[', ']']) {
            let message = "inside a one-line `{…}` a text with a brace needs quotes";
            return Some(needs_quotes(Code::YAML_UNQUOTED_BRACE, self.text, span, message));
        }
        if let Some(first) = typed.chars().next().filter(|first| RESERVED.contains(first)) {
            let message = format!("a text that begins with `{first}` needs quotes");
            return Some(needs_quotes(Code::YAML_SYNTAX, self.text, span, message));
        }
        typed.contains(": ").then(|| needs_quotes(Code::YAML_SYNTAX, self.text, span, COLON))
    }
}
