//! Phones that tap, and the provider that brings them their answers.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::SECRET;

/// People with a phone; each has at most one tap under way.
const PHONES: usize = 2000;
const PATIENCE: Duration = Duration::from_secs(20);

/// All phones. A clone of the pointer is the provider's half.
pub struct Phones {
    all: Vec<Phone>,
    messages: AtomicU64,
}

#[derive(Default)]
struct Phone {
    /// The id of the first button of the newest menu, and when it came.
    menu: Mutex<Option<(String, Instant)>>,
    came: Notify,
}

/// Medians and 99th percentiles, in milliseconds.
pub struct Figures {
    pub per_second: f64,
    pub ack: (f64, f64),
    pub sent: (f64, f64),
    pub cpu_us: f64,
}

/// Starts the provider, which takes every send and brings it to its phone.
pub async fn provider() -> (Arc<Phones>, SocketAddr) {
    let all = std::iter::repeat_with(Phone::default).take(PHONES).collect();
    let phones = Arc::new(Phones { all, messages: AtomicU64::new(0) });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/api/v1/tests/messages/send", post(take)).with_state(phones.clone());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (phones, address)
}

#[derive(Deserialize)]
struct Send {
    phone_number: String,
    buttons: Vec<Button>,
}

#[derive(Deserialize)]
struct Button {
    id: String,
}

async fn take(State(phones): State<Arc<Phones>>, Json(mut send): Json<Send>) -> Json<Value> {
    let came = Instant::now();
    let index: usize = send.phone_number.strip_prefix("+2782").unwrap().parse().unwrap();
    *phones.all[index].menu.lock().unwrap() = Some((send.buttons.swap_remove(0).id, came));
    phones.all[index].came.notify_one();
    let number = phones.messages.fetch_add(1, Ordering::Relaxed);
    Json(json!({"status": "success", "data": {"message_id": format!("wamid.out.{number}")}}))
}

impl Phones {
    /// Everyone writes `hi` and waits for the menu.
    pub async fn greet(self: &Arc<Self>, host: SocketAddr) {
        let mut tasks = JoinSet::new();
        for first in 0..16 {
            let phones = self.clone();
            tasks.spawn(async move {
                let mut line = Line::open(host).await;
                for phone in (first..PHONES).step_by(16) {
                    let said = json!({"type": "text", "text": {"body": "hi"}});
                    line.post(&phones.webhook(phone, said)).await;
                    phones.answer(phone).await;
                }
            });
        }
        tasks.join_all().await;
    }

    /// `connections` people at a time, each tapping again once the answer has come.
    pub async fn closed_loop(
        self: &Arc<Self>,
        host: SocketAddr,
        connections: usize,
        lasts: Duration,
        cpu: impl Fn() -> f64,
    ) -> Figures {
        let (begun, before) = (Instant::now(), cpu());
        let mut tasks = JoinSet::new();
        for first in 0..connections {
            let phones = self.clone();
            tasks.spawn(async move {
                let mut line = Line::open(host).await;
                let mut taps = Vec::new();
                for phone in (first..PHONES).step_by(connections).cycle() {
                    if begun.elapsed() >= lasts {
                        break;
                    }
                    taps.push(phones.tap(&mut line, phone, Instant::now()).await);
                }
                taps
            });
        }
        let taps = tasks.join_all().await.concat();
        figures(taps, begun.elapsed(), cpu() - before)
    }

    /// `rate` taps a second, on time whatever becomes of those before; latency counts from when each was due.
    pub async fn open_loop(self: &Arc<Self>, host: SocketAddr, rate: u32, lasts: Duration, cpu: impl Fn() -> f64) -> Figures {
        let (begun, before) = (tokio::time::Instant::now(), cpu());
        let lines = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = JoinSet::new();
        for nth in 0..rate * u32::try_from(lasts.as_secs()).unwrap() {
            let due = begun + Duration::from_secs(1) / rate * nth;
            tokio::time::sleep_until(due).await;
            let (phones, lines) = (self.clone(), lines.clone());
            tasks.spawn(async move {
                let idle = lines.lock().unwrap().pop();
                let mut line = match idle {
                    Some(line) => line,
                    None => Line::open(host).await,
                };
                let tap = phones.tap(&mut line, nth as usize % PHONES, due.into_std()).await;
                lines.lock().unwrap().push(line);
                tap
            });
        }
        let taps = tasks.join_all().await;
        figures(taps, begun.elapsed(), cpu() - before)
    }

