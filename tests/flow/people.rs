//! People behind the flows: holds, the words that end them, and what a contact agreed to.

use super::*;

const DESK: &str = "buttonhook: 1
flow: desk
start: {words: [hi], anything_else: true}
remember:
  paid: {kind: yes_no, keep: true}
steps:
  menu:
    say: Menu.
    later: {after: 1 day, go: remind}
    buttons:
      human: {title: A person, go: human}
      stay: {title: Stay, go: stay}
    if_silent: {after: 10 min, say: Still there?}
  human:
    hand_off: {to: front_desk, note: about {tap.title}, say: A colleague will write., for: 8 h}
    end: handed_off
  stay: {say: All right., go: menu}
  remind: {say: Do not forget., end: reminded}
";

const ALWAYS: &str = "buttonhook: 1
opt_out: {words: [stop], say: You will not hear from us again.}
opt_in: {words: [start], say: Welcome back.}
people: {hold: 3 h, back: [robot], give_back: ['#bot', done]}
";

fn desk() -> Program {
    program(&[
        ("flows/desk.yaml", &DESK.replace("note: about {tap.title}", "note: 'about {tap.title}'")),
        ("flows/_always.yaml", ALWAYS),
    ])
}

fn wrote(text: &str) -> EventKind {
    EventKind::PersonWrote { text: text.to_owned() }
}

const HOUR_MS: u64 = 60 * 60 * 1000;
const NOTHING: [&str; 0] = [];

#[test]
fn a_person_who_writes_has_the_conversation_for_some_time_from_each_message() {
    let program = desk();
    let mut talk = Talk::new(&program);
    assert_eq!(talk.they("hi"), ["Menu."]);
    assert_eq!(talk.event(wrote("Hello, this is Meera.")), NOTHING);
    assert_eq!(talk.they("Stay"), NOTHING, "what is written now is for the person");
    talk.passed_ms = 2 * HOUR_MS;
    assert_eq!(talk.event(wrote("One moment.")), NOTHING);
    talk.passed_ms = 4 * HOUR_MS;
    assert_eq!(talk.they("Stay"), NOTHING, "the second message began the time anew");
    talk.passed_ms = 5 * HOUR_MS;
    assert_eq!(talk.they("Stay"), ["All right.", "Menu."], "the question was still open");
}

#[test]
fn either_side_can_end_a_hold_by_a_word() {
    let program = desk();
    let mut talk = Talk::new(&program);
    talk.they("hi");
    talk.event(wrote("Hello."));
    assert_eq!(talk.event(wrote("#BOT")), NOTHING);
    assert_eq!(talk.they("Stay"), ["All right.", "Menu."]);
    talk.event(wrote("Hello again."));
    assert_eq!(talk.they("robot"), ["Menu."], "the word itself is taken as if nobody had the conversation");
    talk.event(EventKind::TakenOver { until: "2026-06-17T10:00:00Z".parse().unwrap() });
    assert_eq!(talk.they("hi"), NOTHING);
    assert_eq!(talk.event(EventKind::GivenBack), NOTHING);
    assert_eq!(talk.they("hi"), ["Menu."]);
}

#[test]
fn a_hand_off_says_who_should_know_what_and_a_longer_hold_stays() {
    let program = desk();
    let mut talk = Talk::new(&program);
    talk.they("hi");
    assert_eq!(talk.they("A person"), ["A colleague will write."]);
    let held = talk.conversation.held.clone().unwrap();
    assert_eq!((held.to.as_str(), held.note.as_str()), ("front_desk", "about "), "a typed title is no tap");
    let until = held.until;
    talk.event(wrote("Hello, this is Meera."));
    let held = talk.conversation.held.as_ref().unwrap();
    assert_eq!((held.until, held.to.as_str()), (until, "front_desk"));
}

