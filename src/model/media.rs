//! Pictures, videos, sounds and documents that the bot sends, by their addresses.

use serde::{Deserialize, Serialize};

use super::limits;
use super::message::{longer, not_web};

/// A picture, video, sound or document, with words beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// What it is.
    pub kind: MediaKind,
    /// Where the provider fetches it, `http` or `https`.
    pub url: String,
    /// The words below it; a sound has none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub caption: Option<String>,
    /// What the file is called on the phone; documents only.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub filename: Option<String>,
}

/// Kinds of media that the provider sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the names say it
pub enum MediaKind {
    Image,
    Video,
    Audio,
    Document,
}

impl MediaKind {
    /// Every kind.
    pub const ALL: [MediaKind; 4] = [MediaKind::Image, MediaKind::Video, MediaKind::Audio, MediaKind::Document];

    /// As authors and the provider write it.
    pub fn name(self) -> &'static str {
        match self {
            MediaKind::Image => "image",
            MediaKind::Video => "video",
            MediaKind::Audio => "audio",
            MediaKind::Document => "document",
        }
    }

    /// Whether words may stand below it.
    pub fn takes_caption(self) -> bool {
        self != MediaKind::Audio
    }

    /// Whether it has a file name.
    pub fn takes_filename(self) -> bool {
        self == MediaKind::Document
    }

    /// What stands for it where only text is shown and it has no caption.
    pub fn words(self) -> &'static str {
        match self {
            MediaKind::Image => "[image]",
            MediaKind::Video => "[video]",
            MediaKind::Audio => "[audio]",
            MediaKind::Document => "[document]",
        }
    }
}

impl Media {
    /// What stands for it where only text is shown: its caption, or its kind.
    pub fn words(&self) -> &str {
        self.caption.as_deref().unwrap_or(self.kind.words())
    }

    /// The first of the provider's limits that it breaks, in the author's words.
    pub fn broken_limit(&self) -> Option<String> {
        let (caption, filename) = (self.caption.as_deref(), self.filename.as_deref());
        longer("the caption", caption.unwrap_or(""), limits::CAPTION_CHARS_MAX)
            .or_else(|| longer("the file name", filename.unwrap_or(""), limits::FILENAME_CHARS_MAX))
            .or_else(|| longer("the address", &self.url, limits::URL_CHARS_MAX))
            .or_else(|| not_web(&self.url))
            .or_else(|| (caption.is_some() && !self.kind.takes_caption()).then(|| "a sound takes no caption".to_owned()))
            .or_else(|| (filename.is_some() && !self.kind.takes_filename()).then(|| "only documents have a file name".to_owned()))
    }
}
