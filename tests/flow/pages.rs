//! The page of every diagnostic: its wrong example gives that diagnostic and no other, its right one gives none at all, and its
//! conversations go as written.

use buttonhook::scenario;
use buttonhook::source::{CODES, PAGES, Sources, render_human};

use super::diagnostics::{NOT_FROM_TEXTS, diagnostics};

/// The text of a page from the heading `from` up to the next.
fn section<'p>(page: &'p str, from: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!("\n## {from}\n")).unwrap_or_else(|| panic!("no heading `{from}` in:\n{page}"));
    rest.split("\n## ").next().unwrap()
}

/// The files of an example: a block each, named by its first line where that is a comment with a path.
fn files(section: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for block in section.split("```").skip(1).step_by(2) {
        let (language, text) = block.split_once('\n').unwrap();
        let first = text.lines().next().unwrap().trim_start_matches(['#', '/', ' ']);
        let named = first.starts_with("flows/") || first.starts_with("scripts/");
        let text = if language == "csv" || language == "json" { text.split_once('\n').unwrap().1 } else { text };
        assert!(named || language == "yaml", "a script without its path:\n{block}");
        files.push((if named { first } else { "flows/example.yaml" }.to_owned(), text.to_owned()));
    }
    assert!(!files.is_empty(), "no example in:\n{section}");
    files
}

fn sources(files: &[(String, String)]) -> Sources {
    Sources::from_texts(files.iter().map(|(path, text)| (path.as_str(), text.as_str())))
}

#[test]
fn every_page_says_what_is_wrong_what_is_right_and_why() {
    assert_eq!(PAGES.len(), CODES.len());
    for ((code, page), (_, summary)) in PAGES.iter().zip(CODES) {
        assert!(page.starts_with(&format!("# {code}: {summary}\n\n")), "{code} has another title: {page}");
        for heading in ["Wrong", "Right", "Why Buttonhook is strict here"] {
            assert!(section(page, heading).trim().len() > 20, "{code} says nothing under `{heading}`");
        }
        if NOT_FROM_TEXTS.contains(&code.0) {
            continue;
        }
        let wrong = sources(&files(section(page, "Wrong")));
        let found = diagnostics(&wrong);
        let shown = render_human(&wrong, &found, false);
        assert!(!found.is_empty() && found.iter().all(|one| one.code == *code), "the wrong example of {code} gives\n{shown}");
        let right = sources(&files(section(page, "Right")));
        let (program, found) = buttonhook::flow::draft(&right, None);
        assert!(found.is_empty(), "the right example of {code} gives\n{}", render_human(&right, &found, false));
        for flow in program.flows() {
            let (scenarios, wrong) = scenario::read(&program, flow);
            assert!(wrong.is_empty(), "the right example of {code} gives\n{}", render_human(&right, &wrong, false));
            for scenario in scenarios {
                let failure = scenario::play(&program, flow, &scenario).failure;
                assert!(failure.is_none(), "the right example of {code}: {failure:?}");
            }
        }
    }
}
