//! `set`: gives variables the values of expressions.

use crate::model::{VariableName, Variables};
use crate::source::{Code, Diagnostic};

use super::super::engine::{Broken, Machine};
use super::super::program::Flow;
use super::super::read::{Computed, Fields, Reader};
use super::super::ways::Look;

/// One variable and its new value.
#[derive(Debug, Clone)]
pub struct Set {
    pub(super) variable: VariableName,
    pub(super) value: Computed,
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

    /// The expression.
    pub(super) fn value(&self) -> &Computed {
        &self.value
    }

    /// Notes a value that can be known now and never fits.
    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow) {
        let Some(variable) = flow.remember.get(&self.variable) else { return };
        let Some(value) = self.value.expression.literal() else { return };
        if let Err(why) = variable.accept(value, None) {
            let message = format!("this value never fits `{}`: {why}", self.variable);
            reader.note(
                Diagnostic::error(Code::DOES_NOT_FIT, self.value.span, message)
                    .help("give it a value of its kind and within its bounds, as declared under `remember`"),
            );
        }
    }

    pub(super) fn look(&self, look: &mut Look<'_>) {
        look.computed(&self.value);
        look.sets(&self.variable);
    }

    /// The same, where the expression sees some more names.
    pub(super) fn run_with(&self, machine: &mut Machine<'_>, flow: &Flow, names: &Variables) -> Result<(), Broken> {
        let value = machine.compute_with(flow, &self.value, names)?;
        machine.set(flow, &self.variable, value, self.value.span)
    }

    pub(in super::super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow) -> Result<(), Broken> {
        let value = machine.compute(flow, &self.value)?;
        machine.set(flow, &self.variable, value, self.value.span)
    }
}
