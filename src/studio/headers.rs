//! The headers that fence the pages in.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, header};

/// Scripts, styles, pictures and connections from this very listener and nowhere else; no frames, no plug-ins, no forms that
/// leave the page, and no markup written from text by a script.
pub(super) const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
     trusted-types 'none'";

/// `frame-ancestors` is repeated in the old spelling for old browsers. The referrer is withheld because link buttons lead to
/// strangers, who need not learn the address of somebody's studio.
const FENCES: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Puts every fence on an answer, also on a refusal.
pub(super) async fn secure(mut response: Response<Body>) -> Response<Body> {
    for (name, value) in FENCES {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
