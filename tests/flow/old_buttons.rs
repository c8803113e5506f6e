//! What a button does that is pressed twice, or long after its menu.

use buttonhook::flow::{Program, SPENT_TEXT};
use buttonhook::model::*;

use super::{Talk, program};

fn shop(menu: &str) -> Program {
    let text = format!(
        "buttonhook: 1
flow: shop
start: {{words: [hi], anything_else: true}}
remember: {{n: {{kind: number, most: 9, keep: true}}}}
steps:
  menu:
    say: Order?
    buttons:
      yes: {{title: 'Yes', set: {{n: 'if n == () {{ 1 }} else {{ n + 1 }}'}}, go: ordered}}
      cancel: {{title: Cancel, go: cancelled}}
      other: {{title: Other, go: menu}}
{menu}  ordered: {{say: 'Ordered {{n}}.', go: more}}
  cancelled: {{say: Cancelled., end: done}}
  more: {{ask: Anything else?, into: n, go: more}}
"
    );
    program(&[("flows/shop.yaml", &text)])
}

fn tap(choice: &str, send: &str) -> EventKind {
    let (flow, step, choice) = (FlowName::new("shop"), StepName::new("menu"), ChoiceName::new(choice));
    let button = TappedButton::Ours { means: ButtonRef::Choice { flow, step, choice }, send: SendKey(send.into()) };
    EventKind::Tapped { button, title: "Title".into() }
}

impl Talk<'_> {
    /// A tap on a button of the menu that `send` carried, so long after the event before.
    fn taps(&mut self, after_ms: u64, choice: &str, send: &str) -> Vec<String> {
        self.passed_ms += after_ms;
        self.event(tap(choice, send))
    }
}

const NOTHING: [&str; 0] = [];

#[test]
fn the_same_press_counts_once() {
    let program = shop("");
    let mut talk = Talk::new(&program);
    talk.they("hi");
    assert_eq!(talk.taps(1_000, "yes", "1-1-0"), ["Ordered 1.", "Anything else?"]);
    assert_eq!(talk.taps(1_999, "yes", "1-1-0"), NOTHING);
    assert_eq!(talk.last.as_ref().unwrap().trace, [Trace::TappedTwice { title: "Title".into() }]);
    assert_eq!(talk.conversation.session.as_ref().unwrap().step.as_str(), "more", "the question stays open");
    assert_eq!(talk.taps(1_999, "yes", "1-1-0"), NOTHING, "a finger that goes on pressing");
    assert_eq!(talk.taps(2_000, "yes", "1-1-0"), ["Ordered 2.", "Anything else?"], "and one that means it");
}

#[test]
fn another_button_another_message_or_words_in_between_make_it_a_tap_of_its_own() {
    let program = shop("");
    let mut talk = Talk::new(&program);
    talk.they("hi");
    assert_eq!(talk.taps(0, "other", "1-1-0"), ["Order?"]);
    assert_eq!(talk.taps(0, "other", "1-2-0"), ["Order?"], "another message");
    assert_eq!(talk.taps(0, "yes", "1-2-0"), ["Ordered 1.", "Anything else?"], "another button");
    assert_eq!(talk.they("well"), ["Please send a number up to 9, for example 9.\n\nAnything else?"]);
    assert_eq!(talk.taps(0, "yes", "1-2-0"), ["Ordered 2.", "Anything else?"], "they wrote in between");
}

#[test]
fn a_tap_that_broke_may_be_made_again_at_once() {
    let program = shop("    once: true\n");
    let mut talk = Talk::new(&program);
    talk.they("hi");
    let values = talk.conversation.variables.get_mut(&FlowName::new("shop"));
    assert!(values.is_none());
    talk.conversation.variables.insert(FlowName::new("shop"), [(VariableName::new("n"), Value::Whole(9))].into());
    talk.taps(0, "yes", "1-1-0");
    assert_eq!(talk.last.as_ref().unwrap().faults.len(), 1);
    talk.conversation.variables.clear();
    assert_eq!(talk.taps(100, "yes", "1-1-0"), ["Ordered 1.", "Anything else?"]);
}

