//! All scripts of a project, compiled: every mistake in every script is told in one run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rhai::{AST, Engine, Scope};

use super::asks::Asks;
use super::data::{self, Library};
use super::engine::{Engines, engines};
use super::lint::{Lint, starts};
use super::names::Names;
use super::scripts::{Script, Scripts};
use super::syntax::{self, Written};
use super::types::Handler;
use super::{constants, fence, functions, given};
use crate::model::{ScriptName, limits, name};
use crate::source::{Code, Diagnostic, Source, SourceId, SourceKind, Sources};

/// Compiles every script of `sources`. A script with an error is left out; the diagnostics say why.
pub fn compile(sources: &Sources, diagnostics: &mut Vec<Diagnostic>) -> Scripts {
    compile_after(sources, None, diagnostics)
}

/// The same; data files that have not changed since `previous` are not read again.
pub fn compile_after(sources: &Sources, previous: Option<&Scripts>, diagnostics: &mut Vec<Diagnostic>) -> Scripts {
    let data = Arc::new(Library::read(sources, previous.map(|previous| &*previous.data), diagnostics));
    let mut scripts = BTreeMap::new();
    let mut broken = BTreeSet::new();
    for (id, source) in sources.iter().filter(|(_, source)| source.kind == SourceKind::Script) {
        match script(id, source, &data, diagnostics) {
            Some((name, script)) => {
                scripts.insert(name, script);
            }
            None => {
                broken.insert(stem(source).to_owned());
            }
        }
    }
    let ranked = |handler: Handler| {
        let mut found: Vec<(&ScriptName, &Script)> = scripts.iter().filter(|(_, s)| s.handlers.contains(&handler)).collect();
        found.sort_by(|(a, x), (b, y)| y.priority.cmp(&x.priority).then_with(|| a.cmp(b)));
        found.into_iter().map(|(name, _)| name.clone()).collect()
    };
    Scripts { handlers: Handler::ALL.map(ranked), scripts, broken, data }
}

fn script(id: SourceId, source: &Source, data: &Arc<Library>, diagnostics: &mut Vec<Diagnostic>) -> Option<(ScriptName, Script)> {
    let written = Written { text: &source.text, source: id, at: 0, only: None };
    let name = script_name(source, written, diagnostics)?;
    let mut found = Vec::new();
    let script = fence::unshaken(|| read(name, source, data, written, &mut found)).unwrap_or_else(|| {
        found.push(syntax::unreadable(written));
        None
    });
    // Rhai keeps functions in no particular order, and so the lint finds things.
    Diagnostic::in_order(&mut found);
    let broken = found.iter().any(Diagnostic::is_error);
    diagnostics.append(&mut found);
    script.filter(|_| !broken).map(|script| (ScriptName::new(name), script))
}

/// The file's name without its ending.
fn stem(source: &Source) -> &str {
    let file = source.path.rsplit('/').next().unwrap_or(&source.path);
    file.strip_suffix(".rhai").unwrap_or(file)
}

/// The name of a script. Also refuses files that are too large to parse: parsing has no deadline.
fn script_name<'a>(source: &'a Source, written: Written<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<&'a str> {
    let stem = stem(source);
    let top = written.stretch(0, 0);
    if !name::is_name(stem) {
        diagnostics.push(
            Diagnostic::error(Code::BAD_NAME, top, format!("{stem} cannot be the name of a script")).help(
                "Name the file with lower-case letters, digits and _, a letter first: flows call its functions by that name.",
            ),
        );
        return None;
    }
    if source.text.len() > limits::SCRIPT_BYTES_MAX {
        let (size, most) = (source.text.len().div_ceil(1024), limits::SCRIPT_BYTES_MAX / 1024);
        diagnostics.push(
            Diagnostic::error(Code::FILE_UNREADABLE, top, format!("the script has {size} KiB, at most {most} are read"))
                .help("Split it into several files."),
        );
        return None;
    }
    Some(stem)
}

fn read(
    name: &str,
    source: &Source,
    data: &Arc<Library>,
    written: Written<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Script> {
    let engines = engines();
    let loose = match engines.lenient.compile(&*source.text) {
        Ok(ast) => ast,
        Err(error) => {
            diagnostics.push(syntax::diagnostic(&error, written, []));
            return None;
        }
    };
    let parses = |engine: &Engine, text: &str| engine.compile(text).is_ok();
    if let Some(at) = syntax::open_comment(&engines.lenient, &source.text, parses) {
        diagnostics.push(
            Diagnostic::error(
                Code::SCRIPT_SYNTAX,
                written.stretch(at, at + 2),
                "this comment never ends, and hides the rest of the file",
            )
            .help("Close it with */."),
        );
        return None;
    }
    let names = Names::gather(&loose);
    let declared = constants::declared(&loose, written, diagnostics);
    Lint { engines, names: &names, data: Some(data), written, may_ask: true }.run(&loose, diagnostics);
    let ast = strict(engines, source, &declared, &names, written, diagnostics);
    let handlers = functions::handlers(&loose, written, diagnostics);
    functions::refuse_shadows(&loose, &names, engines, written, diagnostics);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return None;
    }
    let ast = ast?;
    let constants = constants::evaluate(engines, &ast, &declared, data, written, diagnostics);
    let priority = functions::priority(&constants, &declared, written, diagnostics);
    Some(Script {
        path: source.path.clone(),
        functions: functions::public_functions(name, &ast),
        reads_variables: functions::names_get(&source.text),
        starts: starts(&loose, written),
        asks: Asks::gather(&loose, &source.text),
        ast,
        constants: Arc::new(constants),
        data: Arc::clone(data),
        priority,
        handlers,
    })
}

/// The tree that runs. Unknown variables come out here; Rhai tells of the first.
fn strict(
    engines: &Engines,
    source: &Source,
    declared: &[constants::Declared],
    names: &Names,
    written: Written<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<AST> {
    let mut scope = Scope::new();
    let global = given::NAMES.into_iter().chain([data::NAME]).chain(declared.iter().map(|(name, _)| name.as_str()));
    for name in global.clone() {
        scope.push(name, ());
    }
    match engines.strict.compile_with_scope(&scope, &*source.text) {
        Ok(mut ast) => {
            ast.set_source(&*source.path);
            Some(ast)
        }
        Err(error) => {
            let known = global.chain(names.variables.iter().map(String::as_str));
            diagnostics.push(syntax::diagnostic(&error, written, known));
            None
        }
    }
}
