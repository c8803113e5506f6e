//! What someone would write by hand for one menu that answers itself, with the same promise about messages: a 200 means that
//! the tap and its answer are on disk, and what became of the send is stored. Two durable commits for a tap, shared by all that
//! wait. It has no flows, no order per contact, no signed buttons, no history, no retries, no limits, and a lost send is told
//! by nobody.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::oneshot;

use super::{Ready, SECRET, runtime};

/// What the writer does: store a tap with its answer, or take away what was sent. The reply tells whether the tap was new.
struct Order {
    work: Work,
    reply: oneshot::Sender<bool>,
}

enum Work {
    Take { id: String, from: String },
    Sent { id: String },
}

#[derive(Clone)]
struct World {
    orders: mpsc::Sender<Order>,
    http: reqwest::Client,
    url: String,
}

/// Starts it in `directory`, sending to `provider`.
pub fn start(directory: &Path, provider: SocketAddr, ready: Ready) -> Box<dyn FnOnce()> {
    let db = Connection::open(directory.join("reference.db")).unwrap();
    db.execute_batch(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
         CREATE TABLE seen (event TEXT PRIMARY KEY) WITHOUT ROWID;
         CREATE TABLE contact (phone TEXT PRIMARY KEY, step INTEGER NOT NULL) WITHOUT ROWID;
         CREATE TABLE outbox (event TEXT PRIMARY KEY, phone TEXT NOT NULL) WITHOUT ROWID;",
    )
    .unwrap();
    let (orders, queue) = mpsc::channel();
    std::thread::Builder::new().name("reference-db".to_owned()).spawn(move || write(&db, &queue)).unwrap();
    let world = World { orders, http: reqwest::Client::new(), url: format!("http://{provider}/api/v1/tests/messages/send") };
    let running = runtime("reference");
    running.spawn(async move {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        ready.send(listener.local_addr().unwrap()).unwrap();
        let router = Router::new().route(&format!("/webhooks/xobito/{SECRET}"), post(webhook)).with_state(world);
        axum::serve(listener, router).await.unwrap();
    });
    Box::new(move || running.shutdown_background())
}

/// Everything that waits, in one commit.
fn write(db: &Connection, queue: &mpsc::Receiver<Order>) {
    while let Ok(first) = queue.recv() {
        let batch: Vec<Order> = std::iter::once(first).chain(queue.try_iter().take(1023)).collect();
        db.execute_batch("BEGIN IMMEDIATE").unwrap();
        let news: Vec<bool> = batch.iter().map(|order| apply(db, &order.work).unwrap()).collect();
        db.execute_batch("COMMIT").unwrap();
        for (order, new) in batch.into_iter().zip(news) {
            let _ = order.reply.send(new);
        }
    }
}

fn apply(db: &Connection, work: &Work) -> rusqlite::Result<bool> {
    match work {
        Work::Take { id, from } => {
            let new = db.prepare_cached("INSERT OR IGNORE INTO seen VALUES (?1)")?.execute([id])? == 1;
            if new {
                db.prepare_cached("INSERT INTO contact VALUES (?1, 0) ON CONFLICT DO UPDATE SET step = 1 - step")?
                    .execute([from])?;
                db.prepare_cached("INSERT INTO outbox VALUES (?1, ?2)")?.execute([id, from])?;
            }
            Ok(new)
        }
        Work::Sent { id } => db.prepare_cached("DELETE FROM outbox WHERE event = ?1")?.execute([id]).map(|_| true),
    }
}

impl World {
    async fn order(&self, work: Work) -> bool {
        let (reply, answer) = oneshot::channel();
        self.orders.send(Order { work, reply }).unwrap();
        answer.await.unwrap()
    }
}

#[derive(Deserialize)]
struct Body {
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    changes: Vec<Change>,
}

#[derive(Deserialize)]
struct Change {
    value: Value,
}

#[derive(Deserialize)]
struct Value {
    messages: Vec<Message>,
}

#[derive(Deserialize)]
struct Message {
    id: String,
    from: String,
}

async fn webhook(State(world): State<World>, body: Bytes) -> (StatusCode, &'static str) {
    let Ok(body) = serde_json::from_slice::<Body>(&body) else { return (StatusCode::BAD_REQUEST, "no") };
    let changes = body.entry.into_iter().flat_map(|entry| entry.changes);
    for Message { id, from } in changes.flat_map(|change| change.value.messages) {
        if world.order(Work::Take { id: id.clone(), from: from.clone() }).await {
            tokio::spawn(send(world.clone(), id, from));
        }
    }
    (StatusCode::OK, "ok")
}

async fn send(world: World, id: String, to: String) {
    let buttons = json!([{"id": "on", "title": "Go on"}, {"id": "about", "title": "About us"}]);
    let body = "We are open from nine to five, every day but Sunday.";
    let message =
        json!({"phone_number": format!("+{to}"), "message_type": "interactive", "message_body": body, "buttons": buttons});
    let answer = world.http.post(&world.url).bearer_auth("1|a-token-for-the-bench-alone").json(&message).send().await.unwrap();
    assert!(answer.status().is_success());
    answer.bytes().await.unwrap();
    world.order(Work::Sent { id }).await;
}
