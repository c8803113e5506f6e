//! `tap_id: order:4711`: the contact taps a button that no flow of this project sent.

use crate::flow::read::Reader;
use crate::model::{EventKind, TappedButton};
use crate::source::Node;

use super::super::play::{Failure, Play};
use super::{Line, LineKind};

pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<LineKind> {
    Some(LineKind::TapId(reader.scalar(node, "the line")?.to_owned()))
}

pub(super) fn play(play: &mut Play<'_>, line: &Line, id: &str) -> Result<(), Failure> {
    let button = TappedButton::Foreign { id: id.to_owned() };
    play.act(line, format!("[{id}]"), EventKind::Tapped { button, title: id.to_owned() })
}
