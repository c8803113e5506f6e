//! What becomes of a send after an attempt: pure, so that its whole table stands in the tests.

use crate::model::{OnUnknown, Outcome, Refusal, SendKey, Timestamp, limits, time};
use crate::store::{ClaimedSend, Fate};

/// Attempts at a send whose provider answers that its own attempt failed.
pub const FAILED_TRIES_MAX: u32 = 5;
/// Attempts at a send whose answers never come. Each repetition may be one message too many for the contact.
pub const UNKNOWN_TRIES_MAX: u32 = 3;
/// How long a send of which nobody can tell whether it left waits before it is sent again, in milliseconds. After our own
/// time limit the provider's is over too, so nothing is under way any more; and whoever tapped a button waits for an answer,
/// so we do not wait for evidence that may never come.
pub const DOUBTFUL_WAIT_MS: u64 = 10_000;
/// How long after the beginning of its attempt a send whose answer was lost waits for evidence, where evidence comes at all, in
/// milliseconds. A gateway gives up after 30 seconds (reference: xobito-api section 14.4 names the same for its own), so until
/// then the message may still leave; the rest is for the webhook. Waiting longer would be silence for a person who tapped.
pub const EVIDENCE_WAIT_MS: u64 = 40_000;
/// How long all sends wait after the provider refused the token, in milliseconds: then one is tried.
pub const UNAUTHORIZED_WAIT_MS: u64 = 60_000;

/// The pause when the provider does not say how long (reference: xobito-api, section 5: one second).
const THROTTLED_WAIT_MS: u64 = 1_000;
/// The shortest wait before a provider that was not reached is tried again.
const UNREACHED_WAIT_MS: u64 = 5_000;
/// The wait after the first failure at the provider; it doubles with each further one.
const FAILED_WAIT_MS: u64 = 2_000;

/// What to store about a send, and how long its channel rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What becomes of the send.
    pub fate: Fate,
    /// Until when no send may leave, where the provider asked for it.
    pub pause_until: Option<Timestamp>,
    /// What the attempt ran into, in few words of ours: the provider's own may quote a person.
    pub because: &'static str,
}

/// An attempt and what was known before it.
#[derive(Debug, Clone, Copy)]
pub struct Attempt<'a> {
    /// Which send.
    pub key: &'a SendKey,
    /// Attempts before this one that counted.
    pub tries: u32,
    /// What to do when nobody can tell whether it left.
    pub on_unknown: OnUnknown,
    /// An earlier attempt's request may have left.
    pub doubtful: bool,
    /// When this attempt began.
    pub began: Timestamp,
    /// Whether the provider's webhooks tell enough to make up for a lost answer.
    pub evidence_comes: bool,
}

/// Decides by what came back.
///
/// An attempt that surely did not leave and was only early (throttled, nobody reached, the token refused) does not count: what
/// bounds a free-form send then is its 24-hour window, and every send [`limits::SEND_AGE_MS_MAX`]. Doubt, once there, stays: a repetition that is refused does not prove that the
/// first attempt did not arrive.
pub fn decide(outcome: Outcome, attempt: Attempt<'_>, now: Timestamp) -> Decision {
    let tries = attempt.tries.saturating_add(1);
    let retry = |wait_ms: u64, counts: bool| Fate::Retry {
        at: time::after(now, wait_ms.saturating_add(jitter(&attempt.key.0, tries, wait_ms))),
        doubtful: attempt.doubtful,
        counts,
    };
    let because = in_few_words(&outcome);
    let fate = match outcome {
        Outcome::Sent { message } => Fate::Sent { message },
        Outcome::Throttled { retry_after_secs } => return throttled(retry_after_secs, attempt, now),
        Outcome::Unreached { detail: _ } => retry(UNREACHED_WAIT_MS, false),
        Outcome::Failed { detail } => failed(detail, attempt, tries, retry),
        Outcome::Refused { refusal: Refusal::Unauthorized, detail: _ } => return unauthorized(attempt, now),
        Outcome::Refused { refusal, detail } => give_up(refusal, detail, attempt.doubtful),
        Outcome::Unknown { detail } => unknown(detail, attempt, tries, now),
    };
    Decision { fate, pause_until: None, because }
}

/// What becomes of a claimed send whose earlier attempt died with its owner: nothing when it may go out again.
pub(super) fn after_crash(doubtful: bool, on_unknown: OnUnknown) -> Option<Fate> {
    let detail = || "Buttonhook stopped while this was being sent".to_owned();
    match on_unknown {
        _ if !doubtful => None,
        OnUnknown::Resend => None,
        OnUnknown::Skip => Some(Fate::Unknown { detail: detail() }),
        OnUnknown::Ask => Some(Fate::Ask { detail: detail() }),
    }
}

