//! All conversations of a project: those beside the flows, and those in `tests/*.yaml`.

use crate::flow::read::Reader;
use crate::flow::{Flow, Program, keys, read_version};
use crate::model::FlowName;
use crate::source::{Diagnostic, Node, SourceId, SourceKind, parse_yaml};

use super::given;
use super::read::{Scenario, Shared, all, begins, contact, lines, read, unknown_flow};

/// The conversations of one file.
#[derive(Debug, Clone)]
pub struct Suite {
    /// The file.
    pub source: SourceId,
    /// The flows that they are about; at least one.
    pub flows: Vec<FlowName>,
    /// In the order in which they stand there.
    pub scenarios: Vec<Scenario>,
}

/// Every conversation of the project, and what is wrong with them: first those beside the flows, then those of `tests/`.
pub fn suites(program: &Program) -> (Vec<Suite>, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let mut suites = Vec::new();
    for flow in program.flows() {
        let (scenarios, found) = read(program, flow);
        diagnostics.extend(found);
        if !scenarios.is_empty() {
            suites.push(Suite { source: flow.span.source, flows: vec![flow.name.clone()], scenarios });
        }
    }
    for (source, _) in program.sources().iter().filter(|(_, file)| file.kind == SourceKind::Tests) {
        suites.extend(file(program, source, &mut diagnostics));
    }
    program.sources().in_order(&mut diagnostics);
    (suites, diagnostics)
}

fn file(program: &Program, source: SourceId, diagnostics: &mut Vec<Diagnostic>) -> Option<Suite> {
    let (node, mut found) = parse_yaml(source, &program.sources().get(source).text);
    let readable = !found.iter().any(Diagnostic::is_error);
    diagnostics.append(&mut found);
    let node = node.filter(|_| readable)?;
    let reader = Reader::new(program.sources(), program.scripts(), source);
    let suite = suite(&reader, program, &node);
    diagnostics.extend(reader.into_diagnostics());
    suite
}

fn suite(reader: &Reader<'_>, program: &Program, node: &Node) -> Option<Suite> {
    let mut fields = reader.fields(node, "a file of conversations")?;
    read_version(reader, &mut fields);
    let of = fields.need(reader, "tests_of", "the_flow").and_then(|node| reader.items(node, "`tests_of`")).unwrap_or_default();
    let flows: Vec<&Flow> = of.iter().filter_map(|node| flow(reader, program, node)).collect();
    let mut shared = Shared { who: contact(reader, &mut fields), begins: begins(reader, &mut fields), ..Shared::default() };
    shared.given = fields.take("given").and_then(|(_, node)| given::read(reader, node)).unwrap_or_default();
    shared.before = fields.take("before").and_then(|(_, node)| lines(reader, node, "`before`")).unwrap_or_default();
    let tests = fields.need(reader, "tests", "[{name: a greeting, talk: [{they: hi}, {bot: Hello!}]}]");
    fields.finish(reader, &keys::TESTS);
    let scenarios = all(reader, program, &flows, tests?, &shared);
    let names: Vec<FlowName> = flows.iter().map(|flow| flow.name.clone()).collect();
    (!names.is_empty()).then_some(Suite { source: reader.source, flows: names, scenarios })
}

fn flow<'p>(reader: &Reader<'_>, program: &'p Program, node: &Node) -> Option<&'p Flow> {
    let name = reader.scalar(node, "a flow's name")?;
    let found = program.flow(&FlowName::new(name));
    if found.is_none() {
        unknown_flow(reader, program, name, node.span);
    }
    found
}
