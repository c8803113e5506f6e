//! Time zones: what a moment is on the clocks of a place, and which moment a time on those clocks is.
//!
//! The database of zones is a part of the program, so that the same program says the same on every machine and reads no file.

use std::sync::OnceLock;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};

use super::time::Timestamp;

/// A place's time zone.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone of those who name none.
    pub fn utc() -> &'static Zone {
        static UTC: OnceLock<Zone> = OnceLock::new();
        UTC.get_or_init(|| Zone(TimeZone::UTC))
    }

    /// The zone of a place, `Asia/Kolkata`; nothing when the database has no such place. Case does not matter.
    pub fn named(name: &str) -> Option<Self> {
        database().get(name).ok().map(Self)
    }

    /// Every name that [`Zone::named`] takes.
    pub fn names() -> impl Iterator<Item = String> {
        database().available().map(|name| name.as_str().to_owned())
    }

    /// Its name in the database.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// What the clocks there show at `at`.
    pub fn local(&self, at: Timestamp) -> DateTime {
        self.0.to_datetime(at)
    }

    /// The day there at `at`.
    pub fn day(&self, at: Timestamp) -> Date {
        self.local(at).date()
    }

    /// How far ahead of UTC the clocks there are at `at`, in seconds.
    pub fn offset_secs(&self, at: Timestamp) -> i32 {
        self.0.to_offset(at).seconds()
    }

    /// The moment at which the clocks there show `day` and `time`. Where they are put forward over that time it is the moment at
    /// which that happens, where they show it twice the first; nothing beyond the end of time.
    pub fn moment(&self, day: Date, time: Time) -> Option<Timestamp> {
        let ambiguous = self.0.to_ambiguous_timestamp(day.to_datetime(time));
        match ambiguous.offset() {
            AmbiguousOffset::Gap { before, .. } => {
                // By the clocks as they were the time lies behind the change, or is the change itself.
                let behind = before.to_timestamp(day.to_datetime(time)).ok()?;
                let just_after = Timestamp::from_nanosecond(behind.as_nanosecond() + 1).ok()?;
                self.0.preceding(just_after).next().map(|change| change.timestamp())
            }
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => ambiguous.earlier().ok(),
        }
    }
}

fn database() -> &'static TimeZoneDatabase {
    static BUNDLED: OnceLock<TimeZoneDatabase> = OnceLock::new();
    BUNDLED.get_or_init(TimeZoneDatabase::bundled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_moment_also_when_the_clocks_change() {
        for (zone, local, expected) in [
            ("UTC", "2026-06-15T09:00", "2026-06-15T09:00:00Z"),
            ("Asia/Kolkata", "2026-06-15T09:00", "2026-06-15T03:30:00Z"),
            // Put forward from 02:00 to 03:00: the time in between is the moment of the change.
            ("Europe/Berlin", "2026-03-29T01:59", "2026-03-29T00:59:00Z"),
            ("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00:00Z"),
            ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00:00Z"),
            ("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00Z"),
            // Put back from 03:00 to 02:00: the time that comes twice is its first.
            ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z"),
            ("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00Z"),
            // By half an hour only.
            ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30:00Z"),
            // Midnight itself is left out.
            ("Africa/Cairo", "2026-04-24T00:00", "2026-04-23T22:00:00Z"),
            // A whole day was.
            ("Pacific/Apia", "2011-12-30T09:00", "2011-12-30T10:00:00Z"),
        ] {
            let at: DateTime = local.parse().expect("a time");
            let moment = Zone::named(zone).expect(zone).moment(at.date(), at.time()).expect("a moment");
            assert_eq!(moment, expected.parse::<Timestamp>().expect("a moment"), "{zone} {local}");
        }
    }

    #[test]
    fn names_are_those_of_the_bundled_database() {
        assert!(Zone::named("asia/kolkata").is_some() && Zone::named("Kolkata").is_none() && Zone::named("IST").is_none());
        assert!(Zone::names().count() > 400);
        assert_eq!(Zone::utc().offset_secs(Timestamp::UNIX_EPOCH), 0);
    }
}
