//! Starts chromedriver on a port of its own choice and sees to it that neither it nor its browser outlives the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};

const START: Duration = Duration::from_secs(30);
const ANSWER: Duration = Duration::from_secs(30);
const CHROMIUM: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// A running chromedriver with at most one session.
pub struct Driver {
    child: Child,
    port: u16,
    session: Option<String>,
    binary: PathBuf,
    profile: tempfile::TempDir,
}

/// The driver, or what is missing.
pub fn start() -> Result<Driver, String> {
    let binary = CHROMIUM.iter().find_map(|name| in_path(name)).ok_or("chromium is not in PATH")?;
    let program = in_path("chromedriver").ok_or("chromium is there, but chromedriver is not in PATH")?;
    let mut child =
        Command::new(program).arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("chromedriver starts");
    let (tell, told) = mpsc::channel();
    let out = child.stdout.take().expect("stdout is piped");
    // Reads on to the end, so that a full pipe never holds the driver up.
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            let port = line.split("successfully on port ").nth(1).map(|rest| rest.trim_end_matches('.').parse::<u16>());
            if let Some(Ok(port)) = port {
                let _ = tell.send(port);
            }
        }
    });
    let profile = tempfile::tempdir().expect("a directory for the browser's profile");
    let mut driver = Driver { child, port: 0, session: None, binary, profile };
    driver.port = told.recv_timeout(START).expect("chromedriver tells its port");
    Ok(driver)
}

fn in_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

impl Driver {
    /// Where the driver listens.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What the browser is started with: no screen, no traffic of its own, and its console kept.
    pub fn capabilities(&self) -> serde_json::Map<String, Value> {
        let profile = format!("--user-data-dir={}", Path::display(self.profile.path()));
        let switches = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-proxy-server",
            "--window-size=1280,860",
            &profile,
        ];
        let capabilities = json!({
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"binary": self.binary, "args": switches},
        });
        capabilities.as_object().expect("written as an object").clone()
    }

    /// Remembers the session, so that the browser is closed with the driver.
    pub fn owns(&mut self, session: String) {
        self.session = Some(session);
    }

    /// A command of chromedriver that the client library does not know: the member `value` of its answer. `path` is below the
    /// session.
    pub fn command(&self, method: &str, path: &str, body: &Value) -> Value {
        let session = self.session.as_deref().expect("a session was opened");
        let answer = self.request(method, &format!("/session/{session}{path}"), &body.to_string()).expect("chromedriver answers");
        serde_json::from_str::<Value>(&answer).expect("chromedriver answers JSON")["value"].take()
    }

    fn request(&self, method: &str, path: &str, body: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(ANSWER))?;
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            self.port,
            body.len()
        )?;
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        let mut line = String::new();
        while reader.read_line(&mut line)? > 2 {
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            line.clear();
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer)?;
        Ok(String::from_utf8_lossy(&answer).into_owned())
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Closing the session ends the browser; without that it would go on without its driver.
        if let Some(session) = &self.session {
            let _ = self.request("DELETE", &format!("/session/{session}"), "");
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
