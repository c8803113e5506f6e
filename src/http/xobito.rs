//! Xobito's two webhook bodies, as far as their proof goes.

use axum::http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};

use super::webhook::{Reader, Refused};
use crate::channel::xobito::Flow;
use crate::channel::{signature, xobito};
use crate::model::Delivery;

/// Reads both bodies: the forwarded Meta body (Flow B), which nobody signs, and Xobito's own events (Flow A), which must be
/// signed as soon as a signing secret is set.
pub struct XobitoReader {
    signing_secret: Option<SecretString>,
}

impl XobitoReader {
    /// A reader that verifies Flow A with `signing_secret`, or takes it unsigned when there is none.
    pub fn new(signing_secret: Option<SecretString>) -> Self {
        Self { signing_secret }
    }
}

impl Reader for XobitoReader {
    fn provider(&self) -> &'static str {
        "xobito"
    }

    fn read(&self, headers: &HeaderMap, body: &[u8]) -> Result<Vec<Delivery>, Refused> {
        let given = headers.get(signature::XOBITO_HEADER);
        // Before anything is read; and a signature that is there is always verified, whatever the body looks like.
        if let (Some(secret), Some(given)) = (&self.signing_secret, given)
            && !signature::verify_xobito(secret.expose_secret().as_bytes(), body, given.to_str().unwrap_or(""))
        {
            return Err(Refused::Signature);
        }
        let (flow, deliveries) = xobito::decode_told(body).map_err(|unreadable| Refused::Unreadable(unreadable.why))?;
        // By what was read and not by a look of our own at the bytes: two readings of one body can be made to differ.
        let unsigned_event = flow == Flow::Event && given.is_none();
        if unsigned_event && self.signing_secret.is_some() { Err(Refused::Signature) } else { Ok(deliveries) }
    }
}