/// The refusal of a send that has waited too long, or of a free-form one whose 24-hour window is closed at this moment.
pub(super) fn overtaken(send: &ClaimedSend, now: Timestamp) -> Option<Fate> {
    let open = |since: Timestamp| now < time::after(since, limits::WINDOW_MS);
    let (refusal, detail) = if now >= time::after(send.stored_at, limits::SEND_AGE_MS_MAX) {
        (Refusal::TooOld, "nobody could be reached for three days")
    } else if send.message.is_template() || send.last_inbound_at.is_some_and(open) {
        return None;
    } else {
        (Refusal::WindowClosed, "the person last wrote more than 24 hours ago, and only templates may leave then")
    };
    Some(give_up(refusal, detail.to_owned(), send.doubtful))
}

/// The token is no good: nothing of this is the send's fault. It stays where it is, and so does everything behind it, until the
/// token works or its time is over.
fn unauthorized(attempt: Attempt<'_>, now: Timestamp) -> Decision {
    let until = time::after(now, UNAUTHORIZED_WAIT_MS);
    let fate = Fate::Retry { at: until, doubtful: attempt.doubtful, counts: false };
    Decision { fate, pause_until: Some(until), because: "the provider refuses the token" }
}

const TOO_MANY: &str = "too many requests";

fn in_few_words(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Sent { .. } => "the provider took it",
        Outcome::Throttled { .. } => TOO_MANY,
        Outcome::Unreached { .. } => "nobody was reached",
        Outcome::Failed { .. } => "the provider says that its own attempt failed",
        Outcome::Refused { .. } => "the provider refused it",
        Outcome::Unknown { .. } => "no usable answer came",
    }
}

fn throttled(retry_after_secs: Option<u32>, attempt: Attempt<'_>, now: Timestamp) -> Decision {
    let asked_ms = retry_after_secs.map(|secs| u64::from(secs.min(limits::RETRY_AFTER_SECS_MAX)) * 1_000);
    // A provider that asks for no wait at all is still given the shortest, or we would spin.
    let until = time::after(now, asked_ms.unwrap_or(THROTTLED_WAIT_MS).max(THROTTLED_WAIT_MS));
    let fate = Fate::Retry { at: until, doubtful: attempt.doubtful, counts: false };
    Decision { fate, pause_until: Some(until), because: TOO_MANY }
}

/// The provider says that its attempt failed; the network behind it may have taken the message all the same, so a send that
/// must not go out twice is not repeated.
fn failed(detail: String, attempt: Attempt<'_>, tries: u32, retry: impl FnOnce(u64, bool) -> Fate) -> Fate {
    match attempt.on_unknown {
        OnUnknown::Skip => Fate::Unknown { detail },
        OnUnknown::Ask => Fate::Ask { detail },
        OnUnknown::Resend if tries >= FAILED_TRIES_MAX => give_up(Refusal::Other, detail, attempt.doubtful),
        OnUnknown::Resend => retry(FAILED_WAIT_MS << (tries - 1), true),
    }
}

fn unknown(detail: String, attempt: Attempt<'_>, tries: u32, now: Timestamp) -> Fate {
    match attempt.on_unknown {
        OnUnknown::Resend if tries < UNKNOWN_TRIES_MAX => {
            let at = time::after(now, DOUBTFUL_WAIT_MS);
            let evidence_until = time::after(attempt.began, EVIDENCE_WAIT_MS);
            let at = if attempt.evidence_comes { at.max(evidence_until) } else { at };
            Fate::Retry { at, doubtful: true, counts: true }
        }
        OnUnknown::Ask => Fate::Ask { detail },
        OnUnknown::Resend | OnUnknown::Skip => Fate::Unknown { detail },
    }
}

fn give_up(refusal: Refusal, detail: String, doubtful: bool) -> Fate {
    if doubtful {
        Fate::Unknown { detail: format!("an earlier attempt may have left; the repetition did not: {detail}") }
    } else {
        Fate::Refused { refusal, detail }
    }
}

