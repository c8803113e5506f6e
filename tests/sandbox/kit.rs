//! A sandbox on a free port with a clock that stands still, and a host that keeps what it is sent.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use buttonhook::sandbox::{Faults, Sandbox, Settings};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

pub const ROSA: &str = "+15550100123";
pub const OMAR: &str = "+15550100124";
pub const TOKEN: &str = "sandbox-token";
pub const SECRET: &str = "a secret of the workspace";

/// 10:00:00 on the day of the samples.
pub fn noonish() -> Timestamp {
    "2026-06-15T10:00:00Z".parse().unwrap()
}

pub struct Stage {
    pub sandbox: Sandbox,
    pub base: String,
    pub http: reqwest::Client,
    pub clock: Arc<Mutex<Timestamp>>,
}

impl Stage {
    pub async fn new() -> Stage {
        Stage::with(|_| {}).await
    }

    /// The waits are short and the clock is the test's: `advance` moves it.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> Stage {
        let clock = Arc::new(Mutex::new(noonish()));
        let (reader, writer) = (clock.clone(), clock.clone());
        let mut settings = Settings {
            signing_secret: Some(SECRET.into()),
            clock: Arc::new(move || *reader.lock().unwrap()),
            on_advance: Some(Arc::new(move |by| *writer.lock().unwrap() += SignedDuration::try_from(by).unwrap())),
            rate_per_minute: 0,
            signed_waits: [Duration::from_millis(5), Duration::from_millis(5)],
            receipt_delay: Duration::from_millis(2),
            ..Settings::default()
        };
        change(&mut settings);
        let sandbox = Sandbox::new(settings);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(buttonhook::sandbox::run(listener, sandbox.clone(), std::future::pending()));
        Stage { sandbox, base, http: client(), clock }
    }

    pub fn pass(&self, by: SignedDuration) {
        *self.clock.lock().unwrap() += by;
    }

    pub fn faults(&self, change: impl FnOnce(&mut Faults)) {
        let mut faults = self.sandbox.faults();
        change(&mut faults);
        self.sandbox.set_faults(faults).unwrap();
    }

    /// A provider request with the right workspace and token.
    pub fn api(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}/api/v1/sandbox{path}", self.base)).bearer_auth(TOKEN)
    }

    pub async fn api_post(&self, path: &str, body: &Value) -> (u16, Value) {
        answer(self.api(reqwest::Method::POST, path).json(body)).await
    }

    pub async fn api_get(&self, path: &str) -> (u16, Value) {
        answer(self.api(reqwest::Method::GET, path)).await
    }

    pub async fn say(&self, phone: &str, text: &str) -> (u16, Value) {
        self.api_post("/messages/send", &json!({"phone_number": phone, "message_body": text})).await
    }

    /// Sends two buttons and returns the message's id.
    pub async fn menu(&self, phone: &str) -> String {
        let buttons = json!([{"id": "price:1", "title": "Price"}, {"id": "bye", "title": "Bye"}]);
        let body =
            json!({"phone_number": phone, "message_body": "What next?", "message_type": "interactive", "buttons": buttons});
        let (status, answer) = self.api_post("/messages/send", &body).await;
        assert_eq!(status, 200, "{answer}");
        answer["data"]["message_id"].as_str().unwrap().to_owned()
    }

    pub async fn phone_post(&self, path: &str, body: &Value) -> (u16, Value) {
        answer(self.http.post(format!("{}/phone{path}", self.base)).json(body)).await
    }

    pub async fn phone_get(&self, path: &str) -> Value {
        let (status, body) = answer(self.http.get(format!("{}/phone{path}", self.base))).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// The person types: the window opens.
    pub async fn types(&self, phone: &str, text: &str) -> Value {
        let (status, body) = self.phone_post("/type", &json!({"phone": phone, "text": text})).await;
        assert_eq!(status, 202, "{body}");
        body["message"].clone()
    }

    pub async fn taps(&self, phone: &str, message: &str, button: &str) -> (u16, Value) {
        self.phone_post("/tap", &json!({"phone": phone, "message": message, "button": button})).await
    }

    pub async fn chat(&self, phone: &str) -> Vec<Value> {
        self.phone_get(&format!("/messages?phone=%2B{}", &phone[1..])).await["messages"].as_array().unwrap().clone()
    }

    pub async fn row(&self, phone: &str) -> Value {
        let contacts = self.phone_get("/contacts").await;
        contacts["contacts"].as_array().unwrap().iter().find(|c| c["phone"] == phone).unwrap().clone()
    }
}

