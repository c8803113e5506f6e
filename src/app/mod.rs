//! The composition root: opens everything, owns every loop, stops in order.
//!
//! Invariants: loops exist only here; they sleep until they are woken or something falls due, and a lost wake-up costs latency
//! only. What is opened first is closed last. Nothing of a conversation is decided here.
//!
//! It must never keep facts: after `kill -9` at any moment the store tells everything.

mod backup;
mod bind;
mod keys;
mod loops;
mod project;
mod provider;
mod pulse;
mod requests;
pub mod sandbox;
mod say;
mod stop;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::watch;

use crate::config::{Secret, Settings};
use crate::failpoint;
use crate::flow::button::Signer;
use crate::http::admin::{self, Admin};
use crate::http::{Limits, Secrets, XobitoReader, public, serve};
use crate::runtime::{Clock, Insight, Intake, Requests, Sender, Wakes};
use crate::store::{Embedded, Store, StoreError};
use crate::studio;

use project::Project;

pub use backup::{BackedUp, backup};
pub use loops::LANES;
pub use stop::Stop;

/// How long a stop waits for open requests and sends. Longer than a channel's own time limit: what is cut off becomes doubtful.
const DRAIN: Duration = Duration::from_secs(40);

/// What `run` is asked to do.
#[derive(Debug, Clone)]
pub struct Options {
    /// The directory with `flows/` and `scripts/`.
    pub project: PathBuf,
    /// The settings.
    pub settings: Settings,
    /// Whether nothing is printed but what is wrong.
    pub quiet: bool,
    /// Where to write the addresses in use as JSON, for whoever started us with port 0.
    pub addresses_file: Option<PathBuf>,
}

/// Why the host did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The project has errors; they were printed.
    #[error("the project has errors, so nothing was started")]
    Project,
    /// There is no project. Says what to do.
    #[error("{0}")]
    NoProject(String),
    /// Something outside is missing or taken. Says what to do.
    #[error("{0}")]
    Outside(String),
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Outside(error.to_string())
    }
}

/// Runs the host on the project until `stop` is asked for, and returns once everything is stored and
/// closed.
///
/// # Errors
/// When it cannot start. Once it runs, trouble is logged and lived with.
pub async fn run(options: Options, stop: Stop) -> Result<(), StartError> {
    let clock = Clock::system();
    // The project first: its mistakes are the most likely reason not to start, and finding them leaves no trace.
    let project = Project::load(options.project.clone(), &clock).await?;
    let store: Arc<dyn Store> = Arc::new(Embedded::open(&options.settings.store)?);
    let outcome = with_store(&options, &clock, &store, project, stop).await;
    store.close().await;
    outcome
}

async fn with_store(
    options: &Options,
    clock: &Clock,
    store: &Arc<dyn Store>,
    project: Project,
    stop: Stop,
) -> Result<(), StartError> {
    let settings = &options.settings;
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    let gap = pulse::gap(store, clock.now()).await?;
    let signer = Signer::new(&keys::button_key(store).await?);
    let secrets = keys::webhook_secrets(store, settings).await?;
    let listener = bind::bind(settings.listen, &crate::config::LISTEN).await?;
    let admin_listener = bind::bind(settings.admin_listen, &crate::config::ADMIN_LISTEN).await?;
    let addresses = Addresses { public: bind::address(&listener)?, admin: bind::address(&admin_listener)? };

    let (stopping, stopped) = watch::channel(false);
    let provider = provider::open(settings, clock, addresses.public, secrets.first(), stopped.clone()).await?;
    let wakes = Arc::new(Wakes::default());
    let meter = project.meter();
    let intake = Intake::new(store.clone(), clock.clone(), wakes.clone()).with_meter(meter.clone());
    let reader = Arc::new(XobitoReader::new(provider.signing_secret.clone()));
    let tokens = Secrets::new(settings.events_tokens.iter().map(|token| token.expose()));
    let public = public::router(reader, Secrets::new(secrets.iter().map(|secret| secret.expose())), tokens, intake.clone());
    let sender = Sender::new(store.clone(), provider.channel, clock.clone(), provider.pace)
        .with_pairs(provider.pairs)
        .with_meter(meter.clone());
    let web = Arc::new(requests::client(settings, &project)?);
    let requests = Requests::new(store.clone(), web, clock.clone(), wakes.clone());
    let admin = Admin {
        intake,
        insight: Insight::new(store.clone()),
        sender: sender.clone(),
        wakes: wakes.clone(),
        meter: meter.clone(),
        gap,
        clock: clock.clone(),
        live: project.view(),
        started_at: clock.now(),
        channel: sender.channel().name().to_owned(),
        sandbox: provider.sandbox.is_some(),
        webhook_path: webhook_path(secrets.first()).into(),
        stop: stopped.clone(),
    };
    let phone = provider.sandbox.as_ref().map(|sandbox| sandbox.phone_router());
    let token = settings.admin_token.as_ref().map(|token| token.to_secret_string());
    let admin = admin::router(admin, studio::router(), phone, addresses.admin, token);

    let serving = [
        tokio::spawn(serve(listener, public, Limits::default(), stopped.clone())),
        tokio::spawn(serve(admin_listener, admin, Limits::default(), stopped.clone())),
    ];
    // Before anything is sent: where it fails, nothing must be under way.
    say::started(options, &addresses, &secrets, provider.sandbox.is_some())?;
    let parts = loops::Parts { store: store.clone(), project, signer, sender, requests, clock: clock.clone(), wakes, meter };
    let loops = loops::start(parts, &stopped);

    stop.asked().await;
    tracing::info!("stopping: no more requests are taken, open ones are finished");
    stopping.send_replace(true);
    failpoint::reached("stop.draining");
    if let Some(sandbox) = &provider.sandbox {
        sandbox.close();
    }
    let drained = async {
        for served in serving {
            say::ended(served.await);
        }
        loops.finish().await;
    };
    if tokio::time::timeout(DRAIN, drained).await.is_err() {
        tracing::warn!("some requests or sends took longer than {} s and were cut off", DRAIN.as_secs());
    }
    Ok(())
}

/// Where the provider posts to on the public listener.
fn webhook_path(secret: Option<&Secret>) -> String {
    format!("/webhooks/xobito/{}", secret.map_or("", Secret::expose))
}

/// The addresses in use.
#[derive(Debug, Clone, Copy, serde::Serialize)]
struct Addresses {
    public: SocketAddr,
    admin: SocketAddr,
}
