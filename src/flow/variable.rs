//! What a flow remembers: each variable declared once, with a kind and bounds. The same line validates what contacts type,
//! what scripts return, and how a value is shown.

use jiff::civil::{self, Date};

use crate::model::{AttachmentKind, Details, Phone, Value, VariableName, limits};
use crate::script;
use crate::source::{Code, Diagnostic, Key, Node, NodeKind, Span, meant, nearest, surely};

use super::bounds::{Days, Hours};
use super::keys;
use super::read::{Fields, Reader, listed};
use super::typed::{self, Typist};

/// A variable of a flow.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: VariableName,
    /// What it can hold.
    pub kind: Kind,
    /// Whether it outlives the end of the flow and its next start.
    pub keep: bool,
    /// Where it is declared.
    pub span: Span,
}

/// What a variable can hold.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Any text up to `longest` characters.
    Text {
        /// In characters.
        longest: usize,
    },
    /// A number between `least` and `most`.
    Number {
        /// The smallest that is taken.
        least: Option<f64>,
        /// The largest that is taken.
        most: Option<f64>,
    },
    /// An amount, shown with its currency.
    Money {
        /// Three letters, `INR`.
        currency: String,
        /// The smallest that is taken.
        least: Option<f64>,
        /// The largest that is taken.
        most: Option<f64>,
    },
    /// A day, kept as `2026-06-15`.
    Date(Days),
    /// A time of day, kept as `18:30`.
    Time(Hours),
    /// A phone number, kept as `+27821234567`.
    Phone,
    /// A mail address.
    Email,
    /// One of a few texts.
    Choice {
        /// The texts.
        of: Vec<String>,
    },
    /// Yes or no.
    YesNo,
    /// Values in order; only scripts make them.
    List,
    /// Values by name; only scripts make them.
    Record,
    /// A place on the map that the contact sends: a record.
    Location,
    /// A picture, document and the like that the contact sends: a record.
    Media {
        /// The kinds that are taken.
        of: Vec<AttachmentKind>,
    },
}

/// The kinds of things that a variable of the kind `media` can take: those that are a file.
const FILES: [AttachmentKind; 6] = [
    AttachmentKind::Image,
    AttachmentKind::Video,
    AttachmentKind::Audio,
    AttachmentKind::Voice,
    AttachmentKind::Document,
    AttachmentKind::Sticker,
];

