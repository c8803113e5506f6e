//! What begins flows, and which of two goes first.

use buttonhook::model::*;

use super::{Talk, program};

fn flow_file(name: &str, start: &str) -> String {
    format!("buttonhook: 1\nflow: {name}\nstart: {{{start}}}\nsteps:\n  only: {{say: {name} took it., end: done}}\n")
}

/// What the flows of `starts` say to one event from someone new each time.
fn table(starts: &[(&str, &str)], rows: &[(EventKind, &str)]) {
    let files: Vec<_> = starts.iter().map(|(name, start)| (format!("flows/{name}.yaml"), flow_file(name, start))).collect();
    let files: Vec<_> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let program = program(&files);
    for (event, taker) in rows {
        let expected = if taker.is_empty() { vec![] } else { vec![format!("{taker} took it.")] };
        assert_eq!(Talk::new(&program).event(event.clone()), expected, "{event:?}");
    }
}

fn typed(text: &str) -> EventKind {
    EventKind::Typed { text: text.into() }
}

fn foreign(id: &str) -> EventKind {
    EventKind::Tapped { button: TappedButton::Foreign { id: id.into() }, title: "Title".into() }
}

fn sent(kind: AttachmentKind) -> EventKind {
    EventKind::Attached { kind, caption: String::new(), details: Box::default() }
}

#[test]
fn a_pattern_is_found_anywhere_and_case_does_not_matter() {
    table(
        &[("number", r"matches: ['^#\d{3,5}$']"), ("price", "matches: [price, 'how much']"), ("exact", "matches: ['(?-i)^OK$']")],
        &[
            (typed("#123"), "number"),
            (typed("#12"), ""),
            (typed("the PRICES please"), "price"),
            (typed("How much is it?"), "price"),
            (typed("OK"), "exact"),
            (typed("ok"), ""),
            (typed(&format!("price {}", "x".repeat(5_000))), ""),
        ],
    );
}

#[test]
fn a_word_goes_before_a_pattern_and_a_larger_priority_before_both() {
    table(
        &[("word", "words: [help, stop]"), ("all", "matches: ['^he', '^st'], priority: 1"), ("rest", "matches: ['']")],
        &[(typed("help"), "all"), (typed("stop"), "all"), (typed("other"), "rest")],
    );
    table(
        &[("word", "words: [help], priority: 1"), ("all", "matches: ['^he'], priority: 1"), ("rest", "matches: ['^h']")],
        &[(typed("help"), "word"), (typed("hello"), "all"), (typed("hi"), "rest")],
    );
}

#[test]
fn of_two_flows_with_the_same_trigger_the_larger_priority_goes_first_whichever_file_is_read_first() {
    for (a, b) in [(1, 2), (2, 1)] {
        let start =
            |priority| format!("words: [hi], buttons: [x, 'y*'], media: [image], first_contact: true, priority: {priority}");
        let winner = if a > b { "a" } else { "b" };
        let events = [typed("hi"), foreign("x"), foreign("y1"), sent(AttachmentKind::Image), typed("what")];
        table(&[("a", &start(a)), ("b", &start(b))], &events.map(|event| (event, winner)));
    }
}

#[test]
fn a_button_with_a_star_can_outrank_an_exact_one() {
    table(
        &[
            ("exact", "buttons: ['order:1']"),
            ("some", "buttons: ['order:*', 'item:*'], priority: 1"),
            ("long", "buttons: ['order:22*']"),
        ],
        &[(foreign("order:1"), "some"), (foreign("order:22"), "some"), (foreign("item:1"), "some"), (foreign("other"), "")],
    );
}

#[test]
fn named_groups_fill_variables_that_take_them() {
    let order = "buttonhook: 1
flow: order
start: {matches: ['^#(?<order>\\d+)(?: (?<size>\\w+))?$'], anything_else: true}
remember:
  order: {kind: number, most: 999}
  size: {kind: choice, of: [small, large]}
steps:
  only:
    say: 'Order {order | none}, {size | any} size.'
    end: done
";
    let program = program(&[("flows/order.yaml", order)]);
    for (text, said) in [
        ("#47", "Order 47, any size."),
        ("#47 LARGE", "Order 47, large size."),
        ("#1000", "Order none, any size."),
        ("#47 huge", "Order none, any size."),
    ] {
        assert_eq!(Talk::new(&program).they(text), [said], "{text}");
    }
    let mut talk = Talk::new(&program);
    talk.they("#47 large");
    assert_eq!(talk.they("#48"), ["Order 48, any size."], "what an earlier start filled is gone");
}

#[test]
fn media_leads_out_of_an_open_question_as_words_do() {
    let ask = "buttonhook: 1
flow: ask
start: {words: [hi]}
remember: {city: {kind: text}}
steps:
  ask: {ask: 'Which city?', into: city, go: ask}
";
    let picture = flow_file("picture", "media: [image, document]");
    let program = program(&[("flows/ask.yaml", ask), ("flows/picture.yaml", &picture)]);
    let mut talk = Talk::new(&program);
    talk.they("hi");
    assert_eq!(
        talk.event(sent(AttachmentKind::Voice)),
        ["Please send a text.\n\nWhich city?"],
        "a kind that starts nothing is no answer"
    );
    assert_eq!(talk.event(sent(AttachmentKind::Document)), ["picture took it."]);
}

#[test]
fn only_the_very_first_message_is_greeted_and_only_when_nothing_fits_better() {
    let greet = flow_file("greet", "first_contact: true");
    let word = flow_file("word", "words: [hi]");
    let rest = flow_file("rest", "anything_else: true");
    let files = [("flows/greet.yaml", greet.as_str()), ("flows/rest.yaml", &rest), ("flows/word.yaml", &word)];
    let program = program(&files);
    for (first, taker) in
        [(typed("hi"), "word"), (typed("well"), "greet"), (sent(AttachmentKind::Voice), "greet"), (foreign("x"), "greet")]
    {
        let mut talk = Talk::new(&program);
        assert_eq!(talk.event(first.clone()), [format!("{taker} took it.")], "{first:?}");
        assert_eq!(talk.they("well"), ["rest took it."]);
    }
}
