//! The admin listener as the studio sees it: the real router of the studio and a canned phone API with a scripted bot.
//!
//! It holds one contact's conversation at a time, answers every text with a menu, and lets a test move ticks, refuse a reload and
//! cut the streams.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use buttonhook::studio;
use futures_util::stream::{self, Stream};
use serde_json::{Value, json};
use tokio::sync::broadcast;

/// What a contact and a bot could write at worst.
pub const NASTY: &str = "<img src=x onerror=alert(1)><script>alert(2)</script> *bold* [x](javascript:alert(3))";

/// A running mock; all handles show the same world.
#[derive(Clone)]
pub struct Mock {
    /// The address of the page.
    pub base: String,
    world: Arc<Mutex<World>>,
}

struct World {
    people: Vec<(String, String)>,
    chats: Vec<(String, Value)>,
    made: usize,
    status: Value,
    faults: Value,
    /// What the page asked for, in order: path and body of everything that changes something.
    asked: Vec<(String, Value)>,
    /// Requests that lacked the header of the studio.
    unmarked: usize,
    away: bool,
    phone: broadcast::Sender<(&'static str, Value)>,
    runtime: broadcast::Sender<(&'static str, Value)>,
}

const ROSA: &str = "+15550100123";

impl Mock {
    /// Serves on a free port with two contacts and no message.
    pub async fn start() -> Mock {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let world = World {
            people: vec![(ROSA.into(), "Rosa Sample".into()), ("+15550100124".into(), "Omar Sample".into())],
            chats: Vec::new(),
            made: 0,
            status: status(),
            faults: json!({"latency_ms": 0, "fail_500_every": 0, "rate_429_after": null, "webhook_duplicate": 0, "garbage": "html"}),
            asked: Vec::new(),
            unmarked: 0,
            away: false,
            phone: broadcast::channel(256).0,
            runtime: broadcast::channel(16).0,
        };
        let mock = Mock { base, world: Arc::new(Mutex::new(world)) };
        let app = studio::router().merge(api(mock.clone()));
        tokio::spawn(async move { axum::serve(listener, app).await });
        mock
    }

    /// A message of the bot to the first contact, already delivered.
    pub fn says(&self, more: Value) -> String {
        self.lock().put(ROSA, "bot", "text", more)
    }

    /// Changes a message, as a receipt does.
    pub fn change(&self, id: &str, more: Value) {
        let mut world = self.lock();
        let (phone, message) = world.chats.iter_mut().find(|(_, m)| m["id"] == id).unwrap();
        merge(message, &more);
        let told = json!({"phone": phone, "message": message});
        let _ = world.phone.send(("message", told));
    }

    /// Changes the status and tells it to the page, as a reload does.
    pub fn reload(&self, more: Value) {
        let mut world = self.lock();
        merge(&mut world.status, &more);
        let _ = world.runtime.send(("status", world.status.clone()));
    }

    /// Changes what `/status` says, before a page is opened.
    pub fn becomes(&self, more: Value) {
        merge(&mut self.lock().status, &more);
    }

    /// Cuts both streams and refuses everything, until told otherwise.
    pub fn away(&self, away: bool) {
        let mut world = self.lock();
        world.away = away;
        // Dropping the senders ends the streams that are open.
        world.phone = broadcast::channel(256).0;
        world.runtime = broadcast::channel(16).0;
    }

    /// Every request so far that changes something, without `/read`.
    pub fn asked(&self) -> Vec<(String, Value)> {
        self.lock().asked.iter().filter(|(path, _)| path != "read").cloned().collect()
    }

    /// How many such requests lacked the header of the studio.
    pub fn unmarked(&self) -> usize {
        self.lock().unmarked
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }
}

fn status() -> Value {
    json!({
        "version": "0.1.0", "revision": "aaaa1111cccc", "loaded_at": "2026-11-24T01:00:00Z", "flows": 2, "scripts": 1,
        "uptime_secs": 60, "sandbox": true, "channel": {"name": "sandbox", "paused_until": null},
        "store": {"contacts": 2, "inbox": 0, "outbox": 0, "sent": 5, "refused": 0, "unknown": 0}, "refused": null, "warnings": [],
    })
}

fn merge(into: &mut Value, more: &Value) {
    for (name, value) in more.as_object().unwrap() {
        into[name] = value.clone();
    }
}

impl World {
    fn put(&mut self, phone: &str, from: &str, kind: &str, more: Value) -> String {
        self.made += 1;
        let id = format!("wamid.M{}==", self.made);
        let at = jiff::Timestamp::now().to_string();
        let mut message = json!({
            "id": id, "from": from, "at": at, "kind": kind, "header": "", "body": "", "footer": "", "buttons": [], "link": null,
            "media": null, "on": null, "ticks": "delivered", "error": "",
        });
        merge(&mut message, &more);
        self.chats.push((phone.to_owned(), message.clone()));
        let _ = self.phone.send(("message", json!({"phone": phone, "message": message})));
        id
    }

    fn menu(&mut self, phone: &str, body: &str) {
        let buttons =
            json!([{"id": "b~1", "title": "Browse"}, {"id": "o~2", "title": "My order"}, {"id": "t~3", "title": "Talk"}]);
        self.put(phone, "bot", "buttons", json!({"body": body, "buttons": buttons}));
    }

    fn contacts(&self) -> Value {
        let row = |(phone, name): &(String, String)| {
            let last = self.chats.iter().rev().find(|(p, _)| p == phone).map(|(_, m)| m.clone()).unwrap_or_default();
            let wrote = self.chats.iter().any(|(p, m)| p == phone && m["from"] == "them");
            let until = wrote.then(|| (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24)).to_string());
            json!({"phone": phone, "name": name, "unread": 0, "window_open_until": until, "last": last["body"], "last_at": last["at"]})
        };
        json!({"contacts": self.people.iter().map(row).collect::<Vec<_>>(), "now": jiff::Timestamp::now().to_string()})
    }

    fn act(&mut self, what: &str, body: &Value) -> (StatusCode, Value) {
        let phone = body["phone"].as_str().unwrap_or_default().to_owned();
        let said = body["text"].as_str().unwrap_or_default();
        match what {
            "type" if said == "break" => return (StatusCode::SERVICE_UNAVAILABLE, json!({"error": "The sandbox is asleep."})),
            "type" => {
                self.put(&phone, "them", "text", json!({"body": said}));
                self.menu(&phone, &format!("You said: {said}"));
            }
            "tap" => return self.tapped(&phone, body),
            "attach" => drop(self.put(&phone, "them", "attachment", json!({"media": {"kind": body["kind"]}}))),
            "contacts" => {
                let row = (format!("+155501009{:02}", self.people.len()), body["name"].as_str().unwrap_or_default().to_owned());
                self.people.push(row.clone());
                return (StatusCode::CREATED, json!({"phone": row.0, "name": row.1}));
            }
            "reset" => {
                self.chats.clear();
                let _ = self.phone.send(("reset", json!({})));
            }
            "faults" => {
                self.faults = body.clone();
                return (StatusCode::OK, body.clone());
            }
            _ => {}
        }
        (StatusCode::ACCEPTED, json!({}))
    }

    fn tapped(&mut self, phone: &str, body: &Value) -> (StatusCode, Value) {
        let Some((_, menu)) = self.chats.iter().find(|(p, m)| p == phone && m["id"] == body["message"]) else {
            return (StatusCode::NOT_FOUND, json!({"error": "The chat has no such message."}));
        };
        let title = menu["buttons"].as_array().unwrap().iter().find(|b| b["id"] == body["button"]).unwrap()["title"].clone();
        let answer = format!("You chose {} of “{}”", title.as_str().unwrap(), menu["body"].as_str().unwrap());
        self.put(phone, "them", "tap", json!({"body": title, "on": body["message"]}));
        self.put(phone, "bot", "text", json!({"body": answer}));
        (StatusCode::ACCEPTED, json!({}))
    }
}

fn api(mock: Mock) -> Router {
    let looks = Router::new()
        .route("/status", get(|State(m): State<Mock>| async move { m.look(|w| w.status.clone()) }))
        .route("/api/phone/contacts", get(|State(m): State<Mock>| async move { m.look(World::contacts) }))
        .route("/api/phone/faults", get(|State(m): State<Mock>| async move { m.look(|w| w.faults.clone()) }))
        .route("/api/phone/messages", get(messages))
        .route("/api/phone/events", get(|State(m): State<Mock>| async move { m.stream(|w| w.phone.subscribe(), None) }))
        .route("/api/events", get(runtime_events));
    let act = |what: &'static str| {
        post(
            move |State(m): State<Mock>, headers: HeaderMap, Json(body): Json<Value>| async move { m.act(what, &headers, &body) },
        )
    };
    let mut routes = looks;
    for what in ["contacts", "type", "tap", "attach", "read", "reset", "advance"] {
        routes = routes.route(&format!("/api/phone/{what}"), act(what));
    }
    let faults =
        |State(m): State<Mock>, headers: HeaderMap, Json(body): Json<Value>| async move { m.act("faults", &headers, &body) };
    routes.route("/api/phone/faults", axum::routing::put(faults)).with_state(mock)
}

