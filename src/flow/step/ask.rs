//! `ask`: a question whose answer, in words, goes `into` a variable; `if_wrong` for what does not fit,
//! `if_silent` for nothing.

use crate::model::{Message, VariableName, Wait, limits};
use crate::source::{Code, Diagnostic, Node, Span};

use super::super::engine::{Broken, Machine, Next};
use super::super::program::Flow;
use super::super::read::{Fields, Reader, Target};
use super::super::text::Text;
use super::super::variable::Kind;
use super::super::ways::Look;
use super::Silence;
use super::menu::Retry;

/// A question.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The question.
    pub question: Text,
    /// The variable for the answer.
    pub into: VariableName,
    /// What happens when the answer does not fit.
    pub if_wrong: Option<Retry>,
    /// What happens when nothing comes.
    pub if_silent: Option<Silence>,
    /// Where the answer leads.
    pub go: Target,
    /// Where.
    pub span: Span,
}

impl Ask {
    pub(super) fn read(reader: &Reader<'_>, node: &Node, fields: &mut Fields<'_>) -> Option<Self> {
        let question = reader.text(node, "`ask`").unwrap_or_else(|| Text::unread(node.span));
        let into = fields.need(reader, "into", "a_variable").and_then(|node| reader.variable(node, "`into`"));
        let if_wrong = fields.take("if_wrong").and_then(|(_, node)| Retry::read(reader, node, "`if_wrong`"));
        let if_silent = Silence::read(reader, fields);
        let go = fields.need(reader, "go", "another_step").and_then(|node| reader.target(node, "`go`"));
        Some(Self { question, into: into?, if_wrong, if_silent, go: go?, span: node.span })
    }

    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow) {
        flow.check_length(reader, &self.question, limits::TEXT_BODY_CHARS_MAX, "the question");
        let variable = flow.remember.get(self.into.as_str());
        if variable.is_some_and(|variable| matches!(variable.kind, Kind::List | Kind::Record)) {
            let message = format!("nobody can type a value for `{}`: only scripts make lists and records", self.into);
            reader.note(
                Diagnostic::error(Code::BAD_VALUE, self.span, message)
                    .help("ask into a variable of another kind, and let a script make the list of it"),
            );
        }
    }

    pub(super) fn look<'f>(&'f self, look: &mut Look<'f>) {
        look.text(&self.question);
        look.waits();
        self.if_wrong.iter().for_each(|retry| retry.look(look));
        self.if_silent.iter().for_each(|silence| silence.look(look));
        look.sets(&self.into);
        look.leads(&self.go);
    }

    pub(super) fn exits(&self) -> Vec<&Target> {
        let retry = self.if_wrong.iter().filter_map(|retry| retry.then.as_ref());
        let silence = self.if_silent.iter().filter_map(|silence| silence.go.as_ref());
        std::iter::once(&self.go).chain(retry).chain(silence).collect()
    }

    pub(super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow) -> Result<Next, Broken> {
        let mut missing = Vec::new();
        let body = self.question.fill(&machine.scope(flow), &mut missing);
        machine.trace.append(&mut missing);
        machine.send(Message::Text { body }, self.span)?;
        Ok(Next::Wait(Wait::Answer))
    }
}
