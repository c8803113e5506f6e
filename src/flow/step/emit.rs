//! `emit`: news for the user's own system, with what stands beside it. Nobody waits for them.

use crate::source::Span;

use super::super::engine::{Broken, Machine};
use super::super::keys;
use super::super::program::Flow;
use super::super::read::{Fields, Reader};
use super::super::ways::Look;
use super::data::Data;
use crate::model::Value;

/// News.
#[derive(Debug, Clone)]
pub struct News {
    name: String,
    data: Option<Data>,
    span: Span,
}

impl News {
    pub(super) fn read(reader: &Reader<'_>, fields: &mut Fields<'_>) -> Option<Self> {
        let (key, node) = fields.take("emit")?;
        let mut fields = reader.fields(node, "`emit`")?;
        let name = fields
            .need(reader, "name", "order_placed")
            .and_then(|node| reader.new_name(reader.scalar(node, "`name`")?, node.span, "news").map(str::to_owned));
        let data = fields.take("data").and_then(|(_, node)| Data::read(reader, node, "`data`"));
        fields.finish(reader, &keys::EMIT);
        Some(Self { name: name?, data, span: key.span })
    }

    pub(super) fn look(&self, look: &mut Look<'_>) {
        self.data.iter().for_each(|data| data.look(look));
    }

    pub(super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow) -> Result<(), Broken> {
        let mut missing = Vec::new();
        let data = self.data.as_ref().map_or(Value::Nothing, |data| data.fill(&machine.scope(flow), &mut missing));
        machine.trace.append(&mut missing);
        machine.emit(self.name.clone(), data, machine.program.place(self.span))
    }
}
