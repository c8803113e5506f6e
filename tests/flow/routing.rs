//! Whose is the event? And what becomes of conversations and buttons that the program has left behind.

use buttonhook::flow::{self, BROKEN_TEXT, GONE_TEXT, Program};
use buttonhook::model::*;

use super::{Talk, program};

const HEAD: &str = "buttonhook: 1\n";

fn flow_file(name: &str, rest: &str) -> String {
    format!("{HEAD}flow: {name}\n{rest}")
}

fn foreign(id: &str) -> EventKind {
    EventKind::Tapped { button: TappedButton::Foreign { id: id.into() }, title: "Title".into() }
}

fn own(flow: &str, step: &str, choice: &str, send: &str) -> EventKind {
    let means = ButtonRef::Choice { flow: FlowName::new(flow), step: StepName::new(step), choice: ChoiceName::new(choice) };
    EventKind::Tapped { button: TappedButton::Ours { means, send: SendKey(send.into()) }, title: "Title".into() }
}

const MENU: &str = "start: {words: [hi]}
steps:
  menu:
    say: Menu.
    buttons:
      one: {title: One, go: first}
      two: {title: Two, go: second}
  first: {say: First., go: menu}
  second: {say: Second., end: done}
";

#[test]
fn a_foreign_button_reaches_triggers_then_handlers_then_anything_else() {
    let menu = flow_file("menu", MENU);
    let lookup =
        flow_file("lookup", "start: {buttons: ['order:*', exact]}\nsteps:\n  only: {say: 'Flow {tap.id}.', end: done}\n");
    let rest = flow_file("rest", "start: {anything_else: true}\nsteps:\n  only: {say: Rest., end: done}\n");
    let script = "fn on_tap(tap) { if tap.id == \"mine\" { send(`Script ${tap.id} ${tap.title}.`); return handled(); } pass() }";
    let program = program(&[
        ("flows/lookup.yaml", &lookup),
        ("flows/menu.yaml", &menu),
        ("flows/rest.yaml", &rest),
        ("scripts/own.rhai", script),
    ]);
    for (id, said) in
        [("order:47", "Flow order:47."), ("exact", "Flow exact."), ("mine", "Script mine Title."), ("exactly", "Rest.")]
    {
        assert_eq!(Talk::new(&program).event(foreign(id)), [said], "{id}");
    }
}

#[test]
fn handlers_are_asked_in_the_order_of_their_priority_and_may_pass() {
    let menu = flow_file("menu", MENU);
    let low = "const PRIORITY = 1;\nfn on_text(text) { send(`low ${text}`); }";
    let high = "const PRIORITY = 2;\nfn on_text(text) { if text == \"up\" { send(\"high\"); } else { pass() } }";
    let program = program(&[("flows/menu.yaml", &menu), ("scripts/a_low.rhai", low), ("scripts/b_high.rhai", high)]);
    let mut talk = Talk::new(&program);
    assert_eq!(talk.they("up"), ["high"]);
    assert_eq!(talk.they("down"), ["low down"]);
    assert_eq!(talk.they("hi"), ["Menu."], "a trigger comes before the scripts");
    assert_eq!(talk.they("one"), ["First.", "Menu."], "and an open menu before both");
}

#[test]
fn a_script_keeps_values_of_its_own_for_each_contact() {
    let menu = flow_file("menu", MENU);
    let script = "fn on_text(text) { let n = get(\"n\"); if n == () { n = 0; } set(\"n\", n + 1); send(`${n}`); }";
    let program = program(&[("flows/menu.yaml", &menu), ("scripts/count.rhai", script)]);
    let mut talk = Talk::new(&program);
    assert_eq!([talk.they("a"), talk.they("b"), talk.they("c")].concat(), ["0", "1", "2"]);
    assert_eq!(Talk::new(&program).they("a"), ["0"]);
}

#[test]
fn a_handler_that_fails_does_not_stop_the_others() {
    let menu = flow_file("menu", MENU);
    let program = program(&[
        ("flows/menu.yaml", &menu),
        ("scripts/a.rhai", "fn on_text(text) { send(\"lost\"); throw \"broken\"; }"),
        ("scripts/b.rhai", "fn on_text(text) { send(\"answered\"); }"),
    ]);
    let mut talk = Talk::new(&program);
    assert_eq!(talk.they("x"), ["answered"]);
    assert_eq!(talk.last.unwrap().faults.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>(), ["broken"]);
}

