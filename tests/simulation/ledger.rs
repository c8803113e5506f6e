//! The oracle: told of every commit and every request, it knows what must hold and says where it does not.
//!
//! It sees what passes between the runtime and the store and between the runtime and the provider, and keeps books of its own,
//! which no crash touches. It never looks into the store.

use std::collections::{BTreeMap, BTreeSet};

use buttonhook::model::{
    ContactId, Conversation, Delivery, Message, OnUnknown, Outcome, SendKey, Timestamp, WireButton, limits, time,
};
use buttonhook::store::{Accepted, Claim, ClaimedSends, Fate, Settlement, Taken};

use super::random::link;
use super::witness::Witness;

/// A promise that was broken, in words.
pub type Broken = String;

/// Counts of what happened, so that a run in which nothing went wrong is seen to be void.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    pub accepted: u64,
    pub doubles: u64,
    pub turns: u64,
    pub timers: u64,
    pub timers_late: u64,
    pub fenced: u64,
    pub requests: u64,
    pub repeated: u64,
    pub sent: u64,
    pub refused: u64,
    pub unknown: u64,
    pub windows_closed: u64,
    pub crashes: u64,
    pub failed_before: u64,
    pub failed_after: u64,
    pub reloads: u64,
    pub jumps: u64,
    pub set_back: u64,
    pub double_taps: u64,
    pub proven_doubles: u64,
    pub moves: u64,
}

impl Counts {
    /// What happened in all: everything that a world was put through or did.
    pub fn events(&self) -> u64 {
        self.accepted
            + self.doubles
            + self.turns
            + self.requests
            + self.sent
            + self.refused
            + self.unknown
            + self.crashes
            + self.failed_before
            + self.failed_after
            + self.reloads
            + self.jumps
    }

    pub fn add(&mut self, other: &Counts) {
        for (sum, more) in self.all_mut().into_iter().zip(other.all()) {
            *sum += more.1;
        }
    }

    /// Each with its name.
    pub fn all(&self) -> [(&'static str, u64); 21] {
        [
            ("accepted", self.accepted),
            ("doubles", self.doubles),
            ("turns", self.turns),
            ("timers", self.timers),
            ("late timers", self.timers_late),
            ("fenced turns", self.fenced),
            ("requests", self.requests),
            ("repeated requests", self.repeated),
            ("sent", self.sent),
            ("refused", self.refused),
            ("unknown", self.unknown),
            ("closed windows", self.windows_closed),
            ("crashes", self.crashes),
            ("operations failed before their commit", self.failed_before),
            ("operations failed after their commit", self.failed_after),
            ("reloads", self.reloads),
            ("clock jumps", self.jumps),
            ("clocks set back", self.set_back),
            ("double taps", self.double_taps),
            ("messages that arrived twice", self.proven_doubles),
            ("moves", self.moves),
        ]
    }

    fn all_mut(&mut self) -> [&mut u64; 21] {
        [
            &mut self.accepted,
            &mut self.doubles,
            &mut self.turns,
            &mut self.timers,
            &mut self.timers_late,
            &mut self.fenced,
            &mut self.requests,
            &mut self.repeated,
            &mut self.sent,
            &mut self.refused,
            &mut self.unknown,
            &mut self.windows_closed,
            &mut self.crashes,
            &mut self.failed_before,
            &mut self.failed_after,
            &mut self.reloads,
            &mut self.jumps,
            &mut self.set_back,
            &mut self.double_taps,
            &mut self.proven_doubles,
            &mut self.moves,
        ]
    }
}

/// The books.
#[derive(Default)]
pub struct Ledger {
    pub counts: Counts,
    seen: BTreeSet<String>,
    /// By phone number: everything accepted, in order.
    mailboxes: BTreeMap<String, Vec<String>>,
    people: BTreeMap<i64, Person>,
    sends: BTreeMap<SendKey, Send>,
    paused_until: i64,
}

#[derive(Default)]
struct Person {
    phone: String,
    state: Conversation,
    taken: usize,
    chain: i64,
    applied: BTreeSet<String>,
    /// Keys in the order decided, from the first that is not settled on.
    line: Vec<SendKey>,
}

struct Send {
    contact: ContactId,
    message: Message<WireButton>,
    on_unknown: OnUnknown,
    attempts: Vec<Attempt>,
    /// Given out by the store and neither settled nor asked for again.
    claimed: bool,
    /// Something happened after which nobody can be sure.
    doubt: bool,
    /// The store must say that an earlier request may have left.
    doubtful: bool,
    settled: bool,
    arrived: u32,
}

/// One request.
#[derive(Default)]
struct Attempt {
    answer: Option<Outcome>,
    /// The attempt's task has come to its end.
    over: bool,
    /// The store knows what became of it.
    stored: bool,
    /// What became of it may not have been stored: a crash, or a store that failed.
    excused: bool,
}

macro_rules! holds {
    ($truth:expr, $($words:tt)+) => {
        if !$truth {
            return Err(format!($($words)+));
        }
    };
}

impl Ledger {
    pub fn accepted(&mut self, deliveries: &[Delivery], accepted: Accepted) -> Result<(), Broken> {
        let mut expected = Accepted::default();
        for delivery in deliveries {
            let Delivery::Message(inbound) = delivery else { continue };
            if self.seen.insert(inbound.id.0.clone()) {
                expected.fresh += 1;
                let phone = inbound.sender.phone.as_ref().unwrap().digits().to_owned();
                self.mailboxes.entry(phone).or_default().push(inbound.id.0.clone());
            } else {
                expected.doubles += 1;
            }
        }
        self.counts.accepted += expected.fresh as u64;
        self.counts.doubles += expected.doubles as u64;
        holds!(accepted == expected, "accepted {accepted:?} instead of {expected:?}");
        Ok(())
    }

