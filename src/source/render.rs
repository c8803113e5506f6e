//! Diagnostics as people and programs read them.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Patch, Renderer, Snippet};
use serde_json::{Value, json};

use super::diagnostic::{Diagnostic, Severity};
use super::sources::{Sources, Span};

/// Diagnostics that are shown to a person at once; the rest is counted.
const SHOWN_MAX: usize = 200;
/// Columns of a source line that are shown; of a longer one the part round the place.
const COLUMNS_MAX: usize = 120;
/// Bytes of the lines that are shown before and after a fix; the renderer does not shorten those.
const PATCHED_BYTES_MAX: usize = 600;
/// Lines shown for one place that goes over many.
const LINES_MAX: usize = 6;

/// For a terminal: the line with a caret, and the remedy. With `colour` it uses ANSI colours. The last line counts errors and
/// warnings; without diagnostics the text is empty.
pub fn render_human(sources: &Sources, diagnostics: &[Diagnostic], colour: bool) -> String {
    if diagnostics.is_empty() {
        return String::new();
    }
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() }.term_width(COLUMNS_MAX);
    let mut text = String::new();
    for diagnostic in diagnostics.iter().take(SHOWN_MAX) {
        text.push_str(&renderer.render(&report(sources, diagnostic)));
        text.push_str("\n\n");
    }
    if diagnostics.len() > SHOWN_MAX {
        text.push_str(&format!("… and {} more\n\n", diagnostics.len() - SHOWN_MAX));
    }
    text.push_str(&count(diagnostics));
    text.push('\n');
    text
}

/// For programs: one JSON array, an object for each diagnostic. Lines and columns count from 1, columns in characters;
/// `start` and `end` are bytes of the file, its byte order mark not counted.
pub fn render_json(sources: &Sources, diagnostics: &[Diagnostic]) -> Value {
    let one = |diagnostic: &Diagnostic| {
        let mut object = json!({
            "code": diagnostic.code.0,
            "severity": match diagnostic.severity { Severity::Error => "error", Severity::Warning => "warning" },
            "message": diagnostic.message,
            "at": place(sources, diagnostic.span),
            "label": diagnostic.label,
            "help": diagnostic.help,
            "related": diagnostic.related.iter().map(|label| json!({"at": place(sources, label.span), "text": label.text})).collect::<Vec<_>>(),
        });
        if let Some(fix) = &diagnostic.fix {
            object["fix"] = json!({"at": place(sources, fix.span), "text": fix.text, "sure": fix.sure});
        }
        object
    };
    diagnostics.iter().map(one).collect()
}

fn place(sources: &Sources, span: Span) -> Value {
    let (from, to) = (sources.place(span), sources.place(Span { start: span.end, ..span }));
    json!({
        "path": &*from.path, "line": from.line, "column": from.column, "end_line": to.line, "end_column": to.column,
        "start": span.start, "end": span.end,
    })
}

/// `2 errors, 1 warning`.
fn count(diagnostics: &[Diagnostic]) -> String {
    let errors = diagnostics.iter().filter(|one| one.is_error()).count();
    let named = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!("1 {what}")),
        more => Some(format!("{more} {what}s")),
    };
    [named(errors, "error"), named(diagnostics.len() - errors, "warning")].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// One diagnostic in the renderer's terms: what and where, then the remedy.
fn report<'a>(sources: &'a Sources, diagnostic: &'a Diagnostic) -> Vec<Group<'a>> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut main = level.primary_title(clean(&diagnostic.message)).id(diagnostic.code.0).elements(places(sources, diagnostic));
    let Some(fix) = &diagnostic.fix else {
        if !diagnostic.help.is_empty() {
            main = main.element(Level::HELP.message(clean(&diagnostic.help)));
        }
        return vec![main];
    };
    let title = if diagnostic.help.is_empty() { "Write this instead.".to_owned() } else { clean(&diagnostic.help) };
    let window = Window::over(sources, &[fix.span]).filter(|window| window.text.len() <= PATCHED_BYTES_MAX);
    let patched: Element<'a> = match window.map(|window| (window.range(fix.span), window)) {
        Some((Some(at), window)) => window.snippet().patch(Patch::new(at, fix.text.clone())).into(),
        // A line too long to be shown twice: only the replacement, or its beginning.
        _ => Level::HELP.message(clean(&fix.text).chars().take(COLUMNS_MAX).collect::<String>()).into(),
    };
    vec![main, Level::HELP.secondary_title(title).element(patched)]
}

/// The place itself and those that belong to it: in one excerpt those of the same file, in others the rest.
fn places<'a>(sources: &'a Sources, diagnostic: &'a Diagnostic) -> Vec<Element<'a>> {
    let mut files = vec![diagnostic.span.source];
    for label in &diagnostic.related {
        if !files.contains(&label.span.source) {
            files.push(label.span.source);
        }
    }
    let mut elements = Vec::new();
    for file in files {
        let own = (diagnostic.span.source == file).then_some((AnnotationKind::Primary, diagnostic.span, &diagnostic.label));
        let related = diagnostic.related.iter().filter(|label| label.span.source == file);
        let marks: Vec<_> = own.into_iter().chain(related.map(|one| (AnnotationKind::Context, one.span, &one.text))).collect();
        let spans: Vec<Span> = marks.iter().map(|mark| mark.1).collect();
        let Some(window) = Window::over(sources, &spans) else {
            elements.push(Origin::path(&*sources.get(file).path).into());
            continue;
        };
        let annotation = |(kind, span, text): (AnnotationKind, Span, &String)| -> Option<Annotation<'a>> {
            let annotation = kind.span(window.range(span)?);
            Some(if text.is_empty() { annotation } else { annotation.label(clean(text)) })
        };
        elements.push(window.snippet().annotations(marks.into_iter().filter_map(annotation).collect::<Vec<_>>()).into());
    }
    elements
}

/// The lines of a file that an excerpt shows, so that a large file is not gone through for each diagnostic.
struct Window<'a> {
    path: &'a str,
    text: &'a str,
    start: usize,
    line: usize,
}

impl<'a> Window<'a> {
    /// The lines of all `spans`, which are of one file; nothing when the file holds no text.
    fn over(sources: &'a Sources, spans: &[Span]) -> Option<Self> {
        let first = spans.iter().min_by_key(|span| span.start)?;
        let source = sources.get(first.source);
        if source.text.trim().is_empty() {
            return None;
        }
        let text = &*source.text;
        let from = text.floor_char_boundary(first.start as usize);
        let to = text.floor_char_boundary(spans.iter().map(|span| span.end).max()? as usize).max(from);
        let start = text[..from].rfind('\n').map_or(0, |feed| feed + 1);
        let end = text[to..].find('\n').map_or(text.len(), |feed| to + feed);
        Some(Self { path: &source.path, text: &text[start..end], start, line: sources.place(*first).line })
    }

    /// The span inside the window, cut to whole characters and to a few lines.
    fn range(&self, span: Span) -> Option<Range<usize>> {
        let start = self.text.floor_char_boundary((span.start as usize).checked_sub(self.start)?);
        let end = self.text.floor_char_boundary((span.end as usize).checked_sub(self.start)?).max(start);
        let cut = self.text[start..end].match_indices('\n').nth(LINES_MAX - 1).map_or(end, |(feed, _)| start + feed);
        Some(start..cut)
    }

    fn snippet<T: Clone>(&self) -> Snippet<'a, T> {
        Snippet::source(self.text).line_start(self.line).path(self.path)
    }
}

/// A text without what could steer the reader's terminal: parts of it come from files.
pub(super) fn clean(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] }).collect()
}
