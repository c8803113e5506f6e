//! What the bot says, free of any provider's wire format.

use serde::{Deserialize, Serialize};

use super::name::{ChoiceName, FlowName, StepName};

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
    /// A message approved beforehand by the provider: the only kind that may leave outside the 24-hour window.
    Template {
        /// The template's name at the provider.
        name: String,
        /// Its language, for example `en_US`.
        language: String,
        /// The values for `{{1}}`, `{{2}}`, … of its body.
        #[serde(default)]
        fields: Vec<String>,
    },
}

impl<B> Message<B> {
    /// Whether it may leave outside the 24-hour window.
    pub fn is_template(&self) -> bool {
        matches!(self, Message::Template { .. })
    }

    /// The text a person reads, for history and tests; a template's name stands for its text.
    pub fn body(&self) -> &str {
        match self {
            Message::Text { body } | Message::Buttons { body, .. } | Message::Link { body, .. } => body,
            Message::Template { name, .. } => name,
        }
    }

    /// The same message with every button named by `name`.
    pub fn map_buttons<C>(self, name: impl FnMut(B) -> C) -> Message<C> {
        match self {
            Message::Text { body } => Message::Text { body },
            Message::Buttons { header, body, footer, buttons } => {
                Message::Buttons { header, body, footer, buttons: buttons.into_iter().map(name).collect() }
            }
            Message::Link { header, body, footer, label, url } => Message::Link { header, body, footer, label, url },
            Message::Template { name, language, fields } => Message::Template { name, language, fields },
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
