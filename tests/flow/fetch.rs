//! `fetch` in scripts: the function stops, the answer comes as an event, and the function runs again from its start.

use buttonhook::scenario::{play, read};

use super::*;

const ALWAYS: (&str, &str) = ("flows/_always.yaml", "buttonhook: 1\nhosts: [api.example.com]\nsign_in: {shop: {}}\n");

const FLOW: &str = "buttonhook: 1
flow: f
start: {words: [hi, twice, caught, far, up]}
remember:
  what: {kind: text, longest: 100}
  lucky: {kind: number}
if_broken: broken
steps:
  first:
    choose:
      - {when: text == \"twice\", go: twice}
      - {when: text == \"caught\", go: caught}
      - {when: text == \"far\", go: far}
      - {when: text == \"up\", go: up}
      - otherwise: one
  one: {run: shop.state, with: ['4711'], gives: what, say: \"It is {what}.\", end: told}
  twice: {run: shop.twice, gives: what, if_fails: sorry, say: \"{what}\", end: told}
  caught: {run: shop.caught, gives: what, say: \"{what}\", end: told}
  far: {run: shop.far, gives: what, if_fails: sorry, say: \"{what}\", end: told}
  up: {run: shop.up, with: ['\"..\"'], gives: what, if_fails: sorry, say: \"{what}\", end: told}
  sorry: {say: Sorry., end: sorry}
  broken: {say: That broke., end: broken}
tests:
  - name: what it asked for before the answer happens once, with the answer
    talk:
      - they: hi
      - answer: {step: one, url: https://api.example.com/orders/4711, status: 200, body: {state: sent}}
      - bot: I look.
      - bot: It is sent.
      - emits: {name: asked, data: {order: 4711}}
    ends: told
  - name: two in a row, the second with what the first said
    talk:
      - they: twice
      - answer: {url: https://api.example.com/who, status: 200, body: {id: 7}}
      - answer: {url: https://api.example.com/of/7, fails: timed_out}
      - bot: \"7: timed_out, the same number\"
  - name: no try keeps it from stopping
    talk: [{they: caught}, {answer: {status: 204}}, {bot: got 204}]
  - name: a host that the project does not allow is a fault before anything leaves
    talk: [{they: far}, {bot: Sorry.}, {fault: /does not call `elsewhere.example`/}]
  - name: a value that is only dots leads nowhere else
    talk: [{they: up}, {bot: Sorry.}, {fault: /somewhere else/}]
  - name: whoever goes elsewhere meanwhile is not followed by the answer
    talk: [{they: hi}, {they: far}, {bot: Sorry.}, {fault: /elsewhere/}]
";

const SCRIPT: &str = r#"
fn state(order) {
    send("I look.");
    emit("asked", #{order: order});
    let answer = fetch(#{url: "https://api.example.com/orders/" + url_part(order), sign_in: "shop", wait: "5 s"});
    if !answer.ok { throw "no answer: " + answer.failed }
    answer.body.state
}
fn twice() {
    let lucky = random(1, 1000000);
    let first = fetch(#{url: "https://api.example.com/who"});
    let second = fetch(#{url: `https://api.example.com/of/${first.body.id}`, method: "POST", body: #{lucky: lucky}});
    let same = if random(1, 1000000) == random(1, 1000000) { "" } else { "" };
    first.body.id + ": " + second.failed + ", the same number" + same
}
fn caught() {
    let got = "nothing";
    try { got = "got " + fetch(#{url: "https://api.example.com/x"}).status; } catch { got = "caught"; }
    got
}
fn far() { fetch(#{url: "https://elsewhere.example/x"}).body }
fn up(part) { fetch(#{url: "https://api.example.com/orders/" + part + "/secret"}).body }
"#;

#[test]
fn a_function_goes_on_when_the_answer_has_come() {
    let program = program(&[ALWAYS, ("flows/f.yaml", FLOW), ("scripts/shop.rhai", SCRIPT)]);
    let flow = program.flows().next().unwrap();
    let (scenarios, wrong) = read(&program, flow);
    assert!(wrong.is_empty() && scenarios.len() == 6, "{wrong:#?}");
    for scenario in &scenarios {
        let played = play(&program, flow, scenario);
        assert!(played.failure.is_none(), "{}: {:#?}\n{:#?}", scenario.name, played.failure, played.said);
    }
}

fn answered(talk: &mut Talk<'_>, body: &str) -> Vec<String> {
    let call = talk.conversation.calls[0].key.clone();
    talk.event(EventKind::Answered { call, answer: CallAnswer::Answered { status: 200, body: Value::from(body) } })
}

#[test]
fn a_handler_goes_on_about_the_event_that_it_was_asked_about() {
    let script = "fn on_text(text) {\n    let answer = fetch(#{url: \"https://api.example.com/say\"});\n    send(text + \": \" + answer.body);\n}\n";
    let menu = "buttonhook: 1\nflow: menu\nstart: {words: [menu]}\nsteps:\n  only:\n    say: Menu.\n    buttons:\n      ok: {title: OK, go: only}\n";
    let program = program(&[ALWAYS, ("flows/menu.yaml", menu), ("scripts/s.rhai", script)]);
    let mut talk = Talk::new(&program);
    assert!(talk.they("weather").is_empty() && talk.conversation.calls.len() == 1);
    assert_eq!(talk.they("menu"), ["Menu."], "a handler's call holds up nobody");
    assert_eq!(answered(&mut talk, "sunny"), ["weather: sunny"]);
    assert!(talk.conversation.calls.is_empty());
    assert!(talk.conversation.session.is_some(), "the menu is still open");
}

#[test]
fn a_script_that_changed_while_it_waited_is_not_given_another_requests_answer() {
    let flow = "buttonhook: 1\nflow: f\nstart: {anything_else: true}\nremember: {what: {kind: text, longest: 50}}\nsteps:\n  only: {run: s.ask, gives: what, if_fails: sorry, say: '{what}', end: told}\n  sorry: {say: Sorry., end: sorry}\n";
    let script = |path: &str| format!("fn ask() {{ fetch(#{{url: \"https://api.example.com/{path}\"}}).body }}\n");
    let (before, after) = (script("a"), script("b"));
    let old = program(&[ALWAYS, ("flows/f.yaml", flow), ("scripts/s.rhai", &before)]);
    let new = program(&[ALWAYS, ("flows/f.yaml", flow), ("scripts/s.rhai", &after)]);
    let mut talk = Talk::new(&old);
    assert!(talk.they("hi").is_empty());
    let mut changed = Talk { program: &new, ..Talk::new(&new) };
    changed.conversation = talk.conversation.clone();
    assert_eq!(answered(&mut changed, "of a"), ["Sorry."]);
    assert!(changed.last.unwrap().faults[0].message.contains("otherwise than before"));
    assert_eq!(answered(&mut talk, "of a"), ["of a"]);
}
