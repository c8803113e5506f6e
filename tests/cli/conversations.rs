//! `buttonhook test`: its report, its formats, what it writes, what it counts.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::e2e::host::binary;

const FLOW: &str = "buttonhook: 1
flow: shop
start: {words: [hi]}
steps:
  menu:
    say: \"Where to?\"
    buttons:
      near: {title: Near, go: near}
      far: {title: Far, go: far}
  near: {say: \"That is near.\", end: near}
  far: {run: prices.far, say: \"That is far.\", end: far}
";
const SCRIPT: &str = "fn far() {\n    let a = 1;\n    if a > 1 {\n        a = 2;\n    }\n    a\n}\n";

fn project(tests: &str) -> TempDir {
    let root = TempDir::new().unwrap();
    for folder in ["flows", "scripts", "tests"] {
        fs::create_dir(root.path().join(folder)).unwrap();
    }
    fs::write(root.path().join("flows/shop.yaml"), FLOW).unwrap();
    fs::write(root.path().join("scripts/prices.rhai"), SCRIPT).unwrap();
    fs::write(root.path().join("tests/shop.yaml"), tests).unwrap();
    root
}

fn test(root: &Path, arguments: &[&str]) -> (i32, String) {
    let out = binary().arg("test").arg(root).args(arguments).output().unwrap();
    (out.status.code().unwrap(), String::from_utf8(out.stdout).unwrap())
}

const WRONG: &str = "buttonhook: 1
tests_of: shop
tests:
  - name: near
    talk:
      - they: hi # the greeting
      - bot: /Where/
      - tap: near
      - bot: \"That is close.\" # stays
  - name: far
    talk: [{they: hi}, {bot: /Where/}, {bot: gone}, {tap: far}]
";

#[test]
fn what_went_otherwise_is_told_beside_what_was_expected() {
    let root = project(WRONG);
    let (code, told) = test(root.path(), &["--color", "never"]);
    assert_eq!(code, 1, "{told}");
    for part in [
        "✗ near",
        "    tests/shop.yaml:9:14                  flows/shop.yaml:10:15\n",
        "    That is close.                        That is near.\n",
        "            ~~~~~~                                ~~~~~\n",
        "2 of 2 conversations did not go as written",
    ] {
        assert!(told.contains(part), "{part:?} is missing in\n{told}");
    }
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
}

#[test]
fn programs_read_json_and_build_servers_xml() {
    let root = project(WRONG);
    let (code, json) = test(root.path(), &["--format", "json", "--coverage"]);
    let told: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, told["failed"].as_u64(), told["passed"].as_u64()), (1, Some(2), Some(0)));
    let failure = &told["conversations"][0]["failure"];
    assert_eq!((&failure["expected"], &failure["came"]), (&"That is close.".into(), &"That is near.".into()));
    assert_eq!(failure["said_by"], "flows/shop.yaml:10:15");
    assert_eq!(told["coverage"]["flows"][0]["missing"][0]["name"], "menu · button far");
    assert_eq!(told["coverage"]["flows"][0]["missing"][1]["name"], "far");
    assert_eq!(told["coverage"]["scripts"][0]["missing"], serde_json::json!([2, 3, 4, 6]));
    let (_, xml) = test(root.path(), &["--format", "junit"]);
    assert!(xml.contains("<testcase name=\"near\" classname=\"shop\" file=\"tests/shop.yaml\" line=\"4\""), "{xml}");
    assert!(xml.contains("<failure message=\"the bot says something else\">"), "{xml}");
}

#[test]
fn update_writes_what_is_said_and_leaves_the_rest_as_it_is() {
    let root = project(WRONG);
    let (code, told) = test(root.path(), &["--update"]);
    assert_eq!(code, 0, "{told}");
    let written = fs::read_to_string(root.path().join("tests/shop.yaml")).unwrap();
    let expected = WRONG
        .replace("\"That is close.\"", "\"That is near.\"")
        .replace(", {bot: gone}, {tap: far}]", ", {tap: far}, {bot: \"That is far.\"}]");
    assert_eq!(written, expected);
    let (_, again) = test(root.path(), &["--update"]);
    assert!(!again.contains("written anew"), "{again}");
}

