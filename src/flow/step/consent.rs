//! `opt_in`, `opt_out`: the contact agreed to hear from us, or took it back; kept with moment, source and proof.

use crate::model::limits;
use crate::source::{Code, Diagnostic, Span};

use super::super::engine::{Broken, Machine};
use super::super::program::Flow;
use super::super::read::{Fields, Reader};
use super::super::text::Text;
use super::super::ways::Look;
use super::Step;

/// What a step writes down of the contact's will.
#[derive(Debug, Clone)]
pub struct Agrees {
    /// Whether they agreed; otherwise they took it back.
    opts_in: bool,
    /// To what.
    what: Text,
}

impl Agrees {
    pub(super) fn read(reader: &Reader<'_>, fields: &mut Fields<'_>) -> Option<Self> {
        let (opts_in, opts_out) = (fields.take("opt_in"), fields.take("opt_out"));
        if let (Some((first, _)), Some((second, _))) = (opts_in, opts_out) {
            let (first, second): (Span, Span) = (first.span, second.span);
            reader.note(
                Diagnostic::error(Code::TOGETHER, second, "a step cannot have `opt_in` and `opt_out` together")
                    .related(first, "the first of them")
                    .help("let one button lead to a step with `opt_in`, and another to one with `opt_out`"),
            );
            return None;
        }
        let what = |(key, node): (&crate::source::Key, &crate::source::Node)| reader.text(node, &format!("`{}`", key.text));
        match (opts_in, opts_out) {
            (Some(found), _) => Some(Self { opts_in: true, what: what(found)? }),
            (None, Some(found)) => Some(Self { opts_in: false, what: what(found)? }),
            (None, None) => None,
        }
    }

    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow) {
        flow.check_length(reader, &self.what, limits::CONSENT_CHARS_MAX, "what is agreed to");
    }

    pub(super) fn look(&self, look: &mut Look<'_>) {
        look.text(&self.what);
    }

    pub(super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow, step: &Step) -> Result<(), Broken> {
        let what = machine.note(flow, Some(&self.what));
        machine.consent(self.opts_in, format!("the step `{}.{}`", flow.name, step.name), what);
        Ok(())
    }
}
