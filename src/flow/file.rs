//! One flow file: `buttonhook: 1`, `flow`, `title`, `start`, `remember`, `steps` and what goes with them.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::model::{FlowName, StepName, VariableName};
use crate::script::Scripts;
use crate::source::{Code, Diagnostic, Node, NodeKind, SourceId, Sources, Span, parse_yaml, written_secrets};

use super::always::{self, Always};
use super::check;
use super::keys;
use super::language::{self, Branch, LanguageFile};
use super::program::Flow;
use super::read::{Fields, Reader, Target};
use super::step::Step;
use super::trigger::Start;
use super::variable::Variable;

/// The version of the language that this host speaks.
const VERSION: &str = "1";

/// What came of one file, kept as long as the file does not change: reading is what costs most in a reload.
#[derive(Debug)]
pub(super) struct FlowFile {
    pub source: SourceId,
    pub path: Arc<str>,
    pub text: Arc<str>,
    /// The flow, as far as it could be read.
    pub flow: Option<Arc<Flow>>,
    /// What holds for every flow, where this is the file that says it.
    pub always: Option<Arc<Always>>,
    /// The texts of another file in one language, where this is what it holds.
    pub language: Option<LanguageFile>,
    /// What is wrong inside the file.
    pub diagnostics: Vec<Diagnostic>,
    /// What is wrong unless another flow enters this one.
    pub doubts: Vec<Doubt>,
}

/// Something that is right where another flow enters this one, and only then.
#[derive(Debug)]
pub(super) struct Doubt {
    /// The variable that would have to be given; nothing when it is enough that the flow is entered.
    pub gives: Option<VariableName>,
    /// What to say otherwise.
    pub diagnostic: Diagnostic,
}

impl FlowFile {
    pub(super) fn read(sources: &Sources, scripts: &Scripts, id: SourceId) -> Self {
        let source = sources.get(id);
        let (node, mut diagnostics) = parse_yaml(id, &source.text);
        let (mut flow, mut always, mut language, mut doubts) = (None, None, None, Vec::new());
        // While the YAML itself is in doubt, what stands in it would only be misunderstood. A key that stands twice and a text
        // without its quotes are told apart from the rest: then the rest is read, and told in the same run.
        let in_doubt: Vec<Diagnostic> = diagnostics.iter().filter(|one| one.is_error()).cloned().collect();
        let readable = in_doubt.iter().all(|one| matches!(one.code, Code::YAML_DUPLICATE_KEY | Code::YAML_UNQUOTED_BRACE));
        if let Some(node) = node.filter(|_| readable) {
            let mut reader = Reader::new(sources, scripts, id);
            if always::is_at(&source.path) {
                reader.flowless = true;
                always = always::read_project(&reader, &node).filter(|_| in_doubt.is_empty()).map(Arc::new);
            } else if language::is_one(&node) {
                language = LanguageFile::read(&reader, &node).filter(|_| in_doubt.is_empty());
            } else if let Some((mut read, whole)) = read_flow(&mut reader, &node) {
                check::steps(&reader, &read);
                read.places = Branch::gather(steps_of(&node), &reader.texts.borrow());
                if in_doubt.is_empty() {
                    doubts = check::ways(&reader, &read);
                }
                flow = Some(read).filter(|_| whole && in_doubt.is_empty());
            }
            let follows = |one: &Diagnostic| {
                in_doubt.iter().any(|cause| cause.span.start <= one.span.start && one.span.end <= cause.span.end)
            };
            diagnostics.extend(reader.into_diagnostics().into_iter().filter(|one| !follows(one)));
        }
        // What the reader has told of a header or a body is not told again.
        let told: Vec<Span> = diagnostics.iter().filter(|one| one.code == Code::SECRET_IN_FILE).map(|one| one.span).collect();
        let mut leaks = Vec::new();
        written_secrets(id, &source.text, &mut leaks);
        leaks.retain(|leak| !told.iter().any(|told| told.start <= leak.span.start && leak.span.end <= told.end));
        diagnostics.append(&mut leaks);
        let (path, text, flow) = (source.path.clone(), source.text.clone(), flow.map(Arc::new));
        Self { source: id, path, text, flow, always, language, diagnostics, doubts }
    }

    /// Whether it is known what it holds.
    pub(super) fn is_read(&self) -> bool {
        self.flow.is_some() || self.always.is_some() || self.language.is_some()
    }

