//! Each mistake in the YAML itself: its code, what it says, the text it points at, and the file after its fix.

use buttonhook::source::{Code, Sources};

use super::read;

/// (file, code, part of the message, what it points at, the file after the fix or "").
type Row = (&'static str, Code, &'static str, &'static str, &'static str);

const S: Code = Code::YAML_SYNTAX;
const BRACE: Code = Code::YAML_UNQUOTED_BRACE;
const TAB: Code = Code::YAML_TAB;
const LOOKALIKE: Code = Code::YAML_LOOKALIKE;

const TABLE: &[Row] = &[
    ("say: {city} is nice", BRACE, "begins with `{`", "{city} is nice", "say: \"{city} is nice\""),
    ("a:\n  say: {city}\n  go: b", BRACE, "begins with `{`", "{city}", "a:\n  say: \"{city}\"\n  go: b"),
    ("say: {name | there}", BRACE, "begins with `{`", "{name | there}", "say: \"{name | there}\""),
    ("say: {{no}} \"x\"", BRACE, "begins with `{`", "{{no}} \"x\"", "say: '{{no}} \"x\"'"),
    ("say: [Shop] hello", BRACE, "begins with `[`", "[Shop] hello", "say: \"[Shop] hello\""),
    ("a: {say: Hi {name}, tries: 2}", BRACE, "inside a one-line", "Hi {name}", "a: {say: \"Hi {name}\", tries: 2}"),
    ("a: {say: {name} hi, go: x}", BRACE, "inside a one-line", "{name} hi", "a: {say: \"{name} hi\", go: x}"),
    ("say: Open: 9 to 6", S, "a colon followed by a space", "Open: 9 to 6", "say: \"Open: 9 to 6\""),
    ("a: {say: Open: 9, go: x}", S, "a colon followed by a space", "Open: 9", "a: {say: \"Open: 9\", go: x}"),
    ("say: it's \"9\": no", S, "a colon followed by a space", "it's \"9\": no", "say: \"it's \\\"9\\\": no\""),
    ("say: *Hello* you", S, "begins with `*`", "*Hello* you", "say: \"*Hello* you\""),
    ("say: *Hello*", S, "begins with `*`", "*Hello*", "say: \"*Hello*\""),
    ("say: @home", S, "begins with `@`", "@home", "say: \"@home\""),
    ("a: {say: @home, go: x}", S, "begins with `@`", "@home", "a: {say: \"@home\", go: x}"),
    ("say: %20 off", S, "begins with `%`", "%20 off", "say: \"%20 off\""),
    ("say: !now or never", S, "begins with `!`", "!now or never", "say: \"!now or never\""),
    ("say: &co more", S, "begins with `&`", "&co more", "say: \"&co more\""),
    ("say: > 5 left", S, "begins with `>`", "> 5 left", "say: \"> 5 left\""),
    ("say: - hello", S, "begins with `- `", "- hello", "say: \"- hello\""),
    ("say: 'That's all'", S, "an apostrophe ends", "'That's all'", "say: \"That's all\""),
    ("say: \"He said \"hi\".\"", S, "a double quote ends", "\"He said \"hi\".\"", "say: 'He said \"hi\".'"),
    ("say: \"Hi\" there", S, "behind the closing quote", "\"Hi\" there", "say: '\"Hi\" there'"),
    ("a: \"x\nb: c", S, "a quote opened at line 1", "\"x", "a: \"x\"\nb: c"),
    ("é: ü\na: \"x\nb: c\nd: \"e\"", S, "a quote opened at line 2", "\"x", "é: ü\na: \"x\"\nb: c\nd: \"e\""),
    ("a: {t: \"x, go: y}\nb: c", S, "a quote opened at line 1", "\"x, go: y}", ""),
    ("say: \"C:\\dir\"", S, "a backslash", "\\d", "say: \"C:\\\\dir\""),
    ("a:\n\tb: c", TAB, "a tab", "\t", "a:\n  b: c"),
    ("a:\n  b:\n\t  c: d", TAB, "a tab", "\t", "a:\n  b:\n    c: d"),
    ("a:\u{a0}b\nc: d", LOOKALIKE, "looks like a space", "\u{a0}", "a: b\nc: d"),
    ("m:\n  a:\u{a0}b", LOOKALIKE, "looks like a space", "\u{a0}", "m:\n  a: b"),
    ("m:\n  a: b\n\u{a0} c: d", LOOKALIKE, "looks like a space", "\u{a0}", "m:\n  a: b\n  c: d"),
    ("say: “Hello: you”", LOOKALIKE, "curly quotes", "“Hello: you”", "say: \"Hello: you\""),
    ("say: “Hello”", LOOKALIKE, "curly quotes", "“Hello”", "say: \"Hello\""),
    ("say:Hi\ngo: b", S, "a space is missing behind `say:`", ":", "say: Hi\ngo: b"),
    ("say hello\ngo: b", S, "no colon", "say hello", ""),
    ("say: hello\ngo", S, "no colon", "go", ""),
    ("a: [b, c\nd: e", S, "a `[` is never closed", "[", ""),
    ("a: {b: c\nd: e", S, "a `{` is never closed", "{", ""),
    ("a: {b: c}}", S, "closes nothing", "}", ""),
    ("s:\n    a: b\n  c: d", S, "indented neither", "c: d", ""),
    ("s:\n  a: b\n   c: d", S, "has a value already", "c: d", ""),
    ("a: 1\nb: 2\na: 3", Code::YAML_DUPLICATE_KEY, "`a` stands here a second time", "a", ""),
    ("<<: x", S, "merge keys", "<<", ""),
    ("a: b\n---\nc: d", S, "a second document", "---", ""),
    ("[a]: b", S, "a key is one name", "[a]", ""),
    (": b", S, "a colon without a key", "", ""),
    ("a: We are #1 here", Code::YAML_COMMENT, "begins a comment", "#1 here", "a: \"We are #1 here\""),
    ("a: #1 here", Code::YAML_COMMENT, "begins a comment", "#1 here", "a: \"#1 here\""),
    ("a:\n- b\n - c", S, "an item of a list", "- c", ""),
];

