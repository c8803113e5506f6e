//! Webhooks out of the sandbox: a queue per person and flow, one post at a time in each, so that order is kept by construction.
//! Flow A is tried three times, Flow B once: an outage of the host loses a tap, as with the real forwarder.

pub(super) mod meta;
mod queue;
pub(super) mod signed;

pub(super) use queue::{Lanes, NO_ADDRESS};

use super::{Sandbox, limits};
use queue::{Delivery, Flow};
use serde_json::Value;

impl Sandbox {
    /// Posts one webhook, with its copies and repetitions. `None` when it was lost on purpose.
    async fn attempt(&self, delivery: &Delivery) -> Option<Result<(), String>> {
        let (url, copies) = {
            let mut world = self.world();
            let every = world.board.faults.webhook_drop_every;
            if world.board.every("webhook_drop", every) {
                return None;
            }
            (world.webhook_url.clone(), 1 + world.board.faults.webhook_duplicate)
        };
        let Some(url) = url else { return Some(Err(NO_ADDRESS.into())) };
        let mut outcome = Ok(());
        for copy in 0..copies {
            if copy > 0 {
                self.world().board.count("webhook_duplicate");
            }
            let this = self.post_with_retries(&url, delivery).await;
            if copy == 0 {
                outcome = this;
            }
        }
        Some(outcome)
    }

    async fn post_with_retries(&self, url: &str, delivery: &Delivery) -> Result<(), String> {
        let mut headers: Vec<(&'static str, String)> = Vec::new();
        if delivery.flow == Flow::A {
            if let Some(secret) = &self.inner.settings.signing_secret {
                headers.push(("X-Webhook-Signature", signed::signature(secret, &delivery.body)));
            }
            headers.extend(delivery.event.map(|event| ("X-Webhook-Event", event.to_owned())));
        }
        let attempts = if delivery.flow == Flow::A { limits::SIGNED_ATTEMPTS } else { 1 };
        let mut outcome = Err(String::new());
        for attempt in 0..attempts {
            if let Some(wait) = attempt.checked_sub(1).and_then(|n| self.inner.settings.signed_waits.get(n)) {
                self.world().board.count("webhook_retry");
                tokio::time::sleep(*wait).await;
            }
            outcome = match self.post(url, delivery.body.clone(), &headers).await {
                Ok(status) if (200..300).contains(&status) => return Ok(()),
                Ok(status) => Err(format!("The webhook answered {status}, not 200.")),
                Err(error) => Err(error),
            };
        }
        outcome
    }

    /// One POST. The error is a sentence without the address, which holds a secret.
    pub(super) async fn post(&self, url: &str, body: Vec<u8>, headers: &[(&'static str, String)]) -> Result<u16, String> {
        let mut request = self.inner.http.post(url).header("Content-Type", "application/json").body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        match request.send().await {
            Ok(answer) => Ok(answer.status().as_u16()),
            Err(error) if error.is_timeout() => Err("The webhook did not answer in time.".into()),
            Err(error) if error.is_connect() => Err("Nobody listens at the webhook address. Is the host running?".into()),
            Err(error) if error.is_builder() => Err("The webhook address is not a valid http or https address.".into()),
            Err(_) => Err("The connection to the webhook broke off before an answer came.".into()),
        }
    }
}

/// JSON as PHP writes it: `\uXXXX` for everything beyond ASCII, and `\/`. A host that signs or compares re-serialised JSON fails
/// on it, as it would fail with the real one (reference: whatsapp-webhooks.md, section 4.2; that Xobito escapes so is inferred).
fn wire(body: &Value) -> Vec<u8> {
    let plain = body.to_string();
    let mut out = String::with_capacity(plain.len() + 64);
    let mut units = [0u16; 2];
    for c in plain.chars() {
        match c {
            // Outside of strings JSON has no slash, so every one of them may be escaped.
            '/' => out.push_str("\\/"),
            c if c.is_ascii() => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut units) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    out.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn escaped_json_reads_back_as_the_same_value() {
        let body = json!({"a/b": "Grüße \\/ \"🙂\" \n"});
        let bytes = wire(&body);
        assert!(bytes.is_ascii());
        assert_eq!(serde_json::from_slice::<Value>(&bytes).unwrap(), body);
        assert!(String::from_utf8(bytes).unwrap().contains("\\u00fc"));
    }
}
