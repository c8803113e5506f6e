//! The provider's side. Every request passes the same gate, whose order the reference leaves open and infers (xobito-api.md,
//! section 4): 400 workspace, 401 token, 403 ability, 429 pace, 422 fields, 403 plan, 500.

mod answer;
mod contacts;
mod fields;
mod lookup;
mod media;
mod pace;
mod send;
mod take;
mod template;

use super::faults::{Garbage, Spoil};
use super::world::Record;
use super::{Sandbox, limits};
use answer::Answer;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use futures_util::stream;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::time::Duration;

/// One request that passed the gate.
pub(super) struct Call {
    /// What stands in the path.
    pub path: Strings,
    pub query: Strings,
    /// The members of the JSON body. A body that is no JSON object has none, which is how Laravel sees it (inferred).
    pub fields: Map<String, Value>,
    /// The path as it came, for the paginator.
    pub uri_path: String,
}

/// What a route does. It returns at once: nothing in it waits.
type Act = fn(&Sandbox, &Call) -> Result<Answer, Answer>;

/// A route: the ability it needs, whether it counts as a send, and what it does.
#[derive(Clone, Copy)]
struct Plan {
    ability: &'static str,
    sends: bool,
    act: Act,
}

/// All documented routes that the sandbox knows.
pub(super) fn router(sandbox: Sandbox) -> Router {
    let (read, write) = (MethodFilter::GET, MethodFilter::POST);
    let sending = |act: Act| through(write, Plan { ability: "messages.send", sends: true, act });
    let plan = |method, ability, act: Act| through(method, Plan { ability, sends: false, act });
    let contacts = plan(read, "contacts.read", contacts::list).merge(plan(write, "contacts.create", contacts::create));
    // That a contact can be deleted is stated, at which address is inferred.
    let contact = plan(MethodFilter::PUT, "contacts.update", contacts::update).merge(plan(
        MethodFilter::DELETE,
        "contacts.delete",
        contacts::delete,
    ));
    let at = |path: &str| format!("/api/v1/{{subdomain}}{path}");
    Router::new()
        .route(&at("/messages/send"), sending(send::send))
        .route(&at("/messages/template"), sending(template::send))
        .route(&at("/messages/media"), sending(media::send))
        .route(&at("/messages/{id}/status"), plan(read, "messages.send", lookup::status))
        .route(&at("/phone/validate"), plan(write, "messages.send", lookup::validate))
        .route(&at("/templates"), plan(read, "templates.read", lookup::templates))
        .route(&at("/sources"), plan(read, "sources.read", lookup::sources))
        .route(&at("/contacts"), contacts)
        .route(&at("/contacts/{id}"), contact)
        .with_state(sandbox)
}

/// A method that does what the plan says.
fn through(method: MethodFilter, plan: Plan) -> MethodRouter<Sandbox> {
    on(method, move |State(sandbox), Path(path), Query(query), request| handle(sandbox, plan, path, query, request))
}

type Strings = HashMap<String, String>;

async fn handle(sandbox: Sandbox, plan: Plan, path: Strings, query: Strings, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let mut call = Call { path, query, fields: Map::new(), uri_path: parts.uri.path().to_owned() };
    let body = to_bytes(body, limits::BODY_BYTES).await;
    sandbox.add_latency().await;
    let mut recorded = Value::Null;
    let answer = match body {
        Err(_) => Answer { status: 413, body: json!({"message": "Payload too large"}), spoil: None },
        Ok(body) => {
            call.fields = fields_of(&parts.headers, &body);
            recorded = recorded_body(&body, &call.fields);
            let passed = sandbox.check(plan, &call.path["subdomain"], &parts.headers);
            passed.and_then(|()| (plan.act)(&sandbox, &call)).unwrap_or_else(|refused| refused)
        }
    };
    let (status, fault) = match answer.spoil {
        None => (Some(answer.status), None),
        Some(Spoil::Garbage(Garbage::BadGateway)) => (Some(502), Some("garbage")),
        Some(Spoil::Garbage(_)) => (Some(200), Some("garbage")),
        Some(Spoil::Hang) => (None, Some("hang")),
        Some(Spoil::Drop) => (None, Some("drop")),
    };
    let (at, method, headers) = (sandbox.now(), parts.method.to_string(), recorded_headers(&parts.headers));
    sandbox.record(Record { at, method, path: call.uri_path, headers, body: recorded, status, fault });
    sandbox.finish(answer).await
}

