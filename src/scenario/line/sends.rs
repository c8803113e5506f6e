//! `sends: voice`, `sends: {kind: image, caption: the roof}`: the contact sends something that is no text.

use crate::flow::keys;
use crate::flow::read::Reader;
use crate::model::{AttachmentKind, EventKind};
use crate::source::{Code, Diagnostic, Node, NodeKind};

use super::super::play::{Failure, Play};
use super::{Line, LineKind};

/// Something that is no text.
#[derive(Debug, Clone)]
pub struct Sends {
    kind: AttachmentKind,
    caption: String,
}

pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<LineKind> {
    let NodeKind::Map(_) = &node.kind else {
        return Some(LineKind::Sends(Sends { kind: attachment(reader, node)?, caption: String::new() }));
    };
    let mut fields = reader.fields(node, "`sends`")?;
    let kind = fields.need(reader, "kind", "image").and_then(|node| attachment(reader, node));
    let caption = fields.take("caption").and_then(|(_, node)| reader.scalar(node, "the caption")).unwrap_or_default().to_owned();
    fields.finish(reader, &keys::SENDS);
    Some(LineKind::Sends(Sends { kind: kind?, caption }))
}

fn attachment(reader: &Reader<'_>, node: &Node) -> Option<AttachmentKind> {
    let text = reader.scalar(node, "the line")?;
    let kind = serde_json::from_value(serde_json::Value::String(text.to_owned())).ok();
    if kind.is_none() {
        reader.note(
            Diagnostic::error(Code::BAD_VALUE, node.span, format!("nobody can send a `{text}`")).help(
                "people send image, video, audio, voice, document, sticker, location, contacts, order, form or unsupported",
            ),
        );
    }
    kind
}

impl Sends {
    pub(super) fn play(&self, play: &mut Play<'_>, line: &Line) -> Result<(), Failure> {
        let name = self.kind.name();
        let shown = if self.caption.is_empty() { format!("[{name}]") } else { format!("[{name}] {}", self.caption) };
        play.act(line, shown, EventKind::Attached { kind: self.kind, caption: self.caption.clone() })
    }
}
