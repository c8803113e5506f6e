//! What functions and handlers answer and ask for.

use buttonhook::model::{Button, ButtonRef, FlowName, Message, ScriptName, StepName, Value, VariableName};
use buttonhook::script::{Handler, Request, Verdict, compile};
use buttonhook::source::Sources;

use super::{World, call, fault, script, value};

fn text(body: &str) -> Request {
    Request::Send(Message::Text { body: body.into() })
}

fn button(id: &str, title: &str) -> Button {
    Button { means: ButtonRef::Named(id.into()), title: title.into() }
}

#[test]
fn values_come_out_as_they_are_meant() {
    let table: &[(&str, Value)] = &[
        ("1 + 2", Value::Whole(3)),
        ("99.5 * 2.0", Value::Decimal(199.0)),
        ("\"a\" + 1", Value::from("a1")),
        ("'x'", Value::from("x")),
        ("[1, \"a\", ()]", Value::List(vec![Value::Whole(1), Value::from("a"), Value::Nothing])),
        ("#{a: 1}", Value::Record([("a".to_owned(), Value::Whole(1))].into())),
        ("let n = 0; for i in 0..10 { n += i; } n", Value::Whole(45)),
        ("[3, 1, 2].filter(|x| x > 1).map(|x| x * 10)", Value::List(vec![Value::Whole(30), Value::Whole(20)])),
        ("let limit = 2; [1, 2, 3].filter(|x| x > limit)", Value::List(vec![Value::Whole(3)])),
        ("contact.firstname + \"/\" + contact.lastname", Value::from("Asha/van der Berg")),
        ("contact.phone", Value::from("+27821234567")),
        ("[1].map(|x| contact.firstname)", Value::List(vec![Value::from("Asha")])),
        ("`${contact} ${now}`", Value::from("Asha van der Berg 2026-11-24T09:05:07Z")),
        ("`${text} ${tap.id} ${tap.title}`", Value::from("hello order:47 My order")),
        ("`${now.year}-${now.month}-${now.day} ${now.hour}:${now.minute}:${now.second}`", Value::from("2026-11-24 9:5:7")),
        ("now.weekday + \" \" + now.date + \" \" + now.time", Value::from("tuesday 2026-11-24 09:05")),
        ("now.unix", Value::Whole(1_795_511_107)),
        ("get(\"orders\") + 1", Value::Whole(8)),
        ("get(\"never_set\")", Value::Nothing),
        ("set(\"orders\", 1); get(\"orders\")", Value::Whole(1)),
        ("money(99.9) + money(5) + fixed(2.345, 1) + fixed(7, 0)", Value::from("99.905.002.37")),
        ("money(9007199254740993)", Value::from("9007199254740993.00")),
        ("join([1, \"two\", 3.5], \" · \")", Value::from("1 · two · 3.5")),
        ("let s = \"a-b-c\"; s.replace(\"-\", \"+\"); s.replace('a', 'z'); s", Value::from("z+b+c")),
        ("`${[1, \"a\"]} ${#{a: 1}}`", Value::from("[1, \"a\"] #{\"a\": 1}")),
        ("#{a: [1, ()]}.to_json()", Value::from("{\"a\":[1,null]}")),
        ("if text == \"hello\" { return \"early\"; } \"late\"", Value::from("early")),
    ];
    for (body, expected) in table {
        assert_eq!(&value(body), expected, "{body}");
    }
}

