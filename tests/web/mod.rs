//! Calls and news over real HTTP, against a pretend shop on loopback that counts who comes.

mod addresses;
mod answers;
mod head;
mod killed;
mod news;
pub(crate) mod shop;
pub(crate) mod whole;

use std::collections::BTreeMap;
use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use buttonhook::model::{Call, HostPattern, Hosts, HttpRequest, RequestKey, SignIn};
use buttonhook::web::{Client, Lookup, Reply, Rules, Settings, Web};

use shop::{Act, Shop};

const SECRET: &str = "a-secret-that-nobody-may-see";

/// Hosts as a project would allow them, with one way to sign in.
fn hosts(allowed: &[&str]) -> Hosts {
    let patterns: Vec<HostPattern> = allowed.iter().map(|host| HostPattern::parse(host).unwrap()).collect();
    let sign_in = SignIn { header: "Authorization".to_owned(), value: "Bearer {secret}".to_owned(), hosts: patterns.clone() };
    Hosts { allowed: patterns, sign_in: BTreeMap::from([("shop".to_owned(), sign_in)]) }
}

fn settings(hosts: Hosts, private: bool) -> Settings {
    let hosts = Arc::new(hosts);
    let keys = |name: &str| match name {
        "shop" => Ok(SECRET.to_owned().into()),
        _ => Err("no secret is set under that name".to_owned()),
    };
    let mut settings = Settings::new(Arc::new(move || hosts.clone()), Arc::new(keys));
    settings.rules = Rules { private, ..Rules::default() };
    settings
}

/// A client for trials that may call loopback under these names.
fn trial(allowed: &[&str]) -> Client {
    Client::new(settings(hosts(allowed), true)).unwrap()
}

fn get(url: impl Into<String>) -> Call {
    let request = HttpRequest { method: "GET".to_owned(), url: url.into(), ..HttpRequest::default() };
    Call { nth: 0, request, wait_ms: 2_000, tries: 1 }
}

async fn ask(client: &Client, call: &Call) -> Reply {
    client.call(&RequestKey("7-3-r0".to_owned()), call).await
}

/// Names that lead where a test says: to the next of these at each look-up, at last for ever.
struct Names {
    answers: Mutex<Vec<Vec<IpAddr>>>,
    asked: AtomicUsize,
}

impl Names {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let mut answers: Vec<Vec<IpAddr>> =
            answers.iter().map(|answer| answer.iter().map(|address| address.parse().unwrap()).collect()).collect();
        answers.reverse();
        Arc::new(Self { answers: Mutex::new(answers), asked: AtomicUsize::new(0) })
    }
}

#[async_trait]
impl Lookup for Names {
    async fn lookup(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mut answers = self.answers.lock().unwrap();
        Ok(if answers.len() > 1 { answers.pop().unwrap() } else { answers[0].clone() })
    }
}
