//! `choose`: goes where the first condition that holds leads, and otherwise to the last row's step.

use crate::source::{Code, Diagnostic, Node, NodeKind};

use super::super::engine::{Broken, Machine, Next};
use super::super::keys;
use super::super::program::Flow;
use super::super::read::{Computed, Reader, Target};
use super::super::ways::Look;

/// Conditions in order, and where they lead.
#[derive(Debug, Clone)]
pub struct Choose {
    /// The conditions in order, each with where it leads.
    pub rows: Vec<(Computed, Target)>,
    /// Where it leads when none holds.
    pub otherwise: Target,
}

impl Choose {
    pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<Self> {
        let NodeKind::List(items) = &node.kind else {
            reader.wrong_shape(node, "`choose`", "a list of `- {when: …, go: …}`");
            return None;
        };
        let mut rows = Vec::with_capacity(items.len());
        let mut otherwise: Option<Target> = None;
        for item in items {
            let Some(mut fields) = reader.fields(item, "a row of `choose`") else { continue };
            if let Some(last) = &otherwise {
                reader.note(
                    Diagnostic::error(Code::AFTER_OTHERWISE, item.span, "no row after `otherwise` is ever looked at")
                        .related(last.span, "this takes everything that is left")
                        .help("put `otherwise` last"),
                );
            }
            if let Some((_, node)) = fields.take("otherwise") {
                otherwise = otherwise.or(reader.target(node, "`otherwise`"));
                fields.finish(reader, &keys::OTHERWISE);
                continue;
            }
            let when = fields.need(reader, "when", "a condition").and_then(|node| reader.computed(node, "`when`"));
            let go = fields.need(reader, "go", "another_step").and_then(|node| reader.target(node, "`go`"));
            fields.finish(reader, &keys::CHOOSE_ROW);
            rows.extend(when.zip(go));
        }
        if otherwise.is_none() {
            reader.note(
                Diagnostic::error(Code::NO_EXIT, node.span, "`choose` does not say what happens when no condition holds")
                    .help("end it with `- otherwise: another_step`"),
            );
        }
        Some(Self { rows, otherwise: otherwise? })
    }

    pub(super) fn look<'f>(&'f self, look: &mut Look<'f>) {
        for (when, go) in &self.rows {
            look.computed(when);
            look.leads(go);
        }
        look.leads(&self.otherwise);
    }

    pub(super) fn exits(&self) -> Vec<&Target> {
        self.rows.iter().map(|(_, go)| go).chain(std::iter::once(&self.otherwise)).collect()
    }

    pub(super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow) -> Result<Next, Broken> {
        for (when, go) in &self.rows {
            if machine.test(flow, when)? {
                return Ok(Next::Go(go.step.clone()));
            }
        }
        Ok(Next::Go(self.otherwise.step.clone()))
    }
}
