//! What comes back, read with suspicion.

use std::time::{Duration, Instant};

use buttonhook::model::{Value, limits};

use super::*;

async fn said(act: Act) -> Reply {
    let shop = Shop::start().await;
    shop.will([act]);
    ask(&trial(&["127.0.0.1"]), &get(shop.url("/"))).await
}

async fn body(text: &'static str) -> Value {
    match said(Act::Says(200, text)).await {
        Reply::Answered { status: 200, body, .. } => body,
        other => panic!("{text}: {other:?}"),
    }
}

#[tokio::test]
async fn json_is_read_and_everything_else_is_a_text() {
    assert_eq!(body("").await, Value::Nothing);
    assert_eq!(body(" \r\n").await, Value::Nothing);
    assert_eq!(body("null").await, Value::Nothing);
    assert_eq!(body(r#"{"total": 12.5, "open": [1, true, null]}"#).await.at(&["total".to_owned()]), &Value::Decimal(12.5));
    assert_eq!(body("[1]").await, Value::List(vec![Value::Whole(1)]));
    assert_eq!(body("\"Grüße 👍\"").await, Value::from("Grüße 👍"));
    for text in ["<html>", "{\"a\": ", "{\"a\": 1} more", "NaN", "plain words", "{'a': 1}"] {
        assert_eq!(body(text).await, Value::from(text));
    }
    let Reply::Answered { body, .. } = said(Act::SaysWith(200, String::new(), b"a\xff\0b".to_vec())).await else { panic!() };
    assert_eq!(body, Value::from("a\u{fffd}b"));
    let deep = format!("{}{}", "[".repeat(30_000), "]".repeat(30_000));
    let Reply::Answered { body, .. } = said(Act::SaysWith(200, String::new(), deep.clone().into_bytes())).await else { panic!() };
    assert_eq!(body, Value::Text(deep), "too deep to be read as JSON");
}

#[tokio::test]
async fn every_status_is_an_answer() {
    for status in [200, 201, 204, 302, 400, 404, 418, 429, 500, 503, 599] {
        let reply = said(Act::SaysWith(status, "retry-after: 7\r\n".to_owned(), Vec::new())).await;
        assert_eq!(reply, Reply::Answered { status, body: Value::Nothing, retry_after_secs: Some(7) });
    }
    for odd in ["-1", "soon", "1.5", "99999999999", "Wed, 21 Oct 2026 07:28:00 GMT", ""] {
        let reply = said(Act::SaysWith(503, format!("retry-after: {odd}\r\n"), Vec::new())).await;
        assert!(matches!(reply, Reply::Answered { retry_after_secs: None, .. }), "{odd}: {reply:?}");
    }
}

#[tokio::test]
async fn an_answer_is_read_to_its_bound_and_no_further() {
    let exactly = vec![b'x'; limits::CALL_ANSWER_BYTES_MAX];
    assert!(matches!(said(Act::SaysWith(200, String::new(), exactly)).await, Reply::Answered { .. }));
    let longer = vec![b'x'; limits::CALL_ANSWER_BYTES_MAX + 1];
    assert!(matches!(said(Act::SaysWith(200, String::new(), longer)).await, Reply::Unreadable { .. }));
    let announced = b"HTTP/1.1 200 OK\r\ncontent-length: 100000000000\r\n\r\n".to_vec();
    assert!(matches!(said(Act::Writes(announced)).await, Reply::Unreadable { .. }));
    let began = Instant::now();
    assert!(matches!(said(Act::Floods).await, Reply::Unreadable { .. }));
    assert!(began.elapsed() < Duration::from_secs(2), "it was read on");
}

#[tokio::test]
async fn nothing_is_unpacked() {
    let reply = said(Act::SaysWith(200, "content-encoding: gzip\r\n".to_owned(), vec![0x1f, 0x8b, 8, 0])).await;
    assert!(matches!(&reply, Reply::Unreadable { detail } if detail.contains("compressed")), "{reply:?}");
}

#[tokio::test]
async fn what_has_no_answer_is_told_apart_by_what_may_have_arrived() {
    for act in [Act::Cuts, Act::Writes(b"garbage\r\n\r\n".to_vec()), Act::Writes(b"HTTP/1.1 2".to_vec())] {
        let reply = said(act.clone()).await;
        assert!(matches!(reply, Reply::Lost { late: false, .. }), "{act:?}: {reply:?}");
    }
    let half = Act::Writes(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"half\": ".to_vec());
    assert!(matches!(said(half).await, Reply::Lost { late: false, .. }));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let reply = ask(&trial(&["127.0.0.1"]), &get(format!("http://{free}/"))).await;
    assert_eq!(reply, Reply::Unreached { detail: "no connection to 127.0.0.1".to_owned() });
    let mut nowhere = settings(hosts(&["nowhere.example"]), true);
    nowhere.lookup = Names::new(&[&[]]);
    let reply = ask(&Client::new(nowhere).unwrap(), &get("http://nowhere.example/")).await;
    assert!(matches!(reply, Reply::Unreached { .. }), "{reply:?}");
}

#[tokio::test]
async fn an_attempt_ends_when_its_time_is_over_whatever_is_slow() {
    for act in [Act::Hangs, Act::Drips(r#"{"ok": "a long answer, which takes its time, a byte at a time"}"#)] {
        let shop = Shop::start().await;
        shop.will([act.clone()]);
        let call = Call { wait_ms: 300, ..get(shop.url("/")) };
        let began = Instant::now();
        let reply = ask(&trial(&["127.0.0.1"]), &call).await;
        assert!(matches!(reply, Reply::Lost { late: true, .. }), "{act:?}: {reply:?}");
        assert!((300..2_500).contains(&began.elapsed().as_millis()), "{:?}", began.elapsed());
    }
}
