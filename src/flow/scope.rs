//! The names that texts, expressions and scripts can use, and what they stand for.

use crate::model::{ButtonRef, Consent, Contact, Event, EventKind, Profile, TappedButton, Timestamp, Value, Variables};
use crate::script::Surroundings;
use crate::source::{Code, Diagnostic, Span, nearest};

use super::program::Flow;
use super::read::Reader;

/// The names that are no variables, and what may follow each after a dot.
const GIVEN: &[(&str, &[&str])] = &[("contact", CONTACT), ("tap", &["id", "title"]), ("text", &[]), ("now", &[])];

/// Checks a dotted name at load; notes what is wrong with it.
pub(super) fn check(reader: &Reader<'_>, path: &[String], span: Span) -> bool {
    let root = path[0].as_str();
    if reader.variables.iter().any(|variable| variable.as_str() == root) {
        return true;
    }
    let Some((_, fields)) = GIVEN.iter().find(|(given, _)| *given == root) else {
        reader.unknown_variable(root, span, &["contact.firstname", "contact.phone", "tap.title", "text", "now"]);
        return false;
    };
    let good = match path {
        [_] => fields.is_empty(),
        [_, field] => fields.contains(&field.as_str()),
        [..] => false,
    };
    if !good {
        let written = path.join(".");
        let whole: Vec<String> = fields.iter().map(|field| format!("{root}.{field}")).collect();
        let mistake = Diagnostic::error(Code::UNKNOWN_VARIABLE, span, format!("there is no value `{written}`"));
        reader.note(match nearest(&written, whole.iter().map(String::as_str)) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(span, near),
            None if whole.is_empty() => mistake.help(format!("write `{root}`")),
            None => mistake.help(format!("write one of {}", whole.join(", "))),
        });
    }
    good
}

/// What is known about a contact.
const CONTACT: &[&str] =
    &["phone", "name", "firstname", "lastname", "user_id", "email", "country", "assignee", "groups", "opted_in", "opted_out"];

/// What the names stand for during one turn.
pub(super) struct Scope<'a> {
    pub flow: Option<&'a Flow>,
    pub contact: &'a Contact,
    pub profile: &'a Profile,
    pub variables: &'a Variables,
    pub event: &'a Event,
    pub now: Timestamp,
}

impl<'a> Scope<'a> {
    /// The value of a dotted name as a contact reads it; empty when it is not set.
    pub(super) fn show(&self, path: &[String]) -> String {
        let field = path.get(1).map_or("", String::as_str);
        match (path[0].as_str(), field) {
            ("contact", "phone") => self.contact.phone.as_ref().map(ToString::to_string).unwrap_or_default(),
            ("contact", "name") => self.contact.name.clone(),
            ("contact", "firstname") => first_known(&self.profile.fields.firstname, self.contact.firstname()),
            ("contact", "lastname") => first_known(&self.profile.fields.lastname, self.contact.lastname()),
            ("contact", "email") => first_known(&self.profile.fields.email, ""),
            ("contact", "country") => first_known(&self.profile.fields.country, ""),
            ("contact", "assignee") => first_known(&self.profile.fields.assignee, ""),
            ("contact", "groups") => self.profile.groups.iter().map(String::as_str).collect::<Vec<_>>().join(", "),
            ("contact", "opted_in") => day(self.profile.opted_in.as_ref()),
            ("contact", "opted_out") => day(self.profile.opted_out.as_ref()),
            ("contact", "user_id") => self.contact.user_id.clone().unwrap_or_default(),
            ("tap", "id") => tap(self.event).0.to_owned(),
            ("tap", "title") => tap(self.event).1.to_owned(),
            ("text", _) => typed(self.event).to_owned(),
            ("now", _) => self.now.strftime("%Y-%m-%d %H:%M").to_string(),
            (name, _) => {
                let value = self.variables.get(name).unwrap_or(&Value::Nothing).at(&path[1..]);
                let variable = self.flow.and_then(|flow| flow.remember.get(name)).filter(|_| path.len() == 1);
                variable.map_or_else(|| value.to_string(), |variable| variable.show(value))
            }
        }
    }

    /// The value of a dotted name as it is: a number stays one. Nothing when it is not set.
    pub(super) fn value(&self, path: &[String]) -> Value {
        match path[0].as_str() {
            "contact" | "tap" | "text" | "now" => match self.show(path) {
                empty if empty.is_empty() => Value::Nothing,
                text => Value::Text(text),
            },
            name => self.variables.get(name).unwrap_or(&Value::Nothing).at(&path[1..]).clone(),
        }
    }

    /// The same names for expressions and scripts.
    pub(super) fn surroundings(&self) -> Surroundings<'a> {
        let (tap_id, tap_title) = tap(self.event);
        Surroundings {
            contact: self.contact,
            profile: self.profile,
            variables: self.variables,
            text: typed(self.event),
            tap_id,
            tap_title,
            now: self.now,
            seed: seed(self.event),
            fetched: &[],
        }
    }
}

/// What a flow wrote down, or else what the provider tells.
fn first_known(written: &Option<String>, told: &str) -> String {
    written.as_deref().unwrap_or(told).to_owned()
}

/// The day of a consent, empty when there is none.
fn day(consent: Option<&Consent>) -> String {
    consent.map(|consent| consent.at.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
}

/// The id and title of the tapped button, empty when the event is no tap. A step's button is known by its choice.
fn tap(event: &Event) -> (&str, &str) {
    match &event.kind {
        EventKind::Tapped { button, title } => {
            let id = match button {
                TappedButton::Ours { means: ButtonRef::Choice { choice, .. }, .. } => choice.as_str(),
                TappedButton::Ours { means: ButtonRef::Named(id), .. } | TappedButton::Foreign { id } => id,
                TappedButton::TitleOnly => title,
            };
            (id, title)
        }
        _ => ("", ""),
    }
}

/// What was typed, or the words that came with an attachment.
fn typed(event: &Event) -> &str {
    match &event.kind {
        EventKind::Typed { text } => text,
        EventKind::Attached { caption, .. } => caption,
        _ => "",
    }
}

/// Randomness grows from the event's id alone (FNV-1a), so that a turn taken again is the same turn.
fn seed(event: &Event) -> u64 {
    event.id.0.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
