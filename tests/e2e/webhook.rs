//! The public listener refuses what it must, says nothing more than it must, and keeps nothing of it.

use reqwest::StatusCode;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::host::{SECRET, everything_in};
use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_leaves_no_trace() {
    let host = Host::start(Setup::new(ECHO)).await;
    let http = client::http();
    let url = |path: &str| format!("http://{}{path}", host.public);
    let tap = text_from(1, 1, "a-canary-text").to_string();

    let wrong = http.post(url("/webhooks/xobito/a-wrong-secret-of-some-length")).body(tap.clone()).send().await.unwrap();
    let unknown = http.post(url("/no/such/path")).body(tap.clone()).send().await.unwrap();
    assert_eq!((wrong.status(), unknown.status()), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    let headers = |answer: &reqwest::Response| {
        let kept = answer.headers().iter().filter(|(name, _)| *name != "date");
        kept.map(|(name, value)| format!("{name}: {value:?}")).collect::<Vec<_>>()
    };
    assert_eq!(headers(&wrong), headers(&unknown), "a wrong secret looks like any unknown path");
    assert_eq!(wrong.bytes().await.unwrap(), unknown.bytes().await.unwrap());

    let signed_event = json!({"event": "message.received", "model": "WhatsAppMessage", "data": {"text": "a-canary-text"}});
    let signed_event = signed_event.to_string();
    // Readers differ about a key that stands twice; this must not be taken for the body that nobody signs.
    let twice = signed_event.replacen("\"model\"", "\"model\": 1, \"model\"", 1);
    let refused: [(&str, Option<String>, u16); 6] = [
        (&twice, None, 401),
        ("{\"object\": a-canary-text", None, 400),
        ("[1, 2]", None, 400),
        (&signed_event, None, 401),
        (&signed_event, Some(signed("another body")), 401),
        (&tap, Some("0".repeat(64)), 401),
    ];
    for (body, signature, status) in refused {
        let mut request = http.post(host.webhook()).body(body.to_owned());
        if let Some(signature) = signature {
            request = request.header("X-Webhook-Signature", signature);
        }
        assert_eq!(request.send().await.unwrap().status(), status, "{body}");
    }

    let status = host.status().await;
    assert_eq!((&status["store"]["contacts"], &status["store"]["inbox"]), (&json!(0), &json!(0)));
    host.terminate();
    let (setup, _, log) = host.ended().await;
    for canary in ["a-canary-text", SECRET, "a-wrong-secret", "15550000001"] {
        assert!(!log.contains(canary), "{canary} stands in the log: {log}");
    }
    let stored = everything_in(&setup.store());
    assert!(!stored.windows(13).any(|window| window == b"a-canary-text"));
    assert_eq!(log.matches("webhook refused").count(), 7, "one line each: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_refused_announced_or_not() {
    let host = Host::start(Setup::new(ECHO)).await;
    let head = format!("POST /webhooks/xobito/{SECRET} HTTP/1.1\r\nHost: {}\r\n", host.public);

    let mut stream = TcpStream::connect(host.public).await.unwrap();
    stream.write_all(format!("{head}Content-Length: {}\r\n\r\n", 4 * 1024 * 1024 + 1).as_bytes()).await.unwrap();
    assert_eq!(status_line(&mut stream).await, "HTTP/1.1 413 Payload Too Large");

    let mut stream = TcpStream::connect(host.public).await.unwrap();
    stream.write_all(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes()).await.unwrap();
    let chunk = [format!("{:x}\r\n", 64 * 1024).as_bytes(), &vec![b' '; 64 * 1024], b"\r\n"].concat();
    for _ in 0..=64 {
        // The host may have closed already, and its answer still be there to read.
        if stream.write_all(&chunk).await.is_err() {
            break;
        }
    }
    assert_eq!(status_line(&mut stream).await, "HTTP/1.1 413 Payload Too Large");
    assert_eq!(host.post(&text_from(1, 1, "hi")).await, 200, "and others are served");
}

async fn status_line(stream: &mut TcpStream) -> String {
    let mut answer = [0; 64];
    let read = tokio::time::timeout(host::PATIENCE, stream.read(&mut answer)).await.expect("an answer comes").unwrap();
    String::from_utf8_lossy(&answer[..read]).lines().next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn doubles_and_what_is_of_no_concern_are_answered_like_the_rest() {
    let host = Host::start(Setup::new(ECHO)).await;
    let receipt = json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "account_update",
        "value": {"event": "VERIFIED_ACCOUNT"}}]}]});
    for body in [text_from(1, 1, "hi"), text_from(1, 1, "hi"), receipt] {
        assert_eq!(host.post(&body).await, 200);
    }
    assert_eq!(host.status().await["store"]["contacts"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_handshake_echoes_the_challenge_to_who_knows_the_secret() {
    let host = Host::start(Setup::new(ECHO)).await;
    let table = [
        (format!("{SECRET}?hub.mode=subscribe&hub.verify_token={SECRET}&hub.challenge=11582"), 200, "11582"),
        (format!("{SECRET}?hub.mode=subscribe&hub.challenge=%3Cb%3E"), 200, "<b>"),
        (format!("{SECRET}?hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1"), 403, ""),
        (format!("{SECRET}?hub.mode=subscribe&hub.verify_token={SECRET}"), 400, ""),
        (format!("{SECRET}?hub.mode=unsubscribe&hub.challenge=1"), 400, ""),
        (SECRET.to_owned(), 400, ""),
        (format!("wrong?hub.mode=subscribe&hub.verify_token={SECRET}&hub.challenge=1"), 404, ""),
    ];
    for (path, status, body) in table {
        let answer = client::http().get(format!("http://{}/webhooks/xobito/{path}", host.public)).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.headers()["content-type"], "text/plain; charset=utf-8");
        let text = answer.text().await.unwrap();
        assert!(body.is_empty() || text == body, "{path}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_listener_shows_nothing_but_that_it_is_alive() {
    let host = Host::start(Setup::new(ECHO)).await;
    for (path, status) in [("/healthz", 200), ("/readyz", 200), ("/", 404), ("/status", 404), ("/api/history", 404)] {
        let answer = client::http().get(format!("http://{}{path}", host.public)).send().await.unwrap();
        assert_eq!(answer.status(), status, "{path}");
    }
    let put = client::http().put(host.webhook()).send().await.unwrap();
    assert_eq!(put.status(), StatusCode::NOT_FOUND);
}
