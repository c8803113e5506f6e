//! Times in people's words: `9`, `9:30`, `half past nine`, `9 pm`, `21h`, `noon`.

use jiff::civil::Time;

use super::language::{Folded, Half};
use super::{Typist, words};

/// The times that somebody may have meant, the likeliest first: `9:30` is half past nine in the morning, or else in the evening.
pub fn hours(typed: &str, typist: &Typist<'_>) -> Vec<Time> {
    let Some(typed) = words(typed).map(|typed| typed.replace('-', " ")) else { return Vec::new() };
    typist.languages().map(|language| told(&typed, language)).find(|times| !times.is_empty()).unwrap_or_default()
}

fn told(typed: &str, language: &Folded) -> Vec<Time> {
    if let Some(hour) = language.named_hours.get(typed) {
        return Time::new(*hour, 0, 0, 0).into_iter().collect();
    }
    let way = |(before, after, minutes, half): &(String, String, i16, Half)| {
        let inner = typed.strip_prefix(before.as_str())?;
        // `9pm` as well as `9 pm`.
        let inner = inner.strip_suffix(after.as_str()).or_else(|| inner.strip_suffix(after.trim_start()))?;
        let told = clock(inner.trim(), language)?;
        // Half past needs a full hour.
        (*minutes == 0 || told.minute == 0).then(|| times(told, *minutes, *half)).filter(|times| !times.is_empty())
    };
    language.hours.iter().find_map(way).unwrap_or_default()
}

/// What the clock shows, and whether it can only be meant as one of 24 hours.
#[derive(Clone, Copy)]
struct Clock {
    hour: i8,
    minute: i8,
    of_24: bool,
}

/// `9`, `09:30`, `9.30`, `9h30`, `21h`, `1830`, `nine`.
fn clock(text: &str, language: &Folded) -> Option<Clock> {
    if let Some(hour) = language.number(text).and_then(|hour| i8::try_from(hour).ok()) {
        return Some(Clock { hour, minute: 0, of_24: false });
    }
    let digits = |part: &str, most: usize| {
        let fits = (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| part.parse::<i8>().ok()).flatten()
    };
    let (hour, minute) = match text.split_once([':', '.', 'h']) {
        Some((hour, "")) if text.ends_with('h') => (hour, "00"),
        Some((hour, minute)) => (hour, minute),
        None if text.len() == 4 => text.split_at_checked(2)?,
        None => (text, "00"),
    };
    let (hour, minute) = (hour.trim(), minute.trim());
    let of_24 = hour.starts_with('0') || text.contains('h') || text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    (minute.len() == 2).then_some(())?;
    Some(Clock { hour: digits(hour, 2)?, minute: digits(minute, 2)?, of_24 })
}

fn times(told: Clock, minutes: i16, half: Half) -> Vec<Time> {
    let hours: Vec<i8> = match half {
        Half::Untold if !told.of_24 && (1..=11).contains(&told.hour) => vec![told.hour, told.hour + 12],
        Half::Untold => vec![told.hour],
        _ if !(1..=12).contains(&told.hour) => Vec::new(),
        Half::Morning => vec![told.hour % 12],
        Half::Evening => vec![told.hour % 12 + 12],
    };
    let time = |hour: &i8| {
        let full = Time::new(*hour, told.minute, 0, 0).ok()?;
        let minutes = (i16::from(full.hour()) * 60 + i16::from(full.minute()) + minutes).rem_euclid(24 * 60);
        Time::new(i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?, 0, 0).ok()
    };
    hours.iter().filter_map(time).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(typed: &str) -> Vec<String> {
        let typist = Typist { today: jiff::civil::Date::constant(2026, 6, 16), language: None };
        hours(typed, &typist).into_iter().map(|time| time.strftime("%H:%M").to_string()).collect()
    }

    #[test]
    fn times_are_told_in_many_ways() {
        for (typed, expected) in [
            ("18:30", &["18:30"][..]),
            ("9:30", &["09:30", "21:30"]),
            ("09:30", &["09:30"]),
            ("9.30", &["09:30", "21:30"]),
            ("9", &["09:00", "21:00"]),
            ("at 9", &["09:00", "21:00"]),
            ("12", &["12:00"]),
            ("0:15", &["00:15"]),
            ("1830", &["18:30"]),
            ("9 pm", &["21:00"]),
            ("9pm", &["21:00"]),
            ("9:30 p.m.", &["21:30"]),
            ("12 am", &["00:00"]),
            ("12 pm", &["12:00"]),
            ("nine o'clock", &["09:00", "21:00"]),
            ("half past nine", &["09:30", "21:30"]),
            ("quarter to one", &["00:45", "12:45"]),
            ("7 in the evening", &["19:00"]),
            ("noon", &["12:00"]),
            ("midnight", &["00:00"]),
            ("21h", &["21:00"]),
            ("9h30", &["09:30"]),
            ("14 Uhr", &["14:00"]),
            ("halb neun", &["08:30", "20:30"]),
            ("8 Uhr abends", &["20:00"]),
            ("las nueve y media", &["09:30", "21:30"]),
            ("a las 5 de la tarde", &["17:00"]),
            ("midi", &["12:00"]),
            ("neuf heures et demie", &["09:30", "21:30"]),
            ("meio-dia", &["12:00"]),
            ("शाम 6 बजे", &["18:00"]),
        ] {
            assert_eq!(meant(typed), expected, "{typed}");
        }
    }

    #[test]
    fn what_tells_no_time_is_none() {
        for typed in ["", "24:00", "9:5", "13 pm", "half past", "half past 9:30", "soon", "9 or 10", "123", "h", "9:60", "1:2:3"]
        {
            assert_eq!(meant(typed), Vec::<String>::new(), "{typed}");
        }
    }
}
