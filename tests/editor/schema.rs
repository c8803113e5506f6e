//! The schema takes what the reader takes, and refuses the shapes that the reader refuses.

use std::fs;
use std::path::{Path, PathBuf};

use buttonhook::flow::keys::{self, Shape, Takes};
use buttonhook::flow::{KINDS, compile, schema};
use buttonhook::scenario;
use buttonhook::source::{Diagnostic, SourceId, Sources, parse_yaml};
use serde_json::Value;

use super::validator::mistakes;
use crate::flow::documents::flows;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every YAML file below `folder`.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The text as an editor checks it; nothing when it is not YAML.
fn value(text: &str) -> Option<Value> {
    let (node, diagnostics) = parse_yaml(SourceId(0), text);
    let sound = !diagnostics.iter().any(Diagnostic::is_error);
    node.filter(|_| sound).map(|node| schema::as_editors_read(&node))
}

/// Every flow of the repository that is right: what ships, what documents show, what tests play.
pub fn good_flows() -> Vec<(String, String)> {
    let mut good = Vec::new();
    for folder in ["flows", "src/cli/starter", "tests/flow"] {
        for path in files(&root().join(folder)) {
            // What holds for every flow is no flow, and has a schema of its own.
            let text = fs::read_to_string(&path).unwrap();
            if text.contains("flow: ") {
                good.push((path.display().to_string(), text));
            }
        }
    }
    let documents = files_of_docs();
    good.extend(documents);
    assert!(good.len() > 18, "only {} flows were found", good.len());
    good
}

fn files_of_docs() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for path in ["docs/flow-language.md", "README.md"] {
        let document = fs::read_to_string(root().join(path)).unwrap();
        // `flows/_always.yaml` is no flow.
        let flows = flows(&document).into_iter().filter(|text| text.contains("\nflow: "));
        found.extend(flows.enumerate().map(|(index, flow)| (format!("{path} {index}"), flow)));
    }
    found
}

#[test]
fn right_flows_fit_the_schema() {
    let schema = schema::flow();
    for (path, text) in good_flows() {
        let value = value(&text).unwrap_or_else(|| panic!("{path} is not YAML"));
        let found = mistakes(&schema, &value);
        assert!(found.is_empty(), "{path}: {found:#?}");
    }
}

#[test]
fn wrong_keys_shapes_and_values_do_not_fit_the_schema() {
    let schema = schema::flow();
    let mut count = 0;
    for folder in fs::read_dir(root().join("tests/diagnostics")).unwrap() {
        let folder = folder.unwrap().path();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        // Further cases of a code (`BH0107_nothing_fits`) show what a schema of one flow cannot know.
        if !name.starts_with("BH01") || name.contains('_') {
            continue;
        }
        for path in files(&folder) {
            let value = value(&fs::read_to_string(&path).unwrap()).unwrap();
            assert!(!mistakes(&schema, &value).is_empty(), "{} fits the schema", path.display());
            count += 1;
        }
    }
    assert!(count >= 8, "only {count} files were found");
}

/// What the schema says of a step whose lines are these.
fn step(lines: &str) -> Vec<String> {
    let lines = lines.replace('\n', "\n    ");
    let text = format!("buttonhook: 1\nflow: tiny\nsteps:\n  only:\n    {lines}\n");
    mistakes(&schema::flow(), &value(&text).unwrap_or_else(|| panic!("not YAML: {text}")))
}

#[test]
fn a_step_ends_in_exactly_one_way() {
    for good in [
        "end: done",
        "go: only",
        "say: Hi\nend: done",
        "ask: Who?\ninto: name\ngo: only",
        "say: Hi\nbuttons: {a: {title: A, go: only}}",
        "choose: [{when: true, go: only}, {otherwise: only}]",
        "choose: [{otherwise: only}]",
        "run: prices.quote\nif_none: only\nend: done",
    ] {
        assert_eq!(step(good), Vec::<String>::new(), "{good}");
    }
    for bad in [
        "say: Hi",
        "go: only\nend: done",
        "ask: Who?\ninto: name",
        "ask: Who?\ngo: only",
        "ask: Who?\ninto: name\ngo: only\nend: done",
        "say: Hi\nbuttons: {a: {title: A, go: only}}\ngo: only",
        "buttons: {a: {title: A, go: only}}",
        "choose: [{when: true, go: only, otherwise: only}]",
        "choose: {otherwise: only}",
        "with: [1]\nend: done",
        "gives: price\nend: done",
        "into: name\nend: done",
        "header: Hi\nend: done",
        "say: Hi\nbuttons: {a: {title: A, go: only}}\nif_other: {tries: 2}",
        "say: Hi\nbuttons: {}",
        "say: Hi\nbuttons: {a: {title: A, go: only}, b: {title: B, go: only}, c: {title: C, go: only}, d: {title: D, go: only}}",
    ] {
        assert_ne!(step(bad), Vec::<String>::new(), "{bad}");
    }
}

