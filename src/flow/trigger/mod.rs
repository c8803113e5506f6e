//! What begins a flow: words, patterns, buttons, media, events, or what nobody else takes. `start` reads it from a flow, `index` finds
//! the flow of an event: by a look-up whose cost does not grow with the number of flows, and for patterns by one pass over
//! the text for all of them.

mod index;
mod pattern;
mod start;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

pub use index::{Owner, Triggers};
pub use pattern::Pattern;
pub use start::Start;

/// A text without case, accents, width, marks at its ends and doubled spaces: what is left is compared.
pub fn plain(text: &str) -> String {
    // Most texts are plain ASCII, which nothing but its case can be taken from.
    let folded: String = match text.is_ascii() {
        true => text.to_ascii_lowercase(),
        false => text.nfkd().filter(|&c| !is_combining_mark(c)).flat_map(char::to_lowercase).collect(),
    };
    let trimmed = folded.trim_matches(|c: char| !c.is_alphanumeric());
    let kept = if trimmed.is_empty() { folded.trim() } else { trimmed };
    let mut words = kept.split_whitespace();
    let mut plain = words.next().unwrap_or("").to_owned();
    for word in words {
        plain.push(' ');
        plain.push_str(word);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_accents_width_and_marks_do_not_matter() {
        for (typed, expected) in [
            ("  HeLLo!! ", "hello"),
            ("Ménü", "menu"),
            ("ＭＥＮＵ", "menu"),
            ("talk   to us", "talk to us"),
            ("👍", "👍"),
            ("", ""),
        ] {
            assert_eq!(plain(typed), expected, "{typed}");
        }
    }
}
