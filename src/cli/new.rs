//! `buttonhook new`: a starter project.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::style::say;
use super::{EXIT_OK, EXIT_PROJECT};

/// What `new` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The directory to write into; empty or not there yet
    #[arg(value_name = "DIRECTORY")]
    directory: PathBuf,
}

/// The files of a starter project.
const FILES: &[(&str, &str)] = &[
    ("flows/hello.yaml", include_str!("starter/flows/hello.yaml")),
    ("scripts/greetings.rhai", include_str!("starter/scripts/greetings.rhai")),
    (".gitignore", "/data\n"),
];

/// Writes a starter project.
pub fn run(arguments: &Arguments) -> u8 {
    let root = arguments.directory.as_path();
    match write(root) {
        Ok(()) => {
            let shown = root.display();
            say(&format!(
                "A project in {shown}:\n  flows/hello.yaml        a first conversation, with a test\n  scripts/greetings.rhai  a function it calls\n\nNext:\n  buttonhook run {shown}    talk to it in the browser, and edit it while it runs\n  buttonhook test {shown}   play its conversations\n"
            ));
            EXIT_OK
        }
        Err(why) => super::wrong(EXIT_PROJECT, &format!("no project was written into {}: {why}", root.display())),
    }
}

fn write(root: &Path) -> io::Result<()> {
    let taken = root.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    if taken {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, "the directory is not empty; name a new one"));
    }
    for (path, text) in FILES {
        let path = root.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, text)?;
    }
    Ok(())
}
