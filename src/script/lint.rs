//! What Rhai would notice only when the line runs: functions that do not exist or take another number of values, properties
//! that nothing given has, words that are not allowed, effects where none may be. Works on the tree as written, closures
//! included.

use std::collections::BTreeSet;

use rhai::{AST, ASTNode, Expr, FnCallExpr, Namespace, Position, Stmt};

use super::data::{self, Library};
use super::engine::{BUILT_IN, Engines, FORBIDDEN};
use super::names::Names;
use super::syntax::{self, Written};
use super::{given, host};
use crate::model::FlowName;
use crate::source::{Code, Diagnostic, Span, nearest};

/// The flows that `start("…")` names letter for letter, each with the place of its name.
pub(super) fn starts(ast: &AST, written: Written<'_>) -> Vec<(FlowName, Span)> {
    let mut starts = Vec::new();
    ast.walk(&mut |path: &[ASTNode]| {
        if let Some(ASTNode::Expr(Expr::FnCall(x, _)) | ASTNode::Stmt(Stmt::FnCall(x, _))) = path.last()
            && let ("start", [Expr::StringConstant(flow, at)]) = (x.name.as_str(), &x.args[..])
        {
            // Rhai points at the quote.
            let begin = written.byte(*at) + 1;
            starts.push((FlowName::new(flow), written.stretch(begin, begin + flow.len())));
        }
        true
    });
    // Rhai keeps functions in no particular order.
    starts.sort_by_key(|(_, span)| *span);
    starts
}

/// Judges every line of a script or expression.
pub(super) struct Lint<'a> {
    pub(super) engines: &'a Engines,
    pub(super) names: &'a Names,
    /// The project's data files, where they can be read.
    pub(super) data: Option<&'a Library>,
    pub(super) written: Written<'a>,
    /// Whether it may ask for effects: functions may, expressions may not.
    pub(super) may_ask: bool,
}

