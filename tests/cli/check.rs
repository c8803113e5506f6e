//! `check` and `explain`, as they are called.

use std::fs;
use std::path::Path;

use buttonhook::source::CODES;
use serde_json::Value;
use tempfile::TempDir;

use super::run;

const GOOD: &str = "buttonhook: 1\nflow: tiny\nstart: {words: [hi]}\nsteps:\n  only: {say: Hello, end: done}\n";
/// A certain mistake, one that is only its author's to mend, and a warning.
const WRONG: &str = "buttonhook: 1\nflow: tiny\nstart: {words: [hi]}\nsteps:\n  only:\n    say: Hello\n    buttons:\n      a: {titel: \"100%, really\", go: olny}\n  other: {say: Bye, end: done}\n";

fn project(files: &[(&str, &str)]) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir_all(dir.path().join("flows")).unwrap();
    fs::create_dir_all(dir.path().join("scripts")).unwrap();
    for (path, text) in files {
        fs::write(dir.path().join(path), text).unwrap();
    }
    dir
}

fn check(root: &Path, more: &[&str]) -> (Option<i32>, String, String) {
    run(&[&["check", root.to_str().unwrap()], more].concat())
}

#[test]
fn exit_codes_tell_good_from_broken_in_every_format() {
    let good = project(&[("flows/tiny.yaml", GOOD)]);
    let wrong = project(&[("flows/tiny.yaml", WRONG)]);
    let warned = project(&[("flows/tiny.yaml", &GOOD.replace("start: {words: [hi]}\n", ""))]);
    for format in ["human", "json", "sarif", "github"] {
        let code = |root: &TempDir| check(root.path(), &["--format", format]).0;
        assert_eq!((code(&good), code(&warned), code(&wrong)), (Some(0), Some(0), Some(1)), "{format}");
    }
    assert_eq!(check(good.path(), &["--format", "xml"]).0, Some(2));
    let (code, _, said) = check(&good.path().join("nowhere"), &["--fix"]);
    assert_eq!(code, Some(1), "{said}");
}

#[test]
fn people_are_pointed_to_the_page_of_the_first_error_once() {
    let wrong = project(&[("flows/tiny.yaml", WRONG)]);
    let (_, text, _) = check(wrong.path(), &[]);
    assert_eq!(text.matches("buttonhook explain").count(), 1, "{text}");
    assert!(text.ends_with("\nMore about a mistake: buttonhook explain BH0101\n"), "{text}");
    let warned = project(&[("flows/tiny.yaml", &GOOD.replace("start: {words: [hi]}\n", ""))]);
    assert!(!check(warned.path(), &[]).1.contains("buttonhook explain"));
}

#[test]
fn github_takes_the_lines_as_annotations() {
    let wrong = project(&[("flows/tiny.yaml", WRONG)]);
    let (_, text, _) = check(wrong.path(), &["--format", "github"]);
    let root = wrong.path().to_str().unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert_eq!(
        lines[0],
        format!(
            "::error file={root}/flows/tiny.yaml,line=8,col=11,title=BH0101::a button has no key `titel`%0Adid you mean `title`?"
        )
    );
    // What would end a property or a line is written out.
    let tricky = project(&[("flows/50%,a:b.yaml", &GOOD.replace("hi]}", "hi]}\nwhat%: 1"))]);
    let (_, text, _) = check(tricky.path(), &["--format", "github"]);
    assert!(text.contains("/flows/50%25%2Ca%3Ab.yaml,line=4,col=1,title=BH0101::a flow has no key `what%25`%0A"), "{text}");
}

