//! Something that one of the crowd does, or that happens to them: done on a stage, and written as a line of a test.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::flow::Program;
use crate::model::{AttachmentKind, CallAnswer, EventKind, EventName, TappedButton, Value};

use super::super::line::usual_details;
use super::super::record::Did;
use super::super::stage::{Shown, Stage};

/// Something that one of the crowd does, or that happens to them.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// They type.
    Type(Arc<str>),
    /// They tap a button that was shown, by its name.
    Tap {
        /// Its name.
        button: Arc<str>,
        /// On which of the messages that have it, counted back from the newest, which is 0.
        back: usize,
        /// Whether the finger taps twice.
        twice: bool,
    },
    /// They tap a button that no flow sent.
    TapId(Arc<str>),
    /// They send something that is no text.
    Send(AttachmentKind),
    /// They do nothing for so many milliseconds.
    Wait(u64),
    /// A system of the user's tells something.
    Told(EventName, Value),
    /// Another system answers the oldest call.
    Answered(CallAnswer),
}

impl Act {
    /// Does it; gives the line of a test that does the same, or nothing when it cannot be done here.
    ///
    /// # Errors
    /// When the conversation does not survive being stored.
    pub(super) fn perform(&self, stage: &mut Stage, program: &Program) -> Result<Option<Did>, String> {
        match self {
            Act::Type(text) => {
                stage.act(program, text.to_string(), EventKind::Typed { text: text.to_string() })?;
                Ok(Some(Did::Typed(text.to_string())))
            }
            Act::Tap { button, back, twice } => tap(stage, program, button, *back, *twice),
            Act::TapId(id) => {
                let button = TappedButton::Foreign { id: id.to_string() };
                stage.act(program, format!("[{id}]"), EventKind::Tapped { button, title: id.to_string() })?;
                Ok(Some(Did::TappedId(id.to_string())))
            }
            Act::Send(kind) => {
                let event = EventKind::Attached { kind: *kind, caption: String::new(), details: Box::new(usual_details(*kind)) };
                stage.act(program, format!("[{}]", kind.name()), event)?;
                Ok(Some(Did::Sent(kind.name().to_owned())))
            }
            Act::Wait(millis) => {
                stage.pass(program, *millis)?;
                Ok(Some(Did::Waited(*millis)))
            }
            Act::Told(name, data) => {
                stage.tell(program, name, data)?;
                Ok(Some(Did::Told(name.clone(), data.clone())))
            }
            Act::Answered(answer) => {
                let Some((open, _)) = stage.next_call() else { return Ok(None) };
                let kind = EventKind::Answered { call: open.key.clone(), answer: answer.clone() };
                stage.happens(program, kind)?;
                Ok(Some(Did::Answered(answer.clone())))
            }
        }
    }

    /// Tells it apart from others, the same in every run.
    pub(super) fn mark(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        match self {
            // The longest texts differ in their length.
            Act::Type(text) => (text.len(), text.chars().take(40).collect::<String>()).hash(&mut hasher),
            // How long a wait is exactly depends on what came before it.
            Act::Wait(_) => 1.hash(&mut hasher),
            other => format!("{other:?}").hash(&mut hasher),
        }
        hasher.finish()
    }
}

fn tap(stage: &mut Stage, program: &Program, name: &str, back: usize, twice: bool) -> Result<Option<Did>, String> {
    let named = |shown: &&Shown| shown.name() == name;
    let Some(shown) = stage.shown().iter().rev().filter(named).nth(back).cloned() else { return Ok(None) };
    let nth = stage.shown().iter().filter(named).count() - back;
    let button = TappedButton::Ours { means: shown.button.means, send: shown.send };
    let (title, kind) = (format!("[{}]", shown.button.title), EventKind::Tapped { button, title: shown.button.title });
    stage.act(program, title.clone(), kind.clone())?;
    if twice {
        stage.act_again_at_once(program, title, kind)?;
    }
    let name = name.to_owned();
    Ok(Some(match (twice, back) {
        (true, 0) => Did::TappedTwice(name, None),
        (true, _) => Did::TappedTwice(name, Some(nth)),
        (false, 0) => Did::Tapped(name),
        (false, _) => Did::TappedOld(name, nth),
    }))
}
