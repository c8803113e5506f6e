//! Data as scripts see it: views of lists and records that are handed on without copying what they hold. Nothing changes it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rhai::{Array, Dynamic, Engine, EvalAltResult, FnPtr, ImmutableString, NativeCallContext};

use super::super::fence::ITEMS_MAX;
use super::super::{convert, text};
use super::{Datum, Library};
use crate::source::nearest;

/// `data`
#[derive(Debug, Clone)]
struct Root(Arc<Library>);

/// A list of a data file.
#[derive(Debug, Clone)]
pub(in super::super) struct ListView(Arc<Vec<Datum>>);

/// A record of a data file.
#[derive(Debug, Clone)]
pub(in super::super) struct RecordView(Arc<BTreeMap<ImmutableString, Datum>>);

type Reply<T = Dynamic> = Result<T, Box<EvalAltResult>>;

/// The value of `data`.
pub(in super::super) fn root(library: &Arc<Library>) -> Dynamic {
    Dynamic::from(Root(Arc::clone(library)))
}

fn shown(datum: &Datum) -> Dynamic {
    match datum {
        Datum::Nothing => Dynamic::UNIT,
        Datum::YesNo(yes) => Dynamic::from_bool(*yes),
        Datum::Whole(number) => Dynamic::from_int(*number),
        Datum::Decimal(number) => Dynamic::from_float(*number),
        Datum::Text(text) => text.clone().into(),
        Datum::List(items) => Dynamic::from(ListView(Arc::clone(items))),
        Datum::Record(fields) => Dynamic::from(RecordView(Arc::clone(fields))),
    }
}

impl ListView {
    /// The values in it.
    pub(in super::super) fn values(&self) -> impl Iterator<Item = Dynamic> {
        self.0.iter().map(shown)
    }

    fn at(&self, index: i64) -> Reply {
        let length = self.0.len();
        let from_end = |index: i64| usize::try_from(index.unsigned_abs()).ok().and_then(|back| length.checked_sub(back));
        let place = if index < 0 { from_end(index) } else { usize::try_from(index).ok() };
        let found = place.and_then(|place| self.0.get(place)).map(shown);
        found.ok_or_else(|| EvalAltResult::ErrorArrayBounds(length, index, rhai::Position::NONE).into())
    }

    /// The records whose `column` is `value`.
    fn rows<'a>(&'a self, column: &'a str, value: &'a Dynamic) -> impl Iterator<Item = &'a Datum> {
        self.0.iter().filter(move |row| match row {
            Datum::Record(fields) => fields.get(column).is_some_and(|field| is(field, value)),
            _ => false,
        })
    }

    /// An error when no record has a `column`: then it is misspelt.
    fn has(&self, column: &str) -> Reply<()> {
        let columns = || {
            self.0.first().into_iter().filter_map(|row| if let Datum::Record(fields) = row { Some(fields.keys()) } else { None })
        };
        let known =
            self.0.is_empty() || self.0.iter().any(|row| matches!(row, Datum::Record(fields) if fields.contains_key(column)));
        if known {
            return Ok(());
        }
        let near = nearest(column, columns().flatten().map(|name| name.as_str()));
        let meant = near.map(|near| format!("; did you mean \"{near}\"?")).unwrap_or_default();
        Err(format!("no record of the list has a \"{column}\"{meant}").into())
    }
}

/// Whether a value of a file is the same as one of a script; `2` and `2.0` are.
#[allow(clippy::cast_precision_loss)] // as Rhai compares them
fn is(datum: &Datum, value: &Dynamic) -> bool {
    let number = || value.as_float().ok().or_else(|| value.as_int().ok().map(|whole| whole as f64));
    match datum {
        Datum::Nothing => value.is_unit(),
        Datum::YesNo(yes) => value.as_bool() == Ok(*yes),
        Datum::Whole(whole) => value.as_int() == Ok(*whole) || value.as_float() == Ok(*whole as f64),
        Datum::Decimal(decimal) => number() == Some(*decimal),
        Datum::Text(text) => value.read_lock::<ImmutableString>().is_some_and(|other| *other == *text),
        Datum::List(_) | Datum::Record(_) => false,
    }
}

impl RecordView {
    /// The fields in it.
    pub(in super::super) fn fields(&self) -> impl Iterator<Item = (&str, Dynamic)> {
        self.0.iter().map(|(name, datum)| (name.as_str(), shown(datum)))
    }

    fn get(&self, name: &str) -> Dynamic {
        self.0.get(name).map_or(Dynamic::UNIT, shown)
    }
}