/// The members that SARIF 2.1.0 requires, and what code scanners read besides.
#[test]
fn code_scanners_get_sarif() {
    let wrong = project(&[("flows/tiny.yaml", WRONG), ("flows/zwei ü.yaml", GOOD)]);
    let (_, text, _) = check(wrong.path(), &["--format", "sarif"]);
    let log: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(log["version"], "2.1.0");
    assert!(log["$schema"].as_str().unwrap().contains("sarif"));
    let [run] = log["runs"].as_array().unwrap().as_slice() else { panic!("{log}") };
    let driver = &run["tool"]["driver"];
    assert_eq!(
        (driver["name"].as_str(), driver["semanticVersion"].as_str()),
        (Some("buttonhook"), Some(env!("CARGO_PKG_VERSION")))
    );
    let rules = driver["rules"].as_array().unwrap();
    assert_eq!(rules.len(), CODES.len());
    for rule in rules {
        for member in [&rule["id"], &rule["shortDescription"]["text"], &rule["help"]["text"], &rule["help"]["markdown"]] {
            assert!(!member.as_str().unwrap().is_empty(), "{rule}");
        }
    }
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.len(), 3, "{text}");
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(["error", "warning"].contains(&result["level"].as_str().unwrap()));
        assert!(!result["message"]["text"].as_str().unwrap().is_empty());
        let place = &result["locations"][0]["physicalLocation"];
        let uri = place["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.starts_with("file:///") && !uri.contains([' ', 'ü']), "{uri}");
        region(&place["region"]);
    }
    let related = &results[2]["relatedLocations"][0];
    assert!(related["id"].is_u64() && related["message"]["text"].is_string(), "{}", results[2]);
    let fix = &results[0]["fixes"][0];
    let change = &fix["artifactChanges"][0];
    assert!(fix["description"]["text"].is_string() && change["artifactLocation"]["uri"].is_string(), "{fix}");
    assert_eq!(change["replacements"][0]["insertedContent"]["text"], "title");
    assert_eq!(region(&change["replacements"][0]["deletedRegion"]), (8, 11, 8, 16));
}

fn region(region: &Value) -> (u64, u64, u64, u64) {
    let [a, b, c, d] = ["startLine", "startColumn", "endLine", "endColumn"].map(|name| region[name].as_u64().unwrap());
    assert!(a >= 1 && b >= 1 && (c, d) >= (a, b), "{region}");
    (a, b, c, d)
}

#[test]
fn a_project_inside_the_repository_is_named_from_there() {
    let dir = project(&[("flows/tiny.yaml", WRONG)]);
    let here = dir.path().parent().unwrap();
    let name = dir.path().file_name().unwrap().to_str().unwrap();
    let output = crate::e2e::host::binary().current_dir(here).args(["check", &format!("./{name}"), "--format", "sarif"]).output();
    let log: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    let file = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(file["uri"], format!("{name}/flows/tiny.yaml"));
    assert_eq!(file["uriBaseId"], "%SRCROOT%");
}

#[test]
fn every_code_is_explained_however_it_is_typed() {
    for asked in ["BH0201", "bh0201", "201"] {
        let (code, text, _) = run(&["explain", asked]);
        assert_eq!(code, Some(0));
        assert!(text.starts_with("BH0201: a step that the flow does not have\n"), "{text}");
        assert!(text.contains("\n    flow: hello\n") && !text.contains('`'.to_string().repeat(3).as_str()), "{text}");
        assert!(!text.contains('\u{1b}') && text.lines().all(|line| line.chars().count() <= 120), "{text}");
    }
    // Every word of a page is shown, in paragraphs and not in the lines of its file.
    for (code, page) in buttonhook::source::PAGES {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        let written: Vec<String> = page.lines().filter(|line| !line.starts_with("```")).flat_map(words).collect();
        let written: Vec<&String> = written.iter().filter(|word| *word != "#" && *word != "##").collect();
        let shown = words(&run(&["explain", code.0]).1);
        let shown: Vec<&String> = shown.iter().filter(|word| *word != "#").collect();
        assert_eq!(shown, written, "{code}");
    }
    assert!(run(&["explain", "201", "--color", "always"]).1.starts_with("\u{1b}[1mBH0201"));
    let (code, text, _) = run(&["explain"]);
    assert_eq!(code, Some(0));
    assert!(CODES.iter().all(|(code, summary)| text.contains(&format!("{code}  {summary}"))), "{text}");
    let (code, _, said) = run(&["explain", "BH9999"]);
    assert_eq!(code, Some(2), "{said}");
}
