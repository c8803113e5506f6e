//! A folder for every diagnostic: `tests/diagnostics/<code>/` holds a project with the mistake, and `expected.txt` what its
//! author reads. `BLESS=1` writes the expected texts anew; read the difference before you commit it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use buttonhook::source::{CODES, Diagnostic, Sources, render_human};
use buttonhook::{flow, scenario};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics")
}

/// All files of a project below `root`, by their path in it.
fn files(root: &Path, below: &Path, found: &mut Vec<(String, String)>) {
    let mut entries: Vec<_> = fs::read_dir(below).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(root, &path, found);
        } else if path.extension().is_some_and(|ending| ["yaml", "rhai", "csv", "json"].iter().any(|known| ending == *known)) {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Everything that `buttonhook check` finds.
pub fn diagnostics(sources: &Sources) -> Vec<Diagnostic> {
    let (program, mut diagnostics) = flow::draft(sources, None);
    diagnostics.extend(scenario::suites(&program).1);
    sources.in_order(&mut diagnostics);
    diagnostics
}

fn told(case: &Path) -> (String, BTreeSet<String>) {
    let mut found = Vec::new();
    files(case, case, &mut found);
    let sources = Sources::from_texts(found.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let diagnostics = diagnostics(&sources);
    let codes = diagnostics.iter().map(|diagnostic| diagnostic.code.0.to_owned()).collect();
    (render_human(&sources, &diagnostics, false), codes)
}

#[test]
fn every_diagnostic_reads_as_written() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for entry in fs::read_dir(folder()).unwrap() {
        let case = entry.unwrap().path();
        let code = case.file_name().unwrap().to_string_lossy().into_owned();
        let (text, codes) = told(&case);
        assert!(
            !code.starts_with("BH") || codes.iter().any(|found| code.starts_with(found.as_str())),
            "{code} gives {codes:?}\n{text}"
        );
        let golden = case.join("expected.txt");
        if bless {
            fs::write(&golden, &text).unwrap();
        } else if fs::read_to_string(&golden).unwrap_or_default() != text {
            wrong.push(format!("{code} now reads:\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}\nRead them; BLESS=1 writes them down.", wrong.join("\n"));
}

/// Given only by what reads a directory, which `tests/project` shows.
pub const NOT_FROM_TEXTS: &[&str] = &["BH0005"];

#[test]
fn every_diagnostic_has_its_folder() {
    for (code, summary) in CODES {
        let there = folder().join(code.0).is_dir();
        assert!(there || NOT_FROM_TEXTS.contains(&code.0), "{code} ({summary}) has no folder in tests/diagnostics");
    }
}

#[test]
fn twenty_mistakes_are_told_in_one_run_once_each_in_the_order_of_their_places() {
    let mut found = Vec::new();
    let case = folder().join("twenty");
    files(&case, &case, &mut found);
    let sources = Sources::from_texts(found.iter().map(|(path, text)| (path.as_str(), text.as_str())));
    let diagnostics = diagnostics(&sources);
    let shown = render_human(&sources, &diagnostics, false);
    assert_eq!(diagnostics.len(), 20, "{shown}");
    assert!(diagnostics.is_sorted_by_key(|one| one.span), "{shown}");
    let (program, compiled) = flow::compile(&sources);
    assert!(program.is_none() && compiled.len() == 19, "all but the conversation's are found by the host too: {shown}");
}
