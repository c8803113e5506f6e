//! The queues: one per person and flow, one webhook at a time in each.

use super::super::limits;
use super::super::world::World;
use super::{Sandbox, wire};
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use tokio::sync::Notify;

/// The sentence for a message that has nowhere to go.
pub(in super::super) const NO_ADDRESS: &str = "Xobito has no webhook address, so nobody was told. Set one and send it again.";
const BOTH_OFF: &str = "Both webhook flows are switched off, so nobody was told. Switch flow_a or flow_b on.";

const QUEUE_FULL: &str = "Too many webhooks wait for this person already: the host does not answer.";

/// The two webhook systems of Xobito.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Flow {
    /// Xobito's signed events.
    A,
    /// The forwarded Meta body.
    B,
}

/// One webhook that waits to be posted.
pub(super) struct Delivery {
    pub flow: Flow,
    /// The value of `X-Webhook-Event`; documented for message events only.
    pub event: Option<&'static str>,
    pub body: Vec<u8>,
    /// The person's message whose ticks show how it went.
    pub own: Option<String>,
}

/// The queues that have something to do, by person and flow. A queue exists exactly while its worker runs.
#[derive(Default)]
pub(in super::super) struct Lanes(HashMap<(String, Flow), Lane>);

#[derive(Default)]
struct Lane {
    waiting: VecDeque<Delivery>,
    more: Arc<Notify>,
}

impl Sandbox {
    /// Queues the same happening for both flows, as far as they are switched on.
    pub(in super::super) fn queue_both(
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
    pub(in super::super) fn queue_signed(&self, world: &mut World, phone: &str, event: Option<&'static str>, body: Value) {
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
                if let Some(id) = delivery.own {
                    self.settle_own_in(world, phone, &id, Err(QUEUE_FULL.into()));
                }
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
}
