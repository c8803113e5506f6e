//! `buttonhook new`: a starter project.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;

use super::style::say;
use super::{EXIT_OK, EXIT_PROJECT};
use crate::script;

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
    (".vscode/settings.json", include_str!("starter/settings.json")),
    (".vscode/extensions.json", include_str!("starter/extensions.json")),
];

/// Those that follow from this version of the host: they need no network, and `schema` writes them again after an update.
fn made() -> Vec<(String, String)> {
    let mut files = vec![
        ("schema/flow.json".to_owned(), super::schema::text()),
        ("schema/always.json".to_owned(), super::schema::text_of_always()),
        ("schema/language.json".to_owned(), super::schema::text_of_language()),
        ("schema/tests.json".to_owned(), super::schema::text_of_tests()),
    ];
    files.extend(script::definitions().into_iter().map(|(name, text)| (format!("schema/{name}"), text)));
    files
}

/// Writes a starter project.
pub fn run(arguments: &Arguments) -> u8 {
    let root = arguments.directory.as_path();
    match write(root) {
        Ok(()) => {
            let shown = root.display();
            say(&format!(
                "A project in {shown}:\n  flows/hello.yaml        a first conversation, with a test\n  scripts/greetings.rhai  a function it calls\n  schema/, .vscode/       what editors need to complete and check both\n\nNext:\n  buttonhook run {shown}    talk to it in the browser, and edit it while it runs\n  buttonhook test {shown}   play its conversations\n"
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
    let fixed = FILES.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    for (path, text) in fixed.chain(made()) {
        let path = root.join(path);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, text)?;
    }
    Ok(())
}
