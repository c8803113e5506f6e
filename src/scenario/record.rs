//! A conversation that was led becomes a test: what was done and what was said, as lines.

use std::fmt::Write as _;

use crate::flow::stretch;
use crate::model::{CallAnswer, CallFailure, EventName, Message, Value};

use super::stage::Said;

/// What was done, as a line of a test writes it.
#[derive(Debug, Clone, PartialEq)]
pub enum Did {
    /// The contact typed this.
    Typed(String),
    /// The contact tapped the button with this name, on the newest message that has it.
    Tapped(String),
    /// The contact tapped the button with this name, on an older one: which, counted from the first.
    TappedOld(String, usize),
    /// The contact tapped the button with this name twice at once: which message, counted from the first, where it is not the newest.
    TappedTwice(String, Option<usize>),
    /// The contact tapped a button with this id, which no flow sent.
    TappedId(String),
    /// The contact sent something that is no text.
    Sent(String),
    /// A system of the user's told something.
    Told(EventName, Value),
    /// Another system answered the oldest call.
    Answered(CallAnswer),
    /// Nothing, for so many milliseconds.
    Waited(u64),
}

/// A conversation of `contact` as a test that goes as written: `parts` are what was done, each with what was said after it.
pub fn record(name: &str, parts: &[(Did, Vec<Said>)], contact: &str) -> String {
    let mut text = format!("  - name: {}\n    contact: {{name: {}}}\n    talk:\n", quoted(name), quoted(contact));
    for (did, said) in parts {
        let line = match did {
            Did::Typed(typed) => format!("they: {}", quoted(typed)),
            Did::Tapped(button) => format!("tap: {}", quoted(button)),
            Did::TappedOld(button, nth) => format!("tap: {{button: {}, on: {nth}}}", quoted(button)),
            Did::TappedTwice(button, None) => format!("tap: {{button: {}, twice: true}}", quoted(button)),
            Did::TappedTwice(button, Some(nth)) => format!("tap: {{button: {}, on: {nth}, twice: true}}", quoted(button)),
            Did::TappedId(id) => format!("tap_id: {}", quoted(id)),
            Did::Sent(kind) => format!("sends: {kind}"),
            Did::Told(name, data) => format!("event: {{name: {name}, data: {}}}", json(data)),
            Did::Answered(answer) => format!("answer: {}", answered(answer)),
            Did::Waited(millis) => format!("wait: {}", stretch(*millis)),
        };
        let _ = writeln!(text, "      - {line}");
        for message in said.iter().filter_map(bot) {
            let _ = writeln!(text, "      - bot: {}", quoted(message.body()));
        }
    }
    text
}

/// JSON is YAML too.
fn json(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

fn answered(answer: &CallAnswer) -> String {
    match answer {
        CallAnswer::Answered { status, body } if body.is_nothing() => format!("{{status: {status}}}"),
        CallAnswer::Answered { status, body } => format!("{{status: {status}, body: {}}}", json(body)),
        CallAnswer::Failed { why, .. } => {
            let word = CallFailure::ALL.iter().find(|(known, _)| known == why).map_or("unreached", |(_, word)| word);
            format!("{{fails: {word}}}")
        }
    }
}

fn bot(said: &Said) -> Option<&Message> {
    match said {
        Said::Bot(message) => Some(message),
        Said::They(_) | Said::Pause(_) => None,
    }
}

/// Plain where YAML reads it as it is, in quotes otherwise.
fn quoted(text: &str) -> String {
    let tame = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '.' | '?');
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(tame) && !text.ends_with(' ');
    let word = matches!(text, "true" | "false" | "null" | "yes" | "no" | "on" | "off");
    if plain && !word { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

/// `file` with `test`, which [`record`] wrote, at the end of its `tests`. Nothing when `tests` is not the last thing in it.
pub fn with_test(file: &str, test: &str) -> Option<String> {
    let mut lines = file.lines().map(|line| line.split('#').next().unwrap_or(line).trim_end());
    let at = lines.position(|line| line.starts_with("tests:"));
    let gap = if file.ends_with('\n') { "" } else { "\n" };
    match at {
        None => Some(format!("{file}{gap}\ntests:\n{test}")),
        Some(at) => {
            // A list in brackets has no lines to add to, and after another key it would be that key's.
            let open = file.lines().nth(at).is_some_and(|line| line.split('#').next().unwrap_or(line).trim_end() == "tests:");
            let last = file.lines().skip(at + 1).all(|line| line.is_empty() || line.starts_with([' ', '#']));
            (open && last).then(|| format!("{file}{gap}\n{test}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Did, Said, record, with_test};
    use crate::model::Message;

    #[test]
    fn a_conversation_becomes_lines_that_yaml_reads_as_they_were() {
        let said = |text: &str| vec![Said::Bot(Message::Text { body: text.to_owned() })];
        let parts = [
            (Did::Typed("hi".to_owned()), said("Hello: you")),
            (Did::TappedOld("menu".to_owned(), 2), Vec::new()),
            (Did::Waited(1_200_000), said("no")),
        ];
        let expected = "  - name: one\n    contact: {name: Rosa Sample}\n    talk:\n      - they: hi\n      - bot: \"Hello: you\"\n      - tap: {button: menu, on: 2}\n      \
                        - wait: 20 min\n      - bot: \"no\"\n";
        assert_eq!(record("one", &parts, "Rosa Sample"), expected);
    }

    #[test]
    fn a_test_goes_to_the_end_of_the_tests() {
        assert_eq!(with_test("a: 1", "  - x\n").as_deref(), Some("a: 1\n\ntests:\n  - x\n"));
        assert_eq!(with_test("tests: # b\n  - a\n", "  - x\n").as_deref(), Some("tests: # b\n  - a\n\n  - x\n"));
        assert_eq!(with_test("tests: []\n", "  - x\n"), None);
        assert_eq!(with_test("tests:\n  - a\nsteps: b\n", "  - x\n"), None);
    }
}
