//! Writes what the bot says now into the lines that expect something else. Comments and layout stay.

use crate::flow::{Flow, Program};
use crate::model::Message;
use crate::source::Span;

use super::line::Line;
use super::play::play_and_note;
use super::read::Scenario;

/// What to write instead of a stretch of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// What to replace; empty where something is put in.
    pub span: Span,
    /// With what.
    pub text: String,
}

/// What would make `scenario` go as written, as far as its `bot` lines are concerned, in the order of their places. The rows of a
/// table of cases share their lines, so they are left alone.
pub fn update(program: &Program, flow: &Flow, scenario: &Scenario) -> Vec<Edit> {
    if scenario.is_case { Vec::new() } else { play_and_note(program, flow, scenario) }
}

/// The words of `message` in the place of what `line` expects.
pub(super) fn other_words(line: &Line, message: &Message) -> Edit {
    Edit { span: line.span, text: quoted(message) }
}

/// `message` as a line of its own after `line`.
pub(super) fn one_more(text: &str, line: &Line, message: &Message) -> Edit {
    let at = line.whole;
    let item = format!("bot: {}", quoted(message));
    match dash(text, at) {
        Some(dash) => {
            let (_, indent) = line_of(text, dash);
            let end = end_of_line(text, line.span.end as usize);
            let broken = text[..end].ends_with('\n');
            let written = if broken { format!("{indent}- {item}\n") } else { format!("\n{indent}- {item}") };
            Edit { span: Span::new(at.source, end, end), text: written }
        }
        None => Edit { span: Span { start: at.end, ..at }, text: format!(", {{{item}}}") },
    }
}

/// `line` taken out; a comment behind it keeps its place.
pub(super) fn without(text: &str, line: &Line) -> Edit {
    let at = line.whole;
    let Some(dash) = dash(text, at) else {
        // `[a, b]`: the comma goes with the item, the one before it or, of the first, the one behind it.
        let before = text[..at.start as usize].trim_end();
        let start = if before.ends_with(',') { before.len() - 1 } else { at.start as usize };
        let after = &text[at.end as usize..];
        let comma = after.find(',').filter(|&comma| !before.ends_with(',') && after[..comma].trim().is_empty());
        let end = at.end as usize + comma.map_or(0, |comma| comma + 1);
        return Edit { span: Span::new(at.source, start, end), text: String::new() };
    };
    let (start, indent) = line_of(text, dash);
    // The parser counts comments below the last line as part of it; what the line says ends before them.
    let end = end_of_line(text, line.span.end as usize);
    let rest = text.get(line.span.end as usize..end).unwrap_or_default().trim();
    let kept = if rest.starts_with('#') { format!("{indent}{rest}\n") } else { String::new() };
    Edit { span: Span::new(at.source, start, end), text: kept }
}

/// The text in quotes: right whatever it holds.
fn quoted(message: &Message) -> String {
    serde_json::Value::from(message.body()).to_string()
}

/// The byte of the dash that begins an item of a list written over lines; nothing for one inside brackets.
fn dash(text: &str, item: Span) -> Option<usize> {
    let before = text[..item.start as usize].trim_end_matches(' ');
    before.ends_with('-').then(|| before.len() - 1)
}

/// Where the line of `at` begins, and what stands before it there.
fn line_of(text: &str, at: usize) -> (usize, &str) {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    (start, &text[start..at])
}

/// The byte after the line in which what ends at `at` ends.
fn end_of_line(text: &str, at: usize) -> usize {
    if text[..at].ends_with('\n') { at } else { text[at..].find('\n').map_or(text.len(), |newline| at + newline + 1) }
}
