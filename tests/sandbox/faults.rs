//! Every fault strikes when it is switched on, does what it says, and is counted.

use super::kit::*;
use buttonhook::sandbox::Garbage;
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::json;
use std::time::{Duration, Instant};

async fn bodies(stage: &Stage) -> Vec<String> {
    let bot = |m: &serde_json::Value| (m["from"] == "bot").then(|| m["body"].as_str().unwrap().to_owned());
    stage.chat(ROSA).await.iter().filter_map(bot).collect()
}

async fn open_stage() -> Stage {
    let stage = Stage::new().await;
    stage.types(ROSA, "Hello").await;
    stage
}

fn send(stage: &Stage, text: &str) -> reqwest::RequestBuilder {
    stage.api(Method::POST, "/messages/send").json(&json!({"phone_number": ROSA, "message_body": text}))
}

#[tokio::test]
async fn latency() {
    let stage = open_stage().await;
    stage.faults(|f| f.latency_ms = 80);
    let start = Instant::now();
    assert_eq!(stage.say(ROSA, "Hi").await.0, 200);
    assert!(start.elapsed() >= Duration::from_millis(80));
    assert_eq!(stage.sandbox.happened("latency"), 1);
}

#[tokio::test]
async fn too_many_requests() {
    let stage = open_stage().await;
    stage.faults(|f| (f.rate_429_after, f.retry_after) = (Some(2), 45));
    for expected in [200, 200, 429, 429] {
        assert_eq!(stage.say(ROSA, "Hi").await.0, expected);
    }
    stage.pass(SignedDuration::from_secs(44));
    assert_eq!(stage.say(ROSA, "Hi").await, (429, json!({"message": "Too many requests", "retry_after": 1})));
    stage.pass(SignedDuration::from_secs(1));
    for expected in [200, 200, 429] {
        assert_eq!(stage.say(ROSA, "Hi").await.0, expected);
    }
    assert_eq!(stage.sandbox.happened("rate_429"), 4);
}

#[tokio::test]
async fn failed_sends() {
    let stage = open_stage().await;
    stage.faults(|f| (f.fail_500_next, f.fail_500_every) = (1, 3));
    let mut found = Vec::new();
    for n in 0..7 {
        found.push(stage.say(ROSA, &n.to_string()).await.0);
    }
    assert_eq!(found, [500, 200, 200, 500, 200, 200, 500]);
    assert_eq!(bodies(&stage).await, ["1", "2", "4", "5"]);
    assert_eq!(stage.sandbox.happened("fail_500"), 3);
}

#[tokio::test]
async fn a_cut_connection_leaves_the_sender_in_doubt() {
    let stage = open_stage().await;
    stage.faults(|f| f.drop_next = 1);
    let error = send(&stage, "taken").send().await.unwrap_err();
    assert!(error.is_request() && !error.is_connect() && !error.is_timeout(), "{error:?}");
    assert_eq!(bodies(&stage).await, ["taken"]);

    stage.faults(|f| (f.drop_next, f.lost_before_taking) = (1, true));
    send(&stage, "lost").send().await.unwrap_err();
    assert_eq!(bodies(&stage).await, ["taken"]);
    assert_eq!(stage.sandbox.happened("drop"), 2);
    let record = &stage.phone_get("/requests").await["requests"][0];
    assert_eq!((&record["status"], &record["fault"]), (&json!(null), &json!("drop")));

    stage.faults(|f| (f.drop_every, f.lost_before_taking) = (2, false));
    assert_eq!(stage.say(ROSA, "a").await.0, 200);
    send(&stage, "b").send().await.unwrap_err();
    assert_eq!(bodies(&stage).await, ["taken", "a", "b"]);
}

#[tokio::test]
async fn a_send_that_is_never_answered_is_taken_all_the_same() {
    let stage = open_stage().await;
    stage.faults(|f| f.hang_next = 1);
    let error = send(&stage, "taken").timeout(Duration::from_millis(200)).send().await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(bodies(&stage).await, ["taken"]);
    assert_eq!(stage.sandbox.happened("hang"), 1);
    // Closing the sandbox lets go of what it holds.
    stage.faults(|f| f.hang_every = 1);
    let held = tokio::spawn(send(&stage, "held").send());
    while stage.sandbox.happened("hang") < 2 {
        tokio::task::yield_now().await;
    }
    stage.sandbox.close();
    assert!(held.await.unwrap().is_err());
}

#[tokio::test]
async fn garbage_in_place_of_the_answer() {
    let stage = open_stage().await;
    let cases = [
        (Garbage::Html, 200, "<!doctype"),
        (Garbage::Cut, 200, "{\"data\""),
        (Garbage::Empty, 200, ""),
        (Garbage::BadGateway, 502, "<!doctype"),
    ];
    for (garbage, status, begins) in cases {
        stage.faults(|f| (f.garbage_next, f.garbage) = (1, garbage));
        let answer = send(&stage, "taken").send().await.unwrap();
        assert_eq!(answer.status(), status, "{garbage:?}");
        let text = answer.text().await.unwrap();
        assert!(text.starts_with(begins), "{garbage:?}: {text}");
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_err(), "{garbage:?}: {text}");
    }
    stage.faults(|f| f.garbage_every = 1);
    assert_eq!(send(&stage, "taken").send().await.unwrap().status(), 502);
    assert_eq!((bodies(&stage).await.len(), stage.sandbox.happened("garbage")), (5, 5));
}

