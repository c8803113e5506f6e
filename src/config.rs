//! The settings: flag beats environment beats `buttonhook.yaml`, and every mistake says where it stands and what to write.

mod calls;
mod read;
mod scrub;
mod secret;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use thiserror::Error;

pub use calls::{named_secret, named_setting};
pub use read::Given;
pub use scrub::scrubbed;
pub use secret::Secret;

/// Most sends per minute that a setting may ask for.
const RATE_PER_MINUTE_MAX: u32 = 60_000;
/// Longest time between two sends to one contact, and most sends at once, that a setting may ask for.
const PAIR_APART_SECS_MAX: u64 = 3600;
/// See [`PAIR_APART_SECS_MAX`].
const PAIR_BURST_MAX: u32 = 1000;
/// Shorter secrets can be guessed over the network, and their owners are told so.
const SECRET_CHARS_MIN: usize = 16;

/// A setting as people name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The environment variable.
    pub env: &'static str,
    /// The key in `buttonhook.yaml`.
    pub key: &'static str,
    /// The flag without its dashes; nothing for secrets, which would stand in the list of processes.
    pub flag: Option<&'static str>,
}

const fn open(env: &'static str, key: &'static str, flag: &'static str) -> Setting {
    Setting { env, key, flag: Some(flag) }
}

const fn secret(env: &'static str, key: &'static str) -> Setting {
    Setting { env, key, flag: None }
}

/// Where the public listener is.
pub const LISTEN: Setting = open("BUTTONHOOK_LISTEN", "listen", "listen");
/// Where the admin listener is.
pub const ADMIN_LISTEN: Setting = open("BUTTONHOOK_ADMIN_LISTEN", "admin_listen", "admin-listen");
/// What the admin listener asks for.
pub const ADMIN_TOKEN: Setting = secret("BUTTONHOOK_ADMIN_TOKEN", "admin_token");
/// Where the store is.
pub const STORE: Setting = open("BUTTONHOOK_STORE", "store", "store");
/// The secret part of the webhooks' path.
pub const WEBHOOK_SECRET: Setting = secret("BUTTONHOOK_WEBHOOK_SECRET", "webhook_secret");
/// What `POST /events/{name}` asks for.
pub const EVENTS_TOKEN: Setting = secret("BUTTONHOOK_EVENTS_TOKEN", "events_token");
/// Whether projects may call addresses of this machine and its network, unencrypted and on every port.
pub const CALLS_PRIVATE: Setting = open("BUTTONHOOK_CALLS_PRIVATE", "calls_private", "calls-private");
/// The ports that projects may call.
pub const CALLS_PORTS: Setting = open("BUTTONHOOK_CALLS_PORTS", "calls_ports", "calls-ports");
/// Where news of flows go.
pub const EMIT_URL: Setting = open("BUTTONHOOK_EMIT_URL", "emit_url", "emit-url");
/// What news are signed with.
pub const EMIT_SECRET: Setting = secret("BUTTONHOOK_EMIT_SECRET", "emit_secret");
/// The provider's address.
pub const XOBITO_BASE_URL: Setting = open("XOBITO_BASE_URL", "xobito_base_url", "xobito-base-url");
/// The workspace.
pub const XOBITO_SUBDOMAIN: Setting = open("XOBITO_SUBDOMAIN", "xobito_subdomain", "xobito-subdomain");
/// The API token.
pub const XOBITO_TOKEN: Setting = secret("XOBITO_TOKEN", "xobito_token");
/// What Flow A is signed with.
pub const XOBITO_SIGNING_SECRET: Setting = secret("XOBITO_SIGNING_SECRET", "xobito_signing_secret");
/// The token's pace.
pub const XOBITO_RATE: Setting = open("XOBITO_RATE_PER_MINUTE", "xobito_rate_per_minute", "xobito-rate-per-minute");

/// The pace towards one contact.
pub const XOBITO_PAIR_PACE: Setting = open("XOBITO_PAIR_PACE", "xobito_pair_pace", "xobito-pair-pace");

/// Every setting.
pub const ALL: &[Setting] = &[
    LISTEN,
    ADMIN_LISTEN,
    ADMIN_TOKEN,
    STORE,
    WEBHOOK_SECRET,
    EVENTS_TOKEN,
    CALLS_PRIVATE,
    CALLS_PORTS,
    EMIT_URL,
    EMIT_SECRET,
    XOBITO_BASE_URL,
    XOBITO_SUBDOMAIN,
    XOBITO_TOKEN,
    XOBITO_SIGNING_SECRET,
    XOBITO_RATE,
    XOBITO_PAIR_PACE,
];

