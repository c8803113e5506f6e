//! The table of keys as a JSON Schema (draft 7), which makes editors complete and check flow files.
//!
//! Everything the reader takes, the schema takes; what it cannot know (where names lead, whether a text is too long with its
//! values) it leaves to `check`. Written out without references: the language is small, and every tool reads it that way.

use serde_json::{Map, Value, json};

use super::keys::{self, Key, Rule, Shape, Takes};
use crate::model::limits;
use crate::source::{Node, NodeKind, SourceId, parse_yaml};

/// What a scalar may look like to YAML and still be a text to us: `No`, `12:30`, `007`, `true`, `~`.
const SCALARS: [&str; 4] = ["string", "number", "boolean", "null"];

/// The schema of a flow file.
pub fn flow() -> Value {
    file(&keys::FLOW, "A flow of Buttonhook")
}

/// The schema of `flows/_always.yaml`.
pub fn always() -> Value {
    file(&keys::ALWAYS, "What holds for every flow of a project")
}

/// The schema of a language file.
pub fn language() -> Value {
    file(&keys::LANGUAGE, "Texts of a flow in another language")
}

/// The schema of a file in `tests/`. Places of `cases` may stand for whatever a line takes.
pub fn tests() -> Value {
    file(&keys::TESTS, "Conversations that buttonhook test plays")
}

fn file(shape: &Shape, title: &str) -> Value {
    let mut schema = self::shape(shape);
    let head = json!({"$schema": "http://json-schema.org/draft-07/schema#", "title": title});
    if let (Value::Object(schema), Value::Object(head)) = (&mut schema, head) {
        schema.extend(head);
    }
    schema
}

/// A mapping with its keys.
pub fn shape(shape: &Shape) -> Value {
    let properties: Map<String, Value> = shape.keys.iter().map(|key| (key.name.to_owned(), self::key(key))).collect();
    let needed: Vec<&str> = shape.keys.iter().filter(|key| key.needed).map(|key| key.name).collect();
    let mut schema = json!({
        "type": "object",
        "description": shape.about,
        "properties": properties,
        "additionalProperties": false,
    });
    if !needed.is_empty() {
        schema["required"] = json!(needed);
    }
    let mut beside: Map<String, Value> = shape.keys.iter().filter(|key| !key.beside.is_empty()).map(belongs).collect();
    match shape.rule {
        Rule::None => {}
        Rule::One => {
            schema["minProperties"] = json!(1);
            schema["maxProperties"] = json!(1);
        }
        Rule::Rest(each) => schema["additionalProperties"] = takes(each),
        Rule::Any(keys) => schema["anyOf"] = keys.iter().map(|key| json!({"required": [key]})).collect(),
        Rule::Without(other) => schema["properties"][other] = json!(false),
        Rule::Ending(endings) => {
            schema["oneOf"] = endings.iter().map(ending).collect();
            // What a question cannot do without stands in the table as parts of it.
            beside.insert("ask".to_owned(), json!(["into", "go"]));
            beside.insert("enter".to_owned(), json!({"oneOf": [{"required": ["go"]}, {"required": ["endings"]}]}));
        }
    }
    if !beside.is_empty() {
        schema["dependencies"] = Value::Object(beside);
    }
    schema
}

/// That `key` stands beside one of the keys to which it belongs.
fn belongs(key: &Key) -> (String, Value) {
    let beside = match key.beside {
        [one] => json!([one]),
        several => json!({"anyOf": several.iter().map(|one| json!({"required": [one]})).collect::<Vec<_>>()}),
    };
    (key.name.to_owned(), beside)
}

fn ending(ending: &keys::Ending) -> Value {
    match ending.part_of {
        [] => json!({"required": [ending.key]}),
        [whole] => json!({"required": [ending.key], "not": {"required": [whole]}}),
        several => {
            let whole: Vec<_> = several.iter().map(|whole| json!({"required": [whole]})).collect();
            json!({"required": [ending.key], "not": {"anyOf": whole}})
        }
    }
}

/// What stands behind the colon of `key`, with its description, default and example.
fn key(key: &Key) -> Value {
    let mut schema = takes(&key.takes);
    schema["description"] = json!(key.about);
    schema["examples"] = json!([read(key.example)]);
    if !key.usually.is_empty() {
        schema["default"] = read(key.usually);
    }
    schema
}

