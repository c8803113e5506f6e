//! `they: hi`: the contact types.

use crate::flow::read::Reader;
use crate::model::EventKind;
use crate::source::Node;

use super::super::play::{Failure, Play};
use super::{Line, LineKind};

pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<LineKind> {
    Some(LineKind::They(reader.scalar(node, "the line")?.to_owned()))
}

pub(super) fn play(play: &mut Play<'_>, line: &Line, text: &str) -> Result<(), Failure> {
    play.act(line, text.to_owned(), EventKind::Typed { text: text.to_owned() })
}
