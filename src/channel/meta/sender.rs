//! Who sent a message: from its own members and from the `contacts` list beside it.

use std::collections::HashMap;

use serde_json::Value;

use super::super::json;
use crate::model::{Phone, Sender, limits};

/// The people that a value speaks of. Found by key: a forged body may name tens of thousands of people beside as many
/// messages, and looking through all of them for each would take minutes.
pub(super) struct People<'a> {
    by_id: HashMap<String, &'a Value>,
    by_phone: HashMap<Phone, &'a Value>,
    /// The entry of a list of one, when all messages beside it are from one sender: it can only mean them.
    only: Option<&'a Value>,
}

impl<'a> People<'a> {
    pub(super) fn of(value: &'a Value, messages: &[Value]) -> Self {
        let contacts = json::items(value, "contacts").unwrap_or_default();
        let one_sender = ["from", "from_user_id"]
            .iter()
            .all(|member| messages.windows(2).all(|pair| pair[0].get(member) == pair[1].get(member)));
        let mut people = Self { by_id: HashMap::new(), by_phone: HashMap::new(), only: None };
        for entry in contacts {
            if let Some(id) = user_id(entry, "/user_id") {
                people.by_id.entry(id).or_insert(entry);
            }
            if let Some(phone) = phone(entry, "/wa_id") {
                people.by_phone.entry(phone).or_insert(entry);
            }
        }
        if let ([entry], true) = (contacts, one_sender) {
            people.only = Some(entry);
        }
        people
    }

    /// The sender of `message`; nothing when neither number nor user id is to be found.
    pub(super) fn sender(&self, message: &Value) -> Option<Sender> {
        let told_phone = phone(message, "/from");
        // Once numbers are hidden a user id may stand where the number stood; no page says so or excludes it.
        let told_id = first_user_id(message, &["/from_user_id", "/user_id"])
            .or_else(|| user_id(message, "/from").filter(|id| has_country(id)));
        let entry = self.entry(told_phone.as_ref(), told_id.as_deref());
        let phone = told_phone.or_else(|| phone(entry?, "/wa_id"));
        let user_id = told_id.or_else(|| user_id(entry?, "/user_id"));
        let name = entry.and_then(|entry| json::first_text(entry, &["/profile/name", "/name"])).map(json::name);
        (phone.is_some() || user_id.is_some()).then(|| Sender { phone, user_id, name: name.unwrap_or_default() })
    }

    /// The entry about this person: by user id, else by number. `wa_id` and `from` may differ for one person (reference:
    /// whatsapp-webhooks section 1), so that a list of one is theirs too, unless its user id says otherwise. Position alone
    /// proves nothing.
    fn entry(&self, told_phone: Option<&Phone>, told_id: Option<&str>) -> Option<&'a Value> {
        let agrees = |entry: &&'a Value| match (told_id, user_id(entry, "/user_id")) {
            (Some(told), Some(id)) => told == id,
            (None, _) | (_, None) => true,
        };
        let by_id = told_id.and_then(|id| self.by_id.get(id));
        let by_phone = || told_phone.and_then(|phone| self.by_phone.get(phone)).copied().filter(agrees);
        by_id.copied().or_else(by_phone).or_else(|| self.only.filter(agrees))
    }
}

fn phone(value: &Value, pointer: &str) -> Option<Phone> {
    Phone::parse(&json::id(value, pointer)?)
}

/// The user id at `pointer`: an opaque word.
pub(in super::super) fn user_id(value: &Value, pointer: &str) -> Option<String> {
    let id = json::text(value, pointer)?;
    (id.len() <= limits::USER_ID_BYTES_MAX && id.chars().all(|c| c.is_ascii_graphic())).then(|| id.to_owned())
}

fn first_user_id(value: &Value, pointers: &[&str]) -> Option<String> {
    pointers.iter().find_map(|pointer| user_id(value, pointer))
}

/// Whether an id begins with a country code and a dot, as all business-scoped user ids do.
fn has_country(id: &str) -> bool {
    matches!(id.as_bytes(), [first, second, b'.', _, ..] if first.is_ascii_uppercase() && second.is_ascii_uppercase())
}
