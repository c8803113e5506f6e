//! What happens in a chat: a person writes, a message of the business arrives, a receipt moves its ticks. Each of them changes
//! the world, tells the listeners and queues the webhooks under one lock, so that their orders agree.

use super::ids::{self, Way};
use super::message::{From, Kind, Message, Ticks};
use super::webhook::{meta, signed};
use super::world::World;
use super::{Note, Sandbox, limits};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Meta's code for a closed window.
pub(super) const WINDOW_CLOSED: u32 = 131_047;
/// Meta's code for a number that cannot be reached.
pub(super) const UNDELIVERABLE: u32 = 131_026;

/// Something a person sends.
pub(super) struct Draft {
    pub kind: Kind,
    /// What the chat shows.
    pub body: String,
    pub on: Option<String>,
    pub media: Option<Value>,
    /// The `type` of the Meta message, and the member of the same name.
    pub wire: (&'static str, Value),
}

impl Sandbox {
    pub(super) fn invite_the_first_people(&self) {
        let mut world = self.world();
        let now = self.tell(world.ahead);
        for (phone, name) in [("+15550100123", "Rosa Sample"), ("+15550100124", "Omar Sample"), ("+15550100125", "Lee Sample")] {
            let (first, last) = name.split_once(' ').unwrap_or((name, ""));
            let mut given = Map::new();
            given.insert("lastname".into(), json!(last));
            let contact = world.new_contact(phone, first, given, now);
            if let Some(person) = world.person(phone, name) {
                person.contact = Some(contact);
            }
        }
    }

    /// A message of a person: into the chat, the window opens, the webhooks are queued. `None` when nobody has this number.
    pub(super) fn write(&self, phone: &str, draft: Draft) -> Option<Message> {
        let mut world = self.world();
        let now = self.tell(world.ahead);
        let (digits, name) = world.people.get(phone).map(|p| (p.digits().to_owned(), p.name.clone()))?;
        self.make_contact(&mut world, phone, &name, None, now);

        let mut message = Message::blank(ids::message_id(&digits, Way::In), From::Them, draft.kind, now);
        message.body = draft.body;
        message.on = draft.on;
        message.media = draft.media;
        if let Some(person) = world.people.get_mut(phone) {
            let opens = person.window(now).is_none();
            person.wrote = Some(now);
            if opens {
                self.note(Note::People);
            }
        }
        world.append(phone, message.clone());
        self.tell_message(phone, &message);

        let forwarded = meta::inbound(&digits, &name, &message, &draft.wire);
        let event = signed::received(&digits, &message, draft.wire.0);
        self.queue_both(&mut world, phone, forwarded, event, Some(message.id.clone()));
        // Without an address the queue has marked it as failed at once.
        let shown = world.people.get_mut(phone).and_then(|p| p.message(&message.id).cloned());
        Some(shown.unwrap_or(message))
    }

    /// Makes the Xobito contact of a person if there is none, or updates it with what a send brought along. True when new.
    pub(super) fn make_contact(
        &self,
        world: &mut World,
        phone: &str,
        firstname: &str,
        given: Option<Map<String, Value>>,
        now: Timestamp,
    ) -> bool {
        let exists = world.people.get(phone).is_some_and(|p| p.contact.is_some());
        let brought = given.as_ref().is_some_and(|g| !g.is_empty());
        let contact = if exists {
            if !brought {
                return false;
            }
            let Some(contact) = world.people.get_mut(phone).and_then(|p| p.contact.as_mut()) else { return false };
            contact.fields.extend(given.unwrap_or_default());
            contact.updated = now;
            signed::contact("updated", contact, now)
        } else {
            let contact = world.new_contact(phone, firstname, given.unwrap_or_default(), now);
            let event = signed::contact("created", &contact, now);
            let Some(person) = world.people.get_mut(phone) else { return false };
            person.contact = Some(contact);
            event
        };
        self.queue_signed(world, phone, None, contact);
        !exists
    }

    /// A message of the business moves on. Later ticks win; a message that was wiped or has failed stays as it is.
    pub(super) fn receipt(&self, phone: &str, id: &str, ticks: Ticks, code: Option<u32>) {
        let mut world = self.world();
        let now = self.tell(world.ahead);
        self.receipt_in(&mut world, phone, id, ticks, code, now);
    }

    fn receipt_in(&self, world: &mut World, phone: &str, id: &str, ticks: Ticks, code: Option<u32>, now: Timestamp) {
        let Some(person) = world.people.get_mut(phone) else { return };
        let (digits, name) = (person.digits().to_owned(), person.name.clone());
        let Some(message) = person.message(id).filter(|m| m.ticks < ticks) else { return };
        message.ticks = ticks;
        message.changed = now;
        if let Some(code) = code {
            message.error = reason(code).into();
        }
        let message = message.clone();
        self.tell_message(phone, &message);
        let forwarded = meta::status(&digits, &name, &message, code);
        self.queue_both(world, phone, forwarded, signed::status(&message), None);
    }

