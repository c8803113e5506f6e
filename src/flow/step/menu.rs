//! `buttons`: one to three reply buttons, each with what a tap leads to; `if_other` for what is no tap, `if_silent` for nothing. A
//! `list` is such a menu with any number of rows: see `list`.

use indexmap::IndexMap;

use crate::model::{ChoiceName, FaultKind, Value, limits};
use crate::source::{Code, Diagnostic, Key, Node, Span};

use super::super::engine::{Broken, Machine};
use super::super::keys;
use super::super::program::Flow;
use super::super::read::{Computed, Fields, Reader, Target};
use super::super::text::Text;
use super::super::trigger::plain;
use super::super::ways::Look;
use super::list::{List, Row, page_named, row_number};
use super::page::{self, Page};
use super::{Set, Silence, Speak, Step};

/// A menu.
#[derive(Debug, Clone)]
pub struct Menu {
    /// The buttons by name, in order.
    pub choices: IndexMap<ChoiceName, Choice>,
    /// What makes a list of it.
    pub list: Option<Box<List>>,
    /// What happens when something else than a tap comes.
    pub if_other: Option<Retry>,
    /// What a tap does that is turned down: because the menu is no longer open, or with `once` because it had its tap.
    pub if_old: Option<IfOld>,
    /// Whether only the first tap counts, whenever it comes.
    pub once: bool,
    /// What happens when nothing comes.
    pub if_silent: Option<Silence>,
    /// Where.
    pub span: Span,
}

/// A button of a menu, or a row of a list.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What is written on it.
    pub title: Text,
    /// What is said of it; rows of a list only.
    note: Option<Text>,
    /// Whether it is shown.
    when: Option<Computed>,
    /// What a tap sets.
    pub set: Vec<Set>,
    /// Which language the contact reads after a tap.
    pub speak: Option<Speak>,
    /// Where a tap leads.
    pub go: Target,
}

/// What a button or a typed title stands for.
pub(in super::super) enum Picked<'m> {
    /// A choice that is written out.
    Choice(&'m Choice),
    /// A row that was made from this value.
    Row(&'m super::list::From, Value),
    /// Another page.
    Page(usize),
    /// A row that is no longer there.
    Gone,
}

/// Which part of a menu a button is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MenuPart {
    /// A button or row that is written out.
    Choice,
    /// A row that is made from a value; counted from 1 as it stood when it was shown.
    Row(usize),
    /// What leads to a page; counted from 1.
    Page(usize),
}

/// What to do with an answer that is none: say something, and after some tries go elsewhere.
#[derive(Debug, Clone)]
pub struct Retry {
    /// What to say before the question is put again.
    pub say: Option<Text>,
    /// How many times.
    pub tries: Option<u32>,
    /// Where to go after that.
    pub then: Option<Target>,
}

/// What answers a button that does not act any more: a text, a step, or both.
#[derive(Debug, Clone)]
pub struct IfOld {
    /// What to say.
    pub say: Option<Text>,
    /// Where to go then; without it the conversation stays where it is.
    pub go: Option<Target>,
}

/// Most tries that an author can ask for.
pub(in crate::flow) const TRIES_MAX: u32 = 20;

impl Menu {
    pub(super) fn read(reader: &Reader<'_>, key: &Key, node: &Node, fields: &mut Fields<'_>) -> Option<Self> {
        let if_other = fields.take("if_other").and_then(|(_, node)| Retry::read(reader, node, "`if_other`"));
        let if_old = fields.take("if_old").and_then(|(_, node)| IfOld::read(reader, node));
        let once = fields.take("once").and_then(|(_, node)| reader.yes_no(node, "`once`")).unwrap_or(false);
        let if_silent = Silence::read(reader, fields);
        let (choices, list) = match key.text.as_str() {
            "list" => List::read(reader, node).map(|(choices, list)| (choices, Some(Box::new(list))))?,
            _ => (Self::read_buttons(reader, node)?, None),
        };
        Some(Self { choices, list, if_other, if_old, once, if_silent, span: node.span })
    }

