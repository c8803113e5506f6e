//! Field checks that gather every complaint before they answer 422, in the words of Laravel where the reference shows them.

use super::answer::Answer;
use axum::http::Uri;
use serde_json::{Map, Value, json};

/// The members of a body, and what is wrong with them.
pub(super) struct Fields<'a> {
    given: &'a Map<String, Value>,
    errors: Map<String, Value>,
}

impl<'a> Fields<'a> {
    pub(super) fn of(given: &'a Map<String, Value>) -> Fields<'a> {
        Fields { given, errors: Map::new() }
    }

    /// Adds a complaint about a member.
    pub(super) fn wrong(&mut self, name: &str, complaint: impl Into<String>) {
        if let Value::Array(list) = self.errors.entry(name).or_insert_with(|| json!([])) {
            list.push(Value::String(complaint.into()));
        }
    }

    /// A member as it came; null counts as absent, as does an empty string.
    pub(super) fn raw(&self, name: &str) -> Option<&'a Value> {
        self.given.get(name).filter(|v| !v.is_null() && v.as_str() != Some(""))
    }

    /// A string member of at most `most` characters, counted as code points (inferred, section 7).
    pub(super) fn text(&mut self, name: &str, most: usize) -> Option<&'a str> {
        let Some(text) = self.raw(name)?.as_str() else {
            self.wrong(name, format!("The {} must be a string.", words(name)));
            return None;
        };
        if text.chars().count() > most {
            self.wrong(name, format!("The {} may not be greater than {most} characters.", words(name)));
            return None;
        }
        Some(text)
    }

    /// As [`Fields::text`], and its absence is a complaint. Blanks alone are absence: Laravel trims its input (inferred).
    pub(super) fn required(&mut self, name: &str, most: usize) -> &'a str {
        if self.raw(name).is_none_or(|v| v.as_str().is_some_and(|t| t.trim().is_empty())) {
            self.wrong(name, format!("The {} field is required.", words(name)));
            return "";
        }
        self.text(name, most).unwrap_or_default()
    }

    /// The recipient as `+digits`. `characters` is the length the endpoint states for the text as given, if any; the endpoints
    /// differ (sections 7 to 9).
    pub(super) fn phone(&mut self, characters: Option<(usize, usize)>) -> String {
        let name = "phone_number";
        let given = self.required(name, 255);
        if given.is_empty() {
            return String::new();
        }
        if let Some((least, most)) = characters
            && !(least..=most).contains(&given.chars().count())
        {
            self.wrong(name, format!("The phone number must be between {least} and {most} characters."));
        }
        // E.164 begins with a plus. Only the endpoint that states E.164 insists on it.
        let phone = super::super::ids::phone(given).filter(|_| characters.is_some() || given.starts_with('+'));
        if phone.is_none() {
            self.wrong(name, "The phone number must be in E.164 format.");
        }
        phone.unwrap_or_default()
    }

    /// An http or https address.
    pub(super) fn address(&mut self, name: &str, required: bool) -> Option<&'a str> {
        let address = if required { self.required(name, 2_048) } else { self.text(name, 2_048)? };
        if address.is_empty() {
            return None;
        }
        let valid = address.parse::<Uri>().is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
        });
        if !valid {
            self.wrong(name, format!("The {} must be a valid URL.", words(name)));
            return None;
        }
        Some(address)
    }

    /// The `contact` object of a send: the members that the page names, each a short text, a number or (groups) a list.
    pub(super) fn contact(&mut self) -> Map<String, Value> {
        let Some(contact) = self.raw("contact") else { return Map::new() };
        let Some(contact) = contact.as_object() else {
            self.wrong("contact", "The contact must be an array.");
            return Map::new();
        };
        let mut kept = Map::new();
        for name in ["firstname", "lastname", "email", "country", "assigned_id", "groups"] {
            let Some(value) = contact.get(name).filter(|v| !v.is_null()) else { continue };
            if value.as_str().is_some_and(|text| text.chars().count() > 255) {
                self.wrong(&format!("contact.{name}"), format!("The contact.{name} may not be greater than 255 characters."));
            } else if value.is_string() || value.is_number() || (name == "groups" && value.is_array()) {
                kept.insert(name.into(), value.clone());
            } else {
                self.wrong(&format!("contact.{name}"), format!("The contact.{name} must be a string."));
            }
        }
        kept
    }

    /// 422 with all complaints, if there are any.
    pub(super) fn done(self) -> Result<(), Answer> {
        if self.errors.is_empty() { Ok(()) } else { Err(Answer::invalid(self.errors)) }
    }
}

/// `message_body` as Laravel says it: "message body".
fn words(name: &str) -> String {
    name.replace('_', " ")
}
