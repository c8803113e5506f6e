//! Stretches of time as authors write them: `20 min`, `2 days`. The one place that reads them, for flows, conversations and
//! scripts.

use super::limits;

/// What may stand after the number, and how many milliseconds it is.
pub const UNITS: &[(&[&str], u64)] = &[
    (&["s", "second", "seconds"], 1_000),
    (&["min", "minute", "minutes"], 60_000),
    (&["h", "hour", "hours"], 3_600_000),
    (&["day", "days"], 86_400_000),
];

/// Why a text is no stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoStretch<'t> {
    /// A number alone.
    NoUnit,
    /// A unit that is none.
    Unit {
        /// The number before it.
        number: &'t str,
        /// The word.
        unit: &'t str,
    },
    /// Less than a second or more than 365 days.
    Bounds,
    /// Anything else.
    Shape,
}

/// `text` in milliseconds, from a second to 365 days.
///
/// # Errors
/// Why it is no stretch of time.
pub fn millis(text: &str) -> Result<u64, NoStretch<'_>> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let unit = unit.trim();
    if number.is_empty() {
        return Err(NoStretch::Shape);
    }
    if unit.is_empty() {
        return Err(NoStretch::NoUnit);
    }
    let Some((_, unit_ms)) = UNITS.iter().find(|(names, _)| names.contains(&unit)) else {
        let word = unit.chars().all(char::is_alphabetic);
        return Err(if word { NoStretch::Unit { number, unit } } else { NoStretch::Shape });
    };
    let millis = number.parse::<u64>().ok().and_then(|number| number.checked_mul(*unit_ms));
    millis.filter(|millis| (limits::DURATION_MS_MIN..=limits::DURATION_MS_MAX).contains(millis)).ok_or(NoStretch::Bounds)
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
            ("366 days", Err(NoStretch::Bounds)),
            ("0 s", Err(NoStretch::Bounds)),
            ("99999999999999999999 s", Err(NoStretch::Bounds)),
            ("18446744073709551615 days", Err(NoStretch::Bounds)),
            ("20", Err(NoStretch::NoUnit)),
            ("", Err(NoStretch::Shape)),
            ("soon", Err(NoStretch::Shape)),
            ("-5 s", Err(NoStretch::Shape)),
            ("1.5 h", Err(NoStretch::Shape)),
            ("1 h 30 min", Err(NoStretch::Shape)),
            ("20 m", Err(NoStretch::Unit { number: "20", unit: "m" })),
        ] {
            assert_eq!(millis(text), expected, "{text}");
        }
    }
}
