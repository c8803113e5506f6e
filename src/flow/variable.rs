//! What a flow remembers: each variable declared once, with a kind and bounds. The same line validates what contacts type,
//! what scripts return, and how a value is shown.

use jiff::civil;

use crate::model::{AttachmentKind, Details, Phone, Value, VariableName, limits};
use crate::script;
use crate::source::{Code, Diagnostic, Key, Node, NodeKind, Span, meant, nearest, surely};

use super::keys;
use super::read::{Fields, Reader, listed};

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
    Date,
    /// A time of day, kept as `18:30`.
    Time,
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
    /// What it is called in a sentence.
    pub(super) fn words(&self) -> &'static str {
        match self {
            Kind::Text { .. } => "a text",
            Kind::Number { .. } => "a number",
            Kind::Money { .. } => "an amount",
            Kind::Date => "a date",
            Kind::Time => "a time",
            Kind::Phone => "a phone number",
            Kind::Email => "a mail address",
            Kind::Choice { .. } => "a choice",
            Kind::YesNo => "a yes or no",
            Kind::List => "a list",
            Kind::Record => "a record",
            Kind::Location => "a location",
            Kind::Media { .. } => "a file",
        }
    }

    /// Reads what belongs to the kind called `name`; nothing when what it needs is missing, which has been noted then, or when
    /// there is no such kind.
    fn read(reader: &Reader<'_>, fields: &mut Fields<'_>, name: &str) -> Option<Self> {
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
            "date" => Kind::Date,
            "time" => Kind::Time,
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
        let kind = Kind::read(reader, &mut fields, kind)?;
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

    /// What a contact typed, as a value; otherwise why it is none.
    pub fn read_answer(&self, typed: &str) -> Result<Value, String> {
        let typed = typed.trim();
        match &self.kind {
            Kind::Number { .. } => self.accept(number(typed).ok_or("it is not a number")?),
            Kind::Money { currency, .. } => {
                let bare = typed.trim_start_matches(|c: char| !c.is_ascii_digit() && c != '-');
                let bare = bare.trim_end_matches(|c: char| !c.is_ascii_digit());
                let spelled = typed.replace(bare, " ").to_uppercase();
                let foreign = spelled.split_whitespace().any(|word| word.len() == 3 && word.is_ascii() && word != currency);
                if foreign {
                    return Err(format!("it is not in {currency}"));
                }
                self.accept(number(bare).ok_or("it is not an amount")?)
            }
            Kind::Choice { of } => {
                let wanted = super::trigger::plain(typed);
                of.iter()
                    .find(|text| super::trigger::plain(text) == wanted)
                    .map(|text| Value::Text(text.clone()))
                    .ok_or_else(|| format!("it is none of {}", of.join(", ")))
            }
            Kind::YesNo => match super::trigger::plain(typed).as_str() {
                "yes" | "y" | "true" | "ok" => Ok(Value::YesNo(true)),
                "no" | "n" | "false" => Ok(Value::YesNo(false)),
                _ => Err("it is neither yes nor no".to_owned()),
            },
            Kind::Text { .. } | Kind::Date | Kind::Time | Kind::Phone | Kind::Email => self.accept(Value::Text(typed.to_owned())),
            Kind::List | Kind::Record => Err("only a script can make such a value".to_owned()),
            Kind::Location => Err("it is no location".to_owned()),
            Kind::Media { of } => Err(format!("it is no {}", names(of, " or "))),
        }
    }

    /// `value` as this variable keeps it; otherwise why it does not fit.
    pub fn accept(&self, value: Value) -> Result<Value, String> {
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
            Kind::Date => {
                text.and_then(date).map(|date| Value::Text(date.to_string())).ok_or("it is not a date like 2026-06-15".to_owned())
            }
            Kind::Time => text
                .and_then(time)
                .map(|time| Value::Text(time.strftime("%H:%M").to_string()))
                .ok_or("it is not a time like 18:30".to_owned()),
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
            Kind::Location if kind == AttachmentKind::Location => self.accept(details.value(kind, caption)),
            Kind::Media { .. } => self.accept(details.value(kind, caption)),
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
            Kind::Date => Some(10),
            Kind::Time => Some(5),
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

fn number(text: &str) -> Option<Value> {
    let plain = ungrouped(&text.replace([' ', '\u{a0}'], ""))?;
    let starts_well = plain.trim_start_matches(['-', '+']).starts_with(|c: char| c.is_ascii_digit() || c == '.');
    if !starts_well {
        return None;
    }
    plain
        .parse()
        .map(Value::Whole)
        .ok()
        .or_else(|| plain.parse().ok().filter(|number: &f64| number.is_finite()).map(Value::Decimal))
}

/// The number without the commas that group its digits: `1,200`, `1,00,000`. A comma anywhere else may be a decimal one, and to
/// guess would be wrong by a factor of hundred: then it is no number.
fn ungrouped(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut groups = whole.split(',').skip(1).collect::<Vec<_>>();
    let last = groups.pop();
    let grouped = last.is_none_or(|last| last.len() == 3) && groups.iter().all(|group| matches!(group.len(), 2 | 3));
    (grouped && !fraction.contains(',')).then(|| text.replace(',', ""))
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

fn date(text: &str) -> Option<civil::Date> {
    let parse = |format| civil::Date::strptime(format, text).ok();
    parse("%Y-%m-%d").or_else(|| parse("%d.%m.%Y")).or_else(|| parse("%d/%m/%Y"))
}

fn time(text: &str) -> Option<civil::Time> {
    civil::Time::strptime("%H:%M", text.replace('.', ":")).ok()
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    text.len() <= 254
        && !local.is_empty()
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
        && domain.split('.').count() >= 2
        && domain.split('.').all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_group_digits_and_nothing_else() {
        for (typed, expected) in [
            ("1,200", Some(Value::Whole(1200))),
            ("1,00,000", Some(Value::Whole(100_000))),
            ("1,200.50", Some(Value::Decimal(1200.5))),
            ("1 200", Some(Value::Whole(1200))),
            ("-12", Some(Value::Whole(-12))),
            ("10.5", Some(Value::Decimal(10.5))),
            ("12,50", None),
            ("1.200,50", None),
            ("1,2000", None),
            ("1,", None),
            ("many", None),
        ] {
            assert_eq!(number(typed), expected, "{typed}");
        }
    }
}
