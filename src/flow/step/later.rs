//! `later`: a step to go to when some time has passed, `unless` a condition holds then. A reminder outlives the flow that set it.

use crate::model::TimerKind;
use crate::source::Span;

use super::super::engine::{Broken, Machine};
use super::super::keys;
use super::super::program::Flow;
use super::super::read::{Computed, Fields, Reader, Target};
use super::super::ways::Look;
use super::Step;

/// A reminder.
#[derive(Debug, Clone)]
pub struct Later {
    /// After how many milliseconds.
    pub after_ms: u64,
    /// Where to go then.
    pub go: Target,
    /// When not to.
    pub unless: Option<Computed>,
    /// Where.
    pub span: Span,
}

impl Later {
    pub(super) fn read(reader: &Reader<'_>, fields: &mut Fields<'_>) -> Option<Self> {
        let (key, node) = fields.take("later")?;
        let mut fields = reader.fields(node, "`later`")?;
        let after = fields.need(reader, "after", "2 days").and_then(|node| reader.duration(node, "`after`"));
        let go = fields.need(reader, "go", "another_step").and_then(|node| reader.target(node, "`go`"));
        let unless = fields.take("unless").and_then(|(_, node)| reader.computed(node, "`unless`"));
        fields.finish(reader, &keys::LATER);
        Some(Self { after_ms: after?, go: go?, unless, span: key.span })
    }

    /// It may fire while nothing has happened since.
    pub(super) fn look<'f>(&'f self, look: &mut Look<'f>) {
        look.aside(|look| {
            self.unless.iter().for_each(|unless| look.waited_for(unless));
            look.leads(&self.go);
        });
    }

    /// Sets the timer, in the place of one that the same step set before.
    pub(super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow, step: &Step) -> Result<(), Broken> {
        machine.set_later(TimerKind::Later, flow, &step.name, self.after_ms, self.span)
    }
}
