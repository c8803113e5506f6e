//! Everything the sandbox remembers, behind one lock: people, chats, switches, waiting webhooks, request records.

use super::faults::Board;
use super::limits;
use super::message::{From, Message, Ticks};
use super::webhook::Lanes;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// The id of the pretend workspace, as in the samples.
pub(super) const TENANT: u32 = 41;

/// A contact of Xobito: the record behind a person, made by hand, by a send, or by the person's first message.
pub(super) struct Contact {
    pub id: u64,
    pub created: Timestamp,
    pub updated: Timestamp,
    /// All members but the id, the tenant and the two times.
    pub fields: Map<String, Value>,
}

impl Contact {
    /// The record as `GET /contacts` shows it.
    pub(super) fn record(&self) -> Value {
        let mut record = self.fields.clone();
        record.insert("id".into(), json!(self.id));
        record.insert("tenant_id".into(), json!(TENANT));
        record.insert("created_at".into(), json!(rest_time(self.created)));
        record.insert("updated_at".into(), json!(rest_time(self.updated)));
        Value::Object(record)
    }
}

/// Somebody with WhatsApp: a phone in the browser.
pub(super) struct Person {
    pub phone: String,
    pub name: String,
    pub chat: VecDeque<Message>,
    /// Messages of the business since the person last looked.
    pub unread: usize,
    /// When the person wrote last; the 24-hour window runs from it.
    pub wrote: Option<Timestamp>,
    pub chat_id: u64,
    /// Known to Xobito, or not yet.
    pub contact: Option<Contact>,
}

impl Person {
    /// Until when free-form sends are let through; `None` when the window is closed.
    pub(super) fn window(&self, now: Timestamp) -> Option<Timestamp> {
        let until = self.wrote?.checked_add(SignedDuration::from_hours(limits::WINDOW_HOURS)).ok()?;
        (until > now).then_some(until)
    }

    /// The digits of the number, as Meta writes it.
    pub(super) fn digits(&self) -> &str {
        self.phone.trim_start_matches('+')
    }

    /// The row of the list of people.
    pub(super) fn row(&self, now: Timestamp) -> Value {
        let last = self.chat.back();
        json!({
            "phone": self.phone, "name": self.name, "unread": self.unread,
            "window_open_until": self.window(now), "last": last.map_or(String::new(), preview),
            "last_at": last.map(|m| m.at),
        })
    }

    /// A message of this chat by its id.
    pub(super) fn message(&mut self, id: &str) -> Option<&mut Message> {
        self.chat.iter_mut().rev().find(|m| m.id == id)
    }
}

/// What one provider request looked like and what it got.
pub(super) struct Record {
    pub at: Timestamp,
    pub method: String,
    pub path: String,
    pub headers: Map<String, Value>,
    pub body: Value,
    /// `None` when no answer left on purpose.
    pub status: Option<u16>,
    pub fault: Option<&'static str>,
}

/// The state of a fixed window of requests.
#[derive(Default)]
pub(super) struct Pace {
    pub opened: Option<Timestamp>,
    pub used: u32,
}

/// Everything behind the lock.
#[derive(Default)]
pub(super) struct World {
    pub people: BTreeMap<String, Person>,
    /// Which chat holds a message of the business, by its id.
    pub sent: HashMap<String, String>,
    pub contacts_made: u64,
    pub chats_made: u64,
    pub media_made: u64,
    pub pace: Pace,
    /// Sends since `rate_429_after` last let go, and until when it pauses.
    pub pause: (u32, Option<Timestamp>),
    pub board: Board,
    pub webhook_url: Option<String>,
    /// How far this clock runs ahead of the one in the settings; stays nought when the host moves its own.
    pub ahead: SignedDuration,
    pub requests: VecDeque<Record>,
    pub lanes: Lanes,
}

impl World {
    /// The person with this number, made if there is none. `None` when [`limits::PEOPLE`] is reached.
    pub(super) fn person(&mut self, phone: &str, name: &str) -> Option<&mut Person> {
        if !self.people.contains_key(phone) {
            if self.people.len() >= limits::PEOPLE {
                return None;
            }
            self.chats_made += 1;
            let person = Person {
                phone: phone.to_owned(),
                name: name.to_owned(),
                chat: VecDeque::new(),
                unread: 0,
                wrote: None,
                chat_id: 90 + self.chats_made,
                contact: None,
            };
            self.people.insert(phone.to_owned(), person);
        }
        self.people.get_mut(phone)
    }

    /// A contact with the members that every record has; `given` overrides them.
    pub(super) fn new_contact(&mut self, phone: &str, firstname: &str, given: Map<String, Value>, now: Timestamp) -> Contact {
        self.contacts_made += 1;
        let Value::Object(mut fields) = json!({
            "firstname": firstname, "lastname": null, "company": null, "type": "lead", "description": null, "email": null,
            "phone": phone, "source_id": 2, "status_id": 1, "country_id": null, "zip": null, "city": null, "state": null,
            "address": null, "group_id": [], "is_enabled": 1, "is_opted_out": 0,
        }) else {
            unreachable!("the literal above is an object")
        };
        fields.extend(given);
        fields.insert("phone".into(), json!(phone));
        Contact { id: 3400 + self.contacts_made, created: now, updated: now, fields }
    }

    /// Appends to a chat and drops its oldest messages beyond the bound.
    pub(super) fn append(&mut self, phone: &str, message: Message) {
        let Some(person) = self.people.get_mut(phone) else { return };
        if message.from == From::Bot {
            if message.ticks != Ticks::Failed {
                person.unread += 1;
            }
            self.sent.insert(message.id.clone(), phone.to_owned());
        }
        person.chat.push_back(message);
        while person.chat.len() > limits::MESSAGES_PER_PERSON {
            if let Some(old) = person.chat.pop_front() {
                self.sent.remove(&old.id);
            }
        }
    }
}

/// A time as REST bodies write it: microseconds and `Z` (reference: xobito-api.md, section 3).
pub(super) fn rest_time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

fn preview(message: &Message) -> String {
    let text = if message.body.is_empty() { &message.header } else { &message.body };
    let mut preview: String = text.chars().take(limits::PREVIEW_CHARS).collect();
    if preview.len() < text.len() {
        preview.push('…');
    }
    preview
}
