//! Conversations written in YAML, played on the real engine with a virtual clock.
//!
//! Invariants: everything the bot says must be expected, in order; the conversation is written out and read back between any
//! two events, as it is in the store; nothing here knows of tests of ours, authors run the same code.

mod data;
mod play;
mod read;

pub use play::{Failure, Played, Said, play};
pub use read::{Expected, Line, LineKind, Scenario, read};
