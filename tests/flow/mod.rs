//! The engine: flows in, turns out.

mod always;
mod calls;
mod clock;
mod cookbook;
mod diagnostics;
pub mod documents;
mod doubt;
mod enter;
mod fetch;
mod handlers;
mod languages;
mod lists_in_languages;
mod not_understood;
mod old_buttons;
mod pages;
mod people;
mod routing;
mod scheduled;
mod start;
mod steps;
mod surprises;
mod timers;
mod told;

use buttonhook::flow::{self, Program};
use buttonhook::model::*;
use buttonhook::source::Sources;

/// A conversation that is written out and read back between any two events, as it is in the store.
pub struct Talk<'p> {
    program: &'p Program,
    conversation: Conversation,
    events: u32,
    last: Option<Turn>,
    /// How long after its beginning the conversation is, in milliseconds.
    passed_ms: u64,
}

/// Compiles flows and scripts that must be without mistakes.
pub fn program(files: &[(&str, &str)]) -> Program {
    let sources = Sources::from_texts(files.iter().copied());
    let (program, diagnostics) = flow::compile(&sources);
    program.unwrap_or_else(|| panic!("{}", buttonhook::source::render_human(&sources, &diagnostics, false)))
}

impl<'p> Talk<'p> {
    pub fn new(program: &'p Program) -> Self {
        Self { program, conversation: Conversation::default(), events: 0, last: None, passed_ms: 0 }
    }

    pub fn event(&mut self, kind: EventKind) -> Vec<String> {
        self.events += 1;
        let at = time::after("2026-06-15T10:00:00Z".parse().unwrap(), self.passed_ms);
        let sender = Sender { phone: Phone::parse("+15550100123"), ..Sender::default() };
        let event = Event { id: EventId(format!("wamid.{}", self.events)), at, sender, kind };
        let stored = serde_json::to_string(&self.conversation).unwrap();
        let read: Conversation = serde_json::from_str(&stored).unwrap();
        assert_eq!(read, self.conversation);
        let turn = flow::advance(self.program, ContactId(1), read.clone(), &event, at);
        assert_eq!(turn, flow::advance(self.program, ContactId(1), read, &event, at), "the same turn again");
        self.conversation = turn.conversation.clone();
        let said = turn.effects.iter().filter_map(Effect::send).map(|send| send.message.body().to_owned()).collect();
        self.last = Some(turn);
        said
    }

    pub fn they(&mut self, text: &str) -> Vec<String> {
        self.event(EventKind::Typed { text: text.to_owned() })
    }
}

#[test]
fn a_menu_is_shown_and_its_titles_can_be_typed() {
    let program = program(&[("flows/shop.yaml", include_str!("shop.yaml"))]);
    let mut talk = Talk::new(&program);
    assert_eq!(talk.they("hi"), ["Hello there! What can we do for you?"]);
    assert_eq!(talk.they("PRICES!"), ["Which city are you in?"]);
    assert_eq!(talk.they("Kochi"), ["In Kochi it is not known."]);
    assert_eq!(talk.they("That's all"), ["Write *menu* whenever you like."]);
    assert!(talk.last.as_ref().unwrap().conversation.session.is_none());
}
