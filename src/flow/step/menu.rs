//! `buttons`: one to three reply buttons, each with what a tap leads to; `if_other` for what is no tap, `if_silent` for nothing.

use indexmap::IndexMap;

use crate::model::{Button, ButtonRef, ChoiceName, FaultKind, Value, limits};
use crate::source::{Code, Diagnostic, Key, Node, Span};

use super::super::engine::{Broken, Machine};
use super::super::keys;
use super::super::program::Flow;
use super::super::read::{Computed, Fields, Reader, Target};
use super::super::text::Text;
use super::super::trigger::plain;
use super::super::ways::Look;
use super::{Set, Silence, Speak, Step};

/// A menu.
#[derive(Debug, Clone)]
pub struct Menu {
    /// The buttons by name, in order.
    pub choices: IndexMap<ChoiceName, Choice>,
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

/// A button of a menu.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What is written on it.
    pub title: Text,
    /// Whether it is shown.
    when: Option<Computed>,
    /// What a tap sets.
    pub set: Vec<Set>,
    /// Which language the contact reads after a tap.
    pub speak: Option<Speak>,
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
    pub(super) fn read(reader: &Reader<'_>, node: &Node, fields: &mut Fields<'_>) -> Option<Self> {
        let if_other = fields.take("if_other").and_then(|(_, node)| Retry::read(reader, node, "`if_other`"));
        let if_old = fields.take("if_old").and_then(|(_, node)| IfOld::read(reader, node));
        let once = fields.take("once").and_then(|(_, node)| reader.yes_no(node, "`once`")).unwrap_or(false);
        let if_silent = Silence::read(reader, fields);
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
        Some(Self { choices, if_other, if_old, once, if_silent, span: node.span })
    }

    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow) {
        if let Some(say) = self.if_old.as_ref().and_then(|if_old| if_old.say.as_ref()) {
            flow.check_length(reader, say, limits::TEXT_BODY_CHARS_MAX, "the text");
        }
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
        self.choices.values().map(|choice| &choice.go).chain(retry).chain(if_old).chain(silence).collect()
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
        if buttons.is_empty() {
            let message = "no button's `when` holds, so there is nothing to tap on; leave one button without `when`";
            return Err(Broken::new(machine, FaultKind::Message, self.span, message));
        }
        Ok(buttons)
    }

    /// The choice whose title was typed instead of tapped. A button that is not shown cannot be typed either.
    pub(in super::super) fn titled(&self, machine: &Machine<'_>, flow: &Flow, typed: &str) -> Option<ChoiceName> {
        let wanted = plain(typed);
        let scope = machine.scope(flow);
        let title = |choice: &Choice| plain(&choice.title.fill(&scope, &mut Vec::new()));
        let shown = |choice: &Choice| match &choice.when {
            Some(when) => matches!(machine.compute(flow, when), Ok(Value::YesNo(true))),
            None => true,
        };
        let fits = |choice: &Choice| !wanted.is_empty() && title(choice) == wanted && shown(choice);
        self.choices.iter().find(|(_, choice)| fits(choice)).map(|(name, _)| name.clone())
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
        let speak = Speak::read(reader, &mut fields);
        fields.finish(reader, &keys::BUTTON);
        Some((name?, Self { title, when, set, speak, go: go? }))
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
