//! `say`, with `header`, `footer` and `link`; `media`; and `template`.

use crate::model::{Message, SendKey, Trace, limits};
use crate::source::{Code, Diagnostic, Node};

use super::super::engine::{Broken, Machine};
use super::super::keys;
use super::super::program::Flow;
use super::super::read::{Fields, Reader};
use super::super::text::Text;
use super::super::ways::Look;
use super::Menu;
use super::media::Media;
use super::page::Page;
use super::template::Template;

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
    Template(Template),
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
                _ => Template::read(reader, node).map(Self::Template),
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

    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow, menu: Option<&Menu>) {
        let buttons = menu.is_some();
        let framed = menu.is_some_and(|menu| !menu.is_numbered());
        let Self::Text { body, header, footer, link } = self else {
            if let Self::Media(media) = self {
                media.check(reader, flow, buttons);
            }
            if let Self::Template(template) = self {
                template.check(reader, flow, buttons);
            }
            return;
        };
        let most = if buttons || link.is_some() { limits::MENU_BODY_CHARS_MAX } else { limits::TEXT_BODY_CHARS_MAX };
        match menu.and_then(|menu| menu.longest_below(flow)) {
            Some(below) => check_page(reader, flow, body, below),
            None => flow.check_length(reader, body, most, "the text"),
        }
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
            if !framed && link.is_none() {
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
            Self::Template(template) => template.look(look),
            Self::Text { body, header, footer, link } => {
                let link = link.iter().flat_map(|link| [&link.title, &link.url]);
                header.iter().chain([body]).chain(footer).chain(link).for_each(|text| look.text(text));
            }
        }
    }

    /// How many characters its text has with its values.
    pub(super) fn chars(&self, machine: &Machine<'_>, flow: &Flow) -> usize {
        match self {
            Self::Text { body, .. } => body.fill(&machine.scope(flow), &mut Vec::new()).chars().count(),
            Self::Media(_) | Self::Template(_) => 0,
        }
    }

    /// Says it, with the buttons of `page` and the lines below the text where there are any.
    pub(super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow, page: Page) -> Result<SendKey, Broken> {
        let Page { below, buttons } = page;
        let mut missing = Vec::new();
        let (message, span) = {
            let scope = machine.scope(flow);
            match self {
                Self::Media(media) => (Message::Media(media.fill(&scope, &mut missing)), media.span),
                Self::Template(template) => (template.fill(&scope, &mut missing), template.span),
                Self::Text { body, header, footer, link } => {
                    let span = body.span;
                    let mut fill = |text: &Text| text.fill(&scope, &mut missing);
                    let (header, mut body, footer) = (header.as_ref().map(&mut fill), fill(body), footer.as_ref().map(&mut fill));
                    if !below.is_empty() {
                        body.push_str("\n\n");
                        body.push_str(&below);
                    }
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

/// Notes a text that leaves no room for the lines of a list's page below it, which have `below` characters at least and at most.
fn check_page(reader: &Reader<'_>, flow: &Flow, body: &Text, below: (usize, Option<usize>)) {
    const MOST: usize = limits::MENU_BODY_CHARS_MAX;
    let between = if below.1 == Some(0) { 0 } else { 2 };
    let (least, most) = body.length(&|path| flow.longest(path));
    let (least, most) = (least + between + below.0, most.zip(below.1).map(|(text, lines)| text + between + lines));
    if let Some(role) = reader.texts.borrow_mut().get_mut(&body.span) {
        role.most = Some(MOST.saturating_sub(between + below.0));
    }
    let help = "shorten the text above the rows, or the notes of the rows; the lines of a page count too";
    if least > MOST {
        let message = format!("the text has {least} characters with the lines of a page, the provider takes {MOST}");
        reader.note(Diagnostic::error(Code::TOO_LONG, body.span, message).help(help));
    } else if most.is_none_or(|most| most > MOST) {
        let how = most.map_or("has no bound".to_owned(), |most| format!("can become {most} characters long"));
        let message = format!("the text {how} with its values and the lines of a page, the provider takes {MOST}");
        reader.note(Diagnostic::warning(Code::COULD_BE_TOO_LONG, body.span, message).help(help));
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
pub(in crate::flow) fn address(reader: &Reader<'_>, node: &Node) -> Option<Text> {
    let url = reader.text(node, "the address")?;
    if let Some(role) = reader.texts.borrow_mut().get_mut(&url.span) {
        role.is_address = true;
    }
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
