//! `emits: order_placed`: the next of the news for the user's own system must be this one; with `data`, saying just that.

use crate::flow::keys;
use crate::flow::read::Reader;
use crate::model::Value;
use crate::source::{Node, NodeKind};

use super::super::given::value;
use super::super::play::{Failure, Play};
use super::{Line, LineKind};

/// News that must have been told.
#[derive(Debug, Clone)]
pub struct EmitsLine {
    name: String,
    data: Option<Value>,
}

pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<LineKind> {
    if !matches!(node.kind, NodeKind::Map(_)) {
        let name = reader.scalar(node, "the line")?.to_owned();
        return Some(LineKind::Emits(EmitsLine { name, data: None }));
    }
    let mut fields = reader.fields(node, "`emits`")?;
    let name = fields.need(reader, "name", "order_placed").and_then(|node| reader.scalar(node, "`name`"));
    let data = fields.take("data").map(|(_, node)| value(node));
    fields.finish(reader, &keys::EMITS_LINE);
    Some(LineKind::Emits(EmitsLine { name: name?.to_owned(), data }))
}

impl EmitsLine {
    pub(super) fn play(&self, play: &mut Play<'_>, line: &Line) -> Result<(), Failure> {
        let Some(emit) = play.stage.next_emit() else {
            return Err(Failure {
                expected: Some(self.name.clone()),
                ..Failure::new(line.span, "nothing was told to your system")
            });
        };
        if emit.name != self.name {
            let (expected, came) = (Some(self.name.clone()), Some(emit.name));
            return Err(Failure { expected, came, ..Failure::new(line.span, "something else was told to your system") });
        }
        match &self.data {
            Some(data) if *data != emit.data => Err(Failure {
                expected: Some(data.to_string()),
                came: Some(emit.data.to_string()),
                ..Failure::new(line.span, "your system was told something else")
            }),
            Some(_) | None => Ok(()),
        }
    }
}
