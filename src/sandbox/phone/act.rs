//! What a person, or the one who holds the switches, can do.

use super::super::chat::{Draft, typed};
use super::super::message::{From, Kind, Message};
use super::super::{Faults, Sandbox, limits};
use super::look::switches;
use super::{Given, Problem, phone};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// 202: the message is in the chat; its ticks tell later how the webhook went.
pub(super) type Written = Result<(StatusCode, Json<Value>), Problem>;

pub(super) fn written(sandbox: &Sandbox, phone: &str, draft: Draft) -> Written {
    let message = sandbox.write(phone, draft).ok_or_else(|| Problem::nobody(phone))?;
    Ok((StatusCode::ACCEPTED, Json(json!({"message": message}))))
}

#[derive(Deserialize)]
pub(super) struct Typing {
    phone: String,
    text: String,
    /// The message that is quoted, if any.
    #[serde(default)]
    on: Option<String>,
}

pub(super) async fn type_text(State(sandbox): State<Sandbox>, Given(typing): Given<Typing>) -> Written {
    let phone = phone(&typing.phone)?;
    let text = typed(&typing.text, limits::TYPED_CHARS)
        .ok_or_else(|| Problem::bad(format!("text must have 1 to {} characters.", limits::TYPED_CHARS)))?;
    if let Some(on) = &typing.on {
        message_of_bot(&sandbox, &phone, on)?;
    }
    let wire = ("text", json!({"body": text}));
    written(&sandbox, &phone, Draft { kind: Kind::Text, body: text.to_owned(), on: typing.on, media: None, wire })
}

#[derive(Deserialize)]
pub(super) struct Tapping {
    phone: String,
    message: String,
    button: String,
}

/// A tap on any message that is still in the chat, however old; each is a message of its own.
pub(super) async fn tap(State(sandbox): State<Sandbox>, Given(tapping): Given<Tapping>) -> Written {
    let phone = phone(&tapping.phone)?;
    let message = message_of_bot(&sandbox, &phone, &tapping.message)?;
    let button =
        message.buttons.iter().find(|b| b.id == tapping.button).ok_or_else(|| {
            Problem(StatusCode::NOT_FOUND, format!("The message has no button with the id {:?}.", tapping.button))
        })?;
    let wire = if message.kind == Kind::Template {
        ("button", json!({"payload": button.id, "text": button.title}))
    } else {
        ("interactive", json!({"type": "button_reply", "button_reply": {"id": button.id, "title": button.title}}))
    };
    let body = button.title.clone();
    written(&sandbox, &phone, Draft { kind: Kind::Tap, body, on: Some(message.id.clone()), media: None, wire })
}

fn message_of_bot(sandbox: &Sandbox, phone: &str, id: &str) -> Result<Message, Problem> {
    let mut world = sandbox.world();
    let person = world.people.get_mut(phone).ok_or_else(|| Problem::nobody(phone))?;
    let message = person.message(id).filter(|m| m.from == From::Bot);
    message.cloned().ok_or_else(|| Problem(StatusCode::NOT_FOUND, "The chat has no message of the business with this id.".into()))
}

#[derive(Deserialize)]
pub(super) struct Reading {
    phone: String,
}

pub(super) async fn read(State(sandbox): State<Sandbox>, Given(reading): Given<Reading>) -> Result<Json<Value>, Problem> {
    let phone = phone(&reading.phone)?;
    let read = sandbox.read(&phone).ok_or_else(|| Problem::nobody(&phone))?;
    Ok(Json(json!({"read": read})))
}

#[derive(Deserialize)]
pub(super) struct Invitation {
    name: String,
}

pub(super) async fn invite(State(sandbox): State<Sandbox>, Given(invitation): Given<Invitation>) -> Written {
    let name = typed(&invitation.name, limits::NAME_CHARS)
        .ok_or_else(|| Problem::bad(format!("name must have 1 to {} characters.", limits::NAME_CHARS)))?;
    let full = || Problem(StatusCode::CONFLICT, "All hundred numbers for invented people are taken.".into());
    let row = sandbox.invite(name).ok_or_else(full)?;
    Ok((StatusCode::CREATED, Json(row)))
}

pub(super) async fn reset(State(sandbox): State<Sandbox>) -> Json<Value> {
    sandbox.reset();
    Json(json!({"reset": true}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Advance {
    #[serde(default)]
    hours: f64,
    #[serde(default)]
    minutes: f64,
    #[serde(default)]
    seconds: f64,
}

pub(super) async fn advance(State(sandbox): State<Sandbox>, Given(by): Given<Advance>) -> Result<Json<Value>, Problem> {
    let hours = by.hours + by.minutes / 60.0 + by.seconds / 3600.0;
    let parts = [by.hours, by.minutes, by.seconds];
    if !parts.iter().all(|part| *part >= 0.0) || !(0.0..=limits::LONGEST_ADVANCE_HOURS).contains(&hours) {
        return Err(Problem::bad(format!(
            "hours, minutes and seconds must not be negative and come to at most {} hours.",
            limits::LONGEST_ADVANCE_HOURS
        )));
    }
    // Whole milliseconds: fractions of an hour do not leave odd nanoseconds on the clock.
    let now = sandbox.advance(Duration::from_millis((hours * 3_600_000.0).round() as u64));
    Ok(Json(json!({"now": now})))
}

/// Replaces all switches. `happened`, which `GET` adds, is taken and ignored, so that what was read can be written back.
pub(super) async fn set_faults(State(sandbox): State<Sandbox>, Given(mut given): Given<Value>) -> Result<Json<Value>, Problem> {
    if let Some(given) = given.as_object_mut() {
        given.remove("happened");
    }
    let faults: Faults =
        serde_json::from_value(given).map_err(|error| Problem::bad(format!("These are no switches: {error}.")))?;
    sandbox.set_faults(faults).map_err(Problem::bad)?;
    Ok(Json(switches(&sandbox)))
}
