//! Schedules: what has come round is put into the mailboxes, page by page. The mail of a page and the place where the next one
//! begins are stored together, so that a death in between neither loses nor doubles anyone's.

use rusqlite::{Connection, OptionalExtension};

use super::accept::put_mail;
use super::tally::Tally;
use super::unwritable;
use crate::model::{Content, EventId, FlowName, Inbound, Sender, Timestamp, time};
use crate::store::{HandedOut, Plan, PlanState};

/// Brings what is known of schedules in line with `plans`, and tells where each of them stands.
pub(super) fn keep(db: &Connection, plans: &[Plan], now: Timestamp) -> rusqlite::Result<Vec<PlanState>> {
    forget_others(db, plans)?;
    plans.iter().map(|plan| keep_one(db, plan, now)).collect()
}

/// A flow that has no schedule any more begins afresh when it has one again.
fn forget_others(db: &Connection, plans: &[Plan]) -> rusqlite::Result<()> {
    let known: Vec<String> =
        db.prepare_cached("SELECT flow FROM schedule")?.query_map((), |row| row.get(0))?.collect::<Result<_, _>>()?;
    for flow in known.iter().filter(|flow| !plans.iter().any(|plan| plan.flow.as_str() == *flow)) {
        db.prepare_cached("DELETE FROM schedule WHERE flow = ?1")?.execute((flow,))?;
    }
    Ok(())
}

fn keep_one(db: &Connection, plan: &Plan, now: Timestamp) -> rusqlite::Result<PlanState> {
    let known: Option<(i64, Option<i64>)> = db
        .prepare_cached("SELECT done_until, due FROM schedule WHERE flow = ?1 AND plan = ?2")?
        .query_row((plan.flow.as_str(), &plan.fingerprint), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((done_until, due)) = known {
        return Ok(PlanState { done_until: time::from_millis(done_until), under_way: due.map(time::from_millis) });
    }
    db.prepare_cached("INSERT OR REPLACE INTO schedule (flow, plan, done_until) VALUES (?1, ?2, ?3)")?.execute((
        plan.flow.as_str(),
        &plan.fingerprint,
        time::millis(now),
    ))?;
    Ok(PlanState { done_until: time::from_millis(time::millis(now)), under_way: None })
}

/// One page of the mail of `due`.
pub(super) fn hand_out(db: &Connection, plan: &Plan, due: Timestamp, most: usize, now: Timestamp) -> rusqlite::Result<HandedOut> {
    let (flow, due_ms, now) = (&plan.flow, time::millis(due), time::millis(now));
    let Some((after, last)) = begin(db, plan, due_ms)? else { return Ok(HandedOut { mailed: 0, done: true }) };
    let page: Vec<i64> = db
        .prepare_cached("SELECT id FROM contact WHERE id > ?1 AND id <= ?2 ORDER BY id LIMIT ?3")?
        .query_map((after, last, i64::try_from(most).unwrap_or(i64::MAX)), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for contact in &page {
        put(db, *contact, flow, due, now)?;
    }
    Tally { inbox: page.len() as i64, ..Tally::default() }.add(db)?;
    let done = page.len() < most;
    let next = "UPDATE schedule SET after_contact = ?2 WHERE flow = ?1";
    let end = "UPDATE schedule SET due = NULL, done_until = max(done_until, ?2) WHERE flow = ?1";
    let (statement, value) = if done { (end, due_ms) } else { (next, page.last().copied().unwrap_or(last)) };
    db.prepare_cached(statement)?.execute((flow.as_str(), value))?;
    Ok(HandedOut { mailed: page.len(), done })
}

/// After which contact the next page begins, and the last that has a part in it; nothing when the moment is dealt with, or the
/// schedule is another one by now.
fn begin(db: &Connection, plan: &Plan, due: i64) -> rusqlite::Result<Option<(i64, i64)>> {
    let names = (plan.flow.as_str(), &plan.fingerprint, due);
    let under_way = db
        .prepare_cached("SELECT after_contact, last_contact FROM schedule WHERE flow = ?1 AND plan = ?2 AND due = ?3")?
        .query_row(names, |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if under_way.is_some() {
        return Ok(under_way);
    }
    db.prepare_cached(
        "UPDATE schedule SET due = ?3, after_contact = 0, last_contact = (SELECT coalesce(max(id), 0) FROM contact)
         WHERE flow = ?1 AND plan = ?2 AND due IS NULL AND done_until < ?3 RETURNING after_contact, last_contact",
    )?
    .query_row(names, |row| Ok((row.get(0)?, row.get(1)?)))
    .optional()
}

/// Puts the event into one contact's mailbox. A leased contact stays its owner's, as with mail from outside.
fn put(db: &Connection, contact: i64, flow: &FlowName, due: Timestamp, now: i64) -> rusqlite::Result<()> {
    let id = EventId(format!("schedule-{flow}-{}-{contact}", time::millis(due)));
    let content = Content::Scheduled { flow: flow.clone(), due };
    let inbound = Inbound { id, sender: Sender::default(), sent_at: None, content };
    let json =
        serde_json::to_string(&inbound).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(unwritable(error))))?;
    put_mail(db, contact, &inbound.sender, &json, now)
}
