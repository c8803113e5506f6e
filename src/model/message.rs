//! What the bot says, free of any provider's wire format.

use serde::{Deserialize, Serialize};

use super::limits;
use super::media::Media;
use super::name::{ChoiceName, FlowName, StepName};
use super::template::{self, TemplateHeader};

/// A message to a contact. `B` is how its buttons are named: [`Button`] as the engine speaks, [`WireButton`] once signed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Message<B = Button> {
    /// Plain text.
    Text {
        /// The text.
        body: String,
    },
    /// Text with reply buttons, a menu.
    Buttons {
        /// A line above the text.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        header: Option<String>,
        /// The text.
        body: String,
        /// A small line below the text.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        footer: Option<String>,
        /// One to three buttons.
        buttons: Vec<B>,
    },
    /// Text with one link button, which opens an address and tells us nothing.
    Link {
        /// A line above the text.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        header: Option<String>,
        /// The text.
        body: String,
        /// A small line below the text.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        footer: Option<String>,
        /// The button's label.
        label: String,
        /// The address, `http` or `https`.
        url: String,
    },
    /// A picture, video, sound or document.
    Media(Media),
    /// A message approved beforehand by the provider: the only kind that may leave outside the 24-hour window.
    Template {
        /// The template's name at the provider.
        name: String,
        /// Its language, for example `en_US`.
        language: String,
        /// The values for `{{1}}`, `{{2}}`, … of its body.
        #[serde(default)]
        fields: Vec<String>,
        /// The values of its header, where that has any.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        header: Option<TemplateHeader>,
        /// The values of its buttons, in order; an empty one leaves its button as it was approved.
        #[serde(skip_serializing_if = "Vec::is_empty", default)]
        buttons: Vec<String>,
    },
}

impl<B> Message<B> {
    /// Whether it may leave outside the 24-hour window.
    pub fn is_template(&self) -> bool {
        matches!(self, Message::Template { .. })
    }

    /// The text a person reads, for history and tests; a template's name stands for its text, and the kind of media without
    /// words for it.
    pub fn body(&self) -> &str {
        match self {
            Message::Text { body } | Message::Buttons { body, .. } | Message::Link { body, .. } => body,
            Message::Media(media) => media.words(),
            Message::Template { name, .. } => name,
        }
    }

    /// The same message with another text, made of the one it has; nothing for a message that need not have one.
    #[must_use]
    pub fn map_body(mut self, change: impl FnOnce(&str) -> String) -> Option<Self> {
        match &mut self {
            Message::Text { body } | Message::Buttons { body, .. } | Message::Link { body, .. } => *body = change(body),
            Message::Media(_) | Message::Template { .. } => return None,
        }
        Some(self)
    }

    /// The same message with every button named by `name`.
    pub fn map_buttons<C>(self, name: impl FnMut(B) -> C) -> Message<C> {
        match self {
            Message::Text { body } => Message::Text { body },
            Message::Buttons { header, body, footer, buttons } => {
                Message::Buttons { header, body, footer, buttons: buttons.into_iter().map(name).collect() }
            }
            Message::Link { header, body, footer, label, url } => Message::Link { header, body, footer, label, url },
            Message::Media(media) => Message::Media(media),
            Message::Template { name, language, fields, header, buttons } => {
                Message::Template { name, language, fields, header, buttons }
            }
        }
    }
}

impl Message {
    /// The first of the provider's limits that the message breaks, in the author's words; see [`limits`]. Counted in code points.
    pub fn broken_limit(&self) -> Option<String> {
        match self {
            Message::Text { body } => filled("the text", body).or_else(|| longer("the text", body, limits::TEXT_BODY_CHARS_MAX)),
            Message::Buttons { header, body, footer, buttons } => {
                framed(header.as_deref(), body, footer.as_deref()).or_else(|| broken_buttons(buttons))
            }
            Message::Link { header, body, footer, label, url } => framed(header.as_deref(), body, footer.as_deref())
                .or_else(|| filled("the link's title", label))
                .or_else(|| longer("the link's title", label, limits::BUTTON_TITLE_CHARS_MAX))
                .or_else(|| longer("the address", url, limits::URL_CHARS_MAX))
                .or_else(|| not_web(url)),
            Message::Media(media) => media.broken_limit(),
            Message::Template { name, language, fields, header, buttons } => filled("the template's name", name)
                .or_else(|| filled("the template's language", language))
                .or_else(|| {
                    let many = fields.len() > limits::TEMPLATE_FIELDS_MAX;
                    many.then(|| format!("a template takes {} fields, here are {}", limits::TEMPLATE_FIELDS_MAX, fields.len()))
                })
                .or_else(|| header.as_ref().and_then(TemplateHeader::broken_limit))
                .or_else(|| template::broken_buttons(buttons)),
        }
    }
}

/// A reply button as the engine speaks of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What a tap on it means.
    pub means: ButtonRef,
    /// What is written on it.
    pub title: String,
}

/// What a button stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonRef {
    /// A choice of a step's menu.
    Choice {
        /// The flow.
        flow: FlowName,
        /// The step that showed the menu.
        step: StepName,
        /// The button's name in it.
        choice: ChoiceName,
    },
    /// An id that a script gave; its tap goes to triggers and script handlers.
    Named(String),
}

/// A reply button as the provider carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireButton {
    /// Comes back verbatim with the tap.
    pub id: String,
    /// What is written on it.
    pub title: String,
}

/// The provider's id of a message, `wamid.…` on WhatsApp.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(pub String);

/// What is wrong with an address, if it is none of the web.
pub(super) fn not_web(url: &str) -> Option<String> {
    match url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) {
        None => Some("the address does not begin with https:// or http://".to_owned()),
        Some(rest) if rest.is_empty() || rest.contains(char::is_whitespace) => {
            Some("the address has no host, or holds a space".to_owned())
        }
        Some(_) => None,
    }
}

pub(super) fn longer(what: &str, text: &str, most: usize) -> Option<String> {
    let count = text.chars().count();
    (count > most).then(|| format!("{what} has {count} characters, the provider takes {most}"))
}

fn filled(what: &str, text: &str) -> Option<String> {
    text.trim().is_empty().then(|| format!("{what} is empty"))
}

fn framed(header: Option<&str>, body: &str, footer: Option<&str>) -> Option<String> {
    filled("the text", body)
        .or_else(|| longer("the text", body, limits::MENU_BODY_CHARS_MAX))
        .or_else(|| longer("the header", header.unwrap_or(""), limits::HEADER_CHARS_MAX))
        .or_else(|| longer("the footer", footer.unwrap_or(""), limits::FOOTER_CHARS_MAX))
}

fn broken_buttons(buttons: &[Button]) -> Option<String> {
    if buttons.is_empty() || buttons.len() > limits::BUTTONS_MAX {
        return Some(format!("a message takes 1 to {} buttons, here are {}", limits::BUTTONS_MAX, buttons.len()));
    }
    buttons.iter().enumerate().find_map(|(index, button)| {
        let title = &button.title;
        let doubled = buttons[..index].iter().any(|other| other.title == *title);
        filled("a button's title", title)
            .or_else(|| longer("a button's title", title, limits::BUTTON_TITLE_CHARS_MAX))
            .or_else(|| doubled.then(|| format!("two buttons are called `{title}`")))
    })
}
