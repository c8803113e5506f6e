//! `end`: the flow is over, and how it went.

use crate::source::Node;

use super::super::read::Reader;

/// The end of a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// How it went, `done` or `left`: counted, and what tests expect.
    pub name: String,
}

impl Ending {
    pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<Self> {
        let name = reader.scalar(node, "`end`")?;
        let name = reader.new_name(name, node.span, "an ending")?;
        Some(Self { name: name.to_owned() })
    }
}
