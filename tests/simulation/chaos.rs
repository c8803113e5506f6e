//! The layer between the runtime and a store: lets time pass between operations, makes them fail before or after their commit,
//! and tells the ledger what was really committed.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use async_trait::async_trait;
use buttonhook::model::{ContactId, Delivery, SendKey, Timestamp};
use buttonhook::store::{
    Accepted, Cases, ClaimedRequests, ClaimedSends, Claims, CommitTimes, HandedOut, HistoryRow, Plan, PlanState, Queues,
    RequestSettlement, SettledSend, Settlement, Stats, Store, StoreError, Taken, Verdict,
};

use super::ledger::{Broken, Ledger};
use super::random::Random;

/// The ledger, and what it found broken first.
#[derive(Default)]
pub struct Watch {
    ledger: Mutex<Ledger>,
    broken: Mutex<Option<Broken>>,
}

impl Watch {
    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn judge(&self, verdict: Result<(), Broken>) {
        if let Err(broken) = verdict {
            self.broken.lock().unwrap().get_or_insert(broken);
        }
    }

    pub fn broken(&self) -> Option<Broken> {
        self.broken.lock().unwrap().clone()
    }
}

/// A store as one process sees it.
pub struct Chaos {
    inner: Arc<dyn Store>,
    watch: Arc<Watch>,
    random: Arc<Random>,
    /// Once in how many operations one fails.
    fails_one_in: u64,
    pub calm: AtomicBool,
    /// Operations that the inner store is working on.
    busy: AtomicUsize,
}

enum Fails {
    Not,
    Before,
    After,
}

impl Chaos {
    pub fn new(inner: Arc<dyn Store>, watch: Arc<Watch>, random: Arc<Random>, fails_one_in: u64) -> Arc<Self> {
        let (calm, busy) = (AtomicBool::new(false), AtomicUsize::new(0));
        Arc::new(Self { inner, watch, random, fails_one_in, calm, busy })
    }

    /// Whether polling again soon will tell more: the inner store works on something.
    pub fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Acquire) > 0
    }

    async fn run<T>(
        &self,
        operation: impl Future<Output = Result<T, StoreError>>,
        book: impl FnOnce(&mut Ledger, &T) -> Result<(), Broken>,
        failed: impl FnOnce(&mut Ledger),
    ) -> Result<T, StoreError> {
        let calm = self.calm.load(Ordering::Relaxed);
        if !calm && self.random.one_in(3) {
            Pause(1 + self.random.roll(3)).await;
        }
        let fails = match self.random.roll(2 * self.fails_one_in) {
            0 if !calm => Fails::Before,
            1 if !calm => Fails::After,
            _ => Fails::Not,
        };
        if matches!(fails, Fails::Before) {
            let mut ledger = self.watch.ledger();
            ledger.counts.failed_before += 1;
            failed(&mut ledger);
            return Err(if self.random.one_in(2) { StoreError::Busy } else { StoreError::Failed("as told".to_owned()) });
        }
        self.busy.fetch_add(1, Ordering::AcqRel);
        let done = operation.await;
        self.busy.fetch_sub(1, Ordering::AcqRel);
        let mut ledger = self.watch.ledger();
        match &done {
            Ok(done) => {
                let verdict = book(&mut ledger, done);
                self.watch.judge(verdict);
            }
            Err(error) => self.watch.judge(Err(format!("the store failed by itself: {error}"))),
        }
        if matches!(fails, Fails::After) {
            ledger.counts.failed_after += 1;
            failed(&mut ledger);
            return Err(StoreError::Failed("as told, and yet it was done".to_owned()));
        }
        done
    }
}

/// Lets others go first, so many times.
struct Pause(u64);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        // Nobody is woken: the world polls whom it likes.
        self.0 -= 1;
        Poll::Pending
    }
}

fn nothing(_: &mut Ledger) {}