    fn read_buttons(reader: &Reader<'_>, node: &Node) -> Option<IndexMap<ChoiceName, Choice>> {
        let entries = reader.fields(node, "`buttons`")?.into_entries();
        if entries.is_empty() || entries.len() > limits::BUTTONS_MAX {
            let place = entries.get(limits::BUTTONS_MAX).map_or(node.span, |(key, _)| key.span);
            let message = format!("a message takes 1 to {} buttons, here are {}", limits::BUTTONS_MAX, entries.len());
            reader.note(
                Diagnostic::error(Code::BUTTON_COUNT, place, message)
                    .help("write `list: {rows: {…}}` in the place of `buttons`: it shows any number of rows, page by page"),
            );
        }
        Some(entries.iter().filter_map(|(key, node)| Choice::read(reader, key, node, false)).collect())
    }

    /// How many characters the lines of a page below the text have, at least and at most, where it is a list. A numbered page
    /// holds as many as fit, so there one row and what leads on count; of rows made from values the most that is shown counts.
    pub(super) fn longest_below(&self, flow: &Flow) -> Option<(usize, Option<usize>)> {
        const NUMBER: usize = "100. ".len();
        let list = self.list.as_ref()?;
        let length = |text: &Text| text.length(&|path| flow.longest(path));
        let more = if list.numbers { "\n0. ".len() + limits::BUTTON_TITLE_CHARS_MAX } else { 0 };
        if list.from.is_some() {
            let line = list.title_chars_max() + ": ".len() + limits::ROW_NOTE_CHARS_MAX + 1;
            return Some((0, Some(if list.numbers { NUMBER + line + more } else { limits::BUTTONS_MAX * line })));
        }
        let lines = self.choices.values().filter_map(|choice| {
            let title = length(&choice.title);
            let note = choice.note.as_ref().map(length);
            match note {
                None if !list.numbers => None,
                None => Some(title),
                Some(note) => Some((title.0 + 2 + note.0, title.1.zip(note.1).map(|(title, note)| title + 2 + note))),
            }
        });
        let mut lines: Vec<(usize, Option<usize>)> = lines.collect();
        // The longest first; one without a bound is the longest of all.
        lines.sort_by_key(|(least, most)| std::cmp::Reverse((most.unwrap_or(usize::MAX), *least)));
        let shown = &lines[..lines.len().min(if list.numbers { 1 } else { limits::BUTTONS_MAX })];
        let extra = if list.numbers { NUMBER + more } else { shown.len().saturating_sub(1) };
        let most = shown.iter().try_fold(extra, |sum, (_, most)| Some(sum + (*most)?));
        // A condition may hide the longest.
        let least = if list.numbers { 0 } else { shown.iter().map(|(least, _)| least).sum::<usize>() };
        let certain = self.choices.values().all(|choice| choice.when.is_none()) && self.choices.len() <= limits::BUTTONS_MAX;
        Some((if certain { least } else { 0 }, most))
    }

