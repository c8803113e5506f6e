//! The hostile crowd: it finds what was planted, tells it in the fewest lines, and leaves the shipped flows standing.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use buttonhook::flow::{self, Program};
use buttonhook::scenario::{self, Law, Report, Size, Suite, crowd, suites};
use buttonhook::source::{Sources, render_human};

use super::SHIPPED;

const SMALL: Size = Size { contacts: 100, acts: 40, seed: 1 };

/// Projects in which one thing is wrong: a flow, the law that it breaks, and whether its conversation as a test fails until it is mended.
const PLANTED: &[(&str, Law, bool)] = &[
    ("dead_end", Law::NoDeadEnd, false),
    ("circle", Law::NoCircle, false),
    ("way_out", Law::WayOut, false),
    ("window", Law::InTheWindow, false),
    ("limits", Law::WithinLimits, true),
    ("fault", Law::NoFault, true),
];

fn compiled(files: &[(&str, &str)]) -> (Program, Vec<Suite>) {
    let sources = Sources::from_texts(files.iter().copied());
    let (program, diagnostics) = flow::compile(&sources);
    let program = program.unwrap_or_else(|| panic!("{}", render_human(&sources, &diagnostics, false)));
    let (suites, _) = suites(&program);
    (program, suites)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenario/crowd")
}

fn found(files: &[(&str, &str)], size: Size) -> Report {
    let (program, suites) = compiled(files);
    crowd(&program, &suites, size)
}

#[test]
fn what_was_planted_is_found_and_told_in_the_fewest_lines() {
    for (name, law, fails) in PLANTED {
        let path = format!("flows/{name}.yaml");
        let flow = fs::read_to_string(folder().join(format!("{name}.yaml"))).unwrap();
        let report = found(&[(&path, &flow)], SMALL);
        let laws: Vec<Law> = report.broken.iter().map(|broken| broken.law).collect();
        assert_eq!(laws, [*law], "{name}: {:#?}", report.broken);
        let test = &report.broken[0].test;
        let golden = folder().join(format!("{name}.expected.yaml"));
        if std::env::var_os("BLESS").is_some() {
            fs::write(&golden, test).unwrap();
        }
        assert_eq!(*test, fs::read_to_string(&golden).unwrap_or_default(), "{name}");
        // The printed test is one that can be played.
        let (program, suites) = compiled(&[(&path, &flow), ("tests/found.yaml", test)]);
        let suite = suites.last().unwrap();
        let played = scenario::play(&program, program.flow(&suite.flows[0]).unwrap(), &suite.scenarios[0]);
        assert_eq!(played.failure.is_some(), *fails, "{name}: {:#?}", played.failure);
    }
}

#[test]
fn the_same_seed_is_the_same_crowd() {
    let flow = fs::read_to_string(folder().join("dead_end.yaml")).unwrap();
    let files = [("flows/dead_end.yaml", flow.as_str())];
    let told = |seed| format!("{:?}", found(&files, Size { seed, ..SMALL }));
    assert_eq!(told(7), told(7));
    assert_ne!(told(7), told(8));
    // Whoever else comes, what is planted is found.
    for seed in 2..6 {
        assert_eq!(found(&files, Size { seed, ..SMALL }).broken.len(), 1, "seed {seed}");
    }
}

#[test]
fn the_shipped_flows_survive_a_crowd() {
    let began = Instant::now();
    let report = found(SHIPPED, SMALL);
    println!("{} conversations, {} turns in {:?}", report.conversations, report.turns, began.elapsed());
    assert!(report.broken.is_empty(), "{:#?}", report.broken);
    assert!(report.unanswered.is_empty(), "{:#?}", report.unanswered);
    // Everything in which a person can stand was stood in.
    let (program, _) = compiled(SHIPPED);
    let waits = program.flows().flat_map(|flow| flow.steps.values()).filter(|step| step.waits()).count();
    assert_eq!(report.places, waits);
}

#[test]
fn what_nobody_takes_and_nothing_answers_is_told_once() {
    let flow = "buttonhook: 1\nflow: tiny\nstart: {words: [hi]}\nsteps: {only: {say: Hello, end: done}}\n";
    let report = found(&[("flows/tiny.yaml", flow)], SMALL);
    assert!(report.broken.is_empty());
    let mut what: Vec<&str> = report.unanswered.iter().map(|one| one.what).collect();
    what.sort_unstable();
    assert_eq!(what, ["a button that no flow sent", "a text", "something that is no text"]);
}

