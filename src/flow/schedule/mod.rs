//! `start: {schedule: …}`: a flow that begins by the clock, for people who are known already. `calendar` knows the moments, `cron`
//! reads them from a cron line.

mod calendar;
mod cron;

use crate::model::{FlowName, Timestamp, Zone};
use crate::source::{Code, Diagnostic, Node, Span};

use super::clock::WEEKDAYS;
use super::keys;
use super::read::{Computed, Fields, Reader};
use calendar::Calendar;

/// What may stand behind `every` beside the names of weekdays.
const DAY: &str = "day";
const WEEKDAY: &str = "weekday";
const WEEKEND: &str = "weekend";
const MONTH: &str = "month";

/// When a flow begins by the clock, and for whom.
#[derive(Debug, Clone)]
pub struct Schedule {
    calendar: Calendar,
    /// For whom; nothing for everyone.
    pub when: Option<Computed>,
    /// Where.
    pub span: Span,
}

/// A schedule that is in force.
#[derive(Debug, Clone)]
pub struct Planned<'p> {
    /// Whose.
    pub flow: &'p FlowName,
    /// When.
    pub schedule: &'p Schedule,
    /// The zone whose clocks it means.
    pub zone: &'p Zone,
}

impl Planned<'_> {
    /// Tells two plans for one flow apart: it changes when the moments do, and not when anything else about the flow does.
    pub fn fingerprint(&self) -> String {
        format!("{} {}", self.schedule.calendar.fingerprint(), self.zone.name())
    }

    /// The first moment after `after`.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        self.schedule.calendar.next(self.zone, after)
    }

    /// The last moment after `after` and not after `until`: of several that were missed the one that is still worth it.
    pub fn last(&self, after: Timestamp, until: Timestamp) -> Option<Timestamp> {
        self.schedule.calendar.last(self.zone, after, until)
    }
}

impl Schedule {
    /// Reads `schedule: {every: weekday, at: "09:00", for: everyone}`; `key` is where it stands.
    pub(super) fn read(reader: &Reader<'_>, node: &Node, key: Span) -> Option<Self> {
        let mut fields = reader.fields(node, "`schedule`")?;
        let calendar = read_calendar(reader, &mut fields);
        let everyone = fields.take("for");
        let when = fields.take("when");
        if let Some((_, node)) = everyone {
            let text = reader.scalar(node, "`for`");
            if text.is_some_and(|text| text != "everyone") {
                reader.note(
                    Diagnostic::error(Code::BAD_VALUE, node.span, "`for` takes `everyone`")
                        .help("for some of them write a condition instead, `when: subscribed == true`"),
                );
            }
        }
        match (everyone, when) {
            (Some((first, _)), Some((second, _))) => reader.note(
                Diagnostic::error(Code::TOGETHER, second.span, "`for: everyone` and `when` say different people")
                    .related(first.span, "the first of them")
                    .help("keep one of them"),
            ),
            (None, None) if !fields.is_misspelt("for") && !fields.is_misspelt("when") => reader.note(
                Diagnostic::error(Code::MISSING_KEY, key, "`schedule` does not say for whom")
                    .help("add `for: everyone`, or a condition over what is remembered of each, `when: subscribed == true`"),
            ),
            _ => {}
        }
        let when = when.map(|(_, node)| reader.computed(node, "`when`"));
        fields.finish(reader, &keys::SCHEDULE);
        let calendar = calendar?;
        if calendar.is_empty() {
            reader.note(
                Diagnostic::error(Code::NEVER_COMES, key, "this schedule never comes")
                    .help("no month has such a day: look at the third and fourth field"),
            );
            return None;
        }
        Some(Self { calendar, when: when.map_or(Some(None), |when| when.map(Some))?, span: key })
    }
}

/// Reads `every` and `at`, or `cron`.
fn read_calendar(reader: &Reader<'_>, fields: &mut Fields<'_>) -> Option<Calendar> {
    let every = fields.take("every");
    let at = fields.take("at");
    if let Some((cron, node)) = fields.take("cron") {
        if let Some((extra, _)) = every.or(at) {
            reader.note(
                Diagnostic::error(Code::TOGETHER, extra.span, format!("`cron` and `{}` say different times", extra.text))
                    .related(cron.span, "the first of them")
                    .help("keep one of them"),
            );
            return None;
        }
        return cron::read(reader, node);
    }
    let place = every.or(at).map_or(fields.span, |(key, _)| key.span);
    let missing = |key: &str, example: &str| {
        if !fields.is_misspelt(key) && !fields.is_misspelt("cron") {
            let mistake = Diagnostic::error(Code::MISSING_KEY, place, format!("`schedule` has no `{key}`"));
            reader.note(mistake.help(format!("add `{key}: {example}`")));
        }
    };
    let days = every.map(|(_, node)| days(reader, node));
    let time = at.map(|(_, node)| reader.time_of_day(node, "`at`"));
    match (days, time) {
        (None, _) => {
            missing("every", "day");
            None
        }
        (_, None) => {
            missing("at", "\"09:00\"");
            None
        }
        (Some(days), Some(time)) => {
            let mut calendar = Calendar::at(time?);
            days?.into_iter().for_each(|days| calendar.add(days));
            Some(calendar)
        }
    }
}

/// Reads what stands behind `every`; nothing when a part of it cannot be read.
fn days(reader: &Reader<'_>, node: &Node) -> Option<Vec<Days>> {
    let items = reader.items(node, "`every`")?;
    if items.is_empty() {
        reader.note(Diagnostic::error(Code::BAD_VALUE, node.span, "`every` names no day, so it would never come"));
        return None;
    }
    let days: Vec<_> = items.iter().filter_map(|item| day(reader, item)).collect();
    (days.len() == items.len()).then_some(days)
}

/// What `every` names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Days {
    /// Days of the week, a bit each, Monday the lowest.
    OfWeek(u8),
    /// The first of each month.
    FirstOfMonth,
}

fn day(reader: &Reader<'_>, node: &Node) -> Option<Days> {
    let text = reader.scalar(node, "a day")?.trim();
    match text {
        DAY => return Some(Days::OfWeek(0b111_1111)),
        WEEKDAY => return Some(Days::OfWeek(0b001_1111)),
        WEEKEND => return Some(Days::OfWeek(0b110_0000)),
        MONTH => return Some(Days::FirstOfMonth),
        _ => {}
    }
    if let Some(index) = WEEKDAYS.iter().position(|name| *name == text) {
        return Some(Days::OfWeek(1 << index));
    }
    let known = [DAY, WEEKDAY, WEEKEND, MONTH].into_iter().chain(WEEKDAYS);
    let mistake = Diagnostic::error(Code::BAD_VALUE, node.span, format!("`{text}` is no day"));
    reader.note(match crate::source::nearest(&text.to_lowercase(), known) {
        Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(node.span, near),
        None => mistake
            .help("write `day`, `weekday`, `weekend`, `month` (its first day) or `monday` to `sunday`; for anything else there is `cron`"),
    });
    None
}
