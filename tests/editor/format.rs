//! The formatter: what it changes, what it keeps, and that it never changes what a file means.

use buttonhook::source::{Unformatted, format};

use super::schema::good_flows;

/// Formats, and sees that formatting again changes nothing.
fn formatted(text: &str) -> String {
    let once = format(text).unwrap_or_else(|why| panic!("{why}:\n{text}"));
    assert_eq!(format(&once).as_ref(), Ok(&once), "not the same when formatted again");
    once
}

#[test]
fn space_becomes_canonical_and_everything_else_stays() {
    for (what, before, after) in [
        ("levels", "a:\n    b:\n          c: 1\n    d: 2\n", "a:\n  b:\n    c: 1\n  d: 2\n"),
        ("lists below their key", "a:\n- 1\n-   2\nb: 3\n", "a:\n  - 1\n  - 2\nb: 3\n"),
        ("mappings in lists", "a:\n-    b: 1\n     c: 2\n-\n   d: 3\n", "a:\n  - b: 1\n    c: 2\n  -\n    d: 3\n"),
        ("lists in lists", "-   -  a\n    -  b\n- c\n", "- - a\n  - b\n- c\n"),
        ("braces", "a: { b : [ 1,2 ,3 ],c: {} ,  }\n", "a: {b: [1, 2, 3], c: {},}\n"),
        ("quotes", "a: 'x'\nb: \"y\"\n", "a: 'x'\nb: \"y\"\n"),
        ("colons", "a:    1\n\"b\" : 2\n", "a: 1\n\"b\": 2\n"),
        ("ends of lines", "a: 1   \r\n\r\n\r\n\r\nb: 2\t\r\n\r\n", "a: 1\n\nb: 2\n"),
        ("the end of the file", "a: 1", "a: 1\n"),
        ("the beginning of the file", "\u{feff}\n\n# x\na: 1\n", "# x\na: 1\n"),
        (
            "texts of several lines",
            "a:  one\n     two\n\n\n     three\nb: \"x \n  y \\\n    z\"\n",
            "a: one\n  two\n\n\n  three\nb: \"x\n  y \\\n  z\"\n",
        ),
        ("a value below its key", "a:\n      \"x\"\nb: 1\n", "a:\n  \"x\"\nb: 1\n"),
        ("brackets over lines", "a: {\n b: [1,\n2],\n c: 3 }\n", "a: {\n    b: [1,\n      2],\n    c: 3}\n"),
        (
            "block texts",
            "a:\n    b: |  # why\n        x\n          y  \n\n        z\n\n\n    c: 1\n",
            "a:\n  b: |  # why\n    x\n      y  \n\n    z\n\n  c: 1\n",
        ),
        ("block texts that keep their end", "a: |+\n   x\n\n\nb: >-\n x\n\n\n\n y\n", "a: |+\n  x\n\n\nb: >-\n  x\n\n\n\n  y\n"),
        ("block texts that tell their indentation", "a:\n    b: |2\n         x\n       y\n", "a:\n  b: |2\n       x\n     y\n"),
        ("block texts in lists", "- |\n    x\n- - >\n      y\n", "- |\n  x\n- - >\n    y\n"),
        ("a file that says where it begins", "---\na:   1\n", "---\na: 1\n"),
    ] {
        assert_eq!(formatted(before), after, "{what}");
    }
}

