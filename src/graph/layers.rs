//! In which row each card stands and in which order: a layered drawing after Sugiyama. Lines go down; a way back up is no line.

use std::collections::BTreeSet;

use super::picture::Picture;

/// How often rows are put in the order of their neighbours.
const SWEEPS: usize = 12;

/// What stands in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// A card.
    Node(usize),
    /// A line on its way past this row.
    Passing(usize),
}

/// A way that is drawn as a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line {
    /// The card it begins at.
    pub from: usize,
    /// Which of its ports.
    pub port: usize,
    /// The card it leads to.
    pub to: usize,
}

/// Rows and lines.
pub(super) struct Layers {
    /// From above, each from the left.
    pub rows: Vec<Vec<Item>>,
    /// The lines.
    pub lines: Vec<Line>,
    /// The row of each card.
    pub row_of: Vec<usize>,
}

/// Puts the cards into rows.
pub(super) fn layers(picture: &Picture) -> Layers {
    let back = ways_back(picture);
    let row_of = rows_of(picture, &back);
    let lines = lines(picture, &row_of);
    let mut rows: Vec<Vec<Item>> = vec![Vec::new(); row_of.iter().max().map_or(0, |last| last + 1)];
    for node in seen_in_order(picture) {
        rows[row_of[node]].push(Item::Node(node));
    }
    for (number, line) in lines.iter().enumerate() {
        for row in &mut rows[row_of[line.from] + 1..row_of[line.to]] {
            row.push(Item::Passing(number));
        }
    }
    let mut layers = Layers { rows, lines, row_of };
    order(&mut layers, picture);
    layers
}

/// The ways that lead back to a card on the way to which they begin.
fn ways_back(picture: &Picture) -> BTreeSet<(usize, usize)> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; picture.nodes.len()];
    let mut back = BTreeSet::new();
    for root in 0..picture.nodes.len() {
        let mut open: Vec<(usize, usize)> = vec![(root, 0)];
        if marks[root] != Mark::New {
            continue;
        }
        marks[root] = Mark::Open;
        while let Some((node, port)) = open.last_mut() {
            let (from, at) = (*node, *port);
            *port += 1;
            let Some(way) = picture.nodes[from].ports.get(at) else {
                marks[from] = Mark::Done;
                open.pop();
                continue;
            };
            match marks[way.to] {
                Mark::New => {
                    marks[way.to] = Mark::Open;
                    open.push((way.to, 0));
                }
                Mark::Open => drop(back.insert((from, at))),
                Mark::Done => {}
            }
        }
    }
    back
}

/// As far down as the longest way there. Ways beside the main ones pull a card down only when it hangs on them alone.
fn rows_of(picture: &Picture, back: &BTreeSet<(usize, usize)>) -> Vec<usize> {
    let count = picture.nodes.len();
    let mut hangs = vec![true; count];
    for node in &picture.nodes {
        node.ports.iter().filter(|port| port.is_main()).for_each(|port| hangs[port.to] = false);
    }
    let mut rows = vec![0; count];
    // A way without circles has at most as many steps as there are cards.
    for _ in 0..count {
        let mut still = true;
        for (from, node) in picture.nodes.iter().enumerate() {
            for (at, port) in node.ports.iter().enumerate() {
                let pulls = port.is_main() || hangs[port.to];
                if pulls && !back.contains(&(from, at)) && port.to != from && rows[port.to] < rows[from] + 1 {
                    rows[port.to] = rows[from] + 1;
                    still = false;
                }
            }
        }
        if still {
            break;
        }
    }
    let last = rows.iter().max().copied().unwrap_or(0);
    // What only leads here from anywhere stands at the end.
    for (at, row) in rows.iter_mut().enumerate().skip(1) {
        let led_to = picture.nodes.iter().any(|node| node.ports.iter().any(|port| port.to == at));
        if !led_to {
            *row = last;
        }
    }
    rows
}

/// The ways that become lines: the main ones that lead down, and of those beside them the ones a card would hang in the air
/// without, and those to the next row.
fn lines(picture: &Picture, row_of: &[usize]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut reached = vec![false; picture.nodes.len()];
    let all =
        || {
            picture.nodes.iter().enumerate().flat_map(|(from, node)| {
                node.ports.iter().enumerate().map(move |(port, way)| (Line { from, port, to: way.to }, way))
            })
        };
    let down = |line: &Line| row_of[line.from] < row_of[line.to];
    for (line, _) in all().filter(|(line, way)| down(line) && way.is_main()) {
        reached[line.to] = true;
        lines.push(line);
    }
    let span = |line: &Line| row_of[line.to] - row_of[line.from];
    let mut beside: Vec<Line> = all().filter(|(line, way)| down(line) && !way.is_main()).map(|(line, _)| line).collect();
    beside.sort_by_key(|line| (span(line), line.from, line.port));
    for line in beside {
        if !reached[line.to] || span(&line) == 1 {
            reached[line.to] = true;
            lines.push(line);
        }
    }
    lines
}

