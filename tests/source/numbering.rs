//! Files keep their numbers while others come and go.

use buttonhook::source::{Code, Diagnostic, SourceId, Sources, Span};

fn sources(paths: &[&str]) -> Sources {
    Sources::from_texts(paths.iter().map(|path| (*path, "x: 1\n")))
}

fn numbers(sources: &Sources) -> Vec<(u32, &str)> {
    sources.iter().map(|(id, file)| (id.0, &*file.path)).collect()
}

#[test]
fn files_keep_their_numbers_and_new_ones_fill_the_gaps() {
    let first = sources(&["flows/b.yaml", "flows/c.yaml", "flows/d.yaml"]);
    let second = sources(&["flows/a.yaml", "flows/b.yaml", "flows/d.yaml", "flows/e.yaml"]).numbered_after(&first);
    assert_eq!(numbers(&second), [(1, "flows/a.yaml"), (0, "flows/b.yaml"), (2, "flows/d.yaml"), (3, "flows/e.yaml")]);
    let third = sources(&["flows/e.yaml"]).numbered_after(&second);
    assert_eq!(numbers(&third), [(3, "flows/e.yaml")]);
    let fourth = sources(&["flows/a.yaml", "flows/e.yaml"]).numbered_after(&third);
    assert_eq!(numbers(&fourth), [(0, "flows/a.yaml"), (3, "flows/e.yaml")]);
    for sources in [second, third, fourth] {
        assert!(sources.iter().all(|(id, file)| sources.get(id).path == file.path));
        assert!(sources.iter().all(|(_, file)| sources.at(&file.path).is_some_and(|found| found.path == file.path)));
        assert!(sources.at("flows/c.yaml").is_none());
    }
}

#[test]
fn numbers_make_no_other_revision_and_no_other_order() {
    let paths = ["flows/a.yaml", "flows/b.yaml", "flows/c.yaml"];
    let sources = sources(&paths).numbered_after(&self::sources(&["flows/c.yaml"]));
    assert_eq!(sources.revision(), self::sources(&paths).revision());
    let at = |(id, start): (SourceId, usize)| Diagnostic::error(Code::BAD_VALUE, Span::new(id, start, start), "wrong");
    let places = sources.iter().flat_map(|(id, _)| [(id, 3), (id, 0), (id, 0)]);
    let mut diagnostics: Vec<Diagnostic> = places.map(at).collect::<Vec<_>>().into_iter().rev().collect();
    sources.in_order(&mut diagnostics);
    let told: Vec<String> = diagnostics.iter().map(|one| sources.place(one.span).to_string()).collect();
    assert_eq!(told, paths.iter().flat_map(|path| [format!("{path}:1:1"), format!("{path}:1:4")]).collect::<Vec<_>>());
}
