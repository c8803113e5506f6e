//! Days in people's words: `tomorrow`, `next friday`, `15 June`, `June 15th`, `15.6.`, `15/6/26`, `in 3 days`.

use jiff::civil::{Date, Weekday};
use jiff::{Span, ToSpan};

use super::super::clock;
use super::language::{Folded, Word};
use super::{Typist, words};

/// Most days that `in … days` reaches: ten years.
const STRETCH_DAYS_MAX: i64 = 3660;
/// Years until a day without a year has come: 29 February takes eight around 2100.
const YEARS_UNTIL_MAX: i16 = 8;
/// Months until a day without a month has come: the 31st takes one month more than the next.
const MONTHS_UNTIL_MAX: i32 = 2;

/// The days that somebody may have meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meant {
    /// The likeliest first; never empty.
    pub days: Vec<Date>,
    /// Where neither year nor week is told: the last such day before today, and the one before that. It is meant where it is
    /// the only such day that fits.
    pub past: Option<[Date; 2]>,
}

impl Meant {
    fn one(day: Date) -> Self {
        Self { days: vec![day], past: None }
    }
}

/// The day that `typed` tells.
pub fn day(typed: &str, typist: &Typist<'_>) -> Option<Meant> {
    let typed = words(typed)?;
    in_digits(&typed, typist.today).or_else(|| typist.languages().find_map(|language| in_words(&typed, language, typist.today)))
}

/// `2026-06-15`, `15.6.2026`, `15/6/26`, `15.6`: the day stands before the month, unless the year stands before both.
fn in_digits(typed: &str, today: Date) -> Option<Meant> {
    let bare: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
    let sign = bare.chars().find(|c| !c.is_ascii_digit()).filter(|c| matches!(c, '.' | '/' | '-'))?;
    let parts: Vec<&str> = bare.split(sign).collect();
    let number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok()).flatten();
    let small = |part: &str| (part.len() <= 2).then(|| number(part)).flatten().and_then(|n: i16| i8::try_from(n).ok());
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 => Date::new(number(year)?, small(month)?, small(day)?).ok().map(Meant::one),
        [day, month, year] if year.len() == 4 => Date::new(number(year)?, small(month)?, small(day)?).ok().map(Meant::one),
        [day, month, year] if year.len() == 2 => short_year(number(year)?, small(month)?, small(day)?, today),
        // A dash between two numbers may be from and to.
        [day, month] if sign != '-' => yearly(small(month)?, small(day)?, today),
        _ => None,
    }
}

/// Two digits of a year mean the one that is nearest, then the others.
fn short_year(year: i16, month: i8, day: i8, today: Date) -> Option<Meant> {
    let century = today.year() / 100 * 100;
    let mut years = [century - 100 + year, century + year, century + 100 + year];
    years.sort_by_key(|year| (year - today.year()).abs());
    let days: Vec<Date> = years.into_iter().filter_map(|year| Date::new(year, month, day).ok()).collect();
    (!days.is_empty()).then_some(Meant { days, past: None })
}

/// The next such day, today included.
fn yearly(month: i8, day: i8, today: Date) -> Option<Meant> {
    let mut to_come = (0..=YEARS_UNTIL_MAX).filter_map(|years| Date::new(today.year() + years, month, day).ok());
    let next = to_come.find(|day| *day >= today)?;
    let mut gone = (0..=2 * YEARS_UNTIL_MAX).filter_map(|years| Date::new(today.year() - years, month, day).ok());
    let past = gone.find(|day| *day < today).zip(gone.next()).map(|(last, before)| [last, before]);
    Some(Meant { days: vec![next], past })
}

/// The next day of a month with this number, today included.
fn monthly(day: i8, today: Date) -> Option<Meant> {
    let months = (0..=MONTHS_UNTIL_MAX).filter_map(|months| today.first_of_month().checked_add(months.months()).ok());
    months.filter_map(|first| Date::new(first.year(), first.month(), day).ok()).find(|day| *day >= today).map(Meant::one)
}

/// The next such day; where today is one and does not fit, the one after it.
fn weekly(weekday: Weekday, today: Date) -> Option<Meant> {
    let next = clock::on_or_after(today, weekday)?;
    let shifted = |days: i64| next.checked_add(Span::new().days(days)).ok();
    let mut days = vec![next];
    days.extend(shifted(7).filter(|_| next == today));
    Some(Meant { days, past: shifted(-7).zip(shifted(-14)).map(|(last, before)| [last, before]) })
}