#[test]
fn a_text_is_a_text_whatever_it_looks_like() {
    for title in ["No", "on", "12:30", "007", "1.5", "true", "~", "2026-06-15", "'{contact.firstname | a very long name}'"] {
        assert_eq!(step(&format!("say: {title}\nbuttons: {{a: {{title: {title}, go: only}}}}")), Vec::<String>::new(), "{title}");
    }
    assert!(step(&format!("say: Hi\nbuttons: {{a: {{title: {}, go: only}}}}", "ä".repeat(20))).is_empty());
    assert!(!step(&format!("say: Hi\nbuttons: {{a: {{title: {}, go: only}}}}", "ä".repeat(21))).is_empty());
}

#[test]
fn files_of_conversations_fit_their_schema() {
    let schema = schema::tests();
    let document = fs::read_to_string(root().join("docs/testing.md")).unwrap();
    let blocks: Vec<&str> = document.split("```yaml\n# tests/").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() >= 6, "{} examples", blocks.len());
    for block in blocks {
        let text = block.split_once('\n').unwrap().1;
        assert_eq!(mistakes(&schema, &value(text).unwrap()), Vec::<String>::new(), "{text}");
        let wrong = text.replace("tests_of", "test_of");
        assert!(!mistakes(&schema, &value(&wrong).unwrap()).is_empty());
    }
}

/// Every shape of the language, by way of the flow.
fn shapes() -> Vec<&'static Shape> {
    fn gather(takes: &Takes, found: &mut Vec<&'static Shape>) {
        match *takes {
            Takes::OneOrMore(each, _) | Takes::List(each) | Takes::Named(each, _, _) | Takes::ByWord(each) => gather(each, found),
            Takes::Of(shape) | Takes::TextOr(shape) | Takes::WordOr(_, shape) => add(shape, found),
            Takes::Either(shapes) => shapes.iter().for_each(|shape| add(shape, found)),
            _ => {}
        }
    }
    fn add(shape: &'static Shape, found: &mut Vec<&'static Shape>) {
        if !found.contains(&shape) {
            found.push(shape);
            shape.keys.iter().for_each(|key| gather(&key.takes, found));
        }
    }
    let mut found = Vec::new();
    add(&keys::FLOW, &mut found);
    add(&keys::ALWAYS, &mut found);
    add(&keys::LANGUAGE, &mut found);
    assert!(found.len() > 20, "only {} shapes are reached", found.len());
    found
}

#[test]
fn what_holds_for_every_flow_has_a_schema_of_its_own() {
    let always = "buttonhook: 1\nalways: [{words: [human], start: front_desk}, {words: hours, say: 9 to 6}]\nold_buttons: No\n";
    assert_eq!(mistakes(&schema::always(), &value(always).unwrap()), Vec::<String>::new());
    for wrong in ["always: []\n", "buttonhook: 1\nflow: shop\n", "buttonhook: 1\nalways: [{start: front_desk}]\n"] {
        assert_ne!(mistakes(&schema::always(), &value(wrong).unwrap()), Vec::<String>::new(), "{wrong}");
    }
}

