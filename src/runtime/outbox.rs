//! Commit 3: what was decided leaves, and what became of it is stored.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::alarm::Alarm;
use super::decide::{Attempt, after_crash, decide, overtaken};
use super::meter::Meter;
use super::{Clock, Decision, Pace, PairPace};
use crate::channel::Channel;
use crate::failpoint;
use crate::model::{ContactId, SendKey, Timestamp, time};
use crate::store::{ClaimedSend, ClaimedSends, Fate, Queues, Settlement, Store, StoreError, Verdict};

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
    /// The same for each contact.
    pairs: Arc<Mutex<PairPace>>,
    /// Raised while the provider refuses the token.
    alarm: Alarm,
    meter: Arc<Meter>,
    /// Whose requests are under way here. A clock that jumps ends their leases, but not them: whoever is not dead must not be
    /// taken for it, or the message leaves twice. Held as shortly as the pace.
    /// Each with the number of its newest claim, by which it is settled: claimed again, it is still the same attempt.
    under_way: Arc<Mutex<HashMap<SendKey, u64>>>,
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
        Self {
            store,
            channel,
            clock,
            pace: Arc::new(Mutex::new(pace)),
            pairs: Arc::new(Mutex::new(PairPace::off())),
            alarm: Alarm::default(),
            meter: Arc::default(),
            under_way: Arc::default(),
        }
    }

    /// The same, no faster to one contact than `pairs`.
    pub fn with_pairs(self, pairs: PairPace) -> Self {
        Self { pairs: Arc::new(Mutex::new(pairs)), ..self }
    }

    /// The same, counting into `meter`.
    pub fn with_meter(self, meter: Arc<Meter>) -> Self {
        Self { meter, ..self }
    }

    /// What keeps all sends from leaving until a person acts, if anything does.
    pub fn alarm(&self) -> &Alarm {
        &self.alarm
    }

    /// When all that waits can have left at the earliest, if nothing more comes and nothing has to be repeated: no send leaves
    /// before `paused_until`, and none faster than token and contact allow. Nothing when nothing waits, or while nobody can tell
    /// because a person has to act first.
    pub fn empty_at(&self, queues: &Queues, paused_until: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
        let waiting: u64 = queues.waiting.iter().map(|queue| queue.sends).sum();
        if waiting == 0 || self.alarm.raised().is_some() {
            return None;
        }
        let begins = paused_until.map_or(now, |until| until.max(now));
        let by_token_ms = self.with_pace(|pace| pace.lasts_ms(waiting, begins));
        let by_line_ms = self.with_pairs_pace(|pairs| pairs.lasts_ms(queues.longest_line));
        Some(time::after(begins, by_token_ms.max(by_line_ms)))
    }

    /// What a person says about a send of which nobody can tell whether it left; tells whether it waited for their word.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn rule(&self, key: SendKey, verdict: Verdict) -> Result<bool, StoreError> {
        self.store.rule(key, verdict, self.clock.now()).await
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
        let permits = self.alarm.lets_through(permits, now);
        if permits == 0 {
            // The one under way wakes us when it ends.
            return Ok(ClaimedSends::default());
        }
        let claimed = self.store.claim_sends(permits, SEND_LEASE_MS, now).await;
        if claimed.as_ref().map_or(true, |claimed| claimed.sends.is_empty()) {
            self.alarm.not_tried();
        }
        let mut claimed = claimed?;
        if claimed.sends.len() >= permits {
            // As many as asked for: more may be due already.
            claimed.next_due = Some(now);
        }
        {
            let mut under_way = self.keys_under_way();
            claimed.sends.retain(|send| match under_way.get_mut(&send.key) {
                Some(attempt) => {
                    *attempt = send.attempt;
                    false
                }
                None => true,
            });
        }
        self.with_pace(|pace| pace.let_go(claimed.sends.len(), now));
        Ok(claimed)
    }

    /// Makes one attempt and stores what became of it.
    pub async fn attempt(&self, send: ClaimedSend) -> Sent {
        self.keys_under_way().insert(send.key.clone(), send.attempt);
        let _under_way = UnderWay(self, send.key.clone());
        failpoint::reached("send.after_intent");
        let began = self.clock.now();
        let unsent = after_crash(send.doubtful, send.on_unknown).or_else(|| overtaken(&send, began));
        let attempted = unsent.is_none();
        let (decision, rests_until) = match unsent {
            Some(fate) => {
                // No request leaves, so another may.
                self.with_pace(Pace::take_back);
                self.alarm.not_tried();
                (Decision { fate, pause_until: None, because: "nothing was attempted" }, None)
            }
            None => {
                let rests_until = self.rest(send.contact, began);
                let outcome = self.channel.send(&send.to, &send.about, &send.key, &send.message).await;
                failpoint::reached("answer.read");
                self.alarm.note(&outcome, self.channel.name(), self.clock.now());
                let (tries, on_unknown, doubtful) = (send.tries, send.on_unknown, send.doubtful);
                let evidence_comes = send.evidence_comes;
                let attempt = Attempt { key: &send.key, tries, on_unknown, doubtful, began, evidence_comes };
                (decide(outcome, attempt, self.clock.now()), rests_until)
            }
        };
        tell(&send, &decision);
        self.meter.note_attempt(attempted, &decision.fate);
        // The pause first: a send claimed between the two commits would run into the same refusal.
        if let Some(until) = decision.pause_until {
            self.pause(until).await;
        }
        let attempt = self.keys_under_way().get(&send.key).copied().unwrap_or(send.attempt);
        let settlement = Settlement { key: send.key, attempt, fate: decision.fate, rests_until };
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

    /// Counts a send to `contact`; tells until when it then rests, if it has to.
    fn rest(&self, contact: ContactId, now: Timestamp) -> Option<Timestamp> {
        self.with_pairs_pace(|pairs| pairs.let_go(contact, now))
    }

    fn with_pairs_pace<T>(&self, act: impl FnOnce(&mut PairPace) -> T) -> T {
        act(&mut self.pairs.lock().unwrap_or_else(PoisonError::into_inner))
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

    fn keys_under_way(&self) -> MutexGuard<'_, HashMap<SendKey, u64>> {
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
        Fate::Ask { detail } => {
            tracing::warn!(
                send = %key, %contact,
                "nobody can tell whether this was sent, and its step asks: POST /api/sends/{key} says `resend` or `drop`: {detail}"
            );
        }
    }
}
