//! When a `later` falls due: after a stretch of time, or at a time of day of the flow's zone.

use jiff::civil::{Date, Time, Weekday};

use crate::model::{FaultKind, Timestamp, Value, VariableName, Zone, time};
use crate::source::{Code, Diagnostic, Node, Span, nearest};

use super::super::clock::{self, WEEKDAYS};
use super::super::engine::{Broken, Machine};
use super::super::exits::stretch;
use super::super::program::Flow;
use super::super::read::{Fields, Reader};
use super::super::variable::Kind;

/// The most days before the day of a variable that a reminder may come.
pub(in super::super) const DAYS_BEFORE_MAX: u32 = 365;
const DAY_MS: u64 = 86_400_000;

/// When.
#[derive(Debug, Clone, PartialEq)]
pub enum When {
    /// So many milliseconds from now.
    After(u64),
    /// At this time of day.
    At(Time, Day),
}

/// Which day.
#[derive(Debug, Clone, PartialEq)]
pub enum Day {
    /// The first on which the time is still to come: today or tomorrow.
    Next,
    /// So many days from now, 0 for today.
    In(u32),
    /// The next one with this name on which the time is still to come.
    Weekday(Weekday),
    /// So many days before the day that a variable holds.
    Before(VariableName, u32),
}

impl When {
    /// Reads `after`, `at`, `day` and `days_before` of a `later`; `key` is where it stands.
    pub(super) fn read(reader: &Reader<'_>, fields: &mut Fields<'_>, key: Span) -> Option<Self> {
        let after = fields.take("after");
        let at = fields.take("at");
        let day = fields.take("day");
        let days_before = fields.take("days_before");
        let Some((_, at)) = at else {
            // `at` may be there and misspelt, which is told when the mapping is finished.
            if let Some((extra, _)) = day.or(days_before).filter(|_| !fields.is_misspelt("at")) {
                let message = format!("`{}` without `at`", extra.text);
                reader
                    .note(Diagnostic::error(Code::MISSING_KEY, extra.span, message).help("add the time of day, `at: \"09:00\"`"));
                return None;
            }
            return match after {
                Some((_, after)) => reader.duration(after, "`after`").map(Self::After),
                None => {
                    if !fields.is_misspelt("after") && !fields.is_misspelt("at") {
                        reader.note(
                            Diagnostic::error(Code::MISSING_KEY, key, "`later` does not say when")
                                .help("add `after: 2 days` or `at: \"09:00\"`"),
                        );
                    }
                    None
                }
            };
        };
        if let (Some((first, _)), Some((second, _))) = (after, day) {
            reader.note(
                Diagnostic::error(Code::TOGETHER, second.span, "`after` and `day` say different days")
                    .related(first.span, "the first of them")
                    .help("keep one of them"),
            );
            return None;
        }
        let time = reader.time_of_day(at, "`at`");
        let day = match (after, day) {
            (Some((_, after)), _) => Some(Day::In(whole_days(reader, after)?)),
            (_, Some((_, day))) => read_day(reader, day),
            (None, None) => Some(Day::Next),
        };
        let before = match days_before {
            Some((key, node)) => {
                let days = reader.whole(node, "`days_before`", 1, DAYS_BEFORE_MAX)?;
                match day {
                    Some(Day::Before(variable, _)) => Some(Day::Before(variable, days)),
                    Some(_) => {
                        reader.note(
                            Diagnostic::error(Code::TOGETHER, key.span, "`days_before` counts from the day of a variable")
                                .help("write `day: \"{a_date}\"` beside it, or leave it out"),
                        );
                        None
                    }
                    None => None,
                }
            }
            None => day,
        };
        Some(Self::At(time?, before?))
    }

    /// In people's words: `2 days later`, `at 09:00, tomorrow`.
    pub fn told(&self) -> String {
        let (at, day) = match self {
            Self::After(millis) => return format!("{} later", stretch(*millis)),
            Self::At(at, day) => (at.strftime("%H:%M"), day),
        };
        match day {
            Day::Next => format!("at {at}"),
            Day::In(0) => format!("at {at}, today"),
            Day::In(1) => format!("at {at}, tomorrow"),
            Day::In(days) => format!("at {at}, {days} days later"),
            Day::Weekday(weekday) => {
                let name = usize::try_from(weekday.to_monday_zero_offset()).ok().and_then(|index| WEEKDAYS.get(index));
                format!("at {at}, {}", name.copied().unwrap_or_default())
            }
            Day::Before(variable, 0) => format!("at {at} on {variable}"),
            Day::Before(variable, 1) => format!("at {at}, a day before {variable}"),
            Day::Before(variable, days) => format!("at {at}, {days} days before {variable}"),
        }
    }

