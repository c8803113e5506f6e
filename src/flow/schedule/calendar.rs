//! Moments that come again: which minutes, hours, days and months, on the clocks of a zone.
//!
//! A moment is made of a day and a time on it, so that it comes once when clocks change: a time that is left out comes at the
//! moment of the change, one that comes twice at its first.

use jiff::civil::{Date, Time};

use super::super::clock;
use super::Days;
use crate::model::{Timestamp, Zone};

/// How far ahead and back is looked for a day: 29 February comes within eight years, also around 2100.
const DAYS_LOOKED_AT_MAX: u32 = 8 * 366;
/// All days of a week, and of a month.
const WHOLE_WEEK: u8 = 0b111_1111;
const WHOLE_MONTH: u32 = u32::MAX >> 1;
const WHOLE_YEAR: u16 = (1 << 12) - 1;

/// Sets of numbers, a bit each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Calendar {
    /// From 0 on.
    pub(super) minutes: u64,
    /// From 0 on.
    pub(super) hours: u32,
    /// The lowest is 1.
    pub(super) days: u32,
    /// The lowest is January.
    pub(super) months: u16,
    /// The lowest is Monday.
    pub(super) weekdays: u8,
    /// Whether a day fits by either its number or its weekday, as cron has it where both are named; otherwise by both.
    pub(super) either: bool,
}

impl Calendar {
    /// Once a day at `time`, and on no day yet.
    pub(super) fn at(time: Time) -> Self {
        let (hours, minutes) = (1 << time.hour(), 1 << time.minute());
        Self { minutes, hours, days: 0, months: WHOLE_YEAR, weekdays: 0, either: true }
    }

    /// Adds days.
    pub(super) fn add(&mut self, days: Days) {
        match days {
            Days::OfWeek(days) => self.weekdays |= days,
            Days::FirstOfMonth => self.days |= 1,
        }
    }

    /// Whether no day fits, not even in a leap year.
    pub(super) fn is_empty(&self) -> bool {
        const LONGEST: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let by_weekday = self.either && self.weekdays != 0 && self.months != 0;
        let mut months = LONGEST.iter().enumerate().filter(|(month, _)| self.months & (1 << month) != 0);
        let by_number = months.any(|(_, longest)| self.days & ((1 << longest) - 1) != 0) && (self.either || self.weekdays != 0);
        (!by_weekday && !by_number) || self.hours == 0 || self.minutes == 0
    }

    /// The same text for the same moments.
    pub(super) fn fingerprint(&self) -> String {
        let Self { minutes, hours, days, months, weekdays, either } = self;
        // Two ways to write every day must not differ.
        let every_day = self.is_every_day();
        let (days, weekdays, either) = if every_day { (&WHOLE_MONTH, &WHOLE_WEEK, &false) } else { (days, weekdays, either) };
        format!("{minutes:x}-{hours:x}-{days:x}-{months:x}-{weekdays:x}-{}", u8::from(*either))
    }

    /// The first moment after `after`.
    pub(super) fn next(&self, zone: &Zone, after: Timestamp) -> Option<Timestamp> {
        // A time of the day before may be put off into this one where midnight is left out.
        let first = zone.day(after).yesterday().ok()?;
        let days = (0..DAYS_LOOKED_AT_MAX).map_while(|days| clock::days_later(first, days));
        days.filter(|day| self.has_day(*day)).find_map(|day| self.moments(zone, day).find(|moment| *moment > after))
    }

    /// The last moment after `after` and not after `until`.
    pub(super) fn last(&self, zone: &Zone, after: Timestamp, until: Timestamp) -> Option<Timestamp> {
        let (mut day, first) = (zone.day(until), zone.day(after).yesterday().ok()?);
        for _ in 0..DAYS_LOOKED_AT_MAX {
            if day < first {
                return None;
            }
            let fitting = self.has_day(day).then(|| self.moments(zone, day).take_while(|moment| *moment <= until).last());
            if let Some(found) = fitting.flatten() {
                return Some(found).filter(|moment| *moment > after);
            }
            day = day.yesterday().ok()?;
        }
        None
    }

    fn is_every_day(&self) -> bool {
        let (numbers, names) = (self.days & WHOLE_MONTH == WHOLE_MONTH, self.weekdays == WHOLE_WEEK);
        if self.either { numbers || names } else { numbers && names }
    }

    fn has_day(&self, day: Date) -> bool {
        let number = self.days & (1 << (day.day() - 1)) != 0;
        let name = self.weekdays & (1 << day.weekday().to_monday_zero_offset()) != 0;
        let fits = if self.either { number || name } else { number && name };
        fits && self.months & (1 << (day.month() - 1)) != 0
    }

