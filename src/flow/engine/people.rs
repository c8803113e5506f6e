//! People behind the flows: a person who has the conversation, and what the contact agreed to.
//!
//! While a person has the conversation no flow takes an event: what the contact writes is for the person. What holds all the same are
//! the words by which a contact opts out, and those by which they or the person give the conversation back.

use std::collections::BTreeSet;

use crate::model::{Consent, EventKind, Fields, Held, Message, TappedButton, Timer, TimerKind, Timestamp, Trace, limits, time};

use super::super::always::Deed;
use super::super::program::Flow;
use super::super::text::Text;
use super::super::trigger::plain;
use super::{Broken, Machine};

impl<'p> Machine<'p> {
    /// A hold ends by itself when its time has come, whatever the event.
    pub(super) fn end_hold_by_time(&mut self) {
        if self.conversation.held.as_ref().is_some_and(|held| held.until <= self.now) {
            self.give_back("its time was over");
        }
    }

    pub(super) fn is_held(&self) -> bool {
        self.conversation.held.is_some()
    }

    fn give_back(&mut self, because: &str) {
        self.conversation.held = None;
        self.trace.push(Trace::GivenBack { because: because.to_owned() });
    }

    /// A person has the conversation from now on: nobody waits for an answer to the flow's question any more.
    pub(in super::super) fn hold(&mut self, held: Held) {
        self.conversation.held = Some(held);
    }

    /// A person wrote from the provider's desk. They have the conversation for some time from each of their messages, unless they wrote one
    /// of the words that give it back.
    pub(super) fn person_wrote(&mut self, text: &str) {
        let people = &self.program.always().people;
        if people.give_back.contains(&plain(text)) {
            return if self.is_held() {
                self.give_back("the person gave it back")
            };
        }
        self.take_over(time::after(self.now, people.hold_ms));
    }

    /// A person takes the conversation over, or goes on having it: a longer hold stays.
    pub(super) fn take_over(&mut self, until: Timestamp) {
        let before = self.conversation.held.take();
        let since = before.as_ref().map_or(self.now, |held| held.since);
        let until = before.as_ref().map_or(until, |held| held.until.max(until));
        let (to, note) = before.map(|held| (held.to, held.note)).unwrap_or_default();
        self.trace.push(Trace::HandedOff { to: to.clone(), until });
        self.hold(Held { since, until, to, note });
    }

    /// The conversation is given back through the admin API.
    pub(super) fn given_back(&mut self) {
        if self.is_held() {
            self.give_back("it was given back");
        }
    }

    /// What the contact wrote by which they can always be heard: words by which they agree or take it back, and, while a person has the
    /// conversation, those by which they come back to the flows. Tells whether the event is taken.
    pub(super) fn by_will(&mut self) -> bool {
        let Some(word) = self.own_words().map(plain) else { return false };
        let program = self.program;
        let always = program.always();
        let say = match program.languages.meant(&always.words, always.source, &word) {
            Some((Deed::OptOut(say), _)) => {
                self.consent(false, format!("the word `{word}`"), String::new());
                self.conversation.session = None;
                say.as_ref()
            }
            Some((Deed::OptIn(say), _)) => {
                self.consent(true, format!("the word `{word}`"), String::new());
                // Without an answer of its own the word may also start a flow.
                if say.is_none() {
                    return false;
                }
                say.as_ref()
            }
            Some((Deed::Start(..) | Deed::Say(_), _)) | None => {
                if self.is_held() && always.people.back.contains(&word) {
                    self.give_back("the contact asked for it");
                }
                return false;
            }
        };
        self.trace.push(Trace::Always { word });
        if let Some(say) = say.filter(|_| !self.is_held()) {
            let mut missing = Vec::new();
            let body = say.fill(&self.flowless(), &mut missing);
            self.trace.append(&mut missing);
            if let Err(broken) = self.send(Message::Text { body }, say.span) {
                self.fault(broken.fault);
            }
        }
        true
    }

    /// What the contact said in words: typed, or on a button that is none of a flow's.
    fn own_words(&self) -> Option<&'p str> {
        match &self.event.kind {
            EventKind::Typed { text } => Some(text),
            EventKind::Tapped { button: TappedButton::Foreign { .. } | TappedButton::TitleOnly, title } => Some(title),
            _ => None,
        }
    }

    /// Writes down that the contact agreed to something, or took it back. Nothing that starts on our side comes after the latter.
    pub(in super::super) fn consent(&mut self, opted_in: bool, source: String, what: String) {
        let short = |text: &str| text.chars().take(limits::CONSENT_CHARS_MAX).collect::<String>();
        let proof = match &self.event.kind {
            EventKind::Typed { text } => short(text),
            EventKind::Tapped { title, .. } => short(title),
            _ => String::new(),
        };
        self.trace.push(Trace::Consented { opted_in, source: source.clone() });
        let consent = Consent { at: self.event.at, source, what: short(&what), proof, event: self.event.id.clone() };
        let profile = &mut self.conversation.profile;
        if opted_in {
            profile.opted_in = Some(consent);
            profile.opted_out = None;
        } else {
            profile.opted_out = Some(consent);
            profile.opted_in = None;
            self.conversation.timers.retain(|timer| timer.kind != TimerKind::Later);
        }
    }

    /// Whether the contact wants to hear nothing that starts on our side.
    pub(super) fn has_opted_out(&self) -> bool {
        self.conversation.profile.opted_out.is_some()
    }

    /// Writes down what a flow learnt about the contact; the provider is told with the next message.
    pub(in super::super) fn learn(&mut self, fields: &Fields, groups: BTreeSet<String>) {
        let profile = &mut self.conversation.profile;
        profile.fields.overlay(fields);
        profile.untold.fields.overlay(fields);
        if profile.groups != groups {
            profile.untold.groups = Some(groups.clone());
            profile.groups = groups;
        }
    }

    /// A timer falls due while a person has the conversation. Reminders and the end of a silent flow wait for the end of the hold; the
    /// contact's silence is not towards the flow.
    pub(super) fn put_off(&mut self, timer: &Timer) {
        self.trace.push(Trace::Held);
        let Some(until) = self.conversation.held.as_ref().map(|held| held.until) else { return };
        match timer.kind {
            TimerKind::Silent => {}
            TimerKind::EndSilent | TimerKind::Later | TimerKind::Visit => self.set_timer(Timer { at: until, ..timer.clone() }),
        }
    }

    /// Says one of a flow's texts.
    pub(in super::super) fn say(&mut self, flow: &Flow, say: &Text) -> Result<(), Broken> {
        let body = self.note(flow, Some(say));
        self.send(Message::Text { body }, say.span).map(drop)
    }

    /// One of a flow's texts with its values; empty when there is none.
    pub(in super::super) fn note(&mut self, flow: &Flow, text: Option<&Text>) -> String {
        let Some(text) = text else { return String::new() };
        let mut missing = Vec::new();
        let filled = text.fill(&self.scope(flow), &mut missing);
        self.trace.append(&mut missing);
        filled
    }
}
