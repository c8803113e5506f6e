//! Scripts that react without a flow, and what scripts ask for that comes later.

use buttonhook::model::*;

use super::{Talk, program};

const PACKED: &str = "buttonhook: 1
flow: packed
start: {words: [hi]}
steps:
  only: {say: It is packed., end: told}
";

fn told(name: &str, data: Value) -> EventKind {
    EventKind::Told { name: EventName::new(name), data }
}

#[test]
fn an_event_of_another_system_goes_to_the_scripts() {
    let script = "fn on_event(event) {
    if event.name != \"order_packed\" { return pass(); }
    send(`${event.data.order}: ${event.data.parts[1]}`);
    start(\"packed\");
}
";
    let program = program(&[("flows/packed.yaml", PACKED), ("scripts/orders.rhai", script)]);
    let mut talk = Talk::new(&program);
    let parts = Value::List(vec![Value::from("a cup"), Value::from("a saucer")]);
    let data = Value::Record([("order".to_owned(), Value::Whole(4711)), ("parts".to_owned(), parts)].into());
    assert_eq!(talk.event(told("order_packed", data)), ["4711: a saucer", "It is packed."]);
    assert_eq!(talk.event(told("order_lost", Value::Nothing)), [] as [&str; 0]);
    assert!(talk.last.as_ref().unwrap().trace.contains(&Trace::Nobody));
    assert!(talk.last.as_ref().unwrap().faults.is_empty());
}

const BASKET: &str = "buttonhook: 1
flow: basket
start: {words: [hi, bad, soon]}
steps:
  begin: {run: orders.remind, with: [text], say: Ready., end: done}
  reminder: {say: Still there., end: reminded}
moved: {old_name: reminder}
";
const REMIND: &str = "fn remind(text) {
    if text == \"bad\" { later(\"2 h\", \"nowhere\"); }
    if text == \"soon\" { later(\"soon\", \"reminder\"); }
    later(\"2 days\", \"old_name\");
    later(\"3 days\", \"old_name\");
}
";

#[test]
fn later_of_a_script_goes_to_its_step_when_the_flow_is_over() {
    let program = program(&[("flows/basket.yaml", BASKET), ("scripts/orders.rhai", REMIND)]);
    let mut talk = Talk::new(&program);
    assert_eq!(talk.they("hi"), ["Ready."]);
    let [timer] = &talk.conversation.timers[..] else { panic!("the second took the place of the first") };
    assert_eq!((timer.kind, timer.step.as_str()), (TimerKind::Visit, "old_name"));
    let timer = timer.clone();
    assert_eq!(talk.event(EventKind::TimerFired { timer: timer.clone() }), ["Still there."]);
    assert_eq!(talk.event(EventKind::TimerFired { timer }), [] as [&str; 0], "only once");
}

#[test]
fn later_without_a_time_or_a_step_takes_the_step_back() {
    let program = program(&[("flows/basket.yaml", BASKET), ("scripts/orders.rhai", REMIND)]);
    for (text, why) in [("bad", "has no step `nowhere`"), ("soon", "\"soon\" is no stretch of time")] {
        let mut talk = Talk::new(&program);
        talk.they(text);
        let turn = talk.last.as_ref().unwrap();
        assert!(turn.faults.iter().any(|fault| fault.message.contains(why)), "{:?}", turn.faults);
        assert!(talk.conversation.timers.is_empty());
    }
}
