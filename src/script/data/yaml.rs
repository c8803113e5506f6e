//! YAML, read as flows are: `true` and `false` are the only booleans, and a text stays what was typed, `no`, `12:30` and `007` too.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Count, Datum, bad, list, number};
use crate::source::{Diagnostic, Node, NodeKind, SourceId, parse_yaml};

pub(super) fn read(id: SourceId, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Datum> {
    let (node, mut found) = parse_yaml(id, text);
    let readable = !found.iter().any(Diagnostic::is_error);
    diagnostics.append(&mut found);
    let outcome = one(&node.filter(|_| readable)?, 0, &mut Count::default());
    outcome.map_err(|mistake| diagnostics.push(*mistake)).ok()
}

/// The nodes of a file do not nest deeper than its parser allows, so that this ends.
fn one(node: &Node, depth: usize, count: &mut Count) -> Result<Datum, Box<Diagnostic>> {
    let wrong = |why: String| Box::new(bad(node.span, why));
    count.one_more(depth).map_err(wrong)?;
    Ok(match &node.kind {
        NodeKind::Empty => Datum::Nothing,
        NodeKind::Scalar { text, quoted: true, .. } => Datum::Text(text.into()),
        NodeKind::Scalar { text, .. } => match text.as_str() {
            "true" => Datum::YesNo(true),
            "false" => Datum::YesNo(false),
            "null" | "~" => Datum::Nothing,
            _ => number(text).unwrap_or_else(|| Datum::Text(text.into())),
        },
        NodeKind::List(items) => {
            let items: Result<Vec<Datum>, _> = items.iter().map(|item| one(item, depth + 1, count)).collect();
            list(items?).map_err(wrong)?
        }
        NodeKind::Map(entries) => {
            let mut fields = BTreeMap::new();
            for (key, node) in entries {
                fields.insert(key.text.as_str().into(), one(node, depth + 1, count)?);
            }
            Datum::Record(Arc::new(fields))
        }
    })
}
