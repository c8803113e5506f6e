//! `--update`: what the bot says now goes into the files, comments and layout as they are.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::scenario::{self, Edit};
use crate::source::SourceId;

use super::super::check::whole;
use super::super::replace::replace;
use super::super::style::{many, say};
use super::{flow_of, wanted};

/// Writes the expected lines anew, as far as they can be; says how many.
pub(super) fn run(root: &Path, only: Option<&str>) -> Result<(), String> {
    let whole = whole(root).map_err(|why| why.to_string())?;
    let Some(program) = &whole.program else {
        return Err("the project has mistakes; nothing was written. `buttonhook check` tells them".to_owned());
    };
    let mut edits: BTreeMap<SourceId, Vec<Edit>> = BTreeMap::new();
    let mut tables = 0;
    for suite in &whole.suites {
        let Some(flow) = flow_of(program, suite) else { continue };
        for scenario in suite.scenarios.iter().filter(|scenario| wanted(program, suite, scenario, only)) {
            if scenario.is_case && scenario::play(program, flow, scenario).failure.is_some() {
                tables += 1;
            }
            for edit in scenario::update(program, flow, scenario) {
                edits.entry(edit.span.source).or_default().push(edit);
            }
        }
    }
    for (id, edits) in edits {
        let source = program.sources().get(id);
        let (text, count) = edited(&source.text, edits);
        write(root, &source.path, &source.text, &text)?;
        say(&format!("{}: {} written anew\n", source.path, many(count, "line")));
    }
    if tables > 0 {
        say(&format!("{} of tables were left alone: their rows share the lines\n", many(tables, "conversation")));
    }
    Ok(())
}

/// The text with its edits; of those that several conversations share, the first.
fn edited(text: &str, mut edits: Vec<Edit>) -> (String, usize) {
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let (mut out, mut at, mut count) = (String::with_capacity(text.len()), 0, 0);
    let mut last = None;
    for edit in edits {
        let range = edit.span.range();
        if last == Some(edit.span) || range.start < at {
            continue;
        }
        out.push_str(&text[at..range.start]);
        out.push_str(&edit.text);
        at = range.end;
        last = Some(edit.span);
        count += 1;
    }
    out.push_str(&text[at..]);
    (out, count)
}

fn write(root: &Path, path: &str, before: &str, after: &str) -> Result<(), String> {
    let told = |why: std::io::Error| format!("`{path}` cannot be written: {why}. See that this user may write it");
    let file = fs::canonicalize(root.join(path)).map_err(told)?;
    let old = fs::read(&file).map_err(told)?;
    // The mark stays that some editors put at the beginning of a file.
    let mark: &[u8] = if old.starts_with("\u{feff}".as_bytes()) { "\u{feff}".as_bytes() } else { b"" };
    let with_mark = |text: &str| [mark, text.as_bytes()].concat();
    match replace(&file, &with_mark(before), &with_mark(after)).map_err(told)? {
        true => Ok(()),
        false => Err(format!("`{path}` was changed by somebody else at the same time, and is left as it is. Run it again")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Edit, edited};
    use crate::source::{SourceId, Span};

    #[test]
    fn edits_that_conversations_share_are_made_once() {
        let edit = |start, end, text: &str| Edit { span: Span::new(SourceId(0), start, end), text: text.to_owned() };
        let (text, count) = edited("abcdef", vec![edit(4, 4, "+"), edit(1, 3, "X"), edit(1, 3, "Y"), edit(2, 4, "Z")]);
        assert_eq!((text.as_str(), count), ("aXd+ef", 2));
    }
}