#[test]
fn lines_are_put_in_and_taken_out_of_lists_over_lines() {
    let root = project(
        "buttonhook: 1\ntests_of: shop\ntests:\n  - name: near\n    talk:\n      - they: hi # first\n      - tap: near\n      - bot: That is near.\n      - bot: Gone. # why\n      # the end\n    ends: near\n",
    );
    assert_eq!(test(root.path(), &["--update"]).0, 0);
    let written = fs::read_to_string(root.path().join("tests/shop.yaml")).unwrap();
    assert_eq!(
        written,
        "buttonhook: 1\ntests_of: shop\ntests:\n  - name: near\n    talk:\n      - they: hi # first\n      - bot: \"Where to?\"\n      - tap: near\n      - bot: That is near.\n      # why\n      # the end\n    ends: near\n"
    );
}

#[test]
fn coverage_is_whole_when_every_way_and_line_is_taken() {
    let root = project(
        "buttonhook: 1\ntests_of: shop\nbefore: [{they: hi}, {bot: /Where/}]\ntests:\n  - {name: near, talk: [{tap: near}, {bot: /near/}]}\n  - {name: far, talk: [{tap: far}, {bot: /far/}]}\n",
    );
    let (code, told) = test(root.path(), &["--coverage", "--color", "never"]);
    assert_eq!(code, 1, "line 4 never runs\n{told}");
    assert!(told.contains("100%  3 of 3 steps, 2 of 2 ways out") && told.contains("· lines 4\n"), "{told}");
    fs::write(root.path().join("scripts/prices.rhai"), "fn far() {\n    1\n}\n").unwrap();
    assert_eq!(test(root.path(), &["--coverage"]).0, 0);
    let (code, told) = test(root.path(), &["--coverage", "--only", "near", "--color", "never"]);
    assert!(code == 1 && told.contains("· far  never entered"), "{told}");
}

/// Everything that ships is covered wholly.
#[test]
fn the_shipped_conversations_take_every_way_out() {
    let (code, told) = test(Path::new(env!("CARGO_MANIFEST_DIR")), &["--coverage", "--color", "never"]);
    assert_eq!(code, 0, "{told}");
}

#[test]
fn a_crowd_finds_what_leads_nowhere_and_prints_a_test_of_it() {
    let root = project(WRONG);
    let (code, told) = test(root.path(), &["--crowd", "--contacts", "30", "--color", "never"]);
    assert_eq!(code, 0, "{told}");
    assert!(told.contains("No law was broken: 30 conversations"), "{told}");
    assert!(told.contains("Nobody answers a text"), "{told}");

    let circle = FLOW.replace(
        "near: {say: \"That is near.\", end: near}",
        "near: {say: \"That is near.\", buttons: {on: {title: On, go: near}}}",
    );
    fs::write(root.path().join("flows/shop.yaml"), circle).unwrap();
    let (code, told) = test(root.path(), &["--crowd", "--contacts", "30", "--seed", "4", "--color", "never"]);
    assert_eq!(code, 1, "{told}");
    for part in [
        "✗ no dead end  flows/shop.yaml:",
        "# no dead end: nothing leads on",
        "seed 4, contact",
        "      - tap: near\n",
        "1 law broken",
    ] {
        assert!(told.contains(part), "{part:?} is missing in\n{told}");
    }
    let (code, json) = test(root.path(), &["--crowd", "--contacts", "30", "--seed", "4", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, &report["conversations"], &report["broken"][0]["law"]), (1, &30.into(), &"no dead end".into()));
    // The test that is printed reads as a file of its own.
    fs::write(root.path().join("tests/found.yaml"), report["broken"][0]["test"].as_str().unwrap()).unwrap();
    assert_eq!(test(root.path(), &["--only", "no dead end"]).0, 0);

    assert_eq!(test(root.path(), &["--crowd", "--format", "junit"]).0, 2);
    assert_eq!(test(root.path(), &["--contacts", "3"]).0, 2, "contacts of no crowd");
}
