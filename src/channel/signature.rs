//! Whether a webhook body comes from who it says. Both schemes are HMAC-SHA256 over the raw bytes as they arrived: JSON that
//! was read and written again hashes differently as soon as it holds an accent or an emoji (reference: whatsapp-webhooks
//! sections 4.2 and 12). Neither signs a time, so that a replay verifies; doubles are recognised by their ids.
//!
//! The comparison takes the same time whether and wherever the signatures differ.

use data_encoding::HEXLOWER_PERMISSIVE;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header that carries Xobito's signature.
pub const XOBITO_HEADER: &str = "X-Webhook-Signature";
/// The header that carries Meta's signature.
pub const META_HEADER: &str = "X-Hub-Signature-256";

/// Whether `header`, the value of [`XOBITO_HEADER`], signs `body` with the workspace's secret: 64 hex digits and nothing
/// before them. Nothing verifies under an empty secret.
pub fn verify_xobito(secret: &[u8], body: &[u8], header: &str) -> bool {
    verify(secret, body, header.trim())
}

/// Whether `header`, the value of [`META_HEADER`], signs `body` with the app's secret: `sha256=` and 64 hex digits. Nothing
/// verifies under an empty secret.
pub fn verify_meta(secret: &[u8], body: &[u8], header: &str) -> bool {
    header.trim().strip_prefix("sha256=").is_some_and(|hex| verify(secret, body, hex))
}

fn verify(secret: &[u8], body: &[u8], hex: &str) -> bool {
    // Lower case is documented; a proxy that changes the case of a header takes nothing away from the proof.
    let Ok(signature) = HEXLOWER_PERMISSIVE.decode(hex.as_bytes()) else { return false };
    // An empty secret is a setting that was forgotten, and everybody knows it.
    if secret.is_empty() {
        return false;
    }
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret).expect("HMAC takes keys of every length");
    mac.update(body);
    mac.verify_slice(&signature).is_ok()
}
