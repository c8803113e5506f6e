//! What is told when scripts are loaded.

use buttonhook::script::compile;
use buttonhook::source::{Code, Severity, Sources};

use super::check;

/// Every diagnostic of `text` as code, the text it points at, and its message.
fn found(text: &str) -> Vec<(Code, &str, String)> {
    let (_, diagnostics) = check(text);
    diagnostics.into_iter().map(|d| (d.code, &text[d.span.range()], d.message)).collect()
}

fn one(text: &str, code: Code, pointed: &str, message: &str) {
    assert_eq!(found(text), [(code, pointed, message.to_owned())], "in\n{text}");
}

#[test]
fn names_that_lead_nowhere() {
    use Code as C;
    one("fn f(city) {\n    // é 😀\n    cty\n}", C::SCRIPT_UNKNOWN_VARIABLE, "cty", "there is no variable `cty` here");
    one("fn f() { [1].map(|x| x + y) }", C::SCRIPT_UNKNOWN_VARIABLE, "y", "there is no variable `y` here");
    one("fn f() { `a ${nope}` }", C::SCRIPT_UNKNOWN_VARIABLE, "nope", "there is no variable `nope` here");
    one("fn f() {\r\n  let s = \"é\"; sennd(s)\r\n}", C::SCRIPT_UNKNOWN_FUNCTION, "sennd", "there is no function `sennd`");
    one("fn f() { [1].map(|x| nope(x)) }", C::SCRIPT_UNKNOWN_FUNCTION, "nope", "there is no function `nope`");
    one("fn f() { `${nope(1)}` }", C::SCRIPT_UNKNOWN_FUNCTION, "nope", "there is no function `nope`");
    one("fn f() { \"a\".to_uper() }", C::SCRIPT_UNKNOWN_FUNCTION, "to_uper", "there is no function `to_uper`");
    one("fn f() { send() }", C::SCRIPT_UNKNOWN_FUNCTION, "send", "send takes 1 value, not 0");
    one("fn f() { g(1) }\nfn g() { 1 }", C::SCRIPT_UNKNOWN_FUNCTION, "g", "g takes 0 values, not 1");
    one("fn f() { sleep(1) }", C::SCRIPT_UNKNOWN_FUNCTION, "sleep", "there is no function `sleep`");
    one("fn f() { contact.fone }", C::SCRIPT_UNKNOWN_VARIABLE, "fone", "contact has no fone");
    one("fn f() { [1].map(|x| contact.nmae) }", C::SCRIPT_UNKNOWN_VARIABLE, "nmae", "contact has no nmae");
    one("fn on_tap(tap) { tap.idd.len() }", C::SCRIPT_UNKNOWN_VARIABLE, "idd", "tap has no idd");
    one("fn f() { contact.name() }", C::SCRIPT_UNKNOWN_FUNCTION, "name", "contact.name is written without ()");
    one("fn f() { tap.id() }", C::SCRIPT_UNKNOWN_FUNCTION, "id", "tap.id is written without ()");
    one("fn f() { now.yaer + 1 }", C::SCRIPT_UNKNOWN_VARIABLE, "yaer", "now has no yaer");
    one("const A = 1;\nfn f() { global::A }", C::SCRIPT_SYNTAX, "global::A", "write A alone: nothing needs global:: here");
}

#[test]
fn the_nearest_name_is_offered_as_a_fix() {
    for (text, offered) in [
        ("const RATE = 1;\nfn f() { RAET }", "RATE"),
        ("fn f(city) { citty }", "city"),
        ("fn f() { sned(\"x\") }", "send"),
        ("fn quote() { 1 }\nfn f() { qoute() }", "quote"),
        ("fn f() { contact.frstname }", "firstname"),
    ] {
        let (_, diagnostics) = check(text);
        assert_eq!(diagnostics[0].fix.as_ref().unwrap().text, offered, "{text}");
    }
}

