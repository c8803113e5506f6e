//! Reading JSON that strangers wrote: members may be missing, of another type, or far too long.

use serde_json::Value;

use crate::model::{Timestamp, limits};

/// Longest id of a message, person or button's carrier that is kept, in bytes. The longest seen are under 100.
const ID_BYTES_MAX: usize = 512;
/// Before 2009 there was no WhatsApp: an earlier time is a mistake. In Unix seconds.
const EARLIEST_SECS: i64 = 1_230_768_000;
/// From 2100 on a time is a mistake too, most likely one in milliseconds. In Unix seconds.
const LATEST_SECS: i64 = 4_102_444_800;

/// A body in which nothing can be recognised. Everything else is decoded, part by part.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Unreadable {
    /// What is wrong with it; holds nothing of the body's content.
    pub why: String,
}

/// The object that `body` holds. Nesting is bounded by `serde_json` at 128 levels.
///
/// Text cut in the middle of an emoji leaves half a surrogate pair, which is valid JSON by its grammar and still no text.
/// Such a half is read as U+FFFD instead of losing a whole batch to one profile's name; so are bytes that are not UTF-8.
pub(super) fn parse(body: &[u8]) -> Result<Value, Unreadable> {
    let read = serde_json::from_slice(body).or_else(|error| match repaired(body) {
        Some(repaired) => serde_json::from_str(&repaired),
        None => Err(error),
    });
    match read {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(Unreadable { why: "the body is JSON but not an object".to_owned() }),
        Err(error) => Err(Unreadable { why: format!("the body is not JSON: {error}") }),
    }
}

/// `body` with every half of a surrogate pair replaced, and nothing if that changes nothing.
fn repaired(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let (kept, read) = match (unit(escape), escape.get(6..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (&escape[..12], 12),
            (Some(0xd800..=0xdfff), _) => ("\\ufffd", 6),
            // The character after a backslash belongs to it, whatever it is: a second backslash opens no escape.
            _ => {
                let end = 1 + escape[1..].chars().next().map_or(0, char::len_utf8);
                (&escape[..end], end)
            }
        };
        out.push_str(kept);
        rest = &escape[read..];
    }
    out.push_str(rest);
    (out.as_bytes() != body).then_some(out)
}

/// The UTF-16 unit that the escape at the beginning of `text` stands for.
fn unit(text: &str) -> Option<u32> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u32::from_str_radix(digits, 16).ok()
}

/// The text at `pointer`; nothing when it is missing, empty or no string.
pub(super) fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
}

/// The first text that one of `pointers` leads to.
pub(super) fn first_text<'a>(value: &'a Value, pointers: &[&str]) -> Option<&'a str> {
    pointers.iter().find_map(|pointer| text(value, pointer))
}

/// The id at `pointer`, a string or a whole number. Ids that are empty, longer than [`ID_BYTES_MAX`] or hold control
/// characters are as good as none: nobody issued them, and stores need not keep them.
pub(super) fn id(value: &Value, pointer: &str) -> Option<String> {
    let id = match value.pointer(pointer)? {
        Value::String(id) => id.clone(),
        Value::Number(number) if !number.is_f64() => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    (!id.is_empty() && id.len() <= ID_BYTES_MAX && !id.contains(char::is_control)).then_some(id)
}

/// The first id that one of `pointers` leads to.
pub(super) fn first_id(value: &Value, pointers: &[&str]) -> Option<String> {
    pointers.iter().find_map(|pointer| id(value, pointer))
}

/// The items of the list `name`: an object alone counts as a list of one. Nothing when the member is missing or no list.
pub(super) fn items<'a>(value: &'a Value, name: &str) -> Option<&'a [Value]> {
    match value.get(name)? {
        Value::Array(items) => Some(items),
        one @ Value::Object(_) => Some(std::slice::from_ref(one)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// Whether `pointer` leads to `true`, or to the 1 that one provider writes for it (reference: xobito-api section 3).
pub(super) fn flag(value: &Value, pointer: &str) -> bool {
    match value.pointer(pointer) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::Number(number)) => number.as_i64() == Some(1),
        Some(Value::String(text)) => text == "true" || text == "1",
        None | Some(Value::Null | Value::Array(_) | Value::Object(_)) => false,
    }
}

