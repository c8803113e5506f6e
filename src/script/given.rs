//! What every function, handler and expression is given to look at: `contact`, `tap`, `text`, `now`.
//!
//! They are types of their own and not records, so that a misspelt property is an error instead of nothing, and a value of a
//! contact is only ever data: it never meets the parser.

use std::sync::Arc;

use rhai::{Dynamic, Engine, ImmutableString};

use super::types::Surroundings;
use crate::model::{Consent, Contact, Profile, Timestamp, Value};

/// `contact`
#[derive(Debug, Clone)]
pub(super) struct ContactView(Arc<(Contact, Profile)>);

/// `tap`
#[derive(Debug, Clone)]
pub(super) struct TapView {
    pub(super) id: ImmutableString,
    pub(super) title: ImmutableString,
}

/// `now`
#[derive(Debug, Clone, Copy)]
pub(super) struct NowView(pub(super) Timestamp);

/// All of them, made once for a call of a function.
#[derive(Debug)]
pub(super) struct Given([Dynamic; 4]);

/// The names, in the order of [`Given`].
pub(super) const NAMES: [&str; 4] = ["contact", "tap", "text", "now"];

/// The properties of those that have any.
pub(super) const PROPERTIES: &[(&str, &[&str])] = &[
    (
        "contact",
        &["phone", "name", "firstname", "lastname", "user_id", "email", "country", "assignee", "groups", "opted_in", "opted_out"],
    ),
    ("tap", &["id", "title"]),
    ("now", &["year", "month", "day", "hour", "minute", "second", "weekday", "date", "time", "unix"]),
];

/// What each of them is, in one line: what editors show. A test asks for those of [`PROPERTIES`] and for every name.
pub(super) const ABOUT: &[(&str, &str)] = &[
    ("contact", "The person who wrote."),
    ("contact.phone", "The number with its plus sign; empty for people who hide it."),
    ("contact.name", "The name of the profile, may be empty."),
    ("contact.firstname", "What a flow wrote down as the first name, or the first word of the profile's name."),
    ("contact.lastname", "What a flow wrote down as the last name, or the words of the profile's name after the first."),
    ("contact.user_id", "The provider's own id of this person, may be empty."),
    ("contact.email", "What a flow wrote down with `contact`, empty otherwise; so are `country` and `assignee`."),
    ("contact.country", "What a flow wrote down, empty otherwise."),
    ("contact.assignee", "Who looks after the contact, as a flow wrote it down; empty otherwise."),
    ("contact.groups", "The groups that flows put the contact in, a list of texts."),
    ("contact.opted_in", "The day on which the contact agreed to hear from us, `\"2026-11-24\"`; empty otherwise."),
    ("contact.opted_out", "The day on which the contact wanted to hear nothing more from us; empty otherwise."),
    ("tap", "The button that was tapped."),
    ("tap.id", "The id of the button that was tapped; empty when nothing was."),
    ("tap.title", "What was written on the button that was tapped."),
    ("text", "What was typed; empty when nothing was."),
    ("now", "The time of the event, in UTC; it stands still during a call."),
    ("now.year", "The year."),
    ("now.month", "1 to 12."),
    ("now.day", "1 to 31."),
    ("now.hour", "0 to 23."),
    ("now.minute", "0 to 59."),
    ("now.second", "0 to 59."),
    ("now.weekday", "`\"monday\"` to `\"sunday\"`."),
    ("now.date", "The day, `\"2026-11-24\"`."),
    ("now.time", "The time of day, `\"09:05\"`."),
    ("now.unix", "Seconds since 1970."),
];

impl Given {
    /// Everything in `around` that has a name of its own.
    pub(super) fn new(around: &Surroundings<'_>) -> Self {
        Self(NAMES.map(|name| one(name, around).unwrap_or(Dynamic::UNIT)))
    }

    /// The one called `name`.
    pub(super) fn get(&self, name: &str) -> Option<Dynamic> {
        NAMES.iter().position(|known| *known == name).map(|index| self.0[index].clone())
    }
}

/// The value of `name`, if it is one of [`NAMES`].
pub(super) fn one(name: &str, around: &Surroundings<'_>) -> Option<Dynamic> {
    Some(match name {
        "contact" => Dynamic::from(ContactView(Arc::new((around.contact.clone(), around.profile.clone())))),
        "tap" => tap(around),
        "text" => around.text.into(),
        "now" => Dynamic::from(NowView(around.now)),
        _ => return None,
    })
}

/// `tap` alone, as `on_tap` takes it.
pub(super) fn tap(around: &Surroundings<'_>) -> Dynamic {
    Dynamic::from(TapView { id: around.tap_id.into(), title: around.tap_title.into() })
}