impl Kind {
    /// What a person is asked to send.
    pub(super) fn words(&self) -> &'static str {
        match self {
            Kind::Text { .. } => "a text",
            Kind::Number { .. } => "a number",
            Kind::Money { .. } => "an amount",
            Kind::Date(_) => "a date",
            Kind::Time(_) => "a time",
            Kind::Phone => "a phone number with its country code",
            Kind::Email => "a mail address",
            Kind::Choice { .. } => "one of a few texts",
            Kind::YesNo => "yes or no",
            Kind::List => "a list",
            Kind::Record => "a record",
            Kind::Location => "a location",
            Kind::Media { .. } => "a file",
        }
    }

    /// Its name in the language.
    pub fn name(&self) -> &'static str {
        match self {
            Kind::Text { .. } => "text",
            Kind::Number { .. } => "number",
            Kind::Money { .. } => "money",
            Kind::Date(_) => "date",
            Kind::Time(_) => "time",
            Kind::Phone => "phone",
            Kind::Email => "email",
            Kind::Choice { .. } => "choice",
            Kind::YesNo => "yes_no",
            Kind::List => "list",
            Kind::Record => "record",
            Kind::Location => "location",
            Kind::Media { .. } => "media",
        }
    }

    /// Reads what belongs to the kind called `name`; nothing when what it needs is missing, which has been noted then, or when
    /// there is no such kind.
    fn read(reader: &Reader<'_>, fields: &mut Fields<'_>, name: &str, span: Span) -> Option<Self> {
        let mut number = |key: &str| fields.take(key).and_then(|(_, node)| reader.number(node, &format!("`{key}`")));
        Some(match name {
            "text" => {
                let most = u32::try_from(limits::TEXT_VALUE_CHARS_MAX).unwrap_or(u32::MAX);
                let longest =
                    fields.take("longest").and_then(|(_, node)| reader.whole(node, "`longest`", 1, most)).unwrap_or(most);
                Kind::Text { longest: longest as usize }
            }
            "number" => Kind::Number { least: number("least"), most: number("most") },
            "money" => {
                let (least, most) = (number("least"), number("most"));
                let currency = fields.need(reader, "currency", "INR").and_then(|node| reader.scalar(node, "the currency"))?;
                Kind::Money { currency: currency.to_owned(), least, most }
            }
            "date" => Kind::Date(Days::read(reader, fields, span)),
            "time" => Kind::Time(Hours::read(reader, fields, span)),
            "phone" => Kind::Phone,
            "email" => Kind::Email,
            "choice" => {
                let node = fields.need(reader, "of", "[small, large]")?;
                let of = reader.items(node, "`of`")?;
                if of.is_empty() {
                    reader.note(Diagnostic::error(Code::BAD_VALUE, node.span, "`of` holds no choice, so nothing would ever fit"));
                }
                let of = of.iter().filter_map(|item| reader.scalar(item, "a choice")).map(str::to_owned).collect();
                Kind::Choice { of }
            }
            "yes_no" => Kind::YesNo,
            "list" => Kind::List,
            "record" => Kind::Record,
            "location" => Kind::Location,
            "media" => Kind::Media { of: files(reader, fields) },
            _ => return None,
        })
    }
}

impl Variable {
    /// Reads `name: {kind: …}`.
    pub(super) fn read(reader: &Reader<'_>, key: &Key, node: &Node) -> Option<Self> {
        let name = VariableName::new(reader.new_name(&key.text, key.span, "a variable")?);
        if !script::may_name_a_variable(&key.text) {
            reader.note(
                Diagnostic::error(Code::BAD_NAME, key.span, format!("`{name}` means something already"))
                    .help("`contact`, `tap`, `text`, `now` and `event` are given by the host, and words such as `if` belong to expressions; choose another name"),
            );
            return None;
        }
        let mut fields = reader.fields(node, "a variable")?;
        let kind_node = fields.need(reader, "kind", "text")?;
        let kind = reader.scalar(kind_node, "the kind")?;
        let keep = fields.take("keep").and_then(|(_, node)| reader.yes_no(node, "`keep`")).unwrap_or(false);
        let kinds = || keys::VARIABLES.iter().filter_map(|shape| shape.kind());
        let Some(shape) = keys::VARIABLES.iter().find(|shape| shape.is_kind(kind)) else {
            let mistake = Diagnostic::error(Code::BAD_VALUE, kind_node.span, format!("there is no kind `{kind}`"));
            reader.note(match meant(kind, kinds()) {
                Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(kind_node.span, near).sure_if(surely(
                    kind,
                    near,
                    kinds(),
                )),
                None => mistake.help(format!("the kinds are {}", listed(&kinds().collect::<Vec<_>>()))),
            });
            return None;
        };
        let kind = Kind::read(reader, &mut fields, kind, key.span)?;
        if let Kind::Number { least: Some(least), most: Some(most) } | Kind::Money { least: Some(least), most: Some(most), .. } =
            kind
            && least > most
        {
            let message = format!("`least` is {least} and `most` is {most}, so nothing would ever fit");
            reader.note(Diagnostic::error(Code::BAD_VALUE, key.span, message).help("let `least` be the smaller of the two"));
        }
        fields.finish(reader, shape);
        Some(Self { name, kind, keep, span: key.span })
    }

    /// Whether only a few answers fit, so that a typed one that fits is surely meant as the answer.
    pub fn is_closed(&self) -> bool {
        !matches!(self.kind, Kind::Text { .. } | Kind::List | Kind::Record)
    }

