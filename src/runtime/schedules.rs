//! What the clock brings: schedules that have come round become mail of every contact. Whom a schedule is for is decided in each
//! contact's own turn; here nobody is looked at.

use crate::flow::{Planned, Program};
use crate::model::Timestamp;
use crate::store::{Plan, PlanState, Store, StoreError};

/// Contacts whose mailboxes one commit fills.
pub const CONTACTS_PER_PAGE_MAX: usize = 256;
/// Messages that may wait for their turns before more are handed out: people who write meanwhile must not wait behind everyone.
const INBOX_MAX: u64 = 1024;

/// What one call of [`hand_out_some`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CameRound {
    /// Mailboxes that were filled.
    pub mailed: usize,
    /// Whether more is to be handed out already.
    pub more: bool,
    /// Whether it was left for later, because the lanes have enough to do.
    pub held_back: bool,
    /// When the next schedule comes round.
    pub next_due: Option<Timestamp>,
}

/// Hands out at most one page of each schedule of `program` that has come round. Of moments that were missed, while the host was down,
/// the last one is made up for.
///
/// # Errors
/// When the store fails; what was handed out by then stays so and does not come again.
pub async fn hand_out_some(store: &dyn Store, program: &Program, now: Timestamp) -> Result<CameRound, StoreError> {
    let planned: Vec<Planned<'_>> = program.schedules().collect();
    let plans: Vec<Plan> = planned.iter().map(|one| Plan { flow: one.flow.clone(), fingerprint: one.fingerprint() }).collect();
    let states = store.keep_plans(plans.clone(), now).await?;
    let mut came = CameRound { next_due: planned.iter().filter_map(|one| one.next(now)).min(), ..CameRound::default() };
    for ((one, plan), state) in planned.iter().zip(plans).zip(states) {
        let Some(due) = due(one, state, now) else { continue };
        if store.stats(now).await?.inbox > INBOX_MAX {
            came.held_back = true;
            came.more = true;
            break;
        }
        let handed = store.hand_out(plan, due, CONTACTS_PER_PAGE_MAX, now).await?;
        came.mailed += handed.mailed;
        came.more |= !handed.done;
    }
    Ok(came)
}

/// The moment that is to be handed out now: the one that was begun, else the last that has come.
fn due(planned: &Planned<'_>, state: PlanState, now: Timestamp) -> Option<Timestamp> {
    state.under_way.or_else(|| planned.last(state.done_until, now))
}
