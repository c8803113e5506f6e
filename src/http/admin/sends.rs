//! `/api/sends`: what became of single sends, and a person's word about those that ask for it.

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

use super::Admin;
use crate::http::public::plain;
use crate::model::{ContactId, SendKey};
use crate::runtime::{Cases, Verdict};

/// Sends that are listed when nobody says how many.
const SENDS_DEFAULT: usize = 50;

#[derive(Deserialize)]
pub(super) struct Which {
    outcome: Option<String>,
    contact: Option<i64>,
    most: Option<usize>,
}

/// `GET /api/sends?outcome=&contact=&most=`: settled sends, newest first.
pub(super) async fn list(State(admin): State<Admin>, Query(which): Query<Which>) -> Response {
    let asked = which.outcome.as_deref().unwrap_or("all");
    let Some((_, cases)) = Cases::ALL.into_iter().find(|(name, _)| *name == asked) else {
        let known = Cases::ALL.map(|(name, _)| name).join(", ");
        return plain(StatusCode::BAD_REQUEST, format!("`outcome` is one of {known}.")).into_response();
    };
    let most = which.most.unwrap_or(SENDS_DEFAULT);
    match admin.insight.cases(cases, which.contact.map(ContactId), most).await {
        Ok(sends) => Json(sends).into_response(),
        Err(error) => plain(StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Word {
    r#do: Do,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Do {
    Resend,
    Drop,
}

/// `POST /api/sends/{key}` with `{"do": "resend"}` or `{"do": "drop"}`: what becomes of a send that asks a person.
pub(super) async fn rule(
    State(admin): State<Admin>,
    Path(key): Path<String>,
    word: Result<Json<Word>, JsonRejection>,
) -> Response {
    let verdict = match word {
        Ok(Json(Word { r#do: Do::Resend })) => Verdict::Resend,
        Ok(Json(Word { r#do: Do::Drop })) => Verdict::Drop,
        Err(_) => {
            let help = r#"Send JSON: {"do": "resend"} or {"do": "drop"}."#;
            return plain(StatusCode::BAD_REQUEST, help).into_response();
        }
    };
    match admin.sender.rule(SendKey(key), verdict).await {
        Ok(true) => {
            admin.wakes.outbox.notify_one();
            StatusCode::NO_CONTENT.into_response()
        }
        Ok(false) => plain(StatusCode::NOT_FOUND, "No send with this key waits for a person's word.").into_response(),
        Err(error) => plain(StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response(),
    }
}