fn takes(takes: &Takes) -> Value {
    match *takes {
        Takes::Version => json!({"enum": [1, "1"]}),
        Takes::Text(usize::MAX) => json!({"type": SCALARS}),
        // A text with places for values has no length before they are filled.
        Takes::Text(most) => json!({
            "type": SCALARS,
            "if": {"type": "string", "not": {"pattern": "[{]"}},
            "then": {"maxLength": most},
        }),
        Takes::Address => fitting("^https?://", "begin it with `https://` or `http://`"),
        Takes::Like(pattern, otherwise) => fitting(pattern, otherwise),
        // `true` may be the name of a step. Nothing at all may not: there the editor should speak up.
        Takes::Name => json!({
            "type": ["string", "boolean"],
            "pattern": name_pattern(),
            "patternErrorMessage": NAME_RULE,
        }),
        Takes::Expression => json!({"type": SCALARS}),
        Takes::Whole(least, most) => json!({
            "type": ["integer", "string"], "minimum": least, "maximum": most, "pattern": "^[+]?[0-9]+$",
        }),
        Takes::Number => json!({"type": ["number", "string"], "pattern": "^[+-]?[0-9.]+([eE][+-]?[0-9]+)?$"}),
        Takes::YesNo => json!({"type": "boolean"}),
        Takes::OneOf([only]) => json!({"const": only}),
        Takes::OneOf(words) => json!({"enum": words}),
        Takes::Any => json!({}),
        Takes::Values => json!({"type": "object"}),
        Takes::TextOr(shape) => json!({"anyOf": [{"type": SCALARS}, self::shape(shape)]}),
        Takes::WordOr(words, shape) => {
            json!({"anyOf": [{"enum": words}, {"type": "string", "pattern": "[{]"}, self::shape(shape)]})
        }
        Takes::OneOrMore(each, most) => one_or_more(self::takes(each), most),
        Takes::List(each) => json!({"type": "array", "items": self::takes(each)}),
        Takes::Texts => json!({"type": "object"}),
        // Words alone may stand there as well.
        Takes::ByWord(each) => json!({
            "type": "object",
            "additionalProperties": {"anyOf": [self::takes(each), one_or_more(self::takes(&Takes::Text(usize::MAX)), usize::MAX)]},
        }),
        Takes::Of(shape) => self::shape(shape),
        Takes::AnyOf(several) => json!({"anyOf": several.iter().map(self::takes).collect::<Vec<_>>()}),
        Takes::Either(shapes) => json!({"oneOf": shapes.iter().map(|shape| self::shape(shape)).collect::<Vec<_>>()}),
        Takes::Keyed(pattern, each) => json!({
            "type": "object", "propertyNames": {"pattern": pattern}, "additionalProperties": self::takes(each),
        }),
        Takes::Named(each, least, most) => named(self::takes(each), least, most),
    }
}

const NAME_RULE: &str = "names are small letters, digits and `_`, begin with a letter, and have at most 64 characters";

fn name_pattern() -> String {
    format!("^[a-z][a-z0-9_]{{0,{}}}$", limits::NAME_CHARS_MAX - 1)
}

fn fitting(pattern: &str, otherwise: &str) -> Value {
    json!({"type": "string", "pattern": pattern, "patternErrorMessage": otherwise})
}

/// A list of what `each` takes, or one of it alone. A mapping is never taken alone.
fn one_or_more(each: Value, most: usize) -> Value {
    let list = match most {
        usize::MAX => json!({"type": "array", "items": each}),
        most => json!({"type": "array", "items": each, "maxItems": most}),
    };
    if each["type"] == "object" { list } else { json!({"anyOf": [list, each]}) }
}

fn named(each: Value, least: usize, most: usize) -> Value {
    let mut schema = json!({
        "type": "object",
        "propertyNames": {"pattern": name_pattern(), "patternErrorMessage": NAME_RULE},
        "additionalProperties": each,
    });
    if least > 0 {
        schema["minProperties"] = json!(least);
    }
    if most < usize::MAX {
        schema["maxProperties"] = json!(most);
    }
    schema
}

/// A text of the table, written as YAML. A mistake in it is ours; it then stands as it is, and a test fails.
fn read(yaml: &str) -> Value {
    parse_yaml(SourceId(0), yaml).0.map_or_else(|| json!(yaml), |node| as_editors_read(&node))
}

/// `node` with the types that YAML 1.2 gives it: an editor checks `12` as a number and `12:30` as a text.
pub fn as_editors_read(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Empty => Value::Null,
        NodeKind::Scalar { text, quoted: true, .. } => json!(text),
        NodeKind::Scalar { text, .. } => plain(text),
        NodeKind::List(items) => items.iter().map(as_editors_read).collect(),
        NodeKind::Map(entries) => {
            Value::Object(entries.iter().map(|(key, node)| (key.text.clone(), as_editors_read(node))).collect())
        }
    }
}

/// A plain scalar by the core schema of YAML 1.2, as far as JSON can hold it.
fn plain(text: &str) -> Value {
    let digits = text.trim_start_matches(['+', '-']);
    let numeric = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') && text.len() - digits.len() <= 1;
    let unsigned = text.strip_prefix('+').unwrap_or(text);
    match text {
        "null" | "Null" | "NULL" | "~" => Value::Null,
        "true" | "True" | "TRUE" => json!(true),
        "false" | "False" | "FALSE" => json!(false),
        _ if numeric => match (unsigned.parse::<i64>(), unsigned.parse::<f64>()) {
            (Ok(whole), _) => json!(whole),
            (_, Ok(number)) if number.is_finite() => json!(number),
            _ => json!(text),
        },
        _ => json!(text),
    }
}
