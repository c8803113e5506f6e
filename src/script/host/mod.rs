//! What a script may ask for: one list, a file per topic.
//!
//! A host function checks what it is given, notes a request on the desk of the call and returns: nothing happens before the
//! turn is stored. To add one: write it in its topic's file, add it to [`FUNCTIONS`], describe it in `docs/scripting.md`
//! (a test asks for that).

pub(super) mod change;
pub(super) mod random;
pub(super) mod send;
pub(super) mod words;

use rhai::{Engine, EvalAltResult};

/// A function of the host.
#[derive(Debug)]
pub(super) struct HostFunction {
    /// Its name in scripts.
    pub(super) name: &'static str,
    /// How it is written, each form once.
    pub(super) forms: &'static [&'static str],
    /// Whether it asks for something: then it stands in functions and handlers only, never in expressions.
    pub(super) asks: bool,
}

/// Every function of the host.
pub(super) const FUNCTIONS: &[HostFunction] = &[
    asks("send", &["send(text)"]),
    asks("send_buttons", &["send_buttons(text, buttons)", "send_buttons(text, buttons, options)"]),
    asks("send_link", &["send_link(text, label, url)", "send_link(text, label, url, options)"]),
    asks("send_template", &["send_template(name, language)", "send_template(name, language, fields)"]),
    asks("set", &["set(name, value)"]),
    asks("start", &["start(flow)"]),
    asks("go", &["go(step)"]),
    asks("log", &["log(line)"]),
    asks("handled", &["handled()"]),
    asks("pass", &["pass()"]),
    asks("print", &["print(line)"]),
    asks("debug", &["debug(line)"]),
    computes("get", &["get(name)"]),
    computes("random", &["random(from, to)"]),
    computes("money", &["money(value)"]),
    computes("fixed", &["fixed(value, digits)"]),
    computes("join", &["join(list, between)"]),
];

const fn asks(name: &'static str, forms: &'static [&'static str]) -> HostFunction {
    HostFunction { name, forms, asks: true }
}

const fn computes(name: &'static str, forms: &'static [&'static str]) -> HostFunction {
    HostFunction { name, forms, asks: false }
}

/// The function called `name`.
pub(super) fn function(name: &str) -> Option<&'static HostFunction> {
    FUNCTIONS.iter().find(|function| function.name == name)
}

/// What a host function gives back.
pub(super) type Reply<T = ()> = Result<T, Box<EvalAltResult>>;

/// Teaches `engine` all of them.
pub(super) fn register(engine: &mut Engine) {
    send::register(engine);
    change::register(engine);
    random::register(engine);
    words::register(engine);
}
