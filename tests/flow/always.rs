//! Words that lead out of any question, and the texts of the project.

use buttonhook::flow::{BROKEN_TEXT, GONE_TEXT};
use buttonhook::model::*;

use super::{Talk, program};

const SHOP: &str = "buttonhook: 1
flow: shop
start: {words: [hi, menu]}
remember:
  size: {kind: choice, of: [stop, large]}
  city: {kind: text}
always:
  - {words: [stop, 'That is all!'], go: bye}
  - {words: help, go: human}
steps:
  menu:
    say: Menu.
    buttons:
      help: {title: Help, go: tapped}
      size: {title: Size, go: ask_size}
  ask_size: {ask: 'Which size?', into: size, go: ask_city}
  ask_city: {ask: 'Which city?', into: city, go: done}
  tapped: {say: Tapped., end: tapped}
  human: {say: Human., end: human}
  bye: {say: Bye., end: left}
  done: {say: 'Done: {city}.', end: done}
";

const ALWAYS: &str = "buttonhook: 1
always:
  - {words: [menu, Start over], start: shop}
  - {words: [privacy, stop], say: 'We keep nothing, {contact.firstname | friend}.'}
old_buttons: 'This button is old, {contact.firstname | friend}.'
broken: 'Oh no: {text}.'
";

fn both() -> buttonhook::flow::Program {
    program(&[("flows/_always.yaml", ALWAYS), ("flows/shop.yaml", SHOP)])
}

/// Says each line and gives the answer to the last.
fn after(lines: &[&str]) -> Vec<String> {
    let program = both();
    let mut talk = Talk::new(&program);
    lines.iter().map(|line| talk.they(line)).last().unwrap()
}

#[test]
fn a_flows_words_win_over_every_question_of_it_and_only_there() {
    assert_eq!(after(&["hi", "that is all"]), ["Bye."]);
    assert_eq!(after(&["hi", "size", "Stop"]), ["Bye."], "even where it would be an answer");
    assert_eq!(after(&["hi", "size", "large", "stop"]), ["Bye."]);
    assert_eq!(after(&["hi", "size", "help"]), ["Human."]);
    assert_eq!(after(&["help"]), [] as [&str; 0], "no question is open");
    assert_eq!(after(&["hi", "stop", "help"]), [] as [&str; 0], "no question is open any more");
}

#[test]
fn what_is_written_on_a_button_of_the_open_menu_goes_first() {
    assert_eq!(after(&["hi", "help"]), ["Tapped."]);
}

#[test]
fn the_projects_words_hold_everywhere_after_the_flows_own() {
    assert_eq!(after(&["start over"]), ["Menu."]);
    assert_eq!(after(&["hi", "size", "large", "START OVER"]), ["Menu."]);
    assert_eq!(after(&["stop"]), ["We keep nothing, friend."]);
    assert_eq!(after(&["hi", "stop"]), ["Bye."], "the open flow's own goes first");
}

#[test]
fn an_answered_word_leaves_the_open_question_as_it_is() {
    assert_eq!(after(&["hi", "size", "large", "privacy"]), ["We keep nothing, friend."]);
    assert_eq!(after(&["hi", "size", "large", "privacy", "Kochi"]), ["Done: Kochi."]);
}

#[test]
fn only_the_title_of_a_tap_counts_as_the_word() {
    let program = both();
    let mut talk = Talk::new(&program);
    let tap = EventKind::Tapped { button: TappedButton::TitleOnly, title: "Stop".into() };
    assert_eq!(talk.event(tap), ["We keep nothing, friend."]);
}

fn old_tap() -> EventKind {
    let (flow, step, choice) = (FlowName::new("gone"), StepName::new("gone"), ChoiceName::new("gone"));
    let means = ButtonRef::Choice { flow, step, choice };
    EventKind::Tapped { button: TappedButton::Ours { means, send: SendKey("1-1-0".into()) }, title: "Title".into() }
}

#[test]
fn the_project_says_what_is_said_of_old_buttons_and_faults() {
    let broken = "buttonhook: 1
flow: broken
start: {words: [boom]}
remember: {n: {kind: number, most: 1}}
steps:
  only: {set: {n: '1 + 1'}, say: Never., end: done}
";
    let alone = program(&[("flows/broken.yaml", broken)]);
    assert_eq!(Talk::new(&alone).event(old_tap()), [GONE_TEXT]);
    assert_eq!(Talk::new(&alone).they("boom"), [BROKEN_TEXT]);
    let told = program(&[("flows/_always.yaml", ALWAYS), ("flows/broken.yaml", broken), ("flows/shop.yaml", SHOP)]);
    assert_eq!(Talk::new(&told).event(old_tap()), ["This button is old, friend."]);
    assert_eq!(Talk::new(&told).they("boom"), ["Oh no: boom."]);
}

#[test]
fn a_text_of_the_project_that_its_values_make_too_long_is_replaced_by_ours() {
    let always = "buttonhook: 1\nbroken: 'Oh no: {text}'\n";
    let broken = "buttonhook: 1\nflow: broken\nstart: {matches: [boom]}\nremember: {n: {kind: number, most: 1}}\nsteps:\n  only: {set: {n: '1 + 1'}, say: Never., end: done}\n";
    let program = program(&[("flows/_always.yaml", always), ("flows/broken.yaml", broken)]);
    let long = format!("boom{}", "x".repeat(4_092));
    assert_eq!(Talk::new(&program).they(&long), [BROKEN_TEXT]);
}
