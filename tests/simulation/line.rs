//! The model's outbox: one line of sends per contact, and what became of those that left it. Written as plainly as can be, without
//! an index: it says what the embedded store's statements mean.

use buttonhook::model::{ContactId, MessageId, OnUnknown, Priority, SendKey, time};
use buttonhook::store::{Fate, NewSend, Proof, SettledSend, Settlement, Stats, Verdict};

use super::bugs::Bug;

/// A send in its line.
#[derive(Clone)]
pub struct Waiting {
    pub send: NewSend,
    /// Numbers all that was ever stored: among equals the older goes first.
    pub id: u64,
    pub tries: u32,
    pub doubtful: bool,
    pub sending: bool,
    /// Only the first of a line ever has one.
    pub due_at: Option<i64>,
    /// Its due time has come, whatever a clock says that is set back afterwards.
    pub ready: bool,
    /// Claims so far.
    pub attempt: u64,
    pub stored_at: i64,
    /// Its place among all.
    pub rank_at: i64,
    /// What proved that it left while it was under way, and the provider's id where that is known.
    pub proven: Option<(&'static str, Option<MessageId>)>,
}

/// A contact's line and until when the contact rests.
#[derive(Clone, Default)]
pub struct Line {
    pub sends: Vec<Waiting>,
    quiet_until: i64,
}

/// A send that left its line; with itself while a person is asked.
#[derive(Clone)]
pub struct Past {
    pub row: SettledSend,
    asks: Option<Waiting>,
}

impl Waiting {
    pub fn new(send: NewSend, id: u64) -> Self {
        Self {
            send,
            id,
            tries: 0,
            doubtful: false,
            sending: false,
            due_at: None,
            ready: false,
            attempt: 0,
            stored_at: 0,
            rank_at: 0,
            proven: None,
        }
    }

    fn wait_until(&mut self, due_at: i64, now: i64) {
        (self.sending, self.due_at, self.ready) = (false, Some(due_at), due_at <= now);
    }

    /// Out of the line.
    fn end(self, contact: ContactId, outcome: &str, now: i64) -> SettledSend {
        SettledSend {
            key: self.send.key,
            contact,
            outcome: outcome.to_owned(),
            message: None,
            status: None,
            detail: String::new(),
            tries: self.tries,
            at: time::from_millis(now),
            resent: false,
            evidence: None,
            double: None,
            asked: false,
        }
    }
}

impl Line {
    pub fn append(&mut self, mut new: Waiting, now: i64, bug: Option<Bug>) {
        let put_off = Priority::put_off_ms(new.send.priority);
        (new.stored_at, new.rank_at) = (now, time::millis(time::after(time::from_millis(now), put_off)));
        new.due_at = None;
        if self.sends.is_empty() || bug == Some(Bug::NoLine) {
            new.wait_until(now.max(self.quiet_until), now);
        }
        // Whoever waits behind a broadcast must not wait as long as a broadcast.
        for head in self.sends.iter_mut().filter(|head| head.due_at.is_some()) {
            head.rank_at = head.rank_at.min(new.rank_at);
        }
        self.sends.push(new);
    }

    fn advance(&mut self, now: i64, bug: Option<Bug>) {
        let best = self.sends.iter().map(|waiting| waiting.rank_at).min();
        if let (Some(next), Some(best)) = (self.sends.first_mut().filter(|_| bug != Some(Bug::LineNotWoken)), best) {
            next.rank_at = best;
            // One that is under way or waits for its retry stays as it is: what ended was behind it.
            if next.due_at.is_none() {
                next.wait_until(now.max(self.quiet_until), now);
            }
        }
    }

