//! Draws the picture. Colours come from a style sheet in it, one set for light and one for dark; fonts are the viewer's own.

use std::fmt::Write as _;

use crate::flow::ExitKind;

use super::layout::{LEADING, Layout, MARGIN, PADDING, PILL, Placed, SMALL, TEXT};
use super::measure::{short, width};
use super::picture::{Kind, Node, Picture, Port};

const STYLE: &str = "\
:root{--paper:#f6f7f9;--card:#fff;--edge:#d9dde5;--ink:#1c2330;--dim:#69748a;--line:#8d99ae;--pill:#eef2f8;--shade:#1c233014;
--menu:#2f6fed;--ask:#8b5cf6;--choose:#d98a00;--enter:#c2418f;--run:#0e9aa7;--say:#64748b;--end:#16a05d;--trouble:#d64545}
@media(prefers-color-scheme:dark){:root{--paper:#12151b;--card:#1b2029;--edge:#303846;--ink:#e8ecf3;--dim:#93a0b5;--line:#66738a;
--pill:#262d39;--shade:#0006;--menu:#6ea0ff;--ask:#b196ff;--choose:#f2b544;--enter:#f08bc4;--run:#3cc7d3;--say:#94a3b8;--end:#45c98a;--trouble:#f07c7c}}
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif;fill:var(--ink)}
.t{font-size:14px}.s{font-size:12px}.d{fill:var(--dim)}.b{font-weight:600}.h{font-size:20px;font-weight:650}
.m{font-size:12px;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:var(--run)}
.l{fill:none;stroke:var(--line);stroke-width:1.6}.a{fill:var(--line)}
.c{fill:var(--card);stroke:var(--edge)}.p{fill:var(--pill);stroke:var(--edge)}.q{fill:none;stroke:var(--edge);stroke-dasharray:4 3}
.Menu{fill:var(--menu)}.Ask{fill:var(--ask)}.Choose{fill:var(--choose)}.Enter{fill:var(--enter)}.Run{fill:var(--run)}.Say{fill:var(--say)}.End{fill:var(--end)}
.trouble{stroke:var(--trouble);stroke-dasharray:2 4;stroke-linecap:round}.time{stroke:var(--choose);stroke-dasharray:7 5}.other{stroke-dasharray:2 4;stroke-linecap:round}
";

/// The whole picture.
pub(super) fn draw(picture: &Picture, layout: &Layout) -> String {
    let title = width(&picture.title, 20.0) + 2.0 * MARGIN;
    let (wide, high) = (layout.wide.max(title).ceil(), layout.high.ceil());
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{wide}\" height=\"{high}\" viewBox=\"0 0 {wide} {high}\" role=\"img\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n",
        escaped(&picture.title)
    );
    let _ = writeln!(svg, "<rect width=\"100%\" height=\"100%\" rx=\"14\" fill=\"var(--paper)\"/>");
    let _ = writeln!(svg, "<text class=\"h\" x=\"{MARGIN}\" y=\"{}\">{}</text>", MARGIN + 12.0, escaped(&picture.title));
    for drawn in &layout.lines {
        let port = &picture.nodes[drawn.line.from].ports[drawn.line.port];
        line(&mut svg, &drawn.points, port.kind);
    }
    for (number, (node, card)) in picture.nodes.iter().zip(&layout.cards).enumerate() {
        match node.kind {
            Kind::Start => start(&mut svg, node, card),
            _ => self::card(&mut svg, node, card, layout.lines.iter().any(|drawn| drawn.line.to == number)),
        }
        for (at, port) in node.ports.iter().enumerate() {
            if !layout.lines.iter().any(|drawn| drawn.line.from == number && drawn.line.port == at) {
                jump(&mut svg, picture, card, at, port);
            }
        }
    }
    svg + "</svg>\n"
}

/// A line from a way out down to a card, with an arrow's head.
fn line(svg: &mut String, points: &[(f64, f64)], kind: ExitKind) {
    let Some((first, rest)) = points.split_first() else { return };
    let mut path = format!("M{:.1} {:.1}", first.0, first.1);
    let mut at = *first;
    for (index, next) in rest.iter().enumerate() {
        let last = index + 1 == rest.len();
        let end = if last { next.1 - 7.0 } else { next.1 };
        if (at.0 - next.0).abs() < 0.5 {
            let _ = write!(path, " L{:.1} {end:.1}", next.0);
        } else {
            let bend = ((end - at.1) * 0.55).clamp(18.0, 90.0);
            let _ = write!(path, " C{:.1} {:.1} {:.1} {:.1} {:.1} {end:.1}", at.0, at.1 + bend, next.0, end - bend, next.0);
        }
        at = *next;
    }
    let class = match kind {
        ExitKind::Trouble => " trouble",
        ExitKind::Time => " time",
        ExitKind::Other | ExitKind::Always => " other",
        ExitKind::Button | ExitKind::Answer | ExitKind::Row | ExitKind::Go | ExitKind::End => "",
    };
    let _ = writeln!(svg, "<path class=\"l{class}\" d=\"{path}\"/>");
    let (x, y) = at;
    let _ = writeln!(svg, "<path class=\"a\" d=\"M{x:.1} {y:.1}l-4.5 -8.5q4.5 2 9 0z\"/>");
}

