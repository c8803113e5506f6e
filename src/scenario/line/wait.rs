//! `wait: 25 h`: time passes.

use crate::flow::read::Reader;
use crate::source::Node;

use super::super::play::{Failure, Play};
use super::{Line, LineKind};

pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<LineKind> {
    Some(LineKind::Wait(reader.duration(node, "`wait`")?))
}

pub(super) fn play(play: &mut Play<'_>, line: &Line, millis: u64) -> Result<(), Failure> {
    play.pass(line, millis)
}
