//! A validator of the part of JSON Schema draft 7 that our schema uses, so that no test needs a crate of fifty others. A word it
//! does not know is a panic: then it would not be checking.

use regex::Regex;
use serde_json::Value;

/// Words that say something to people only.
const FOR_PEOPLE: &[&str] = &["$schema", "title", "description", "default", "examples", "patternErrorMessage"];

/// What is wrong with `value`, each with its path.
pub fn mistakes(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, value, "", &mut found);
    found
}

fn check(schema: &Value, value: &Value, path: &str, found: &mut Vec<String>) {
    let Value::Object(words) = schema else {
        if *schema == Value::Bool(false) {
            found.push(format!("{path}: nothing may stand here"));
        }
        return;
    };
    let fits = |schema: &Value| mistakes(schema, value).is_empty();
    for (word, rule) in words {
        let holds = match (word.as_str(), value) {
            (word, _) if FOR_PEOPLE.contains(&word) => true,
            ("type", _) => match rule {
                Value::Array(types) => types.iter().any(|one| is(value, one)),
                one => is(value, one),
            },
            ("enum", _) => rule.as_array().unwrap().contains(value),
            ("const", _) => rule == value,
            ("pattern", Value::String(text)) => Regex::new(rule.as_str().unwrap()).unwrap().is_match(text),
            ("maxLength", Value::String(text)) => text.chars().count() <= size(rule),
            ("minimum", Value::Number(number)) => number.as_f64().unwrap() >= rule.as_f64().unwrap(),
            ("maximum", Value::Number(number)) => number.as_f64().unwrap() <= rule.as_f64().unwrap(),
            ("maxItems", Value::Array(items)) => items.len() <= size(rule),
            ("minProperties", Value::Object(entries)) => entries.len() >= size(rule),
            ("maxProperties", Value::Object(entries)) => entries.len() <= size(rule),
            ("required", Value::Object(entries)) => rule.as_array().unwrap().iter().all(|key| entries.contains_key(text(key))),
            ("not", _) => !fits(rule),
            ("anyOf", _) => rule.as_array().unwrap().iter().any(fits),
            ("oneOf", _) => rule.as_array().unwrap().iter().filter(|one| fits(one)).count() == 1,
            ("if", _) => !fits(rule) || fits(&schema["then"]),
            ("items", Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    check(rule, item, &format!("{path}/{index}"), found);
                }
                true
            }
            ("propertyNames", Value::Object(entries)) => {
                entries.keys().all(|key| mistakes(rule, &Value::String(key.clone())).is_empty())
            }
            ("properties", Value::Object(entries)) => {
                for (key, rule) in rule.as_object().unwrap() {
                    if let Some(value) = entries.get(key) {
                        check(rule, value, &format!("{path}/{key}"), found);
                    }
                }
                true
            }
            ("additionalProperties", Value::Object(entries)) => {
                for (key, value) in entries.iter().filter(|(key, _)| schema["properties"].get(key.as_str()).is_none()) {
                    check(rule, value, &format!("{path}/{key}"), found);
                }
                true
            }
            ("dependencies", Value::Object(entries)) => {
                rule.as_object().unwrap().iter().filter(|(key, _)| entries.contains_key(*key)).all(|(_, needs)| match needs {
                    Value::Array(keys) => keys.iter().all(|key| entries.contains_key(text(key))),
                    needs => fits(needs),
                })
            }
            ("then", _) => true, // with its `if`
            (
                "pattern"
                | "maxLength"
                | "minimum"
                | "maximum"
                | "maxItems"
                | "minProperties"
                | "maxProperties"
                | "required"
                | "items"
                | "propertyNames"
                | "properties"
                | "additionalProperties"
                | "dependencies",
                _,
            ) => true, // about values of another type
            (other, _) => panic!("the validator does not know `{other}`"),
        };
        if !holds {
            found.push(format!("{path}: `{word}` does not hold"));
        }
    }
}

fn is(value: &Value, name: &Value) -> bool {
    match text(name) {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("there is no type `{other}`"),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn size(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}
