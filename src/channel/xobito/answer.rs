//! What the end of one attempt means (reference: xobito-api sections 3 to 5, 7; the classes are the product's promise).
//!
//! The question behind every line is whether the message may have gone out. Only words of the provider that exclude it make
//! a refusal, a throttle or a failure; everything between the first byte out and a usable answer is unknown.

use serde_json::Value;

use super::super::json;
use crate::model::{MessageId, Outcome, Refusal, limits};

/// How one attempt ended.
#[derive(Debug, Clone, Copy)]
pub enum Attempt<'a> {
    /// The provider, or something before it, answered.
    Answered {
        /// The HTTP status.
        status: u16,
        /// The header `Retry-After`, which is not documented here but usual in the provider's framework.
        retry_after: Option<&'a str>,
        /// The body, or its beginning.
        body: &'a [u8],
        /// Whether `body` is the whole body: it was neither cut off nor longer than we read.
        whole: bool,
    },
    /// No connection was made, so that nothing left.
    Unreached {
        /// What went wrong.
        detail: &'a str,
    },
    /// The request may have left, and no answer came.
    Lost {
        /// What went wrong.
        detail: &'a str,
    },
}

/// What became of the message.
pub fn classify(attempt: Attempt<'_>) -> Outcome {
    match attempt {
        Attempt::Unreached { detail } => Outcome::Unreached { detail: json::detail(detail) },
        Attempt::Lost { detail } => Outcome::Unknown { detail: json::detail(detail) },
        Attempt::Answered { status, retry_after, body, whole } => {
            let body = if whole { Body::read(body) } else { Body(None) };
            answered(status, retry_after, &body)
        }
    }
}

fn answered(status: u16, retry_after: Option<&str>, body: &Body) -> Outcome {
    let words = body.words();
    let detail = match words.as_str() {
        "" => format!("HTTP {status} without a reason"),
        words => format!("HTTP {status}: {words}"),
    };
    let refused = |refusal| Outcome::Refused { refusal, detail: detail.clone() };
    match status {
        200..=299 => accepted(status, body, detail),
        429 => Outcome::Throttled { retry_after_secs: body.retry_after().or_else(|| retry_after.and_then(whole_seconds)) },
        401 => refused(Refusal::Unauthorized),
        // Both say that the server did not take the request in (RFC 9110 section 15.5.9, RFC 8470 section 5.2).
        408 | 425 => Outcome::Unreached { detail },
        400 | 403 | 422 | 500 if window_closed(&words) => refused(Refusal::WindowClosed),
        // 400 is documented for an unknown workspace alone.
        400 if words.to_ascii_lowercase().contains("subdomain") => refused(Refusal::NotFound),
        400 | 413 | 422 => refused(Refusal::Invalid),
        // 402 is not documented; a workspace in arrears cannot send, with a status that no page states (section 4).
        402 | 403 => refused(Refusal::Forbidden),
        404 => refused(Refusal::NotFound),
        500 if body.says_failed() => Outcome::Failed { detail },
        // A crash page may come after the send as well as before it, and a gateway in between knows nothing.
        500..=599 => Outcome::Unknown { detail },
        // A redirect means a wrong address; it is not followed, because a POST would be sent twice or become a GET.
        _ => refused(Refusal::Other),
    }
}

/// A 2xx: taken if it says so. Without a message's id it cannot be traced, and must still not be sent again.
fn accepted(status: u16, body: &Body, detail: String) -> Outcome {
    let id = body.message_id();
    let failed = body.status_is("/status", "error") || body.status_is("/data/status", "failed");
    match id {
        _ if failed && window_closed(&body.words()) => Outcome::Refused { refusal: Refusal::WindowClosed, detail },
        None if failed => Outcome::Failed { detail },
        // It failed and yet has an id: to send again might repeat it.
        Some(_) if failed => Outcome::Unknown { detail: format!("{detail} (an error, and yet a message id)") },
        Some(id) => Outcome::Sent { message: Some(id) },
        None if body.says_success() => Outcome::Sent { message: None },
        None => Outcome::Unknown { detail: format!("HTTP {status} with a body that says neither success nor error") },
    }
}

/// The answer's JSON object; nothing when the body is cut, HTML, empty, or another kind of JSON.
struct Body(Option<Value>);

