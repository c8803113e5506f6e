//! Webhooks: bodies shaped as the samples, order, signature, attempts.

use super::kit::*;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn forwarded_bodies_have_the_shape_of_the_samples() {
    let (stage, mut host) = stage_and_host(|_| {}).await;
    stage.types(ROSA, "Hello, is table 4 free tonight?").await;
    let menu = stage.menu(ROSA).await;
    stage.phone_post("/type", &json!({"phone": ROSA, "text": "That one", "on": menu})).await;
    stage.sandbox.idle().await;
    assert_eq!(stage.taps(ROSA, &menu, "price:1").await.0, 202);
    stage.phone_post("/read", &json!({"phone": ROSA})).await;

    let mut hooks = host.all(&stage).await;
    hooks.sort_by_key(|hook| hook.about());
    let found: Vec<_> = hooks.iter().map(|hook| (hook.about(), shape(&hook.json()))).collect();
    let expect = |about: &str, name: &str| (about.to_owned(), shape(&sample(name)));
    let expected = [
        expect("delivered", "meta-status-delivered"),
        expect("interactive", "meta-inbound-button-reply"),
        expect("read", "meta-status-read"),
        expect("sent", "meta-status-sent"),
        expect("text", "meta-inbound-text"),
        expect("text", "meta-inbound-text-quoted-reply"),
    ];
    assert_eq!(found, expected);

    let tap = &hooks[1].value();
    assert_eq!(tap["messages"][0]["context"], json!({"from": "15550100000", "id": menu}));
    assert_eq!(tap["messages"][0]["interactive"]["button_reply"], json!({"id": "price:1", "title": "Price"}));
    assert_eq!(tap["messages"][0]["timestamp"], "1781517600");
    let who = &tap["contacts"][0];
    assert_eq!((&who["wa_id"], &who["profile"]["name"]), (&json!("15550100123"), &json!("Rosa Sample")));
    assert!(hooks.iter().all(|hook| hook.header("x-webhook-signature").is_none()), "Flow B is unsigned");
    assert!(hooks.iter().all(|hook| hook.header("content-type") == Some("application/json")));
}

#[tokio::test]
async fn attachments_have_the_shape_of_the_samples() {
    let (stage, mut host) = stage_and_host(|_| {}).await;
    let kinds = [
        ("image", "image", Some("Broken hinge")),
        ("video", "video", Some("Rattle sound")),
        ("voice", "voice", None),
        ("document", "document", Some("Signed form")),
        ("sticker", "sticker", None),
        ("location", "location-pin", None),
        ("contacts", "contacts", None),
    ];
    for (kind, name, caption) in kinds {
        let (status, body) = stage.phone_post("/attach", &json!({"phone": ROSA, "kind": kind, "caption": caption})).await;
        assert_eq!((status, &body["message"]["kind"]), (202, &json!("attachment")), "{kind}");
        let hooks = host.all(&stage).await;
        assert_eq!(shape(&hooks[0].json()), shape(&sample(&format!("meta-inbound-{name}"))), "{kind}");
    }
    assert_eq!(stage.phone_post("/attach", &json!({"phone": ROSA, "kind": "poll"})).await.0, 400);
    for (kind, place, status) in [
        ("location", json!({"latitude": 12.9, "longitude": 77.6, "name": "Sample Cafe"}), 202),
        ("location", json!({"latitude": 91, "longitude": 0}), 400),
        ("location", json!({"latitude": 1}), 400),
        ("image", json!({"latitude": 1, "longitude": 0}), 400),
    ] {
        let (came, _) = stage.phone_post("/attach", &json!({"phone": ROSA, "kind": kind, "place": place})).await;
        assert!(came == status || (status == 400 && came == 422), "{kind} {place}: {came}");
    }
}

#[tokio::test]
async fn a_template_tap_is_of_type_button() {
    let (stage, mut host) = stage_and_host(|_| {}).await;
    let mut body = json!({"phone_number": ROSA, "template_name": "appointment_reminder", "template_language": "en_US",
        "field_1": "Rosa", "field_2": "Friday", "field_3": "ten"});
    let (_, sent) = stage.api_post("/messages/template", &body).await;
    let id = sent["data"]["message_id"].as_str().unwrap();
    host.all(&stage).await;
    assert_eq!(stage.taps(ROSA, id, "Another time").await.0, 202);
    let tap = host.all(&stage).await.remove(0);
    assert_eq!(shape(&tap.json()), shape(&sample("meta-inbound-template-quick-reply-label-only")));
    assert_eq!(tap.value()["messages"][0]["button"], json!({"payload": "Another time", "text": "Another time"}));

    body["button_0"] = json!("visit:8:yes");
    let (_, sent) = stage.api_post("/messages/template", &body).await;
    stage.taps(ROSA, sent["data"]["message_id"].as_str().unwrap(), "visit:8:yes").await;
    let hooks = host.all(&stage).await;
    let tap = hooks.iter().find(|hook| hook.about() == "button").unwrap();
    assert_eq!(tap.value()["messages"][0]["button"], json!({"payload": "visit:8:yes", "text": "Yes, I will"}));
}

