//! What a variable holds.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// A value of a flow's variable, a script's argument or its result.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Not set.
    #[default]
    Nothing,
    /// True or false; what `yes_no` variables hold.
    YesNo(bool),
    /// A whole number.
    Whole(i64),
    /// A number with a fraction.
    Decimal(f64),
    /// Text.
    Text(String),
    /// Values in order.
    List(Vec<Value>),
    /// Values by name.
    Record(BTreeMap<String, Value>),
}

impl Value {
    /// Whether nothing was ever put here.
    pub fn is_nothing(&self) -> bool {
        matches!(self, Value::Nothing)
    }

    /// The value under a dotted path, `Nothing` where a part of the path is missing.
    pub fn at<'a>(&'a self, path: &[String]) -> &'a Value {
        const NOTHING: &Value = &Value::Nothing;
        path.iter().fold(self, |value, part| match value {
            Value::Record(fields) => fields.get(part).unwrap_or(NOTHING),
            Value::Nothing | Value::YesNo(_) | Value::Whole(_) | Value::Decimal(_) | Value::Text(_) | Value::List(_) => NOTHING,
        })
    }

    /// What kind of value this is, in the author's words.
    pub fn kind_name(&self) -> &'static str {
        match self {
            Value::Nothing => "nothing",
            Value::YesNo(_) => "yes_no",
            Value::Whole(_) | Value::Decimal(_) => "number",
            Value::Text(_) => "text",
            Value::List(_) => "list",
            Value::Record(_) => "record",
        }
    }
}

impl fmt::Display for Value {
    /// As a contact reads it inside a text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Nothing => Ok(()),
            Value::YesNo(true) => f.write_str("yes"),
            Value::YesNo(false) => f.write_str("no"),
            Value::Whole(number) => write!(f, "{number}"),
            Value::Decimal(number) => write!(f, "{number}"),
            Value::Text(text) => f.write_str(text),
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{item}")?;
                }
                Ok(())
            }
            Value::Record(fields) => {
                for (index, (name, value)) in fields.iter().enumerate() {
                    if index > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{name}: {value}")?;
                }
                Ok(())
            }
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}
