//! `media`: a picture, video, sound or document, by its address.

use crate::model::{Media as Sent, MediaKind, limits};
use crate::source::{Code, Diagnostic, Key, Node, Span, meant};

use super::super::keys;
use super::super::program::Flow;
use super::super::read::{Reader, listed};
use super::super::scope::Scope;
use super::super::text::Text;
use super::super::ways::Look;
use super::say::address;

/// What is sent.
#[derive(Debug, Clone)]
pub struct Media {
    kind: MediaKind,
    url: Text,
    caption: Option<Text>,
    filename: Option<Text>,
    /// Where.
    pub span: Span,
}

impl Media {
    pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<Self> {
        let mut fields = reader.fields(node, "`media`")?;
        let kind = fields.need(reader, "kind", "image").and_then(|node| read_kind(reader, node));
        let url = fields.need(reader, "url", "https://example.com/picture.jpg").and_then(|node| address(reader, node));
        let (caption, filename) = (fields.take("caption"), fields.take("filename"));
        fields.finish(reader, &keys::MEDIA);
        if let Some(kind) = kind {
            let misplaced = |found: Option<(&Key, &Node)>, takes: bool, help: &str| {
                if let (Some((key, _)), false) = (found, takes) {
                    let message = format!("`{}` does not belong to media of the kind `{}`", key.text, kind.name());
                    reader.note(Diagnostic::error(Code::TOGETHER, key.span, message).help(help));
                }
            };
            misplaced(caption, kind.takes_caption(), "a sound has no words beside it; say them in a step of its own");
            misplaced(filename, kind.takes_filename(), "only documents show a file name; take it out");
        }
        let caption = caption.and_then(|(_, node)| reader.text(node, "`caption`"));
        let filename = filename.and_then(|(_, node)| reader.text(node, "`filename`"));
        Some(Self { kind: kind?, url: url?, caption, filename, span: node.span })
    }

    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow, buttons: bool) {
        for (text, what, most) in [
            (&self.caption, "the caption", limits::CAPTION_CHARS_MAX),
            (&self.filename, "the file name", limits::FILENAME_CHARS_MAX),
        ] {
            if let Some(text) = text {
                flow.check_length(reader, text, most, what);
            }
        }
        if buttons {
            reader.note(
                Diagnostic::error(Code::TOGETHER, self.span, "the provider sends media without buttons")
                    .help("send it in a step of its own, and let that go on to the step with the buttons"),
            );
        }
    }

    pub(super) fn look(&self, look: &mut Look<'_>) {
        self.caption.iter().chain(&self.filename).chain([&self.url]).for_each(|text| look.text(text));
    }

    /// What is said beside it.
    pub(super) fn caption(&self) -> Option<&Text> {
        self.caption.as_ref()
    }

    /// What stands for it without a caption.
    pub(super) fn kind_words(&self) -> &'static str {
        self.kind.words()
    }

    /// The message as it goes out now.
    pub(super) fn fill(&self, scope: &Scope<'_>, missing: &mut Vec<crate::model::Trace>) -> Sent {
        // Values that are all empty leave no words, which is no caption.
        let mut words =
            |text: &Option<Text>| text.as_ref().map(|text| text.fill(scope, missing)).filter(|text| !text.trim().is_empty());
        let (caption, filename) = (words(&self.caption), words(&self.filename));
        Sent { kind: self.kind, url: self.url.fill_address(scope, missing), caption, filename }
    }
}

fn read_kind(reader: &Reader<'_>, node: &Node) -> Option<MediaKind> {
    let text = reader.scalar(node, "the kind")?;
    let kind = MediaKind::ALL.into_iter().find(|kind| kind.name() == text);
    if kind.is_none() {
        let names = MediaKind::ALL.map(MediaKind::name);
        let mistake = Diagnostic::error(Code::BAD_VALUE, node.span, format!("there is no media of the kind `{text}`"));
        reader.note(match meant(text, names) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(node.span, near),
            None => mistake.help(format!("the kinds are {}", listed(&names))),
        });
    }
    kind
}
