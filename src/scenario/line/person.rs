//! `person: Hello, this is Meera.`: a person writes to the contact at the provider's desk, and has the conversation from then on.

use crate::flow::read::Reader;
use crate::model::EventKind;
use crate::source::Node;

use super::super::play::{Failure, Play};
use super::{Line, LineKind};

pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<LineKind> {
    Some(LineKind::Person(reader.scalar(node, "the line")?.to_owned()))
}

pub(super) fn play(play: &mut Play<'_>, line: &Line, text: &str) -> Result<(), Failure> {
    play.act(line, format!("[a person writes] {text}"), EventKind::PersonWrote { text: text.to_owned() })
}
