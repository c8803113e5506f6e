//! What people and programs get to see.

use buttonhook::source::{Code, Diagnostic, SourceId, Sources, Span, parse_yaml, render_human, render_json};

fn rendered(text: &str) -> String {
    let sources = Sources::from_texts([("flows/shop.yaml", text)]);
    let diagnostics = parse_yaml(SourceId(0), text).1;
    render_human(&sources, &diagnostics, false)
}

#[test]
fn shows_the_line_a_caret_the_remedy_and_the_count() {
    assert_eq!(
        rendered("steps:\n  menu:\n    say: {city} is nice\n"),
        "\
error[BH0003]: a text that begins with `{` needs quotes
 --> flows/shop.yaml:3:10
  |
3 |     say: {city} is nice
  |          ^^^^^^^^^^^^^^
  |
help: Put quotes round the text.
  |
3 -     say: {city} is nice
3 +     say: \"{city} is nice\"
  |

1 error
"
    );
}

#[test]
fn shows_places_that_belong_together_and_folds_what_lies_between() {
    let between = (0..31).map(|n| format!("k{n}: 1\n")).collect::<String>();
    assert_eq!(
        rendered(&format!("a: 1\n{between}a: We are #1 here\n")),
        "\
error[BH0002]: `a` stands here a second time
  --> flows/shop.yaml:33:1
   |
 1 | a: 1
   | - first here
...
33 | a: We are #1 here
   | ^ again
   |
   = help: Give one of the two another name, or take it away.

1 error
"
    );
}

#[test]
fn other_files_files_without_text_and_long_lines_are_shown_too() {
    let long = format!("a: {} {{b}} {}", "é".repeat(3000), "z".repeat(3000));
    let sources =
        Sources::from_texts([("flows/a.yaml", long.as_str()), ("flows/b.yaml", ""), ("flows/c.yaml", "c: \u{1b}[31m1")]);
    let at = |file, start, end| Span::new(SourceId(file), start, end);
    let diagnostics = [
        Diagnostic::error(Code::BAD_VALUE, at(0, 6004, 6007), "long \u{1b}[31m")
            .label("here")
            .fix(at(0, 6004, 6007), "\"b\"")
            .related(at(2, 0, 1), "and here"),
        Diagnostic::warning(Code::FILE_UNREADABLE, at(1, 0, 0), "not a text").help("Save it as UTF-8."),
        Diagnostic::error(Code::BAD_VALUE, at(2, 0, 900), "outside"),
    ];
    let text = render_human(&sources, &diagnostics, false);
    assert!(text.lines().all(|line| line.chars().count() < 180), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    for part in [
        "flows/a.yaml:1:",
        "{b}",
        "^^^ here",
        "flows/c.yaml",
        "and here",
        "warning[BH0005]: not a text\n--> flows/b.yaml\n",
        "= help: Save it as UTF-8.",
        "2 errors, 1 warning\n",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(render_human(&sources, &diagnostics, true).contains("\u{1b}["));
    assert_eq!(render_human(&sources, &[], false), "");
}

#[test]
fn programs_get_places_fixes_and_codes() {
    let sources = Sources::from_texts([("flows/shop.yaml", "é: ü\nsay: {city}\n")]);
    let diagnostics = parse_yaml(SourceId(0), &sources.get(SourceId(0)).text).1;
    let at = serde_json::json!({"path": "flows/shop.yaml", "line": 2, "column": 6, "end_line": 2, "end_column": 12, "start": 12, "end": 18});
    assert_eq!(
        render_json(&sources, &diagnostics),
        serde_json::json!([{
            "code": "BH0003", "severity": "error", "message": "a text that begins with `{` needs quotes", "at": at, "label": "",
            "help": "Put quotes round the text.", "related": [], "fix": {"at": at, "text": "\"{city}\"", "sure": true},
        }])
    );
}
