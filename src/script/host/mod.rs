//! What a script may ask for: one list, a file per topic.
//!
//! A host function checks what it is given, notes a request on the desk of the call and returns: nothing happens before the
//! turn is stored. To add one: write it in its topic's file, add it to [`FUNCTIONS`] with the line that editors show,
//! describe it in `docs/scripting.md` (a test asks for that).

pub(super) mod change;
pub(super) mod fetch;
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
    /// What it does, in one line: what editors show.
    pub(super) about: &'static str,
    /// Whether it asks for something: then it stands in functions and handlers only, never in expressions.
    pub(super) asks: bool,
}

/// Every function of the host.
#[rustfmt::skip] // one line each
pub(super) const FUNCTIONS: &[HostFunction] = &[
    asks("send", &["send(text)"], "A message of 1 to 4096 characters."),
    asks("send_buttons", &["send_buttons(text, buttons)", "send_buttons(text, buttons, options)"], r#"A message with one to three buttons, `[#{id: "yes", title: "Yes"}]`; options are `#{header: "…", footer: "…"}`."#),
    asks("send_link", &["send_link(text, label, url)", "send_link(text, label, url, options)"], "A message with one link; the label has 20 characters at most."),
    asks("send_template", &["send_template(name, language)", "send_template(name, language, fields)"], "A message that the provider approved; the only kind that may leave after 24 hours of silence."),
    asks("set", &["set(name, value)"], "A variable gets a value: text, number, yes or no, list or record."),
    asks("fetch", &["fetch(request)"], r#"Asks another system, `#{url: "https://api.example.com/orders"}`, and gives its answer: `ok`, `status`, `body`, `failed`, `detail`."#),
    asks("emit", &["emit(name)", "emit(name, data)"], "News for your own system."),
    asks("start", &["start(flow)"], "Another flow begins."),
    asks("go", &["go(step)"], "Another step of the flow at hand; not in handlers."),
    asks("later", &["later(after, step)"], r#"After a time such as `"2 days"`, a step of the flow at hand, also when the flow is over then; not in handlers."#),
    asks("log", &["log(line)"], "A line in the log; 500 characters, 50 lines a call."),
    asks("handled", &["handled()"], "In a handler: the event is taken."),
    asks("pass", &["pass()"], "In a handler: the event is not taken."),
    asks("print", &["print(line)"], "A line in the log, like `log`."),
    asks("debug", &["debug(line)"], "A line in the log, like `log`."),
    computes("get", &["get(name)"], "The value of a variable, `()` when it has none."),
    computes("random", &["random(from, to)"], "A whole number, both ends included; a turn that is taken again gets the same one."),
    computes("money", &["money(value)"], r#"A number with two digits after the point, as text: `99.9` gives `"99.90"`."#),
    computes("fixed", &["fixed(value, digits)"], "A number with as many digits after the point as asked for, 0 to 15, as text."),
    computes("url_part", &["url_part(value)"], "A value as a part of an address: everything but letters, digits and `-._~` is encoded."),
    computes("join", &["join(list, between)"], "The values of a list as one text."),
];

const fn asks(name: &'static str, forms: &'static [&'static str], about: &'static str) -> HostFunction {
    HostFunction { name, forms, about, asks: true }
}

const fn computes(name: &'static str, forms: &'static [&'static str], about: &'static str) -> HostFunction {
    HostFunction { name, forms, about, asks: false }
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
    fetch::register(engine);
    random::register(engine);
    words::register(engine);
}
