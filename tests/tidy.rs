//! The structure, held: who may import whom, which crate lives where, what the pure half may not do, and how long things get.
//! Every failure names its line. A rule said twice in review belongs here.

use std::fs;
use std::path::{Path, PathBuf};

/// Each layer and the layers it may import: the table of `docs/architecture.md`.
const LAYERS: &[(&str, &[&str])] = &[
    ("failpoint", &[]),
    ("model", &[]),
    ("source", &[]),
    ("script", &["model", "source"]),
    ("flow", &["model", "source", "script"]),
    ("scenario", &["model", "source", "flow"]),
    ("graph", &["flow"]),
    ("store", &["model", "failpoint"]),
    ("channel", &["model"]),
    ("web", &["model"]),
    ("runtime", &["model", "flow", "store", "channel", "web", "failpoint"]),
    ("project", &["model", "source", "flow", "failpoint"]),
    ("http", &["model", "channel", "runtime", "failpoint"]),
    ("studio", &[]),
    ("sandbox", &[]),
    ("config", &["source"]),
    (
        "app",
        &[
            "model",
            "source",
            "flow",
            "store",
            "channel",
            "web",
            "runtime",
            "project",
            "http",
            "studio",
            "sandbox",
            "config",
            "failpoint",
        ],
    ),
    ("cli", &["app", "config", "project", "flow", "scenario", "graph", "script", "source", "sandbox", "model"]),
];

const PURE: &[&str] = &["model", "source", "script", "flow", "scenario", "graph"];

/// Crates that only some places may name.
const CONFINED: &[(&str, &[&str])] = &[
    ("serde_saphyr", &["source/yaml.rs"]),
    ("annotate_snippets", &["source/render.rs"]),
    ("rhai", &["script/"]),
    ("rusqlite", &["store/"]),
    ("reqwest", &["channel/", "web/", "sandbox/"]),
    ("notify", &["project/watch"]),
    ("axum", &["http/", "studio/", "sandbox/", "app"]),
    ("tower_http", &["http/", "studio/", "sandbox/", "app"]),
    ("clap", &["cli/", "config"]),
    ("tokio", &["store/", "channel/", "web/", "runtime/", "project/", "http/", "studio/", "sandbox/", "app", "cli/"]),
    ("tracing", &["store/", "channel/", "web/", "runtime/", "project/", "http/", "studio/", "sandbox/", "app", "cli/"]),
];

/// What the pure half may not do, and the one place that may, with its reason.
const IMPURE: &[(&str, &[&str])] = &[
    ("async fn", &[]),
    ("std::fs", &[]),
    ("std::net", &[]),
    ("std::env", &[]),
    ("std::thread", &[]),
    ("std::process", &[]),
    ("SystemTime", &[]),
    ("Timestamp::now", &[]),
    ("println!", &[]),
    ("getrandom", &[]),
    // The machine's own zones, and its files of them: zones come from the database in the program, by `model/zone.rs`.
    ("TimeZone::system", &[]),
    ("TimeZone::get", &[]),
    ("in_tz(", &[]),
    // A clock that bounds a script and never decides a value.
    ("Instant", &["script/fence.rs", "script/call.rs"]),
];

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 80;

struct File {
    /// Below `src/`, with `/`.
    name: String,
    text: String,
}

impl File {
    fn layer(&self) -> &str {
        self.name.split(['/', '.']).next().unwrap_or("")
    }

    /// The lines that are code of ours: without comments and without the unit tests at the end.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let unit_tests = self.name.ends_with("/tests.rs");
        let end = if unit_tests { 0 } else { self.text.find("#[cfg(test)]").unwrap_or(self.text.len()) };
        let lines = self.text[..end].lines().enumerate().map(|(index, line)| (index + 1, line));
        lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<File> {
    let mut files = Vec::new();
    gather(&root().join("src"), &root().join("src"), &mut files);
    assert!(files.len() > 50, "the sources were not found");
    files
}

fn gather(top: &Path, folder: &Path, files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(top, &path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let name = path.strip_prefix(top).unwrap().to_string_lossy().replace('\\', "/");
            files.push(File { name, text: fs::read_to_string(&path).unwrap() });
        }
    }
}

fn none(what: &str, found: &[String]) {
    assert!(found.is_empty(), "{what}:\n  {}", found.join("\n  "));
}

