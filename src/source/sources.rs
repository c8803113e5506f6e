//! The files of a project as they were read at one moment.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use sha2::{Digest, Sha256};

use super::diagnostic::Diagnostic;

/// Every file of a project, read at one moment. Ordered by path, so that the same files give the same [`Sources::revision`].
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<(SourceId, Source)>,
    /// Where the file of each id stands in `files`; numbers that no file has lead nowhere.
    places: Vec<usize>,
    /// Worked out when first asked for: everyone asks, and it reads every byte.
    revision: OnceLock<String>,
}

/// One file.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its path inside the project, with `/`: `flows/shop.yaml`.
    pub path: Arc<str>,
    /// Its text. A byte order mark is taken off by whoever reads the file.
    pub text: Arc<str>,
    /// What it holds.
    pub kind: SourceKind,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// A flow, `flows/**/*.yaml`.
    Flow,
    /// A script, `scripts/*.rhai`.
    Script,
    /// Data for scripts, `scripts/data/*.csv`, `.json` or `.yaml`.
    Data,
    /// Conversations, `tests/*.yaml`. They are no part of what runs.
    Tests,
}

/// Names a file of its [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A stretch of a file, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub source: SourceId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// From byte `start` up to byte `end` of `source`.
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let bounded = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { source, start: bounded(start), end: bounded(end) }
    }

    /// The same bytes as an index range.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A place as people read it; lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: Arc<str>,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path, self.line, self.column)
    }
}

impl Sources {
    /// The files, put in order of their paths.
    pub fn new(mut files: Vec<Source>) -> Self {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let ids = (0..).map(SourceId);
        Self::numbered(ids.zip(files).collect())
    }

    /// The same files, each that stood in `previous` by the id it had there. What was once read of a file speaks of it by its
    /// id, so it stays true as long as the file does not change, whatever other files come and go.
    pub fn numbered_after(self, previous: &Sources) -> Self {
        let known: HashMap<&str, SourceId> = previous.iter().map(|(id, file)| (&*file.path, id)).collect();
        let mut taken = vec![false; previous.places.len()];
        for id in self.files.iter().filter_map(|(_, file)| known.get(&*file.path)) {
            taken[id.0 as usize] = true;
        }
        // New files fill the gaps first: ids stay as few as there ever were files at once.
        let mut free = (0..).filter(|&number| taken.get(number as usize) != Some(&true)).map(SourceId);
        let mut id_of = |file: &Source| known.get(&*file.path).copied().or_else(|| free.next());
        let files = self.files.into_iter().map(|(id, file)| (id_of(&file).unwrap_or(id), file)).collect();
        Self { revision: self.revision, ..Self::numbered(files) }
    }

    fn numbered(files: Vec<(SourceId, Source)>) -> Self {
        let numbers = files.iter().map(|(id, _)| id.0 as usize + 1).max().unwrap_or(0);
        let mut places = vec![usize::MAX; numbers];
        for (place, (id, _)) in files.iter().enumerate() {
            places[id.0 as usize] = place;
        }
        Self { files, places, revision: OnceLock::new() }
    }

    /// From paths and texts; the kind follows from the path. For tests and embedded projects.
    pub fn from_texts<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let kind = |path: &str| match path {
            _ if path.ends_with(".rhai") => SourceKind::Script,
            _ if path.starts_with("scripts/data/") => SourceKind::Data,
            _ if path.starts_with("tests/") => SourceKind::Tests,
            _ => SourceKind::Flow,
        };
        Self::new(
            files.into_iter().map(|(path, text)| Source { path: path.into(), text: text.into(), kind: kind(path) }).collect(),
        )
    }

    /// Every file with its id, in order of path.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.files.iter().map(|(id, file)| (*id, file))
    }

    /// The file at `path`, if there is one.
    pub fn at(&self, path: &str) -> Option<&Source> {
        let place = self.files.binary_search_by(|(_, file)| (*file.path).cmp(path)).ok()?;
        Some(&self.files[place].1)
    }

    /// The file that `id` names.
    ///
    /// # Panics
    /// When `id` comes from other sources: a mistake of ours, never of an author.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.files[self.places[id.0 as usize]].1
    }

    /// Puts diagnostics in the order of their places: files by path, then from top to bottom. Those that say the same of the
    /// same place twice are dropped.
    pub fn in_order(&self, diagnostics: &mut Vec<Diagnostic>) {
        Diagnostic::in_order(diagnostics);
        diagnostics.sort_by_key(|one| self.places[one.span.source.0 as usize]);
    }

    /// Where `span` begins.
    pub fn place(&self, span: Span) -> Place {
        let source = self.get(span.source);
        let before = &source.text[..source.text.floor_char_boundary(span.start as usize)];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Place {
            path: source.path.clone(),
            line: before.bytes().filter(|&b| b == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }

    /// The text of `span`.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.source).text.get(span.range()).unwrap_or("")
    }

    /// A hash over all paths and texts, as 16 hexadecimal digits: the same files always give the same revision.
    pub fn revision(&self) -> &str {
        self.revision.get_or_init(|| {
            let mut hash = Sha256::new();
            for (_, file) in &self.files {
                for part in [file.path.as_bytes(), file.text.as_bytes()] {
                    hash.update((part.len() as u64).to_le_bytes());
                    hash.update(part);
                }
            }
            data_encoding::HEXLOWER.encode(&hash.finalize()[..8])
        })
    }
}
