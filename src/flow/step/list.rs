//! `list`: any number of rows where the provider has no lists: as buttons, two of them and `More` on a page, or as numbered text
//! that is answered with a number. The rows are written out, or made from the values of a variable.

use indexmap::IndexMap;

use crate::model::{ChoiceName, FaultKind, Value, VariableName, limits};
use crate::source::{Code, Diagnostic, Node, Span, nearest};

use super::super::engine::{Broken, Machine};
use super::super::keys;
use super::super::program::Flow;
use super::super::read::{Fields, Reader, Target, listed};
use super::super::scope::Scope;
use super::super::text::Text;
use super::super::variable::Kind;
use super::super::ways::Look;
use super::menu::Choice;

/// What stands for the value of a row in its title and note.
pub(in super::super) const ROW: &str = "row";
/// What the names of the buttons begin with that turn a page; a number follows.
const MORE: &str = "more_";
/// What stands on such a button where the author says nothing else.
const MORE_TITLE: &str = "More";

/// How a menu of many rows is shown, and where its rows come from.
#[derive(Debug, Clone)]
pub struct List {
    /// Whether it is shown as numbered text instead of buttons.
    pub numbers: bool,
    /// What leads to the next page.
    pub more: Option<Text>,
    /// What the rows are made from, where they are not written out.
    pub from: Option<From>,
    /// Where it leads when there is no row.
    pub if_empty: Option<Target>,
    /// Where.
    pub span: Span,
}

/// Rows made from the values of a variable.
#[derive(Debug, Clone)]
pub struct From {
    /// The variable, a list.
    pub variable: VariableName,
    /// Where it is named.
    pub span: Span,
    /// What each row is called; `{row}` is its value.
    pub title: Text,
    /// What is said of it.
    pub note: Option<Text>,
    /// The variable that gets the value of the row that was chosen.
    pub into: VariableName,
    /// Where the choice leads.
    pub go: Target,
}

/// A row as it is shown now.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its name in the ids of buttons.
    pub name: ChoiceName,
    /// Its title.
    pub title: String,
    /// What is said of it; empty when nothing is.
    pub note: String,
}

impl List {
    /// Reads `list`, with the rows that are written out.
    pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<(IndexMap<ChoiceName, Choice>, Self)> {
        let mut fields = reader.fields(node, "`list`")?;
        let rows = fields.take("rows");
        let choices = rows.and_then(|(_, node)| read_rows(reader, node)).unwrap_or_default();
        let from_found = fields.take("from");
        let from = From::read(reader, &mut fields, from_found.map(|(_, node)| node));
        match (rows, from_found) {
            (None, None) if !fields.is_misspelt("rows") && !fields.is_misspelt("from") => reader.note(
                Diagnostic::error(Code::MISSING_KEY, node.span, "the list has no rows")
                    .help("add `rows: {name: {title: A title, go: a_step}}`, or `from: a_variable` that holds a list"),
            ),
            (Some((rows, _)), Some((from, _))) => reader.note(
                Diagnostic::error(Code::TOGETHER, from.span, "a list takes `rows` or `from`, not both")
                    .related(rows.span, "the rows that are written out")
                    .help("take one of them out"),
            ),
            _ => {}
        }
        let numbers = fields.take("as").and_then(|(_, node)| read_as(reader, node)).unwrap_or(false);
        let more = fields.take("more").and_then(|(_, node)| reader.text(node, "`more`"));
        let if_empty = fields.take("if_empty").and_then(|(_, node)| reader.target(node, "`if_empty`"));
        fields.finish(reader, &keys::LIST);
        let whole = from.is_some() || from_found.is_none();
        whole.then_some((choices, Self { numbers, more, from, if_empty, span: node.span }))
    }

