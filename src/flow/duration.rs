//! Stretches of time as authors write them: `20 min`, `2 days`. The one place that reads them, for flows and conversations.

use crate::model::limits;
use crate::source::{Code, Diagnostic, Node, Span};

use super::read::Reader;

/// What may stand after the number, and how many milliseconds it is.
const UNITS: &[(&[&str], u64)] = &[
    (&["s", "second", "seconds"], 1_000),
    (&["min", "minute", "minutes"], 60_000),
    (&["h", "hour", "hours"], 3_600_000),
    (&["day", "days"], 86_400_000),
];
/// What people write instead, and the unit they surely mean.
const HABITS: &[(&str, &str)] = &[
    ("sec", "s"),
    ("secs", "s"),
    ("m", "min"),
    ("mins", "min"),
    ("hr", "h"),
    ("hrs", "h"),
    ("d", "days"),
    ("week", "days"),
    ("weeks", "days"),
];

impl Reader<'_> {
    /// A stretch of time in milliseconds, from a second to 365 days; notes what is wrong with it.
    pub(crate) fn duration(&self, node: &Node, what: &str) -> Option<u64> {
        let text = self.scalar(node, what)?.trim();
        match millis(text) {
            Ok(millis) => Some(millis),
            Err(mistake) => {
                self.note(mistake.told(text, what, node.span));
                None
            }
        }
    }
}

/// A stretch of time in milliseconds, as authors write it; nothing for anything else.
pub fn duration(text: &str) -> Option<u64> {
    millis(text.trim()).ok()
}

/// Why a text is no stretch of time.
#[derive(Debug, PartialEq)]
enum Mistake<'t> {
    NoUnit,
    Unit { number: &'t str, unit: &'t str },
    Bounds,
    Shape,
}

fn millis(text: &str) -> Result<u64, Mistake<'_>> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let unit = unit.trim();
    if number.is_empty() {
        return Err(Mistake::Shape);
    }
    if unit.is_empty() {
        return Err(Mistake::NoUnit);
    }
    let Some((_, unit_ms)) = UNITS.iter().find(|(names, _)| names.contains(&unit)) else {
        let word = unit.chars().all(char::is_alphabetic);
        return Err(if word { Mistake::Unit { number, unit } } else { Mistake::Shape });
    };
    let millis = number.parse::<u64>().ok().and_then(|number| number.checked_mul(*unit_ms));
    millis.filter(|millis| (limits::DURATION_MS_MIN..=limits::DURATION_MS_MAX).contains(millis)).ok_or(Mistake::Bounds)
}

impl Mistake<'_> {
    fn told(&self, text: &str, what: &str, span: Span) -> Diagnostic {
        const HOW: &str = "write `5 s`, `20 min`, `2 h` or `3 days`";
        match self {
            Mistake::NoUnit => Diagnostic::error(Code::BAD_VALUE, span, format!("{text} what?"))
                .help(format!("a number alone is no stretch of time: write `{text} min`, `{text} h` or `{text} days`")),
            Mistake::Unit { number, unit } => {
                let mistake = Diagnostic::error(Code::BAD_VALUE, span, format!("{what} does not know the unit `{unit}`"));
                match meant(number, unit) {
                    Some(meant) => mistake.label(format!("did you mean `{meant}`?")).fix(span, meant),
                    None => mistake.help(HOW),
                }
            }
            Mistake::Bounds => {
                Diagnostic::error(Code::BAD_VALUE, span, format!("{what} takes a second to 365 days, here is `{text}`")).help(HOW)
            }
            Mistake::Shape => Diagnostic::error(Code::BAD_VALUE, span, format!("`{text}` is no stretch of time")).help(HOW),
        }
    }
}

fn meant(number: &str, unit: &str) -> Option<String> {
    let unit = unit.to_lowercase();
    if let Some((names, _)) = UNITS.iter().find(|(names, _)| names.contains(&unit.as_str())) {
        return names.iter().find(|name| **name == unit).map(|name| format!("{number} {name}"));
    }
    let (_, usual) = HABITS.iter().find(|(habit, _)| *habit == unit)?;
    if unit.starts_with("week") {
        let days = number.parse::<u64>().ok()?.checked_mul(7)?;
        return Some(format!("{days} days"));
    }
    Some(format!("{number} {usual}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_words() {
        for (text, expected) in [
            ("5 s", Ok(5_000)),
            ("1s", Ok(1_000)),
            ("20 min", Ok(1_200_000)),
            ("1 minute", Ok(60_000)),
            ("2  hours", Ok(7_200_000)),
            ("365 days", Ok(limits::DURATION_MS_MAX)),
            ("366 days", Err(Mistake::Bounds)),
            ("0 s", Err(Mistake::Bounds)),
            ("99999999999999999999 s", Err(Mistake::Bounds)),
            ("18446744073709551615 days", Err(Mistake::Bounds)),
            ("20", Err(Mistake::NoUnit)),
            ("", Err(Mistake::Shape)),
            ("soon", Err(Mistake::Shape)),
            ("-5 s", Err(Mistake::Shape)),
            ("1.5 h", Err(Mistake::Shape)),
            ("1 h 30 min", Err(Mistake::Shape)),
            ("20 m", Err(Mistake::Unit { number: "20", unit: "m" })),
        ] {
            assert_eq!(millis(text), expected, "{text}");
        }
    }

    #[test]
    fn habits_are_understood_and_corrected() {
        for (number, unit, expected) in [
            ("20", "m", Some("20 min")),
            ("2", "Days", Some("2 days")),
            ("2", "d", Some("2 days")),
            ("2", "weeks", Some("14 days")),
            ("20", "moons", None),
        ] {
            assert_eq!(meant(number, unit).as_deref(), expected, "{number} {unit}");
        }
    }
}
