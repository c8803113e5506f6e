//! The definition files for Rhai's language server.

use buttonhook::script::{definitions, given_names, host_forms};

fn file(name: &str) -> String {
    definitions().into_iter().find(|(file, _)| *file == name).unwrap().1
}

/// The line before the one that begins like this.
fn described(file: &str, begins: &str) -> Option<String> {
    let lines: Vec<&str> = file.lines().collect();
    let at = lines.iter().position(|line| line.starts_with(begins))?;
    lines[at - 1].strip_prefix("/// ").map(str::to_owned)
}

#[test]
fn every_host_function_is_defined_with_its_description() {
    let file = file("buttonhook.d.rhai");
    assert!(file.starts_with("module static;\n"));
    for form in host_forms() {
        let (name, parameters) = form.strip_suffix(')').unwrap().split_once('(').unwrap();
        let parameters: Vec<&str> = parameters.split(", ").filter(|name| !name.is_empty()).collect();
        let line = file.lines().find(|line| {
            let Some(inside) = line.strip_prefix(&format!("fn {name}(")).and_then(|rest| rest.split_once(") -> ")) else {
                return false;
            };
            let names: Vec<&str> = inside.0.split(", ").filter_map(|one| one.split_once(": ")).map(|one| one.0).collect();
            names == parameters
        });
        let line = line.unwrap_or_else(|| panic!("{form} is not defined:\n{file}"));
        let about = described(&file, line).unwrap_or_default();
        assert!(about.len() > 10 && about.ends_with('.'), "{form} is not described: {about:?}");
    }
    for name in given_names() {
        let begins = match name.split_once('.') {
            Some((of, property)) => format!("fn get {property}({of}: {of}) -> "),
            None => format!("const {name}: "),
        };
        let about = described(&file, &begins).unwrap_or_else(|| panic!("{name} is not defined or described"));
        assert!(about.ends_with('.') && about.len() > 5, "{name}: {about:?}");
    }
}

#[test]
fn types_are_those_that_the_engine_knows() {
    let file = file("buttonhook.d.rhai");
    for line in [
        "const contact: contact;",
        "const text: String;",
        "fn get unix(now: now) -> int;",
        "fn get phone(contact: contact) -> String;",
        "fn send(text: ?) -> ();",
        "fn send_buttons(text: ?, buttons: ?, options: Map) -> ();",
        "fn random(from: int, to: int) -> int;",
        "fn money(value: ?) -> String;",
        "fn get(name: String) -> ?;",
        "fn print(line: ?) -> ();",
        "fn handled() -> ();",
    ] {
        assert!(file.lines().any(|found| found == line), "{line} is missing:\n{file}");
    }
}

#[test]
fn what_rhai_brings_is_there_and_what_scripts_may_not_do_is_not() {
    let file = file("rhai.d.rhai");
    for begins in
        ["fn to_lower(", "fn filter(", "fn round(", "fn keys(", "op +(int, int) -> int;", "fn get len(string: String) -> int;"]
    {
        assert!(file.lines().any(|line| line.starts_with(begins)), "{begins} is missing");
    }
    for name in ["eval", "import", "sleep", "timestamp", "exit", "parse_json"] {
        assert!(!file.contains(&format!("fn {name}(")), "{name} is there");
    }
    for foreign in ["Dynamic", "EvalAltResult", "&mut", "::", "u128"] {
        let line = file.lines().find(|line| !line.starts_with("///") && line.contains(foreign));
        assert_eq!(line, None, "{foreign} says nothing to an author");
    }
}
