//! Stands between the lane and the real program: links every event into the state that it changed, and judges each turn.

use std::collections::BTreeMap;
use std::sync::Arc;

use buttonhook::flow::Program;
use buttonhook::model::{
    ContactId, Conversation, Event, EventKind, ScriptName, TappedButton, Timestamp, Turn, Value, VariableName, limits, time,
};
use buttonhook::runtime::Take;

use super::bugs::Bug;
use super::chaos::Watch;
use super::random::link;

/// A program that is watched.
pub struct Witness {
    program: Arc<Program>,
    bug: Option<Bug>,
    watch: Arc<Watch>,
    /// What the clock really shows.
    now: Timestamp,
}

impl Witness {
    pub fn new(program: Arc<Program>, bug: Option<Bug>, watch: Arc<Watch>, now: Timestamp) -> Self {
        Self { program, bug, watch, now }
    }

    /// The chain of all events that made this state.
    pub fn chain(conversation: &Conversation) -> i64 {
        match notes(conversation).get(&VariableName::new("chain")) {
            Some(Value::Whole(chain)) => *chain,
            _ => 0,
        }
    }

    fn judge(&self, before: &Conversation, event: &Event, turn: &Turn) -> Result<(), String> {
        if let Some(timer) = event.timer() {
            if timer.at > self.now {
                return Err(format!("{} fires {} ms early", event.id, time::millis(timer.at) - time::millis(self.now)));
            }
            if !before.timers.contains(timer) {
                return Err(format!("{} fires and is not open", event.id));
            }
        }
        if self.is_same_press(before, event) {
            self.watch.ledger().counts.double_taps += 1;
            if !turn.effects.is_empty() {
                return Err(format!("{} is the second press of one button and counts again", event.id));
            }
        }
        Ok(())
    }

    fn is_same_press(&self, before: &Conversation, event: &Event) -> bool {
        let Some(press) = self.press(event) else { return false };
        let noted = notes(before);
        let at = match noted.get(&VariableName::new("pressed_at")) {
            Some(Value::Whole(at)) => *at,
            _ => return false,
        };
        let since = time::millis(event.at) - at;
        noted.get(&VariableName::new("pressed")) == Some(&Value::Text(press)) && (0..limits::DOUBLE_TAP_MS).contains(&since)
    }

    fn press(&self, event: &Event) -> Option<String> {
        match &event.kind {
            EventKind::Tapped { button: TappedButton::Ours { means, send }, .. } => {
                Some(format!("{means:?} {send} {}", self.program.revision()))
            }
            _ => None,
        }
    }

    /// Links the event into the state; a script that does not exist keeps what is noted.
    fn note(&self, before: &Conversation, event: &Event, turn: &mut Turn) {
        let mut noted = notes(before).clone();
        noted.insert(VariableName::new("chain"), Value::Whole(link(Self::chain(before), &event.id.0)));
        if event.is_inbound() {
            let press = self.press(event).filter(|_| turn.faults.is_empty());
            noted.insert(VariableName::new("pressed"), press.map_or(Value::Nothing, Value::Text));
            noted.insert(VariableName::new("pressed_at"), Value::Whole(time::millis(event.at)));
        }
        turn.conversation.script_variables.insert(ScriptName::new(NOTES), noted);
    }
}

const NOTES: &str = "the_simulation";

fn notes(conversation: &Conversation) -> &BTreeMap<VariableName, Value> {
    static NONE: BTreeMap<VariableName, Value> = BTreeMap::new();
    conversation.script_variables.get(&ScriptName::new(NOTES)).unwrap_or(&NONE)
}

impl Take for Witness {
    fn revision(&self) -> &str {
        self.program.revision()
    }

    fn advance(&self, contact: ContactId, mut conversation: Conversation, event: &Event, now: Timestamp) -> Turn {
        let before = conversation.clone();
        if self.bug == Some(Bug::DoubleTaps) {
            conversation.taps = Default::default();
        }
        let mut turn = self.program.advance(contact, conversation, event, now);
        self.watch.judge(self.judge(&before, event, &turn));
        self.note(&before, event, &mut turn);
        turn
    }
}
