//! The model store: what [`Store`] promises, in memory and as plainly as can be. It is the specification that the simulation
//! runs the real runtime on; the same simulation on the embedded store shows that the two agree.

mod outbox;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use async_trait::async_trait;
use buttonhook::model::{Contact, ContactId, Content, Conversation, Delivery, Priority, SendKey, Timestamp, limits, time};
use buttonhook::store::{
    Accepted, Cases, Claim, ClaimedRequests, ClaimedSends, Claims, CommitTimes, HandedOut, HistoryRow, INBOX_PER_CLAIM_MAX, Mail,
    Plan, PlanState, Queues, RequestSettlement, SettledSend, Settlement, Stats, Store, StoreError, Taken, Verdict,
};

use super::bugs::Bug;
use super::line::{Line, Past, Waiting};

/// What the last turns of all are kept for people to look at.
const HISTORY_KEPT: usize = 100;
/// Mail that stays after it was taken, so that a head that goes back would find some.
const TAKEN_KEPT: u64 = 16;
/// As in the embedded store: what is due later than this comes from a clock that was set back.
const WAIT_MS_MAX: i64 = 2 * limits::RETRY_AFTER_SECS_MAX as i64 * 1000;
/// How long a tap without an id waits for it, and for how long after a tap with one that is expected.
const ID_WAITS_MS: i64 = 2_000;
const IDS_EXPECTED_MS: i64 = 7 * 24 * 3_600_000;
/// By how much the note of the last id may be behind.
const NOTE_BEHIND_MS: i64 = 3_600_000;

/// The store. What a process that dies leaves behind is told by [`Memory::crash`].
pub struct Memory {
    bug: Option<Bug>,
    state: Mutex<Both>,
}

struct Both {
    now: State,
    /// What is on the disk, where that is less: only mistakes make it so.
    disk: Option<State>,
}

#[derive(Clone, Default)]
struct State {
    contacts: BTreeMap<i64, Person>,
    names: BTreeMap<String, i64>,
    seen: BTreeSet<String>,
    /// Keys that wait or were settled.
    keys: BTreeSet<String>,
    past: BTreeMap<SendKey, Past>,
    /// Sends ever stored.
    stored: u64,
    paused_until: i64,
    tapped_at: i64,
    alive_at: Option<Timestamp>,
    settings: BTreeMap<String, Vec<u8>>,
    history: VecDeque<HistoryRow>,
    stats: Stats,
}

#[derive(Clone, Default)]
struct Person {
    contact: Contact,
    state: Conversation,
    mail: VecDeque<Mail>,
    tail: u64,
    head: u64,
    epoch: u64,
    /// Free: since when mail waits. Leased: when the lease ends.
    due_at: Option<i64>,
    leased: bool,
    line: Line,
    /// Its mail waits for the id of a tap of which only the title came. That the id comes by itself stands in `store::taps`: here
    /// each tap comes through one webhook.
    id_until: Option<i64>,
}

impl Person {
    fn wakes_at(&self) -> Option<i64> {
        self.state.next_timer().map(|timer| time::millis(timer.at))
    }

    fn sleeps_until(&self) -> Option<i64> {
        self.wakes_at().filter(|_| !self.leased && self.due_at.is_none())
    }
}

impl Memory {
    pub fn new(bug: Option<Bug>) -> Arc<Self> {
        Arc::new(Self { bug, state: Mutex::new(Both { now: State::default(), disk: None }) })
    }