#[test]
fn what_scripts_may_not_do() {
    use Code as C;
    one("fn f() { eval(\"1\") }", C::SCRIPT_FORBIDDEN, "eval", "`eval` is not allowed: text never becomes a program here");
    one("fn f(g) { g.curry(1) }", C::SCRIPT_FORBIDDEN, "curry", "`curry` is not allowed: curry grows without a bound");
    one(
        "import \"x\" as y;\nfn f() { 1 }",
        C::SCRIPT_FORBIDDEN,
        "import",
        "`import` is not allowed: scripts cannot use each other",
    );
    one(
        "fn f() { import \"x\" as y; 1 }",
        C::SCRIPT_FORBIDDEN,
        "import",
        "`import` is not allowed: scripts cannot use each other",
    );
    one(
        "fn f() { prices::quote(1) }",
        C::SCRIPT_FORBIDDEN,
        "prices",
        "there is no module `prices`: scripts cannot use each other",
    );
    one("let x = 1;\nfn f() { 1 }", C::SCRIPT_FORBIDDEN, "let", "x stands outside of every function and would be forgotten");
    one("send(\"x\");\nfn f() { 1 }", C::SCRIPT_FORBIDDEN, "send", "this stands outside of every function and would never run");
    one(
        "const A = send(\"x\");\nfn f() { 1 }",
        C::SCRIPT_SYNTAX,
        "send",
        "a constant cannot be worked out: a constant is worked out when the script is loaded: it cannot send, set, log or move",
    );
}

#[test]
fn a_given_function_is_not_defined_anew() {
    let words = "send is a function that every script is given";
    one("fn send(text) { send(text) }", Code::SCRIPT_FORBIDDEN, "send", words);
    assert_eq!(found("fn start() { 1 }\nfn max(a, b) { a }"), [], "another number of values is another function");
}

#[test]
fn flows_that_scripts_begin_can_be_looked_up() {
    let text = "fn f() { start(\"orders\"); let x = \"a\"; start(x) }\nfn on_text(text) { if text == \"é\" { start(\"help\") } }";
    let (scripts, _) = check(text);
    let starts: Vec<(&str, &str)> = scripts.starts().map(|(flow, span)| (flow.as_str(), &text[span.range()])).collect();
    assert_eq!(starts, [("orders", "orders"), ("help", "help")]);
}

#[test]
fn words_of_the_language_and_given_names_are_no_variables() {
    use buttonhook::script::may_name_a_variable as may;
    for name in ["orders", "city_2", "go", "default_price"] {
        assert!(may(name), "{name}");
    }
    for name in ["contact", "now", "if", "true", "this", "new", "eval", "Orders", "fn", "shared", ""] {
        assert!(!may(name), "{name}");
    }
}

#[test]
fn constants_that_cannot_be_worked_out() {
    use Code as C;
    one("const A = 1 / 0;\nfn f() { A }", C::SCRIPT_SYNTAX, "/", "a constant cannot be worked out: Division by zero: 1 / 0");
    one("const A = || 1;\nfn f() { 1 }", C::SCRIPT_SYNTAX, "A", "the constant A is a function, which is not data");
    let endless = found("const A = g();\nfn g() { loop {} }");
    assert!(endless[0].2.starts_with("a constant cannot be worked out: the script "), "{endless:?}");
    let (_, early) = check("const A = contact.name;\nfn f() { A }");
    assert!(early[0].message.contains("there is no variable `contact` here"), "{early:?}");
}

#[test]
fn what_cannot_be_read() {
    for (text, pointed, words) in [
        ("fn f() { 1 +", "", "the text ends in the middle of something"),
        ("fn f() { \"open }\n", "\"", "a quote was opened and never closed"),
        ("fn f() { let 1 = 2; }", "1", "expecting name of a variable"),
        ("fn f() { 1 }\nfn f() { 2 }", "fn", "two functions f with 0 parameters"),
        ("fn f() { break; }", "break", "break and continue stand only inside a loop"),
    ] {
        one(text, Code::SCRIPT_SYNTAX, pointed, words);
    }
}

