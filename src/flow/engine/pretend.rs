//! What tests put in the place of the world: results of script functions, and a step where the conversation begins.

use std::collections::BTreeMap;

use crate::model::{FlowName, StepName, Value, VariableName};

/// What tests put in the place of the world. Empty in every real conversation.
#[derive(Debug, Clone, Default)]
pub struct Pretence {
    /// What functions give, by `script.function`. They are not run then.
    pub functions: BTreeMap<String, Pretended>,
    /// Where the conversation comes to, whatever the event is.
    pub opening: Option<Opening>,
}

/// What a script function comes to without being run.
#[derive(Debug, Clone, PartialEq)]
pub enum Pretended {
    /// It gives this.
    Gives(Value),
    /// It fails, for this reason.
    Fails(String),
}

/// A step to begin with.
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    /// Its flow.
    pub flow: FlowName,
    /// The step; it is entered as if another had led there.
    pub step: StepName,
    /// Values that the flow has found out before.
    pub with: Vec<(VariableName, Value)>,
}

impl Pretence {
    /// No pretence at all.
    pub(super) const NONE: &'static Pretence = &Pretence { functions: BTreeMap::new(), opening: None };
}