    /// What `typist` typed, as a value; otherwise why it is none.
    pub fn read_answer(&self, typed: &str, typist: &Typist<'_>) -> Result<Value, String> {
        let typed = typed.trim();
        let accept = |value| self.accept(value, Some(typist.today));
        match &self.kind {
            Kind::Number { .. } => accept(typed::number(typed).ok_or("it is not a number")?),
            Kind::Money { currency, .. } => accept(typed::amount(typed, currency)?),
            Kind::Date(days) => {
                let meant = typed::day(typed, typist).ok_or("it is not a date")?;
                days.choose(&meant, typist).map(|day| Value::Text(day.to_string()))
            }
            Kind::Time(hours) => hours.choose(&typed::hours(typed, typist)).map(shown_time),
            Kind::Choice { of } => {
                let wanted = super::trigger::plain(typed);
                of.iter()
                    .find(|text| super::trigger::plain(text) == wanted)
                    .map(|text| Value::Text(text.clone()))
                    .ok_or_else(|| format!("it is none of {}", of.join(", ")))
            }
            Kind::YesNo => typed::yes_or_no(typed, typist).map(Value::YesNo).ok_or_else(|| "it is neither yes nor no".to_owned()),
            Kind::Text { .. } | Kind::Phone | Kind::Email => accept(Value::Text(typed.to_owned())),
            Kind::List | Kind::Record => Err("only a script can make such a value".to_owned()),
            Kind::Location => Err("it is no location".to_owned()),
            Kind::Media { of } => Err(format!("it is no {}", names(of, " or "))),
        }
    }

    /// `value` as this variable keeps it; otherwise why it does not fit. Bounds that move with `today` count only where it is
    /// known.
    pub fn accept(&self, value: Value, today: Option<Date>) -> Result<Value, String> {
        if value.is_nothing() {
            return Ok(value);
        }
        let text = match &value {
            Value::Text(text) => Some(text.as_str()),
            _ => None,
        };
        match &self.kind {
            Kind::Text { longest } => {
                let text = match &value {
                    Value::Text(_) | Value::Whole(_) | Value::Decimal(_) => value.to_string(),
                    _ => return Err(self.wrong_kind(&value, "a text")),
                };
                let count = text.chars().count();
                if text.is_empty() {
                    Err("it is empty".to_owned())
                } else if count > *longest {
                    Err(format!("it has {count} characters where {longest} are allowed"))
                } else {
                    Ok(Value::Text(text))
                }
            }
            Kind::Number { least, most } => between(value, *least, *most).ok_or_else(|| "it is not a number".to_owned())?,
            Kind::Money { least, most, .. } => {
                let cents = |number: f64| (number * 100.0).round() / 100.0;
                let value = if let Value::Decimal(number) = value { Value::Decimal(cents(number)) } else { value };
                between(value, *least, *most).ok_or_else(|| "it is not an amount".to_owned())?
            }
            Kind::Date(days) => {
                let day = text.and_then(date).ok_or("it is not a date like 2026-06-15")?;
                days.refuses(day, today).map_or_else(|| Ok(Value::Text(day.to_string())), Err)
            }
            Kind::Time(hours) => {
                let time = text.and_then(time).ok_or("it is not a time like 18:30")?;
                hours.refuses(time).map_or_else(|| Ok(shown_time(time)), Err)
            }
            Kind::Phone => text
                .and_then(Phone::parse)
                .map(|phone| Value::Text(phone.to_string()))
                .ok_or("it is not a phone number with its country code".to_owned()),
            Kind::Email => text
                .filter(|text| is_email(text))
                .map(|text| Value::Text(text.to_owned()))
                .ok_or("it is not a mail address".to_owned()),
            Kind::Choice { of } => match text.filter(|text| of.iter().any(|one| one == text)) {
                Some(_) => Ok(value),
                None => Err(format!("it is none of {}", of.join(", "))),
            },
            Kind::YesNo if matches!(value, Value::YesNo(_)) => Ok(value),
            Kind::List if matches!(value, Value::List(_)) => Ok(value),
            Kind::Record if matches!(value, Value::Record(_)) => Ok(value),
            Kind::Location | Kind::Media { .. } => self.accept_sent(value),
            Kind::YesNo => Err(self.wrong_kind(&value, "true or false")),
            Kind::List => Err(self.wrong_kind(&value, "a list")),
            Kind::Record => Err(self.wrong_kind(&value, "a record")),
        }
    }