#[async_trait]
impl Store for Chaos {
    async fn accept(&self, deliveries: Vec<Delivery>, now: Timestamp) -> Result<Accepted, StoreError> {
        let copy = deliveries.clone();
        self.run(self.inner.accept(deliveries, now), |ledger, accepted| ledger.accepted(&copy, *accepted), nothing).await
    }

    async fn claim(&self, most: usize, lease_ms: u64, now: Timestamp) -> Result<Claims, StoreError> {
        self.run(self.inner.claim(most, lease_ms, now), |ledger, claims| ledger.claimed(&claims.contacts), nothing).await
    }

    async fn commit(&self, takes: Vec<Taken>, now: Timestamp) -> Result<Vec<bool>, StoreError> {
        let copy = takes.clone();
        self.run(self.inner.commit(takes, now), |ledger, stored| ledger.committed(&copy, stored, now), nothing).await
    }

    async fn claim_sends(&self, most: usize, lease_ms: u64, now: Timestamp) -> Result<ClaimedSends, StoreError> {
        let book = |ledger: &mut Ledger, claimed: &ClaimedSends| ledger.claimed_sends(claimed, lease_ms, now);
        self.run(self.inner.claim_sends(most, lease_ms, now), book, nothing).await
    }

    async fn settle(&self, settlements: Vec<Settlement>, now: Timestamp) -> Result<(), StoreError> {
        let (copy, other) = (settlements.clone(), settlements.clone());
        let failed = |ledger: &mut Ledger| ledger.settling_failed(&other);
        self.run(self.inner.settle(settlements, now), |ledger, ()| ledger.settled(&copy, now), failed).await
    }

    async fn pause(&self, until: Timestamp) -> Result<(), StoreError> {
        let book = |ledger: &mut Ledger, (): &()| {
            ledger.paused(until);
            Ok(())
        };
        self.run(self.inner.pause(until), book, nothing).await
    }

    async fn keep_plans(&self, plans: Vec<Plan>, now: Timestamp) -> Result<Vec<PlanState>, StoreError> {
        self.inner.keep_plans(plans, now).await
    }

    async fn hand_out(&self, plan: Plan, due: Timestamp, most: usize, now: Timestamp) -> Result<HandedOut, StoreError> {
        self.inner.hand_out(plan, due, most, now).await
    }

    async fn claim_requests(&self, most: usize, lease_ms: u64, now: Timestamp) -> Result<ClaimedRequests, StoreError> {
        self.inner.claim_requests(most, lease_ms, now).await
    }

    async fn settle_requests(&self, settlements: Vec<RequestSettlement>, now: Timestamp) -> Result<(), StoreError> {
        self.inner.settle_requests(settlements, now).await
    }

    async fn rule(&self, key: SendKey, verdict: Verdict, now: Timestamp) -> Result<bool, StoreError> {
        let copy = key.clone();
        let book = |ledger: &mut Ledger, was_asked: &bool| ledger.ruled(&copy, verdict, *was_asked, now);
        self.run(self.inner.rule(key, verdict, now), book, nothing).await
    }

    async fn cases(&self, which: Cases, contact: Option<ContactId>, most: usize) -> Result<Vec<SettledSend>, StoreError> {
        self.inner.cases(which, contact, most).await
    }

    async fn queues(&self) -> Result<Queues, StoreError> {
        self.inner.queues().await
    }

    async fn alive(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.inner.alive(now).await
    }

    fn commit_times(&self) -> CommitTimes {
        self.inner.commit_times()
    }

    async fn stats(&self, now: Timestamp) -> Result<Stats, StoreError> {
        self.inner.stats(now).await
    }

    async fn history(&self, contact: Option<ContactId>, most: usize) -> Result<Vec<HistoryRow>, StoreError> {
        self.inner.history(contact, most).await
    }

    async fn waiting(&self) -> Result<Vec<(String, String, u64)>, StoreError> {
        self.inner.waiting().await
    }

    async fn setting(&self, name: &str, make: fn() -> Vec<u8>) -> Result<Vec<u8>, StoreError> {
        self.inner.setting(name, make).await
    }

    async fn close(&self) {
        self.inner.close().await;
    }
}