/// The moment at `pointer`: Unix seconds as string or number, or ISO 8601 with an offset. Absurd ones are left out.
pub(super) fn moment(value: &Value, pointer: &str) -> Option<Timestamp> {
    let at = match value.pointer(pointer)? {
        Value::Number(number) => seconds(number.as_f64()?)?,
        Value::String(text) => match text.trim().parse::<f64>() {
            Ok(number) => seconds(number)?,
            Err(_) => text.trim().parse::<Timestamp>().ok()?,
        },
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    (EARLIEST_SECS..LATEST_SECS).contains(&at.as_second()).then_some(at)
}

fn seconds(number: f64) -> Option<Timestamp> {
    // The range check comes first, so that the conversion below cannot cut anything off.
    let within = (EARLIEST_SECS as f64..LATEST_SECS as f64).contains(&number);
    within.then(|| Timestamp::from_second(number as i64).ok()).flatten()
}

/// A person's words as we keep them; nothing when they are longer than [`limits::INBOUND_TEXT_BYTES_MAX`], which no app can
/// send. NUL characters are left out: nobody can type them and PostgreSQL cannot store them.
pub(super) fn words(text: &str) -> Option<String> {
    (text.len() <= limits::INBOUND_TEXT_BYTES_MAX).then(|| text.replace('\0', ""))
}

/// A person's name as we keep it: one line, at most [`limits::CONTACT_NAME_CHARS_MAX`] characters, without the characters
/// that steer terminals and the direction of writing.
pub(super) fn name(text: &str) -> String {
    let steers =
        |c: &char| c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let kept: String = text.chars().filter(|c| !steers(c)).take(limits::CONTACT_NAME_CHARS_MAX).collect();
    kept.trim().to_owned()
}

/// A word of the provider's as it may stand in a log: kinds and fields come through an unsigned webhook, so that only plain
/// characters and no more than [`LABEL_CHARS_MAX`] of them are kept.
pub(super) fn label(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "_.-: ".contains(c) { c } else { '?' };
    text.chars().take(LABEL_CHARS_MAX).map(plain).collect()
}

/// Longest [`label`], in characters.
const LABEL_CHARS_MAX: usize = 80;

/// The provider's own words about a mistake, on one line and at most [`DETAIL_CHARS_MAX`] characters.
pub(super) fn detail(text: &str) -> String {
    let one_line = |c: char| if c.is_control() { ' ' } else { c };
    let mut kept: String = text.trim().chars().map(one_line).take(DETAIL_CHARS_MAX).collect();
    if text.trim().chars().nth(DETAIL_CHARS_MAX).is_some() {
        kept.push('…');
    }
    kept
}

/// Longest [`detail`], in characters.
const DETAIL_CHARS_MAX: usize = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_surrogate_pair_costs_one_character_and_not_the_body() {
        for (written, read) in [
            (r#"{"a":"x\ud83d"}"#, "x\u{fffd}"),
            (r#"{"a":"\udc4d \ud83d\udc4d"}"#, "\u{fffd} 👍"),
            (r#"{"a":"\ud83d\ud83d\udc4d"}"#, "\u{fffd}👍"),
            (r#"{"a":"\\ud83d \ud83d\n"}"#, "\\ud83d \u{fffd}\n"),
        ] {
            assert_eq!(parse(written.as_bytes()).unwrap()["a"], read, "{written}");
        }
        assert_eq!(parse(b"{\"a\":\"x\xff\"}").unwrap()["a"], "x\u{fffd}");
        for broken in ["", "{", "{\"a\":\"\\u", "{\"a\":\"\\", "nope", "[]", "1", "{\"a\":\"\\ud83d"] {
            assert!(parse(broken.as_bytes()).is_err(), "{broken}");
        }
    }

    #[test]
    fn times_are_read_in_every_form_and_absurd_ones_are_left_out() {
        let read = |written: &str| moment(&serde_json::from_str(&format!("{{\"t\":{written}}}")).unwrap(), "/t");
        let expected = Timestamp::from_second(1_781_517_600).unwrap();
        for written in
            ["\"1781517600\"", "1781517600", "1781517600.0", "\"2026-06-15T10:00:00+00:00\"", "\"2026-06-15T10:00:00Z\""]
        {
            assert_eq!(read(written), Some(expected), "{written}");
        }
        for absurd in
            ["0", "\"-5\"", "1781517600000", "1e300", "\"NaN\"", "\"inf\"", "null", "[]", "\"soon\"", "\"1999-01-01T00:00:00Z\""]
        {
            assert_eq!(read(absurd), None, "{absurd}");
        }
    }

    #[test]
    fn names_are_one_bounded_line() {
        assert_eq!(name(" Ro\nsa\u{1b}[2J \u{202e}Sample "), "Rosa[2J Sample");
        assert_eq!(name(&"é".repeat(500)).chars().count(), limits::CONTACT_NAME_CHARS_MAX);
    }
}
