//! Helpers for texts: `money`, `fixed`, `join`.

use rhai::{Array, Dynamic, Engine, ImmutableString};

use super::Reply;
use crate::script::{convert, fence, text};

/// Digits after the point that mean something in a number of 64 bits.
const DIGITS_MAX: i64 = 15;

pub(super) fn register(engine: &mut Engine) {
    engine
        .register_fn("money", |value: Dynamic| fixed("money", &value, 2))
        .register_fn("fixed", |value: Dynamic, digits: i64| fixed("fixed", &value, digits))
        .register_fn("join", join);
}

/// `value` with exactly `digits` digits after the point: `99.9` becomes `99.90`.
fn fixed(who: &str, value: &Dynamic, digits: i64) -> Reply<ImmutableString> {
    let Some(places) = usize::try_from(digits).ok().filter(|_| digits <= DIGITS_MAX) else {
        return Err(format!("{who}: 0 to {DIGITS_MAX} digits, not {digits}").into());
    };
    if let Ok(whole) = value.as_int() {
        // Not by way of a float, which cannot hold every whole number.
        let zeros = "0".repeat(places);
        return Ok(if places == 0 { whole.to_string() } else { format!("{whole}.{zeros}") }.into());
    }
    match value.as_float() {
        Ok(number) if number.is_finite() => Ok(format!("{number:.places$}").into()),
        Ok(_) => Err(format!("{who}: the number is not finite").into()),
        Err(_) => Err(format!("{who}: a number was expected, not {}", convert::kind_name(value)).into()),
    }
}

/// The values of `list` as one text.
fn join(list: Array, between: &str) -> Reply<ImmutableString> {
    let mut joined = String::new();
    for (index, item) in list.iter().enumerate() {
        if index > 0 {
            joined.push_str(between);
        }
        joined.push_str(&text::shown(item)?);
        if joined.len() > fence::STRING_BYTES_MAX {
            return Err(text::too_long());
        }
    }
    Ok(joined.into())
}
