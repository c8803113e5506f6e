//! What the conversations reach: a line and a bar for each flow, and what is missing by name and place.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::flow::Program;
use crate::scenario::{Coverage, FlowCoverage};

use super::super::style::Paint;
use super::super::talk::{columns, wrapped};

/// Cells of a bar.
const BAR: usize = 12;
/// Columns of a list of lines.
const LIST: usize = 66;
/// Things missing of one flow that a report names.
const SHOWN_MAX: usize = 40;

/// Whether nothing is missing.
pub(super) fn is_whole(program: &Program, covered: &Coverage) -> bool {
    covered.of(program).iter().all(|flow| flow.missing.is_empty())
        && covered.functions(program).1.is_empty()
        && covered.lines().iter().all(|script| script.missing.is_empty())
}

/// For people.
pub(super) fn report(program: &Program, covered: &Coverage, paint: Paint) -> String {
    let flows = covered.of(program);
    let scripts = covered.lines();
    let names = flows.iter().map(|flow| flow.flow.as_str()).chain(scripts.iter().map(|script| script.path.as_str()));
    let widest = names.map(columns).max().unwrap_or(0);
    let mut text = format!("\n{}\n", paint.bold("Reached by these conversations"));
    for flow in &flows {
        let done = flow.steps.0 + flow.exits.0;
        let told = format!("{} of {} steps, {} of {} ways out", flow.steps.0, flow.steps.1, flow.exits.0, flow.exits.1);
        text.push_str(&row(flow.flow.as_str(), widest, (done, flow.steps.1 + flow.exits.1), &told, paint));
        missing(&mut text, program, flow, paint);
    }
    for script in &scripts {
        let told = format!("{} of {} lines", script.lines.0, script.lines.1);
        text.push_str(&row(&script.path, widest, script.lines, &told, paint));
        if !script.missing.is_empty() {
            for (at, line) in wrapped(&format!("lines {}", ranges(&script.missing)), LIST).iter().enumerate() {
                let mark = if at == 0 { paint.red("·") } else { " ".to_owned() };
                let _ = writeln!(text, "      {mark} {line}");
            }
        }
    }
    for name in covered.functions(program).1 {
        let _ = writeln!(text, "  {} {name} is never called", paint.red("·"));
    }
    text
}

fn row(name: &str, widest: usize, (done, all): (usize, usize), told: &str, paint: Paint) -> String {
    let (bar, percent) = bar(done, all);
    let bar = if done == all { paint.green(&bar) } else { paint.red(&bar) };
    format!("  {name}{}  {bar} {percent:>4}  {}\n", " ".repeat(widest - columns(name)), paint.dim(told))
}

/// A bar that is full only when everything is there.
fn bar(done: usize, all: usize) -> (String, String) {
    let share = |of: usize| (done * of).checked_div(all).unwrap_or(of);
    let full = share(BAR);
    (format!("{}{}", "█".repeat(full), "░".repeat(BAR - full)), format!("{}%", share(100)))
}

fn missing(text: &mut String, program: &Program, flow: &FlowCoverage, paint: Paint) {
    for one in flow.missing.iter().take(SHOWN_MAX) {
        let place = program.place(one.span);
        let label = if one.label.is_empty() { String::new() } else { format!("  {}", one.label) };
        let _ = writeln!(text, "      {} {}{}  {}", paint.red("·"), one.name, paint.dim(&label), paint.dim(&place));
    }
    if flow.missing.len() > SHOWN_MAX {
        let _ = writeln!(text, "      {}", paint.dim(&format!("… and {} more", flow.missing.len() - SHOWN_MAX)));
    }
}

/// `3, 7–9`.
fn ranges(lines: &[u32]) -> String {
    let groups = lines.chunk_by(|one, other| one + 1 == *other);
    let shown = groups.filter_map(|group| match group {
        [] => None,
        [one] => Some(one.to_string()),
        [first, .., last] => Some(format!("{first}–{last}")),
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// For programs.
pub(super) fn json(program: &Program, covered: &Coverage) -> Value {
    let flow = |flow: &FlowCoverage| {
        let missing: Vec<Value> = flow
            .missing
            .iter()
            .map(|one| json!({"name": one.name, "label": one.label, "place": program.place(one.span)}))
            .collect();
        json!({
            "flow": flow.flow,
            "steps": {"reached": flow.steps.0, "all": flow.steps.1},
            "ways_out": {"reached": flow.exits.0, "all": flow.exits.1},
            "missing": missing,
        })
    };
    let ((ran, all), missing) = covered.functions(program);
    let scripts: Vec<Value> = covered
        .lines()
        .iter()
        .map(|script| {
            json!({"path": script.path, "lines": {"reached": script.lines.0, "all": script.lines.1}, "missing": script.missing})
        })
        .collect();
    json!({
        "whole": is_whole(program, covered),
        "flows": covered.of(program).iter().map(flow).collect::<Vec<_>>(),
        "functions": {"reached": ran, "all": all, "missing": missing},
        "scripts": scripts,
    })
}

#[cfg(test)]
mod tests {
    use super::{bar, ranges};

    #[test]
    fn a_bar_is_full_only_when_nothing_is_missing() {
        assert_eq!(bar(199, 200).1, "99%");
        assert!(bar(199, 200).0.ends_with('░'));
        assert_eq!(bar(0, 0).1, "100%");
    }

    #[test]
    fn lines_in_a_row_are_told_together() {
        assert_eq!(ranges(&[3, 7, 8, 9, 12]), "3, 7–9, 12");
    }
}
