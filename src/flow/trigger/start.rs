//! `start` as a flow writes it.

use crate::model::{AttachmentKind, EventName, VariableName};
use crate::source::{Code, Diagnostic, Node, Span, nearest};

use super::super::keys;
use super::super::read::{Fields, Reader, listed};
use super::super::schedule::Schedule;
use super::super::scope::SCHEDULE_EVENT;
use super::{Pattern, plain};

/// The `start` of a flow.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// Typed words, as written.
    pub words: Vec<(String, Span)>,
    /// Regular expressions over typed text.
    pub matches: Vec<Pattern>,
    /// Button ids: exact, or with `*` for any run of characters.
    pub buttons: Vec<(String, Span)>,
    /// Kinds of things that are neither text nor tap.
    pub media: Vec<(AttachmentKind, Span)>,
    /// Events that the user's own systems tell.
    pub events: Vec<(EventName, Span)>,
    /// When it begins by itself.
    pub schedule: Option<Schedule>,
    /// Where it says that it greets those who have never written before.
    pub first_contact: Option<Span>,
    /// Where it says that it takes what nobody else takes.
    pub anything_else: Option<Span>,
    /// Ranks flows that would take the same event: the larger goes first.
    pub priority: u32,
}

impl Start {
    /// Reads `start: {words: …, buttons: …, anything_else: …}`.
    pub(in super::super) fn read(reader: &Reader<'_>, node: &Node) -> Self {
        let Some(mut fields) = reader.fields(node, "`start`") else { return Self::default() };
        let start = Self {
            words: texts(reader, &mut fields, "words"),
            matches: items(reader, &mut fields, "matches").iter().filter_map(|item| Pattern::read(reader, item)).collect(),
            buttons: texts(reader, &mut fields, "buttons"),
            media: items(reader, &mut fields, "media").iter().filter_map(|item| media(reader, item)).collect(),
            events: items(reader, &mut fields, "events").iter().filter_map(|item| event(reader, item)).collect(),
            schedule: fields.take("schedule").and_then(|(key, node)| Schedule::read(reader, node, key.span)),
            first_contact: switch(reader, &mut fields, "first_contact"),
            anything_else: switch(reader, &mut fields, "anything_else"),
            priority: priority(reader, &mut fields),
        };
        fields.finish(reader, &keys::START);
        for (word, span) in &start.words {
            if plain(word).is_empty() {
                reader.note(Diagnostic::error(Code::BAD_VALUE, *span, "a word to start with has no letters or digits"));
            }
        }
        start
    }

    /// Whether it may begin without a value for `variable`: something other than patterns begins it, or a pattern without it.
    pub(in super::super) fn begins_without(&self, variable: &VariableName) -> bool {
        let others = [self.words.is_empty(), self.buttons.is_empty(), self.media.is_empty(), self.events.is_empty()];
        others.iter().any(|none| !none)
            || self.schedule.is_some()
            || self.first_contact.is_some()
            || self.anything_else.is_some()
            || self.matches.iter().any(|pattern| !pattern.groups.contains(variable))
    }

    /// Whether nothing begins the flow.
    pub fn is_empty(&self) -> bool {
        let some = [self.words.is_empty(), self.matches.is_empty(), self.buttons.is_empty(), self.media.is_empty()];
        some.iter().all(|none| *none) && self.first_contact.is_none() && self.anything_else.is_none() && !self.begins_unasked()
    }

    /// Whether it begins in no other way than by itself.
    pub(in super::super) fn begins_only_unasked(&self) -> bool {
        let unasked = Self { events: Vec::new(), schedule: None, ..self.clone() };
        unasked.is_empty()
    }

    /// Whether it may begin although the contact did nothing, and so outside of the 24 hours.
    pub(in super::super) fn begins_unasked(&self) -> bool {
        !self.events.is_empty() || self.schedule.is_some()
    }
}

fn items<'n>(reader: &Reader<'_>, fields: &mut Fields<'n>, key: &str) -> &'n [Node] {
    fields.take(key).and_then(|(_, node)| reader.items(node, &format!("`{key}`"))).unwrap_or_default()
}

fn texts(reader: &Reader<'_>, fields: &mut Fields<'_>, key: &str) -> Vec<(String, Span)> {
    let text = |item: &Node| Some((reader.scalar(item, "a trigger")?.to_owned(), item.span));
    items(reader, fields, key).iter().filter_map(text).collect()
}

/// Where `key: true` stands.
fn switch(reader: &Reader<'_>, fields: &mut Fields<'_>, key: &str) -> Option<Span> {
    let (place, node) = fields.take(key)?;
    reader.yes_no(node, &format!("`{key}`")).filter(|on| *on).map(|_| place.span)
}

fn priority(reader: &Reader<'_>, fields: &mut Fields<'_>) -> u32 {
    fields.take("priority").and_then(|(_, node)| reader.whole(node, "`priority`", 0, keys::PRIORITY_MAX)).unwrap_or(0)
}

fn media(reader: &Reader<'_>, node: &Node) -> Option<(AttachmentKind, Span)> {
    let text = reader.scalar(node, "a kind of media")?;
    let kind = AttachmentKind::ALL.into_iter().find(|kind| kind.name() == text);
    if kind.is_none() {
        let names = AttachmentKind::ALL.map(AttachmentKind::name);
        let mistake = Diagnostic::error(Code::BAD_VALUE, node.span, format!("nobody can send a `{text}`"));
        reader.note(match nearest(text, names) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(node.span, near),
            None => mistake.help(format!("people send {}", listed(&names))),
        });
    }
    Some((kind?, node.span))
}

fn event(reader: &Reader<'_>, node: &Node) -> Option<(EventName, Span)> {
    let text = reader.scalar(node, "an event")?;
    if text == SCHEDULE_EVENT {
        reader.note(
            Diagnostic::error(Code::BAD_NAME, node.span, format!("`{SCHEDULE_EVENT}` is the name of what the clock brings"))
                .help("write `schedule: {every: day, at: \"09:00\", for: everyone}`, or give your event another name"),
        );
        return None;
    }
    Some((EventName::new(reader.new_name(text, node.span, "an event")?), node.span))
}
