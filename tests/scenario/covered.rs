//! What conversations reach of a call: each row of its `answers`, and what happens without one.

use buttonhook::scenario::{self, Coverage};

use super::compiled;

const FLOW: &str = "buttonhook: 1
flow: orders
start: {words: [hi]}
steps:
  look:
    call: {url: \"https://api.example.com/orders\"}
    answers:
      200: {when: answer.state == \"sent\", go: told}
      4xx: {go: missing}
      otherwise: {go: later}
    if_fails: later
  told: {say: It is on its way., end: told}
  missing: {say: We have no such order., end: missing}
  later: {say: Please try again later., end: later}
tests:
  - name: sent
    talk: [{they: hi}, {answer: {status: 200, body: {state: sent}}}, {bot: It is on its way.}]
  - name: not sent
    talk: [{they: hi}, {answer: {status: 200, body: {state: packed}}}, {bot: Please try again later.}]
  - name: missing
    talk: [{they: hi}, {answer: {status: 404}}, {bot: We have no such order.}]
  - name: nobody
    talk: [{they: hi}, {answer: {fails: timed_out}}, {bot: Please try again later.}]
";

#[test]
fn every_row_of_answers_counts_when_it_was_taken() {
    let program = compiled(&[("flows/orders.yaml", FLOW), ("flows/_always.yaml", "buttonhook: 1\nhosts: [api.example.com]\n")]);
    let flow = program.flows().next().unwrap();
    let mut covered = Coverage::default();
    let missing = |covered: &Coverage| -> Vec<String> {
        covered.of(&program).into_iter().flat_map(|flow| flow.missing).map(|missing| missing.name).collect()
    };
    let mut left = Vec::new();
    for scenario in scenario::read(&program, flow).0 {
        let played = scenario::play(&program, flow, &scenario);
        assert!(played.failure.is_none(), "{}: {:#?}", scenario.name, played.failure);
        covered.add(&program, &played.took);
        left.push(missing(&covered).into_iter().filter(|name| name.starts_with("look")).collect::<Vec<_>>());
    }
    assert_eq!(left[0], ["look · answer 4xx", "look · answer otherwise", "look · if_fails"]);
    assert_eq!(left[1], ["look · answer 4xx", "look · if_fails"]);
    assert_eq!(left[2], ["look · if_fails"]);
    assert!(missing(&covered).is_empty(), "{:?}", missing(&covered));
}
