//! The project's data files, `scripts/data/*.csv|json|yaml`: read once at load, then seen by every function as `data.prices`.
//!
//! Invariants: data never changes and is never copied; what a script gets hold of is a text, a number, or a view of a list or
//! record (`view`). A file with a mistake gives nothing, and its name stays known so that nothing follows from the mistake.

mod csv;
mod json;
mod view;
mod yaml;

use std::collections::BTreeMap;
use std::sync::Arc;

use rhai::ImmutableString;

use crate::model::name;
use crate::source::{Code, Diagnostic, Source, SourceId, SourceKind, Sources, Span};

pub(super) use view::{ListView, RecordView, register, root};

/// The name by which scripts see them.
pub(super) const NAME: &str = "data";
/// Rows of one table, or values of one list.
pub(super) const ROWS_MAX: usize = 10_000;
/// Columns of one table.
const COLUMNS_MAX: usize = 100;
/// Values in one file, lists and records counted.
const VALUES_MAX: usize = 200_000;
/// Lists and records inside each other.
const DEPTH_MAX: usize = 32;

/// One value of a data file.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Datum {
    Nothing,
    YesNo(bool),
    Whole(i64),
    Decimal(f64),
    Text(ImmutableString),
    List(Arc<Vec<Datum>>),
    Record(Arc<BTreeMap<ImmutableString, Datum>>),
}

/// Every data file by its name.
#[derive(Debug, Default)]
pub(super) struct Library {
    files: BTreeMap<String, File>,
}

#[derive(Debug)]
struct File {
    text: Arc<str>,
    path: Arc<str>,
    /// Nothing while something is wrong with the file.
    datum: Option<Datum>,
    diagnostics: Vec<Diagnostic>,
    source: SourceId,
}

impl Library {
    /// Reads the data files of `sources`; one that has not changed since `previous` is not read again.
    pub(super) fn read(sources: &Sources, previous: Option<&Self>, diagnostics: &mut Vec<Diagnostic>) -> Self {
        let mut library = Self::default();
        for (id, source) in sources.iter().filter(|(_, source)| source.kind == SourceKind::Data) {
            let (stem, ending) = stem_and_ending(source);
            if !name::is_name(stem) {
                diagnostics.push(
                    Diagnostic::error(Code::BAD_NAME, Span::new(id, 0, 0), format!("`{stem}` cannot be the name of a data file"))
                        .help("Name the file with small letters, digits and _, a letter first: scripts call it `data.` and that name."),
                );
                continue;
            }
            if let Some(first) = library.files.get(stem) {
                diagnostics.push(
                    Diagnostic::error(Code::SAME_DATA, Span::new(id, 0, 0), format!("a second data file called `{stem}`"))
                        .related(Span::new(first.source, 0, 0), "the first of them")
                        .help("Scripts name data files without their ending; give one of them another name."),
                );
                continue;
            }
            let known = previous.and_then(|previous| previous.files.get(stem));
            let known = known.filter(|file| file.source == id && file.path == source.path && file.text == source.text);
            let file = match known {
                Some(file) => file.again(),
                None => File::read(id, source, ending),
            };
            diagnostics.extend(file.diagnostics.iter().cloned());
            library.files.insert(stem.to_owned(), file);
        }
        library
    }

    /// The names of all files, readable or not.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    fn get(&self, name: &str) -> Option<&Datum> {
        self.files.get(name)?.datum.as_ref()
    }
}

impl File {
    fn read(id: SourceId, source: &Source, ending: &str) -> Self {
        let mut diagnostics = Vec::new();
        let datum = match ending {
            _ if source.text.trim().is_empty() => {
                let nothing = Diagnostic::error(Code::BAD_DATA, Span::new(id, 0, 0), "the data file is empty");
                diagnostics
                    .push(nothing.help("A table begins with a line of column names. Take the file away if nothing needs it."));
                None
            }
            "csv" => csv::read(id, &source.text, &mut diagnostics),
            "json" => json::read(id, &source.text, &mut diagnostics),
            _ => yaml::read(id, &source.text, &mut diagnostics),
        };
        let datum = datum.filter(|_| !diagnostics.iter().any(Diagnostic::is_error));
        Self { text: Arc::clone(&source.text), path: Arc::clone(&source.path), datum, diagnostics, source: id }
    }

    fn again(&self) -> Self {
        Self {
            text: Arc::clone(&self.text),
            path: Arc::clone(&self.path),
            datum: self.datum.clone(),
            diagnostics: self.diagnostics.clone(),
            source: self.source,
        }
    }
}

/// `prices` and `csv` of `scripts/data/prices.csv`.
fn stem_and_ending(source: &Source) -> (&str, &str) {
    let file = source.path.rsplit('/').next().unwrap_or(&source.path);
    file.rsplit_once('.').unwrap_or((file, ""))
}

/// What is wrong with a data file.
fn bad(span: Span, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::BAD_DATA, span, message)
}

/// Counts what a file holds.
#[derive(Debug, Default)]
struct Count {
    values: usize,
}

impl Count {
    /// Takes one more value at `depth`, or tells which bound it breaks.
    fn one_more(&mut self, depth: usize) -> Result<(), String> {
        self.values += 1;
        if self.values > VALUES_MAX {
            return Err(format!("the file holds more than {VALUES_MAX} values"));
        }
        if depth > DEPTH_MAX {
            return Err(format!("lists and records nest deeper than {DEPTH_MAX} levels"));
        }
        Ok(())
    }
}

/// A list, if it is not too long.
fn list(items: Vec<Datum>) -> Result<Datum, String> {
    if items.len() > ROWS_MAX {
        return Err(format!("the list has {} values, at most {ROWS_MAX} are read", items.len()));
    }
    Ok(Datum::List(Arc::new(items)))
}

/// A number as it may stand in a file: no zero before other digits and no plus, which are telephone numbers and article numbers.
fn number(text: &str) -> Option<Datum> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole = digits.split(['.', 'e', 'E']).next().unwrap_or("");
    let begins_well =
        whole.bytes().all(|byte| byte.is_ascii_digit()) && !whole.is_empty() && (whole == "0" || !whole.starts_with('0'));
    if !begins_well || text.ends_with('.') {
        return None;
    }
    if whole.len() == digits.len() {
        return text.parse().ok().map(Datum::Whole);
    }
    text.parse().ok().filter(|number: &f64| number.is_finite()).map(Datum::Decimal)
}

#[cfg(test)]
mod tests {
    use super::{Datum, number};

    #[test]
    fn only_what_is_meant_as_a_number_is_one() {
        for (text, whole) in [("0", 0), ("12", 12), ("-7", -7), ("9223372036854775807", i64::MAX)] {
            assert_eq!(number(text), Some(Datum::Whole(whole)), "{text}");
        }
        for (text, decimal) in [("0.5", 0.5), ("-1.25", -1.25), ("1e3", 1000.0)] {
            assert_eq!(number(text), Some(Datum::Decimal(decimal)), "{text}");
        }
        for text in
            ["", "007", "+27", "-", "1.", ".5", "1,200", "12:30", "1e999", "9223372036854775808", "0x10", "NaN", "inf", "१२"]
        {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
