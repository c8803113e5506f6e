//! A language file as it is written: whose texts, in which language, and the texts themselves. Whether they fit is looked at when
//! the flow is known.

use crate::model::Language;
use crate::source::{Code, Diagnostic, Node, NodeKind, Span};

use super::super::file::read_version;
use super::super::keys;
use super::super::read::{Fields, Reader};
use super::super::trigger::plain;

/// A language file.
#[derive(Debug)]
pub(in super::super) struct LanguageFile {
    /// The flow, or `_always`, and where it is named.
    pub of: (String, Span),
    /// The language, and where it is named; nothing when that could not be read.
    pub language: Option<(Language, Span)>,
    /// The texts by step and key; the mapping.
    pub texts: Option<Node>,
    /// Words that start the flow.
    pub start: Vec<(String, Span)>,
    /// Words that lead out, by a word of the original that does the same.
    pub always: Vec<Row>,
}

/// Words that do what a word of the original does.
#[derive(Debug)]
pub(in super::super) struct Row {
    /// The word of the original, as typed here, and where.
    pub word: (String, Span),
    /// The words.
    pub words: Vec<(String, Span)>,
    /// What is answered.
    pub say: Option<Node>,
}

/// Whether a file is a language file and no flow: it says whose texts it holds.
pub(in super::super) fn is_one(node: &Node) -> bool {
    let NodeKind::Map(entries) = &node.kind else { return false };
    let has = |wanted: &str| entries.iter().any(|(key, _)| key.text == wanted);
    has("texts_of") || (has("texts") && !has("flow") && !has("steps"))
}

/// Reads `language` where it is a language that is known beforehand: that of a file, that of a person in a test.
pub(crate) fn read_own(reader: &Reader<'_>, fields: &mut Fields<'_>) -> Option<Language> {
    fields.take("language").and_then(|(_, node)| tag(reader, node))
}

fn tag(reader: &Reader<'_>, node: &Node) -> Option<Language> {
    let language = Language::parse(reader.scalar(node, "`language`")?);
    if language.is_none() {
        reader.note(
            Diagnostic::error(Code::BAD_VALUE, node.span, "that is not a language")
                .help("write its two letters, `hi`, and where it matters the country, `pt_BR`"),
        );
    }
    language
}

impl LanguageFile {
    pub(in super::super) fn read(reader: &Reader<'_>, node: &Node) -> Option<Self> {
        let mut fields = reader.fields(node, "a language file")?;
        read_version(reader, &mut fields);
        let of = fields.need(reader, "texts_of", "a_flow").and_then(|node| named(reader, node, "`texts_of`"));
        let language = fields.need(reader, "language", "hi").and_then(|node| Some((tag(reader, node)?, node.span)));
        let texts = fields.take("texts").map(|(_, node)| node);
        let texts = texts.filter(|node| reader.fields(node, "`texts`").is_some()).cloned();
        let start = fields.take("start").and_then(|(_, node)| reader.fields(node, "`start`"));
        let start = start.map(|mut fields| {
            let words = fields.need(reader, "words", "[hello]").map(|node| words(reader, node)).unwrap_or_default();
            fields.finish(reader, &keys::LANGUAGE_START);
            words
        });
        let always = fields.take("always").and_then(|(_, node)| reader.fields(node, "`always`"));
        let always =
            always.map(|fields| fields.into_entries().iter().filter_map(|(key, node)| Row::read(reader, key, node)).collect());
        fields.finish(reader, &keys::LANGUAGE);
        Some(Self { of: of?, language, texts, start: start.unwrap_or_default(), always: always.unwrap_or_default() })
    }
}

impl Row {
    fn read(reader: &Reader<'_>, key: &crate::source::Key, node: &Node) -> Option<Self> {
        let word = (key.text.clone(), key.span);
        if matches!(node.kind, NodeKind::List(_) | NodeKind::Scalar { .. }) {
            return Some(Self { word, words: words(reader, node), say: None });
        }
        let mut fields = reader.fields(node, "a row of `always`")?;
        let words = fields.take("words").map(|(_, node)| words(reader, node)).unwrap_or_default();
        let say = fields.take("say").map(|(_, node)| node.clone());
        fields.finish(reader, &keys::LANGUAGE_ROW);
        Some(Self { word, words, say })
    }
}

fn named(reader: &Reader<'_>, node: &Node, what: &str) -> Option<(String, Span)> {
    Some((reader.scalar(node, what)?.to_owned(), node.span))
}

fn words(reader: &Reader<'_>, node: &Node) -> Vec<(String, Span)> {
    let word = |item: &Node| {
        let word = named(reader, item, "a word")?;
        if plain(&word.0).is_empty() {
            reader.note(Diagnostic::error(Code::BAD_VALUE, item.span, "the word has no letters or digits"));
            return None;
        }
        Some(word)
    };
    reader.items(node, "`words`").unwrap_or_default().iter().filter_map(word).collect()
}
