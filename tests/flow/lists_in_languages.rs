//! Lists in several languages: titles, notes and what leads on are said, typed and tapped in the contact's own.

use buttonhook::flow;
use buttonhook::model::*;
use buttonhook::source::Sources;

use super::{Talk, program};

const SHOP: &str = "buttonhook: 1
flow: shop
language: en
start: {words: [flowers, breads, numbers]}
remember:
  word: {kind: text, longest: 20}
  breads: {kind: list}
  bread: {kind: record}
steps:
  first: {set: {word: text}, choose: {by: word, flowers: flowers, numbers: numbers, otherwise: get}}
  flowers:
    say: Which?
    list:
      rows:
        roses: {title: Roses, note: twelve, go: bye}
        tulips: {title: Tulips, note: eight, go: bye}
        lilies: {title: Lilies, go: bye}
        here: {title: Auf Deutsch, language: de, go: flowers}
      more: Others
  numbers:
    say: Which?
    list: {as: numbers, rows: {roses: {title: Roses, go: bye}, tulips: {title: Tulips, go: bye}}}
  get: {run: bakery.breads, gives: breads, go: bread}
  bread:
    say: Bread?
    list: {from: breads, title: 'Bread {row.name}', note: 'for {row.price}', into: bread, go: taken, more: Others}
  taken: {say: 'So {bread.name}.', end: taken}
  bye: {say: Bye., end: bye}
";

const DE: &str = "buttonhook: 1
texts_of: shop
language: de
texts:
  flowers:
    say: Welche?
    list:
      rows:
        roses: {title: Rosen, note: zwölf}
        tulips: {title: Tulpen, note: acht}
        lilies: Lilien
        here: Deutsch
      more: Andere
  numbers: {say: Welche?, list: {rows: {roses: Rosen, tulips: Tulpen}}}
  bread: {say: Brot?, list: {title: 'Brot {row.name}', note: 'für {row.price}', more: Andere}}
  taken: {say: 'Also {bread.name}.'}
  bye: {say: Tschüss.}
";

const BAKERY: &str = "fn breads() { [1, 2, 3, 4].map(|n| #{name: `no ${n}`, price: n * 2}) }\n";

fn files(german: &str) -> Vec<(&'static str, &str)> {
    vec![("flows/shop.yaml", SHOP), ("flows/shop.de.yaml", german), ("scripts/bakery.rhai", BAKERY)]
}

fn german<'p>(program: &'p flow::Program) -> Talk<'p> {
    let mut talk = Talk::new(program);
    talk.conversation.language = Language::parse("de");
    talk
}

/// The buttons of the last message, each with the send that carried it.
fn buttons(talk: &Talk<'_>) -> Vec<(Button, SendKey)> {
    let sends: Vec<&Send> = talk.last.as_ref().unwrap().effects.iter().filter_map(Effect::send).collect();
    let Message::Buttons { buttons, .. } = &sends.last().unwrap().message else { panic!("no buttons: {sends:?}") };
    let key = SendKey::new(ContactId(1), talk.conversation.turns, sends.last().unwrap().nth);
    buttons.iter().map(|button| (button.clone(), key.clone())).collect()
}

fn titles(talk: &Talk<'_>) -> Vec<String> {
    buttons(talk).into_iter().map(|(button, _)| button.title).collect()
}

fn tap(talk: &mut Talk<'_>, (button, send): &(Button, SendKey)) -> Vec<String> {
    // Two taps within two seconds would be one.
    talk.passed_ms += 60_000;
    let ours = TappedButton::Ours { means: button.means.clone(), send: send.clone() };
    talk.event(EventKind::Tapped { button: ours, title: button.title.clone() })
}

#[test]
fn rows_notes_and_pages_are_in_the_contacts_language() {
    let program = program(&files(DE));
    let mut talk = german(&program);
    assert_eq!(talk.they("flowers"), ["Welche?\n\nRosen: zwölf\nTulpen: acht"]);
    assert_eq!(titles(&talk), ["Rosen", "Tulpen", "Andere"]);
    assert_eq!(talk.they("andere"), ["Welche?"], "typing what leads on is a tap on it");
    assert_eq!(titles(&talk), ["Lilien", "Deutsch"]);
    assert_eq!(talk.they("rosen"), ["Tschüss."], "the title of any page");
    assert_eq!(talk.they("numbers"), ["Welche?\n\n1. Rosen\n2. Tulpen"]);
    assert_eq!(talk.they("TULPEN"), ["Tschüss."]);
}

#[test]
fn a_row_can_change_the_language() {
    let program = program(&files(DE));
    let mut talk = Talk::new(&program);
    assert_eq!(talk.they("flowers"), ["Which?\n\nRoses: twelve\nTulips: eight"]);
    assert_eq!(talk.they("auf deutsch"), ["Welche?\n\nRosen: zwölf\nTulpen: acht"]);
    assert_eq!(talk.conversation.language, Language::parse("de"));
}

#[test]
fn a_row_made_from_a_value_means_the_same_after_the_language_has_changed() {
    let program = program(&files(DE));
    let mut talk = german(&program);
    assert_eq!(talk.they("breads"), ["Brot?\n\nBrot no 1: für 2\nBrot no 2: für 4"]);
    let (second, more) = (buttons(&talk)[1].clone(), buttons(&talk)[2].clone());
    assert_eq!((second.0.title.as_str(), more.0.title.as_str()), ("Brot no 2", "Andere"));
    talk.conversation.language = Language::parse("en");
    assert_eq!(tap(&mut talk, &more), ["Bread?\n\nBread no 3: for 6\nBread no 4: for 8"]);
    assert_eq!(tap(&mut talk, &second), ["So no 2."]);
}

fn told(german: &str) -> Vec<(&'static str, String)> {
    let found = flow::compile(&Sources::from_texts(files(german))).1;
    // Parts of a record have no bound, which is told of both languages and is not what this is about.
    let found = found.into_iter().filter(|one| one.code.0 != "BH0302");
    found.map(|one| (one.code.0, format!("{}: {}", one.message, one.label))).collect()
}

#[test]
fn what_does_not_fit_a_list_is_told() {
    assert_eq!(told(DE), []);
    let codes = |german: &str| told(german).into_iter().map(|(code, _)| code).collect::<Vec<_>>();
    assert_eq!(codes(&DE.replace("lilies: Lilien", "lilies: Andere")), ["BH0304"], "as `more`");
    assert_eq!(codes(&DE.replace("lilies: Lilien", "lilies: Tulpen")), ["BH0304"]);
    assert_eq!(codes(&DE.replace("lilies: Lilien", "lilis: Lilien")), ["BH0902"]);
    assert_eq!(codes(&DE.replace("Brot {row.name}", "Brot {bread.name}")), ["BH0903"]);
    assert_eq!(codes(&DE.replace("für {row.price}", "für {rwo.price}")), ["BH0202"]);
    assert_eq!(codes(&DE.replace("say: Brot?", "say: 'Brot {row.name}?'")), ["BH0202"], "`row` is known in rows only");
    let lacks = told(&DE.replace("roses: {title: Rosen, note: zwölf}", "roses: Rosen"));
    assert!(matches!(&lacks[..], [("BH0901", _)]), "a note is read by the contact: {lacks:?}");
    assert!(lacks[0].1.contains("flowers.list.rows.roses.note"), "{lacks:?}");
    let long = "x".repeat(1000);
    assert_eq!(codes(&DE.replace("say: Welche?\n", &format!("say: {long}{long}\n"))), ["BH0301"], "no room for the rows");
}
