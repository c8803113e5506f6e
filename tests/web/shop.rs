//! A pretend API of the user's: counts every connection, keeps every request, and misbehaves as it is told.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Seen {
    pub method: String,
    pub path: String,
    /// By name in small letters.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Seen {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// What the shop does with a request.
#[derive(Debug, Clone)]
pub enum Act {
    /// Answers.
    Says(u16, &'static str),
    /// Answers with these headers, each ended by a line break.
    SaysWith(u16, String, Vec<u8>),
    /// Writes this and closes.
    Writes(Vec<u8>),
    /// Closes without a word.
    Cuts,
    /// Says nothing for ever.
    Hangs,
    /// Writes without end.
    Floods,
    /// Says this, byte by byte, with a pause between.
    Drips(&'static str),
    /// Does the next after so many milliseconds.
    Rests(u64),
}

/// The shop. It does what it was told, in that order, and afterwards says `200 {"ok": true}`.
#[derive(Clone)]
pub struct Shop {
    pub address: SocketAddr,
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    acts: Mutex<VecDeque<Act>>,
    seen: Mutex<Vec<Seen>>,
    connections: AtomicUsize,
}

impl Shop {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let shop = Self { address: listener.local_addr().unwrap(), inner: Arc::default() };
        let inner = shop.inner.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                inner.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, inner.clone()));
            }
        });
        shop
    }

    pub fn will(&self, acts: impl IntoIterator<Item = Act>) {
        self.inner.acts.lock().unwrap().extend(acts);
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.inner.seen.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.inner.connections.load(Ordering::SeqCst)
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Returns once it has seen so many requests.
    pub async fn has_seen(&self, count: usize) {
        let until = tokio::time::Instant::now() + Duration::from_secs(30);
        while self.seen().len() < count {
            assert!(tokio::time::Instant::now() < until, "only {} requests came", self.seen().len());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

async fn serve(mut stream: TcpStream, inner: Arc<Inner>) {
    while let Some(seen) = read(&mut stream).await {
        inner.seen.lock().unwrap().push(seen);
        loop {
            let act = inner.acts.lock().unwrap().pop_front().unwrap_or(Act::Says(200, r#"{"ok": true}"#));
            match act {
                Act::Says(status, body) => write(&mut stream, &answer(status, "", body.as_bytes())).await,
                Act::SaysWith(status, headers, body) => write(&mut stream, &answer(status, &headers, &body)).await,
                Act::Writes(bytes) => {
                    write(&mut stream, &bytes).await;
                    return;
                }
                Act::Cuts => return,
                Act::Hangs => std::future::pending().await,
                Act::Floods => {
                    write(&mut stream, b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
                    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
                    while stream.write_all(chunk.as_bytes()).await.is_ok() {}
                    return;
                }
                Act::Drips(body) => {
                    for byte in answer(200, "", body.as_bytes()) {
                        write(&mut stream, &[byte]).await;
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                }
                Act::Rests(ms) => {
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                    continue;
                }
            }
            break;
        }
    }
}

fn answer(status: u16, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status} Said\r\ncontent-length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// An error means that the other end has gone, which is what some tests are about.
async fn write(stream: &mut TcpStream, bytes: &[u8]) {
    let _ = stream.write_all(bytes).await;
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head_ends = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        let mut more = [0; 4096];
        let count = stream.read(&mut more).await.ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&more[..count]);
    };
    let head = String::from_utf8_lossy(&bytes[..head_ends]).into_owned();
    let mut lines = head.lines();
    let mut first = lines.next()?.split(' ');
    let (method, path) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: BTreeMap<String, String> =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = bytes.split_off(head_ends + 4);
    while body.len() < length {
        let mut more = [0; 4096];
        let count = stream.read(&mut more).await.ok().filter(|count| *count > 0)?;
        body.extend_from_slice(&more[..count]);
    }
    Some(Seen { method, path, headers, body: String::from_utf8(body).unwrap() })
}
