//! Signatures.
use std::collections::BTreeMap;

use crate::model::{Contact, FlowName, Message, ScriptName, StepName, Timestamp, Value, VariableName};
use crate::source::{Diagnostic, SourceId, Sources};

/// All scripts of a project, compiled. Cheap to share, never changed.
#[derive(Debug, Default)]
pub struct Scripts;

/// A compiled expression of a flow (`when:`, `set:`).
#[derive(Debug, Clone)]
pub struct Expression;

/// A function that flows may call with `run: script.function`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionInfo {
    /// The script.
    pub script: ScriptName,
    /// The function.
    pub name: String,
    /// How many arguments it takes.
    pub parameters: usize,
}

/// What a script may react to by itself, without YAML.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Handler {
    /// `fn on_tap(tap)`
    OnTap,
    /// `fn on_text(text)`
    OnText,
}

/// What a call is given to look at. The same names stand in flows' texts, expressions and scripts.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// `contact`
    pub contact: &'a Contact,
    /// The flow's variables (or, for a handler, nothing): names in scope of expressions; `get("name")` in functions.
    pub variables: &'a BTreeMap<VariableName, Value>,
    /// `text`: what was typed, empty otherwise.
    pub text: &'a str,
    /// `tap.id`: empty when nothing was tapped.
    pub tap_id: &'a str,
    /// `tap.title`: empty when nothing was tapped.
    pub tap_title: &'a str,
    /// `now`
    pub now: Timestamp,
    /// Grows the call's randomness.
    pub seed: u64,
}

/// What a call led to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// What it returned.
    pub value: Value,
    /// What it asked for, in order.
    pub requests: Vec<Request>,
    /// What a handler said of the event.
    pub verdict: Verdict,
}

/// Whether a handler took the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verdict {
    /// It said neither: taken if it asked for any effect.
    #[default]
    Unsaid,
    /// `handled()`
    Handled,
    /// `pass()`
    Passed,
}

/// Something a script asks for. It happens only if the turn is stored.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// `send(text)`, `send_buttons(text, buttons)`, `send_link(text, label, url)`, `send_template(name, language, fields)`
    Send(Message),
    /// `set(name, value)`
    Set(VariableName, Value),
    /// `start(flow)`
    Start(FlowName),
    /// `go(step)`: another step of the flow at hand.
    Go(StepName),
    /// `log(line)`
    Log(String),
}

/// A script or expression that failed at run time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptFault {
    /// Whether it ran into one of the fence's limits.
    pub limit: bool,
    /// `scripts/prices.rhai:4:9`, or the place of the expression in its flow.
    pub place: String,
    /// What happened, in the author's words.
    pub message: String,
}

/// Compiles every script of `sources`. `flows` are the names `start("…")` may use.
pub fn compile(sources: &Sources, diagnostics: &mut Vec<Diagnostic>) -> Scripts {
    let _ = (sources, diagnostics);
    Scripts
}

impl Scripts {
    /// The function `script.name`, if there is one.
    pub fn function(&self, script: &str, name: &str) -> Option<FunctionInfo> {
        let _ = (script, name);
        None
    }

    /// Every function that flows may call, for "did you mean".
    pub fn functions(&self) -> Vec<FunctionInfo> {
        Vec::new()
    }

    /// The scripts that react by themselves, in the order in which they are asked.
    pub fn handlers(&self, handler: Handler) -> &[ScriptName] {
        let _ = handler;
        &[]
    }

    /// Compiles an expression of a flow. `at` is the byte of `source` where `text` stands; `variables` are the flow's own.
    pub fn expression(
        &self,
        text: &str,
        source: SourceId,
        at: u32,
        sources: &Sources,
        variables: &[VariableName],
    ) -> Result<Expression, Box<Diagnostic>> {
        let _ = (text, source, at, sources, variables);
        Ok(Expression)
    }

    /// The value of an expression.
    pub fn evaluate(&self, expression: &Expression, around: &Surroundings<'_>) -> Result<Value, ScriptFault> {
        let _ = (expression, around);
        unimplemented!("helper")
    }

    /// Calls a function of a script for a step of a flow.
    pub fn call(
        &self,
        script: &str,
        function: &str,
        arguments: &[Value],
        around: &Surroundings<'_>,
    ) -> Result<Answer, ScriptFault> {
        let _ = (script, function, arguments, around);
        unimplemented!("helper")
    }

    /// Asks a script's handler whether it takes the event.
    pub fn handle(&self, script: &ScriptName, handler: Handler, around: &Surroundings<'_>) -> Result<Answer, ScriptFault> {
        let _ = (script, handler, around);
        unimplemented!("helper")
    }
}
