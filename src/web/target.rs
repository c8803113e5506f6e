//! Where a call goes. One parser reads the address, and what it read is what is used.

use reqwest::Url;
use std::net::IpAddr;

use super::resolve::may_connect;
use crate::model::{HostPattern, Hosts, limits};

/// What the operator of this machine lets projects call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Also addresses of this machine and its network, unencrypted requests and every port: for trials.
    pub private: bool,
    /// The ports that may be called.
    pub ports: Vec<u16>,
    /// The only hosts that may be called, whatever projects allow; where nothing is said, what projects allow.
    pub hosts: Option<Vec<HostPattern>>,
}

impl Default for Rules {
    /// Public addresses, encrypted, on the port that is for it.
    fn default() -> Self {
        Self { private: false, ports: vec![443], hosts: None }
    }
}

/// A place that may be called.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) url: Url,
    pub(super) host: String,
}

/// Reads `address`.
///
/// # Errors
/// When it may not be called; says why, in words that hold nothing of the address but its host.
pub(super) fn read(address: &str, hosts: &Hosts, rules: &Rules) -> Result<Target, String> {
    // Parsers disagree about these, and quietly leave some of them out.
    if address.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err("the address holds a space, a backslash or a control character".to_owned());
    }
    if address.chars().count() > limits::URL_CHARS_MAX {
        return Err(format!("the address is longer than {} characters", limits::URL_CHARS_MAX));
    }
    let mut url =
        Url::parse(address).map_err(|_| "that is no address; write one like https://api.example.com/orders".to_owned())?;
    match url.scheme() {
        "https" => {}
        "http" if rules.private => {}
        "http" => return Err("calls are encrypted: write https:// and not http://".to_owned()),
        _ => return Err("an address begins with https://".to_owned()),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the address holds a user name or a password; use `sign_in`".to_owned());
    }
    let host = url.host_str().unwrap_or_default().to_owned();
    if !hosts.allows(&host) {
        return Err(format!("the project does not allow calls to {host}"));
    }
    if rules.hosts.as_ref().is_some_and(|only| !only.iter().any(|pattern| pattern.fits(&host))) {
        return Err(format!("{host} may not be called; whoever runs this machine can list it in BUTTONHOOK_CALLS_HOSTS"));
    }
    let port = url.port_or_known_default().unwrap_or(0);
    if !rules.private && !rules.ports.contains(&port) {
        return Err(format!("port {port} may not be called; whoever runs this machine can list it in BUTTONHOOK_CALLS_PORTS"));
    }
    // An address in numbers is never looked up, so that the check of looked-up names does not see it.
    if let Ok(address) = host.trim_matches(['[', ']']).parse::<IpAddr>()
        && !may_connect(address, rules.private)
    {
        return Err(not_public(&host));
    }
    url.set_fragment(None);
    Ok(Target { url, host })
}

/// Why a host's address is not used.
pub(super) fn not_public(host: &str) -> String {
    format!("{host} is no public address")
}