#[test]
fn timers_wait_for_the_end_of_a_hold_and_silence_is_not_towards_the_flow() {
    let program = desk();
    let mut talk = Talk::new(&program);
    talk.they("hi");
    let reminder = talk.conversation.timers.iter().find(|timer| timer.kind == TimerKind::Later).cloned().unwrap();
    talk.event(wrote("Hello."));
    assert!(talk.conversation.timers.iter().all(|timer| timer.kind != TimerKind::Silent));
    talk.passed_ms = 24 * HOUR_MS;
    talk.event(wrote("Still here."));
    assert_eq!(talk.event(EventKind::TimerFired { timer: reminder }), NOTHING);
    let put_off = talk.conversation.timers[0].clone();
    assert_eq!(put_off.at, talk.conversation.held.as_ref().unwrap().until);
    talk.passed_ms = 27 * HOUR_MS;
    assert_eq!(talk.event(EventKind::TimerFired { timer: put_off }), ["Do not forget."]);
}

#[test]
fn opting_out_ends_everything_that_starts_on_our_side_and_is_kept_with_its_proof() {
    let program = desk();
    let mut talk = Talk::new(&program);
    talk.they("hi");
    assert_eq!(talk.they("STOP!"), ["You will not hear from us again."]);
    assert!(talk.conversation.timers.is_empty() && talk.conversation.session.is_none());
    let out = talk.conversation.profile.opted_out.clone().unwrap();
    assert_eq!((out.proof.as_str(), out.source.as_str(), out.event.0.as_str()), ("STOP!", "the word `stop`", "wamid.2"));
    assert_eq!(talk.they("hi"), ["Menu."], "whoever writes is answered");
    assert_eq!(talk.they("start"), ["Welcome back."]);
    let profile = &talk.conversation.profile;
    assert!(profile.opted_out.is_none() && profile.opted_in.as_ref().unwrap().proof == "start");
}

#[test]
fn opting_out_is_heard_while_a_person_has_the_conversation_and_from_a_templates_button() {
    let program = desk();
    let mut talk = Talk::new(&program);
    talk.event(wrote("Hello."));
    assert_eq!(talk.they("stop"), NOTHING, "nothing of ours comes in between");
    assert!(talk.conversation.profile.opted_out.is_some());
    let mut other = Talk::new(&program);
    let button = TappedButton::Foreign { id: "Stop".to_owned() };
    assert_eq!(other.event(EventKind::Tapped { button, title: "Stop".to_owned() }), ["You will not hear from us again."]);
}

#[test]
fn the_provider_is_told_once_and_a_step_that_breaks_takes_back_what_it_wrote_down() {
    let program = program(&[(
        "flows/f.yaml",
        "buttonhook: 1
flow: f
start: {anything_else: true}
remember:
  long: {kind: text}
if_broken: sorry
steps:
  first:
    set: {long: text}
    go: learn
  learn:
    contact: {firstname: Rosa, join: [vip]}
    opt_in: Offers
    say: '{long}'
    link: {title: Open, url: 'https://example.com/'}
    go: again
  again: {say: Again., end: done}
  sorry: {say: Sorry., end: sorry}
",
    )]);
    let mut talk = Talk::new(&program);
    assert_eq!(talk.they("hi"), ["hi", "Again."]);
    assert_eq!(talk.conversation.profile.fields.firstname.as_deref(), Some("Rosa"));
    assert!(talk.conversation.profile.untold.is_empty());
    let told: Vec<About> =
        talk.last.as_ref().unwrap().effects.iter().map(|effect| effect.send().unwrap().about.clone()).collect();
    assert_eq!(told[0].groups.iter().flatten().collect::<Vec<_>>(), ["vip"]);
    assert!(told[1].is_empty(), "the second message has nothing more to tell");

    let mut broken = Talk::new(&program);
    let too_long = "x".repeat(2000);
    assert_eq!(broken.they(&too_long), ["Sorry."]);
    assert_eq!(broken.conversation.profile, Profile::default());
}
