//! `GET /api/events`: a stream that tells the status at once and after every reload.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};

use super::{Admin, status};

/// Keeps proxies from closing a stream on which nothing happens.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

pub(super) async fn events(State(admin): State<Admin>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    // The status in force is news to whoever has just connected.
    let mut listener = admin.clone();
    listener.live.mark_changed();
    Sse::new(stream::unfold(listener, next)).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}

/// The next event; none once the process stops, so that open streams do not hold it up.
async fn next(mut admin: Admin) -> Option<(Result<Event, Infallible>, Admin)> {
    let mut stop = admin.stop.clone();
    tokio::select! {
        _ = stop.wait_for(|stop| *stop) => return None,
        changed = admin.live.changed() => changed.ok()?,
    }
    admin.live.mark_unchanged();
    let data = match status::json(&admin).await {
        Ok(json) => json,
        Err(error) => serde_json::json!({ "error": error.to_string() }),
    };
    Some((Ok(Event::default().event("status").data(data.to_string())), admin))
}
