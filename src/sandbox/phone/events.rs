//! `GET /events`: server-sent events for the phone in the browser. The backlog is bounded: who lags behind is told to reload.

use super::super::{Note, Sandbox};
use super::look::people;
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::stream::{self, Stream};
use serde_json::json;
use std::convert::Infallible;
use tokio::sync::broadcast::error::RecvError;

pub(super) async fn events(State(sandbox): State<Sandbox>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    // Subscribing before the answer: a change between the answer and the first read is not missed.
    let notes = sandbox.inner.notes.subscribe();
    let stream = stream::unfold((sandbox, notes), |(sandbox, mut notes)| async move {
        let note = tokio::select! {
            note = notes.recv() => note,
            () = sandbox.closed() => return None,
        };
        let event = match note {
            Ok(note) => event(&sandbox, note),
            Err(RecvError::Lagged(_)) => Event::default().event("reload").data("{}"),
            Err(RecvError::Closed) => return None,
        };
        Some((Ok(event), (sandbox, notes)))
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

fn event(sandbox: &Sandbox, note: Note) -> Event {
    let (name, data) = match note {
        Note::Message { phone, message } => ("message", json!({"phone": phone, "message": *message})),
        Note::People => ("contacts", people(sandbox)),
        Note::Reset => ("reset", json!({})),
        Note::Clock => ("clock", json!({"now": sandbox.now()})),
    };
    Event::default().event(name).data(data.to_string())
}
