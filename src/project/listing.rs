//! Which files belong to a project: `flows/**/*.yaml`, `scripts/*.rhai`, `scripts/data/*.csv|json|yaml` and for those who test
//! `tests/*.yaml`, inside the project's own directories.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use super::load::LoadError;
use crate::model::limits::SOURCE_FILES_MAX;
use crate::source::SourceKind;

/// The directory of the flows inside a project.
pub(super) const FLOWS: &str = "flows";
/// The directory of the scripts inside a project.
pub(super) const SCRIPTS: &str = "scripts";
/// The directory of the data files inside [`SCRIPTS`].
pub(super) const DATA: &str = "data";
/// The directory of the conversations inside a project.
pub(super) const TESTS: &str = "tests";
/// Directories inside each other below `flows`.
const DIRECTORY_DEPTH_MAX: usize = 16;
/// Names looked at in all directories of a project, wanted or not.
const NAMES_MAX: usize = 10 * SOURCE_FILES_MAX;

/// A file that belongs to the project.
pub(super) struct Found {
    /// Its path inside the project, with `/`.
    pub path: String,
    /// Where it is.
    pub real: PathBuf,
    /// What it should hold.
    pub kind: SourceKind,
    /// What the disk says about it; nothing when the file may not be read.
    pub facts: Result<Metadata, Unwanted>,
}

/// Why a file with the right name is not read.
pub(super) enum Unwanted {
    /// A symbolic link that leads out of the project.
    LeadsOut,
    /// A symbolic link that leads to nothing.
    LeadsNowhere,
    /// A device, a pipe, a socket.
    NotAFile,
    /// The disk refuses.
    Refused(io::Error),
}

/// Every file of the project at `root`, in order of path, its conversations only when asked for. What vanishes meanwhile is an
/// error of kind `NotFound`.
pub(super) fn list(root: &Path, with_tests: bool) -> Result<Vec<Found>, LoadError> {
    let root = directory(root, || LoadError::NoProject(root.to_owned()))?;
    let flows = directory(&root.join(FLOWS), || LoadError::NoFlows(root.clone()))?;
    let scripts = directory(&root.join(SCRIPTS), || LoadError::NoFlows(root.clone())).ok();
    let data = directory(&root.join(SCRIPTS).join(DATA), || LoadError::NoFlows(root.clone())).ok();
    let tests = directory(&root.join(TESTS), || LoadError::NoFlows(root.clone())).ok().filter(|_| with_tests);
    // `flows` itself may be a link to a directory elsewhere; then that directory is the project's too.
    let own = [Some(root), Some(flows.clone()), scripts.clone(), data.clone(), tests.clone()];
    let inside = own.into_iter().flatten().collect();
    let mut walk = Walk { inside, found: Vec::new(), names: 0, visited: BTreeSet::new() };
    walk.directory(&flows, FLOWS, SourceKind::Flow, DIRECTORY_DEPTH_MAX)?;
    if let Some(scripts) = scripts {
        walk.directory(&scripts, SCRIPTS, SourceKind::Script, 0)?;
    }
    if let Some(data) = data {
        walk.directory(&data, &format!("{SCRIPTS}/{DATA}"), SourceKind::Data, 0)?;
    }
    if let Some(tests) = tests {
        walk.directory(&tests, TESTS, SourceKind::Tests, 0)?;
    }
    walk.found.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(walk.found)
}

