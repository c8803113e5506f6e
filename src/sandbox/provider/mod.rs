//! The provider's side. Every request passes the same gate, whose order the reference leaves open and infers (xobito-api.md,
//! section 4): 400 workspace, 401 token, 403 ability, 429 pace, 422 fields, 403 plan, 500.

mod answer;
mod contacts;
mod fields;
mod lookup;
mod media;
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
use axum::routing::{MethodRouter, delete, get, post, put};
use futures_util::stream;
use jiff::SignedDuration;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::time::Duration;

/// One request that passed the gate.
pub(super) struct Call {
    /// What stands in the path.
    pub path: HashMap<String, String>,
    pub query: HashMap<String, String>,
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
    let base = "/api/v1/{subdomain}";
    let sending = |act: Act| Plan { ability: "messages.send", sends: true, act };
    let plan = |ability, act: Act| Plan { ability, sends: false, act };
    let routes: [(&str, MethodRouter<Sandbox>); 10] = [
        ("/messages/send", post(through(sending(send::send)))),
        ("/messages/template", post(through(sending(template::send)))),
        ("/messages/media", post(through(sending(media::send)))),
        ("/messages/{id}/status", get(through(plan("messages.send", lookup::status)))),
        ("/phone/validate", post(through(plan("messages.send", lookup::validate)))),
        ("/templates", get(through(plan("templates.read", lookup::templates)))),
        ("/sources", get(through(plan("sources.read", lookup::sources)))),
        (
            "/contacts",
            get(through(plan("contacts.read", contacts::list))).merge(post(through(plan("contacts.create", contacts::create)))),
        ),
        ("/contacts/{id}", put(through(plan("contacts.update", contacts::update)))),
        // Deleting is stated, its address inferred.
        ("/contacts/{id}", delete(through(plan("contacts.delete", contacts::delete)))),
    ];
    let router =
        routes.into_iter().fold(Router::new(), |router, (path, methods)| router.route(&format!("{base}{path}"), methods));
    router.with_state(sandbox)
}

/// Turns a plan into a handler.
fn through(
    plan: Plan,
) -> impl Fn(State<Sandbox>, Path<HashMap<String, String>>, Query<HashMap<String, String>>, Request) -> Pending
+ Clone
+ Send
+ Sync
+ 'static {
    move |State(sandbox), Path(path), Query(query), request| Box::pin(handle(sandbox, plan, path, query, request))
}

type Pending = std::pin::Pin<Box<dyn Future<Output = Response> + Send>>;

async fn handle(
    sandbox: Sandbox,
    plan: Plan,
    path: HashMap<String, String>,
    query: HashMap<String, String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, limits::BODY_BYTES).await;
    sandbox.add_latency().await;

    let mut record = Record {
        at: sandbox.now(),
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        headers: recorded_headers(&parts.headers),
        body: Value::Null,
        status: None,
        fault: None,
    };
    let answer = match body {
        Err(_) => Answer { status: 413, body: json!({"message": "Payload too large"}), spoil: None },
        Ok(body) => {
            let is_json = parts.headers.get(header::CONTENT_TYPE).is_some_and(|t| t.as_bytes().starts_with(b"application/json"));
            let fields: Map<String, Value> = if is_json { serde_json::from_slice(&body).unwrap_or_default() } else { Map::new() };
            record.body = recorded_body(&body, &fields);
            let call = Call { path, query, fields, uri_path: parts.uri.path().to_owned() };
            sandbox
                .check(plan, &call.path["subdomain"], &parts.headers)
                .and_then(|()| (plan.act)(&sandbox, &call))
                .unwrap_or_else(|refused| refused)
        }
    };
    (record.status, record.fault) = match answer.spoil {
        None => (Some(answer.status), None),
        Some(Spoil::Garbage(Garbage::BadGateway)) => (Some(502), Some("garbage")),
        Some(Spoil::Garbage(_)) => (Some(200), Some("garbage")),
        Some(Spoil::Hang) => (None, Some("hang")),
        Some(Spoil::Drop) => (None, Some("drop")),
    };
    sandbox.record(record);
    sandbox.finish(answer).await
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

impl super::world::World {
    /// The fixed window of a minute. `Some` with the seconds left when it is used up.
    fn paced(&mut self, per_minute: u32, now: jiff::Timestamp) -> Option<i64> {
        if per_minute == 0 {
            return None;
        }
        let minute = SignedDuration::from_secs(60);
        let pace = &mut self.pace;
        let age = pace.opened.map(|opened| now.duration_since(opened));
        match age {
            // A clock that was set back would lock the window for long: it begins anew as well.
            Some(age) if age < minute && !age.is_negative() => {
                if pace.used >= per_minute {
                    self.board.count("rate_limit");
                    return Some(whole_seconds(minute - age));
                }
                pace.used += 1;
            }
            _ => (pace.opened, pace.used) = (Some(now), 1),
        }
        None
    }

    /// The pause of the switch `rate_429_after`.
    fn paused(&mut self, now: jiff::Timestamp) -> Option<i64> {
        let after = self.board.faults.rate_429_after?;
        if let Some(left) = self.pause.1.map(|until| until.duration_since(now)).filter(|left| left.is_positive()) {
            self.board.count("rate_429");
            return Some(whole_seconds(left));
        }
        self.pause = (self.pause.0 + 1, None);
        if self.pause.0 <= after {
            return None;
        }
        let retry_after = i64::from(self.board.faults.retry_after);
        self.pause = (0, now.checked_add(SignedDuration::from_secs(retry_after)).ok());
        self.board.count("rate_429");
        Some(retry_after)
    }
}

fn whole_seconds(left: SignedDuration) -> i64 {
    (left.as_secs() + i64::from(left.subsec_nanos() > 0)).max(1)
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