/// How the host runs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The public listener.
    pub listen: SocketAddr,
    /// The admin listener.
    pub admin_listen: SocketAddr,
    /// What the admin listener asks for.
    pub admin_token: Option<Secret>,
    /// The embedded store's directory.
    pub store: PathBuf,
    /// The secrets of the webhooks' path; none when the host makes its own.
    pub webhook_secrets: Vec<Secret>,
    /// The tokens of the user's own systems; with none of them nobody tells events.
    pub events_tokens: Vec<Secret>,
    /// Whether projects may call addresses of this machine and its network, unencrypted and on every port: for trials.
    pub calls_private: bool,
    /// The ports that projects may call; 443 when nothing is set.
    pub calls_ports: Vec<u16>,
    /// Where news of flows go.
    pub emit: Option<EmitTo>,
    /// The workspace at the provider; nothing for the built-in sandbox.
    pub xobito: Option<Xobito>,
    /// What Flow A is signed with.
    pub signing_secret: Option<Secret>,
    /// What can be used but should not stay as it is.
    pub warnings: Vec<ConfigError>,
}

/// A workspace at Xobito.
#[derive(Debug, Clone)]
pub struct Xobito {
    /// The provider's address.
    pub base_url: String,
    /// The workspace.
    pub subdomain: String,
    /// The API token.
    pub token: Secret,
    /// Sends per minute.
    pub rate_per_minute: NonZeroU32,
    /// How long two sends to one contact keep apart in the long run, and how many may leave at once; nothing for no bound.
    pub pair_pace: Option<(Duration, NonZeroU32)>,
}

/// The user's own system, which flows tell their news. Whether both can be used is for the layer to say that sends them.
#[derive(Debug, Clone)]
pub struct EmitTo {
    /// Its address.
    pub url: String,
    /// What news are signed with.
    pub secret: Secret,
}

/// A setting that cannot be used. Never quotes a secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{place}: {problem}")]
pub struct ConfigError {
    /// Where it was set.
    pub place: String,
    /// What is wrong and what to write.
    pub problem: String,
}

impl ConfigError {
    fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { place: place.into(), problem: problem.into() }
    }
}

impl Settings {
    /// Reads the settings of the project in `project` from `flags` (by flag name), `env` and the project's `buttonhook.yaml`.
    ///
    /// # Errors
    /// When a setting cannot be used, a file named by a setting cannot be read, or two settings contradict each other.
    pub fn read(
        flags: BTreeMap<&'static str, String>,
        env: &dyn Fn(&str) -> Option<String>,
        project: &Path,
    ) -> Result<Self, ConfigError> {
        Self::from_given(&Given::collect(flags, env, project)?, project)
    }

    fn from_given(given: &Given, project: &Path) -> Result<Self, ConfigError> {
        let settings = Self {
            listen: address(given, LISTEN, "127.0.0.1:8080")?,
            admin_listen: address(given, ADMIN_LISTEN, "127.0.0.1:8081")?,
            admin_token: given.secret(ADMIN_TOKEN),
            store: store(given, project)?,
            webhook_secrets: webhook_secrets(given)?,
            events_tokens: events_tokens(given)?,
            calls_private: calls::private(given)?,
            calls_ports: calls::ports(given)?,
            emit: calls::emit(given)?,
            xobito: xobito(given)?,
            signing_secret: given.secret(XOBITO_SIGNING_SECRET),
            warnings: Vec::new(),
        };
        let settings = Self { warnings: settings.short_secrets(given), ..settings };
        if !settings.admin_listen.ip().is_loopback() && settings.admin_token.is_none() {
            return Err(ConfigError::new(
                given.place(ADMIN_LISTEN),
                format!(
                    "{} can be reached from other machines, and nothing asks who comes; set {} too, or listen on 127.0.0.1",
                    settings.admin_listen, ADMIN_TOKEN.env
                ),
            ));
        }
        Ok(settings)
    }
}

impl Settings {
    fn short_secrets(&self, given: &Given) -> Vec<ConfigError> {
        let admin = self.admin_token.iter().map(|token| (ADMIN_TOKEN, token));
        let events = self.events_tokens.iter().map(|token| (EVENTS_TOKEN, token));
        let all = self.webhook_secrets.iter().map(|secret| (WEBHOOK_SECRET, secret)).chain(admin).chain(events);
        let short = all.filter(|(_, secret)| secret.expose().chars().count() < SECRET_CHARS_MIN);
        let problem = format!("shorter than {SECRET_CHARS_MIN} characters, so it could be guessed; make a longer one");
        short.map(|(setting, _)| ConfigError::new(given.place(setting), problem.clone())).collect()
    }
}

fn address(given: &Given, setting: Setting, default: &str) -> Result<SocketAddr, ConfigError> {
    let text = given.text(setting).unwrap_or(default);
    text.replace("localhost:", "127.0.0.1:").parse().map_err(|_| {
        ConfigError::new(given.place(setting), format!("`{text}` is no address and port; write one like `{default}`"))
    })
}

