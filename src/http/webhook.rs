//! A webhook: proves who sent it, makes it durable, answers.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, header};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use tokio::sync::Semaphore;

use super::public::{not_found, plain};
use crate::failpoint;
use crate::model::{Delivery, limits};
use crate::runtime::Intake;

/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);
/// Bodies that may be held in memory at once; with more, the provider is asked to come again.
const BODIES_MAX: usize = 128;
/// Bytes of bodies that may be held in memory at once, whatever their number: with what is made of them the most that a flood
/// can take. One that does not say how long it is counts as the longest.
const BODIES_BYTES_MAX: usize = 64 * 1024 * 1024;
/// In what bodies are counted, in bytes.
const BODY_UNIT_BYTES: u64 = 1024;
/// When a provider or another system should come again, in seconds.
pub(super) const RETRY_AFTER_SECS: u32 = 1;
/// Longest challenge that is echoed.
const CHALLENGE_BYTES_MAX: usize = 256;

/// How one provider's webhook is read.
pub trait Reader: Send + Sync + 'static {
    /// The provider's name, for the log.
    fn provider(&self) -> &'static str;

    /// What `body` holds, once its signature was found good.
    ///
    /// # Errors
    /// When the signature is wrong or missing, or the body cannot be read.
    fn read(&self, headers: &HeaderMap, body: &[u8]) -> Result<Vec<Delivery>, Refused>;
}

/// Why a body is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It does not come from who it says.
    Signature,
    /// It is not what the provider sends. Says why, without quoting it.
    Unreadable(String),
}

/// Secrets that open a door: of a webhook's path, or tokens of the events' route. Several are good at once, for rotation.
#[derive(Clone)]
pub struct Secrets {
    macs: Vec<Hmac<Sha256>>,
}

impl Secrets {
    /// These secrets. Empty ones are left out: everybody knows them.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let keyed = |secret: &str| {
            let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(b"webhook path").expect("HMAC takes keys of every length");
            mac.update(secret.as_bytes());
            mac
        };
        Self { macs: secrets.into_iter().filter(|secret| !secret.is_empty()).map(keyed).collect() }
    }

    /// Whether there is none, so that nobody gets in.
    pub fn is_empty(&self) -> bool {
        self.macs.is_empty()
    }

    /// Whether `given` is one of them. Takes the same time whether and where it differs.
    pub fn hold(&self, given: &str) -> bool {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(b"webhook path").expect("HMAC takes keys of every length");
        mac.update(given.as_bytes());
        let given = mac.finalize().into_bytes();
        // Not `any`: the time must not tell which of several secrets came near.
        self.macs.iter().fold(false, |held, secret| held | secret.clone().verify(&given).is_ok())
    }
}

/// Everything that one webhook needs.
#[derive(Clone)]
pub struct Webhook {
    pub(super) reader: Arc<dyn Reader>,
    pub(super) secrets: Secrets,
    pub(super) intake: Intake,
    bodies: Arc<Semaphore>,
    bytes: Arc<Semaphore>,
}

impl Webhook {
    pub(super) fn new(reader: Arc<dyn Reader>, secrets: Secrets, intake: Intake) -> Self {
        let bytes = Arc::new(Semaphore::new(BODIES_BYTES_MAX / BODY_UNIT_BYTES as usize));
        Self { reader, secrets, intake, bodies: Arc::new(Semaphore::new(BODIES_MAX)), bytes }
    }
}

/// `POST /webhooks/<provider>/{secret}`.
pub(super) async fn post(State(webhook): State<Webhook>, Path(secret): Path<String>, request: Request<Body>) -> Response<Body> {
    // Before a byte of the body is read: who does not know the secret costs us nothing.
    if !webhook.secrets.hold(&secret) {
        return refuse(&webhook, not_found(), "wrong secret");
    }
    let Ok(_permit) = webhook.bodies.clone().try_acquire_owned() else {
        return refuse(&webhook, come_again(), "too many bodies at once");
    };
    let Ok(_bytes) = webhook.bytes.clone().try_acquire_many_owned(units(request.headers())) else {
        return refuse(&webhook, come_again(), "too many bytes at once");
    };
    let (head, body) = request.into_parts();
    let body = match read_body(&head.headers, body, limits::WEBHOOK_BODY_BYTES_MAX).await {
        Ok(body) => body,
        Err(unread) => {
            let why = unread.why("4 MiB");
            return refuse(&webhook, plain(unread.status(), why.clone()), &why);
        }
    };
    take(&webhook, &head.headers, &body).await
}

