//! A provider that records every send and misbehaves on command. It knows nothing of the host's code.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::sync::{Notify, watch};

use super::host::PATIENCE;

/// What the provider does with a send.
#[derive(Clone)]
pub enum Answer {
    /// Takes it.
    Sent,
    /// Answers with this status and body.
    Says(u16, Value),
    /// Answers only once the gate is opened, then takes it.
    Held(watch::Receiver<bool>),
}

/// The provider, in this process.
#[derive(Clone)]
pub struct Provider {
    /// Where it is.
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    sends: Mutex<Vec<Value>>,
    answers: Mutex<VecDeque<Answer>>,
    arrived: Notify,
}

impl Provider {
    /// Starts one that takes everything.
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { sends: Mutex::default(), answers: Mutex::default(), arrived: Notify::new() });
        let provider = Self { address, shared };
        let router = Router::new().route("/api/v1/tests/messages/{kind}", post(take)).with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        provider
    }

    /// The next sends are answered like this, in order; later ones are taken.
    pub fn will(&self, answers: impl IntoIterator<Item = Answer>) {
        self.shared.answers.lock().unwrap().extend(answers);
    }

    /// Every send so far, in the order in which they arrived.
    pub fn sends(&self) -> Vec<Value> {
        self.shared.sends.lock().unwrap().clone()
    }

    /// Returns once `count` sends have arrived.
    pub async fn wait_for(&self, count: usize) -> Vec<Value> {
        let waiting = async {
            loop {
                let arrived = self.shared.arrived.notified();
                let sends = self.sends();
                if sends.len() >= count {
                    return sends;
                }
                arrived.await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, waiting).await;
        waited.unwrap_or_else(|_| panic!("{count} sends never arrived: {:#?}", self.sends()))
    }
}

async fn take(State(provider): State<Provider>, Json(send): Json<Value>) -> (StatusCode, Json<Value>) {
    let number = {
        let mut sends = provider.shared.sends.lock().unwrap();
        sends.push(send);
        sends.len()
    };
    provider.shared.arrived.notify_one();
    let answer = provider.shared.answers.lock().unwrap().pop_front().unwrap_or(Answer::Sent);
    let taken = Json(json!({"status": "success", "data": {"message_id": format!("wamid.out.{number}")}}));
    match answer {
        Answer::Sent => (StatusCode::OK, taken),
        Answer::Says(status, body) => (StatusCode::from_u16(status).unwrap(), Json(body)),
        Answer::Held(mut gate) => {
            let _ = gate.wait_for(|open| *open).await;
            (StatusCode::OK, taken)
        }
    }
}
