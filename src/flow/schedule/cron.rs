//! Cron lines, `0 9 * * 1-5`: minute, hour, day of the month, month, day of the week. What else goes by that name (seconds, `L`,
//! `@daily`) differs from program to program and is told as a mistake.

use super::super::read::Reader;
use super::calendar::Calendar;
use crate::source::{Code, Diagnostic, Node};

/// Characters of a line.
const LINE_CHARS_MAX: usize = 200;
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// One of the five.
struct Field {
    what: &'static str,
    least: u32,
    most: u32,
    /// Words for its numbers, from `least` on.
    names: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { what: "the minute", least: 0, most: 59, names: &[] },
    Field { what: "the hour", least: 0, most: 23, names: &[] },
    Field { what: "the day of the month", least: 1, most: 31, names: &[] },
    Field { what: "the month", least: 1, most: 12, names: &MONTHS },
    // 7 is a Sunday too.
    Field { what: "the day of the week", least: 0, most: 7, names: &DAYS },
];

/// Reads `cron: "0 9 * * 1-5"`.
pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<Calendar> {
    let line = reader.scalar(node, "`cron`")?;
    match parse(line) {
        Ok(calendar) => Some(calendar),
        Err(why) => {
            reader.note(
                Diagnostic::error(Code::BAD_CRON, node.span, why)
                    .label("minute, hour, day of the month, month, day of the week")
                    .help("`0 9 * * 1-5` is nine o'clock from Monday to Friday; many schedules need no cron: `every: weekday` and `at: \"09:00\"`"),
            );
            None
        }
    }
}

/// The moments that a line means; otherwise what is wrong with it.
pub(super) fn parse(line: &str) -> Result<Calendar, String> {
    if line.chars().count() > LINE_CHARS_MAX {
        return Err(format!("a cron line has at most {LINE_CHARS_MAX} characters"));
    }
    let written: Vec<&str> = line.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = written.as_slice() else {
        return Err(match written.len() {
            6 | 7 => format!("a cron line has 5 fields here, not {}: seconds and years are not among them", written.len()),
            count => format!("a cron line has 5 fields, here are {count}"),
        });
    };
    let [minute, hour, day, month, weekday] = [(0, minute), (1, hour), (2, day), (3, month), (4, weekday)].map(|(at, text)| {
        let text = text.to_lowercase();
        FIELDS[at].parse(&text).map(|bits| (bits, text.starts_with('*')))
    });
    let ((days, any_day), (weekdays, any_weekday)) = (day?, weekday?);
    // From Sunday first to Monday first.
    let weekdays = weekdays | (weekdays >> 7);
    let weekdays = ((weekdays >> 1) & 0b11_1111) | ((weekdays & 1) << 6);
    Ok(Calendar {
        minutes: minute?.0,
        hours: low(hour?.0),
        days: low(days >> 1),
        months: u16::try_from((month?.0 >> 1) & 0xfff).unwrap_or(0),
        weekdays: u8::try_from(weekdays).unwrap_or(0),
        either: !any_day && !any_weekday,
    })
}

/// A set without what no field's number reaches.
fn low(bits: u64) -> u32 {
    u32::try_from(bits & u64::from(u32::MAX)).unwrap_or(0)
}

impl Field {
    /// The numbers that a field names, a bit each.
    fn parse(&self, text: &str) -> Result<u64, String> {
        text.split(',').try_fold(0, |bits, part| Ok(bits | self.part(part)?))
    }

    /// `*`, `5`, `5-10`, and each with `/2` behind it.
    fn part(&self, part: &str) -> Result<u64, String> {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (part, None),
        };
        let (first, last) = match (range, range.split_once('-')) {
            ("*", _) => (self.least, self.most.min(self.least + self.count() - 1)),
            (_, Some((first, last))) => (self.number(first)?, self.number(last)?),
            (only, None) => {
                let only = self.number(only)?;
                (only, if step.is_some() { self.most } else { only })
            }
        };
        if first > last {
            return Err(format!("{} goes backwards in `{part}`; write two parts, with a comma between", self.what));
        }
        let step = match step {
            None => 1,
            Some(step) => step
                .parse()
                .ok()
                .filter(|step| (1..=self.most).contains(step))
                .ok_or_else(|| format!("`{part}` is no step of {}: behind the `/` stands a number from 1 on", self.what))?,
        };
        Ok((first..=last).step_by(step as usize).fold(0, |bits, number| bits | (1 << number)))
    }

    /// How many numbers there are; Sunday counts once.
    fn count(&self) -> u32 {
        if self.names.len() == DAYS.len() { 7 } else { self.most - self.least + 1 }
    }

    fn number(&self, text: &str) -> Result<u32, String> {
        let named =
            self.names.iter().position(|name| *name == text).and_then(|at| u32::try_from(at).ok()).map(|at| at + self.least);
        let number = named.or_else(|| text.parse().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit())));
        number.filter(|number| (self.least..=self.most).contains(number)).ok_or_else(|| {
            format!("`{text}` is not {}: a number from {} to {}{}", self.what, self.least, self.most, self.or_name())
        })
    }

    fn or_name(&self) -> String {
        self.names.first().map(|first| format!(", or a name like `{first}`")).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_lists_ranges_steps_and_names() {
        let fields = |line: &str| {
            let calendar = parse(line).expect(line);
            (calendar.minutes, calendar.hours, calendar.days, calendar.months, calendar.weekdays, calendar.either)
        };
        let (month, year, week) = (u32::MAX >> 1, 0xfff, 0x7f);
        assert_eq!(fields("0 9 * * *"), (1, 1 << 9, month, year, week, false));
        assert_eq!(fields("*/20 0-2,4 1 jan SUN"), (1 | 1 << 20 | 1 << 40, 0b10111, 1, 1, 1 << 6, true));
        assert_eq!(fields("5/25 0 31 12 1-5"), (1 << 5 | 1 << 30 | 1 << 55, 1, 1 << 30, 1 << 11, 0b1_1111, true));
        assert_eq!(fields("0 0 * * 7").4, 1 << 6);
        assert_eq!(fields("0 0 * * 6-7").4, 0b110_0000);
        assert!(!fields("0 0 */2 * mon").5, "as cron has it: a star is no day of its own");
    }

    #[test]
    fn mistakes_say_which_field() {
        for (line, expected) in [
            ("", "here are 0"),
            ("9 * * *", "here are 4"),
            ("0 0 9 * * *", "seconds"),
            ("@daily", "here are 1"),
            ("60 9 * * *", "the minute: a number from 0 to 59"),
            ("0 9 0 * *", "the day of the month"),
            ("0 9 * 13 *", "the month"),
            ("0 9 * * 8", "the day of the week"),
            ("0 9 * * L", "or a name like `sun`"),
            ("0 9-8 * * *", "backwards"),
            ("*/0 9 * * *", "no step"),
            ("*/x 9 * * *", "no step"),
            ("+5 9 * * *", "`+5`"),
            ("-5 9 * * *", "``"),
            (", 9 * * *", "``"),
        ] {
            let why = parse(line).expect_err(line);
            assert!(why.contains(expected), "{line}: {why}");
        }
    }

    #[test]
    fn what_never_comes_is_known() {
        for (line, never) in [("0 0 30 2 *", true), ("0 0 31 4,6 *", true), ("0 0 29 2 *", false), ("0 0 30 2 mon", false)] {
            assert_eq!(parse(line).expect(line).is_empty(), never, "{line}");
        }
    }
}