    /// What is given out must be the state as last stored and the mail after it, without a gap.
    pub fn claimed(&mut self, claims: &[Claim]) -> Result<(), Broken> {
        for claim in claims {
            let contact = claim.contact;
            let phone = claim.conversation.contact.phone.as_ref().ok_or("a claim of nobody")?.digits().to_owned();
            let person = self.people.entry(contact.0).or_insert_with(|| Person { phone: phone.clone(), ..Person::default() });
            holds!(person.phone == phone, "contact {contact} was {} and is {phone}", person.phone);
            let mut state = claim.conversation.clone();
            state.contact.clone_from(&person.state.contact);
            holds!(state == person.state, "contact {contact} is given out with another state than was stored");
            let mailbox = self.mailboxes.get(&phone).ok_or("mail from nowhere")?;
            for (nth, mail) in claim.inbox.iter().enumerate() {
                let expected = mailbox.get(person.taken + nth);
                let id = &mail.inbound.id.0;
                holds!(expected == Some(id), "contact {contact} is given {id} instead of {expected:?}");
                holds!(mail.seq == (person.taken + nth) as u64 + 1, "message {id} of contact {contact} has number {}", mail.seq);
            }
        }
        Ok(())
    }

    /// A turn: stored or fenced, whole, on top of the one before, once.
    pub fn committed(&mut self, takes: &[Taken], stored: &[bool]) -> Result<(), Broken> {
        for (taken, stored) in takes.iter().zip(stored) {
            if *stored {
                self.stored(taken)?;
            } else {
                self.counts.fenced += 1;
            }
        }
        Ok(())
    }

