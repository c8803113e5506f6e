//! What every function, handler and expression is given to look at: `contact`, `tap`, `text`, `now`, `event`.
//!
//! They are types of their own and not records, so that a misspelt property is an error instead of nothing, and a value of a
//! contact is only ever data: it never meets the parser.

use std::sync::Arc;

use rhai::{Dynamic, Engine, ImmutableString};

use super::convert::to_dynamic;
use super::types::{News, Surroundings};
use crate::model::{Consent, Contact, Profile, Timestamp, Value, Zone};

/// `contact`
#[derive(Debug, Clone)]
pub(super) struct ContactView {
    person: Arc<(Contact, Profile)>,
    language: ImmutableString,
}

/// `tap`
#[derive(Debug, Clone)]
pub(super) struct TapView {
    pub(super) id: ImmutableString,
    pub(super) title: ImmutableString,
}

/// `receipt`, as `on_receipt` takes it.
#[derive(Debug, Clone)]
struct ReceiptView {
    message: ImmutableString,
    status: ImmutableString,
    error: ImmutableString,
}

/// `now`
#[derive(Debug, Clone)]
pub(super) struct NowView {
    at: Timestamp,
    zone: Zone,
}

/// `event`
#[derive(Debug, Clone)]
pub(super) struct EventView {
    pub(super) name: ImmutableString,
    /// A record, empty when nothing was told.
    pub(super) data: Dynamic,
}

/// All of them, made once for a call of a function.
#[derive(Debug)]
pub(super) struct Given([Dynamic; 5]);

/// The names, in the order of [`Given`].
pub(super) const NAMES: [&str; 5] = ["contact", "tap", "text", "now", "event"];

/// The properties of those that have any.
pub(super) const PROPERTIES: &[(&str, &[&str])] = &[
    (
        "contact",
        &[
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
        ],
    ),
    ("tap", &["id", "title"]),
    ("event", &["name", "data"]),
    ("receipt", &["message", "status", "error"]),
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
    ("contact.language", "The language that was chosen, `\"hi\"`; empty when none was."),
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
    ("receipt", "What became of a message, as `on_receipt` takes it."),
    ("receipt.message", "The provider's id of the message."),
    ("receipt.status", "`\"sent\"`, `\"delivered\"`, `\"read\"`, `\"played\"` or `\"failed\"`."),
    ("receipt.error", "Why it failed, in the provider's words; empty otherwise."),
    (
        "now",
        "The time of the event, on the clocks of the flow's zone, or of UTC where none is set; it stands still during a call.",
    ),
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
    ("event", "What a system of yours told with `POST /events/{name}`, in the turn that it begins."),
    ("event.name", "The event's name, `\"schedule\"` when a schedule began the flow; empty when nothing was told."),
    ("event.data", "What the event says, a record: `event.data.order`; what is not in it is nothing, `()`."),
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
        "contact" => {
            let person = Arc::new((around.contact.clone(), around.profile.clone()));
            Dynamic::from(ContactView { person, language: around.language.into() })
        }
        "tap" => tap(around),
        "text" => around.text.into(),
        "now" => Dynamic::from(NowView { at: around.now, zone: around.zone.clone() }),
        "event" => event(around),
        _ => return None,
    })
}

/// `event` alone.
fn event(around: &Surroundings<'_>) -> Dynamic {
    let data = match around.event_data {
        Value::Record(_) => super::convert::to_dynamic(around.event_data),
        _ => Dynamic::from_map(rhai::Map::new()),
    };
    Dynamic::from(EventView { name: around.event_name.into(), data })
}

/// `tap` alone, as `on_tap` takes it.
pub(super) fn tap(around: &Surroundings<'_>) -> Dynamic {
    Dynamic::from(TapView { id: around.tap_id.into(), title: around.tap_title.into() })
}

/// What a handler of events or receipts takes.
pub(super) fn news(news: &News<'_>) -> Dynamic {
    match *news {
        News::None => Dynamic::UNIT,
        News::Event { name, data } => Dynamic::from(EventView { name: name.into(), data: to_dynamic(data) }),
        News::Receipt { message, status, error } => {
            Dynamic::from(ReceiptView { message: message.into(), status: status.into(), error: error.into() })
        }
    }
}