    /// The variable whose day it needs.
    pub(super) fn variable(&self) -> Option<&VariableName> {
        match self {
            Self::At(_, Day::Before(variable, _)) => Some(variable),
            Self::After(_) | Self::At(..) => None,
        }
    }

    /// Whether more than 24 hours may lie between now and then, so that only a template may leave.
    pub(super) fn may_be_after(&self, window_ms: u64) -> bool {
        match self {
            Self::After(millis) => *millis >= window_ms,
            Self::At(_, Day::Next | Day::In(0)) => false,
            Self::At(_, Day::In(_) | Day::Weekday(_) | Day::Before(..)) => true,
        }
    }

    /// Notes a variable that holds no day.
    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow, span: Span) {
        let variable = self.variable().and_then(|name| flow.remember.get(name.as_str()));
        if let Some(variable) = variable.filter(|variable| !matches!(variable.kind, Kind::Date(_))) {
            let message = format!("`{}` is no date", variable.name);
            reader.note(
                Diagnostic::error(Code::BAD_VALUE, span, message)
                    .related(variable.span, "declared here")
                    .help("`day` takes a variable of the kind `date`"),
            );
        }
    }

    /// The moment; nothing when it is over already.
    pub(super) fn moment(&self, machine: &Machine<'_>, flow: &Flow, span: Span) -> Result<Option<Timestamp>, Broken> {
        let (at, day) = match self {
            Self::After(millis) => return Ok(Some(time::after(machine.now, *millis))),
            Self::At(at, day) => (*at, day),
        };
        let (zone, now) = (machine.program.zone(Some(flow)), machine.now);
        let today = zone.day(now);
        let found = match day {
            Day::Next => from(zone, now, at, Some(today), 1),
            Day::Weekday(weekday) => from(zone, now, at, clock::on_or_after(today, *weekday), 7),
            Day::In(days) => clock::days_later(today, *days).and_then(|day| zone.moment(day, at)),
            Day::Before(variable, days) => {
                let held = machine.conversation.variables.get(&flow.name).and_then(|variables| variables.get(variable));
                let Some(day) = held.and_then(held_day) else {
                    let message = format!("`{variable}` holds no day yet, so nobody knows when");
                    return Err(Broken::new(machine, FaultKind::Value, span, message));
                };
                day.checked_sub(jiff::Span::new().days(i64::from(*days))).ok().and_then(|day| zone.moment(day, at))
            }
        };
        Ok(found.filter(|moment| *moment > now))
    }
}

/// The first moment after `now` at which it is `at` on `day`, or so many days later.
fn from(zone: &Zone, now: Timestamp, at: Time, day: Option<Date>, every: u32) -> Option<Timestamp> {
    let first = zone.moment(day?, at).filter(|moment| *moment > now);
    first.or_else(|| zone.moment(clock::days_later(day?, every)?, at))
}

fn held_day(value: &Value) -> Option<Date> {
    match value {
        Value::Text(day) => day.parse().ok(),
        _ => None,
    }
}

fn whole_days(reader: &Reader<'_>, node: &Node) -> Option<u32> {
    let millis = reader.duration(node, "`after`")?;
    let days = u32::try_from(millis / DAY_MS).ok().filter(|_| millis % DAY_MS == 0);
    if days.is_none() {
        reader.note(
            Diagnostic::error(Code::BAD_VALUE, node.span, "beside `at`, `after` counts days")
                .help("write `after: 2 days`, or leave `at` out"),
        );
    }
    days
}

fn read_day(reader: &Reader<'_>, node: &Node) -> Option<Day> {
    let text = reader.scalar(node, "`day`")?.trim();
    if let Some(inside) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        return reader.known_variable(inside.trim(), node.span).map(|variable| Day::Before(variable, 0));
    }
    match text {
        "today" => return Some(Day::In(0)),
        "tomorrow" => return Some(Day::In(1)),
        _ => {}
    }
    let day = clock::weekday(text).map(Day::Weekday);
    if day.is_none() {
        let mistake = Diagnostic::error(Code::BAD_VALUE, node.span, format!("`{text}` is no day"));
        let known = ["today", "tomorrow"].into_iter().chain(WEEKDAYS);
        reader.note(match nearest(&text.to_lowercase(), known) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(node.span, near),
            None if reader.variables.iter().any(|variable| variable.as_str() == text) => {
                mistake.label("a variable stands in braces").fix(node.span, format!("\"{{{text}}}\""))
            }
            None => mistake.help("write `today`, `tomorrow`, the name of a weekday, or a date variable, `\"{day}\"`"),
        });
    }
    day
}
