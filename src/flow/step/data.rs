//! What other systems are sent as JSON: written as YAML, with places for values. A value is put in as a value and never as text that
//! is read again, so nothing that a contact typed can change the shape of what is sent.

use std::collections::BTreeMap;

use crate::model::{Trace, Value};
use crate::source::{Node, NodeKind};

use super::super::read::Reader;
use super::super::schema::as_editors_read;
use super::super::scope::Scope;
use super::super::text::Text;
use super::super::ways::Look;

/// What is sent, with its places.
#[derive(Debug, Clone)]
pub(in super::super) enum Data {
    /// Written out: a number, `true`, nothing.
    Value(Value),
    /// A text, or one place alone, which gives the value itself.
    Text(Text),
    /// Several in order.
    List(Vec<Data>),
    /// Several by name.
    Record(Vec<(String, Data)>),
}

impl Data {
    /// Reads what stands under `what`. What cannot be read has been noted, and is left out.
    pub(super) fn read(reader: &Reader<'_>, node: &Node, what: &str) -> Option<Self> {
        match &node.kind {
            NodeKind::Empty => Some(Self::Value(Value::Nothing)),
            NodeKind::Scalar { .. } => match as_editors_read(node) {
                serde_json::Value::String(_) => reader.text(node, what).map(Self::Text),
                // Every JSON value is one of ours.
                written => serde_json::from_value(written).ok().map(Self::Value),
            },
            NodeKind::List(items) => Some(Self::List(items.iter().filter_map(|item| Self::read(reader, item, what)).collect())),
            NodeKind::Map(_) if reader.sources.text(node.span).starts_with("{{") => {
                reader.scalar(node, what);
                None
            }
            NodeKind::Map(entries) => {
                let read = |(key, node): &(crate::source::Key, Node)| Some((key.text.clone(), Self::read(reader, node, what)?));
                Some(Self::Record(entries.iter().filter_map(read).collect()))
            }
        }
    }

    pub(super) fn look(&self, look: &mut Look<'_>) {
        match self {
            Self::Value(_) => {}
            Self::Text(text) => look.text(text),
            Self::List(items) => items.iter().for_each(|item| item.look(look)),
            Self::Record(fields) => fields.iter().for_each(|(_, field)| field.look(look)),
        }
    }

    /// As it is sent now. A place whose value is not set gives its fallback, or nothing and a line in the trace.
    pub(super) fn fill(&self, scope: &Scope<'_>, missing: &mut Vec<Trace>) -> Value {
        match self {
            Self::Value(value) => value.clone(),
            Self::Text(text) => match text.place() {
                Some((path, fallback)) => match (scope.value(path), fallback) {
                    (Value::Nothing, Some(fallback)) => Value::from(fallback),
                    (Value::Nothing, None) => {
                        missing.push(Trace::Missing { name: path.join(".") });
                        Value::Nothing
                    }
                    (value, _) => value,
                },
                None => Value::Text(text.fill(scope, missing)),
            },
            Self::List(items) => Value::List(items.iter().map(|item| item.fill(scope, missing)).collect()),
            Self::Record(fields) => {
                let filled = fields.iter().map(|(name, field)| (name.clone(), field.fill(scope, missing)));
                Value::Record(filled.collect::<BTreeMap<_, _>>())
            }
        }
    }
}

/// How long the value is as JSON, in bytes.
pub(in super::super) fn json_bytes(value: &Value) -> usize {
    serde_json::to_vec(value).map_or(usize::MAX, |json| json.len())
}
