//! Expressions of flows: `when:` and `set:`. Compiled once at load, evaluated with only the names they use.

use std::sync::Arc;

use rhai::{AST, ASTNode, Dynamic, Engine, Expr, ImmutableString, Position, Scope, Stmt};

use super::desk::{Desk, Moment};
use super::engine::engines;
use super::lint::Lint;
use super::names::Names;
use super::scripts::Scripts;
use super::syntax::{self, Written};
use super::types::{ScriptFault, Surroundings};
use super::{convert, desk, fault, fence, given};
use crate::model::{Value, VariableName};
use crate::source::{Code, Diagnostic, Place, SourceId, Sources};

/// Bytes of one expression: parsing has no deadline, and longer ones belong into a script.
pub(super) const EXPRESSION_BYTES_MAX: usize = 4 * 1024;

/// A compiled expression of a flow (`when:`, `set:`). Cheap to clone.
#[derive(Debug, Clone)]
pub struct Expression(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    ast: AST,
    /// The names it uses, and no others.
    uses: Vec<(ImmutableString, Used)>,
    place: Place,
    /// Whether lines and columns of the text can be told in the file.
    exact: bool,
}

#[derive(Debug)]
enum Used {
    /// One of `given::NAMES`.
    Given,
    /// A variable of the flow.
    Variable(VariableName),
}

impl Expression {
    /// Whether it uses the variable, or what is given under that name.
    pub fn uses(&self, variable: &VariableName) -> bool {
        self.0.uses.iter().any(|(name, _)| name == variable.as_str())
    }

    /// Its value when it is written out, `7` or `"Kochi"`, so that nothing needs to run to know it.
    pub fn literal(&self) -> Option<Value> {
        let [Stmt::Expr(expr)] = self.0.ast.statements() else { return None };
        let written = matches!(
            **expr,
            Expr::IntegerConstant(..) | Expr::FloatConstant(..) | Expr::StringConstant(..) | Expr::BoolConstant(..)
        );
        let value = expr.get_literal_value(None).filter(|_| written)?;
        convert::to_value(&value).ok()
    }
}

impl Scripts {
    /// Compiles an expression of a flow. `at` is the byte of `source` where `text` stands; `variables` are the flow's own.
    /// Where the text does not stand there letter for letter (YAML escapes, folded lines) the diagnostic points at its line.
    ///
    /// # Errors
    /// What is wrong with it: it cannot be read, uses a name that is neither given nor a variable of the flow, calls a
    /// function that does not exist or that asks for something.
    pub fn expression(
        &self,
        text: &str,
        source: SourceId,
        at: u32,
        sources: &Sources,
        variables: &[VariableName],
    ) -> Result<Expression, Box<Diagnostic>> {
        let file = &*sources.get(source).text;
        let at = (at as usize).min(file.len());
        let rest = file.get(at..).unwrap_or("");
        let exact = rest.starts_with(text);
        let only = (!exact).then(|| at + rest.lines().next().map_or(0, str::len));
        let written = Written { text, source, at, only };
        if text.len() > EXPRESSION_BYTES_MAX {
            let message = format!("an expression has at most {EXPRESSION_BYTES_MAX} bytes");
            return Err(Box::new(
                Diagnostic::error(Code::SCRIPT_SYNTAX, written.whole(), message).help("Write a function in a script and run it."),
            ));
        }
        let parsed = fence::unshaken(|| parse(text, written, variables));
        let ast = parsed.unwrap_or_else(|| Err(Box::new(syntax::unreadable(written))))?;
        let uses = uses(&ast, variables);
        let place = sources.place(written.stretch(0, 0));
        Ok(Expression(Arc::new(Compiled { ast, uses, place, exact })))
    }

