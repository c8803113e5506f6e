//! The kinds of lines, a file each: how it is read, and what playing it does.
//!
//! To add a kind: a file here, a variant of [`LineKind`], a row in [`KINDS`], an arm in `play`, and its key in `LINE` of
//! `flow/keys/table.rs`.

mod answer;
mod bot;
mod emits;
mod event;
mod fault;
mod given;
mod person;
mod sends;
mod silence;
mod tap;
mod tap_id;
mod they;
mod wait;

use crate::flow::keys;
use crate::flow::read::{Reader, listed};
use crate::model::{EventName, Value};
use crate::source::{Code, Diagnostic, Node, NodeKind, Span, meant, surely};

use super::play::{Failure, Play};

pub use answer::AnswerLine;
pub use bot::Bot;
pub use emits::EmitsLine;
pub use given::GivenLine;
pub use sends::{Sends, usual as usual_details};
pub use tap::{OnMessage, Tap};

use super::expected::Expected;

/// A line of a conversation.
#[derive(Debug, Clone)]
pub struct Line {
    /// Where what it says stands.
    pub span: Span,
    /// The whole line.
    pub whole: Span,
    /// What it is.
    pub kind: LineKind,
}

/// What a line is.
#[derive(Debug, Clone)]
pub enum LineKind {
    /// The contact types.
    They(String),
    /// The contact taps a button that was shown.
    Tap(Tap),
    /// The contact taps a button that no flow of this project sent, by its id.
    TapId(String),
    /// The contact sends something that is no text.
    Sends(Sends),
    /// A person writes to the contact at the provider's desk.
    Person(String),
    /// Another system answers.
    Answer(Box<AnswerLine>),
    /// The user's own system must have been told this.
    Emits(EmitsLine),
    /// A system of the user's tells something: its name and its data, a record.
    Event(EventName, Value),
    /// The bot must say this next.
    Bot(Bot),
    /// The bot must say nothing more.
    Silence,
    /// Time passes, in milliseconds; timers that fall due on the way fire.
    Wait(u64),
    /// Something must have broken in the turn before.
    Fault(Expected),
    /// From here on these script functions give this.
    Given(GivenLine),
}

/// How a kind of line is read.
type Read = fn(&Reader<'_>, &Node) -> Option<LineKind>;

/// Every kind of line: its key, and what reads what stands behind it.
pub(super) const KINDS: &[(&str, Read)] = &[
    ("they", they::read),
    ("tap", tap::read),
    ("tap_id", tap_id::read),
    ("sends", sends::read),
    ("person", person::read),
    ("answer", answer::read),
    ("emits", emits::read),
    ("event", event::read),
    ("bot", bot::read),
    ("silence", silence::read),
    ("wait", wait::read),
    ("fault", fault::read),
    ("given", given::read),
];

impl Line {
    /// Reads a line; mistakes are noted.
    pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<Self> {
        let NodeKind::Map(entries) = &node.kind else {
            reader.wrong_shape(node, "a line of a conversation", "`they: hi`, `tap: a_button` or `bot: what it says`");
            return None;
        };
        let [(key, value)] = entries.as_slice() else {
            reader.note(
                Diagnostic::error(Code::TEST_SHAPE, node.span, "a line of a conversation holds one thing")
                    .help("begin the next with `- `"),
            );
            return None;
        };
        let Some((_, read)) = KINDS.iter().find(|(name, _)| *name == key.text) else {
            let mistake = Diagnostic::error(Code::UNKNOWN_KEY, key.span, format!("a conversation has no line `{}`", key.text));
            reader.note(match meant(&key.text, keys::LINE.names()) {
                Some(near) => {
                    let sure = surely(&key.text, near, keys::LINE.names());
                    mistake.label(format!("did you mean `{near}`?")).fix(key.span, near).sure_if(sure)
                }
                None => mistake.help(format!("lines are {}", listed(&KINDS.iter().map(|(name, _)| *name).collect::<Vec<_>>()))),
            });
            return None;
        };
        Some(Self { span: value.span, whole: node.span, kind: read(reader, value)? })
    }

    /// The words that it expects letter for letter.
    pub(super) fn exact(&self) -> Option<&str> {
        match &self.kind {
            LineKind::Bot(bot) => bot.exact(),
            _ => None,
        }
    }

    /// Does what it says, or holds what happened against it.
    pub(super) fn play(&self, play: &mut Play<'_>) -> Result<(), Failure> {
        match &self.kind {
            LineKind::They(text) => they::play(play, self, text),
            LineKind::Tap(tap) => tap.play(play, self),
            LineKind::TapId(id) => tap_id::play(play, self, id),
            LineKind::Sends(sends) => sends.play(play, self),
            LineKind::Person(text) => person::play(play, self, text),
            LineKind::Answer(answer) => answer.play(play, self),
            LineKind::Emits(emits) => emits.play(play, self),
            LineKind::Event(name, data) => event::play(play, self, name, data),
            LineKind::Bot(bot) => bot.play(play, self),
            LineKind::Silence => silence::play(play, self),
            LineKind::Wait(millis) => wait::play(play, self, *millis),
            LineKind::Fault(expected) => fault::play(play, self, expected),
            LineKind::Given(given) => given.play(play),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{KINDS, keys};

    #[test]
    fn the_table_of_keys_knows_every_kind_of_line() {
        assert_eq!(KINDS.iter().map(|(name, _)| *name).collect::<Vec<_>>(), keys::LINE.names().collect::<Vec<_>>());
    }
}
