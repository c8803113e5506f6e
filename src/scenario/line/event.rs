//! `event: {name: order_paid, data: {order: 7}}`: a system of the user's tells something.

use std::collections::BTreeMap;

use crate::flow::keys;
use crate::flow::read::Reader;
use crate::model::{EventName, Value};
use crate::source::Node;

use super::super::given;
use super::super::play::{Failure, Play};
use super::{Line, LineKind};

pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<LineKind> {
    let mut fields = reader.fields(node, "`event`")?;
    let name = fields.need(reader, "name", "order_paid").and_then(|node| {
        let name = reader.scalar(node, "the event's name")?;
        reader.new_name(name, node.span, "an event").map(EventName::new)
    });
    let data = match fields.take("data") {
        None => Some(Value::Record(BTreeMap::new())),
        Some((_, node)) => match given::value(node) {
            data @ Value::Record(_) => Some(data),
            _ => {
                reader.wrong_shape(node, "`data`", "a mapping, `{order: 7}`");
                None
            }
        },
    };
    fields.finish(reader, &keys::EVENT);
    Some(LineKind::Event(name?, data?))
}

pub(super) fn play(play: &mut Play<'_>, line: &Line, name: &EventName, data: &Value) -> Result<(), Failure> {
    play.tell(line, name, data)
}
