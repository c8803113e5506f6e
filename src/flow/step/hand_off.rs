//! `hand_off`: a person takes the conversation, and no flow says anything until they give it back. Belongs to `end`.

use crate::model::{Held, Trace, limits, time};
use crate::source::{Code, Diagnostic, Span};

use super::super::engine::{Broken, Machine};
use super::super::keys;
use super::super::program::Flow;
use super::super::read::{Fields, Reader};
use super::super::text::Text;
use super::super::ways::Look;

/// The most characters of whom the conversation goes to, and of the note for them.
pub(in super::super) const NOTE_CHARS_MAX: usize = 1000;

/// A conversation that goes to a person.
#[derive(Debug, Clone)]
pub struct HandOff {
    /// Who is to take care.
    pub to: Option<Text>,
    /// What they should know; the contact does not see it.
    pub note: Option<Text>,
    /// What the contact is told.
    pub say: Option<Text>,
    /// How long the flows are silent at most, in milliseconds.
    pub for_ms: u64,
    /// Where.
    pub span: Span,
}

impl HandOff {
    pub(super) fn read(reader: &Reader<'_>, fields: &mut Fields<'_>) -> Option<Self> {
        let (key, node) = fields.take("hand_off")?;
        let mut fields = reader.fields(node, "`hand_off`")?;
        let mut text = |key: &str, what: &str| fields.take(key).and_then(|(_, node)| reader.text(node, what));
        let (to, note, say) = (text("to", "`to`"), text("note", "`note`"), text("say", "`say`"));
        let for_ms = match fields.take("for") {
            Some((_, node)) => reader.duration(node, "`for`")?,
            None => limits::HOLD_MS,
        };
        fields.finish(reader, &keys::HAND_OFF);
        Some(Self { to, note, say, for_ms, span: key.span })
    }

    /// Whoever has the conversation goes on with it: a step that waits or goes on would talk at the same time.
    pub(super) fn check_ending(&self, reader: &Reader<'_>, ends: bool) {
        if !ends {
            reader.note(
                Diagnostic::error(Code::MISSING_KEY, self.span, "`hand_off` without `end`")
                    .label("a person has the conversation from here on, so that the flow is over")
                    .help("add `end: handed_off` to this step, and put what comes before it into a step of its own"),
            );
        }
    }

    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow) {
        if let Some(say) = &self.say {
            flow.check_length(reader, say, limits::TEXT_BODY_CHARS_MAX, "the text");
        }
        for text in self.to.iter().chain(&self.note) {
            flow.check_length(reader, text, NOTE_CHARS_MAX, "what the person reads");
        }
    }

    pub(super) fn look(&self, look: &mut Look<'_>) {
        self.to.iter().chain(&self.note).chain(&self.say).for_each(|text| look.text(text));
    }

    pub(super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow) -> Result<(), Broken> {
        if let Some(say) = &self.say {
            machine.say(flow, say)?;
        }
        let (to, note) = (machine.note(flow, self.to.as_ref()), machine.note(flow, self.note.as_ref()));
        let until = time::after(machine.now, self.for_ms);
        machine.trace.push(Trace::HandedOff { to: to.clone(), until });
        machine.hold(Held { since: machine.now, until, to, note });
        Ok(())
    }
}
