//! What programs read: one JSON object, or JUnit's XML.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::scenario::{Coverage, Said};

use super::{Ran, Run, coverage};

/// The outcome as one object.
pub(super) fn json(run: &Run<'_>, covered: Option<&Coverage>) -> Value {
    let conversations: Vec<Value> = run.ran.iter().map(|one| conversation(run, one)).collect();
    let mut outcome = json!({
        "passed": run.ran.len() - run.failed(),
        "failed": run.failed(),
        "millis": millis(run.took),
        "conversations": conversations,
    });
    if let Some(covered) = covered {
        outcome["coverage"] = coverage::json(run.program, covered);
    }
    outcome
}

fn millis(took: std::time::Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}

fn conversation(run: &Run<'_>, one: &Ran<'_>) -> Value {
    let place = run.program.sources().place(one.scenario.span);
    let mut told = json!({
        "name": one.scenario.name,
        "flows": one.suite.flows,
        "path": *place.path,
        "line": place.line,
        "passed": one.played.failure.is_none(),
        "micros": u64::try_from(one.took.as_micros()).unwrap_or(u64::MAX),
    });
    if let Some(failure) = &one.played.failure {
        told["failure"] = json!({
            "message": failure.message,
            "place": run.program.place(failure.span),
            "expected": failure.expected,
            "came": failure.came,
            "said_by": failure.from.map(|from| run.program.place(from)),
        });
        told["said"] = one.played.said.iter().map(said).collect();
    }
    told
}

fn said(said: &Said) -> Value {
    match said {
        Said::They(text) => json!({"they": text}),
        Said::Bot(message) => json!({"bot": message}),
        Said::Pause(millis) => json!({"wait_ms": millis}),
    }
}

/// The outcome as build servers read it.
pub(super) fn junit(run: &Run<'_>) -> String {
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"{}\" failures=\"{}\" time=\"{:.3}\">\n",
        run.ran.len(),
        run.failed(),
        run.took.as_secs_f64()
    );
    for group in run.ran.chunk_by(|one, other| one.suite.source == other.suite.source) {
        let path = &run.program.sources().get(group[0].suite.source).path;
        let failed = group.iter().filter(|one| one.played.failure.is_some()).count();
        let _ = writeln!(text, "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failed}\">", escaped(path), group.len());
        group.iter().for_each(|one| case(&mut text, run, one));
        text.push_str("  </testsuite>\n");
    }
    text + "</testsuites>\n"
}

fn case(text: &mut String, run: &Run<'_>, one: &Ran<'_>) {
    let place = run.program.sources().place(one.scenario.span);
    let names: Vec<&str> = one.suite.flows.iter().map(|flow| flow.as_str()).collect();
    let _ = write!(
        text,
        "    <testcase name=\"{}\" classname=\"{}\" file=\"{}\" line=\"{}\" time=\"{:.6}\"",
        escaped(&one.scenario.name),
        escaped(&names.join(", ")),
        escaped(&place.path),
        place.line,
        one.took.as_secs_f64()
    );
    let Some(failure) = &one.played.failure else { return text.push_str("/>\n") };
    let part = |what: &str, part: &Option<String>| part.as_ref().map(|part| format!("{what}: {part}\n")).unwrap_or_default();
    let body =
        format!("{}\n{}{}", run.program.place(failure.span), part("expected", &failure.expected), part("came", &failure.came));
    let _ = write!(
        text,
        ">\n      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
        escaped(&failure.message),
        escaped(&body)
    );
}

/// As XML may hold it: letters that it may not hold at all are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push(' '),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn nothing_said_breaks_the_xml() {
        assert_eq!(escaped("<a href=\"x\">&\u{7}\n"), "&lt;a href=&quot;x&quot;&gt;&amp;&#10;");
    }
}