/// The members of a JSON object, none of anything else.
fn fields_of(headers: &HeaderMap, body: &[u8]) -> Map<String, Value> {
    let is_json = headers.get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"application/json"));
    if is_json { serde_json::from_slice(body).unwrap_or_default() } else { Map::new() }
}

impl Sandbox {
    async fn add_latency(&self) {
        let latency = {
            let mut world = self.world();
            let latency = world.board.faults.latency_ms;
            if latency > 0 {
                world.board.count("latency");
            }
            latency
        };
        if latency > 0 {
            tokio::time::sleep(Duration::from_millis(latency)).await;
        }
    }

    /// The gate up to 429.
    fn check(&self, plan: Plan, subdomain: &str, headers: &HeaderMap) -> Result<(), Answer> {
        let settings = &self.inner.settings;
        if subdomain != settings.subdomain {
            return Err(Answer::unknown_workspace());
        }
        let token = headers.get(header::AUTHORIZATION).and_then(|h| h.to_str().ok()).and_then(|h| h.strip_prefix("Bearer "));
        match token.map(str::trim) {
            None | Some("") => return Err(Answer::error(401, "API token is required")),
            Some(token) if token != settings.token => return Err(Answer::error(401, "Invalid API token")),
            Some(_) => {}
        }
        let mut world = self.world();
        if world.board.faults.missing_abilities.iter().any(|missing| missing == plan.ability) {
            world.board.count("missing_ability");
            let message = format!("Token does not have the required ability: {}", plan.ability);
            return Err(Answer::error(403, &message));
        }
        let now = self.tell(world.ahead);
        if let Some(retry_after) = world.paced(settings.rate_per_minute, now) {
            return Err(Answer::too_many(retry_after));
        }
        if plan.sends
            && let Some(retry_after) = world.paused(now)
        {
            return Err(Answer::too_many(retry_after));
        }
        Ok(())
    }

    fn record(&self, record: Record) {
        let mut world = self.world();
        if world.requests.len() >= limits::REQUESTS_KEPT {
            world.requests.pop_front();
        }
        world.requests.push_back(record);
    }

    /// Writes the answer, or what a fault makes of it.
    async fn finish(&self, answer: Answer) -> Response {
        let page = "<!doctype html><title>Something is wrong</title><h1>Something is wrong</h1>";
        match answer.spoil {
            None => answer.into_response(),
            Some(Spoil::Hang) => {
                tokio::select! {
                    () = tokio::time::sleep(limits::LONGEST_HANG) => {}
                    () = self.closed() => {}
                }
                cut_connection()
            }
            Some(Spoil::Drop) => cut_connection(),
            Some(Spoil::Garbage(Garbage::Html)) => ([(header::CONTENT_TYPE, "text/html")], page).into_response(),
            Some(Spoil::Garbage(Garbage::BadGateway)) => {
                (StatusCode::BAD_GATEWAY, [(header::CONTENT_TYPE, "text/html")], page).into_response()
            }
            Some(Spoil::Garbage(Garbage::Empty)) => ([(header::CONTENT_TYPE, "application/json")], "").into_response(),
            Some(Spoil::Garbage(Garbage::Cut)) => {
                let whole = answer.body.to_string();
                let half: String = whole.chars().take(whole.chars().count() / 2).collect();
                ([(header::CONTENT_TYPE, "application/json")], half).into_response()
            }
        }
    }
}

/// A response whose body fails at its first byte: the server has not flushed the head by then, so it closes the connection without
/// having sent anything.
fn cut_connection() -> Response {
    let fails = async { Err::<Vec<u8>, _>(std::io::Error::other("the connection is cut on purpose")) };
    Body::from_stream(stream::once(fails)).into_response()
}

/// The headers a test may want to look at. The token is never among them.
fn recorded_headers(headers: &HeaderMap) -> Map<String, Value> {
    let kept = ["accept", "content-type", "user-agent", "idempotency-key"];
    kept.iter().filter_map(|name| Some(((*name).to_owned(), json!(headers.get(*name)?.to_str().ok()?)))).collect()
}

fn recorded_body(body: &[u8], fields: &Map<String, Value>) -> Value {
    match body.len() {
        0 => Value::Null,
        n if n > limits::RECORDED_BODY_BYTES => json!({"not_recorded_bytes": n}),
        _ => Value::Object(fields.clone()),
    }
}
