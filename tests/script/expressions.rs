//! Expressions of flows.

use buttonhook::model::{Value, VariableName};
use buttonhook::script::Scripts;
use buttonhook::source::{Code, Diagnostic, Sources};

use super::World;

const VARIABLES: [&str; 4] = ["orders", "city", "price", "list"];

/// The expression as it stands in a file, two lines down.
fn file(text: &str) -> (Sources, u32) {
    let before = "flow: f\nsteps:\n  - when: ";
    let whole = format!("{before}{text}\n    go: x\n");
    (Sources::from_texts([("flows/f.yaml", whole.as_str())]), u32::try_from(before.len()).unwrap())
}

fn evaluate(text: &str) -> Result<Value, (String, String)> {
    let (sources, at) = file(text);
    let id = sources.iter().next().unwrap().0;
    let scripts = Scripts::default();
    let variables = VARIABLES.map(VariableName::new);
    let expression = scripts.expression(text, id, at, &sources, &variables).unwrap_or_else(|why| panic!("{why:?} in {text}"));
    let mut world = World::default();
    world.variables.insert(VariableName::new("list"), Value::List(vec![Value::Whole(3), Value::Whole(9)]));
    scripts.evaluate(&expression, &world.around()).map_err(|fault| (fault.place, fault.message))
}

fn refused(text: &str) -> (Diagnostic, String) {
    let (sources, at) = file(text);
    let id = sources.iter().next().unwrap().0;
    let variables = VARIABLES.map(VariableName::new);
    let diagnostic = *Scripts::default().expression(text, id, at, &sources, &variables).expect_err(text);
    let pointed = sources.text(diagnostic.span).to_owned();
    (diagnostic, pointed)
}

#[test]
fn flows_compute_with_their_variables_and_with_what_is_given() {
    let yes = Value::YesNo(true);
    for (text, expected) in [
        ("orders >= 5 && city == \"Kochi\"", yes.clone()),
        ("price == ()", yes.clone()),
        ("price ?? 10", Value::Whole(10)),
        ("orders * 2 + 1", Value::Whole(15)),
        ("contact.firstname == \"Asha\" && text == \"hello\"", yes.clone()),
        ("tap.id.starts_with(\"order:\")", yes.clone()),
        ("now.weekday == \"tuesday\" && now.hour < 18", yes.clone()),
        ("list.filter(|x| x > orders)", Value::List(vec![Value::Whole(9)])),
        ("list.map(|orders| orders + 1)", Value::List(vec![Value::Whole(4), Value::Whole(10)])),
        ("if orders > 5 { \"many\" } else { \"few\" }", Value::from("many")),
        ("money(orders)", Value::from("7.00")),
        ("random(5, 5)", Value::Whole(5)),
        ("`${city}: ${orders}`", Value::from("Kochi: 7")),
    ] {
        assert_eq!(evaluate(text), Ok(expected), "{text}");
    }
}

#[test]
fn what_goes_wrong_later_stands_at_its_place_in_the_flow() {
    assert_eq!(evaluate("orders / (orders - 7)"), Err(("flows/f.yaml:3:18".into(), "Division by zero: 7 / 0".into())));
    let (place, message) = evaluate("price + 1").unwrap_err();
    assert_eq!((place.as_str(), message.as_str()), ("flows/f.yaml:3:17", "+ does not work between nothing and a number"));
    let (place, message) = evaluate("|x| x").unwrap_err();
    assert_eq!((place.as_str(), message.as_str()), ("flows/f.yaml:3:11", "the expression gives a function, which is not data"));
}

#[test]
fn mistakes_are_found_at_load_at_their_exact_place() {
    for (text, code, pointed, words) in [
        ("ordres >= 5", Code::SCRIPT_UNKNOWN_VARIABLE, "ordres", "there is no variable `ordres` here"),
        ("orders >= 5 && citty == 1", Code::SCRIPT_UNKNOWN_VARIABLE, "citty", "there is no variable `citty` here"),
        ("list.filter(|x| x > ordres)", Code::SCRIPT_UNKNOWN_VARIABLE, "ordres", "there is no variable `ordres` here"),
        ("contact.nmae == 1", Code::SCRIPT_UNKNOWN_VARIABLE, "nmae", "contact has no nmae"),
        ("now.weekdya", Code::SCRIPT_UNKNOWN_VARIABLE, "weekdya", "now has no weekdya"),
        ("\"é😀\" + citty", Code::SCRIPT_UNKNOWN_VARIABLE, "citty", "there is no variable `citty` here"),
        ("monney(5)", Code::SCRIPT_UNKNOWN_FUNCTION, "monney", "there is no function `monney`"),
        ("money(5, 2)", Code::SCRIPT_UNKNOWN_FUNCTION, "money", "money takes 1 value, not 2"),
        ("city.contains()", Code::SCRIPT_UNKNOWN_FUNCTION, "contains", "contains takes 1 value, not 0"),
        ("send(\"x\")", Code::SCRIPT_FORBIDDEN, "send", "send cannot stand in an expression, which only computes"),
        ("list.map(|x| set(\"a\", x))", Code::SCRIPT_FORBIDDEN, "set", "set cannot stand in an expression, which only computes"),
        ("print(1)", Code::SCRIPT_FORBIDDEN, "print", "print cannot stand in an expression, which only computes"),
        ("eval(\"1\")", Code::SCRIPT_FORBIDDEN, "eval", "`eval` is not allowed: text never becomes a program here"),
        ("prices::quote(1)", Code::SCRIPT_FORBIDDEN, "prices", "there is no module `prices`: scripts cannot use each other"),
        ("global::X", Code::SCRIPT_SYNTAX, "global::X", "write X alone: nothing needs global:: here"),
    ] {
        let (diagnostic, at) = refused(text);
        assert_eq!((diagnostic.code, at.as_str(), diagnostic.message.as_str()), (code, pointed, words), "{text}");
    }
    assert_eq!(refused("ordres > 1").0.fix.unwrap().text, "orders");
}

#[test]
fn what_is_no_expression_is_refused_with_a_remedy() {
    for text in ["", "  ", "orders >", "(1", "let x = 1", "orders = 5", "\"open", "1 /* open", "while true { 1 }", "1; 2"] {
        let (diagnostic, _) = refused(text);
        assert_eq!(diagnostic.code, Code::SCRIPT_SYNTAX, "{text}: {diagnostic:?}");
    }
    assert_eq!(refused("orders = 5").0.help, "To compare, write == with two signs.");
    let long = format!("1{}", " + 1".repeat(2_000));
    assert!(refused(&long).0.message.contains("at most 4096 bytes"));
}

#[test]
fn an_expression_that_yaml_changed_points_at_its_line() {
    let whole = "when: \"orders == \\\"x\\\" + nope\"\n";
    let sources = Sources::from_texts([("flows/f.yaml", whole)]);
    let id = sources.iter().next().unwrap().0;
    let text = "orders == \"x\" + nope";
    let diagnostic = Scripts::default().expression(text, id, 6, &sources, &[VariableName::new("orders")]).unwrap_err();
    assert_eq!(sources.text(diagnostic.span), whole[6..].trim_end());
}