/// One webhook as it arrived.
pub struct Hook {
    pub headers: HeaderMap,
    pub bytes: Bytes,
}

impl Hook {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// `value` of the only change in a forwarded Meta body.
    pub fn value(&self) -> Value {
        self.json()["entry"][0]["changes"][0]["value"].clone()
    }

    /// "text", "interactive", "sent", "message.read": what the webhook is about.
    pub fn about(&self) -> String {
        let (json, value) = (self.json(), self.value());
        let candidates = [&json["event"], &value["messages"][0]["type"], &value["statuses"][0]["status"]];
        candidates.into_iter().find_map(Value::as_str).unwrap().to_owned()
    }
}

type Answers = Arc<Mutex<VecDeque<u16>>>;

/// A host that answers webhooks with the statuses it was told, then with 200.
pub struct Host {
    pub url: String,
    pub answers: Answers,
    /// The same for signed events, when they are to be answered otherwise.
    pub signed_answers: Answers,
    hooks: mpsc::UnboundedReceiver<Hook>,
}

impl Host {
    pub async fn new() -> Host {
        let (sender, hooks) = mpsc::unbounded_channel();
        let (answers, signed_answers) = (Answers::default(), Answers::default());
        let state = (sender, answers.clone(), signed_answers.clone());
        let router = axum::Router::new().fallback(take).with_state(state);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks/xobito/secret", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Host { url, answers, signed_answers, hooks }
    }

    /// All that has arrived, once the sandbox has nothing left to do.
    pub async fn all(&mut self, stage: &Stage) -> Vec<Hook> {
        stage.sandbox.idle().await;
        std::iter::from_fn(|| self.hooks.try_recv().ok()).collect()
    }

    pub async fn abouts(&mut self, stage: &Stage) -> Vec<String> {
        self.all(stage).await.iter().map(Hook::about).collect()
    }
}

type HostState = (mpsc::UnboundedSender<Hook>, Answers, Answers);

async fn take(State((sender, answers, signed)): State<HostState>, headers: HeaderMap, bytes: Bytes) -> StatusCode {
    let signed = headers.get("x-webhook-signature").and_then(|_| signed.lock().unwrap().pop_front());
    sender.send(Hook { headers, bytes }).unwrap();
    let status = signed.or_else(|| answers.lock().unwrap().pop_front()).unwrap_or(200);
    StatusCode::from_u16(status).unwrap()
}

/// A stage whose webhooks go to a host.
pub async fn stage_and_host(change: impl FnOnce(&mut Settings)) -> (Stage, Host) {
    let host = Host::new().await;
    let url = host.url.clone();
    let stage = Stage::with(|settings| {
        settings.webhook_url = Some(url);
        change(settings);
    })
    .await;
    (stage, host)
}

pub fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

pub async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let text = answer.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// A sample body.
pub fn sample(name: &str) -> Value {
    let path = format!("{}/tests/payloads/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The structure without its values: objects keep their keys, arrays the structure of their first item.
pub fn shape(value: &Value) -> Value {
    match value {
        Value::Object(members) => members.iter().map(|(key, value)| (key.clone(), shape(value))).collect(),
        Value::Array(items) => json!([items.first().map(shape)]),
        Value::String(_) => json!("text"),
        Value::Number(_) => json!("number"),
        Value::Bool(_) => json!("bool"),
        Value::Null => Value::Null,
    }
}
