//! `on_unknown`: what becomes of a step's message when nobody can tell whether it left.

use crate::model::OnUnknown;
use crate::source::{Code, Diagnostic, Span, nearest};

use super::super::read::{Fields, Reader, listed};

/// Reads the key: where it stands, and what it says if that can be read.
pub(super) fn read(reader: &Reader<'_>, fields: &mut Fields<'_>) -> Option<(Span, Option<OnUnknown>)> {
    let (key, node) = fields.take("on_unknown")?;
    let text = reader.scalar(node, "`on_unknown`");
    let known = text.and_then(|text| OnUnknown::ALL.into_iter().find(|on_unknown| on_unknown.name() == text));
    if let (Some(text), None) = (text, known) {
        let names = OnUnknown::ALL.map(OnUnknown::name);
        let mistake = Diagnostic::error(Code::BAD_VALUE, node.span, format!("`on_unknown` cannot be `{text}`"));
        reader.note(match nearest(text, names) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(node.span, near),
            None => mistake.help(format!(
                "write {}: the message is sent again, left as it is, or a person decides",
                listed(&names).replace(" and ", " or ")
            )),
        });
    }
    Some((key.span, known))
}

/// A step that has `on_unknown` and no message of its own.
pub(super) fn nothing_is_said(reader: &Reader<'_>, span: Span) {
    reader.note(
        Diagnostic::error(Code::MISSING_KEY, span, "`on_unknown` in a step that says nothing")
            .help("it is about the step's own message: move it to the step with `say`, `media`, `template` or `ask`"),
    );
}
