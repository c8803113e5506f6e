//! `buttons`: one to three reply buttons, each with what a tap leads to; `if_other` for what is no tap.

use indexmap::IndexMap;

use crate::model::{Button, ButtonRef, ChoiceName, limits};
use crate::source::{Code, Diagnostic, Key, Node, Span};

use super::super::engine::{Broken, Machine};
use super::super::program::Flow;
use super::super::read::{Computed, Fields, Reader, Target};
use super::super::text::Text;
use super::super::trigger::plain;
use super::super::ways::Look;
use super::{Set, Step};

/// A menu.
#[derive(Debug, Clone)]
pub struct Menu {
    /// The buttons by name, in order.
    pub choices: IndexMap<ChoiceName, Choice>,
    /// What happens when something else than a tap comes.
    pub if_other: Option<Retry>,
    /// Where.
    pub span: Span,
}

/// A button of a menu.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What is written on it.
    pub title: Text,
    /// Whether it is shown.
    when: Option<Computed>,
    /// What a tap sets.
    pub set: Vec<Set>,
    /// Where a tap leads.
    pub go: Target,
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

/// Most tries that an author can ask for.
const TRIES_MAX: u32 = 20;

impl Menu {
    pub(super) fn read(reader: &Reader<'_>, node: &Node, fields: &mut Fields<'_>) -> Option<Self> {
        let if_other = fields.take("if_other").and_then(|(_, node)| Retry::read(reader, node, "`if_other`"));
        let buttons = reader.fields(node, "`buttons`")?;
        let entries = buttons.into_entries();
        if entries.is_empty() || entries.len() > limits::BUTTONS_MAX {
            let place = entries.get(limits::BUTTONS_MAX).map_or(node.span, |(key, _)| key.span);
            let message = format!("a message takes 1 to {} buttons, here are {}", limits::BUTTONS_MAX, entries.len());
            reader.note(
                Diagnostic::error(Code::BUTTON_COUNT, place, message)
                    .help("let the last button lead to a second menu: `more: {title: More, go: more_menu}`"),
            );
        }
        let choices = entries.iter().filter_map(|(key, node)| Choice::read(reader, key, node)).collect();
        Some(Self { choices, if_other, span: node.span })
    }

    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow) {
        let mut seen: Vec<(&str, Span)> = Vec::new();
        for choice in self.choices.values() {
            flow.check_length(reader, &choice.title, limits::BUTTON_TITLE_CHARS_MAX, "the button's title");
            choice.set.iter().for_each(|set| set.check(reader, flow));
            let Some(title) = choice.title.literal() else { continue };
            if title.trim().is_empty() {
                reader.note(Diagnostic::error(Code::MISSING_KEY, choice.title.span, "the button's title is empty"));
            }
            if let Some((_, first)) = seen.iter().find(|(other, _)| *other == title) {
                reader.note(
                    Diagnostic::error(Code::SAME_TITLE, choice.title.span, format!("two buttons are called `{title}`"))
                        .related(*first, "the first of them")
                        .help("the provider refuses equal titles in one message; change one of them"),
                );
            }
            seen.push((title, choice.title.span));
        }
    }

    pub(super) fn look<'f>(&'f self, look: &mut Look<'f>) {
        for choice in self.choices.values() {
            choice.when.iter().for_each(|when| look.computed(when));
            look.text(&choice.title);
        }
        for choice in self.choices.values() {
            look.aside(|look| {
                choice.set.iter().for_each(|set| set.look(look));
                look.leads(&choice.go);
            });
        }
        self.if_other.iter().for_each(|retry| retry.look(look));
    }

    pub(super) fn exits(&self) -> Vec<&Target> {
        let retry = self.if_other.iter().filter_map(|retry| retry.then.as_ref());
        self.choices.values().map(|choice| &choice.go).chain(retry).collect()
    }

    /// The buttons as they go out now.
    pub(super) fn buttons(&self, machine: &mut Machine<'_>, flow: &Flow, step: &Step) -> Result<Vec<Button>, Broken> {
        let mut buttons = Vec::with_capacity(self.choices.len());
        for (name, choice) in &self.choices {
            if let Some(when) = &choice.when
                && !machine.test(flow, when)?
            {
                continue;
            }
            let mut missing = Vec::new();
            let title = choice.title.fill(&machine.scope(flow), &mut missing);
            machine.trace.append(&mut missing);
            let means = ButtonRef::Choice { flow: flow.name.clone(), step: step.name.clone(), choice: name.clone() };
            buttons.push(Button { means, title });
        }
        Ok(buttons)
    }

    /// The choice whose title was typed instead of tapped.
    pub(in super::super) fn titled(&self, machine: &Machine<'_>, flow: &Flow, typed: &str) -> Option<ChoiceName> {
        let wanted = plain(typed);
        let scope = machine.scope(flow);
        let title = |choice: &Choice| plain(&choice.title.fill(&scope, &mut Vec::new()));
        self.choices.iter().find(|(_, choice)| !wanted.is_empty() && title(choice) == wanted).map(|(name, _)| name.clone())
    }
}

impl Choice {
    fn read(reader: &Reader<'_>, key: &Key, node: &Node) -> Option<(ChoiceName, Self)> {
        let name = reader.new_name(&key.text, key.span, "a button").map(ChoiceName::new);
        let mut fields = reader.fields(node, "a button")?;
        let title = fields
            .need(reader, "title", "Yes")
            .and_then(|node| reader.text(node, "the button's title"))
            .unwrap_or_else(|| Text::unread(key.span));
        let go = fields.need(reader, "go", "another_step").and_then(|node| reader.target(node, "`go`"));
        let when = fields.take("when").and_then(|(_, node)| reader.computed(node, "`when`"));
        let set = Set::read_all(reader, &mut fields);
        fields.finish(reader, &["title", "go", "when", "set"]);
        Some((name?, Self { title, when, set, go: go? }))
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
        fields.finish(reader, &["say", "tries", "then"]);
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
