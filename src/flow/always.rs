//! `always`: words that lead out of any step. A flow's own hold while one of its questions is open; those of
//! `flows/_always.yaml` hold everywhere, together with the texts for what no flow provides for.

use std::collections::{BTreeSet, HashMap};

use crate::model::{FlowName, Hosts, Language, Zone, limits};
use crate::source::{Code, Diagnostic, Node, NodeKind, SourceId, Span, nearest};

use super::expected::NotUnderstood;
use super::file::read_version;
use super::hosts;
use super::keys::{self, Shape};
use super::language::{self, Branch};
use super::program::{Program, check_length, longest_given};
use super::read::{Fields, Reader, Target};
use super::text::Text;
use super::trigger::plain;

/// Words, as they are compared, with what each does and where it stands.
pub type Words<T> = HashMap<String, (T, Span)>;

/// What holds for every flow of a project.
#[derive(Debug, Default)]
pub struct Always {
    /// Words that are taken before any flow's.
    pub words: Words<Deed>,
    /// The zone whose clocks flows mean that name none.
    pub zone: Option<Zone>,
    /// What the contact reads when a button leads nowhere any more, or has done all it does.
    pub old_buttons: Option<Text>,
    /// What the contact reads when something broke and the flow says nothing of it.
    pub broken: Option<Text>,
    /// What the contact reads when an answer does not fit and the step says nothing of it.
    pub not_understood: NotUnderstood,
    /// What holds while a person has a conversation.
    pub people: People,
    /// In which language its texts are written; also those of flows that do not say it themselves.
    pub language: Option<Language>,
    /// The file that says all this.
    pub(super) source: Option<SourceId>,
    /// Where its texts stand, for other languages.
    pub(super) places: Branch,
    /// Which other systems may be called.
    pub hosts: Hosts,
}

/// What a word of the project does.
#[derive(Debug, Clone)]
pub enum Deed {
    /// It starts a flow, which is named at this place.
    Start(FlowName, Span),
    /// It is answered, and the conversation stays where it is.
    Say(Text),
    /// The contact wants to hear nothing that starts on our side, and may be told so.
    OptOut(Option<Text>),
    /// The contact agrees to hear from us, and may be thanked.
    OptIn(Option<Text>),
}

/// What holds while a person has a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct People {
    /// How long a person has a conversation after each message that they write from the provider's desk, in milliseconds.
    pub hold_ms: u64,
    /// Words by which the contact comes back to the flows, as they are compared.
    pub back: BTreeSet<String>,
    /// Words by which the person gives the conversation back, as they are compared.
    pub give_back: BTreeSet<String>,
}

impl Default for People {
    fn default() -> Self {
        Self { hold_ms: limits::PERSON_HOLD_MS, back: BTreeSet::new(), give_back: BTreeSet::new() }
    }
}

impl Deed {
    /// What it says.
    pub(super) fn says(&self) -> Option<&Text> {
        match self {
            Self::Say(text) => Some(text),
            Self::OptOut(text) | Self::OptIn(text) => text.as_ref(),
            Self::Start(..) => None,
        }
    }
}

impl Always {
    /// Every text in it.
    pub(super) fn texts(&self) -> impl Iterator<Item = &Text> {
        let answers = self.words.values().filter_map(|(deed, _)| deed.says());
        self.old_buttons.iter().chain(&self.broken).chain(self.not_understood.texts()).chain(answers)
    }
}

/// Whether the file at `path` is the one that holds for every flow.
pub(super) fn is_at(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(name, "_always.yaml" | "_always.yml")
}

/// Reads `always` of a flow: rows of `words` and `go`.
pub(super) fn read_flow(reader: &Reader<'_>, node: &Node) -> Words<Target> {
    read_words(reader, node, &keys::FLOW_WORDS, |fields| {
        fields.need(reader, "go", "another_step").and_then(|node| reader.target(node, "`go`"))
    })
}

