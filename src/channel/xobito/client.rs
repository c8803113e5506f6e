//! The one attempt over HTTP.

use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, Url};
use secrecy::{ExposeSecret, SecretString};

use super::answer::{self, Attempt};
use super::outbound::{self, Request};
use crate::channel::Channel;
use crate::model::{About, Contact, Message, Outcome, SendKey, WireButton, limits};

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an attempt may take in all: longer than the 30 s after which gateways commonly give up, so that their answer,
/// whichever it is, still reaches us.
const TIMEOUT: Duration = Duration::from_secs(35);
/// How long an unused connection is kept: less than the 5 s after which common servers close theirs, because a request on a
/// connection that is just being closed ends as unknown.
const IDLE: Duration = Duration::from_secs(4);
/// The path of the API below the base address.
const API: [&str; 2] = ["api", "v1"];
/// Carries the send's key. Xobito documents no such header and ignores what it does not know; should it ever read this one,
/// a repeated send stops being a repeated message.
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Shorter tokens are made up for trials; taking them out of answers could take words out of them.
const SECRET_BYTES_MIN: usize = 16;

/// What a channel needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The provider's address, for example `https://dash.xobito.com`; without credentials.
    pub base_url: String,
    /// The workspace, a part of the path.
    pub subdomain: String,
    /// The API token. Two forms of it are about, so its form is not checked (reference: xobito-api section 0).
    pub token: SecretString,
    /// How long a connection may take to be made.
    pub connect_timeout: Duration,
    /// How long an attempt may take in all, the answer's body included.
    pub timeout: Duration,
}

impl Settings {
    /// Settings with the usual time limits.
    pub fn new(base_url: impl Into<String>, subdomain: impl Into<String>, token: SecretString) -> Self {
        let (base_url, subdomain) = (base_url.into(), subdomain.into());
        Self { base_url, subdomain, token, connect_timeout: CONNECT_TIMEOUT, timeout: TIMEOUT }
    }
}

/// Why no channel can be made of the settings. Says what to do and holds no secret.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The base address is none.
    #[error("XOBITO_BASE_URL is no http or https address: write one like https://dash.xobito.com")]
    BaseUrl,
    /// The base address holds a user name or a password.
    #[error("XOBITO_BASE_URL holds a user name or password: leave them out, the token is all that Xobito takes")]
    Credentials,
    /// The workspace is missing or no path segment.
    #[error("XOBITO_SUBDOMAIN is missing: it is the workspace's name in the address of its dashboard")]
    Subdomain,
    /// The token is missing or cannot stand in a header.
    #[error("XOBITO_TOKEN is missing or holds characters that no token has: copy it again")]
    Token,
    /// The HTTP client could not be made, for want of the system's certificates for example.
    #[error("the HTTP client could not be made: {0}")]
    Client(String),
}

/// A workspace at Xobito, as far as sending goes. Cheap to share; `Debug` shows no secret.
#[derive(Debug)]
pub struct XobitoChannel {
    http: Client,
    /// The workspace's address, ending in its name.
    workspace: Url,
    token: SecretString,
}

