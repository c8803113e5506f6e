//! Texts in other languages: which one is said, and how words and titles of several languages live side by side.

use buttonhook::flow;
use buttonhook::model::*;
use buttonhook::source::Sources;

use super::{Talk, program};

const SHOP: &str = "buttonhook: 1
flow: shop
language: en
start: {words: [hi]}
always: [{words: [stop, enough], go: bye}]
steps:
  menu:
    header: Shop
    say: Hello.
    footer: Tap
    buttons:
      link: {title: Open, go: open}
      bye: {title: Bye, go: bye}
    if_other: {say: Please tap.}
    if_old: {say: Too old.}
    if_silent: {after: 1 min, say: Still there?}
  open:
    say: Here.
    link: {title: Open, url: 'https://example.com/en'}
    go: picture
  picture:
    media: {kind: image, url: 'https://example.com/en.png', caption: Picture.}
    go: reminder
  reminder:
    template: {name: order, language: en, fields: ['{contact.firstname | friend}', '{now}']}
    end: done
  bye: {say: Bye., end: left}
";

const PT: &str = "buttonhook: 1
texts_of: shop
language: pt
texts:
  menu:
    header: Loja
    say: Bom dia.
    footer: Toque
    buttons: {link: Abrir, bye: {title: Tchau}}
    if_other: Toque, por favor.
    if_old: {say: Velho demais.}
    if_silent: Ainda aí?
  open: {say: Aqui., link: {title: Abrir, url: 'https://example.com/pt'}}
  picture: {media: {caption: Imagem., url: 'https://example.com/pt.png'}}
  reminder: {template: {fields: ['{contact.firstname | amiga}']}}
  bye: {say: Tchau.}
start: {words: [oi, ciao]}
always: {enough: [chega]}
";

const PT_BR: &str = "buttonhook: 1
texts_of: shop
language: pt-BR
texts: {menu: {say: 'E aí.'}}
";

const DE: &str = "buttonhook: 1
texts_of: shop
language: de
texts: {bye: {say: Tschüss.}}
start: {words: [hallo, oi]}
always: {stop: halt}
";

const ALWAYS: &str = "buttonhook: 1
language: en
always: [{words: [privacy], say: Nothing is kept.}, {words: [menu], start: shop}]
old_buttons: Old.
broken: Oh no.
";

const ALWAYS_PT: &str = "buttonhook: 1
texts_of: _always
language: pt
texts: {old_buttons: Velho., broken: Ai.}
always: {privacy: {words: [privacidade], say: Nada fica.}, menu: {words: cardápio}}
";

fn files() -> Vec<(&'static str, &'static str)> {
    let flows =
        [("flows/shop.yaml", SHOP), ("flows/shop.pt.yaml", PT), ("flows/br/shop.yaml", PT_BR), ("flows/shop.de.yaml", DE)];
    flows.into_iter().chain([("flows/_always.yaml", ALWAYS), ("flows/_always.pt.yaml", ALWAYS_PT)]).collect()
}

fn talk<'p>(program: &'p flow::Program, language: &str) -> Talk<'p> {
    let mut talk = Talk::new(program);
    talk.conversation.language = Language::parse(language);
    talk
}

/// The project with gaps: what is missing is only a warning.
fn project() -> flow::Program {
    program(&files())
}

fn messages(talk: &Talk<'_>) -> Vec<Message> {
    talk.last.as_ref().unwrap().effects.iter().filter_map(Effect::send).map(|send| send.message.clone()).collect()
}

#[test]
fn everything_a_step_says_is_said_in_the_contacts_language() {
    let program = project();
    let mut talk = talk(&program, "pt");
    assert_eq!(talk.they("hi"), ["Bom dia."]);
    let [Message::Buttons { header, footer, buttons, .. }] = &messages(&talk)[..] else { panic!("no menu") };
    let titles: Vec<&str> = buttons.iter().map(|button| button.title.as_str()).collect();
    assert_eq!((header.as_deref(), footer.as_deref(), titles), (Some("Loja"), Some("Toque"), vec!["Abrir", "Tchau"]));
    assert_eq!(talk.they("?"), ["Toque, por favor.", "Bom dia."]);
    assert_eq!(talk.they("abrir"), ["Aqui.", "Imagem.", "order"]);
    let sent = messages(&talk);
    assert!(
        matches!(&sent[0], Message::Link { label, url, .. } if label == "Abrir" && url == "https://example.com/pt"),
        "{sent:?}"
    );
    assert!(matches!(&sent[1], Message::Media(media) if media.url == "https://example.com/pt.png"), "{sent:?}");
    let Message::Template { fields, .. } = &sent[2] else { panic!("no template") };
    assert_eq!(fields[0], "amiga");
    assert!(fields[1].starts_with("2026-"), "a field without a text is as in the flow: {fields:?}");
}

