//! `GET /api/openapi.json`: the admin API, described. A test holds the document and the routes to each other.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

/// OpenAPI 3.1.
const DOCUMENT: &str = include_str!("openapi.json");

pub(super) async fn document() -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], DOCUMENT).into_response()
}
