//! `set`, `get`, `start`, `go`, `later`, `log`, `handled`, `pass`: what changes the conversation or says what became of the event.

use rhai::{Dynamic, Engine};

use super::Reply;
use crate::model::{FlowName, StepName, Value, VariableName, limits, name, stretch};
use crate::script::desk::{self, Moment};
use crate::script::types::{Request, Verdict};
use crate::script::{convert, text};

/// Characters of what a message quotes.
const SHOWN_CHARS_MAX: usize = 40;

pub(super) fn register(engine: &mut Engine) {
    engine
        .register_fn("set", set)
        .register_fn("get", get)
        .register_fn("start", |flow: &str| start(flow))
        .register_fn("go", |step: &str| go(step))
        .register_fn("later", |after: &str, step: &str| later(after, step))
        .register_fn("log", |line: Dynamic| desk::with(|desk| desk.log(&text::shown(&line)?)))
        .register_fn("handled", || verdict("handled", Verdict::Handled))
        .register_fn("pass", || verdict("pass", Verdict::Passed));
}

fn set(variable: &str, value: Dynamic) -> Reply {
    let variable = named("set", "a variable", variable)?;
    let value = convert::to_value(&value).map_err(|why| format!("set: the value of {variable} is {why}"))?;
    if let Value::Text(text) = &value {
        let length = text.chars().count();
        if length > limits::TEXT_VALUE_CHARS_MAX {
            let most = limits::TEXT_VALUE_CHARS_MAX;
            return Err(format!("set: the text for {variable} has {length} characters, a variable holds {most}").into());
        }
    }
    desk::with(|desk| {
        let variable = VariableName::new(variable);
        desk.ask(Request::Set(variable.clone(), value.clone()))?;
        desk.variables.insert(variable, value);
        Ok(())
    })
}

fn get(variable: &str) -> Reply<Dynamic> {
    let variable = named("get", "a variable", variable)?;
    desk::with(|desk| Ok(desk.variables.get(variable).map_or(Dynamic::UNIT, convert::to_dynamic)))
}

fn start(flow: &str) -> Reply {
    let flow = FlowName::new(named("start", "a flow", flow)?);
    desk::with(|desk| desk.ask(Request::Start(flow)))
}

fn go(step: &str) -> Reply {
    let step = StepName::new(named("go", "a step", step)?);
    desk::with(|desk| match desk.moment {
        Moment::Handler => Err("go: a handler is not inside a flow; use start(\"flow\") to begin one".into()),
        Moment::Function | Moment::Expression | Moment::Constants => desk.ask(Request::Go(step)),
    })
}

fn later(after: &str, step: &str) -> Reply {
    let step = StepName::new(named("later", "a step", step)?);
    let after = stretch::millis(after.trim()).map_err(|_| {
        let shown: String = after.chars().take(SHOWN_CHARS_MAX).collect();
        format!("later: \"{shown}\" is no stretch of time from a second to 365 days; write \"20 min\", \"2 h\" or \"3 days\"")
    })?;
    desk::with(|desk| match desk.moment {
        Moment::Handler => Err("later: a handler is not inside a flow; start(\"flow\") begins one that can wait".into()),
        Moment::Function | Moment::Expression | Moment::Constants => desk.ask(Request::Later(after, step)),
    })
}

fn verdict(who: &str, verdict: Verdict) -> Reply {
    desk::with(|desk| {
        if desk.moment != Moment::Handler {
            return Err(format!("{who}: only handlers (on_tap, on_text, on_event) say what became of an event").into());
        }
        desk.verdict = verdict;
        Ok(())
    })
}

pub(super) fn named<'a>(who: &str, what: &str, text: &'a str) -> Reply<&'a str> {
    if name::is_name(text) {
        return Ok(text);
    }
    let shown: String = text.chars().take(limits::NAME_CHARS_MAX).collect();
    Err(format!("{who}: \"{shown}\" cannot be the name of {what}: lower-case letters, digits and _, a letter first").into())
}
