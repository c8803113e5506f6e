//! Reads a whole project afresh, within bounds.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use super::listing::{Found, Unwanted, list};
use crate::model::limits::{SCRIPT_BYTES_MAX, SOURCE_BYTES_MAX, SOURCE_FILES_MAX};
use crate::source::{Code, Diagnostic, Source, SourceKind, Sources, Span};

/// Bytes of all files of a project together.
const PROJECT_BYTES_MAX: usize = 64 * 1024 * 1024;
/// How often a project is listed again because a file vanished before it was read.
const ATTEMPTS_MAX: u32 = 5;
/// The pause before it is listed again; twice as long each time.
const ATTEMPT_PAUSE: Duration = Duration::from_millis(5);
const BYTE_ORDER_MARK: char = '\u{feff}';

/// A project as it was on disk at one moment.
#[derive(Debug)]
pub struct Loaded {
    /// Its files. One that cannot be read stands here without text, so that its diagnostic has a place.
    pub sources: Sources,
    /// Files that cannot be read. With any of them the sources are not whole: do not compile them.
    pub diagnostics: Vec<Diagnostic>,
}

/// Why there is no project to read. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The directory is missing, or is no directory.
    #[error("there is no directory `{}`. Name the project's directory, or begin one there with `buttonhook new`", .0.display())]
    NoProject(PathBuf),
    /// The directory holds no flows.
    #[error("`{}` has no directory `flows`, so it is no project. Begin one with `buttonhook new`", .0.display())]
    NoFlows(PathBuf),
    /// The disk refuses.
    #[error("`{}` cannot be read: {}. See that this user may read it", .0.display(), .1)]
    Refused(PathBuf, io::Error),
    /// Something came and went while it was read.
    #[error("`{}` kept changing while it was read. It is read again at the next change", .0.display())]
    Unsteady(PathBuf),
    /// More files than a project may have.
    #[error("the project has more than {SOURCE_FILES_MAX} files. Move what does not belong to it out of `flows` and `scripts`")]
    TooManyFiles,
    /// More text than a project may have.
    #[error("the project's files hold more than {} MiB together. Split it, or move what does not belong to it elsewhere", PROJECT_BYTES_MAX / 1024 / 1024)]
    TooManyBytes,
}

impl LoadError {
    /// What the disk said of `path`; what is not found any more was there a moment ago.
    pub(super) fn from_disk(path: &Path, error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound {
            Self::Unsteady(path.to_owned())
        } else {
            Self::Refused(path.to_owned(), error)
        }
    }
}

/// Reads every flow and script of the project at `root`. Byte order marks are taken off.
///
/// # Errors
/// When the directory or its `flows` is missing (gone is never taken for empty), cannot be read, is too large, or changes
/// faster than it can be read. A single file that cannot be read is a diagnostic.
pub fn load(root: &Path) -> Result<Loaded, LoadError> {
    load_after(root, &Sources::default())
}

/// The same with the conversations in `tests`, for those who check and play them. They are no part of what runs.
///
/// # Errors
/// As [`load`].
pub fn load_with_tests(root: &Path) -> Result<Loaded, LoadError> {
    steadily(root, &Sources::default(), true)
}

/// The same, with the files that stood in `previous` numbered as there, so that what was read of an unchanged one can be kept.
pub(super) fn load_after(root: &Path, previous: &Sources) -> Result<Loaded, LoadError> {
    steadily(root, previous, false)
}

/// Reads again what vanishes while it is read.
fn steadily(root: &Path, previous: &Sources, with_tests: bool) -> Result<Loaded, LoadError> {
    let once = || list(root, with_tests).and_then(|found| read(found, previous));
    let mut pause = ATTEMPT_PAUSE;
    for _ in 1..ATTEMPTS_MAX {
        match once() {
            Err(LoadError::Unsteady(_)) => thread::sleep(pause),
            done => return done,
        }
        pause *= 2;
    }
    once()
}

/// Reads what was found. A file that is gone by now makes the whole listing stale.
fn read(found: Vec<Found>, previous: &Sources) -> Result<Loaded, LoadError> {
    let mut files = Vec::with_capacity(found.len());
    let mut troubles = Vec::new();
    let mut bytes = 0;
    for file in found {
        let text = match text_of(&file) {
            Ok(text) => text,
            Err(Trouble::Gone) => return Err(LoadError::Unsteady(file.real)),
            Err(Trouble::Told(message, help)) => {
                troubles.push((file.path.clone(), message, help));
                String::new()
            }
        };
        bytes += text.len();
        if bytes > PROJECT_BYTES_MAX {
            return Err(LoadError::TooManyBytes);
        }
        files.push(Source { path: file.path.into(), text: text.into(), kind: file.kind });
    }
    let sources = Sources::new(files).numbered_after(previous);
    let place = |path: &str| sources.iter().find(|(_, source)| &*source.path == path).map(|(id, _)| Span::new(id, 0, 0));
    let told = |(path, message, help): (String, String, &str)| {
        Some(Diagnostic::error(Code::FILE_UNREADABLE, place(&path)?, message).help(help))
    };
    let diagnostics = troubles.into_iter().filter_map(told).collect();
    Ok(Loaded { sources, diagnostics })
}

/// Why a file gives no text.
enum Trouble {
    /// It vanished after it was listed.
    Gone,
    /// What is wrong with it, and what to do.
    Told(String, &'static str),
}

fn text_of(file: &Found) -> Result<String, Trouble> {
    let told = |message: String, help| Err(Trouble::Told(message, help));
    let length = match &file.facts {
        Ok(facts) => facts.len(),
        Err(Unwanted::LeadsOut) => {
            return told("the link leads out of the project".to_owned(), "Put the file itself into the project.");
        }
        Err(Unwanted::LeadsNowhere) => {
            return told("the link leads to a file that does not exist".to_owned(), "Put the file there, or take the link away.");
        }
        Err(Unwanted::NotAFile) => return told("this is not an ordinary file".to_owned(), "Take it out of the project."),
        Err(Unwanted::Refused(error)) => return refused(error),
    };
    let most = if file.kind == SourceKind::Script { SCRIPT_BYTES_MAX } else { SOURCE_BYTES_MAX };
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(most).min(most) + 1);
    // One byte more than allowed tells a file that is too large, whatever the listing said of its length.
    let result = File::open(&file.real).and_then(|open| open.take(most as u64 + 1).read_to_end(&mut bytes));
    if let Err(error) = result {
        return refused(&error);
    }
    if bytes.len() > most {
        return told(format!("the file is larger than {} KiB", most / 1024), "Split it into several files.");
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix(BYTE_ORDER_MARK).map(str::to_owned).unwrap_or(text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..at].iter().filter(|&&byte| byte == b'\n').count() + 1;
            let message = format!("the file is not UTF-8 text: a character in line {line} is written in another encoding");
            told(message, "Save it as UTF-8; editors offer that beside the file's name or in its properties.")
        }
    }
}

fn refused<T>(error: &io::Error) -> Result<T, Trouble> {
    if error.kind() == io::ErrorKind::NotFound {
        return Err(Trouble::Gone);
    }
    Err(Trouble::Told(format!("the file cannot be read: {error}"), "See that the user the server runs as may read it."))
}
