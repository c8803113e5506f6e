//! What the bot says by itself when an answer does not fit.

use super::*;

const FLOW: &str = "buttonhook: 1
flow: order
start: {words: [hi]}
remember:
  many: {kind: number, least: 1, most: 12}
  size: {kind: choice, of: [small, large]}
steps:
  many: {ask: How many?, into: many, if_wrong: {tries: 1, then: size}, go: size}
  size: {ask: Which size?, into: size, if_wrong: {say: Small or large., tries: 2, then: shop}, go: shop}
  shop:
    header: Shop
    say: \"TEXT\"
    buttons: {more: {title: More, go: many}}
";

const TAP: &str = "Please tap one of the buttons.";

fn order(text: &str, always: &str) -> Program {
    let flow = FLOW.replace("TEXT", text);
    program(&[("flows/order.yaml", &flow), ("flows/_always.yaml", &format!("buttonhook: 1\n{always}\n"))])
}

#[test]
fn it_tells_what_it_expects_in_one_message_with_the_question() {
    let program = order("Done?", "zone: UTC");
    let mut talk = Talk::new(&program);
    talk.they("hi");
    assert_eq!(talk.they("thirteen"), ["Please send a number from 1 to 12.\n\nHow many?"]);
    assert_eq!(talk.they("13"), ["Which size?"], "the last try leads on without a word");
    assert_eq!(talk.they("medium"), ["Small or large.", "Which size?"], "the step's own words come first, as they are");
    assert_eq!(talk.they("LARGE"), ["Done?"]);
    assert_eq!(talk.they("what"), ["Please tap one of the buttons.\n\nDone?"]);
}

#[test]
fn a_question_without_room_for_it_comes_after_it() {
    let long = "x".repeat(limits::MENU_BODY_CHARS_MAX - TAP.len() - 1);
    let program = order(&long, "zone: UTC");
    let mut talk = Talk::new(&program);
    talk.they("hi");
    for typed in ["1", "small"] {
        talk.they(typed);
    }
    assert_eq!(talk.they("what"), [TAP, &long]);
    assert_eq!(talk.they("more"), ["How many?"], "the menu is still open");
}

#[test]
fn a_project_says_it_its_own_way_or_not_at_all() {
    let own = "not_understood:\n  buttons: \"A button, {contact.firstname | please}!\"\n  number: \"{least} to {most}.\"\n";
    let spoken = order("Done?", own);
    let mut talk = Talk::new(&spoken);
    talk.they("hi");
    assert_eq!(talk.they("many"), ["1 to 12.\n\nHow many?"]);
    talk.they("2");
    talk.they("small");
    let name = talk.conversation.contact.firstname().to_owned();
    let name = if name.is_empty() { "please".to_owned() } else { name };
    assert_eq!(talk.they("what"), [format!("A button, {name}!\n\nDone?")]);

    let silent = order("Done?", "not_understood: off");
    let mut talk = Talk::new(&silent);
    talk.they("hi");
    assert_eq!(talk.they("many"), ["How many?"]);
}
