//! What a conversation keeps of its taps and menus, so that one press counts once, and a menu that is good for one tap takes one.

use serde::{Deserialize, Serialize};

use super::effect::SendKey;
use super::limits;
use super::message::ButtonRef;
use super::time::{self, Timestamp};

/// The newest tap, and the newest menus of which more must be known than that they were sent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Taps {
    /// The newest tap on a button of ours, if nothing else came after it and nothing broke in its turn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Tap>,
    /// Menus that were shown again or spent, oldest first; at most [`limits::MENUS_KEPT_MAX`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    menus: Vec<Shown>,
}

/// A tap on a button of ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tap {
    /// The message that carried the button.
    pub send: SendKey,
    /// The button.
    pub means: ButtonRef,
    /// When.
    pub at: Timestamp,
    /// The revision of the program that took it.
    #[serde(default)]
    pub revision: String,
}

/// One question, however often its menu was shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Shown {
    /// The messages that showed it, oldest first; at most [`limits::COPIES_KEPT_MAX`].
    sends: Vec<SendKey>,
    /// Whether a tap has used it up.
    #[serde(default)]
    spent: bool,
}

impl Taps {
    /// Whether a tap only repeats the newest one: the same button of the same message, less than
    /// [`limits::DOUBLE_TAP_MS`] later. After an edit it is no repetition: whoever edits wants to see what the button does now.
    pub fn is_double(&self, send: &SendKey, means: &ButtonRef, at: Timestamp, revision: &str) -> bool {
        self.last.as_ref().is_some_and(|last| {
            let later_ms = time::millis(at).saturating_sub(time::millis(last.at));
            let same = last.send == *send && last.means == *means && last.revision == revision;
            same && (0..limits::DOUBLE_TAP_MS).contains(&later_ms)
        })
    }

    /// Remembers that `copy` shows the same question as `first`.
    pub fn copied(&mut self, first: &SendKey, copy: &SendKey) {
        let shown = self.shown(first);
        shown.sends.push(copy.clone());
        if shown.sends.len() > limits::COPIES_KEPT_MAX {
            shown.sends.remove(0);
        }
    }

    /// Whether both messages show the same question.
    pub fn are_copies(&self, one: &SendKey, other: &SendKey) -> bool {
        one == other || self.find(one).is_some_and(|shown| shown.sends.contains(other))
    }

    /// Uses up the menu that `send` carried, and every copy of it.
    pub fn spend(&mut self, send: &SendKey) {
        self.shown(send).spent = true;
    }

    /// Whether the menu that `send` carried is used up.
    pub fn is_spent(&self, send: &SendKey) -> bool {
        self.find(send).is_some_and(|shown| shown.spent)
    }

    fn find(&self, send: &SendKey) -> Option<&Shown> {
        self.menus.iter().rev().find(|shown| shown.sends.contains(send))
    }

    /// The question that `send` showed, as the newest of all.
    fn shown(&mut self, send: &SendKey) -> &mut Shown {
        let known = self.menus.iter().position(|shown| shown.sends.contains(send));
        let shown = match known {
            Some(index) => self.menus.remove(index),
            None => Shown { sends: vec![send.clone()], spent: false },
        };
        if self.menus.len() >= limits::MENUS_KEPT_MAX {
            self.menus.remove(0);
        }
        self.menus.push(shown);
        let newest = self.menus.len() - 1;
        &mut self.menus[newest]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn send(n: usize) -> SendKey {
        SendKey(format!("1-{n}-0"))
    }

    #[test]
    fn only_the_same_button_shortly_after_is_a_double() {
        let means = |id: &str| ButtonRef::Named(id.to_owned());
        let last = Tap { send: send(1), means: means("a"), at: time::from_millis(10_000), revision: "r".to_owned() };
        let taps = Taps { last: Some(last), menus: vec![] };
        for (n, id, at_ms, revision, double) in [
            (1, "a", 10_000, "r", true),
            (1, "a", 14_999, "r", true),
            (1, "a", 15_000, "r", false),
            (1, "a", 9_999, "r", false),
            (1, "b", 10_001, "r", false),
            (2, "a", 10_001, "r", false),
            (1, "a", 10_001, "s", false),
        ] {
            let at = time::from_millis(at_ms);
            assert_eq!(taps.is_double(&send(n), &means(id), at, revision), double, "{n} {id} {at_ms} {revision}");
        }
    }

    #[test]
    fn copies_are_spent_together() {
        let mut taps = Taps::default();
        taps.copied(&send(1), &send(2));
        taps.copied(&send(2), &send(3));
        assert!(
            taps.are_copies(&send(3), &send(1)) && taps.are_copies(&send(9), &send(9)) && !taps.are_copies(&send(1), &send(9))
        );
        assert!(!taps.is_spent(&send(1)));
        taps.spend(&send(2));
        assert!([1, 2, 3].iter().all(|&n| taps.is_spent(&send(n))) && !taps.is_spent(&send(9)));
    }

    #[test]
    fn the_newest_are_kept_within_the_bounds() {
        let mut taps = Taps::default();
        for n in 0..2 * limits::MENUS_KEPT_MAX {
            taps.spend(&send(n));
        }
        assert_eq!(taps.menus.len(), limits::MENUS_KEPT_MAX);
        assert!(taps.is_spent(&send(2 * limits::MENUS_KEPT_MAX - 1)) && !taps.is_spent(&send(0)));
        for n in 1_000..1_000 + 2 * limits::COPIES_KEPT_MAX {
            taps.copied(&send(n), &send(n + 1));
        }
        assert_eq!(taps.menus.last().map(|shown| shown.sends.len()), Some(limits::COPIES_KEPT_MAX));
    }
}
