//! A table of conversations for every kind of step, demanded for each.

use std::fs;
use std::path::Path;

use buttonhook::flow::{KINDS, compile};
use buttonhook::model::{Message, TemplateHeader};
use buttonhook::scenario::{Said, play, read};
use buttonhook::source::{Sources, render_human};

fn tables() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/flow/steps");
    let path = |name: &str| folder.join(name);
    let mut files: Vec<_> = KINDS
        .iter()
        .map(|(kind, _)| {
            let table = path(&format!("{kind}.yaml"));
            let text = fs::read_to_string(&table)
                .unwrap_or_else(|_| panic!("the kind `{kind}` has no table tests/flow/steps/{kind}.yaml"));
            (format!("flows/{kind}.yaml"), text)
        })
        .collect();
    files.push(("flows/address.yaml".to_owned(), fs::read_to_string(path("address.yaml")).unwrap()));
    files.push(("scripts/helpers.rhai".to_owned(), fs::read_to_string(path("helpers.rhai")).unwrap()));
    files.push(("flows/_always.yaml".to_owned(), fs::read_to_string(path("call_always.yaml")).unwrap()));
    files
}

/// Each table is a project of its own, because their words overlap; the scripts of `run` and `list` also start the flow `ask`, and
/// `enter` needs a flow to enter.
#[test]
fn every_kind_of_step_does_what_its_table_says() {
    let tables = tables();
    let of = |name: &str| tables.iter().find(|(path, _)| path.ends_with(name)).unwrap();
    for (kind, _) in KINDS {
        let mut files = vec![of(&format!("flows/{kind}.yaml"))];
        match *kind {
            "run" | "list" => files.extend([of("flows/ask.yaml"), of("helpers.rhai")]),
            "enter" => files.push(of("flows/address.yaml")),
            "call" => files.push(of("flows/_always.yaml")),
            _ => {}
        }
        let sources = Sources::from_texts(files.iter().map(|(path, text)| (path.as_str(), text.as_str())));
        let (program, diagnostics) = compile(&sources);
        let program =
            program.unwrap_or_else(|| panic!("{kind}: {diagnostics:#?}\n{}", render_human(&sources, &diagnostics, false)));
        let flow = program.flows().find(|flow| flow.name.as_str() == *kind).expect("the table's flow is named for its kind");
        let (scenarios, wrong) = read(&program, flow);
        assert!(wrong.is_empty() && !scenarios.is_empty(), "{kind}: {wrong:#?}");
        for scenario in &scenarios {
            let played = play(&program, flow, scenario);
            assert!(played.failure.is_none(), "{kind} / {}: {:#?}\n{:#?}", scenario.name, played.failure, played.said);
        }
    }
}

/// What tables cannot show: the parts of a message beside its text.
#[test]
fn a_message_goes_out_with_all_its_parts() {
    let tables = tables();
    let (path, text) = tables.iter().find(|(path, _)| path == "flows/say.yaml").unwrap();
    let sources = Sources::from_texts([(path.as_str(), text.as_str())]);
    let program = compile(&sources).0.unwrap();
    let flow = program.flows().next().unwrap();
    let said = |name: &str| {
        let scenario = read(&program, flow).0.into_iter().find(|scenario| scenario.name == name).unwrap();
        let played = play(&program, flow, &scenario);
        played.said.into_iter().find_map(|said| if let Said::Bot(message) = said { Some(message) } else { None }).unwrap()
    };
    assert_eq!(
        said("a link"),
        Message::Link {
            header: Some("See".into()),
            body: "Follow it here.".into(),
            footer: Some("Any time".into()),
            label: "Open".into(),
            url: "https://example.com/?who=%2B15550100123&what=link".into(),
        }
    );
    let Message::Buttons { header, footer, buttons, .. } = said("header and footer stand with buttons") else { panic!("a menu") };
    assert_eq!((header.as_deref(), footer.as_deref(), buttons.len()), (Some("Above"), Some("Below"), 1));
}

/// The same for templates.
#[test]
fn a_template_goes_out_with_all_its_parts() {
    let tables = tables();
    let (path, text) = tables.iter().find(|(path, _)| path == "flows/template.yaml").unwrap();
    let sources = Sources::from_texts([(path.as_str(), text.as_str())]);
    let program = compile(&sources).0.unwrap();
    let flow = program.flows().next().unwrap();
    let said = |name: &str| {
        let scenario = read(&program, flow).0.into_iter().find(|scenario| scenario.name == name).unwrap();
        let said = play(&program, flow, &scenario).said;
        said.into_iter().find_map(|said| if let Said::Bot(message) = said { Some(message) } else { None }).unwrap()
    };
    assert_eq!(
        said("a whole template"),
        Message::Template {
            name: "new_catalogue".into(),
            language: "en_US".into(),
            fields: vec!["friend".into()],
            header: Some(TemplateHeader::Image("https://example.com/a%20b.jpg".into())),
            buttons: vec!["show:a b".into(), String::new()],
        }
    );
    let Message::Template { header, .. } = said("a document") else { panic!("a template") };
    let (url, filename) = ("https://example.com/prices.pdf".to_owned(), Some("a b.pdf".to_owned()));
    assert_eq!(header, Some(TemplateHeader::Document { url, filename }));
}
