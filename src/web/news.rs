//! News for the user's own system, in the form of Standard Webhooks (standardwebhooks.com, version 1): an id that stays the same
//! through all attempts, the moment of the attempt, and a signature over both and the body.

use std::time::Duration;

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use secrecy::{ExposeSecret, SecretSlice};
use serde::Serialize;
use sha2::Sha256;
use thiserror::Error;

use super::News;
use crate::model::{ContactId, Phone, RequestKey, Timestamp, Value};

/// How long one attempt may take; the scheme advises 15 to 30 seconds.
pub(super) const TIMEOUT: Duration = Duration::from_secs(20);
/// What the scheme puts before a secret.
const PREFIX: &str = "whsec_";
/// Fewest and most bytes of a secret that the scheme allows.
const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// The user's own system.
#[derive(Clone)]
pub struct Receiver {
    pub(super) url: Url,
    secret: SecretSlice<u8>,
}

/// Why nobody can be told anything. Holds no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ReceiverError {
    /// The address is none.
    #[error("that is no http or https address; write one like https://crm.example.com/buttonhook")]
    Url,
    /// The secret is none.
    #[error("that is no secret for signed webhooks: `whsec_` and 24 to 64 bytes in base64; `openssl rand -base64 32` makes some")]
    Secret,
}

impl Receiver {
    /// A receiver at `url` that knows `secret`, `whsec_` and base64.
    ///
    /// # Errors
    /// When one of them is not what it should be.
    pub fn new(url: &str, secret: &str) -> Result<Self, ReceiverError> {
        let url = Url::parse(url.trim()).map_err(|_| ReceiverError::Url)?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(ReceiverError::Url);
        }
        let secret = secret.trim();
        let secret =
            BASE64.decode(secret.strip_prefix(PREFIX).unwrap_or(secret).as_bytes()).map_err(|_| ReceiverError::Secret)?;
        if !SECRET_BYTES.contains(&secret.len()) {
            return Err(ReceiverError::Secret);
        }
        Ok(Self { url, secret: secret.into() })
    }

    /// The head of an attempt at `now` to tell `body`.
    pub(super) fn headers(&self, key: &RequestKey, body: &str, now: Timestamp) -> HeaderMap {
        let at = now.as_second().to_string();
        let mut mac =
            <Hmac<Sha256> as KeyInit>::new_from_slice(self.secret.expose_secret()).expect("HMAC takes keys of every length");
        mac.update(format!("{key}.{at}.{body}").as_bytes());
        let signature = format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()));
        let value = |text: &str| HeaderValue::from_str(text).expect("keys, numbers and base64 are plain text");
        HeaderMap::from_iter([
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (HeaderName::from_static("webhook-id"), value(&key.0)),
            (HeaderName::from_static("webhook-timestamp"), value(&at)),
            (HeaderName::from_static("webhook-signature"), value(&signature)),
        ])
    }
}

#[derive(Serialize)]
struct Body<'a> {
    r#type: &'a str,
    timestamp: Timestamp,
    data: &'a Value,
    contact: Whom<'a>,
}

#[derive(Serialize)]
struct Whom<'a> {
    id: ContactId,
    /// With its plus sign.
    phone: Option<String>,
    user_id: Option<&'a str>,
    name: &'a str,
}

/// What the receiver gets. The moment is that of the turn, not of the attempt.
pub(super) fn body(news: &News<'_>) -> String {
    let person = news.person;
    let contact = Whom {
        id: news.contact,
        phone: person.phone.as_ref().map(Phone::to_string),
        user_id: person.user_id.as_deref(),
        name: &person.name,
    };
    let body = Body { r#type: &news.emit.name, timestamp: news.at, data: &news.emit.data, contact };
    serde_json::to_string(&body).expect("the vocabulary holds no map with keys that are not text")
}
