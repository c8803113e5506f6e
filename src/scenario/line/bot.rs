//! `bot: Hello!`, `bot: /^Hello/`, `bot: {has: [..], buttons: [..]}`: what the bot must say next.

use crate::flow::keys;
use crate::flow::read::{Fields, Reader};
use crate::model::Message;
use crate::source::{Code, Diagnostic, Node, NodeKind};

use super::super::expected::Expected;
use super::super::play::{Failure, Play};
use super::{Line, LineKind};

/// What the bot must say.
#[derive(Debug, Clone)]
pub enum Bot {
    /// A text.
    Text(Expected),
    /// Some parts of a message; what is not named may be anything.
    Parts(Box<Parts>),
}

/// Parts of a message.
#[derive(Debug, Clone, Default)]
pub struct Parts {
    say: Option<Expected>,
    has: Vec<Expected>,
    lacks: Vec<Expected>,
    header: Option<Expected>,
    footer: Option<Expected>,
    buttons: Option<Vec<Expected>>,
    link: Option<Expected>,
    url: Option<Expected>,
    fields: Option<Vec<Expected>>,
}

/// The first part that is not as expected: what was expected and what came, as people read it.
pub(in super::super) struct Otherwise {
    /// What went wrong, in a sentence.
    pub message: String,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub came: String,
}

pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<LineKind> {
    let NodeKind::Map(_) = &node.kind else {
        return Some(LineKind::Bot(Bot::Text(Expected::read(reader, node, "the line")?)));
    };
    let mut fields = reader.fields(node, "`bot`")?;
    let parts = Parts {
        say: one(reader, &mut fields, "say"),
        has: several(reader, &mut fields, "has").unwrap_or_default(),
        lacks: several(reader, &mut fields, "lacks").unwrap_or_default(),
        header: one(reader, &mut fields, "header"),
        footer: one(reader, &mut fields, "footer"),
        buttons: several(reader, &mut fields, "buttons"),
        link: one(reader, &mut fields, "link"),
        url: one(reader, &mut fields, "url"),
        fields: several(reader, &mut fields, "fields"),
    };
    if fields.is_empty() {
        reader.note(
            Diagnostic::error(Code::TEST_SHAPE, node.span, "`bot` names no part of the message")
                .help("name some: `{has: [a word], buttons: [Prices, Hours]}`; that the bot says nothing is `silence: true`"),
        );
    }
    fields.finish(reader, &keys::BOT);
    Some(LineKind::Bot(Bot::Parts(Box::new(parts))))
}

fn one(reader: &Reader<'_>, fields: &mut Fields<'_>, key: &str) -> Option<Expected> {
    let (_, node) = fields.take(key)?;
    Expected::read(reader, node, &format!("`{key}`"))
}

fn several(reader: &Reader<'_>, fields: &mut Fields<'_>, key: &str) -> Option<Vec<Expected>> {
    let (_, node) = fields.take(key)?;
    let what = format!("`{key}`");
    Some(reader.items(node, &what)?.iter().filter_map(|item| Expected::read(reader, item, &what)).collect())
}

impl Bot {
    pub(super) fn exact(&self) -> Option<&str> {
        match self {
            Bot::Text(Expected::Exactly(text)) => Some(text),
            Bot::Parts(parts) => match &parts.say {
                Some(Expected::Exactly(text)) => Some(text),
                _ => None,
            },
            Bot::Text(Expected::Like(_)) => None,
        }
    }

    /// As a message quotes it.
    pub(in super::super) fn words(&self) -> String {
        match self {
            Bot::Text(expected) => expected.to_string(),
            Bot::Parts(parts) => parts.words(),
        }
    }

    /// The first part of `message` that is not as expected.
    pub(in super::super) fn otherwise(&self, message: &Message) -> Option<Otherwise> {
        match self {
            Bot::Text(expected) => text("the bot says something else", Some(expected), message.body()),
            Bot::Parts(parts) => parts.otherwise(message),
        }
    }

