//! JSON. Keys that stand twice in one record are refused; numbers that fit no whole number of 64 bits become decimal ones.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;
use std::sync::Arc;

use rhai::ImmutableString;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{Count, Datum, bad, list};
use crate::source::{Diagnostic, SourceId, Span};

pub(super) fn read(id: SourceId, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Datum> {
    let mut count = Count::default();
    let mut reader = serde_json::Deserializer::from_str(text);
    let outcome = One { count: &mut count, depth: 0 }.deserialize(&mut reader).and_then(|datum| reader.end().map(|()| datum));
    outcome.map_err(|error| diagnostics.push(told(id, text, &error))).ok()
}

fn told(id: SourceId, text: &str, error: &serde_json::Error) -> Diagnostic {
    let start: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    // Columns count bytes, and point behind what was read.
    let at = text.floor_char_boundary((start + error.column().saturating_sub(1)).min(text.len()));
    let length = text[at..].chars().next().filter(|sign| *sign != '\n').map_or(0, char::len_utf8);
    let said = error.to_string();
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
    let span = Span::new(id, at, at + length);
    if error.is_data() {
        return bad(span, said);
    }
    let help = match &text[at..at + length] {
        "'" => "Texts stand in double quotes.",
        "}" | "]" => "Take the comma before it away.",
        "/" | "#" => "JSON has no comments; a YAML file may have them.",
        _ => "Texts and keys stand in double quotes, and commas between values.",
    };
    bad(span, format!("this cannot be read as JSON: {said}")).help(help)
}

/// One value.
struct One<'c> {
    count: &'c mut Count,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for One<'_> {
    type Value = Datum;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Datum, D::Error> {
        self.count.one_more(self.depth).map_err(D::Error::custom)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for One<'_> {
    type Value = Datum;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Datum, E> {
        Ok(Datum::Nothing)
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Datum, E> {
        Ok(Datum::YesNo(yes))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Datum, E> {
        Ok(Datum::Whole(number))
    }

    #[allow(clippy::cast_precision_loss)] // larger than any whole number of ours
    fn visit_u64<E>(self, number: u64) -> Result<Datum, E> {
        Ok(i64::try_from(number).map_or(Datum::Decimal(number as f64), Datum::Whole))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Datum, E> {
        Ok(Datum::Decimal(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Datum, E> {
        Ok(Datum::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Datum, A::Error> {
        let mut found = Vec::new();
        while let Some(item) = items.next_element_seed(One { count: self.count, depth: self.depth + 1 })? {
            found.push(item);
        }
        list(found).map_err(A::Error::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Datum, A::Error> {
        let mut found: BTreeMap<ImmutableString, Datum> = BTreeMap::new();
        while let Some(key) = fields.next_key::<String>()? {
            match found.entry(key.as_str().into()) {
                Entry::Occupied(_) => return Err(A::Error::custom(format!("the key `{key}` stands twice in one record"))),
                Entry::Vacant(free) => {
                    free.insert(fields.next_value_seed(One { count: self.count, depth: self.depth + 1 })?);
                }
            }
        }
        Ok(Datum::Record(Arc::new(found)))
    }
}
