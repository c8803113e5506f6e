//! All scripts of a project, compiled: every mistake in every script is told in one run.

use std::collections::BTreeMap;
use std::sync::Arc;

use rhai::{AST, Engine, FnAccess, Scope};

use super::desk::Constants;
use super::engine::{Engines, engines};
use super::lint::{self, Lint, Names};
use super::syntax::{self, Written};
use super::types::{FunctionInfo, Handler};
use super::{constants, given};
use crate::model::{FlowName, ScriptName, limits, name};
use crate::source::{Code, Diagnostic, Source, SourceId, SourceKind, Sources, Span, nearest};

/// The constant that ranks a script's handlers: higher ones are asked first.
const PRIORITY: &str = "PRIORITY";

/// All scripts of a project, compiled. Cheap to share, never changed.
#[derive(Debug, Default)]
pub struct Scripts {
    pub(super) scripts: BTreeMap<ScriptName, Script>,
    on_tap: Vec<ScriptName>,
    on_text: Vec<ScriptName>,
}

/// One of them.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) path: Arc<str>,
    pub(super) ast: AST,
    pub(super) constants: Arc<Constants>,
    pub(super) functions: Vec<FunctionInfo>,
    /// Whether it may look at the flow's variables: copying them for every call would cost those that do not.
    pub(super) reads_variables: bool,
    starts: Vec<(FlowName, Span)>,
    priority: i64,
    handlers: Vec<Handler>,
}

impl Handler {
    /// Both of them.
    pub const ALL: [Handler; 2] = [Handler::OnTap, Handler::OnText];

    /// The name of its function.
    pub fn function(self) -> &'static str {
        match self {
            Handler::OnTap => "on_tap",
            Handler::OnText => "on_text",
        }
    }
}

/// Compiles every script of `sources`. A script with an error is left out; the diagnostics say why.
pub fn compile(sources: &Sources, diagnostics: &mut Vec<Diagnostic>) -> Scripts {
    let mut scripts = BTreeMap::new();
    for (id, source) in sources.iter().filter(|(_, source)| source.kind == SourceKind::Script) {
        if let Some((name, script)) = script(id, source, diagnostics) {
            scripts.insert(name, script);
        }
    }
    let ranked = |handler: Handler| {
        let mut found: Vec<(&ScriptName, &Script)> = scripts.iter().filter(|(_, s)| s.handlers.contains(&handler)).collect();
        found.sort_by(|(a, x), (b, y)| y.priority.cmp(&x.priority).then_with(|| a.cmp(b)));
        found.into_iter().map(|(name, _)| name.clone()).collect()
    };
    Scripts { on_tap: ranked(Handler::OnTap), on_text: ranked(Handler::OnText), scripts }
}

impl Scripts {
    /// The function `script.name`, if there is one. Of several forms with different numbers of parameters, the shortest.
    pub fn function(&self, script: &str, name: &str) -> Option<FunctionInfo> {
        let found = self.scripts.get(script)?.functions.iter().filter(|function| function.name == name);
        found.min_by_key(|function| function.parameters).cloned()
    }

    /// Every function that flows may call, for "did you mean". Handlers are not among them.
    pub fn functions(&self) -> Vec<FunctionInfo> {
        self.scripts.values().flat_map(|script| script.functions.iter().cloned()).collect()
    }

    /// Whether `script.name` has a form with `arguments` parameters.
    pub fn takes(&self, script: &str, name: &str, arguments: usize) -> bool {
        self.scripts.get(script).is_some_and(|script| {
            script.functions.iter().any(|function| function.name == name && function.parameters == arguments)
        })
    }

    /// The flows that scripts begin with `start("…")`, each with the place of its name, so that one that does not exist can
    /// be told. Names made at run time are not among them.
    pub fn starts(&self) -> impl Iterator<Item = (&FlowName, Span)> {
        self.scripts.values().flat_map(|script| script.starts.iter().map(|(flow, span)| (flow, *span)))
    }

    /// The scripts that react by themselves, in the order in which they are asked.
    pub fn handlers(&self, handler: Handler) -> &[ScriptName] {
        match handler {
            Handler::OnTap => &self.on_tap,
            Handler::OnText => &self.on_text,
        }
    }
}

fn script(id: SourceId, source: &Source, diagnostics: &mut Vec<Diagnostic>) -> Option<(ScriptName, Script)> {
    let written = Written { text: &source.text, source: id, at: 0, only: None };
    let name = script_name(source, written, diagnostics)?;
    let mut found = Vec::new();
    let script = read(name, source, written, &mut found);
    // Rhai keeps functions in no particular order, and so the lint finds things.
    Diagnostic::in_order(&mut found);
    let broken = found.iter().any(Diagnostic::is_error);
    diagnostics.append(&mut found);
    script.filter(|_| !broken).map(|script| (ScriptName::new(name), script))
}

/// The file's name without its ending. Also refuses files that are too large to parse: parsing has no deadline.
fn script_name<'a>(source: &'a Source, written: Written<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<&'a str> {
    let file = source.path.rsplit('/').next().unwrap_or(&source.path);
    let stem = file.strip_suffix(".rhai").unwrap_or(file);
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

