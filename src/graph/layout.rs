//! Where everything stands, in pixels.

use super::layers::{Item, Layers, Line, layers};
use super::measure::{lines, mono_width, short, width};
use super::picture::{Kind, Node, Picture, Port};

/// Pixels of a text.
pub(super) const TEXT: f64 = 14.0;
/// Pixels of what goes with it: names, labels, functions.
pub(super) const SMALL: f64 = 12.0;
/// From a line of text to the next.
pub(super) const LEADING: f64 = 19.0;
/// Between a card's edge and what is in it.
pub(super) const PADDING: f64 = 16.0;
/// The height of a button or another way out.
pub(super) const PILL: f64 = 26.0;
/// Between two of them.
const PILL_GAP: f64 = 8.0;
/// The least and the most that a card's text is wide.
const TEXT_WIDE: (f64, f64) = (150.0, 270.0);
/// The most that is written on a way out.
const LABEL_WIDE: f64 = 150.0;
/// Lines of a text that a card shows.
const TEXT_LINES_MAX: usize = 5;
/// Between two things in a row.
const GAP: f64 = 36.0;
/// Between two rows.
const ROW_GAP: f64 = 66.0;
/// Round the whole.
pub(super) const MARGIN: f64 = 32.0;
/// Above the first row, for the title.
const TITLE: f64 = 44.0;
/// How often rows are moved towards what they hang on.
const PULLS: usize = 40;

/// A card in its place.
pub(super) struct Placed {
    /// Its left edge.
    pub x: f64,
    /// Its upper edge.
    pub y: f64,
    /// How wide it is.
    pub wide: f64,
    /// How high it is.
    pub high: f64,
    /// Its text in lines.
    pub text: Vec<String>,
    /// Its ways out: the middle of each and how wide it is, from its left edge; and its label.
    pub pills: Vec<(f64, f64, String)>,
}

/// A line in its place, as the points it runs through.
pub(super) struct Drawn {
    /// What it draws.
    pub line: Line,
    /// From port to card.
    pub points: Vec<(f64, f64)>,
}

/// Everything in its place.
pub(super) struct Layout {
    /// The cards, by number.
    pub cards: Vec<Placed>,
    /// The lines.
    pub lines: Vec<Drawn>,
    /// How wide the whole is.
    pub wide: f64,
    /// How high.
    pub high: f64,
}

/// Puts everything in its place.
pub(super) fn layout(picture: &Picture) -> Layout {
    let layers = layers(picture);
    let mut cards: Vec<Placed> = picture.nodes.iter().map(size).collect();
    let xs = across(&layers, &cards);
    let mut tops = Vec::new();
    let mut y = MARGIN + TITLE;
    for row in &layers.rows {
        tops.push(y);
        let highest = row.iter().filter_map(|item| if let Item::Node(node) = item { Some(cards[*node].high) } else { None });
        y += highest.fold(0.0, f64::max) + ROW_GAP;
    }
    let mut wide: f64 = 0.0;
    for (row, items) in layers.rows.iter().enumerate() {
        for (at, item) in items.iter().enumerate() {
            if let Item::Node(node) = item {
                let card = &mut cards[*node];
                (card.x, card.y) = (xs[row][at] - card.wide / 2.0, tops[row]);
                wide = wide.max(card.x + card.wide);
            }
        }
    }
    let lines = drawn(&layers, &cards, &xs, &tops);
    Layout { cards, lines, wide: wide + MARGIN, high: y - ROW_GAP + MARGIN + 18.0 }
}

