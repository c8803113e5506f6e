//! Stretches of time in flows and conversations, and what is said of those that are none.

use crate::model::stretch::{NoStretch as Mistake, UNITS, millis};
use crate::source::{Code, Diagnostic, Node, Span};

use super::read::Reader;

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
                self.note(told(&mistake, text, what, node.span));
                None
            }
        }
    }
}

/// A stretch of time in milliseconds, as authors write it; nothing for anything else.
pub fn duration(text: &str) -> Option<u64> {
    millis(text.trim()).ok()
}

/// What is said of `mistake`, which is why `text` is no stretch of time.
fn told(mistake: &Mistake<'_>, text: &str, what: &str, span: Span) -> Diagnostic {
    const HOW: &str = "write `5 s`, `20 min`, `2 h` or `3 days`";
    match mistake {
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
