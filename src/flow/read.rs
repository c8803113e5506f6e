//! Reading a YAML tree by the shape the language gives it. Every mistake is noted and reading goes on: what could not be read
//! is simply missing afterwards.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use crate::model::{StepName, VariableName, name};
use crate::script::{Expression, Scripts};
use crate::source::{Code, Diagnostic, Key, Node, NodeKind, SourceId, Sources, Span, meant, nearest, surely};

use super::keys::{self, Shape};
use super::language::Role;
use super::text::Text;

/// What reading one file needs and finds.
pub(crate) struct Reader<'a> {
    pub sources: &'a Sources,
    pub scripts: &'a Scripts,
    pub source: SourceId,
    /// The flow's variables, known before its steps are read; also those whose line could not be read, so that one mistake in
    /// `remember` is not told again wherever the variable is used.
    pub variables: Vec<VariableName>,
    /// What expressions see beside the variables, where they stand.
    more_names: RefCell<Vec<VariableName>>,
    /// Whether what is read belongs to no flow, so that there are no variables.
    pub flowless: bool,
    /// The names of all steps in the file, readable or not.
    pub steps_written: RefCell<Vec<String>>,
    /// What was wrong in the steps while they were read: of what was left out nobody knows where it leads and what it sets.
    pub steps_mistakes: RefCell<Vec<Code>>,
    /// Whether what is read now is the title or note of a row that is made from a value.
    pub in_row: Cell<bool>,
    /// Whether `remember` could not be read: then every variable would be unknown, and none is told.
    pub remember_in_doubt: bool,
    /// Whether `start` could not be read as a whole.
    pub start_in_doubt: Cell<bool>,
    /// The texts that were read, and what they are like: other languages are held to it.
    pub(in crate::flow) texts: RefCell<HashMap<Span, Role>>,
    diagnostics: RefCell<Vec<Diagnostic>>,
}

/// A name with the place where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// The step.
    pub step: StepName,
    /// Where it is named.
    pub span: Span,
}

/// A compiled expression with the place where it stands.
#[derive(Debug, Clone)]
pub struct Computed {
    /// The expression.
    pub expression: Expression,
    /// As written, for traces.
    pub source: String,
    /// Where.
    pub span: Span,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(sources: &'a Sources, scripts: &'a Scripts, source: SourceId) -> Self {
        Self {
            sources,
            scripts,
            source,
            variables: Vec::new(),
            more_names: RefCell::default(),
            flowless: false,
            steps_written: RefCell::default(),
            steps_mistakes: RefCell::default(),
            in_row: Cell::new(false),
            remember_in_doubt: false,
            start_in_doubt: Cell::new(false),
            texts: RefCell::default(),
            diagnostics: RefCell::default(),
        }
    }

    /// Reads what may see `names` beside the flow's variables.
    pub(crate) fn with_names<T>(&self, names: &[&str], read: impl FnOnce() -> T) -> T {
        let before = self.more_names.replace(names.iter().map(|name| VariableName::new(name)).collect());
        let done = read();
        self.more_names.replace(before);
        done
    }

    /// Whether `name` is one of those that may be seen here beside the flow's variables.
    pub(crate) fn sees(&self, name: &str) -> bool {
        self.more_names.borrow().iter().any(|known| known.as_str() == name)
    }

    /// Notes a mistake.
    pub(crate) fn note(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    /// How many mistakes were noted so far.
    pub(crate) fn noted(&self) -> usize {
        self.diagnostics.borrow().len()
    }

    /// The codes of those noted after the first `before`.
    pub(crate) fn noted_after(&self, before: usize) -> Vec<Code> {
        self.diagnostics.borrow().iter().skip(before).map(|one| one.code).collect()
    }

    /// Everything noted.
    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics.into_inner()
    }

    /// The fields of a mapping; a mistake is noted when it is something else.
    pub(crate) fn fields<'n>(&self, node: &'n Node, what: &'static str) -> Option<Fields<'n>> {
        match &node.kind {
            NodeKind::Map(entries) => Some(Fields { what, span: node.span, entries, taken: vec![false; entries.len()] }),
            NodeKind::Empty | NodeKind::Scalar { .. } | NodeKind::List(_) => {
                self.wrong_shape(node, what, "a mapping");
                None
            }
        }
    }

