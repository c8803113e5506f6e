//! `buttonhook schema`: the language as a JSON Schema, for editors.

use clap::Args;

use super::EXIT_OK;
use super::style::say;
use crate::flow::schema;

/// What `schema` takes.
#[derive(Debug, Args)]
pub struct Arguments {}

/// Writes the schema of a flow file to standard output.
pub fn run(_arguments: &Arguments) -> u8 {
    say(&text());
    EXIT_OK
}

/// The schema of a flow file, as it stands in a file.
pub(super) fn text() -> String {
    format!("{:#}\n", schema::flow())
}
