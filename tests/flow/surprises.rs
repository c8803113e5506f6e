//! What YAML does to everyday words elsewhere, it does not do here: each either works as written, or gives exactly one
//! diagnostic that says what to write.

use buttonhook::flow;
use buttonhook::source::{Code, Sources, render_human};

use super::{Talk, program};

/// A menu whose one button is titled as typed here, and an answer that is said as typed here.
fn flow(title: &str, say: &str) -> String {
    format!(
        "buttonhook: 1\nflow: tiny\nstart: {{words: [hi]}}\nsteps:\n  menu:\n    say: Hello\n    buttons:\n      one:\n        title: {title}\n        go: said\n  said:\n    say: {say}\n    end: done\n"
    )
}

#[test]
fn what_looks_like_something_else_stays_what_was_typed() {
    for typed in [
        "no",
        "No",
        "yes",
        "on",
        "off",
        "true",
        "null",
        "~",
        "12:30",
        "1:30:00",
        "007",
        "0x1F",
        "1e3",
        "+27821234567",
        "1_000",
        "2026-06-15",
        "=",
        "N/A",
        ".5",
        "é à",
        "👍",
        "50%",
        "a, b",
        "it's",
    ] {
        let program = program(&[("flows/tiny.yaml", &flow(typed, typed))]);
        let mut talk = Talk::new(&program);
        assert_eq!(talk.they("hi"), ["Hello"], "{typed}");
        assert_eq!(talk.they(typed), [typed], "the title or the text is not what was typed");
    }
}

#[test]
fn words_that_start_flows_and_choices_stay_what_was_typed() {
    let text = "buttonhook: 1\nflow: tiny\nstart: {words: [no, on, 007, 12:30, +27]}\nremember:\n  size: {kind: choice, of: [no, 007, 12:30]}\nsteps:\n  which: {ask: Which?, into: size, go: said}\n  said: {say: \"{size}\", end: done}\n";
    let program = program(&[("flows/tiny.yaml", text)]);
    for word in ["no", "on", "007", "12:30", "+27"] {
        assert_eq!(Talk::new(&program).they(word), ["Which?"], "{word}");
    }
    let mut talk = Talk::new(&program);
    talk.they("no");
    assert_eq!(talk.they("007"), ["007"]);
}

#[test]
fn whatever_editors_do_to_line_ends_and_beginnings_is_read() {
    let good = flow("No", "Bye");
    let crlf = good.replace('\n', "\r\n");
    let spaced = good.replace("say: Bye\n", "say: Bye  \n\n\n");
    for text in [
        crlf.as_str(),
        spaced.as_str(),
        good.trim_end(),
        &good.replace("Bye", "A\u{a0}B"),
        &good.replace("Bye", "“Bye”, he said"),
    ] {
        let program = program(&[("flows/tiny.yaml", text)]);
        assert_eq!(Talk::new(&program).they("hi"), ["Hello"]);
    }
    // A block keeps its lines as line feeds, whatever the file has.
    let block = flow("No", "|\n      one\n      two").replace('\n', "\r\n");
    let program = program(&[("flows/tiny.yaml", &block)]);
    let mut talk = Talk::new(&program);
    talk.they("hi");
    assert_eq!(talk.they("No"), ["one\ntwo\n"]);
}

/// A byte order mark is taken off by whoever reads the file; see `tests/project/load.rs` and `tests/cli/check.rs`.
#[test]
fn what_cannot_work_gives_one_diagnostic_that_says_what_to_write() {
    let good = flow("No", "Bye");
    let rows: &[(&str, String, Code)] = &[
        ("a colon in a text", flow("No", "Open: 9 to 6"), Code::YAML_SYNTAX),
        ("a colon at the end of a text", flow("No", "Open:"), Code::YAML_SYNTAX),
        ("a text in curly quotes", flow("No", "“Bye”"), Code::YAML_LOOKALIKE),
        ("a brace at the beginning", flow("No", "{contact.name} is here"), Code::YAML_UNQUOTED_BRACE),
        ("only a value", flow("No", "{contact.name}"), Code::YAML_UNQUOTED_BRACE),
        ("a star at the beginning", flow("No", "*Bye*"), Code::YAML_SYNTAX),
        ("an at sign at the beginning", flow("No", "@home"), Code::YAML_SYNTAX),
        ("a number sign in a text", flow("No", "We are #1 here"), Code::YAML_COMMENT),
        ("a false space in the indentation", good.replace("    end", "\u{a0}\u{a0}\u{a0}\u{a0}end"), Code::YAML_LOOKALIKE),
        ("a false space behind a colon", good.replace("say: Bye", "say:\u{a0}Bye"), Code::YAML_LOOKALIKE),
        ("a false space and a colon", good.replace("say: Bye", "say:\u{a0}Open: 9"), Code::YAML_LOOKALIKE),
        ("a tab", good.replace("    end", "\tend"), Code::YAML_TAB),
        ("no space behind a colon", good.replace("say: Bye", "say:Bye"), Code::YAML_SYNTAX),
        ("a quote that is not closed", flow("No", "\"Bye"), Code::YAML_SYNTAX),
        ("an apostrophe in single quotes", flow("No", "'it's me'"), Code::YAML_SYNTAX),
        ("yes for a switch", good.replace("[hi]", "[hi], anything_else: yes"), Code::BAD_VALUE),
        ("a quoted switch", good.replace("[hi]", "[hi], anything_else: \"true\""), Code::BAD_VALUE),
        ("an empty text", flow("No", ""), Code::MISSING_KEY),
    ];
    for (what, text, code) in rows {
        let sources = Sources::from_texts([("flows/tiny.yaml", text.as_str())]);
        let (_, found) = flow::compile(&sources);
        let shown = render_human(&sources, &found, false);
        assert!(found.len() == 1 && found[0].code == *code, "{what}, expected {code}:\n{text}\n{shown}");
        assert!(found[0].fix.is_some() || !found[0].help.is_empty(), "{what} offers no remedy:\n{shown}");
    }
}
