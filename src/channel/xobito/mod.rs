//! Xobito: two webhook bodies in, one endpoint for free-form messages and one for templates out.
//!
//! [`inbound`] tells the two bodies apart by shape: the forwarded Meta body (Flow B, unsigned) is read by [`super::meta`],
//! Xobito's own signed events (Flow A) by `events`. [`outbound`] turns a message into a request and refuses what the
//! provider's documented limits forbid before anything leaves; [`client`] makes the one attempt; [`answer`] says what its
//! end means.
//!
//! Invariants: both bodies give one message the same id, so that a store recognises the second copy; decoding, building and
//! classifying are pure; whatever may have left without a usable answer is unknown, never sent and never refused.
//!
//! It must never repeat a request, follow a redirect, or take a proxy from the environment. The public documentation exists
//! in three generations that contradict each other (reference: xobito-api section 0); where they do, all are accepted.

pub mod answer;
pub mod client;
mod events;
pub mod inbound;
pub mod outbound;

pub use client::{Settings, SettingsError, XobitoChannel};
pub use inbound::{Flow, decode, decode_told};
