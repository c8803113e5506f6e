//! Top-level constants of a script: worked out once, when it is loaded, and then seen by name in all of its functions.
//!
//! Rhai itself runs the top level of a script before every call and shows its constants only as `global::NAME`. Here nothing
//! but `const` may stand at the top level, and it runs once.

use std::sync::Arc;

use rhai::{AST, ASTFlags, Position, Scope, Stmt};

use super::data::Library;
use super::desk::{Constants, Desk, Moment};
use super::engine::Engines;
use super::syntax::Written;
use super::{convert, desk, fault, fence};
use crate::source::{Code, Diagnostic};

/// The seed of constants: `random` in one of them gives the same number at every load.
const SEED: u64 = 0;

/// A constant and where its name stands.
pub(super) type Declared = (String, Position);

/// The constants that the top level of `ast` declares; everything else there is a diagnostic.
pub(super) fn declared(ast: &AST, written: Written<'_>, diagnostics: &mut Vec<Diagnostic>) -> Vec<Declared> {
    let mut names = Vec::new();
    for statement in ast.statements() {
        match statement {
            Stmt::Var(x, flags, _) if flags.intersects(ASTFlags::CONSTANT) => names.push((x.0.name.to_string(), x.0.pos)),
            Stmt::Var(x, _, at) => diagnostics.push(
                Diagnostic::error(
                    Code::SCRIPT_FORBIDDEN,
                    written.span(*at),
                    format!("{} stands outside of every function and would be forgotten", x.0.name),
                )
                .help("Write const for a value that never changes; set and get keep values for a contact."),
            ),
            Stmt::Noop(_) => {}
            // What closures in a constant share.
            Stmt::Share(_) => {}
            other => diagnostics.push(
                Diagnostic::error(
                    Code::SCRIPT_FORBIDDEN,
                    written.span(other.position()),
                    "this stands outside of every function and would never run",
                )
                .help("Put it into a function. Only const may stand outside of functions."),
            ),
        }
    }
    names
}

/// Works them out. A constant holds data: no functions, nothing of a contact, no effects.
pub(super) fn evaluate(
    engines: &Engines,
    ast: &AST,
    declared: &[Declared],
    data: &Arc<Library>,
    written: Written<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Constants {
    let mut constants = Constants::new();
    if declared.is_empty() {
        return constants;
    }
    let mut scope = Scope::new();
    let mut desk = Desk::new(Moment::Constants, SEED);
    desk.data = Some(Arc::clone(data));
    let (result, _) = desk::seated(desk, || fence::fenced(|| engines.strict.run_ast_with_scope(&mut scope, ast)));
    if let Err(stop) = result {
        let mut at = Position::NONE;
        let fault = fault::fault(stop, |position| {
            at = position;
            String::new()
        });
        let message = format!("a constant cannot be worked out: {}", fault.message);
        diagnostics.push(
            Diagnostic::error(Code::SCRIPT_SYNTAX, written.span(at), message).help(
                "Constants are worked out at load: they use literals, constants above them, and functions that only compute.",
            ),
        );
        return constants;
    }
    for (name, at) in declared {
        let Some(value) = scope.get(name) else { continue };
        match convert::to_value(value) {
            Ok(value) => {
                constants.insert(name.clone(), convert::to_dynamic(&value));
            }
            Err(why) => diagnostics.push(Diagnostic::error(
                Code::SCRIPT_SYNTAX,
                written.span(*at),
                format!("the constant {name} is {why}"),
            )),
        }
    }
    constants
}
