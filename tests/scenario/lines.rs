//! The kinds of lines: what each takes for right, and what it tells when something else came.

use buttonhook::flow::{self, Program};
use buttonhook::scenario::{self, Played};
use buttonhook::source::{Sources, render_human};

const SHOP: &str = r#"
buttonhook: 1
flow: shop
title: The shop
start: {words: [hi], media: [image]}
remember:
  city: {kind: choice, of: [Kochi, Delhi]}
  price: {kind: money, currency: INR}
steps:
  menu:
    header: Banyan
    say: "Where to, {contact.firstname | friend}?"
    footer: Tap
    buttons:
      kochi: {title: Kochi, set: {city: '"Kochi"'}, go: quote}
      delhi: {title: Delhi, set: {city: '"Delhi"'}, go: quote}
    if_silent: {after: 1 h, go: bye}
  quote: {run: prices.quote, with: [city], gives: price, if_fails: sorry, if_none: sorry, go: offer}
  offer:
    say: "To {city}: {price}."
    link: {title: Pay, url: "https://pay.example.com/{price}"}
    end: offered
  sorry: {say: "Sorry.", end: sorry}
  bye: {say: "Bye.", end: left}
"#;
const PRICES: &str = "fn quote(city) { if city == \"Kochi\" { 180 } else { 300 } }\n";

fn program(beside: &str, tests: &str) -> Program {
    let shop = format!("{SHOP}{beside}");
    let mut files = vec![("flows/shop.yaml", shop.as_str()), ("scripts/prices.rhai", PRICES)];
    files.extend((!tests.is_empty()).then_some(("tests/shop.yaml", tests)));
    let sources = Sources::from_texts(files);
    let (program, mut diagnostics) = flow::compile(&sources);
    diagnostics.extend(program.as_ref().map(|program| scenario::suites(program).1).unwrap_or_default());
    diagnostics.retain(|one| one.code.0 != "BH0703");
    assert!(diagnostics.is_empty(), "{}", render_human(&sources, &diagnostics, false));
    program.unwrap()
}

fn all(program: &Program) -> Vec<(String, Played)> {
    let mut played = Vec::new();
    for suite in scenario::suites(program).0 {
        let flow = program.flow(&suite.flows[0]).unwrap();
        played.extend(suite.scenarios.iter().map(|one| (one.name.clone(), scenario::play(program, flow, one))));
    }
    played
}

/// Plays one talk; gives what went wrong.
fn talk(lines: &str) -> Option<String> {
    let program = program(&format!("tests:\n  - name: one\n{lines}"), "");
    let failure = all(&program).remove(0).1.failure?;
    Some(format!(
        "{}: {} / {}",
        failure.message,
        failure.expected.as_deref().unwrap_or("-"),
        failure.came.as_deref().unwrap_or("-")
    ))
}

#[test]
fn parts_of_a_message_are_looked_at_one_by_one() {
    for (bot, wrong) in [
        ("{has: Where}", None),
        ("{has: [Where, /fri.nd/], lacks: Bye}", None),
        ("{say: /Where/, header: Banyan, footer: Tap, buttons: [Kochi, /^D/]}", None),
        ("{has: [Where, Here]}", Some("a part of the text is missing: … Here … / Where to, friend?")),
        ("{lacks: [to]}", Some("the bot says what it must not: without to / Where to, friend?")),
        ("{buttons: [Kochi]}", Some("the buttons are others: Kochi / Kochi, Delhi")),
        ("{header: Other}", Some("the header is another: Other / Banyan")),
        ("{footer: Other}", Some("the footer is another: Other / Tap")),
        ("{link: Pay}", Some("the link is called otherwise: Pay / ")),
        ("{fields: [a]}", Some("the template's fields are others: a / none")),
    ] {
        let told = talk(&format!("    talk: [{{they: hi}}, {{bot: {bot}}}]\n"));
        assert_eq!(told.as_deref(), wrong, "{bot}");
    }
    let link =
        "    talk: [{they: hi}, {bot: /Where/}, {tap: delhi}, {bot: {link: Pay, url: \"https://pay.example.com/INR%20300\"}}]\n";
    assert_eq!(talk(link), None);
}

