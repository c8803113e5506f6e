//! `POST /events/{name}`: the user's own system tells something about a contact. It becomes a piece of mail like any other, so
//! that it is durable before it is answered and takes its turn in the contact's order; it opens no 24-hour window.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use serde_json::{Map, Value as Json, json};
use tokio::sync::Semaphore;

use super::public::plain;
use super::webhook::{RETRY_AFTER_SECS, Secrets, read_body};
use crate::model::{Content, Delivery, EventId, EventName, Inbound, Phone, Sender, Value, limits, name};
use crate::runtime::Intake;

/// Bodies that may be held in memory at once; with more, the caller is asked to come again.
const BODIES_MAX: usize = 128;
/// Keeps the caller's ids apart from those of the provider's messages, which are recognised in the same place.
const ID_PREFIX: &str = "told:";
/// The members of the body, and of its `contact`.
const MEMBERS: &[&str] = &["id", "contact", "data"];
const CONTACT_MEMBERS: &[&str] = &["phone", "user_id", "name"];

/// Everything that the route needs.
#[derive(Clone)]
pub(super) struct Events {
    tokens: Secrets,
    intake: Intake,
    bodies: Arc<Semaphore>,
}

impl Events {
    /// Events of whoever has one of `tokens`.
    pub(super) fn new(tokens: Secrets, intake: Intake) -> Self {
        Self { tokens, intake, bodies: Arc::new(Semaphore::new(BODIES_MAX)) }
    }
}

/// `POST /events/{name}`.
pub(super) async fn post(State(events): State<Events>, Path(name): Path<String>, request: Request<Body>) -> Response<Body> {
    // Before a byte of the body is read: who has no token costs us nothing.
    if !bearer(request.headers()).is_some_and(|given| events.tokens.hold(given)) {
        let mut response =
            refuse(StatusCode::UNAUTHORIZED, "send `Authorization: Bearer` with a token of BUTTONHOOK_EVENTS_TOKEN");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        return response;
    }
    let Ok(_permit) = events.bodies.clone().try_acquire_owned() else {
        return come_again("too many events at once");
    };
    let (head, body) = request.into_parts();
    let body = match read_body(&head.headers, body, limits::CALL_BODY_BYTES_MAX).await {
        Ok(body) => body,
        Err(unread) => return refuse(unread.status(), &unread.why("64 KiB")),
    };
    let inbound = match read(&name, &body) {
        Ok(inbound) => inbound,
        Err(why) => return refuse(StatusCode::BAD_REQUEST, &why),
    };
    match events.intake.take_in(vec![Delivery::Message(inbound)]).await {
        Ok(accepted) => {
            let status = if accepted.fresh > 0 { "accepted" } else { "duplicate" };
            tracing::debug!(event = name, status, "an event was told");
            answer(StatusCode::OK, &json!({ "status": status }))
        }
        Err(error) => come_again(&error.to_string()),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The event that `body` holds; otherwise what is wrong with it, in words for whoever wrote the caller.
fn read(name: &str, body: &[u8]) -> Result<Inbound, String> {
    if !name::is_name(name) {
        let most = limits::NAME_CHARS_MAX;
        return Err(format!(
            "the event's name in the path begins with a small letter and holds small letters, digits and `_`, at most {most}: \
             /events/order_paid"
        ));
    }
    let body: Json = serde_json::from_slice(body).map_err(|error| format!("the body is not JSON: {error}"))?;
    let body = object(&body, "the body", MEMBERS)?;
    let id =
        text(body, "id")?.ok_or("`id` is missing: a text of your own by which the event is recognised when it comes again")?;
    let length = id.chars().count();
    if length == 0 || length > limits::EVENT_ID_CHARS_MAX || id.contains(char::is_control) {
        return Err(format!("`id` has 1 to {} characters on one line", limits::EVENT_ID_CHARS_MAX));
    }
    let sender = sender(body.get("contact"))?;
    let data = body.get("data").filter(|data| !data.is_null()).cloned().unwrap_or_else(|| Json::Object(Map::new()));
    object(&data, "`data`", &[])?;
    let mut values = 0;
    bounded(&data, 1, &mut values)?;
    let data = serde_json::from_value::<Value>(data).map_err(|error| format!("`data` cannot be read: {error}"))?;
    let content = Content::Told { name: EventName::new(name), data };
    Ok(Inbound { id: EventId(format!("{ID_PREFIX}{id}")), sender, sent_at: None, content })
}

pub(super) fn sender(contact: Option<&Json>) -> Result<Sender, String> {
    let contact = contact.ok_or("`contact` is missing: {\"phone\": \"+…\"} or {\"user_id\": \"…\"}")?;
    let contact = object(contact, "`contact`", CONTACT_MEMBERS)?;
    let phone = match text(contact, "phone")? {
        None => None,
        // No country code begins with 0, so such a number is a local one and would reach nobody.
        Some(phone) => match Phone::parse(&phone).filter(|phone| !phone.digits().starts_with('0')) {
            Some(phone) => Some(phone),
            None => return Err("`contact.phone` is no number with its country code, like +15550100123".to_owned()),
        },
    };
    let user_id = text(contact, "user_id")?;
    let is_id = |id: &String| (1..=limits::USER_ID_BYTES_MAX).contains(&id.len()) && id.chars().all(|c| c.is_ascii_graphic());
    if user_id.as_ref().is_some_and(|id| !is_id(id)) {
        return Err(format!("`contact.user_id` is a word of at most {} characters", limits::USER_ID_BYTES_MAX));
    }
    let name = text(contact, "name")?.unwrap_or_default().trim().to_owned();
    if name.chars().count() > limits::CONTACT_NAME_CHARS_MAX || name.contains(char::is_control) {
        return Err(format!("`contact.name` has at most {} characters on one line", limits::CONTACT_NAME_CHARS_MAX));
    }
    if phone.is_none() && user_id.is_none() {
        return Err("`contact` says nobody: it needs `phone` or `user_id`".to_owned());
    }
    Ok(Sender { phone, user_id, name })
}

/// The members of an object, all of which must be among `known` where any are named.
pub(super) fn object<'j>(json: &'j Json, what: &str, known: &[&str]) -> Result<&'j Map<String, Json>, String> {
    let Json::Object(members) = json else { return Err(format!("{what} is not an object, {{…}}")) };
    match members.keys().find(|member| !known.is_empty() && !known.contains(&member.as_str())) {
        Some(_) => {
            Err(format!("{what} has a member that is none of `{}`; what is your own belongs into `data`", known.join("`, `")))
        }
        None => Ok(members),
    }
}