/// Reads `flows/_always.yaml`.
pub(super) fn read_project(reader: &Reader<'_>, node: &Node) -> Option<Always> {
    if node.kind == NodeKind::Empty {
        reader.note(
            Diagnostic::error(Code::MISSING_KEY, node.span, "the file is empty")
                .help("write `buttonhook: 1` and below it `always:`, `zone:`, `old_buttons:` or `broken:`, or delete the file"),
        );
        return None;
    }
    let mut fields = reader.fields(node, "what holds for every flow")?;
    read_version(reader, &mut fields);
    let words = fields.take("always").map(|(_, node)| read_words(reader, node, &keys::PROJECT_WORDS, |row| deed(reader, row)));
    let zone = fields.take("zone").and_then(|(_, node)| reader.zone(node));
    let mut text = |key: &str, what: &str| {
        let text = fields.take(key).and_then(|(_, node)| reader.text(node, what))?;
        check_length(reader, &text, limits::TEXT_BODY_CHARS_MAX, what, &longest_given);
        Some(text)
    };
    let (old_buttons, broken) = (text("old_buttons", "`old_buttons`"), text("broken", "`broken`"));
    let not_understood = fields.take("not_understood").and_then(|(_, node)| NotUnderstood::read(reader, node));
    let mut words = words.unwrap_or_default();
    for (key, deed) in [("opt_out", Deed::OptOut as fn(_) -> _), ("opt_in", Deed::OptIn as fn(_) -> _)] {
        if let Some((_, node)) = fields.take(key) {
            read_will(reader, key, node, deed, &mut words);
        }
    }
    let people = fields.take("people").and_then(|(_, node)| read_people(reader, node)).unwrap_or_default();
    let language = language::read_own(reader, &mut fields);
    let hosts = hosts::read(reader, &mut fields);
    fields.finish(reader, &keys::ALWAYS);
    let places = Branch::gather(node, &reader.texts.borrow()).without("always").without("opt_out").without("opt_in");
    let not_understood = not_understood.unwrap_or_default();
    Some(Always {
        words,
        zone,
        old_buttons,
        broken,
        not_understood,
        people,
        hosts,
        language,
        source: Some(reader.source),
        places,
    })
}

/// Reads words by which a contact agrees or takes it back, with what they are told.
fn read_will(reader: &Reader<'_>, key: &str, node: &Node, deed: fn(Option<Text>) -> Deed, words: &mut Words<Deed>) {
    let what = if key == "opt_out" { "`opt_out`" } else { "`opt_in`" };
    let Some(mut fields) = reader.fields(node, what) else { return };
    let listed = fields.need(reader, "words", "[stop]").and_then(|node| reader.items(node, "`words`")).unwrap_or_default();
    let say = fields.take("say").and_then(|(_, node)| reader.text(node, "`say`"));
    if let Some(say) = &say {
        check_length(reader, say, limits::TEXT_BODY_CHARS_MAX, "the text", &longest_given);
    }
    fields.finish(reader, &keys::WILL);
    for item in listed {
        add_word(reader, words, item, Some(deed(say.clone())));
    }
}

fn read_people(reader: &Reader<'_>, node: &Node) -> Option<People> {
    let mut fields = reader.fields(node, "`people`")?;
    let hold_ms = fields.take("hold").and_then(|(_, node)| reader.duration(node, "`hold`"));
    let mut words = |key: &str| -> BTreeSet<String> {
        let items = fields.take(key).and_then(|(_, node)| reader.items(node, "words")).unwrap_or_default();
        let words = items.iter().filter_map(|item| reader.scalar(item, "a word").map(|word| (plain(word), item.span)));
        words.filter(|(word, span)| has_letters(reader, word, *span)).map(|(word, _)| word).collect()
    };
    let (back, give_back) = (words("back"), words("give_back"));
    fields.finish(reader, &keys::PEOPLE);
    Some(People { hold_ms: hold_ms.unwrap_or(limits::PERSON_HOLD_MS), back, give_back })
}

