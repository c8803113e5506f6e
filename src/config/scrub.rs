//! The second net: whatever was ever held as a [`super::Secret`] is known here, so that the log's writer can take it out of a record.
//! The first net is that nobody writes one there.

use std::borrow::Cow;
use std::sync::{PoisonError, RwLock};

use secrecy::{ExposeSecret, SecretString};

/// Shorter secrets are made up for trials; taking them out of a record could take words out of it.
const BYTES_MIN: usize = 8;
/// Secrets that are remembered; the oldest makes room.
const KNOWN_MAX: usize = 1024;

static KNOWN: RwLock<Vec<SecretString>> = RwLock::new(Vec::new());

/// Remembers a secret.
pub(super) fn remember(secret: &SecretString) {
    let text = secret.expose_secret();
    // The one that a file holds is read again and again: most times it is known.
    if text.len() < BYTES_MIN
        || KNOWN.read().unwrap_or_else(PoisonError::into_inner).iter().any(|known| known.expose_secret() == text)
    {
        return;
    }
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    if known.len() == KNOWN_MAX {
        known.remove(0);
    }
    known.push(secret.clone());
}

/// `text` without any secret that this process knows.
pub fn scrubbed(text: &str) -> Cow<'_, str> {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    let mut clean = Cow::Borrowed(text);
    for secret in known.iter().map(|secret| secret.expose_secret()) {
        if clean.contains(secret) {
            clean = Cow::Owned(clean.replace(secret, "***"));
        }
    }
    clean
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Secret;

    #[test]
    fn what_was_held_as_a_secret_is_taken_out_of_every_text() {
        let text = "sent with Bearer of-a-scrubbed-shop and again of-a-scrubbed-shop";
        assert_eq!(scrubbed(text), text);
        drop((Secret::new("of-a-scrubbed-shop"), Secret::new("sent")));
        assert_eq!(scrubbed(text), "sent with Bearer *** and again ***", "a short one could be a word");
    }
}
