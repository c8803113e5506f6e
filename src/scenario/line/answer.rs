//! `answer: {status: 200, body: {state: sent}}`: what the other system answers to the oldest call that waits for its answer.

use crate::flow::keys;
use crate::flow::read::Reader;
use crate::model::{CallAnswer, CallFailure, EventKind, Resumes};
use crate::source::{Code, Diagnostic, Node, Span};

use super::super::expected::Expected;
use super::super::given::value;
use super::super::play::{Failure, Play};
use super::{Line, LineKind};

/// An answer, and what must be true of the call that it is for.
#[derive(Debug, Clone)]
pub struct AnswerLine {
    answer: CallAnswer,
    /// The step that must have asked.
    step: Option<(String, Span)>,
    /// The address that must have been asked.
    url: Option<(Expected, Span)>,
}

pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<LineKind> {
    let mut fields = reader.fields(node, "`answer`")?;
    let step = fields.take("step").and_then(|(_, node)| Some((reader.scalar(node, "`step`")?.to_owned(), node.span)));
    let url = fields.take("url").and_then(|(_, node)| Some((Expected::read(reader, node, "`url`")?, node.span)));
    let status = fields.take("status");
    let body = fields.take("body");
    let fails = fields.take("fails");
    fields.finish(reader, &keys::ANSWER_LINE);
    let answer = match (status, fails) {
        (Some((_, status)), None) => {
            let status = reader.whole(status, "`status`", 100, 599)?;
            let status = u16::try_from(status).expect("it is below 600");
            CallAnswer::Answered { status, body: body.map(|(_, node)| value(node)).unwrap_or_default() }
        }
        (None, Some((_, fails))) => {
            let word = reader.scalar(fails, "`fails`")?;
            let Some((why, _)) = CallFailure::ALL.into_iter().find(|(_, known)| *known == word) else {
                let known: Vec<&str> = CallFailure::ALL.iter().map(|(_, word)| *word).collect();
                reader.note(
                    Diagnostic::error(Code::BAD_VALUE, fails.span, format!("`{word}` is no way in which a call fails"))
                        .help(format!("write one of {}", known.join(", "))),
                );
                return None;
            };
            CallAnswer::Failed { why, detail: why.in_words().to_owned() }
        }
        (Some((first, _)), Some((second, _))) => {
            reader.note(
                Diagnostic::error(Code::TOGETHER, second.span, "an answer cannot have `status` and `fails` together")
                    .related(first.span, "the first of them")
                    .help("take one of them out"),
            );
            return None;
        }
        (None, None) => {
            reader.note(
                Diagnostic::error(Code::MISSING_KEY, node.span, "the answer says neither `status` nor `fails`")
                    .help("write `answer: {status: 200, body: {...}}` or `answer: {fails: timed_out}`"),
            );
            return None;
        }
    };
    Some(LineKind::Answer(Box::new(AnswerLine { answer, step, url })))
}

impl AnswerLine {
    /// What is answered.
    pub(in super::super) fn answer(&self) -> &CallAnswer {
        &self.answer
    }

    pub(super) fn play(&self, play: &mut Play<'_>, line: &Line) -> Result<(), Failure> {
        play.settled(line.span)?;
        let Some((open, call)) = play.stage.next_call() else {
            return Err(Failure::new(line.span, "no call waits for an answer here"));
        };
        if let Some((step, span)) = &self.step {
            let asked = match &open.resumes {
                Resumes::Step { step, .. } | Resumes::Run { step, .. } => step.to_string(),
                Resumes::Handler { script, .. } => format!("the script {script}"),
            };
            if asked != *step {
                let (expected, came) = (Some(step.clone()), Some(asked));
                return Err(Failure { expected, came, ..Failure::new(*span, "another step asked") });
            }
        }
        if let Some((url, span)) = &self.url
            && !url.fits(&call.request.url)
        {
            let (expected, came) = (Some(url.to_string()), Some(call.request.url.clone()));
            return Err(Failure { expected, came, ..Failure::new(*span, "another address was asked") });
        }
        let kind = EventKind::Answered { call: open.key.clone(), answer: self.answer.clone() };
        play.happens(line, kind)
    }
}
