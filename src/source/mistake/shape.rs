//! Guesses about the shape of lines: tabs, false spaces, missing colons, indentation, brackets left open.

use super::habit::odd_space_in_line;
use super::line::{Line, closing, key_of, value_of};
use super::{Seen, Trouble, closing_of};
use crate::source::{Code, Diagnostic, Span};

/// Lines that are searched upwards for a bracket that nobody closed.
const BRACKET_LINES_MAX: usize = 100;

impl Seen<'_> {
    /// A false space on the line of the error or the one above it.
    pub(super) fn odd_space(&self) -> Option<Diagnostic> {
        let written = self.line.upwards(self.text).filter(|line| !line.text.trim().is_empty());
        written.take(2).find_map(|line| odd_space_in_line(self.source, line.start, line.text))
    }

    /// Tabs in the indentation of the error's line and the one above it, or where the parser named one.
    pub(super) fn tab(&self, trouble: &Trouble) -> Option<Diagnostic> {
        let indented = self.line.upwards(self.text).take(2).find_map(|line| {
            let at = line.text[..line.indentation()].find('\t')?;
            Some(line.start + at)
        });
        let named = || (*trouble == Trouble::Tab).then(|| self.line.text.find('\t').map_or(self.at, |at| self.line.start + at));
        let at = indented.or_else(named)?;
        let tabs = self.text[at..].bytes().take_while(|&byte| byte == b'\t').count();
        let span = self.span(at..at + tabs);
        let said = Diagnostic::error(Code::YAML_TAB, span, "a tab stands where only spaces may")
            .help("Indent with two spaces for each level; most editors can be told to write them for the tab key.");
        Some(match indented {
            Some(_) => {
                let (whole, spaces, sure) = self.untabbed(Line::at(self.text, at));
                said.fix(whole, spaces).sure_if(sure)
            }
            None if tabs > 0 => said.fix(span, "  ".repeat(tabs)),
            None => said,
        })
    }

    /// What to write instead of the indentation of `first` and of the lines with tabs right below it, and whether it is certain:
    /// how wide a tab was meant to be only shows in the lines around it.
    fn untabbed(&self, first: Line<'_>) -> (Span, String, bool) {
        let blanks = |line: &Line<'_>| line.text[..line.indentation()].to_owned();
        let tabs = |line: &Line<'_>| blanks(line).matches('\t').count();
        let above: Vec<Line<'_>> = first.upwards(self.text).skip(1).filter(|line| !line.text.trim().is_empty()).collect();
        let opens = above.first().filter(|line| line.text.trim_end().ends_with(':')).map(Line::indentation);
        let known = |width: usize| above.iter().take(BRACKET_LINES_MAX).any(|line| line.indentation() == width);
        let (narrow, wide) = (2 * tabs(&first), 4 * tabs(&first));
        let (width, sure) = match opens {
            Some(key) => (key + 2, true),
            None if known(narrow) => (narrow, !known(wide)),
            None if known(wide) => (wide, true),
            None => (narrow, false),
        };
        let mut spaces = String::new();
        let mut line = first;
        loop {
            let deeper = width + 2 * tabs(&line);
            spaces.push_str(&" ".repeat(deeper.saturating_sub(2 * tabs(&first))));
            let written = line.start + line.indentation();
            let next = self.text[written..].find('\n').map(|feed| Line::at(self.text, written + feed + 1));
            match next.filter(|next| next.text.starts_with('\t') && !next.text.trim().is_empty()) {
                Some(next) => {
                    spaces.push_str(&self.text[written..next.start]);
                    line = next;
                }
                None => return (self.span(first.start..written), spaces, sure),
            }
        }
    }

    /// A `{` or `[` that was opened on a line above and not closed up to here.
    pub(super) fn unclosed_bracket(&self, trouble: &Trouble) -> Option<Diagnostic> {
        use Trouble::{Bracket, Colon, Indentation, NoColon, Unclosed};
        if !matches!(trouble, Colon | NoColon | Bracket | Unclosed(_) | Indentation) {
            return None;
        }
        let at = self.line.upwards(self.text).take(BRACKET_LINES_MAX).find_map(|line| {
            let start = value_of(&line)?.start;
            let inside = self.text.get(start..self.at)?;
            (inside.starts_with(['{', '[']) && closing(inside).is_none()).then_some(start)
        })?;
        // On its own line other things may be wrong, unless the file ends there.
        if self.at <= Line::at(self.text, at).end() && self.at < self.text.trim_end().len() {
            return None;
        }
        let open = if self.text[at..].starts_with('[') { '[' } else { '{' };
        let help = format!("Write `{}` where it ends. If it belongs to a text, put quotes round the text.", closing_of(open));
        Some(self.error(self.span(at..at + 1), format!("a `{open}` is never closed")).label("opened here").help(help))
    }

    /// A line that makes this one wrong: it lacks its colon or the space behind it, or has a value already.
    pub(super) fn line_above(&self, trouble: &Trouble) -> Option<Diagnostic> {
        if !matches!(trouble, Trouble::Colon | Trouble::NoColon | Trouble::Indentation) {
            return None;
        }
        let line = self.written_line();
        let says = |line: &Line<'_>| !line.text.trim().is_empty() && !line.text.trim().starts_with('#');
        let above = line.upwards(self.text).skip(1).find(says);
        let lacks_key = |one: &Line<'_>| {
            key_of(one).is_none() && !one.text.trim_start().starts_with("- ") && one.indentation() <= line.indentation()
        };
        let culprit = [Some(line), above].into_iter().flatten().find(lacks_key);
        if let Some(culprit) = culprit {
            return Some(self.without_colon(&culprit));
        }
        let above = above.filter(|above| above.indentation() < line.indentation() && value_of(above).is_some())?;
        let key = &self.text[key_of(&above)?];
        Some(
            self.error(self.span(line.written()), "this line lies below one that has a value already")
                .related(self.span(above.written()), format!("`{key}` has its value here"))
                .help("Begin it exactly under the first letter of the line beside which it stands. If it belongs to a text, put quotes round the text."),
        )
    }

    /// `say:Hello`, or a line that is no key at all.
    fn without_colon(&self, line: &Line<'_>) -> Diagnostic {
        let written = line.written();
        let typed = &self.text[written.clone()];
        let name = typed.find(':').map(|colon| &typed[..colon]);
        let name = name.filter(|name| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_'));
        if let Some(name) = name.filter(|name| !typed[name.len()..].starts_with("://")) {
            let colon = self.span(written.start + name.len()..written.start + name.len() + 1);
            let said = self.error(colon, format!("a space is missing behind `{name}:`"));
            // `12:30` on a line of its own is more likely a time than a key.
            let key = name.starts_with(|c: char| c.is_ascii_lowercase());
            return said.help("A key is a name, a colon and a space.").fix(colon, ": ").sure_if(key);
        }
        self.error(self.span(written), "this line has no colon: it is neither a key nor part of the text above it").help(
            "Write `key: value`. A text over several lines begins with `|` behind its key, and its lines are indented below it.",
        )
    }
}