/// What begins the flow.
fn start(svg: &mut String, node: &Node, card: &Placed) {
    let (x, y, middle) = (card.x, card.y, card.y + card.high / 2.0);
    let _ = writeln!(
        svg,
        "<rect class=\"c\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"{:.1}\"/>\
         <path class=\"End\" d=\"M{:.1} {:.1}l11 6.5l-11 6.5z\"/>\
         <text class=\"t b\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
        card.wide,
        card.high,
        card.high / 2.0,
        x + PADDING,
        middle - 6.5,
        x + PADDING + 20.0,
        middle + 5.0,
        escaped(&node.name)
    );
}

/// A step.
fn card(svg: &mut String, node: &Node, card: &Placed, arrives: bool) {
    let (x, y, wide, high) = (card.x, card.y, card.wide, card.high);
    let class = format!("{:?}", node.kind);
    let _ = writeln!(
        svg,
        "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"{wide:.1}\" height=\"{high:.1}\" rx=\"10\" fill=\"var(--shade)\"/>\
         <rect class=\"c\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{high:.1}\" rx=\"10\"/>\
         <circle class=\"{class}\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"4.5\"/>",
        y + 2.0,
        x + PADDING + 4.5,
        y + 19.0
    );
    let left = x + PADDING;
    let mut put = |class: &str, x: f64, y: f64, text: &str| {
        let _ = writeln!(svg, "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escaped(text));
    };
    put("s b d", left + 17.0, y + 23.0, &node.name);
    if let Some(ends) = &node.ends {
        let room = width(ends, SMALL);
        put("s d", x + wide - PADDING - room, y + 23.0, ends);
    }
    let mut at = y + 36.0;
    let mut next = || {
        at += LEADING;
        at - 5.0
    };
    for does in &node.does {
        put("m", left, next(), &short(does, SMALL, wide - 2.0 * PADDING));
    }
    node.header.iter().for_each(|header| put("t b", left, next(), header));
    card.text.iter().for_each(|line| put("t", left, next(), line));
    node.footer.iter().for_each(|footer| put("s d", left, next(), footer));
    if let Some(link) = &node.link {
        let top = at + 6.0;
        let _ = writeln!(
            svg,
            "<rect class=\"p\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{PILL}\" rx=\"6\"/>\
             <text class=\"s Menu\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">↗ {}</text>",
            wide - 2.0 * PADDING,
            x + wide / 2.0,
            top + 17.0,
            escaped(link)
        );
    }
    if node.ends.is_some() {
        let _ = writeln!(
            svg,
            "<rect class=\"End\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"3\" rx=\"1.5\"/>",
            x + 10.0,
            y + high - 3.0,
            wide - 20.0
        );
    }
    pills(svg, node, card);
    anywhere(svg, node, card, arrives);
}

/// What leads here from every step: above the card, or below it where lines arrive.
fn anywhere(svg: &mut String, node: &Node, card: &Placed, arrives: bool) {
    let below = if node.ports.is_empty() { 20.0 } else { 40.0 };
    for (nth, from) in node.from_anywhere.iter().enumerate() {
        let further = nth as f64 * 15.0;
        let (y, arrow) = if arrives { (card.y + card.high + below + further, '↑') } else { (card.y - 12.0 - further, '↓') };
        let _ = writeln!(
            svg,
            "<text class=\"s d\" x=\"{:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{arrow} whenever {}</text>",
            card.x + card.wide / 2.0,
            escaped(from)
        );
    }
}

/// The ways out: buttons filled, what happens beside them with a dashed edge and a sign.
fn pills(svg: &mut String, node: &Node, card: &Placed) {
    let top = card.y + card.high - PILL - 9.0;
    for ((middle, wide, label), port) in card.pills.iter().zip(&node.ports) {
        let (x, middle) = (card.x + middle - wide / 2.0, card.x + middle);
        let (class, sign) = match port.kind {
            ExitKind::Button | ExitKind::Answer | ExitKind::Row | ExitKind::Go | ExitKind::End => ("p", ""),
            ExitKind::Time => ("q", "◷ "),
            ExitKind::Trouble => ("q", "! "),
            ExitKind::Other | ExitKind::Always => ("q", "↻ "),
        };
        let ink = match (port.kind, node.kind) {
            (ExitKind::Button, _) => "s Menu",
            (ExitKind::Row, _) => "s",
            _ => "s d",
        };
        let _ = writeln!(
            svg,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{top:.1}\" width=\"{wide:.1}\" height=\"{PILL}\" rx=\"{:.1}\"/>\
             <text class=\"{ink}\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{sign}{}</text>",
            PILL / 2.0,
            top + 17.0,
            escaped(label)
        );
    }
}

/// A way that is no line: the name of where it leads, below it.
fn jump(svg: &mut String, picture: &Picture, card: &Placed, at: usize, port: &Port) {
    let x = card.x + card.pills.get(at).map_or(card.wide / 2.0, |(middle, _, _)| *middle);
    let y = card.y + card.high;
    let arrow = if picture.nodes[port.to].kind == Kind::Start { "" } else { "↪ " };
    let _ = writeln!(
        svg,
        "<path class=\"l\" d=\"M{x:.1} {y:.1}v8\"/><text class=\"s d\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{arrow}{}</text>",
        y + 21.0,
        escaped(&picture.nodes[port.to].name)
    );
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\u{0}'..='\u{1f}' => out.push(' '),
            other => out.push(other),
        }
    }
    out
}

/// The sizes in the style sheet are those that were measured with.
const _: () = assert!(TEXT as u32 == 14 && SMALL as u32 == 12);