async fn messages(State(mock): State<Mock>, Query(query): Query<std::collections::HashMap<String, String>>) -> Response {
    mock.look(|w| json!({"messages": w.chats.iter().filter(|(p, _)| *p == query["phone"]).map(|(_, m)| m).collect::<Vec<_>>()}))
}

async fn runtime_events(State(mock): State<Mock>) -> Response {
    let first = mock.lock().status.clone();
    mock.stream(|w| w.runtime.subscribe(), Some(("status", first)))
}

impl Mock {
    fn look(&self, what: impl FnOnce(&World) -> Value) -> Response {
        let world = self.lock();
        if world.away { StatusCode::SERVICE_UNAVAILABLE.into_response() } else { Json(what(&world)).into_response() }
    }

    fn act(&self, what: &str, headers: &HeaderMap, body: &Value) -> Response {
        let mut world = self.lock();
        if headers.get("x-buttonhook").is_none_or(|v| v != "studio") {
            world.unmarked += 1;
            return StatusCode::FORBIDDEN.into_response();
        }
        if world.away {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        world.asked.push((what.to_owned(), body.clone()));
        let (code, answer) = world.act(what, body);
        (code, Json(answer)).into_response()
    }

    fn stream(
        &self,
        subscribe: impl FnOnce(&World) -> broadcast::Receiver<(&'static str, Value)>,
        first: Option<(&'static str, Value)>,
    ) -> Response {
        let world = self.lock();
        if world.away {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        Sse::new(told(subscribe(&world), first)).into_response()
    }
}

fn told(
    notes: broadcast::Receiver<(&'static str, Value)>,
    first: Option<(&'static str, Value)>,
) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold((notes, first), |(mut notes, first)| async move {
        let (name, data) = match first {
            Some(first) => first,
            None => notes.recv().await.ok()?,
        };
        Some((Ok(Event::default().event(name).data(data.to_string())), (notes, None)))
    })
}