#[test]
fn each_is_told_where_it_is_with_a_remedy_that_works() {
    for &(text, code, message, at, fixed) in TABLE {
        let (sources, _, diagnostics) = read(text);
        let [found] = diagnostics.as_slice() else { panic!("{text:?} gives {diagnostics:#?}") };
        assert_eq!(found.code, code, "{text:?}");
        assert!(found.message.contains(message), "{text:?} says {:?}", found.message);
        assert_eq!(sources.text(found.span), at, "{text:?}");
        assert!(!found.help.is_empty(), "{text:?} says what to do");
        let Some(fix) = &found.fix else {
            assert_eq!(fixed, "", "{text:?} has no fix");
            continue;
        };
        let mut after = text.to_owned();
        after.replace_range(fix.span.range(), &fix.text);
        assert_eq!(after, fixed);
        assert_eq!(read(&after).2, [], "{after:?} is right");
    }
}

/// What reads on after a mistake tells all of them at once, in order of place.
#[test]
fn several_mistakes_of_one_file_are_told_together() {
    let (sources, node, diagnostics) = read("a: {x}\nb: 1\nb: 2\nc: *y\nd: &z 3\n");
    assert!(node.is_some());
    let lines: Vec<usize> = diagnostics.iter().map(|one| sources.place(one.span).line).collect();
    assert_eq!(lines, [1, 3, 4, 5]);
    assert_eq!(sources.text(diagnostics[1].related[0].span), "b");
    assert_eq!(sources.place(diagnostics[1].related[0].span).line, 2);
}

#[test]
fn braces_and_bombs_meet_a_bound() {
    let deep = "[".repeat(100_000);
    let deep_block: String = (0..200).map(|n| format!("{}a:\n", "  ".repeat(n))).collect();
    let many = "- {a}\n".repeat(150_000);
    let anchors = format!("[{}]", "&a b, ".repeat(150_000));
    for text in [deep.as_str(), &deep_block, &many, &anchors] {
        let (_, _, diagnostics) = read(text);
        assert!((1..=51).contains(&diagnostics.len()), "{}", diagnostics.len());
    }
    let sources = Sources::from_texts([("flows/a.yaml", deep_block.as_str())]);
    assert!(sources.iter().count() == 1 && read(&deep_block).2[0].message.contains("inside each other"));
}

/// Warnings, however many, hide no error: what is left out of the tree must keep the file from going live.
#[test]
fn many_warnings_hide_no_error() {
    let warnings: String = (0..500).map(|n| format!("k{n}: x #1\n")).collect();
    for broken in ["k1: again\n", "z: \"open\n", "---\nz: 1\n"] {
        let (_, _, diagnostics) = read(&format!("{warnings}{broken}"));
        assert_eq!(diagnostics.iter().filter(|one| one.is_error()).count(), 1, "{broken}");
        assert!(diagnostics.len() <= 51, "{}", diagnostics.len());
    }
}