/// The cards in the order in which someone who follows the ways meets them.
fn seen_in_order(picture: &Picture) -> Vec<usize> {
    let mut order = Vec::new();
    let mut seen = vec![false; picture.nodes.len()];
    for root in 0..picture.nodes.len() {
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            if std::mem::replace(&mut seen[node], true) {
                continue;
            }
            order.push(node);
            open.extend(picture.nodes[node].ports.iter().rev().map(|port| port.to));
        }
    }
    order
}

/// Puts each row in the order of what it hangs on, from above and from below in turns, and keeps the order with the fewest
/// crossings.
fn order(layers: &mut Layers, picture: &Picture) {
    let mut best = (crossings(layers, picture), layers.rows.clone());
    for sweep in 0..SWEEPS {
        let down = sweep % 2 == 0;
        let rows: Vec<usize> =
            if down { (1..layers.rows.len()).collect() } else { (0..layers.rows.len().saturating_sub(1)).rev().collect() };
        for row in rows {
            let beside = if down { row - 1 } else { row + 1 };
            let mut keyed: Vec<(f64, usize, Item)> = layers.rows[row]
                .iter()
                .enumerate()
                .map(|(at, item)| (middle(layers, picture, *item, row, beside).unwrap_or(at as f64), at, *item))
                .collect();
            keyed.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
            layers.rows[row] = keyed.into_iter().map(|(_, _, item)| item).collect();
        }
        let count = crossings(layers, picture);
        if count < best.0 {
            best = (count, layers.rows.clone());
        }
    }
    layers.rows = best.1;
}

/// Where in the row `beside` the neighbours of `item` are, on the average; ports count as parts of their card.
fn middle(layers: &Layers, picture: &Picture, item: Item, row: usize, beside: usize) -> Option<f64> {
    let places: Vec<f64> = segments(layers, row.min(beside))
        .filter_map(|(upper, line, lower)| {
            let (own, other) = if beside < row { (lower, upper) } else { (upper, lower) };
            (own == item).then(|| place(layers, picture, other, beside, line))?
        })
        .collect();
    (!places.is_empty()).then(|| places.iter().sum::<f64>() / places.len() as f64)
}

/// Where an item stands in its row, and of a card above which of its ports.
fn place(layers: &Layers, picture: &Picture, item: Item, row: usize, line: &Line) -> Option<f64> {
    let at = layers.rows[row].iter().position(|other| *other == item)? as f64;
    match item {
        Item::Node(node) if node == line.from => {
            Some(at + line.port as f64 / picture.nodes[node].ports.len().max(1) as f64 * 0.9)
        }
        _ => Some(at + 0.45),
    }
}

/// The stretches of lines between a row and the next: what is above, the line, what is below.
fn segments(layers: &Layers, row: usize) -> impl Iterator<Item = (Item, &Line, Item)> {
    let inside = move |line: &&Line| layers.row_of[line.from] <= row && row < layers.row_of[line.to];
    layers.lines.iter().enumerate().filter(move |(_, line)| inside(line)).map(move |(number, line)| {
        let upper = if layers.row_of[line.from] == row { Item::Node(line.from) } else { Item::Passing(number) };
        let lower = if layers.row_of[line.to] == row + 1 { Item::Node(line.to) } else { Item::Passing(number) };
        (upper, line, lower)
    })
}

fn crossings(layers: &Layers, picture: &Picture) -> usize {
    (0..layers.rows.len().saturating_sub(1))
        .map(|row| {
            let ends: Vec<(f64, f64)> = segments(layers, row)
                .filter_map(|(upper, line, lower)| {
                    Some((place(layers, picture, upper, row, line)?, place(layers, picture, lower, row + 1, line)?))
                })
                .collect();
            let crosses = |one: &(f64, f64), other: &(f64, f64)| (one.0 - other.0) * (one.1 - other.1) < 0.0;
            ends.iter()
                .enumerate()
                .map(|(at, one)| ends[at + 1..].iter().filter(|other| crosses(one, other)).count())
                .sum::<usize>()
        })
        .sum()
}
