//! The login form of an admin listener that asks for a token.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::routing::get;

use super::guard::{COOKIE, Guard};
use crate::http::public::plain;

/// Where the form is.
pub(super) const PATH: &str = "/login";

/// Bytes of the form.
const FORM_BYTES_MAX: usize = 4096;

const PAGE: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
<meta name=\"viewport\" content=\"width=device-width\">\n<title>Buttonhook: log in</title>\n<h1>Buttonhook</h1>\n\
<form method=\"post\" action=\"/login\">\n<label>Admin token <input type=\"password\" name=\"token\" required autofocus \
autocomplete=\"current-password\"></label>\n<button>Log in</button>\n</form>\n</html>\n";

pub(super) fn router(guard: Guard) -> Router {
    Router::new().route(PATH, get(async || page()).post(log_in)).with_state(guard)
}

pub(super) fn redirect() -> Response<Body> {
    see(PATH)
}

async fn log_in(State(guard): State<Guard>, headers: HeaderMap, body: Body) -> Response<Body> {
    let Ok(form) = to_bytes(body, FORM_BYTES_MAX).await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE, "The form is too large.");
    };
    let token = std::str::from_utf8(&form).ok().and_then(|form| form.split('&').find_map(|pair| pair.strip_prefix("token=")));
    match guard.session(&decoded(token.unwrap_or(""))).await {
        Ok(session) => {
            let secure = headers.get("x-forwarded-proto").is_some_and(|proto| proto == "https");
            let cookie = format!("{COOKIE}={session}; Path=/; HttpOnly; SameSite=Strict{}", if secure { "; Secure" } else { "" });
            let mut response = see("/");
            let cookie = HeaderValue::from_str(&cookie).expect("a name and hex digits are a header");
            response.headers_mut().insert(header::SET_COOKIE, cookie);
            response
        }
        Err(refusal) => refusal,
    }
}

fn page() -> Response<Body> {
    let mut response = plain(StatusCode::OK, PAGE);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

fn see(path: &'static str) -> Response<Body> {
    let mut response = plain(StatusCode::SEE_OTHER, "");
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static(path));
    response
}

/// A form's value: `+` is a space and `%xx` a byte. What is broken stays as it is, and is then a wrong token.
fn decoded(value: &str) -> String {
    let bytes = value.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |range: std::ops::Range<usize>| u8::from_str_radix(std::str::from_utf8(bytes.get(range)?).ok()?, 16).ok();
        match (bytes[at], hex(at + 1..at + 3)) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::decoded;

    #[test]
    fn a_forms_value_reads_back() {
        for (form, text) in [("a%2Bb+c", "a+b c"), ("%", "%"), ("%zz", "%zz"), ("%C3%A4", "ä"), ("", "")] {
            assert_eq!(decoded(form), text, "{form}");
        }
    }
}