    /// Whether it is shown as numbered text instead of buttons.
    pub(super) fn is_numbered(&self) -> bool {
        self.list.as_ref().is_some_and(|list| list.numbers)
    }

    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow) {
        if let Some(say) = self.if_old.as_ref().and_then(|if_old| if_old.say.as_ref()) {
            flow.check_length(reader, say, limits::TEXT_BODY_CHARS_MAX, "the text");
        }
        let most = self.list.as_ref().map_or(limits::BUTTON_TITLE_CHARS_MAX, |list| list.title_chars_max());
        let what = if self.list.is_some() { "the row's title" } else { "the button's title" };
        if let Some(list) = &self.list {
            list.check(reader, flow);
        }
        let more = self.list.iter().filter_map(|list| list.more.as_ref()).filter_map(|more| Some((more.literal()?, more.span)));
        let mut seen: Vec<(&str, Span)> = more.collect();
        for choice in self.choices.values() {
            let (least, _) = choice.title.length(&|path| flow.longest(path));
            if self.list.as_ref().is_some_and(|list| !list.numbers && least > most) {
                let message = format!("{what} has {least} characters, a button takes {most}");
                let numbered = limits::ROW_TITLE_CHARS_MAX;
                reader.note(
                    Diagnostic::error(Code::TOO_LONG, choice.title.span, message)
                        .help(format!("shorten it, or show the list with `as: numbers`, where titles have up to {numbered}")),
                );
            } else {
                flow.check_length(reader, &choice.title, most, what);
            }
            if let Some(note) = &choice.note {
                flow.check_length(reader, note, limits::ROW_NOTE_CHARS_MAX, "the row's note");
            }
            choice.set.iter().for_each(|set| set.check(reader, flow));
            let Some(title) = choice.title.literal() else { continue };
            if title.trim().is_empty() {
                reader.note(Diagnostic::error(Code::MISSING_KEY, choice.title.span, format!("{what} is empty")));
            }
            if let Some((_, first)) = seen.iter().find(|(other, _)| *other == title) {
                reader.note(
                    Diagnostic::error(Code::SAME_TITLE, choice.title.span, format!("two buttons are called `{title}`"))
                        .related(*first, "the first of them")
                        .help(
                            "the provider refuses equal titles in one message, and nobody could type which is meant; change one",
                        ),
                );
            }
            seen.push((title, choice.title.span));
        }
    }

    pub(super) fn look<'f>(&'f self, look: &mut Look<'f>) {
        for choice in self.choices.values() {
            choice.when.iter().for_each(|when| look.computed(when));
            choice.note.iter().chain([&choice.title]).for_each(|text| look.text(text));
        }
        self.list.iter().for_each(|list| list.look(look));
        look.waits();
        for choice in self.choices.values() {
            look.aside(|look| {
                choice.set.iter().for_each(|set| set.look(look));
                choice.speak.iter().for_each(|speak| speak.look(look));
                look.leads(&choice.go);
            });
        }
        self.if_other.iter().for_each(|retry| retry.look(look));
        self.if_silent.iter().for_each(|silence| silence.look(look));
        // `if_old` is left out: it comes when the conversation is somewhere else, and what that has set nobody knows.
    }

    pub(super) fn exits(&self) -> Vec<&Target> {
        let retry = self.if_other.iter().filter_map(|retry| retry.then.as_ref());
        let if_old = self.if_old.iter().filter_map(|if_old| if_old.go.as_ref());
        let silence = self.if_silent.iter().filter_map(|silence| silence.go.as_ref());
        let list = self.list.iter().flat_map(|list| list.exits());
        self.choices.values().map(|choice| &choice.go).chain(list).chain(retry).chain(if_old).chain(silence).collect()
    }

    /// What the page `page`, counted from 0, adds to the text of its step. Nothing when the list is
    /// empty and says where to go then.
    pub(super) fn page(&self, machine: &mut Machine<'_>, flow: &Flow, step: &Step, page: usize) -> Result<Option<Page>, Broken> {
        let rows = self.rows(machine, flow, true)?;
        if rows.is_empty() {
            return match self.if_empty() {
                Some(_) => Ok(None),
                None if self.list.as_ref().is_some_and(|list| list.from.is_some()) => {
                    let message = "the list has no rows, so there is nothing to choose; say where to go then with `if_empty`";
                    Err(Broken::new(machine, FaultKind::Message, self.span, message))
                }
                None => {
                    let message = "no button's `when` holds, so there is nothing to tap on; leave one button without `when`";
                    Err(Broken::new(machine, FaultKind::Message, self.span, message))
                }
            };
        }
        let more = self.list.as_ref().map(|list| list.more_title(&machine.scope(flow))).unwrap_or_default();
        if self.is_numbered() {
            let text = step.say.as_ref().map_or(0, |say| say.chars(machine, flow));
            return Ok(Some(page::of_numbers(&rows, page, text, &more)));
        }
        let cuts = self.list.as_ref().is_some_and(|list| list.from.is_some());
        Ok(Some(page::of_buttons(flow, step, &rows, page, cuts, &more)))
    }

    /// Where a list without rows leads.
    pub fn if_empty(&self) -> Option<&Target> {
        self.list.as_ref()?.if_empty.as_ref()
    }

    /// The rows as they are shown now; with `tells` the trace tells of conditions and missing values.
    fn rows(&self, machine: &mut Machine<'_>, flow: &Flow, tells: bool) -> Result<Vec<Row>, Broken> {
        if let Some(from) = self.list.as_ref().and_then(|list| list.from.as_ref()) {
            return from.rows(machine, flow);
        }
        let before = machine.trace.len();
        let mut rows = Vec::with_capacity(self.choices.len());
        for (name, choice) in &self.choices {
            if let Some(when) = &choice.when
                && !machine.test(flow, when)?
            {
                continue;
            }
            let mut missing = Vec::new();
            let scope = machine.scope(flow);
            let title = choice.title.fill(&scope, &mut missing);
            let note = choice.note.as_ref().map(|note| note.fill(&scope, &mut missing)).unwrap_or_default();
            machine.trace.append(&mut missing);
            rows.push(Row { name: name.clone(), title, note });
        }
        if !tells {
            machine.trace.truncate(before);
        }
        Ok(rows)
    }

    /// Whether a button of ours with this name can be one of its own.
    pub(in super::super) fn knows(&self, name: &ChoiceName) -> bool {
        self.part(name).is_some()
    }

    /// Which part of it the button named `name` is; nothing when it is none of its own.
    pub fn part(&self, name: &ChoiceName) -> Option<MenuPart> {
        if self.choices.contains_key(name) {
            return Some(MenuPart::Choice);
        }
        let list = self.list.as_ref()?;
        let page = page_named(name.as_str()).map(|page| MenuPart::Page(page + 1));
        page.or_else(|| list.from.as_ref().and_then(|_| row_number(name.as_str())).map(MenuPart::Row))
    }

    /// What the way out is called that the button named `name` takes; a page is none.
    pub fn exit_name(&self, name: &ChoiceName) -> Option<String> {
        match self.part(name)? {
            MenuPart::Choice if self.list.is_some() => Some(format!("row {name}")),
            MenuPart::Choice => Some(format!("button {name}")),
            MenuPart::Row(_) => Some("rows".to_owned()),
            MenuPart::Page(_) => None,
        }
    }

    /// What the button named `name` stands for; nothing when it is none of its own.
    pub(in super::super) fn picked(
        &self,
        machine: &Machine<'_>,
        flow: &Flow,
        name: &ChoiceName,
    ) -> Result<Option<Picked<'_>>, Broken> {
        if let Some(choice) = self.choices.get(name) {
            return Ok(Some(Picked::Choice(choice)));
        }
        let Some(list) = self.list.as_ref().filter(|_| self.knows(name)) else { return Ok(None) };
        if let Some(page) = page_named(name.as_str()) {
            return Ok(Some(Picked::Page(page)));
        }
        let Some(from) = &list.from else { return Ok(None) };
        Ok(Some(from.chosen(machine, flow, name)?.map_or(Picked::Gone, |value| Picked::Row(from, value))))
    }

    /// The choice whose title was typed instead of tapped, or whose number, where it is a list. A button that is not shown cannot
    /// be typed either. `page` is the page that is open.
    pub(in super::super) fn titled(
        &self,
        machine: &mut Machine<'_>,
        flow: &Flow,
        typed: &str,
        page: usize,
    ) -> Option<ChoiceName> {
        let wanted = plain(typed);
        if wanted.is_empty() {
            return None;
        }
        let rows = self.rows(machine, flow, false).ok()?;
        if let Some(row) = rows.iter().find(|row| plain(&row.title) == wanted) {
            return Some(row.name.clone());
        }
        let list = self.list.as_ref()?;
        let next = super::list::page_name(page + 1);
        if plain(&list.more_title(&machine.scope(flow))) == wanted {
            return Some(next);
        }
        match wanted.parse::<usize>().ok()? {
            0 => list.numbers.then_some(next),
            number if list.numbers => rows.get(number - 1).map(|row| row.name.clone()),
            number => rows[page::rows_on(page, rows.len())].get(number - 1).map(|row| row.name.clone()),
        }
    }
}

