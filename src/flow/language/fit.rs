//! A language file held to what it translates: each of its texts finds the place of the original, or is told.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::model::{Language, VariableName};
use crate::source::{Code, Diagnostic, Key, Node, NodeKind, SourceId, Span, nearest};

use super::super::always::{Always, Deed};
use super::super::file::FlowFile;
use super::super::program::{Flow, check_length, longest_given};
use super::super::read::{Reader, listed};
use super::super::step::address;
use super::super::text::Text;
use super::super::trigger::plain;
use super::file::{LanguageFile, Row};
use super::place::{Branch, Role};

/// What a language file translates.
#[derive(Debug, Clone)]
pub(super) enum Original {
    Flow(Arc<Flow>),
    Always(Arc<Always>),
}

/// A language file that belongs to something.
#[derive(Debug)]
pub(super) struct Fitted {
    file: Arc<FlowFile>,
    language: (Language, Span),
    pub original: Original,
    /// What is said, by the place of the original.
    pub texts: HashMap<Span, Text>,
    /// Places of the original for which nothing is said, and how they are written.
    pub lacks: Vec<(Span, String)>,
    pub diagnostics: Vec<Diagnostic>,
}

/// Where the first word stands whose deed is one of these.
fn first(always: &Always, fits: impl Fn(&Deed) -> bool) -> Option<Span> {
    always.words.values().filter(|(deed, _)| fits(deed)).map(|(_, span)| *span).min()
}

impl Original {
    fn source(&self) -> Option<SourceId> {
        match self {
            Self::Flow(flow) => Some(flow.span.source),
            Self::Always(always) => always.source,
        }
    }

    /// Where it says what a word of its `always` does; words that do the same say it at the same place.
    pub(super) fn does(&self, word: &str) -> Option<Span> {
        match self {
            Self::Flow(flow) => flow.always.get(word).map(|(target, _)| target.span),
            Self::Always(always) => always.words.get(word).and_then(|(deed, _)| match deed {
                Deed::Start(_, span) => Some(*span),
                Deed::Say(text) => Some(text.span),
                // They stand in one row each, so that the first of its words stands for all.
                Deed::OptOut(_) => first(always, |deed| matches!(deed, Deed::OptOut(_))),
                Deed::OptIn(_) => first(always, |deed| matches!(deed, Deed::OptIn(_))),
            }),
        }
    }

    fn words(&self) -> Vec<&str> {
        let mut words: Vec<&str> = match self {
            Self::Flow(flow) => flow.always.keys().map(String::as_str).collect(),
            Self::Always(always) => always.words.keys().map(String::as_str).collect(),
        };
        words.sort_unstable();
        words
    }

    fn is_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Flow(one), Self::Flow(other)) => Arc::ptr_eq(one, other),
            (Self::Always(one), Self::Always(other)) => Arc::ptr_eq(one, other),
            (Self::Flow(_), Self::Always(_)) | (Self::Always(_), Self::Flow(_)) => false,
        }
    }
}

impl Fitted {
    /// Holds `file`, which is a language file of `language`, to `original`.
    pub(super) fn new(mut reader: Reader<'_>, file: Arc<FlowFile>, language: (Language, Span), original: Original) -> Self {
        match &original {
            Original::Flow(flow) => reader.variables = flow.remember.keys().cloned().collect::<Vec<VariableName>>(),
            Original::Always(_) => reader.flowless = true,
        }
        let mut fitting = Fitting { reader, original: &original, texts: HashMap::new(), seen: HashSet::new() };
        let mut lacks = Vec::new();
        if let Some(read) = &file.language {
            fitting.texts(read);
            read.always.iter().for_each(|row| fitting.row(row));
            // A key that could not be read may hold what would be missing.
            if !file.diagnostics.iter().any(Diagnostic::is_error) {
                fitting.lacks(&mut lacks);
            }
        }
        let Fitting { reader, texts, .. } = fitting;
        Self { file, language, texts, lacks, diagnostics: reader.into_diagnostics(), original }
    }

