//! Commit 3: what was decided leaves, and what became of it is stored.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::decide::{Attempt, after_crash, decide};
use super::{Clock, Decision, Pace};
use crate::channel::Channel;
use crate::failpoint;
use crate::model::{Refusal, SendKey, Timestamp, limits, time};
use crate::store::{ClaimedSend, ClaimedSends, Fate, Settlement, Store, StoreError};

/// Sends whose requests may be under way at once.
pub const SENDS_IN_FLIGHT_MAX: usize = 64;
/// How long a claimed send is ours. More than a channel's own time limit and the attempts to settle together, so that it
/// runs out only when we died.
pub const SEND_LEASE_MS: u64 = 90_000;

/// Attempts to store an outcome. They span about 20 seconds: a full disk or a busy store should not make a send doubtful.
const SETTLE_TRIES_MAX: u32 = 8;
const SETTLE_WAIT: Duration = Duration::from_millis(80);

/// Everything that sending takes. A clone shares all of it.
#[derive(Clone)]
pub struct Sender {
    store: Arc<dyn Store>,
    channel: Arc<dyn Channel>,
    clock: Clock,
    /// Held for a few instructions at a time and never across a wait: no async lock is needed.
    pace: Arc<Mutex<Pace>>,
    /// Whose requests are under way here. A clock that jumps ends their leases, but not them: whoever is not dead must not be
    /// taken for it, or the message leaves twice. Held as shortly as the pace.
    under_way: Arc<Mutex<HashSet<SendKey>>>,
}

/// Takes a send out of those under way, however its attempt ends.
struct UnderWay<'a>(&'a Sender, SendKey);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.keys_under_way().remove(&self.1);
    }
}

/// What became of one attempt, for counting.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// As stored.
    pub settlement: Settlement,
    /// Whether a request was made at all.
    pub attempted: bool,
}

impl Sender {
    /// Sends what `store` holds through `channel`, no faster than `pace`.
    pub fn new(store: Arc<dyn Store>, channel: Arc<dyn Channel>, clock: Clock, pace: Pace) -> Self {
        Self { store, channel, clock, pace: Arc::new(Mutex::new(pace)), under_way: Arc::default() }
    }

    /// The channel.
    pub fn channel(&self) -> &dyn Channel {
        &*self.channel
    }

    /// Claims at most `most` sends, no more than the pace lets go now. Each must then be handed to [`Sender::attempt`] at
    /// once: its intent is durable, and whoever drops it makes it doubtful.
    ///
    /// # Errors
    /// When the store fails; then nothing was claimed.
    pub async fn claim(&self, most: usize) -> Result<ClaimedSends, StoreError> {
        let now = self.clock.now();
        let (permits, again) = self.with_pace(|pace| pace.permits(most.min(SENDS_IN_FLIGHT_MAX), now));
        if permits == 0 {
            return Ok(ClaimedSends { sends: Vec::new(), next_due: again });
        }
        let mut claimed = self.store.claim_sends(permits, SEND_LEASE_MS, now).await?;
        if claimed.sends.len() >= permits {
            // As many as asked for: more may be due already.
            claimed.next_due = Some(now);
        }
        {
            let under_way = self.keys_under_way();
            claimed.sends.retain(|send| !under_way.contains(&send.key));
        }
        self.with_pace(|pace| pace.let_go(claimed.sends.len(), now));
        Ok(claimed)
    }

    /// Makes one attempt and stores what became of it.
    pub async fn attempt(&self, send: ClaimedSend) -> Sent {
        self.keys_under_way().insert(send.key.clone());
        let _under_way = UnderWay(self, send.key.clone());
        failpoint::reached("send.after_intent");
        let unsent = after_crash(send.doubtful, send.on_unknown).or_else(|| self.window_closed(&send, self.clock.now()));
        let attempted = unsent.is_none();
        let decision = match unsent {
            Some(fate) => Decision { fate, pause_until: None, because: "nothing was attempted" },
            None => {
                let outcome = self.channel.send(&send.to, &send.about, &send.key, &send.message).await;
                failpoint::reached("answer.read");
                let (tries, on_unknown, doubtful) = (send.tries, send.on_unknown, send.doubtful);
                decide(outcome, Attempt { key: &send.key, tries, on_unknown, doubtful }, self.clock.now())
            }
        };
        tell(&send, &decision);
        // The pause first: a send claimed between the two commits would run into the same refusal.
        if let Some(until) = decision.pause_until {
            self.pause(until).await;
        }
        let settlement = Settlement { key: send.key, fate: decision.fate };
        self.settle(&settlement).await;
        Sent { settlement, attempted }
    }

