//! A pretend Xobito over real HTTP, and the phones of the people who use it.
//!
//! The *provider* half answers what a host sends (`POST /api/v1/{subdomain}/messages/send` and its neighbours) with the checks,
//! the order of checks and the wire literals of the reference. The *phone* half is what a browser shows: chats, buttons to tap,
//! receipts, a clock to move, switches for what may go wrong. In between, webhooks go out as Xobito sends them: the forwarded
//! Meta body (Flow B) and the signed events (Flow A).
//!
//! Invariants:
//! - It is written from the reference alone and imports no other layer, not even the vocabulary: one misreading of the reference
//!   in the channel must not pass against the same misreading here.
//! - A refused send changes nothing; a send that was taken is in the person's chat before its answer leaves.
//! - The webhooks of one person go out one after the other, in the order in which things happened, per flow, unless a switch says otherwise.
//! - Everything is bounded (`limits.rs`), and every fault that a switch causes is counted.
//! - The only randomness is in the message ids; the only clock is the one in [`Settings`].
//!
//! It must never keep anything on disk, and never record the token.

mod chat;
mod faults;
mod ids;
mod limits;
mod message;
mod phone;
mod provider;
mod settings;
mod template;
mod webhook;
mod world;

pub use faults::{Faults, Garbage, IdShape, WindowFailure};
pub use settings::{Advance, Clock, Settings};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, broadcast, watch};
use world::World;

/// The pretend provider. Clones share one world.
#[derive(Clone)]
pub struct Sandbox {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    world: Mutex<World>,
    notes: broadcast::Sender<Note>,
    http: reqwest::Client,
    working: AtomicUsize,
    quiet: Notify,
    closing: watch::Sender<bool>,
}

/// A change that listeners of `GET /events` are told.
#[derive(Clone)]
enum Note {
    Message { phone: String, message: Arc<Value> },
    People,
    Reset,
    Clock,
}

impl Sandbox {
    /// A workspace with three invented people and empty chats. Webhooks are sent from the tokio runtime that serves the routers.
    pub fn new(settings: Settings) -> Sandbox {
        let http = reqwest::Client::builder()
            .timeout(limits::WEBHOOK_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("a client with nothing but a timeout needs no file and no network to be built");
        let mut world = World { webhook_url: settings.webhook_url.clone(), ..World::default() };
        world.board.set(settings.faults.clone());
        let sandbox = Sandbox {
            inner: Arc::new(Inner {
                settings,
                world: Mutex::new(world),
                notes: broadcast::channel(limits::EVENT_BACKLOG).0,
                http,
                working: AtomicUsize::new(0),
                quiet: Notify::new(),
                closing: watch::channel(false).0,
            }),
        };
        sandbox.invite_the_first_people();
        sandbox
    }

    /// The provider's side: `/api/v1/{subdomain}/…`.
    pub fn provider_router(&self) -> axum::Router {
        provider::router(self.clone())
    }

    /// The people's side, with paths relative to where it is mounted: `/contacts`, `/messages`, `/tap`, `/events`, ….
    pub fn phone_router(&self) -> axum::Router {
        phone::router(self.clone())
    }

    /// Sets where webhooks go from now on; `None` stops them.
    pub fn set_webhook_url(&self, url: Option<String>) {
        self.world().webhook_url = url;
    }

    /// The switches in force. The ones that count down show what is left.
    pub fn faults(&self) -> Faults {
        self.world().board.faults.clone()
    }

    /// Puts new switches in force, or says which one is out of its bounds.
    pub fn set_faults(&self, faults: Faults) -> Result<(), String> {
        faults.check()?;
        self.world().board.set(faults);
        Ok(())
    }

    /// How often a fault has happened, by the names that `GET /faults` lists under `happened`.
    pub fn happened(&self, fault: &str) -> u64 {
        self.world().board.happened.get(fault).copied().unwrap_or(0)
    }

    /// Posts any body through Flow B, once and past the queue: for tests of bodies that the phone cannot produce. Returns the
    /// answer's status, or why there was none.
    pub async fn deliver(&self, body: &Value) -> Result<u16, String> {
        let url = self.world().webhook_url.clone().ok_or(webhook::NO_ADDRESS)?;
        self.post(&url, body.to_string().into_bytes(), &[]).await
    }

    /// Waits until every receipt has been written and every webhook has been delivered or given up.
    pub async fn idle(&self) {
        loop {
            let quiet = self.inner.quiet.notified();
            tokio::pin!(quiet);
            // Listening begins before the look, so that the last worker cannot end unseen in between.
            quiet.as_mut().enable();
            if self.inner.working.load(Ordering::Acquire) == 0 {
                return;
            }
            quiet.await;
        }
    }

    /// Ends event streams and requests that are held open, so that a server around the routers can stop in good order.
    pub fn close(&self) {
        self.inner.closing.send_replace(true);
    }

    /// The time on the sandbox's clock.
    pub fn now(&self) -> Timestamp {
        let ahead = self.world().ahead;
        self.tell(ahead)
    }

    fn tell(&self, ahead: SignedDuration) -> Timestamp {
        let now = (self.inner.settings.clock)();
        now.checked_add(ahead).unwrap_or(now)
    }

    fn world(&self) -> MutexGuard<'_, World> {
        // No code between lock and unlock leaves the world half changed, so a panic elsewhere is no reason to stop answering.
        self.inner.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Marks background work for [`Sandbox::idle`] until it is dropped.
    fn work(&self) -> Work {
        self.inner.working.fetch_add(1, Ordering::AcqRel);
        Work(self.clone())
    }

    async fn closed(&self) {
        let mut closing = self.inner.closing.subscribe();
        // An error means that the sender is gone, and with it the sandbox: closed as well.
        let _ = closing.wait_for(|closing| *closing).await;
    }
}

struct Work(Sandbox);

impl Drop for Work {
    fn drop(&mut self) {
        if self.0.inner.working.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.inner.quiet.notify_waiters();
        }
    }
}

/// Serves the provider at `/` and the phones at `/phone` until `stop` resolves, then finishes what is open.
///
/// # Errors
/// When the listener fails.
pub async fn run(
    listener: tokio::net::TcpListener,
    sandbox: Sandbox,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let router = sandbox.provider_router().nest("/phone", sandbox.phone_router());
    axum::serve(listener, router)
        .with_graceful_shutdown(async move {
            stop.await;
            sandbox.close();
        })
        .await
}
