//! What projects may call from this machine, whom they tell their news, and the secrets that are kept for them.

use std::path::Path;

use super::read::read_secret;
use super::{CALLS_HOSTS, CALLS_PORTS, CALLS_PRIVATE, ConfigError, EMIT_SECRET, EMIT_URL, EmitTo, Given, Secret, Setting};
use crate::model::HostPattern;

/// The port of encrypted HTTP.
const HTTPS: u16 = 443;
/// Hosts that can be listed.
const HOSTS_MAX: usize = 64;
/// Ports that can be listed.
const PORTS_MAX: usize = 16;
/// What the names of projects' secrets begin with.
const SECRETS: &str = "BUTTONHOOK_SECRET_";

pub(super) fn private(given: &Given) -> Result<bool, ConfigError> {
    not_from_the_project(given, CALLS_PRIVATE)?;
    match given.text(CALLS_PRIVATE) {
        None | Some("off") => Ok(false),
        Some("on") => Ok(true),
        Some(other) => Err(ConfigError::new(given.place(CALLS_PRIVATE), format!("`{other}` is neither `on` nor `off`"))),
    }
}

pub(super) fn ports(given: &Given) -> Result<Vec<u16>, ConfigError> {
    not_from_the_project(given, CALLS_PORTS)?;
    let Some(listed) = given.text(CALLS_PORTS) else { return Ok(vec![HTTPS]) };
    let ports: Option<Vec<u16>> = listed.split(',').map(|port| port.trim().parse().ok().filter(|port| *port > 0)).collect();
    ports.filter(|ports| ports.len() <= PORTS_MAX).ok_or_else(|| {
        let problem = format!("`{listed}` is no list of at most {PORTS_MAX} ports; write it like `443, 8443`");
        ConfigError::new(given.place(CALLS_PORTS), problem)
    })
}

pub(super) fn hosts(given: &Given) -> Result<Option<Vec<HostPattern>>, ConfigError> {
    not_from_the_project(given, CALLS_HOSTS)?;
    let Some(listed) = given.text(CALLS_HOSTS) else { return Ok(None) };
    let hosts: Option<Vec<HostPattern>> = listed.split(',').map(|host| HostPattern::parse(host.trim())).collect();
    hosts.filter(|hosts| hosts.len() <= HOSTS_MAX).map(Some).ok_or_else(|| {
        let problem =
            format!("`{listed}` is no list of at most {HOSTS_MAX} hosts; write it like `api.example.com, *.shop.example`");
        ConfigError::new(given.place(CALLS_HOSTS), problem)
    })
}

pub(super) fn emit(given: &Given) -> Result<Option<EmitTo>, ConfigError> {
    not_from_the_project(given, EMIT_URL)?;
    let missing = |there: Setting, missing: Setting| {
        let problem = format!("{} is missing beside it; set both to be told what flows emit, or neither", missing.env);
        Err(ConfigError::new(given.place(there), problem))
    };
    match (given.text(EMIT_URL), given.secret(EMIT_SECRET)) {
        (None, None) => Ok(None),
        (Some(url), Some(secret)) => Ok(Some(EmitTo { url: url.to_owned(), secret })),
        (Some(_), None) => missing(EMIT_URL, EMIT_SECRET),
        (None, Some(_)) => missing(EMIT_SECRET, EMIT_URL),
    }
}

/// Whoever writes flows is trusted with conversations, and not with the network around this machine.
fn not_from_the_project(given: &Given, setting: Setting) -> Result<(), ConfigError> {
    if !given.is_from_file(setting) {
        return Ok(());
    }
    let problem = format!(
        "a project cannot say itself what may be reached from this machine; set the environment variable {} instead",
        setting.env
    );
    Err(ConfigError::new(given.place(setting), problem))
}

/// The environment variable for the secret that a project calls `name`; with `_FILE` behind it, of the file that holds it.
pub fn named_setting(name: &str) -> String {
    format!("{SECRETS}{}", name.to_ascii_uppercase().replace('-', "_"))
}

/// The secret that a project calls `name`, read anew at each call; nothing when none is set.
///
/// # Errors
/// When it is in a file that cannot be read.
pub fn named_secret(name: &str, env: &dyn Fn(&str) -> Option<String>) -> Result<Option<Secret>, ConfigError> {
    let setting = named_setting(name);
    let set = |name: &str| env(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if let Some(text) = set(&setting) {
        return Ok(Some(Secret::new(text)));
    }
    let file = format!("{setting}_FILE");
    set(&file).map(|path| read_secret(Path::new(&path), &format!("environment variable {file}"))).transpose()
}
