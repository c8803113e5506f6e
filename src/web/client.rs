//! The one attempt over HTTP.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{CONTENT_ENCODING, HeaderMap, RETRY_AFTER};
use reqwest::{ClientBuilder, Method, Response};
use secrecy::{ExposeSecret, SecretString};

use super::head::{AGENT, Head, head};
use super::news::{self, Receiver};
use super::resolve::{Checked, Lookup, NotPublic, SystemLookup};
use super::target::{self, Rules, Target};
use super::{News, Reply, Web};
use crate::model::{Call, Hosts, HttpRequest, RequestKey, Timestamp, Value, limits};

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an unused connection is kept: less than common servers keep theirs, because a request on a connection that is just
/// being closed ends in doubt.
const IDLE: Duration = Duration::from_secs(4);
/// Unused connections kept to one host.
const IDLE_PER_HOST_MAX: usize = 4;
/// Shorter secrets are made up for trials; taking them out of answers could take words out of them.
const SECRET_BYTES_MIN: usize = 8;

/// The hosts that the running project allows, as of now.
pub type Hosted = Arc<dyn Fn() -> Arc<Hosts> + Send + Sync>;
/// The secret that the operator keeps under a name, or what is to be done to have one there.
pub type Keys = Arc<dyn Fn(&str) -> Result<SecretString, String> + Send + Sync>;

/// What a client needs to know.
#[derive(Clone)]
pub struct Settings {
    /// Asked before every attempt, so that a host that is no longer allowed is not called any more.
    pub hosts: Hosted,
    /// Asked for each request that signs in.
    pub keys: Keys,
    /// What this machine's operator lets projects call.
    pub rules: Rules,
    /// The user's own system, where there is one.
    pub receiver: Option<Receiver>,
    /// Where addresses of names come from.
    pub lookup: Arc<dyn Lookup>,
}

impl Settings {
    /// Settings with the usual rules and the system's resolver, and nobody who hears news.
    pub fn new(hosts: Hosted, keys: Keys) -> Self {
        Self { hosts, keys, rules: Rules::default(), receiver: None, lookup: Arc::new(SystemLookup) }
    }
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be made: {0}")]
pub struct ClientError(String);

/// Makes the attempts.
pub struct Client {
    settings: Settings,
    /// Connects to checked addresses only.
    calls: reqwest::Client,
    /// Connects to the address that the operator set, wherever it is.
    news: reqwest::Client,
}

impl Client {
    /// A client with these settings. Makes no connection yet.
    ///
    /// # Errors
    /// When the system's certificates are missing, for example.
    pub fn new(settings: Settings) -> Result<Self, ClientError> {
        let made = |builder: ClientBuilder| builder.build().map_err(|error| ClientError(told(&error.without_url())));
        let checked = Checked { lookup: Arc::clone(&settings.lookup), private: settings.rules.private };
        let calls = made(plain().dns_resolver(checked))?;
        Ok(Self { settings, calls, news: made(plain())? })
    }

    async fn ask(&self, key: &RequestKey, request: &HttpRequest, wait_ms: u64) -> Result<Reply, String> {
        let hosts = (self.settings.hosts)();
        let method = method(&request.method)?;
        let Target { url, host } = target::read(&request.url, &hosts, &self.settings.rules)?;
        let Head { headers, secret } = head(request, key, &host, &hosts, &self.settings.keys)?;
        let wait = Duration::from_millis(wait_ms.clamp(1, limits::CALL_WAIT_MS_MAX));
        let mut asked = self.calls.request(method, url).headers(headers).timeout(wait);
        if let Some(body) = &request.body {
            asked = asked.body(written(body)?);
        }
        let response = match asked.send().await {
            Ok(response) => response,
            Err(error) => return Ok(failed(key, &host, error)),
        };
        let status = response.status().as_u16();
        let retry_after_secs = retry_after(response.headers());
        Ok(match read(response).await {
            Ok(body) => Reply::Answered { status, body: value(&without(&secret, body)), retry_after_secs },
            Err(reply) => reply,
        })
    }
}

#[async_trait]
impl Web for Client {
    async fn call(&self, key: &RequestKey, call: &Call) -> Reply {
        self.ask(key, &call.request, call.wait_ms).await.unwrap_or_else(|detail| Reply::NotAllowed { detail })
    }

