//! What stopped a call, in the author's words and at the innermost place.

use rhai::{Dynamic, EvalAltResult, Position};

use super::fence::{self, Limit, Stop};
use super::types::ScriptFault;
use super::{convert, text};

/// Characters of a message: what a script throws may be long.
const MESSAGE_CHARS_MAX: usize = 500;

/// The fault for `stop`; `place` tells a position in the script as people read it.
pub(super) fn fault(stop: Stop, place: impl FnOnce(Position) -> String) -> ScriptFault {
    match stop {
        Stop::Error(error) => {
            let (error, at) = innermost(&error);
            let (limit, message) = explain(error);
            ScriptFault { limit, place: place(at), message: cut(&message), lines: Vec::new() }
        }
        Stop::Panic => ScriptFault {
            limit: false,
            place: place(Position::NONE),
            message: "the script made something inside break; a sort whose comparer contradicts itself does that".to_owned(),
            lines: Vec::new(),
        },
    }
}

/// A fault that is not an error of Rhai.
pub(super) fn plain(place: String, message: impl Into<String>) -> ScriptFault {
    ScriptFault { limit: false, place, message: cut(&message.into()), lines: Vec::new() }
}

/// Follows calls inwards: Rhai gives the place of the outermost call.
fn innermost(mut error: &EvalAltResult) -> (&EvalAltResult, Position) {
    let mut at = error.position();
    loop {
        error = match error {
            EvalAltResult::ErrorInFunctionCall(_, _, inner, _) | EvalAltResult::ErrorInModule(_, inner, _) => inner,
            _ => return (error, at),
        };
        if !error.position().is_none() {
            at = error.position();
        }
    }
}

