//! Commit 1: what was delivered becomes durable, and only then is answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::{Clock, Meter, Wakes};
use crate::model::{Delivery, Timestamp, time};
use crate::store::{Accepted, Store, StoreError};

/// How long after a failure to store the intake calls itself not ready, in milliseconds. Short, because only the next
/// webhook tells whether the store works again.
const NOT_READY_AFTER_FAILURE_MS: i64 = 5_000;
const NEVER: i64 = i64::MIN;

/// The door to the store. A clone is the same door.
#[derive(Clone)]
pub struct Intake {
    store: Arc<dyn Store>,
    clock: Clock,
    wakes: Arc<Wakes>,
    /// When the store last refused, in milliseconds since 1970.
    failed_at_ms: Arc<AtomicI64>,
    meter: Arc<Meter>,
}

impl Intake {
    /// A door to `store` that rings the lanes' bell.
    pub fn new(store: Arc<dyn Store>, clock: Clock, wakes: Arc<Wakes>) -> Self {
        Self { store, clock, wakes, failed_at_ms: Arc::new(AtomicI64::new(NEVER)), meter: Arc::default() }
    }

    /// The same, counting into `meter`.
    pub fn with_meter(self, meter: Arc<Meter>) -> Self {
        Self { meter, ..self }
    }

    /// Makes `deliveries` durable and wakes the lanes. Doubles count as done: they are durable already.
    ///
    /// # Errors
    /// When the store cannot take them; nothing was stored then, and the provider must be told to come again.
    pub async fn take_in(&self, deliveries: Vec<Delivery>) -> Result<Accepted, StoreError> {
        let now = self.clock.now();
        let accepted = self.store.accept(deliveries, now).await.inspect_err(|_| self.note_failure(now))?;
        self.failed_at_ms.store(NEVER, Ordering::Release);
        self.meter.note_accepted(accepted);
        if accepted.fresh > 0 {
            self.wakes.lanes.notify_one();
        }
        Ok(accepted)
    }

    /// Whether the store took what came last, or has not been tried for a while.
    pub fn is_ready(&self) -> bool {
        let failed_at_ms = self.failed_at_ms.load(Ordering::Acquire);
        time::millis(self.clock.now()).saturating_sub(failed_at_ms) > NOT_READY_AFTER_FAILURE_MS
    }

    fn note_failure(&self, now: Timestamp) {
        self.failed_at_ms.store(time::millis(now), Ordering::Release);
        self.meter.note_turned_away();
    }
}
