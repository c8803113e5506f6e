//! `GET /status`: what runs, what was refused, and how much waits.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

use super::Admin;
use crate::http::public::plain;
use crate::model::{Timestamp, time};
use crate::runtime::{Raised, Stats, StoreError};

/// The program that runs, and the one that was refused after it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct LiveView {
    /// The revision that runs.
    pub revision: String,
    /// Since when it runs.
    pub loaded_at: Option<Timestamp>,
    /// How many flows it has.
    pub flows: usize,
    /// How many scripts it has.
    pub scripts: usize,
    /// The diagnostics of what runs, as `buttonhook check --format json` gives them; none of them is an error.
    pub warnings: Vec<Value>,
    /// The newest attempt to load, when it was refused.
    pub refused: Option<RefusedView>,
}

/// A project that did not go live.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RefusedView {
    /// When it was refused.
    pub at: Timestamp,
    /// Its revision.
    pub revision: String,
    /// How many errors it has.
    pub errors: usize,
    /// The errors as a terminal shows them.
    pub report: String,
    /// The same for programs.
    pub diagnostics: Vec<Value>,
}

#[derive(Serialize)]
struct Status<'a> {
    version: &'static str,
    #[serde(flatten)]
    live: &'a LiveView,
    uptime_secs: i64,
    sandbox: bool,
    channel: ChannelView<'a>,
    store: Stats,
    queue: QueueView,
    gap: Option<Gap>,
    waiting: Vec<WaitingView>,
}

/// The time during which the host was down before this start. What reached the provider then may never come: it repeats a webhook
/// for seconds, if at all (reference: xobito-api section 14.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// When it was last known to live.
    pub from: Timestamp,
    /// When it started again.
    pub to: Timestamp,
}

#[derive(Serialize)]
struct QueueView {
    answer: LineView,
    reminder: LineView,
    broadcast: LineView,
    /// Sends in the longest line of one contact.
    longest_line: u64,
    /// When all of it can have left at the earliest, if nothing more comes.
    empty_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct LineView {
    sends: u64,
    oldest_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct ChannelView<'a> {
    name: &'a str,
    paused_until: Option<Timestamp>,
    alarm: Option<Raised>,
}

#[derive(Serialize)]
struct WaitingView {
    flow: String,
    step: String,
    conversations: u64,
}

pub(super) async fn status(State(admin): State<Admin>) -> Response {
    match json(&admin).await {
        Ok(json) => Json(json).into_response(),
        Err(error) => plain(StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}

pub(super) async fn json(admin: &Admin) -> Result<Value, StoreError> {
    let now = admin.clock.now();
    let live = admin.live.borrow().clone();
    let stats = admin.insight.stats(now).await?;
    let waiting = admin.insight.waiting().await?;
    let waiting = waiting.into_iter().map(|(flow, step, conversations)| WaitingView { flow, step, conversations }).collect();
    let paused_until = (stats.paused_until_ms > time::millis(now)).then(|| time::from_millis(stats.paused_until_ms));
    let queues = admin.insight.queues().await?;
    let [answer, reminder, broadcast] = queues.waiting.map(|queue| LineView { sends: queue.sends, oldest_at: queue.oldest_at });
    let empty_at = admin.sender.empty_at(&queues, paused_until, now);
    let queue = QueueView { answer, reminder, broadcast, longest_line: queues.longest_line, empty_at };
    let alarm = admin.sender.alarm().raised();
    let status = Status {
        version: env!("CARGO_PKG_VERSION"),
        live: &live,
        uptime_secs: now.duration_since(admin.started_at).as_secs(),
        sandbox: admin.sandbox,
        channel: ChannelView { name: &admin.channel, paused_until, alarm },
        store: stats,
        queue,
        gap: admin.gap,
        waiting,
    };
    Ok(serde_json::to_value(status).expect("the status holds no map with keys that are not text"))
}
