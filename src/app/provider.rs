//! The provider that is talked to: the real one, or the built-in sandbox.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use secrecy::SecretString;
use tokio::sync::watch;

use super::{StartError, bind};
use crate::channel::Channel;
use crate::channel::xobito::{self, XobitoChannel};
use crate::config::{Secret, Settings, XOBITO_BASE_URL, Xobito};
use crate::http::{Limits, serve};
use crate::runtime::{Clock, Pace, PairPace};
use crate::sandbox::{self, Sandbox};

/// Both directions of a provider.
pub(super) struct Provider {
    pub(super) channel: Arc<dyn Channel>,
    pub(super) pace: Pace,
    pub(super) pairs: PairPace,
    pub(super) signing_secret: Option<SecretString>,
    /// There when the provider is the built-in one.
    pub(super) sandbox: Option<Sandbox>,
}

/// The real provider where the settings name one, else a sandbox whose webhooks come to `public`.
pub(super) async fn open(
    settings: &Settings,
    clock: &Clock,
    public: SocketAddr,
    secret: Option<&Secret>,
    stopped: watch::Receiver<bool>,
) -> Result<Provider, StartError> {
    let signing_secret = settings.signing_secret.as_ref().map(Secret::to_secret_string);
    match &settings.xobito {
        Some(xobito) => real(xobito, signing_secret),
        None => built_in(clock, public, secret, signing_secret, stopped).await,
    }
}

fn real(xobito: &Xobito, signing_secret: Option<SecretString>) -> Result<Provider, StartError> {
    Ok(Provider {
        channel: Arc::new(channel(xobito.base_url.clone(), &xobito.subdomain, &xobito.token)?),
        pace: Pace::per_minute(xobito.rate_per_minute),
        pairs: xobito.pair_pace.map_or_else(PairPace::off, |(apart, burst)| PairPace::new(apart, burst)),
        signing_secret,
        sandbox: None,
    })
}

async fn built_in(
    clock: &Clock,
    public: SocketAddr,
    secret: Option<&Secret>,
    signing_secret: Option<SecretString>,
    stopped: watch::Receiver<bool>,
) -> Result<Provider, StartError> {
    use secrecy::ExposeSecret;
    let listener = bind::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), &XOBITO_BASE_URL).await?;
    let address = bind::address(&listener)?;
    let (now, advance) = (clock.clone(), clock.clone());
    let webhook = format!("http://{}/webhooks/xobito/{}", reachable(public), secret.map_or("", Secret::expose));
    let sandbox = Sandbox::new(sandbox::Settings {
        signing_secret: signing_secret.as_ref().map(|secret| secret.expose_secret().to_owned()),
        webhook_url: Some(webhook),
        clock: Arc::new(move || now.now()),
        on_advance: Some(Arc::new(move |by| advance.advance(by))),
        // A person trying a flow should not wait for the provider's pace.
        rate_per_minute: 0,
        ..sandbox::Settings::default()
    });
    let defaults = sandbox::Settings::default();
    let channel = channel(format!("http://{address}"), &defaults.subdomain, &Secret::new(defaults.token))?;
    tokio::spawn(serve(listener, sandbox.provider_router(), Limits::default(), stopped));
    Ok(Provider {
        channel: Arc::new(channel),
        pace: Pace::unlimited(),
        pairs: PairPace::off(),
        signing_secret,
        sandbox: Some(sandbox),
    })
}

fn channel(base_url: String, subdomain: &str, token: &Secret) -> Result<XobitoChannel, StartError> {
    let settings = xobito::Settings::new(base_url, subdomain, token.to_secret_string());
    XobitoChannel::new(settings).map_err(|error| StartError::Outside(error.to_string()))
}

/// Where a listener on every address can be reached from this machine.
fn reachable(listen: SocketAddr) -> SocketAddr {
    if listen.ip().is_unspecified() { SocketAddr::from((Ipv4Addr::LOCALHOST, listen.port())) } else { listen }
}
