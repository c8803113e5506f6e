//! `emits: order_placed`, `emits: {name: order_placed, data: {…}}`: the user's own system must have been told this.

use crate::flow::keys;
use crate::flow::read::Reader;
use crate::model::Value;
use crate::source::{Node, NodeKind};

use super::super::given;
use super::super::play::{Failure, Play};
use super::{Line, LineKind};

/// News that are expected.
#[derive(Debug, Clone)]
pub struct Emits {
    name: String,
    data: Option<Value>,
}

pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<LineKind> {
    let NodeKind::Map(_) = &node.kind else {
        return Some(LineKind::Emits(Emits { name: reader.scalar(node, "`emits`")?.to_owned(), data: None }));
    };
    let mut fields = reader.fields(node, "`emits`")?;
    let name = fields.need(reader, "name", "order_placed").and_then(|node| reader.scalar(node, "`name`"));
    let data = fields.take("data").map(|(_, node)| given::value(node));
    fields.finish(reader, &keys::EMITS);
    Some(LineKind::Emits(Emits { name: name?.to_owned(), data }))
}

impl Emits {
    pub(super) fn play(&self, play: &mut Play<'_>, line: &Line) -> Result<(), Failure> {
        let Some(emit) = play.stage.take_news(&self.name) else {
            let named = Some(self.name.clone());
            return Err(Failure { expected: named, ..Failure::new(line.span, "your own system is not told this") });
        };
        let json = |value: &Value| serde_json::to_string(value).unwrap_or_default();
        match self.data.as_ref().filter(|data| **data != emit.data) {
            None => Ok(()),
            Some(data) => Err(Failure {
                expected: Some(json(data)),
                came: Some(json(&emit.data)),
                ..Failure::new(line.span, "the news say something else")
            }),
        }
    }
}
