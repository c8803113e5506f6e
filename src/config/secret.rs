//! Text that nobody may read by accident.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A secret. `Debug` shows three stars; the memory is wiped when it is dropped.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Holds `text`, and remembers it as what no log may show.
    pub fn new(text: impl Into<String>) -> Self {
        let secret = SecretString::from(text.into());
        super::scrub::remember(&secret);
        Self(secret)
    }

    /// The text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// The same, for layers that hold secrets by themselves.
    pub fn to_secret_string(&self) -> SecretString {
        self.0.clone()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
