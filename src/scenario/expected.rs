//! What a text must be: these words, or whatever a pattern finds.

use regex::Regex;

use crate::flow::read::Reader;
use crate::source::{Code, Diagnostic, Node, Span};

/// Bytes that a compiled pattern may take.
const PATTERN_BYTES_MAX: usize = 1024 * 1024;

/// What a text must be.
#[derive(Debug, Clone)]
pub enum Expected {
    /// Letter for letter.
    Exactly(String),
    /// Found by `/a regular expression/`.
    Like(Regex),
}

impl Expected {
    /// Reads a scalar: a text between slashes is a pattern.
    pub(super) fn read(reader: &Reader<'_>, node: &Node, what: &str) -> Option<Self> {
        let text = reader.scalar(node, what)?;
        Self::of(reader, text, node.span)
    }

    fn of(reader: &Reader<'_>, text: &str, span: Span) -> Option<Self> {
        let Some(pattern) = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')).filter(|pattern| !pattern.is_empty())
        else {
            return Some(Expected::Exactly(text.to_owned()));
        };
        match regex::RegexBuilder::new(pattern).size_limit(PATTERN_BYTES_MAX).build() {
            Ok(pattern) => Some(Expected::Like(pattern)),
            Err(error) => {
                let why = error.to_string();
                let why = why.lines().last().unwrap_or("").trim_start_matches("error: ").to_owned();
                reader.note(Diagnostic::error(Code::TEST_SHAPE, span, "the regular expression cannot be read").label(why));
                None
            }
        }
    }

    /// Whether `text` is as expected.
    pub fn fits(&self, text: &str) -> bool {
        match self {
            Expected::Exactly(expected) => expected == text,
            Expected::Like(pattern) => pattern.is_match(text),
        }
    }

    /// Whether `text` holds it somewhere.
    pub(super) fn is_in(&self, text: &str) -> bool {
        match self {
            Expected::Exactly(expected) => text.contains(expected.as_str()),
            Expected::Like(pattern) => pattern.is_match(text),
        }
    }
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Expected::Exactly(text) => f.write_str(text),
            Expected::Like(pattern) => write!(f, "/{pattern}/"),
        }
    }
}
