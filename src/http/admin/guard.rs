//! Who may use the admin listener: nobody who was led here by another site's page, and with a token only who knows it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use axum::middleware::Next;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use tokio::sync::Semaphore;

use super::login;
use crate::http::public::plain;

/// What a state-changing request must carry. A page of another site cannot set it without asking first, which we never allow.
pub(super) const PROOF_HEADER: &str = "x-buttonhook";
/// The cookie of a login.
pub(super) const COOKIE: &str = "buttonhook";
/// Tokens that are looked at at once, and how long each wrong one takes: guessing is slow however many try. Who is logged in is
/// known by the cookie and not held up by them.
const GUESSES_MAX: usize = 4;
const GUESS_WAIT: Duration = Duration::from_millis(500);

/// The rules of one listener. A clone is the same guard.
#[derive(Clone)]
pub struct Guard {
    listen: SocketAddr,
    token: Option<Arc<Token>>,
    guesses: Arc<Semaphore>,
}

enum Verdict {
    Pass,
    Refuse(StatusCode, &'static str),
    LogIn,
    NoToken,
    Ask(String),
}

struct Token {
    mac: Hmac<Sha256>,
    session: String,
}

impl Guard {
    /// A guard for the listener at `listen`, which asks for `token` where there is one.
    pub fn new(listen: SocketAddr, token: Option<SecretString>) -> Self {
        let token = token.map(|token| {
            let token = token.expose_secret();
            let mac = keyed(token.as_bytes());
            let session = data_encoding::HEXLOWER.encode(&session_key());
            Arc::new(Token { mac: mac.chain_update(token.as_bytes()), session })
        });
        Self { listen, token, guesses: Arc::new(Semaphore::new(GUESSES_MAX)) }
    }

    /// The cookie's value for whoever gave the right token.
    ///
    /// # Errors
    /// After a wait, when the token is wrong.
    pub(super) async fn session(&self, given: &str) -> Result<&str, Response<Body>> {
        match &self.token {
            Some(token) => self.ask(token, given).await.map(|()| token.session.as_str()),
            None => Ok(""),
        }
    }

    /// Whether `given` is the token.
    ///
    /// # Errors
    /// The answer, when it is not, after a wait; and when too many others ask, without a look at it: an answer that came at once
    /// would tell as much as one that came late.
    async fn ask(&self, token: &Token, given: &str) -> Result<(), Response<Body>> {
        let Ok(_permit) = self.guesses.try_acquire() else {
            return Err(plain(StatusCode::TOO_MANY_REQUESTS, "Too many wrong tokens; wait a moment."));
        };
        if token.is(given) {
            return Ok(());
        }
        tracing::warn!("a wrong admin token was given");
        tokio::time::sleep(GUESS_WAIT).await;
        Err(unauthorized())
    }

    /// The answer to a request that may not pass; a wrong token is answered slowly.
    fn judge(&self, request: &Request<Body>) -> Verdict {
        let headers = request.headers();
        let host = host(request.uri(), headers);
        if !host.is_some_and(|host| self.is_ours(host)) {
            return Verdict::Refuse(StatusCode::MISDIRECTED_REQUEST, "This host name is not served here.");
        }
        let foreign = |origin: &HeaderValue| !origin.to_str().is_ok_and(|origin| is_same(origin, host));
        if headers.get(header::ORIGIN).is_some_and(foreign) {
            return Verdict::Refuse(StatusCode::FORBIDDEN, "Requests from other sites are not served.");
        }
        // The login form is a plain form; its origin was checked above, and who logs in elsewhere gains nothing here.
        let is_login = request.uri().path() == login::PATH;
        if changes_state(request.method()) && !is_login && !headers.contains_key(PROOF_HEADER) {
            return Verdict::Refuse(StatusCode::FORBIDDEN, "Requests that change something must carry the header X-Buttonhook.");
        }
        if is_login { Verdict::Pass } else { self.knows(request) }
    }

    /// Whether the request comes from someone who knows the token.
    fn knows(&self, request: &Request<Body>) -> Verdict {
        let Some(token) = &self.token else { return Verdict::Pass };
        let headers = request.headers();
        if cookie(headers).is_some_and(|given| token.is_session(given)) {
            return Verdict::Pass;
        }
        match bearer(headers) {
            Some(given) => Verdict::Ask(given.to_owned()),
            None if wants_page(request) => Verdict::LogIn,
            None => Verdict::NoToken,
        }
    }

