//! Definitions become a [`Program`]; a program, a conversation and an event become a turn. Pure.
//!
//! Invariants: [`compile`] reports every mistake it can find in one run and gives a program only when there is none;
//! [`advance`] never fails, and the same arguments always give the same turn; a conversation names flows and steps and never
//! holds an index into a program. Must never: read a clock, a file or a random source, wait for anything, or print.
//!
//! Where to look: `file` reads a file, `step/` holds a file per kind of step, `trigger` what begins flows, `check` what only
//! the whole shows, `ways` what they leave unset, `language/` the texts in other languages, `engine/` takes events, `button` signs the ids of buttons, `keys` is the
//! language as a table and `schema` what editors make of it.

mod always;
mod bounds;
pub mod button;
mod check;
mod clock;
mod duration;
mod engine;
mod enters;
mod exits;
mod expected;
mod file;
mod hosts;
pub mod keys;
mod language;
mod program;
pub(crate) mod read;
mod schedule;
pub mod schema;
mod scope;
mod step;
mod text;
mod trigger;
mod typed;
mod unasked;
mod variable;
mod ways;

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::script;
use crate::source::{Code, Diagnostic, SourceKind, Sources, Span, written_secrets};

pub use always::{Always, Deed, Words};
pub use bounds::{Bound, Days, Hours};
pub use duration::duration;
pub use engine::{BROKEN_TEXT, GONE_TEXT, Opening, Pretence, Pretended, SPENT_TEXT, advance, advance_pretending};
pub use exits::{Exit, ExitKind, stretch};
pub(crate) use file::read_version;
pub(crate) use language::read_own as read_language;
pub use program::{Flow, Program};
pub use schedule::{Planned, Schedule};
pub use step::{Back, Card, Choice, KINDS, Menu, MenuPart, Step, Then};
pub use trigger::{Owner, Pattern, Start, Triggers, plain};
pub use typed::Typist;
pub use variable::{Kind, Variable};

pub use crate::script::{Marked, marked};

/// The handlers that a script may have, in the order in which they are asked.
pub const HANDLERS: [crate::script::Handler; crate::script::Handler::ALL.len()] = crate::script::Handler::ALL;

use file::FlowFile;
use language::{Around, Languages};

/// Reads, resolves and checks everything. Gives a program only when no diagnostic is an error; the diagnostics stand in the
/// order of their places.
pub fn compile(sources: &Sources) -> (Option<Program>, Vec<Diagnostic>) {
    compile_after(sources, None)
}

/// The same, reading again only what changed since `previous` was compiled.
pub fn compile_after(sources: &Sources, previous: Option<&Program>) -> (Option<Program>, Vec<Diagnostic>) {
    let (program, diagnostics) = draft(sources, previous);
    let good = !diagnostics.iter().any(Diagnostic::is_error);
    (good.then_some(program), diagnostics)
}

/// The project as far as it could be read, for tools that tell mistakes. Never run it while a diagnostic is an error.
pub fn draft(sources: &Sources, previous: Option<&Program>) -> (Program, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let scripts = script::compile_after(sources, previous.map(|previous| &previous.scripts), &mut diagnostics);
    for (id, source) in sources.iter().filter(|(_, source)| source.kind == SourceKind::Script) {
        written_secrets(id, &source.text, &mut diagnostics);
    }
    let known: HashMap<&str, &Arc<FlowFile>> =
        previous.iter().flat_map(|program| &program.files).map(|file| (file.path.as_ref(), file)).collect();
    let flow_files = sources.iter().filter(|(_, source)| source.kind == SourceKind::Flow);
    let files: Vec<Arc<FlowFile>> = flow_files
        .map(|(id, source)| match known.get(source.path.as_ref()) {
            Some(file) if file.is_of(sources, id) => Arc::clone(file),
            Some(_) | None => Arc::new(FlowFile::read(sources, &scripts, id)),
        })
        .collect();
    diagnostics.extend(files.iter().flat_map(|file| file.diagnostics.iter().cloned()));
    let flows = gather(&files, &mut diagnostics);
    diagnostics.extend(enters::doubts(&files));
    let always = only_always(&files, &mut diagnostics);
    let around = Around { sources, scripts: &scripts, files: &files, flows: &flows, always: &always };
    let languages = Languages::gather(&around, previous.map(|previous| &previous.languages), &mut diagnostics);
    let starts = flows.values().map(|flow| (&flow.name, &flow.start));
    let triggers = trigger::Triggers::gather(starts, languages.starts(), &mut diagnostics);
    let (revision, sources) = (sources.revision().to_owned(), sources.clone());
    let program = Program { revision, sources, files, flows, triggers, always, languages, scripts };
    always::check(&program, &mut diagnostics);
    language::check(&program, &mut diagnostics);
    check::program(&program, &mut diagnostics);
    enters::check(&program, &mut diagnostics);
    program.sources.in_order(&mut diagnostics);
    (program, diagnostics)
}

/// What holds for every flow; a second file that says it is a mistake.
fn only_always(files: &[Arc<FlowFile>], diagnostics: &mut Vec<Diagnostic>) -> Arc<Always> {
    let mut found = files.iter().filter_map(|file| Some((file, file.always.as_ref()?)));
    let Some((first, always)) = found.next() else { return Arc::default() };
    for (second, _) in found {
        diagnostics.push(
            Diagnostic::error(Code::DUPLICATE_ALWAYS, Span::new(second.source, 0, 0), "a second file that holds for every flow")
                .related(Span::new(first.source, 0, 0), "the first of them")
                .help("put everything into `flows/_always.yaml`"),
        );
    }
    Arc::clone(always)
}

/// The flows by name; the second of two with the same name is a mistake.
fn gather(files: &[Arc<FlowFile>], diagnostics: &mut Vec<Diagnostic>) -> IndexMap<crate::model::FlowName, Arc<Flow>> {
    let mut flows: IndexMap<_, Arc<Flow>> = IndexMap::new();
    for flow in files.iter().filter_map(|file| file.flow.as_ref()) {
        match flows.get(&flow.name) {
            Some(first) => diagnostics.push(
                Diagnostic::error(Code::DUPLICATE_FLOW, flow.span, format!("there are two flows called `{}`", flow.name))
                    .related(first.span, "the first of them")
                    .help("give one of them another name"),
            ),
            None => {
                flows.insert(flow.name.clone(), Arc::clone(flow));
            }
        }
    }
    flows
}
