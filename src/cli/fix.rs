//! `buttonhook check --fix`: writes what was certainly meant.
//!
//! All of it is worked out in memory first: the certain fixes are applied, of overlapping ones the first, and the whole is
//! checked again, until nothing certain is left. Then each file that changed is written beside itself and moved into place, so
//! that whoever reads the project (a host that reloads, an editor) sees the old file or the new one and nothing between.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::project;
use crate::source::{Diagnostic, Fix, Source, SourceId, Sources};

use super::check::{Whole, examined};
use super::replace::replace;
use super::style::Paint;

/// How often a project is checked again after fixes. Of a file that is no YAML every round finds one mistake.
const ROUNDS_MAX: usize = 100;
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What was fixed.
pub(super) struct Fixed {
    /// The project afterwards, with what is left for its author.
    pub whole: Whole,
    /// What was changed, in the order of files and lines.
    pub changes: Vec<Change>,
}

/// Lines that were replaced.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Change {
    path: String,
    line: usize,
    before: String,
    after: String,
    /// Fixes in them.
    count: usize,
}

/// Why nothing, or not everything, could be written.
#[derive(Debug, thiserror::Error)]
pub(super) enum FixError {
    /// The project could not be read.
    #[error("{0}")]
    Load(#[from] project::LoadError),
    /// A file was saved while we looked.
    #[error("`{0}` was changed while it was being fixed, and is left as it is. Run it again")]
    Changed(String),
    /// A file lies elsewhere.
    #[error("`{0}` lies outside of the project, and is left as it is")]
    Outside(String),
    /// The disk refuses.
    #[error("`{0}` cannot be written: {1}. See that this user may write it")]
    Refused(String, io::Error),
}

/// Applies what is certain to the project at `root`. A project without certain mistakes is not touched.
pub(super) fn apply(root: &Path) -> Result<Fixed, FixError> {
    let loaded = project::load_with_tests(root)?;
    let before = loaded.sources.clone();
    let mut whole = examined(loaded);
    let mut changes = Vec::new();
    for _ in 0..ROUNDS_MAX {
        let Some((sources, changed)) = round(&whole.sources, &whole.diagnostics) else { break };
        changes.extend(changed);
        whole = examined(project::Loaded { sources, diagnostics: Vec::new() });
    }
    for (id, old) in before.iter() {
        let new = whole.sources.get(id);
        if old.text != new.text {
            write(root, old, &new.text)?;
        }
    }
    changes.sort();
    Ok(Fixed { whole, changes })
}

/// The sources with the certain fixes applied; nothing when there are none.
fn round(sources: &Sources, diagnostics: &[Diagnostic]) -> Option<(Sources, Vec<Change>)> {
    let mut fixes: BTreeMap<SourceId, Vec<&Fix>> = BTreeMap::new();
    for fix in diagnostics.iter().filter_map(|one| one.fix.as_ref()).filter(|fix| fix.sure && differs(sources, fix)) {
        fixes.entry(fix.span.source).or_default().push(fix);
    }
    if fixes.is_empty() {
        return None;
    }
    let mut changes = Vec::new();
    let mut files = Vec::new();
    for (id, source) in sources.iter() {
        let text = match fixes.get_mut(&id) {
            Some(fixes) => fixed(source, fixes, &mut changes).into(),
            None => source.text.clone(),
        };
        files.push(Source { text, ..source.clone() });
    }
    Some((Sources::new(files), changes))
}

/// A fix that writes what stands there already would go on for ever.
fn differs(sources: &Sources, fix: &Fix) -> bool {
    sources.text(fix.span) != fix.text && sources.get(fix.span.source).text.get(fix.span.range()).is_some()
}

/// The text of a file with its fixes, of overlapping ones the first.
fn fixed(source: &Source, fixes: &mut Vec<&Fix>, changes: &mut Vec<Change>) -> String {
    fixes.sort_by_key(|fix| (fix.span.start, fix.span.end));
    let mut end = None;
    fixes.retain(|fix| {
        let free = end.is_none_or(|end| fix.span.start > end);
        end = if free { Some(fix.span.end) } else { end };
        free
    });
    let mut text = String::with_capacity(source.text.len());
    let mut at = 0;
    for group in by_lines(&source.text, fixes) {
        let (lines, group) = group;
        text.push_str(&source.text[at..lines.start]);
        let begins = text.len();
        at = lines.start;
        for fix in &group {
            text.push_str(&source.text[at..fix.span.start as usize]);
            text.push_str(&with_line_ends_of(&source.text, &fix.text));
            at = fix.span.end as usize;
        }
        text.push_str(&source.text[at..lines.end]);
        at = lines.end;
        changes.push(Change {
            path: source.path.to_string(),
            line: source.text[..lines.start].bytes().filter(|&byte| byte == b'\n').count() + 1,
            before: source.text[lines].to_owned(),
            after: text[begins..].to_owned(),
            count: group.len(),
        });
    }
    text.push_str(&source.text[at..]);
    text
}

/// Fixes that touch the same lines, with those lines.
fn by_lines<'f>(text: &str, fixes: &[&'f Fix]) -> Vec<(Range<usize>, Vec<&'f Fix>)> {
    let mut groups: Vec<(Range<usize>, Vec<&Fix>)> = Vec::new();
    for fix in fixes {
        let start = text[..fix.span.start as usize].rfind('\n').map_or(0, |feed| feed + 1);
        let end = text[fix.span.end as usize..].find('\n').map_or(text.len(), |feed| fix.span.end as usize + feed);
        match groups.last_mut() {
            Some((lines, group)) if start <= lines.end => {
                lines.end = lines.end.max(end);
                group.push(fix);
            }
            _ => groups.push((start..end, vec![fix])),
        }
    }
    groups
}

