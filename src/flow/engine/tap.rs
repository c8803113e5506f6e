//! Taps that do not act: the same press once more, and buttons whose step says that they are old.

use crate::model::{EventKind, Message, SendKey, TappedButton, Trace};

use super::super::program::Flow;
use super::super::step::Menu;
use super::{GONE_TEXT, Machine, SPENT_TEXT, said_or};

impl<'p> Machine<'p> {
    /// Whether the event only repeats the tap before it, which a finger does easily and a person seldom means.
    pub(super) fn is_double_tap(&mut self) -> bool {
        let EventKind::Tapped { button: TappedButton::Ours { means, send }, title } = &self.event.kind else { return false };
        let double = self.conversation.taps.is_double(send, means, self.event.at, self.program.revision());
        if double {
            self.trace.push(Trace::TappedTwice { title: title.clone() });
        }
        double
    }

    /// Why a button of `menu` does not do what it says, if it does not.
    pub(super) fn turned_down(&self, menu: &Menu, open: bool, send: &SendKey) -> Option<&'static str> {
        match (menu.once, &menu.if_old) {
            (true, _) if self.conversation.taps.is_spent(send) => Some("the menu is good for one tap, and had it"),
            (false, Some(_)) if !open => Some("the menu is no longer open; its step says what happens then"),
            _ => None,
        }
    }

    /// A button that is turned down is answered: by its step's `if_old`, or by the project's text.
    pub(super) fn by_if_old(&mut self, flow: &'p Flow, menu: &'p Menu) {
        let Some(if_old) = &menu.if_old else {
            let body = said_or(self.program.always().old_buttons.as_ref(), &self.flowless(), SPENT_TEXT);
            self.push(Message::Text { body });
            return;
        };
        if let Some(say) = &if_old.say {
            let mut missing = Vec::new();
            let body = say.fill(&self.scope(flow), &mut missing);
            self.trace.append(&mut missing);
            if let Err(broken) = self.send(Message::Text { body }, say.span) {
                return self.mend(flow, broken);
            }
        }
        if let Some(go) = &if_old.go {
            self.enter(flow, go.step.clone());
        }
    }

    /// Tells the contact that a button leads nowhere any more.
    pub(super) fn say_gone(&mut self) {
        let body = said_or(self.program.always().old_buttons.as_ref(), &self.flowless(), GONE_TEXT);
        self.push(Message::Text { body });
    }
}
