//! The texts of flows in other languages. A language file stands beside a flow and says its texts by the same keys.
//!
//! `place` keeps where a flow says something, `file` reads a language file, `fit` holds it to its flow. In a program a text is
//! known by the place where its original stands, so a step says its own text and never asks for languages: filling a text looks
//! up what is said instead, and only when the contact has chosen a language and some flow has texts in it.

mod file;
mod fit;
mod place;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use indexmap::IndexMap;

use crate::model::{FlowName, Language};
use crate::script::Scripts;
use crate::source::{Code, Diagnostic, SourceId, Sources, Span, nearest};

use super::always::{Always, Words};
use super::file::FlowFile;
use super::program::{Flow, Program};
use super::read::{Reader, listed};
use super::text::Text;
use super::trigger::Owner;

use fit::{Fitted, Original};

pub(crate) use file::read_own;
pub(super) use file::{LanguageFile, is_one};
pub(super) use place::{Branch, Role};

/// What other languages say.
#[derive(Debug, Default)]
pub(super) struct Languages {
    /// Every language file that fits its flow.
    fitted: Vec<Arc<Fitted>>,
    /// By language, then by the file of the original.
    spoken: HashMap<Language, HashMap<SourceId, Said>>,
    /// By the file of the original: words of other languages, and the word of the original that does the same.
    words: HashMap<SourceId, HashMap<String, String>>,
}

/// What a file says in some language.
#[derive(Debug)]
enum Said {
    /// What stands in it: it is written in that language.
    AsWritten,
    /// These texts, as far as there are any.
    Translated(Arc<Fitted>),
}

/// In which language a text is put.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spoken<'a> {
    languages: &'a Languages,
    language: Option<&'a Language>,
}

impl<'a> Spoken<'a> {
    /// The language that was chosen; empty when none was.
    pub(super) fn chosen(self) -> &'a str {
        self.language.map_or("", Language::as_str)
    }

    /// What is said where `original` stands: in the language itself, or in one that it is a kind of, or as written.
    pub(super) fn text(self, original: &'a Text) -> &'a Text {
        let Some(language) = self.language.filter(|_| !self.languages.fitted.is_empty()) else { return original };
        for said in language.widening().filter_map(|tag| self.languages.spoken.get(tag)?.get(&original.span.source)) {
            match said {
                Said::AsWritten => return original,
                Said::Translated(fitted) => {
                    if let Some(text) = fitted.texts.get(&original.span) {
                        return text;
                    }
                }
            }
        }
        original
    }
}

impl Languages {
    /// How someone is spoken to who has chosen `language`.
    pub(super) fn to<'a>(&'a self, language: Option<&'a Language>) -> Spoken<'a> {
        Spoken { languages: self, language }
    }

    /// What `word` does, in whatever language it is typed, where `words` are those of the file `source`.
    pub(super) fn meant<'w, T>(
        &self,
        words: &'w Words<T>,
        source: impl Into<Option<SourceId>>,
        word: &str,
    ) -> Option<&'w (T, Span)> {
        let elsewhere = || words.get(self.words.get(&source.into()?)?.get(word)?);
        words.get(word).or_else(elsewhere)
    }

    /// Every text in them.
    pub(super) fn texts(&self) -> impl Iterator<Item = &Text> {
        self.fitted.iter().flat_map(|fitted| fitted.texts.values())
    }

    /// What is said where `original` stands, in each language that says it.
    pub(super) fn instead_of<'a>(&'a self, original: &'a Text) -> impl Iterator<Item = &'a Text> {
        self.fitted.iter().filter_map(|fitted| fitted.texts.get(&original.span))
    }

    /// The words of other languages that start flows.
    pub(super) fn starts(&self) -> impl Iterator<Item = (Owner, &[(String, Span)])> {
        self.fitted.iter().filter_map(|fitted| {
            let flow = fitted.flow()?;
            let owner =
                Owner { flow: flow.name.clone(), priority: flow.start.priority, language: Some(fitted.language().clone()) };
            Some((owner, fitted.start()))
        })
    }

    /// The languages that something is written in.
    fn known(&self) -> BTreeSet<&str> {
        self.spoken.keys().map(Language::as_str).collect()
    }
}

