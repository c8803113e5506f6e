//! What flows ask and tell other systems leaves, and what became of it is stored: the answer to a call as mail of its contact.

mod fate;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Clock, Wakes};
use crate::model::{CallAnswer, RequestKey, Timestamp};
use crate::store::{ClaimedRequest, ClaimedRequests, RequestFate, RequestSettlement, Requested, Store, StoreError};
use crate::web::{News, Reply, Web};

pub use fate::NEWS_WAITS_MS;
use fate::{Made, after_call, after_news, before_call};

/// Requests that may be under way at once.
pub const REQUESTS_IN_FLIGHT_MAX: usize = 64;
/// How long a claimed request is ours. More than the longest attempt and the attempts to settle together, so that it runs out only
/// when we died.
pub const REQUEST_LEASE_MS: u64 = 120_000;

/// Attempts to store an outcome. They span about 20 seconds.
const SETTLE_TRIES_MAX: u32 = 8;
const SETTLE_WAIT: Duration = Duration::from_millis(80);

/// Everything that asking and telling takes. A clone shares all of it.
#[derive(Clone)]
pub struct Requests {
    store: Arc<dyn Store>,
    web: Arc<dyn Web>,
    clock: Clock,
    wakes: Arc<Wakes>,
    /// Whose attempts are under way here: a clock that jumps ends their leases, but not them. Held for a few instructions at a time.
    under_way: Arc<Mutex<HashSet<RequestKey>>>,
    /// Whether people were told that nobody listens to news.
    told_of_deafness: Arc<AtomicBool>,
}

/// Takes a request out of those under way, however its attempt ends.
struct UnderWay<'a>(&'a Requests, RequestKey);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.keys_under_way().remove(&self.1);
    }
}

impl Requests {
    /// Makes through `web` the requests that `store` holds, and rings the lanes' bell when an answer is there.
    pub fn new(store: Arc<dyn Store>, web: Arc<dyn Web>, clock: Clock, wakes: Arc<Wakes>) -> Self {
        Self { store, web, clock, wakes, under_way: Arc::default(), told_of_deafness: Arc::default() }
    }

    /// Claims at most `most` requests. Each must then be handed to [`Requests::attempt`] at once: its intent is durable, and whoever
    /// drops it makes it doubtful.
    ///
    /// # Errors
    /// When the store fails; then nothing was claimed.
    pub async fn claim(&self, most: usize) -> Result<ClaimedRequests, StoreError> {
        let now = self.clock.now();
        let most = most.min(REQUESTS_IN_FLIGHT_MAX);
        let mut claimed = self.store.claim_requests(most, REQUEST_LEASE_MS, now).await?;
        if claimed.requests.len() >= most {
            // As many as asked for: more may be due already.
            claimed.next_due = Some(now);
        }
        let under_way = self.keys_under_way();
        claimed.requests.retain(|request| !under_way.contains(&request.key));
        drop(under_way);
        Ok(claimed)
    }

    /// Makes one attempt and stores what became of it.
    pub async fn attempt(&self, request: ClaimedRequest) -> RequestSettlement {
        self.keys_under_way().insert(request.key.clone());
        let _under_way = UnderWay(self, request.key.clone());
        let made = Made { key: &request.key, tries: request.tries, lost: request.lost, doubtful: request.doubtful };
        let fate = match &request.what {
            Requested::Call(call) => match before_call(call, made) {
                Some(fate) => fate,
                None => {
                    let reply = self.web.call(&request.key, call).await;
                    after_call(reply, call, made, self.clock.now())
                }
            },
            Requested::Emit(emit) => {
                let news = News { emit, contact: request.contact, person: &request.person, at: request.stored_at };
                let reply = self.web.tell(&request.key, &news, self.clock.now()).await;
                self.tell_of_deafness(&reply);
                after_news(&reply, made, self.clock.now())
            }
        };
        tell(&request, &fate);
        let settlement = RequestSettlement { key: request.key, fate };
        self.settle(&settlement).await;
        settlement
    }

    /// Claims at most `most` requests and makes an attempt at each, all at once; returns when all are settled.
    ///
    /// # Errors
    /// When nothing could be claimed because the store fails.
    pub async fn ask_some(&self, most: usize) -> Result<(Vec<RequestSettlement>, Option<Timestamp>), StoreError> {
        let claimed = self.claim(most).await?;
        let mut attempts = tokio::task::JoinSet::new();
        for request in claimed.requests {
            let requests = self.clone();
            attempts.spawn(async move { requests.attempt(request).await });
        }
        Ok((attempts.join_all().await, claimed.next_due))
    }

    /// Stores the outcome, with a few attempts of its own: once the request has left, giving up means doubt.
    async fn settle(&self, settlement: &RequestSettlement) {
        let key = &settlement.key;
        for attempt in 1..=SETTLE_TRIES_MAX {
            match self.store.settle_requests(vec![settlement.clone()], self.clock.now()).await {
                Ok(()) => {
                    if matches!(settlement.fate, RequestFate::Answered { .. }) {
                        self.wakes.lanes.notify_one();
                    }
                    return;
                }
                Err(error @ (StoreError::Closed | StoreError::Locked { .. } | StoreError::TooNew { .. })) => {
                    tracing::error!(request = %key, %error, "what became of a request could not be stored");
                    return;
                }
                Err(error) if attempt == SETTLE_TRIES_MAX => {
                    tracing::error!(request = %key, %error, "what became of a request could not be stored; it becomes doubtful");
                }
                Err(_) => tokio::time::sleep(SETTLE_WAIT * (1 << attempt)).await,
            }
        }
    }

    /// Once for each start, so that a project without a listener does not fill the log.
    fn tell_of_deafness(&self, reply: &Reply) {
        if let Reply::NotAllowed { detail } = reply
            && !self.told_of_deafness.swap(true, Ordering::Relaxed)
        {
            tracing::error!("news of flows are given up: {detail}");
        }
    }

    fn keys_under_way(&self) -> MutexGuard<'_, HashSet<RequestKey>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One line in the log for what people may have to act on. Never an address or a body: both may hold a person's words.
fn tell(request: &ClaimedRequest, fate: &RequestFate) {
    let (key, contact) = (&request.key, request.contact);
    match fate {
        RequestFate::Retry { at, doubtful, counts: _ } => {
            tracing::info!(request = %key, %contact, again_at = %at, doubtful, "another system did not answer as it should; tried again");
        }
        RequestFate::Answered { answer: CallAnswer::Answered { status, body: _ } } => {
            tracing::debug!(request = %key, %contact, status, "answered");
        }
        RequestFate::Answered { answer: CallAnswer::Failed { why, detail } } => {
            tracing::warn!(request = %key, %contact, ?why, "a call has no answer: {detail}");
        }
        RequestFate::Delivered => tracing::debug!(request = %key, %contact, "news were taken"),
        RequestFate::GaveUp => tracing::warn!(request = %key, %contact, tries = request.tries + 1, "news were given up"),
    }
}
