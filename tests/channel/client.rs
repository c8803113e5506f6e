//! The client against a provider that misbehaves: one attempt, one outcome, in bounded time and memory, and no secret told.

use std::time::{Duration, Instant};

use buttonhook::channel::Channel;
use buttonhook::channel::xobito::{Settings, XobitoChannel};
use buttonhook::model::{About, MessageId, Outcome, Refusal, SendKey};
use secrecy::SecretString;
use tokio::net::TcpListener;

use super::outbound::{rosa, text};
use super::provider::{Manner, Provider, http};
use super::{sample, sample_json};

const TOKEN: &str = "apitk_canary-0123456789abcdef";
/// Short, so that stalls cost little; what is tested is that it ends, and as what.
const PATIENCE: Duration = Duration::from_millis(300);

fn settings(base: &str) -> Settings {
    Settings { timeout: PATIENCE, ..Settings::new(base, "sandbox", SecretString::from(TOKEN)) }
}

async fn send(base: &str) -> Outcome {
    let channel = XobitoChannel::new(settings(base)).unwrap();
    channel.send(&rosa(), &About::default(), &SendKey("7-3-0".to_owned()), &text("Your order 4711 is ready.")).await
}

fn ok() -> Vec<u8> {
    http(
        "200 OK",
        "content-type: application/json\r\n",
        std::str::from_utf8(&sample("xobito-send-200.flat.inferred.json")).unwrap(),
    )
}

fn sent() -> Outcome {
    let id = sample_json("xobito-send-200.flat.inferred.json")["data"]["message_id"].as_str().unwrap().to_owned();
    Outcome::Sent { message: Some(MessageId(id)) }
}

#[tokio::test]
async fn the_request_is_the_documented_one() {
    let provider = Provider::start(Manner::Says(ok())).await;
    assert_eq!(send(&provider.base).await, sent());
    let requests = provider.requests();
    assert_eq!(requests.len(), 1);
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    assert_eq!(lines.next().unwrap(), "POST /api/v1/sandbox/messages/send HTTP/1.1");
    let headers: Vec<String> = lines.map(str::to_owned).collect();
    for header in [
        &format!("authorization: Bearer {TOKEN}"),
        "accept: application/json",
        "content-type: application/json",
        "idempotency-key: 7-3-0",
        concat!("user-agent: buttonhook/", env!("CARGO_PKG_VERSION")),
    ] {
        assert_eq!(headers.iter().filter(|line| line.as_str() == header).count(), 1, "{header} in {headers:?}");
    }
    let mut expected = sample_json("xobito-send-text.request.json");
    expected.as_object_mut().unwrap().remove("contact");
    assert_eq!(serde_json::from_str::<serde_json::Value>(body).unwrap(), expected);
}

