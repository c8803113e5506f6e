//! The authors' reference: every example in it loads, and it leaves nothing out.

use buttonhook::model::Value;
use buttonhook::script::{Scripts, compile};
use buttonhook::source::{Diagnostic, Sources};

use super::World;

const REFERENCE: &str = include_str!("../../docs/scripting.md");

/// The fenced blocks marked `rhai`, with the line on which each begins.
fn examples() -> Vec<(usize, String)> {
    let mut examples = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (line, text) in REFERENCE.lines().enumerate() {
        match (&mut open, text) {
            (None, "```rhai") => open = Some((line + 2, String::new())),
            (Some(_), "```") => examples.extend(open.take()),
            (Some((_, block)), text) => {
                block.push_str(text);
                block.push('\n');
            }
            (None, _) => {}
        }
    }
    assert_eq!(open, None, "a block that never ends");
    examples
}

/// The script beside the table of the reference.
fn with_the_table(script: &str) -> (Scripts, Vec<Diagnostic>) {
    let table = REFERENCE.split_once("```csv\n").and_then(|(_, rest)| rest.split_once("```")).unwrap().0;
    let sources = Sources::from_texts([("scripts/s.rhai", script), ("scripts/data/prices.csv", table)]);
    let mut diagnostics = Vec::new();
    (compile(&sources, &mut diagnostics), diagnostics)
}

#[test]
fn every_example_loads() {
    let examples = examples();
    assert!(examples.len() >= 6, "{}", examples.len());
    for (line, text) in examples {
        let (scripts, diagnostics) = with_the_table(&text);
        assert_eq!(diagnostics, [], "docs/scripting.md, line {line}");
        if text.contains("data.prices") {
            let city = [Value::from("Fort Kochi, Mattancherry")];
            assert_eq!(scripts.call("s", "quote", &city, &World::default().around()).unwrap().value, Value::Whole(500));
        }
    }
}

#[test]
fn everything_that_is_given_and_may_be_asked_for_is_described() {
    for name in buttonhook::script::host_forms() {
        assert!(REFERENCE.contains(&format!("`{name}`")), "docs/scripting.md does not describe {name}");
    }
    for name in buttonhook::script::given_names() {
        assert!(REFERENCE.contains(&format!("`{name}`")), "docs/scripting.md does not describe {name}");
    }
}
