//! What people type, in their own words: days, times, amounts, yes and no. `language` holds the words of each language as a
//! table, the other files how they are put together.
//!
//! Invariants: whatever can be read in two ways is read in none, except where the order is written down: the contact's own
//! language before English and English before the others, a day before its month, 24 hours before 12. Must never: read a clock;
//! which day is today is told.

mod day;
mod hour;
mod language;
mod number;

use jiff::civil::Date;

pub(super) use day::{Meant, day};
pub(super) use hour::hours;
pub(super) use language::{say_day, weekday_name};
pub(super) use number::{amount, number};

use language::{Folded, folded};

use super::trigger::plain;

/// Characters of a text that is looked at for a day, a time, or yes and no; what is longer is an essay and no answer.
const WORDS_CHARS_MAX: usize = 80;

/// Who types: on which day, in which language.
#[derive(Debug, Clone, Copy)]
pub struct Typist<'a> {
    /// The day on the clocks of the flow's zone.
    pub today: Date,
    /// The language that the contact reads, `de` or `pt_BR`, where it is known.
    pub language: Option<&'a str>,
}

impl Typist<'_> {
    /// The languages in the order in which their words are tried: the contact's, English, then the others.
    fn languages(&self) -> impl Iterator<Item = &'static Folded> {
        let own = self.language.and_then(|code| code.split(['_', '-']).next()).unwrap_or("");
        let is_own = move |one: &&Folded| one.table.code.eq_ignore_ascii_case(own);
        let all = folded();
        all.iter().filter(is_own).chain(all.iter().filter(move |one| !is_own(one)))
    }
}

/// Whether `typed` means yes, or no; nothing when it is neither.
pub(super) fn yes_or_no(typed: &str, typist: &Typist<'_>) -> Option<bool> {
    let word = words(typed)?;
    typist.languages().find_map(|language| match (language.yes.contains(&word), language.no.contains(&word)) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    })
}

/// A short text as words are compared, with the digits of other scripts as ours.
fn words(typed: &str) -> Option<String> {
    (typed.chars().count() <= WORDS_CHARS_MAX).then(|| plain(&our_digits(typed)))
}

/// The digits of Devanagari and Arabic as ours.
fn our_digits(text: &str) -> String {
    const ZEROS: [u32; 3] = [0x0966, 0x0660, 0x06f0];
    let ours = |c: char| {
        let digit = ZEROS.iter().find_map(|zero| u32::from(c).checked_sub(*zero).filter(|digit| *digit < 10));
        digit.and_then(|digit| char::from_digit(digit, 10)).unwrap_or(c)
    };
    text.chars().map(ours).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yes_and_no_in_many_languages() {
        for (typed, expected) in [
            ("Yes!", Some(true)),
            ("ok", Some(true)),
            ("Sí", Some(true)),
            ("JA", Some(true)),
            ("oui", Some(true)),
            ("haan", Some(true)),
            ("हाँ", Some(true)),
            ("no", Some(false)),
            ("Nein", Some(false)),
            ("não", Some(false)),
            ("नहीं", Some(false)),
            ("perhaps", None),
            ("", None),
            ("yes and no", None),
        ] {
            let typist = Typist { today: Date::constant(2026, 6, 15), language: None };
            assert_eq!(yes_or_no(typed, &typist), expected, "{typed}");
        }
    }

    #[test]
    fn the_own_language_comes_first_and_english_before_the_others() {
        let order = |language| {
            let typist = Typist { today: Date::constant(2026, 6, 15), language };
            typist.languages().map(|one| one.table.code).collect::<Vec<_>>()
        };
        assert_eq!(order(None)[..2], ["en", "de"]);
        assert_eq!(order(Some("pt_BR"))[..2], ["pt", "en"]);
        assert_eq!(order(Some("xx")).len(), order(Some("hi")).len());
    }
}