fn cut(message: &str) -> String {
    let mut chars = message.chars();
    let mut short: String = chars.by_ref().take(MESSAGE_CHARS_MAX).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

/// Whether it is a limit, and what to say.
fn explain(error: &EvalAltResult) -> (bool, String) {
    use EvalAltResult as E;
    let limit = |message: String| (true, message);
    let other = |message: String| (false, message);
    match error {
        E::ErrorTooManyOperations(_) => limit(operations()),
        E::ErrorTerminated(token, _) => limit(terminated(token)),
        E::ErrorStackOverflow(_) => limit(format!("functions call each other more than {} deep", fence::CALL_LEVELS_MAX)),
        E::ErrorTooManyVariables(_) => limit(format!("more than {} variables at once", fence::VARIABLES_MAX)),
        E::ErrorTooManyModules(_) | E::ErrorModuleNotFound(..) => other("a script cannot use modules".to_owned()),
        E::ErrorDataTooLarge(what, _) => limit(too_large(what)),
        E::ErrorRuntime(thrown, _) => other(thrown_words(thrown)),
        E::ErrorFunctionNotFound(signature, _) => other(no_function(signature)),
        E::ErrorVariableNotFound(name, _) => other(format!("there is no variable `{name}` here")),
        E::ErrorPropertyNotFound(name, _) => other(format!("there is no property `{name}` here")),
        E::ErrorDotExpr(why, _) => other(property(why)),
        E::ErrorIndexNotFound(index, _) => other(format!("there is nothing at {}", shown(index))),
        E::ErrorIndexingType(what, _) => other(format!("{} cannot be indexed", type_words(what))),
        E::ErrorArrayBounds(length, index, _) => other(format!("the list has {length} values, there is none at {index}")),
        E::ErrorStringBounds(length, index, _) => other(format!("the text has {length} characters, there is none at {index}")),
        E::ErrorBitFieldBounds(..) => other("a whole number has 64 bits".to_owned()),
        E::ErrorFor(_) => other("only a list, a text or a range can be gone through with for".to_owned()),
        E::ErrorDataRace(name, _) => other(data_race(name)),
        E::ErrorAssignmentToConstant(name, _) => other(format!("{name} cannot be changed")),
        E::ErrorNonPureMethodCallOnConstant(name, _) => {
            other(format!("{name} would change a value that cannot be changed; take a copy with let first"))
        }
        E::ErrorArithmetic(why, _) => other(why.clone()),
        E::ErrorMismatchDataType(wanted, got, _) | E::ErrorMismatchOutputType(wanted, got, _) => {
            other(format!("{} was expected, not {}", type_words(wanted), type_words(got)))
        }
        E::ErrorUnboundThis(_) => other("this stands only in functions that are called on a value".to_owned()),
        other_error => other(without_position(other_error)),
    }
}

fn operations() -> String {
    format!("the script did more than {} operations; look for a loop that does not end", grouped(fence::OPERATIONS_MAX))
}

fn terminated(token: &Dynamic) -> String {
    match fence::limit_of(token) {
        Some(Limit::Operations) => operations(),
        Some(Limit::Time) => format!("the script worked longer than {} ms", fence::TIME_MAX.as_millis()),
        Some(Limit::Memory) => format!("the script held more than {} MiB at once", fence::MEMORY_BYTES_MAX / (1024 * 1024)),
        Some(Limit::Text) => too_large("text"),
        // Whoever waits for an answer has not failed: this is told only when nobody took the request.
        Some(Limit::Fetch) => "the script stopped at a fetch".to_owned(),
        None => "the script was stopped".to_owned(),
    }
}

/// Rhai names the kind of value in several ways.
fn too_large(what: &str) -> String {
    let what = what.to_lowercase();
    if what.contains("array") || what.contains("map") {
        format!("a list or record with more than {} values, those inside counted", grouped(fence::ITEMS_MAX as u64))
    } else {
        format!("a text longer than {} KiB", fence::STRING_BYTES_MAX / 1024)
    }
}

fn thrown_words(thrown: &Dynamic) -> String {
    if thrown.is_unit() { "the script threw an error without a message".to_owned() } else { shown(thrown) }
}

fn shown(value: &Dynamic) -> String {
    text::shown(value).unwrap_or_else(|_| convert::kind_name(value).to_owned())
}

/// `name (i64, string)` → what was given.
fn no_function(signature: &str) -> String {
    let Some((name, given)) = signature.split_once(" (") else {
        return format!("there is no function `{signature}`");
    };
    let name = name.trim();
    let given = given.strip_suffix(')').unwrap_or(given);
    if name.starts_with("index") || name.contains('[') {
        return format!("this cannot be looked up: {}", type_words(given));
    }
    if given.is_empty() {
        return format!("there is no function `{name}` without values");
    }
    let kinds: Vec<String> = given.split(", ").map(type_words).collect();
    let operator = !name.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    match &kinds[..] {
        [one] if operator => format!("{name} does not work on {one}"),
        _ if operator => format!("{name} does not work between {}", kinds.join(" and ")),
        _ => format!("there is no function `{name}` for {}", kinds.join(", ")),
    }
}

/// Rhai's `Unknown property 'x' - a getter is not registered for type 'contact'`.
fn property(why: &str) -> String {
    let mut quoted = why.split('\'').skip(1).step_by(2);
    match (quoted.next(), quoted.next()) {
        (Some(name), Some(kind)) if why.contains("setter") => format!("{name} of {} cannot be changed", type_words(kind)),
        (Some(name), Some(kind)) => format!("{} has no {name}", type_words(kind)),
        _ => why.to_owned(),
    }
}

/// Rhai's `argument #1 of function 'map'`, or the name of a variable.
fn data_race(of: &str) -> String {
    let function = of.split_once("function '").map(|(_, name)| name.trim_end_matches('\''));
    let what = match function {
        Some(name) => format!("the value that {name} works on"),
        None if of.trim().is_empty() => "a value".to_owned(),
        None => of.trim().to_owned(),
    };
    format!("{what} is also used inside the |…| function; take a copy with let first and use the copy inside")
}

/// The name Rhai has for a type, in the author's words.
fn type_words(name: &str) -> String {
    match name.trim().trim_start_matches('&').trim_start_matches("mut ") {
        "i64" | "f64" => "a number",
        "string" | "str" | "ImmutableString" | "str | ImmutableString | String" | "char" => "a text",
        "bool" => "yes or no",
        "array" | "Array" => "a list",
        "map" | "Map" => "a record",
        "()" => "nothing",
        "Fn" | "FnPtr" => "a function",
        "contact" => "contact",
        "tap" => "tap",
        "now" => "now",
        "range" | "range=" => "a range",
        other => return other.to_owned(),
    }
    .to_owned()
}

fn without_position(error: &EvalAltResult) -> String {
    let text = error.to_string();
    text.split(" (line ").next().unwrap_or(&text).to_owned()
}

/// `100000` → `100,000`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
