//! The public listener: webhooks, events of the user's own systems, and whether we are alive. Everything else does not exist.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

use super::told::{self, Events};
use super::webhook::{self, Reader, Secrets, Webhook};
use crate::runtime::Intake;

/// The routes: `/webhooks/xobito/{secret}` read by `reader`, `/events/{name}` for whoever has one of `tokens`, `/healthz` and
/// `/readyz`. Without tokens there are no events.
pub fn router(reader: Arc<dyn Reader>, secrets: Secrets, tokens: Secrets, intake: Intake) -> Router {
    let ready = intake.clone();
    let events = match tokens.is_empty() {
        true => Router::new(),
        false => {
            Router::new().route("/events/{name}", post(told::post).fallback(gone)).with_state(Events::new(tokens, intake.clone()))
        }
    };
    Router::new()
        .merge(events)
        .route("/webhooks/xobito/{secret}", get(webhook::get).post(webhook::post).fallback(gone))
        .with_state(Webhook::new(reader, secrets, intake))
        .route("/healthz", get(async || plain(StatusCode::OK, "ok")))
        .route("/readyz", get(async move || readiness(&ready)))
        .fallback(gone)
        .layer(CatchPanicLayer::custom(broke))
}

async fn gone() -> Response<Body> {
    not_found()
}

/// The one answer for everything that does not exist, a wrong secret included.
pub(super) fn not_found() -> Response<Body> {
    plain(StatusCode::NOT_FOUND, "Not found.")
}

/// A short answer as plain text, which no browser takes for anything else.
pub(super) fn plain(status: StatusCode, text: impl Into<Body>) -> Response<Body> {
    let mut response = Response::new(text.into());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn readiness(intake: &Intake) -> Response<Body> {
    if intake.is_ready() {
        plain(StatusCode::OK, "ready")
    } else {
        plain(StatusCode::SERVICE_UNAVAILABLE, "The store does not take anything at the moment.")
    }
}

/// A request whose handling panicked. The panic itself went to the panic hook.
pub(super) fn broke(_: Box<dyn std::any::Any + Send>) -> Response<Body> {
    plain(StatusCode::INTERNAL_SERVER_ERROR, "Buttonhook itself broke while answering; please report it.")
}
