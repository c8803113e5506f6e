//! Connections that hang: cut in time, without harm to others. In this process, with short limits.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use buttonhook::http::{Limits, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::host::PATIENCE;

async fn served(limits: Limits) -> (std::net::SocketAddr, watch::Sender<bool>, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = watch::channel(false);
    let router = Router::new().route("/", get(async || "ok"));
    (address, stop, tokio::spawn(serve(listener, router, limits, stopped)))
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_and_so_is_an_idle_connection() {
    let limits = Limits { head_timeout: Duration::from_millis(100), ..Limits::default() };
    let (address, _stop, _serving) = served(limits).await;
    for begun in ["", "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: a"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(begun.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        tokio::time::timeout(PATIENCE, stream.read_to_end(&mut rest)).await.expect("the connection is cut").unwrap();
        assert!(!String::from_utf8_lossy(&rest).contains("200 OK"), "{begun:?}");
    }
}

#[tokio::test]
async fn with_all_connections_taken_the_next_waits_and_is_served_when_one_ends() {
    let (address, _stop, _serving) = served(Limits { connections_max: 2, ..Limits::default() }).await;
    let held = [TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap()];
    let mut next = TcpStream::connect(address).await.unwrap();
    next.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let early = tokio::time::timeout(Duration::from_millis(100), next.read_to_end(&mut answer)).await;
    assert!(early.is_err(), "served beyond the bound");
    drop(held);
    tokio::time::timeout(PATIENCE, next.read_to_end(&mut answer)).await.expect("it is served now").unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200 OK"));
}

#[tokio::test]
async fn a_stop_ends_idle_connections_and_the_listener() {
    let (address, stop, serving) = served(Limits::default()).await;
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut answer = [0; 16];
    idle.read_exact(&mut answer).await.unwrap();
    stop.send_replace(true);
    tokio::time::timeout(PATIENCE, serving).await.expect("it stops").unwrap();
    TcpStream::connect(address).await.unwrap_err();
}