/// Values of a call, if a script may hold that many at once.
fn array(values: impl Iterator<Item = Dynamic>) -> Reply<Array> {
    let found: Array = values.take(ITEMS_MAX + 1).collect();
    if found.len() > ITEMS_MAX {
        return Err(Box::new(EvalAltResult::ErrorDataTooLarge("array".to_owned(), rhai::Position::NONE)));
    }
    Ok(found)
}

fn length(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// Asks a script's function about one value.
fn ask(context: &NativeCallContext<'_>, function: &FnPtr, value: Dynamic) -> Reply<bool> {
    let answer: Dynamic = function.call_within_context(context, (value,))?;
    answer
        .as_bool()
        .map_err(|_| format!("the |…| function gives {} where true or false belongs", convert::kind_name(&answer)).into())
}

/// Teaches `engine` the views.
pub(in super::super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Root>("data").register_indexer_get(|root: &mut Root, name: &str| -> Reply {
        root.0.get(name).map(shown).ok_or_else(|| format!("there is no data file `{name}`").into())
    });
    records(engine);
    lists(engine);
    searches(engine);
}

fn records(engine: &mut Engine) {
    engine
        .register_type_with_name::<RecordView>("record")
        .register_indexer_get(|record: &mut RecordView, name: &str| record.get(name))
        .register_fn("contains", |record: &mut RecordView, name: &str| record.0.contains_key(name))
        .register_fn("len", |record: &mut RecordView| length(record.0.len()))
        .register_fn("is_empty", |record: &mut RecordView| record.0.is_empty())
        .register_fn("keys", |record: &mut RecordView| array(record.0.keys().map(|name| name.clone().into())))
        .register_fn("values", |record: &mut RecordView| array(record.0.values().map(shown)))
        .register_fn("to_json", |record: &mut RecordView| text::to_json_of(&Dynamic::from(record.clone())));
    for name in ["to_string", "to_debug", "print", "debug"] {
        engine.register_fn(name, |record: &mut RecordView| text::view_out(&Dynamic::from(record.clone())));
    }
}

fn lists(engine: &mut Engine) {
    engine
        .register_type_with_name::<ListView>("list")
        .register_indexer_get(|list: &mut ListView, index: i64| list.at(index))
        .register_iterator::<ListView>()
        .register_fn("len", |list: &mut ListView| length(list.0.len()))
        .register_fn("is_empty", |list: &mut ListView| list.0.is_empty())
        .register_fn("contains", |list: &mut ListView, value: Dynamic| list.0.iter().any(|datum| is(datum, &value)))
        // A list of the script's own, which can be sorted and changed.
        .register_fn("to_array", |list: &mut ListView| array(list.values()));
    for name in ["to_string", "to_debug", "print", "debug"] {
        engine.register_fn(name, |list: &mut ListView| text::view_out(&Dynamic::from(list.clone())));
    }
}

fn searches(engine: &mut Engine) {
    engine
        .register_fn("find", |list: &mut ListView, column: &str, value: Dynamic| -> Reply {
            list.has(column)?;
            Ok(list.rows(column, &value).next().map_or(Dynamic::UNIT, shown))
        })
        .register_fn("filter", |list: &mut ListView, column: &str, value: Dynamic| -> Reply<Array> {
            list.has(column)?;
            array(list.rows(column, &value).map(shown))
        })
        .register_fn("find", |context: NativeCallContext<'_>, list: &mut ListView, function: FnPtr| -> Reply {
            for value in list.values() {
                if ask(&context, &function, value.clone())? {
                    return Ok(value);
                }
            }
            Ok(Dynamic::UNIT)
        })
        .register_fn("filter", |context: NativeCallContext<'_>, list: &mut ListView, function: FnPtr| -> Reply<Array> {
            let mut found = Array::new();
            for value in list.values() {
                if ask(&context, &function, value.clone())? {
                    found.push(value);
                }
            }
            array(found.into_iter())
        })
        .register_fn("map", |context: NativeCallContext<'_>, list: &mut ListView, function: FnPtr| -> Reply<Array> {
            let mut found = Array::new();
            for value in list.values().take(ITEMS_MAX + 1) {
                found.push(function.call_within_context(&context, (value,))?);
            }
            array(found.into_iter())
        });
}

impl IntoIterator for ListView {
    type Item = Dynamic;
    type IntoIter = Walk;

    fn into_iter(self) -> Walk {
        Walk { list: self.0, next: 0 }
    }
}

/// Goes through a list without copying it.
pub(in super::super) struct Walk {
    list: Arc<Vec<Datum>>,
    next: usize,
}

impl Iterator for Walk {
    type Item = Dynamic;

    fn next(&mut self) -> Option<Dynamic> {
        let value = self.list.get(self.next).map(shown);
        self.next += 1;
        value
    }
}
