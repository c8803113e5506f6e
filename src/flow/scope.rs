//! The names that texts, expressions and scripts can use, and what they stand for.

use crate::model::{ButtonRef, Consent, Contact, Event, EventKind, Profile, TappedButton, Timestamp, Value, Variables, Zone};
use crate::script::{News, Surroundings};
use crate::source::{Code, Diagnostic, Span, nearest};

use super::language::Spoken;
use super::program::Flow;
use super::read::Reader;

/// The names that are no variables, and what may follow each after a dot.
const GIVEN: &[(&str, &[&str])] =
    &[("contact", CONTACT), ("tap", &["id", "title"]), ("text", &[]), ("now", &[]), ("event", &["name", EVENT_DATA])];
/// What of an event holds whatever the user's own system sent.
const EVENT_DATA: &str = "data";

/// Checks a dotted name at load; notes what is wrong with it.
pub(super) fn check(reader: &Reader<'_>, path: &[String], span: Span) -> bool {
    let root = path[0].as_str();
    if reader.variables.iter().any(|variable| variable.as_str() == root) || path.len() == 1 && reader.sees(root) {
        return true;
    }
    if root == super::step::ROW && reader.in_row.get() {
        return true;
    }
    let Some((_, fields)) = GIVEN.iter().find(|(given, _)| *given == root) else {
        const OTHERS: [&str; 6] = ["contact.firstname", "contact.phone", "tap.title", "text", "now", super::step::ROW];
        reader.unknown_variable(root, span, &OTHERS[..OTHERS.len() - usize::from(!reader.in_row.get())]);
        return false;
    };
    let good = match path {
        // What an event's data hold nobody knows here, but it takes one of them: all together would be shown as a jumble.
        [_, data, _, ..] if root == "event" && data == EVENT_DATA => true,
        [_, data] if root == "event" && data == EVENT_DATA => false,
        [_] => fields.is_empty(),
        [_, field] => fields.contains(&field.as_str()),
        [..] => false,
    };
    if !good {
        let written = path.join(".");
        let deeper = |field: &str| if root == "event" && field == EVENT_DATA { ".order" } else { "" };
        let whole: Vec<String> = fields.iter().map(|field| format!("{root}.{field}{}", deeper(field))).collect();
        let mistake = Diagnostic::error(Code::UNKNOWN_VARIABLE, span, format!("there is no value `{written}`"));
        reader.note(match nearest(&written, whole.iter().map(String::as_str)) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(span, near),
            None if whole.is_empty() => mistake.help(format!("write `{root}`")),
            None => mistake.help(format!("write one of {}", whole.join(", "))),
        });
    }
    good
}

/// Whether `name` is a whole name of something given, `contact.firstname`.
pub(super) fn is_given(name: &str) -> bool {
    let (root, field) = name.split_once('.').unwrap_or((name, ""));
    GIVEN.iter().any(|(given, fields)| *given == root && (fields.contains(&field) || (fields.is_empty() && field.is_empty())))
}

/// What is known about a contact.
const CONTACT: &[&str] = &[
    "phone",
    "name",
    "firstname",
    "lastname",
    "user_id",
    "language",
    "email",
    "country",
    "assignee",
    "groups",
    "opted_in",
    "opted_out",
];

/// What the names stand for during one turn.
pub(super) struct Scope<'a> {
    pub flow: Option<&'a Flow>,
    /// In which language texts are put.
    pub spoken: Spoken<'a>,
    pub contact: &'a Contact,
    pub profile: &'a Profile,
    pub variables: &'a Variables,
    pub event: &'a Event,
    pub now: Timestamp,
    /// The zone on whose clocks `now` is told.
    pub zone: &'a Zone,
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
            ("contact", "language") => self.spoken.chosen().to_owned(),
            ("tap", "id") => tap(self.event).0.to_owned(),
            ("tap", "title") => tap(self.event).1.to_owned(),
            ("text", _) => typed(self.event).to_owned(),
            ("event", "name") => told(self.event).0.to_owned(),
            ("event", _) => told(self.event).1.at(path.get(2..).unwrap_or_default()).to_string(),
            ("now", _) => self.zone.local(self.now).strftime("%Y-%m-%d %H:%M").to_string(),
            (name, _) => {
                let value = self.variables.get(name).unwrap_or(&Value::Nothing).at(&path[1..]);
                let variable = self.flow.and_then(|flow| flow.remember.get(name)).filter(|_| path.len() == 1);
                variable.map_or_else(|| value.to_string(), |variable| variable.show(value))
            }
        }
    }

    /// The value of a variable, or of a part of one.
    pub(super) fn variable(&self, path: &[String]) -> Option<Value> {
        self.variables.get(path[0].as_str()).map(|value| value.at(&path[1..]).clone())
    }

    /// The same names for expressions and scripts.
    pub(super) fn surroundings(&self) -> Surroundings<'a> {
        let (tap_id, tap_title) = tap(self.event);
        Surroundings {
            contact: self.contact,
            language: self.spoken.chosen(),
            profile: self.profile,
            variables: self.variables,
            text: typed(self.event),
            tap_id,
            tap_title,
            event_name: told(self.event).0,
            event_data: told(self.event).1,
            now: self.now,
            news: news(self.event),
            zone: self.zone,
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

/// What `event.name` is when the flow's schedule came round.
pub(super) const SCHEDULE_EVENT: &str = "schedule";

/// The name and data of what the user's own system told; empty when it told nothing.
fn told(event: &Event) -> (&str, &Value) {
    match &event.kind {
        EventKind::Told { name, data } => (name.as_str(), data),
        EventKind::Scheduled { .. } => (SCHEDULE_EVENT, &Value::Nothing),
        _ => ("", &Value::Nothing),
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

/// What happened without the contact, as handlers take it.
fn news(event: &Event) -> News<'_> {
    match &event.kind {
        EventKind::Told { name, data } => News::Event { name: name.as_str(), data },
        _ => News::None,
    }
}

/// Randomness grows from the event's id alone (FNV-1a), so that a turn taken again is the same turn.
fn seed(event: &Event) -> u64 {
    event.id.0.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
