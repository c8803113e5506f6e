//! Commit 2: claimed contacts' mail, and then the timers that are due, become turns. Several lanes run at once; a claim leases its contacts, so that the order
//! of one contact's turns holds whichever lane takes them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::failpoint;
use crate::flow::button::Signer;
use crate::flow::{self, Program};
use crate::model;
use crate::model::{
    ContactId, Content, Conversation, Effect, Event, EventKind, Fault, FaultKind, Priority, RequestKey, SendKey, TappedButton,
    Timestamp, Trace, Turn, WireButton, limits, time,
};
use crate::store::{
    Claim, INBOX_PER_CLAIM_MAX, Mail, NewHistory, NewRequest, NewSend, Proof, Requested, Store, StoreError, Taken,
};

/// Contacts that one lane takes together; one commit pays for all of them.
pub const CONTACTS_PER_CLAIM_MAX: usize = 16;
/// How long a claim holds its contacts. It bounds how long they wait after a lane died or could not commit.
pub const LANE_LEASE_MS: u64 = 10_000;
/// How long a lane begins further turns on one claim: far less than the lease, because turns that end after it count for
/// nothing and would be taken again and again. A turn with many slow scripts in it may take seconds.
const TURNS_TIME_MAX: Duration = Duration::from_secs(1);
/// Turns that one lane takes between two commits; what is left in a mailbox comes with the next claim.
const TURNS_PER_CLAIM_MAX: usize = 64;

/// Whatever turns an event into a turn: a [`Program`], or a stand-in in tests.
pub trait Take: Send + Sync {
    /// The revision that history remembers the turn by.
    fn revision(&self) -> &str;

    /// One turn; see [`flow::advance`].
    fn advance(&self, contact: ContactId, conversation: Conversation, event: &Event, now: Timestamp) -> Turn;
}

impl Take for Program {
    fn revision(&self) -> &str {
        Program::revision(self)
    }

    fn advance(&self, contact: ContactId, conversation: Conversation, event: &Event, now: Timestamp) -> Turn {
        flow::advance(self, contact, conversation, event, now)
    }
}

/// What one call of [`take_some`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Took {
    /// Contacts claimed.
    pub contacts: usize,
    /// Turns taken and stored.
    pub turns: usize,
    /// Sends decided and stored.
    pub sends: usize,
    /// Requests to other systems decided and stored.
    pub requests: usize,
    /// Contacts whose turns were thrown away because a newer owner has them.
    pub fenced: usize,
    /// Faults in those turns.
    pub faults: usize,
    /// When there may be work although nothing wakes us.
    pub next_due: Option<Timestamp>,
}

/// Claims up to `most` contacts, takes what waits in their mailboxes and what has fallen due, and stores it all in one commit.
///
/// # Errors
/// When the store fails. Nothing of this call was stored then: the claimed contacts come again when their lease ends, and
/// give the same turns.
pub async fn take_some(
    store: &dyn Store,
    program: &dyn Take,
    signer: &Signer,
    now: Timestamp,
    most: usize,
) -> Result<Took, StoreError> {
    let claims = store.claim(most, LANE_LEASE_MS, now).await?;
    let mut took = Took { contacts: claims.contacts.len(), next_due: claims.next_due, ..Took::default() };
    if claims.contacts.is_empty() {
        return Ok(took);
    }
    failpoint::reached("lane.after_claim");
    let began = Instant::now();
    let turns_each = (TURNS_PER_CLAIM_MAX / claims.contacts.len()).max(1);
    let (takes, faults): (Vec<Taken>, Vec<usize>) =
        claims.contacts.into_iter().map(|claim| take_contact(program, signer, claim, turns_each, began, now)).unzip();
    let counts: Vec<[usize; 3]> =
        takes.iter().map(|taken| [taken.history.len(), taken.sends.len(), taken.requests.len()]).collect();
    let stored = store.commit(takes, now).await?;
    failpoint::reached("turn.after_commit");
    for (([turns, sends, requests], faults), stored) in counts.into_iter().zip(faults).zip(stored) {
        if stored {
            took.turns += turns;
            took.sends += sends;
            took.requests += requests;
            took.faults += faults;
        } else {
            took.fenced += 1;
        }
    }
    Ok(took)
}

