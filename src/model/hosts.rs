//! Which other systems a project's flows and scripts may call, and how they sign in there.

use std::collections::BTreeMap;

/// The hosts that a project allows. Empty means that nothing may be called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts {
    /// Those that may be called.
    pub allowed: Vec<HostPattern>,
    /// How to sign in, by the name that flows use.
    pub sign_in: BTreeMap<String, SignIn>,
}

impl Hosts {
    /// Whether `host`, in small letters and without a port, may be called.
    pub fn allows(&self, host: &str) -> bool {
        self.allowed.iter().any(|pattern| pattern.fits(host))
    }
}

/// How a request signs in. The secret itself is a setting of the host machine and never stands in a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The header that carries it.
    pub header: String,
    /// The header's value, where `{secret}` stands for the secret.
    pub value: String,
    /// Where it may be sent to; never more than the project allows.
    pub hosts: Vec<HostPattern>,
}

/// One host, or with `*.` before it every host below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern(String);

impl HostPattern {
    /// Reads `api.example.com` or `*.example.com`; nothing when it is no such thing: a host name has letters, digits, `-` and
    /// dots, and never a scheme, port, path or user.
    pub fn parse(text: &str) -> Option<Self> {
        let lower = text.to_ascii_lowercase();
        let name = lower.strip_prefix("*.").unwrap_or(&lower);
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        (name.len() <= 253 && name.split('.').all(label)).then_some(Self(lower))
    }

    /// Whether it stands for `host`, in small letters.
    pub fn fits(&self, host: &str) -> bool {
        match self.0.strip_prefix('*') {
            Some(below) => host.len() > below.len() && host.ends_with(below),
            None => host == self.0,
        }
    }

    /// As written, in small letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_its_host_and_with_a_star_those_below_it() {
        let fits = |pattern: &str, host: &str| HostPattern::parse(pattern).expect("it is a host").fits(host);
        assert!(fits("API.example.com", "api.example.com"));
        assert!(fits("*.example.com", "api.example.com"));
        assert!(!fits("*.example.com", "example.com"), "the star stands for something");
        assert!(!fits("*.example.com", "badexample.com"));
        assert!(!fits("example.com", "api.example.com"));
        for wrong in ["", "*", "*.", "http://a.b", "a.b:80", "a b", "a/b", "user@a.b", "-a.b", "a..b", "a.*.b"] {
            assert_eq!(HostPattern::parse(wrong), None, "{wrong}");
        }
    }
}