/// How large a card is, and what stands where in it.
fn size(node: &Node) -> Placed {
    let pills: Vec<(f64, String)> = if has_pills(node) { node.ports.iter().map(pill).collect() } else { Vec::new() };
    let row: f64 = pills.iter().map(|(wide, _)| wide + PILL_GAP).sum::<f64>() - if pills.is_empty() { 0.0 } else { PILL_GAP };
    let most = TEXT_WIDE.1.max(row);
    let text = node.text.as_deref().map(|text| lines(text, TEXT, most, TEXT_LINES_MAX)).unwrap_or_default();
    let parts = text.iter().map(|line| width(line, TEXT)).chain([row, width(&node.name, SMALL) + 24.0]);
    let small = [&node.header, &node.footer, &node.link].into_iter().flatten().map(|line| width(line, TEXT));
    let does = node.does.iter().map(|line| mono_width(&short(line, SMALL, TEXT_WIDE.1), SMALL));
    let ends = node.ends.iter().map(|ends| width(ends, SMALL) + width(&node.name, SMALL) + 60.0);
    let inner = parts.chain(small).chain(does).chain(ends).fold(TEXT_WIDE.0, f64::max);
    if node.kind == Kind::Start {
        let wide = width(&node.name, TEXT) + 2.0 * PADDING + 28.0;
        return Placed { x: 0.0, y: 0.0, wide, high: 40.0, text: Vec::new(), pills: Vec::new() };
    }
    let some = |part: &Option<String>| if part.is_some() { LEADING } else { 0.0 };
    let said = some(&node.header) + some(&node.footer) + text.len() as f64 * LEADING;
    let link = if node.link.is_some() { PILL + 8.0 } else { 0.0 };
    let done = node.does.len() as f64 * LEADING;
    let out = if pills.is_empty() { 0.0 } else { PILL + 10.0 };
    let high = 36.0 + done + said + link + out + if said + done + link > 0.0 { 8.0 } else { 2.0 };
    let wide = inner + 2.0 * PADDING;
    Placed { x: 0.0, y: 0.0, wide, high, text, pills: in_a_row(pills, row, wide) }
}

/// One way out that goes without saying needs no label.
fn has_pills(node: &Node) -> bool {
    node.kind != Kind::Start
        && !matches!(node.ports.as_slice(), [] | [Port { kind: crate::flow::ExitKind::Go | crate::flow::ExitKind::Answer, .. }])
}

fn pill(port: &Port) -> (f64, String) {
    let label = short(&port.label, SMALL, LABEL_WIDE);
    (width(&label, SMALL) + if port.is_main() { 24.0 } else { 36.0 }, label)
}

/// The ways out side by side, the whole row in the middle of the card.
fn in_a_row(pills: Vec<(f64, String)>, row: f64, wide: f64) -> Vec<(f64, f64, String)> {
    let mut at = (wide - row) / 2.0;
    let mut placed = Vec::with_capacity(pills.len());
    for (pill, label) in pills {
        placed.push((at + pill / 2.0, pill, label));
        at += pill + PILL_GAP;
    }
    placed
}

impl Placed {
    /// Where the way out `port` leaves, from the card's middle.
    fn port(&self, port: usize) -> f64 {
        self.pills.get(port).map_or(0.0, |(at, _, _)| at - self.wide / 2.0)
    }
}

/// The middle of everything in each row: each as near to what it hangs on as the others in its row let it.
fn across(layers: &Layers, cards: &[Placed]) -> Vec<Vec<f64>> {
    let half = |item: &Item| if let Item::Node(node) = item { cards[*node].wide / 2.0 } else { 4.0 };
    let mut xs: Vec<Vec<f64>> = layers
        .rows
        .iter()
        .map(|row| {
            let mut at = 0.0;
            row.iter()
                .map(|item| {
                    let middle = at + half(item);
                    at = middle + half(item) + GAP;
                    middle
                })
                .collect()
        })
        .collect();
    for pull in 0..PULLS {
        let rows: Vec<usize> =
            if pull % 2 == 0 { (0..layers.rows.len()).collect() } else { (0..layers.rows.len()).rev().collect() };
        for row in rows {
            let wanted: Vec<(f64, f64)> = layers.rows[row]
                .iter()
                .enumerate()
                .map(|(at, item)| wanted(layers, cards, &xs, row, *item, xs[row][at]))
                .collect();
            let halves: Vec<f64> = layers.rows[row].iter().map(half).collect();
            xs[row] = apart(&wanted, &halves);
        }
    }
    let left = xs
        .iter()
        .zip(&layers.rows)
        .flat_map(|(xs, row)| xs.iter().zip(row))
        .map(|(x, item)| x - half(item))
        .fold(f64::MAX, f64::min);
    xs.iter_mut().flatten().for_each(|x| *x += MARGIN - left);
    xs
}

