//! Places, times of day and days as authors write them: `Asia/Kolkata`, `09:00`, `monday`. The one place that reads them.

use jiff::civil::{Date, Time, Weekday};

use crate::model::Zone;
use crate::source::{Code, Diagnostic, Node, nearest};

use super::read::Reader;

/// The days of the week as authors write them, from Monday on.
pub(super) const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

impl Reader<'_> {
    /// A time zone by its place.
    pub(crate) fn zone(&self, node: &Node) -> Option<Zone> {
        let text = self.scalar(node, "`zone`")?.trim();
        if let Some(zone) = Zone::named(text) {
            return Some(zone);
        }
        let wanted = text.replace(' ', "_");
        let city = |name: &String| name.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(&wanted));
        let names: Vec<String> = Zone::names().collect();
        let near = names.iter().find(|name| city(name)).map(String::as_str);
        // Only among places: `EST` is near to `IST` and half a world away.
        let places = names.iter().map(String::as_str).filter(|name| name.contains('/'));
        let near = near.or_else(|| nearest(&wanted, places));
        let mistake = Diagnostic::error(Code::BAD_VALUE, node.span, format!("there is no time zone `{text}`"));
        self.note(match near {
            Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(node.span, near),
            None => {
                mistake.help("a zone is named by a place, `Asia/Kolkata` or `Europe/Berlin`; letters such as `IST` mean several")
            }
        });
        None
    }

    /// A time of day, `09:00`.
    pub(crate) fn time_of_day(&self, node: &Node, what: &str) -> Option<Time> {
        let text = self.scalar(node, what)?.trim();
        if let Some(time) = time_of_day(text) {
            return Some(time);
        }
        let mistake = Diagnostic::error(Code::BAD_VALUE, node.span, format!("{what} takes a time of day, here is `{text}`"));
        self.note(match meant(text) {
            Some(meant) => {
                let meant = meant.strftime("%H:%M").to_string();
                mistake.label(format!("did you mean `{meant}`?")).fix(node.span, format!("\"{meant}\""))
            }
            None => mistake.help("write hours and minutes, \"09:00\" or \"18:30\""),
        });
        None
    }
}

/// `09:00` and nothing else.
fn time_of_day(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    let two = |part: &str| (part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok()).flatten();
    Time::new(two(hour)?, two(minute)?, 0, 0).ok()
}

/// What people write instead: `9:00`, `9`, `9.30`, `9am`, `6:30 pm`.
fn meant(text: &str) -> Option<Time> {
    let lower = text.to_lowercase();
    let (clock, afternoon) = match (lower.strip_suffix("am"), lower.strip_suffix("pm")) {
        (Some(clock), _) => (clock, Some(false)),
        (_, Some(clock)) => (clock, Some(true)),
        _ => (lower.as_str(), None),
    };
    let clock = clock.trim().replace('.', ":");
    let (hour, minute) = clock.split_once(':').unwrap_or((&clock, "0"));
    let (hour, minute): (i8, i8) = (hour.parse().ok()?, minute.parse().ok()?);
    let hour = match afternoon {
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(false) => hour % 12,
        Some(true) => hour % 12 + 12,
    };
    Time::new(hour, minute, 0, 0).ok()
}

/// The day of the week with this name.
pub(super) fn weekday(name: &str) -> Option<Weekday> {
    let index = WEEKDAYS.iter().position(|known| *known == name)?;
    Weekday::from_monday_zero_offset(i8::try_from(index).ok()?).ok()
}

/// The first day from `from` on, itself included, that is a `weekday`.
pub(super) fn on_or_after(from: Date, weekday: Weekday) -> Option<Date> {
    let days = (weekday.to_monday_zero_offset() - from.weekday().to_monday_zero_offset()).rem_euclid(7);
    days_later(from, u32::try_from(days).ok()?)
}

/// The day `days` days after `from`; nothing beyond the end of time.
pub(super) fn days_later(from: Date, days: u32) -> Option<Date> {
    from.checked_add(jiff::Span::new().try_days(i64::from(days)).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_day_have_two_digits_twice() {
        for (text, strict, habit) in [
            ("09:00", true, Some("09:00")),
            ("23:59", true, Some("23:59")),
            ("9:00", false, Some("09:00")),
            ("9", false, Some("09:00")),
            ("9.30", false, Some("09:30")),
            ("9am", false, Some("09:00")),
            ("12 am", false, Some("00:00")),
            ("6:30 PM", false, Some("18:30")),
            ("24:00", false, None),
            ("13 pm", false, None),
            ("noon", false, None),
            ("", false, None),
        ] {
            assert_eq!(time_of_day(text).is_some(), strict, "{text}");
            assert_eq!(meant(text).map(|time| time.strftime("%H:%M").to_string()).as_deref(), habit, "{text}");
        }
    }

    #[test]
    fn the_next_such_day_may_be_today() {
        let monday: Date = "2026-06-15".parse().expect("a day");
        for (name, expected) in [("monday", "2026-06-15"), ("tuesday", "2026-06-16"), ("sunday", "2026-06-21")] {
            let day = on_or_after(monday, weekday(name).expect(name));
            assert_eq!(day.map(|day| day.to_string()).as_deref(), Some(expected), "{name}");
        }
    }
}
