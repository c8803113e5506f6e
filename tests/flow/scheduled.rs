//! Schedules in the engine: for whom a moment is, what it leaves of an open question, and what becomes of one that is over.

use buttonhook::model::*;

use super::{Talk, program};

const NEWS: &str = "buttonhook: 1
flow: news
start: {words: [subscribe], schedule: {every: day, at: \"09:00\", when: wants == true}}
remember:
  wants: {kind: yes_no, keep: true}
steps:
  begin:
    choose:
      - {when: event.name == \"schedule\", go: news}
      - otherwise: noted
  noted: {set: {wants: \"true\"}, say: Noted., end: noted}
  news: {template: {name: news, language: en}, end: told}
";
const OTHER: &str = "buttonhook: 1
flow: other
start: {words: [hi]}
remember: {name: {kind: text}}
steps:
  first: {ask: \"Your name?\", into: name, go: last}
  last: {say: \"Hello {name}.\", end: done}
";

fn came_round() -> EventKind {
    EventKind::Scheduled { flow: FlowName::new("news"), due: "2026-06-15T09:00:00Z".parse().unwrap() }
}

#[test]
fn it_begins_for_those_for_whom_it_is_and_leaves_open_questions_open() {
    let program = program(&[("flows/news.yaml", NEWS), ("flows/other.yaml", OTHER)]);
    let mut talk = Talk::new(&program);
    assert!(talk.event(came_round()).is_empty());
    assert!(talk.last.as_ref().unwrap().is_idle(), "it is not for them");
    assert_eq!(talk.they("subscribe"), ["Noted."]);
    talk.they("hi");
    let said = talk.event(came_round());
    assert_eq!(said.len(), 1);
    let turn = talk.last.as_ref().unwrap();
    assert!(!turn.is_idle());
    assert!(matches!(turn.trace[0], Trace::Scheduled { late_secs: Some(3600), .. }), "{:?}", turn.trace);
    assert_eq!(talk.they("Rosa"), ["Hello Rosa."]);
}

#[test]
fn one_that_the_flow_no_longer_has_does_nothing() {
    let program = program(&[("flows/other.yaml", OTHER)]);
    let mut talk = Talk::new(&program);
    assert!(talk.event(came_round()).is_empty());
    assert!(matches!(talk.last.as_ref().unwrap().trace[1], Trace::MovedOn { .. }));
    assert!(talk.conversation.last_inbound_at.is_none());
}

#[test]
fn every_day_is_the_same_however_it_is_written_and_another_zone_is_another_schedule() {
    let print = |schedule: &str, zone: &str| {
        let text = format!(
            "buttonhook: 1\nflow: a\nzone: {zone}\nstart: {{schedule: {{{schedule}, for: everyone}}}}\nsteps:\n  \
             only: {{template: {{name: x, language: en}}, end: done}}\n"
        );
        let program = program(&[("flows/a.yaml", &text)]);
        program.schedules().map(|planned| planned.fingerprint()).next().unwrap()
    };
    let daily = print("every: day, at: \"09:00\"", "UTC");
    assert_eq!(daily, print("cron: \"0 9 * * *\"", "UTC"));
    assert_eq!(daily, print("every: [weekday, weekend], at: \"09:00\"", "UTC"));
    assert_ne!(daily, print("every: day, at: \"09:01\"", "UTC"));
    assert_ne!(daily, print("every: day, at: \"09:00\"", "Asia/Kolkata"));
}