/// Takes up to `most` of a contact's messages, in order, and then the timers that are due; what the time since `began` does not
/// allow comes with the next claim. Mail goes first: whoever has answered is not silent, even when we were down at the time.
fn take_contact(
    program: &dyn Take,
    signer: &Signer,
    claim: Claim,
    most: usize,
    began: Instant,
    now: Timestamp,
) -> (Taken, usize) {
    let Claim { contact, epoch, conversation, inbox } = claim;
    let mut taken = Taken {
        contact,
        epoch,
        head: 0,
        conversation,
        sends: Vec::new(),
        requests: Vec::new(),
        history: Vec::new(),
        proofs: Vec::new(),
        led_nowhere: Vec::new(),
    };
    // A claim without mail (its lease was lost before the head moved) must not move the head back.
    taken.head = inbox.first().map_or(0, |mail| mail.seq.saturating_sub(1));
    let mut faults = 0;
    let mail_here = inbox.len();
    let mut mail_taken = 0;
    for mail in inbox.into_iter().take(most) {
        if began.elapsed() > TURNS_TIME_MAX {
            break;
        }
        taken.head = mail.seq;
        let (seq, heard_at) = (mail.seq, window_opened(&mail));
        let on = if let Content::Tapped { on, .. } = &mail.inbound.content { on.clone() } else { None };
        let event = understand(signer, contact, mail);
        if let EventKind::Tapped { button: TappedButton::Ours { send, .. }, .. } = &event.kind {
            taken.proofs.push(Proof { key: send.clone(), on });
        }
        let (trace, broken) = take_event(program, signer, &mut taken, &event, Some(heard_at), now);
        faults += broken;
        let by_title = matches!(event.kind, EventKind::Tapped { button: TappedButton::TitleOnly, .. });
        if by_title && trace.iter().any(|line| matches!(line, Trace::Nobody | Trace::NotAnAnswer { .. })) {
            taken.led_nowhere.push(seq);
        }
        mail_taken += 1;
    }
    let all_mail = mail_taken == mail_here && mail_here < INBOX_PER_CLAIM_MAX;
    while all_mail
        && taken.history.len().max(mail_taken) < most
        && began.elapsed() <= TURNS_TIME_MAX
        && let Some(timer) = taken.conversation.next_timer().filter(|timer| timer.at <= now).cloned()
    {
        faults += take_event(program, signer, &mut taken, &timer.clone().event(contact), None, now).1;
        // Also after a turn that broke, which left the state as it was: it must not fire for ever.
        taken.conversation.forget_timer(&timer);
    }
    (taken, faults)
}

/// Takes one event; gives its trace and how much broke. `heard_at` is when the contact did it.
fn take_event(
    program: &dyn Take,
    signer: &Signer,
    taken: &mut Taken,
    event: &Event,
    heard_at: Option<Timestamp>,
    now: Timestamp,
) -> (Vec<Trace>, usize) {
    let contact = taken.contact;
    let mut before = std::mem::take(&mut taken.conversation);
    if event.is_inbound() {
        // Here and not only in the turn, so that it holds even when the turn breaks.
        before.hear_from(&event.sender, heard_at.unwrap_or(event.at));
    }
    // A schedule comes round for many, and is meant for few of them: a turn of which nothing comes is none.
    let kept = matches!(event.kind, EventKind::Scheduled { .. }).then(|| before.clone());
    let last_inbound_at = before.last_inbound_at;
    let mut turn = advance_fenced(program, contact, before, event, now);
    failpoint::reached("lane.in_turn");
    if let Some(kept) = kept.filter(|_| turn.is_idle()) {
        taken.conversation = kept;
        return (turn.trace, 0);
    }
    // The turn reckons with the moment of acceptance; the window goes by what the contact did.
    turn.conversation.last_inbound_at = last_inbound_at;
    for fault in &turn.faults {
        tracing::warn!(%contact, place = %fault.place, kind = ?fault.kind, "a turn met a fault: {}", for_the_log(fault));
    }
    taken.history.push(NewHistory {
        event: event.id.clone(),
        turn: turn.conversation.turns,
        revision: program.revision().to_owned(),
        record: record(event, &turn),
    });
    let number = turn.conversation.turns;
    for effect in turn.effects {
        match effect {
            Effect::Send(send) => taken.sends.push(sign(signer, contact, number, send, Priority::of(&event.kind))),
            Effect::Call(call) => {
                let key = RequestKey::new(contact, number, call.nth);
                taken.requests.push(NewRequest { key, what: Requested::Call(call) });
            }
            Effect::Emit(emit) => {
                let key = RequestKey::new(contact, number, emit.nth);
                taken.requests.push(NewRequest { key, what: Requested::Emit(emit) });
            }
        }
    }
    taken.conversation = turn.conversation;
    (turn.trace, turn.faults.len())
}

