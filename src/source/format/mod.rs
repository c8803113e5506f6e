//! The canonical form of a YAML file: two spaces a level, one space behind `:` and `,`, none inside of braces, no spaces at the
//! ends of lines, at most one blank line in a row, line ends as on Unix.
//!
//! Nothing is written anew: the tokens of the file are set out again with other space between them. So comments, quotes, order
//! and line breaks stay as they are by construction. What the file means is compared before and after, and a file for which
//! that cannot be shown is left alone. Must never: change a text, drop a comment, or give something that it would change again.

mod layout;
mod tokens;

use std::fmt;

use super::diagnostic::Diagnostic;
use super::sources::SourceId;
use super::tree::{Node, NodeKind};
use super::yaml;

/// Why a file was left as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unformatted {
    /// It is not YAML, or not all of it can be kept.
    Mistakes,
    /// It uses a part of YAML that the formatter does not touch: what that is.
    Unusual(&'static str),
    /// It would have meant something else afterwards. A mistake of ours.
    Meaning,
}

impl fmt::Display for Unformatted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unformatted::Mistakes => f.write_str("it has mistakes; `buttonhook check` tells them"),
            Unformatted::Unusual(what) => write!(f, "it holds {what}"),
            Unformatted::Meaning => f.write_str("it would not mean the same afterwards; please report it"),
        }
    }
}

/// `text` in canonical form.
///
/// # Errors
/// When the text has mistakes, or cannot be set out again without doubt; it is then to be left alone.
pub fn format(text: &str) -> Result<String, Unformatted> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
    if text.contains('\r') {
        return Err(Unformatted::Unusual("a carriage return that ends no line"));
    }
    let before = sound(&text)?;
    let read = tokens::read(&text)?;
    let formatted = layout::set_out(&text, &read);
    let after = sound(&formatted).map_err(|_| Unformatted::Meaning)?;
    let kept = tokens::read(&formatted).is_ok_and(|again| {
        let comments = |text: &'_ str, all: &[tokens::Token]| -> Vec<String> {
            all.iter().filter_map(|token| token.comment(text)).map(str::to_owned).collect()
        };
        comments(&text, &read) == comments(&formatted, &again)
    });
    if kept && same(&before, &after) { Ok(formatted) } else { Err(Unformatted::Meaning) }
}

/// The tree of a text without errors.
fn sound(text: &str) -> Result<Node, Unformatted> {
    let (node, diagnostics) = yaml::parse(SourceId(0), text);
    node.filter(|_| !diagnostics.iter().any(Diagnostic::is_error)).ok_or(Unformatted::Mistakes)
}

/// Whether two trees hold the same, wherever it stands. Trees are bounded in depth, so the recursion is.
fn same(one: &Node, other: &Node) -> bool {
    match (&one.kind, &other.kind) {
        (NodeKind::Empty, NodeKind::Empty) => true,
        (NodeKind::Scalar { text: one, quoted: mine, .. }, NodeKind::Scalar { text: other, quoted: theirs, .. }) => {
            one == other && mine == theirs
        }
        (NodeKind::List(one), NodeKind::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (NodeKind::Map(one), NodeKind::Map(other)) => {
            let entry = |((key, one), (other_key, other)): (&(_, Node), &(_, Node))| {
                let (key, other_key): (&super::tree::Key, &super::tree::Key) = (key, other_key);
                key.text == other_key.text && same(one, other)
            };
            one.len() == other.len() && one.iter().zip(other).all(entry)
        }
        _ => false,
    }
}
