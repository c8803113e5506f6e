//! Text in, diagnostics out.

mod mistakes;
mod mutation;
mod numbering;
mod render;
mod tree;

use buttonhook::source::{Diagnostic, Node, Sources, parse_yaml};

/// The one flow file of these sources, read.
fn read(text: &str) -> (Sources, Option<Node>, Vec<Diagnostic>) {
    let sources = Sources::from_texts([("flows/a.yaml", text)]);
    let id = sources.iter().next().unwrap().0;
    let (node, diagnostics) = parse_yaml(id, text);
    (sources, node, diagnostics)
}
