//! Connections: how many, how slow they may be, and how they end.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;

/// What a listener puts up with.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Open connections; the next one waits in the system's queue until one closes.
    pub connections_max: usize,
    /// How long the head of a request may take to arrive, and a kept-alive connection may idle.
    pub head_timeout: Duration,
    /// Bytes of a request's head.
    pub head_bytes_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections_max: 4096, head_timeout: Duration::from_secs(10), head_bytes_max: 16 * 1024 }
    }
}

/// The wait after the system refused to hand over a connection, for want of file descriptors for example.
const ACCEPT_WAIT: Duration = Duration::from_millis(50);

/// Serves `router` on `listener` until `stop` becomes true; then takes no more connections, finishes the open requests and
/// returns. Whoever waits for that bounds it.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits, mut stop: watch::Receiver<bool>) {
    let permits = Arc::new(Semaphore::new(limits.connections_max));
    let mut open = JoinSet::new();
    loop {
        // A permit first: beyond the bound, connections wait in the system's queue and cost nothing here.
        let permit = tokio::select! {
            permit = permits.clone().acquire_owned() => permit.expect("the semaphore is never closed"),
            () = stopped(&mut stop) => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stopped(&mut stop) => break,
        };
        match accepted {
            Ok((stream, _)) => drop(open.spawn(connection(stream, router.clone(), limits, stop.clone(), permit))),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_WAIT).await;
            }
        }
        while open.try_join_next().is_some() {}
    }
    drop(listener);
    while open.join_next().await.is_some() {}
}

async fn connection(
    stream: TcpStream,
    router: Router,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
    _permit: OwnedSemaphorePermit,
) {
    // A refusal means the peer is gone already; the first read will tell.
    let _ = stream.set_nodelay(true);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .max_buf_size(limits.head_bytes_max)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    // What ends a connection early (a reset, a head that never came) is the peer's affair and no fault of ours.
    tokio::select! {
        _ = &mut connection => {}
        () = stopped(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    // An error means that nobody can stop us any more, which is as good as having been stopped.
    let _ = stop.wait_for(|stop| *stop).await;
}