#[test]
fn requests_stand_in_the_order_in_which_they_were_made() {
    let answer = call(
        r#"fn f() {
            log("begins");
            send("Hi " + contact.firstname);
            send_buttons("Which?", [#{id: "a", title: "A"}, #{id: "b", title: "B"}], #{header: "H", footer: "F"});
            send_buttons("Which?", #{x: "One", y: "Two"});
            send_link("Look", "Open", "https://example.org/x", #{footer: "small"});
            send_template("welcome", "en_US", [contact.firstname, 5]);
            set("city", "Kochi");
            print([1, "a"]);
            go("quote");
            7
        }"#,
    )
    .unwrap();
    let plain = |buttons| Message::Buttons { header: None, body: "Which?".into(), footer: None, buttons };
    let expected = vec![
        Request::Log("begins".into()),
        text("Hi Asha"),
        Request::Send(Message::Buttons {
            header: Some("H".into()),
            body: "Which?".into(),
            footer: Some("F".into()),
            buttons: vec![button("a", "A"), button("b", "B")],
        }),
        Request::Send(plain(vec![button("x", "One"), button("y", "Two")])),
        Request::Send(Message::Link {
            header: None,
            body: "Look".into(),
            footer: Some("small".into()),
            label: "Open".into(),
            url: "https://example.org/x".into(),
        }),
        Request::Send(Message::Template {
            name: "welcome".into(),
            language: "en_US".into(),
            fields: vec!["Asha".into(), "5".into()],
            header: None,
            buttons: vec![],
        }),
        Request::Set(VariableName::new("city"), Value::from("Kochi")),
        Request::Log("[1, \"a\"]".into()),
        Request::Go(StepName::new("quote")),
    ];
    assert_eq!(answer.requests, expected);
    assert_eq!(answer.value, Value::Whole(7));
    assert_eq!(answer.verdict, Verdict::Unsaid);
}

#[test]
fn the_providers_bounds_are_faults_with_their_figures() {
    let table = [
        ("send(\"\")", "send: the text is empty"),
        ("send(())", "send: the text must be a text, not nothing"),
        ("let s = \"x\"; s.pad(4097, \"x\"); send(s)", "send: the text has 4097 characters, the provider takes 4096"),
        ("let s = \"x\"; s.pad(1025, \"x\"); send_buttons(s, #{a: \"A\"})", "has 1025 characters, the provider takes 1024"),
        ("send_buttons(\"t\", [])", "send_buttons: a message takes 1 to 3 buttons, here are 0"),
        ("send_buttons(\"t\", #{a: \"1\", b: \"2\", c: \"3\", d: \"4\"})", "takes 1 to 3 buttons, here are 4"),
        ("send_buttons(\"t\", #{a: \"x12345678901234567890\"})", "a button's title has 21 characters, the provider takes 20"),
        ("send_buttons(\"t\", #{a: \" \"})", "a button's title is empty"),
        ("send_buttons(\"t\", #{a: \"Same\", b: \"Same\"})", "two buttons are called `Same`"),
        ("send_buttons(\"t\", [#{id: \"a\", title: \"A\"}, #{id: \"a\", title: \"B\"}])", "two buttons with the same id"),
        ("send_buttons(\"t\", [#{id: \"\", title: \"A\"}])", "a button's id has 1 to 192 bytes, this one has 0"),
        ("send_buttons(\"t\", [#{id: \"a\", titel: \"A\"}])", "a button has id and title, not titel"),
        ("send_buttons(\"t\", [#{id: \"a\"}])", "a button needs both id and title"),
        ("send_buttons(\"t\", \"Yes\")", "buttons are a list such as"),
        ("send_buttons(\"t\", #{a: \"A\"}, #{foter: \"x\"})", "the options are header and footer, not foter"),
        ("send_link(\"t\", \"Open\", \"ftp://x\")", "send_link: the address does not begin with https:// or http://"),
        ("send_link(\"t\", \"Open\", \"https://a b\")", "send_link: the address has no host, or holds a space"),
        ("send_template(\"a\", \"en\", [1,2,3,4,5,6,7,8,9,10,11])", "send_template: a template takes 10 fields, here are 11"),
        ("set(\"My Name\", 1)", "cannot be the name of a variable"),
        ("set(\"f\", || 1)", "the value of f is a function, which is not data"),
        ("start(\"\")", "cannot be the name of a flow"),
        ("start(\"a\"); start(\"b\")", "more than 1 start or go in one call"),
        ("for i in 0..21 { send(\"x\"); }", "more than 20 messages sent in one turn"),
        ("handled()", "only handlers (on_tap, on_text, on_event) say"),
        ("random(2, 1)", "2 is above 1"),
        ("fixed(1.0, 99)", "0 to 15 digits, not 99"),
        ("money(\"5\")", "a number was expected, not a text"),
    ];
    for (body, expected) in table {
        let fault = fault(body);
        assert!(fault.message.contains(expected), "{body}: {fault:?}");
        assert!(!fault.limit, "{body}");
    }
}

#[test]
fn faults_stand_at_the_innermost_place_in_the_authors_words() {
    let table = [
        ("fn f() {\n  let x = g(1);\n  x\n}\nfn g(n) {\n  n / 0\n}", "scripts/s.rhai:6:5", "Division by zero"),
        ("fn f() {\n  throw \"no price for this city\";\n}", "scripts/s.rhai:2:3", "no price for this city"),
        ("fn f() { throw #{code: 4} }", "scripts/s.rhai:1:10", "#{\"code\": 4}"),
        ("fn f() { [1][3] }", "scripts/s.rhai:1:", "the list has 1 values, there is none at 3"),
        ("fn f() { contact - 1 }", "scripts/s.rhai:1:18", "- does not work between contact and a number"),
        (
            "fn f() { let a = [1, 2]; a.map(|x| a.len()) }",
            "scripts/s.rhai",
            "the value that map works on is also used inside the |…| function",
        ),
        ("fn f() { [1].map(|x| x.nothing_here) }", "scripts/s.rhai:1:24", "a number has no nothing_here"),
        ("fn f() { contact.name = \"x\"; }", "scripts/s.rhai:1:18", "cannot be changed"),
        ("fn f() { \"a\" - 1 }", "scripts/s.rhai:1:14", "- does not work between a text and a number"),
        ("fn f() { -contact }", "scripts/s.rhai:1:10", "- does not work on contact"),
        ("fn f() { let x = (); x.len() }", "scripts/s.rhai:1:24", "there is no function `len` for nothing"),
        ("const A = 5;\nfn f() { A += 1; }", "scripts/s.rhai:2:", "A cannot be changed"),
        ("fn f() { 9223372036854775807 + 1 }", "scripts/s.rhai:1:30", "overflow"),
        (
            "fn f() { send_buttons(1, 2, 3) }",
            "scripts/s.rhai:1:10",
            "there is no function `send_buttons` for a number, a number, a number",
        ),
        ("fn f() { || 1 }", "scripts/s.rhai", "f returned a function, which is not data"),
        ("fn f() { 0.0 / 0.0 }", "scripts/s.rhai", "f returned a number that is not finite"),
    ];
    for (source, place, message) in table {
        let fault = call(source).expect_err(source);
        assert!(fault.place.starts_with(place) && fault.message.contains(message) && !fault.limit, "{source}: {fault:?}");
    }
}

#[test]
fn constants_are_seen_in_every_function_however_deep() {
    let scripts = script(
        "const RATE = 0.18;\nconst PRICES = #{kochi: base() * 2, delhi: 450};\nconst TWICE = RATE + RATE;\n\
         fn base() { 200 }\nfn f() { outer(\"kochi\") }\nfn outer(city) { [city].map(|c| PRICES[c] * (1.0 + RATE)) }\nfn twice() { TWICE }\n\
         fn shadow() { let RATE = 1; RATE }",
    );
    let world = World::default();
    let call = |name| scripts.call("s", name, &[], &world.around()).unwrap().value;
    assert_eq!(call("f"), Value::List(vec![Value::Decimal(472.0)]));
    assert_eq!(call("twice"), Value::Decimal(0.36));
    assert_eq!(call("shadow"), Value::Whole(1));
}

#[test]
fn arguments_arrive_in_their_order_and_in_their_number() {
    let scripts = script("fn f(a, b) { `${a}-${b}` }\nfn f(a) { a }\nprivate fn hidden() { 1 }\nfn on_tap(tap) { pass() }");
    let world = World::default();
    let answer = scripts.call("s", "f", &[Value::from("x"), Value::Whole(2)], &world.around()).unwrap();
    assert_eq!(answer.value, Value::from("x-2"));
    assert!(scripts.takes("s", "f", 1) && scripts.takes("s", "f", 2) && !scripts.takes("s", "f", 3));
    assert_eq!(scripts.function("s", "f").unwrap().parameters, 1);
    let names: Vec<String> =
        scripts.functions().into_iter().map(|f| format!("{}.{}/{}", f.script, f.name, f.parameters)).collect();
    assert_eq!(names, ["s.f/1", "s.f/2"]);
    for (script, function, arguments, message) in [
        ("s", "f", 0, "s.f takes 1 values, not 0"),
        ("s", "g", 0, "there is no function `s.g`"),
        ("s", "hidden", 0, "there is no function `s.hidden`"),
        ("x", "f", 0, "there is no script `x`"),
    ] {
        let fault = scripts.call(script, function, &vec![Value::Nothing; arguments], &world.around()).unwrap_err();
        assert_eq!(fault.message, message);
    }
}

#[test]
fn handlers_are_asked_by_priority_and_then_by_name() {
    let sources = Sources::from_texts([
        ("scripts/a.rhai", "fn on_text(text) { if text == \"hello\" { send(\"a\"); handled(); } }"),
        ("scripts/b.rhai", "const PRIORITY = 10;\nfn on_text(t) { pass(); }\nfn on_tap(tap) { start(\"orders\"); log(tap.id); }"),
        ("scripts/c.rhai", "fn on_text(text) { throw \"no\"; }"),
    ]);
    let mut diagnostics = Vec::new();
    let scripts = compile(&sources, &mut diagnostics);
    assert_eq!(diagnostics, []);
    let names = |handler| scripts.handlers(handler).iter().map(ScriptName::as_str).collect::<Vec<_>>();
    assert_eq!(names(Handler::OnText), ["b", "a", "c"]);
    assert_eq!(names(Handler::OnTap), ["b"]);

    let world = World::default();
    let ask = |name: &str, handler| scripts.handle(&ScriptName::new(name), handler, &world.around());
    let a = ask("a", Handler::OnText).unwrap();
    assert_eq!((a.verdict, a.requests), (Verdict::Handled, vec![text("a")]));
    assert_eq!(ask("b", Handler::OnText).unwrap().verdict, Verdict::Passed);
    let tapped = ask("b", Handler::OnTap).unwrap();
    assert_eq!(tapped.verdict, Verdict::Unsaid);
    assert_eq!(tapped.requests, [Request::Start(FlowName::new("orders")), Request::Log("order:47".into())]);
    assert_eq!(ask("c", Handler::OnText).unwrap_err().message, "no");
    assert_eq!(ask("a", Handler::OnTap).unwrap_err().message, "the script a has no on_tap");
}

#[test]
fn a_handler_starts_flows_and_does_not_move_inside_one() {
    let scripts = script("fn on_text(text) { go(\"menu\"); }");
    let fault = scripts.handle(&ScriptName::new("s"), Handler::OnText, &World::default().around()).unwrap_err();
    assert!(fault.message.contains("use start(\"flow\")"), "{fault:?}");
}

#[test]
fn the_log_is_bounded_and_says_so() {
    let answer = call("fn f() { for i in 0..200 { print(i); } }").unwrap();
    assert_eq!(answer.requests.len(), 51);
    assert_eq!(answer.requests[50], Request::Log("more than 50 lines, the rest is left out".into()));
    let long = call("fn f() { let s = \"x\"; s.pad(5000, \"x\"); log(s); }").unwrap();
    let [Request::Log(line)] = &long.requests[..] else { panic!("{long:?}") };
    assert_eq!(line.chars().count(), 501);
}

#[test]
fn a_buttons_id_may_be_as_long_as_its_bound() {
    let longest = buttonhook::model::limits::NAMED_BUTTON_ID_BYTES_MAX;
    let text = |length| format!("let id = \"x\"; id.pad({length}, \"x\"); send_buttons(\"t\", [#{{id: id, title: \"A\"}}])");
    value(&text(longest));
    assert!(fault(&text(longest + 1)).message.contains("this one has"));
}
