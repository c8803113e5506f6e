//! All scripts of a project as they run, and what can be asked about them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rhai::AST;

use super::asks::Asks;
use super::data::Library;
use super::desk::Constants;
use super::types::{FunctionInfo, Handler};
use crate::model::{FlowName, ScriptName, VariableName};
use crate::source::Span;

/// All scripts of a project, compiled. Cheap to share, never changed.
#[derive(Debug, Default)]
pub struct Scripts {
    pub(super) scripts: BTreeMap<ScriptName, Script>,
    /// Those that were left out because of their mistakes.
    pub(super) broken: BTreeSet<String>,
    /// The project's data files.
    pub(super) data: Arc<Library>,
    /// By handler, in the order of [`Handler::ALL`]: the scripts that have it, in the order in which they are asked.
    pub(super) handlers: [Vec<ScriptName>; Handler::ALL.len()],
}

/// One of them.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) path: Arc<str>,
    pub(super) ast: AST,
    pub(super) constants: Arc<Constants>,
    pub(super) data: Arc<Library>,
    pub(super) functions: Vec<FunctionInfo>,
    /// Whether it may look at the flow's variables: copying them for every call would cost those that do not.
    pub(super) reads_variables: bool,
    /// The flows it begins by name, with the places of the names.
    pub(super) starts: Vec<(FlowName, Span)>,
    /// What it may set and say.
    pub(super) asks: Asks,
    /// Higher ones are asked first.
    pub(super) priority: i64,
    pub(super) handlers: Vec<Handler>,
}

impl Handler {
    /// All of them.
    pub const ALL: [Handler; 4] = [Handler::OnTap, Handler::OnText, Handler::OnEvent, Handler::OnReceipt];

    /// What its parameter is called in examples.
    pub(super) fn parameter(self) -> &'static str {
        self.function().trim_start_matches("on_")
    }

    /// The name of its function.
    pub fn function(self) -> &'static str {
        match self {
            Handler::OnTap => "on_tap",
            Handler::OnText => "on_text",
            Handler::OnEvent => "on_event",
            Handler::OnReceipt => "on_receipt",
        }
    }
}

impl Scripts {
    /// The function `script.name`, if there is one. Of several forms with different numbers of parameters, the shortest.
    pub fn function(&self, script: &str, name: &str) -> Option<FunctionInfo> {
        let found = self.scripts.get(script)?.functions.iter().filter(|function| function.name == name);
        found.min_by_key(|function| function.parameters).cloned()
    }

    /// Every function that flows may call, for "did you mean". Handlers are not among them.
    pub fn functions(&self) -> Vec<FunctionInfo> {
        self.scripts.values().flat_map(|script| script.functions.iter().cloned()).collect()
    }

    /// Whether `script.name` has a form with `arguments` parameters.
    pub fn takes(&self, script: &str, name: &str, arguments: usize) -> bool {
        self.scripts.get(script).is_some_and(|script| {
            script.functions.iter().any(|function| function.name == name && function.parameters == arguments)
        })
    }

    /// Whether the script is there and was left out because of its mistakes, which have been told.
    pub fn is_broken(&self, script: &str) -> bool {
        self.broken.contains(script)
    }

    /// Whether a script may give `variable` a value with `set`. In doubt it may.
    pub fn may_set(&self, variable: &VariableName) -> bool {
        !self.broken.is_empty() || self.scripts.values().any(|script| script.asks.may_set(variable.as_str()))
    }

    /// Whether a script may send messages of its own. In doubt it may.
    pub fn may_say(&self) -> bool {
        !self.broken.is_empty() || self.scripts.values().any(|script| script.asks.says)
    }

    /// The flows that scripts begin with `start("…")`, each with the place of its name, so that one that does not exist can
    /// be told. Names made at run time are not among them.
    pub fn starts(&self) -> impl Iterator<Item = (&FlowName, Span)> {
        self.scripts.values().flat_map(|script| script.starts.iter().map(|(flow, span)| (flow, *span)))
    }

    /// The scripts that react by themselves, in the order in which they are asked.
    pub fn handlers(&self, handler: Handler) -> &[ScriptName] {
        let place = Handler::ALL.iter().position(|known| *known == handler);
        place.map_or(&[], |place| &self.handlers[place])
    }
}