    /// The moments of a day, in order; two of them may be the same.
    fn moments<'a>(&'a self, zone: &'a Zone, day: Date) -> impl Iterator<Item = Timestamp> + 'a {
        let hours = (0..24_i8).filter(|hour| self.hours & (1 << hour) != 0);
        let times = hours.flat_map(|hour| {
            let minutes = (0..60_i8).filter(|minute| self.minutes & (1 << minute) != 0);
            minutes.filter_map(move |minute| Time::new(hour, minute, 0, 0).ok())
        });
        times.filter_map(move |time| zone.moment(day, time))
    }
}

#[cfg(test)]
mod tests {
    use super::super::cron;
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect(text)
    }

    #[test]
    fn the_next_moment_is_right_in_every_zone_and_when_clocks_change() {
        for (line, zone, after, expected) in [
            ("0 9 * * *", "UTC", "2026-06-15T08:59:59Z", "2026-06-15T09:00:00Z"),
            ("0 9 * * *", "UTC", "2026-06-15T09:00:00Z", "2026-06-16T09:00:00Z"),
            ("0 9 * * *", "Asia/Kolkata", "2026-06-15T03:29:59Z", "2026-06-15T03:30:00Z"),
            ("0 9 * * 1-5", "Asia/Kolkata", "2026-06-19T04:00:00Z", "2026-06-22T03:30:00Z"),
            ("0 9 1 * *", "UTC", "2026-06-15T00:00:00Z", "2026-07-01T09:00:00Z"),
            ("0 0 29 2 *", "UTC", "2026-06-15T00:00:00Z", "2028-02-29T00:00:00Z"),
            ("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", "2104-02-29T00:00:00Z"),
            // Both days named: either.
            ("0 9 13 * 5", "UTC", "2026-06-08T00:00:00Z", "2026-06-12T09:00:00Z"),
            ("0 9 13 * 5", "UTC", "2026-06-12T09:00:00Z", "2026-06-13T09:00:00Z"),
            ("*/15 8-9 * * *", "UTC", "2026-06-15T08:46:00Z", "2026-06-15T09:00:00Z"),
            // Put forward: the time that is left out comes at the change, and once.
            ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T01:00:00Z"),
            ("30 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"),
            ("0,30 2,3 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T01:30:00Z"),
            // Put back: the first of the two.
            ("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", "2026-10-25T00:30:00Z"),
            ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"),
            // Midnight is left out.
            ("0 0 * * *", "Africa/Cairo", "2026-04-23T12:00:00Z", "2026-04-23T22:00:00Z"),
            ("0 0 * * *", "Africa/Cairo", "2026-04-23T22:00:00Z", "2026-04-24T21:00:00Z"),
        ] {
            let calendar = cron::parse(line).expect(line);
            let zone = Zone::named(zone).expect(zone);
            assert_eq!(calendar.next(&zone, at(after)), Some(at(expected)), "{line} after {after}");
            assert_eq!(calendar.last(&zone, at(after), at(expected)), Some(at(expected)), "{line} until {expected}");
        }
    }

    #[test]
    fn of_several_that_were_missed_the_last_one_counts() {
        let daily = cron::parse("0 9 * * *").expect("a line");
        let utc = Zone::utc();
        let last = |after: &str, until: &str| daily.last(utc, at(after), at(until));
        assert_eq!(last("2026-06-10T09:00:00Z", "2026-06-15T08:00:00Z"), Some(at("2026-06-14T09:00:00Z")));
        assert_eq!(last("2026-06-14T09:00:00Z", "2026-06-15T08:00:00Z"), None);
        assert_eq!(last("2026-06-15T09:00:00Z", "2026-06-01T08:00:00Z"), None, "a clock that was set back");
        assert_eq!(last("1970-01-01T00:00:00Z", "2026-06-15T09:00:00Z"), Some(at("2026-06-15T09:00:00Z")));
    }

    #[test]
    fn every_moment_of_a_year_comes_once_and_in_order() {
        for (line, zone, expected) in
            [("30 2 * * *", "Europe/Berlin", 365), ("0 0 * * *", "Africa/Cairo", 365), ("0 9 * * 1-5", "UTC", 261)]
        {
            let (calendar, zone) = (cron::parse(line).expect(line), Zone::named(zone).expect(zone));
            let mut moments = vec![at("2025-12-31T23:59:59Z")];
            while let Some(next) =
                calendar.next(&zone, *moments.last().expect("the first")).filter(|next| *next < at("2026-12-31T23:59:59Z"))
            {
                moments.push(next);
            }
            let (count, days) = (moments.len() - 1, moments.iter().skip(1).map(|moment| zone.day(*moment)));
            assert_eq!(count, expected, "{line}");
            assert_eq!(days.collect::<std::collections::BTreeSet<_>>().len(), expected, "one a day");
        }
    }
}
