//! `emit`: tells the user's own system something. Nobody waits for it to be heard: it is kept, signed, and sent until it is.

use crate::model::{Emit as News, FaultKind, Trace, Value, limits, name};
use crate::source::{Code, Diagnostic, Span};

use super::super::engine::{Broken, Machine};
use super::super::keys;
use super::super::program::Flow;
use super::super::read::{Fields, Reader};
use super::super::ways::Look;
use super::call::Body;

/// News for the user's own system.
#[derive(Debug, Clone)]
pub struct Emit {
    name: String,
    data: Option<Body>,
    span: Span,
}

impl Emit {
    pub(super) fn read(reader: &Reader<'_>, fields: &mut Fields<'_>) -> Option<Self> {
        let (key, node) = fields.take("emit")?;
        let mut fields = reader.fields(node, "`emit`")?;
        let name = fields.need(reader, "name", "order_placed");
        let data = fields.take("data").and_then(|(_, node)| Body::read(reader, node));
        fields.finish(reader, &keys::EMIT);
        let name = name.and_then(|node| Some((reader.scalar(node, "`name`")?, node.span)));
        let (name, at) = name?;
        if !name::is_name(name) {
            reader.note(
                Diagnostic::error(Code::BAD_NAME, at, format!("`{name}` cannot be the name of an event"))
                    .help("names are small letters, digits and `_`, and begin with a letter: `order_placed`"),
            );
            return None;
        }
        Some(Self { name: name.to_owned(), data, span: key.span })
    }

    /// What they are called.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn look(&self, look: &mut Look<'_>) {
        self.data.iter().for_each(|data| data.look(look));
    }

    pub(super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow) -> Result<(), Broken> {
        let mut missing = Vec::new();
        let data = match &self.data {
            Some(data) => data.fill(&machine.scope(flow), &mut missing),
            None => Value::Record(Default::default()),
        };
        machine.trace.append(&mut missing);
        machine.emit(self.name.clone(), data, &machine.program.place(self.span))
    }
}

impl Machine<'_> {
    /// Puts news for the user's own system on their way. `place` is where that is written.
    pub(in super::super) fn emit(&mut self, name: String, data: Value, place: &str) -> Result<(), Broken> {
        let bytes = serde_json::to_vec(&data).map_or(usize::MAX, |bytes| bytes.len());
        if bytes > limits::CALL_BODY_BYTES_MAX {
            let message = format!("the news have more than {} bytes", limits::CALL_BODY_BYTES_MAX);
            return Err(Broken::at(place, FaultKind::Message, message));
        }
        if self.effects() >= limits::SENDS_PER_TURN_MAX {
            let message = format!("more than {} messages and news in one turn", limits::SENDS_PER_TURN_MAX);
            return Err(Broken::at(place, FaultKind::Loop, message));
        }
        self.trace.push(Trace::Emitted { name: name.clone() });
        self.push_emit(|nth| News { nth, name, data });
        Ok(())
    }
}
