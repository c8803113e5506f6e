//! The switches: which way of behaving is shown where the reference leaves it open, and what goes wrong on purpose. Whatever
//! goes wrong is counted, so that a test can prove that the fault it asked for has happened.

use super::limits;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a 200 body of a send carries the message id (reference: xobito-api.md, sections 0 and 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdShape {
    /// `data.message_id`.
    #[default]
    Flat,
    /// `data.whatsapp_response.messages[0].id`.
    WhatsappResponse,
    /// Nowhere.
    None,
}

/// What a free-form send outside the 24-hour window gets; the reference calls it unknown (section 7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowFailure {
    /// 500 `Failed to send message`.
    #[default]
    AtOnce,
    /// 200, and a `failed` receipt with 131047 afterwards.
    Later,
}

/// What stands in the answer in place of the documented body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Garbage {
    /// 200 with a web page.
    #[default]
    Html,
    /// 200 with the first half of the JSON body.
    Cut,
    /// 200 without a byte.
    Empty,
    /// 502 with a web page, as a gateway in between answers.
    BadGateway,
}

/// All switches. `PUT /faults` replaces them as a whole: what is left out takes its default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Faults {
    /// Signed events of Xobito (Flow A) go out.
    pub flow_a: bool,
    /// The forwarded Meta bodies (Flow B) go out.
    pub flow_b: bool,
    /// Every provider request waits this long first, in milliseconds.
    pub latency_ms: u64,
    /// After so many sends the next ones get 429 until `retry_after` has passed on the sandbox's clock; then it counts anew.
    pub rate_429_after: Option<u32>,
    /// Seconds of the pause that `rate_429_after` makes.
    pub retry_after: u32,
    /// The next so many sends (and lists) get 500; counts down.
    pub fail_500_next: u32,
    /// Every so-manieth send gets 500; 0 is never.
    pub fail_500_every: u32,
    /// The next so many sends are taken and never answered; counts down.
    pub hang_next: u32,
    /// Every so-manieth send is taken and never answered.
    pub hang_every: u32,
    /// The next so many sends are taken, then the connection is cut; counts down.
    pub drop_next: u32,
    /// Every so-manieth send is taken, then the connection is cut.
    pub drop_every: u32,
    /// The next so many sends are taken and answered with `garbage`; counts down.
    pub garbage_next: u32,
    /// Every so-manieth send is taken and answered with `garbage`.
    pub garbage_every: u32,
    /// Which garbage.
    pub garbage: Garbage,
    /// Hanging, cutting and garbage happen *before* the send is taken: the sender sees the same, the person gets nothing.
    pub lost_before_taking: bool,
    /// Every webhook is posted so many times more.
    pub webhook_duplicate: u32,
    /// Two webhooks of one person swap places whenever two are near each other.
    pub webhook_reorder: bool,
    /// Every so-manieth webhook is lost on its way; 0 is never.
    pub webhook_drop_every: u32,
    /// Every so-manieth send gets a `failed` receipt 131026 in place of `sent` and `delivered`; 0 is never.
    pub undeliverable_every: u32,
    /// Where the message id stands in a 200.
    pub message_id_shape: IdShape,
    /// What a send outside the window gets.
    pub window_failure: WindowFailure,
    /// Sends and requests that would create a contact get the plan-limit 403.
    pub plan_limit: bool,
    /// Abilities that the token lacks.
    pub missing_abilities: Vec<String>,
}

impl Default for Faults {
    fn default() -> Faults {
        Faults {
            flow_a: false,
            flow_b: true,
            latency_ms: 0,
            rate_429_after: None,
            retry_after: 45,
            fail_500_next: 0,
            fail_500_every: 0,
            hang_next: 0,
            hang_every: 0,
            drop_next: 0,
            drop_every: 0,
            garbage_next: 0,
            garbage_every: 0,
            garbage: Garbage::Html,
            lost_before_taking: false,
            webhook_duplicate: 0,
            webhook_reorder: false,
            webhook_drop_every: 0,
            undeliverable_every: 0,
            message_id_shape: IdShape::Flat,
            window_failure: WindowFailure::AtOnce,
            plan_limit: false,
            missing_abilities: Vec::new(),
        }
    }
}

impl Faults {
    /// The first setting that is out of its bounds, as a sentence.
    pub fn check(&self) -> Result<(), String> {
        if self.latency_ms > limits::LONGEST_LATENCY_MS {
            return Err(format!("latency_ms may be at most {}.", limits::LONGEST_LATENCY_MS));
        }
        if self.webhook_duplicate > limits::MOST_DUPLICATES {
            return Err(format!("webhook_duplicate may be at most {}.", limits::MOST_DUPLICATES));
        }
        if self.missing_abilities.len() > limits::MISSING_ABILITIES {
            return Err(format!("missing_abilities may name at most {}.", limits::MISSING_ABILITIES));
        }
        Ok(())
    }
}

/// How the answer to a send that was taken goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spoil {
    Hang,
    Drop,
    Garbage(Garbage),
}

/// The switches in force, and what has happened because of them.
#[derive(Default)]
pub(super) struct Board {
    pub faults: Faults,
    pub happened: BTreeMap<&'static str, u64>,
    /// Counters of the "every so-manieth" switches.
    seen: BTreeMap<&'static str, u32>,
}

impl Board {
    /// Puts new switches in force. The counters of "every so-manieth" begin anew, what has happened stays.
    pub(super) fn set(&mut self, faults: Faults) {
        self.faults = faults;
        self.seen.clear();
    }

    /// Notes that a fault happened.
    pub(super) fn count(&mut self, what: &'static str) {
        *self.happened.entry(what).or_default() += 1;
    }

    /// Whether it is the turn of a fault that comes every `every` times, and notes it.
    pub(super) fn every(&mut self, what: &'static str, every: u32) -> bool {
        if every == 0 {
            return false;
        }
        let seen = self.seen.entry(what).or_default();
        *seen += 1;
        let due = *seen >= every;
        if due {
            *seen = 0;
            self.count(what);
        }
        due
    }

    /// Whether a fault strikes that has both kinds of switch: the one that counts down goes first.
    fn strikes(&mut self, what: &'static str, next: fn(&mut Faults) -> &mut u32, every: u32) -> bool {
        let left = next(&mut self.faults);
        if *left > 0 {
            *left -= 1;
            self.count(what);
            return true;
        }
        self.every(what, every)
    }

    /// Whether this send (or list) gets a 500.
    pub(super) fn fails_500(&mut self) -> bool {
        self.strikes("fail_500", |f| &mut f.fail_500_next, self.faults.fail_500_every)
    }

    /// How the answer of this send goes wrong, if it does.
    pub(super) fn spoils(&mut self) -> Option<Spoil> {
        if self.strikes("hang", |f| &mut f.hang_next, self.faults.hang_every) {
            Some(Spoil::Hang)
        } else if self.strikes("drop", |f| &mut f.drop_next, self.faults.drop_every) {
            Some(Spoil::Drop)
        } else if self.strikes("garbage", |f| &mut f.garbage_next, self.faults.garbage_every) {
            Some(Spoil::Garbage(self.faults.garbage))
        } else {
            None
        }
    }
}