    /// What the next process finds after this one was killed. The caller drops every handle of the old one.
    pub fn crash(&self) -> Arc<Self> {
        let mut both = self.state.lock().unwrap();
        let mut state = both.disk.take().unwrap_or_else(|| std::mem::take(&mut both.now));
        for person in state.contacts.values_mut() {
            if person.leased {
                person.leased = false;
                person.due_at = (person.tail > person.head).then_some(0);
            }
            for waiting in person.line.sends.iter_mut().filter(|waiting| waiting.sending) {
                waiting.doubtful |= self.bug != Some(Bug::IntentAfterRequest);
                (waiting.sending, waiting.ready, waiting.due_at) = (false, false, Some(0));
            }
        }
        Arc::new(Self { bug: self.bug, state: Mutex::new(Both { now: state, disk: None }) })
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    /// The state for an operation that commits; whatever was not on disk yet is now.
    fn commits(&self) -> MutexGuard<'_, Both> {
        let mut both = self.state.lock().unwrap();
        both.disk = None;
        both
    }

    /// The state for an operation whose commit comes later, by mistake.
    fn commits_late(&self) -> MutexGuard<'_, Both> {
        let mut both = self.state.lock().unwrap();
        if both.disk.is_none() {
            both.disk = Some(both.now.clone());
        }
        both
    }
}

impl State {
    fn person(&mut self, delivery: &buttonhook::model::Inbound) -> i64 {
        let sender = &delivery.sender;
        let name = sender.phone.as_ref().map_or_else(|| sender.user_id.clone().unwrap(), |phone| phone.digits().to_owned());
        let next = self.contacts.len() as i64 + 1;
        let id = *self.names.entry(name).or_insert(next);
        if id == next {
            self.contacts.insert(id, Person::default());
            self.stats.contacts += 1;
        }
        id
    }

    fn next_due(&self, now: i64) -> Option<Timestamp> {
        let leases = self.contacts.values().filter(|person| person.leased).filter_map(|person| person.due_at);
        let sleepers = self.contacts.values().filter_map(Person::sleeps_until);
        let taps = self.contacts.values().filter_map(|person| person.id_until);
        leases.chain(sleepers).chain(taps).filter(|due| *due > now).min().map(time::from_millis)
    }

    /// Whom to give out: lost leases first, then mail, then timers, of which a quarter of the room is kept.
    fn due(&self, most: usize, now: i64) -> Vec<i64> {
        let by = |due: &dyn Fn(&Person) -> Option<i64>| {
            let mut found: Vec<(i64, i64)> = self.contacts.iter().filter_map(|(id, person)| Some((due(person)?, *id))).collect();
            found.sort_unstable();
            found.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
        };
        let mut given = by(&|person| person.due_at.filter(|due| person.leased && *due <= now));
        given.truncate(most);
        let room = most - given.len();
        let mut woken = by(&|person| person.sleeps_until().filter(|wakes| *wakes <= now));
        woken.truncate(room);
        let mut waiting = by(&|person| person.due_at.filter(|_| !person.leased && person.id_until.is_none()));
        waiting.truncate(room - woken.len().min(room / 4));
        woken.truncate(room - waiting.len());
        given.extend(waiting);
        given.extend(woken);
        given
    }

    fn take(&mut self, id: i64, until: i64) -> Claim {
        let person = self.contacts.get_mut(&id).unwrap();
        person.epoch += 1;
        (person.leased, person.due_at) = (true, Some(until));
        let inbox = person.mail.iter().filter(|mail| mail.seq > person.head).take(INBOX_PER_CLAIM_MAX).cloned().collect();
        let conversation = Conversation { contact: person.contact.clone(), ..person.state.clone() };
        Claim { contact: ContactId(id), epoch: person.epoch, conversation, inbox }
    }

