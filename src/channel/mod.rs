//! The providers, both directions, a folder each: bytes in become deliveries, messages out become outcomes.
//!
//! Invariants: a decoder never panics and never fails a batch for one odd part; everything it leaves out has a stated reason.
//! A send is classified into the closed [`Outcome`]; no HTTP client retries by itself. Facts about a provider that are inferred
//! or unknown are tolerated in every variant, and the code says where.
//!
//! A channel must never read a clock, keep state between two sends, or put a token, an address's secret or a person's words
//! into an error. What the providers state, and what was only guessed, stands in `docs/provider-facts.md`.

mod deliveries;
mod json;
pub mod meta;
pub mod signature;
pub mod xobito;

use async_trait::async_trait;

pub use json::Unreadable;

use crate::model::{About, Contact, Message, Outcome, SendKey, WireButton};

/// A configured number at a provider, as far as sending goes.
#[async_trait]
pub trait Channel: Send + Sync + 'static {
    /// One attempt to say `message` to `to`. Takes at most the channel's own time limit, and always ends in an outcome.
    /// `about` is what the provider is told about the contact with it, where the channel can.
    async fn send(&self, to: &Contact, about: &About, key: &SendKey, message: &Message<WireButton>) -> Outcome;

    /// The channel's name in logs and `/status`.
    fn name(&self) -> &str;
}
