//! `later`: a step to go to when some time has passed or come, `unless` a condition holds then. A reminder outlives the flow that set it.

use crate::model::{TimerKind, Trace, limits};
use crate::source::{Code, Diagnostic, Span};

use super::super::engine::{Broken, Machine};
use super::super::keys;
use super::super::program::Flow;
use super::super::read::{Computed, Fields, Reader, Target};
use super::super::ways::Look;
use super::when::When;
use super::{Step, speaks_freely};

/// A reminder.
#[derive(Debug, Clone)]
pub struct Later {
    /// When.
    pub when: When,
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
        let when = When::read(reader, &mut fields, key.span);
        let go = fields.need(reader, "go", "another_step").and_then(|node| reader.target(node, "`go`"));
        let unless = fields.take("unless").and_then(|(_, node)| reader.computed(node, "`unless`"));
        fields.finish(reader, &keys::LATER);
        Some(Self { when: when?, go: go?, unless, span: key.span })
    }

    /// It may fire while nothing has happened since.
    pub(super) fn look<'f>(&'f self, look: &mut Look<'f>) {
        self.when.variable().iter().for_each(|day| look.needs(day, self.span));
        look.aside(|look| {
            self.unless.iter().for_each(|unless| look.waited_for(unless));
            look.leads(&self.go);
        });
    }

    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow) {
        self.when.check(reader, flow, self.span);
        let there = flow.step(&self.go.step);
        if self.when.may_be_after(limits::WINDOW_MS) && there.is_some_and(speaks_freely) {
            reader.note(
                Diagnostic::warning(Code::TOO_LATE_TO_SAY, self.go.span, "what is said there may not leave any more then")
                    .label("24 hours after a person's last message only templates may")
                    .help("let `go` lead to a step with a `template`"),
            );
        }
    }

    /// Sets the timer, in the place of one that the same step set before.
    pub(super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow, step: &Step) -> Result<(), Broken> {
        let Some(at) = self.when.moment(machine, flow, self.span)? else {
            machine.trace.push(Trace::TimerOver { flow: flow.name.clone(), step: step.name.clone() });
            return Ok(());
        };
        machine.set_later(TimerKind::Later, flow, &step.name, at, self.span)
    }
}