    fn store(&mut self, taken: &Taken, now: i64, bug: Option<Bug>) -> bool {
        let Some(person) = self.contacts.get_mut(&taken.contact.0) else { return false };
        let holds = person.epoch == taken.epoch && person.leased;
        if !holds && bug != Some(Bug::NoFence) {
            return false;
        }
        assert!(taken.requests.is_empty(), "the simulated project asks no other system: {:?}", taken.requests);
        let wanted = taken.head.min(person.tail);
        let before = person.head;
        person.head = if bug == Some(Bug::HeadGoesBack) { wanted } else { wanted.max(before) };
        self.stats.inbox = self.stats.inbox.saturating_sub(person.head.saturating_sub(before));
        while person.mail.front().is_some_and(|mail| mail.seq + TAKEN_KEPT <= person.head) {
            person.mail.pop_front();
        }
        person.leased = false;
        person.due_at = (person.tail > person.head).then_some(now);
        for proof in &taken.proofs {
            self.prove(Some(taken.contact), proof, "tap", now, bug);
        }
        let person = self.contacts.get_mut(&taken.contact.0).expect("it was there a moment ago");
        let fired = std::mem::take(&mut person.state.timers);
        person.state = Conversation { contact: Contact::default(), ..taken.conversation.clone() };
        if bug == Some(Bug::TimersStay) && person.state.timers.is_empty() {
            person.state.timers = fired;
        }
        for send in taken.sends.iter().filter(|_| bug != Some(Bug::SendsForgotten) || taken.sends.len() < 2) {
            if self.keys.insert(send.key.0.clone()) {
                self.stored += 1;
                person.line.append(Waiting::new(send.clone(), self.stored), now, bug);
                self.stats.outbox += 1;
            }
        }
        for turn in &taken.history {
            let row = HistoryRow { contact: taken.contact, at: time::from_millis(now), turn: turn.clone() };
            self.history.push_front(row);
        }
        self.history.truncate(HISTORY_KEPT);
        true
    }
}

#[async_trait]
impl Store for Memory {
    async fn accept(&self, deliveries: Vec<Delivery>, now: Timestamp) -> Result<Accepted, StoreError> {
        let mut both = if self.has(Bug::AnswerBeforeCommit) { self.commits_late() } else { self.commits() };
        let state = &mut both.now;
        let at = time::millis(now);
        let mut accepted = Accepted::default();
        for delivery in deliveries {
            let (id, message) = match delivery {
                Delivery::Message(inbound) => (inbound.id.0.clone(), Some(inbound)),
                Delivery::Receipt(receipt) => (receipt.id.0, None),
                Delivery::NumberChanged { id, .. } => (id.0, None),
                Delivery::Ignored(_) => continue,
            };
            if !state.seen.insert(id) && !self.has(Bug::NoDedupe) {
                accepted.doubles += 1;
                continue;
            }
            let Some(inbound) = message else { continue };
            accepted.fresh += 1;
            state.stats.inbox += 1;
            let id = state.person(&inbound);
            let person = state.contacts.get_mut(&id).unwrap();
            let sender = &inbound.sender;
            person.contact.phone = sender.phone.clone().or(person.contact.phone.take());
            person.contact.user_id = sender.user_id.clone().or(person.contact.user_id.take());
            if !sender.name.is_empty() {
                person.contact.name.clone_from(&sender.name);
            }
            match inbound.content {
                Content::Tapped { id: Some(_), .. } if !(at - NOTE_BEHIND_MS..=at).contains(&state.tapped_at) => {
                    state.tapped_at = at;
                }
                Content::Tapped { id: None, .. } if (at - IDS_EXPECTED_MS..=at).contains(&state.tapped_at) => {
                    person.id_until = person.id_until.or(Some(at + ID_WAITS_MS));
                }
                _ => {}
            }
            person.tail += 1;
            person.mail.push_back(Mail { seq: person.tail, at: now, inbound });
            if !person.leased {
                person.due_at = Some(person.due_at.map_or(at, |due| due.min(at)));
            }
        }
        Ok(accepted)
    }

