//! From when to when: the bounds of days and times. A day's bound may move with today, `tomorrow` or `in 30 days`, so that it
//! can only be held against a value when it is known which day it is.

use jiff::civil::{Date, Time, Weekday};

use crate::source::{Code, Diagnostic, Node, Span, nearest, surely};

use super::clock::{WEEKDAYS, weekday};
use super::read::{Fields, Reader, listed};
use super::typed::{Meant, Typist, weekday_name};

/// Most days that a moving bound may be away from today: ten years.
const DAYS_AWAY_MAX: i32 = 3660;

/// Which days are taken.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Days {
    /// The first.
    pub earliest: Option<Bound>,
    /// The last.
    pub latest: Option<Bound>,
    /// The days of the week, from Monday on; all where none is named.
    pub week: Vec<Weekday>,
}

/// Which times of day are taken.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Hours {
    /// The first.
    pub earliest: Option<Time>,
    /// The last.
    pub latest: Option<Time>,
}

/// One end of the days that are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// A day of the calendar.
    On(Date),
    /// So many days after today.
    After(i32),
}

impl Bound {
    /// Which day it is; nothing for one that moves when today is not known.
    pub fn day(self, today: Option<Date>) -> Option<Date> {
        match self {
            Bound::On(day) => Some(day),
            Bound::After(days) => today?.checked_add(jiff::Span::new().days(days)).ok(),
        }
    }

    fn read(reader: &Reader<'_>, node: &Node, what: &str) -> Option<Self> {
        let text = reader.scalar(node, what)?.trim();
        let bound = Self::parse(text);
        if bound.is_none() {
            reader.note(
                Diagnostic::error(Code::BAD_VALUE, node.span, format!("{what} takes a day, here is `{text}`"))
                    .help("write `today`, `tomorrow`, `in 30 days`, `7 days ago` or a day like 2026-12-31"),
            );
        }
        bound
    }

    fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let away = |many: &str, unit: &str| {
            let days = match unit {
                "day" | "days" => 1,
                "week" | "weeks" => 7,
                _ => return None,
            };
            let digits = many.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| many.parse::<i32>().ok()).flatten()?.checked_mul(days).filter(|days| *days <= DAYS_AWAY_MAX)
        };
        match words.as_slice() {
            ["today"] => Some(Bound::After(0)),
            ["tomorrow"] => Some(Bound::After(1)),
            ["yesterday"] => Some(Bound::After(-1)),
            ["in", many, unit] => away(many, unit).map(Bound::After),
            [many, unit, "ago"] => away(many, unit).map(|days| Bound::After(-days)),
            [day] => Date::strptime("%Y-%m-%d", day).ok().map(Bound::On),
            _ => None,
        }
    }
}

impl Days {
    pub(super) fn read(reader: &Reader<'_>, fields: &mut Fields<'_>, span: Span) -> Self {
        let mut bound = |key: &str| fields.take(key).and_then(|(_, node)| Bound::read(reader, node, &format!("`{key}`")));
        let (earliest, latest) = (bound("earliest"), bound("latest"));
        let week = fields.take("days").map(|(_, node)| read_week(reader, node)).unwrap_or_default();
        let days = Self { earliest, latest, week };
        days.check(reader, span);
        days
    }

    /// Notes bounds between which no day is, whatever today is.
    fn check(&self, reader: &Reader<'_>, span: Span) {
        let refuse = |message: String, help: &str| reader.note(Diagnostic::error(Code::BAD_VALUE, span, message).help(help));
        let between = match (self.earliest, self.latest) {
            (Some(Bound::On(from)), Some(Bound::On(to))) => from.until(to).map(|span| span.get_days()).ok(),
            (Some(Bound::After(from)), Some(Bound::After(to))) => Some(to - from),
            _ => None,
        };
        match (between, self.earliest, self.latest) {
            (Some(between), ..) if between < 0 => refuse(
                "`latest` is before `earliest`, so nothing would ever fit".to_owned(),
                "let `earliest` be the first of the two",
            ),
            (Some(between), Some(Bound::On(from)), _) if between < 6 => {
                let mut days = (0..=between).filter_map(|days| from.checked_add(jiff::Span::new().days(days)).ok());
                if !days.any(|day| self.takes(day.weekday())) {
                    let message = "none of `days` is between `earliest` and `latest`, so nothing would ever fit".to_owned();
                    refuse(message, "name a day of the week that is between them");
                }
            }
            _ => {}
        }
    }

    /// Whether days of this name are taken.
    pub fn takes(&self, weekday: Weekday) -> bool {
        self.week.is_empty() || self.week.contains(&weekday)
    }