impl Choice {
    /// Reads a button, or a row of a list.
    pub(super) fn read(reader: &Reader<'_>, key: &Key, node: &Node, row: bool) -> Option<(ChoiceName, Self)> {
        let (what, shape) = if row { ("a row", &keys::ROW) } else { ("a button", &keys::BUTTON) };
        let name = reader.new_name(&key.text, key.span, what).map(ChoiceName::new);
        let mut fields = reader.fields(node, what)?;
        let title = fields
            .need(reader, "title", "Yes")
            .and_then(|node| reader.text(node, if row { "the row's title" } else { "the button's title" }))
            .unwrap_or_else(|| Text::unread(key.span));
        let go = fields.need(reader, "go", "another_step").and_then(|node| reader.target(node, "`go`"));
        let when = fields.take("when").and_then(|(_, node)| reader.computed(node, "`when`"));
        let note = match row {
            true => fields.take("note").and_then(|(_, node)| reader.text(node, "the row's note")),
            false => None,
        };
        let set = Set::read_all(reader, &mut fields);
        let speak = Speak::read(reader, &mut fields);
        fields.finish(reader, shape);
        Some((name?, Self { title, note, when, set, speak, go: go? }))
    }
}

impl IfOld {
    fn read(reader: &Reader<'_>, node: &Node) -> Option<Self> {
        let mut fields = reader.fields(node, "`if_old`")?;
        let say = fields.take("say").and_then(|(_, node)| reader.text(node, "`say`"));
        let go = fields.take("go").and_then(|(_, node)| reader.target(node, "`go`"));
        if fields.is_empty() {
            reader.note(
                Diagnostic::error(Code::MISSING_KEY, node.span, "`if_old` is empty")
                    .help("write what answers an old button: `say: a text`, `go: a_step`, or both"),
            );
        }
        fields.finish(reader, &keys::OLD);
        Some(Self { say, go })
    }
}

impl Retry {
    pub(super) fn look<'f>(&'f self, look: &mut Look<'f>) {
        self.say.iter().for_each(|say| look.text(say));
        self.then.iter().for_each(|target| look.leads(target));
    }

    pub(super) fn read(reader: &Reader<'_>, node: &Node, what: &'static str) -> Option<Self> {
        let mut fields = reader.fields(node, what)?;
        let say = fields.take("say").and_then(|(_, node)| reader.text(node, "`say`"));
        let tries = fields.take("tries");
        let then = fields.take("then");
        fields.finish(reader, &keys::RETRY);
        if let (Some((key, _)), None) | (None, Some((key, _))) = (tries, then) {
            reader.note(
                Diagnostic::error(Code::MISSING_KEY, key.span, "`tries` and `then` belong together")
                    .help("`tries: 2` says how often, `then: a_step` where to go after that"),
            );
        }
        let tries = tries.and_then(|(_, node)| reader.whole(node, "`tries`", 1, TRIES_MAX));
        let then = then.and_then(|(_, node)| reader.target(node, "`then`"));
        Some(Self { say, tries, then })
    }
}