impl Lint<'_> {
    /// Puts what it finds into `diagnostics`, one for each place.
    pub(super) fn run(&self, ast: &AST, diagnostics: &mut Vec<Diagnostic>) {
        let mut found: Vec<Diagnostic> = Vec::new();
        ast.walk(&mut |path: &[ASTNode]| {
            let one = match path.last() {
                Some(ASTNode::Expr(Expr::FnCall(x, at)) | ASTNode::Stmt(Stmt::FnCall(x, at))) => self.call(x, *at, false),
                Some(ASTNode::Expr(Expr::MethodCall(x, at))) => self.call(x, *at, true),
                Some(ASTNode::Expr(Expr::Dot(x, ..))) => self.property(&x.lhs, &x.rhs),
                Some(ASTNode::Expr(Expr::Variable(x, _, at))) if is_global(&x.2) => Some(self.global(&x.1, *at)),
                _ => None,
            };
            found.extend(one.filter(|one| found.iter().all(|earlier| earlier.span != one.span)));
            true
        });
        diagnostics.append(&mut found);
    }

    fn call(&self, call: &FnCallExpr, at: Position, method: bool) -> Option<Diagnostic> {
        let name = call.name.as_str();
        if call.op_token.is_some() {
            return None;
        }
        if !call.namespace.is_empty() {
            // Other modules are refused by the parser.
            return is_global(&call.namespace).then(|| self.global(name, at));
        }
        let span = self.written.span(at);
        // What the parser itself writes for closures points at the closure, not at the word.
        if FORBIDDEN.contains(&name) && self.written.text[self.written.byte(at)..].starts_with(name) {
            return Some(syntax::forbidden(name, span));
        }
        if !self.may_ask && host::function(name).is_some_and(|function| function.asks) {
            return Some(
                Diagnostic::error(
                    Code::SCRIPT_FORBIDDEN,
                    span,
                    format!("{name} cannot stand in an expression, which only computes"),
                )
                .help("Write it into a function of a script, and let the step call that with run."),
            );
        }
        if name == super::marks::MARK || BUILT_IN.contains(&name) || (method && self.names.fields.contains(name)) {
            return None;
        }
        let given = call.args.len();
        let native = self.engines.functions.get(name);
        let own = self.names.functions.get(name);
        let fits = native.is_some_and(|counts| counts.contains(&(given + usize::from(method))))
            || own.is_some_and(|counts| counts.contains(&given));
        if fits {
            return None;
        }
        Some(match (native, own) {
            (None, None) => self.unknown(name, span),
            _ => wrong_count(name, given, native, own, method, span),
        })
    }

    fn unknown(&self, name: &str, span: Span) -> Diagnostic {
        let found = Diagnostic::error(Code::SCRIPT_UNKNOWN_FUNCTION, span, format!("there is no function `{name}`"));
        let known = self.names.functions.keys().chain(self.engines.functions.keys()).map(String::as_str);
        match (absent(name), nearest(name, known)) {
            (Some(help), _) => found.help(help),
            (None, Some(meant)) => found.label(format!("did you mean `{meant}`?")).fix(span, meant),
            (None, None) => found.help("Functions of this script and those in docs/scripting.md can be called."),
        }
    }

    fn property(&self, lhs: &Expr, rhs: &Expr) -> Option<Diagnostic> {
        let Expr::Variable(x, ..) = lhs else { return None };
        let root = x.1.as_str();
        if !x.2.is_empty() || self.names.variables.contains(root) {
            return None;
        }
        if let Some(data) = self.data.filter(|_| root == data::NAME && !self.names.declares(root)) {
            return self.data_file(data, rhs);
        }
        let known = given::PROPERTIES.iter().find(|(name, _)| *name == root)?.1;
        let (property, at, called) = first_property(rhs)?;
        let span = self.written.span(at);
        if called || known.contains(&property) {
            return (called && known.contains(&property)).then(|| {
                Diagnostic::error(Code::SCRIPT_UNKNOWN_FUNCTION, span, format!("{root}.{property} is written without ()"))
            });
        }
        let found = Diagnostic::error(Code::SCRIPT_UNKNOWN_VARIABLE, span, format!("{root} has no {property}"));
        Some(match nearest(property, known.iter().copied()) {
            Some(meant) => found.label(format!("did you mean `{meant}`?")).fix(span, meant),
            None => found.help(format!("It has {}.", known.join(", "))),
        })
    }

    /// `data.pricse`, where there is no such file.
    fn data_file(&self, data: &Library, rhs: &Expr) -> Option<Diagnostic> {
        let (name, at, _) = first_property(rhs)?;
        if data.names().any(|known| known == name) {
            return None;
        }
        let span = self.written.span(at);
        let found = Diagnostic::error(Code::UNKNOWN_DATA, span, format!("there is no data file `{name}`"));
        Some(match nearest(name, data.names()) {
            Some(meant) => found.label(format!("did you mean `{meant}`?")).fix(span, meant),
            None => found.help(format!("Put it into the project as `scripts/data/{name}.csv`, or as `.json` or `.yaml`.")),
        })
    }

    fn global(&self, name: &str, at: Position) -> Diagnostic {
        let start = self.written.byte(at);
        // Rhai points at the name; the prefix stands before it.
        let prefix = self.written.text[..start].rfind("global").filter(|_| !self.written.text[start..].starts_with("global"));
        let begin = prefix.unwrap_or(start);
        let end = self.written.text[start..].find(name).map_or(start, |offset| start + offset + name.len());
        let span = self.written.stretch(begin, end);
        Diagnostic::error(Code::SCRIPT_SYNTAX, span, format!("write {name} alone: nothing needs global:: here")).fix(span, name)
    }
}

fn is_global(namespace: &Namespace) -> bool {
    !namespace.is_empty() && namespace.root() == "global"
}

/// What stands right after the dot, and whether it is called.
fn first_property(rhs: &Expr) -> Option<(&str, Position, bool)> {
    match rhs {
        Expr::Property(x, at) => Some((x.2.as_str(), *at, false)),
        Expr::MethodCall(x, at) => Some((x.name.as_str(), *at, true)),
        Expr::Dot(x, ..) | Expr::Index(x, ..) => first_property(&x.lhs),
        _ => None,
    }
}

/// What people look for who know Rhai, and why it is not there.
fn absent(name: &str) -> Option<&'static str> {
    match name {
        "sleep" => Some("A script never waits. A step waits, with if_silent."),
        "timestamp" => Some("The time of the turn is now, for example now.unix."),
        "parse_json" => Some("Values come from the flow and from constants of the script."),
        "exit" => Some("Use return."),
        _ => None,
    }
}

fn wrong_count(
    name: &str,
    given: usize,
    native: Option<&BTreeSet<usize>>,
    own: Option<&BTreeSet<usize>>,
    method: bool,
    span: Span,
) -> Diagnostic {
    let shift = usize::from(method);
    let mut counts: BTreeSet<usize> = native.into_iter().flatten().filter_map(|count| count.checked_sub(shift)).collect();
    counts.extend(own.into_iter().flatten());
    let counts: Vec<String> = counts.iter().map(ToString::to_string).collect();
    let plural = if counts == ["1"] { "value" } else { "values" };
    let message = format!("{name} takes {} {plural}, not {given}", counts.join(" or "));
    let found = Diagnostic::error(Code::SCRIPT_UNKNOWN_FUNCTION, span, message);
    match host::function(name) {
        Some(function) => found.help(format!("It is written {}.", function.forms.join(" or "))),
        None => found,
    }
}