    /// The text of a scalar, whatever it looks like.
    pub(crate) fn scalar<'n>(&self, node: &'n Node, what: &str) -> Option<&'n str> {
        match &node.kind {
            NodeKind::Scalar { text, .. } => Some(text),
            NodeKind::Map(_) if self.sources.text(node.span).starts_with('{') => {
                let written = self.sources.text(node.span);
                self.note(
                    Diagnostic::error(
                        Code::YAML_UNQUOTED_BRACE,
                        node.span,
                        format!("{what} begins with a brace and has no quotes"),
                    )
                    .label("to YAML this is a mapping, not a text")
                    .help("put quotes round the text")
                    .fix(node.span, format!("\"{}\"", written.replace('\\', "\\\\").replace('"', "\\\""))),
                );
                None
            }
            NodeKind::Empty => {
                self.note(
                    Diagnostic::error(Code::MISSING_KEY, node.span, format!("{what} is empty")).help("write it after the colon"),
                );
                None
            }
            NodeKind::List(_) | NodeKind::Map(_) => {
                self.wrong_shape(node, what, "a text");
                None
            }
        }
    }

    /// `true` or `false`, and nothing else.
    pub(crate) fn yes_no(&self, node: &Node, what: &str) -> Option<bool> {
        match &node.kind {
            NodeKind::Scalar { text, quoted: false, .. } if text == "true" => Some(true),
            NodeKind::Scalar { text, quoted: false, .. } if text == "false" => Some(false),
            NodeKind::Empty | NodeKind::Scalar { .. } | NodeKind::List(_) | NodeKind::Map(_) => {
                let mistake = Diagnostic::error(Code::BAD_VALUE, node.span, format!("{what} takes `true` or `false`"))
                    .help("write one of the two, without quotes");
                self.note(match meant_switch(node) {
                    Some(meant) => mistake.sure_fix(node.span, meant),
                    None => mistake,
                });
                None
            }
        }
    }

    /// A whole number from `least` to `most`.
    pub(crate) fn whole(&self, node: &Node, what: &str, least: u32, most: u32) -> Option<u32> {
        let number = self.scalar(node, what)?.parse::<u32>().ok().filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.note(Diagnostic::error(
                Code::BAD_VALUE,
                node.span,
                format!("{what} takes a whole number from {least} to {most}"),
            ));
        }
        number
    }

    /// A number, with or without a fraction.
    pub(crate) fn number(&self, node: &Node, what: &str) -> Option<f64> {
        let number = self.scalar(node, what)?.parse::<f64>().ok().filter(|number| number.is_finite());
        if number.is_none() {
            self.note(Diagnostic::error(Code::BAD_VALUE, node.span, format!("{what} takes a number")));
        }
        number
    }

    /// The items of a list; one scalar alone counts as a list of one.
    pub(crate) fn items<'n>(&self, node: &'n Node, what: &str) -> Option<&'n [Node]> {
        match &node.kind {
            NodeKind::List(items) => Some(items),
            NodeKind::Scalar { .. } => Some(std::slice::from_ref(node)),
            NodeKind::Empty | NodeKind::Map(_) => {
                self.wrong_shape(node, what, "a list");
                None
            }
        }
    }

    /// A text with places for values.
    pub(crate) fn text(&self, node: &Node, what: &str) -> Option<Text> {
        self.scalar(node, what)?;
        let text = Text::read(self, node, what)?;
        self.texts.borrow_mut().insert(text.span, Role { in_row: self.in_row.get(), ..Role::of(&text) });
        Some(text)
    }

    /// A name that the author makes up here.
    pub(crate) fn new_name<'n>(&self, text: &'n str, span: Span, what: &str) -> Option<&'n str> {
        if name::is_name(text) {
            return Some(text);
        }
        let proposal = as_name(text);
        let mut mistake = Diagnostic::error(Code::BAD_NAME, span, format!("`{text}` cannot be the name of {what}"))
            .help("names are small letters, digits and `_`, begin with a letter, and have at most 64 characters");
        if name::is_name(&proposal) {
            mistake = mistake.fix(span, proposal);
        }
        self.note(mistake);
        None
    }

    /// The name of a step; whether the flow has it is checked when all steps are known.
    pub(crate) fn target(&self, node: &Node, what: &str) -> Option<Target> {
        let text = self.scalar(node, what)?;
        Some(Target { step: StepName::new(text), span: node.span })
    }

    /// The name of a variable that the flow remembers.
    pub(crate) fn variable(&self, node: &Node, what: &str) -> Option<VariableName> {
        let text = self.scalar(node, what)?;
        self.known_variable(text, node.span)
    }

    /// `text` as the name of a variable that the flow remembers.
    pub(crate) fn known_variable(&self, text: &str, span: Span) -> Option<VariableName> {
        let known = self.variables.iter().find(|variable| variable.as_str() == text);
        if known.is_none() {
            self.unknown_variable(text, span, &[]);
        }
        known.cloned()
    }

    /// Notes that there is no variable `text`.
    pub(crate) fn unknown_variable(&self, text: &str, span: Span, others: &[&'static str]) {
        if self.remember_in_doubt {
            return;
        }
        let more = self.more_names.borrow();
        let names = self.variables.iter().chain(more.iter()).map(VariableName::as_str).chain(others.iter().copied());
        let place = if self.flowless { "outside of a flow" } else { "in this flow" };
        let mut mistake = Diagnostic::error(Code::UNKNOWN_VARIABLE, span, format!("there is no variable `{text}` {place}"));
        mistake = match nearest(text, names) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(span, near),
            None if self.flowless => mistake
                .help("no flow's variables are known here; what is, is `contact.firstname`, `contact.name`, `text` and `now`"),
            None => mistake.help(format!("declare it: `remember: {{{text}: {{kind: text}}}}`")),
        };
        self.note(mistake);
    }

    /// A Rhai expression.
    pub(crate) fn computed(&self, node: &Node, what: &str) -> Option<Computed> {
        let source = self.scalar(node, what)?;
        let NodeKind::Scalar { verbatim_at, .. } = node.kind else { return None };
        let more = self.more_names.borrow();
        let all: Vec<VariableName>;
        let names = if more.is_empty() {
            &self.variables
        } else {
            all = self.variables.iter().chain(more.iter()).cloned().collect();
            &all
        };
        match self.scripts.expression(source, self.source, verbatim_at.unwrap_or(node.span.start), self.sources, names) {
            Ok(expression) => Some(Computed { expression, source: source.to_owned(), span: node.span }),
            Err(mistake) if self.remember_in_doubt && mistake.code == Code::SCRIPT_UNKNOWN_VARIABLE => None,
            Err(mut mistake) => {
                // A word alone is mostly a text whose own quotes are missing.
                let word = !source.is_empty() && source.chars().all(|c| c.is_alphanumeric() || c == '_');
                if mistake.code == Code::SCRIPT_UNKNOWN_VARIABLE && mistake.fix.is_none() {
                    *mistake = match word {
                        true => mistake
                            .label("is it a text?")
                            .help("A text in an expression needs quotes of its own, inside those of YAML.")
                            .fix(node.span, format!("'\"{source}\"'")),
                        false => mistake.help("An expression sees the variables of its flow, and contact, tap, text and now. A text in it needs quotes of its own."),
                    };
                }
                if verbatim_at.is_none() {
                    mistake.span = node.span;
                    mistake.fix = None;
                }
                self.note(*mistake);
                None
            }
        }
    }

    pub(crate) fn wrong_shape(&self, node: &Node, what: &str, expected: &str) {
        let found = match node.kind {
            NodeKind::Empty => "nothing",
            NodeKind::Scalar { .. } => "a text",
            NodeKind::List(_) => "a list",
            NodeKind::Map(_) => "a mapping",
        };
        let mistake = Diagnostic::error(Code::WRONG_SHAPE, node.span, format!("{what} is {found} where {expected} belongs"));
        let begins = match expected {
            _ if expected.starts_with("a mapping") => "{",
            _ if expected.starts_with("a list") => "[",
            _ => "",
        };
        self.note(match (self.instead(node, what), keys::example_of(what, begins)) {
            (Some(instead), _) => mistake.fix(node.span, instead),
            (None, Some(example)) => mistake.help(format!("write it like `{example}`")),
            (None, None) => mistake,
        });
    }

    /// What was probably meant by something short where a mapping belongs.
    fn instead(&self, node: &Node, what: &str) -> Option<String> {
        let written = self.sources.text(node.span);
        let alone = matches!(node.kind, NodeKind::Scalar { .. }) && !written.contains('\n');
        let quoted = || match node.kind {
            NodeKind::Scalar { quoted: false, .. } if written.contains([',', '{', '}', '[', ']', ':', '#']) => {
                format!("\"{}\"", written.replace('\\', "\\\\").replace('"', "\\\""))
            }
            _ => written.to_owned(),
        };
        match what {
            "`start`" if alone || matches!(node.kind, NodeKind::List(_)) => Some(format!("{{words: {}}}", quoted())),
            "`if_other`" | "`if_wrong`" | "`if_old`" if alone => Some(format!("{{say: {}}}", quoted())),
            "`if_silent`" if alone => Some(format!("{{after: 20 min, say: {}}}", quoted())),
            "`later`" if alone => Some(format!("{{after: {written}, go: another_step}}")),
            "a button" if alone => Some(format!("{{title: {}, go: another_step}}", quoted())),
            "a variable" if alone => {
                let kinds = keys::VARIABLES.iter().filter_map(|shape| shape.kind());
                meant(written, kinds).map(|kind| format!("{{kind: {kind}}}"))
            }
            _ => None,
        }
    }
}