    /// Whether it came from this very file and this very original.
    pub(super) fn is_of(&self, file: &Arc<FlowFile>, original: &Original) -> bool {
        Arc::ptr_eq(&self.file, file) && self.original.is_the_same(original)
    }

    fn read(&self) -> &LanguageFile {
        self.file.language.as_ref().expect("only language files are fitted")
    }

    pub(super) fn language(&self) -> &Language {
        &self.language.0
    }

    pub(super) fn language_span(&self) -> Span {
        self.language.1
    }

    /// The name of what it translates.
    pub(super) fn of(&self) -> &str {
        &self.read().of.0
    }

    /// The file of the original.
    pub(super) fn source(&self) -> SourceId {
        self.original.source().unwrap_or(self.file.source)
    }

    /// The flow whose texts it has.
    pub(super) fn flow(&self) -> Option<&Flow> {
        match &self.original {
            Original::Flow(flow) => Some(flow),
            Original::Always(_) => None,
        }
    }

    /// Words that start the flow.
    pub(super) fn start(&self) -> &[(String, Span)] {
        &self.read().start
    }

    /// Words that lead out, each with the word of the original that does the same; as they are compared.
    pub(super) fn words(&self) -> impl Iterator<Item = (String, String, Span)> {
        let rows = self.read().always.iter().filter(|row| self.original.does(&plain(&row.word.0)).is_some());
        rows.flat_map(|row| row.words.iter().map(|(word, span)| (plain(word), plain(&row.word.0), *span)))
    }
}

/// A language file while it is held to its original.
struct Fitting<'a> {
    reader: Reader<'a>,
    original: &'a Original,
    texts: HashMap<Span, Text>,
    /// Places of the original for which something is said, even if it is wrong.
    seen: HashSet<Span>,
}