/// `fix` with the line ends that the file has.
fn with_line_ends_of(file: &str, fix: &str) -> String {
    if file.contains("\r\n") { fix.replace('\n', "\r\n") } else { fix.to_owned() }
}

/// Writes `text` in the place of `old`, if that is what still stands there.
fn write(root: &Path, old: &Source, text: &str) -> Result<(), FixError> {
    let name = || old.path.to_string();
    let refused = |error| FixError::Refused(name(), error);
    let file = within(root, &old.path).map_err(refused)?.ok_or_else(|| FixError::Outside(name()))?;
    let bytes = fs::read(&file).map_err(refused)?;
    let (mark, rest) = bytes.strip_prefix(BYTE_ORDER_MARK).map_or((&[][..], &bytes[..]), |rest| (BYTE_ORDER_MARK, rest));
    if rest != old.text.as_bytes() {
        return Err(FixError::Changed(name()));
    }
    match replace(&file, &bytes, &[mark, text.as_bytes()].concat()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(FixError::Changed(name())),
        Err(error) => Err(refused(error)),
    }
}

/// The file itself, whatever links lead to it; nothing when it lies outside of the project.
fn within(root: &Path, path: &str) -> io::Result<Option<PathBuf>> {
    let file = root.join(path).canonicalize()?;
    // `flows` itself may be a link to a directory elsewhere; then that directory is the project's too.
    let top = path.split('/').next().unwrap_or(path);
    let inside = |directory: &Path| directory.canonicalize().is_ok_and(|directory| file.starts_with(directory));
    Ok((inside(root) || inside(&root.join(top))).then_some(file))
}

/// What was changed, as a diff reads; empty when nothing was.
pub(super) fn summary(changes: &[Change], paint: Paint) -> String {
    let mut text = String::new();
    let mut path = "";
    for change in changes {
        if change.path != path {
            text.push_str(&format!("{}\n", paint.bold(&change.path)));
            path = &change.path;
        }
        let lines = |sign: char, lines: &str| -> String {
            lines.lines().map(|line| format!("{:>5} {sign} {}\n", change.line, clean(line))).collect()
        };
        text.push_str(&paint.red(&lines('-', &change.before)));
        text.push_str(&paint.green(&lines('+', &change.after)));
    }
    let count: usize = changes.iter().map(|change| change.count).sum();
    match count {
        0 => {}
        1 => text.push_str("\n1 mistake fixed.\n\n"),
        more => text.push_str(&format!("\n{more} mistakes fixed.\n\n")),
    }
    text
}

/// A line without what could steer the terminal, and with its tabs and false spaces to be seen.
fn clean(line: &str) -> String {
    line.chars()
        .map(|c| match c {
            '\t' => '→',
            '\u{a0}' => '·',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}
