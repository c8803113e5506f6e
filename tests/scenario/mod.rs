//! Conversations as authors write them: those of the shipped flows and of the starter project, and what a failure tells.

mod covered;
mod crowd;
mod document;
mod lines;
mod lists;

use buttonhook::flow::{self, Program};
use buttonhook::scenario::{self, Played};
use buttonhook::source::{Diagnostic, Sources, render_human};

/// The shipped project, as it lies in the repository.
const SHIPPED: &[(&str, &str)] = &[
    ("flows/booking.yaml", include_str!("../../flows/booking.yaml")),
    ("flows/shop.yaml", include_str!("../../flows/shop.yaml")),
    ("scripts/calendar.rhai", include_str!("../../scripts/calendar.rhai")),
    ("scripts/orders.rhai", include_str!("../../scripts/orders.rhai")),
    ("scripts/prices.rhai", include_str!("../../scripts/prices.rhai")),
];

const STARTER: &[(&str, &str)] = &[
    ("flows/hello.yaml", include_str!("../../src/cli/starter/flows/hello.yaml")),
    ("scripts/greetings.rhai", include_str!("../../src/cli/starter/scripts/greetings.rhai")),
];

fn compiled(files: &[(&str, &str)]) -> Program {
    let sources = Sources::from_texts(files.iter().copied());
    let (program, mut diagnostics) = flow::compile(&sources);
    if let Some(program) = &program {
        diagnostics.extend(program.flows().flat_map(|flow| scenario::read(program, flow).1));
    }
    // That a conversation expects what nothing says is told beforehand; here it is to be played all the same.
    diagnostics.retain(|one| one.code != buttonhook::source::Code::TEST_NEVER_SAID);
    assert!(diagnostics.is_empty(), "{}", render_human(&sources, &diagnostics, false));
    program.unwrap()
}

/// Plays all conversations; gives how many there were.
fn all_as_written(files: &[(&str, &str)]) -> (Program, Vec<Played>) {
    let program = compiled(files);
    let mut played = Vec::new();
    for flow in program.flows() {
        for scenario in scenario::read(&program, flow).0 {
            let one = scenario::play(&program, flow, &scenario);
            if let Some(failure) = &one.failure {
                panic!("{} / {} at {}: {failure:#?}\n{:#?}", flow.name, scenario.name, program.place(failure.span), one.said);
            }
            played.push(one);
        }
    }
    (program, played)
}

#[test]
fn the_shipped_conversations_go_as_written_and_reach_every_step() {
    let (program, played) = all_as_written(SHIPPED);
    assert!(played.len() >= 10, "only {} conversations", played.len());
    let entered: Vec<_> = played.iter().flat_map(|played| &played.entered).collect();
    for flow in program.flows() {
        for step in flow.steps.keys() {
            assert!(
                entered.iter().any(|(name, entered)| *name == flow.name && entered == step),
                "nothing enters {}.{step}",
                flow.name
            );
        }
    }
}

#[test]
fn the_starter_project_is_without_mistakes() {
    assert_eq!(all_as_written(STARTER).1.len(), 1);
}

/// The failure of the one conversation in `tests` of a flow that says one line.
fn failure(tests: &str) -> (String, Option<String>, Option<String>, String) {
    let flow = format!(
        "buttonhook: 1\nflow: tiny\nstart: {{words: [hi]}}\nsteps:\n  only:\n    say: \"Hello!\"\n    end: done\ntests:\n  - name: one\n{tests}"
    );
    let program = compiled(&[("flows/tiny.yaml", &flow)]);
    let tiny = program.flows().next().unwrap();
    let scenario = &scenario::read(&program, tiny).0[0];
    let failure = scenario::play(&program, tiny, scenario).failure.expect("it must not go as written");
    (failure.message.clone(), failure.expected.clone(), failure.came.clone(), program.place(failure.span))
}

