//! `schema`, `fmt` and what `new` writes for editors, by the real binary.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use super::run;
use crate::e2e::host::binary;

const UGLY: &str = "buttonhook:   1\nflow: tiny\nstart: { words: [ hi ] }   \nsteps:\n    # the only one\n    only:\n        say: Hi\n        end: done\n";
const NEAT: &str =
    "buttonhook: 1\nflow: tiny\nstart: {words: [hi]}\nsteps:\n  # the only one\n  only:\n    say: Hi\n    end: done\n";

fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("flows")).unwrap();
    for (path, text) in files {
        fs::write(root.path().join(path), text).unwrap();
    }
    root
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn schema_writes_json_and_definition_files() {
    let (code, schema, _) = run(&["schema"]);
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    assert_eq!((code, &schema["$schema"]), (Some(0), &"http://json-schema.org/draft-07/schema#".into()));
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("a/b");
    let (code, said, _) = run(&["schema", "--rhai", inside.to_str().unwrap()]);
    assert_eq!((code, said.lines().count()), (Some(0), 2), "{said}");
    assert_eq!(names(&inside), ["buttonhook.d.rhai", "rhai.d.rhai"]);
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let (code, _, said) = run(&["schema", "--rhai", file.to_str().unwrap()]);
    assert_eq!(code, Some(3), "{said}");
}

#[test]
fn fmt_formats_once_and_check_says_what_it_would_do() {
    let root = project(&[("flows/ugly.yaml", UGLY), ("flows/neat.yaml", &NEAT.replace("tiny", "other"))]);
    let at = root.path().to_str().unwrap();
    let read = || fs::read_to_string(root.path().join("flows/ugly.yaml")).unwrap();

    let (code, said, _) = run(&["fmt", at, "--check"]);
    assert_eq!((code, said.as_str()), (Some(1), "flows/ugly.yaml: is not formatted\n"));
    assert_eq!(read(), UGLY, "--check changed something");

    let (code, said, _) = run(&["fmt", at]);
    assert_eq!((code, said.as_str()), (Some(0), "flows/ugly.yaml: formatted\n"));
    assert_eq!(read(), NEAT);
    assert_eq!(names(&root.path().join("flows")), ["neat.yaml", "ugly.yaml"], "something was left behind");

    let (code, said, _) = run(&["fmt", at, "--check"]);
    assert_eq!((code, said.as_str()), (Some(0), "2 flows, formatted already.\n"));
    let (code, said, _) = run(&["fmt", at, "--quiet"]);
    assert_eq!((code, said.as_str()), (Some(0), ""));
}

#[test]
fn fmt_leaves_alone_what_it_does_not_understand_and_says_so() {
    let broken = "buttonhook: 1\nflow:   {tiny\n";
    let root = project(&[("flows/broken.yaml", broken), ("flows/ugly.yaml", UGLY)]);
    let at = root.path().to_str().unwrap();
    let (code, said, wrong) = run(&["fmt", at]);
    assert_eq!((code, said.as_str()), (Some(1), "flows/ugly.yaml: formatted\n"));
    assert!(wrong.contains("flows/broken.yaml was left alone: it has mistakes"), "{wrong}");
    assert_eq!(fs::read_to_string(root.path().join("flows/broken.yaml")).unwrap(), broken);
    let (code, _, wrong) = run(&["fmt", "no-such-directory"]);
    assert_eq!(code, Some(1), "{wrong}");
}

#[cfg(unix)]
#[test]
fn fmt_keeps_a_files_permissions_and_follows_its_link() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let root = project(&[("tiny.yaml", UGLY)]);
    let real = root.path().join("tiny.yaml");
    fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
    symlink("../tiny.yaml", root.path().join("flows/tiny.yaml")).unwrap();
    let (code, said, wrong) = run(&["fmt", root.path().to_str().unwrap()]);
    assert_eq!(code, Some(0), "{said}{wrong}");
    assert_eq!(fs::read_to_string(&real).unwrap(), NEAT);
    assert_eq!(fs::metadata(&real).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(root.path().join("flows/tiny.yaml").is_symlink(), "the link was replaced");
}

#[test]
fn fmt_works_as_a_filter() {
    let through = |text: &str| {
        let mut child =
            binary().args(["fmt", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(through(UGLY), (Some(0), NEAT.to_owned()));
    assert_eq!(through("a: {b\n"), (Some(1), String::new()));
}

#[test]
fn a_new_project_brings_what_editors_need_and_is_formatted() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("shop");
    let (code, _, wrong) = run(&["new", root.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{wrong}");
    let made = ["always.json", "buttonhook.d.rhai", "flow.json", "language.json", "rhai.d.rhai", "tests.json"];
    assert_eq!(names(&root.join("schema")), made);
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    assert_eq!(read("schema/flow.json"), run(&["schema"]).1);
    let settings: serde_json::Value = serde_json::from_str(&read(".vscode/settings.json")).unwrap();
    assert_eq!(read("schema/always.json"), run(&["schema", "--always"]).1);
    assert_eq!(read("schema/language.json"), run(&["schema", "--language"]).1);
    assert_eq!(read("schema/tests.json"), run(&["schema", "--tests"]).1);
    let schemas = settings["yaml.schemas"].as_object().unwrap();
    assert!(schemas.len() == 4 && schemas.keys().all(|schema| root.join(schema).is_file()), "{settings}");
    let extensions: serde_json::Value = serde_json::from_str(&read(".vscode/extensions.json")).unwrap();
    assert!(extensions["recommendations"].is_array());
    for command in [&["fmt", "--check"][..], &["check"]] {
        let (code, said, wrong) = run(&[command, &[root.to_str().unwrap()]].concat());
        assert_eq!(code, Some(0), "{said}{wrong}");
    }
}