/// The fields of a mapping while they are being taken.
pub(crate) struct Fields<'n> {
    what: &'static str,
    pub span: Span,
    entries: &'n [(Key, Node)],
    taken: Vec<bool>,
}

impl<'n> Fields<'n> {
    /// The key and value of `key`, if it is there.
    pub(crate) fn take(&mut self, key: &str) -> Option<(&'n Key, &'n Node)> {
        let index = self.entries.iter().position(|(name, _)| name.text == key)?;
        self.taken[index] = true;
        let (key, node) = &self.entries[index];
        Some((key, node))
    }

    /// Whether `key` is there, taken or not.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(name, _)| name.text == key)
    }

    /// Whether nothing stands in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of `key`; a mistake is noted when it is missing.
    pub(crate) fn need(&mut self, reader: &Reader<'_>, key: &str, example: &str) -> Option<&'n Node> {
        let found = self.take(key).map(|(_, node)| node);
        // A misspelt key is told as such when the mapping is finished; that it is missing is the same mistake.
        if found.is_none() && !self.is_misspelt(key) {
            let place = self.entries.first().map_or(self.span, |(key, _)| key.span);
            reader.note(
                Diagnostic::error(Code::MISSING_KEY, place, format!("{} has no `{key}`", self.what))
                    .help(format!("add `{key}: {example}`")),
            );
        }
        found
    }

    /// Whether a key that nobody took was probably meant to be `key`; it is told as such when the mapping is finished.
    pub(crate) fn is_misspelt(&self, key: &str) -> bool {
        let misspelt = |name: &str| name != key && meant(name, [key]).is_some();
        self.entries.iter().zip(&self.taken).any(|((name, _), taken)| !taken && misspelt(&name.text))
    }

    /// Notes every key that `shape` does not have as unknown, offering the nearest of those that it has.
    pub(crate) fn finish(self, reader: &Reader<'_>, shape: &Shape) {
        for ((key, _), taken) in self.entries.iter().zip(&self.taken) {
            if shape.has(&key.text) {
                continue;
            }
            // What the reader takes and the table lacks would be unknown to editors.
            debug_assert!(!taken, "`{}` of {} is missing in flow/keys/table.rs", key.text, shape.what);
            let known: Vec<&str> = shape.names().collect();
            let message = format!("{} has no key `{}`", self.what, key.text);
            let mistake = Diagnostic::error(Code::UNKNOWN_KEY, key.span, message);
            reader.note(match meant(&key.text, known.iter().copied()) {
                Some(near) => {
                    let free = self.entries.iter().all(|(other, _)| other.text != near);
                    let sure = free && surely(&key.text, near, known.iter().copied());
                    mistake.label(format!("did you mean `{near}`?")).fix(key.span, near).sure_if(sure)
                }
                None => mistake.help(format!("it takes {}", listed(&known))),
            });
        }
    }
}