    /// Whether it could be read as a whole. Always so in a program that may run.
    pub(super) fn is_whole(&self) -> bool {
        self.is_read() && !self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Whether it came from this very file.
    pub(super) fn is_of(&self, sources: &Sources, id: SourceId) -> bool {
        let source = sources.get(id);
        self.source == id && self.path == source.path && self.text == source.text
    }
}

/// The flow as far as it could be read, and whether that is enough for a program.
fn read_flow(reader: &mut Reader<'_>, node: &Node) -> Option<(Flow, bool)> {
    if node.kind == NodeKind::Empty {
        reader.note(
            Diagnostic::error(Code::MISSING_KEY, node.span, "the file is empty")
                .help("a flow begins with `buttonhook: 1` and `flow: its_name`; `buttonhook new` writes an example"),
        );
        return None;
    }
    let mut fields = reader.fields(node, "a flow")?;
    read_version(reader, &mut fields);
    let name = fields.need(reader, "flow", "its_name").and_then(|node| {
        let name = reader.scalar(node, "`flow`")?;
        Some((FlowName::new(reader.new_name(name, node.span, "a flow")?), node.span))
    });
    let title = fields.take("title").and_then(|(_, node)| reader.scalar(node, "`title`")).map(str::to_owned);
    let language = language::read_own(reader, &mut fields);
    let zone = fields.take("zone").and_then(|(_, node)| reader.zone(node));
    let remember = read_variables(reader, &mut fields);
    let before = reader.noted();
    let start = fields.take("start").map(|(_, node)| Start::read(reader, node)).unwrap_or_default();
    reader.start_in_doubt.set(reader.noted() > before || fields.is_misspelt("start"));
    let end_if_silent =
        fields.take("end_if_silent").and_then(|(_, node)| Some((reader.duration(node, "`end_if_silent`")?, node.span)));
    // From here on what could not be read may have led to a step.
    let before = reader.noted();
    let always = fields.take("always").map(|(_, node)| always::read_flow(reader, node)).unwrap_or_default();
    let if_broken = fields.take("if_broken").and_then(|(_, node)| reader.target(node, "`if_broken`"));
    let moved = read_routes(reader, &mut fields, "moved");
    let retired = read_routes(reader, &mut fields, "retired");
    let tests = fields.take("tests").map(|(_, node)| node.clone());
    let steps = fields.need(reader, "steps", "").map(|node| read_steps(reader, node));
    *reader.steps_mistakes.borrow_mut() = reader.noted_after(before);
    fields.finish(reader, &keys::FLOW);
    // A flow without a name is looked through all the same, so that what is wrong in it is told in the same run.
    let whole = name.is_some();
    let (name, span) = name.unwrap_or_else(|| (FlowName::new("nameless"), node.span));
    let steps = steps?;
    // Where its texts stand is known when all of them have been looked at.
    let places = Branch::default();
    let flow = Flow {
        name,
        title,
        span,
        language,
        places,
        zone,
        start,
        remember,
        always,
        steps,
        end_if_silent,
        if_broken,
        moved,
        retired,
        tests,
    };
    Some((flow, whole))
}

/// Reads which version of the language a file is written in, and notes one that is not known here.
pub(crate) fn read_version(reader: &Reader<'_>, fields: &mut Fields<'_>) {
    match fields.take("buttonhook") {
        // `buttonhok: 1` is told as an unknown key.
        None if fields.is_misspelt("buttonhook") => {}
        None => reader.note(
            Diagnostic::error(
                Code::WRONG_VERSION,
                Span::new(reader.source, 0, 0),
                "the file does not say which version of the language it uses",
            )
            .help(format!("begin it with `buttonhook: {VERSION}`"))
            .sure_fix(Span::new(reader.source, 0, 0), format!("buttonhook: {VERSION}\n")),
        ),
        Some((_, node)) => {
            let found = reader.scalar(node, "`buttonhook`");
            if found.is_some_and(|found| found != VERSION) {
                reader.note(
                    Diagnostic::error(Code::WRONG_VERSION, node.span, "this host does not know that version of the language")
                        .label(format!("it knows version {VERSION}"))
                        .fix(node.span, VERSION),
                );
            }
        }
    }
}

/// The mapping of the steps.
fn steps_of(file: &Node) -> &Node {
    let NodeKind::Map(entries) = &file.kind else { return file };
    entries.iter().find(|(key, _)| key.text == "steps").map_or(file, |(_, steps)| steps)
}

fn read_variables(reader: &mut Reader<'_>, fields: &mut Fields<'_>) -> IndexMap<VariableName, Variable> {
    let found = fields.take("remember");
    reader.remember_in_doubt = found.is_none() && fields.is_misspelt("remember");
    let Some((_, node)) = found else { return IndexMap::new() };
    let Some(entries) = reader.fields(node, "`remember`") else {
        reader.remember_in_doubt = true;
        return IndexMap::new();
    };
    let entries = entries.into_entries();
    let could_be = |name: &&str| name.starts_with(char::is_alphabetic) && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    reader.variables = entries.iter().map(|(key, _)| key.text.as_str()).filter(could_be).map(VariableName::new).collect();
    let variables = entries.iter().filter_map(|(key, node)| Variable::read(reader, key, node));
    variables.map(|variable| (variable.name.clone(), variable)).collect()
}

fn read_steps(reader: &Reader<'_>, node: &Node) -> IndexMap<StepName, Step> {
    let Some(fields) = reader.fields(node, "`steps`") else { return IndexMap::new() };
    let entries = fields.into_entries();
    *reader.steps_written.borrow_mut() = entries.iter().map(|(key, _)| key.text.clone()).collect();
    if entries.is_empty() {
        reader.note(Diagnostic::error(Code::MISSING_KEY, node.span, "the flow has no steps"));
    }
    entries.iter().filter_map(|(key, node)| Step::read(reader, key, node)).map(|step| (step.name.clone(), step)).collect()
}

fn read_routes(reader: &Reader<'_>, fields: &mut Fields<'_>, what: &'static str) -> BTreeMap<StepName, Target> {
    let Some(entries) = fields.take(what).and_then(|(_, node)| reader.fields(node, "the mapping of old steps")) else {
        return BTreeMap::new();
    };
    let route = |(key, node): &(crate::source::Key, Node)| {
        let old = reader.new_name(&key.text, key.span, "a step")?;
        Some((StepName::new(old), reader.target(node, "the step it leads to now")?))
    };
    entries.into_entries().iter().filter_map(route).collect()
}