#[tokio::test]
async fn every_misbehaviour_has_its_outcome_after_one_request() {
    let json = "content-type: application/json\r\n";
    let page = "<html><h1>502 Bad Gateway</h1></html>";
    let success = r#"{"status":"success","data":{"message_id":"wamid.abcd"}}"#;
    let half = format!("HTTP/1.1 200 OK\r\ncontent-length: 4000\r\n\r\n{success}").into_bytes();
    let head = |status: &str| format!("HTTP/1.1 {status}\r\ncontent-length: 100000000\r\n\r\n").into_bytes();
    let table = [
        (
            "429",
            Manner::Says(http("429 Too Many Requests", json, r#"{"message":"Too many requests","retry_after":37}"#)),
            "Throttled { retry_after_secs: Some(37) }",
        ),
        (
            "429 by header",
            Manner::Says(http("429 Too Many Requests", "retry-after: 12\r\n", "")),
            "Throttled { retry_after_secs: Some(12) }",
        ),
        (
            "500 of a send",
            Manner::Says(http("500 Internal Server Error", json, r#"{"status":"error","message":"Failed to send message"}"#)),
            "Failed",
        ),
        ("500 page", Manner::Says(http("500 Internal Server Error", "", page)), "Unknown"),
        ("502 page", Manner::Says(http("502 Bad Gateway", "", page)), "Unknown"),
        (
            "401",
            Manner::Says(http("401 Unauthorized", json, r#"{"status":"error","message":"Invalid API token"}"#)),
            "Refused { refusal: Unauthorized",
        ),
        ("stall", Manner::Stalls, "Unknown { detail: \"no answer within the time limit\""),
        ("close after the request", Manner::Closes, "Unknown { detail: \"the connection broke"),
        ("close before the request", Manner::ClosesAtOnce, "Unknown { detail: \"the connection broke"),
        ("slow body", Manner::Dribbles(head("200 OK")), "Unknown"),
        ("slow body of a refusal", Manner::Dribbles(head("403 Forbidden")), "Refused { refusal: Forbidden"),
        ("100 MB body", Manner::Floods(head("200 OK")), "Unknown"),
        ("100 MB body of a throttle", Manner::Floods(head("429 Too Many Requests")), "Throttled { retry_after_secs: None }"),
        ("half a body", Manner::Says(half), "Unknown"),
        ("garbage body", Manner::Says(http("200 OK", "", "\u{1}garbage")), "Unknown"),
        ("empty body", Manner::Says(http("200 OK", "", "")), "Unknown"),
        ("no HTTP", Manner::Says(b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()), "Unknown { detail: \"the connection broke"),
        ("HTTP/1.0", Manner::Says(format!("HTTP/1.0 200 OK\r\n\r\n{success}").into_bytes()), "Sent"),
        ("endless head", Manner::Floods(b"HTTP/1.1 200 OK\r\nx: ".to_vec()), "Unknown"),
    ];
    for (name, manner, outcome) in table {
        let unread = matches!(manner, Manner::ClosesAtOnce);
        let provider = Provider::start(manner).await;
        let began = Instant::now();
        let came = format!("{:?}", send(&provider.base).await);
        assert!(came.starts_with(outcome), "{name}: {came}");
        assert!(!came.contains(TOKEN) && !came.contains(&provider.base) && !came.contains('<'), "{name}: {came}");
        assert!(began.elapsed() < PATIENCE * 20, "{name} took {:?}", began.elapsed());
        assert_eq!(provider.requests().len(), usize::from(!unread), "{name}: an attempt is one request");
    }
}

#[tokio::test]
async fn an_endless_body_ends_the_attempt_long_before_its_time_limit() {
    for (status, outcome) in [("200 OK", "Unknown"), ("403 Forbidden", "Refused")] {
        let provider = Provider::start(Manner::Floods(format!("HTTP/1.1 {status}\r\n\r\n").into_bytes())).await;
        let patient = Settings { timeout: Duration::from_secs(60), ..settings(&provider.base) };
        let channel = XobitoChannel::new(patient).unwrap();
        let began = Instant::now();
        let came = format!("{:?}", channel.send(&rosa(), &About::default(), &SendKey("7-3-0".to_owned()), &text("hello")).await);
        assert!(came.starts_with(outcome), "{came}");
        assert!(began.elapsed() < Duration::from_secs(30), "the body was read on and on");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Provider::start(Manner::Says(ok())).await;
    for status in ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let location = format!("location: {}/api/v1/sandbox/messages/send\r\n", elsewhere.base);
        let provider = Provider::start(Manner::Says(http(status, &location, ""))).await;
        let came = send(&provider.base).await;
        assert!(matches!(came, Outcome::Refused { refusal: Refusal::Other, .. }), "{status} {came:?}");
    }
    assert_eq!(elsewhere.requests().len(), 0, "the token went somewhere nobody configured");
}

#[tokio::test]
async fn what_cannot_be_reached_surely_got_nothing() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let words = Provider::start(Manner::SpeaksFirst(b"no TLS here, only words\r\n\r\n".to_vec())).await;
    let silence = Provider::start(Manner::Stalls).await;
    let [words, silence] = [&words, &silence].map(|provider| provider.base.replace("http://", "https://"));
    for (base, says) in
        [(closed, "no connection: "), (words, "no connection: "), (silence, "no connection within the time limit")]
    {
        let settings = Settings { connect_timeout: PATIENCE / 3, ..settings(&base) };
        let channel = XobitoChannel::new(settings).unwrap();
        let came = channel.send(&rosa(), &About::default(), &SendKey("7-3-0".to_owned()), &text("hello")).await;
        let Outcome::Unreached { detail } = &came else { panic!("{base}: {came:?}") };
        assert!(detail.starts_with(says) && !detail.contains("sandbox") && !detail.contains(TOKEN), "{detail}");
    }
}

#[tokio::test]
async fn a_connection_that_the_provider_keeps_open_is_used_again() {
    let provider = Provider::start(Manner::KeepsOpen(ok())).await;
    let channel = XobitoChannel::new(settings(&provider.base)).unwrap();
    for turn in 0..3 {
        let key = SendKey(format!("7-{turn}-0"));
        assert_eq!(channel.send(&rosa(), &About::default(), &key, &text("hello")).await, sent());
    }
    assert_eq!(provider.requests().len(), 3);
}

#[tokio::test]
async fn what_breaks_a_limit_never_leaves() {
    let provider = Provider::start(Manner::Says(ok())).await;
    let channel = XobitoChannel::new(settings(&provider.base)).unwrap();
    let came = channel.send(&rosa(), &About::default(), &SendKey("7-3-0".to_owned()), &text("")).await;
    assert!(matches!(came, Outcome::Refused { refusal: Refusal::Invalid, .. }), "{came:?}");
    assert!(provider.requests().is_empty());
}

#[tokio::test]
async fn the_token_shows_nowhere_even_if_the_provider_repeats_it() {
    let echo = format!(r#"{{"status":"error","message":"Invalid API token {}{TOKEN}"}}"#, "x".repeat(270));
    for status in ["401 Unauthorized", "422 Unprocessable Content", "200 OK"] {
        let provider = Provider::start(Manner::Says(http(status, "", &echo))).await;
        let came = format!("{:?}", send(&provider.base).await);
        assert!(came.contains("Invalid API token") && !came.contains("apitk_") && !came.contains("canary"), "{came}");
    }
    let settings = settings("http://127.0.0.1:9");
    let shown = format!("{settings:?} {:?}", XobitoChannel::new(settings.clone()).unwrap());
    assert!(!shown.contains("canary"), "{shown}");
}

#[tokio::test]
async fn the_workspace_is_one_segment_of_the_path() {
    for (subdomain, segment) in [
        ("sandbox", "sandbox"),
        (" sandbox ", "sandbox"),
        ("a/b?c#d", "a%2Fb%3Fc%23d"),
        ("..%2f", "..%252f"),
        ("café", "caf%C3%A9"),
    ] {
        let provider = Provider::start(Manner::Says(ok())).await;
        for base in [provider.base.clone(), format!("{}/", provider.base), format!("{}/proxy/", provider.base)] {
            let channel = XobitoChannel::new(Settings { subdomain: subdomain.to_owned(), ..settings(&base) }).unwrap();
            assert_eq!(channel.send(&rosa(), &About::default(), &SendKey("k".to_owned()), &text("hello")).await, sent());
            let prefix = if base.ends_with("/proxy/") { "/proxy" } else { "" };
            let line = format!("POST {prefix}/api/v1/{segment}/messages/send HTTP/1.1\r\n");
            assert!(provider.requests().last().unwrap().starts_with(&line), "{:?}", provider.requests().last());
        }
    }
}

#[test]
fn settings_that_cannot_be_right_are_refused_with_advice() {
    let table = [
        (Settings::new("dash.xobito.com", "s", TOKEN.into()), "XOBITO_BASE_URL is no http"),
        (Settings::new("", "s", TOKEN.into()), "XOBITO_BASE_URL is no http"),
        (Settings::new("file:///etc/passwd", "s", TOKEN.into()), "XOBITO_BASE_URL is no http"),
        (Settings::new("https://me:canary@dash.xobito.com", "s", TOKEN.into()), "XOBITO_BASE_URL holds a user name"),
        (Settings::new("https://dash.xobito.com", " ", TOKEN.into()), "XOBITO_SUBDOMAIN is missing"),
        (Settings::new("https://dash.xobito.com", "..", TOKEN.into()), "XOBITO_SUBDOMAIN is missing"),
        (Settings::new("https://dash.xobito.com", "s", "".into()), "XOBITO_TOKEN is missing"),
        (Settings::new("https://dash.xobito.com", "s", "canary\n".into()), "XOBITO_TOKEN is missing"),
        (Settings::new("https://dash.xobito.com", "s", "can\u{0}ary".into()), "XOBITO_TOKEN is missing"),
    ];
    for (settings, says) in table {
        let error = XobitoChannel::new(settings).unwrap_err().to_string();
        assert!(error.contains(says) && !error.contains("canary"), "{error}");
    }
    for token in ["apitk_0123", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "t"] {
        assert!(XobitoChannel::new(Settings::new("https://dash.xobito.com", "s", token.into())).is_ok());
    }
}
