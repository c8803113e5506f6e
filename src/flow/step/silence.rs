//! `if_silent`: what happens when the contact leaves an open question unanswered. Belongs to `buttons` and `ask`.

use crate::model::limits;
use crate::source::{Code, Diagnostic, Span};

use super::super::keys;
use super::super::program::Flow;
use super::super::read::{Fields, Reader, Target};
use super::super::text::Text;
use super::super::ways::Look;
use super::{Say, Step, Then};

/// What to do in silence: say something, go somewhere, or both.
#[derive(Debug, Clone)]
pub struct Silence {
    /// After how many milliseconds without a word.
    pub after_ms: u64,
    /// What to say. The question stays open.
    pub say: Option<Text>,
    /// Where to go.
    pub go: Option<Target>,
    /// Where the time is written.
    span: Span,
}

impl Silence {
    pub(super) fn read(reader: &Reader<'_>, fields: &mut Fields<'_>) -> Option<Self> {
        let (_, node) = fields.take("if_silent")?;
        let mut fields = reader.fields(node, "`if_silent`")?;
        let after = fields.need(reader, "after", "20 min");
        let say = fields.take("say").map(|(_, node)| reader.text(node, "`say`"));
        let go = fields.take("go").map(|(_, node)| reader.target(node, "`go`"));
        fields.finish(reader, &keys::SILENCE);
        if let (None, None, Some(after)) = (&say, &go, after) {
            reader.note(
                Diagnostic::error(Code::MISSING_KEY, after.span, "`if_silent` does not say what happens then")
                    .help("add `say: \"Are you still there?\"`, `go: another_step`, or both"),
            );
        }
        let after = after?;
        Some(Self { after_ms: reader.duration(after, "`after`")?, say: say.flatten(), go: go.flatten(), span: after.span })
    }

    /// Where the time is written.
    pub fn span(&self) -> Span {
        self.span
    }

    pub(super) fn look<'f>(&'f self, look: &mut Look<'f>) {
        self.say.iter().for_each(|say| look.text(say));
        self.go.iter().for_each(|target| look.leads(target));
    }

    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow) {
        if let Some(say) = &self.say {
            flow.check_length(reader, say, limits::TEXT_BODY_CHARS_MAX, "the text");
        }
        if let Some((_, end)) = flow.end_if_silent.filter(|(end_ms, _)| *end_ms <= self.after_ms) {
            let message = "nobody is ever silent that long here: the flow ends before";
            let mistake = Diagnostic::warning(Code::NEVER_THAT_LONG, self.span, message);
            reader.note(mistake.related(end, "when the flow ends").help("make `after` the shorter of the two"));
        }
        let there = self.go.as_ref().and_then(|go| flow.step(&go.step));
        if self.after_ms >= limits::WINDOW_MS && (self.say.is_some() || there.is_some_and(speaks_freely)) {
            reader.note(
                Diagnostic::warning(Code::TOO_LATE_TO_SAY, self.span, "what is said after that time cannot leave any more")
                    .label("24 hours after a person's last message only templates may")
                    .help("make it shorter than `24 h`, or let `go` lead to a step with a `template`"),
            );
        }
    }
}

/// Whether a step says something that is no template.
pub(in super::super) fn speaks_freely(step: &Step) -> bool {
    matches!(step.say, Some(Say::Text { .. } | Say::Media(_))) || matches!(step.then, Then::Ask(_))
}
