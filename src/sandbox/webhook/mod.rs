//! Webhooks out of the sandbox: a queue per person and flow, one post at a time in each, so that order is kept by construction.
//! Flow A is tried three times, Flow B once: an outage of the host loses a tap, as with the real forwarder.

pub(super) mod meta;
pub(super) mod signed;

use super::world::World;
use super::{Sandbox, limits};
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use tokio::sync::Notify;

/// The sentence for a message that has nowhere to go.
pub(super) const NO_ADDRESS: &str = "Xobito has no webhook address, so nobody was told. Set one and send it again.";
const BOTH_OFF: &str = "Both webhook flows are switched off, so nobody was told. Switch flow_a or flow_b on.";

/// The two webhook systems of Xobito.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Flow {
    /// Xobito's signed events.
    A,
    /// The forwarded Meta body.
    B,
}

/// One webhook that waits to be posted.
struct Delivery {
    flow: Flow,
    /// The value of `X-Webhook-Event`; documented for message events only.
    event: Option<&'static str>,
    body: Vec<u8>,
    /// The person's message whose ticks show how it went.
    own: Option<String>,
}

/// The queues that have something to do, by person and flow. A queue exists exactly while its worker runs.
#[derive(Default)]
pub(super) struct Lanes(HashMap<(String, Flow), Lane>);

#[derive(Default)]
struct Lane {
    waiting: VecDeque<Delivery>,
    more: Arc<Notify>,
}

impl Sandbox {
    /// Queues the same happening for both flows, as far as they are switched on.
    pub(super) fn queue_both(
        &self,
        world: &mut World,
        phone: &str,
        forwarded: Value,
        (event, signed): (&'static str, Value),
        own: Option<String>,
    ) {
        let (a, b) = (world.board.faults.flow_a, world.board.faults.flow_b);
        if let Some(id) = &own
            && (world.webhook_url.is_none() || !(a || b))
        {
            let error = if a || b { NO_ADDRESS } else { BOTH_OFF };
            self.settle_own_in(world, phone, id, Err(error.into()));
        }
        if b {
            self.queue(world, phone, Delivery { flow: Flow::B, event: None, body: wire(&forwarded), own: own.clone() });
        }
        if a {
            self.queue(world, phone, Delivery { flow: Flow::A, event: Some(event), body: wire(&signed), own });
        }
    }

    /// Queues an event that only Flow A knows.
    pub(super) fn queue_signed(&self, world: &mut World, phone: &str, event: Option<&'static str>, body: Value) {
        if world.board.faults.flow_a {
            self.queue(world, phone, Delivery { flow: Flow::A, event, body: wire(&body), own: None });
        }
    }

    fn queue(&self, world: &mut World, phone: &str, delivery: Delivery) {
        if world.webhook_url.is_none() {
            return;
        }
        let key = (phone.to_owned(), delivery.flow);
        if let Some(lane) = world.lanes.0.get_mut(&key) {
            if lane.waiting.len() >= limits::WAITING_WEBHOOKS {
                world.board.count("webhook_queue_full");
                return;
            }
            lane.waiting.push_back(delivery);
            lane.more.notify_one();
            return;
        }
        let lane = Lane { waiting: VecDeque::from([delivery]), more: Arc::default() };
        world.lanes.0.insert(key.clone(), lane);
        let (sandbox, work) = (self.clone(), self.work());
        tokio::spawn(async move {
            let _work = work;
            sandbox.drain(key).await;
        });
    }

    async fn drain(&self, key: (String, Flow)) {
        loop {
            self.hold_for_reorder(&key).await;
            let Some(batch) = self.next(&key) else { return };
            for delivery in batch {
                let outcome = self.attempt(&delivery).await;
                if let (Some(id), Some(outcome)) = (&delivery.own, outcome) {
                    self.settle_own(&key.0, id, outcome);
                }
            }
        }
    }

    /// With `webhook_reorder`, a lone webhook waits a little for a second one to overtake it.
    async fn hold_for_reorder(&self, key: &(String, Flow)) {
        let company = async {
            while let Some(more) = self.lone(key) {
                // May be a wake-up of before, so the loop looks again.
                more.notified().await;
            }
        };
        // Running out of patience is an answer too: the webhook then goes alone.
        let _ = tokio::time::timeout(self.inner.settings.reorder_hold, company).await;
    }

    /// What tells of more, if exactly one webhook waits and reordering is on.
    fn lone(&self, key: &(String, Flow)) -> Option<Arc<Notify>> {
        let world = self.world();
        let lane = world.lanes.0.get(key)?;
        (world.board.faults.webhook_reorder && lane.waiting.len() == 1).then(|| lane.more.clone())
    }

    /// What to post next: one webhook, or two that have swapped places. `None` ends the queue.
    fn next(&self, key: &(String, Flow)) -> Option<Vec<Delivery>> {
        let mut world = self.world();
        let reorder = world.board.faults.webhook_reorder;
        let lane = world.lanes.0.get_mut(key)?;
        let Some(first) = lane.waiting.pop_front() else {
            world.lanes.0.remove(key);
            return None;
        };
        match lane.waiting.pop_front() {
            Some(second) if reorder => {
                world.board.count("webhook_reorder");
                Some(vec![second, first])
            }
            Some(second) => {
                lane.waiting.push_front(second);
                Some(vec![first])
            }
            None => Some(vec![first]),
        }
    }

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
