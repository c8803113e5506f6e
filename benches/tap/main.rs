//! A tap end to end over real HTTP with every commit on disk: webhook in, answer 200, turn, send out at a provider in this
//! process. Next to it in the same run a minimal program written by hand for this one menu (`reference.rs`), so that ratios can
//! be told on any machine. `cargo bench --bench tap`
//!
//! Generator, provider and host share the processors; CPU is therefore counted by thread, for the side that is measured only.
#![allow(missing_docs, clippy::unwrap_used)]

mod load;
mod reference;

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use buttonhook::app::{self, Options, Stop};
use buttonhook::config::{Secret, Settings, Xobito};
use load::{Figures, Phones};

/// The secret in the webhook's path, long enough for the settings.
pub const SECRET: &str = "a-secret-for-the-bench-alone";
const LASTS: Duration = Duration::from_secs(6);
const CONNECTIONS: [usize; 3] = [1, 16, 64];
/// Taps per second that arrive whether or not those before them are answered.
const RATE: u32 = 300;

const FLOW: &str = "buttonhook: 1
flow: shop
start:
  words: [hi]
steps:
  menu:
    say: \"Hello {contact.firstname | there}! What can we do for you?\"
    buttons:
      on: {title: Go on, go: more}
      about: {title: About us, go: more}
  more:
    say: We are open from nine to five, every day but Sunday.
    buttons:
      back: {title: Back, go: menu}
      again: {title: Once more, go: more}
";

fn main() {
    let load = runtime("load");
    let (phones, provider) = load.block_on(load::provider());
    println!(
        "{:<26} {:>8} {:>9} {:>9} {:>9} {:>9} {:>11}",
        "", "taps/s", "ack p50", "ack p99", "send p50", "send p99", "CPU per tap"
    );
    let host = Side::start("buttonhook", &["host", "store-"], |directory, ready| host(directory, provider, ready));
    let ours = measure(&load, &phones, &host);
    host.stop();
    let by_hand = Side::start("by hand", &["reference"], |directory, ready| reference::start(directory, provider, ready));
    let theirs = measure(&load, &phones, &by_hand);
    by_hand.stop();
    println!("\nBy hand as a multiple of Buttonhook");
    for ((name, ours), (_, theirs)) in ours.iter().zip(&theirs) {
        let ratio = |ours: f64, theirs: f64| ours / theirs;
        println!(
            "{name:<26} throughput {:.2}, send p50 {:.2}, CPU per tap {:.2}",
            ratio(theirs.per_second, ours.per_second),
            ratio(theirs.sent.0, ours.sent.0),
            ratio(theirs.cpu_us, ours.cpu_us)
        );
    }
}

/// What is measured: where it listens, whose threads it is, how it ends.
pub struct Side {
    name: &'static str,
    threads: &'static [&'static str],
    address: SocketAddr,
    end: Box<dyn FnOnce()>,
    _directory: tempfile::TempDir,
}

/// Says where a side listens.
pub type Ready = std::sync::mpsc::Sender<SocketAddr>;

impl Side {
    fn start(
        name: &'static str,
        threads: &'static [&'static str],
        start: impl FnOnce(&Path, Ready) -> Box<dyn FnOnce()>,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (ready, at) = std::sync::mpsc::channel();
        let end = start(directory.path(), ready);
        Self { name, threads, address: at.recv().unwrap(), end, _directory: directory }
    }

    fn stop(self) {
        (self.end)();
    }
}

fn measure(load: &tokio::runtime::Runtime, phones: &Arc<Phones>, side: &Side) -> Vec<(String, Figures)> {
    load.block_on(phones.greet(side.address));
    let mut rows = Vec::new();
    for connections in CONNECTIONS {
        let cpu = || cpu_us(side.threads);
        let figures = load.block_on(phones.closed_loop(side.address, connections, LASTS, cpu));
        rows.push((format!("{connections} at once"), figures));
    }
    let figures = load.block_on(phones.open_loop(side.address, RATE, LASTS, || cpu_us(side.threads)));
    rows.push((format!("{RATE} per second"), figures));
    for (name, Figures { per_second, ack, sent, cpu_us }) in &rows {
        let what = format!("{}, {name}", side.name);
        let ((ack_50, ack_99), (sent_50, sent_99)) = (ack, sent);
        println!(
            "{what:<26} {per_second:>8.0} {ack_50:>6.2} ms {ack_99:>6.2} ms {sent_50:>6.2} ms {sent_99:>6.2} ms {cpu_us:>8.0} µs"
        );
    }
    rows
}

/// The host as `buttonhook run` starts it.
fn host(directory: &Path, provider: SocketAddr, ready: Ready) -> Box<dyn FnOnce()> {
    let (project, addresses) = (directory.join("project"), directory.join("addresses.json"));
    std::fs::create_dir_all(project.join("flows")).unwrap();
    std::fs::write(project.join("flows/shop.yaml"), FLOW).unwrap();
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let xobito = Xobito {
        base_url: format!("http://{provider}"),
        subdomain: "tests".to_owned(),
        token: Secret::new("1|a-token-for-the-bench-alone"),
        rate_per_minute: NonZeroU32::MAX,
        pair_pace: None,
    };
    let settings = Settings {
        events_tokens: Vec::new(),
        calls_private: false,
        calls_ports: vec![443],
        emit: None,
        listen: any,
        admin_listen: any,
        admin_token: None,
        store: directory.join("store"),
        webhook_secrets: vec![Secret::new(SECRET)],
        xobito: Some(xobito),
        signing_secret: None,
        warnings: Vec::new(),
    };
    let options = Options { project, settings, quiet: true, addresses_file: Some(addresses.clone()) };
    let (ask, stop) = Stop::by_hand();
    let runs = std::thread::spawn(move || runtime("host").block_on(app::run(options, stop)).unwrap());
    let written = loop {
        match std::fs::read(&addresses) {
            Ok(written) => break written,
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let addresses: serde_json::Value = serde_json::from_slice(&written).unwrap();
    ready.send(addresses["public"].as_str().unwrap().parse().unwrap()).unwrap();
    Box::new(move || {
        ask.send_replace(true);
        runs.join().unwrap();
    })
}

pub fn runtime(name: &str) -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).thread_name(name).enable_all().build().unwrap()
}

/// What the threads whose names begin so have used, in microseconds. Linux counts it in hundredths of a second.
fn cpu_us(names: &[&str]) -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let ticks = tasks.filter_map(|task| {
        let stat = std::fs::read_to_string(task.ok()?.path().join("stat")).ok()?;
        let (before, after) = stat.rsplit_once(')')?;
        let name = before.split_once('(')?.1;
        names.iter().any(|one| name.starts_with(one)).then_some(())?;
        let fields: Vec<&str> = after.split_whitespace().collect();
        Some(fields[11].parse::<f64>().ok()? + fields[12].parse::<f64>().ok()?)
    });
    ticks.sum::<f64>() * 10_000.0
}
