//! The picture as text, for tools that draw by themselves.

use std::fmt::Write as _;

use crate::flow::ExitKind;

use super::measure::lines;
use super::picture::{Kind, Node, Picture, Port};

/// How wide a text runs before a new line.
const WIDE: f64 = 270.0;
const LINES_MAX: usize = 6;

/// What stands on a card, line by line: the name first.
fn words(node: &Node) -> Vec<String> {
    let mut words = vec![node.name.clone()];
    words.extend(node.does.iter().cloned());
    words.extend(node.header.clone());
    words.extend(node.text.iter().flat_map(|text| lines(text, 14.0, WIDE, LINES_MAX)));
    words.extend(node.link.iter().map(|link| format!("[{link}]")));
    words.extend(node.ends.iter().map(|ends| format!("({ends})")));
    words
}

fn is_dashed(port: &Port) -> bool {
    !port.is_main()
}

/// Labels that only say that it goes on.
fn label(node: &Node, port: &Port) -> Option<String> {
    let plain = matches!(port.kind, ExitKind::Go | ExitKind::Answer) && node.ports.len() == 1;
    (!plain && !port.label.is_empty()).then(|| port.label.clone())
}

/// As Mermaid reads it.
pub(super) fn mermaid(picture: &Picture) -> String {
    let escaped = |text: &str| {
        text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;").replace('`', "&#96;")
    };
    let mut text = format!("---\ntitle: {}\n---\nflowchart TD\n", serde_json::Value::from(picture.title.as_str()));
    for (number, node) in picture.nodes.iter().enumerate() {
        let words: Vec<String> = words(node).iter().map(|line| escaped(line)).collect();
        let words = if node.kind == Kind::Start { words.join("<br/>") } else { format!("<b>{}</b>{}", words[0], rest(&words)) };
        let (open, close) = match node.kind {
            Kind::Start => ("([", "])"),
            Kind::Choose => ("{{", "}}"),
            Kind::Enter => ("[[", "]]"),
            _ => ("[", "]"),
        };
        let _ = writeln!(text, "  n{number}{open}\"{words}\"{close}");
    }
    for (number, node) in picture.nodes.iter().enumerate() {
        for port in &node.ports {
            let arrow = if is_dashed(port) { "-.->" } else { "-->" };
            let label = label(node, port).map_or(String::new(), |label| format!("|\"{}\"|", escaped(&label)));
            let _ = writeln!(text, "  n{number} {arrow}{label} n{}", port.to);
        }
        for from in &node.from_anywhere {
            let _ = writeln!(text, "  any{number}([\"whenever {}\"]) -.-> n{number}", escaped(from));
        }
    }
    text
}

fn rest(words: &[String]) -> String {
    words.iter().skip(1).map(|line| format!("<br/>{line}")).collect()
}

/// As Graphviz reads it.
pub(super) fn dot(picture: &Picture) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let mut text = format!(
        "digraph flow {{\n  label={};\n  labelloc=t;\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];\n",
        quoted(&picture.title)
    );
    for (number, node) in picture.nodes.iter().enumerate() {
        // `\n` inside of a label is Graphviz's own sign for a new line.
        let words =
            words(node).iter().map(|line| line.replace('\\', "\\\\").replace('"', "\\\"")).collect::<Vec<_>>().join("\\n");
        let shape = match node.kind {
            Kind::Start => ", shape=oval",
            Kind::Choose => ", shape=diamond",
            Kind::Enter => ", peripheries=2",
            _ => "",
        };
        let _ = writeln!(text, "  n{number} [label=\"{words}\"{shape}];");
    }
    for (number, node) in picture.nodes.iter().enumerate() {
        for port in &node.ports {
            let label = label(node, port).map(|label| format!("label={}", quoted(&label)));
            let dashed = is_dashed(port).then(|| "style=dashed".to_owned());
            let marks: Vec<String> = label.into_iter().chain(dashed).collect();
            let _ = writeln!(text, "  n{number} -> n{} [{}];", port.to, marks.join(", "));
        }
        for from in &node.from_anywhere {
            let _ = writeln!(
                text,
                "  any{number} [label={}, shape=plaintext];\n  any{number} -> n{number} [style=dashed];",
                quoted(&format!("whenever {from}"))
            );
        }
    }
    text + "}\n"
}