    /// Whether `host`, as the browser was told it, is this listener. Any other name may be one that a stranger made lead here
    /// (DNS rebinding).
    fn is_ours(&self, host: &str) -> bool {
        let name =
            host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(name, _)| name);
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            // An address cannot be rebound: it is the one the browser connected to.
            Ok(address) => address.is_loopback() || address == self.listen.ip() || self.listen.ip().is_unspecified(),
            // With a token, a stranger's name leads to a locked door; people may then reach us by a name of their own.
            Err(_) => bare.eq_ignore_ascii_case("localhost") || (!self.listen.ip().is_loopback() && self.token.is_some()),
        }
    }
}

impl Token {
    fn is(&self, given: &str) -> bool {
        // Both sides are keyed with what was given or what is right, so the time tells nothing about either.
        let given = keyed(given.as_bytes()).chain_update(given.as_bytes()).finalize().into_bytes();
        self.mac.clone().verify(&given).is_ok()
    }

    fn is_session(&self, given: &str) -> bool {
        let tag = |text: &str| keyed(b"compare").chain_update(text.as_bytes());
        tag(&self.session).verify(&tag(given).finalize().into_bytes()).is_ok()
    }
}

/// Random, so that it tells nothing of the token and no guessed token tells a cookie; it ends with the process.
fn session_key() -> [u8; 32] {
    let mut key = [0; 32];
    getrandom::fill(&mut key).expect("without the system's randomness no session can be made, and nobody may get in");
    key
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    <Hmac<Sha256> as KeyInit>::new_from_slice(key).expect("HMAC takes keys of every length")
}

/// Lets a request through, or answers why not.
pub(super) async fn admit(State(guard): State<Guard>, request: Request<Body>, next: Next) -> Response<Body> {
    match guard.judge(&request) {
        Verdict::Pass => next.run(request).await,
        Verdict::Refuse(status, why) => plain(status, why),
        Verdict::LogIn => login::redirect(),
        Verdict::NoToken => unauthorized(),
        Verdict::Ask(given) => match guard.session(&given).await.map(drop) {
            Ok(()) => next.run(request).await,
            Err(refusal) => refusal,
        },
    }
}

/// The headers that keep a browser from doing more than the pages need, where a page has not set its own.
pub(super) async fn secure(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    let rules = [
        (header::CONTENT_SECURITY_POLICY, "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in rules {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

fn unauthorized() -> Response<Body> {
    let mut response = plain(StatusCode::UNAUTHORIZED, "The admin token is missing or wrong.");
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

fn changes_state(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    uri.authority().map(|authority| authority.as_str()).or_else(|| headers.get(header::HOST)?.to_str().ok())
}

/// Whether an origin is the page of this host. Behind a proxy that speaks TLS the scheme is `https`.
fn is_same(origin: &str, host: Option<&str>) -> bool {
    let name = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    name.is_some() && name == host
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(';'));
    pairs.filter_map(|pair| pair.trim().split_once('=')).find(|(name, _)| *name == COOKIE).map(|(_, value)| value)
}

fn wants_page(request: &Request<Body>) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    request.method() == Method::GET && accept.is_some_and(|accept| accept.contains("text/html"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn while_wrong_tokens_wait_no_other_is_looked_at() {
        let guard = Guard::new(SocketAddr::from(([127, 0, 0, 1], 8081)), Some(SecretString::from("the right token")));
        let wrong = (0..GUESSES_MAX).map(|_| guard.session("a wrong token"));
        let meanwhile = async {
            tokio::task::yield_now().await;
            guard.session("the right token").await.map_err(|refusal| refusal.status())
        };
        let (refused, early) = tokio::join!(futures_util::future::join_all(wrong), meanwhile);
        assert_eq!(early, Err(StatusCode::TOO_MANY_REQUESTS));
        assert!(refused.iter().all(|one| one.as_ref().is_err_and(|refusal| refusal.status() == StatusCode::UNAUTHORIZED)));
        assert!(guard.session("the right token").await.is_ok());
    }

    #[test]
    fn a_cookie_cannot_be_worked_out_from_the_token() {
        let session = || Guard::new(SocketAddr::from(([127, 0, 0, 1], 8081)), Some(SecretString::from("guessed"))).token;
        assert_ne!(session().map(|token| token.session.clone()), session().map(|token| token.session.clone()));
    }
}
