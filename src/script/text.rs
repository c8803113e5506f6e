//! Text functions of Rhai that escape its limits, written anew with a bound: they replace those of the packages.
//!
//! `replace` multiplies: two texts of 60,000 bytes ask for 3.6 GB in one operation. Lists and records share what they hold, so
//! a list of lists of one long text is small in memory and endless when written out (`to_string`, `print`, `${…}`, `to_json`).

use std::borrow::Borrow;
use std::fmt::Write;

use rhai::{Array, Dynamic, Engine, EvalAltResult, ImmutableString, Map, Position};

use super::data::{ListView, RecordView};
use super::fence::{self, Limit};

/// How deep lists and records are written out.
const DEPTH_MAX: usize = 32;

type Reply<T> = Result<T, Box<EvalAltResult>>;

pub(super) fn register(engine: &mut Engine) {
    engine
        .register_fn("replace", |text: &mut ImmutableString, find: &str, by: &str| replace(text, find, by))
        .register_fn("replace", |text: &mut ImmutableString, find: &str, by: char| {
            replace(text, find, by.encode_utf8(&mut [0; 4]))
        })
        .register_fn("replace", |text: &mut ImmutableString, find: char, by: &str| {
            replace(text, find.encode_utf8(&mut [0; 4]), by)
        })
        .register_fn("replace", |text: &mut ImmutableString, find: char, by: char| {
            replace(text, find.encode_utf8(&mut [0; 4]), by.encode_utf8(&mut [0; 4]))
        });
    for name in ["to_string", "to_debug", "print", "debug"] {
        engine.register_fn(name, |list: &mut Array| written_out(|out| list_out(out, list, 0)));
        engine.register_fn(name, |record: &mut Map| written_out(|out| record_out(out, record, 0)));
    }
    engine.register_fn("to_json", to_json);
}

/// What a text limit says when there is no text left to say it.
pub(super) fn too_long() -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorDataTooLarge("text".to_owned(), Position::NONE))
}

/// `value` as a person reads it.
pub(super) fn shown(value: &Dynamic) -> Reply<String> {
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return Ok(text.to_string());
    }
    let mut out = Bounded(String::new());
    value_out(&mut out, value, 0).map_err(|_| too_long())?;
    Ok(out.0)
}

fn replace(text: &mut ImmutableString, find: &str, by: &str) -> Reply<()> {
    let times = text.matches(find).count();
    let size = (text.len() - times * find.len()).saturating_add(times.saturating_mul(by.len()));
    if size > fence::STRING_BYTES_MAX {
        return Err(too_long());
    }
    *text = text.replace(find, by).into();
    Ok(())
}

/// Inside `${…}` Rhai takes an error for "write it in some other way", so the fence has to stop the call.
fn written_out(write: impl FnOnce(&mut Bounded) -> std::fmt::Result) -> ImmutableString {
    let mut out = Bounded(String::new());
    if write(&mut out).is_err() {
        fence::trip(Limit::Text);
        return ImmutableString::new();
    }
    out.0.into()
}

/// A text that refuses to grow beyond the fence.
struct Bounded(String);

impl Write for Bounded {
    fn write_str(&mut self, more: &str) -> std::fmt::Result {
        if self.0.len() + more.len() > fence::STRING_BYTES_MAX {
            return Err(std::fmt::Error);
        }
        self.0.push_str(more);
        Ok(())
    }
}

fn list_out(out: &mut Bounded, list: &Array, depth: usize) -> std::fmt::Result {
    items_out(out, list.iter(), depth)
}

fn items_out(out: &mut Bounded, items: impl Iterator<Item = impl Borrow<Dynamic>>, depth: usize) -> std::fmt::Result {
    out.write_str("[")?;
    for (index, item) in items.enumerate() {
        out.write_str(if index > 0 { ", " } else { "" })?;
        value_out(out, item.borrow(), depth + 1)?;
    }
    out.write_str("]")
}

fn record_out(out: &mut Bounded, record: &Map, depth: usize) -> std::fmt::Result {
    fields_out(out, record.iter().map(|(name, value)| (name.as_str(), value)), depth)
}

fn fields_out<'n>(
    out: &mut Bounded,
    fields: impl Iterator<Item = (&'n str, impl Borrow<Dynamic>)>,
    depth: usize,
) -> std::fmt::Result {
    out.write_str("#{")?;
    for (index, (name, value)) in fields.enumerate() {
        write!(out, "{}{name:?}: ", if index > 0 { ", " } else { "" })?;
        value_out(out, value.borrow(), depth + 1)?;
    }
    out.write_str("}")
}

fn value_out(out: &mut Bounded, value: &Dynamic, depth: usize) -> std::fmt::Result {
    if depth > DEPTH_MAX {
        return Err(std::fmt::Error);
    }
    if let Some(list) = value.read_lock::<Array>() {
        return list_out(out, &list, depth);
    }
    if let Some(record) = value.read_lock::<Map>() {
        return record_out(out, &record, depth);
    }
    if let Some(list) = value.read_lock::<ListView>() {
        return items_out(out, list.values(), depth);
    }
    if let Some(record) = value.read_lock::<RecordView>() {
        return fields_out(out, record.fields(), depth);
    }
    if let Some(text) = value.read_lock::<ImmutableString>() {
        return write!(out, "{:?}", text.as_str());
    }
    // What is left is small: numbers, letters, yes and no, nothing, contact, tap, now, the name of a function.
    match super::convert::to_value(value) {
        Ok(crate::model::Value::Text(text)) => out.write_str(&text),
        Ok(crate::model::Value::Nothing) => out.write_str("()"),
        Ok(crate::model::Value::Record(_)) | Err(_) => out.write_str(super::convert::kind_name(value)),
        Ok(_) => write!(out, "{value}"),
    }
}

/// A view of a data file as a person reads it.
pub(super) fn view_out(view: &Dynamic) -> ImmutableString {
    written_out(|out| value_out(out, view, 0))
}

fn to_json(record: &mut Map) -> Reply<ImmutableString> {
    to_json_of(&Dynamic::from_map(record.clone()))
}

/// The JSON of a record or of a view of one.
pub(super) fn to_json_of(record: &Dynamic) -> Reply<ImmutableString> {
    let value = super::convert::to_value(record).map_err(|why| format!("to_json: this is {why}"))?;
    let json = serde_json::to_string(&value).map_err(|why| format!("to_json: {why}"))?;
    if json.len() > fence::STRING_BYTES_MAX {
        return Err(too_long());
    }
    Ok(json.into())
}