#[test]
fn only_the_title_of_a_tap_is_enough_while_its_menu_is_open() {
    let menu = flow_file("menu", MENU);
    let program = program(&[("flows/menu.yaml", &menu)]);
    let mut talk = Talk::new(&program);
    let tap = |title: &str| EventKind::Tapped { button: TappedButton::TitleOnly, title: title.into() };
    assert_eq!(talk.event(tap("Hi")), ["Menu."], "a title can be a word that starts a flow");
    assert_eq!(talk.event(tap("Two")), ["Second."]);
    assert_eq!(talk.event(tap("Two")), [] as [&str; 0], "nobody's");
    assert!(talk.last.unwrap().trace.contains(&Trace::Nobody));
}

#[test]
fn an_open_menu_that_gets_something_else_is_shown_again() {
    let menu = flow_file("menu", MENU);
    let program = program(&[("flows/menu.yaml", &menu)]);
    let mut talk = Talk::new(&program);
    talk.they("hi");
    let explained = "Please tap one of the buttons.\n\nMenu.";
    assert_eq!(talk.they("what?"), [explained]);
    assert_eq!(
        talk.event(EventKind::Attached { kind: AttachmentKind::Voice, caption: String::new(), details: Box::default() }),
        [explained]
    );
    assert_eq!(talk.event(foreign("unknown")), [explained]);
    let session = talk.last.unwrap().conversation.session.unwrap();
    assert_eq!(session.wait, Wait::Menu { send: SendKey("1-4-0".into()) }, "the newest copy is the open menu");
}

#[test]
fn a_button_of_a_step_that_is_gone_is_answered() {
    let menu = flow_file("menu", MENU);
    let alone = program(&[("flows/menu.yaml", &menu)]);
    for (flow, step, choice) in [("menu", "menu", "three"), ("menu", "gone", "one"), ("gone", "menu", "one")] {
        assert_eq!(Talk::new(&alone).event(own(flow, step, choice, "1-1-0")), [GONE_TEXT], "{flow}.{step}.{choice}");
    }
    let rest = flow_file("rest", "start: {anything_else: true}\nsteps:\n  only: {say: Rest., end: done}\n");
    let with_rest = program(&[("flows/menu.yaml", &menu), ("flows/rest.yaml", &rest)]);
    assert_eq!(Talk::new(&with_rest).event(own("menu", "menu", "three", "1-1-0")), ["Rest."]);
    let moved = flow_file("menu", &format!("{MENU}moved: {{old_menu: menu}}\nretired: {{ended: first}}\n"));
    let moved = program(&[("flows/menu.yaml", &moved)]);
    assert_eq!(Talk::new(&moved).event(own("menu", "old_menu", "two", "1-1-0")), ["Second."]);
    assert_eq!(Talk::new(&moved).event(own("menu", "ended", "whatever", "1-1-0")), ["First.", "Menu."]);
}

#[test]
fn a_conversation_at_a_step_that_is_gone_goes_on() {
    let before = flow_file("menu", MENU);
    let renamed = MENU.replace("  menu:", "  start_menu:").replace("go: menu", "go: start_menu");
    let before = program(&[("flows/menu.yaml", &before)]);
    let mut talk = Talk::new(&before);
    talk.they("hi");
    let waiting = talk.conversation.clone();

    let moved = program(&[("flows/menu.yaml", &flow_file("menu", &format!("{renamed}moved: {{menu: start_menu}}\n")))]);
    let mut talk = Talk { conversation: waiting.clone(), ..Talk::new(&moved) };
    assert_eq!(talk.they("two"), ["Second."]);
    assert!(talk.last.unwrap().faults.is_empty());

    let vanished = program(&[("flows/menu.yaml", &flow_file("menu", &renamed))]);
    let mut talk = Talk { conversation: waiting, ..Talk::new(&vanished) };
    assert_eq!(talk.they("hi"), ["Menu."], "the flow can be started again");
    assert_eq!(talk.last.unwrap().faults[0].kind, FaultKind::Vanished);
}

#[test]
fn steps_that_never_wait_are_stopped() {
    let circle = flow_file(
        "circle",
        "start: {words: [hi]}\nremember:\n  n: {kind: number}\nsteps:\n  a:\n    set: {n: 'if n == () { 1 } else { n + 1 }'}\n    go: b\n  b:\n    choose:\n      - {when: n > 1000, go: c}\n      - otherwise: a\n  c: {say: Out., end: done}\n",
    );
    let program = program(&[("flows/circle.yaml", &circle)]);
    let mut talk = Talk::new(&program);
    assert_eq!(talk.they("hi"), [BROKEN_TEXT]);
    let turn = talk.last.unwrap();
    assert_eq!(turn.faults[0].kind, FaultKind::Loop);
    assert!(turn.conversation.session.is_none());
}

