//! The web pages of the admin listener: the phone on which an author tries their flows, and what runs at the moment.
//!
//! The pages are plain HTML, CSS and ES modules, compiled into the binary: no build step, nothing fetched from anywhere else.
//! They use the JSON of `/status` and `/api/...`, which the `http` layer serves; this layer holds no state and calls nothing.
//!
//! Invariants:
//! - every answer carries the headers of [`headers`], so that no markup in a contact's text can run, load or send anything;
//! - pages hold no inline script and no inline style, and their scripts never write markup from data (the policy
//!   `require-trusted-types-for` makes a browser refuse it);
//! - every file is listed once, in [`assets`]; one that is not listed is answered 404.
//!
//! It must never read files, settings or the store, and never put a value into a page: pages ask the API.

mod assets;
mod headers;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::middleware;
use axum::routing::get;

use assets::Asset;

/// The routes of the studio: `/` is the phone page and `/assets/<file>` what it loads. Any other path is left to the caller's
/// router. Every answer may be kept by the browser but is asked for again each time (`no-cache` with an `ETag`), so that a new
/// binary shows its own pages at once.
pub fn router() -> Router {
    Router::new().route("/", get(page)).route("/assets/{file}", get(asset)).layer(middleware::map_response(headers::secure))
}

/// The paths of everything the studio serves, in a fixed order; for link checkers, tests and listings of routes.
pub fn paths() -> Vec<String> {
    std::iter::once("/".to_owned()).chain(assets::ALL.iter().skip(1).map(|a| format!("/assets/{}", a.name))).collect()
}

async fn page(request: HeaderMap) -> Response<Body> {
    serve(&assets::ALL[assets::PAGE], &request)
}

async fn asset(Path(file): Path<String>, request: HeaderMap) -> Response<Body> {
    match assets::ALL.iter().skip(1).find(|a| a.name == file) {
        Some(found) => serve(found, &request),
        None => plain(StatusCode::NOT_FOUND, "The studio has no such file."),
    }
}

fn serve(asset: &Asset, request: &HeaderMap) -> Response<Body> {
    let tag = asset.tag();
    let known = request.get(header::IF_NONE_MATCH).and_then(|v| v.to_str().ok()).is_some_and(|seen| matches_tag(seen, tag));
    let (status, body) =
        if known { (StatusCode::NOT_MODIFIED, Body::empty()) } else { (StatusCode::OK, Body::from(asset.bytes)) };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let head = response.headers_mut();
    head.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type()));
    head.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    head.insert(header::ETAG, HeaderValue::from_str(tag).expect("a tag is quoted base32"));
    response
}

/// Whether a list of `If-None-Match` names this tag; weak forms count, as they do for every GET (RFC 9110, 13.1.2).
fn matches_tag(seen: &str, tag: &str) -> bool {
    seen.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

fn plain(status: StatusCode, sentence: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(sentence));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
