//! `say`, with `header`, `footer` and `link`; `media`; and `template`.

use crate::model::{Button, Message, SendKey, Trace, limits};
use crate::source::{Code, Diagnostic, Node, Span};

use super::super::engine::{Broken, Machine};
use super::super::keys;
use super::super::program::Flow;
use super::super::read::{Fields, Reader};
use super::super::text::Text;
use super::super::ways::Look;
use super::media::Media;

/// What a step says.
#[derive(Debug, Clone)]
pub enum Say {
    /// A free-form message.
    Text {
        /// The text.
        body: Text,
        /// A line above it.
        header: Option<Text>,
        /// A small line below it.
        footer: Option<Text>,
        /// A button that opens an address.
        link: Option<Link>,
    },
    /// A picture, video, sound or document.
    Media(Media),
    /// A message that the provider approved beforehand.
    Template {
        /// Its name at the provider.
        name: String,
        /// Its language.
        language: String,
        /// The values of its places.
        fields: Vec<Text>,
        /// Where.
        span: Span,
    },
}

/// A button that opens an address.
#[derive(Debug, Clone)]
pub struct Link {
    pub(super) title: Text,
    url: Text,
}

impl Say {
    pub(super) fn read(reader: &Reader<'_>, fields: &mut Fields<'_>) -> Option<Self> {
        let say = fields.take("say");
        let mut part = |key: &str| fields.take(key);
        let (header, footer, link) = (part("header"), part("footer"), part("link"));
        let wholes = [part("template"), part("media")];
        let whole = wholes.into_iter().flatten().next();
        if let Some((key, node)) = whole {
            let others = [say, header, footer, link, wholes[1].filter(|_| wholes[0].is_some())];
            for (other, _) in others.into_iter().flatten() {
                let message = format!("a step cannot have `{}` and `{}` together", other.text, key.text);
                reader.note(
                    Diagnostic::error(Code::TOGETHER, other.span, message)
                        .related(key.span, format!("`{}` is a whole message", key.text))
                        .help("take it out, or say it in a step of its own"),
                );
            }
            return match key.text.as_str() {
                "media" => Media::read(reader, node).map(Self::Media),
                _ => Self::template(reader, node),
            };
        }
        let Some((_, body)) = say else {
            if let Some((key, _)) = header.or(footer).or(link) {
                let message = format!("`{}` without `say`", key.text);
                reader.note(Diagnostic::error(Code::MISSING_KEY, key.span, message).help("add `say:` with the text itself"));
            }
            return None;
        };
        // Its other parts are looked at even when the text itself is wrong, and its buttons do have a text.
        let body = reader.text(body, "`say`").unwrap_or_else(|| Text::unread(body.span));
        let header = header.and_then(|(_, node)| reader.text(node, "`header`"));
        let footer = footer.and_then(|(_, node)| reader.text(node, "`footer`"));
        let link = link.and_then(|(_, node)| Link::read(reader, node));
        Some(Self::Text { body, header, footer, link })
    }

