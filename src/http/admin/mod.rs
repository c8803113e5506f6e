//! The admin listener: the studio, what runs, and what went wrong.

mod events;
mod guard;
mod login;
mod metrics;
mod openapi;
mod people;
mod sends;
mod status;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;

use super::public::{broke, plain};
use crate::model::{ContactId, Timestamp};
use crate::runtime::{Clock, Insight, Intake, Meter, Sender, Wakes};

pub use guard::Guard;
pub use status::{Gap, LiveView, RefusedView};

/// Turns that `/api/history` gives when nobody says how many.
const HISTORY_DEFAULT: usize = 50;

/// What the admin listener shows and who may see it.
#[derive(Clone)]
pub struct Admin {
    /// The door for what people at a desk of the user's own do.
    pub intake: Intake,
    /// The counts and the history.
    pub insight: Insight,
    /// What leaves: alarms, estimates, and people's words about single sends.
    pub sender: Sender,
    /// Rung when a person has a send repeated.
    pub wakes: Arc<Wakes>,
    /// What this process has done.
    pub meter: Arc<Meter>,
    /// The downtime before this start, where there was one worth telling.
    pub gap: Option<Gap>,
    /// The time, which the studio may have advanced.
    pub clock: Clock,
    /// What runs; changes with every reload, applied or refused.
    pub live: watch::Receiver<Arc<LiveView>>,
    /// When the process started.
    pub started_at: Timestamp,
    /// The channel's name.
    pub channel: String,
    /// Whether the channel is the built-in sandbox.
    pub sandbox: bool,
    /// The path that the provider posts to. It holds the secret.
    pub webhook_path: SecretString,
    /// True once the process is asked to stop: streams end then.
    pub stop: watch::Receiver<bool>,
}

/// The routes of the admin listener around the pages in `studio` and, with the built-in sandbox, its phones under
/// `/api/phone`.
pub fn router(admin: Admin, studio: Router, phone: Option<Router>, listen: SocketAddr, token: Option<SecretString>) -> Router {
    let guard = Guard::new(listen, token);
    let api = Router::new()
        .route("/status", get(status::status))
        .route("/api/events", get(events::events))
        .route("/api/history", get(history))
        .route("/api/hold", post(people::hold))
        .route("/api/give-back", post(people::give_back))
        .route("/api/webhook", get(webhook))
        .route("/api/sends", get(sends::list))
        .route("/api/sends/{key}", post(sends::rule))
        .route("/api/openapi.json", get(openapi::document))
        .route("/metrics", get(metrics::metrics))
        .with_state(admin);
    let phone = phone.map_or_else(Router::new, |phone| Router::new().nest("/api/phone", phone));
    guarded(studio.merge(api).merge(phone), guard)
}

/// `router` behind `guard`, with the login it may need and the headers that every answer carries.
pub fn guarded(router: Router, guard: Guard) -> Router {
    router
        .merge(login::router(guard.clone()))
        .fallback(async || plain(StatusCode::NOT_FOUND, "Not found."))
        .layer(middleware::from_fn_with_state(guard, guard::admit))
        .layer(middleware::map_response(guard::secure))
        .layer(CatchPanicLayer::custom(broke))
}

/// `GET /api/webhook`: the path to enter at the provider, for who starts the host where nobody sees a terminal.
async fn webhook(State(admin): State<Admin>) -> Response {
    Json(serde_json::json!({"path": admin.webhook_path.expose_secret()})).into_response()
}

#[derive(Deserialize)]
struct Which {
    contact: Option<i64>,
    most: Option<usize>,
}

/// `GET /api/history?contact=&most=`: the newest turns, newest first.
async fn history(State(admin): State<Admin>, Query(which): Query<Which>) -> Response {
    let most = which.most.unwrap_or(HISTORY_DEFAULT);
    match admin.insight.history(which.contact.map(ContactId), most).await {
        Ok(turns) => Json(turns).into_response(),
        Err(error) => plain(StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}
