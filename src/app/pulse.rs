//! The pulse: the host notes now and then that it lives, so that the next start can tell how long nobody listened.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::stop::stopped;
use crate::http::admin::Gap;
use crate::model::{Timestamp, time};
use crate::runtime::Clock;
use crate::store::{Store, StoreError};

/// How often. A downtime is told as longer by up to this after a crash, and to the moment after an orderly stop. It costs a
/// commit that does not wait for the disk.
const BEAT_EVERY: Duration = Duration::from_secs(30);
/// Shorter downtimes, in milliseconds, are not worth a line: the provider's own repetitions span them (reference: xobito-api
/// section 14.4, up to 3 seconds).
const GAP_MS_MIN: u64 = 3_000;

/// How long the host was down before this start, told in the log if it was long enough to have missed something.
pub(super) async fn gap(store: &Arc<dyn Store>, now: Timestamp) -> Result<Option<Gap>, StoreError> {
    let before = store.alive(now).await?;
    let gap = before.filter(|before| now > time::after(*before, GAP_MS_MIN)).map(|from| Gap { from, to: now });
    if let Some(Gap { from, to }) = gap {
        tracing::warn!(%from, %to, "was down from {from} to {to}; messages of that time may be missing: the provider repeats a webhook for seconds at most");
    }
    Ok(gap)
}

/// Beats until `stop` becomes true, and once more then.
pub(super) async fn beat(store: Arc<dyn Store>, clock: Clock, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(BEAT_EVERY) => {}
            () = stopped(&mut stop) => {}
        }
        // A store in trouble is told about by those who need it.
        let _ = store.alive(clock.now()).await;
        if *stop.borrow() {
            return;
        }
    }
}
