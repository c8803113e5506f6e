//! The secrets that the host makes once and keeps beside its data.

use std::sync::Arc;

use super::StartError;
use crate::config::{Secret, Settings};
use crate::store::Store;

/// Bytes of randomness in a secret of our own: nobody guesses 128 bits, and these are more.
const KEY_BYTES: usize = 20;

/// The key that signs buttons. It must stay the same while buttons are on phones, so it lives with the conversations.
pub(super) async fn button_key(store: &Arc<dyn Store>) -> Result<Vec<u8>, StartError> {
    Ok(store.setting("button_key", random).await?)
}

/// The secrets of the webhooks' path: those that were set, or one of our own.
pub(super) async fn webhook_secrets(store: &Arc<dyn Store>, settings: &Settings) -> Result<Vec<Secret>, StartError> {
    if !settings.webhook_secrets.is_empty() {
        return Ok(settings.webhook_secrets.clone());
    }
    let made = store.setting("webhook_secret", random).await?;
    Ok(vec![Secret::new(data_encoding::HEXLOWER.encode(&made))])
}

fn random() -> Vec<u8> {
    let mut key = vec![0; KEY_BYTES];
    getrandom::fill(&mut key).expect("without the system's randomness no secret can be made, and nothing may run");
    key
}