#[test]
fn what_a_language_lacks_comes_from_a_wider_one_and_then_from_the_flow() {
    let program = project();
    assert_eq!(talk(&program, "pt_BR").they("hi"), ["E aí."]);
    let mut in_brazil = talk(&program, "pt_BR");
    in_brazil.they("hi");
    assert_eq!(in_brazil.they("chega"), ["Tchau."]);
    assert_eq!(talk(&program, "pt_PT").they("hi"), ["Bom dia."]);
    assert_eq!(talk(&program, "de").they("hi"), ["Hello."]);
    assert_eq!(talk(&program, "en_US").they("hi"), ["Hello."]);
    assert_eq!(talk(&program, "fr").they("hi"), ["Hello."]);
}

#[test]
fn a_flow_written_in_the_narrower_language_is_not_put_into_the_wider_one() {
    let own = SHOP.replace("language: en\nstart", "language: pt_BR\nstart");
    let program = program(&[("flows/shop.yaml", &own), ("flows/shop.pt.yaml", PT)]);
    assert_eq!(talk(&program, "pt_BR").they("hi"), ["Hello."]);
    assert_eq!(talk(&program, "pt_PT").they("hi"), ["Bom dia."]);
}

#[test]
fn titles_are_typed_as_they_are_shown() {
    let program = project();
    let mut shown = talk(&program, "pt");
    shown.they("hi");
    assert_eq!(shown.they("TCHAU"), ["Tchau."]);
    let mut other = talk(&program, "pt");
    other.they("hi");
    assert_eq!(other.they("Bye"), ["Toque, por favor.", "Bom dia."], "that is not what stands on the button");
}

#[test]
fn a_word_of_one_language_begins_in_it_unless_another_was_chosen() {
    let program = project();
    let mut new = Talk::new(&program);
    assert_eq!(new.they("CIAO!"), ["Bom dia."]);
    assert_eq!(new.conversation.language, Language::parse("pt"));
    assert_eq!(Talk::new(&program).they("oi"), ["Hello."], "a word of two languages tells neither");
    let mut own = Talk::new(&program);
    assert_eq!((own.they("hi"), own.conversation.language.clone()), (vec!["Hello.".to_owned()], None));
    assert_eq!(talk(&program, "de").they("oi"), ["Hello."]);
}

#[test]
fn words_that_lead_out_hold_in_every_language() {
    let program = project();
    for (language, word, said) in
        [("pt", "chega", "Tchau."), ("de", "HALT", "Tschüss."), ("de", "stop", "Tschüss."), ("", "chega", "Bye.")]
    {
        let mut talk = talk(&program, language);
        talk.they("hi");
        assert_eq!(talk.they(word), [said], "{language} {word}");
    }
    for (language, word, said) in [
        ("pt", "privacidade", "Nada fica."),
        ("pt", "privacy", "Nada fica."),
        ("", "privacidade", "Nothing is kept."),
        ("pt", "cardapio", "Bom dia."),
    ] {
        assert_eq!(talk(&program, language).they(word), [said], "{language} {word}");
    }
}

#[test]
fn the_projects_own_texts_are_translated_too() {
    let program = project();
    let (flow, step, choice) = (FlowName::new("gone"), StepName::new("gone"), ChoiceName::new("gone"));
    let button = TappedButton::Ours { means: ButtonRef::Choice { flow, step, choice }, send: SendKey("1-1-0".into()) };
    let tap = EventKind::Tapped { button, title: "Title".into() };
    assert_eq!(talk(&program, "pt").event(tap.clone()), ["Velho."]);
    assert_eq!(talk(&program, "de").event(tap), ["Old."]);
}

#[test]
fn a_language_that_is_added_or_changed_goes_live_and_nothing_else_is_read_again() {
    let sources = |files: &[(&str, &str)]| Sources::from_texts(files.iter().copied());
    let read = |files: &[(&str, &str)], previous: Option<&flow::Program>| {
        let sources = previous.map_or_else(|| sources(files), |previous| sources(files).numbered_after(previous.sources()));
        flow::compile_after(&sources, previous).0.unwrap()
    };
    let first = read(&files()[..1], None);
    assert_eq!(talk(&first, "pt").they("hi"), ["Hello."]);
    let second = read(&files(), Some(&first));
    assert_eq!(talk(&second, "pt").they("hi"), ["Bom dia."]);
    let changed = PT.replace("Bom dia", "Boa noite");
    let mut files = files();
    files[1].1 = &changed;
    let third = read(&files, Some(&second));
    assert_eq!(talk(&third, "pt").they("hi"), ["Boa noite."]);
    // The flow's places move when a line comes before them; the texts follow.
    let moved = SHOP.replace("start:", "title: A shop of some size\nstart:").replace("say: Hello.", "say: Welcome.");
    files[0].1 = &moved;
    let fourth = read(&files, Some(&third));
    assert_eq!(talk(&fourth, "pt").they("hi"), ["Boa noite."]);
    assert_eq!(talk(&fourth, "").they("hi"), ["Welcome."]);
    let fifth = read(&files[..1], Some(&fourth));
    assert_eq!(talk(&fifth, "pt").they("hi"), ["Welcome."]);
}
