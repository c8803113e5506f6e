//! The two listeners: the *public* one takes webhooks and events of the user's own systems, the *admin* one serves people.
//!
//! Invariants: a 200 on a webhook means that what it brought is durable; a wrong secret is answered like a path that does not
//! exist; every body, header and connection has a bound in size and time; secrets are compared in constant time and stand in
//! no log, and neither do paths, which hold one. The admin listener answers nobody who came through another site's page.
//!
//! It must never decide anything about a conversation: what arrives is handed to the intake, what is shown comes from the store.

pub mod admin;
pub mod public;
mod serve;
mod told;
mod webhook;
mod xobito;

pub use serve::{Limits, serve};
pub use webhook::{Reader, Refused, Secrets};
pub use xobito::XobitoReader;