/// Teaches `engine` the types and their properties.
pub(super) fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<ContactView>("contact")
        .register_get("phone", |c: &mut ContactView| c.phone())
        .register_get("name", |c: &mut ContactView| c.name())
        .register_get("firstname", |c: &mut ContactView| c.firstname())
        .register_get("lastname", |c: &mut ContactView| c.lastname())
        .register_get("user_id", |c: &mut ContactView| written(&c.person.0.user_id))
        .register_get("email", |c: &mut ContactView| written(&c.person.1.fields.email))
        .register_get("country", |c: &mut ContactView| written(&c.person.1.fields.country))
        .register_get("assignee", |c: &mut ContactView| written(&c.person.1.fields.assignee))
        .register_get("groups", |c: &mut ContactView| c.groups().map(Dynamic::from).collect::<rhai::Array>())
        .register_get("opted_in", |c: &mut ContactView| day(c.person.1.opted_in.as_ref()))
        .register_get("opted_out", |c: &mut ContactView| day(c.person.1.opted_out.as_ref()))
        .register_get("language", |c: &mut ContactView| c.language.clone())
        .register_fn("to_string", |c: &mut ContactView| c.name())
        .register_fn("to_debug", |c: &mut ContactView| c.name());
    engine
        .register_type_with_name::<TapView>("tap")
        .register_get("id", |tap: &mut TapView| tap.id.clone())
        .register_get("title", |tap: &mut TapView| tap.title.clone())
        .register_fn("to_string", |tap: &mut TapView| tap.title.clone())
        .register_fn("to_debug", |tap: &mut TapView| tap.title.clone());
    engine
        .register_type_with_name::<EventView>("event")
        .register_get("name", |event: &mut EventView| event.name.clone())
        .register_get("data", |event: &mut EventView| event.data.clone())
        .register_fn("to_string", |event: &mut EventView| event.name.clone())
        .register_fn("to_debug", |event: &mut EventView| event.name.clone());
    engine
        .register_type_with_name::<ReceiptView>("receipt")
        .register_get("message", |receipt: &mut ReceiptView| receipt.message.clone())
        .register_get("status", |receipt: &mut ReceiptView| receipt.status.clone())
        .register_get("error", |receipt: &mut ReceiptView| receipt.error.clone())
        .register_fn("to_string", |receipt: &mut ReceiptView| receipt.status.clone())
        .register_fn("to_debug", |receipt: &mut ReceiptView| receipt.status.clone());
    engine
        .register_type_with_name::<NowView>("now")
        .register_get("year", |now: &mut NowView| i64::from(now.local().year()))
        .register_get("month", |now: &mut NowView| i64::from(now.local().month()))
        .register_get("day", |now: &mut NowView| i64::from(now.local().day()))
        .register_get("hour", |now: &mut NowView| i64::from(now.local().hour()))
        .register_get("minute", |now: &mut NowView| i64::from(now.local().minute()))
        .register_get("second", |now: &mut NowView| i64::from(now.local().second()))
        .register_get("weekday", |now: &mut NowView| ImmutableString::from(now.weekday()))
        .register_get("date", |now: &mut NowView| ImmutableString::from(now.local().strftime("%Y-%m-%d").to_string()))
        .register_get("time", |now: &mut NowView| ImmutableString::from(now.local().strftime("%H:%M").to_string()))
        .register_get("unix", |now: &mut NowView| now.at.as_second())
        .register_fn("to_string", |now: &mut NowView| ImmutableString::from(now.iso()))
        .register_fn("to_debug", |now: &mut NowView| ImmutableString::from(now.iso()));
}

impl ContactView {
    fn phone(&self) -> ImmutableString {
        self.person.0.phone.as_ref().map(ToString::to_string).unwrap_or_default().into()
    }

    fn name(&self) -> ImmutableString {
        self.person.0.name.as_str().into()
    }

    fn firstname(&self) -> ImmutableString {
        self.person.1.fields.firstname.as_deref().unwrap_or(self.person.0.firstname()).into()
    }

    fn lastname(&self) -> ImmutableString {
        self.person.1.fields.lastname.as_deref().unwrap_or(self.person.0.lastname()).into()
    }

    fn groups(&self) -> impl Iterator<Item = ImmutableString> {
        self.person.1.groups.iter().map(ImmutableString::from)
    }

    /// As a record, for scripts that return it.
    pub(super) fn to_value(&self) -> Value {
        let text = |text: &str| Value::from(text);
        record([
            ("phone", text(&self.phone())),
            ("name", text(&self.name())),
            ("firstname", text(&self.firstname())),
            ("lastname", text(&self.lastname())),
            ("user_id", text(&written(&self.person.0.user_id))),
            ("email", text(&written(&self.person.1.fields.email))),
            ("country", text(&written(&self.person.1.fields.country))),
            ("assignee", text(&written(&self.person.1.fields.assignee))),
            ("groups", Value::List(self.groups().map(|group| text(&group)).collect())),
            ("opted_in", text(&day(self.person.1.opted_in.as_ref()))),
            ("opted_out", text(&day(self.person.1.opted_out.as_ref()))),
            ("language", text(&self.language)),
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

impl EventView {
    /// As a record, for scripts that return it.
    pub(super) fn to_value(&self) -> Result<Value, String> {
        Ok(record([("name", Value::from(self.name.as_str())), ("data", super::convert::to_value(&self.data)?)]))
    }
}

impl NowView {
    /// `2026-11-24T09:30:00Z`, to the second; on other clocks than those of UTC `2026-11-24T15:00:00+05:30`.
    pub(super) fn iso(&self) -> String {
        let local = self.local().strftime("%Y-%m-%dT%H:%M:%S").to_string();
        match self.zone.offset_secs(self.at) {
            0 => format!("{local}Z"),
            ahead => {
                let (sign, minutes) = (if ahead < 0 { '-' } else { '+' }, ahead.abs() / 60);
                format!("{local}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }

    fn local(&self) -> jiff::civil::DateTime {
        self.zone.local(self.at)
    }

    fn weekday(&self) -> &'static str {
        match self.local().weekday() {
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
