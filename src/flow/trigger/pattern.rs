//! `matches`: regular expressions over typed text. Linear in the text whatever the expression, and bounded in size.

use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use crate::model::{Value, VariableName};
use crate::source::{Code, Diagnostic, Node, NodeKind, Span};

use super::super::program::Flow;
use super::super::read::Reader;
use super::super::typed::Typist;

/// Bytes of a pattern as written.
const PATTERN_BYTES_MAX: usize = 1024;
/// Bytes that one compiled pattern may take.
const COMPILED_BYTES_MAX: usize = 1024 * 1024;
/// Bytes that all compiled patterns of a project may take together.
const TOGETHER_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Bytes of a typed text that patterns look at; a longer one is an essay and no command.
pub(super) const MATCHED_BYTES_MAX: usize = 4 * 1024;

/// A regular expression that starts a flow.
#[derive(Debug, Clone)]
pub struct Pattern {
    regex: Regex,
    /// The variables that its named groups fill.
    pub groups: Vec<VariableName>,
    /// Where.
    pub span: Span,
}

impl Pattern {
    pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<Self> {
        let source = reader.scalar(node, "a pattern")?;
        let refuse = |message: String, label: String, help: &str| {
            reader.note(Diagnostic::error(Code::BAD_PATTERN, node.span, message).label(label).help(help));
        };
        if source.len() > PATTERN_BYTES_MAX {
            let message = format!("a pattern has at most {PATTERN_BYTES_MAX} bytes, this one has {}", source.len());
            refuse(message, String::new(), "let the pattern recognise only how the text begins, and a script read the rest");
            return None;
        }
        let regex = match builder(source).build() {
            Ok(regex) => regex,
            Err(regex::Error::CompiledTooBig(_)) => {
                let message = "the pattern takes too much memory".to_owned();
                refuse(message, String::new(), "make its repetitions smaller: `.{1,1000}` is as good as `.+`");
                return None;
            }
            Err(error) => {
                let error = error.to_string();
                let why = error.lines().last().unwrap_or("").trim_start_matches("error: ").to_owned();
                let help = "patterns are regular expressions without look-around and back-references";
                refuse("the regular expression cannot be read".to_owned(), why, help);
                return None;
            }
        };
        let group = |name: &str| reader.known_variable(name, group_span(node, source, name));
        let groups: Vec<_> = regex.capture_names().flatten().map(group).collect();
        Some(Self { regex, groups: groups.into_iter().collect::<Option<_>>()?, span: node.span })
    }

    /// The pattern as written.
    pub fn source(&self) -> &str {
        self.regex.as_str()
    }

    /// What its groups hold of `typed`, as the variables of `flow` keep it; nothing when the pattern does not fit, or a
    /// variable does not take what its group holds.
    pub(in super::super) fn values(&self, flow: &Flow, typed: &str, typist: &Typist<'_>) -> Option<Vec<(VariableName, Value)>> {
        let captures = self.regex.captures(typed)?;
        let held = self.groups.iter().filter_map(|name| Some((name, captures.name(name.as_str())?.as_str())));
        held.map(|(name, text)| {
            let value = flow.remember.get(name.as_str())?.read_answer(text, typist).ok()?;
            Some((name.clone(), value))
        })
        .collect()
    }
}

/// Case does not matter, as with words; `(?-i)` in a pattern says that it does.
fn builder(source: &str) -> RegexBuilder {
    let mut builder = RegexBuilder::new(source);
    builder.case_insensitive(true).size_limit(COMPILED_BYTES_MAX).dfa_size_limit(COMPILED_BYTES_MAX);
    builder
}

/// Every pattern as one, so that a text is read once for all of them.
pub(super) fn together<'p>(patterns: impl Iterator<Item = &'p Pattern> + Clone, diagnostics: &mut Vec<Diagnostic>) -> RegexSet {
    let mut builder = RegexSetBuilder::new(patterns.clone().map(Pattern::source));
    builder.case_insensitive(true).size_limit(TOGETHER_BYTES_MAX).dfa_size_limit(TOGETHER_BYTES_MAX);
    builder.build().unwrap_or_else(|_| {
        // Each was good by itself, so that only their size can be wrong.
        if let Some(largest) = patterns.max_by_key(|pattern| pattern.source().len()) {
            diagnostics.push(
                Diagnostic::error(Code::BAD_PATTERN, largest.span, "the patterns of all flows together take too much memory")
                    .help("make their repetitions smaller, or let one flow take them all and a script tell them apart"),
            );
        }
        RegexSet::empty()
    })
}

/// Where the name of a group stands, or the whole pattern where YAML wrote it differently.
fn group_span(node: &Node, source: &str, name: &str) -> Span {
    let place = match node.kind {
        NodeKind::Scalar { verbatim_at: Some(at), .. } => source.find(&format!("<{name}>")).map(|found| at as usize + found + 1),
        _ => None,
    };
    place.map_or(node.span, |start| Span::new(node.span.source, start, start + name.len()))
}
