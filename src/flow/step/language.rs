//! `language`: which language the contact reads from then on. On a step, or on a button for who taps it.

use crate::model::{FaultKind, Language};
use crate::source::{Code, Diagnostic, Span};

use super::super::engine::{Broken, Machine};
use super::super::program::Flow;
use super::super::read::{Fields, Reader};
use super::super::text::Text;
use super::super::ways::Look;

/// The language to be spoken.
#[derive(Debug, Clone)]
pub struct Speak {
    language: Text,
}

impl Speak {
    pub(super) fn read(reader: &Reader<'_>, fields: &mut Fields<'_>) -> Option<Self> {
        let (_, node) = fields.take("language")?;
        reader.scalar(node, "`language`")?;
        // It names a language and says nothing: it is no text that another language would put differently.
        let language = Text::read(reader, node, "`language`")?;
        if language.literal().is_some_and(|tag| Language::parse(tag).is_none()) {
            reader.note(
                Diagnostic::error(Code::BAD_VALUE, node.span, "that is not a language")
                    .help("write its two letters, `hi`, and where it matters the country, `pt_BR`"),
            );
            return None;
        }
        Some(Self { language })
    }

    pub(super) fn look(&self, look: &mut Look<'_>) {
        look.text(&self.language);
    }

    /// The language, where it is known beforehand, and where it stands.
    pub(in super::super) fn known(&self) -> Option<(Language, Span)> {
        Some((Language::parse(self.language.literal()?)?, self.language.span))
    }

    pub(in super::super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow) -> Result<(), Broken> {
        let mut missing = Vec::new();
        let tag = self.language.fill(&machine.scope(flow), &mut missing);
        machine.trace.append(&mut missing);
        let Some(language) = Language::parse(&tag) else {
            let shown: String = tag.chars().take(20).collect();
            let message = format!("`{shown}` is not a language; it takes `hi` or `pt_BR`");
            return Err(Broken::new(machine, FaultKind::Value, self.language.span, message));
        };
        machine.speak(language);
        Ok(())
    }
}
