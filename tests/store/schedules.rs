//! Schedules: every contact gets the event of a moment once, page by page, whatever happens in between.

use std::collections::BTreeMap;

use buttonhook::store::{HandedOut, Plan, PlanState};

use super::*;

on_every_store! {
    everyone_gets_it_once_also_when_killed_between_pages
    a_new_or_changed_schedule_begins_with_what_is_to_come
    one_that_was_taken_out_begins_afresh
    who_comes_later_has_no_part_in_it
    it_waits_in_the_mailbox_like_any_mail
}

fn plan(fingerprint: &str) -> Plan {
    Plan { flow: FlowName::new("news"), fingerprint: fingerprint.to_owned() }
}

async fn known(store: &dyn Store, people: std::ops::Range<usize>) {
    let mail = people.map(|n| typed(&format!("hello {n}"), by_phone(n))).collect();
    store.accept(mail, at(0)).await.unwrap();
    take_all(store, at(0)).await;
}

/// Takes all mail; tells how often each contact had the event of which moment.
async fn take_all(store: &dyn Store, now: Timestamp) -> BTreeMap<(i64, i64), usize> {
    let mut had = BTreeMap::new();
    loop {
        let claims = claim_all(store, now).await.contacts;
        if claims.is_empty() {
            return had;
        }
        for claim in &claims {
            for mail in &claim.inbox {
                if let Content::Scheduled { due, flow } = &mail.inbound.content {
                    assert_eq!(flow.as_str(), "news");
                    *had.entry((claim.contact.0, time::millis(*due))).or_default() += 1;
                }
            }
        }
        let takes = claims.iter().map(|claim| takes(claim, &[])).collect();
        store.commit(takes, now).await.unwrap();
    }
}

async fn everyone_gets_it_once_also_when_killed_between_pages(place: &dyn Place) {
    let mut store = place.open().await;
    known(&*store, 0..25).await;
    store.keep_plans(vec![plan("a")], at(0)).await.unwrap();
    let mut had = BTreeMap::new();
    let mut pages = 0;
    loop {
        let handed = store.hand_out(plan("a"), at(1000), 10, at(1000)).await.unwrap();
        pages += 1;
        store = place.crash(store).await;
        let state = store.keep_plans(vec![plan("a")], at(1001)).await.unwrap()[0];
        assert_eq!(state.under_way, (!handed.done).then_some(at(1000)));
        for (who, times) in take_all(&*store, at(1000)).await {
            *had.entry(who).or_default() += times;
        }
        if handed.done {
            assert_eq!(state.done_until, at(1000));
            break;
        }
    }
    assert_eq!((pages, had.len()), (3, 25));
    assert!(had.values().all(|times: &usize| *times == 1));
    assert_eq!(store.hand_out(plan("a"), at(1000), 10, at(1001)).await.unwrap(), HandedOut { mailed: 0, done: true });
    assert_eq!(store.hand_out(plan("a"), at(999), 10, at(1001)).await.unwrap(), HandedOut { mailed: 0, done: true });
    assert_eq!(store.hand_out(plan("a"), at(2000), 100, at(2000)).await.unwrap(), HandedOut { mailed: 25, done: true });
    assert_eq!(store.stats(at(2000)).await.unwrap().inbox, 25);
}

async fn a_new_or_changed_schedule_begins_with_what_is_to_come(place: &dyn Place) {
    let store = place.open().await;
    known(&*store, 0..3).await;
    let fresh = PlanState { done_until: at(500), under_way: None };
    assert_eq!(store.keep_plans(vec![plan("a")], at(500)).await.unwrap(), [fresh]);
    assert_eq!(store.keep_plans(vec![plan("a")], at(900)).await.unwrap(), [fresh], "it is kept as it was");
    store.hand_out(plan("a"), at(1000), 2, at(1000)).await.unwrap();
    // Changed while it is handed out: the rest of it is given up.
    let changed = PlanState { done_until: at(1500), under_way: None };
    assert_eq!(store.keep_plans(vec![plan("b")], at(1500)).await.unwrap(), [changed]);
    let over = HandedOut { mailed: 0, done: true };
    assert_eq!(store.hand_out(plan("a"), at(1000), 2, at(1500)).await.unwrap(), over);
    assert_eq!(store.hand_out(plan("b"), at(1000), 2, at(1500)).await.unwrap(), over);
    assert_eq!(store.hand_out(plan("b"), at(1501), 2, at(1501)).await.unwrap(), HandedOut { mailed: 2, done: false });
}

async fn one_that_was_taken_out_begins_afresh(place: &dyn Place) {
    let store = place.open().await;
    store.keep_plans(vec![plan("a")], at(0)).await.unwrap();
    store.keep_plans(vec![], at(1)).await.unwrap();
    let state = store.keep_plans(vec![plan("a")], at(2)).await.unwrap();
    assert_eq!(state, [PlanState { done_until: at(2), under_way: None }]);
}

async fn who_comes_later_has_no_part_in_it(place: &dyn Place) {
    let store = place.open().await;
    known(&*store, 0..4).await;
    store.keep_plans(vec![plan("a")], at(0)).await.unwrap();
    assert_eq!(store.hand_out(plan("a"), at(10), 4, at(10)).await.unwrap(), HandedOut { mailed: 4, done: false });
    known(&*store, 4..6).await;
    assert_eq!(store.hand_out(plan("a"), at(10), 4, at(10)).await.unwrap(), HandedOut { mailed: 0, done: true });
}

async fn it_waits_in_the_mailbox_like_any_mail(place: &dyn Place) {
    let store = place.open().await;
    known(&*store, 0..1).await;
    store.keep_plans(vec![plan("a")], at(0)).await.unwrap();
    store.accept(vec![typed("before", by_phone(0))], at(5)).await.unwrap();
    // Somebody holds the contact while the event is put behind the message.
    let held = claim_all(&*store, at(6)).await.contacts.remove(0);
    store.hand_out(plan("a"), at(7), 9, at(7)).await.unwrap();
    assert!(claim_all(&*store, at(8)).await.contacts.is_empty());
    store.commit(vec![takes(&held, &[])], at(9)).await.unwrap();
    let next = claim_all(&*store, at(9)).await.contacts.remove(0);
    assert!(ids(&next)[0].starts_with("schedule-news-") && next.inbox.len() == 1, "{:?}", ids(&next));
    assert_eq!(next.inbox[0].inbound.sender, Sender::default());
}