#[test]
fn a_fault_takes_the_flows_own_route_once() {
    let broken = flow_file(
        "broken",
        "start: {words: [hi, twice]}\nremember:\n  n: {kind: number, most: 1}\nif_broken: mend\nsteps:\n  a:\n    set: {n: '1 + 1'}\n    say: Never.\n    end: done\n  mend:\n    choose:\n      - {when: 'text == \"twice\"', go: again}\n      - otherwise: sorry\n  again:\n    set: {n: '1 + 2'}\n    say: Never.\n    end: done\n  sorry: {say: Sorry., end: broken}\n",
    );
    let program = program(&[("flows/broken.yaml", &broken)]);
    assert_eq!(Talk::new(&program).they("hi"), ["Sorry."]);
    let mut talk = Talk::new(&program);
    assert_eq!(talk.they("twice"), [BROKEN_TEXT]);
    assert_eq!(talk.last.unwrap().faults.len(), 2);
}

#[test]
fn a_state_beyond_its_bound_is_not_kept() {
    let menu = flow_file("menu", MENU);
    let script = "fn on_text(text) { if text != \"x\" { return pass(); } let big = \"\"; big.pad(4096, 'é'); for n in 0..60 { set(`v${n}`, big); } send(\"kept\"); }";
    let program = program(&[("flows/menu.yaml", &menu), ("scripts/big.rhai", script)]);
    let mut talk = Talk::new(&program);
    assert_eq!(talk.they("x"), [BROKEN_TEXT]);
    let turn = talk.last.unwrap();
    assert_eq!(turn.faults[0].kind, FaultKind::State, "{:?}", turn.faults);
    assert!(turn.conversation.script_variables.is_empty());
}

#[test]
fn what_people_type_comes_back_letter_for_letter() {
    let echo = flow_file("echo", "start: {anything_else: true}\nsteps:\n  only: {say: '<{text}>', end: done}\n");
    let program = program(&[("flows/echo.yaml", &echo)]);
    let mut random = 0x1234_5678_9abc_def0_u64;
    let pieces = [
        "{",
        "}",
        "{{",
        "${",
        "`",
        "#{",
        "|",
        "{text}",
        "{contact.phone}",
        "\\",
        "\"",
        "'",
        "let x = 1;",
        "é",
        "👍",
        "\n",
        " ",
        "<b>",
        "%s",
    ];
    for round in 0..2_000 {
        let mut text = String::from("x");
        for _ in 0..1 + round % 12 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(pieces[(random >> 33) as usize % pieces.len()]);
        }
        assert_eq!(Talk::new(&program).they(&text), [format!("<{text}>")]);
    }
}

#[test]
fn a_reload_reads_again_only_what_changed() {
    let menu = flow_file("menu", MENU);
    let other = flow_file("other", "start: {words: [other]}\nsteps:\n  only: {say: Other., end: done}\n");
    let sources =
        |menu: &str| buttonhook::source::Sources::from_texts([("flows/menu.yaml", menu), ("flows/other.yaml", other.as_str())]);
    let first = flow::compile(&sources(&menu)).0.unwrap();
    let changed = sources(&menu.replace("Menu.", "New menu."));
    let second = flow::compile_after(&changed, Some(&first)).0.unwrap();
    assert_eq!(Talk::new(&second).they("hi"), ["New menu."]);
    assert_eq!(Talk::new(&second).they("other"), ["Other."]);
    assert_ne!(first.revision(), second.revision());
    let broken = sources(&menu.replace("go: first", "go: frist"));
    let (none, diagnostics) = flow::compile_after(&broken, Some(&second));
    assert!(none.is_none());
    assert_eq!(diagnostics.iter().map(|found| found.code.0).collect::<Vec<_>>(), ["BH0201"]);
}

