//! The people's side, for a browser and for tests: chats, typing, tapping, receipts, the clock, the switches, the records of what
//! the provider's side was asked. JSON in and out; an error is `{"error": "a sentence"}`.

mod act;
mod attach;
mod events;
mod look;

use super::{Sandbox, limits};
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, FromRequest, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::de::DeserializeOwned;
use serde_json::json;

pub(super) fn router(sandbox: Sandbox) -> Router {
    Router::new()
        .route("/contacts", get(look::contacts).post(act::invite))
        .route("/messages", get(look::messages))
        .route("/requests", get(look::requests))
        .route("/faults", get(look::faults).put(act::set_faults))
        .route("/type", post(act::type_text))
        .route("/tap", post(act::tap))
        .route("/attach", post(attach::attach))
        .route("/read", post(act::read))
        .route("/reset", post(act::reset))
        .route("/advance", post(act::advance))
        .route("/events", get(events::events))
        .layer(DefaultBodyLimit::max(limits::BODY_BYTES))
        .with_state(sandbox)
}

/// What went wrong, as a sentence.
struct Problem(StatusCode, String);

impl Problem {
    fn bad(sentence: impl Into<String>) -> Problem {
        Problem(StatusCode::BAD_REQUEST, sentence.into())
    }

    fn nobody(phone: &str) -> Problem {
        Problem(StatusCode::NOT_FOUND, format!("Nobody here has the number {phone}."))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": self.1}))).into_response()
    }
}

/// A number as `+digits`, or a 400.
fn phone(given: &str) -> Result<String, Problem> {
    super::ids::phone(given).ok_or_else(|| Problem::bad("phone must be an international number such as +15550100123."))
}

/// A JSON body, whose refusal is a [`Problem`] like any other.
struct Given<T>(T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Given<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Given<T>, Problem> {
        let refused = |refused: JsonRejection| Problem(refused.status(), format!("{}.", refused.body_text()));
        Json::<T>::from_request(request, state).await.map(|Json(given)| Given(given)).map_err(refused)
    }
}
