//! The people's side: who is there, what a chat shows, taps on old messages, the clock, the bounds.

use super::kit::*;
use serde_json::{Value, json};
use std::collections::HashSet;

#[tokio::test]
async fn three_people_are_there_and_more_can_be_invited() {
    let stage = Stage::new().await;
    let rosa = json!({"phone": ROSA, "name": "Rosa Sample", "unread": 0, "window_open_until": null, "last": "", "last_at": null});
    let contacts = stage.phone_get("/contacts").await;
    assert_eq!(contacts["contacts"][0], rosa);
    let names: Vec<_> = contacts["contacts"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Rosa Sample", "Omar Sample", "Lee Sample"]);
    let (status, mia) = stage.phone_post("/contacts", &json!({"name": " Mia "})).await;
    assert_eq!((status, &mia["phone"], &mia["name"]), (201, &json!("+15550100200"), &json!("Mia")));
    for _ in 1..100 {
        assert_eq!(stage.phone_post("/contacts", &json!({"name": "Next"})).await.0, 201);
    }
    assert_eq!(stage.phone_post("/contacts", &json!({"name": "One too many"})).await.0, 409);
    for name in ["", "  ", &"x".repeat(61)] {
        assert_eq!(stage.phone_post("/contacts", &json!({"name": name})).await.0, 400);
    }
}

#[tokio::test]
async fn a_chat_shows_what_was_said() {
    let (stage, mut host) = stage_and_host(|_| {}).await;
    stage.types(ROSA, "Hello").await;
    let mut menu = sample("xobito-send-interactive.request");
    stage.api_post("/messages/send", &menu).await;
    stage.api_post("/messages/send", &sample("xobito-send-cta-url.request")).await;
    stage.api_post("/messages/media", &sample("xobito-send-media.request")).await;
    host.all(&stage).await;
    let chat = stage.chat(ROSA).await;
    let members = ["at", "body", "buttons", "error", "footer", "from", "header", "id", "kind", "link", "media", "on", "ticks"];
    for message in &chat {
        assert_eq!(message.as_object().unwrap().keys().collect::<Vec<_>>(), members);
    }
    let column = |name: &str| chat.iter().map(|m| m[name].clone()).collect::<Vec<_>>();
    assert_eq!(column("kind"), ["text", "buttons", "link", "media"]);
    assert_eq!(column("from"), ["them", "bot", "bot", "bot"]);
    assert_eq!(column("ticks"), ["delivered", "delivered", "delivered", "delivered"]);
    assert_eq!(chat[1]["buttons"], menu["buttons"].take());
    assert_eq!((&chat[1]["header"], &chat[1]["footer"]), (&json!("Order 4711"), &json!("Reply within a day")));
    assert_eq!(chat[2]["link"], json!({"label": "Track parcel", "url": "https://track.example.com/4711"}));
    assert_eq!(
        chat[3]["media"],
        json!({"kind": "document", "url": "https://files.example.com/4711.pdf", "filename": "invoice-4711.pdf"})
    );
    let row = stage.row(ROSA).await;
    assert_eq!(
        (&row["unread"], &row["last"], &row["last_at"]),
        (&json!(3), &json!("Invoice 4711"), &json!("2026-06-15T10:00:00Z"))
    );

    let (_, read) = stage.phone_post("/read", &json!({"phone": ROSA})).await;
    assert_eq!(read, json!({"read": 3}));
    assert_eq!(host.abouts(&stage).await, ["read", "read", "read"]);
    assert_eq!(stage.row(ROSA).await["unread"], 0);
    assert_eq!(stage.phone_post("/read", &json!({"phone": ROSA})).await.1, json!({"read": 0}));
    assert!(host.abouts(&stage).await.is_empty());
}

#[tokio::test]
async fn every_tap_is_a_new_message_however_old_the_menu_is() {
    let (stage, mut host) = stage_and_host(|_| {}).await;
    stage.types(ROSA, "Hello").await;
    let old = stage.menu(ROSA).await;
    stage.menu(ROSA).await;
    stage.phone_post("/advance", &json!({"hours": 24 * 30})).await;
    host.all(&stage).await;
    let mut ids = HashSet::new();
    for _ in 0..3 {
        let (status, tapped) = stage.taps(ROSA, &old, "bye").await;
        assert_eq!((status, &tapped["message"]["on"], &tapped["message"]["body"]), (202, &json!(old), &json!("Bye")));
        ids.insert(tapped["message"]["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids.len(), 3);
    assert_eq!(host.abouts(&stage).await, ["interactive", "interactive", "interactive"]);
    assert_eq!(stage.say(ROSA, "Welcome back").await.0, 200, "a tap opens the window");

    let own = stage.types(ROSA, "Mine").await;
    for (phone, message, button) in [
        (ROSA, old.as_str(), "nothing"),
        (ROSA, "wamid.nothing", "bye"),
        (OMAR, &old, "bye"),
        ("+15550100999", &old, "bye"),
        (ROSA, own["id"].as_str().unwrap(), "bye"),
    ] {
        assert_eq!(stage.taps(phone, message, button).await.0, 404, "{phone} {message} {button}");
    }
}

#[tokio::test]
async fn the_hosts_clock_is_moved_when_it_lent_one() {
    let stage = Stage::new().await;
    let (_, moved) = stage.phone_post("/advance", &json!({"hours": 25, "minutes": 1.5})).await;
    assert_eq!(moved, json!({"now": "2026-06-16T11:01:30Z"}));
    assert_eq!(stage.clock.lock().unwrap().to_string(), "2026-06-16T11:01:30Z");
    let stage = Stage::with(|s| s.on_advance = None).await;
    stage.types(ROSA, "Hello").await;
    let (_, moved) = stage.phone_post("/advance", &json!({"hours": 24})).await;
    assert_eq!(moved, json!({"now": "2026-06-16T10:00:00Z"}));
    assert_eq!((stage.sandbox.now().to_string(), *stage.clock.lock().unwrap()), ("2026-06-16T10:00:00Z".into(), noonish()));
    assert_eq!(stage.row(ROSA).await["window_open_until"], Value::Null);
    for wrong in [json!({"hours": -1}), json!({"hours": 9000}), json!({"days": 1})] {
        assert!(stage.phone_post("/advance", &wrong).await.0 >= 400, "{wrong}");
    }
}

#[tokio::test]
async fn reset_empties_the_chats_and_keeps_the_people() {
    let stage = Stage::new().await;
    stage.types(ROSA, "Hello").await;
    let id = stage.menu(ROSA).await;
    stage.phone_post("/contacts", &json!({"name": "Mia"})).await;
    stage.phone_post("/reset", &json!({})).await;
    assert!(stage.chat(ROSA).await.is_empty());
    assert_eq!(stage.phone_get("/contacts").await["contacts"].as_array().unwrap().len(), 4);
    assert_eq!(stage.say(ROSA, "Hi").await.0, 500, "the window is closed again");
    assert_eq!(stage.api_get(&format!("/messages/{id}/status")).await.0, 404);
    stage.sandbox.idle().await;
    assert!(stage.chat(ROSA).await.is_empty(), "a receipt on its way does not bring a message back");
}

#[tokio::test]
async fn only_the_youngest_two_thousand_messages_are_kept() {
    let stage = Stage::new().await;
    stage.types(ROSA, "Hello").await;
    let oldest = stage.menu(ROSA).await;
    for n in 0..2_000 {
        stage.types(ROSA, &n.to_string()).await;
    }
    let chat = stage.chat(ROSA).await;
    assert_eq!((chat.len(), &chat[0]["body"]), (2_000, &json!("0")));
    assert_eq!(stage.taps(ROSA, &oldest, "bye").await.0, 404);
    assert_eq!(stage.api_get(&format!("/messages/{oldest}/status")).await.0, 404);
}

#[tokio::test]
async fn a_thousand_people_and_no_more() {
    let stage = Stage::new().await;
    let template = |n: u32| {
        json!({"phone_number": format!("+155502{n:05}"), "template_name": "order_ready",
        "template_language": "en_US", "field_1": "a", "field_2": "b"})
    };
    for n in 0..997 {
        assert_eq!(stage.api_post("/messages/template", &template(n)).await.0, 200);
    }
    assert_eq!(stage.api_post("/messages/template", &template(997)).await, (403, sample("xobito-error-403-plan-limit")));
    assert_eq!(stage.api_post("/messages/template", &template(996)).await.0, 200);
    assert_eq!(stage.phone_get("/requests").await["requests"].as_array().unwrap().len(), 999);
    for _ in 0..5 {
        stage.api_get("/templates").await;
    }
    assert_eq!(stage.phone_get("/requests").await["requests"].as_array().unwrap().len(), 1_000);
}

#[tokio::test]
async fn what_cannot_be_typed_is_refused_with_a_sentence() {
    let stage = Stage::new().await;
    for (phone, text, status) in
        [(ROSA, "", 400), (ROSA, &"x".repeat(4097), 400), ("Rosa", "Hi", 400), ("+15550100999", "Hi", 404)]
    {
        let (found, answer) = stage.phone_post("/type", &json!({"phone": phone, "text": text})).await;
        assert_eq!(found, status);
        assert!(answer["error"].as_str().unwrap().ends_with('.'), "{answer}");
    }
    assert_eq!(stage.types(ROSA, &"ü".repeat(4096)).await["kind"], "text");
    for path in ["/type", "/tap", "/attach", "/read", "/contacts", "/advance"] {
        let (status, answer) = stage.phone_post(path, &json!({"odd": []})).await;
        assert!((400..500).contains(&status), "{path} {status}");
        assert!(answer["error"].is_string(), "{path} {answer}");
    }
    let huge = json!({"phone": ROSA, "text": "x".repeat(1024 * 1024)});
    assert_eq!(stage.phone_post("/type", &huge).await.0, 413);
}
