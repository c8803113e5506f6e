//! Definitions become a [`Program`]; a program, a conversation and an event become a turn. Pure.

pub mod button;
pub use program::Program;
mod program;

use crate::model::{ContactId, Conversation, Event, Timestamp, Turn};
use crate::source::{Diagnostic, Sources};

/// Reads, resolves and checks everything. Gives a program only when no diagnostic is an error; the diagnostics stand in the
/// order of their places.
pub fn compile(sources: &Sources) -> (Option<Program>, Vec<Diagnostic>) {
    let _ = sources;
    unimplemented!("founder")
}

/// Takes `event`: runs steps until one waits or the flow ends. Never fails: what breaks is a fault inside the turn.
pub fn advance(program: &Program, contact: ContactId, conversation: Conversation, event: &Event, now: Timestamp) -> Turn {
    let _ = (program, contact, conversation, event, now);
    unimplemented!("founder")
}
