//! `choose`: goes where the first condition that holds leads, and otherwise to the last row's step; or goes by the value of one
//! variable.

use crate::source::{Code, Diagnostic, Key, Node, NodeKind};

use super::super::engine::{Broken, Machine, Next};
use super::super::keys;
use super::super::program::Flow;
use super::super::read::{Computed, Reader, Target};
use super::super::ways::Look;
use super::cases::Cases;

/// Where to go, by what is the case.
#[derive(Debug, Clone)]
pub enum Choose {
    /// By conditions.
    Rows(Rows),
    /// By the value of a variable.
    Cases(Cases),
}

/// Conditions in order, and where they lead.
#[derive(Debug, Clone)]
pub struct Rows {
    rows: Vec<(Computed, Target)>,
    otherwise: Target,
}

impl Choose {
    pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<Self> {
        match &node.kind {
            NodeKind::List(items) => Rows::read(reader, node, items).map(Self::Rows),
            NodeKind::Map(entries) if is_row(entries) => {
                reader.wrong_shape(node, "`choose`", "a list of rows, `- {when: …, go: …}`,");
                None
            }
            NodeKind::Map(_) => Cases::read(reader, node).map(Self::Cases),
            NodeKind::Empty | NodeKind::Scalar { .. } => {
                reader.wrong_shape(node, "`choose`", "a list of rows, `- {when: …, go: …}`, or `{by: a_variable, …}`,");
                None
            }
        }
    }

    /// What leads where, in order: each condition, or each value of the variable, as people read it.
    pub fn rows(&self) -> Vec<(String, &Target)> {
        match self {
            Self::Rows(rows) => rows.rows.iter().map(|(when, go)| (when.source.clone(), go)).collect(),
            Self::Cases(cases) => cases.rows().collect(),
        }
    }

    /// Where it leads when nothing of that is the case.
    pub fn otherwise(&self) -> Option<&Target> {
        match self {
            Self::Rows(rows) => Some(&rows.otherwise),
            Self::Cases(cases) => cases.otherwise.as_ref(),
        }
    }

    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow) {
        match self {
            Self::Rows(_) => {}
            Self::Cases(cases) => cases.check(reader, flow),
        }
    }

    pub(super) fn look<'f>(&'f self, look: &mut Look<'f>) {
        match self {
            Self::Cases(cases) => cases.look(look),
            Self::Rows(Rows { rows, otherwise }) => {
                for (when, go) in rows {
                    look.computed(when);
                    look.leads(go);
                }
                look.leads(otherwise);
            }
        }
    }

    pub(super) fn exits(&self) -> Vec<&Target> {
        match self {
            Self::Cases(cases) => cases.exits(),
            Self::Rows(Rows { rows, otherwise }) => rows.iter().map(|(_, go)| go).chain(std::iter::once(otherwise)).collect(),
        }
    }

    pub(super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow) -> Result<Next, Broken> {
        let Rows { rows, otherwise } = match self {
            Self::Cases(cases) => return cases.run(machine, flow),
            Self::Rows(rows) => rows,
        };
        for (when, go) in rows {
            if machine.test(flow, when)? {
                return Ok(Next::Go(go.step.clone()));
            }
        }
        Ok(Next::Go(otherwise.step.clone()))
    }
}

/// Whether this is one row of conditions without its list.
fn is_row(entries: &[(Key, Node)]) -> bool {
    let has = |name: &str| entries.iter().any(|(key, _)| key.text == name);
    has("when") && !has("by")
}

impl Rows {
    fn read(reader: &Reader<'_>, node: &Node, items: &[Node]) -> Option<Self> {
        let mut rows = Vec::with_capacity(items.len());
        let mut otherwise: Option<Target> = None;
        let mut in_doubt = false;
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
            // `else: a_step` is told as an unknown key.
            if fields.is_misspelt("otherwise") {
                in_doubt = true;
                fields.finish(reader, &keys::OTHERWISE);
                continue;
            }
            let when = fields.need(reader, "when", "a condition").and_then(|node| reader.computed(node, "`when`"));
            let go = fields.need(reader, "go", "another_step").and_then(|node| reader.target(node, "`go`"));
            fields.finish(reader, &keys::CHOOSE_ROW);
            rows.extend(when.zip(go));
        }
        if otherwise.is_none() && !in_doubt {
            reader.note(
                Diagnostic::error(Code::NO_EXIT, node.span, "`choose` does not say what happens when no condition holds")
                    .help("end it with `- otherwise: another_step`"),
            );
        }
        Some(Self { rows, otherwise: otherwise? })
    }
}
