//! Every example of docs/testing.md compiles, and its conversations go as written.

use buttonhook::flow;
use buttonhook::scenario;
use buttonhook::source::{Sources, render_human};

const DOCUMENT: &str = include_str!("../../docs/testing.md");
const PRICES: &str = "fn quote(city) { if city == \"Kochi\" { 180 } else { 300 } }\n";

#[test]
fn every_example_of_the_page_on_testing_goes_as_written() {
    let blocks = DOCUMENT.split("```yaml\n# ").skip(1).filter_map(|rest| rest.split("```").next());
    let mut files: Vec<(&str, &str)> = blocks.filter_map(|block| block.split_once('\n')).collect();
    assert!(files.len() >= 7, "{} examples", files.len());
    files.push(("scripts/prices.rhai", PRICES));
    let sources = Sources::from_texts(files);
    let (program, mut diagnostics) = flow::compile(&sources);
    let (suites, found) = program.as_ref().map(scenario::suites).unwrap_or_default();
    diagnostics.extend(found);
    assert!(diagnostics.is_empty(), "{}", render_human(&sources, &diagnostics, false));
    let program = program.unwrap();
    let mut count = 0;
    for suite in &suites {
        let flow = program.flow(&suite.flows[0]).unwrap();
        for scenario in &suite.scenarios {
            let played = scenario::play(&program, flow, scenario);
            assert!(played.failure.is_none(), "{}: {:#?}\n{:#?}", scenario.name, played.failure, played.said);
            count += 1;
        }
    }
    assert!(count >= 8, "{count} conversations");
}
