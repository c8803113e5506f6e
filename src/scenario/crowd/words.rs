//! What the crowd types: answers that fit a question and answers that nearly do, made from the kind and the bounds of its variable,
//! and what hostile people type anywhere.

use std::sync::Arc;

use crate::flow::{Kind, Typist, Variable};
use crate::model::limits;

/// Typed where nothing like it is asked for: nothing, signs, other scripts, what looks like places for values, and code.
const ANYWHERE: &[&str] = &[
    "",
    " ",
    "?",
    "👍",
    "👩‍👩‍👧‍👦🌸🌸🌸",
    "שלום עולם",
    "\u{202e}txet desrever",
    "नमस्ते",
    "{name}",
    "{contact.name} {text}",
    "${now}",
    "`${1 + 1}`",
    "\"); throw \"broken\"; //",
    "<b>bold</b> *bold* _x_",
    "one\ntwo\nthree",
    "null",
    // Numbers answer numbered menus, and most of them do not.
    "-1",
    "0",
    "1",
    "2",
    "3",
    "11",
];

/// Answers to questions of every kind; those that fit are known by trying.
const ANSWERS: &[&str] = &[
    "Asha",
    "yes",
    "no",
    "7",
    "1,000",
    "1.5",
    "1,5",
    "-0",
    "NaN",
    "1e309",
    "99999999999999999999",
    "tomorrow",
    "next friday",
    "in 3 weeks",
    "2026-01-06",
    "2026-06-14",
    "15.06.2026",
    "2028-02-29",
    "2026-02-30",
    "1999-12-31",
    "00:00",
    "09:30",
    "18.30",
    "25:00",
    "half past nine",
    "noon",
    "+15550100199",
    "asha@example.com",
    "asha@",
];

/// The longest text that the provider brings.
pub(super) fn longest() -> Arc<str> {
    "a".repeat(limits::TEXT_BODY_CHARS_MAX).into()
}

/// What is typed anywhere.
pub(super) fn anywhere() -> Vec<Arc<str>> {
    ANYWHERE.iter().map(|text| Arc::from(*text)).chain([longest()]).collect()
}

/// Answers to a question after `variable`: those that it takes, and those that it does not.
pub(super) fn answers(variable: &Variable, typist: &Typist<'_>) -> (Vec<Arc<str>>, Vec<Arc<str>>) {
    let texts = ANSWERS.iter().map(|text| (*text).to_owned());
    let all = bounds(&variable.kind).into_iter().chain(texts).map(Arc::from).chain(anywhere());
    all.partition(|text: &Arc<str>| variable.read_answer(text, typist).is_ok())
}

/// What lies at the bounds of a kind, and just beyond them.
fn bounds(kind: &Kind) -> Vec<String> {
    match kind {
        Kind::Text { longest } => vec!["a".repeat(*longest), "a".repeat(longest + 1), "🌸".repeat(*longest)],
        Kind::Number { least, most } | Kind::Money { least, most, .. } => {
            let around =
                |bound: &Option<f64>, out: f64| bound.map(|bound| [bound, bound + out, bound - out, bound + out / 100.0]);
            let numbers = [around(least, -1.0), around(most, 1.0)].into_iter().flatten().flatten();
            numbers.map(|number| number.to_string()).collect()
        }
        Kind::Choice { of } => of.iter().flat_map(|one| [one.clone(), one.to_uppercase(), format!("{one}s")]).collect(),
        Kind::Time(hours) => {
            [hours.earliest, hours.latest].into_iter().flatten().map(|time| time.strftime("%H:%M").to_string()).collect()
        }
        Kind::Date(_)
        | Kind::Phone
        | Kind::Email
        | Kind::YesNo
        | Kind::List
        | Kind::Record
        | Kind::Location
        | Kind::Media { .. } => Vec::new(),
    }
}

/// A text that the regular expression `pattern` may fit: what stands in it, with one thing for each class of characters. The caller
/// tries it.
pub(super) fn like(pattern: &str) -> String {
    let mut text = String::new();
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('d') => text.push('7'),
                Some('w') => text.push('a'),
                Some('s') => text.push(' '),
                Some('b' | 'B' | 'A' | 'z') | None => {}
                Some(sign) => text.push(sign),
            },
            '[' => {
                let class: String = letters.by_ref().take_while(|letter| *letter != ']').collect();
                text.extend(class.chars().find(|first| *first != '^' && *first != '\\'));
            }
            '(' if letters.peek() == Some(&'?') => {
                // `(?:`, `(?i)`, `(?P<name>` say how, not what.
                let _ = letters.by_ref().find(|letter| [':', '>', ')'].contains(letter));
            }
            // Of several ways the first.
            '|' => {
                let _ = letters.by_ref().find(|letter| *letter == ')');
            }
            '{' => {
                let _ = letters.by_ref().find(|letter| *letter == '}');
            }
            '.' => text.push('a'),
            '(' | ')' | '^' | '$' | '*' | '+' | '?' => {}
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn a_text_like_a_pattern() {
        for (pattern, expected) in [
            (r"^order (?P<number>\d+)$", "order 7"),
            ("(yes|no) please", "yes please"),
            ("[a-z]{2}-.", "a-a"),
            (r"(?i)\bhi\b", "hi"),
        ] {
            assert_eq!(like(pattern), expected);
        }
    }
}
