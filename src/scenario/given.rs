//! `given`: what script functions give, or how they fail, without being run.

use crate::flow::read::Reader;
use crate::flow::schema::as_editors_read;
use crate::flow::{Pretended, keys};
use crate::model::Value;
use crate::source::{Code, Diagnostic, Node, NodeKind, nearest};

/// Reads a mapping of `script.function` to what it gives.
pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<Vec<(String, Pretended)>> {
    let entries = reader.fields(node, "`given`")?.into_entries();
    let mut found = Vec::with_capacity(entries.len());
    for (key, node) in entries {
        let known = reader.scripts.functions();
        let names: Vec<String> = known.iter().map(|one| format!("{}.{}", one.script, one.name)).collect();
        if !names.contains(&key.text) {
            let message = format!("no script has the function `{}`", key.text);
            let mistake = Diagnostic::error(Code::UNKNOWN_FUNCTION, key.span, message);
            reader.note(match nearest(&key.text, names.iter().map(String::as_str)) {
                Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(key.span, near),
                None => mistake.help("write `script.function`, as the `run` of a step does"),
            });
            continue;
        }
        found.extend(pretended(reader, node).map(|pretended| (key.text.clone(), pretended)));
    }
    Some(found)
}

/// A value alone is what the function gives; `{fails: why}` and `{gives: value}` say which of the two is meant.
fn pretended(reader: &Reader<'_>, node: &Node) -> Option<Pretended> {
    let NodeKind::Map(entries) = &node.kind else { return Some(Pretended::Gives(value(node))) };
    if !entries.iter().any(|(key, _)| ["fails", "gives"].contains(&key.text.as_str())) {
        return Some(Pretended::Gives(value(node)));
    }
    let mut fields = reader.fields(node, "what the function gives")?;
    let fails = fields.take("fails").and_then(|(_, node)| reader.scalar(node, "`fails`"));
    let gives = fields.take("gives").map(|(_, node)| value(node));
    fields.finish(reader, &keys::GIVEN);
    match (fails, gives) {
        (Some(_), Some(_)) => {
            reader.note(
                Diagnostic::error(Code::TOGETHER, node.span, "a function either gives something or fails")
                    .help("take `fails` or `gives` out"),
            );
            None
        }
        (Some(why), None) => Some(Pretended::Fails(why.to_owned())),
        (None, value) => Some(Pretended::Gives(value?)),
    }
}

/// What is written, as a script would give it: `450` is a number, `Kochi` a text, nothing at all is nothing.
pub(super) fn value(node: &Node) -> Value {
    // Every JSON value is one of ours.
    serde_json::from_value(as_editors_read(node)).unwrap_or_default()
}
