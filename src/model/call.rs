//! Calls to other systems over HTTP. A turn never waits on the network: it asks for a call as an effect, and the answer comes back
//! as an event of its own.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::contact::ContactId;
use super::event::Event;
use super::name::{FlowName, ScriptName, StepName};
use super::value::Value;

/// A request's identity for ever: contact, turn and number among the turn's effects. A turn taken again after a crash gives the same
/// keys, so that an answer finds the wait that asked for it, and only that one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestKey(pub String);

impl RequestKey {
    /// The key of the `nth` effect of a contact's turn number `turn`.
    pub fn new(contact: ContactId, turn: u64, nth: u32) -> Self {
        Self(format!("{contact}-{turn}-r{nth}"))
    }
}

impl fmt::Display for RequestKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A call on its way out: the effect of a `call` step, or of `fetch` in a script.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Numbers the effects of a turn from 0.
    pub nth: u32,
    /// What to ask.
    pub request: HttpRequest,
    /// How long one attempt may take, in milliseconds; see [`super::limits::CALL_WAIT_MS_MAX`].
    pub wait_ms: u64,
    /// Attempts in all, from 1 to [`super::limits::CALL_TRIES_MAX`].
    pub tries: u32,
}

/// A request over HTTP. Secrets stand in it by name only.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HttpRequest {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: String,
    /// The whole address; its host is one that the project allows.
    pub url: String,
    /// Headers, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// What is sent as JSON; nothing for a request without a body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The name under which the project keeps the secret that signs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<String>,
    /// Goes out as `Idempotency-Key`: the same for every attempt. The request's own key where the author gives none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub once_per: Option<String>,
}

impl HttpRequest {
    /// What may be asked for.
    pub const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    /// Headers that carry secrets, in small letters: only a sign-in sets them.
    pub const SECRET_HEADERS: [&str; 3] = ["authorization", "proxy-authorization", "cookie"];

    /// The method of a request that names none.
    pub fn usual_method(has_body: bool) -> &'static str {
        if has_body { "POST" } else { "GET" }
    }

    /// The attempts at a request that says no number: what surely changes nothing may be tried again unasked.
    pub fn usual_tries(method: &str) -> u32 {
        if method == "GET" { 3 } else { 1 }
    }

    /// Whether a part of the path is only dots: it would lead the address somewhere else than where its author wrote it.
    pub fn walks_up(&self) -> bool {
        let rest = self.url.split_once("://").map_or("", |(_, rest)| rest);
        let path = rest.split(['?', '#']).next().unwrap_or("").replace("%2e", ".").replace("%2E", ".");
        path.split(['/', '\\']).skip(1).any(|part| part == "." || part == "..")
    }
}

/// What came of a call, after all its attempts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallAnswer {
    /// The other system answered.
    Answered {
        /// The status, 100 to 599.
        status: u16,
        /// The body: JSON as its value, anything else as a text; nothing when it was empty. At most
        /// [`super::limits::CALL_ANSWER_BYTES_MAX`] bytes.
        body: Value,
    },
    /// No usable answer came.
    Failed {
        /// Why.
        why: CallFailure,
        /// The same in words, without secrets.
        detail: String,
    },
}

/// Why a call has no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallFailure {
    /// Nobody was reached.
    Unreached,
    /// It took longer than the step waits.
    TimedOut,
    /// The answer was longer than [`super::limits::CALL_ANSWER_BYTES_MAX`], or broke off.
    Unreadable,
    /// The host, the address behind it or the secret is not allowed; nothing left.
    NotAllowed,
}

impl CallFailure {
    /// Every reason, with the word that conversations written as tests use.
    pub const ALL: [(CallFailure, &'static str); 4] = [
        (CallFailure::Unreached, "unreached"),
        (CallFailure::TimedOut, "timed_out"),
        (CallFailure::Unreadable, "unreadable"),
        (CallFailure::NotAllowed, "not_allowed"),
    ];

    /// As scripts and tests name it.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(why, _)| *why == self).map_or("", |(_, word)| word)
    }

    /// As people read it.
    pub fn in_words(self) -> &'static str {
        match self {
            CallFailure::Unreached => "nobody was reached",
            CallFailure::TimedOut => "it took too long",
            CallFailure::Unreadable => "what came could not be read",
            CallFailure::NotAllowed => "it is not allowed",
        }
    }
}

/// A call whose answer a conversation waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenCall {
    /// Recognises its answer.
    pub key: RequestKey,
    /// What goes on when it comes.
    pub resumes: Resumes,
}

/// What goes on when a call's answer comes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resumes {
    /// A `call` step decides by its `answers`.
    Step {
        /// The flow.
        flow: FlowName,
        /// The step.
        step: StepName,
    },
    /// A step's script runs again from its start, with the answers that `fetch` has had so far.
    Run {
        /// The flow.
        flow: FlowName,
        /// The step.
        step: StepName,
        /// What `fetch` gave so far.
        journal: Journal,
    },
    /// A script's handler runs again from its start.
    Handler {
        /// The script.
        script: ScriptName,
        /// What `fetch` gave so far.
        journal: Journal,
    },
}

impl Resumes {
    /// What is known of the runs so far, where a script goes on.
    pub fn journal(&self) -> Option<&Journal> {
        match self {
            Resumes::Step { .. } => None,
            Resumes::Run { journal, .. } | Resumes::Handler { journal, .. } => Some(journal),
        }
    }
}

/// What makes a function that runs again come by the same way: the answers that `fetch` had, in order, and the event and moment of its
/// first run, from which its clock and its random numbers grow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Journal {
    /// The event of the first run, boxed because it is the largest thing here.
    pub event: Box<Event>,
    /// The moment of the first run.
    pub now: super::time::Timestamp,
    /// The answers so far, at most [`super::limits::FETCHES_MAX`], of at most [`super::limits::JOURNAL_BYTES_MAX`] bytes.
    #[serde(default)]
    pub answers: Vec<Fetched>,
    /// The fingerprint of the request whose answer is awaited.
    pub asked: String,
}

/// An answer that a `fetch` had.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fetched {
    /// The fingerprint of the request: a function that asks otherwise when it runs again must not take this for its answer.
    pub asked: String,
    /// What came.
    pub answer: CallAnswer,
}

/// News for the user's own system: a signed request whose answer nobody waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Emit {
    /// Numbers the effects of a turn from 0.
    pub nth: u32,
    /// What it is called.
    pub name: String,
    /// What it says.
    pub data: Value,
}