/// What the log may say of a fault. A script's own words may quote what a contact typed; they stand in the history alone.
fn for_the_log(fault: &Fault) -> &str {
    match fault.kind {
        FaultKind::Script => "a script failed; GET /api/history on the admin listener tells its words",
        FaultKind::ScriptLimit
        | FaultKind::Value
        | FaultKind::Message
        | FaultKind::Vanished
        | FaultKind::Loop
        | FaultKind::Call
        | FaultKind::State => &fault.message,
    }
}

/// When the contact did it, from which the 24-hour window counts: by the provider's own time where that is sane, so that a webhook
/// that comes hours late does not keep the window open longer than the provider does. A time after the acceptance comes from a
/// clock that is ahead of ours, and one from more than [`limits::LATE_DELIVERY_MS_MAX`] before it is a mistake.
fn window_opened(mail: &Mail) -> Timestamp {
    let sane = |sent_at: &Timestamp| *sent_at <= mail.at && mail.at < time::after(*sent_at, limits::LATE_DELIVERY_MS_MAX);
    mail.inbound.sent_at.filter(sane).unwrap_or(mail.at)
}

/// What the message means: its buttons verified, its moment ours.
fn understand(signer: &Signer, contact: ContactId, mail: Mail) -> Event {
    let inbound = mail.inbound;
    let kind = match inbound.content {
        Content::Tapped { id: Some(id), title, on: _ } => EventKind::Tapped { button: signer.read(contact, &id), title },
        Content::Tapped { id: None, title, on: _ } => EventKind::Tapped { button: TappedButton::TitleOnly, title },
        Content::Typed { text } => EventKind::Typed { text },
        Content::Attached { kind, caption, details } => EventKind::Attached { kind, caption, details },
        Content::Answered { call, answer } => EventKind::Answered { call, answer },
        Content::Told { name, data } => EventKind::Told { name, data },
        Content::Scheduled { flow, due } => EventKind::Scheduled { flow, due },
        Content::PersonWrote { text } => EventKind::PersonWrote { text },
        Content::TakenOver { until } => EventKind::TakenOver { until },
        Content::GivenBack => EventKind::GivenBack,
    };
    Event { id: inbound.id, at: mail.at, sender: inbound.sender, kind }
}

/// The turn; when taking it panics, the state as it was, with a fault. One poisonous message must not hold up everyone behind
/// it, nor be taken again for ever.
fn advance_fenced(program: &dyn Take, contact: ContactId, before: Conversation, event: &Event, now: Timestamp) -> Turn {
    let kept = before.clone();
    catch_unwind(AssertUnwindSafe(|| program.advance(contact, before, event, now))).unwrap_or_else(|_| {
        // What the panic said may quote a contact's words: it went to the panic hook, which hides them.
        tracing::error!(%contact, event = %event.id, "a turn panicked; its event is taken without effect");
        let fault = Fault {
            kind: FaultKind::Script,
            place: String::new(),
            message: "Buttonhook itself broke in this turn; please report it".to_owned(),
        };
        let mut conversation = Conversation { turns: kept.turns + 1, ..kept };
        // An answer comes once: nobody may go on waiting for it.
        if let Some(key) = event.answered() {
            conversation.give_up_call(key);
        }
        Turn { conversation, effects: Vec::new(), trace: Vec::new(), faults: vec![fault] }
    })
}

fn sign(signer: &Signer, contact: ContactId, turn: u64, send: model::Send, priority: Priority) -> NewSend {
    let key = SendKey::new(contact, turn, send.nth);
    let wire = |button: crate::model::Button| WireButton { id: signer.sign(contact, &button.means, &key), title: button.title };
    let message = send.message.map_buttons(wire);
    NewSend { key, message, on_unknown: send.on_unknown, priority, about: send.about }
}

/// A turn as history keeps it.
#[derive(Serialize)]
struct Record<'a> {
    event: &'a Event,
    trace: &'a [Trace],
    effects: &'a [Effect],
    faults: &'a [Fault],
}

fn record(event: &Event, turn: &Turn) -> String {
    let record = Record { event, trace: &turn.trace, effects: &turn.effects, faults: &turn.faults };
    serde_json::to_string(&record).expect("the vocabulary holds no map with keys that are not text")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_script_says_of_a_contacts_words_stays_out_of_the_log() {
        let fault = |kind| Fault { kind, place: String::new(), message: "`my secret` is no number".to_owned() };
        assert!(!for_the_log(&fault(FaultKind::Script)).contains("secret"));
        assert!(for_the_log(&fault(FaultKind::Loop)).contains("secret"), "our own words quote nobody");
    }
}