#[test]
fn a_failure_tells_what_was_expected_what_came_and_where() {
    let text = |text: &str| Some(text.to_owned());
    for (tests, message, expected, came, line) in [
        ("    talk:\n      - they: hi\n      - bot: Bye!\n", "the bot says something else", text("Bye!"), text("Hello!"), 12),
        ("    talk:\n      - they: hi\n      - bot: /Bye/\n", "the bot says something else", text("/Bye/"), text("Hello!"), 12),
        ("    talk:\n      - they: hi\n", "the bot says more than is written here", None, text("Hello!"), 11),
        ("    talk:\n      - they: what\n      - bot: Hello!\n", "the bot says nothing", text("Hello!"), None, 12),
        (
            "    talk:\n      - they: hi\n      - bot: Hello!\n      - tap: more\n",
            "there is no button `more` to tap on",
            None,
            None,
            13,
        ),
        (
            "    talk:\n      - they: hi\n      - bot: Hello!\n    ends: badly\n",
            "the flow `tiny` does not end like that",
            text("badly"),
            text("done"),
            13,
        ),
    ] {
        let (told, wanted, got, place) = failure(tests);
        assert_eq!((told.as_str(), wanted, got), (message, expected, came));
        assert!(place.starts_with(&format!("flows/tiny.yaml:{line}:")), "{place} for line {line}");
    }
}

#[test]
fn what_a_timer_says_must_be_expected_like_anything_else() {
    let flow = |talk: &str| {
        format!(
            "buttonhook: 1\nflow: tiny\nstart: {{words: [hi]}}\nsteps:\n  only: {{say: Hello!, later: {{after: 1 h, go: again}}, end: done}}\n  \
             again: {{say: Again!, end: again}}\ntests:\n  - name: one\n    talk: [{{they: hi}}, {{bot: Hello!}}, {talk}]\n    ends: again\n"
        )
    };
    for (talk, message) in [
        ("{wait: 1 h}, {bot: Again!}", None),
        ("{wait: 30 min}, {wait: 30 min}, {bot: Again!}", None),
        ("{wait: 1 h}", Some("the bot says more than is written here")),
        ("{wait: 1 h}, {wait: 1 h}, {bot: Again!}", Some("the bot says more than is written here")),
        ("{wait: 59 min}, {bot: Again!}", Some("the bot says nothing")),
        ("{wait: 59 min}", Some("the flow `tiny` does not end like that")),
    ] {
        let program = compiled(&[("flows/tiny.yaml", &flow(talk))]);
        let tiny = program.flows().next().unwrap();
        let played = scenario::play(&program, tiny, &scenario::read(&program, tiny).0[0]);
        assert_eq!(played.failure.map(|failure| failure.message).as_deref(), message, "{talk}");
    }
}

#[test]
fn a_conversation_that_cannot_be_read_is_a_diagnostic() {
    for (tests, code) in [
        ("    talk:\n      - thy: hi\n", "BH0101"),
        ("    talk:\n      - they: hi\n        bot: Hello!\n", "BH0701"),
        ("    talk:\n      - they: hi\n      - bot: /(/\n", "BH0701"),
        ("    talk:\n      - wait: 20\n", "BH0107"),
        ("    talk:\n      - sends: smoke\n", "BH0107"),
        ("    talk: []\n  - name: one\n    talk: []\n", "BH0702"),
    ] {
        let flow = format!(
            "buttonhook: 1\nflow: tiny\nstart: {{words: [hi]}}\nsteps:\n  only: {{say: Hello, end: done}}\ntests:\n  - name: one\n{tests}"
        );
        let sources = Sources::from_texts([("flows/tiny.yaml", flow.as_str())]);
        let program = flow::compile(&sources).0.unwrap();
        let found: Vec<Diagnostic> = program.flows().flat_map(|flow| scenario::read(&program, flow).1).collect();
        assert_eq!(found.iter().map(|found| found.code.0).collect::<Vec<_>>(), [code], "{tests}");
    }
}
