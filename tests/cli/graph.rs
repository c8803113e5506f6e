//! `buttonhook graph`: every step and way out is on the picture, whatever the flow looks like.

use std::fs;
use std::path::Path;

use buttonhook::flow::{Program, compile};
use buttonhook::graph;
use buttonhook::source::Sources;

use super::run;

fn shipped() -> Program {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: &'static str| (path, fs::read_to_string(root.join(path)).unwrap());
    let files = ["flows/shop.yaml", "flows/booking.yaml", "scripts/prices.rhai", "scripts/calendar.rhai", "scripts/orders.rhai"];
    let files: Vec<(&str, String)> = files.into_iter().map(read).collect();
    compile(&Sources::from_texts(files.iter().map(|(path, text)| (*path, text.as_str())))).0.unwrap()
}

/// Tags open and close in order, and nothing unescaped stands between them.
fn is_well_formed(svg: &str) -> bool {
    let mut open = Vec::new();
    for tag in svg.split('<').skip(1) {
        let Some((tag, text)) = tag.split_once('>') else { return false };
        if text.contains('>') && !open.contains(&"style") {
            return false;
        }
        let name = tag.split([' ', '/']).next().unwrap();
        match tag.strip_prefix('/') {
            Some(closing) => {
                if open.pop() != Some(closing) {
                    return false;
                }
            }
            None if tag.ends_with('/') => {}
            None => open.push(name),
        }
    }
    open.is_empty()
}

#[test]
fn every_step_and_way_out_is_on_the_picture() {
    let program = shipped();
    for flow in program.flows() {
        let (svg, mermaid, dot) = (graph::svg(flow), graph::mermaid(flow), graph::dot(flow));
        assert!(is_well_formed(&svg), "{svg}");
        assert_eq!(svg, graph::svg(flow), "the same flow, the same picture");
        for step in flow.steps.values() {
            assert!(svg.contains(&format!(">{}</text>", step.name)), "{} is missing", step.name);
            assert!(mermaid.contains(&format!("<b>{}</b>", step.name)) && dot.contains(step.name.as_str()), "{}", step.name);
        }
        for title in ["Prices", "Opening hours", "20 min of silence", "parcels &gt;= 10", "whenever something breaks"] {
            assert!(flow.name.as_str() != "shop" || svg.contains(title), "{title} is missing");
        }
    }
}

#[test]
fn circles_strangers_and_strange_letters_are_drawn_too() {
    let mut steps = String::new();
    for number in 0..120 {
        let (next, back) = ((number + 1) % 120, number / 2);
        steps.push_str(&format!(
            "  s{number}:\n    say: \"<{number}> & \\\"so\\\" on 日本語\"\n    buttons:\n      a: {{title: \"<a>\", go: s{next}}}\n      b: {{title: B, go: s{back}}}\n      c: {{title: C, go: s{number}}}\n    if_silent: {{after: 1 h, go: lone}}\n"
        ));
    }
    let flow = format!("buttonhook: 1\nflow: big\nstart: {{words: [hi]}}\nsteps:\n{steps}  lone: {{say: Alone., end: alone}}\n");
    let program = compile(&Sources::from_texts([("flows/big.yaml", flow.as_str())])).0.unwrap();
    let svg = graph::svg(program.flows().next().unwrap());
    assert!(is_well_formed(&svg) && svg.contains(">s119</text>") && !svg.contains("NaN") && !svg.contains("inf"));
}

#[test]
fn pictures_go_where_they_are_asked_to() {
    let root = env!("CARGO_MANIFEST_DIR");
    let (code, svg, _) = run(&["graph", root, "--flow", "shop"]);
    assert!(code == Some(0) && svg.starts_with("<svg "), "{svg}");
    let (code, _, said) = run(&["graph", root, "--flow", "shp"]);
    assert!(code == Some(2) && said.contains("Did you mean `shop`?"), "{said}");
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("pictures");
    let (code, told, _) = run(&["graph", root, "--format", "mermaid", "-o", out.to_str().unwrap()]);
    assert!(code == Some(0) && told.lines().count() == 2, "{told}");
    assert!(fs::read_to_string(out.join("shop.mmd")).unwrap().contains("flowchart TD"));
}