#[test]
fn comments_stay_where_they_belong() {
    for (what, before, after) in [
        ("above a key", "a:\n      # b\n      b: 1\n", "a:\n  # b\n  b: 1\n"),
        ("at the end of a block", "a:\n    b: 1\n    # of a\nc: 2\n", "a:\n  b: 1\n  # of a\nc: 2\n"),
        ("between blocks", "a:\n    b: 1\n# of c\nc: 2\n", "a:\n  b: 1\n# of c\nc: 2\n"),
        ("in front of a deeper block", "a:\n# b\n    b: 1\n", "a:\n  # b\n  b: 1\n"),
        (
            "at the end of the file",
            "a:\n    b:\n        c: 1\n        # of b\n    # of a\n# of all",
            "a:\n  b:\n    c: 1\n    # of b\n  # of a\n# of all\n",
        ),
        ("behind a value", "a:   1 # one\nbb: 2  # two\nc: {d: 1} #three\n", "a: 1 # one\nbb: 2  # two\nc: {d: 1} #three\n"),
        (
            "in lists",
            "a:\n# first\n- 1\n# second\n- 2\n# of b\nb: 1\n",
            "a:\n  # first\n  - 1\n  # second\n  - 2\n# of b\nb: 1\n",
        ),
        ("in brackets", "a: [1, # one\n# two\n2]\n", "a: [1, # one\n    # two\n    2]\n"),
        ("what they say", "a: 1 #  {x:1 ,  y}  \n", "a: 1 #  {x:1 ,  y}\n"),
        ("alone", "# nothing else  \n", "# nothing else\n"),
        ("after block texts", "a: |\n    x\n  # y\nb: 1\n", "a: |\n  x\n# y\nb: 1\n"),
    ] {
        assert_eq!(formatted(before), after, "{what}");
    }
    let marked = "a: #x\n  1\n";
    assert_eq!(formatted(marked), marked);
}

#[test]
fn what_cannot_be_kept_for_sure_is_left_alone() {
    for (text, why) in [
        ("a: {b\n", Unformatted::Mistakes),
        ("a: 1\na: 2\n", Unformatted::Mistakes),
        ("a: &x 1\n", Unformatted::Mistakes),
        ("say: {city}\n", Unformatted::Mistakes),
        ("a:\n\tb: 1\n", Unformatted::Mistakes),
        ("? a\n: 1\n", Unformatted::Unusual("a key that begins with `?`")),
        ("a: 1\rb: 2\n", Unformatted::Unusual("a carriage return that ends no line")),
        ("a: |\nb: 1\n", Unformatted::Unusual("a `|` or `>` without a text below it")),
    ] {
        assert_eq!(format(text), Err(why), "{text}");
    }
}

#[test]
fn the_flows_of_this_repository_are_canonical_or_become_so_once() {
    for (path, text) in good_flows() {
        let once = formatted(&text);
        assert!(!path.contains("/flows/") || once == text, "{path} is not formatted");
    }
}

/// Numbers that are the same in every run (SplitMix64).
pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) % most as u64).unwrap()
    }
}

/// Characters put in, taken out and swapped: it either leaves the file alone, or gives something that stays as it is. That the
/// meaning is the same it checks itself; here nothing may be given up for that reason, or the layout would have a mistake.
#[test]
fn mutants_are_formatted_once_or_left_alone() {
    const PIECES: [&str; 20] = [
        "  ", "\n", " ", "\t", "#", " # c\n", "\r\n", "- ", "'", "\"", "|\n", ">-\n ", "{", "}", "[", ", ", ": ", "\\", "é",
        "\n\n\n",
    ];
    let flows = good_flows();
    let mut dice = Dice(7);
    let (mut done, mut alone) = (0, 0);
    for _ in 0..3000 {
        let (path, text) = &flows[dice.below(flows.len())];
        // A stretch of a file is a file of its own, and quick to read.
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let start = dice.below(lines.len());
        let mut mutant: String = lines[start..lines.len().min(start + 1 + dice.below(12))].concat();
        for _ in 0..dice.below(4) {
            let at = mutant.floor_char_boundary(dice.below(mutant.len() + 1));
            let end = mutant.floor_char_boundary((at + dice.below(3)).min(mutant.len()));
            mutant.replace_range(at..end.max(at), PIECES[dice.below(PIECES.len())]);
        }
        match format(&mutant) {
            Ok(once) => {
                done += 1;
                assert_eq!(format(&once).as_ref(), Ok(&once), "{path}: not the same when formatted again:\n{mutant:?}");
            }
            Err(Unformatted::Meaning) => panic!("{path}: another meaning:\n{mutant:?}"),
            Err(_) => alone += 1,
        }
    }
    assert!(done > 750 && alone > 50, "{done} formatted, {alone} left alone");
}
