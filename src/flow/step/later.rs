//! `later`: a step to go to when some time has passed, `unless` a condition holds then. A reminder outlives the flow that set it.

use crate::model::{FaultKind, Timer, TimerKind, limits, time};
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
        let timer = Timer {
            at: time::after(machine.now, self.after_ms),
            kind: TimerKind::Later,
            flow: flow.name.clone(),
            step: step.name.clone(),
            set_in: machine.conversation.turns,
        };
        let others = machine.conversation.timers.iter();
        let others = others.filter(|open| open.kind == TimerKind::Later && !open.is_for_the_same_as(&timer)).count();
        if others >= limits::LATERS_MAX {
            let message = format!("more than {} reminders would wait for this contact", limits::LATERS_MAX);
            return Err(Broken::new(machine, FaultKind::State, self.span, message));
        }
        machine.set_timer(timer);
        Ok(())
    }
}