#[test]
fn a_comment_that_never_ends_is_told_where_it_begins() {
    let words = "this comment never ends, and hides the rest of the file";
    one("/* fine */\nfn f() { 1 }\n/* open /* nested */\nfn g() { 2 }", Code::SCRIPT_SYNTAX, "/*", words);
    let (_, diagnostics) = check("/* fine */\nfn f() { 1 }\n/* open /* nested */\nfn g() { 2 }");
    assert_eq!(diagnostics[0].span.start, 24);
    for fine in ["fn f() { \"/*\" } // /*\n", "/* a /* b */ c */ fn f() { `/*` }", "fn f() { 4 /* x */ }"] {
        assert_eq!(found(fine), [], "{fine}");
    }
    let inside = found("fn f() { 1 /* open\n}");
    assert_eq!(inside[0].0, Code::SCRIPT_SYNTAX);
}

#[test]
fn handlers_take_exactly_one_parameter() {
    use Code as C;
    one("fn on_tap() { 1 }", C::SCRIPT_HANDLER, "on_tap", "on_tap takes one parameter, not 0");
    one("// fn on_text(a)\nfn on_text(a, b) { a }", C::SCRIPT_HANDLER, "on_text", "on_text takes one parameter, not 2");
    one(
        "const PRIORITY = \"high\";\nfn on_tap(tap) { 1 }",
        C::SCRIPT_HANDLER,
        "PRIORITY",
        "PRIORITY is a whole number, not a text",
    );
    let (scripts, diagnostics) = check("fn on_tpa(tap) { 1 }");
    assert_eq!((diagnostics[0].severity, diagnostics[0].fix.as_ref().unwrap().text.as_str()), (Severity::Warning, "on_tap"));
    assert_eq!(scripts.functions().len(), 1, "a warning does not stop the script");
}

#[test]
fn files_that_are_not_read() {
    let big = format!("fn f() {{ 1 }}\n{}", "// x\n".repeat(14_000));
    let sources = Sources::from_texts([
        ("scripts/Prices.rhai", "fn f() { 1 }"),
        ("scripts/big.rhai", big.as_str()),
        ("scripts/ok.rhai", "fn f() { 1 }"),
    ]);
    let mut diagnostics = Vec::new();
    let scripts = compile(&sources, &mut diagnostics);
    let codes: Vec<Code> = diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, [Code::BAD_NAME, Code::FILE_UNREADABLE]);
    assert_eq!(scripts.functions().len(), 1);
}

#[test]
fn what_is_right_is_left_alone() {
    for text in [
        "fn f() { let r = #{discount: |x| x * 2}; r.discount(4) }",
        "fn f() { let r = #{}; r.tell = |x| x; r.tell(1) }",
        "fn double(x) { x * 2 }\nfn f() { [1].map(double) }",
        "fn double() { this * 2 }\nfn f() { let x = 1; x.double() }",
        "fn f() { let g = |x| x; g.call(1) + call(g, 2) }",
        "fn f() { let now = #{years: 1}; now.years }",
        "fn f(contact) { contact.anything }",
        "fn f() { let x = 1; type_of(x) + is_def_var(\"x\") + is_shared(x) }",
        "fn f() { switch text { \"a\" => 1, _ => 2 } }",
        "fn f() { try { throw 1 } catch (e) { e } }",
        "fn f() { for (x, i) in [1, 2] { print(x + i); } }",
        "fn f() { let limit = 1; [1].filter(|x| [x].some(|y| y > limit)) }",
        "fn f() { [1].map(|contact| contact.anything) }",
        "/// Documented.\nfn f() { contact?.name }",
        "const A = [1, #{b: -2.5}];\nconst B = A.len();\nfn f() { A[1].b + B }",
        "",
        "// nothing but a comment",
    ] {
        assert_eq!(found(text), [], "in\n{text}");
    }
}
