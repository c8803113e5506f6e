//! What names a script or expression uses for things of its own, gathered before any line of it is judged.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Expr, FnCallExpr, Stmt};

use super::engine::Engines;
use super::host;

/// What the whole text says, gathered before any line is judged.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Its own functions, with the numbers of parameters.
    pub(super) functions: BTreeMap<String, BTreeSet<usize>>,
    /// Properties that records get: any of them may hold a function.
    pub(super) fields: BTreeSet<String>,
    /// Names of variables it makes itself.
    pub(super) variables: BTreeSet<String>,
}

/// Functions that closures become have no name of the author's.
pub(super) fn is_anonymous(function: &str) -> bool {
    function.contains('$')
}

impl Names {
    /// Whether it makes a variable of this name itself, so that a given one is not meant.
    pub(super) fn declares(&self, name: &str) -> bool {
        self.variables.contains(name)
    }

    /// Gathers them.
    pub(super) fn gather(ast: &AST) -> Self {
        let mut names = Self::default();
        let mut captured: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        ast.walk(&mut |path: &[ASTNode]| {
            match path.last() {
                Some(ASTNode::Stmt(Stmt::Var(x, _, _))) => {
                    names.variables.insert(x.0.name.to_string());
                }
                Some(ASTNode::Stmt(Stmt::For(x, _))) => {
                    names.variables.insert(x.0.name.to_string());
                    names.variables.extend(x.1.iter().map(|counter| counter.name.to_string()));
                }
                Some(ASTNode::Expr(Expr::Map(x, _))) => names.fields.extend(x.0.iter().map(|(field, _)| field.name.to_string())),
                Some(ASTNode::Stmt(Stmt::Assignment(x))) => names.fields.extend(last_property(&x.1.lhs)),
                Some(ASTNode::Expr(Expr::FnCall(x, _))) => names_captured(x, &mut captured),
                _ => {}
            }
            true
        });
        for function in ast.iter_functions() {
            let own = captured.get(function.name);
            let params = function.params.iter().filter(|param| own.is_none_or(|own| !own.contains(**param)));
            // What these are given is known, so that a misspelt property of it can be told.
            if !["on_tap", "on_event", "on_receipt"].contains(&function.name) {
                names.variables.extend(params.map(|param| (*param).to_owned()));
            }
            if !is_anonymous(function.name) {
                names.functions.entry(function.name.to_owned()).or_default().insert(function.params.len());
            }
        }
        names
    }
}

/// A closure that captures is written by the parser as a call: `curry(closure, captured, …)`.
fn names_captured(call: &FnCallExpr, captured: &mut BTreeMap<String, BTreeSet<String>>) {
    let Some(Expr::DynamicConstant(value, _)) = call.args.first().filter(|_| call.name == "curry") else {
        return;
    };
    if let Some(closure) = value.read_lock::<rhai::FnPtr>() {
        let names = call.args[1..].iter().filter_map(|arg| match arg {
            Expr::Variable(x, ..) => Some(x.1.to_string()),
            _ => None,
        });
        captured.entry(closure.fn_name().to_owned()).or_default().extend(names);
    }
}

fn last_property(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Dot(x, ..) | Expr::Index(x, ..) => last_property(&x.rhs),
        Expr::Property(x, _) => Some(x.2.to_string()),
        Expr::StringConstant(text, _) => Some(text.to_string()),
        _ => None,
    }
}

/// Functions of the host that the script defines anew: its own calls would reach the wrong one.
pub(super) fn shadowed(names: &Names, engines: &Engines) -> Vec<String> {
    let same = |(name, counts): &(&String, &BTreeSet<usize>)| {
        host::function(name).is_some() && engines.functions.get(*name).is_some_and(|taken| !taken.is_disjoint(counts))
    };
    names.functions.iter().filter(same).map(|(name, _)| name.clone()).collect()
}