/// The flows and files that language files may belong to.
pub(super) struct Around<'a> {
    pub sources: &'a Sources,
    pub scripts: &'a Scripts,
    pub files: &'a [Arc<FlowFile>],
    pub flows: &'a IndexMap<FlowName, Arc<Flow>>,
    pub always: &'a Arc<Always>,
}

impl Languages {
    /// Holds every language file to what it translates. What has not changed since `previous` is not looked at again.
    pub(super) fn gather(around: &Around<'_>, previous: Option<&Self>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut languages = Self::default();
        let mut written = |language: Option<&Language>, source: SourceId| {
            if let Some(language) = language.or(around.always.language.as_ref()) {
                languages.spoken.entry(language.clone()).or_default().insert(source, Said::AsWritten);
            }
        };
        around.flows.values().for_each(|flow| written(flow.language.as_ref(), flow.span.source));
        around.always.source.into_iter().for_each(|source| written(None, source));
        for file in around.files {
            let Some(read) = &file.language else { continue };
            let (Some(original), Some(language)) = (around.original(read, diagnostics), &read.language) else { continue };
            let mut known = previous.iter().flat_map(|previous| &previous.fitted);
            let fitted = known.find(|known| known.is_of(file, &original)).map(Arc::clone);
            let fitted = fitted.unwrap_or_else(|| {
                let reader = Reader::new(around.sources, around.scripts, file.source);
                Arc::new(Fitted::new(reader, Arc::clone(file), language.clone(), original))
            });
            diagnostics.extend(fitted.diagnostics.iter().cloned());
            languages.take(fitted, diagnostics);
        }
        languages.tell_missing(diagnostics);
        languages
    }

    /// Takes a file in; a second one of the same texts in the same language is a mistake.
    fn take(&mut self, fitted: Arc<Fitted>, diagnostics: &mut Vec<Diagnostic>) {
        let (source, language, place) = (fitted.source(), fitted.language().clone(), fitted.language_span());
        let message = format!("the texts of `{}` are there in the language `{language}` already", fitted.of());
        let second = Diagnostic::error(Code::SAME_LANGUAGE, place, message);
        match self.spoken.entry(language).or_default().entry(source) {
            std::collections::hash_map::Entry::Occupied(taken) => diagnostics.push(match taken.get() {
                Said::AsWritten => second.label("that is the language in which the file itself is written").help(
                    "Write the texts there. If they are in another language, say which: `language: en` at the top of that file.",
                ),
                Said::Translated(first) => {
                    second.related(first.language_span(), "the first of them").help("put both into one file")
                }
            }),
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(Said::Translated(Arc::clone(&fitted)));
                self.take_words(&fitted, diagnostics);
                self.fitted.push(fitted);
            }
        }
    }

    fn take_words(&mut self, fitted: &Fitted, diagnostics: &mut Vec<Diagnostic>) {
        let taken = self.words.entry(fitted.source()).or_default();
        for (word, like, span) in fitted.words() {
            let does = fitted.original.does(&like);
            let other = taken.get(&word).and_then(|other| fitted.original.does(other)).or(fitted.original.does(&word));
            match other.filter(|other| Some(*other) != does) {
                Some(other) => diagnostics.push(
                    Diagnostic::error(Code::TRIGGER_CONFLICT, span, format!("the word `{word}` does something else already"))
                        .related(other, "it does this, in another language or in the flow itself")
                        .help("a word can do one thing, whatever the language; take it out here or there"),
                ),
                None => {
                    taken.insert(word, like);
                }
            }
        }
    }

    /// Tells of each file which texts it lacks that no wider language has either: in one diagnostic, however many they are.
    fn tell_missing(&self, diagnostics: &mut Vec<Diagnostic>) {
        /// Missing texts that are named.
        const NAMED_MAX: usize = 8;
        for fitted in &self.fitted {
            let wider = || fitted.language().widening().skip(1).filter_map(|tag| self.spoken.get(tag)?.get(&fitted.source()));
            let said = |span: &Span| {
                wider().any(|said| match said {
                    Said::AsWritten => true,
                    Said::Translated(other) => other.texts.contains_key(span),
                })
            };
            let lacks: Vec<&str> = fitted.lacks.iter().filter(|(span, _)| !said(span)).map(|(_, path)| path.as_str()).collect();
            let Some(first) = lacks.first() else { continue };
            let named = match lacks.split_at_checked(NAMED_MAX) {
                Some((shown, rest)) if !rest.is_empty() => format!("`{}` and {} more", shown.join("`, `"), rest.len()),
                _ => listed(&lacks),
            };
            let count = if lacks.len() == 1 { "1 text".to_owned() } else { format!("{} texts", lacks.len()) };
            let message =
                format!("{count} of `{}` {} not there in the language `{}`", fitted.of(), is_or_are(&lacks), fitted.language());
            diagnostics.push(
                Diagnostic::warning(Code::MISSING_LANGUAGE, fitted.language_span(), message)
                    .label(format!("there is no {named}"))
                    .help(format!("say them under `texts`, as `{first}` by its step and key; until then people read them as they stand in the flow")),
            );
        }
    }
}

