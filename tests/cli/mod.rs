//! The command line and the settings.

mod chat;
mod check;
mod conversations;
mod editors;
mod fix;
mod graph;
mod settings;

use crate::e2e::host::binary;

fn run(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = binary().args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn help_and_version_are_answered() {
    let (code, help, _) = run(&["--help"]);
    assert_eq!(code, Some(0));
    for word in ["run", "sandbox", "--log-format", "--quiet", "--color"] {
        assert!(help.contains(word), "{word} is missing: {help}");
    }
    let (code, version, _) = run(&["--version"]);
    assert_eq!((code, version.trim()), (Some(0), concat!("buttonhook ", env!("CARGO_PKG_VERSION"))));
}

#[test]
fn wrong_usage_is_told_apart_from_everything_else() {
    for arguments in [&["rnu"][..], &["run", "--no-such-flag"], &["run", "--xobito-token", "x"], &["--color", "blue"]] {
        let (code, _, said) = run(arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {said}");
    }
    let (_, _, said) = run(&["sandbux"]);
    assert!(said.contains("'sandbox'"), "no suggestion: {said}");
}

#[test]
fn a_directory_that_is_no_project_is_an_error_of_the_project() {
    let empty = tempfile::tempdir().unwrap();
    let (code, _, said) = run(&["run", empty.path().to_str().unwrap()]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("flows"), "{said}");
}

#[test]
fn a_test_that_plays_nothing_because_of_a_misspelt_name_is_no_success() {
    let root = tempfile::tempdir().unwrap();
    let project = root.path().join("project");
    let project = project.to_str().unwrap();
    assert_eq!(run(&["new", project]).0, Some(0));
    assert_eq!(run(&["test", project]).0, Some(0));
    let (code, _, said) = run(&["test", project, "--only", "no such conversation"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("no such conversation"), "{said}");
}
