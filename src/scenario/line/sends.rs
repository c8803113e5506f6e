//! `sends: voice`, or `sends: {kind: location, at: [12.97, 77.59], name: …}`: something that is no text.

use crate::flow::keys;
use crate::flow::read::{Reader, listed};
use crate::model::{AttachmentKind, Details, EventKind};
use crate::source::{Code, Diagnostic, Node, NodeKind, Span, meant};

use super::super::play::{Failure, Play};
use super::{Line, LineKind};

/// Something that is no text.
#[derive(Debug, Clone)]
pub struct Sends {
    kind: AttachmentKind,
    caption: String,
    /// What the provider tells of it.
    details: Box<Details>,
}

impl Sends {
    pub(super) fn play(&self, play: &mut Play<'_>, line: &Line) -> Result<(), Failure> {
        let name = self.kind.name();
        let shown = if self.caption.is_empty() { format!("[{name}]") } else { format!("[{name}] {}", self.caption) };
        let (caption, details) = (self.caption.clone(), self.details.clone());
        play.act(line, shown, EventKind::Attached { kind: self.kind, caption, details })
    }
}

/// Where people are who do not say where.
const HERE: (f64, f64) = (12.9716, 77.5946);

/// Reads what is sent.
pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<LineKind> {
    if !matches!(node.kind, NodeKind::Map(_)) {
        let kind = attachment(reader, reader.scalar(node, "the line")?, node.span)?;
        return Some(LineKind::Sends(Sends { kind, caption: String::new(), details: Box::new(usual(kind)) }));
    }
    let mut fields = reader.fields(node, "what is sent")?;
    let kind =
        fields.need(reader, "kind", "location").and_then(|node| attachment(reader, reader.scalar(node, "`kind`")?, node.span));
    let at = fields.take("at").and_then(|(_, node)| place(reader, node));
    let mut text = |key: &str| fields.take(key).and_then(|(_, node)| reader.scalar(node, "the text")).map(str::to_owned);
    let (name, address) = (text("name"), text("address"));
    let (filename, mime, caption) = (text("filename"), text("mime"), text("caption"));
    fields.finish(reader, &keys::SENDS);
    let kind = kind?;
    let usual = usual(kind);
    let (latitude, longitude) = at.unzip();
    let details = Details {
        latitude: latitude.or(usual.latitude),
        longitude: longitude.or(usual.longitude),
        mime: mime.or(usual.mime),
        name,
        address,
        filename,
        ..usual
    };
    Some(LineKind::Sends(Sends { kind, caption: caption.unwrap_or_default(), details: Box::new(details) }))
}

/// What is told of something where the line says nothing of it.
pub fn usual(kind: AttachmentKind) -> Details {
    let file = |mime: &str| Details { id: Some("file-1".to_owned()), mime: Some(mime.to_owned()), ..Details::default() };
    match kind {
        AttachmentKind::Location => Details { latitude: Some(HERE.0), longitude: Some(HERE.1), ..Details::default() },
        AttachmentKind::Image => file("image/jpeg"),
        AttachmentKind::Video => file("video/mp4"),
        AttachmentKind::Audio | AttachmentKind::Voice => file("audio/ogg"),
        AttachmentKind::Document => file("application/pdf"),
        AttachmentKind::Sticker => file("image/webp"),
        AttachmentKind::Contacts | AttachmentKind::Order | AttachmentKind::Form | AttachmentKind::Unsupported => {
            Details::default()
        }
    }
}

/// `[latitude, longitude]`
fn place(reader: &Reader<'_>, node: &Node) -> Option<(f64, f64)> {
    let items = reader.items(node, "`at`")?;
    if let [latitude, longitude] = items {
        return reader.number(latitude, "the latitude").zip(reader.number(longitude, "the longitude"));
    }
    reader.note(
        Diagnostic::error(Code::BAD_VALUE, node.span, "`at` takes latitude and longitude")
            .help("write it like `at: [12.97, 77.59]`"),
    );
    None
}

fn attachment(reader: &Reader<'_>, text: &str, span: Span) -> Option<AttachmentKind> {
    let kind = AttachmentKind::ALL.into_iter().find(|kind| kind.name() == text);
    if kind.is_none() {
        let names = AttachmentKind::ALL.map(AttachmentKind::name);
        let mistake = Diagnostic::error(Code::BAD_VALUE, span, format!("nobody can send a `{text}`"));
        reader.note(match meant(text, names) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(span, near),
            None => mistake.help(format!("people send {}", listed(&names))),
        });
    }
    kind
}