    /// Why `day` is not taken; bounds that move are left out when it is not known which day is today.
    pub fn refuses(&self, day: Date, today: Option<Date>) -> Option<String> {
        let bound = |bound: Option<Bound>| bound.and_then(|bound| bound.day(today));
        if let Some(earliest) = bound(self.earliest).filter(|earliest| day < *earliest) {
            return Some(format!("it is before {earliest}"));
        }
        if let Some(latest) = bound(self.latest).filter(|latest| day > *latest) {
            return Some(format!("it is after {latest}"));
        }
        let name = || weekday_name(usize::from(day.weekday().to_monday_zero_offset().unsigned_abs()), None);
        (!self.takes(day.weekday())).then(|| format!("it is a {}", name()))
    }

    /// The day that was meant: the likeliest that is taken, or else the last such day before today, where it is the only one
    /// that is taken. Otherwise why none is.
    pub(super) fn choose(&self, meant: &Meant, typist: &Typist<'_>) -> Result<Date, String> {
        let fits = |day: &Date| self.refuses(*day, Some(typist.today)).is_none();
        if let Some(day) = meant.days.iter().find(|day| fits(day)) {
            return Ok(*day);
        }
        match meant.past {
            Some([last, before]) if fits(&last) && !fits(&before) => Ok(last),
            _ => Err(meant.days.first().and_then(|day| self.refuses(*day, Some(typist.today))).unwrap_or_default()),
        }
    }

    /// A day that is taken, to be shown as an example: the first from tomorrow on, or else the last before that.
    pub(super) fn example(&self, today: Date) -> Option<Date> {
        const LOOKED_AT: i32 = 400;
        let bound = |bound: Option<Bound>| bound.and_then(|bound| bound.day(Some(today)));
        let moved = |day: Date, days: i32| day.checked_add(jiff::Span::new().days(days)).ok();
        let fits = |day: &Date| self.refuses(*day, Some(today)).is_none();
        let tomorrow = moved(today, 1)?;
        let first = bound(self.earliest).map_or(tomorrow, |earliest| earliest.max(tomorrow));
        let last = bound(self.latest).map_or(tomorrow, |latest| latest.min(tomorrow));
        let later = (0..LOOKED_AT).filter_map(|days| moved(first, days)).find(fits);
        later.or_else(|| (0..LOOKED_AT).filter_map(|days| moved(last, -days)).find(fits))
    }

    /// The days of the week that are taken, in words of `language`: `Monday to Saturday`, `Monday, Friday`; empty where all are.
    pub(super) fn week_in_words(&self, language: Option<&str>) -> String {
        let taken: Vec<usize> = self.week.iter().map(|day| usize::from(day.to_monday_zero_offset().unsigned_abs())).collect();
        let names: Vec<&str> = taken.iter().map(|day| weekday_name(*day, language)).collect();
        match (taken.as_slice(), names.as_slice()) {
            ([first, .., last], [from, .., to]) if taken.len() > 2 && last - first + 1 == taken.len() => format!("{from} – {to}"),
            _ => names.join(", "),
        }
    }
}

fn read_week(reader: &Reader<'_>, node: &Node) -> Vec<Weekday> {
    let items = reader.items(node, "`days`").unwrap_or_default();
    if items.is_empty() && matches!(node.kind, crate::source::NodeKind::List(_)) {
        reader.note(Diagnostic::error(Code::BAD_VALUE, node.span, "`days` holds no day, so nothing would ever fit"));
    }
    let day = |item: &Node| {
        let text = reader.scalar(item, "a day of the week")?.trim();
        let found = weekday(text);
        if found.is_none() {
            let mistake = Diagnostic::error(Code::BAD_VALUE, item.span, format!("there is no day of the week `{text}`"));
            let short = || WEEKDAYS.into_iter().find(|day| text.len() >= 2 && day.starts_with(&text.to_lowercase()));
            reader.note(match nearest(text, WEEKDAYS).or_else(short) {
                Some(near) => {
                    let sure = surely(text, near, WEEKDAYS);
                    mistake.label(format!("did you mean `{near}`?")).fix(item.span, near).sure_if(sure)
                }
                None => mistake.help(format!("the days are {}", listed(&WEEKDAYS))),
            });
        }
        found
    };
    let mut week: Vec<Weekday> = items.iter().filter_map(day).collect();
    week.sort_by_key(|day| day.to_monday_zero_offset());
    week.dedup();
    week
}