    /// The most characters of a row's title.
    pub(super) fn title_chars_max(&self) -> usize {
        if self.numbers { limits::ROW_TITLE_CHARS_MAX } else { limits::BUTTON_TITLE_CHARS_MAX }
    }

    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow) {
        if let Some(more) = &self.more {
            flow.check_length(reader, more, limits::BUTTON_TITLE_CHARS_MAX, "`more`");
        }
        let Some(from) = &self.from else { return };
        let not_a_list = |variable: &&super::super::variable::Variable| !matches!(variable.kind, Kind::List);
        if let Some(variable) = flow.remember.get(&from.variable).filter(not_a_list) {
            let message = format!("`{}` is {}, and rows come from a list", from.variable, variable.kind.words());
            reader.note(
                Diagnostic::error(Code::BAD_VALUE, from.span, message)
                    .related(variable.span, "declared here")
                    .help("declare it with `kind: list` and let a script fill it"),
            );
        }
        if let Some(variable) = flow.remember.get(ROW) {
            reader.note(
                Diagnostic::error(Code::BAD_NAME, variable.span, "`row` means the row of a list in this flow")
                    .related(from.span, "this list makes rows of values")
                    .help("give the variable another name"),
            );
        }
        if let Some(note) = &from.note {
            flow.check_length(reader, note, limits::ROW_NOTE_CHARS_MAX, "the note");
        }
    }

    pub(super) fn look<'f>(&'f self, look: &mut Look<'f>) {
        self.if_empty.iter().for_each(|target| look.leads(target));
        self.more.iter().for_each(|more| look.text(more));
        let Some(from) = &self.from else { return };
        look.value(&from.variable, from.span);
        from.note.iter().chain([&from.title]).for_each(|text| look.text(text));
        look.aside(|look| {
            look.sets(&from.into);
            look.leads(&from.go);
        });
    }

    pub(super) fn exits(&self) -> impl Iterator<Item = &Target> {
        self.from.iter().map(|from| &from.go).chain(&self.if_empty)
    }

    /// What leads to the next page.
    pub(super) fn more_title(&self, scope: &Scope<'_>) -> String {
        let title = self.more.as_ref().map(|more| more.fill(scope, &mut Vec::new()));
        title.filter(|title| !title.trim().is_empty()).unwrap_or_else(|| MORE_TITLE.to_owned())
    }
}

impl From {
    fn read(reader: &Reader<'_>, fields: &mut Fields<'_>, from: Option<&Node>) -> Option<Self> {
        let Some(from) = from else {
            for key in ["title", "note", "into", "go"] {
                if let Some((key, _)) = fields.take(key).filter(|_| !fields.is_misspelt("from")) {
                    let message = format!("`{}` of a list belongs to `from`", key.text);
                    reader.note(
                        Diagnostic::error(Code::MISSING_KEY, key.span, message)
                            .help("write it into each row of `rows`, or add `from: a_variable` that holds a list"),
                    );
                }
            }
            return None;
        };
        let variable = reader.variable(from, "`from`");
        reader.in_row.set(true);
        let title = fields.need(reader, "title", "\"{row.name}\"").and_then(|node| reader.text(node, "the row's title"));
        let note = fields.take("note").and_then(|(_, node)| reader.text(node, "the row's note"));
        reader.in_row.set(false);
        let into = fields.need(reader, "into", "a_variable").and_then(|node| reader.variable(node, "`into`"));
        let go = fields.need(reader, "go", "another_step").and_then(|node| reader.target(node, "`go`"));
        Some(Self { variable: variable?, span: from.span, title: title?, note, into: into?, go: go? })
    }

