//! `fault: /too large/`: something must have broken in the turn before.

use crate::flow::read::Reader;
use crate::source::Node;

use super::super::expected::Expected;
use super::super::play::{Failure, Play};
use super::{Line, LineKind};

pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<LineKind> {
    Some(LineKind::Fault(Expected::read(reader, node, "the line")?))
}

pub(super) fn play(play: &mut Play<'_>, line: &Line, expected: &Expected) -> Result<(), Failure> {
    match play.next_fault() {
        Some(fault) if expected.fits(&fault.message) => Ok(()),
        other => Err(Failure {
            expected: Some(expected.to_string()),
            came: other.map(|fault| fault.message),
            ..Failure::new(line.span, "something else should have broken")
        }),
    }
}