#[test]
fn layers_import_only_what_they_may() {
    let mut found = Vec::new();
    for file in sources() {
        let Some((_, allowed)) = LAYERS.iter().find(|(layer, _)| *layer == file.layer()) else {
            assert!(["lib", "main"].contains(&file.layer()), "src/{} belongs to no layer", file.name);
            continue;
        };
        for (number, line) in file.code() {
            for (at, _) in line.match_indices("crate::") {
                // `$crate` and paths that only end in `crate` are something else.
                let named = line[at + "crate::".len()..].split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
                if named != file.layer() && !allowed.contains(&named) && !line[..at].ends_with('$') {
                    found.push(format!("src/{}:{number} imports {named:?}: {}", file.name, line.trim()));
                }
            }
        }
    }
    none("imports that the layers forbid", &found);
}

/// The table of the document is this one, and a permission that nobody uses is taken back.
#[test]
fn the_document_tells_the_layers_as_they_are() {
    let document = fs::read_to_string(root().join("docs/architecture.md")).unwrap();
    let sources = sources();
    for (layer, allowed) in LAYERS {
        let start = format!("| `{layer}` |");
        let row = document.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("no row for {layer}"));
        let told = row.trim_end_matches('|').rsplit('|').next().unwrap().trim();
        let expected = if allowed.is_empty() { "–".to_owned() } else { allowed.join(", ") };
        assert_eq!(told, expected, "docs/architecture.md, {layer}");
        for other in *allowed {
            let used = sources.iter().any(|file| file.layer() == *layer && file.text.contains(&format!("crate::{other}")));
            assert!(used, "{layer} may import {other} and does not");
        }
    }
}

#[test]
fn crates_stay_where_they_belong() {
    let mut found = Vec::new();
    for file in sources() {
        for (number, line) in file.code() {
            for (name, places) in CONFINED {
                let named = line.contains(&format!("{name}::")) || line.contains(&format!("use {name}"));
                let derived = line.contains(&format!("::{name}::")) || line.contains(&format!("_{name}::"));
                if named && !derived && !places.iter().any(|place| file.name.starts_with(place)) {
                    found.push(format!("src/{}:{number} names {name}: {}", file.name, line.trim()));
                }
            }
        }
    }
    none("crates outside of their places", &found);
}

#[test]
fn the_pure_half_is_pure() {
    let mut found = Vec::new();
    for file in sources().iter().filter(|file| PURE.contains(&file.layer())) {
        for (number, line) in file.code() {
            for (what, places) in IMPURE {
                if line.contains(what) && !places.contains(&file.name.as_str()) {
                    found.push(format!("src/{}:{number} {what}: {}", file.name, line.trim()));
                }
            }
        }
    }
    none("the pure half does what it may not", &found);
}

#[test]
fn files_and_functions_stay_readable() {
    let mut found = Vec::new();
    for file in sources() {
        let lines = file.text.lines().count();
        if lines > FILE_LINES_MAX {
            found.push(format!("src/{} has {lines} lines: split it by concept", file.name));
        }
        let mut open: Option<(usize, String)> = None;
        for (number, line) in file.code() {
            let indent = &line[..line.len() - line.trim_start().len()];
            let begins =
                line.trim_start().trim_start_matches("pub ").trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
            if (begins.starts_with("fn ") || begins.starts_with("async fn ")) && !line.trim_end().ends_with(['}', ';']) {
                open = Some((number, indent.to_owned()));
            }
            if let Some((start, depth)) = &open
                && line == format!("{depth}}}")
            {
                if number - start > FUNCTION_LINES_MAX {
                    found.push(format!("src/{}:{start} a function of {} lines", file.name, number - start));
                }
                open = None;
            }
        }
    }
    none("too long", &found);
}

#[test]
fn every_file_says_what_it_is() {
    let silent = sources().into_iter().filter(|file| !file.text.starts_with("//!")).map(|file| format!("src/{}", file.name));
    none("files without a first sentence", &silent.collect::<Vec<_>>());
}

#[test]
fn nothing_is_left_for_later() {
    let mut found = Vec::new();
    for file in sources() {
        for (number, line) in file.code() {
            for what in [".unwrap()", "todo!(", "unimplemented!(", "dbg!("] {
                if line.contains(what) {
                    found.push(format!("src/{}:{number} {what}: {}", file.name, line.trim()));
                }
            }
        }
    }
    none("left for later", &found);
}

#[test]
fn every_dependency_has_its_reason() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let reasons = fs::read_to_string(root().join("docs/dependencies.md")).unwrap();
    let mut inside = false;
    let mut missing = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            inside = line.ends_with("dependencies]");
        } else if let (true, Some((name, _))) = (inside, line.split_once(" = "))
            && !reasons.contains(&format!("| {name} |"))
        {
            missing.push(name.to_owned());
        }
    }
    none("dependencies without a line in docs/dependencies.md", &missing);
}
