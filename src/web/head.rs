//! The headers of a call: the author's, checked; ours; and the secret that signs in.

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use secrecy::{ExposeSecret, SecretString};

use super::client::Keys;
use crate::model::{Hosts, HttpRequest, RequestKey};

/// Who we say we are.
pub(super) const AGENT: HeaderValue = HeaderValue::from_static(concat!("buttonhook/", env!("CARGO_PKG_VERSION")));
/// Carries the request's identity: a system that honours it does a repeated request once.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Headers of one request.
const HEADERS_MAX: usize = 32;
/// Bytes of one header's value.
const HEADER_BYTES_MAX: usize = 4096;

/// Headers that steer the connection and not the request, or that would let a request pass for another.
const OURS: &[&str] = &[
    "host",
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "accept-encoding",
    "user-agent",
    "idempotency-key",
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
];

/// The head of a request, and the secret in it, which must not come back out.
pub(super) struct Head {
    pub(super) headers: HeaderMap,
    pub(super) secret: Option<SecretString>,
}

/// The headers of `request` to `host`.
///
/// # Errors
/// When a header may not be sent, or the secret is not there or not for this host. Never quotes a value.
pub(super) fn head(request: &HttpRequest, key: &RequestKey, host: &str, hosts: &Hosts, keys: &Keys) -> Result<Head, String> {
    let mut headers = HeaderMap::new();
    if request.headers.len() > HEADERS_MAX {
        return Err(format!("a request has at most {HEADERS_MAX} headers"));
    }
    for (name, value) in &request.headers {
        if OURS.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(format!("the header {} cannot be set", shown(name)));
        }
        headers.insert(header_name(name)?, header_value(name, value)?);
    }
    let once_per = request.once_per.as_deref().unwrap_or(&key.0);
    headers.insert(IDEMPOTENCY_KEY, header_value("idempotency-key", once_per)?);
    headers.insert(USER_AGENT, AGENT);
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.entry(ACCEPT).or_insert(HeaderValue::from_static("application/json, */*;q=0.5"));
    if request.body.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    } else if matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
        // RFC 9110 section 8.6: a request that may have a body says that it has none, and some servers insist.
        headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
    let secret = match &request.sign_in {
        Some(name) => Some(sign_in(&mut headers, name, host, hosts, keys)?),
        None => None,
    };
    Ok(Head { headers, secret })
}

fn sign_in(headers: &mut HeaderMap, name: &str, host: &str, hosts: &Hosts, keys: &Keys) -> Result<SecretString, String> {
    let sign_in = hosts.sign_in.get(name).ok_or_else(|| format!("the project has no sign-in called {}", shown(name)))?;
    if !sign_in.hosts.iter().any(|pattern| pattern.fits(host)) {
        return Err(format!("the sign-in {} is not for {host}", shown(name)));
    }
    let secret = keys(name)?;
    let value = sign_in.value.replace("{secret}", secret.expose_secret());
    let mut value = header_value(&sign_in.header, &value)?;
    value.set_sensitive(true);
    headers.insert(header_name(&sign_in.header)?, value);
    Ok(secret)
}

fn header_name(name: &str) -> Result<HeaderName, String> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| format!("{} is no name of a header", shown(name)))
}

fn header_value(name: &str, value: &str) -> Result<HeaderValue, String> {
    // Line breaks, above all, would begin a header of their own.
    let plain = !value.chars().any(char::is_control) && value.len() <= HEADER_BYTES_MAX;
    let read = HeaderValue::from_bytes(value.as_bytes()).ok().filter(|_| plain);
    read.ok_or_else(|| format!("the header {} holds what no header can hold", shown(name)))
}

/// A name as it may stand in a log.
fn shown(name: &str) -> String {
    name.chars().take(64).filter(|c| c.is_ascii_graphic()).collect()
}