/// What the words of a sentence told, each at most once.
#[derive(Debug, Default)]
struct Told {
    /// Numbers of one or two digits.
    day: Option<i8>,
    is_ordinal: bool,
    year: Option<i16>,
    /// A number in words.
    count: Option<i64>,
    month: Option<i8>,
    weekday: Option<i8>,
    unit: Option<i64>,
    within: bool,
    this: bool,
    next: bool,
}

fn in_words(typed: &str, language: &Folded, today: Date) -> Option<Meant> {
    let spaced: String = typed.replace('-', " ");
    if let Some(days) = language.days.get(spaced.as_str()) {
        return after(today, *days);
    }
    let told = Told::of(&spaced, language)?;
    let weekday = told.weekday.map(Weekday::from_monday_zero_offset).transpose().ok()?;
    let Told { day, is_ordinal, year, count, month, unit, within, this, next, .. } = told;
    match (within, unit, month, day, weekday) {
        (true, Some(unit), None, _, None) if year.is_none() && !this && !next => {
            let many = match (day.map(i64::from), count) {
                (Some(many), None) | (None, Some(many)) => many,
                _ => return None,
            };
            Some(many * unit).filter(|days| *days <= STRETCH_DAYS_MAX).and_then(|days| after(today, days))
        }
        (false, None, None, None, Some(weekday)) if year.is_none() && count.is_none() && !(this && next) => match next {
            true => next_week(weekday, today),
            false => weekly(weekday, today),
        },
        (false, None, Some(month), Some(day), weekday) if count.is_none() && !this && !next => {
            let meant = match year {
                Some(year) => Meant::one(Date::new(year, month, day).ok()?),
                None => yearly(month, day, today)?,
            };
            // A weekday beside it must agree.
            weekday.is_none_or(|weekday| meant.days[0].weekday() == weekday).then_some(meant)
        }
        (false, None, None, Some(day), weekday) if is_ordinal && year.is_none() && count.is_none() && !this && !next => {
            let meant = monthly(day, today)?;
            weekday.is_none_or(|weekday| meant.days[0].weekday() == weekday).then_some(meant)
        }
        _ => None,
    }
}

fn after(today: Date, days: i64) -> Option<Meant> {
    today.checked_add(Span::new().try_days(days).ok()?).ok().map(Meant::one)
}

/// The day of the week that begins with the next Monday.
fn next_week(weekday: Weekday, today: Date) -> Option<Meant> {
    let from_monday = |day: Weekday| i64::from(day.to_monday_zero_offset());
    after(today, 7 - from_monday(today.weekday()) + from_monday(weekday))
}

impl Told {
    /// What the words tell; nothing when one of them belongs to no day, or comes twice.
    fn of(typed: &str, language: &Folded) -> Option<Self> {
        let mut told = Self::default();
        let mut after_day = false;
        for piece in pieces(typed) {
            let was_day = std::mem::take(&mut after_day);
            let fits = if piece.starts_with(|c: char| c.is_ascii_digit()) {
                match piece.len() {
                    1 | 2 => {
                        after_day = true;
                        put(&mut told.day, piece.parse().ok()?)
                    }
                    4 => put(&mut told.year, piece.parse().ok()?),
                    _ => false,
                }
            } else {
                match *language.words.get(piece)? {
                    Word::Weekday(n) => put(&mut told.weekday, n),
                    Word::Month(n) => put(&mut told.month, n),
                    Word::Number(n) => put(&mut told.count, n),
                    Word::Unit(days) => put(&mut told.unit, days),
                    Word::Within => !std::mem::replace(&mut told.within, true),
                    Word::This => !std::mem::replace(&mut told.this, true),
                    Word::Next => !std::mem::replace(&mut told.next, true),
                    Word::Filler => true,
                    Word::Ordinal => was_day && !std::mem::replace(&mut told.is_ordinal, true),
                }
            };
            if !fits {
                return None;
            }
        }
        Some(told)
    }
}

fn put<T>(place: &mut Option<T>, value: T) -> bool {
    place.replace(value).is_none()
}

