//! What stands above the text of a template.

use serde::{Deserialize, Serialize};

use super::limits;
use super::message::{longer, not_web};

/// The values of a template's header; which kind of header it has was settled when the provider approved it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplateHeader {
    /// The value for `{{1}}` of a header in words.
    Text(String),
    /// The address of a picture.
    Image(String),
    /// The address of a video.
    Video(String),
    /// A document.
    Document {
        /// Its address.
        url: String,
        /// What it is called on the phone.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        filename: Option<String>,
    },
}

impl TemplateHeader {
    /// The first of the provider's limits that it breaks, in the author's words.
    pub fn broken_limit(&self) -> Option<String> {
        let address = |url: &str| longer("the header's address", url, limits::URL_CHARS_MAX).or_else(|| not_web(url));
        match self {
            TemplateHeader::Text(text) if text.trim().is_empty() => Some("the header's value is empty".to_owned()),
            TemplateHeader::Text(text) => longer("the header's value", text, limits::HEADER_CHARS_MAX),
            TemplateHeader::Image(url) | TemplateHeader::Video(url) => address(url),
            TemplateHeader::Document { url, filename } => {
                address(url).or_else(|| longer("the file name", filename.as_deref().unwrap_or(""), limits::FILENAME_CHARS_MAX))
            }
        }
    }
}

/// The first limit that the values of a template's buttons break, in the author's words.
pub(super) fn broken_buttons(buttons: &[String]) -> Option<String> {
    let most = limits::TEMPLATE_BUTTONS_MAX;
    let many =
        (buttons.len() > most).then(|| format!("a template takes the values of {most} buttons, here are {}", buttons.len()));
    many.or_else(|| buttons.iter().find_map(|value| longer("a button's value", value, limits::BUTTON_ID_BYTES_MAX)))
}