    /// Claims at most `most` sends and makes an attempt at each, all at once; returns when all are settled.
    ///
    /// # Errors
    /// When nothing could be claimed because the store fails.
    pub async fn send_some(&self, most: usize) -> Result<(Vec<Sent>, Option<Timestamp>), StoreError> {
        let claimed = self.claim(most).await?;
        let mut attempts = tokio::task::JoinSet::new();
        for send in claimed.sends {
            let sender = self.clone();
            attempts.spawn(async move { sender.attempt(send).await });
        }
        Ok((attempts.join_all().await, claimed.next_due))
    }

    /// The refusal of a free-form send whose 24-hour window is closed at this moment.
    fn window_closed(&self, send: &ClaimedSend, now: Timestamp) -> Option<Fate> {
        let open = |since: Timestamp| now < time::after(since, limits::WINDOW_MS);
        if send.message.is_template() || send.last_inbound_at.is_some_and(open) {
            return None;
        }
        let detail = "the person last wrote more than 24 hours ago, and only templates may leave then".to_owned();
        let refusal = Refusal::WindowClosed;
        Some(if send.doubtful { Fate::Unknown { detail } } else { Fate::Refused { refusal, detail } })
    }

    async fn pause(&self, until: Timestamp) {
        tracing::info!(channel = self.channel.name(), %until, "the provider asks us to wait");
        if let Err(error) = self.store.pause(until).await {
            tracing::warn!(%error, "the wait could not be stored; the next send will be refused again");
        }
    }

    /// Stores the outcome, with a few attempts of its own: once the request has left, giving up means doubt.
    async fn settle(&self, settlement: &Settlement) {
        for attempt in 1..=SETTLE_TRIES_MAX {
            match self.store.settle(vec![settlement.clone()], self.clock.now()).await {
                Ok(()) => {
                    failpoint::reached("result.after_commit");
                    return;
                }
                Err(error @ (StoreError::Closed | StoreError::Locked { .. } | StoreError::TooNew { .. })) => {
                    tracing::error!(send = %settlement.key, %error, "an outcome could not be stored");
                    return;
                }
                Err(error) if attempt == SETTLE_TRIES_MAX => {
                    tracing::error!(send = %settlement.key, %error, "an outcome could not be stored; the send becomes doubtful");
                }
                Err(_) => self.clock.wait(SETTLE_WAIT * (1 << attempt)).await,
            }
        }
    }

    fn keys_under_way(&self) -> MutexGuard<'_, HashSet<SendKey>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with_pace<T>(&self, act: impl FnOnce(&mut Pace) -> T) -> T {
        // A panic in between leaves at worst one count missing.
        act(&mut self.pace.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// One line in the log for what people may have to act on.
fn tell(send: &ClaimedSend, decision: &Decision) {
    let (key, contact) = (&send.key, send.contact);
    match &decision.fate {
        Fate::Sent { message: _ } => tracing::debug!(send = %key, %contact, "sent"),
        Fate::Retry { at, doubtful, counts: _ } => {
            tracing::info!(send = %key, %contact, again_at = %at, doubtful, "not sent yet: {}", decision.because);
        }
        Fate::Refused { refusal, detail } => {
            tracing::warn!(send = %key, %contact, ?refusal, "refused for good: {detail}");
        }
        Fate::Unknown { detail } => {
            tracing::warn!(send = %key, %contact, "nobody can tell whether this was sent: {detail}");
        }
    }
}