    fn stored(&mut self, taken: &Taken) -> Result<(), Broken> {
        let contact = taken.contact;
        let person = self.people.get_mut(&contact.0).ok_or("a turn of nobody")?;
        let mailbox = self.mailboxes.get(&person.phone).ok_or("a turn without mail ever")?;
        for turn in &taken.history {
            let id = &turn.event.0;
            holds!(person.applied.insert(id.clone()), "{id} is applied twice to contact {contact}");
            if id.starts_with("timer-") {
                self.counts.timers += 1;
            } else {
                let expected = mailbox.get(person.taken);
                holds!(expected == Some(id), "contact {contact} takes {id} instead of {expected:?}");
                person.taken += 1;
            }
            person.chain = link(person.chain, id);
            self.counts.turns += 1;
        }
        holds!(taken.head as usize == person.taken || taken.head == 0, "the head of contact {contact} is {}", taken.head);
        if !taken.history.is_empty() {
            let chain = Witness::chain(&taken.conversation);
            holds!(chain == person.chain, "the state of contact {contact} is not made of the events before it");
        }
        let opened = taken.conversation.last_inbound_at;
        holds!(opened.is_some_and(|at| at >= person.state.last_inbound_at.unwrap_or(at)), "the window of {contact} went back");
        holds!(taken.conversation.turns >= person.state.turns, "the turns of contact {contact} went back");
        person.state = taken.conversation.clone();
        for send in &taken.sends {
            holds!(!self.sends.contains_key(&send.key), "two sends are called {}", send.key);
            person.line.push(send.key.clone());
            let (message, on_unknown) = (send.message.clone(), send.on_unknown);
            let new = Send {
                contact,
                message,
                on_unknown,
                attempts: vec![],
                claimed: false,
                doubt: false,
                doubtful: false,
                settled: false,
                arrived: 0,
            };
            self.sends.insert(send.key.clone(), new);
        }
        let late = taken.history.iter().filter(|turn| turn.record.contains("late_secs"));
        self.counts.timers_late += late.count() as u64;
        Ok(())
    }

    pub fn claimed_sends(&mut self, claimed: &ClaimedSends, now: Timestamp) -> Result<(), Broken> {
        let now_ms = time::millis(now);
        let hours_2 = 2 * i64::from(limits::RETRY_AFTER_SECS_MAX) * 1000;
        let paused = self.paused_until > now_ms && self.paused_until <= now_ms + hours_2;
        holds!(claimed.sends.is_empty() || !paused, "sends are given out although the provider asked for a pause");
        for send in &claimed.sends {
            let key = &send.key;
            let booked = self.sends.get_mut(key).ok_or_else(|| format!("{key} is given out and was never decided"))?;
            holds!(!booked.settled, "{key} is given out and is settled");
            // Given out before, and nobody said what became of it.
            booked.doubt |= booked.claimed;
            booked.doubtful |= booked.claimed;
            holds!(send.doubtful || !booked.doubtful, "{key} is given out as if it could not have left before");
            booked.claimed = true;
        }
        Ok(())
    }

    pub fn paused(&mut self, until: Timestamp) {
        // A pause that a clock set back left far in the future counts for nothing.
        self.paused_until = time::millis(until);
    }

    pub fn settled(&mut self, settlements: &[Settlement]) -> Result<(), Broken> {
        for settlement in settlements {
            let key = &settlement.key;
            let send = self.sends.get_mut(key).ok_or_else(|| format!("{key} is settled and was never decided"))?;
            if send.settled {
                continue;
            }
            send.claimed = false;
            if let Some(attempt) = send.attempts.last_mut() {
                attempt.stored = true;
            }
            let answers = || send.attempts.iter().filter_map(|attempt| attempt.answer.as_ref());
            let unclear = answers().any(|answer| matches!(answer, Outcome::Unknown { .. } | Outcome::Failed { .. }));
            match &settlement.fate {
                Fate::Retry { doubtful, .. } => {
                    send.doubtful |= doubtful;
                    continue;
                }
                Fate::Sent { .. } => {
                    holds!(answers().any(|answer| matches!(answer, Outcome::Sent { .. })), "{key} counts as sent and was not");
                    self.counts.sent += 1;
                }
                Fate::Refused { .. } => {
                    if send.attempts.is_empty() {
                        self.counts.windows_closed += 1;
                    }
                    let sure = !unclear || answers().all(|answer| !matches!(answer, Outcome::Unknown { .. }));
                    holds!(sure, "{key} counts as refused, and nobody knows whether it left");
                    self.counts.refused += 1;
                }
                Fate::Unknown { .. } => {
                    holds!(unclear || send.doubt, "{key} counts as unknown without any doubt");
                    self.counts.unknown += 1;
                }
            }
            send.settled = true;
            let person = self.people.get_mut(&send.contact.0).ok_or("a send of nobody")?;
            holds!(person.line.first() == Some(key), "{key} is settled before what was decided before it");
            person.line.remove(0);
        }
        Ok(())
    }