fn read(name: &str, source: &Source, written: Written<'_>, diagnostics: &mut Vec<Diagnostic>) -> Option<Script> {
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
    Lint { engines, names: &names, written, may_ask: true }.run(&loose, diagnostics);
    let ast = strict(engines, source, &declared, &names, written, diagnostics);
    let handlers = handlers(&loose, written, diagnostics);
    refuse_shadows(&loose, &names, engines, written, diagnostics);
    if diagnostics.iter().any(Diagnostic::is_error) {
        return None;
    }
    let ast = ast?;
    let constants = constants::evaluate(engines, &ast, &declared, written, diagnostics);
    let priority = priority(&constants, &declared, written, diagnostics);
    Some(Script {
        path: source.path.clone(),
        functions: public_functions(name, &ast),
        reads_variables: names_get(&source.text),
        starts: lint::starts(&loose, written),
        ast,
        constants: Arc::new(constants),
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
    let global = given::NAMES.into_iter().chain(declared.iter().map(|(name, _)| name.as_str()));
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

/// Which events the script takes, and functions that were probably meant to.
fn handlers(ast: &AST, written: Written<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Handler> {
    let mut found = Vec::new();
    for function in ast.iter_functions().filter(|f| f.access == FnAccess::Public && f.name.starts_with("on_")) {
        let span = function_span(written, function.name, &function.params);
        match Handler::ALL.into_iter().find(|handler| handler.function() == function.name) {
            Some(handler) if function.params.len() == 1 => found.push(handler),
            Some(handler) => {
                let given = if handler == Handler::OnTap { "tap" } else { "text" };
                let message = format!("{} takes one parameter, not {}", function.name, function.params.len());
                diagnostics.push(
                    Diagnostic::error(Code::SCRIPT_HANDLER, span, message)
                        .help(format!("Write fn {}({given}) {{ … }}.", handler.function())),
                );
            }
            None => {
                if let Some(meant) = nearest(function.name, Handler::ALL.map(Handler::function)) {
                    let message = format!("nothing calls {} by itself", function.name);
                    let found = Diagnostic::warning(Code::SCRIPT_HANDLER, span, message);
                    diagnostics.push(found.label(format!("did you mean {meant}?")).fix(span, meant));
                }
            }
        }
    }
    found
}

fn refuse_shadows(ast: &AST, names: &Names, engines: &Engines, written: Written<'_>, diagnostics: &mut Vec<Diagnostic>) {
    for name in lint::shadowed(names, engines) {
        let forms = ast.iter_functions().filter(|f| f.name == name).map(|f| f.params);
        let params = forms.min_by_key(Vec::len).unwrap_or_default();
        let span = function_span(written, &name, &params);
        diagnostics.push(
            Diagnostic::error(Code::SCRIPT_FORBIDDEN, span, format!("{name} is a function that every script is given"))
                .help("Give yours another name: inside this script it would stand in the way of the given one."),
        );
    }
}

/// Where the name of a function stands. Rhai does not keep it, so the text is searched for its heading.
fn function_span(written: Written<'_>, function: &str, params: &[&str]) -> Span {
    let text = written.text;
    let parts = |from: usize| -> Option<(usize, Vec<&str>)> {
        let open = text[from..].find('(')? + from;
        let close = text[open..].find(')')? + open;
        Some((open, text[open + 1..close].split(',').map(str::trim).filter(|p| !p.is_empty()).collect()))
    };
    for (at, _) in text.match_indices(function) {
        let headed = text[..at].trim_end().ends_with("fn") && text[..at].ends_with(char::is_whitespace);
        if headed && parts(at).is_some_and(|(open, found)| text[at..open].trim() == function && found == params) {
            return written.stretch(at, at + function.len());
        }
    }
    written.whole()
}

fn priority(
    constants: &Constants,
    declared: &[constants::Declared],
    written: Written<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> i64 {
    let Some(value) = constants.get(PRIORITY) else { return 0 };
    value.as_int().unwrap_or_else(|_| {
        let at = declared.iter().find(|(name, _)| name == PRIORITY).map_or(rhai::Position::NONE, |(_, at)| *at);
        let message = format!("{PRIORITY} is a whole number, not {}", super::convert::kind_name(value));
        diagnostics.push(Diagnostic::error(Code::SCRIPT_HANDLER, written.span(at), message));
        0
    })
}

fn public_functions(script: &str, ast: &AST) -> Vec<FunctionInfo> {
    let script = ScriptName::new(script);
    let public = ast.iter_functions().filter(|f| {
        f.access == FnAccess::Public
            && !lint::is_anonymous(f.name)
            && Handler::ALL.iter().all(|handler| handler.function() != f.name)
    });
    let mut functions: Vec<FunctionInfo> =
        public.map(|f| FunctionInfo { script: script.clone(), name: f.name.to_owned(), parameters: f.params.len() }).collect();
    functions.sort_by(|a, b| (&a.name, a.parameters).cmp(&(&b.name, b.parameters)));
    functions
}

/// Whether the text mentions `get` at all, as a call or as the name of a function to call. A mention in a comment costs a copy
/// of the variables and nothing else.
fn names_get(text: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices("get").any(|(at, found)| !text[..at].ends_with(word) && !text[at + found.len()..].starts_with(word))
        || text.contains("Fn(")
}
