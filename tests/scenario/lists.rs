//! Lists, entered flows and choices by a value, as tests, coverage, pictures and explanations know them.

use buttonhook::flow::{Program, compile};
use buttonhook::graph;
use buttonhook::scenario::{self, Coverage, Played};
use buttonhook::source::{Sources, render_human};

const ORDER: &str = r#"buttonhook: 1
flow: order
start: {words: [order]}
if_broken: sorry
remember:
  breads: {kind: list}
  bread: {kind: text, longest: 20}
  size: {kind: choice, of: [small, large]}
  street: {kind: text, longest: 40}
steps:
  get: {run: bakery.breads, with: contact.firstname, gives: breads, go: which}
  which:
    say: Which?
    list: {from: breads, title: "{row}", into: bread, go: size, if_empty: sold_out}
  size:
    say: How large?
    list:
      as: numbers
      rows:
        small: {title: Small, set: {size: '"small"'}, go: by_size}
        large: {title: Large, set: {size: '"large"'}, go: by_size}
  by_size: {choose: {by: size, small: where, large: sorry}}
  where:
    enter: {flow: address, with: {asked: bread}, gives: {street: street}}
    endings: {done: bye, otherwise: sorry}
  bye: {say: "{bread} to {street}.", end: ordered}
  sorry: {say: Sorry., end: sorry}
  sold_out: {say: Nothing left., end: sold_out}
"#;
const ADDRESS: &str = r#"buttonhook: 1
flow: address
remember: {asked: {kind: text, longest: 40}, street: {kind: text, longest: 40}}
steps:
  ask: {ask: "Where to with {asked}?", into: street, go: sure}
  sure: {choose: [{when: 'street == "x"', go: no}, {otherwise: done}]}
  done: {say: Good., end: done}
  no: {say: No., end: cancelled}
"#;
const BAKERY: &str = "fn breads(name) { if name == \"\" { [] } else { [\"Rye\", \"Oat\", \"Corn\", \"Wheat\"] } }\n";

const BEGIN: &str =
    "{they: order}, {bot: Which?}, {tap: More}, {bot: {buttons: [Corn, Wheat]}}, {tap: Rye}, {bot: {has: 1. Small}}";

fn play(talks: &[(&str, &str)]) -> (Program, Vec<Played>, Coverage) {
    let mut order = format!("{ORDER}tests:\n");
    for (nth, (name, talk)) in talks.iter().enumerate() {
        order.push_str(&format!("  - name: \"{nth}\"\n    contact: {{name: {name:?}}}\n    talk: [{talk}]\n"));
    }
    let files = [("flows/order.yaml", order.as_str()), ("flows/address.yaml", ADDRESS), ("scripts/bakery.rhai", BAKERY)];
    let sources = Sources::from_texts(files);
    let (program, mut diagnostics) = compile(&sources);
    let program = program.unwrap_or_else(|| panic!("{}", render_human(&sources, &diagnostics, false)));
    let flow = program.flow(&buttonhook::model::FlowName::new("order")).unwrap();
    let (scenarios, wrong) = scenario::read(&program, flow);
    diagnostics.extend(wrong);
    assert!(diagnostics.is_empty(), "{}", render_human(&sources, &diagnostics, false));
    let played: Vec<Played> = scenarios.iter().map(|one| scenario::play(&program, flow, one)).collect();
    let mut coverage = Coverage::default();
    for one in &played {
        assert!(one.failure.is_none(), "{:#?}\n{:#?}", one.failure, one.said);
        coverage.add(&program, &one.took);
    }
    (program, played, coverage)
}

fn missing(talks: &[(&str, &str)]) -> Vec<String> {
    let (program, _, coverage) = play(talks);
    coverage.of(&program).into_iter().flat_map(|flow| flow.missing).map(|one| one.name).collect()
}

#[test]
fn rows_endings_and_values_are_ways_out_that_are_counted() {
    let small = format!("{BEGIN}, {{they: \"1\"}}, {{bot: Where to with Rye?}}");
    let done = ("Rosa", &*format!("{small}, {{they: Park Road}}, {{bot: Good.}}, {{bot: Rye to Park Road.}}"));
    let none = ("Rosa", &*format!("{small}, {{they: x}}, {{bot: No.}}, {{bot: Sorry.}}"));
    let large = ("Rosa", &*format!("{BEGIN}, {{they: large}}, {{bot: Sorry.}}"));
    let empty = ("", "{they: order}, {bot: Nothing left.}");
    let sorted = |mut names: Vec<String>| {
        names.sort();
        names
    };
    assert_eq!(
        sorted(missing(&[done])),
        [
            "by_size · row 2",
            "if_broken",
            "no",
            "size · row large",
            "sold_out",
            "sorry",
            "sure · row 1",
            "where · otherwise",
            "which · if_empty"
        ]
    );
    assert_eq!(missing(&[empty]).iter().filter(|name| name.contains('·')).collect::<Vec<_>>(), ["which · rows"]);
    assert_eq!(missing(&[done, none, large, empty]), ["if_broken"]);
}

#[test]
fn a_turn_is_told_in_sentences_whatever_was_chosen() {
    let talk = format!(
        "{BEGIN}, {{tap: Wheat}}, {{bot: /Small/}}, {{they: small}}, {{bot: /Wheat/}}, {{they: x}}, {{bot: No.}}, {{bot: Sorry.}}"
    );
    let (program, played, _) = play(&[("Rosa", &talk)]);
    let told: Vec<String> = played[0].took.iter().flat_map(|took| scenario::told(&program, took)).map(|(line, _)| line).collect();
    for line in [
        "Page 2 of the list was wanted.",
        "Row 1 of the list was meant.",
        "Row 4 of the list was meant.",
        "The button small was meant.",
        "size is small holds.",
        "The flow address began: the step `where` of `order` entered it.",
        "It came back to where of order, because of the ending cancelled.",
    ] {
        assert!(told.iter().any(|one| one == line), "{line} is missing in {told:#?}");
    }
}

#[test]
fn pictures_show_rows_endings_and_the_entered_flow() {
    let (program, ..) = play(&[("", "{they: order}, {bot: Nothing left.}")]);
    let flow = program.flows().find(|flow| flow.name.as_str() == "order").unwrap();
    let (svg, mermaid, dot) = (graph::svg(flow), graph::mermaid(flow), graph::dot(flow));
    for picture in [&svg, &mermaid, &dot] {
        for part in ["address(asked = bread)", "street = address.street", "{row}", "no row", "Small", "size is small", "done"] {
            assert!(picture.contains(part), "{part} is missing in {picture}");
        }
    }
    assert!(mermaid.contains("[[\"<b>where</b>"), "{mermaid}");
}
