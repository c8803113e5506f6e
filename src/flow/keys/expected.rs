//! `not_understood`: the texts for answers that do not fit.

use super::Takes::Text;
use super::{Key, Rule, Shape};
use crate::model::limits::TEXT_BODY_CHARS_MAX;

/// The texts for answers that do not fit.
#[rustfmt::skip]
pub const NOT_UNDERSTOOD: Shape = Shape {
    what: "`not_understood`", about: "What the contact reads when an answer does not fit, by the kind of answer that was expected.", rule: Rule::None,
    keys: &[
        Key::may("buttons", Text(TEXT_BODY_CHARS_MAX), "A menu was open, and it was no tap.", "Please tap one of the buttons."),
        Key::may("text", Text(TEXT_BODY_CHARS_MAX), "It was no text, or longer than `{most}`.", "Please write it in a few words."),
        Key::may("number", Text(TEXT_BODY_CHARS_MAX), "It was no number, or not from `{least}` to `{most}`.", "\"Please send a number, for example {example}.\""),
        Key::may("money", Text(TEXT_BODY_CHARS_MAX), "It was no amount, or not from `{least}` to `{most}`.", "\"Please send an amount, for example {example}.\""),
        Key::may("date", Text(TEXT_BODY_CHARS_MAX), "It was no day, not from `{least}` to `{most}`, or none of the days of the week in `{options}`.", "\"Please send a day, for example {example}.\""),
        Key::may("time", Text(TEXT_BODY_CHARS_MAX), "It was no time of day, or not from `{least}` to `{most}`.", "\"Please send a time, for example {example}.\""),
        Key::may("phone", Text(TEXT_BODY_CHARS_MAX), "It was no phone number.", "\"Please send a number like {example}.\""),
        Key::may("email", Text(TEXT_BODY_CHARS_MAX), "It was no mail address.", "\"Please send an address like {example}.\""),
        Key::may("choice", Text(TEXT_BODY_CHARS_MAX), "It was none of `{options}`.", "\"Please write one of {options}.\""),
        Key::may("location", Text(TEXT_BODY_CHARS_MAX), "It was no place on the map.", "Please send your location."),
        Key::may("media", Text(TEXT_BODY_CHARS_MAX), "It was none of the files in `{options}`.", "\"Please send one of these: {options}.\""),
        Key::may("yes_no", Text(TEXT_BODY_CHARS_MAX), "It was neither yes nor no.", "Please answer yes or no."),
    ],
};
