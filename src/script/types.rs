//! What stands between scripts and the flow engine: plain data, free of Rhai.

use std::collections::BTreeMap;

use crate::model::{
    Contact, Fetched, FlowName, HttpRequest, Message, Profile, ScriptName, StepName, Timestamp, Value, VariableName, Zone,
};

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
    /// `fn on_event(event)`: what the user's own systems tell about a contact.
    OnEvent,
    /// `fn on_receipt(receipt)`: what became of a message of ours.
    OnReceipt,
}

/// What a call is given to look at. The same names stand in flows' texts, expressions and scripts.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// `contact`
    pub contact: &'a Contact,
    /// `contact.language`: empty when none was chosen.
    pub language: &'a str,
    /// What flows learnt about them.
    pub profile: &'a Profile,
    /// The flow's variables (or, for a handler, nothing): names in scope of expressions; `get("name")` in functions.
    pub variables: &'a BTreeMap<VariableName, Value>,
    /// `text`: what was typed, empty otherwise.
    pub text: &'a str,
    /// `tap.id`: empty when nothing was tapped.
    pub tap_id: &'a str,
    /// `tap.title`: empty when nothing was tapped.
    pub tap_title: &'a str,
    /// `event.name`: empty when nothing was told.
    pub event_name: &'a str,
    /// `event.data`: nothing when nothing was told.
    pub event_data: &'a Value,
    /// `now`
    pub now: Timestamp,
    /// What a handler is asked about that is neither a tap nor a text.
    pub news: News<'a>,
    /// The zone on whose clocks `now` is told.
    pub zone: &'a Zone,
    /// Grows the call's randomness.
    pub seed: u64,
    /// What `fetch` gives: the answers of earlier runs of the same call, in order.
    pub fetched: &'a [Fetched],
}

/// A request to another system at which a call stopped.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// What to ask.
    pub request: HttpRequest,
    /// How long one attempt may take, in milliseconds.
    pub wait_ms: u64,
    /// Attempts in all.
    pub tries: u32,
}

impl Asked {
    /// What tells this request from another (FNV-1a over all of it).
    pub fn fingerprint(&self) -> String {
        let written = serde_json::to_string(&self.request).unwrap_or_default();
        let hash =
            written.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
        format!("{hash:016x}")
    }
}

/// What happened without the contact.
#[derive(Debug, Clone, Copy, Default)]
pub enum News<'a> {
    /// Nothing.
    #[default]
    None,
    /// Another system told something.
    Event {
        /// What it is called.
        name: &'a str,
        /// What it says.
        data: &'a Value,
    },
    /// The provider told what became of a message.
    Receipt {
        /// The provider's id of the message.
        message: &'a str,
        /// `sent`, `delivered`, `read`, `played` or `failed`.
        status: &'a str,
        /// Why it failed, in the provider's words; empty otherwise.
        error: &'a str,
    },
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
    /// The lines that ran, where they are counted.
    pub lines: Vec<u32>,
    /// The `fetch` at which it stopped: nothing else counts then, and the call is made again when the answer has come.
    pub asks: Option<Asked>,
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
    /// `later(after, step)`: after so many milliseconds, another step of the flow at hand.
    Later(u64, StepName),
    /// `emit(name, data)`
    Emit(String, Value),
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
    /// The lines that ran before, where they are counted.
    pub lines: Vec<u32>,
}
