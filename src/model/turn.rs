//! What one event led to.

use serde::{Deserialize, Serialize};

use super::call::CallFailure;
use super::conversation::Conversation;
use super::effect::Effect;
use super::language::Language;
use super::name::{ChoiceName, FlowName, ScriptName, StepName, VariableName};
use super::time::Timestamp;
use super::timer::TimerKind;

/// Everything one event led to: the new state, the effects, and how it came about. Stored whole or not at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// The state after the turn.
    pub conversation: Conversation,
    /// What to do, in order.
    pub effects: Vec<Effect>,
    /// How it came about, in order.
    pub trace: Vec<Trace>,
    /// What broke on the way; the flow's fault route has already run.
    pub faults: Vec<Fault>,
}

impl Turn {
    /// Whether nothing came of it, so that there is nothing to remember: a schedule came round that is not for this contact.
    pub fn is_idle(&self) -> bool {
        let only_asked = |line: &Trace| matches!(line, Trace::Scheduled { .. } | Trace::Tested { .. });
        self.effects.is_empty() && self.faults.is_empty() && self.trace.iter().all(only_asked) && !self.trace.is_empty()
    }
}

/// One line of the explanation of a turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the names say it
pub enum Trace {
    /// A trigger started a flow.
    Started {
        flow: FlowName,
        because: String,
    },
    /// A word that leads out of any question was typed.
    Always {
        word: String,
    },
    /// The same button of the same message was tapped twice within a few seconds; it counts once.
    TappedTwice {
        title: String,
    },
    /// A button of a menu that is no longer open was tapped, and the step's rule was applied.
    OldButton {
        flow: FlowName,
        step: StepName,
        choice: ChoiceName,
        because: String,
    },
    Entered {
        flow: FlowName,
        step: StepName,
    },
    Chose {
        choice: ChoiceName,
    },
    Tested {
        when: String,
        came_out: bool,
    },
    Ran {
        function: String,
        gave: String,
    },
    Set {
        variable: VariableName,
        value: String,
    },
    /// The contact reads this language from now on.
    Language {
        language: Language,
    },
    /// What came was no answer to the open question.
    NotAnAnswer {
        why: String,
        tries: u32,
    },
    Waits {
        step: StepName,
    },
    Ended {
        flow: FlowName,
        ending: String,
    },
    /// A flow that a step entered has ended, and that step goes on.
    CameBack {
        flow: FlowName,
        step: StepName,
        ending: String,
    },
    /// Lines of a script that ran; only where tests count them.
    Lines {
        script: ScriptName,
        lines: Vec<u32>,
    },
    /// A script's handler was asked.
    Handler {
        script: ScriptName,
        function: String,
        handled: bool,
    },
    /// A script's `log`.
    Logged {
        script: ScriptName,
        line: String,
    },
    /// A value was missing from a text and it had no fallback.
    Missing {
        name: String,
    },
    TimerSet {
        kind: TimerKind,
        flow: FlowName,
        step: StepName,
        at: Timestamp,
    },
    /// A timer was not set, because its moment is over.
    TimerOver {
        flow: FlowName,
        step: StepName,
    },
    /// A flow's schedule came round; `late_secs` as with timers.
    Scheduled {
        flow: FlowName,
        due: Timestamp,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        late_secs: Option<u64>,
    },
    /// A moment came; `late_secs` is there when it was noticed more than a minute after it, after a downtime for example.
    TimerFired {
        kind: TimerKind,
        flow: FlowName,
        step: StepName,
        set_in: u64,
        #[serde(skip_serializing_if = "Option::is_none", default)]
        late_secs: Option<u64>,
    },
    /// The timer did nothing, because the conversation or the program had moved on.
    MovedOn {
        why: String,
    },
    /// Another system is asked.
    Called {
        method: String,
        host: String,
    },
    /// It answered.
    Answered {
        status: u16,
    },
    /// It did not.
    NoAnswer {
        why: CallFailure,
    },
    /// The contact wrote while an answer was awaited.
    Meanwhile,
    /// The user's own system is told.
    Emitted {
        name: String,
    },
    /// What a flow learnt about the contact.
    Learnt {
        what: String,
    },
    /// The contact agreed to something, or took it back.
    Consented {
        opted_in: bool,
        source: String,
    },
    /// A person has the conversation from now on.
    HandedOff {
        to: String,
        until: Timestamp,
    },
    /// The flows have the conversation again.
    GivenBack {
        because: String,
    },
    /// A person has the conversation, so that no flow takes the event.
    Held,
    /// No menu, trigger, handler or `anything_else` took the event.
    Nobody,
}

/// Something broke inside a turn: an author's mistake that only showed at run time, or a script out of bounds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fault {
    /// What kind.
    pub kind: FaultKind,
    /// Where: `flows/shop.yaml:31:5` or `scripts/prices.rhai:4:9`.
    pub place: String,
    /// What happened, in the author's words.
    pub message: String,
}

/// Kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// A script or expression failed.
    Script,
    /// A script used up its operations, memory, depth or time.
    ScriptLimit,
    /// A value did not fit the variable's kind or bounds.
    Value,
    /// A message broke a limit after its values were filled in.
    Message,
    /// The conversation stood at a step that the program no longer has.
    Vanished,
    /// Too many steps in one turn.
    Loop,
    /// A call of another system has no answer that the flow provides for.
    Call,
    /// The conversation's state grew beyond its bound.
    State,
}