#[test]
fn silence_is_that_nothing_more_is_said() {
    assert_eq!(talk("    talk: [{they: hi}, {bot: /Where/}, {silence: true}, {wait: 59 min}, {silence: true}]\n"), None);
    let told = talk("    talk: [{they: hi}, {bot: /Where/}, {wait: 60 min}, {silence: true}]\n").unwrap();
    assert_eq!(told, "the bot says more than is written here: - / Bye.");
}

#[test]
fn an_old_message_is_tapped_by_its_number_or_its_text() {
    let twice = "{they: hi}, {bot: /Where/}, {tap: kochi}, {bot: /Kochi/}, {they: hi}, {bot: /Where/}";
    for (tap, wrong) in [
        ("{button: Delhi, on: 1st}", None),
        ("{button: delhi, on: 2nd}", None),
        ("{button: delhi, on: newest}", None),
        ("{button: delhi, on: /^Where/}", None),
        ("{button: delhi, on: 3rd}", Some("there are not 3 messages with a button `delhi`: - / ")),
        ("{button: delhi, on: Elsewhere}", Some("no message `Elsewhere` has a button `delhi`: - / ")),
    ] {
        let told = talk(&format!("    talk: [{twice}, {{tap: {tap}}}, {{bot: /Delhi/}}]\n"));
        match wrong {
            None => assert_eq!(told, None, "{tap}"),
            Some(wrong) => assert!(told.as_deref().is_some_and(|told| told.starts_with(wrong)), "{tap}: {told:?}"),
        }
    }
}

#[test]
fn a_conversation_begins_in_the_middle_with_what_is_known_by_then() {
    let at = "    at: {step: quote, with: {city: Delhi}}\n    talk: [{bot: \"To Delhi: INR 300.\"}]\n    ends: offered\n";
    assert_eq!(talk(at), None);
}

#[test]
fn what_scripts_give_is_put_in_their_place() {
    let given = |given: &str, then: &str| {
        format!("    given: {{prices.quote: {given}}}\n    at: {{step: quote, with: {{city: Delhi}}}}\n    talk: [{then}]\n")
    };
    assert_eq!(talk(&given("450", "{bot: \"To Delhi: INR 450.\"}")), None);
    assert_eq!(talk(&given("{gives: 450}", "{bot: \"To Delhi: INR 450.\"}")), None);
    assert_eq!(talk(&given("{gives: }", "{bot: Sorry.}")), None);
    assert_eq!(talk(&given("{fails: no line}", "{fault: no line}, {bot: Sorry.}")), None);
    let later = "    talk: [{they: hi}, {bot: /Where/}, {given: {prices.quote: 7}}, {tap: kochi}, {bot: {has: INR 7}}]\n";
    assert_eq!(talk(later), None);
}

#[test]
fn a_table_of_cases_is_a_conversation_for_each_row() {
    let tests = "
buttonhook: 1
tests_of: shop
contact: {name: Rosa Sample}
before:
  - they: hi
  - bot: \"Where to, Rosa?\"
tests:
  - name: prices
    cases: [{city: Kochi, price: 180}, {city: Delhi, price: 300}, {city: Delhi, price: 1}]
    talk:
      - tap: \"{city}\"
      - bot: \"To {city}: INR {price}.\"
    ends: offered
  - name: \"to {city}\"
    cases: [{city: Kochi}]
    contact: {name: Omar}
    talk: [{silence: true}]
";
    let program = program("", tests);
    let played = all(&program);
    let told: Vec<(&str, bool)> = played.iter().map(|(name, one)| (name.as_str(), one.failure.is_none())).collect();
    // The name of the preamble is Rosa's: Omar is greeted otherwise.
    assert_eq!(
        told,
        [
            ("prices · city Kochi, price 180", true),
            ("prices · city Delhi, price 300", true),
            ("prices · city Delhi, price 1", false),
            ("to Kochi", false)
        ]
    );
    let failure = played[2].1.failure.as_ref().unwrap();
    assert_eq!(program.place(failure.span).to_string(), "tests/shop.yaml:13:14");
    assert!(program.place(failure.from.unwrap()).starts_with("flows/shop.yaml:20:"), "{}", program.place(failure.from.unwrap()));
}

