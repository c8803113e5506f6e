//! The body of a call: JSON as it is written in YAML, with values put in as what they are and never as text that is read again.

use crate::model::{Trace, Value};
use crate::source::{Node, NodeKind, Span};

use super::super::super::hosts::no_secret;
use super::super::super::read::Reader;
use super::super::super::scope::Scope;
use super::super::super::text::Text;
use super::super::super::ways::Look;

/// A body, or a part of one.
#[derive(Debug, Clone)]
pub(in super::super::super) enum Body {
    /// A number, `true`, `false` or nothing, written without quotes.
    Plain(Value, Span),
    /// A text. One that is a single place for a value becomes that value, with its kind.
    Text(Text),
    /// Parts in order.
    List(Vec<Body>, Span),
    /// Parts by name.
    Record(Vec<(String, Body)>, Span),
}

impl Body {
    pub(in super::super::super) fn read(reader: &Reader<'_>, node: &Node) -> Option<Self> {
        match &node.kind {
            NodeKind::Empty => Some(Self::Plain(Value::Nothing, node.span)),
            NodeKind::Scalar { text, quoted: false, .. } if plain(text).is_some() => Some(Self::Plain(plain(text)?, node.span)),
            NodeKind::Scalar { .. } => {
                let text = reader.text(node, "a value of the body")?;
                no_secret(reader, text.head(), text.span);
                Some(Self::Text(text))
            }
            NodeKind::List(items) => {
                Some(Self::List(items.iter().map(|item| Self::read(reader, item)).collect::<Option<_>>()?, node.span))
            }
            NodeKind::Map(entries) => {
                let read = |(key, node): &(crate::source::Key, Node)| Some((key.text.clone(), Self::read(reader, node)?));
                Some(Self::Record(entries.iter().map(read).collect::<Option<_>>()?, node.span))
            }
        }
    }

    pub(in super::super::super) fn span(&self) -> Span {
        match self {
            Self::Text(text) => text.span,
            Self::Plain(_, span) | Self::List(_, span) | Self::Record(_, span) => *span,
        }
    }

    pub(in super::super::super) fn look(&self, look: &mut Look<'_>) {
        match self {
            Self::Plain(..) => {}
            Self::Text(text) => look.text(text),
            Self::List(items, _) => items.iter().for_each(|item| item.look(look)),
            Self::Record(fields, _) => fields.iter().for_each(|(_, field)| field.look(look)),
        }
    }

    /// The body with its values.
    pub(in super::super::super) fn fill(&self, scope: &Scope<'_>, missing: &mut Vec<Trace>) -> Value {
        match self {
            Self::Plain(value, _) => value.clone(),
            Self::Text(text) => text.alone(scope).unwrap_or_else(|| Value::Text(text.fill(scope, missing))),
            Self::List(items, _) => Value::List(items.iter().map(|item| item.fill(scope, missing)).collect()),
            Self::Record(fields, _) => {
                Value::Record(fields.iter().map(|(name, field)| (name.clone(), field.fill(scope, missing))).collect())
            }
        }
    }
}

/// What an unquoted scalar is in YAML's core schema, where it is no text.
fn plain(text: &str) -> Option<Value> {
    match text {
        "true" => return Some(Value::YesNo(true)),
        "false" => return Some(Value::YesNo(false)),
        "null" | "~" => return Some(Value::Nothing),
        _ => {}
    }
    let digits = text.strip_prefix('-').unwrap_or(text);
    // A number that begins with a zero is somebody's code: 007 stays what was typed.
    let coded = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    if coded || !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    if let Ok(whole) = text.parse() {
        return Some(Value::Whole(whole));
    }
    let decimal = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    text.parse().ok().filter(|_| decimal).map(Value::Decimal)
}