#[test]
fn what_a_flow_provides_for_is_no_fault_and_a_count_is_no_circle() {
    for flow in [
        // A fault with a way to go.
        "start: {words: [hi]}\nif_broken: sorry\nremember: {n: {kind: number, least: 0}}\nsteps:\n  ask: {ask: How many?, into: n, go: divide}\n  \
         divide: {set: {n: 10 / n}, say: \"{n}\", end: done}\n  sorry: {say: Sorry., end: sorry}\n",
        // Ten rounds, and then the end.
        "start: {words: [hi]}\nremember: {n: {kind: number, least: 0}}\nsteps:\n  zero: {set: {n: 0}, go: round}\n  round: {set: {n: n + 1}, go: more}\n  \
         more: {choose: [{when: n > 10, go: over}, {otherwise: put}]}\n  put: {say: \"Round {n}\", buttons: {next: {title: Next, go: round}}}\n  over: {say: Over., end: over}\n",
        // Nobody gets out by words or buttons but after three wrong answers.
        "start: {words: [hi]}\nremember: {n: {kind: choice, of: [blue]}}\nsteps:\n  ask: {ask: Which?, into: n, if_wrong: {say: No., tries: 3, then: over}, go: ask}\n  \
         over: {say: Over., end: over}\n",
    ] {
        let text = format!("buttonhook: 1\nflow: tiny\n{flow}");
        let report = found(&[("flows/tiny.yaml", &text)], Size { contacts: 40, ..SMALL });
        assert!(report.broken.is_empty(), "{flow}\n{:#?}", report.broken);
    }
}

#[test]
fn other_systems_and_events_are_part_of_the_crowd() {
    let flow = "buttonhook: 1\nflow: orders\nstart: {words: [hi], events: [order_paid]}\nsteps:\n  ask:\n    call: {url: \"https://api.example.com/orders\"}\n    \
                answers:\n      200: {go: found}\n      4xx: {go: missing}\n    meanwhile: A moment.\n  found: {template: {name: found, language: en}, end: found}\n  \
                missing: {template: {name: missing, language: en}, end: missing}\n";
    let always = "buttonhook: 1\nhosts: [api.example.com]\n";
    let report = found(&[("flows/orders.yaml", flow), ("flows/_always.yaml", always)], SMALL);
    let test = &report.broken.iter().find(|broken| broken.law == Law::NoFault).expect("503 leads nowhere").test;
    assert!(test.contains("- answer: {"), "{test}");
    assert!(test.contains("they: ") || test.contains("event: {name: order_paid"), "{test}");
}

#[test]
fn the_crowd_gets_through_numbers_places_other_flows_and_pages() {
    let gates = "buttonhook: 1\nflow: gates\nstart: {words: [hi]}\nremember:\n  spot: {kind: location}\n  paper: {kind: media, of: [document]}\n  n: {kind: number}\nsteps:\n  \
                 numbers: {say: Which?, list: {as: numbers, rows: {one: {title: One, go: over}, two: {title: Two, go: where}}}}\n  \
                 where: {ask: Where?, into: spot, go: file}\n  file: {ask: The paper?, into: paper, go: visit}\n  \
                 visit: {say: A moment., enter: {flow: inner}, go: pages}\n  \
                 pages:\n    say: Which page?\n    list:\n      rows:\n        a: {title: A, go: over}\n        b: {title: B, go: over}\n        c: {title: C, go: over}\n        \
                 d: {title: D, go: over}\n        e: {title: E, go: wrong}\n  wrong: {set: {n: 1 / 0}, say: Never., end: never}\n  over: {say: Over., end: over}\n";
    let inner = "buttonhook: 1\nflow: inner\nstart: {words: [inner]}\nsteps:\n  sure: {say: Sure?, buttons: {yes_sure: {title: Sure, go: done}}}\n  \
                 done: {say: Good., end: done}\n";
    let report = found(&[("flows/gates.yaml", gates), ("flows/inner.yaml", inner)], Size { contacts: 300, ..SMALL });
    assert_eq!(report.broken.len(), 1, "{:#?}", report.broken);
    let test = &report.broken[0].test;
    for part in ["they: \"2\"", "sends: location", "sends: document", "tap: yes_sure", "tap: e\n"] {
        assert!(test.contains(part), "{part} is missing in\n{test}");
    }
}
