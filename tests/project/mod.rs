//! The directory on disk, in real directories.

mod load;
mod reload;
mod watch;

use std::fs;
use std::path::{Path, PathBuf};

use buttonhook::model::Timestamp;
use buttonhook::source::{Code, Diagnostic, Sources, Span, parse_yaml};
use tempfile::TempDir;

/// A project in a directory of its own.
struct Project {
    root: PathBuf,
    /// Removes everything at the end.
    around: TempDir,
}

impl Project {
    /// With one flow, `flows/shop.yaml`, that says `one`.
    fn new() -> Self {
        let around = tempfile::tempdir().unwrap();
        let root = around.path().join("shop");
        let project = Self { root, around };
        project.write("flows/shop.yaml", "say: one");
        project
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        write(&self.at(path), text);
    }
}

fn write(path: &Path, text: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Stands for the compiler: a program is all texts; what is not YAML, or says `wrong`, is an error, `odd` a warning.
fn compile(sources: &Sources) -> (Option<String>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let mut program = String::new();
    for (id, source) in sources.iter() {
        assert!(!source.text.contains("panic"), "the compiler panics");
        diagnostics.extend(parse_yaml(id, &source.text).1);
        let place = Span::new(id, 0, source.text.len().min(3));
        if source.text.contains("wrong") {
            diagnostics.push(Diagnostic::error(Code::BAD_VALUE, place, "wrong"));
        }
        if source.text.contains("odd") {
            diagnostics.push(Diagnostic::warning(Code::BAD_VALUE, place, "odd"));
        }
        program.push_str(&format!("[{}: {}]", source.path, source.text.trim()));
    }
    let wrong = diagnostics.iter().any(Diagnostic::is_error);
    ((!wrong).then_some(program), diagnostics)
}

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
}
