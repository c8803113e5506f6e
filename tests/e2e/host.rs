//! The host as a process: started on ports that the system chooses, killed, and started again on the same ones.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

/// The secret in the webhooks' path.
pub const SECRET: &str = "a-secret-for-tests-0123456789";
/// What Flow A is signed with.
pub const SIGNING_SECRET: &str = "a-signing-secret-for-tests";

/// No test waits longer than this for anything.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What a host starts from: a project, a store, and its environment.
pub struct Setup {
    dir: tempfile::TempDir,
    env: Vec<(&'static str, String)>,
    /// Whether the process outlives a write beyond its limit on the size of files.
    small_files: bool,
}

impl Setup {
    /// A project with this one flow, on the built-in sandbox.
    pub fn new(flow: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("project/flows")).unwrap();
        std::fs::create_dir_all(dir.path().join("project/scripts")).unwrap();
        let env = vec![
            ("BUTTONHOOK_WEBHOOK_SECRET", SECRET.to_owned()),
            ("XOBITO_SIGNING_SECRET", SIGNING_SECRET.to_owned()),
            ("BUTTONHOOK_LISTEN", "127.0.0.1:0".to_owned()),
            ("BUTTONHOOK_ADMIN_LISTEN", "127.0.0.1:0".to_owned()),
        ];
        let setup = Self { dir, env, small_files: false };
        setup.save(flow);
        setup
    }

    /// With the provider at `address` instead of the built-in sandbox, and no pace to wait for.
    pub fn provider(self, address: SocketAddr) -> Self {
        self.env("XOBITO_BASE_URL", format!("http://{address}"))
            .env("XOBITO_SUBDOMAIN", "tests")
            .env("XOBITO_TOKEN", "a-token-for-tests-0123456789")
            .env("XOBITO_RATE_PER_MINUTE", "60000")
            .env("XOBITO_PAIR_PACE", "off")
    }

    /// In a process that is told, and not killed, when a file may grow no further.
    pub fn living_with_small_files(self) -> Self {
        Self { small_files: true, ..self }
    }

    /// With an environment variable; a later value of the same name wins.
    pub fn env(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.env.retain(|(known, _)| *known != name);
        self.env.push((name, value.into()));
        self
    }

    /// Saves the project's flow the way editors do: beside it, then moved into place.
    pub fn save(&self, flow: &str) {
        let (part, path) = (self.dir.path().join("project/part"), self.project().join("flows/echo.yaml"));
        std::fs::write(&part, flow).unwrap();
        std::fs::rename(part, path).unwrap();
    }

    /// Puts another file into the project.
    pub fn file(self, path: &str, text: &str) -> Self {
        std::fs::write(self.project().join(path), text).unwrap();
        self
    }

    /// The project's directory.
    pub fn project(&self) -> PathBuf {
        self.dir.path().join("project")
    }