    /// What became of the newest attempt at the send at `at`; gives the send where that is its end.
    pub fn settle(&mut self, at: usize, settlement: &Settlement, contact: ContactId, now: i64, bug: Option<Bug>) -> Option<Past> {
        if let Some(until) = settlement.rests_until {
            self.quiet_until = time::millis(until);
        }
        let waiting = &mut self.sends[at];
        let in_doubt = waiting.doubtful
            || match settlement.fate {
                Fate::Unknown { .. } | Fate::Ask { .. } => true,
                Fate::Retry { doubtful, counts, .. } => doubtful || counts,
                Fate::Sent { .. } | Fate::Refused { .. } => false,
            };
        let proven = waiting.proven.clone().filter(|_| in_doubt);
        if let (Fate::Retry { at, doubtful, counts }, None) = (&settlement.fate, &proven) {
            waiting.doubtful |= *doubtful;
            waiting.tries += u32::from(*counts);
            waiting.wait_until(time::millis(*at), now);
            // Told to come later, it does not come earlier because a clock is set back.
            waiting.ready = false;
            return None;
        }
        let waiting = self.sends.remove(at);
        self.advance(now, bug);
        let mut row = waiting.clone().end(contact, "sent", now);
        row.tries += 1;
        let mut asks = None;
        match (&settlement.fate, proven) {
            (Fate::Sent { message }, proven) => {
                let proven = proven.and_then(|(_, id)| id);
                row.double = proven.clone().filter(|proven| message.as_ref().is_some_and(|message| message != proven));
                row.message = message.clone().or(proven);
                row.resent = waiting.doubtful;
            }
            (_, Some((evidence, id))) => (row.evidence, row.message) = (Some(evidence.to_owned()), id),
            (Fate::Refused { detail, .. }, None) => (row.outcome, row.detail) = ("refused".to_owned(), detail.clone()),
            (Fate::Unknown { detail } | Fate::Ask { detail }, None) => {
                (row.outcome, row.detail) = ("unknown".to_owned(), detail.clone());
                row.asked = matches!(settlement.fate, Fate::Ask { .. });
                asks = Some(Waiting { tries: row.tries, ..waiting }).filter(|_| row.asked);
            }
            (Fate::Retry { .. }, None) => unreachable!("it waits again"),
        }
        Some(Past { row, asks })
    }

    /// Word that the send at `at` left; gives it where that is its end.
    pub fn prove(
        &mut self,
        at: usize,
        proof: &Proof,
        evidence: &'static str,
        contact: ContactId,
        now: i64,
        bug: Option<Bug>,
    ) -> Option<Past> {
        let waiting = &mut self.sends[at];
        if waiting.sending {
            if waiting.proven.as_ref().is_none_or(|(_, id)| id.is_none()) {
                waiting.proven = Some((evidence, proof.on.clone()));
            }
            return None;
        }
        if waiting.attempt == 0 || !(waiting.doubtful || waiting.tries > 0) {
            return None;
        }
        let mut row = self.sends.remove(at).end(contact, "sent", now);
        (row.evidence, row.message) = (Some(evidence.to_owned()), proof.on.clone());
        self.advance(now, bug);
        Some(Past { row, asks: None })
    }
}

impl Past {
    /// Word that it left.
    pub fn prove(&mut self, proof: &Proof, evidence: &'static str, stats: &mut Stats) {
        let row = &mut self.row;
        if row.outcome == "unknown" {
            (row.outcome, row.asked, self.asks) = ("sent".to_owned(), false, None);
            (row.message, row.evidence) = (proof.on.clone(), Some(evidence.to_owned()));
            (stats.sent, stats.unknown) = (stats.sent + 1, stats.unknown - 1);
        } else if row.resent && row.double.is_none() && row.message.is_some() && proof.on.is_some() && row.message != proof.on {
            row.double.clone_from(&proof.on);
            stats.doubles += 1;
        }
    }

    /// What a person says; whether they were asked, and the send where it goes into its line again.
    pub fn rule(&mut self, verdict: Verdict) -> (bool, Option<Waiting>) {
        let Some(asks) = self.asks.take() else { return (false, None) };
        self.row.asked = false;
        if verdict == Verdict::Drop {
            return (true, None);
        }
        // The doubt stays; what its step says about doubt has been answered.
        let send = NewSend { on_unknown: OnUnknown::Resend, about: Default::default(), ..asks.send };
        (true, Some(Waiting { send, doubtful: true, sending: false, proven: None, ..asks }))
    }

    pub fn count(&self, stats: &mut Stats) {
        match self.row.outcome.as_str() {
            "sent" => stats.sent += 1,
            "refused" => stats.refused += 1,
            _ => stats.unknown += 1,
        }
        stats.outbox -= 1;
        stats.resent += u64::from(self.row.resent);
        stats.doubles += u64::from(self.row.double.is_some());
    }
}

/// How a proof names the send of a settlement that came too late.
pub fn late_answer(key: &SendKey, message: &Option<MessageId>) -> Proof {
    Proof { key: key.clone(), on: message.clone() }
}