impl XobitoChannel {
    /// A channel with these settings. Makes no connection yet.
    ///
    /// # Errors
    ///
    /// When a setting cannot be right whatever the provider says.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        let workspace = workspace(&settings.base_url, settings.subdomain.trim())?;
        let http = Client::builder()
            .default_headers(headers(&settings.token)?)
            .user_agent(concat!("buttonhook/", env!("CARGO_PKG_VERSION")))
            // Repeating is the outbox's decision, which knows what may have left; redirects and proxies would take the token
            // to places that nobody configured.
            .retry(reqwest::retry::never())
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.timeout)
            .pool_idle_timeout(IDLE)
            .build()
            .map_err(|error| SettingsError::Client(told(&error.without_url())))?;
        Ok(Self { http, workspace, token: settings.token })
    }

    async fn attempt(&self, key: &SendKey, request: &Request) -> Outcome {
        let url = match self.url(request.path) {
            Ok(url) => url,
            Err(detail) => return answer::classify(Attempt::Unreached { detail }),
        };
        let sent = self.http.post(url).header(IDEMPOTENCY_KEY, key.0.as_str()).json(&request.body).send().await;
        let response = match sent {
            Ok(response) => response,
            Err(error) => return failed(error),
        };
        let status = response.status().as_u16();
        let retry_after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let (body, whole) = read(response).await;
        let body = self.without_token(body);
        answer::classify(Attempt::Answered { status, retry_after: retry_after.as_deref(), body: &body, whole })
    }

    fn url(&self, path: &str) -> Result<Url, &'static str> {
        let mut url = self.workspace.clone();
        url.path_segments_mut().map_err(|()| "the base address cannot have a path")?.extend(path.split('/'));
        Ok(url)
    }

    /// An answer that repeats our headers, as debug pages do, must not carry the token into logs and histories.
    fn without_token(&self, body: Vec<u8>) -> Vec<u8> {
        let token = self.token.expose_secret();
        if token.len() < SECRET_BYTES_MIN {
            return body;
        }
        match String::from_utf8_lossy(&body) {
            text if text.contains(token) => text.replace(token, "***").into_bytes(),
            _ => body,
        }
    }
}

#[async_trait]
impl Channel for XobitoChannel {
    async fn send(&self, to: &Contact, about: &About, key: &SendKey, message: &Message<WireButton>) -> Outcome {
        match outbound::request(to, about, message) {
            Ok(request) => self.attempt(key, &request).await,
            Err(refused) => refused,
        }
    }

    fn name(&self) -> &str {
        "xobito"
    }
}

fn workspace(base_url: &str, subdomain: &str) -> Result<Url, SettingsError> {
    let mut url = Url::parse(base_url.trim()).map_err(|_| SettingsError::BaseUrl)?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(SettingsError::BaseUrl);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(SettingsError::Credentials);
    }
    // Dots alone would walk up the path; everything else is percent-encoded into one segment.
    if matches!(subdomain, "" | "." | "..") {
        return Err(SettingsError::Subdomain);
    }
    url.set_query(None);
    url.set_fragment(None);
    url.path_segments_mut().map_err(|()| SettingsError::BaseUrl)?.pop_if_empty().extend(API).push(subdomain);
    Ok(url)
}

fn headers(token: &SecretString) -> Result<HeaderMap, SettingsError> {
    let token = token.expose_secret();
    if token.trim().is_empty() || token.trim() != token {
        return Err(SettingsError::Token);
    }
    let mut bearer = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| SettingsError::Token)?;
    bearer.set_sensitive(true);
    let json = HeaderValue::from_static("application/json");
    Ok(HeaderMap::from_iter([(AUTHORIZATION, bearer), (ACCEPT, json.clone()), (CONTENT_TYPE, json)]))
}

/// The body, at most [`limits::ANSWER_BYTES_MAX`] of it, and whether that is all of it. A body that stalls runs into the
/// attempt's time limit; the status that came before it still counts.
async fn read(mut response: Response) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= limits::ANSWER_BYTES_MAX => body.extend_from_slice(&chunk),
            Ok(None) => return (body, true),
            Ok(Some(_)) | Err(_) => return (body, false),
        }
    }
}

/// An error before any answer. Only a connection that was never made proves that nothing left: a time limit or a reset may
/// strike after the last byte.
fn failed(error: reqwest::Error) -> Outcome {
    let error = error.without_url();
    let (unreached, late) = (error.is_connect() || error.is_builder(), error.is_timeout());
    let detail = match (unreached, late) {
        (true, true) => "no connection within the time limit".to_owned(),
        (true, false) => format!("no connection: {}", told(&error)),
        (false, true) => "no answer within the time limit".to_owned(),
        (false, false) => format!("the connection broke before an answer came: {}", told(&error)),
    };
    let detail = detail.as_str();
    answer::classify(if unreached { Attempt::Unreached { detail } } else { Attempt::Lost { detail } })
}

/// The innermost cause, which says the most: `Connection refused` rather than `error sending request`.
fn told(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
