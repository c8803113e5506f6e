//! The model's outbox: who leaves next, and what becomes of it.

use buttonhook::model::{ContactId, SendKey, time};
use buttonhook::store::{ClaimedSend, Fate, Proof, Settlement};

use super::super::bugs::Bug;
use super::super::line::{Past, Waiting, late_answer};
use super::{Person, State, WAIT_MS_MAX};

impl State {
    fn find(&mut self, key: &SendKey) -> Option<(&mut Person, ContactId, usize)> {
        self.contacts.iter_mut().find_map(|(id, person)| {
            let at = person.line.sends.iter().position(|waiting| waiting.send.key == *key)?;
            Some((person, ContactId(*id), at))
        })
    }

    /// Only the newest attempt settles a send. Of an earlier one nothing counts but that it left.
    pub(super) fn settle(&mut self, settlement: &Settlement, now: i64, bug: Option<Bug>) {
        let newest = self.find(&settlement.key).filter(|(person, _, at)| {
            let waiting = &person.line.sends[*at];
            waiting.sending && (waiting.attempt == settlement.attempt || bug == Some(Bug::AttemptsForgotten))
        });
        match (newest, &settlement.fate) {
            (Some((person, contact, at)), _) => {
                let past = person.line.settle(at, settlement, contact, now, bug);
                self.end(past);
            }
            (None, Fate::Sent { message }) => {
                let proof = late_answer(&settlement.key, message);
                self.prove(None, &proof, "late answer", now, bug);
            }
            (None, _) => {}
        }
    }

    /// `of`: whose send it must be.
    pub(super) fn prove(&mut self, of: Option<ContactId>, proof: &Proof, evidence: &'static str, now: i64, bug: Option<Bug>) {
        if bug == Some(Bug::ProofsForgotten) {
            return;
        }
        let whose = |contact: ContactId| of.is_none_or(|of| of == contact);
        if let Some((person, contact, at)) = self.find(&proof.key) {
            let past = if whose(contact) { person.line.prove(at, proof, evidence, contact, now, bug) } else { None };
            self.end(past);
        } else if let Some(past) = self.past.get_mut(&proof.key).filter(|past| whose(past.row.contact)) {
            past.prove(proof, evidence, &mut self.stats);
        }
    }

    fn end(&mut self, past: Option<Past>) {
        if let Some(past) = past {
            past.count(&mut self.stats);
            self.past.insert(past.row.key.clone(), past);
        }
    }

    pub(super) fn paused(&self, now: i64) -> bool {
        self.paused_until > now && self.paused_until <= now + WAIT_MS_MAX
    }

    /// Those whose turn it is, best place first.
    pub(super) fn ready(&mut self, now: i64, bug: Option<Bug>) -> Vec<SendKey> {
        let mut ready = Vec::new();
        for waiting in self.contacts.values_mut().flat_map(|person| &mut person.line.sends) {
            let Some(due_at) = waiting.due_at else { continue };
            waiting.ready |= due_at <= now || due_at > now.saturating_add(WAIT_MS_MAX);
            if waiting.ready {
                let place = if bug == Some(Bug::PlacesForgotten) { -waiting.rank_at } else { waiting.rank_at };
                ready.push((place, waiting.id, waiting.send.key.clone()));
            }
        }
        ready.sort();
        ready.into_iter().map(|(.., key)| key).collect()
    }

    /// Marks the intent to send. Nothing where it has turned out meanwhile that it left before.
    pub(super) fn send(&mut self, key: &SendKey, until: i64, now: i64, bug: Option<Bug>) -> Option<ClaimedSend> {
        let (person, contact, at) = self.find(key)?;
        let waiting = &mut person.line.sends[at];
        waiting.doubtful |= waiting.sending && bug != Some(Bug::DoubtForgotten);
        (waiting.sending, waiting.ready, waiting.due_at) = (true, false, Some(until));
        waiting.attempt += 1;
        if waiting.doubtful && waiting.proven.is_some() {
            let fate = Fate::Unknown { detail: "its answer was never stored".to_owned() };
            let left = Settlement { key: key.clone(), attempt: waiting.attempt, fate, rests_until: None };
            let past = person.line.settle(at, &left, contact, now, bug);
            self.end(past);
            return None;
        }
        let mut send = claimed(person, contact.0, &person.line.sends[at]);
        if bug == Some(Bug::DoubtForgotten) {
            send.doubtful = false;
        }
        if bug == Some(Bug::WindowAtPlanning) {
            send.last_inbound_at = Some(time::from_millis(now));
        }
        Some(send)
    }
}

fn claimed(person: &Person, id: i64, waiting: &Waiting) -> ClaimedSend {
    ClaimedSend {
        key: waiting.send.key.clone(),
        contact: ContactId(id),
        to: person.contact.clone(),
        last_inbound_at: person.state.last_inbound_at,
        message: waiting.send.message.clone(),
        on_unknown: waiting.send.on_unknown,
        about: waiting.send.about.clone(),
        tries: waiting.tries,
        doubtful: waiting.doubtful,
        attempt: waiting.attempt,
        stored_at: time::from_millis(waiting.stored_at),
        // The simulated provider sends no receipts: evidence are taps and late answers.
        evidence_comes: false,
    }
}
