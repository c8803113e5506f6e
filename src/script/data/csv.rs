//! Tables (RFC 4180): the first line names the columns, every other line is a record. A reader of our own, because what matters
//! here is where in the file a mistake stands. Commas, semicolons or tabs separate; the first line shows which.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rhai::ImmutableString;

use super::{COLUMNS_MAX, Datum, ROWS_MAX, VALUES_MAX, bad, number};
use crate::source::{Diagnostic, SourceId, Span};

/// Mistakes of one file that are told.
const TOLD_MAX: usize = 20;

/// A field: its text, and where it stands.
struct Field {
    text: String,
    at: Range<usize>,
}

pub(super) fn read(id: SourceId, text: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Datum> {
    let mut lines = Lines { id, text, at: 0, separator: separator(text), mistakes: Vec::new() };
    let header = lines.next()?;
    let names = columns(id, &header, diagnostics)?;
    let mut rows: Vec<Vec<Field>> = Vec::new();
    while let Some(row) = lines.next() {
        if rows.len() == ROWS_MAX || (rows.len() + 1) * names.len() > VALUES_MAX {
            let most = ROWS_MAX.min(VALUES_MAX / names.len());
            let message = format!("the table has more than {most} rows");
            diagnostics.push(bad(span(id, &row), message).help("Keep what is looked up in a system of its own, and ask that."));
            return None;
        }
        if row.len() != names.len() && lines.mistakes.len() < TOLD_MAX {
            lines.mistakes.push(wrong_length(id, &row, &names, lines.separator));
        }
        rows.push(row);
    }
    if !lines.mistakes.is_empty() {
        diagnostics.append(&mut lines.mistakes);
        return None;
    }
    let kinds: Vec<Kind> = (0..names.len()).map(|column| kind(&rows, column)).collect();
    let record = |row: Vec<Field>| {
        let values = names.iter().zip(row).zip(&kinds).map(|((name, field), kind)| (name.clone(), kind.value(field.text)));
        Datum::Record(Arc::new(values.collect::<BTreeMap<ImmutableString, Datum>>()))
    };
    Some(Datum::List(Arc::new(rows.into_iter().map(record).collect())))
}

/// What separates the fields: what the first line has most of.
fn separator(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or("");
    let count = |sign: &u8| first.bytes().filter(|byte| byte == sign).count();
    // The last of several with the same count is taken: a comma.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

/// What a column holds.
enum Kind {
    Whole,
    Decimal,
    Text,
}

fn kind(rows: &[Vec<Field>], column: usize) -> Kind {
    let mut kind = None;
    for field in rows.iter().map(|row| &row[column]).filter(|field| !field.text.is_empty()) {
        match (number(&field.text), &kind) {
            (Some(Datum::Whole(_)), None | Some(Kind::Whole)) => kind = Some(Kind::Whole),
            (Some(_), _) => kind = Some(Kind::Decimal),
            (None, _) => return Kind::Text,
        }
    }
    kind.unwrap_or(Kind::Text)
}

impl Kind {
    fn value(&self, text: String) -> Datum {
        match (self, number(&text)) {
            (Self::Text, _) => Datum::Text(text.into()),
            // An empty field among numbers.
            (_, None) => Datum::Nothing,
            #[allow(clippy::cast_precision_loss)] // a number of the same column has a fraction
            (Self::Decimal, Some(Datum::Whole(number))) => Datum::Decimal(number as f64),
            (_, Some(number)) => number,
        }
    }
}

/// The names of the columns.
fn columns(id: SourceId, header: &[Field], diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<ImmutableString>> {
    let before = diagnostics.len();
    if header.len() > COLUMNS_MAX {
        diagnostics
            .push(bad(span(id, header), format!("the table has {} columns, at most {COLUMNS_MAX} are read", header.len())));
        return None;
    }
    for (index, field) in header.iter().enumerate() {
        let at = Span::new(id, field.at.start, field.at.end);
        if field.text.is_empty() {
            diagnostics.push(bad(at, format!("column {} has no name", index + 1)).help("The first line names every column."));
        } else if let Some(first) = header[..index].iter().find(|other| other.text == field.text) {
            diagnostics.push(
                bad(at, format!("two columns are called `{}`", field.text))
                    .related(Span::new(id, first.at.start, first.at.end), "the first of them")
                    .help("Give one of them another name."),
            );
        }
    }
    (diagnostics.len() == before).then(|| header.iter().map(|field| field.text.as_str().into()).collect())
}

fn wrong_length(id: SourceId, row: &[Field], names: &[ImmutableString], separator: u8) -> Diagnostic {
    let (fields, columns) = (row.len(), names.len());
    let count = |count: usize, of: &str| if count == 1 { format!("1 {of}") } else { format!("{count} {of}s") };
    let message = format!("this row has {}, the first line names {}", count(fields, "field"), count(columns, "column"));
    match row.get(columns) {
        Some(extra) => bad(Span::new(id, extra.at.start, extra.at.end), message).label("one too many").help(match separator {
            b',' => "Put double quotes round a text that holds a comma.",
            b';' => "Put double quotes round a text that holds a semicolon.",
            _ => "Put double quotes round a text that holds a tab.",
        }),
        None => bad(span(id, row), message)
            .help(format!("There is nothing for `{}`; write an empty field, or what belongs there.", names[fields])),
    }
}

/// The whole row.
fn span(id: SourceId, row: &[Field]) -> Span {
    let (start, end) = (row.first().map_or(0, |field| field.at.start), row.last().map_or(0, |field| field.at.end));
    Span::new(id, start, end)
}

struct Lines<'a> {
    id: SourceId,
    text: &'a str,
    at: usize,
    separator: u8,
    mistakes: Vec<Diagnostic>,
}

impl Lines<'_> {
    /// The fields of the next line that is not empty.
    fn next(&mut self) -> Option<Vec<Field>> {
        loop {
            let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
            let line = rest.lines().next().unwrap_or("");
            if !line.trim().is_empty() {
                break;
            }
            self.at += (line.len() + rest[line.len()..].find('\n').map_or(0, |at| at + 1)).max(1);
        }
        let mut fields = Vec::new();
        loop {
            let (field, ended) = self.field();
            // A row that goes on for ever is a quote that was never closed; no table has so many columns.
            if fields.len() <= COLUMNS_MAX + 1 {
                fields.push(field);
            }
            if ended {
                return Some(fields);
            }
        }
    }

    /// The next field, and whether it ends its line.
    fn field(&mut self) -> (Field, bool) {
        let bytes = self.text.as_bytes();
        let start = self.at;
        let blank = bytes[start..].iter().take_while(|byte| **byte == b' ').count();
        if bytes.get(start + blank) == Some(&b'"') {
            return self.quoted(start + blank);
        }
        let ends = |byte: &u8| *byte == self.separator || *byte == b'\n';
        let end = bytes[start..].iter().position(ends).map_or(bytes.len(), |length| start + length);
        let written = &self.text[start..end];
        let text = written.trim();
        let from = start + (written.len() - written.trim_start().len());
        (Field { text: text.to_owned(), at: from..from + text.len() }, self.leave(end))
    }

    /// Goes behind the separator or line end at `end`; whether the line is over.
    fn leave(&mut self, end: usize) -> bool {
        self.at = end + 1;
        self.text.as_bytes().get(end) != Some(&self.separator)
    }

    fn quoted(&mut self, open: usize) -> (Field, bool) {
        let bytes = self.text.as_bytes();
        let mut text = String::new();
        let mut from = open + 1;
        loop {
            let Some(close) = self.text[from..].find('"').map(|at| from + at) else {
                self.tell(
                    bad(Span::new(self.id, open, open + 1), "a quote was opened here and never closed")
                        .help("Close it, or write it twice, \"\", where it belongs to the text."),
                );
                self.at = bytes.len();
                return (Field { text, at: open..bytes.len() }, true);
            };
            text.push_str(&self.text[from..close]);
            if bytes.get(close + 1) == Some(&b'"') {
                text.push('"');
                from = close + 2;
                continue;
            }
            let ends = |byte: &u8| *byte == self.separator || *byte == b'\n';
            let end = bytes[close + 1..].iter().position(ends).map_or(bytes.len(), |length| close + 1 + length);
            let behind = self.text[close + 1..end].trim();
            if !behind.is_empty() {
                let at = close + 1 + self.text[close + 1..end].find(behind).unwrap_or(0);
                self.tell(
                    bad(Span::new(self.id, at, at + behind.len()), "this stands behind the quote that ends the field")
                        .help("A quote inside a quoted field is written twice, \"\"."),
                );
            }
            return (Field { text, at: open..close + 1 }, self.leave(end));
        }
    }

    fn tell(&mut self, mistake: Diagnostic) {
        if self.mistakes.len() < TOLD_MAX {
            self.mistakes.push(mistake);
        }
    }
}
