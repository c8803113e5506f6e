//! All we keep for one contact on one channel.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::call::{OpenCall, RequestKey};
use super::contact::Contact;
use super::effect::SendKey;
use super::inbound::Sender;
use super::language::Language;
use super::name::{FlowName, ScriptName, StepName, VariableName};
use super::profile::Profile;
use super::taps::Taps;
use super::time::Timestamp;
use super::timer::Timer;
use super::value::Value;

/// The values of a flow's variables.
pub type Variables = BTreeMap<VariableName, Value>;

/// The whole state of one conversation. It names flows and steps and holds no index or pointer, so that it survives any
/// reload; a missing field reads as its default, so that it survives upgrades.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Conversation {
    /// The person.
    pub contact: Contact,
    /// The language that was chosen, by the person or by a word that only one language has; without one every flow speaks its
    /// own. No provider tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The passage through a flow that is under way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Session>,
    /// Variables by flow. They outlive the session, because a tap on an old menu may come back to them, and are cleared when
    /// the flow is started afresh.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<FlowName, Variables>,
    /// By which step each flow was entered last, where one entered it: there it comes back when it ends. Kept after the end for
    /// the taps on its old menus, and dropped when something else begins the flow.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub callers: BTreeMap<FlowName, Caller>,
    /// What scripts put aside with `set`, by script.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub script_variables: BTreeMap<ScriptName, Variables>,
    /// What was tapped lately.
    pub taps: Taps,
    /// How many turns were taken; numbers the sends.
    pub turns: u64,
    /// How many turns were taken before the person first did something: a contact may begin with an event of the user's own
    /// system.
    #[serde(skip_serializing_if = "is_zero_long")]
    pub unheard_turns: u64,
    /// When the person last wrote or tapped; the 24-hour window counts from here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_inbound_at: Option<Timestamp>,
    /// What time will bring, at most [`super::limits::TIMERS_MAX`], in the order set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub timers: Vec<Timer>,
    /// How many `later` timers have fired since the person last did something.
    #[serde(skip_serializing_if = "is_zero")]
    pub unanswered: u32,
    /// How many calls were made since the person last did something.
    #[serde(skip_serializing_if = "is_zero")]
    pub unheard_calls: u32,
    /// Calls whose answers are still to come, at most [`super::limits::CALLS_OPEN_MAX`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<OpenCall>,
    /// What flows learnt about the contact.
    #[serde(skip_serializing_if = "is_default")]
    pub profile: Profile,
    /// A person has the conversation: no send of a flow leaves meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
}

/// A person's lease on the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Since when.
    pub since: Timestamp,
    /// When it ends by itself.
    pub until: Timestamp,
    /// Who is to take care, as the flow's `hand_off` names them; empty when a person took over by themselves.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub to: String,
    /// What the person should know.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub note: String,
}

impl Conversation {
    /// The timer that falls due first; of several, the one set first.
    pub fn next_timer(&self) -> Option<&Timer> {
        self.timers.iter().min_by_key(|timer| timer.at)
    }

    /// Takes out exactly this timer; tells whether it was there.
    pub fn forget_timer(&mut self, timer: &Timer) -> bool {
        let before = self.timers.len();
        self.timers.retain(|open| open != timer);
        self.timers.len() < before
    }

    /// Counts a turn that begins; `inbound` says whether the person did something.
    pub fn count_turn(&mut self, inbound: bool) {
        if !inbound && self.unheard_turns == self.turns {
            self.unheard_turns += 1;
        }
        self.turns += 1;
    }

    /// Whether the turn that was counted last is the first in which the person did something.
    pub fn is_first_contact(&self) -> bool {
        self.turns == self.unheard_turns + 1
    }

    /// Opens a timer, in the place of one that is for the same.
    pub fn set_timer(&mut self, timer: Timer) {
        self.timers.retain(|open| !open.is_for_the_same_as(&timer));
        self.timers.push(timer);
    }
}

fn is_default(profile: &Profile) -> bool {
    *profile == Profile::default()
}

impl Conversation {
    /// Gives up a call, and with it the passage that waits for its answer.
    pub fn give_up_call(&mut self, key: &RequestKey) {
        self.calls.retain(|open| open.key != *key);
        if self.session.as_ref().is_some_and(|session| matches!(&session.wait, Wait::Call { call } if call == key)) {
            self.session = None;
        }
    }
}

fn is_zero(count: &u32) -> bool {
    *count == 0
}

fn is_zero_long(count: &u64) -> bool {
    *count == 0
}

impl Conversation {
    /// Takes in what an event tells of its sender, and that the 24-hour window is open again.
    pub fn hear_from(&mut self, sender: &Sender, at: Timestamp) {
        let contact = &mut self.contact;
        if sender.phone.is_some() {
            contact.phone.clone_from(&sender.phone);
        }
        if sender.user_id.is_some() {
            contact.user_id.clone_from(&sender.user_id);
        }
        if !sender.name.is_empty() {
            contact.name.clone_from(&sender.name);
        }
        self.last_inbound_at = self.last_inbound_at.max(Some(at));
        self.unanswered = 0;
        self.unheard_calls = 0;
        if let Some(session) = &mut self.session {
            session.silent_turns = 0;
        }
    }
}

/// One passage through a flow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// The flow.
    pub flow: FlowName,
    /// The step that waits.
    pub step: StepName,
    /// What it waits for.
    pub wait: Wait,
    /// How many answers to this wait were no answer.
    #[serde(default)]
    pub tries: u32,
    /// How many times in a row `if_silent` has led on without the person doing anything.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub silent_turns: u32,
    /// Which page of its list is shown, counted from 0.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub page: u32,
}

/// The step that entered a flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// Its flow.
    pub flow: FlowName,
    /// The step.
    pub step: StepName,
}

/// What a step waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// A tap on the menu that this send carried.
    Menu {
        /// The send.
        send: SendKey,
    },
    /// An answer in words.
    Answer,
    /// What comes of a call of ours.
    Call {
        /// Which.
        call: RequestKey,
    },
}
