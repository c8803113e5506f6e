//! Flows that enter each other while the program changes under the conversation, and when the bounds are reached.

use buttonhook::flow::Program;
use buttonhook::model::*;

use super::{Talk, program};

const ADDRESS: &str = "buttonhook: 1
flow: address
remember: {street: {kind: text, longest: 40}}
steps:
  ask: {ask: Which street?, into: street, go: over}
  over: {end: done}
";

fn project(steps: &str) -> Program {
    let order = format!(
        "buttonhook: 1
flow: order
start: {{words: [order]}}
remember: {{street: {{kind: text, longest: 40}}}}
steps:
  begin: {{say: Hello., go: where}}
{steps}  thanks: {{say: 'To {{street}}.', end: done}}
  sorry: {{say: Sorry., end: broken}}
"
    );
    program(&[("flows/order.yaml", &order), ("flows/address.yaml", ADDRESS)])
}

const ENTER: &str = "  where: {enter: {flow: address, gives: {street: street}}, go: thanks}\n";

/// A conversation that is asked for the street, goes on after a reload, and what it then says and how many faults there were.
fn after_a_reload(after: &Program) -> (Vec<String>, Vec<FaultKind>) {
    let before = project(ENTER);
    let mut talk = Talk::new(&before);
    assert_eq!(talk.they("order"), ["Hello.", "Which street?"]);
    let mut talk = Talk { conversation: talk.conversation, events: 1, ..Talk::new(after) };
    let said = talk.they("Park Road");
    (said, talk.last.unwrap().faults.iter().map(|fault| fault.kind).collect())
}

#[test]
fn whoever_is_inside_while_the_program_stays_the_same_comes_back() {
    assert_eq!(after_a_reload(&project(ENTER)), (vec!["To Park Road.".to_owned()], vec![]));
}

fn with_routes(steps: &str, routes: &str) -> Program {
    let order = format!(
        "buttonhook: 1
flow: order
start: {{words: [order]}}
remember: {{street: {{kind: text, longest: 40}}}}
steps:
  begin: {{say: Hello., end: done}}
{steps}  thanks: {{say: 'To {{street | nowhere}}.', end: done}}
  sorry: {{say: Sorry., end: broken}}
{routes}"
    );
    let address = ADDRESS.replace("flow: address", "flow: address\nstart: {words: [address]}");
    program(&[("flows/order.yaml", &order), ("flows/address.yaml", &address)])
}

#[test]
fn a_caller_that_was_renamed_removed_or_is_gone_leads_where_the_flow_says() {
    let renamed = ENTER.replace("where", "there");
    for (steps, routes, said, faults) in [
        (renamed.as_str(), "moved: {where: there}\n", "To Park Road.", vec![]),
        ("", "retired: {where: thanks}\n", "To nowhere.", vec![]),
        ("", "if_broken: sorry\n", "Sorry.", vec![FaultKind::Vanished]),
        ("  where: {say: Where?, end: done}\n", "if_broken: sorry\n", "Sorry.", vec![FaultKind::Vanished]),
    ] {
        let after = with_routes(steps, routes);
        assert_eq!(after_a_reload(&after), (vec![said.to_owned()], faults), "{steps}{routes}");
    }
}

#[test]
fn an_entered_flow_that_is_gone_leads_to_the_route_of_its_caller() {
    let order = "buttonhook: 1
flow: order
start: {words: [order]}
if_broken: sorry
steps:
  begin: {say: Hello., end: done}
  sorry: {say: Sorry., end: broken}
";
    let after = program(&[("flows/order.yaml", order)]);
    assert_eq!(after_a_reload(&after), (vec!["Sorry.".to_owned()], vec![FaultKind::Vanished]));
}

#[test]
fn reloads_cannot_make_a_circle_that_runs_for_ever() {
    let flow = |name: &str, enters: &str| {
        format!(
            "buttonhook: 1\nflow: {name}\nstart: {{words: [{name}]}}\nsteps:\n  ask: {{say: '{name}?', buttons: {{in: {{title: In, go: in}}, out: {{title: Out, go: out}}}}}}\n  in: {enters}\n  out: {{end: done}}\n"
        )
    };
    let files = |a: &str, b: &str| program(&[("flows/a.yaml", &flow("a", a)), ("flows/b.yaml", &flow("b", b))]);
    let first = files("{enter: {flow: b}, go: out}", "{go: out}");
    let second = files("{go: out}", "{enter: {flow: a}, go: out}");
    let mut talk = Talk::new(&first);
    assert_eq!(talk.they("a"), ["a?"]);
    assert_eq!(talk.they("in"), ["b?"]);
    // The other way round now: `b` enters `a`, which had entered it.
    let mut talk = Talk { conversation: talk.conversation, events: talk.events, ..Talk::new(&second) };
    assert_eq!(talk.they("in"), ["a?"], "the step of `b` enters `a`");
    let said = talk.they("out");
    let turn = talk.last.unwrap();
    assert_eq!(turn.conversation.session, None);
    assert_eq!(said.len(), 1, "`b` comes back to a step of `a` that enters it no longer: {said:?}");
    assert!(turn.faults.iter().all(|fault| fault.kind == FaultKind::Vanished), "{:?}", turn.faults);
}