#[test]
fn texts_in_another_language_have_a_schema_of_their_own() {
    let language =
        "buttonhook: 1\ntexts_of: shop\nlanguage: pt_BR\ntexts: {menu: {say: Oi, buttons: {a: No}}}\nstart: {words: oi}\n";
    let rows = "always: {stop: [pare, chega], human: pessoa, hours: {words: horas, say: 9 a 6}}\n";
    let good = format!("{language}{rows}");
    assert_eq!(mistakes(&schema::language(), &value(&good).unwrap()), Vec::<String>::new());
    for (from, to) in [
        ("texts_of: shop\n", ""),
        ("language: pt_BR", "language: portuguese"),
        ("start: {words: oi}", "start: {buttons: oi}"),
        ("texts: {", "text: {"),
        ("words: horas", "word: horas"),
    ] {
        let wrong = good.replace(from, to);
        assert_ne!(mistakes(&schema::language(), &value(&wrong).unwrap()), Vec::<String>::new(), "{wrong}");
    }
}

#[test]
fn every_key_is_described_and_its_example_and_default_fit() {
    for shape in shapes() {
        let schema = schema::shape(shape);
        for key in shape.keys {
            assert!(key.about.len() > 5 && key.about.ends_with('.') || key.name == "kind", "{}: {}", shape.what, key.name);
            for yaml in [key.example, key.usually] {
                if yaml.is_empty() {
                    continue;
                }
                let value = value(yaml).unwrap_or_else(|| panic!("{}, {}: {yaml} is not YAML", shape.what, key.name));
                let found = mistakes(&schema["properties"][key.name], &value);
                let only_offered = matches!(shape.rule, keys::Rule::Without(name) if name == key.name);
                assert!(found.is_empty() || only_offered, "{}, {}: {found:?}", shape.what, key.name);
            }
            assert!(!key.example.is_empty(), "{} of {} has no example", key.name, shape.what);
            for other in key.beside {
                assert!(shape.has(other), "{} stands beside {other}, which {} does not have", key.name, shape.what);
            }
        }
    }
}

#[test]
fn the_kinds_of_steps_and_their_parts_are_the_keys_of_a_step() {
    let mut kinds: Vec<&str> =
        KINDS.iter().flat_map(|(kind, parts)| std::iter::once(kind).chain(parts.iter())).copied().collect();
    let mut keys: Vec<&str> = keys::STEP.names().collect();
    kinds.sort_unstable();
    // A part may belong to several kinds.
    kinds.dedup();
    keys.sort_unstable();
    assert_eq!(kinds, keys);
}

/// A line taken out, doubled, moved or cut: whatever the reader still finds right, an editor must not mark.
#[test]
fn nothing_the_reader_takes_is_refused_by_the_schema() {
    let schema = schema::flow();
    let scripts = [
        ("scripts/calendar.rhai", "scripts/calendar.rhai"),
        ("scripts/prices.rhai", "scripts/prices.rhai"),
        ("scripts/greetings.rhai", "src/cli/starter/scripts/greetings.rhai"),
    ];
    let scripts = scripts.map(|(path, file)| (path, fs::read_to_string(root().join(file)).unwrap()));
    let mut taken = 0;
    for (path, text) in good_flows() {
        let lines: Vec<&str> = text.lines().collect();
        // Of a long file a line here and there: each makes three mutants, and all are compiled.
        for at in (0..lines.len()).step_by(1 + lines.len() / 40) {
            let mut fewer = lines.clone();
            fewer.remove(at);
            let mut swapped = lines.clone();
            swapped.swap(at, (at + 1).min(lines.len() - 1));
            let bare: Vec<String> = lines
                .iter()
                .enumerate()
                .map(|(n, line)| if n == at { line.replace('"', "") } else { (*line).to_owned() })
                .collect();
            for mutant in [fewer.join("\n"), swapped.join("\n"), bare.join("\n")] {
                let files = scripts.iter().map(|(path, text)| (*path, text.as_str())).chain([("flows/a.yaml", mutant.as_str())]);
                let Some(program) = compile(&Sources::from_texts(files)).0 else { continue };
                if program.flows().any(|flow| !scenario::read(&program, flow).1.is_empty()) {
                    continue;
                }
                taken += 1;
                let value = value(&mutant).unwrap();
                let found = mistakes(&schema, &value);
                assert!(found.is_empty(), "{path}, line {}: {found:#?}\n{mutant}", at + 1);
            }
        }
    }
    assert!(taken > 200, "only {taken} were right");
}