    async fn tell(&self, key: &RequestKey, news: &News<'_>, now: Timestamp) -> Reply {
        let Some(receiver) = &self.settings.receiver else {
            return Reply::NotAllowed { detail: "nobody listens: set BUTTONHOOK_EMIT_URL and BUTTONHOOK_EMIT_SECRET".to_owned() };
        };
        let body = news::body(news);
        let headers = receiver.headers(key, &body, now);
        let told = self.news.post(receiver.url.clone()).headers(headers).body(body).timeout(news::TIMEOUT).send().await;
        match told {
            // Only the status counts: what else it says, nobody waits for.
            Ok(response) => Reply::Answered {
                status: response.status().as_u16(),
                body: Value::Nothing,
                retry_after_secs: retry_after(response.headers()),
            },
            Err(error) => failed(key, "BUTTONHOOK_EMIT_URL", error),
        }
    }
}

/// A client that does nothing of its own accord. Repeating is decided elsewhere; redirects and proxies would take a request, and
/// the secret in it, to places that nobody checked. The body is read as it comes: what unpacks could be a thousand times as long.
fn plain() -> ClientBuilder {
    reqwest::Client::builder()
        .user_agent(AGENT)
        .retry(reqwest::retry::never())
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(IDLE_PER_HOST_MAX)
}

fn method(name: &str) -> Result<Method, String> {
    match name {
        "GET" => Ok(Method::GET),
        "POST" => Ok(Method::POST),
        "PUT" => Ok(Method::PUT),
        "PATCH" => Ok(Method::PATCH),
        "DELETE" => Ok(Method::DELETE),
        _ => Err("a call is a GET, POST, PUT, PATCH or DELETE".to_owned()),
    }
}

fn written(body: &Value) -> Result<Vec<u8>, String> {
    let written = serde_json::to_vec(body).map_err(|_| "the body has no JSON form".to_owned())?;
    if written.len() > limits::CALL_BODY_BYTES_MAX {
        return Err(format!("the body has {} bytes, and {} are the most", written.len(), limits::CALL_BODY_BYTES_MAX));
    }
    Ok(written)
}

/// Whole seconds only; a date would be measured against a clock that is not ours.
fn retry_after(headers: &HeaderMap) -> Option<u32> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

/// The body, whole, or what came instead.
async fn read(mut response: Response) -> Result<Vec<u8>, Reply> {
    let unreadable = |detail: String| Reply::Unreadable { detail };
    if response.headers().get(CONTENT_ENCODING).is_some_and(|coding| coding != "identity") {
        return Err(unreadable("the answer is compressed although that was not asked for".to_owned()));
    }
    let most = limits::CALL_ANSWER_BYTES_MAX;
    let too_long = || unreadable(format!("the answer is longer than {} KiB", most / 1024));
    if response.content_length().is_some_and(|length| length > most as u64) {
        return Err(too_long());
    }
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= most => body.extend_from_slice(&chunk),
            Ok(Some(_)) => return Err(too_long()),
            Ok(None) => return Ok(body),
            Err(error) if error.is_timeout() => {
                return Err(Reply::Lost { late: true, detail: "the answer did not end in time".to_owned() });
            }
            Err(_) => return Err(Reply::Lost { late: false, detail: "the answer broke off".to_owned() }),
        }
    }
}

/// An answer that repeats our headers, as debugging services do, must not carry a secret into a conversation.
fn without(secret: &Option<SecretString>, body: Vec<u8>) -> Vec<u8> {
    let Some(secret) = secret.as_ref().map(|secret| secret.expose_secret()).filter(|secret| secret.len() >= SECRET_BYTES_MIN)
    else {
        return body;
    };
    match String::from_utf8_lossy(&body) {
        text if text.contains(secret) => text.replace(secret, "***").into_bytes(),
        _ => body,
    }
}

/// What a body says. Its kind is not asked for: many systems name it wrongly.
fn value(body: &[u8]) -> Value {
    if body.trim_ascii().is_empty() {
        return Value::Nothing;
    }
    // NUL characters are left out: PostgreSQL cannot store them.
    serde_json::from_slice(body).unwrap_or_else(|_| Value::Text(String::from_utf8_lossy(body).replace('\0', "")))
}

/// An error before any answer. Only a connection that was never made proves that nothing left.
fn failed(key: &RequestKey, host: &str, error: reqwest::Error) -> Reply {
    let error = error.without_url();
    if is_not_public(&error) {
        return Reply::NotAllowed { detail: target::not_public(host) };
    }
    let late = error.is_timeout();
    // For whoever runs this machine. An author, whose flows may hold a stranger's words in an address, is told less.
    tracing::info!(request = %key, host, late, "a request to another system failed: {}", told(&error));
    if error.is_connect() || error.is_builder() {
        return Reply::Unreached { detail: format!("no connection to {host}") };
    }
    let detail = if late { "no answer in time" } else { "the connection broke before an answer came" };
    Reply::Lost { late, detail: detail.to_owned() }
}

fn is_not_public(error: &(dyn Error + 'static)) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if error.is::<NotPublic>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The innermost cause, which says the most.
fn told(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
