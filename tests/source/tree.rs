//! What is written is what is kept, and every place is exact.

use buttonhook::source::{Node, NodeKind};

use super::read;

/// The entries of the mapping at the root.
fn entries(text: &str) -> Vec<(String, Node)> {
    let (_, node, diagnostics) = read(text);
    assert_eq!(diagnostics, [], "{text}");
    let Some(Node { kind: NodeKind::Map(entries), .. }) = node else { panic!("no mapping in {text:?}") };
    entries.into_iter().map(|(key, node)| (key.text, node)).collect()
}

/// Everyday surprises: what stands behind `a: `, the text that is kept, quoted, and whether it stands verbatim in the file.
#[test]
fn scalars_keep_what_was_typed() {
    let table: &[(&str, &str, bool, bool)] = &[
        ("+27115550100", "+27115550100", false, true),
        ("007", "007", false, true),
        ("1e3", "1e3", false, true),
        ("1_000", "1_000", false, true),
        ("0x1F", "0x1F", false, true),
        ("~", "~", false, true),
        ("null", "null", false, true),
        ("No", "No", false, true),
        ("ON", "ON", false, true),
        ("y", "y", false, true),
        ("12:30", "12:30", false, true),
        ("2024-01-01", "2024-01-01", false, true),
        (".inf", ".inf", false, true),
        ("1.10", "1.10", false, true),
        ("true", "true", false, true),
        ("Hello {name}!", "Hello {name}!", false, true),
        ("https://example.com/a#b?c=d", "https://example.com/a#b?c=d", false, true),
        ("it's here", "it's here", false, true),
        ("Öffnungszeiten 🕘  # a comment", "Öffnungszeiten 🕘", false, true),
        ("-5", "-5", false, true),
        (":smile:x", ":smile:x", false, true),
        ("\"7\"", "7", true, true),
        ("\"\"", "", true, true),
        ("''", "", true, true),
        ("'it''s'", "it's", true, false),
        ("\"two\\nlines\"", "two\nlines", true, false),
        ("\"{city}\"", "{city}", true, true),
        ("' # no comment '", " # no comment ", true, true),
        ("two\n  lines", "two lines", false, false),
        ("|\n  a: {b} # c", "a: {b} # c", true, true),
        ("|\n  one\n  two", "one\ntwo", true, false),
        ("|-\n  one", "one", true, true),
        ("|2\n    deep", "  deep", true, true),
        (">\n  one\n  two", "one two", true, false),
        ("| # why\n  one", "one", true, true),
    ];
    for ending in ["\n", "\r\n"] {
        for &(typed, kept, quoted, verbatim) in table {
            let text = format!("é: ü\na: {typed}\nb: end\n").replace('\n', ending);
            let node = entries(&text).swap_remove(1).1;
            let NodeKind::Scalar { text: found, quoted: is_quoted, verbatim_at } = &node.kind else {
                panic!("{typed}: {node:?}")
            };
            let block = typed.starts_with(['|', '>']);
            assert_eq!(if block { found.trim_end() } else { found }, kept, "{typed}");
            assert_eq!(*is_quoted, quoted, "{typed}");
            assert_eq!(verbatim_at.is_some(), verbatim, "{typed}");
            if let Some(at) = verbatim_at {
                assert!(text[*at as usize..].starts_with(found.trim_end_matches('\n')), "{typed}");
            }
            if !block {
                let written = typed.split("  #").next().unwrap().replace('\n', ending);
                assert_eq!(&text[node.span.range()], written, "{typed}");
            }
        }
    }
}

#[test]
fn nothing_is_empty_and_says_where_something_was_missing() {
    for text in ["", "\n\n", "# only a comment\n", "---\n"] {
        let (_, node, diagnostics) = read(text);
        assert_eq!((node.unwrap().kind, diagnostics.len()), (NodeKind::Empty, 0), "{text:?}");
    }
    let text = "a:\nb: # nothing yet\nc: ''\n";
    let found = entries(text);
    assert_eq!(found[0].1.kind, NodeKind::Empty);
    assert_eq!(found[0].1.span.range(), 2..2);
    assert_eq!(found[1].1.kind, NodeKind::Empty);
    assert_eq!(found[1].1.span.range(), 5..5);
    assert!(matches!(found[2].1.kind, NodeKind::Scalar { quoted: true, .. }));
}

#[test]
fn keys_lists_and_mappings_know_their_places() {
    let text = "übung:\r\n  \"no\": [a, 'b', {c: 1}]\r\n  on:\r\n  - x\r\n  - y\r\nlast: {a: b,\r\n  c: d}\r\n";
    let (_, node, diagnostics) = read(text);
    assert_eq!(diagnostics, []);
    let mut seen = Vec::new();
    collect(text, &node.unwrap(), &mut seen);
    let places = "übung;\"no\";[a, 'b', {c: 1}];a;'b';{c: 1};c;1;on;- x\r\n  - y;x;y;last;{a: b,\r\n  c: d};a;b;c;d";
    assert_eq!(seen[2..].join(";"), places.strip_prefix("übung;").unwrap());
    assert_eq!(seen[0], text.trim_end());
}

fn collect<'a>(text: &'a str, node: &Node, seen: &mut Vec<&'a str>) {
    if !matches!(&node.kind, NodeKind::Map(entries) if entries.first().is_some_and(|(key, _)| key.text == "no")) {
        seen.push(&text[node.span.range()]);
    }
    match &node.kind {
        NodeKind::List(items) => items.iter().for_each(|item| collect(text, item, seen)),
        NodeKind::Map(entries) => entries.iter().for_each(|(key, value)| {
            seen.push(&text[key.span.range()]);
            collect(text, value, seen);
        }),
        _ => {}
    }
}

#[test]
fn long_texts_and_long_files_are_read() {
    let long = "word ".repeat(2000);
    for text in [format!("a: {long}\n"), format!("a: \"{long}\"\n"), format!("a: {{b: \"{long}\"}}\n"), format!("- '{long}'\n")] {
        let (_, node, diagnostics) = read(&text);
        assert!(node.is_some() && diagnostics.is_empty(), "{diagnostics:?}");
    }
    let steps: String =
        (0..6000).map(|n| format!("  step_{n}:\n    say: \"Hello {{name}}\"\n    go: step_{}\n", n + 1)).collect();
    let found = entries(&format!("steps:\n{steps}"));
    assert!(matches!(&found[0].1.kind, NodeKind::Map(steps) if steps.len() == 6000));
}
