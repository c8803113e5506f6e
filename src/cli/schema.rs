//! `buttonhook schema`: what editors need. The language as a JSON Schema, or what scripts are given as definition files.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::style::say;
use super::{EXIT_OK, EXIT_START, wrong};
use crate::flow::schema;
use crate::script;

/// What `schema` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The schema of `flows/_always.yaml` instead of that of a flow
    #[arg(long, conflicts_with_all = ["rhai", "language"])]
    always: bool,
    /// The schema of a language file instead of that of a flow
    #[arg(long, conflicts_with = "rhai")]
    language: bool,
    /// The schema of a file in `tests/` instead of that of a flow
    #[arg(long, conflicts_with_all = ["rhai", "always", "language"])]
    tests: bool,
    /// Write definition files for Rhai's language server into this directory, instead of the schema of flows to the output
    #[arg(long, value_name = "DIRECTORY")]
    rhai: Option<PathBuf>,
}

/// Writes the schema of a flow file to standard output, or definition files into a directory.
pub fn run(arguments: &Arguments) -> u8 {
    let Some(directory) = &arguments.rhai else {
        say(&match (arguments.always, arguments.language, arguments.tests) {
            (true, ..) => text_of_always(),
            (_, true, _) => text_of_language(),
            (_, _, true) => text_of_tests(),
            (false, false, false) => text(),
        });
        return EXIT_OK;
    };
    match write(directory) {
        Ok(()) => EXIT_OK,
        Err(why) => wrong(EXIT_START, &format!("nothing can be written into {}: {why}", directory.display())),
    }
}

fn write(directory: &Path) -> io::Result<()> {
    std::fs::create_dir_all(directory)?;
    for (name, text) in script::definitions() {
        let path = directory.join(name);
        std::fs::write(&path, text)?;
        say(&format!("{}\n", path.display()));
    }
    Ok(())
}

/// The schema of `flows/_always.yaml`, as it stands in a file.
pub(super) fn text_of_always() -> String {
    format!("{:#}\n", schema::always())
}

/// The schema of a language file, as it stands in a file.
pub(super) fn text_of_language() -> String {
    format!("{:#}\n", schema::language())
}

/// The schema of a file of conversations, as it stands in a file.
pub(super) fn text_of_tests() -> String {
    format!("{:#}\n", schema::tests())
}

/// The schema of a flow file, as it stands in a file.
pub(super) fn text() -> String {
    format!("{:#}\n", schema::flow())
}