    async fn claim(&self, most: usize, lease_ms: u64, now: Timestamp) -> Result<Claims, StoreError> {
        // A lease may be lost in a crash, and commits nothing that came before it by mistake.
        let mut both = self.state.lock().unwrap();
        let state = &mut both.now;
        let until = time::millis(time::after(now, lease_ms));
        let waits = time::millis(now) + 1..=time::millis(now) + ID_WAITS_MS;
        for person in state.contacts.values_mut() {
            person.id_until = person.id_until.filter(|until| waits.contains(until));
        }
        let contacts = state.due(most, time::millis(now)).into_iter().map(|id| state.take(id, until)).collect();
        let next_due = state.next_due(time::millis(now)).filter(|_| !self.has(Bug::NextDueForgotten));
        Ok(Claims { contacts, next_due })
    }

    async fn commit(&self, takes: Vec<Taken>, now: Timestamp) -> Result<Vec<bool>, StoreError> {
        let now = time::millis(now);
        let mut both = self.commits();
        if self.has(Bug::MailGoneBeforeState) {
            let mut disk = both.now.clone();
            for taken in &takes {
                let person = disk.contacts.get_mut(&taken.contact.0).unwrap();
                person.head = person.head.max(taken.head.min(person.tail));
            }
            both.disk = Some(disk);
        }
        Ok(takes.iter().map(|taken| both.now.store(taken, now, self.bug)).collect())
    }

    async fn claim_sends(&self, most: usize, lease_ms: u64, now: Timestamp) -> Result<ClaimedSends, StoreError> {
        let until = time::millis(time::after(now, lease_ms));
        let now = time::millis(now);
        let mut both = self.commits();
        let state = &mut both.now;
        let waits = |state: &State, which: fn(&Waiting) -> bool| {
            let lines = state.contacts.values().flat_map(|person| &person.line.sends);
            lines.filter(|waiting| which(waiting)).filter_map(|waiting| waiting.due_at).collect::<Vec<_>>()
        };
        if state.paused(now) && !self.has(Bug::PauseForgotten) {
            let next = waits(state, |_| true).into_iter().map(|due| due.max(state.paused_until)).min();
            return Ok(ClaimedSends { sends: Vec::new(), next_due: next.map(time::from_millis) });
        }
        let mut ready = state.ready(now, self.bug);
        ready.truncate(most);
        let sends: Vec<_> = ready.iter().filter_map(|key| state.send(key, until, now, self.bug)).collect();
        // Behind what was found to have left the next may be due already.
        let next = if sends.len() < ready.len() {
            Some(now)
        } else {
            waits(state, |waiting| !waiting.ready).into_iter().filter(|due| *due > now).min()
        };
        Ok(ClaimedSends { sends, next_due: next.map(time::from_millis) })
    }

    async fn settle(&self, settlements: Vec<Settlement>, now: Timestamp) -> Result<(), StoreError> {
        let mut both = self.commits();
        for settlement in &settlements {
            both.now.settle(settlement, time::millis(now), self.bug);
        }
        Ok(())
    }

    /// The simulated project has no schedules.
    async fn keep_plans(&self, plans: Vec<Plan>, _: Timestamp) -> Result<Vec<PlanState>, StoreError> {
        assert!(plans.is_empty(), "a schedule from nowhere: {plans:?}");
        Ok(Vec::new())
    }

    async fn hand_out(&self, plan: Plan, _: Timestamp, _: usize, _: Timestamp) -> Result<HandedOut, StoreError> {
        panic!("no schedule is kept, so none comes round: {plan:?}");
    }

    /// The simulated project asks no other system anything: there is nothing to give out.
    async fn claim_requests(&self, _: usize, _: u64, _: Timestamp) -> Result<ClaimedRequests, StoreError> {
        Ok(ClaimedRequests::default())
    }

    async fn settle_requests(&self, settlements: Vec<RequestSettlement>, _: Timestamp) -> Result<(), StoreError> {
        assert!(settlements.is_empty(), "nothing was given out: {settlements:?}");
        Ok(())
    }

    async fn pause(&self, until: Timestamp) -> Result<(), StoreError> {
        let until = time::millis(until);
        let state = &mut self.commits().now;
        state.paused_until = if state.paused_until > until + WAIT_MS_MAX { until } else { state.paused_until.max(until) };
        Ok(())
    }

