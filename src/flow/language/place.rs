//! The places of a file at which something is said: a tree of the author's own keys, with a text at each end.

use std::collections::HashMap;

use crate::model::limits;
use crate::source::{Node, NodeKind, Span};

use super::super::text::Text;

/// What a text is like, so that others can be held to it.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Role {
    /// The values in it.
    pub values: Vec<Used>,
    /// Whether it holds words, and not values and signs alone.
    pub has_words: bool,
    /// The most characters it may have, where that has been looked at.
    pub most: Option<usize>,
    /// Whether it is an address of the web.
    pub is_address: bool,
    /// Whether it is said of a row that is made from a value, so that `row` is known in it.
    pub in_row: bool,
}

/// A value in a text.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) struct Used {
    /// Its dotted name.
    pub name: String,
    /// Whether it has something to fall back on.
    pub falls_back: bool,
}

impl Role {
    pub(in super::super) fn of(text: &Text) -> Self {
        let values = text.values().map(|(name, _, falls_back)| Used { name, falls_back }).collect();
        Self { values, has_words: text.has_words(), most: None, is_address: false, in_row: false }
    }

    /// The most characters it may have.
    pub(super) fn most(&self) -> usize {
        self.most.unwrap_or(limits::TEXT_BODY_CHARS_MAX)
    }
}

/// Keys under which something is said.
#[derive(Debug, Clone, PartialEq)]
pub(in super::super) enum Branch {
    /// A text.
    Text(Span, Role),
    /// Keys, in the order of the file.
    Keys(Vec<(String, Branch)>),
    /// Items, with gaps where nothing is said.
    Items(Vec<Option<Branch>>),
}

impl Default for Branch {
    fn default() -> Self {
        Self::Keys(Vec::new())
    }
}

/// What is said under one of these keys stands for the whole mapping around it: `prices: Prices` for `prices: {title: Prices}`.
const MAIN: [&str; 3] = ["say", "title", "caption"];
/// What other languages may leave as it is: addresses, names, and what the contact never reads.
const MAY_STAY: [&str; 7] = ["url", "filename", "to", "note", "contact", "opt_in", "opt_out"];

impl Branch {
    /// The places of `node` at which one of `texts` stands.
    pub(in super::super) fn gather(node: &Node, texts: &HashMap<Span, Role>) -> Self {
        Self::of(node, texts).unwrap_or_default()
    }

    fn of(node: &Node, texts: &HashMap<Span, Role>) -> Option<Self> {
        match &node.kind {
            NodeKind::Empty => None,
            NodeKind::Scalar { .. } => Some(Self::Text(node.span, texts.get(&node.span)?.clone())),
            NodeKind::List(items) => {
                let items: Vec<_> = items.iter().map(|item| Self::of(item, texts)).collect();
                items.iter().any(Option::is_some).then_some(Self::Items(items))
            }
            NodeKind::Map(entries) => {
                let said = entries.iter().filter_map(|(key, node)| Some((key.text.clone(), Self::of(node, texts)?)));
                let keys: Vec<_> = said.collect();
                (!keys.is_empty()).then_some(Self::Keys(keys))
            }
        }
    }

    /// The same without a key.
    pub(in super::super) fn without(self, key: &str) -> Self {
        match self {
            Self::Keys(keys) => Self::Keys(keys.into_iter().filter(|(other, _)| other != key).collect()),
            other => other,
        }
    }

    /// What is said under `key`.
    pub(super) fn at(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Keys(keys) => keys.iter().find(|(known, _)| known == key).map(|(_, branch)| branch),
            Self::Text(..) | Self::Items(_) => None,
        }
    }

    /// Its keys.
    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        let keys = match self {
            Self::Keys(keys) => keys.as_slice(),
            Self::Text(..) | Self::Items(_) => &[],
        };
        keys.iter().map(|(key, _)| key.as_str())
    }

    /// The text that a text alone stands for.
    pub(super) fn main(&self) -> Option<&Self> {
        match self {
            Self::Text(..) => Some(self),
            Self::Keys(_) => MAIN.iter().find_map(|key| self.at(key)).filter(|branch| matches!(branch, Self::Text(..))),
            Self::Items(items) => match items.as_slice() {
                [Some(only @ Self::Text(..))] => Some(only),
                _ => None,
            },
        }
    }

    /// Calls `each` with every text that another language should say as well, and how its place is written.
    pub(super) fn wanted(&self, path: &str, each: &mut dyn FnMut(Span, &str)) {
        let below = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
        match self {
            Self::Text(span, role) if role.has_words => each(*span, path),
            Self::Text(..) => {}
            Self::Keys(keys) => {
                let main = MAIN.iter().find(|main| self.at(main).is_some());
                // The note of a hand-off is for people at the desk, that of a list's row is for the contact.
                let of_row = |key: &str| key == "note" && self.at("title").is_some();
                let should = |key: &str| !MAY_STAY.contains(&key) || of_row(key);
                let alone = keys.iter().filter(|(key, _)| should(key)).count() == 1 || self.at("note").is_none();
                for (key, branch) in keys.iter().filter(|(key, _)| should(key)) {
                    // A button is written as its title alone; a step is not, it may say much else, and neither is a row with a
                    // note.
                    let short = path.contains('.') && main == Some(&key.as_str()) && alone;
                    branch.wanted(&if short { path.to_owned() } else { below(key) }, each);
                }
            }
            Self::Items(items) => {
                for (index, branch) in items.iter().enumerate() {
                    if let Some(branch) = branch {
                        branch.wanted(&below(&(index + 1).to_string()), each);
                    }
                }
            }
        }
    }

    /// Calls `each` with every text in it, wanted or not.
    pub(super) fn every(&self, each: &mut dyn FnMut(Span)) {
        match self {
            Self::Text(span, _) => each(*span),
            Self::Keys(keys) => keys.iter().for_each(|(_, branch)| branch.every(each)),
            Self::Items(items) => items.iter().flatten().for_each(|branch| branch.every(each)),
        }
    }
}
