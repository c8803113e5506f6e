//! The functions of a script: which of them are handlers, which are offered to flows, and which stand in the way.

use rhai::{AST, FnAccess, Position};

use super::constants::Declared;
use super::desk::Constants;
use super::engine::Engines;
use super::names::{Names, is_anonymous, shadowed};
use super::syntax::Written;
use super::types::{FunctionInfo, Handler};
use crate::model::ScriptName;
use crate::source::{Code, Diagnostic, Span, nearest};

/// The constant that ranks a script's handlers: higher ones are asked first.
const PRIORITY: &str = "PRIORITY";

/// Which events the script takes, and functions that were probably meant to.
pub(super) fn handlers(ast: &AST, written: Written<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Handler> {
    let mut found = Vec::new();
    for function in ast.iter_functions().filter(|f| f.access == FnAccess::Public && f.name.starts_with("on_")) {
        let span = function_span(written, function.name, &function.params);
        match Handler::ALL.into_iter().find(|handler| handler.function() == function.name) {
            Some(handler) if function.params.len() == 1 => found.push(handler),
            Some(handler) => {
                let message = format!("{} takes one parameter, not {}", function.name, function.params.len());
                diagnostics.push(Diagnostic::error(Code::SCRIPT_HANDLER, span, message).help(format!(
                    "Write fn {}({}) {{ … }}.",
                    handler.function(),
                    handler.parameter()
                )));
            }
            None => {
                if let Some(meant) = nearest(function.name, Handler::ALL.map(Handler::function)) {
                    let message = format!("nothing calls {} by itself", function.name);
                    let found = Diagnostic::warning(Code::SCRIPT_HANDLER, span, message);
                    diagnostics.push(found.label(format!("did you mean `{meant}`?")).fix(span, meant));
                }
            }
        }
    }
    found
}

pub(super) fn refuse_shadows(
    ast: &AST,
    names: &Names,
    engines: &Engines,
    written: Written<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    for name in shadowed(names, engines) {
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

pub(super) fn priority(
    constants: &Constants,
    declared: &[Declared],
    written: Written<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> i64 {
    let Some(value) = constants.get(PRIORITY) else { return 0 };
    value.as_int().unwrap_or_else(|_| {
        let at = declared.iter().find(|(name, _)| name == PRIORITY).map_or(Position::NONE, |(_, at)| *at);
        let message = format!("{PRIORITY} is a whole number, not {}", super::convert::kind_name(value));
        diagnostics.push(Diagnostic::error(Code::SCRIPT_HANDLER, written.span(at), message));
        0
    })
}

pub(super) fn public_functions(script: &str, ast: &AST) -> Vec<FunctionInfo> {
    let script = ScriptName::new(script);
    let public = ast.iter_functions().filter(|f| {
        f.access == FnAccess::Public && !is_anonymous(f.name) && Handler::ALL.iter().all(|handler| handler.function() != f.name)
    });
    let mut functions: Vec<FunctionInfo> =
        public.map(|f| FunctionInfo { script: script.clone(), name: f.name.to_owned(), parameters: f.params.len() }).collect();
    functions.sort_by(|a, b| (&a.name, a.parameters).cmp(&(&b.name, b.parameters)));
    functions
}

/// Whether the text mentions `get` at all, as a call or as the name of a function to call. A mention in a comment costs a copy
/// of the variables and nothing else.
pub(super) fn names_get(text: &str) -> bool {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices("get").any(|(at, found)| !text[..at].ends_with(word) && !text[at + found.len()..].starts_with(word))
        || text.contains("Fn(")
}
