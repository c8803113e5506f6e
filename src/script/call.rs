//! Calls of functions and handlers.

use std::sync::Arc;

use rhai::{CallFnOptions, Dynamic, Position, Scope};

use super::desk::{Desk, Moment};
use super::engine::engines;
use super::fence::{LEFT_BEHIND_BYTES_MAX, Stop};
use super::given::{self, Given};
use super::scripts::{Script, Scripts};
use super::types::{Answer, Handler, ScriptFault, Surroundings};
use super::{convert, desk, fault, fence};
use crate::model::{Fetched, ScriptName, Value, limits};

impl Scripts {
    /// Calls a function of a script for a step of a flow. Nothing that it asked for counts when it ends in a fault.
    pub fn call(
        &self,
        script: &str,
        function: &str,
        arguments: &[Value],
        around: &Surroundings<'_>,
    ) -> Result<Answer, ScriptFault> {
        let Some(found) = self.scripts.get(script) else {
            return Err(fault::plain(format!("scripts/{script}.rhai"), format!("there is no script `{script}`")));
        };
        if !self.takes(script, function, arguments.len()) {
            return Err(fault::plain(found.path.to_string(), self.no_such_form(script, function, arguments.len())));
        }
        found.run(function, arguments.iter().map(convert::to_dynamic).collect(), Moment::Function, around)
    }

    /// Asks a script's handler whether it takes the event. Nothing that it asked for counts when it ends in a fault.
    pub fn handle(&self, script: &ScriptName, handler: Handler, around: &Surroundings<'_>) -> Result<Answer, ScriptFault> {
        let Some(found) = self.scripts.get(script).filter(|_| self.handlers(handler).contains(script)) else {
            let message = format!("the script {script} has no {}", handler.function());
            return Err(fault::plain(format!("scripts/{script}.rhai"), message));
        };
        let argument = match handler {
            Handler::OnTap => given::tap(around),
            Handler::OnText => around.text.into(),
            Handler::OnEvent | Handler::OnReceipt => given::news(&around.news),
        };
        found.run(handler.function(), vec![argument], Moment::Handler, around)
    }

    fn no_such_form(&self, script: &str, function: &str, given: usize) -> String {
        match self.function(script, function) {
            Some(info) => format!("{script}.{function} takes {} values, not {given}", info.parameters),
            None => format!("there is no function `{script}.{function}`"),
        }
    }
}

impl Script {
    fn run(
        &self,
        function: &str,
        arguments: Vec<Dynamic>,
        moment: Moment,
        around: &Surroundings<'_>,
    ) -> Result<Answer, ScriptFault> {
        let (result, leaks) = fence::leaves_behind(|| self.run_once(function, arguments, moment, around));
        let answer = result?;
        if leaks {
            return Err(ScriptFault {
                limit: true,
                place: self.path.to_string(),
                message: format!(
                    "{function} left more than {} KiB behind: a |…| function stands inside a value that it uses itself",
                    LEFT_BEHIND_BYTES_MAX / 1024
                ),
                lines: answer.lines,
            });
        }
        Ok(answer)
    }

    fn run_once(
        &self,
        function: &str,
        arguments: Vec<Dynamic>,
        moment: Moment,
        around: &Surroundings<'_>,
    ) -> Result<Answer, ScriptFault> {
        let (result, desk) = desk::seated(self.desk(moment, around), || {
            fence::fenced(|| {
                let options = CallFnOptions::new().eval_ast(false);
                let mut scope = Scope::new();
                let value: Dynamic =
                    engines().strict.call_fn_with_options(options, &mut scope, &self.ast, function, arguments)?;
                Ok(convert::to_value(&value))
            })
        });
        let lines: Vec<u32> = desk.lines.into_iter().collect();
        if let Some(asks) = desk.fetching.asks {
            return match stuck(&desk.fetching.answers, desk.fetching.other) {
                None => Ok(Answer { asks: Some(asks), lines, ..Answer::default() }),
                Some(why) => Err(ScriptFault { lines, ..fault::plain(self.path.to_string(), why) }),
            };
        }
        let value = result.map_err(|stop| ScriptFault { lines: lines.clone(), ..self.fault(stop) })?;
        let value = value.map_err(|why| fault::plain(self.path.to_string(), format!("{function} returned {why}")))?;
        Ok(Answer { value, requests: desk.requests, verdict: desk.verdict, lines, asks: None })
    }

    fn desk(&self, moment: Moment, around: &Surroundings<'_>) -> Desk {
        let mut desk = Desk::new(moment, around.seed);
        desk.given = Some(Given::new(around));
        desk.fetching.answers = around.fetched.to_vec();
        desk.constants = (!self.constants.is_empty()).then(|| Arc::clone(&self.constants));
        desk.data = Some(Arc::clone(&self.data));
        if self.reads_variables {
            desk.variables.clone_from(around.variables);
        }
        desk
    }

    fn fault(&self, stop: Stop) -> ScriptFault {
        fault::fault(stop, |at| self.place(at))
    }

    /// `scripts/prices.rhai:4:9`; the path alone when Rhai tells no position.
    fn place(&self, at: Position) -> String {
        match at.line() {
            Some(line) => format!("{}:{line}:{}", self.path, at.position().unwrap_or(1)),
            None => self.path.to_string(),
        }
    }
}

/// Why a call cannot go on although it only stopped at a `fetch`.
fn stuck(answers: &[Fetched], other: bool) -> Option<String> {
    if other {
        return Some(
            "fetch asks otherwise than before its answer came: the script, or something that it uses, has changed".to_owned(),
        );
    }
    if answers.len() >= limits::FETCHES_MAX {
        return Some(format!("more than {} fetch in one call", limits::FETCHES_MAX));
    }
    let bytes = serde_json::to_vec(answers).map_or(usize::MAX, |json| json.len());
    (bytes > limits::JOURNAL_BYTES_MAX)
        .then(|| format!("the answers of fetch hold more than {} KiB together", limits::JOURNAL_BYTES_MAX / 1024))
}
