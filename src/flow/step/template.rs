//! `template`: a message that the provider approved beforehand, with the values of its places.

use crate::model::{Message, TemplateHeader, Trace, limits};
use crate::source::{Code, Diagnostic, Node, Span};

use super::super::keys;
use super::super::program::Flow;
use super::super::read::Reader;
use super::super::scope::Scope;
use super::super::text::Text;
use super::super::ways::Look;
use super::say::address;

/// A template with its values.
#[derive(Debug, Clone)]
pub struct Template {
    /// Its name at the provider.
    pub name: String,
    language: String,
    fields: Vec<Text>,
    header: Option<Header>,
    buttons: Vec<Text>,
    /// Where.
    pub span: Span,
}

/// What stands above the text.
#[derive(Debug, Clone)]
enum Header {
    Text(Text),
    Image(Text),
    Video(Text),
    Document { url: Text, filename: Option<Text> },
}

impl Template {
    pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<Self> {
        let mut fields = reader.fields(node, "a template")?;
        let name = fields.need(reader, "name", "order_ready").and_then(|node| reader.scalar(node, "the template's name"));
        let language = fields.need(reader, "language", "en_US").and_then(|node| reader.scalar(node, "the template's language"));
        let mut values = |key: &str, what: &str, most: usize| -> Vec<Text> {
            let items = fields.take(key).and_then(|(_, node)| reader.items(node, &format!("`{key}`"))).unwrap_or_default();
            if let Some(extra) = items.get(most) {
                reader.note(Diagnostic::error(Code::TOO_LONG, extra.span, format!("a template takes at most {most} {key}")));
            }
            items.iter().filter_map(|value| reader.text(value, what)).collect()
        };
        let texts = values("fields", "a field", limits::TEMPLATE_FIELDS_MAX);
        let buttons = values("buttons", "a button's value", limits::TEMPLATE_BUTTONS_MAX);
        let header = fields.take("header").and_then(|(_, node)| Header::read(reader, node));
        fields.finish(reader, &keys::TEMPLATE);
        let (name, language) = (name?.to_owned(), language?.to_owned());
        Some(Self { name, language, fields: texts, header, buttons, span: node.span })
    }

    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow, buttons: bool) {
        if buttons {
            reader.note(
                Diagnostic::error(Code::TOGETHER, self.span, "a template brings its own buttons")
                    .help("take `buttons` out; taps on a template's buttons start flows by `start: {buttons: [...]}`"),
            );
        }
        match &self.header {
            Some(Header::Text(text)) => flow.check_length(reader, text, limits::HEADER_CHARS_MAX, "the header's value"),
            Some(Header::Document { filename: Some(filename), .. }) => {
                flow.check_length(reader, filename, limits::FILENAME_CHARS_MAX, "the file name");
            }
            Some(Header::Document { .. } | Header::Image(_) | Header::Video(_)) | None => {}
        }
        for value in &self.buttons {
            flow.check_length(reader, value, limits::BUTTON_ID_BYTES_MAX, "the button's value");
        }
    }

    pub(super) fn look(&self, look: &mut Look<'_>) {
        self.fields.iter().chain(&self.buttons).for_each(|text| look.text(text));
        match &self.header {
            Some(Header::Text(text) | Header::Image(text) | Header::Video(text)) => look.text(text),
            Some(Header::Document { url, filename }) => filename.iter().chain([url]).for_each(|text| look.text(text)),
            None => {}
        }
    }

    /// The message as it goes out now.
    pub(super) fn fill(&self, scope: &Scope<'_>, missing: &mut Vec<Trace>) -> Message {
        let header = self.header.as_ref().map(|header| match header {
            Header::Text(text) => TemplateHeader::Text(text.fill(scope, missing)),
            Header::Image(url) => TemplateHeader::Image(url.fill_address(scope, missing)),
            Header::Video(url) => TemplateHeader::Video(url.fill_address(scope, missing)),
            Header::Document { url, filename } => {
                let filename = filename.as_ref().map(|text| text.fill(scope, missing)).filter(|text| !text.trim().is_empty());
                TemplateHeader::Document { url: url.fill_address(scope, missing), filename }
            }
        });
        let mut fill = |texts: &[Text]| texts.iter().map(|text| text.fill(scope, missing)).collect();
        let (fields, buttons) = (fill(&self.fields), fill(&self.buttons));
        Message::Template { name: self.name.clone(), language: self.language.clone(), fields, header, buttons }
    }
}

impl Header {
    fn read(reader: &Reader<'_>, node: &Node) -> Option<Self> {
        let mut fields = reader.fields(node, "the header of a template")?;
        let (text, image) = (fields.take("text"), fields.take("image"));
        let (video, document) = (fields.take("video"), fields.take("document"));
        let mut found = [text, image, video, document].into_iter().flatten();
        let (first, second) = (found.next(), found.next());
        let misspelt = ["text", "image", "video", "document"].iter().any(|key| fields.is_misspelt(key));
        fields.finish(reader, &keys::TEMPLATE_HEADER);
        match (first, second) {
            (Some((first, _)), Some((second, _))) => {
                let message = format!("a header cannot have `{}` and `{}` together", first.text, second.text);
                reader.note(
                    Diagnostic::error(Code::TOGETHER, second.span, message)
                        .related(first.span, "the first of them")
                        .help("keep the one that the template was approved with"),
                );
            }
            (None, _) if !misspelt => reader.note(
                Diagnostic::error(Code::MISSING_KEY, node.span, "the header of the template is empty")
                    .help("add `text: a value`, `image: an_address`, `video: an_address` or `document: {url: an_address}`"),
            ),
            _ => {}
        }
        let (key, node) = first?;
        match key.text.as_str() {
            "text" => reader.text(node, "the header's value").map(Self::Text),
            "image" => address(reader, node).map(Self::Image),
            "video" => address(reader, node).map(Self::Video),
            _ => {
                let mut fields = reader.fields(node, "the document of a header")?;
                let url = fields.need(reader, "url", "\"https://example.com/prices.pdf\"").and_then(|node| address(reader, node));
                let filename = fields.take("filename").and_then(|(_, node)| reader.text(node, "the file name"));
                fields.finish(reader, &keys::TEMPLATE_DOCUMENT);
                Some(Self::Document { url: url?, filename })
            }
        }
    }
}