#[test]
fn a_conversation_begins_when_it_says() {
    let begins = |text: &str| format!("    begins: {text}\n    talk: [{{they: hi}}, {{bot: /Where/}}]\n");
    assert_eq!(talk(&begins("2026-03-28T23:00Z")), None);
    assert_eq!(talk(&begins("2026-03-28T23:00+01:00")), None);
    assert_eq!(talk(&begins("2026-03-28T23:00 Europe/Berlin")), None);
}

#[test]
fn what_cannot_be_read_is_told() {
    for (test, code) in [
        ("    talk: [{silence: false}]\n", "BH0701"),
        ("    talk: [{silence: yes}]\n", "BH0107"),
        ("    talk: [{bot: {}}]\n", "BH0701"),
        ("    talk: [{bot: {saz: a}}]\n", "BH0101"),
        ("    talk: [{bot: nothing}]\n", "BH0703"),
        ("    talk: [{tap: {button: kochi, on: 0}}]\n", "BH0107"),
        ("    talk: [{tap: {on: 1st}}]\n", "BH0102"),
        ("    talk: [{sends: {kind: smoke}}]\n", "BH0107"),
        ("    talk: []\n    begins: soon\n", "BH0107"),
        ("    talk: []\n    at: {step: nowhere}\n", "BH0201"),
        ("    talk: []\n    at: {step: quote, with: {town: Kochi}}\n", "BH0202"),
        ("    talk: []\n    at: {step: quote, with: {city: Rome}}\n", "BH0306"),
        ("    talk: []\n    at: {flow: ship, step: quote}\n", "BH0206"),
        ("    talk: []\n    given: {prices.quota: 1}\n", "BH0203"),
        ("    talk: []\n    given: {prices.quote: {gives: 1, fails: no}}\n", "BH0106"),
        ("    talk: [{they: \"{a}\"}]\n    cases: [{b: 1}]\n", "BH0704"),
        ("    talk: [{they: \"{a} {b}\"}]\n    cases: [{a: 1, b: 2}, {a: 1}]\n", "BH0704"),
    ] {
        let shop = format!("{SHOP}tests:\n  - name: one\n{test}");
        let sources = Sources::from_texts([("flows/shop.yaml", shop.as_str()), ("scripts/prices.rhai", PRICES)]);
        let program = flow::compile(&sources).0.unwrap();
        let found: Vec<&str> = scenario::suites(&program).1.iter().map(|one| one.code.0).collect();
        assert_eq!(found, [code], "{test}");
    }
    for (tests, code) in [
        ("tests_of: shop\ntests: []\n", "BH0105"),
        ("buttonhook: 1\ntests: []\n", "BH0102"),
        ("buttonhook: 1\ntests_of: [ship]\ntests: []\n", "BH0206"),
        ("buttonhook: 1\ntests_of: shop\ntest: []\n", "BH0101"),
        ("buttonhook: 1\ntests_of: shop\ntests: [\n", "BH0001"),
    ] {
        let sources =
            Sources::from_texts([("flows/shop.yaml", SHOP), ("scripts/prices.rhai", PRICES), ("tests/shop.yaml", tests)]);
        let program = flow::compile(&sources).0.unwrap();
        let found: Vec<&str> = scenario::suites(&program).1.iter().map(|one| one.code.0).collect();
        assert_eq!(found, [code], "{tests}");
    }
}
