//! What contacts write is data, and the same call gives the same answer.

use buttonhook::model::{Message, Value};
use buttonhook::script::{Request, compile};
use buttonhook::source::Sources;

use super::{World, script};

/// A stream of numbers for the fuzz, the same at every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0 >> 33
    }
}

#[test]
fn what_a_contact_writes_stays_letter_for_letter() {
    const PIECES: &[&str] = &[
        "`",
        "${",
        "}",
        "\"",
        "'",
        "\\",
        "\n",
        "\r\n",
        "{",
        "{{",
        "|",
        "||",
        "//",
        "/*",
        "*/",
        "#{",
        "()",
        ";",
        "eval(\"1\")",
        "${contact.phone}",
        "\u{0}",
        "é",
        "😀",
        "\u{202e}",
        " ",
        "a",
        "fn f() {}",
        "\\n",
        "$",
        "r#\"",
        "import \"x\" as y;",
    ];
    let scripts = script(
        "fn f(given) { send(\"x\" + text + `|${text}|` + contact.name + given); let r = #{k: text}; set(\"kept\", r.k); given }",
    );
    let sources = Sources::from_texts([("flows/f.yaml", "when: text + `<${contact.name}>`")]);
    let expression =
        scripts.expression("text + `<${contact.name}>`", sources.iter().next().unwrap().0, 6, &sources, &[]).unwrap();
    let mut numbers = Numbers(1);
    let mut world = World::default();
    for _ in 0..3_000 {
        let said: String = (0..numbers.next() % 12).map(|_| PIECES[numbers.next() as usize % PIECES.len()]).collect();
        world.text.clone_from(&said);
        world.contact.name.clone_from(&said);
        let answer = scripts.call("s", "f", &[Value::from(said.as_str())], &world.around()).unwrap();
        let body = format!("x{said}|{said}|{said}{said}");
        assert_eq!(answer.value, Value::from(said.as_str()));
        assert_eq!(answer.requests[0], Request::Send(Message::Text { body }), "{said:?}");
        assert!(matches!(&answer.requests[1], Request::Set(_, Value::Text(kept)) if *kept == said), "{said:?}");
        let value = scripts.evaluate(&expression, &world.around()).unwrap();
        assert_eq!(value, Value::from(format!("{said}<{said}>")));
    }
}

#[test]
fn the_same_seed_gives_the_same_answer_and_another_seed_another() {
    let scripts = script("fn f() { let n = []; for i in 0..20 { n.push(random(1, 1000)); } n }");
    let draw = |seed| scripts.call("s", "f", &[], &World { seed, ..World::default() }.around()).unwrap();
    assert_eq!(draw(42), draw(42));
    assert_ne!(draw(42), draw(43));
    let Value::List(numbers) = draw(42).value else { panic!("a list") };
    assert!(numbers.iter().all(|n| matches!(n, Value::Whole(1..=1000))), "{numbers:?}");
}

#[test]
fn nothing_is_kept_between_two_calls() {
    let scripts = script(
        "const LIST = [1];\nfn f() { set(\"a\", 1); let l = LIST; l.push(2); get(\"a\") + l.len() }\nfn g() { [get(\"a\"), LIST.len()] }",
    );
    let world = World::default();
    for _ in 0..3 {
        assert_eq!(scripts.call("s", "f", &[], &world.around()).unwrap().value, Value::Whole(3));
        let seen = scripts.call("s", "g", &[], &world.around()).unwrap().value;
        assert_eq!(seen, Value::List(vec![Value::Nothing, Value::Whole(1)]));
    }
}

#[test]
fn two_threads_share_the_scripts_and_do_not_meet() {
    let scripts = script(
        "fn f(n) { for i in 0..50 { set(\"mine\", n); if get(\"mine\") != n { throw \"met\"; } } send(n); get(\"mine\") }",
    );
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let scripts = &scripts;
            let run = move || {
                for round in 0..50 {
                    let number = Value::Whole(thread * 1000 + round);
                    let answer = scripts.call("s", "f", std::slice::from_ref(&number), &World::default().around()).unwrap();
                    assert_eq!(answer.value, number);
                }
            };
            std::thread::Builder::new().stack_size(buttonhook::script::STACK_BYTES_MIN).spawn_scoped(scope, run).unwrap();
        }
    });
}

#[test]
fn a_broken_script_leaves_the_others_alone() {
    let sources = Sources::from_texts([
        ("scripts/a.rhai", "fn f( {"),
        ("scripts/b.rhai", "fn f() { nope }"),
        ("scripts/c.rhai", "fn f() { 1 }"),
        ("flows/x.yaml", "flow: x"),
    ]);
    let mut diagnostics = Vec::new();
    let scripts = compile(&sources, &mut diagnostics);
    assert_eq!(diagnostics.len(), 2, "{diagnostics:?}");
    assert_eq!(scripts.functions().len(), 1);
}

#[test]
fn whatever_is_written_is_read_or_told_at_a_place_that_exists() {
    const PIECES: &[&str] = &[
        "fn f() {",
        "}",
        "(",
        ")",
        "[",
        "]",
        "#{",
        "`",
        "${",
        "\"",
        "'",
        "\\",
        "/*",
        "*/",
        "//",
        "\n",
        "\r\n",
        "é",
        "😀",
        "let x = ",
        "const A = ",
        "if ",
        "switch x {",
        "=>",
        "|x|",
        "||",
        "..",
        "**",
        "?.",
        "??",
        ";",
        ",",
        ":",
        "::",
        "global::A",
        "1",
        "1.5",
        "0x",
        "x",
        "contact.",
        "nmae",
        "send(",
        "eval",
        "import",
        "throw ",
        "return ",
        "loop {",
        "try {",
        "catch",
        "fn on_tap(",
        "this",
        "!",
        "-",
        "\u{0}",
        "#\"",
        "r\"",
    ];
    let mut numbers = Numbers(7);
    for _ in 0..4_000 {
        let text: String = (0..1 + numbers.next() % 14).map(|_| PIECES[numbers.next() as usize % PIECES.len()]).collect();
        let sources = Sources::from_texts([("scripts/s.rhai", text.as_str())]);
        let mut diagnostics = Vec::new();
        let scripts = compile(&sources, &mut diagnostics);
        let id = sources.iter().next().unwrap().0;
        diagnostics.extend(scripts.expression(&text, id, 0, &sources, &[]).err().map(|boxed| *boxed));
        for diagnostic in diagnostics {
            assert!(text.get(diagnostic.span.range()).is_some(), "{diagnostic:?} in {text:?}");
            assert!(!diagnostic.message.is_empty(), "{diagnostic:?} in {text:?}");
        }
    }
}