    async fn rule(&self, key: SendKey, verdict: Verdict, now: Timestamp) -> Result<bool, StoreError> {
        let state = &mut self.commits().now;
        let Some(past) = state.past.get_mut(&key) else { return Ok(false) };
        let (asked, again) = past.rule(verdict);
        if let Some(again) = again {
            let contact = past.row.contact.0;
            state.past.remove(&key);
            state.stored += 1;
            let again = Waiting { id: state.stored, ..again };
            let person = state.contacts.get_mut(&contact).expect("a send is somebody's");
            person.line.append(again, time::millis(now), self.bug);
            (state.stats.outbox, state.stats.unknown) = (state.stats.outbox + 1, state.stats.unknown - 1);
        }
        Ok(asked)
    }

    /// In the order of their keys: the simulation asks for nothing that depends on another one.
    async fn cases(&self, which: Cases, contact: Option<ContactId>, most: usize) -> Result<Vec<SettledSend>, StoreError> {
        let both = self.state.lock().unwrap();
        let rows = both.now.past.values().map(|past| &past.row).filter(|row| {
            let is = match which {
                Cases::All => true,
                Cases::Sent => row.outcome == "sent",
                Cases::Refused => row.outcome == "refused",
                Cases::Unknown => row.outcome == "unknown",
                Cases::Asked => row.asked,
                Cases::Resent => row.resent,
                Cases::Double => row.double.is_some(),
            };
            is && contact.is_none_or(|contact| row.contact == contact)
        });
        Ok(rows.take(most).cloned().collect())
    }

    async fn queues(&self) -> Result<Queues, StoreError> {
        let both = self.state.lock().unwrap();
        let mut queues = Queues::default();
        for person in both.now.contacts.values() {
            let line = &person.line.sends;
            queues.longest_line = queues.longest_line.max(line.len() as u64);
            for (priority, queue) in Priority::ALL.into_iter().zip(&mut queues.waiting) {
                let stored = || line.iter().filter(|waiting| waiting.send.priority == priority).map(|waiting| waiting.stored_at);
                queue.sends += stored().count() as u64;
                queue.oldest_at = queue.oldest_at.into_iter().chain(stored().map(time::from_millis)).min();
            }
            let mail = person.due_at.filter(|at| !person.leased && *at > 0).map(time::from_millis);
            queues.oldest_mail_at = queues.oldest_mail_at.into_iter().chain(mail).min();
        }
        Ok(queues)
    }

    async fn alive(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.commits().now.alive_at.replace(now))
    }

    /// Nothing here takes any time.
    fn commit_times(&self) -> CommitTimes {
        CommitTimes::default()
    }

    async fn stats(&self, _: Timestamp) -> Result<Stats, StoreError> {
        Ok(self.state.lock().unwrap().now.stats)
    }

    async fn history(&self, contact: Option<ContactId>, most: usize) -> Result<Vec<HistoryRow>, StoreError> {
        let both = self.state.lock().unwrap();
        let rows = both.now.history.iter().filter(|row| contact.is_none_or(|contact| row.contact == contact));
        Ok(rows.take(most).cloned().collect())
    }

    async fn waiting(&self) -> Result<Vec<(String, String, u64)>, StoreError> {
        let mut waiting = BTreeMap::new();
        for person in self.state.lock().unwrap().now.contacts.values() {
            if let Some(session) = &person.state.session {
                *waiting.entry((session.flow.to_string(), session.step.to_string())).or_insert(0) += 1;
            }
        }
        Ok(waiting.into_iter().map(|((flow, step), count)| (flow, step, count)).collect())
    }

    async fn setting(&self, name: &str, make: fn() -> Vec<u8>) -> Result<Vec<u8>, StoreError> {
        Ok(self.commits().now.settings.entry(name.to_owned()).or_insert_with(make).clone())
    }

    async fn close(&self) {}
}
