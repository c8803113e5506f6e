//! What can be looked at.

use super::super::Sandbox;
use super::super::world::Record;
use super::{Problem, phone};
use axum::Json;
use axum::extract::{Query, State};
use serde_json::{Value, json};
use std::collections::HashMap;

pub(super) async fn contacts(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(people(&sandbox))
}

/// The list of people, also sent with the event `contacts`.
pub(super) fn people(sandbox: &Sandbox) -> Value {
    let world = sandbox.world();
    let now = sandbox.tell(world.ahead);
    let rows: Vec<Value> = world.people.values().map(|person| person.row(now)).collect();
    json!({"contacts": rows, "now": now})
}

pub(super) async fn messages(
    State(sandbox): State<Sandbox>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Value>, Problem> {
    let phone = phone(query.get("phone").map_or("", String::as_str))?;
    let world = sandbox.world();
    let person = world.people.get(&phone).ok_or_else(|| Problem::nobody(&phone))?;
    Ok(Json(json!({"messages": person.chat})))
}

pub(super) async fn requests(State(sandbox): State<Sandbox>) -> Json<Value> {
    let world = sandbox.world();
    let show = |r: &Record| {
        json!({
            "at": r.at, "method": r.method, "path": r.path, "headers": r.headers, "body": r.body, "status": r.status,
            "fault": r.fault,
        })
    };
    Json(json!({"requests": world.requests.iter().map(show).collect::<Vec<_>>()}))
}

pub(super) async fn faults(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(switches(&sandbox))
}

/// The switches, and under `happened` how often each fault has struck.
pub(super) fn switches(sandbox: &Sandbox) -> Value {
    let world = sandbox.world();
    let mut switches = serde_json::to_value(&world.board.faults).unwrap_or_default();
    switches["happened"] = json!(world.board.happened);
    switches
}
