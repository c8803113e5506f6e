//! What is wrong, where, and what to write instead.

use super::code::Code;
use super::sources::Span;

/// One mistake of an author.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// Its stable code.
    pub code: Code,
    /// Whether the program can run with it.
    pub severity: Severity,
    /// What is wrong, one sentence without a full stop, in the author's words.
    pub message: String,
    /// Where.
    pub span: Span,
    /// A few words at the place itself; empty when the message says it all.
    pub label: String,
    /// Other places that belong to it: the first of two that collide, say.
    pub related: Vec<Label>,
    /// What to do about it, one or two sentences; empty when the fix says it.
    pub help: String,
    /// What to write instead.
    pub fix: Option<Fix>,
}

/// A place with a few words.
#[derive(Debug, Clone, PartialEq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What about it.
    pub text: String,
}

/// What to write instead.
#[derive(Debug, Clone, PartialEq)]
pub struct Fix {
    /// What to replace.
    pub span: Span,
    /// With what.
    pub text: String,
    /// Whether the author can have meant nothing else, so that `check --fix` may write it unasked. Everything else is a
    /// proposal: names of steps and variables among it, for only the author knows which of theirs was meant.
    pub sure: bool,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The program cannot go live.
    Error,
    /// The program runs, but probably not as meant.
    Warning,
}

impl Diagnostic {
    /// A mistake with which the program cannot go live.
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            span,
            label: String::new(),
            related: Vec::new(),
            help: String::new(),
            fix: None,
        }
    }

    /// Something that is probably not as meant.
    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// With a few words at the place itself.
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    /// With another place that belongs to it.
    pub fn related(mut self, span: Span, text: impl Into<String>) -> Self {
        self.related.push(Label { span, text: text.into() });
        self
    }

    /// With what to do about it.
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = sentence(&text.into());
        self
    }

    /// With a proposal what to write instead of the text at `span`.
    pub fn fix(mut self, span: Span, text: impl Into<String>) -> Self {
        self.fix = Some(Fix { span, text: text.into(), sure: false });
        self
    }

    /// With what was certainly meant instead of the text at `span`; see [`Fix::sure`].
    pub fn sure_fix(self, span: Span, text: impl Into<String>) -> Self {
        self.fix(span, text).sure_if(true)
    }

    /// The same with its fix, if it has one, certain or not.
    pub fn sure_if(mut self, sure: bool) -> Self {
        if let Some(fix) = &mut self.fix {
            fix.sure = sure;
        }
        self
    }

    /// Whether the program cannot go live with it.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Puts diagnostics in the order of their places, and drops those that say the same of the same place twice.
    pub fn in_order(diagnostics: &mut Vec<Diagnostic>) {
        diagnostics.sort_by(|a, b| (a.span, a.code, &a.message).cmp(&(b.span, b.code, &b.message)));
        diagnostics.dedup_by(|a, b| a.span == b.span && a.code == b.code && a.message == b.message);
    }
}

/// `text` with a capital at its beginning and a stop at its end, so that remedies read alike whoever wrote them.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let mut sentence: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    if !sentence.is_empty() && !sentence.ends_with(['.', '!', '?', '…', ':']) {
        sentence.push('.');
    }
    sentence
}