    /// What was sent as a value, for the kinds that are answered so; otherwise why it is none.
    pub fn read_sent(&self, kind: AttachmentKind, caption: &str, details: &Details) -> Result<Value, String> {
        match &self.kind {
            Kind::Location if kind == AttachmentKind::Location => self.accept(details.value(kind, caption), None),
            Kind::Media { .. } => self.accept(details.value(kind, caption), None),
            _ => Err(format!("it is {} {} where {} belongs", article(kind.name()), kind.name(), self.kind.words())),
        }
    }

    /// A record of what was sent; scripts may make one too.
    fn accept_sent(&self, value: Value) -> Result<Value, String> {
        let Value::Record(fields) = &value else { return Err(self.wrong_kind(&value, self.kind.words())) };
        let number = |name: &str| matches!(fields.get(name), Some(Value::Decimal(_) | Value::Whole(_)));
        match &self.kind {
            Kind::Media { of } => match fields.get("kind") {
                Some(Value::Text(kind)) if of.iter().any(|one| one.name() == kind) => Ok(value),
                Some(kind) => Err(format!("it is {} {kind} where {} belongs", article(&kind.to_string()), names(of, " or "))),
                None => Err("it does not say of which `kind` it is".to_owned()),
            },
            _ if number("latitude") && number("longitude") => Ok(value),
            _ => Err("it says no latitude and longitude".to_owned()),
        }
    }

    /// The value as a contact reads it.
    pub fn show(&self, value: &Value) -> String {
        match (&self.kind, value) {
            (Kind::Money { currency, .. }, Value::Whole(amount)) => format!("{currency} {amount}"),
            (Kind::Money { currency, .. }, Value::Decimal(amount)) if amount.fract() == 0.0 => format!("{currency} {amount:.0}"),
            (Kind::Money { currency, .. }, Value::Decimal(amount)) => format!("{currency} {amount:.2}"),
            (Kind::Location, value) => {
                let part = |name: &str| Some(value.at(&[name.to_owned()]).to_string()).filter(|text| !text.is_empty());
                let joined = |one: Option<String>, other: Option<String>| match (one, other) {
                    (Some(one), Some(other)) => Some(format!("{one}, {other}")),
                    (one, other) => one.or(other),
                };
                let place = joined(part("name"), part("address"));
                place.or_else(|| joined(part("latitude"), part("longitude"))).unwrap_or_default()
            }
            (Kind::Media { .. }, value) => {
                let part = |name: &str| Some(value.at(&[name.to_owned()]).to_string()).filter(|text| !text.is_empty());
                part("filename").or_else(|| part("kind")).unwrap_or_default()
            }
            (_, value) => value.to_string(),
        }
    }

    /// The most characters of a part of it, `where.latitude`; nothing when there is no bound.
    pub fn longest_part(&self, part: &str) -> Option<usize> {
        const DEGREES: usize = 24;
        match (&self.kind, part) {
            (Kind::Location, "latitude" | "longitude") => Some(DEGREES),
            (Kind::Location, "name" | "address") => Some(limits::PLACE_CHARS_MAX),
            (Kind::Media { .. }, "kind") => Some(16),
            (Kind::Media { .. }, "mime") => Some(limits::MIME_CHARS_MAX),
            (Kind::Media { .. }, "filename") => Some(limits::FILENAME_CHARS_MAX),
            (Kind::Media { .. }, "url") => Some(limits::URL_CHARS_MAX),
            _ => None,
        }
    }

