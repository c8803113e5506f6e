//! Xobito's two webhook bodies, as far as their proof goes.

use axum::http::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::webhook::{Reader, Refused};
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

    /// Whether the body's proof is good. A signature that is there is always verified, whatever the body looks like.
    fn is_proven(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let Some(secret) = &self.signing_secret else { return true };
        match headers.get(signature::XOBITO_HEADER) {
            Some(given) => {
                let given = given.to_str().unwrap_or("");
                signature::verify_xobito(secret.expose_secret().as_bytes(), body, given)
            }
            None => is_forwarded(body),
        }
    }
}

impl Reader for XobitoReader {
    fn provider(&self) -> &'static str {
        "xobito"
    }

    fn read(&self, headers: &HeaderMap, body: &[u8]) -> Result<Vec<Delivery>, Refused> {
        if !self.is_proven(headers, body) {
            return Err(Refused::Signature);
        }
        xobito::decode(body).map_err(|unreadable| Refused::Unreadable(unreadable.why))
    }
}

/// Whether the body is not Flow A, whose envelope always names a `model` (reference: xobito-api, sections 14.1 and 14.2).
/// What is no JSON object at all counts as forwarded, so that it is called unreadable and not unsigned.
fn is_forwarded(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Shape {
        model: Option<IgnoredAny>,
        event: Option<IgnoredAny>,
    }
    serde_json::from_slice(body).map_or(true, |Shape { model, event }| model.is_none() && event.is_none())
}