#[tokio::test]
async fn an_undeliverable_message_fails_later() {
    let (stage, mut host) = stage_and_host(|s| (s.faults.undeliverable_every, s.faults.flow_a) = (2, true)).await;
    stage.types(ROSA, "Hello").await;
    stage.say(ROSA, "reaches").await;
    host.all(&stage).await;
    stage.say(ROSA, "fails").await;
    let hooks = host.all(&stage).await;
    assert_eq!(hooks.len(), 2);
    let forwarded = hooks.iter().find(|hook| hook.about() == "failed").unwrap();
    assert_eq!(shape(&forwarded.json()), shape(&sample("meta-status-failed-131026-undeliverable")));
    assert_eq!(forwarded.value()["statuses"][0]["errors"][0]["code"], 131026);
    let signed = hooks.iter().find(|hook| hook.about() == "message.failed").unwrap();
    assert_eq!(shape(&signed.json()), shape(&sample("xobito-flow-a-message-failed")));
    assert_eq!(stage.sandbox.happened("undeliverable"), 1);
}

#[tokio::test]
async fn duplicated_webhooks() {
    let (stage, mut host) = stage_and_host(|s| s.faults.webhook_duplicate = 3).await;
    stage.types(ROSA, "Hello").await;
    let hooks = host.all(&stage).await;
    assert_eq!(hooks.len(), 4);
    assert!(hooks.iter().all(|hook| hook.bytes == hooks[0].bytes));
    assert_eq!(stage.sandbox.happened("webhook_duplicate"), 3);
}

#[tokio::test]
async fn reordered_webhooks() {
    let (stage, mut host) = stage_and_host(|s| {
        s.faults.webhook_reorder = true;
        s.reorder_hold = Duration::from_secs(60);
    })
    .await;
    for text in ["1", "2", "3", "4"] {
        stage.types(ROSA, text).await;
    }
    let hooks = host.all(&stage).await;
    let texts: Vec<_> = hooks.iter().map(|h| h.value()["messages"][0]["text"]["body"].as_str().unwrap().to_owned()).collect();
    assert_eq!(texts, ["2", "1", "4", "3"]);
    assert_eq!(stage.sandbox.happened("webhook_reorder"), 2);

    let (stage, mut host) = stage_and_host(|s| {
        s.faults.webhook_reorder = true;
        s.reorder_hold = Duration::from_millis(20);
    })
    .await;
    stage.types(ROSA, "alone").await;
    assert_eq!(host.abouts(&stage).await, ["text"], "a webhook that nothing follows goes after a while");
}

#[tokio::test]
async fn lost_webhooks() {
    let (stage, mut host) = stage_and_host(|s| s.faults.webhook_drop_every = 2).await;
    for text in ["1", "2", "3", "4"] {
        stage.types(ROSA, text).await;
        stage.sandbox.idle().await;
    }
    let hooks = host.all(&stage).await;
    let texts: Vec<_> = hooks.iter().map(|h| h.value()["messages"][0]["text"]["body"].as_str().unwrap().to_owned()).collect();
    assert_eq!(texts, ["1", "3"]);
    let ticks: Vec<_> = stage.chat(ROSA).await.iter().map(|m| m["ticks"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ticks, ["delivered", "sent", "delivered", "sent"], "it left the phone, and nobody got it");
    assert_eq!(stage.sandbox.happened("webhook_drop"), 2);
}

#[tokio::test]
async fn switches_are_read_and_written_over_http() {
    let stage = open_stage().await;
    let url = format!("{}/phone/faults", stage.base);
    let put = |body: serde_json::Value| answer(stage.http.put(&url).json(&body));
    let (status, now) = put(json!({"fail_500_next": 1, "garbage": "cut", "rate_429_after": 9})).await;
    assert_eq!((status, &now["fail_500_next"], &now["garbage"], &now["flow_b"]), (200, &json!(1), &json!("cut"), &json!(true)));
    stage.say(ROSA, "Hi").await;
    let read = stage.phone_get("/faults").await;
    assert_eq!((&read["fail_500_next"], &read["happened"]["fail_500"]), (&json!(0), &json!(1)));
    assert_eq!(put(read.clone()).await, (200, read), "what was read can be written back");
    for wrong in [json!({"fail_501": 1}), json!({"latency_ms": 60_001}), json!({"webhook_duplicate": 101}), json!(7)] {
        let (status, answer) = put(wrong.clone()).await;
        assert_eq!(status, 400, "{wrong}");
        assert!(!answer["error"].as_str().unwrap().is_empty());
    }
    assert_eq!(put(json!({})).await.1["rate_429_after"], json!(null));
}
