//! `check --fix`: only what is certain, and nothing else in the file.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::run;

fn project(flow: &[u8]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("flows")).unwrap();
    fs::write(dir.path().join("flows/tiny.yaml"), flow).unwrap();
    dir
}

fn fix(root: &Path) -> (Option<i32>, String, String) {
    run(&["check", "--fix", root.to_str().unwrap()])
}

fn flow(root: &TempDir) -> Vec<u8> {
    fs::read(root.path().join("flows/tiny.yaml")).unwrap()
}

/// A flow with every certain mistake, then one that is only a proposal; and how it reads afterwards.
const MANY: &str = "flow: tiny\nstart: {words: [hi], anything_else: yes}\nremembr:\n  city: {kind: txet, longest: 40}\nsteps:\n  menu:\n\tsay: {contact.name} is here\n    buttons:\n      a: {titel: Open: 9 to 6, go: only}\n      b: {title: B,\u{a0}go: other}\n  only:\n    say:\u{a0}Hours: 9 to 6\n    end: done\n  other:\n    say:It's *me*\n    go: olny\n";
const MENDED: &str = "buttonhook: 1\nflow: tiny\nstart: {words: [hi], anything_else: true}\nremember:\n  city: {kind: text, longest: 40}\nsteps:\n  menu:\n    say: \"{contact.name} is here\"\n    buttons:\n      a: {title: \"Open: 9 to 6\", go: only}\n      b: {title: B, go: other}\n  only:\n    say: \"Hours: 9 to 6\"\n    end: done\n  other:\n    say: It's *me*\n    go: olny\n";

#[test]
fn a_clean_project_stays_as_it_is_to_the_byte() {
    for text in [
        "\u{feff}buttonhook: 1\r\nflow: tiny\r\nstart: {words: [hi]}\r\nsteps:\r\n  only: {say: Hello, end: done}",
        "buttonhook: 1\nflow: tiny\nstart: {words: [hi]}\nsteps:\n  only: {say: Hello,   end: done} # x  \n\n\n",
    ] {
        let root = project(text.as_bytes());
        let path = root.path().join("flows/tiny.yaml");
        let before = fs::metadata(&path).unwrap().modified().unwrap();
        let (code, said, _) = fix(root.path());
        assert_eq!(code, Some(0), "{said}");
        assert!(said.starts_with("No mistakes:"), "{said}");
        assert_eq!(flow(&root), text.as_bytes());
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before, "it was written without need");
    }
}

#[test]
fn what_is_certain_is_written_and_the_rest_is_told() {
    let root = project(MANY.as_bytes());
    let (code, said, _) = fix(root.path());
    assert_eq!(String::from_utf8(flow(&root)).unwrap(), MENDED, "{said}");
    assert_eq!(code, Some(1), "a proposal is left: {said}");
    for part in ["flows/tiny.yaml\n", "    1 + buttonhook: 1\n", "- ", "mistakes fixed.", "BH0201", "did you mean `only`?"] {
        assert!(said.contains(part), "`{part}` is missing: {said}");
    }
    let again = fix(root.path());
    assert_eq!(String::from_utf8(flow(&root)).unwrap(), MENDED, "a second run changes something: {}", again.1);
    assert_eq!(fs::read_dir(root.path().join("flows")).unwrap().count(), 1, "something was left beside the file");
}

#[test]
fn line_ends_and_the_byte_order_mark_stay() {
    let windows = |text: &str| format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let root = project(windows(MANY).as_bytes());
    fix(root.path());
    assert_eq!(String::from_utf8(flow(&root)).unwrap(), windows(MENDED));
}

#[test]
fn names_values_and_versions_of_the_author_are_never_changed() {
    for (line, with) in [
        ("buttonhook: 1", "buttonhook: 2"),
        ("go: menu", "go: mneu"),
        ("{city}", "{citty}"),
        ("into: city", "into: ctiy"),
        ("  menu:\n", "  Menu:\n"),
        ("say: Hello\n", "say: “Hello”\n"),
        ("say: Hello\n", "say: We are #1\n"),
        ("title: A", "tetel: A"),
    ] {
        let good = "buttonhook: 1\nflow: tiny\nstart: {words: [hi]}\nremember:\n  city: {kind: text, longest: 40}\nsteps:\n  menu:\n    say: Hello\n    buttons:\n      a: {title: A, go: which}\n  which: {ask: Which?, into: city, go: said}\n  said: {say: \"{city}\", go: menu}\n";
        let text = good.replacen(line, with, 1);
        assert_ne!(text, good);
        let root = project(text.as_bytes());
        let (_, said, _) = fix(root.path());
        assert!(!said.contains("No mistakes"), "{with} is no mistake");
        assert_eq!(String::from_utf8(flow(&root)).unwrap(), text, "{with}: {said}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_rights_stay_and_nothing_outside_is_written() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let wrong = "flow: tiny\nstart: {words: [hi]}\nsteps:\n  only: {say: Hello, end: done}\n";
    let root = project(b"");
    let inside = root.path().join("kept.yaml.txt");
    fs::write(&inside, wrong).unwrap();
    fs::set_permissions(&inside, fs::Permissions::from_mode(0o640)).unwrap();
    let link = root.path().join("flows/tiny.yaml");
    fs::remove_file(&link).unwrap();
    symlink(&inside, &link).unwrap();
    let (code, said, _) = fix(root.path());
    assert_eq!(code, Some(0), "{said}");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&inside).unwrap().starts_with("buttonhook: 1\n"));
    assert_eq!(fs::metadata(&inside).unwrap().permissions().mode() & 0o777, 0o640);

    let elsewhere = tempfile::tempdir().unwrap();
    let outside = elsewhere.path().join("outside.yaml");
    fs::write(&outside, wrong).unwrap();
    fs::remove_file(&link).unwrap();
    symlink(&outside, &link).unwrap();
    let (code, said, _) = fix(root.path());
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(fs::read_to_string(&outside).unwrap(), wrong);
}

#[test]
fn programs_get_only_what_is_left() {
    let root = project(MANY.as_bytes());
    let (_, out, summary) = run(&["check", "--fix", "--format", "json", root.path().to_str().unwrap()]);
    let left: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(left[0]["code"], "BH0201", "{out}");
    assert_eq!(left[0]["fix"]["sure"], false);
    assert!(summary.contains("mistakes fixed."), "{summary}");
}