    /// An operation about this send failed: what was to be stored may not be.
    pub fn settling_failed(&mut self, settlements: &[Settlement]) {
        for settlement in settlements {
            if let Some(send) = self.sends.get_mut(&settlement.key) {
                send.doubt = true;
                if let Some(attempt) = send.attempts.last_mut() {
                    attempt.excused = true;
                }
            }
        }
    }

    /// A request leaves; gives its number among those of this send.
    pub fn requested(&mut self, key: &SendKey, message: &Message<WireButton>, now: Timestamp) -> Result<usize, Broken> {
        let send = self.sends.get_mut(key).ok_or_else(|| format!("{key} leaves and was never decided"))?;
        holds!(send.message == *message, "{key} leaves with other words than were decided");
        holds!(!send.settled, "{key} leaves and is settled");
        let person = &self.people[&send.contact.0];
        holds!(person.line.first() == Some(key), "{key} leaves before what was decided before it");
        if !message.is_template() {
            let open = person.state.last_inbound_at.is_some_and(|at| now < time::after(at, limits::WINDOW_MS));
            holds!(open, "{key} leaves outside of the 24 hours");
        }
        let harmless = |attempt: &Attempt| matches!(attempt.answer, Some(Outcome::Throttled { .. } | Outcome::Unreached { .. }));
        if let Some(last) = send.attempts.last() {
            holds!(last.over, "{key} leaves while an earlier request of it is under way");
            let resend = send.on_unknown == OnUnknown::Resend;
            let may = if last.stored { resend || send.attempts.iter().all(harmless) } else { last.excused && resend };
            holds!(
                may,
                "{key} leaves again although {} and {:?}",
                if resend { "it has left" } else { "it may have left" },
                last.answer
            );
            self.counts.repeated += 1;
        }
        send.attempts.push(Attempt::default());
        self.counts.requests += 1;
        Ok(send.attempts.len() - 1)
    }

    /// The provider answered, and `arrived` tells whether the message reached the phone.
    pub fn answered(&mut self, key: &SendKey, nth: usize, outcome: &Outcome, arrived: bool) {
        let Some(send) = self.sends.get_mut(key) else { return };
        send.arrived += u32::from(arrived);
        if arrived && send.arrived == 2 {
            self.counts.proven_doubles += 1;
        }
        // The answer to a process that died meanwhile is heard by nobody.
        if let Some(attempt) = send.attempts.get_mut(nth).filter(|attempt| !attempt.over) {
            attempt.answer = Some(outcome.clone());
        }
    }

    pub fn attempt_over(&mut self, key: &SendKey) {
        if let Some(attempt) = self.sends.get_mut(key).and_then(|send| send.attempts.last_mut()) {
            attempt.over = true;
        }
    }

    /// The process died: whatever was under way is over, and nobody knows how.
    pub fn crashed(&mut self) {
        self.counts.crashes += 1;
        for send in self.sends.values_mut().filter(|send| !send.settled) {
            send.doubt |= send.claimed;
            send.doubtful |= send.claimed;
            send.claimed = false;
            if let Some(attempt) = send.attempts.last_mut() {
                attempt.over = true;
                attempt.excused |= !attempt.stored;
            }
        }
    }

    /// Nothing is left to do: everything accepted is applied, everything decided is settled, no timer waits.
    pub fn at_rest(&self) -> Result<(), Broken> {
        for (phone, mailbox) in &self.mailboxes {
            let taken = self.people.values().find(|person| person.phone == *phone).map_or(0, |person| person.taken);
            holds!(taken == mailbox.len(), "{phone}: {taken} of {} accepted messages were ever taken", mailbox.len());
        }
        for (contact, person) in &self.people {
            holds!(person.line.is_empty(), "contact {contact}: {} sends never ended", person.line.len());
            holds!(person.state.timers.is_empty(), "contact {contact}: a timer never fired: {:?}", person.state.timers);
        }
        Ok(())
    }

    /// How many messages arrived at this phone, copies included.
    pub fn arrived_at(&self, phone: &str) -> u64 {
        let of = |send: &&Send| self.people[&send.contact.0].phone == phone;
        self.sends.values().filter(of).map(|send| u64::from(send.arrived)).sum()
    }

    /// Whether this delivery was accepted, durably: what a 200 promises.
    pub fn knows(&self, event: &str) -> bool {
        self.seen.contains(event)
    }
}