impl<'a> Fitting<'a> {
    fn places(&self) -> &'a Branch {
        match self.original {
            Original::Flow(flow) => &flow.places,
            Original::Always(always) => &always.places,
        }
    }

    fn texts(&mut self, file: &LanguageFile) {
        let places = self.places();
        if let Some(Node { kind: NodeKind::Map(entries), .. }) = &file.texts {
            for (key, node) in entries {
                match places.at(&key.text) {
                    Some(branch) => self.fit(branch, node, &key.text),
                    None => self.unknown_place(places, key),
                }
            }
        }
        if let (Original::Always(_), Some((word, span))) = (self.original, file.start.first()) {
            self.reader.note(
                Diagnostic::error(Code::TOGETHER, *span, format!("the word `{word}` starts no flow here"))
                    .help("words that start a flow stand in the language file of that flow; here they stand under `always`"),
            );
        }
    }

    /// What is said under one of the original's keys.
    fn fit(&mut self, branch: &Branch, node: &Node, path: &str) {
        match (branch, &node.kind) {
            (Branch::Text(span, role), _) => self.text(*span, role, node, path),
            (_, NodeKind::Scalar { .. }) if branch.main().is_some() => {
                if let Some(Branch::Text(span, role)) = branch.main() {
                    self.text(*span, role, node, path);
                }
            }
            (Branch::Keys(_), NodeKind::Map(entries)) => {
                for (key, node) in entries {
                    match branch.at(&key.text) {
                        Some(inner) => self.fit(inner, node, &format!("{path}.{}", key.text)),
                        None => self.unknown_key(branch, key, path),
                    }
                }
                if path.ends_with(".buttons") {
                    self.titles(branch, None);
                }
                if let Some(rows) = branch.at("rows").filter(|_| path.ends_with(".list")) {
                    self.titles(rows, branch.at("more"));
                }
            }
            (Branch::Items(places), NodeKind::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    match places.get(index) {
                        Some(Some(inner)) => self.fit(inner, item, &format!("{path}.{}", index + 1)),
                        Some(None) => {}
                        None => {
                            let message = format!("`{path}` has {} of these in the {}, not more", places.len(), self.whose());
                            return self.reader.note(Diagnostic::error(Code::UNKNOWN_TEXT, item.span, message));
                        }
                    }
                }
            }
            (Branch::Keys(_), _) => {
                let keys: Vec<&str> = branch.keys().collect();
                self.forget(branch);
                self.reader.wrong_shape(node, &format!("`{path}`"), &format!("a mapping with {}", listed(&keys)));
            }
            (Branch::Items(_), _) => {
                self.forget(branch);
                self.reader.wrong_shape(node, &format!("`{path}`"), "a list, as in the flow,");
            }
        }
    }

    fn text(&mut self, span: Span, role: &Role, node: &Node, path: &str) {
        self.seen.insert(span);
        let what = format!("`{path}`");
        self.reader.in_row.set(role.in_row);
        let text = if role.is_address { address(&self.reader, node) } else { self.reader.text(node, &what) };
        self.reader.in_row.set(false);
        let Some(text) = text else { return };
        if text.literal().is_some_and(|text| text.trim().is_empty()) && role.has_words {
            let message = format!("{what} says nothing");
            return self
                .reader
                .note(Diagnostic::error(Code::MISSING_KEY, node.span, message).help("write the text, or take the key out"));
        }
        self.values(&text, role, &what);
        match self.original {
            _ if role.is_address => {}
            Original::Flow(flow) => flow.check_length(&self.reader, &text, role.most(), &what),
            Original::Always(_) => check_length(&self.reader, &text, role.most(), &what, &longest_given),
        }
        self.texts.insert(span, text);
    }

    /// A text may use the values of the one it stands for, and what is known everywhere; and it should use all of them.
    fn values(&self, text: &Text, role: &Role, what: &str) {
        let given = |name: &str| !self.reader.variables.iter().any(|variable| Some(variable.as_str()) == name.split('.').next());
        for (name, at, falls_back) in text.values() {
            match role.values.iter().find(|value| value.name == name) {
                Some(value) if value.falls_back && !falls_back => self.reader.note(
                    Diagnostic::warning(Code::OTHER_VALUES, at, format!("`{name}` has nothing to fall back on here")).help(
                        format!(
                            "the {} says `{{{name} | …}}`, because it may be empty: write what stands there then",
                            self.whose()
                        ),
                    ),
                ),
                Some(_) => {}
                None if given(&name) => {}
                None => {
                    let message = format!("the text that {what} stands for has no value `{name}`");
                    let mistake = Diagnostic::error(Code::OTHER_VALUES, at, message);
                    let known: Vec<&str> = role.values.iter().map(|value| value.name.as_str()).collect();
                    self.reader.note(match (nearest(&name, known.iter().copied()), known.as_slice()) {
                        (Some(near), _) => mistake.label(format!("did you mean `{near}`?")).fix(at, near),
                        (None, []) => {
                            mistake.help(format!("it has none: put it into the {} first, or take it out here", self.whose()))
                        }
                        (None, known) => {
                            mistake.help(format!("it has {}; put others into the {} first", listed(known), self.whose()))
                        }
                    });
                    return;
                }
            }
        }
        let left_out = role.values.iter().find(|value| !text.values().any(|(name, ..)| name == value.name));
        if let Some(value) = left_out {
            self.reader.note(
                Diagnostic::warning(Code::OTHER_VALUES, text.span, format!("{what} leaves `{{{}}}` out", value.name))
                    .help(format!("the text of the {} has it; put it where it belongs in this language", self.whose())),
            );
        }
    }

    /// The provider refuses two buttons with the same title in one message, and `more` is one of those of a list.
    fn titles(&self, buttons: &Branch, more: Option<&Branch>) {
        let mut seen: Vec<(&str, Span)> = Vec::new();
        for button in more.into_iter().chain(buttons.keys().filter_map(|key| buttons.at(key))) {
            let Some(Branch::Text(place, _)) = button.main() else { continue };
            let Some(text) = self.texts.get(place) else { continue };
            let Some(title) = text.literal() else { continue };
            if let Some((_, first)) = seen.iter().find(|(other, _)| *other == title) {
                self.reader.note(
                    Diagnostic::error(Code::SAME_TITLE, text.span, format!("two buttons are called `{title}`"))
                        .related(*first, "the first of them")
                        .help("the provider refuses equal titles in one message; change one of them"),
                );
            }
            seen.push((title, text.span));
        }
    }

    /// Words of a row, and what they are answered with.
    fn row(&mut self, row: &Row) {
        let (word, span) = &row.word;
        if self.original.does(&plain(word)).is_none() {
            let known = self.original.words();
            let mistake =
                Diagnostic::error(Code::UNKNOWN_TEXT, *span, format!("the {} has no word `{word}` in `always`", self.whose()));
            return self.reader.note(match nearest(&plain(word), known.iter().copied()) {
                Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(*span, near),
                None if known.is_empty() => mistake.help("it has no `always` at all; write one there first"),
                None => mistake
                    .help(format!("its words are {}; write one of them, and below it those that do the same", listed(&known))),
            });
        }
        let answer = match self.original {
            Original::Always(always) => always.words.get(&plain(word)).and_then(|(deed, _)| deed.says()),
            Original::Flow(_) => None,
        };
        match (&row.say, answer) {
            (Some(say), Some(text)) => self.text(text.span, &Role::of(text), say, &format!("always.{word}")),
            (Some(say), None) => self.reader.note(
                Diagnostic::error(Code::UNKNOWN_TEXT, say.span, format!("the word `{word}` is not answered with a text"))
                    .help("take `say` out; the step or flow it leads to says its own texts"),
            ),
            (None, _) => {}
        }
    }

    /// What the file lacks.
    fn lacks(&self, lacks: &mut Vec<(Span, String)>) {
        self.places().wanted("", &mut |span, path| {
            if !self.seen.contains(&span) {
                lacks.push((span, path.to_owned()));
            }
        });
        let Original::Always(always) = self.original else { return };
        for word in self.original.words() {
            if let Some(text) = always.words.get(word).and_then(|(deed, _)| deed.says())
                && !self.seen.contains(&text.span)
                && !lacks.iter().any(|(span, _)| *span == text.span)
            {
                lacks.push((text.span, format!("always.{word}")));
            }
        }
    }

    fn unknown_place(&mut self, places: &Branch, key: &Key) {
        let Original::Flow(flow) = self.original else {
            let message = format!("`flows/_always.yaml` has no text `{}`", key.text);
            return self.unknown(places, key, message, "its texts are");
        };
        if flow.steps.contains_key(key.text.as_str()) {
            let message = format!("the step `{}` says nothing", key.text);
            let mistake = Diagnostic::error(Code::UNKNOWN_TEXT, key.span, message);
            return self.reader.note(mistake.help("take it out; only what the flow itself says can be said in another language"));
        }
        self.unknown(
            places,
            key,
            format!("the flow `{}` has no step `{}`", flow.name, key.text),
            "its steps that say something are",
        );
    }

    fn unknown_key(&mut self, branch: &Branch, key: &Key, path: &str) {
        let message = format!("`{path}` has no `{}` in the {}", key.text, self.whose());
        self.unknown(branch, key, message, "what it says there stands under");
    }

    fn unknown(&mut self, branch: &Branch, key: &Key, message: String, known_are: &str) {
        let mistake = Diagnostic::error(Code::UNKNOWN_TEXT, key.span, message);
        let near = nearest(&key.text, branch.keys());
        // What was meant is said, in its way.
        near.and_then(|near| branch.at(near)).into_iter().for_each(|meant| self.forget(meant));
        let known: Vec<&str> = branch.keys().take(12).collect();
        self.reader.note(match near {
            Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(key.span, near),
            None if known.is_empty() => mistake.help("take it out; there is nothing to say in another language"),
            None => mistake.help(format!("{known_are} {}", listed(&known))),
        });
    }

    /// Nothing under `branch` counts as missing: something else is wrong with it.
    fn forget(&mut self, branch: &Branch) {
        branch.every(&mut |span| {
            self.seen.insert(span);
        });
    }

    /// Where the original stands.
    fn whose(&self) -> &'static str {
        match self.original {
            Original::Flow(_) => "flow",
            Original::Always(_) => "file",
        }
    }
}