/// Teaches `engine` the types and their properties.
pub(super) fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<ContactView>("contact")
        .register_get("phone", |c: &mut ContactView| c.phone())
        .register_get("name", |c: &mut ContactView| c.name())
        .register_get("firstname", |c: &mut ContactView| c.firstname())
        .register_get("lastname", |c: &mut ContactView| c.lastname())
        .register_get("user_id", |c: &mut ContactView| written(&c.0.0.user_id))
        .register_get("email", |c: &mut ContactView| written(&c.0.1.fields.email))
        .register_get("country", |c: &mut ContactView| written(&c.0.1.fields.country))
        .register_get("assignee", |c: &mut ContactView| written(&c.0.1.fields.assignee))
        .register_get("groups", |c: &mut ContactView| c.groups().map(Dynamic::from).collect::<rhai::Array>())
        .register_get("opted_in", |c: &mut ContactView| day(c.0.1.opted_in.as_ref()))
        .register_get("opted_out", |c: &mut ContactView| day(c.0.1.opted_out.as_ref()))
        .register_fn("to_string", |c: &mut ContactView| c.name())
        .register_fn("to_debug", |c: &mut ContactView| c.name());
    engine
        .register_type_with_name::<TapView>("tap")
        .register_get("id", |tap: &mut TapView| tap.id.clone())
        .register_get("title", |tap: &mut TapView| tap.title.clone())
        .register_fn("to_string", |tap: &mut TapView| tap.title.clone())
        .register_fn("to_debug", |tap: &mut TapView| tap.title.clone());
    engine
        .register_type_with_name::<NowView>("now")
        .register_get("year", |now: &mut NowView| i64::from(now.utc().year()))
        .register_get("month", |now: &mut NowView| i64::from(now.utc().month()))
        .register_get("day", |now: &mut NowView| i64::from(now.utc().day()))
        .register_get("hour", |now: &mut NowView| i64::from(now.utc().hour()))
        .register_get("minute", |now: &mut NowView| i64::from(now.utc().minute()))
        .register_get("second", |now: &mut NowView| i64::from(now.utc().second()))
        .register_get("weekday", |now: &mut NowView| ImmutableString::from(now.weekday()))
        .register_get("date", |now: &mut NowView| ImmutableString::from(now.utc().strftime("%Y-%m-%d").to_string()))
        .register_get("time", |now: &mut NowView| ImmutableString::from(now.utc().strftime("%H:%M").to_string()))
        .register_get("unix", |now: &mut NowView| now.0.as_second())
        .register_fn("to_string", |now: &mut NowView| ImmutableString::from(now.iso()))
        .register_fn("to_debug", |now: &mut NowView| ImmutableString::from(now.iso()));
}

impl ContactView {
    fn phone(&self) -> ImmutableString {
        self.0.0.phone.as_ref().map(ToString::to_string).unwrap_or_default().into()
    }

    fn name(&self) -> ImmutableString {
        self.0.0.name.as_str().into()
    }

    fn firstname(&self) -> ImmutableString {
        self.0.1.fields.firstname.as_deref().unwrap_or(self.0.0.firstname()).into()
    }

    fn lastname(&self) -> ImmutableString {
        self.0.1.fields.lastname.as_deref().unwrap_or(self.0.0.lastname()).into()
    }

    fn groups(&self) -> impl Iterator<Item = ImmutableString> {
        self.0.1.groups.iter().map(ImmutableString::from)
    }

    /// As a record, for scripts that return it.
    pub(super) fn to_value(&self) -> Value {
        let text = |text: &str| Value::from(text);
        record([
            ("phone", text(&self.phone())),
            ("name", text(&self.name())),
            ("firstname", text(&self.firstname())),
            ("lastname", text(&self.lastname())),
            ("user_id", text(&written(&self.0.0.user_id))),
            ("email", text(&written(&self.0.1.fields.email))),
            ("country", text(&written(&self.0.1.fields.country))),
            ("assignee", text(&written(&self.0.1.fields.assignee))),
            ("groups", Value::List(self.groups().map(|group| text(&group)).collect())),
            ("opted_in", text(&day(self.0.1.opted_in.as_ref()))),
            ("opted_out", text(&day(self.0.1.opted_out.as_ref()))),
        ])
    }
}

fn written(field: &Option<String>) -> ImmutableString {
    field.as_deref().unwrap_or("").into()
}

/// The day of a consent, empty when there is none.
fn day(consent: Option<&Consent>) -> ImmutableString {
    consent.map(|consent| consent.at.strftime("%Y-%m-%d").to_string()).unwrap_or_default().into()
}

impl TapView {
    /// As a record, for scripts that return it.
    pub(super) fn to_value(&self) -> Value {
        record([("id", Value::from(self.id.as_str())), ("title", Value::from(self.title.as_str()))])
    }
}

impl NowView {
    /// `2026-11-24T09:30:00Z`, to the second.
    pub(super) fn iso(&self) -> String {
        self.0.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    fn utc(&self) -> jiff::civil::DateTime {
        jiff::tz::Offset::UTC.to_datetime(self.0)
    }

    fn weekday(&self) -> &'static str {
        match self.utc().weekday() {
            jiff::civil::Weekday::Monday => "monday",
            jiff::civil::Weekday::Tuesday => "tuesday",
            jiff::civil::Weekday::Wednesday => "wednesday",
            jiff::civil::Weekday::Thursday => "thursday",
            jiff::civil::Weekday::Friday => "friday",
            jiff::civil::Weekday::Saturday => "saturday",
            jiff::civil::Weekday::Sunday => "sunday",
        }
    }
}

fn record<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Record(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
