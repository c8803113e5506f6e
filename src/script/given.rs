//! What every function, handler and expression is given to look at: `contact`, `tap`, `text`, `now`, `event`.
//!
//! They are types of their own and not records, so that a misspelt property is an error instead of nothing, and a value of a
//! contact is only ever data: it never meets the parser.

use std::sync::Arc;

use rhai::{Dynamic, Engine, ImmutableString};

use super::types::Surroundings;
use crate::model::{Contact, Timestamp, Value, Zone};

/// `contact`
#[derive(Debug, Clone)]
pub(super) struct ContactView(pub(super) Arc<Contact>);

/// `tap`
#[derive(Debug, Clone)]
pub(super) struct TapView {
    pub(super) id: ImmutableString,
    pub(super) title: ImmutableString,
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
    ("contact", &["phone", "name", "firstname", "lastname", "user_id"]),
    ("tap", &["id", "title"]),
    ("now", &["year", "month", "day", "hour", "minute", "second", "weekday", "date", "time", "unix"]),
    ("event", &["name", "data"]),
];

/// What each of them is, in one line: what editors show. A test asks for those of [`PROPERTIES`] and for every name.
pub(super) const ABOUT: &[(&str, &str)] = &[
    ("contact", "The person who wrote."),
    ("contact.phone", "The number with its plus sign; empty for people who hide it."),
    ("contact.name", "The name of the profile, may be empty."),
    ("contact.firstname", "The first word of the name."),
    ("contact.lastname", "The words of the name after the first."),
    ("contact.user_id", "The provider's own id of this person, may be empty."),
    ("tap", "The button that was tapped."),
    ("tap.id", "The id of the button that was tapped; empty when nothing was."),
    ("tap.title", "What was written on the button that was tapped."),
    ("text", "What was typed; empty when nothing was."),
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
        "contact" => Dynamic::from(ContactView(Arc::new(around.contact.clone()))),
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

/// Teaches `engine` the types and their properties.
pub(super) fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<ContactView>("contact")
        .register_get("phone", |c: &mut ContactView| c.phone())
        .register_get("name", |c: &mut ContactView| ImmutableString::from(&c.0.name))
        .register_get("firstname", |c: &mut ContactView| ImmutableString::from(c.0.firstname()))
        .register_get("lastname", |c: &mut ContactView| ImmutableString::from(c.0.lastname()))
        .register_get("user_id", |c: &mut ContactView| ImmutableString::from(c.0.user_id.as_deref().unwrap_or("")))
        .register_fn("to_string", |c: &mut ContactView| ImmutableString::from(&c.0.name))
        .register_fn("to_debug", |c: &mut ContactView| ImmutableString::from(&c.0.name));
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
        self.0.phone.as_ref().map(ToString::to_string).unwrap_or_default().into()
    }

    /// As a record, for scripts that return it.
    pub(super) fn to_value(&self) -> Value {
        let text = |text: &str| Value::from(text);
        record([
            ("phone", text(&self.phone())),
            ("name", text(&self.0.name)),
            ("firstname", text(self.0.firstname())),
            ("lastname", text(self.0.lastname())),
            ("user_id", text(self.0.user_id.as_deref().unwrap_or(""))),
        ])
    }
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
