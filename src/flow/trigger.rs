//! What begins a flow: words, buttons, or anything that nobody else takes. The cost of a look-up does not grow with the number
//! of flows.

use std::collections::{BTreeSet, HashMap};

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::model::FlowName;
use crate::source::{Code, Diagnostic, Node, Span};

use super::keys;
use super::read::Reader;

/// The `start` of a flow.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// Typed words, as written.
    pub words: Vec<(String, Span)>,
    /// Button ids: exact, or with `*` for any run of characters.
    pub buttons: Vec<(String, Span)>,
    /// Where it says that it takes what nobody else takes.
    pub anything_else: Option<Span>,
}

impl Start {
    /// Reads `start: {words: …, buttons: …, anything_else: …}`.
    pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Self {
        let mut start = Self::default();
        let Some(mut fields) = reader.fields(node, "`start`") else { return start };
        let list = |fields: &mut super::read::Fields<'_>, key: &str| -> Vec<(String, Span)> {
            let items = fields.take(key).and_then(|(_, node)| reader.items(node, &format!("`{key}`"))).unwrap_or_default();
            items.iter().filter_map(|item| Some((reader.scalar(item, "a trigger")?.to_owned(), item.span))).collect()
        };
        start.words = list(&mut fields, "words");
        start.buttons = list(&mut fields, "buttons");
        if let Some((key, node)) = fields.take("anything_else")
            && reader.yes_no(node, "`anything_else`") == Some(true)
        {
            start.anything_else = Some(key.span);
        }
        fields.finish(reader, &keys::START);
        for (word, span) in &start.words {
            if plain(word).is_empty() {
                reader.note(Diagnostic::error(Code::BAD_VALUE, *span, "a word to start with has no letters or digits"));
            }
        }
        start
    }

    /// Whether nothing begins the flow.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.buttons.is_empty() && self.anything_else.is_none()
    }
}

/// A text without case, accents, width, marks at its ends and doubled spaces: what is left is compared.
pub fn plain(text: &str) -> String {
    // Most texts are plain ASCII, which nothing but its case can be taken from.
    let folded: String = match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => text.nfkd().filter(|&c| !is_combining_mark(c)).flat_map(char::to_lowercase).collect(),
    };
    let trimmed = folded.trim_matches(|c: char| !c.is_alphanumeric());
    let kept = if trimmed.is_empty() { folded.trim() } else { trimmed };
    let mut words = kept.split_whitespace();
    let mut plain = words.next().unwrap_or("").to_owned();
    for word in words {
        plain.push(' ');
        plain.push_str(word);
    }
    plain
}

/// Every trigger of a program.
#[derive(Debug, Default)]
pub struct Triggers {
    words: HashMap<String, FlowName>,
    buttons: HashMap<String, FlowName>,
    /// Patterns with `*`, by what stands before their first `*`.
    patterns: HashMap<String, Vec<(String, FlowName)>>,
    /// How long the keys of `patterns` are, longest first, so that a look-up tries those lengths only.
    prefix_lengths: Vec<usize>,
    anything_else: Option<FlowName>,
}

impl Triggers {
    /// Gathers the triggers of all flows; two flows that would take the same event are a mistake that names both.
    pub(super) fn gather<'f>(flows: impl Iterator<Item = (&'f FlowName, &'f Start)>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut triggers = Self::default();
        let mut first: HashMap<(u8, String), (FlowName, Span)> = HashMap::new();
        let mut taken = |family: u8, key: String, what: String, flow: &FlowName, span: Span| match first
            .get(&(family, key.clone()))
        {
            Some((other, _)) if other == flow => false,
            Some((other, earlier)) => {
                diagnostics.push(
                    Diagnostic::error(Code::TRIGGER_CONFLICT, span, format!("{what} would start both `{other}` and `{flow}`"))
                        .related(*earlier, format!("`{other}` takes it here"))
                        .help("take it out of one of them"),
                );
                false
            }
            None => {
                first.insert((family, key), (flow.clone(), span));
                true
            }
        };
        let mut lengths = BTreeSet::new();
        for (flow, start) in flows {
            for (word, span) in &start.words {
                if taken(0, plain(word), format!("the word `{word}`"), flow, *span) {
                    triggers.words.insert(plain(word), flow.clone());
                }
            }
            for (id, span) in &start.buttons {
                if !taken(1, id.clone(), format!("the button `{id}`"), flow, *span) {
                    continue;
                }
                match id.split_once('*') {
                    Some((prefix, _)) => {
                        lengths.insert(prefix.len());
                        triggers.patterns.entry(prefix.to_owned()).or_default().push((id.clone(), flow.clone()));
                    }
                    None => {
                        triggers.buttons.insert(id.clone(), flow.clone());
                    }
                }
            }
            if let Some(span) = start.anything_else
                && taken(2, String::new(), "anything that nobody takes".to_owned(), flow, span)
            {
                triggers.anything_else = Some(flow.clone());
            }
        }
        triggers.prefix_lengths = lengths.into_iter().rev().collect();
        for patterns in triggers.patterns.values_mut() {
            patterns.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.len()));
        }
        triggers
    }

    /// The flow that a typed text starts.
    pub fn word(&self, typed: &str) -> Option<&FlowName> {
        self.words.get(&plain(typed))
    }

    /// The flow that a button starts: an exact id before a pattern; of two patterns the one with more before its first `*`, then
    /// the longer one.
    pub fn button(&self, id: &str) -> Option<&FlowName> {
        self.buttons.get(id).or_else(|| {
            let prefixes = self.prefix_lengths.iter().filter_map(|&length| self.patterns.get(id.get(..length)?));
            prefixes.flatten().find(|(pattern, _)| matches(pattern, id)).map(|(_, flow)| flow)
        })
    }

    /// The flow that takes what nobody else takes.
    pub fn anything_else(&self) -> Option<&FlowName> {
        self.anything_else.as_ref()
    }
}

/// Whether `id` fits `pattern`, in which `*` stands for any run of characters. Linear in both.
fn matches(pattern: &str, id: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = id.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_width_and_marks_do_not_matter() {
        for (typed, expected) in [
            ("  HeLLo!! ", "hello"),
            ("Ménü", "menu"),
            ("ＭＥＮＵ", "menu"),
            ("talk   to us", "talk to us"),
            ("👍", "👍"),
            ("", ""),
        ] {
            assert_eq!(plain(typed), expected, "{typed}");
        }
    }

    #[test]
    fn a_star_stands_for_any_run() {
        for (pattern, id, fits) in [
            ("lookup:*", "lookup:42", true),
            ("lookup:*", "lookup:", true),
            ("lookup:*", "look", false),
            ("order:*:confirm", "order:47:11:confirm", true),
            ("order:*:confirm", "order:confirm", false),
            ("*", "anything", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "acb", false),
            ("aa*aa", "aaa", false),
        ] {
            assert_eq!(matches(pattern, id), fits, "{pattern} {id}");
        }
    }
}
