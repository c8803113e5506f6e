//! Calls at their edges: what may not leave, what a script sees when it goes on, and that nobody waits for ever.

use buttonhook::scenario::{play, read};

use super::*;

const ALWAYS: (&str, &str) = ("flows/_always.yaml", "buttonhook: 1\nhosts: [api.example.com]\nsign_in: {shop: {}}\n");

const SCRIPT: &str = r#"
fn ask(what) { fetch(#{url: "https://api.example.com/" + url_part(what)}).status }
fn twice(what) { ask(what); fetch(#{url: "https://api.example.com/again/" + url_part(what)}).status }
fn breaks() { fetch(#{url: "https://api.example.com/x"}); throw "no" }
"#;

/// A flow with these steps, which plays this talk.
fn flow_of(steps: &str, talk: &str) -> String {
    format!(
        "buttonhook: 1\nflow: f\nstart: {{words: [hi, Rosa]}}\nremember:\n  what: {{kind: text, keep: true, longest: 40}}\n  n: {{kind: number}}\n  \
         big: {{kind: list, keep: true}}\n  more: {{kind: list, keep: true}}\nsteps:\n{steps}\ntests:\n  - name: it\n    talk:\n{talk}\n"
    )
}

fn sources(text: &str) -> Sources {
    Sources::from_texts([ALWAYS, ("flows/f.yaml", text), ("scripts/s.rhai", SCRIPT)])
}

/// The talk must go as written.
fn goes(steps: &str, talk: &str) {
    let text = flow_of(steps, talk);
    let program = program(&[ALWAYS, ("flows/f.yaml", &text), ("scripts/s.rhai", SCRIPT)]);
    for flow in program.flows() {
        let (scenarios, wrong) = read(&program, flow);
        assert!(wrong.is_empty() && !scenarios.is_empty(), "{wrong:#?}");
        for scenario in scenarios {
            let played = play(&program, flow, &scenario);
            assert!(played.failure.is_none(), "{text}\n{:#?}\n{:#?}", played.failure, played.said);
        }
    }
}

/// What is said of a flow with these steps, by code.
fn codes(steps: &str) -> Vec<&'static str> {
    let (_, diagnostics) = flow::compile(&sources(&flow_of(steps, "      - they: hi")));
    diagnostics.iter().map(|one| one.code.0).collect()
}

#[test]
fn a_script_that_goes_on_sees_what_it_was_first_given() {
    // `with: [text]` is worked out anew when the function runs again; it must come out the same.
    goes(
        "  a: {run: s.ask, with: [text], gives: n, set: {what: text}, go: b}\n  b: {say: \"{n} for {what}\", end: done}",
        "      - {they: Rosa}\n      - answer: {url: https://api.example.com/Rosa, status: 204}\n      - bot: 204 for Rosa",
    );
    goes(
        "  a: {run: s.twice, with: [text], gives: n, say: \"{n}\", end: done}",
        "      - {they: Rosa}\n      - answer: {url: https://api.example.com/Rosa, status: 200}\n      - answer: {url: https://api.example.com/again/Rosa, status: 201}\n      - bot: \"201\"",
    );
}

#[test]
fn a_second_script_in_the_same_turn_sees_the_same_event() {
    goes(
        "  a: {run: s.ask, with: [text], gives: n, go: b}\n  b: {run: s.ask, with: [text], gives: n, say: \"{n}\", end: done}",
        "      - {they: Rosa}\n      - answer: {step: a, status: 200}\n      - answer: {step: b, url: https://api.example.com/Rosa, status: 202}\n      - bot: \"202\"",
    );
}

#[test]
fn whoever_asked_is_told_when_it_breaks_after_the_answer() {
    let sorry = "bot: \"Sorry, something went wrong here. Please try again later.\"";
    goes(
        "  a: {run: s.breaks, end: done}",
        &format!("      - they: hi\n      - answer: {{status: 200}}\n      - fault: \"no\"\n      - {sorry}"),
    );
}

#[test]
fn a_call_that_cannot_leave_goes_where_one_without_an_answer_goes() {
    let rest = "  b: {say: There., end: done}\n  c: {say: No answer., end: failed}";
    for call in [
        // An address without its value is another address, and nothing can be the same as nothing.
        "{url: \"https://api.example.com/orders/{what}\"}",
        "{url: \"https://api.example.com/orders\", once_per: \"{what}\"}",
    ] {
        goes(
            &format!("  a: {{call: {call}, answers: {{200: {{go: b}}}}, if_fails: c}}\n{rest}"),
            "      - they: hi\n      - fault: /`what` has no value/\n      - bot: No answer.",
        );
    }
    goes(
        &format!(
            "  z: {{set: {{what: '\"..\"'}}, go: a}}\n  a: {{call: {{url: \"https://api.example.com/orders/{{what}}\"}}, answers: {{200: {{go: b}}}}, if_fails: c}}\n{rest}"
        ),
        "      - they: hi\n      - fault: /somewhere else/\n      - bot: No answer.",
    );
    goes(
        &format!(
            "  a: {{call: {{url: \"https://api.example.com/orders/{{what | all}}\"}}, answers: {{200: {{go: b}}}}, if_fails: c}}\n{rest}"
        ),
        "      - they: hi\n      - answer: {url: https://api.example.com/orders/all, status: 200}\n      - bot: There.",
    );
}

#[test]
fn secrets_and_names_that_mean_something_else_are_found_at_load() {
    let call = |call: &str, answers: &str| {
        codes(&format!("  a:\n    call: {call}\n    answers: {answers}\n    if_fails: b\n  b: {{say: Hi., end: done}}"))
    };
    let fine = "{200: {go: b}}";
    assert_eq!(call("{url: \"https://api.example.com/x\"}", fine), Vec::<&str>::new());
    for header in ["Authorization", "cookie", "Proxy-Authorization"] {
        let found = call(&format!("{{url: \"https://api.example.com/x\", headers: {{{header}: \"{{what | x}}\"}}}}"), fine);
        assert_eq!(found, ["BH1004"], "{header}: a value would only hide it");
    }
    // Put together here, so that nobody who looks for secrets takes it for one.
    let secret = format!("apitk_{}", "0123456789abcdef");
    assert_eq!(call(&format!("{{url: \"https://api.example.com/x?key={secret}\"}}"), fine), ["BH1004"]);
    assert_eq!(
        call(&format!("{{url: \"https://api.example.com/x\", headers: {{X-Key: {secret}}}}}"), fine),
        ["BH1004"],
        "told once"
    );
    assert_eq!(call("{url: \"https://rosa:word@api.example.com/x\"}", fine), ["BH0305"]);
    let script = format!("// {secret}\nfn f() {{ 1 }}\n");
    let (_, diagnostics) = flow::compile(&Sources::from_texts([("scripts/s.rhai", script.as_str())]));
    assert_eq!(diagnostics.iter().map(|one| one.code.0).collect::<Vec<_>>(), ["BH1004"]);
}

#[test]
fn an_answer_with_which_the_state_outgrows_its_bound_leaves_nobody_waiting() {
    let steps = "  a: {call: {url: \"https://api.example.com/x\"}, answers: {200: {set: {big: answer}, go: b}}, if_fails: c}\n  \
                 b: {call: {url: \"https://api.example.com/y\"}, answers: {200: {set: {more: answer}, go: c}}, if_fails: c}\n  \
                 c: {say: Which?, buttons: {x: {title: X, go: c}}}";
    let text = flow_of(steps, "      - they: hi");
    let program = program(&[ALWAYS, ("flows/f.yaml", &text), ("scripts/s.rhai", SCRIPT)]);
    let mut talk = Talk::new(&program);
    talk.they("hi");
    let answer = |talk: &mut Talk<'_>| {
        let call = talk.conversation.calls[0].key.clone();
        let body = Value::List((0..1_500).map(|_| Value::Text("x".repeat(120))).collect());
        talk.event(EventKind::Answered { call, answer: CallAnswer::Answered { status: 200, body } })
    };
    assert_eq!(answer(&mut talk), Vec::<String>::new());
    assert_eq!(answer(&mut talk), [flow::BROKEN_TEXT]);
    assert!(matches!(talk.last.as_ref().unwrap().faults[..], [Fault { kind: FaultKind::State, .. }]));
    assert!(talk.conversation.calls.is_empty() && talk.conversation.session.is_none());
}
