//! What scripts are given, for the language server of Rhai: definition files, made of what the engine itself knows of its
//! functions, with the names of parameters and the descriptions of ours.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{data, engine, given, host, marks};

/// What Rhai resolves by itself and therefore lists nowhere.
const RESOLVED: &[&str] = &[
    "fn type_of(value: ?) -> String;",
    "fn Fn(name: String) -> Fn;",
    "fn is_shared(value: ?) -> bool;",
    "fn is_def_fn(name: String, parameters: int) -> bool;",
    "fn is_def_var(name: String) -> bool;",
];

/// Numbers that scripts never meet: theirs are `int` and `float`.
const FOREIGN: &[&str] = &["i8", "i16", "i32", "i128", "u8", "u16", "u32", "u64", "u128", "f32", "Blob"];

/// A function as the engine describes it.
struct Function {
    name: String,
    /// Name and type of each parameter; the name is `_` where none is known.
    parameters: Vec<(String, String)>,
    gives: String,
    comments: Vec<String>,
}

/// The definition files by name.
pub fn definitions() -> [(&'static str, String); 2] {
    let functions = functions();
    [("buttonhook.d.rhai", ours(&functions)), ("rhai.d.rhai", rhais(&functions))]
}

fn functions() -> Vec<Function> {
    let described = engine::engines().strict.collect_fn_metadata(
        None,
        |function| {
            let metadata = function.metadata;
            let parameter = |text: &str| {
                let (name, kind) = text.split_once(':').unwrap_or((text, ""));
                (name.trim().rsplit(' ').next().unwrap_or("_").to_owned(), shown(kind))
            };
            Some(Function {
                name: metadata.name.to_string(),
                parameters: metadata.params_info.iter().map(|text| parameter(text)).collect(),
                gives: if metadata.return_type.is_empty() { "()".to_owned() } else { shown(&metadata.return_type) },
                comments: metadata.comments.iter().map(ToString::to_string).collect(),
            })
        },
        true,
    );
    let foreign = |kind: &str| FOREIGN.iter().any(|foreign| kind == *foreign || kind.contains(&format!("<{foreign}>")));
    described
        .into_iter()
        .filter(|function| function.name != marks::MARK)
        .filter(|function| !function.parameters.iter().map(|(_, kind)| kind).chain([&function.gives]).any(|kind| foreign(kind)))
        .collect()
}

/// A type of the host's language as Rhai calls it.
fn shown(rust: &str) -> String {
    let rust = rust.trim().trim_start_matches("&mut ").trim();
    let result = rust.strip_prefix("core::result::Result<").and_then(|inside| inside.split_once(", alloc::boxed::Box<"));
    let inside = match result {
        Some((given, _)) => given,
        None => rust.strip_prefix("RhaiResultOf<").and_then(|inside| inside.strip_suffix('>')).unwrap_or(rust).trim(),
    };
    // A list that a function makes anew.
    if inside.starts_with("alloc::vec::Vec<") {
        return "Array".to_owned();
    }
    match inside.rsplit("::").next().unwrap_or(inside) {
        "" | "Dynamic" | "RhaiResult" => "?".to_owned(),
        "&str" | "string" | "ImmutableString" => "String".to_owned(),
        "i64" | "INT" => "int".to_owned(),
        "f64" | "FLOAT" => "float".to_owned(),
        "array" => "Array".to_owned(),
        "map" => "Map".to_owned(),
        "FnPtr" => "Fn".to_owned(),
        other => other.replace(' ', "").replace("FLOAT", "float").replace("INT", "int").replace("i64", "int"),
    }
}

/// What the host gives: the values by name, their properties, and the functions of its list.
fn ours(functions: &[Function]) -> String {
    let mut file = "module static;\n".to_owned();
    let about = |name: &str| given::ABOUT.iter().find(|(known, _)| *known == name).map_or("", |(_, about)| about);
    let _ = write!(file, "\n/// The files of `scripts/data` by their names: `data.prices`.\nconst {0}: {0};\n", data::NAME);
    let handed = given::PROPERTIES.iter().map(|(name, _)| *name).filter(|name| !given::NAMES.contains(name));
    for name in given::NAMES.into_iter().chain(handed) {
        let properties = given::PROPERTIES.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, properties)| properties);
        let kind = if properties.is_empty() { "String" } else { name };
        // What only a handler is given is no constant: it is the handler's parameter.
        if given::NAMES.contains(&name) {
            let _ = write!(file, "\n/// {}\nconst {name}: {kind};\n", about(name));
        }
        for property in properties {
            let getter = format!("get${property}");
            let of =
                |function: &&Function| function.name == getter && function.parameters.first().is_some_and(|one| one.1 == name);
            let gives = functions.iter().find(of).map_or("?", |function| &function.gives);
            let _ =
                write!(file, "\n/// {}\nfn get {property}({name}: {name}) -> {gives};\n", about(&format!("{name}.{property}")));
        }
    }
    for function in host::FUNCTIONS {
        for form in function.forms {
            let _ = write!(file, "\n/// {}\n{}\n", function.about, signature(functions, function.name, form));
        }
    }
    file
}

