//! A provider that misbehaves on command: bytes over a socket, so that it can break every rule of HTTP.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What the provider does with a request it has read.
#[derive(Debug, Clone)]
pub(super) enum Manner {
    /// Writes these bytes and closes.
    Says(Vec<u8>),
    /// Writes these bytes, then one of a body every few milliseconds, for ever.
    Dribbles(Vec<u8>),
    /// Writes these bytes, then as much of a body as the other side takes.
    Floods(Vec<u8>),
    /// Answers nothing and keeps the connection.
    Stalls,
    /// Closes without an answer.
    Closes,
    /// Closes before it has read anything.
    ClosesAtOnce,
    /// Writes these bytes before it has read anything, and closes.
    SpeaksFirst(Vec<u8>),
    /// Answers each request and keeps the connection.
    KeepsOpen(Vec<u8>),
}

/// The running provider; it ends with this value.
pub(super) struct Provider {
    pub(super) base: String,
    requests: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Provider {
    pub(super) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(socket, manner.clone(), Arc::clone(&seen)));
            }
        });
        Self { base, requests, task }
    }

    /// The requests so far, head and body as they came.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// The other side may hang up at any time, which is its right: errors of writing end the connection only.
async fn serve(mut socket: TcpStream, manner: Manner, seen: Arc<Mutex<Vec<String>>>) {
    match &manner {
        Manner::ClosesAtOnce => return,
        Manner::SpeaksFirst(bytes) => return drop(socket.write_all(bytes).await),
        _ => {}
    }
    while let Some(request) = read(&mut socket).await {
        seen.lock().unwrap().push(request);
        let (bytes, more) = match &manner {
            Manner::Says(bytes) => (bytes.clone(), None),
            Manner::Dribbles(head) => (head.clone(), Some((1, Duration::from_millis(5)))),
            Manner::Floods(head) => (head.clone(), Some((64 * 1024, Duration::ZERO))),
            Manner::Stalls => std::future::pending().await,
            Manner::Closes | Manner::ClosesAtOnce | Manner::SpeaksFirst(_) => return,
            Manner::KeepsOpen(bytes) => {
                let _ = socket.write_all(bytes).await;
                continue;
            }
        };
        let _ = socket.write_all(&bytes).await;
        let Some((size, pause)) = more else { return };
        while socket.write_all(&vec![b' '; size]).await.is_ok() {
            tokio::time::sleep(pause).await;
        }
        return;
    }
}

/// One request, whole; nothing when the other side hangs up first.
async fn read(socket: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(text.into_owned());
            }
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// An answer with this status line, further headers and body.
pub(super) fn http(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}