/// The directory that `path` leads to in the end, so that everything is read from one place while a link is being swapped.
fn directory(path: &Path, missing: impl FnOnce() -> LoadError) -> Result<PathBuf, LoadError> {
    match fs::canonicalize(path) {
        Ok(real) if real.is_dir() => Ok(real),
        Ok(_) => Err(missing()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(missing()),
        Err(error) => Err(LoadError::Refused(path.to_owned(), error)),
    }
}

struct Walk {
    inside: Vec<PathBuf>,
    found: Vec<Found>,
    names: usize,
    visited: BTreeSet<PathBuf>,
}

impl Walk {
    fn directory(&mut self, real: &Path, path: &str, kind: SourceKind, depth: usize) -> Result<(), LoadError> {
        // A link to a directory that is read already would show its files twice, or go round for ever.
        if !self.visited.insert(real.to_owned()) {
            return Ok(());
        }
        let refused = |error| LoadError::from_disk(real, error);
        for entry in fs::read_dir(real).map_err(refused)? {
            let entry = entry.map_err(refused)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            self.names += 1;
            if self.names > NAMES_MAX {
                return Err(LoadError::TooManyFiles);
            }
            // Hidden files are not ours: editors' and systems' own, and what a mounted configuration map swaps behind its links.
            if !name.starts_with('.') {
                self.entry(entry.path(), format!("{path}/{name}"), kind, depth)?;
            }
        }
        Ok(())
    }

    fn entry(&mut self, at: PathBuf, path: String, kind: SourceKind, depth: usize) -> Result<(), LoadError> {
        let wanted = is_source(&path, kind);
        // Its directory is named as it really is, so what is no link is, too; only links are worth finding out about.
        if let Ok(facts) = fs::symlink_metadata(&at)
            && !facts.is_symlink()
        {
            return self.real(at, path, kind, depth, facts, wanted);
        }
        let real = match fs::canonicalize(&at) {
            Ok(real) => real,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return match (wanted, at.symlink_metadata()) {
                    (false, _) => Ok(()),
                    (true, Ok(_)) => self.keep(true, Found { path, real: at, kind, facts: Err(Unwanted::LeadsNowhere) }),
                    // Listed and gone: it is being replaced, or was removed. The next listing tells.
                    (true, Err(_)) => Err(LoadError::Unsteady(at)),
                };
            }
            Err(error) => return self.keep(wanted, Found { path, real: at, kind, facts: Err(Unwanted::Refused(error)) }),
        };
        let facts = match fs::metadata(&real) {
            Ok(facts) => facts,
            Err(error) => return self.keep(wanted, Found { path, real, kind, facts: Err(Unwanted::Refused(error)) }),
        };
        self.real(real, path, kind, depth, facts, wanted)
    }

    /// Takes what is at `real`, which is no link.
    fn real(
        &mut self,
        real: PathBuf,
        path: String,
        kind: SourceKind,
        depth: usize,
        facts: Metadata,
        wanted: bool,
    ) -> Result<(), LoadError> {
        let inside = self.inside.iter().any(|directory| real.starts_with(directory));
        if facts.is_dir() {
            return if inside && depth > 0 { self.directory(&real, &path, kind, depth - 1) } else { Ok(()) };
        }
        let facts = match (inside, facts.is_file()) {
            (false, _) => Err(Unwanted::LeadsOut),
            (true, false) => Err(Unwanted::NotAFile),
            (true, true) => Ok(facts),
        };
        self.keep(wanted, Found { path, real, kind, facts })
    }

    fn keep(&mut self, wanted: bool, found: Found) -> Result<(), LoadError> {
        if wanted {
            self.found.push(found);
        }
        if self.found.len() > SOURCE_FILES_MAX { Err(LoadError::TooManyFiles) } else { Ok(()) }
    }
}

/// Whether a file's name says that it is one of ours. Editors' leftovers (`x.yaml~`, `#x.yaml#`, `4913`) do not end this way.
fn is_source(path: &str, kind: SourceKind) -> bool {
    let Some((_, ending)) = path.rsplit_once('.') else { return false };
    match kind {
        SourceKind::Flow | SourceKind::Tests => ending.eq_ignore_ascii_case("yaml") || ending.eq_ignore_ascii_case("yml"),
        SourceKind::Script => ending.eq_ignore_ascii_case("rhai"),
        // As written: the ending says how it is read.
        SourceKind::Data => ["csv", "json", "yaml", "yml"].contains(&ending),
    }
}

/// A number that changes when a file of the project was written, came, went or was replaced. It looks at no contents: an
/// idle project costs one look at each file's facts.
pub(super) fn fingerprint(root: &Path) -> u64 {
    let mut hash = DefaultHasher::new();
    match list(root, true) {
        Ok(found) => {
            for file in &found {
                (&file.path, &file.real).hash(&mut hash);
                if let Ok(facts) = &file.facts {
                    identity(facts).hash(&mut hash);
                }
            }
        }
        Err(error) => error.to_string().hash(&mut hash),
    }
    hash.finish()
}

/// What tells a file or directory from one that was put in its place, and from itself before it was written.
#[cfg(unix)]
pub(super) fn identity(facts: &Metadata) -> impl Hash + PartialEq + std::fmt::Debug + use<> {
    use std::os::unix::fs::MetadataExt;
    (facts.len(), facts.dev(), facts.ino(), facts.mtime(), facts.mtime_nsec(), facts.ctime(), facts.ctime_nsec())
}

/// What tells a file or directory from one that was put in its place, and from itself before it was written.
#[cfg(not(unix))]
pub(super) fn identity(facts: &Metadata) -> impl Hash + PartialEq + std::fmt::Debug + use<> {
    (facts.len(), facts.modified().ok(), facts.created().ok())
}