    /// One tap on the newest menu: when it was acknowledged and when its answer came, counted from `due`.
    async fn tap(&self, line: &mut Line, phone: usize, due: Instant) -> (Duration, Duration) {
        let (id, _) = self.all[phone].menu.lock().unwrap().take().expect("one tap at a time, after the menu has come");
        let reply = json!({"type": "button_reply", "button_reply": {"id": id, "title": "Go on"}});
        line.post(&self.webhook(phone, json!({"type": "interactive", "interactive": reply}))).await;
        let acknowledged = due.elapsed();
        (acknowledged, self.answer(phone).await.duration_since(due))
    }

    async fn answer(&self, phone: usize) -> Instant {
        let phone = &self.all[phone];
        tokio::time::timeout(PATIENCE, phone.came.notified()).await.expect("the answer comes");
        phone.menu.lock().unwrap().as_ref().expect("it has come").1
    }

    /// A webhook as Xobito forwards it.
    fn webhook(&self, phone: usize, mut message: Value) -> String {
        let from = format!("2782{phone:07}");
        let nth = self.messages.fetch_add(1, Ordering::Relaxed);
        message["from"] = json!(from);
        message["id"] = json!(format!("wamid.HBgLMjc4MjEyMzQ1NjcVAgASGBQz{nth:016x}"));
        message["timestamp"] = json!("1781517610");
        let contact = json!({"profile": {"name": "Rosa Sample"}, "wa_id": from});
        let about = json!({"display_phone_number": "15550100000", "phone_number_id": "100200300400501"});
        let value = json!({"messaging_product": "whatsapp", "metadata": about, "contacts": [contact], "messages": [message]});
        let change = json!({"value": value, "field": "messages"});
        json!({"object": "whatsapp_business_account", "entry": [{"id": "900800700600501", "changes": [change]}]}).to_string()
    }
}

/// An open connection that posts one webhook after the other: as little work as can be, since it shares the processors.
struct Line {
    stream: TcpStream,
    answer: Vec<u8>,
}

impl Line {
    async fn open(host: SocketAddr) -> Self {
        let stream = TcpStream::connect(host).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, answer: Vec::with_capacity(1024) }
    }

    async fn post(&mut self, body: &str) {
        let request = format!(
            "POST /webhooks/xobito/{SECRET} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await.unwrap();
        self.answer.clear();
        // Both sides answer `ok` and nothing behind it.
        while !self.answer.ends_with(b"\r\n\r\nok") {
            let read = self.stream.read_buf(&mut self.answer).await.unwrap();
            let refused = read == 0 || (self.answer.len() > 12 && !self.answer.starts_with(b"HTTP/1.1 200"));
            assert!(!refused, "{}", String::from_utf8_lossy(&self.answer));
        }
    }
}

fn figures(taps: Vec<(Duration, Duration)>, elapsed: Duration, cpu_us: f64) -> Figures {
    let of = |which: fn(&(Duration, Duration)) -> Duration| {
        let mut ms: Vec<f64> = taps.iter().map(|tap| which(tap).as_secs_f64() * 1000.0).collect();
        ms.sort_unstable_by(f64::total_cmp);
        (ms[ms.len() / 2], ms[ms.len() * 99 / 100])
    };
    let count = taps.len() as f64;
    Figures { per_second: count / elapsed.as_secs_f64(), ack: of(|tap| tap.0), sent: of(|tap| tap.1), cpu_us: cpu_us / count }
}
