//! `POST /api/hold` and `POST /api/give-back`: a person takes a conversation over, or gives it back, from a desk of the user's own.

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response, StatusCode};
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::super::public::plain;
use super::super::told::{answer, object, sender};
use super::super::webhook::read_body;
use super::Admin;
use crate::model::{Content, Delivery, EventId, Inbound, limits, time};

/// Longest hold, in minutes: 30 days.
const HOLD_MINUTES_MAX: u64 = 30 * 24 * 60;
/// Bytes of a request.
const BODY_BYTES_MAX: usize = 4 * 1024;

/// `POST /api/hold`: `{"contact": {"phone": "+…"}, "minutes": 120}`. No send of a flow leaves from the moment that this is answered.
pub(super) async fn hold(State(admin): State<Admin>, request: Request<Body>) -> Response<Body> {
    take(admin, request, &["contact", "minutes"], |body, now| {
        let minutes = match body.get("minutes") {
            None => limits::PERSON_HOLD_MS / 60_000,
            Some(minutes) => minutes
                .as_u64()
                .filter(|minutes| (1..=HOLD_MINUTES_MAX).contains(minutes))
                .ok_or_else(|| format!("`minutes` is a whole number from 1 to {HOLD_MINUTES_MAX}"))?,
        };
        Ok(Content::TakenOver { until: time::after(now, minutes * 60_000) })
    })
    .await
}

/// `POST /api/give-back`: `{"contact": {"phone": "+…"}}`.
pub(super) async fn give_back(State(admin): State<Admin>, request: Request<Body>) -> Response<Body> {
    take(admin, request, &["contact"], |_, _| Ok(Content::GivenBack)).await
}

type Members = serde_json::Map<String, Json>;

async fn take(
    admin: Admin,
    request: Request<Body>,
    known: &[&str],
    content: impl FnOnce(&Members, Timestamp) -> Result<Content, String>,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = match read_body(&head.headers, body, BODY_BYTES_MAX).await {
        Ok(body) => body,
        Err(unread) => return refuse(unread.status(), &unread.why("4 KiB")),
    };
    let now = admin.clock.now();
    let read = || {
        let body: Json = serde_json::from_slice(&body).map_err(|error| format!("the body is not JSON: {error}"))?;
        let members = object(&body, "the body", known)?;
        Ok::<_, String>((sender(members.get("contact"))?, content(members, now)?))
    };
    let (sender, content) = match read() {
        Ok(read) => read,
        Err(why) => return refuse(StatusCode::BAD_REQUEST, &why),
    };
    // Each request is a deed of its own: there is nothing by which a second one could be recognised as the first.
    let mut random = [0; 16];
    if getrandom::fill(&mut random).is_err() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, "The system hands out no random bytes at the moment.");
    }
    let id = EventId(format!("desk:{}", data_encoding::HEXLOWER.encode(&random)));
    match admin.intake.take_in(vec![Delivery::Message(Inbound { id, sender, sent_at: None, content })]).await {
        Ok(_) => answer(StatusCode::OK, &json!({"status": "accepted"})),
        Err(error) => plain(StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
    }
}

fn refuse(status: StatusCode, why: &str) -> Response<Body> {
    answer(status, &json!({"error": why}))
}