#[test]
fn scripts_buttons_count_once_too() {
    let script = "fn on_tap(tap) { send(tap.id); }";
    let flow = "buttonhook: 1\nflow: only\nstart: {words: [hi]}\nsteps:\n  only: {say: Hi., end: done}\n";
    let program = program(&[("flows/only.yaml", flow), ("scripts/own.rhai", script)]);
    let mut talk = Talk::new(&program);
    let tap = |id: &str| {
        let button = TappedButton::Ours { means: ButtonRef::Named(id.into()), send: SendKey("1-1-0".into()) };
        EventKind::Tapped { button, title: "Title".into() }
    };
    assert_eq!(talk.event(tap("a")), ["a"]);
    assert_eq!(talk.event(tap("a")), NOTHING);
    assert_eq!(talk.event(tap("b")), ["b"]);
    let foreign = EventKind::Tapped { button: TappedButton::Foreign { id: "f".into() }, title: "Title".into() };
    assert_eq!([talk.event(foreign.clone()), talk.event(foreign)].concat(), ["f", "f"], "nobody knows their message");
}

#[test]
fn a_menu_that_says_if_old_answers_with_it_once_it_is_no_longer_open() {
    for (if_old, said, step) in [
        ("{say: 'That is over, {n}.'}", vec!["That is over, 1."], Some("more")),
        ("{go: cancelled}", vec!["Cancelled."], None),
        ("{say: Over., go: menu}", vec!["Over.", "Order?"], Some("menu")),
    ] {
        let program = shop(&format!("    if_old: {if_old}\n"));
        let mut talk = Talk::new(&program);
        talk.they("hi");
        assert_eq!(talk.they("what"), ["Please tap one of the buttons.\n\nOrder?"]);
        assert_eq!(talk.taps(0, "yes", "1-1-0"), ["Ordered 1.", "Anything else?"], "both copies are the open menu");
        assert_eq!(talk.taps(0, "yes", "1-2-0"), said);
        let trace = &talk.last.as_ref().unwrap().trace;
        assert!(matches!(&trace[0], Trace::OldButton { because, .. } if because.contains("no longer open")), "{trace:?}");
        let session = talk.conversation.session.as_ref().map(|session| session.step.as_str());
        assert_eq!(session, step, "{if_old}");
    }
}

#[test]
fn a_menu_good_for_one_tap_takes_the_first_whenever_it_comes() {
    let program = shop("    once: true\n");
    let mut talk = Talk::new(&program);
    talk.they("hi");
    talk.they("what");
    talk.they("hi");
    assert_eq!(talk.taps(0, "yes", "1-1-0"), ["Ordered 1.", "Anything else?"], "it is old, and nobody has tapped it");
    for (choice, send) in [("yes", "1-2-0"), ("cancel", "1-1-0"), ("cancel", "1-2-0")] {
        assert_eq!(talk.taps(0, choice, send), [SPENT_TEXT], "{choice} {send}");
    }
    assert_eq!(talk.taps(0, "yes", "1-3-0"), ["Ordered 2.", "Anything else?"], "a new question is good for a tap of its own");
    assert_eq!(talk.taps(0, "cancel", "1-3-0"), [SPENT_TEXT]);
}

#[test]
fn a_typed_title_uses_the_menu_up_and_its_second_tap_gets_if_old_or_the_projects_text() {
    let program = shop("    once: true\n    if_old: {say: 'You have {n} already.'}\n");
    let mut talk = Talk::new(&program);
    talk.they("hi");
    assert_eq!(talk.they("yes"), ["Ordered 1.", "Anything else?"]);
    assert_eq!(talk.taps(0, "yes", "1-1-0"), ["You have 1 already."]);

    let always = "buttonhook: 1\nold_buttons: 'Old, {tap.title}.'\n";
    let flow = "buttonhook: 1\nflow: shop\nstart: {words: [hi]}\nsteps:\n  menu:\n    say: Order?\n    once: true\n    buttons: {yes: {title: 'Yes', go: done}}\n  done: {say: Done., end: done}\n";
    let program = super::program(&[("flows/_always.yaml", always), ("flows/shop.yaml", flow)]);
    let mut talk = Talk::new(&program);
    talk.they("hi");
    assert_eq!(talk.taps(0, "yes", "1-1-0"), ["Done."]);
    assert_eq!(talk.taps(9_000, "yes", "1-1-0"), ["Old, Title."]);
}