    /// Sends the receipts of a message that was just taken, after the settings' delays.
    pub(super) fn schedule_receipts(&self, phone: String, id: String, failing: Option<u32>) {
        let (sandbox, work) = (self.clone(), self.work());
        tokio::spawn(async move {
            let _work = work;
            let delay = sandbox.inner.settings.receipt_delay;
            tokio::time::sleep(delay).await;
            if failing.is_some() {
                sandbox.receipt(&phone, &id, Ticks::Failed, failing);
                return;
            }
            sandbox.receipt(&phone, &id, Ticks::Sent, None);
            tokio::time::sleep(delay).await;
            sandbox.receipt(&phone, &id, Ticks::Delivered, None);
        });
    }

    /// The person looks at the chat. Returns how many messages became read, or `None` when nobody has this number.
    pub(super) fn read(&self, phone: &str) -> Option<usize> {
        let mut world = self.world();
        let now = self.tell(world.ahead);
        let person = world.people.get_mut(phone)?;
        person.unread = 0;
        let unread = person.chat.iter().filter(|m| m.from == From::Bot && m.ticks < Ticks::Read);
        let unread: Vec<String> = unread.map(|m| m.id.clone()).collect();
        for id in &unread {
            self.receipt_in(&mut world, phone, id, Ticks::Read, None, now);
        }
        drop(world);
        self.note(Note::People);
        Some(unread.len())
    }

    /// Empties every chat and closes every window. People, contacts, switches and counts stay.
    pub(super) fn reset(&self) {
        let mut world = self.world();
        world.sent.clear();
        for person in world.people.values_mut() {
            person.chat.clear();
            person.unread = 0;
            person.wrote = None;
        }
        self.note(Note::Reset);
    }

    /// Moves the clock, the host's if it lent us one. Returns the new time.
    pub(super) fn advance(&self, by: std::time::Duration) -> Timestamp {
        match &self.inner.settings.on_advance {
            Some(advance) => advance(by),
            None => {
                let mut world = self.world();
                let by = jiff::SignedDuration::try_from(by).unwrap_or_default();
                world.ahead = world.ahead.saturating_add(by);
            }
        }
        self.note(Note::Clock);
        // Windows may have closed.
        self.note(Note::People);
        self.now()
    }

    /// Adds a person under the next free number of the invented range. `None` when it is used up.
    pub(super) fn invite(&self, name: &str) -> Option<Value> {
        let mut world = self.world();
        let now = self.tell(world.ahead);
        let phone = (200..300).map(|n| format!("+15550100{n}")).find(|phone| !world.people.contains_key(phone))?;
        let row = world.person(&phone, name)?.row(now);
        self.note(Note::People);
        Some(row)
    }

    /// Whether a person's message reached the host; the ticks beside it say so.
    pub(super) fn settle_own(&self, phone: &str, id: &str, outcome: Result<(), String>) {
        self.settle_own_in(&mut self.world(), phone, id, outcome);
    }

    pub(super) fn settle_own_in(&self, world: &mut World, phone: &str, id: &str, outcome: Result<(), String>) {
        let Some(message) = world.people.get_mut(phone).and_then(|p| p.message(id)) else { return };
        match outcome {
            // One flow getting through is enough, whichever it is.
            Ok(()) => (message.ticks, message.error) = (Ticks::Delivered, String::new()),
            Err(_) if message.ticks == Ticks::Delivered => return,
            Err(error) => (message.ticks, message.error) = (Ticks::Failed, error),
        }
        let message = message.clone();
        self.tell_message(phone, &message);
    }

    pub(super) fn tell_message(&self, phone: &str, message: &Message) {
        if self.inner.notes.receiver_count() > 0 {
            let message = serde_json::to_value(message).unwrap_or_default();
            self.note(Note::Message { phone: phone.to_owned(), message: Arc::new(message) });
        }
    }

    pub(super) fn note(&self, note: Note) {
        // Nobody listening is the usual case.
        let _ = self.inner.notes.send(note);
    }
}

/// The sentence for a Meta code, as the dashboard words it (reference: xobito-api.md, section 10).
pub(super) fn reason(code: u32) -> &'static str {
    match code {
        WINDOW_CLOSED => "Message outside 24-hour window",
        UNDELIVERABLE => "Number not on WhatsApp",
        _ => "Not delivered",
    }
}

/// `text` without its surrounding blanks, if it has one to `most` characters.
pub(super) fn typed(text: &str, most: usize) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && text.chars().count() <= most.min(limits::TYPED_CHARS)).then_some(text)
}