    /// The values, each a row.
    fn values<'m>(&self, machine: &'m Machine<'_>, flow: &'m Flow) -> Result<&'m [Value], Broken> {
        let value = machine.scope(flow).variables.get(&self.variable).unwrap_or(&Value::Nothing);
        let values: &[Value] = match value {
            Value::List(values) => values,
            Value::Nothing => &[],
            other => {
                let message = format!("`{}` is {} where a list belongs", self.variable, other.kind_name());
                return Err(Broken::new(machine, FaultKind::Value, self.span, message));
            }
        };
        if values.len() > limits::ROWS_MAX {
            let message = format!("the list has {} rows, {} is the most", values.len(), limits::ROWS_MAX);
            return Err(Broken::new(machine, FaultKind::Message, self.span, message));
        }
        Ok(values)
    }

    /// The rows as they are now.
    pub(super) fn rows(&self, machine: &Machine<'_>, flow: &Flow) -> Result<Vec<Row>, Broken> {
        let values = self.values(machine, flow)?;
        let mut variables = machine.scope(flow).variables.clone();
        // A button is known by its title as the flow itself says it: it means the same whatever language is read by then.
        let as_written = machine.program.languages.to(None);
        let mut rows = Vec::with_capacity(values.len());
        for (index, value) in values.iter().enumerate() {
            variables.insert(VariableName::new(ROW), value.clone());
            let scope = Scope { variables: &variables, ..machine.scope(flow) };
            let fill = |text: &Text| text.fill(&scope, &mut Vec::new());
            let (title, note) = (fill(&self.title), self.note.as_ref().map(fill).unwrap_or_default());
            if title.trim().is_empty() {
                let message = format!("row {} of the list has no title", index + 1);
                return Err(Broken::new(machine, FaultKind::Message, self.title.span, message));
            }
            let known_by = self.title.fill(&Scope { spoken: as_written, ..scope }, &mut Vec::new());
            let name = ChoiceName::new(&format!("row_{}_{:08x}", index + 1, mark(&known_by)));
            rows.push(Row { name, title, note });
        }
        Ok(rows)
    }

    /// The value of the row that a button named `name` showed, if it is still there: in its place, or elsewhere with the same
    /// title, which is how it is known.
    pub(super) fn chosen(&self, machine: &Machine<'_>, flow: &Flow, name: &ChoiceName) -> Result<Option<Value>, Broken> {
        let rows = self.rows(machine, flow)?;
        let marked = |name: &ChoiceName| name.as_str().rsplit_once('_').map(|(_, mark)| mark.to_owned());
        let index = rows
            .iter()
            .position(|row| row.name == *name)
            .or_else(|| rows.iter().position(|row| marked(&row.name) == marked(name)));
        Ok(index.and_then(|index| self.values(machine, flow).ok()?.get(index).cloned()))
    }
}

/// The name of the button that leads to a page, counted from 0.
pub(super) fn page_name(page: usize) -> ChoiceName {
    ChoiceName::new(&format!("{MORE}{}", page + 1))
}

/// The page to which the button named `name` leads, counted from 0.
pub(super) fn page_named(name: &str) -> Option<usize> {
    name.strip_prefix(MORE)?.parse::<usize>().ok()?.checked_sub(1)
}

/// The place, counted from 1, of a row made from a value that has this name; nothing when none can have it.
pub(super) fn row_number(name: &str) -> Option<usize> {
    let (index, mark) = name.strip_prefix("row_")?.split_once('_')?;
    let marked = mark.len() == 8 && mark.bytes().all(|byte| byte.is_ascii_hexdigit());
    index.parse().ok().filter(|_| marked && index.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Tells titles apart (FNV-1a); the id that holds it is signed.
fn mark(title: &str) -> u32 {
    title.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

fn read_rows(reader: &Reader<'_>, node: &Node) -> Option<IndexMap<ChoiceName, Choice>> {
    let entries = reader.fields(node, "`rows`")?.into_entries();
    if entries.is_empty() || entries.len() > limits::ROWS_MAX {
        let place = entries.get(limits::ROWS_MAX).map_or(node.span, |(key, _)| key.span);
        let message = format!("a list takes 1 to {} rows, here are {}", limits::ROWS_MAX, entries.len());
        let help = match entries.is_empty() {
            true => "add a row: `name: {title: A title, go: a_step}`",
            false => "ask for something narrower first, so that fewer rows are left; nobody reads more",
        };
        reader.note(Diagnostic::error(Code::ROW_COUNT, place, message).help(help));
    }
    for (key, _) in entries.iter().filter(|(key, _)| page_named(&key.text).is_some()) {
        reader.note(
            Diagnostic::error(Code::BAD_NAME, key.span, format!("no row can be called `{}`", key.text))
                .help("the buttons that turn the pages of a list have such names; choose another"),
        );
    }
    Some(entries.iter().filter_map(|(key, node)| Choice::read(reader, key, node, true)).collect())
}

fn read_as(reader: &Reader<'_>, node: &Node) -> Option<bool> {
    const WAYS: [&str; 2] = ["buttons", "numbers"];
    let text = reader.scalar(node, "`as`")?;
    let found = WAYS.iter().position(|way| *way == text);
    if found.is_none() {
        let mistake = Diagnostic::error(Code::BAD_VALUE, node.span, format!("a list is not shown as `{text}`"));
        reader.note(match nearest(text, WAYS) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(node.span, near),
            None => mistake.help(format!("`as` takes {}", listed(&WAYS))),
        });
    }
    found.map(|way| way == 1)
}