#[tokio::test]
async fn signed_events_verify_over_their_raw_bytes() {
    let (stage, mut host) = stage_and_host(|s| (s.faults.flow_a, s.faults.flow_b) = (true, false)).await;
    stage.types(ROSA, "Grüße aus Köln/Deutz 🙂").await;
    stage.say(ROSA, "Hi").await;
    stage.sandbox.idle().await;
    stage.phone_post("/read", &json!({"phone": ROSA})).await;
    let hooks = host.all(&stage).await;
    let found: Vec<_> = hooks.iter().map(|hook| (hook.about(), shape(&hook.json()))).collect();
    let expected = ["received.inferred", "sent", "delivered", "read"].map(|name| {
        let about = format!("message.{}", name.split('.').next().unwrap());
        (about, shape(&sample(&format!("xobito-flow-a-message-{name}"))))
    });
    assert_eq!(found, expected);
    for hook in &hooks {
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        mac.update(&hook.bytes);
        let signature = data_encoding::HEXLOWER.decode(hook.header("X-Webhook-Signature").unwrap().as_bytes()).unwrap();
        mac.verify_slice(&signature).unwrap();
        assert_eq!(hook.header("X-Webhook-Event"), Some(hook.about().as_str()));
    }
    // Escaped as PHP escapes: hashing re-serialised JSON would not give the same signature.
    assert!(hooks[0].bytes.is_ascii());
    assert_eq!(hooks[0].json()["data"]["text"], "Grüße aus Köln/Deutz 🙂");
    assert_ne!(hooks[0].json().to_string().as_bytes(), &hooks[0].bytes[..]);
}