    /// The most characters that [`Variable::show`] can give; nothing when there is no bound.
    pub fn longest(&self) -> Option<usize> {
        const NUMBER: usize = 20;
        const MAIL: usize = 254;
        match &self.kind {
            Kind::Text { longest } => Some(*longest),
            Kind::Number { .. } => Some(NUMBER),
            Kind::Money { currency, .. } => Some(NUMBER + 1 + currency.chars().count()),
            Kind::Date(_) => Some(10),
            Kind::Time(_) => Some(5),
            Kind::Phone => Some(limits::PHONE_DIGITS_MAX + 1),
            Kind::Email => Some(MAIL),
            Kind::Choice { of } => of.iter().map(|text| text.chars().count()).max(),
            Kind::YesNo => Some(3),
            Kind::Location => Some(2 * limits::PLACE_CHARS_MAX + ", ".len()),
            Kind::Media { .. } => Some(limits::FILENAME_CHARS_MAX),
            Kind::List | Kind::Record => None,
        }
    }

    fn wrong_kind(&self, value: &Value, expected: &str) -> String {
        format!("it is {} where {expected} belongs", value.kind_name())
    }
}

/// Reads `of` of a file: all kinds where it is left out.
fn files(reader: &Reader<'_>, fields: &mut Fields<'_>) -> Vec<AttachmentKind> {
    let Some((_, node)) = fields.take("of") else { return FILES.to_vec() };
    let items = reader.items(node, "`of`").unwrap_or_default();
    if items.is_empty() && matches!(node.kind, NodeKind::List(_)) {
        reader.note(Diagnostic::error(Code::BAD_VALUE, node.span, "`of` holds no kind, so nothing would ever fit"));
    }
    let known = FILES.map(AttachmentKind::name);
    let file = |item: &Node| {
        let text = reader.scalar(item, "a kind of file")?;
        let found = FILES.into_iter().find(|kind| kind.name() == text);
        if found.is_none() {
            let mistake = Diagnostic::error(Code::BAD_VALUE, item.span, format!("there is no kind of file `{text}`"));
            reader.note(match nearest(text, known) {
                Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(item.span, near),
                None => mistake.help(format!("the kinds are {}", listed(&known))),
            });
        }
        found
    };
    items.iter().filter_map(file).collect()
}

/// `image or document`
fn names(kinds: &[AttachmentKind], between: &str) -> String {
    kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(between)
}

/// `a` or `an`
fn article(word: &str) -> &'static str {
    if word.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

fn between(value: Value, least: Option<f64>, most: Option<f64>) -> Option<Result<Value, String>> {
    #[allow(clippy::cast_precision_loss)] // bounds are compared, not kept
    let number = match &value {
        Value::Whole(number) => *number as f64,
        Value::Decimal(number) if number.is_finite() => *number,
        _ => return None,
    };
    Some(match (least, most) {
        (Some(least), _) if number < least => Err(format!("it is less than {least}")),
        (_, Some(most)) if number > most => Err(format!("it is more than {most}")),
        _ => Ok(value),
    })
}

/// Four digits of a year, so that nobody is born in the year 26.
fn date(text: &str) -> Option<Date> {
    let parse = |format| Date::strptime(format, text).ok();
    let date = parse("%Y-%m-%d").or_else(|| parse("%d.%m.%Y")).or_else(|| parse("%d/%m/%Y"));
    date.filter(|date| date.year() >= 1000)
}

fn time(text: &str) -> Option<civil::Time> {
    civil::Time::strptime("%H:%M", text.replace('.', ":")).ok()
}

fn shown_time(time: civil::Time) -> Value {
    Value::Text(time.strftime("%H:%M").to_string())
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    text.len() <= 254
        && !local.is_empty()
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
        && domain.split('.').count() >= 2
        && domain.split('.').all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-'))
}
