//! Which lines of a script ran: a copy of the script with a mark before the first statement of each line, for those who measure
//! what their tests reach. What runs for contacts never has marks.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Engine, Position, Stmt};

use super::desk;
use super::engine::engines;

/// The function that a mark calls. It is offered to nobody, and does nothing where lines are not counted.
pub(super) const MARK: &str = "__line_ran";

/// A script with its marks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// Its text. Every line is where it was.
    pub text: String,
    /// The lines that have a mark, from 1, in order.
    pub lines: Vec<u32>,
}

/// Teaches `engine` to note marks.
pub(super) fn register(engine: &mut Engine) {
    engine.register_fn(MARK, |line: i64| {
        desk::with(|desk| {
            desk.lines.extend(u32::try_from(line));
            Ok(())
        })
    });
}

/// `text` with its marks; as it is, without any, when it cannot be read.
pub fn marked(text: &str) -> Marked {
    let plain = || Marked { text: text.to_owned(), lines: Vec::new() };
    let lenient = &engines().lenient;
    let Ok(ast) = lenient.compile(text) else { return plain() };
    let places = places(text, &ast);
    let mut marked = String::with_capacity(text.len() + places.len() * 18);
    let mut at = 0;
    for (line, place) in &places {
        marked.push_str(&text[at..*place]);
        marked.push_str(&format!("{MARK}({line});"));
        at = *place;
    }
    marked.push_str(&text[at..]);
    // What looked like the beginning of a statement may have been none.
    if lenient.compile(&marked).is_err() {
        return plain();
    }
    Marked { text: marked, lines: places.into_keys().collect() }
}

/// The byte of the first statement of every line that has one in a function.
fn places(text: &str, ast: &AST) -> BTreeMap<u32, usize> {
    let top: BTreeSet<Position> = ast.statements().iter().map(start).collect();
    let lines = line_starts(text);
    let before = code_before(text);
    let mut places: BTreeMap<u32, usize> = BTreeMap::new();
    ast.walk(&mut |path: &[ASTNode]| {
        let Some(ASTNode::Stmt(stmt)) = path.last() else { return true };
        let position = start(stmt);
        let (Some(line), Some(column)) = (position.line(), position.position()) else { return true };
        let Some(&begin) = lines.get(line - 1) else { return true };
        let place = text[begin..].char_indices().nth(column - 1).map(|(at, _)| begin + at);
        if let Some(place) =
            place.filter(|place| !top.contains(&position) && matches!(before.get(*place), Some(b'{' | b';' | b'}')))
        {
            let line = u32::try_from(line).unwrap_or(u32::MAX);
            places.entry(line).and_modify(|first| *first = place.min(*first)).or_insert(place);
        }
        true
    });
    places
}

/// Where a statement begins: of `a = b` and `a + b` Rhai keeps the place of the operator.
fn start(stmt: &Stmt) -> Position {
    match stmt {
        Stmt::Expr(expression) => expression.start_position(),
        Stmt::Assignment(parts) => parts.1.lhs.start_position(),
        other => other.position(),
    }
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

/// For every byte the last byte before it that is neither space, comment nor inside a text; 0 where there is none.
fn code_before(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut before = Vec::with_capacity(bytes.len());
    let mut last = 0;
    let mut at = 0;
    while at < bytes.len() {
        let rest = &text[at..];
        let length = match bytes[at] {
            b'/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            b'/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
            quote @ (b'"' | b'`' | b'\'') => quoted(bytes, at, quote),
            _ => 1,
        };
        let end = bytes.len().min(at + length);
        before.extend(std::iter::repeat_n(last, end - at));
        if length == 1 && !bytes[at].is_ascii_whitespace() {
            last = bytes[at];
        } else if matches!(bytes[at], b'"' | b'`' | b'\'') {
            last = b'"';
        }
        // Bytes inside a letter are no code of their own.
        at = end;
        while at < bytes.len() && !text.is_char_boundary(at) {
            before.push(last);
            at += 1;
        }
    }
    before
}

/// How many bytes the text that begins at `at` has, its quotes counted.
fn quoted(bytes: &[u8], at: usize, quote: u8) -> usize {
    let mut end = at + 1;
    while end < bytes.len() && bytes[end] != quote {
        end += if bytes[end] == b'\\' && quote != b'`' { 2 } else { 1 };
    }
    end + 1 - at
}

#[cfg(test)]
mod tests {
    use super::{engines, marked};

    #[test]
    fn every_line_with_a_statement_in_a_function_has_one_mark() {
        let text = "// a {\nconst A = 1;\n\nfn one(x) {\n    let y = x + 1; let z = \"; {\";\n    if y > 2 {\n        y = 3;\n    } else { y += 1 }\n    // more;\n    switch y {\n        1 => z,\n        _ => { y * 2 }\n    }\n}\n";
        let marked = marked(text);
        // To Rhai a block that is one value is that value, so that line 12 belongs to the `switch`.
        assert_eq!(marked.lines, [5, 6, 7, 8, 10], "{}", marked.text);
        assert_eq!(marked.text.lines().count(), text.lines().count());
        assert!(engines().lenient.compile(&marked.text).is_ok());
        assert!(marked.text.contains("    __line_ran(5);let y"), "{}", marked.text);
    }

    #[test]
    fn what_cannot_be_read_has_no_marks() {
        assert_eq!(marked("fn (").lines, Vec::<u32>::new());
    }
}
