//! What a script may set and say, as far as its text tells: for checks of flows, which must not accuse a flow of what a script
//! takes care of. In doubt it may.

use std::collections::BTreeSet;

use rhai::{AST, ASTNode, Expr, Stmt};

/// What a script may ask for.
#[derive(Debug, Default)]
pub(super) struct Asks {
    /// The variables it sets by name.
    sets: BTreeSet<String>,
    /// Whether it sets variables whose names only show when it runs.
    sets_any: bool,
    /// Whether it sends messages.
    pub(super) says: bool,
}

impl Asks {
    /// Gathers it from the tree as written; `text` is the script's.
    pub(super) fn gather(ast: &AST, text: &str) -> Self {
        // A function that is called by a name made at run time may be any.
        let any = text.contains("Fn(");
        let mut asks = Self { sets: BTreeSet::new(), sets_any: any, says: any };
        ast.walk(&mut |path: &[ASTNode]| {
            let (call, method) = match path.last() {
                Some(ASTNode::Expr(Expr::FnCall(call, _)) | ASTNode::Stmt(Stmt::FnCall(call, _))) => (call, false),
                Some(ASTNode::Expr(Expr::MethodCall(call, _))) => (call, true),
                _ => return true,
            };
            asks.says |= call.name.starts_with("send");
            if call.name == "set" {
                match call.args.first() {
                    Some(Expr::StringConstant(name, _)) if !method => {
                        asks.sets.insert(name.to_string());
                    }
                    _ => asks.sets_any = true,
                }
            }
            true
        });
        asks
    }

    /// Whether it may set `variable`.
    pub(super) fn may_set(&self, variable: &str) -> bool {
        self.sets_any || self.sets.contains(variable)
    }
}