    /// The value of an expression. A variable that was not set yet is nothing, `()`.
    ///
    /// # Errors
    /// What went wrong while it was worked out.
    pub fn evaluate(&self, expression: &Expression, around: &Surroundings<'_>) -> Result<Value, ScriptFault> {
        let compiled = &*expression.0;
        let mut scope = Scope::new();
        for (name, used) in &compiled.uses {
            let value = match used {
                Used::Given => given::one(name, around).unwrap_or(Dynamic::UNIT),
                Used::Variable(variable) => around.variables.get(variable).map_or(Dynamic::UNIT, convert::to_dynamic),
            };
            scope.push_constant_dynamic(name.clone(), value);
        }
        let (result, _) = desk::seated(Desk::new(Moment::Expression, around.seed), || {
            fence::fenced(|| {
                let value: Dynamic = engines().strict.eval_ast_with_scope(&mut scope, &compiled.ast)?;
                Ok(convert::to_value(&value))
            })
        });
        match result {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(why)) => Err(fault::plain(compiled.place.to_string(), format!("the expression gives {why}"))),
            Err(stop) => Err(fault::fault(stop, |position| compiled.place(position))),
        }
    }
}

impl Compiled {
    /// The place in the flow's file.
    fn place(&self, at: Position) -> String {
        let mut place = self.place.clone();
        if let Some(line) = at.line().filter(|_| self.exact) {
            let column = at.position().unwrap_or(1);
            place.column = if line == 1 { place.column + column - 1 } else { column };
            place.line += line - 1;
        }
        place.to_string()
    }
}

fn parse(text: &str, written: Written<'_>, variables: &[VariableName]) -> Result<AST, Box<Diagnostic>> {
    let engines = engines();
    let known = || given::NAMES.into_iter().chain(variables.iter().map(VariableName::as_str));
    let mut scope = Scope::new();
    for name in known() {
        scope.push(name, ());
    }
    if text.trim().is_empty() {
        return Err(Box::new(
            Diagnostic::error(Code::SCRIPT_SYNTAX, written.whole(), "an expression is missing")
                .help("Write for example orders >= 5."),
        ));
    }
    let parses = |engine: &Engine, text: &str| engine.compile_expression_with_scope(&scope, text).is_ok();
    let ast = engines
        .strict
        .compile_expression_with_scope(&scope, text)
        .map_err(|error| Box::new(syntax::diagnostic(&error, written, known())))?;
    if let Some(at) = syntax::open_comment(&engines.strict, text, parses) {
        let span = written.stretch(at, at + 2);
        return Err(Box::new(
            Diagnostic::error(Code::SCRIPT_SYNTAX, span, "this comment never ends").help("Close it with */, or leave it out."),
        ));
    }
    let mut found = Vec::new();
    let names = Names::gather(&ast);
    Lint { engines, data: None, names: &names, written, may_ask: false }.run(&ast, &mut found);
    found.sort_by_key(|diagnostic| diagnostic.span);
    found.into_iter().next().map_or(Ok(ast), |first| Err(Box::new(first)))
}

/// Which names the expression uses. Parameters of its own closures may be among them by accident; that costs a little and
/// changes nothing, since the inner name wins.
fn uses(ast: &AST, variables: &[VariableName]) -> Vec<(ImmutableString, Used)> {
    let mut uses: Vec<(ImmutableString, Used)> = Vec::new();
    ast.walk(&mut |path: &[ASTNode]| {
        if let Some(ASTNode::Expr(Expr::Variable(x, ..))) = path.last() {
            let name = &x.1;
            if uses.iter().any(|(known, _)| known == name) {
                return true;
            }
            if given::NAMES.contains(&name.as_str()) {
                uses.push((name.clone(), Used::Given));
            } else if let Some(variable) = variables.iter().find(|variable| variable.as_str() == name.as_str()) {
                uses.push((name.clone(), Used::Variable(variable.clone())));
            }
        }
        true
    });
    uses
}

/// Whether `name`, standing alone, is a variable to Rhai and not a word of its own.
pub(super) fn reads_as_a_variable(name: &str) -> bool {
    let Ok(ast) = engines().lenient.compile_expression(name) else {
        return false;
    };
    let [Stmt::Expr(expr)] = ast.statements() else {
        return false;
    };
    matches!(&**expr, Expr::Variable(..))
}
