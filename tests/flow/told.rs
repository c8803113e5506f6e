//! Events of the user's own systems: whose they are, and what they leave of an open question.

use std::collections::BTreeMap;

use buttonhook::model::*;

use super::{Talk, program};

fn told(name: &str, order: i64) -> EventKind {
    let data = Value::Record(BTreeMap::from([("order".to_owned(), Value::Whole(order))]));
    EventKind::Told { name: EventName::new(name), data }
}

fn only(name: &str, start: &str, step: &str) -> String {
    format!("buttonhook: 1\nflow: {name}\nstart: {{{start}}}\nremember:\n  order: {{kind: number}}\nsteps:\n  first:\n{step}")
}

const SAYS: &str = "    say: \"{event.name}: {event.data.order}{event.data.left.out | , nothing}.\"\n    end: done\n";
const ASKS: &str =
    "    ask: \"Is {event.data.order} right?\"\n    into: order\n    go: last\n  last: {say: \"So {order}.\", end: done}\n";

#[test]
fn an_event_starts_the_flow_that_names_it_and_the_larger_priority_goes_first() {
    let files = [only("a", "events: [paid, sent]", SAYS), only("b", "events: [sent], priority: 1", ASKS)];
    let program = program(&[("flows/a.yaml", &files[0]), ("flows/b.yaml", &files[1])]);
    let mut talk = Talk::new(&program);
    assert_eq!(talk.event(told("paid", 7)), ["paid: 7, nothing."]);
    assert_eq!(talk.event(told("sent", 8)), ["Is 8 right?"]);
    assert!(talk.event(told("unknown", 9)).is_empty());
    assert_eq!(talk.last.as_ref().unwrap().trace, [Trace::Nobody]);
}

#[test]
fn what_is_said_comes_in_between_and_what_is_asked_takes_over() {
    let files = [
        only(
            "shop",
            "words: [hi]",
            "    ask: \"How many?\"\n    into: order\n    go: last\n  last: {say: \"{order} it is.\", end: done}\n",
        ),
        only("says", "events: [says]", SAYS),
        only("asks", "events: [asks]", ASKS),
    ];
    let program = program(&[("flows/1.yaml", &files[0]), ("flows/2.yaml", &files[1]), ("flows/3.yaml", &files[2])]);
    let mut talk = Talk::new(&program);
    talk.they("hi");
    let open = talk.conversation.session.clone();
    assert_eq!(talk.event(told("says", 1)), ["says: 1, nothing."]);
    assert_eq!(talk.conversation.session, open);
    assert_eq!(talk.they("3"), ["3 it is."]);
    talk.they("hi");
    assert_eq!(talk.event(told("asks", 2)), ["Is 2 right?"]);
    assert_eq!(talk.they("4"), ["So 4."]);
    assert!(talk.conversation.session.is_none(), "the shop's question was given up");
}

#[test]
fn an_event_opens_no_window_and_is_no_first_contact() {
    let files =
        [only("says", "events: [says]", SAYS), only("greet", "first_contact: true", "    say: \"Welcome.\"\n    end: done\n")];
    let program = program(&[("flows/1.yaml", &files[0]), ("flows/2.yaml", &files[1])]);
    let mut talk = Talk::new(&program);
    talk.event(told("says", 1));
    talk.event(told("nobody", 1));
    assert!(talk.conversation.last_inbound_at.is_none());
    assert_eq!(talk.they("hi"), ["Welcome."]);
    assert!(talk.conversation.last_inbound_at.is_some());
    assert!(talk.they("hi").is_empty(), "only the first is");
    talk.event(told("says", 1));
    assert!(talk.they("hi").is_empty());
}

#[test]
fn nothing_begins_for_who_opted_out_or_talks_to_a_person() {
    let (says, will) =
        (only("says", "events: [says]", SAYS), "buttonhook: 1\nopt_out: {words: [stop]}\nopt_in: {words: [start]}\n");
    let program = program(&[("flows/1.yaml", &says), ("flows/_always.yaml", will)]);
    let mut talk = Talk::new(&program);
    assert_eq!(talk.event(told("says", 1)).len(), 1);
    talk.they("stop");
    assert!(talk.event(told("says", 2)).is_empty());
    assert!(matches!(talk.last.as_ref().unwrap().trace[..], [Trace::MovedOn { .. }]));
    talk.they("start");
    assert_eq!(talk.event(told("says", 3)).len(), 1);
    talk.event(EventKind::TakenOver { until: time::after("2026-06-15T10:00:00Z".parse().unwrap(), 3_600_000) });
    assert!(talk.event(told("says", 4)).is_empty());
    assert!(matches!(talk.last.as_ref().unwrap().trace[..], [Trace::Held]));
    talk.passed_ms = 3_600_001;
    assert_eq!(talk.event(told("says", 5)).len(), 1);
}

#[test]
fn what_breaks_in_an_event_is_told_to_nobody() {
    let broken = only("a", "events: [paid]", "    set: {order: event.data.order / 0}\n    end: done\n");
    let program = program(&[("flows/a.yaml", &broken)]);
    let mut talk = Talk::new(&program);
    assert!(talk.event(told("paid", 7)).is_empty());
    assert_eq!(talk.last.as_ref().unwrap().faults.len(), 1);
}

#[test]
fn scripts_and_expressions_see_the_event() {
    let flow = only(
        "a",
        "events: [paid]",
        "    run: s.look\n    gives: order\n    choose:\n      - {when: event.data.order == 7 && event.name == \"paid\", go: seven}\n      - otherwise: other\n  seven: {say: \"seven {order}\", end: done}\n  other: {say: \"other {order}\", end: done}\n",
    );
    let script = "fn look() { event.data.order * 2 }\n";
    let program = program(&[("flows/a.yaml", &flow), ("scripts/s.rhai", script)]);
    assert_eq!(Talk::new(&program).event(told("paid", 7)), ["seven 14"]);
    assert_eq!(Talk::new(&program).event(told("paid", 8)), ["other 16"]);
}