    pub(super) fn play(&self, play: &mut Play<'_>, line: &Line) -> Result<(), Failure> {
        play.expect(line, self)
    }
}

fn text(what: &str, expected: Option<&Expected>, came: &str) -> Option<Otherwise> {
    let expected = expected.filter(|expected| !expected.fits(came))?;
    Some(Otherwise { message: what.to_owned(), expected: expected.to_string(), came: came.to_owned() })
}

fn list(what: &str, expected: Option<&Vec<Expected>>, came: &[&str]) -> Option<Otherwise> {
    let expected = expected?;
    let same = expected.len() == came.len() && expected.iter().zip(came).all(|(expected, came)| expected.fits(came));
    let shown = |names: Vec<String>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    (!same).then(|| Otherwise {
        message: what.to_owned(),
        expected: shown(expected.iter().map(Expected::to_string).collect()),
        came: shown(came.iter().map(|came| (*came).to_owned()).collect()),
    })
}

impl Parts {
    fn otherwise(&self, message: &Message) -> Option<Otherwise> {
        let body = message.body();
        let (header, footer) = match message {
            Message::Buttons { header, footer, .. } | Message::Link { header, footer, .. } => (header, footer),
            Message::Text { .. } | Message::Media(_) | Message::Template { .. } => (&None, &None),
        };
        let buttons: Vec<&str> = match message {
            Message::Buttons { buttons, .. } => buttons.iter().map(|button| button.title.as_str()).collect(),
            _ => Vec::new(),
        };
        let (label, url) = match message {
            Message::Link { label, url, .. } => (label.as_str(), url.as_str()),
            Message::Media(media) => ("", media.url.as_str()),
            _ => ("", ""),
        };
        let fields: Vec<&str> = match message {
            Message::Template { fields, .. } => fields.iter().map(String::as_str).collect(),
            _ => Vec::new(),
        };
        text("the bot says something else", self.say.as_ref(), body)
            .or_else(|| self.words_in(body))
            .or_else(|| text("the header is another", self.header.as_ref(), header.as_deref().unwrap_or_default()))
            .or_else(|| text("the footer is another", self.footer.as_ref(), footer.as_deref().unwrap_or_default()))
            .or_else(|| list("the buttons are others", self.buttons.as_ref(), &buttons))
            .or_else(|| text("the link is called otherwise", self.link.as_ref(), label))
            .or_else(|| text("the address is another", self.url.as_ref(), url))
            .or_else(|| list("the template's fields are others", self.fields.as_ref(), &fields))
    }

    fn words_in(&self, body: &str) -> Option<Otherwise> {
        let missing = self.has.iter().find(|words| !words.is_in(body)).map(|words| Otherwise {
            message: "a part of the text is missing".to_owned(),
            expected: format!("… {words} …"),
            came: body.to_owned(),
        });
        missing.or_else(|| {
            let unwanted = self.lacks.iter().find(|words| words.is_in(body))?;
            Some(Otherwise {
                message: "the bot says what it must not".to_owned(),
                expected: format!("without {unwanted}"),
                came: body.to_owned(),
            })
        })
    }

    fn words(&self) -> String {
        let listed = |all: &[Expected]| all.iter().map(Expected::to_string).collect::<Vec<_>>().join(", ");
        let mut words: Vec<String> = self.say.iter().map(Expected::to_string).collect();
        words.extend(self.has.iter().map(|part| format!("… {part} …")));
        words.extend(self.buttons.iter().map(|titles| format!("[{}]", listed(titles))));
        let rest = [("header", &self.header), ("footer", &self.footer), ("link", &self.link), ("url", &self.url)];
        words.extend(rest.iter().filter_map(|(key, part)| Some(format!("{key} {}", part.as_ref()?))));
        words.extend(self.lacks.iter().map(|part| format!("without {part}")));
        words.extend(self.fields.iter().map(|fields| format!("fields {}", listed(fields))));
        words.join(" ")
    }
}