/// `send(text)` with the types that the engine knows.
fn signature(functions: &[Function], name: &str, form: &str) -> String {
    let named: Vec<&str> = form[name.len()..].trim_matches(['(', ')']).split(", ").filter(|name| !name.is_empty()).collect();
    let known = functions
        .iter()
        .filter(|_| !engine::BUILT_IN.contains(&name))
        .find(|function| function.name == name && is_ours(function) && function.parameters.len() == named.len());
    let kind = |index: usize| known.map_or("?", |function| &function.parameters[index].1);
    let parameters: Vec<String> = named.iter().enumerate().map(|(index, name)| format!("{name}: {}", kind(index))).collect();
    format!("fn {name}({}) -> {};", parameters.join(", "), known.map_or("()", |function| &function.gives))
}

/// Whether a function came from this host: those of Rhai name their parameters.
fn is_ours(function: &Function) -> bool {
    function.parameters.iter().all(|(name, _)| name == "_") && host::function(&function.name).is_some()
}

/// What Rhai brings, as far as it is here.
fn rhais(functions: &[Function]) -> String {
    let mut lines = BTreeSet::new();
    let given = |kind: &str| kind == data::NAME || given::PROPERTIES.iter().any(|(name, _)| *name == kind);
    for function in functions.iter().filter(|function| !is_ours(function)) {
        if function.parameters.iter().any(|(_, kind)| given(kind)) || engine::FORBIDDEN.contains(&function.name.as_str()) {
            continue;
        }
        let Some(signature) = rhai_signature(function) else { continue };
        let comments: String = function.comments.iter().map(|comment| format!("{}\n", comment.trim_end())).collect();
        // By name first, so that the forms of a function stand together.
        lines.insert((function.name.clone(), signature, comments));
    }
    let mut file = "module static;\n".to_owned();
    for line in RESOLVED {
        let _ = write!(file, "\n{line}\n");
    }
    for (_, signature, comments) in lines {
        let _ = write!(file, "\n{comments}{signature}\n");
    }
    // Operators between its own kinds of values Rhai resolves by itself too.
    let _ = write!(file, "\n{}", engine::engines().strict.definitions().builtin_functions_operators());
    file
}

/// A function, an operator or a property of Rhai's own; nothing for what only the engine itself can call.
fn rhai_signature(function: &Function) -> Option<String> {
    let kinds = || function.parameters.iter().map(|(_, kind)| kind.as_str()).collect::<Vec<_>>().join(", ");
    let named = || {
        let named: Vec<String> = function.parameters.iter().map(|(name, kind)| format!("{name}: {kind}")).collect();
        named.join(", ")
    };
    let gives = &function.gives;
    let is_word = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    Some(match function.name.split_once('$') {
        Some((access @ ("get" | "set"), property)) if is_word(property) => {
            format!("fn {access} {property}({}) -> {gives};", named())
        }
        Some(_) => return None,
        None if is_word(&function.name) => format!("fn {}({}) -> {gives};", function.name, named()),
        None => format!("op {}({}) -> {gives};", function.name, kinds()),
    })
}