fn store(given: &Given, project: &Path) -> Result<PathBuf, ConfigError> {
    let text = given.text(STORE).unwrap_or("./data");
    if text.contains("://") {
        // The address may hold a password, so it is not quoted.
        let problem = "this version keeps its store in a directory; write its path, for example `./data`";
        return Err(ConfigError::new(given.place(STORE), problem));
    }
    // A path in the project's file is relative to the project, one from the command line to where it was typed.
    Ok(if given.is_from_file(STORE) { project.join(text) } else { PathBuf::from(text) })
}

fn webhook_secrets(given: &Given) -> Result<Vec<Secret>, ConfigError> {
    listed(given, WEBHOOK_SECRET).into_iter().map(|secret| url_part(given, secret)).collect()
}

/// The parts of a secret setting that may hold several, comma-separated.
fn listed(given: &Given, setting: Setting) -> Vec<Secret> {
    let Some(listed) = given.secret(setting) else { return Vec::new() };
    listed.expose().split(',').map(str::trim).filter(|part| !part.is_empty()).map(Secret::new).collect()
}

fn events_tokens(given: &Given) -> Result<Vec<Secret>, ConfigError> {
    let tokens = listed(given, EVENTS_TOKEN);
    // What a header cannot carry could never be given.
    if tokens.iter().all(|token| token.expose().bytes().all(|b| b.is_ascii_graphic())) {
        return Ok(tokens);
    }
    let problem = "a token travels in a header; use letters, digits and signs of ASCII, without spaces";
    Err(ConfigError::new(given.place(EVENTS_TOKEN), problem))
}

fn url_part(given: &Given, secret: Secret) -> Result<Secret, ConfigError> {
    if secret.expose().bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~".contains(&b)) {
        return Ok(secret);
    }
    let problem = "a webhook secret is part of an address; use only letters, digits, `-`, `_`, `.` and `~`";
    Err(ConfigError::new(given.place(WEBHOOK_SECRET), problem))
}

fn xobito(given: &Given) -> Result<Option<Xobito>, ConfigError> {
    let (rate_per_minute, pair_pace) = (rate(given)?, pair_pace(given)?);
    match (given.text(XOBITO_SUBDOMAIN), given.secret(XOBITO_TOKEN)) {
        (None, None) => Ok(None),
        (Some(subdomain), Some(token)) => Ok(Some(Xobito {
            base_url: given.text(XOBITO_BASE_URL).unwrap_or("https://dash.xobito.com").to_owned(),
            subdomain: subdomain.to_owned(),
            token,
            rate_per_minute,
            pair_pace,
        })),
        (Some(_), None) => Err(one_without_the_other(given, XOBITO_SUBDOMAIN, XOBITO_TOKEN)),
        (None, Some(_)) => Err(one_without_the_other(given, XOBITO_TOKEN, XOBITO_SUBDOMAIN)),
    }
}

fn one_without_the_other(given: &Given, there: Setting, missing: Setting) -> ConfigError {
    let problem =
        format!("{} is missing beside it; set both for the real provider, or neither for the built-in sandbox", missing.env);
    ConfigError::new(given.place(there), problem)
}

fn rate(given: &Given) -> Result<NonZeroU32, ConfigError> {
    let text = given.text(XOBITO_RATE).unwrap_or("60");
    let rate = text.parse().ok().filter(|rate: &NonZeroU32| rate.get() <= RATE_PER_MINUTE_MAX);
    rate.ok_or_else(|| {
        let problem = format!("`{text}` is no number from 1 to {RATE_PER_MINUTE_MAX}; 60 is what Xobito grants by default");
        ConfigError::new(given.place(XOBITO_RATE), problem)
    })
}

fn pair_pace(given: &Given) -> Result<Option<(Duration, NonZeroU32)>, ConfigError> {
    let text = given.text(XOBITO_PAIR_PACE).unwrap_or("6s/45");
    if text == "off" {
        return Ok(None);
    }
    let parts = text.split_once('/').and_then(|(apart, burst)| {
        let apart: u64 = apart.trim().strip_suffix('s')?.trim().parse().ok()?;
        let burst: NonZeroU32 = burst.trim().parse().ok()?;
        Some((apart, burst))
    });
    let usable = parts.filter(|(apart, burst)| (1..=PAIR_APART_SECS_MAX).contains(apart) && burst.get() <= PAIR_BURST_MAX);
    match usable {
        Some((apart, burst)) => Ok(Some((Duration::from_secs(apart), burst))),
        None => Err(ConfigError::new(
            given.place(XOBITO_PAIR_PACE),
            format!(
                "`{text}` is no pace: write the seconds between two messages to one contact, and how many may leave at once, \
                 `6s/45` for example, with 1 to {PAIR_APART_SECS_MAX} seconds and 1 to {PAIR_BURST_MAX} messages; or `off`"
            ),
        )),
    }
}