/// A member that is a text; missing and `null` are the same.
fn text(members: &Map<String, Json>, member: &str) -> Result<Option<String>, String> {
    match members.get(member) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{member}` is not a text; put it in quotes")),
    }
}

/// Whether scripts and flows can take the data: they would break on what is larger, long after the caller was told that all is well.
fn bounded(json: &Json, depth: usize, values: &mut usize) -> Result<(), String> {
    *values += 1;
    if depth > limits::EVENT_DEPTH_MAX || *values > limits::EVENT_VALUES_MAX {
        return Err(format!(
            "`data` nests at most {} deep and holds at most {} values",
            limits::EVENT_DEPTH_MAX,
            limits::EVENT_VALUES_MAX
        ));
    }
    match json {
        Json::Array(items) => items.iter().try_for_each(|item| bounded(item, depth + 1, values)),
        Json::Object(members) => members.values().try_for_each(|member| bounded(member, depth + 1, values)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Ok(()),
    }
}

fn come_again(why: &str) -> Response<Body> {
    let mut response = refuse(StatusCode::SERVICE_UNAVAILABLE, why);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(RETRY_AFTER_SECS));
    response
}

/// One line in the log for each refusal: never a body, which tells of a person, nor a token.
fn refuse(status: StatusCode, why: &str) -> Response<Body> {
    tracing::warn!(status = status.as_u16(), "event refused: {why}");
    answer(status, &json!({ "error": why }))
}

pub(super) fn answer(status: StatusCode, json: &Json) -> Response<Body> {
    let mut response = plain(status, json.to_string());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> Json {
        json!({"id": "o-7", "contact": {"phone": "+1 555 0100123", "name": "Rosa"}, "data": {"order": 7, "paid": null}})
    }

    #[test]
    fn a_whole_event_becomes_mail_of_its_contact() {
        let inbound = read("order_paid", whole().to_string().as_bytes()).expect("it is right");
        assert_eq!(inbound.id, EventId("told:o-7".to_owned()));
        assert_eq!((inbound.sender.phone, inbound.sender.name.as_str()), (Phone::parse("15550100123"), "Rosa"));
        let Content::Told { name, data } = inbound.content else { panic!("it is told") };
        assert_eq!((name.as_str(), data.at(&["order".to_owned()])), ("order_paid", &Value::Whole(7)));
        let bare = json!({"id": "1", "contact": {"user_id": "US.1"}});
        assert!(read("ping", bare.to_string().as_bytes()).is_ok(), "data may be missing");
    }

    #[test]
    fn what_is_wrong_is_said_in_words() {
        let deep = (0..limits::EVENT_DEPTH_MAX).fold(json!(1), |inside, _| json!([inside]));
        let cases: [(&str, Json, &str); 12] = [
            ("id", json!(null), "`id` is missing"),
            ("id", json!(7), "`id` is not a text"),
            ("id", json!(""), "1 to 200"),
            ("contact", json!(null), "`contact` is not an object"),
            ("contact", json!({"name": "Rosa"}), "says nobody"),
            ("contact", json!({"phone": "082 123 4567"}), "country code"),
            ("contact", json!({"phone": "soon"}), "country code"),
            ("contact", json!({"user_id": "a b"}), "`contact.user_id`"),
            ("contact", json!({"phone": "+15550100123", "fone": 1}), "none of `phone`, `user_id`, `name`"),
            ("order", json!(7), "belongs into `data`"),
            ("data", json!([1]), "`data` is not an object"),
            ("data", json!({ "a": deep }), "at most 32 deep"),
        ];
        for (member, value, expected) in cases {
            let mut body = whole();
            body[member] = value;
            let why = read("order_paid", body.to_string().as_bytes()).expect_err(expected);
            assert!(why.contains(expected), "{why}");
        }
        let many = json!({"id": "1", "contact": {"user_id": "U"}, "data": {"all": vec![0; limits::EVENT_VALUES_MAX]}});
        assert!(read("a", many.to_string().as_bytes()).expect_err("too many").contains("10000 values"));
        assert!(read("Order.Paid", whole().to_string().as_bytes()).expect_err("a bad name").contains("small letter"));
        assert!(read("a", b"{").expect_err("no JSON").contains("not JSON"));
    }
}