/// Where the id of the sent message may stand: the documentation's generations disagree (section 0, section 7).
const MESSAGE_ID: &[&str] = &[
    "/data/message_id",
    "/data/whatsapp_response/messages/0/id",
    "/message_id",
    "/whatsapp_response/messages/0/id",
    "/data/messages/0/id",
    "/messages/0/id",
    "/data/wamid",
];

impl Body {
    fn read(body: &[u8]) -> Self {
        Self(serde_json::from_slice(body).ok().filter(Value::is_object))
    }

    fn message_id(&self) -> Option<MessageId> {
        json::first_id(self.0.as_ref()?, MESSAGE_ID).map(MessageId)
    }

    fn status_is(&self, pointer: &str, word: &str) -> bool {
        self.0.as_ref().and_then(|body| json::text(body, pointer)).is_some_and(|said| said.eq_ignore_ascii_case(word))
    }

    fn says_success(&self) -> bool {
        self.status_is("/status", "success") || self.0.as_ref().is_some_and(|body| json::flag(body, "/success"))
    }

    /// Whether these are the documented words of a send that failed; any other 500 may be a crash halfway.
    fn says_failed(&self) -> bool {
        self.0
            .as_ref()
            .and_then(|body| json::text(body, "/message"))
            .is_some_and(|said| said.to_ascii_lowercase().contains("failed to send"))
    }

    /// Seconds, as a number or in a string. A pause of nothing would be no pause.
    fn retry_after(&self) -> Option<u32> {
        let body = self.0.as_ref()?;
        ["/retry_after", "/data/retry_after"].iter().find_map(|pointer| match body.pointer(pointer)? {
            Value::Number(number) => bounded_seconds(number.as_f64()?),
            Value::String(text) => whole_seconds(text),
            _ => None,
        })
    }

    /// The provider's words: its message and its reasons, `errors` being an object of lists or one text (section 3).
    fn words(&self) -> String {
        let Some(body) = &self.0 else { return String::new() };
        let said = ["/message", "/error_message", "/error/message", "/error", "/data/error_message", "/data/message"];
        let mut parts: Vec<String> = said.iter().filter_map(|pointer| json::text(body, pointer)).map(str::to_owned).collect();
        if let Some(code) = json::id(body, "/error/code") {
            parts.push(code);
        }
        reasons(body.get("errors"), &mut parts);
        parts.dedup();
        json::detail(&parts.join(": "))
    }
}

/// Gathers the texts of `errors`: `field: reason` for each reason of an object, anything else as it is.
fn reasons(errors: Option<&Value>, parts: &mut Vec<String>) {
    match errors {
        Some(Value::String(reason)) => parts.push(reason.clone()),
        Some(Value::Array(all)) => parts.extend(all.iter().filter_map(Value::as_str).map(str::to_owned)),
        Some(Value::Object(fields)) => {
            for (field, said) in fields {
                let said: Vec<_> = match said {
                    Value::Array(all) => all.iter().filter_map(Value::as_str).collect(),
                    Value::String(one) => vec![one.as_str()],
                    _ => vec![],
                };
                parts.push(format!("{field}: {}", said.join(" ")));
            }
        }
        _ => {}
    }
}

fn whole_seconds(text: &str) -> Option<u32> {
    bounded_seconds(text.trim().parse().ok()?)
}

fn bounded_seconds(seconds: f64) -> Option<u32> {
    // Rounded up, so that no request comes early; a number out of range is held inside, and NaN is no number.
    (seconds >= 0.0).then(|| seconds.ceil().clamp(1.0, f64::from(limits::RETRY_AFTER_SECS_MAX)) as u32)
}

/// Whether the provider's words mean that the 24-hour window is closed. Which words it uses is unknown (section 7, section
/// 10: "match loosely and never branch on an exact text"); Meta's code is 131047.
fn window_closed(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    let has = |part: &str| words.contains(part);
    let code = words.split(|c: char| !c.is_ascii_digit()).any(|number| number == "131047");
    let day = (has("24") && has("hour")) || has("24h") || has("24 h");
    let closed = ["outside", "closed", "expired", "not open", "no open", "care"].into_iter().any(has);
    code || has("re-engagement") || (has("window") && (day || closed)) || (day && has("outside"))
}
