//! Guesses about quotes: opened and not closed, closed too early, a backslash too few.

use super::line::{in_quotes, open_quote, value_of};
use super::{Seen, Trouble};
use crate::source::Diagnostic;

/// What may follow a backslash inside double quotes (YAML 1.2, section 5.7), a line's end included.
const ESCAPES: &str = "0abt\tnvfre \"/\\N_LPxuU\n\r";

impl Seen<'_> {
    pub(super) fn quote(&self, trouble: &Trouble) -> Option<Diagnostic> {
        match trouble {
            Trouble::UnclosedQuote => self.opened_above(),
            Trouble::AfterQuote => self.closed_too_early().or_else(|| self.opened_above()),
            Trouble::Escape => Some(self.escape()),
            // A quote that was closed by the next one leaves all kinds of rubbish behind.
            Trouble::Colon | Trouble::NoColon | Trouble::Indentation => self.stray_quote(),
            _ => None,
        }
    }

    /// The quote that was opened and not closed on its line, looking upwards.
    fn opened_above(&self) -> Option<Diagnostic> {
        let (line, at) = self.line.upwards(self.text).find_map(|line| open_quote(&line).map(|at| (line, at)))?;
        let quote = &self.text[at..=at];
        let end = line.written().end;
        let mut said = self
            .error(self.span(at..end), format!("a quote opened at line {} is never closed", line.number(self.text)))
            .label("opened here");
        if self.at > line.end() && self.at < self.text.len() {
            said = said.related(self.here(), "reading stopped here");
        }
        // Where other keys follow on the same line, only the author knows where the text ends.
        if self.text[line.start..at].contains('{') {
            return Some(said.help(format!("Write the closing `{quote}` where the text ends.")));
        }
        Some(said.help("Close it at the end of the text.").fix(self.span(end..end), quote))
    }

    /// A quoted text that closed before its end, on the line of the error.
    fn closed_too_early(&self) -> Option<Diagnostic> {
        // Where reading stopped straight behind the opening quote, that quote closed one of a line above.
        let value = value_of(&self.line).filter(|value| value.start + 1 < self.at && value.end > self.at)?;
        let typed = &self.text[value.clone()];
        let quote = typed.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let inner = typed[1..].strip_suffix(quote);
        let message = match (inner, quote) {
            (Some(_), '\'') => "an apostrophe ends a text in single quotes",
            (Some(_), _) => "a double quote ends a text in double quotes",
            (None, _) => "something stands behind the closing quote",
        };
        let meant = inner.map_or_else(|| typed.to_owned(), |inner| inner.replace("''", "'"));
        let span = self.span(value);
        let said = self.error(span, message).label("the text ends at the quote inside");
        Some(
            said.help("Use the other kind of quotes round the whole text.").fix(span, in_quotes(&meant)).sure_if(inner.is_some()),
        )
    }

    /// A quote opened on a line above that is closed on a line that opens one of its own.
    fn stray_quote(&self) -> Option<Diagnostic> {
        let typed = &self.text[value_of(&self.line)?];
        (typed.ends_with(['"', '\'']) && !typed.starts_with(['"', '\''])).then(|| self.opened_above()).flatten()
    }

    /// The first backslash from the opening quote on that YAML does not know.
    fn escape(&self) -> Diagnostic {
        let help = "Write two backslashes for one, or use single quotes, in which a backslash is only a backslash.";
        let message = "a backslash inside double quotes that means nothing";
        let mut pairs = self.text[self.at..].char_indices();
        while let Some((at, c)) = pairs.next() {
            let next = if c == '\\' { pairs.next() } else { continue };
            if let Some((after, next)) = next.filter(|&(_, next)| !ESCAPES.contains(next)) {
                let span = self.span(self.at + at..self.at + after + next.len_utf8());
                return self.error(span, message).help(help).fix(span, format!("\\\\{next}"));
            }
        }
        self.error(self.here(), message).help(help)
    }
}