/// Up to `wait_ms` more, the same for the same key and attempt: those who failed together do not come back together.
pub(in crate::runtime) fn jitter(key: &str, tries: u32, wait_ms: u64) -> u64 {
    // FNV-1a: spread is all that is asked of it, and unlike the standard hasher it stays the same for ever.
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = key.bytes().chain(tries.to_le_bytes()).fold(0xcbf2_9ce4_8422_2325, step);
    (hash >> 16) % (wait_ms + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::MessageId;
    use OnUnknown::{Ask, Resend, Skip};

    const NOW_MS: i64 = 1_000_000;

    fn decided(outcome: Outcome, tries: u32, on_unknown: OnUnknown, doubtful: bool) -> Decision {
        let key = SendKey("7-3-0".to_owned());
        let began = time::from_millis(NOW_MS - 1_000);
        let attempt = Attempt { key: &key, tries, on_unknown, doubtful, began, evidence_comes: false };
        decide(outcome, attempt, time::from_millis(NOW_MS))
    }

    fn detail() -> String {
        "words".to_owned()
    }

    /// A fate in few words, waits as a range that the jitter must keep.
    fn short(fate: &Fate) -> String {
        match fate {
            Fate::Sent { message } => format!("sent {}", message.as_ref().map_or("-", |id| &id.0)),
            Fate::Retry { at, doubtful, counts } => {
                let wait_ms = time::millis(*at) - NOW_MS;
                let rung = [1_000, 2_000, 4_000, 5_000, 8_000, 10_000, 16_000, 45_000, 60_000, 3_600_000];
                let from = rung.iter().rev().find(|rung| **rung <= wait_ms).expect("no wait is shorter than a second");
                format!("retry from {from}{}{}", if *doubtful { " doubtful" } else { "" }, if *counts { " counts" } else { "" })
            }
            Fate::Refused { refusal, .. } => format!("refused {refusal:?}"),
            Fate::Unknown { .. } => "unknown".to_owned(),
            Fate::Ask { .. } => "ask".to_owned(),
        }
    }

    #[test]
    fn the_table() {
        let sent = Outcome::Sent { message: Some(MessageId("wamid.1".into())) };
        let untraceable = Outcome::Sent { message: None };
        let throttled = |retry_after_secs| Outcome::Throttled { retry_after_secs };
        let unreached = Outcome::Unreached { detail: detail() };
        let failed = Outcome::Failed { detail: detail() };
        let refused = Outcome::Refused { refusal: Refusal::Forbidden, detail: detail() };
        let unauthorized = Outcome::Refused { refusal: Refusal::Unauthorized, detail: detail() };
        let unknown = Outcome::Unknown { detail: detail() };
        type Row<'a> = (&'a Outcome, u32, OnUnknown, bool, &'a str, Option<i64>);
        let rows: &[Row<'_>] = &[
            (&sent, 0, Resend, false, "sent wamid.1", None),
            (&sent, 2, Resend, true, "sent wamid.1", None),
            (&untraceable, 0, Skip, false, "sent -", None),
            (&throttled(Some(45)), 0, Resend, false, "retry from 45000", Some(45_000)),
            (&throttled(Some(45)), 900, Skip, false, "retry from 45000", Some(45_000)),
            (&throttled(None), 0, Resend, true, "retry from 1000 doubtful", Some(1_000)),
            (&throttled(Some(0)), 0, Resend, false, "retry from 1000", Some(1_000)),
            (&throttled(Some(u32::MAX)), 0, Resend, false, "retry from 3600000", Some(3_600_000)),
            (&unreached, 0, Resend, false, "retry from 5000", None),
            (&unreached, 900, Skip, false, "retry from 5000", None),
            (&failed, 0, Resend, false, "retry from 2000 counts", None),
            (&failed, 0, Skip, false, "unknown", None),
            (&failed, 4, Resend, false, "refused Other", None),
            (&failed, u32::MAX, Resend, false, "refused Other", None),
            (&failed, 4, Resend, true, "unknown", None),
            (&failed, 0, Ask, false, "ask", None),
            (&unauthorized, 0, Resend, false, "retry from 60000", Some(60_000)),
            (&unauthorized, 4, Skip, true, "retry from 60000 doubtful", Some(60_000)),
            (&refused, 0, Resend, false, "refused Forbidden", None),
            (&unknown, 0, Ask, false, "ask", None),
            (&refused, 1, Resend, true, "unknown", None),
            (&unknown, 0, Resend, false, "retry from 10000 doubtful counts", None),
            (&unknown, 1, Resend, true, "retry from 10000 doubtful counts", None),
            (&unknown, 2, Resend, true, "unknown", None),
            (&unknown, 0, Skip, false, "unknown", None),
        ];
        for (outcome, tries, on_unknown, doubtful, fate, pause_ms) in rows {
            let decision = decided((*outcome).clone(), *tries, *on_unknown, *doubtful);
            let row = format!("{outcome:?}, {tries} tries, {on_unknown:?}, doubtful {doubtful}");
            assert_eq!(short(&decision.fate), *fate, "{row}");
            assert_eq!(decision.pause_until.map(|until| time::millis(until) - NOW_MS), *pause_ms, "{row}");
        }
    }

    #[test]
    fn failures_back_off_with_a_jitter_that_is_always_the_same() {
        for tries in 0..FAILED_TRIES_MAX - 1 {
            let again = || decided(Outcome::Failed { detail: detail() }, tries, Resend, false).fate;
            let Fate::Retry { at, .. } = again() else { panic!("too few tries to give up: {tries}") };
            let wait_ms = time::millis(at) - NOW_MS;
            let shortest = 2_000 << tries;
            assert!((shortest..=2 * shortest).contains(&wait_ms), "try {tries} waits {wait_ms} ms");
            assert_eq!(again(), again());
        }
    }

    #[test]
    fn sends_that_failed_together_come_back_apart() {
        let waits: std::collections::BTreeSet<u64> =
            (0..100).map(|contact| jitter(&format!("{contact}-1-0"), 1, 5_000)).collect();
        assert!(waits.len() > 90, "only {} different waits", waits.len());
    }

    #[test]
    fn a_crash_repeats_replies_and_leaves_what_costs_money() {
        assert_eq!(after_crash(false, Skip), None);
        assert_eq!(after_crash(true, Resend), None);
        assert!(matches!(after_crash(true, Skip), Some(Fate::Unknown { .. })));
    }
}
