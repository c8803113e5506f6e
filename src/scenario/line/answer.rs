//! `answer: {step: lookup, status: 200, body: {state: sent}}`: what comes of a call. Nothing leaves while tests are played.

use crate::flow::keys;
use crate::flow::read::Reader;
use crate::model::{CallAnswer, CallFailure, Value};
use crate::source::{Code, Diagnostic, Node, nearest};

use super::super::expected::Expected;
use super::super::given;
use super::super::play::{Failure, Play};
use super::super::stage::AskedCall;
use super::{Line, LineKind};

/// What comes of a call.
#[derive(Debug, Clone)]
pub struct AnswerLine {
    step: Option<String>,
    url: Option<Expected>,
    sent: Option<Value>,
    comes: CallAnswer,
}

pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<LineKind> {
    let mut fields = reader.fields(node, "`answer`")?;
    let step = fields.take("step").and_then(|(_, node)| reader.scalar(node, "`step`")).map(str::to_owned);
    let url = fields.take("url").map(|(_, node)| Expected::read(reader, node, "`url`"));
    let sent = fields.take("sent").map(|(_, node)| given::value(node));
    let (status, body, fails) = (fields.take("status"), fields.take("body"), fields.take("fails"));
    fields.finish(reader, &keys::ANSWER);
    let comes = match (fails, status.or(body)) {
        (Some((_, node)), None) => CallAnswer::Failed { why: failure(reader, node)?, detail: "as the test says".to_owned() },
        (Some((key, _)), Some((other, _))) => {
            reader.note(
                Diagnostic::error(Code::TOGETHER, other.span, format!("a call that fails has no `{}`", other.text))
                    .related(key.span, "it fails")
                    .help("take one of the two out"),
            );
            return None;
        }
        (None, _) => {
            let status = match status {
                Some((_, node)) => reader.whole(node, "`status`", 100, 599)?,
                None => 200,
            };
            let body = body.map_or(Value::Nothing, |(_, node)| given::value(node));
            CallAnswer::Answered { status: u16::try_from(status).unwrap_or(200), body }
        }
    };
    let url = match url {
        Some(url) => Some(url?),
        None => None,
    };
    Some(LineKind::Answer(Box::new(AnswerLine { step, url, sent, comes })))
}

fn failure(reader: &Reader<'_>, node: &Node) -> Option<CallFailure> {
    let text = reader.scalar(node, "`fails`")?;
    let known = CallFailure::ALL.into_iter().find(|why| why.as_str() == text);
    if known.is_none() {
        let names = CallFailure::ALL.map(CallFailure::as_str);
        let mistake = Diagnostic::error(Code::BAD_VALUE, node.span, format!("no call fails as `{text}`"));
        reader.note(match nearest(text, names) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(node.span, near),
            None => mistake.help(format!("calls fail as {}", crate::flow::read::listed(&names))),
        });
    }
    known
}

impl AnswerLine {
    pub(super) fn play(&self, play: &mut Play<'_>, line: &Line) -> Result<(), Failure> {
        let fits = |asked: &&AskedCall| {
            let step = self.step.as_ref().is_none_or(|step| asked.step().is_some_and(|at| at.as_str() == step));
            step && self.url.as_ref().is_none_or(|url| url.is_in(&asked.call.request.url))
        };
        // One that somebody waits for goes before one that came too late.
        let waited_for = play.stage.asked().iter().filter(|asked| play.stage.is_awaited(asked)).find(fits);
        let Some(asked) = waited_for.or_else(|| play.stage.asked().iter().find(fits)).cloned() else {
            let open: Vec<String> = play.stage.asked().iter().map(AskedCall::to_string).collect();
            return Err(Failure {
                came: (!open.is_empty()).then(|| open.join(", ")),
                ..Failure::new(line.span, "nobody waits for this answer")
            });
        };
        let body = asked.call.request.body.clone().unwrap_or_default();
        if let Some(sent) = self.sent.as_ref().filter(|sent| **sent != body) {
            let json = |value: &Value| serde_json::to_string(value).unwrap_or_default();
            return Err(Failure {
                expected: Some(json(sent)),
                came: Some(json(&body)),
                ..Failure::new(line.span, "the call sends something else")
            });
        }
        play.answer(line, &asked, self.comes.clone())
    }
}
