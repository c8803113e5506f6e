//! Local times: what `now` says in a zone, and when a `later` with a time of day falls due.

use buttonhook::model::*;

use super::{Talk, program};

/// A Monday, 10:00 UTC, as `Talk` begins; 15:30 in Kolkata, 12:00 in Berlin, 06:00 in New York.
const BEGINS: &str = "2026-06-15T10:00:00Z";

fn flow(zone: &str, later: &str) -> String {
    let zone = if zone.is_empty() { String::new() } else { format!("zone: {zone}\n") };
    format!(
        "buttonhook: 1\nflow: a\n{zone}start: {{words: [hi]}}\nremember:\n  day: {{kind: date}}\n  said: {{kind: text}}\nsteps:\n  \
         first:\n    set: {{day: '\"2026-06-18\"', said: '`${{now.hour}}:${{now.minute}} ${{now.weekday}} ${{now}}`'}}\n    \
         say: \"{{now}}, {{said}}\"\n    later: {{{later}, go: then}}\n    end: done\n  \
         then:\n    template: {{name: x, language: en}}\n    end: done\n"
    )
}

/// When the reminder falls due that is set `passed_h` hours after [`BEGINS`].
fn due(zone: &str, later: &str, passed_h: u64) -> Option<String> {
    let text = flow(zone, later);
    let program = program(&[("flows/a.yaml", &text)]);
    let mut talk = Talk::new(&program);
    talk.passed_ms = passed_h * 3_600_000;
    talk.they("hi");
    talk.conversation.timers.first().map(|timer| timer.at.to_string())
}

#[test]
fn a_time_of_day_is_the_next_one_on_the_clocks_of_the_zone() {
    for (zone, later, passed_h, expected) in [
        ("", "at: \"10:01\"", 0, Some("2026-06-15T10:01:00Z")),
        ("", "at: \"10:00\"", 0, Some("2026-06-16T10:00:00Z")),
        ("Asia/Kolkata", "at: \"16:00\"", 0, Some("2026-06-15T10:30:00Z")),
        ("Asia/Kolkata", "at: \"09:00\"", 0, Some("2026-06-16T03:30:00Z")),
        ("America/New_York", "at: \"09:00\"", 0, Some("2026-06-15T13:00:00Z")),
        ("Asia/Kolkata", "at: \"09:00\", day: today", 0, None),
        ("Asia/Kolkata", "at: \"18:00\", day: today", 0, Some("2026-06-15T12:30:00Z")),
        ("Asia/Kolkata", "at: \"09:00\", day: tomorrow", 0, Some("2026-06-16T03:30:00Z")),
        // It is Tuesday in Kolkata and still Monday in UTC.
        ("Asia/Kolkata", "at: \"09:00\", day: tomorrow", 9, Some("2026-06-17T03:30:00Z")),
        ("", "at: \"09:00\", day: tomorrow", 9, Some("2026-06-16T09:00:00Z")),
        ("", "at: \"09:00\", day: monday", 0, Some("2026-06-22T09:00:00Z")),
        ("", "at: \"11:00\", day: monday", 0, Some("2026-06-15T11:00:00Z")),
        ("", "at: \"09:00\", day: sunday", 0, Some("2026-06-21T09:00:00Z")),
        ("Asia/Kolkata", "at: \"09:00\", after: 2 days", 0, Some("2026-06-17T03:30:00Z")),
        ("Asia/Kolkata", "at: \"09:00\", day: \"{day}\"", 0, Some("2026-06-18T03:30:00Z")),
        ("Asia/Kolkata", "at: \"18:00\", day: \"{ day }\", days_before: 1", 0, Some("2026-06-17T12:30:00Z")),
        ("Asia/Kolkata", "at: \"09:00\", day: \"{day}\", days_before: 3", 0, None),
        // The clocks of Berlin are put back on 25 October and forward on 28 March.
        ("Europe/Berlin", "at: \"02:30\", after: 132 days", 0, Some("2026-10-25T00:30:00Z")),
        ("Europe/Berlin", "at: \"02:30\", after: 286 days", 0, Some("2027-03-28T01:00:00Z")),
        ("Europe/Berlin", "after: 2 days", 0, Some("2026-06-17T10:00:00Z")),
    ] {
        assert_eq!(due(zone, later, passed_h).as_deref(), expected, "{zone} {later} after {passed_h} h; begins {BEGINS}");
    }
}

#[test]
fn now_is_told_on_the_clocks_of_the_flow_then_of_the_project_then_of_utc() {
    let project = "buttonhook: 1\nzone: America/New_York\n";
    for (zone, always, expected) in [
        ("", "buttonhook: 1\n", "2026-06-15 10:00, 10:0 monday 2026-06-15T10:00:00Z"),
        ("", project, "2026-06-15 06:00, 6:0 monday 2026-06-15T06:00:00-04:00"),
        ("Asia/Kolkata", project, "2026-06-15 15:30, 15:30 monday 2026-06-15T15:30:00+05:30"),
        ("Pacific/Auckland", project, "2026-06-15 22:00, 22:0 monday 2026-06-15T22:00:00+12:00"),
    ] {
        let text = flow(zone, "after: 1 h");
        let program = program(&[("flows/a.yaml", &text), ("flows/_always.yaml", always)]);
        assert_eq!(Talk::new(&program).they("hi"), [expected]);
    }
}

#[test]
fn a_moment_that_is_over_sets_nothing_and_a_missing_day_is_a_fault() {
    let text = flow("", "at: \"09:00\", day: today");
    let program_over = program(&[("flows/a.yaml", &text)]);
    let mut talk = Talk::new(&program_over);
    talk.they("hi");
    let turn = talk.last.as_ref().unwrap();
    assert!(turn.faults.is_empty() && turn.trace.iter().any(|line| matches!(line, Trace::TimerOver { .. })));
    let text = flow("", "at: \"09:00\", day: \"{day}\"").replace("day: '\"2026-06-18\"', ", "");
    let sources = buttonhook::source::Sources::from_texts([("flows/a.yaml", text.as_str())]);
    let (program, _) = buttonhook::flow::compile(&sources);
    let program = program.expect("no more than a warning");
    let mut talk = Talk::new(&program);
    talk.they("hi");
    assert!(talk.last.as_ref().unwrap().faults[0].message.contains("holds no day yet"));
}
