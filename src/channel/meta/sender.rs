//! Who sent a message: from its own members and from the `contacts` list beside it.

use serde_json::Value;

use super::super::json;
use crate::model::{Phone, Sender};

/// Longest business-scoped user id that is kept, in bytes; seen are about 30 (reference: whatsapp-webhooks section 6).
const USER_ID_BYTES_MAX: usize = 256;

/// The people that a value speaks of.
pub(super) struct People<'a> {
    contacts: &'a [Value],
    /// All messages beside the list are from one sender, so that a list of one can only mean them.
    one_sender: bool,
}

impl<'a> People<'a> {
    pub(super) fn of(value: &'a Value, messages: &[Value]) -> Self {
        let told = |message: &Value| (message.get("from").cloned(), message.get("from_user_id").cloned());
        let one_sender = messages.windows(2).all(|pair| told(&pair[0]) == told(&pair[1]));
        Self { contacts: json::items(value, "contacts").unwrap_or_default(), one_sender }
    }

    /// The sender of `message`; nothing when neither number nor user id is to be found.
    pub(super) fn sender(&self, message: &Value) -> Option<Sender> {
        let told_phone = phone(message, "/from");
        // Once numbers are hidden a user id may stand where the number stood; no page says so or excludes it.
        let told_id = first_user_id(message, &["/from_user_id", "/user_id"])
            .or_else(|| user_id(message, "/from").filter(|_| told_phone.is_none()).filter(|id| has_country(id)));
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
        let id_of = |entry: &Value| user_id(entry, "/user_id");
        let contradicts = |entry: &Value| told_id.is_some() && id_of(entry).is_some_and(|id| Some(id.as_str()) != told_id);
        let by_id = self.contacts.iter().find(|entry| told_id.is_some() && id_of(entry).as_deref() == told_id);
        let by_phone = || {
            let same = |entry: &&Value| told_phone.is_some() && phone(entry, "/wa_id").as_ref() == told_phone;
            self.contacts.iter().find(|entry| same(entry) && !contradicts(entry))
        };
        let only = || match self.contacts {
            [entry] if self.one_sender && !contradicts(entry) => Some(entry),
            _ => None,
        };
        by_id.or_else(by_phone).or_else(only)
    }
}

fn phone(value: &Value, pointer: &str) -> Option<Phone> {
    Phone::parse(&json::id(value, pointer)?)
}

/// The user id at `pointer`: an opaque word.
pub(in super::super) fn user_id(value: &Value, pointer: &str) -> Option<String> {
    let id = json::text(value, pointer)?;
    (id.len() <= USER_ID_BYTES_MAX && id.chars().all(|c| c.is_ascii_graphic())).then(|| id.to_owned())
}

fn first_user_id(value: &Value, pointers: &[&str]) -> Option<String> {
    pointers.iter().find_map(|pointer| user_id(value, pointer))
}

/// Whether an id begins with a country code and a dot, as all business-scoped user ids do.
fn has_country(id: &str) -> bool {
    matches!(id.as_bytes(), [first, second, b'.', _, ..] if first.is_ascii_uppercase() && second.is_ascii_uppercase())
}