async fn take(webhook: &Webhook, headers: &HeaderMap, body: &Bytes) -> Response<Body> {
    let deliveries = match webhook.reader.read(headers, body) {
        Ok(deliveries) => deliveries,
        Err(Refused::Signature) => {
            return refuse(webhook, plain(StatusCode::UNAUTHORIZED, "The signature is wrong or missing."), "wrong signature");
        }
        Err(Refused::Unreadable(why)) => {
            return refuse(webhook, plain(StatusCode::BAD_REQUEST, "The body cannot be read."), &why);
        }
    };
    for delivery in &deliveries {
        if let Delivery::Ignored(ignored) = delivery {
            tracing::debug!(provider = webhook.reader.provider(), what = %ignored.what, why = ignored.why, "ignored");
        }
    }
    match webhook.intake.take_in(deliveries).await {
        Ok(accepted) => {
            tracing::debug!(provider = webhook.reader.provider(), accepted.fresh, accepted.doubles, "accepted");
            failpoint::reached("accept.before_answer");
            plain(StatusCode::OK, "ok")
        }
        Err(error) => refuse(webhook, come_again(), &error.to_string()),
    }
}

/// What a body counts against [`BODIES_BYTES_MAX`]. It is held until the answer, so that it bounds the store's queue as well.
fn units(headers: &HeaderMap) -> u32 {
    let most = limits::WEBHOOK_BODY_BYTES_MAX as u64;
    let announced = announced(headers).unwrap_or(most).min(most);
    u32::try_from(announced / BODY_UNIT_BYTES + 1).unwrap_or(u32::MAX)
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok())
}

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unread {
    TooLarge,
    BrokeOff,
    TooSlow,
}

impl Unread {
    pub(super) fn status(self) -> StatusCode {
        match self {
            Unread::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Unread::BrokeOff => StatusCode::BAD_REQUEST,
            Unread::TooSlow => StatusCode::REQUEST_TIMEOUT,
        }
    }

    /// The same in words; `most` is the bound as people read it.
    pub(super) fn why(self, most: &str) -> String {
        match self {
            Unread::TooLarge => format!("The body is larger than {most}."),
            Unread::BrokeOff => "The body broke off.".to_owned(),
            Unread::TooSlow => "The body took longer than 10 seconds.".to_owned(),
        }
    }
}

/// A body of at most `most` bytes, within [`BODY_TIMEOUT`].
pub(super) async fn read_body(headers: &HeaderMap, body: Body, most: usize) -> Result<Bytes, Unread> {
    if announced(headers).is_some_and(|length| length > most as u64) {
        return Err(Unread::TooLarge);
    }
    match tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, most)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(error)) if is_length(&error) => Err(Unread::TooLarge),
        Ok(Err(_)) => Err(Unread::BrokeOff),
        Err(_) => Err(Unread::TooSlow),
    }
}

fn is_length(error: &axum::Error) -> bool {
    // `to_bytes` tells its limit only by the text of the inner error.
    std::error::Error::source(error).is_some_and(|inner| inner.to_string().contains("length limit"))
}

/// The parameters of the handshake, all of them to be doubted.
#[derive(Deserialize)]
pub(super) struct Handshake {
    #[serde(rename = "hub.mode")]
    mode: Option<String>,
    #[serde(rename = "hub.verify_token")]
    verify_token: Option<String>,
    #[serde(rename = "hub.challenge")]
    challenge: Option<String>,
}

/// `GET /webhooks/<provider>/{secret}`: the `hub.challenge` handshake. Whether Xobito makes it is unknown (reference:
/// xobito-api, section 14.5), so nothing depends on it; a verify token may be missing, since the path holds the secret.
pub(super) async fn get(State(webhook): State<Webhook>, Path(secret): Path<String>, uri: Uri) -> Response<Body> {
    if !webhook.secrets.hold(&secret) {
        return refuse(&webhook, not_found(), "wrong secret");
    }
    let Ok(Query(Handshake { mode: Some(mode), verify_token, challenge: Some(challenge) })) = Query::try_from_uri(&uri) else {
        return plain(StatusCode::BAD_REQUEST, "hub.mode or hub.challenge is missing.");
    };
    if mode != "subscribe" || challenge.len() > CHALLENGE_BYTES_MAX {
        return plain(StatusCode::BAD_REQUEST, "hub.mode must be subscribe, and hub.challenge at most 256 bytes.");
    }
    if verify_token.is_some_and(|token| !webhook.secrets.hold(&token)) {
        return refuse(&webhook, plain(StatusCode::FORBIDDEN, "hub.verify_token is wrong."), "wrong verify token");
    }
    plain(StatusCode::OK, challenge)
}

fn come_again() -> Response<Body> {
    let mut response = plain(StatusCode::SERVICE_UNAVAILABLE, "Come again.");
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECS));
    response
}

/// One line for each refusal; never a path, which holds the secret, nor a body.
fn refuse(webhook: &Webhook, response: Response<Body>, why: &str) -> Response<Body> {
    tracing::warn!(provider = webhook.reader.provider(), status = response.status().as_u16(), "webhook refused: {why}");
    response
}

#[cfg(test)]
mod tests {
    use super::Secrets;

    #[test]
    fn every_secret_opens_and_nothing_else_does() {
        let secrets = Secrets::new(["first", "second", ""]);
        assert!(secrets.hold("first") && secrets.hold("second"));
        for wrong in ["", "firs", "first2", "FIRST", "third"] {
            assert!(!secrets.hold(wrong), "{wrong:?}");
        }
        assert!(!Secrets::new([""]).hold(""));
    }
}
