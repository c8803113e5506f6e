//! Values in and out of Rhai. In: always possible. Out: only data, finite, and within bounds.

use rhai::{Dynamic, ImmutableString};

use super::data::{ListView, RecordView};
use super::given::{ContactView, EventView, NowView, TapView};
use crate::model::{Value, limits};

/// How deep lists and records may nest.
pub(super) const DEPTH_MAX: usize = 32;
/// Values inside one value, itself counted.
pub(super) const NODES_MAX: usize = 10_000;
/// Bytes of all texts inside one value: it may have to fit a conversation's state.
pub(super) const BYTES_MAX: usize = limits::STATE_BYTES_MAX;

/// As Rhai holds it.
pub(super) fn to_dynamic(value: &Value) -> Dynamic {
    match value {
        Value::Nothing => Dynamic::UNIT,
        Value::YesNo(yes) => Dynamic::from_bool(*yes),
        Value::Whole(number) => Dynamic::from_int(*number),
        Value::Decimal(number) => Dynamic::from_float(*number),
        Value::Text(text) => text.as_str().into(),
        Value::List(items) => Dynamic::from_array(items.iter().map(to_dynamic).collect()),
        Value::Record(fields) => {
            Dynamic::from_map(fields.iter().map(|(name, value)| (name.as_str().into(), to_dynamic(value))).collect())
        }
    }
}

/// As the rest of the program holds it, or what is wrong with it in the author's words.
pub(super) fn to_value(value: &Dynamic) -> Result<Value, String> {
    Reader { nodes: 0, bytes: 0 }.read(value, 0)
}

/// What a value is called in a message to an author.
pub(super) fn kind_name(value: &Dynamic) -> &'static str {
    match value {
        _ if value.is_unit() => "nothing",
        _ if value.is_bool() => "yes or no",
        _ if value.is_int() || value.is_float() => "a number",
        _ if value.is_string() || value.is_char() => "a text",
        _ if value.is_array() => "a list",
        _ if value.is_map() => "a record",
        _ if value.is::<ListView>() => "a list",
        _ if value.is::<RecordView>() => "a record",
        _ if value.is_fnptr() => "a function",
        _ if value.is::<ContactView>() => "the contact",
        _ if value.is::<TapView>() => "the tap",
        _ if value.is::<NowView>() => "the time",
        _ if value.is::<EventView>() => "the event",
        _ => "something else",
    }
}

struct Reader {
    nodes: usize,
    bytes: usize,
}

impl Reader {
    fn read(&mut self, value: &Dynamic, depth: usize) -> Result<Value, String> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            return Err(format!("a value with more than {NODES_MAX} values inside"));
        }
        if depth > DEPTH_MAX {
            return Err(format!("a value that nests deeper than {DEPTH_MAX} levels"));
        }
        if let Ok(number) = value.as_int() {
            return Ok(Value::Whole(number));
        }
        if let Ok(number) = value.as_float() {
            return if number.is_finite() { Ok(Value::Decimal(number)) } else { Err("a number that is not finite".to_owned()) };
        }
        if let Ok(yes) = value.as_bool() {
            return Ok(Value::YesNo(yes));
        }
        if let Some(text) = value.read_lock::<ImmutableString>() {
            return self.text(&text);
        }
        self.compound(value, depth)
    }

    fn compound(&mut self, value: &Dynamic, depth: usize) -> Result<Value, String> {
        if let Some(items) = value.read_lock::<rhai::Array>() {
            return items.iter().map(|item| self.read(item, depth + 1)).collect::<Result<_, _>>().map(Value::List);
        }
        if let Some(fields) = value.read_lock::<rhai::Map>() {
            let mut record = std::collections::BTreeMap::new();
            for (name, field) in fields.iter() {
                self.text(name)?;
                record.insert(name.to_string(), self.read(field, depth + 1)?);
            }
            return Ok(Value::Record(record));
        }
        if let Some(list) = value.read_lock::<ListView>() {
            return list.values().map(|item| self.read(&item, depth + 1)).collect::<Result<_, _>>().map(Value::List);
        }
        if let Some(fields) = value.read_lock::<RecordView>() {
            let mut record = std::collections::BTreeMap::new();
            for (name, field) in fields.fields() {
                self.text(name)?;
                record.insert(name.to_owned(), self.read(&field, depth + 1)?);
            }
            return Ok(Value::Record(record));
        }
        if let Ok(letter) = value.as_char() {
            return self.text(letter.encode_utf8(&mut [0; 4]));
        }
        if let Some(contact) = value.read_lock::<ContactView>() {
            return Ok(contact.to_value());
        }
        if let Some(tap) = value.read_lock::<TapView>() {
            return Ok(tap.to_value());
        }
        if let Some(now) = value.read_lock::<NowView>() {
            return self.text(&now.iso());
        }
        if let Some(event) = value.read_lock::<EventView>() {
            return event.to_value();
        }
        if value.is::<()>() {
            return Ok(Value::Nothing);
        }
        Err(format!("{}, which is not data", kind_name(value)))
    }

    fn text(&mut self, text: &str) -> Result<Value, String> {
        self.bytes += text.len();
        if self.bytes > BYTES_MAX {
            return Err(format!("a value with more than {BYTES_MAX} bytes of text"));
        }
        Ok(Value::from(text))
    }
}