impl Hours {
    pub(super) fn read(reader: &Reader<'_>, fields: &mut Fields<'_>, span: Span) -> Self {
        let mut bound = |key: &str| fields.take(key).and_then(|(_, node)| reader.time_of_day(node, &format!("`{key}`")));
        let hours = Self { earliest: bound("earliest"), latest: bound("latest") };
        if let (Some(earliest), Some(latest)) = (hours.earliest, hours.latest)
            && latest < earliest
        {
            reader.note(
                Diagnostic::error(Code::BAD_VALUE, span, "`latest` is before `earliest`, so nothing would ever fit")
                    .help("let `earliest` be the first of the two; a night is two variables"),
            );
        }
        hours
    }

    /// Why `time` is not taken.
    pub fn refuses(self, time: Time) -> Option<String> {
        if let Some(earliest) = self.earliest.filter(|earliest| time < *earliest) {
            return Some(format!("it is before {}", earliest.strftime("%H:%M")));
        }
        self.latest.filter(|latest| time > *latest).map(|latest| format!("it is after {}", latest.strftime("%H:%M")))
    }

    /// The time that was meant: the likeliest that is taken. Otherwise why none is.
    pub(super) fn choose(self, meant: &[Time]) -> Result<Time, String> {
        let fits = meant.iter().find(|time| self.refuses(**time).is_none());
        fits.copied().ok_or_else(|| {
            meant.first().and_then(|time| self.refuses(*time)).unwrap_or_else(|| "it is not a time like 18:30".to_owned())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = Date::constant(2026, 6, 16);

    fn choose(days: &Days, typed: &str) -> Result<String, String> {
        let typist = Typist { today: TODAY, language: None };
        let meant = super::super::typed::day(typed, &typist).ok_or("no day")?;
        days.choose(&meant, &typist).map(|day| day.to_string())
    }

    #[test]
    fn bounds_are_told_in_words() {
        for (text, expected) in [
            ("today", Some(Bound::After(0))),
            ("tomorrow", Some(Bound::After(1))),
            ("in 2 weeks", Some(Bound::After(14))),
            ("30 days ago", Some(Bound::After(-30))),
            ("2026-12-31", Some(Bound::On(Date::constant(2026, 12, 31)))),
            ("in 4000 days", None),
            ("in a while", None),
            ("31.12.2026", None),
        ] {
            assert_eq!(Bound::parse(text), expected, "{text}");
        }
    }

    #[test]
    fn the_bounds_tell_which_day_was_meant() {
        let coming = Days { earliest: Some(Bound::After(1)), latest: Some(Bound::After(30)), week: Vec::new() };
        // Today is a Tuesday and too early.
        assert_eq!(choose(&coming, "tuesday"), Ok("2026-06-23".to_owned()));
        assert_eq!(choose(&coming, "today"), Err("it is before 2026-06-17".to_owned()));
        assert_eq!(choose(&coming, "15 june"), Err("it is after 2026-07-16".to_owned()));
        let gone = Days { earliest: Some(Bound::After(-30)), latest: Some(Bound::After(0)), week: Vec::new() };
        assert_eq!(choose(&gone, "15 june"), Ok("2026-06-15".to_owned()));
        let born = Days { latest: Some(Bound::After(0)), ..Days::default() };
        assert!(choose(&born, "15 june").is_err(), "any year may be meant");
        assert_eq!(choose(&born, "15.6.30"), Ok("1930-06-15".to_owned()));
        let workdays = Days { week: vec![Weekday::Monday, Weekday::Tuesday], ..Days::default() };
        assert_eq!(choose(&workdays, "sunday"), Err("it is a Sunday".to_owned()));
        assert_eq!(workdays.example(TODAY).map(|day| day.to_string()).as_deref(), Some("2026-06-22"));
        assert_eq!(gone.example(TODAY).map(|day| day.to_string()).as_deref(), Some("2026-06-16"));
    }

    #[test]
    fn the_bounds_tell_which_half_of_the_day_was_meant() {
        let typist = Typist { today: TODAY, language: None };
        let choose = |typed: &str, from: i8, to: i8| {
            let hours = Hours { earliest: Time::new(from, 0, 0, 0).ok(), latest: Time::new(to, 0, 0, 0).ok() };
            hours.choose(&super::super::typed::hours(typed, &typist)).map(|time| time.strftime("%H:%M").to_string())
        };
        assert_eq!(choose("3", 9, 18), Ok("15:00".to_owned()));
        assert_eq!(choose("10", 9, 18), Ok("10:00".to_owned()));
        assert_eq!(choose("8", 9, 18), Err("it is before 09:00".to_owned()));
        assert_eq!(choose("half past seven", 17, 22), Ok("19:30".to_owned()));
    }
}