    /// The store's directory.
    pub fn store(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    /// The command, before it is started.
    pub fn command(&self) -> Command {
        let mut command = if self.small_files { outliving_small_files() } else { binary() };
        command.arg("run").arg(self.project());
        command.arg("--addresses-file").arg(self.addresses_file()).arg("--store").arg(self.store());
        command.envs(self.env.iter().map(|(name, value)| (*name, value.as_str())));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs it to its end, which is for hosts that cannot start: exit code and standard error.
    pub fn fails(&self) -> (Option<i32>, String) {
        let output = self.command().output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    fn addresses_file(&self) -> PathBuf {
        self.dir.path().join("addresses.json")
    }
}

/// The binary with nothing of the outer environment that it would read.
pub fn binary() -> Command {
    without_environment(Command::new(env!("CARGO_BIN_EXE_buttonhook")))
}

/// The same, with the signal ignored that would kill it at its limit on the size of files.
fn outliving_small_files() -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_buttonhook")]);
    without_environment(shell)
}

fn without_environment(mut command: Command) -> Command {
    for name in ["RUST_LOG", "NO_COLOR"] {
        command.env_remove(name);
    }
    for setting in buttonhook::config::ALL {
        command.env_remove(setting.env).env_remove(format!("{}_FILE", setting.env));
    }
    command
}

/// A host that runs. Killed when it is dropped.
pub struct Host {
    /// What it was started from; the same store and project serve the next start.
    pub setup: Setup,
    /// Where webhooks go.
    pub public: SocketAddr,
    /// Where the status is.
    pub admin: SocketAddr,
    child: Child,
    /// What it writes to its standard error, once it has ended.
    log: mpsc::Receiver<String>,
}

#[derive(Deserialize)]
struct Addresses {
    public: SocketAddr,
    admin: SocketAddr,
}

impl Host {
    /// Starts a host and returns once it listens.
    pub async fn start(setup: Setup) -> Self {
        tokio::task::spawn_blocking(move || Self::start_blocking(setup)).await.unwrap()
    }

    fn start_blocking(setup: Setup) -> Self {
        let mut child = setup.command().spawn().unwrap();
        let log = collect(child.stderr.take().unwrap());
        // The line about the addresses comes when everything listens; its end, when the host did not start.
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let Ok(text) = std::fs::read_to_string(setup.addresses_file()) else {
            let _ = child.wait();
            panic!("the host did not start: {}", log.recv_timeout(PATIENCE).unwrap_or_default());
        };
        assert!(line.contains("http://"), "the first line names no address: {line:?}");
        let Addresses { public, admin } = serde_json::from_str(&text).unwrap();
        // Nobody reads on, and the pipe must not fill up.
        std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        Self { setup, public, admin, child, log }
    }

    /// Where a webhook of this host goes.
    pub fn webhook(&self) -> String {
        format!("http://{}/webhooks/xobito/{SECRET}", self.public)
    }

    /// Posts a webhook body and gives the status of the answer.
    pub async fn post(&self, body: &Value) -> u16 {
        super::client::http().post(self.webhook()).json(body).send().await.unwrap().status().as_u16()
    }

    /// `GET /status`.
    pub async fn status(&self) -> Value {
        super::client::http().get(format!("http://{}/status", self.admin)).send().await.unwrap().json().await.unwrap()
    }

    /// Asks for the status until `done` says so, because what it shows happens at its own pace.
    pub async fn status_when(&self, done: impl Fn(&Value) -> bool) -> Value {
        let until = tokio::time::Instant::now() + PATIENCE;
        loop {
            let status = self.status().await;
            if done(&status) {
                return status;
            }
            assert!(tokio::time::Instant::now() < until, "the status never came to it: {status:#}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// `kill -9`, and the setup for the next start on the same ports.
    pub async fn kill(mut self) -> Setup {
        self.child.kill().unwrap();
        let (setup, _, _) = self.ended().await;
        setup
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has come to its end, by itself or not.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// SIGTERM; returns at once.
    pub fn terminate(&self) {
        signal(&self.child, "TERM");
    }

    /// SIGINT; returns at once.
    pub fn interrupt(&self) {
        signal(&self.child, "INT");
    }

    /// Waits for its end: the setup for the next start on the same ports, the exit status, and the log.
    pub async fn ended(mut self) -> (Setup, ExitStatus, String) {
        tokio::task::spawn_blocking(move || {
            let log = self.log.recv_timeout(PATIENCE).expect("the host ends");
            let status = self.child.wait().unwrap();
            let (public, admin) = (self.public.to_string(), self.admin.to_string());
            let setup =
                std::mem::replace(&mut self.setup, Setup { dir: tempfile::tempdir().unwrap(), env: vec![], small_files: false });
            std::fs::remove_file(setup.addresses_file()).unwrap();
            (setup.env("BUTTONHOOK_LISTEN", public).env("BUTTONHOOK_ADMIN_LISTEN", admin), status, log)
        })
        .await
        .unwrap()
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("the host's log:\n{}", self.log.recv_timeout(PATIENCE).unwrap_or_default());
        }
    }
}

fn collect(mut from: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        let _ = tell.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    told
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(child.id().to_string()).status().unwrap();
    assert!(sent.success());
}

/// Every byte below `dir`, for tests of what must not be there.
pub fn everything_in(dir: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.is_file()).flat_map(|path| std::fs::read(path).unwrap()).collect()
}