#[test]
fn a_file_that_comes_before_the_others_leaves_them_as_read() {
    use buttonhook::source::Sources;
    let menu = ("flows/menu.yaml", flow_file("menu", MENU));
    let before =
        ("flows/before.yaml", flow_file("before", "start: {words: [before]}\nsteps:\n  only: {say: Before., end: done}\n"));
    let sources =
        |files: &[&(&'static str, String)]| Sources::from_texts(files.iter().map(|(path, text)| (*path, text.as_str())));
    let read_once = |first: &Program, second: &Program| {
        let menu = |program: &Program| std::ptr::from_ref(program.flow(&FlowName::new("menu")).unwrap());
        menu(first) == menu(second)
    };
    let first = flow::compile(&sources(&[&menu])).0.unwrap();
    let second = flow::compile_after(&sources(&[&before, &menu]).numbered_after(first.sources()), Some(&first)).0.unwrap();
    assert!(read_once(&first, &second));
    assert_eq!(second.place(second.flow(&FlowName::new("before")).unwrap().span), "flows/before.yaml:2:7");
    assert_eq!(second.place(second.flow(&FlowName::new("menu")).unwrap().span), "flows/menu.yaml:2:7");
    let third = flow::compile_after(&sources(&[&menu]).numbered_after(second.sources()), Some(&second)).0.unwrap();
    assert!(read_once(&first, &third));
    assert_eq!(third.revision(), first.revision());
}

/// The flow at the end of the contract: a foreign id comes back in one send with three buttons.
#[test]
fn the_lookup_flow_answers_any_id_with_one_message() {
    let program = program(&[
        ("flows/lookup.yaml", include_str!("lookup.yaml")),
        ("scripts/prices.rhai", "fn lookup(id) { `You asked for ${id}` }"),
    ]);
    for id in ["lookup:", "lookup:42", "lookup:é`${x}{answer}", "lookup:a b:c*"] {
        let mut talk = Talk::new(&program);
        assert_eq!(talk.event(foreign(id)), [format!("You asked for {id}")]);
        let send = talk.last.as_ref().unwrap().effects[0].send().unwrap();
        assert!(matches!(&send.message, Message::Buttons { buttons, .. } if buttons.len() == 3));
        assert_eq!(talk.they("menu"), ["Bye."]);
    }
}

#[test]
fn a_menu_whose_buttons_are_all_hidden_is_a_fault_and_no_dead_end() {
    let hidden = flow_file(
        "hidden",
        "start: {words: [hi]}\nif_broken: sorry\nremember:\n  vip: {kind: yes_no}\nsteps:\n  menu:\n    say: Menu.\n    buttons:\n      only: {title: Only, when: vip == true, go: sorry}\n  sorry: {say: Sorry., end: broken}\n",
    );
    let program = program(&[("flows/hidden.yaml", &hidden)]);
    let mut talk = Talk::new(&program);
    assert_eq!(talk.they("hi"), ["Sorry."]);
    let turn = talk.last.unwrap();
    assert_eq!(turn.faults[0].kind, FaultKind::Message);
    assert!(turn.conversation.session.is_none());
}

#[test]
fn a_steps_own_route_leaves_the_flows_route_for_what_breaks_later() {
    let flow = flow_file(
        "two",
        "start: {words: [hi]}\nif_broken: sorry\nremember:\n  n: {kind: number, most: 1}\nsteps:\n  a:\n    run: own.fails\n    if_fails: b\n    end: never\n  b:\n    set: {n: '1 + 1'}\n    end: never\n  sorry: {say: Sorry., end: broken}\n",
    );
    let program = program(&[("flows/two.yaml", &flow), ("scripts/own.rhai", "fn fails() { throw \"no\"; }")]);
    let mut talk = Talk::new(&program);
    assert_eq!(talk.they("hi"), ["Sorry."]);
    assert_eq!(talk.last.unwrap().faults.len(), 2);
}

#[test]
fn a_question_that_breaks_when_it_is_put_again_takes_the_flows_route() {
    let flow = flow_file(
        "again",
        "start: {words: [hi]}\nif_broken: sorry\nsteps:\n  menu:\n    say: Menu.\n    buttons:\n      only: {title: '{text}', go: menu}\n  sorry: {say: Sorry., end: broken}\n",
    );
    let program = program(&[("flows/again.yaml", &flow)]);
    let mut talk = Talk::new(&program);
    assert_eq!(talk.they("hi"), ["Menu."]);
    let caption = "a caption longer than any title".to_owned();
    assert_eq!(talk.event(EventKind::Attached { kind: AttachmentKind::Image, caption, details: Box::default() }), ["Sorry."]);
    let turn = talk.last.unwrap();
    assert_eq!((turn.faults.len(), turn.conversation.session), (1, None));
}

#[test]
fn whoever_waited_at_a_removed_step_goes_where_the_flow_says() {
    const ASK: &str = "start: {words: [hi]}\nremember:\n  city: {kind: text, longest: 40}\nsteps:\n";
    let rest = "  name: {ask: Name?, into: city, go: bye}\n  bye: {say: 'Bye {city | nobody}.', end: done}\n";
    let before = flow_file("ask", &format!("{ASK}  city: {{ask: City?, into: city, go: bye}}\n{rest}"));
    let before = program(&[("flows/ask.yaml", &before)]);
    let mut talk = Talk::new(&before);
    assert_eq!(talk.they("hi"), ["City?"]);
    let waiting = talk.conversation.clone();
    for (says, said, faults) in [
        ("retired: {city: name}\n", "Name?", 0),
        ("retired: {city: bye}\n", "Bye nobody.", 0),
        ("if_broken: bye\n", "Bye nobody.", 1),
        ("", BROKEN_TEXT, 1),
    ] {
        let after = program(&[("flows/ask.yaml", &flow_file("ask", &format!("{ASK}{rest}{says}")))]);
        for event in [EventKind::Typed { text: "Kochi".into() }, foreign("unknown")] {
            let mut talk = Talk { conversation: waiting.clone(), ..Talk::new(&after) };
            assert_eq!(talk.event(event), [said], "{says}");
            assert_eq!(talk.last.unwrap().faults.len(), faults, "{says}");
        }
    }
}

#[test]
fn a_tap_on_a_menu_that_vanished_while_it_was_open_takes_the_flows_route() {
    let mut talk_program = program(&[("flows/menu.yaml", &flow_file("menu", MENU))]);
    let mut talk = Talk::new(&talk_program);
    talk.they("hi");
    let waiting = talk.conversation.clone();
    let renamed = MENU.replace("  menu:", "  other:").replace("go: menu", "go: other");
    talk_program = program(&[("flows/menu.yaml", &flow_file("menu", &format!("{renamed}if_broken: second\n")))]);
    let mut talk = Talk { conversation: waiting, ..Talk::new(&talk_program) };
    assert_eq!(talk.event(own("menu", "menu", "one", "1-1-0")), ["Second."]);
}

#[test]
fn a_handler_that_fails_is_not_met_with_silence_when_nobody_else_answers() {
    let menu = flow_file("menu", MENU);
    let program = program(&[("flows/menu.yaml", &menu), ("scripts/a.rhai", "fn on_tap(tap) { throw \"broken\"; }")]);
    assert_eq!(Talk::new(&program).event(foreign("x")), [BROKEN_TEXT]);
    assert_eq!(Talk::new(&program).they("x"), [] as [&str; 0], "what nobody takes stays unanswered");
}

#[test]
fn a_scripts_button_that_nobody_takes_any_more_is_answered() {
    let program = program(&[("flows/menu.yaml", &flow_file("menu", MENU))]);
    let button = TappedButton::Ours { means: ButtonRef::Named("order:ok".into()), send: SendKey("1-1-0".into()) };
    assert_eq!(Talk::new(&program).event(EventKind::Tapped { button, title: "All right".into() }), [GONE_TEXT]);
    assert_eq!(Talk::new(&program).event(foreign("order:ok")), [] as [&str; 0], "another system's button is not ours to answer");
}

#[test]
fn a_menu_that_became_a_question_asks_before_it_takes_an_answer() {
    let before = program(&[("flows/menu.yaml", &flow_file("menu", MENU))]);
    let mut talk = Talk::new(&before);
    talk.they("hi");
    let asks = flow_file(
        "menu",
        "start: {words: [hi]}\nremember:\n  city: {kind: text}\nsteps:\n  menu: {ask: City?, into: city, go: bye}\n  bye: {say: 'Bye {city}.', end: done}\n",
    );
    let after = program(&[("flows/menu.yaml", &asks)]);
    let mut talk = Talk { conversation: talk.conversation, ..Talk::new(&after) };
    assert_eq!(talk.they("One"), ["City?"]);
    assert_eq!(talk.they("Kochi"), ["Bye Kochi."]);
}

#[test]
fn a_circle_that_a_script_leads_out_of_is_none() {
    let flow = flow_file(
        "next",
        "start: {words: [hi]}\nremember:\n  n: {kind: number}\nsteps:\n  one:\n    run: own.next\n    with: [n]\n    gives: n\n    if_none: out\n    say: 'Number {n}.'\n    go: one\n  out: {say: Out., end: done}\n",
    );
    let script = "fn next(n) { if n == () { return 1; } if n < 2 { return n + 1; } }";
    let program = program(&[("flows/next.yaml", &flow), ("scripts/own.rhai", script)]);
    assert_eq!(Talk::new(&program).they("hi"), ["Number 1.", "Number 2.", "Out."]);
}