    fn template(reader: &Reader<'_>, node: &Node) -> Option<Self> {
        let mut fields = reader.fields(node, "a template")?;
        let name = fields.need(reader, "name", "order_ready").and_then(|node| reader.scalar(node, "the template's name"));
        let language = fields.need(reader, "language", "en_US").and_then(|node| reader.scalar(node, "the template's language"));
        let values = fields.take("fields").and_then(|(_, node)| reader.items(node, "`fields`")).unwrap_or_default();
        if let Some(extra) = values.get(limits::TEMPLATE_FIELDS_MAX) {
            let most = limits::TEMPLATE_FIELDS_MAX;
            reader.note(Diagnostic::error(Code::TOO_LONG, extra.span, format!("a template takes at most {most} fields")));
        }
        let values = values.iter().filter_map(|value| reader.text(value, "a field")).collect();
        fields.finish(reader, &keys::TEMPLATE);
        Some(Self::Template { name: name?.to_owned(), language: language?.to_owned(), fields: values, span: node.span })
    }

    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow, buttons: bool) {
        let Self::Text { body, header, footer, link } = self else {
            if let Self::Media(media) = self {
                media.check(reader, flow, buttons);
            }
            if let (Self::Template { span, .. }, true) = (self, buttons) {
                reader.note(
                    Diagnostic::error(Code::TOGETHER, *span, "a template brings its own buttons")
                        .help("take `buttons` out; taps on a template's buttons start flows by `start: {buttons: [...]}`"),
                );
            }
            return;
        };
        let most = if buttons || link.is_some() { limits::MENU_BODY_CHARS_MAX } else { limits::TEXT_BODY_CHARS_MAX };
        flow.check_length(reader, body, most, "the text");
        if let (Some(link), true) = (link, buttons) {
            reader.note(
                Diagnostic::error(Code::TOGETHER, link.title.span, "a message takes `buttons` or a `link`, not both")
                    .help("say one of them in a step of its own"),
            );
        }
        for (part, what, most) in
            [(header, "the header", limits::HEADER_CHARS_MAX), (footer, "the footer", limits::FOOTER_CHARS_MAX)]
        {
            let Some(part) = part else { continue };
            flow.check_length(reader, part, most, what);
            if !buttons && link.is_none() {
                reader.note(
                    Diagnostic::error(Code::TOGETHER, part.span, format!("{what} needs `buttons` or a `link`"))
                        .help("the provider shows headers and footers with buttons only; write it into the text"),
                );
            }
        }
        if let Some(link) = link {
            flow.check_length(reader, &link.title, limits::BUTTON_TITLE_CHARS_MAX, "the link's title");
        }
    }

    pub(super) fn look(&self, look: &mut Look<'_>) {
        match self {
            Self::Media(media) => media.look(look),
            Self::Template { fields, .. } => fields.iter().for_each(|field| look.text(field)),
            Self::Text { body, header, footer, link } => {
                let link = link.iter().flat_map(|link| [&link.title, &link.url]);
                header.iter().chain([body]).chain(footer).chain(link).for_each(|text| look.text(text));
            }
        }
    }

    /// Says it, with `buttons` where there are any.
    pub(super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow, buttons: Vec<Button>) -> Result<SendKey, Broken> {
        let mut missing = Vec::new();
        let (message, span) = {
            let scope = machine.scope(flow);
            let mut fill = |text: &Text| text.fill(&scope, &mut missing);
            match self {
                Self::Media(media) => (Message::Media(media.fill(&scope, &mut missing)), media.span),
                Self::Template { name, language, fields, span } => {
                    let fields = fields.iter().map(fill).collect();
                    (Message::Template { name: name.clone(), language: language.clone(), fields }, *span)
                }
                Self::Text { body, header, footer, link } => {
                    let span = body.span;
                    let (header, body, footer) = (header.as_ref().map(&mut fill), fill(body), footer.as_ref().map(&mut fill));
                    let message = match link {
                        Some(link) => {
                            let label = fill(&link.title);
                            Message::Link { header, body, footer, label, url: link.url.fill_address(&scope, &mut missing) }
                        }
                        None if buttons.is_empty() => Message::Text { body },
                        None => Message::Buttons { header, body, footer, buttons },
                    };
                    (message, span)
                }
            }
        };
        machine.trace.append(&mut missing as &mut Vec<Trace>);
        machine.send(message, span)
    }
}

impl Link {
    fn read(reader: &Reader<'_>, node: &Node) -> Option<Self> {
        let mut fields = reader.fields(node, "a link")?;
        let title = fields.need(reader, "title", "Open").and_then(|node| reader.text(node, "the link's title"));
        let url = fields.need(reader, "url", "https://example.com/").and_then(|node| address(reader, node));
        fields.finish(reader, &keys::LINK);
        Some(Self { title: title?, url: url? })
    }
}

/// An address of the web whose host is written out: values may stand behind it only.
pub(super) fn address(reader: &Reader<'_>, node: &Node) -> Option<Text> {
    let url = reader.text(node, "the address")?;
    let head = url.head();
    let host = head.strip_prefix("https://").or_else(|| head.strip_prefix("http://"));
    let whole = |rest: &str| !rest.is_empty() && !rest.starts_with(['/', '?', '#']) && !rest.contains(char::is_whitespace);
    let (message, help) = match host {
        Some(rest) if whole(rest) && (url.literal().is_some() || rest.contains('/')) => return Some(url),
        Some(_) => (
            "the address has no host of its own",
            "write the host out, `https://example.com/…`; values may stand after the first `/` only",
        ),
        None => ("the address does not begin with `https://` or `http://`", "write the whole address, `https://example.com/…`"),
    };
    reader.note(Diagnostic::error(Code::BAD_URL, url.span, message).help(help));
    None
}
