//! `set`: gives variables the values of expressions.

use crate::model::VariableName;

use super::super::engine::{Broken, Machine};
use super::super::program::Flow;
use super::super::read::{Computed, Fields, Reader};

/// One variable and its new value.
#[derive(Debug, Clone)]
pub struct Set {
    variable: VariableName,
    value: Computed,
}

impl Set {
    pub(super) fn read_all(reader: &Reader<'_>, fields: &mut Fields<'_>) -> Vec<Self> {
        let Some(entries) = fields.take("set").and_then(|(_, node)| reader.fields(node, "`set`")) else { return Vec::new() };
        let read = |(key, node): &(crate::source::Key, crate::source::Node)| {
            let variable = reader.known_variable(&key.text, key.span);
            let value = reader.computed(node, "`set`");
            Some(Self { variable: variable?, value: value? })
        };
        entries.into_entries().iter().filter_map(read).collect()
    }

    pub(in super::super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow) -> Result<(), Broken> {
        let value = machine.compute(flow, &self.value)?;
        machine.set(flow, &self.variable, value, self.value.span)
    }
}
