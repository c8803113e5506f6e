//! What people read: a line for each conversation, and a chat for each that went otherwise.

use std::fmt::Write as _;

use crate::scenario::Failure;

use super::super::style::{Paint, many};
use super::super::talk::{self, columns, wrapped};
use super::{Ran, Run};

/// Things said before the failure that a report shows.
const SHOWN_MAX: usize = 16;
/// Columns of what was expected, and of what came.
const SIDE: usize = 36;

/// The whole report.
pub(super) fn report(run: &Run<'_>, paint: Paint, quiet: bool) -> String {
    let mut text = String::new();
    let mut heading = None;
    for one in &run.ran {
        if quiet && one.played.failure.is_none() {
            continue;
        }
        if heading != Some(one.suite.source) {
            heading = Some(one.suite.source);
            text.push_str(&title(run, one, paint));
        }
        text.push_str(&conversation(run, one, paint));
    }
    text + &summary(run, paint)
}

fn title(run: &Run<'_>, one: &Ran<'_>, paint: Paint) -> String {
    let names: Vec<&str> = one.suite.flows.iter().map(|flow| flow.as_str()).collect();
    let path = &run.program.sources().get(one.suite.source).path;
    format!("\n{}  {}\n", paint.bold(&names.join(", ")), paint.dim(path))
}

/// How many went as written.
pub(super) fn summary(run: &Run<'_>, paint: Paint) -> String {
    let (all, failed) = (run.ran.len(), run.failed());
    let took = format!("{} ms", run.took.as_millis());
    match failed {
        _ if all == 0 => "No conversations to play. Write one under `tests:` in a flow.\n".to_owned(),
        0 => format!("\n{} {}\n", paint.green(&format!("{} went as written", many(all, "conversation"))), paint.dim(&took)),
        _ => {
            let told = format!("{failed} of {} did not go as written", many(all, "conversation"));
            format!("\n{} {}\n", paint.red(&told), paint.dim(&took))
        }
    }
}

/// A conversation: its name, and the chat where it went otherwise.
pub(super) fn conversation(run: &Run<'_>, one: &Ran<'_>, paint: Paint) -> String {
    let Some(failure) = &one.played.failure else {
        return format!("  {} {}\n", paint.green("✓"), one.scenario.name);
    };
    let mut text = format!("  {} {}\n\n", paint.red("✗"), paint.bold(&one.scenario.name));
    let said = &one.played.said;
    // What was said after the thing in question would only confuse.
    let end = failure.about.map_or(said.len(), |about| about + 1).min(said.len());
    let from = end.saturating_sub(SHOWN_MAX);
    if from > 0 {
        let _ = writeln!(text, "    {}", paint.dim(&format!("… {} before", many(from, "line"))));
    }
    text.push_str(&talk::chat(&said[from..end], failure.about.map(|about| about.saturating_sub(from)), paint));
    text.push_str(&told(run, failure, paint));
    text
}

fn told(run: &Run<'_>, failure: &Failure, paint: Paint) -> String {
    let place = |span| run.program.place(span);
    let mut text = format!("\n    {}", paint.red(&format!("{}.", sentence(&failure.message))));
    let expected_at = place(failure.span);
    let came_at = failure.from.map(place).unwrap_or_default();
    match (&failure.expected, &failure.came) {
        (Some(expected), Some(came)) => {
            text.push_str("\n\n");
            text.push_str(&beside(
                &Side { what: "expected", place: &expected_at, text: expected },
                &Side { what: "came", place: &came_at, text: came },
                paint,
            ));
        }
        (None, Some(_)) if !came_at.is_empty() => {
            let _ = write!(
                text,
                "\n    {}\n    {}\n",
                paint.dim(&format!("said by {came_at}")),
                paint.dim(&format!("not by {expected_at}"))
            );
        }
        (Some(expected), None) => {
            text.push_str(&format!("\n    {} {expected}\n    {}\n", paint.dim("expected"), paint.dim(&expected_at)));
        }
        (None, _) => {
            let _ = write!(text, "\n    {}\n", paint.dim(&expected_at));
        }
    }
    text + "\n"
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

struct Side<'a> {
    what: &'a str,
    place: &'a str,
    text: &'a str,
}

/// Two texts beside each other, their different words coloured or, without colours, underlined.
fn beside(left: &Side<'_>, right: &Side<'_>, paint: Paint) -> String {
    let (in_left, in_right) = different(left.text, right.text);
    let mut text = row(&paint.bold(left.what), columns(left.what), &paint.bold(right.what));
    text.push_str(&row(&paint.dim(left.place), columns(left.place), &paint.dim(right.place)));
    let (left, right) = (column(left.text, &in_left, paint, Paint::green), column(right.text, &in_right, paint, Paint::red));
    for at in 0..left.len().max(right.len()) {
        let nothing = (String::new(), 0);
        let ((one, width), (other, _)) = (left.get(at).unwrap_or(&nothing), right.get(at).unwrap_or(&nothing));
        text.push_str(&row(one, *width, other));
    }
    text
}

fn row(left: &str, width: usize, right: &str) -> String {
    let line = format!("    {left}{}  {right}", " ".repeat(SIDE.saturating_sub(width)));
    format!("{}\n", line.trim_end())
}

/// Which words of each of two texts the other does not have: those between the words at the beginning and at the end that are
/// the same in both.
fn different(left: &str, right: &str) -> (std::ops::Range<usize>, std::ops::Range<usize>) {
    let (left, right): (Vec<&str>, Vec<&str>) = (left.split_whitespace().collect(), right.split_whitespace().collect());
    let same = left.iter().zip(&right).take_while(|(one, other)| one == other).count();
    let room = left.len().min(right.len()) - same;
    let end = left.iter().rev().zip(right.iter().rev()).take(room).take_while(|(one, other)| one == other).count();
    (same..left.len() - end, same..right.len() - end)
}

/// The lines of one side with the columns each takes.
fn column(
    text: &str,
    different: &std::ops::Range<usize>,
    paint: Paint,
    colour: fn(Paint, &str) -> String,
) -> Vec<(String, usize)> {
    let mut lines = Vec::new();
    let mut word_at = 0;
    for line in wrapped(text, SIDE) {
        let (mut shown, mut under) = (String::new(), String::new());
        for (index, word) in line.split_whitespace().enumerate() {
            let marked = different.contains(&word_at);
            word_at += 1;
            if index > 0 {
                shown.push(' ');
                under.push(' ');
            }
            shown.push_str(&if marked { colour(paint, word) } else { word.to_owned() });
            under.push_str(&if marked { "~" } else { " " }.repeat(columns(word)));
        }
        lines.push((shown, columns(&line)));
        if !paint.colour && under.contains('~') {
            let width = under.len();
            lines.push((under, width));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::different;

    #[test]
    fn the_words_that_differ_are_found_between_those_that_do_not() {
        assert_eq!(different("a b c", "a x c"), (1..2, 1..2));
        assert_eq!(different("a b", "a b c"), (2..2, 2..3));
        assert_eq!(different("a a", "a"), (1..2, 1..1));
        assert_eq!(different("", "a"), (0..0, 0..1));
    }
}
