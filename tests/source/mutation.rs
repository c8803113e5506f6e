//! No input makes reading panic, hang or point outside the file: files that are nearly right, broken at random.

use std::time::{Duration, Instant};

use buttonhook::source::{Node, NodeKind};

use super::read;

const SEEDS: &[&str] = &[
    "buttonhook: 1\nflow: shop\nsteps:\n  menu:\n    say: \"Hello {contact.firstname | there}!\"\n    buttons:\n      a: {title: Prices, go: ask}\n    if_other: {say: \"Tap\", tries: 2}\n",
    "é: “ü”\r\nlist:\r\n- 'it''s'\r\n- |\r\n  block\r\n  two\r\n- >-\r\n  folded\r\nlast: [a, {b: c}, \"\\u00e9\"] # end\r\n",
    "a: *b\nc: &d e\nf: !g h\n<<: {x}\n? k\n: v\n---\nz: 1\n...\n%YAML 1.2\n",
];
const PIECES: &[&str] = &[
    "\"", "'", "{", "}", "[", "]", ": ", ":", "- ", "\n", "\r", "\t", "  ", "#", " #", "|", ">", "&a", "*a", "!t", "\u{a0}",
    "\u{feff}", "é", "🕘", "“", "\\", "\\u", "\0", "---\n", "...", "? ", "%", "@", "`", ",", "~", "\u{2028}", "\u{85}",
];

/// A small generator with a seed, so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound
    }
}

#[test]
fn broken_files_give_diagnostics_inside_the_file() {
    let started = Instant::now();
    for seed in 0..6000 {
        let mut dice = Dice(seed);
        let mut text = SEEDS[dice.below(SEEDS.len())].to_owned();
        for _ in 0..=dice.below(4) {
            let from = text.floor_char_boundary(dice.below(text.len() + 1));
            let to = text.floor_char_boundary((from + dice.below(6) * dice.below(2)).min(text.len()));
            text.replace_range(from..to, PIECES[dice.below(PIECES.len())]);
        }
        let (sources, node, diagnostics) = read(&text);
        assert!(
            node.is_some() || diagnostics.iter().any(|one| one.is_error()),
            "seed {seed}: nothing, and nothing said: {text:?}"
        );
        for one in &diagnostics {
            let places = one.related.iter().map(|label| label.span).chain(one.fix.as_ref().map(|fix| fix.span)).chain([one.span]);
            for span in places {
                assert!(text.get(span.range()).is_some(), "seed {seed}: {one:?} in {text:?}");
                assert!(sources.place(span).line > 0);
            }
        }
        node.iter().for_each(|node| inside(&text, node, seed));
    }
    assert!(started.elapsed() < Duration::from_secs(60), "slow: {:?}", started.elapsed());
}

fn inside(text: &str, node: &Node, seed: u64) {
    assert!(text.get(node.span.range()).is_some(), "seed {seed}: {node:?} in {text:?}");
    match &node.kind {
        NodeKind::List(items) => items.iter().for_each(|item| inside(text, item, seed)),
        NodeKind::Map(entries) => entries.iter().for_each(|(_, value)| inside(text, value, seed)),
        NodeKind::Scalar { text: kept, verbatim_at: Some(at), .. } => {
            let there = &text[*at as usize..];
            assert!(there.starts_with(kept.trim_end_matches('\n')), "seed {seed}: {kept:?} not at {at} in {text:?}");
        }
        _ => {}
    }
}
