//! The oracle: told of every commit and every request, it knows what must hold and says where it does not.
//!
//! It sees what passes between the runtime and the store and between the runtime and the provider, and keeps books of its own,
//! which no crash touches. It never looks into the store.

use std::collections::{BTreeMap, BTreeSet};

use buttonhook::model::{
    ContactId, Conversation, Delivery, Message, OnUnknown, Outcome, SendKey, Timestamp, WireButton, limits, time,
};
use buttonhook::store::{Accepted, Claim, ClaimedSends, Fate, Settlement, Stats, Taken, Verdict};

use super::counts::Counts;
use super::random::link;
use super::witness::Witness;

mod send;

use send::{Attempt, End, HOURS_2_MS, Send, rank};

/// A promise that was broken, in words.
pub type Broken = String;

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
    pub fn committed(&mut self, takes: &[Taken], stored: &[bool], now: Timestamp) -> Result<(), Broken> {
        for (taken, stored) in takes.iter().zip(stored) {
            if *stored {
                self.stored(taken, now)?;
            } else {
                self.counts.fenced += 1;
            }
        }
        Ok(())
    }

    fn stored(&mut self, taken: &Taken, now: Timestamp) -> Result<(), Broken> {
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
        // Before the sends of the same turn: a proof may free the line that they are put at the end of.
        for proof in &taken.proofs {
            self.proven(&proof.key)?;
        }
        let person = self.people.get_mut(&contact.0).ok_or("a turn of nobody")?;
        for send in &taken.sends {
            holds!(!self.sends.contains_key(&send.key), "two sends are called {}", send.key);
            person.line.push(send.key.clone());
            let (message, on_unknown) = (send.message.clone(), send.on_unknown);
            let new = Send {
                contact,
                message,
                on_unknown,
                rank_at: rank(send.priority, now),
                priority: send.priority,
                attempt: 0,
                leased_until: now,
                tries: 0,
                proven: false,
                may_have_ended: false,
                end: None,
                asked: false,
                again: false,
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

    pub fn claimed_sends(&mut self, claimed: &ClaimedSends, lease_ms: u64, now: Timestamp) -> Result<(), Broken> {
        let now_ms = time::millis(now);
        let paused = self.paused_until > now_ms && self.paused_until <= now_ms + HOURS_2_MS;
        holds!(claimed.sends.is_empty() || !paused, "sends are given out although the provider asked for a pause");
        let mut last = i64::MIN;
        for send in &claimed.sends {
            let key = &send.key;
            self.left_before(send.contact, Some((key, now)))?;
            // Across contacts the best place leaves first. A line has the best place of all that wait in it.
            let line = self.people.get(&send.contact.0).map_or(&[][..], |person| &person.line);
            let place = line.iter().filter_map(|key| self.sends.get(key)).map(|send| send.rank_at).min().unwrap_or(i64::MIN);
            holds!(place >= last, "{key} leaves behind one with a worse place");
            last = place;
            let booked = self.sends.get_mut(key).ok_or_else(|| format!("{key} is given out and was never decided"))?;
            holds!(!booked.settled, "{key} is given out and is settled");
            // Given out before, and nobody said what became of it.
            booked.doubt |= booked.claimed;
            booked.doubtful |= booked.claimed;
            holds!(send.doubtful || !booked.doubtful, "{key} is given out as if it could not have left before");
            holds!(!(booked.proven && booked.doubtful), "{key} is given out and is proven to have left");
            holds!(send.attempt > booked.attempt, "attempt {} of {key} has been before", send.attempt);
            (booked.attempt, booked.leased_until) = (send.attempt, time::after(now, lease_ms));
            booked.claimed = true;
        }
        Ok(())
    }

    pub fn paused(&mut self, until: Timestamp) {
        // A pause that a clock set back left far in the future counts for nothing.
        self.paused_until = time::millis(until);
    }

    pub fn settled(&mut self, settlements: &[Settlement], now: Timestamp) -> Result<(), Broken> {
        for settlement in settlements {
            let key = &settlement.key;
            let send = self.sends.get_mut(key).ok_or_else(|| format!("{key} is settled and was never decided"))?;
            if send.settled {
                continue;
            }
            if !send.claimed || send.attempt != settlement.attempt {
                self.counts.overtaken += 1;
                // The store goes by the newest claim alone, which nobody holds when the claim was stored and answered with a failure.
                // What this attempt ran into is then not known to anybody, as after a crash, unless it says that the send left.
                if let Some(attempt) = send.attempts.last_mut() {
                    attempt.excused = true;
                }
                if matches!(settlement.fate, Fate::Sent { .. }) {
                    self.proven(key)?;
                }
                continue;
            }
            send.claimed = false;
            if let Some(attempt) = send.attempts.last_mut() {
                attempt.stored = true;
            }
            let in_doubt = send.doubtful
                || match settlement.fate {
                    Fate::Unknown { .. } | Fate::Ask { .. } => true,
                    Fate::Retry { doubtful, counts, .. } => doubtful || counts,
                    Fate::Sent { .. } | Fate::Refused { .. } => false,
                };
            if send.proven && in_doubt && !matches!(settlement.fate, Fate::Sent { .. }) {
                holds!(send.arrived > 0, "{key} counts as proven and never arrived");
                self.counts.proven += 1;
                self.end(key, End::Sent)?;
                continue;
            }
            let answers = || send.attempts.iter().filter_map(|attempt| attempt.answer.as_ref());
            let unclear = answers().any(|answer| matches!(answer, Outcome::Unknown { .. } | Outcome::Failed { .. }));
            match &settlement.fate {
                Fate::Retry { doubtful, counts, .. } => {
                    send.may_have_ended |= send.proven && send.lease_is_over(now);
                    send.doubtful |= doubtful;
                    send.tries += u32::from(*counts);
                    continue;
                }
                Fate::Sent { .. } => {
                    holds!(answers().any(|answer| matches!(answer, Outcome::Sent { .. })), "{key} counts as sent and was not");
                    self.end(key, End::Sent)?;
                }
                Fate::Refused { .. } => {
                    if send.attempts.is_empty() {
                        self.counts.windows_closed += 1;
                    }
                    let sure = !unclear || answers().all(|answer| !matches!(answer, Outcome::Unknown { .. }));
                    holds!(sure, "{key} counts as refused, and nobody knows whether it left");
                    self.end(key, End::Refused)?;
                }
                Fate::Unknown { .. } | Fate::Ask { .. } => {
                    holds!(unclear || send.doubt, "{key} counts as unknown without any doubt");
                    if matches!(settlement.fate, Fate::Ask { .. }) {
                        holds!(send.on_unknown == OnUnknown::Ask, "a person is asked about {key}, and its step does not");
                        send.asked = true;
                        self.counts.asked += 1;
                    }
                    self.end(key, End::Unknown)?;
                }
            }
        }
        Ok(())
    }

    /// A send that is proven to have left ends at the claim that would have given it out again, and no answer tells of that: it is
    /// known by the one behind it that is given out, or by the line that is empty in the end.
    fn left_before(&mut self, contact: ContactId, given: Option<(&SendKey, Timestamp)>) -> Result<(), Broken> {
        while let Some(first) = self.people.get(&contact.0).and_then(|person| person.line.first()).cloned() {
            let send = &self.sends[&first];
            let ended = given.is_none_or(|(key, now)| *key != first && (!send.claimed || send.lease_is_over(now)));
            if !(send.proven && ended && (send.doubtful || send.claimed || send.may_have_ended)) {
                break;
            }
            self.counts.proven += 1;
            self.end(&first, End::Sent)?;
        }
        Ok(())
    }

    fn end(&mut self, key: &SendKey, end: End) -> Result<(), Broken> {
        match end {
            End::Sent => self.counts.sent += 1,
            End::Refused => self.counts.refused += 1,
            End::Unknown => self.counts.unknown += 1,
        }
        let send = self.sends.get_mut(key).ok_or("the end of a send that never was")?;
        (send.settled, send.claimed, send.end) = (true, false, Some(end));
        let person = self.people.get_mut(&send.contact.0).ok_or("a send of nobody")?;
        let at = person.line.iter().position(|waiting| waiting == key);
        // One that a person had put at the end of the line again may be proven while it waits there.
        let in_turn = at == Some(0) || (send.again && end == End::Sent && at.is_some());
        holds!(in_turn, "{key} is settled before what was decided before it");
        person.line.retain(|waiting| waiting != key);
        Ok(())
    }

    /// Something says that this send left: a tap on its button, or an answer that came when the attempt was given up already.
    fn proven(&mut self, key: &SendKey) -> Result<(), Broken> {
        let send = self.sends.get_mut(key).ok_or_else(|| format!("{key} is proven and was never decided"))?;
        holds!(send.arrived > 0, "{key} is proven and never arrived");
        self.counts.proofs += 1;
        match send.end {
            Some(End::Unknown) => {
                (send.end, send.asked) = (Some(End::Sent), false);
                self.counts.proven += 1;
                self.counts.unknown -= 1;
                self.counts.sent += 1;
            }
            Some(End::Sent | End::Refused) => {}
            None if send.claimed => send.proven = true,
            // It waits to be repeated, and is not.
            None if send.doubtful || send.tries > 0 => {
                self.counts.proven += 1;
                self.end(key, End::Sent)?;
            }
            None => {}
        }
        Ok(())
    }

    /// A person said what becomes of a send in doubt.
    pub fn ruled(&mut self, key: &SendKey, verdict: Verdict, was_asked: bool, now: Timestamp) -> Result<(), Broken> {
        let send = self.sends.get_mut(key).ok_or_else(|| format!("{key} is ruled about and was never decided"))?;
        holds!(send.asked == was_asked, "{key} waits for a person's word: {was_asked} instead of {}", send.asked);
        self.counts.ruled += u64::from(was_asked);
        send.asked = false;
        if was_asked && verdict == Verdict::Resend {
            // At the end of the line, because it held up nobody meanwhile: here alone the order decided gives way.
            self.people.get_mut(&send.contact.0).ok_or("a send of nobody")?.line.push(key.clone());
            (send.settled, send.end, send.proven, send.doubtful, send.tries) = (false, None, false, true, send.tries + 1);
            (send.on_unknown, send.again) = (OnUnknown::Resend, true);
            send.rank_at = rank(send.priority, now);
            self.counts.unknown -= 1;
        }
        Ok(())
    }

    /// Sends about which a person is asked.
    pub fn questions(&self) -> Vec<SendKey> {
        self.sends.iter().filter(|(_, send)| send.asked).map(|(key, _)| key.clone()).collect()
    }

    /// The store's counts are those of the books, when nothing is left to do.
    pub fn agrees(&self, stats: &Stats) -> Result<(), Broken> {
        let counts = &self.counts;
        let expected = [("inbox", 0, stats.inbox), ("outbox", 0, stats.outbox), ("sent", counts.sent, stats.sent)];
        let others = [("refused", counts.refused, stats.refused), ("unknown", counts.unknown, stats.unknown)];
        for (what, booked, told) in expected.into_iter().chain(others) {
            holds!(booked == told, "the store counts {told} {what} instead of {booked}");
        }
        let twice = self.sends.values().filter(|send| send.arrived > 1).count() as u64;
        holds!(stats.doubles <= twice, "{} doubles are proven, and {twice} messages arrived twice", stats.doubles);
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
    pub fn at_rest(&mut self) -> Result<(), Broken> {
        let contacts: Vec<i64> = self.people.keys().copied().collect();
        for contact in contacts {
            self.left_before(ContactId(contact), None)?;
        }
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