/// Where `item` would like to stand, and how much it matters: lines want to be straight, long ones most of all.
fn wanted(layers: &Layers, cards: &[Placed], xs: &[Vec<f64>], row: usize, item: Item, now: f64) -> (f64, f64) {
    let (mut sum, mut weight) = (0.0, 0.0);
    let mut pull = |to: f64, how: f64| {
        sum += to * how;
        weight += how;
    };
    let x_of = |row: usize, item: Item| layers.rows[row].iter().position(|other| *other == item).map(|at| xs[row][at]);
    for (number, line) in layers.lines.iter().enumerate() {
        let (first, last) = (layers.row_of[line.from], layers.row_of[line.to]);
        let is = |at: usize, node: usize, end: usize| if at == end { Item::Node(node) } else { Item::Passing(number) };
        let how = if last - first > 1 { 2.0 } else { 1.0 };
        if row > first && row <= last && is(row, line.to, last) == item {
            let above = is(row - 1, line.from, first);
            let port = if row - 1 == first { cards[line.from].port(line.port) } else { 0.0 };
            if let Some(x) = x_of(row - 1, above) {
                pull(x + port, how);
            }
        }
        if row >= first && row < last && is(row, line.from, first) == item {
            let port = if row == first { cards[line.from].port(line.port) } else { 0.0 };
            if let Some(x) = x_of(row + 1, is(row + 1, line.to, last)) {
                pull(x - port, how);
            }
        }
    }
    if weight > 0.0 { (sum / weight, weight) } else { (now, 0.1) }
}

/// As near as possible to where each would like to stand, in their order and with gaps between them: neighbours that come too
/// close become a block, which stands where its members would like on the average.
fn apart(wanted: &[(f64, f64)], halves: &[f64]) -> Vec<f64> {
    let mut offsets = vec![0.0; halves.len()];
    for at in 1..halves.len() {
        offsets[at] = offsets[at - 1] + halves[at - 1] + GAP + halves[at];
    }
    // Sum of wishes, weight, members.
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for (at, (x, weight)) in wanted.iter().enumerate() {
        blocks.push(((x - offsets[at]) * weight, *weight, 1));
        while let [.., before, last] = blocks.as_slice() {
            if before.0 / before.1 <= last.0 / last.1 {
                break;
            }
            let joined = (before.0 + last.0, before.1 + last.1, before.2 + last.2);
            blocks.truncate(blocks.len() - 2);
            blocks.push(joined);
        }
    }
    let starts = blocks.iter().flat_map(|(sum, weight, members)| std::iter::repeat_n(sum / weight, *members));
    starts.zip(offsets).map(|(start, offset)| start + offset).collect()
}

fn drawn(layers: &Layers, cards: &[Placed], xs: &[Vec<f64>], tops: &[f64]) -> Vec<Drawn> {
    let mut ends: Vec<Vec<usize>> = vec![Vec::new(); cards.len()];
    let start = |line: &Line| cards[line.from].x + cards[line.from].wide / 2.0 + cards[line.from].port(line.port);
    for (number, line) in layers.lines.iter().enumerate() {
        ends[line.to].push(number);
    }
    ends.iter_mut()
        .for_each(|numbers| numbers.sort_by(|one, other| start(&layers.lines[*one]).total_cmp(&start(&layers.lines[*other]))));
    layers
        .lines
        .iter()
        .enumerate()
        .map(|(number, line)| {
            let (from, to) = (&cards[line.from], &cards[line.to]);
            let mut points = vec![(start(line), from.y + from.high)];
            for row in layers.row_of[line.from] + 1..layers.row_of[line.to] {
                let Some(at) = layers.rows[row].iter().position(|item| *item == Item::Passing(number)) else { continue };
                let bottom = tops[row + 1] - ROW_GAP;
                points.extend([(xs[row][at], tops[row]), (xs[row][at], bottom)]);
            }
            // Lines that arrive together do so beside each other.
            let all = &ends[line.to];
            let nth = all.iter().position(|other| *other == number).unwrap_or(0) as f64;
            let step = (to.wide - 60.0).max(0.0).min(18.0 * (all.len() as f64 - 1.0)) / (all.len() as f64 - 1.0).max(1.0);
            let x = to.x + to.wide / 2.0 + (nth - (all.len() as f64 - 1.0) / 2.0) * step;
            points.push((x, to.y));
            Drawn { line: *line, points }
        })
        .collect()
}
