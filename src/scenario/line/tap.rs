//! `tap: prices`, `tap: {button: prices, on: 1st}`, `tap: {button: prices, twice: true}`: the contact taps a button that was shown, on
//! the newest message that has it or on the one that is named.

use crate::flow::keys;
use crate::flow::read::Reader;
use crate::model::{EventKind, TappedButton};
use crate::source::{Code, Diagnostic, Node, NodeKind};

use super::super::expected::Expected;
use super::super::play::{Failure, Play};
use super::{Line, LineKind};

/// A tap.
#[derive(Debug, Clone)]
pub struct Tap {
    /// The button's name or title.
    pub button: String,
    /// On which of the messages that have it.
    pub on: OnMessage,
    /// Whether the finger taps twice at once.
    pub twice: bool,
}

/// Which of the messages that have a button.
#[derive(Debug, Clone)]
pub enum OnMessage {
    /// The last that was sent.
    Newest,
    /// Counted from the first, which is 1.
    Nth(usize),
    /// The newest with this text.
    Saying(Expected),
}

pub(super) fn read(reader: &Reader<'_>, node: &Node) -> Option<LineKind> {
    let NodeKind::Map(_) = &node.kind else {
        let button = reader.scalar(node, "the line")?.to_owned();
        return Some(LineKind::Tap(Tap { button, on: OnMessage::Newest, twice: false }));
    };
    let mut fields = reader.fields(node, "`tap`")?;
    let button = fields.need(reader, "button", "prices").and_then(|node| reader.scalar(node, "`button`"));
    let on = fields.take("on").map_or(Some(OnMessage::Newest), |(_, node)| on(reader, node));
    let twice = fields.take("twice").and_then(|(_, node)| reader.yes_no(node, "`twice`")).unwrap_or(false);
    fields.finish(reader, &keys::TAP);
    Some(LineKind::Tap(Tap { button: button?.to_owned(), on: on?, twice }))
}

fn on(reader: &Reader<'_>, node: &Node) -> Option<OnMessage> {
    let text = reader.scalar(node, "`on`")?;
    let digits = text.trim_end_matches(|c: char| c.is_ascii_lowercase());
    match (text, digits.parse::<usize>()) {
        ("newest" | "last", _) => Some(OnMessage::Newest),
        ("first", _) => Some(OnMessage::Nth(1)),
        (_, Ok(0)) => {
            reader.note(Diagnostic::error(Code::BAD_VALUE, node.span, "messages are counted from the 1st"));
            None
        }
        (_, Ok(nth)) if ["", "st", "nd", "rd", "th"].contains(&&text[digits.len()..]) => Some(OnMessage::Nth(nth)),
        _ => Expected::read(reader, node, "`on`").map(OnMessage::Saying),
    }
}

impl Tap {
    pub(super) fn play(&self, play: &mut Play<'_>, line: &Line) -> Result<(), Failure> {
        let Some(shown) = play.stage.button(&self.button, &self.on) else {
            let shown = play.stage.shown().iter().map(|shown| format!("{} ({})", shown.name(), shown.button.title));
            let shown = shown.collect::<Vec<_>>();
            let came = (!shown.is_empty()).then(|| shown.join(", "));
            let message = match &self.on {
                OnMessage::Newest => format!("there is no button `{}` to tap on", self.button),
                OnMessage::Nth(nth) => format!("there are not {nth} messages with a button `{}`", self.button),
                OnMessage::Saying(text) => format!("no message `{text}` has a button `{}`", self.button),
            };
            return Err(Failure { came, ..Failure::new(line.span, message) });
        };
        let (means, send, title) = (shown.button.means.clone(), shown.send.clone(), shown.button.title.clone());
        let button = TappedButton::Ours { means, send };
        let (shown, kind) = (format!("[{title}]"), EventKind::Tapped { button, title });
        if self.twice { play.act_twice(line, &shown, &kind) } else { play.act(line, shown, kind) }
    }
}