/// `text` with the letters that a name may have.
pub(crate) fn as_name(text: &str) -> String {
    text.trim().to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
}

/// What older YAML and other languages write for the switch that was meant.
fn meant_switch(node: &Node) -> Option<&'static str> {
    let NodeKind::Scalar { text, .. } = &node.kind else { return None };
    match text.to_lowercase().as_str() {
        "true" | "yes" | "on" | "y" => Some("true"),
        "false" | "no" | "off" | "n" => Some("false"),
        _ => None,
    }
}

/// `a, b and c`, each in backticks.
pub(crate) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [first @ .., last] => {
            format!("{} and `{last}`", first.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "))
        }
    }
}

impl<'n> Fields<'n> {
    /// All entries, for mappings whose keys the author makes up.
    pub(crate) fn into_entries(self) -> &'n [(Key, Node)] {
        self.entries
    }

    /// Like [`Fields::finish`], but a known key that nobody took is out of place.
    pub(crate) fn finish_strictly(self, reader: &Reader<'_>, shape: &Shape) {
        for ((key, _), _) in self.entries.iter().zip(&self.taken).filter(|(_, taken)| !**taken) {
            if shape.has(&key.text) {
                let mistake =
                    Diagnostic::error(Code::TOGETHER, key.span, format!("`{}` does not belong to what this step does", key.text));
                reader.note(mistake.help("take it out, or add what it belongs to"));
            }
        }
        self.finish(reader, shape);
    }
}