#[tokio::test]
async fn a_new_contact_is_a_signed_event() {
    let (stage, mut host) = stage_and_host(|s| (s.faults.flow_a, s.faults.flow_b) = (true, false)).await;
    let mut body = sample("xobito-contact-create.request");
    body["phone"] = json!("+15550100160");
    let (_, made) = stage.api_post("/contacts", &body).await;
    let path = format!("/contacts/{}", made["data"]["id"]);
    stage.api(reqwest::Method::PUT, &path).json(&body).send().await.unwrap();
    stage.api(reqwest::Method::DELETE, &path).send().await.unwrap();
    let hooks = host.all(&stage).await;
    let found: Vec<_> = hooks.iter().map(|hook| (hook.about(), shape(&hook.json()))).collect();
    let expected = ["created", "updated", "deleted"]
        .map(|event| (event.to_owned(), shape(&sample(&format!("xobito-flow-a-contact-{event}")))));
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_signed_event_is_tried_three_times_and_a_forwarded_body_once() {
    let (stage, mut host) = stage_and_host(|s| (s.faults.flow_a, s.faults.flow_b) = (true, false)).await;
    host.answers.lock().unwrap().extend([500, 503]);
    stage.types(ROSA, "Hello").await;
    let hooks = host.all(&stage).await;
    assert_eq!(hooks.len(), 3);
    assert!(hooks.iter().all(|hook| hook.bytes == hooks[0].bytes), "a retry repeats the bytes");
    assert_eq!(stage.chat(ROSA).await[0]["ticks"], "delivered");
    assert_eq!(stage.sandbox.happened("webhook_retry"), 2);

    host.answers.lock().unwrap().extend([500, 500, 500, 500]);
    stage.types(ROSA, "Hello?").await;
    assert_eq!(host.all(&stage).await.len(), 3);
    let failed = &stage.chat(ROSA).await[1];
    assert_eq!((&failed["ticks"], &failed["error"]), (&json!("failed"), &json!("The webhook answered 500, not 200.")));

    stage.faults(|f| (f.flow_a, f.flow_b) = (false, true));
    stage.types(ROSA, "Anybody?").await;
    assert_eq!(host.all(&stage).await.len(), 1, "the forwarder does not try again: the tap is lost");
}

#[tokio::test]
async fn one_flow_that_gets_through_is_enough() {
    let (stage, mut host) = stage_and_host(|s| {
        s.faults.flow_a = true;
        s.signed_waits = [Duration::from_millis(100); 2];
    })
    .await;
    let outcome = |message: &serde_json::Value| (message["ticks"].clone(), message["error"].clone());
    // The signed event fails after the forwarded body has been taken, …
    host.signed_answers.lock().unwrap().extend([500, 500, 500]);
    stage.types(ROSA, "Hello").await;
    assert_eq!(host.all(&stage).await.len(), 4);
    assert_eq!(outcome(&stage.chat(ROSA).await[0]), (json!("delivered"), json!("")));
    // … and the other way round.
    host.signed_answers.lock().unwrap().extend([500, 500, 200]);
    host.answers.lock().unwrap().extend([500]);
    stage.types(ROSA, "Hello").await;
    assert_eq!(host.all(&stage).await.len(), 4);
    assert_eq!(outcome(&stage.chat(ROSA).await[1]), (json!("delivered"), json!("")));
}

#[tokio::test]
async fn a_late_receipt_never_takes_ticks_back() {
    let (stage, mut host) = stage_and_host(|s| s.receipt_delay = Duration::from_millis(150)).await;
    stage.types(ROSA, "Hello").await;
    stage.menu(ROSA).await;
    stage.phone_post("/read", &json!({"phone": ROSA})).await;
    let abouts = host.abouts(&stage).await;
    assert_eq!(abouts.last().unwrap(), "read", "{abouts:?}");
    assert_eq!(stage.chat(ROSA).await[1]["ticks"], "read");
}

#[tokio::test]
async fn a_host_that_is_down_shows_on_the_persons_message() {
    let stage = Stage::new().await;
    let ticks = |message: &serde_json::Value| message["ticks"].as_str().unwrap().to_owned();
    assert_eq!(ticks(&stage.types(ROSA, "Nobody is told").await), "failed");
    // A port that was free a moment ago and that nobody listens at.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    stage.sandbox.set_webhook_url(Some(format!("http://127.0.0.1:{port}/secret")));
    stage.types(ROSA, "Hello").await;
    stage.sandbox.idle().await;
    let failed = stage.chat(ROSA).await.remove(1);
    assert_eq!(
        (ticks(&failed), failed["error"].as_str()),
        ("failed".into(), Some("Nobody listens at the webhook address. Is the host running?"))
    );
    stage.faults(|f| f.flow_b = false);
    assert!(stage.types(ROSA, "Hello").await["error"].as_str().unwrap().contains("switched off"));
}

#[tokio::test]
async fn webhooks_of_one_person_arrive_in_order() {
    let (stage, mut host) = stage_and_host(|_| {}).await;
    for n in 0..30 {
        stage.types(if n % 2 == 0 { ROSA } else { OMAR }, &n.to_string()).await;
    }
    let hooks = host.all(&stage).await;
    for phone in [ROSA, OMAR] {
        let of_phone = hooks.iter().map(|h| h.value()["messages"][0].clone()).filter(|m| m["from"] == phone[1..]);
        let numbers: Vec<u32> = of_phone.map(|m| m["text"]["body"].as_str().unwrap().parse().unwrap()).collect();
        assert_eq!(numbers.len(), 15);
        assert!(numbers.is_sorted(), "{numbers:?}");
    }
}

#[tokio::test]
async fn any_body_can_be_delivered_by_hand() {
    let (stage, mut host) = stage_and_host(|_| {}).await;
    let odd = sample("meta-inbound-unknown-type");
    assert_eq!(stage.sandbox.deliver(&odd).await, Ok(200));
    assert_eq!(host.all(&stage).await[0].json(), odd);
    stage.sandbox.set_webhook_url(None);
    assert!(stage.sandbox.deliver(&odd).await.is_err());
}

#[tokio::test]
async fn a_host_that_never_answers_fills_a_bounded_queue() {
    // Connections are accepted by the system and never by anybody.
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stage = Stage::new().await;
    stage.sandbox.set_webhook_url(Some(format!("http://{}/secret", silent.local_addr().unwrap())));
    // One is being posted, four thousand wait, three are too many.
    for n in 0..4_004 {
        stage.types(ROSA, &n.to_string()).await;
    }
    assert_eq!(stage.sandbox.happened("webhook_queue_full"), 3);
    let last = stage.chat(ROSA).await.pop().unwrap();
    assert_eq!(last["ticks"], "failed");
    assert!(last["error"].as_str().unwrap().starts_with("Too many webhooks wait"));
}
