//! Server-sent events: what the phone in the browser is told.

use super::kit::*;
use serde_json::{Value, json};
use std::time::Duration;

/// A listener of `GET /events`.
struct Listener {
    answer: reqwest::Response,
    buffer: String,
}

impl Listener {
    async fn new(stage: &Stage) -> Listener {
        let answer = stage.http.get(format!("{}/phone/events", stage.base)).send().await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Listener { answer, buffer: String::new() }
    }

    /// The next event, or `None` at the end of the stream. Silence for ten seconds is a failure.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.buffer.split_once("\n\n") {
                let field = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                let parsed = field("event: ").map(|event| (event, serde_json::from_str(&field("data: ").unwrap()).unwrap()));
                self.buffer = rest.to_owned();
                if parsed.is_some() {
                    return parsed;
                }
                continue;
            }
            let chunk = tokio::time::timeout(Duration::from_secs(10), self.answer.chunk()).await.unwrap().unwrap()?;
            self.buffer.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next event of that name; other names are passed over.
    async fn named(&mut self, name: &str) -> Value {
        loop {
            let (event, data) = self.next().await.unwrap();
            if event == name {
                return data;
            }
        }
    }

    async fn message(&mut self) -> Value {
        let data = self.named("message").await;
        assert_eq!(data["phone"], ROSA);
        data["message"].clone()
    }
}

#[tokio::test]
async fn messages_and_their_ticks_are_told() {
    let (stage, _host) = stage_and_host(|_| {}).await;
    let mut listener = Listener::new(&stage).await;
    let typed = stage.types(ROSA, "Hello").await;
    let told = listener.message().await;
    assert_eq!((&told["id"], &told["ticks"]), (&typed["id"], &json!("sent")));
    assert_eq!(listener.message().await["ticks"], "delivered");
    let menu = stage.menu(ROSA).await;
    for ticks in ["pending", "sent", "delivered"] {
        let told = listener.message().await;
        assert_eq!((&told["id"], &told["ticks"], &told["buttons"][0]["title"]), (&json!(menu), &json!(ticks), &json!("Price")));
    }
    let in_chat = stage.chat(ROSA).await.remove(1);
    stage.phone_post("/read", &json!({"phone": ROSA})).await;
    let mut read = in_chat.clone();
    read["ticks"] = json!("read");
    assert_eq!(listener.message().await, read, "an event carries the whole message");
}

#[tokio::test]
async fn people_resets_and_the_clock_are_told() {
    let stage = Stage::new().await;
    let mut listener = Listener::new(&stage).await;
    stage.phone_post("/contacts", &json!({"name": "Mia"})).await;
    assert_eq!(listener.named("contacts").await["contacts"][3]["name"], "Mia");
    stage.types(ROSA, "Hello").await;
    assert_eq!(listener.named("contacts").await["contacts"][0]["window_open_until"], "2026-06-16T10:00:00Z");
    stage.types(ROSA, "Hello again").await;
    stage.phone_post("/reset", &json!({})).await;
    assert_eq!(listener.named("reset").await, json!({}));
    stage.phone_post("/advance", &json!({"hours": 1})).await;
    assert_eq!(listener.next().await.unwrap(), ("clock".into(), json!({"now": "2026-06-15T11:00:00Z"})));
    assert_eq!(listener.next().await.unwrap().0, "contacts");
    stage.sandbox.close();
    assert!(listener.next().await.is_none(), "closing ends the stream");
}

#[tokio::test]
async fn who_lags_behind_is_told_to_reload() {
    let stage = Stage::new().await;
    let mut listener = Listener::new(&stage).await;
    // Nobody reads meanwhile: what the sockets hold between the two is full long before this ends.
    let text = "x".repeat(4_000);
    for _ in 0..5_000 {
        stage.phone_post("/type", &json!({"phone": ROSA, "text": text})).await;
    }
    assert_eq!(listener.named("reload").await, json!({}));
}

#[tokio::test]
async fn a_served_sandbox_stops_when_it_is_told() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let sandbox = buttonhook::sandbox::Sandbox::new(buttonhook::sandbox::Settings::default());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = tokio::spawn(buttonhook::sandbox::run(listener, sandbox, async {
        stopped.await.unwrap();
    }));
    let events = client().get(format!("{base}/phone/events")).send().await.unwrap();
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(10), served).await.unwrap().unwrap().unwrap();
    assert_eq!(events.text().await.unwrap(), "", "an open event stream does not keep it alive");
}
