//! Data in a conversation, as JSON would hold it: an event's `data`.

use crate::model::{Value, limits};
use crate::source::{Node, NodeKind};

/// What YAML's core schema makes of a node; what nests deeper than an event may is left out.
pub(super) fn value(node: &Node) -> Value {
    nested(node, 1)
}

fn nested(node: &Node, depth: usize) -> Value {
    if depth > limits::EVENT_DEPTH_MAX {
        return Value::Nothing;
    }
    match &node.kind {
        NodeKind::Empty => Value::Nothing,
        NodeKind::Scalar { text, quoted: true, .. } => Value::Text(text.clone()),
        NodeKind::Scalar { text, .. } => plain(text),
        NodeKind::List(items) => Value::List(items.iter().map(|item| nested(item, depth + 1)).collect()),
        NodeKind::Map(entries) => {
            Value::Record(entries.iter().map(|(key, value)| (key.text.clone(), nested(value, depth + 1))).collect())
        }
    }
}

/// A scalar without quotes. What only looks like a number, `007` or `+27…`, is a text here as everywhere in flows.
fn plain(text: &str) -> Value {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let leads = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    match text {
        "true" => Value::YesNo(true),
        "false" => Value::YesNo(false),
        "null" | "~" => Value::Nothing,
        _ if leads || !digits.starts_with(|c: char| c.is_ascii_digit()) => Value::from(text),
        _ => match (text.parse(), text.parse::<f64>()) {
            (Ok(whole), _) => Value::Whole(whole),
            (_, Ok(decimal)) if decimal.is_finite() => Value::Decimal(decimal),
            _ => Value::from(text),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_quotes_is_what_json_would_make_of_it() {
        for (text, expected) in [
            ("7", Value::Whole(7)),
            ("-7", Value::Whole(-7)),
            ("1.5", Value::Decimal(1.5)),
            ("0.5", Value::Decimal(0.5)),
            ("0", Value::Whole(0)),
            ("true", Value::YesNo(true)),
            ("no", Value::from("no")),
            ("007", Value::from("007")),
            ("+27", Value::from("+27")),
            ("2026-06-15", Value::from("2026-06-15")),
            ("~", Value::Nothing),
            ("inf", Value::from("inf")),
        ] {
            assert_eq!(plain(text), expected, "{text}");
        }
    }
}