fn is_or_are(what: &[&str]) -> &'static str {
    if what.len() == 1 { "is" } else { "are" }
}

impl Around<'_> {
    /// What a language file translates; that it is not there is a mistake unless it may be a file that could not be read.
    fn original(&self, file: &LanguageFile, diagnostics: &mut Vec<Diagnostic>) -> Option<Original> {
        /// What the file that holds for every flow is called in `texts_of`.
        const ALWAYS: &str = "_always";
        let (name, span) = &file.of;
        if name == ALWAYS && self.always.source.is_some() {
            return Some(Original::Always(Arc::clone(self.always)));
        }
        if let Some(flow) = self.flows.get(name.as_str()) {
            return Some(Original::Flow(Arc::clone(flow)));
        }
        if self.files.iter().all(|file| file.is_read()) {
            let message = format!("there is no flow `{name}`");
            let mistake = Diagnostic::error(Code::UNKNOWN_FLOW, *span, message);
            let names = self.flows.keys().map(FlowName::as_str).chain(self.always.source.map(|_| ALWAYS));
            diagnostics.push(match nearest(name, names) {
                Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(*span, near),
                None => mistake.help("`texts_of` takes the name of a flow, or `_always` for the texts of `flows/_always.yaml`"),
            });
        }
        None
    }
}

/// Notes languages that steps and buttons change to and nothing is written in.
pub(super) fn check(program: &Program, diagnostics: &mut Vec<Diagnostic>) {
    // What could not be read may be written in it.
    if !program.is_whole() {
        return;
    }
    let known = program.languages.known();
    let speaks = program.flows().flat_map(|flow| flow.steps.values()).flat_map(|step| step.speaks());
    for (language, span) in speaks.filter_map(|speak| speak.known()) {
        if language.widening().any(|tag| known.contains(tag)) {
            continue;
        }
        let message = format!("nothing is written in the language `{language}`");
        let mistake = Diagnostic::error(Code::UNKNOWN_LANGUAGE, span, message);
        // Two letters are near to any other two: what is offered is the list.
        let known: Vec<&str> = known.iter().copied().collect();
        let beside = "write its texts in a file of their own (`texts_of`, `language`, `texts`), or say at the top of the flow that this is its own language";
        diagnostics.push(match known.as_slice() {
            [] => mistake.help(beside),
            known => mistake.label(format!("there is {}", listed(known))).help(beside),
        });
    }
}
