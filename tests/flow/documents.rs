//! Every flow in the documents compiles without a mistake, and its conversations go as written.

use buttonhook::flow::compile;
use buttonhook::scenario;
use buttonhook::source::{Sources, render_human};

/// What the example of `flows/_always.yaml` starts.
const SHOP: &str = "buttonhook: 1\nflow: shop\nstart: {words: [shop]}\nsteps:\n  only: {say: Hi., end: done}\n";
const PRICES: &str = "fn quote(city, count) { count * 180 }\nfn lookup(id) { id }\n\
    fn products() { [#{name: \"Rye bread\", price: 4}, #{name: \"A wheat bread with olives\", price: 5}] }\n";

/// The fenced `yaml` blocks of a document that are whole flows.
pub fn flows(document: &str) -> Vec<String> {
    document
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .filter(|block| block.starts_with("buttonhook: 1"))
        .map(str::to_owned)
        .collect()
}

/// The flow of the same document that `flow` enters.
fn entered<'d>(flow: &str, all: &'d [String]) -> Option<&'d str> {
    let (_, rest) = flow.split_once("enter:\n      flow: ")?;
    let name = format!("\nflow: {}\n", rest.lines().next()?);
    all.iter().find(|text| text.contains(&name)).map(String::as_str)
}

#[test]
fn every_flow_in_the_documents_is_right() {
    let documents = [
        ("docs/flow-language.md", include_str!("../../docs/flow-language.md"), 6),
        ("docs/events.md", include_str!("../../docs/events.md"), 1),
        ("README.md", include_str!("../../README.md"), 1),
    ];
    for (path, document, at_least) in documents {
        let flows = flows(document);
        assert!(flows.len() >= at_least, "{path} has {} flows", flows.len());
        let (translations, flows): (Vec<String>, Vec<String>) = flows.into_iter().partition(|file| file.contains("\ntexts_of: "));
        let all = flows.clone();
        for flow in flows {
            // The file that holds for every flow has no name of its own.
            let name = if flow.contains("\nflow:") { "flows/example.yaml" } else { "flows/_always.yaml" };
            let mut files = vec![(name, flow.as_str()), ("scripts/prices.rhai", PRICES)];
            files.extend((name == "flows/_always.yaml").then_some(("flows/shop.yaml", SHOP)));
            files.extend(entered(&flow, &all).map(|text| ("flows/entered.yaml", text)));
            // The texts of a flow in other languages stand below it.
            let own = flow.lines().find_map(|line| line.strip_prefix("flow: ")).unwrap_or_default();
            let own = translations.iter().filter(|file| {
                file.lines().any(|line| line.starts_with("texts_of: ") && line.split_whitespace().nth(1) == Some(own))
            });
            let own: Vec<(String, &String)> =
                own.enumerate().map(|(nth, file)| (format!("flows/language{nth}.yaml"), file)).collect();
            files.extend(own.iter().map(|(path, file)| (path.as_str(), file.as_str())));
            let sources = Sources::from_texts(files);
            let (program, mut diagnostics) = compile(&sources);
            if let Some(program) = &program {
                for flow in program.flows() {
                    let (scenarios, wrong) = scenario::read(program, flow);
                    diagnostics.extend(wrong);
                    for scenario in scenarios {
                        let played = scenario::play(program, flow, &scenario);
                        assert!(played.failure.is_none(), "{path}: {:#?}", played.failure);
                    }
                }
            }
            assert!(diagnostics.is_empty(), "{path}:\n{}", render_human(&sources, &diagnostics, false));
        }
    }
}
