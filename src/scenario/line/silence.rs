//! `silence: true`: nothing more may have been said.

use crate::flow::read::Reader;
use crate::source::{Code, Diagnostic, Node};

use super::super::play::{Failure, Play};
use super::{Line, LineKind};

pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<LineKind> {
    if reader.yes_no(node, "`silence`")? {
        return Some(LineKind::Silence);
    }
    reader.note(
        Diagnostic::error(Code::TEST_SHAPE, node.span, "`silence: false` says nothing about the bot")
            .help("write what it says, `bot: Hello!`, or that it says nothing, `silence: true`"),
    );
    None
}

pub(super) fn play(play: &mut Play<'_>, line: &Line) -> Result<(), Failure> {
    play.settled(line.span)
}