fn deed(reader: &Reader<'_>, row: &mut Fields<'_>) -> Option<Deed> {
    match (row.take("start"), row.take("say")) {
        (Some((_, start)), None) => Some(Deed::Start(FlowName::new(reader.scalar(start, "`start`")?), start.span)),
        (None, Some((_, say))) => {
            let text = reader.text(say, "`say`")?;
            check_length(reader, &text, limits::TEXT_BODY_CHARS_MAX, "the text", &longest_given);
            Some(Deed::Say(text))
        }
        (Some(_), Some((key, _))) => {
            reader.note(
                Diagnostic::error(Code::TOGETHER, key.span, "a word cannot have `start` and `say` together")
                    .help("let the flow that it starts say the text"),
            );
            None
        }
        (None, None) => {
            reader.note(
                Diagnostic::error(Code::MISSING_KEY, row.span, "the row does not say what its words do")
                    .help("add `start: a_flow` or `say: a text`"),
            );
            None
        }
    }
}

/// Reads `always` as rows of words; `deed` reads what the words of a row do.
fn read_words<T: Clone>(
    reader: &Reader<'_>,
    node: &Node,
    shape: &Shape,
    deed: impl Fn(&mut Fields<'_>) -> Option<T>,
) -> Words<T> {
    let mut words: Words<T> = HashMap::new();
    let NodeKind::List(rows) = &node.kind else {
        reader.wrong_shape(node, "`always`", &format!("a list of rows, `- {{words: [stop], {}: …}}`,", shape.keys[1].name));
        return words;
    };
    for row in rows {
        let Some(mut fields) = reader.fields(row, "a row of `always`") else { continue };
        let listed = fields.need(reader, "words", "[stop]").and_then(|node| reader.items(node, "`words`")).unwrap_or_default();
        let does = deed(&mut fields);
        fields.finish(reader, shape);
        for item in listed {
            add_word(reader, &mut words, item, does.clone());
        }
    }
    words
}

/// Adds one word that `does` something, unless it stands there already or is none.
fn add_word<T>(reader: &Reader<'_>, words: &mut Words<T>, item: &Node, does: Option<T>) {
    let Some(word) = reader.scalar(item, "a word") else { return };
    if !has_letters(reader, &plain(word), item.span) {
        return;
    }
    if let Some((_, first)) = words.get(&plain(word)) {
        reader.note(
            Diagnostic::error(Code::TRIGGER_CONFLICT, item.span, format!("the word `{word}` stands twice in what always holds"))
                .related(*first, "the first of them")
                .help("a word can do one thing; take one of them out"),
        );
    } else if let Some(does) = does {
        words.insert(plain(word), (does, item.span));
    }
}

fn has_letters(reader: &Reader<'_>, plain_word: &str, span: Span) -> bool {
    if plain_word.is_empty() {
        reader.note(Diagnostic::error(Code::BAD_VALUE, span, "the word has no letters or digits"));
    }
    !plain_word.is_empty()
}

/// Checks what `flows/_always.yaml` and the flows say of each other.
pub(super) fn check(program: &Program, diagnostics: &mut Vec<Diagnostic>) {
    let always = program.always();
    // A flow that could not be read may be the one that is meant.
    for (deed, _) in always.words.values().filter(|_| program.is_whole()) {
        if let Deed::Start(name, span) = deed
            && program.flow(name).is_none()
        {
            let mistake = Diagnostic::error(Code::UNKNOWN_FLOW, *span, format!("there is no flow `{name}`"));
            diagnostics.push(match nearest(name.as_str(), program.flows().map(|flow| flow.name.as_str())) {
                Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(*span, near),
                None => mistake.help("`start` takes the name of a flow of this project"),
            });
        }
    }
    let own = program.flows().map(|flow| (flow.name.clone(), flow.start.words.as_slice()));
    let elsewhere = program.languages.starts().map(|(owner, words)| (owner.flow, words));
    for (flow, words) in own.chain(elsewhere) {
        for (word, span) in words {
            let Some((deed, first)) = program.languages.meant(&always.words, always.source, &plain(word)) else { continue };
            if !matches!(deed, Deed::Start(name, _) if *name == flow) {
                let message = format!("the word `{word}` never starts `{flow}`");
                diagnostics.push(
                    Diagnostic::error(Code::TRIGGER_CONFLICT, *span, message)
                        .related(*first, "it is taken here, before any flow")
                        .help("take it out of one of the two"),
                );
            }
        }
    }
}
