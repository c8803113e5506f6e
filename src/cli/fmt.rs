//! `buttonhook fmt`: flow files in canonical form. Comments, quotes and order stay; only space is moved.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use clap::Args;

use super::replace::replace;
use super::style::{many, say};
use super::{EXIT_OK, EXIT_PROJECT, Global, ProjectArgument, wrong};
use crate::model::limits::SOURCE_BYTES_MAX;
use crate::project;
use crate::source::{SourceKind, format};

/// What `fmt` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    project: ProjectArgument,
    /// Change nothing; name the files that are not in canonical form, and end with 1 when there are any
    #[arg(long)]
    check: bool,
}

/// What became of a file.
enum Done {
    /// It was canonical.
    Same,
    /// It was changed, or would be.
    Changed,
    /// Why it was left alone.
    Left(String),
}

/// Formats the flows of the project; with `-` as the project, what comes in goes out formatted.
pub fn run(arguments: &Arguments, global: &Global) -> u8 {
    let root = &arguments.project.project;
    if root.as_os_str() == "-" {
        return through();
    }
    let loaded = match project::load(root) {
        Ok(loaded) => loaded,
        Err(why) => return wrong(EXIT_PROJECT, &why.to_string()),
    };
    let (mut changed, mut left, mut all) = (0, 0, 0);
    for (_, source) in loaded.sources.iter().filter(|(_, source)| source.kind == SourceKind::Flow) {
        all += 1;
        match file(&root.join(&*source.path), arguments.check) {
            Ok(Done::Same) => {}
            Ok(Done::Changed) => {
                changed += 1;
                let what = if arguments.check { "is not formatted" } else { "formatted" };
                say(&format!("{}: {what}\n", source.path));
            }
            Ok(Done::Left(why)) => {
                left += 1;
                wrong(EXIT_PROJECT, &format!("{} was left alone: {why}", source.path));
            }
            Err(why) => {
                left += 1;
                wrong(EXIT_PROJECT, &format!("{} was left alone: {why}", source.path));
            }
        }
    }
    if changed == 0 && left == 0 && !global.quiet {
        say(&format!("{}, formatted already.\n", many(all, "flow")));
    }
    if left > 0 || (arguments.check && changed > 0) { EXIT_PROJECT } else { EXIT_OK }
}

/// Standard input to standard output, for editors that format while they save.
fn through() -> u8 {
    let mut text = String::new();
    let most = u64::try_from(SOURCE_BYTES_MAX).unwrap_or(u64::MAX);
    match io::stdin().lock().take(most + 1).read_to_string(&mut text) {
        Ok(length) if length > SOURCE_BYTES_MAX => return wrong(EXIT_PROJECT, "a flow file has at most 1 MiB"),
        Ok(_) => {}
        Err(why) => return wrong(EXIT_PROJECT, &format!("the input cannot be read: {why}")),
    }
    match format(&text) {
        Ok(formatted) => {
            say(&formatted);
            EXIT_OK
        }
        Err(why) => wrong(EXIT_PROJECT, &format!("the text was left alone: {why}")),
    }
}

fn file(path: &Path, check: bool) -> io::Result<Done> {
    // Links are followed, so that the file they lead to is replaced and not the link.
    let path = fs::canonicalize(path)?;
    let text = match String::from_utf8(fs::read(&path)?) {
        Ok(text) if text.len() <= SOURCE_BYTES_MAX => text,
        Ok(_) => return Ok(Done::Left("it has more than 1 MiB".to_owned())),
        Err(_) => return Ok(Done::Left("it is not text".to_owned())),
    };
    let formatted = match format(&text) {
        Ok(formatted) if formatted == text => return Ok(Done::Same),
        Ok(formatted) => formatted,
        Err(why) => return Ok(Done::Left(why.to_string())),
    };
    if !check && !replace(&path, text.as_bytes(), formatted.as_bytes())? {
        return Ok(Done::Left("it was changed by somebody else at the same time; try again".to_owned()));
    }
    Ok(Done::Changed)
}