/// Runs of digits and runs of letters; what stands between them tells nothing.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).flat_map(|word| {
        let turns = |(at, c): (usize, char)| {
            let before = word[..at].chars().next_back()?;
            (before.is_ascii_digit() != c.is_ascii_digit()).then_some(at)
        };
        let mut cuts: Vec<usize> = word.char_indices().filter_map(turns).collect();
        cuts.push(word.len());
        let mut from = 0;
        cuts.into_iter().map(move |cut| &word[std::mem::replace(&mut from, cut)..cut]).filter(|piece| !piece.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is meant on Tuesday, 16 June 2026, by a contact of no known language.
    fn meant(typed: &str) -> Option<String> {
        day(typed, &Typist { today: Date::constant(2026, 6, 16), language: None }).map(|meant| meant.days[0].to_string())
    }

    #[test]
    fn days_are_told_in_many_ways() {
        for (typed, expected) in [
            ("today", "2026-06-16"),
            ("Tomorrow!", "2026-06-17"),
            ("the day after tomorrow", "2026-06-18"),
            ("tuesday", "2026-06-16"),
            ("Wed", "2026-06-17"),
            ("on monday", "2026-06-22"),
            ("this friday", "2026-06-19"),
            ("next friday", "2026-06-26"),
            ("next tuesday", "2026-06-23"),
            ("15 June", "2027-06-15"),
            ("16 june", "2026-06-16"),
            ("June 17th", "2026-06-17"),
            ("the 1st of July", "2026-07-01"),
            ("Friday, 19 June", "2026-06-19"),
            ("15 June 2026", "2026-06-15"),
            ("June 15, 2026", "2026-06-15"),
            ("15-jun-2026", "2026-06-15"),
            ("20th", "2026-06-20"),
            ("the 3rd", "2026-07-03"),
            ("17.6.", "2026-06-17"),
            ("17/6", "2026-06-17"),
            ("3/4/2026", "2026-04-03"),
            ("15 . 6 . 26", "2026-06-15"),
            ("2.1.85", "1985-01-02"),
            ("2026-06-15", "2026-06-15"),
            ("29 February", "2028-02-29"),
            ("in 3 days", "2026-06-19"),
            ("in two weeks", "2026-06-30"),
            ("in a week", "2026-06-23"),
            ("a week from now", "2026-06-23"),
            ("3 days later", "2026-06-19"),
            ("übermorgen", "2026-06-18"),
            ("am Freitag", "2026-06-19"),
            ("nächsten Freitag", "2026-06-26"),
            ("17. März", "2027-03-17"),
            ("in einer Woche", "2026-06-23"),
            ("pasado mañana", "2026-06-18"),
            ("el 20 de junio", "2026-06-20"),
            ("dentro de 2 días", "2026-06-18"),
            ("aujourd'hui", "2026-06-16"),
            ("après-demain", "2026-06-18"),
            ("vendredi prochain", "2026-06-26"),
            ("1er juillet", "2026-07-01"),
            ("segunda-feira", "2026-06-22"),
            ("amanhã", "2026-06-17"),
            ("आज", "2026-06-16"),
            ("१७ जून", "2026-06-17"),
            ("शुक्रवार", "2026-06-19"),
            ("2 din baad", "2026-06-18"),
        ] {
            assert_eq!(meant(typed).as_deref(), Some(expected), "{typed}");
        }
    }

    #[test]
    fn what_tells_no_day_or_two_is_none() {
        for typed in [
            "",
            "soon",
            "next week",
            "this next friday",
            "31 June",
            "30.2.",
            "6/15/2026",
            "15",
            "15-16",
            "june",
            "friday or saturday",
            "Monday, 19 June",
            "15.06.2026 or so",
            "3 days",
            "in 99999 days",
            "in 99 weeks and a day",
            "1.2.3.4",
            "99/99",
            "12026-06-15",
            "15 15 june",
            "kal",
            "fr 1 th",
            &"tomorrow ".repeat(20),
            "०",
            "-",
            "/",
            "0.0.0000",
        ] {
            assert_eq!(meant(typed), None, "{typed}");
        }
    }

    #[test]
    fn the_language_decides_which_words_come_first_and_never_mixes_them() {
        let today = Date::constant(2026, 6, 16);
        let read = |language| day("mañana", &Typist { today, language }).map(|meant| meant.days[0].to_string());
        assert_eq!(read(Some("es")), read(None));
        assert_eq!(day("on freitag", &Typist { today, language: Some("de") }), None);
    }

    #[test]
    fn what_is_over_is_known_where_no_year_is_told() {
        let meant = day("15 June", &Typist { today: Date::constant(2026, 6, 16), language: None }).expect("a day");
        let past = meant.past.map(|days| days.map(|day| day.to_string()));
        assert_eq!(past, Some(["2026-06-15".to_owned(), "2025-06-15".to_owned()]));
    }
}
