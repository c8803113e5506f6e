//! `cases`: one conversation with places, `{city}`, and a table of what stands in them.

use crate::flow::read::Reader;
use crate::source::{Code, Diagnostic, Key, Node, NodeKind, Span};

/// A row of the table: names and what they stand for.
pub(super) struct Case<'n> {
    places: Vec<(&'n str, &'n str)>,
    /// Where the row stands.
    pub span: Span,
}

/// The rows of a conversation; one mistake in the table is told once.
pub(super) fn read<'n>(reader: &Reader<'_>, node: &'n Node, talk: &Node) -> Vec<Case<'n>> {
    let items = reader.items(node, "`cases`").unwrap_or_default();
    let mut cases: Vec<Case<'n>> = Vec::with_capacity(items.len());
    let mut first: Option<(&Node, Vec<&str>)> = None;
    for item in items {
        let Some(fields) = reader.fields(item, "a case") else { continue };
        let entries = fields.into_entries();
        let names: Vec<&str> = entries.iter().map(|(key, _)| key.text.as_str()).collect();
        match &first {
            None => {
                unused(reader, entries, talk);
                first = Some((item, names));
            }
            Some((before, expected)) => differs(reader, item, before, expected, &names),
        }
        let places = entries.iter().filter_map(|(key, node)| Some((key.text.as_str(), reader.scalar(node, "a case's value")?)));
        cases.push(Case { places: places.collect(), span: item.span });
    }
    cases
}

/// Names that no line has a place for.
fn unused(reader: &Reader<'_>, entries: &[(Key, Node)], talk: &Node) {
    for (key, _) in entries.iter().filter(|(key, _)| !holds(talk, &format!("{{{}}}", key.text))) {
        let place = format!("{{{}}}", key.text);
        reader.note(
            Diagnostic::error(Code::TEST_CASES, key.span, format!("no line has a place `{place}`"))
                .help(format!("write `{place}` into a line, in quotes, or take it out of the cases")),
        );
    }
}

fn differs(reader: &Reader<'_>, item: &Node, before: &Node, expected: &[&str], names: &[&str]) {
    let missing = expected.iter().find(|name| !names.contains(name)).map(|name| format!("the case has no `{name}`"));
    let extra = || names.iter().find(|name| !expected.contains(name)).map(|name| format!("only this case has `{name}`"));
    if let Some(message) = missing.or_else(extra) {
        reader.note(
            Diagnostic::error(Code::TEST_CASES, item.span, message)
                .related(before.span, "the first case")
                .help("every case fills the same places"),
        );
    }
}

/// Whether a text below `node` holds `place`.
fn holds(node: &Node, place: &str) -> bool {
    match &node.kind {
        NodeKind::Empty => false,
        NodeKind::Scalar { text, .. } => text.contains(place),
        NodeKind::List(items) => items.iter().any(|item| holds(item, place)),
        NodeKind::Map(entries) => entries.iter().any(|(_, node)| holds(node, place)),
    }
}

impl Case<'_> {
    /// `node` with its places filled, all at once: what stands in a place is never read again.
    pub(super) fn fill(&self, node: &Node) -> Node {
        let kind = match &node.kind {
            NodeKind::Empty => NodeKind::Empty,
            NodeKind::Scalar { text, quoted, verbatim_at } => match self.filled(text) {
                Some(text) => NodeKind::Scalar { text, quoted: *quoted, verbatim_at: None },
                None => NodeKind::Scalar { text: text.clone(), quoted: *quoted, verbatim_at: *verbatim_at },
            },
            NodeKind::List(items) => NodeKind::List(items.iter().map(|item| self.fill(item)).collect()),
            NodeKind::Map(entries) => NodeKind::Map(entries.iter().map(|(key, node)| (key.clone(), self.fill(node))).collect()),
        };
        Node { span: node.span, kind }
    }

    /// `text` with its places filled; nothing when it has none.
    fn filled(&self, text: &str) -> Option<String> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        let mut any = false;
        while let Some(at) = rest.find('{') {
            filled.push_str(&rest[..at]);
            rest = &rest[at..];
            let place =
                self.places.iter().find(|(name, _)| rest[1..].strip_prefix(name).is_some_and(|after| after.starts_with('}')));
            match place {
                Some((name, value)) => {
                    filled.push_str(value);
                    rest = &rest[name.len() + 2..];
                    any = true;
                }
                None => {
                    filled.push('{');
                    rest = &rest[1..];
                }
            }
        }
        filled.push_str(rest);
        any.then_some(filled)
    }

    /// The conversation's name for this row: with its places filled, or the row beside it.
    pub(super) fn name(&self, name: &str) -> String {
        self.filled(name).unwrap_or_else(|| {
            let row: Vec<String> = self.places.iter().map(|(name, value)| format!("{name} {value}")).collect();
            format!("{name} · {}", row.join(", "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Case, Span};
    use crate::source::SourceId;

    #[test]
    fn places_are_filled_once_and_other_braces_stay() {
        let case = Case { places: vec![("a", "{b}"), ("b", "2")], span: Span::new(SourceId(0), 0, 0) };
        assert_eq!(case.filled("{a} and {b}, {c} {").as_deref(), Some("{b} and 2, {c} {"));
        assert_eq!(case.filled("{c}"), None);
        assert_eq!(case.name("both"), "both · a {b}, b 2");
    }
}
