//! The envelopes (reference: xobito-api.md, sections 3, 4 and 12).

use super::super::faults::Spoil;
use super::Call;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

/// An answer, and how it goes wrong on its way if it does.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub body: Value,
    pub spoil: Option<Spoil>,
}

impl Answer {
    pub(super) fn success(status: u16, message: Option<&str>, data: Value) -> Answer {
        let mut body = json!({"status": "success", "data": data});
        if let Some(message) = message {
            body["message"] = json!(message);
        }
        Answer { status, body, spoil: None }
    }

    pub(super) fn error(status: u16, message: &str) -> Answer {
        Answer { status, body: json!({"status": "error", "message": message}), spoil: None }
    }

    /// 400: here `errors` is a plain string, not an object.
    pub(super) fn unknown_workspace() -> Answer {
        let body = json!({"status": "error", "message": "Validation failed", "errors": "Invalid tenant subdomain"});
        Answer { status: 400, body, spoil: None }
    }

    pub(super) fn invalid(errors: Map<String, Value>) -> Answer {
        Answer { status: 422, body: json!({"status": "error", "message": "Validation failed", "errors": errors}), spoil: None }
    }

    /// 429: the one error without a `status` member.
    pub(super) fn too_many(retry_after: i64) -> Answer {
        Answer { status: 429, body: json!({"message": "Too many requests", "retry_after": retry_after}), spoil: None }
    }

    pub(super) fn plan_limit() -> Answer {
        Answer::error(403, "Contact limit exceeded for your current plan. Upgrade to add more contacts.")
    }

    /// A page of the Laravel paginator, which stands inside `data`.
    pub(super) fn page(call: &Call, items: Vec<Value>) -> Answer {
        let number =
            |name: &str, default: usize| call.query.get(name).and_then(|v| v.parse().ok()).filter(|n| *n > 0).unwrap_or(default);
        let (page, per_page) = (number("page", 1), number("per_page", 15).min(100));
        let total = items.len();
        let last = total.div_ceil(per_page).max(1);
        let skipped = (page - 1).saturating_mul(per_page);
        let items: Vec<Value> = items.into_iter().skip(skipped).take(per_page).collect();
        let (from, to) = if items.is_empty() { (None, None) } else { (Some(skipped + 1), Some(skipped + items.len())) };
        let path = format!("https://dash.xobito.com{}", call.uri_path);
        let link = |page: usize| format!("{path}?page={page}");
        let data = json!({
            "current_page": page, "data": items, "per_page": per_page, "total": total, "last_page": last,
            "first_page_url": link(1), "next_page_url": (page < last).then(|| link(page + 1)),
            "prev_page_url": (page > 1).then(|| link(page - 1)), "from": from, "to": to, "path": path, "links": [],
        });
        Answer::success(200, None, data)
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, axum::Json(self.body)).into_response()
    }
}
