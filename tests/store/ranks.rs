//! Which send leaves first: places, lines, rests.

use buttonhook::store::Queue;

use super::*;

const MINUTE_MS: i64 = 60_000;

on_every_store! {
    an_answer_leaves_before_a_reminder_before_a_broadcast_and_nothing_starves
    whoever_waits_behind_a_broadcast_does_not_wait_as_long_as_one
    a_contact_that_rests_holds_up_nobody_else
    a_rest_holds_for_what_is_decided_during_it_and_through_a_crash
    many_that_are_not_due_are_not_looked_at_twice
    what_waits_is_counted_by_what_it_is_for
}

/// A turn of contact `n` with one send of this priority.
async fn put(store: &dyn Store, n: usize, key: &str, priority: Priority, ms: i64) {
    store.accept(vec![typed(&format!("event of {key}"), by_phone(n))], at(ms)).await.unwrap();
    let claim = claim_all(store, at(ms)).await.contacts.remove(0);
    let mut taken = takes(&claim, &[key]);
    taken.sends[0].priority = priority;
    assert_eq!(store.commit(vec![taken], at(ms)).await.unwrap(), [true]);
}

async fn order(store: &dyn Store, ms: i64) -> Vec<String> {
    let mut keys = Vec::new();
    loop {
        let sends = store.claim_sends(1, LEASE_MS, at(ms)).await.unwrap().sends;
        let Some(send) = sends.into_iter().next() else { return keys };
        settle_attempt(store, &send.key.0, send.attempt, Fate::Sent { message: None }, at(ms)).await;
        keys.push(send.key.0);
    }
}

async fn an_answer_leaves_before_a_reminder_before_a_broadcast_and_nothing_starves(place: &dyn Place) {
    let store = place.open().await;
    put(&*store, 1, "broadcast", Priority::Broadcast, 0).await;
    put(&*store, 2, "reminder", Priority::Reminder, 1).await;
    put(&*store, 3, "answer", Priority::Answer, 2).await;
    put(&*store, 4, "answer after 59 seconds", Priority::Answer, MINUTE_MS - 1000).await;
    put(&*store, 5, "answer after 61 seconds", Priority::Answer, MINUTE_MS + 1000).await;
    put(&*store, 6, "answer after 11 minutes", Priority::Answer, 11 * MINUTE_MS).await;
    let expected =
        ["answer", "answer after 59 seconds", "reminder", "answer after 61 seconds", "broadcast", "answer after 11 minutes"];
    assert_eq!(order(&*store, 11 * MINUTE_MS).await, expected);
}

async fn whoever_waits_behind_a_broadcast_does_not_wait_as_long_as_one(place: &dyn Place) {
    let store = place.open().await;
    put(&*store, 1, "one's broadcast", Priority::Broadcast, 0).await;
    put(&*store, 2, "two's broadcast", Priority::Broadcast, 1).await;
    put(&*store, 2, "two's second", Priority::Broadcast, 2).await;
    put(&*store, 2, "two's answer", Priority::Answer, 3).await;
    // A contact's own order stays: so all that is before the answer goes up with it.
    assert_eq!(order(&*store, 4).await, ["two's broadcast", "two's second", "two's answer", "one's broadcast"]);
}

async fn a_contact_that_rests_holds_up_nobody_else(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["a1", "a2"], at(0)).await;
    turn(&*store, 2, "b", &["b1"], at(1)).await;
    let claimed = store.claim_sends(1, LEASE_MS, at(2)).await.unwrap().sends;
    assert_eq!(claimed[0].key.0, "a1");
    store.settle(vec![Settlement { rests_until: Some(at(6000)), ..settlement("a1", 1, left("w")) }], at(3)).await.unwrap();
    let next = store.claim_sends(5, LEASE_MS, at(5999)).await.unwrap();
    assert_eq!(next.sends.iter().map(|send| send.key.0.as_str()).collect::<Vec<_>>(), ["b1"]);
    settle(&*store, "b1", left("v"), at(5999)).await;
    assert_eq!(store.claim_sends(5, LEASE_MS, at(5999)).await.unwrap().next_due, Some(at(6000)));
    assert_eq!(store.claim_sends(5, LEASE_MS, at(6000)).await.unwrap().sends[0].key.0, "a2");
}

async fn a_rest_holds_for_what_is_decided_during_it_and_through_a_crash(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["a1"], at(0)).await;
    store.claim_sends(1, LEASE_MS, at(2)).await.unwrap();
    store.settle(vec![Settlement { rests_until: Some(at(6000)), ..settlement("a1", 1, left("w")) }], at(3)).await.unwrap();
    let store = place.crash(store).await;
    turn(&*store, 1, "b", &["a2"], at(4)).await;
    assert!(store.claim_sends(5, LEASE_MS, at(5999)).await.unwrap().sends.is_empty());
    assert_eq!(store.claim_sends(5, LEASE_MS, at(6000)).await.unwrap().sends[0].key.0, "a2");
}

async fn many_that_are_not_due_are_not_looked_at_twice(place: &dyn Place) {
    let store = place.open().await;
    for n in 0..50 {
        turn(&*store, n, &format!("e{n}"), &[&format!("k{n}")], at(n as i64)).await;
    }
    for send in store.claim_sends(40, LEASE_MS, at(100)).await.unwrap().sends {
        let later = Fate::Retry { at: at(1000), doubtful: false, counts: false };
        settle(&*store, &send.key.0, later, at(101)).await;
    }
    let due = store.claim_sends(50, LEASE_MS, at(102)).await.unwrap();
    assert_eq!((due.sends.len(), due.next_due), (10, Some(at(1000))));
    assert_eq!(store.claim_sends(50, LEASE_MS, at(1000)).await.unwrap().sends[0].key.0, "k0", "the old place is kept");
}

async fn what_waits_is_counted_by_what_it_is_for(place: &dyn Place) {
    let store = place.open().await;
    put(&*store, 1, "a", Priority::Broadcast, 5).await;
    put(&*store, 1, "b", Priority::Broadcast, 6).await;
    put(&*store, 2, "c", Priority::Answer, 7).await;
    let queues = store.queues().await.unwrap();
    let expected = [(1, Some(at(7))), (0, None), (2, Some(at(5)))].map(|(sends, oldest_at)| Queue { sends, oldest_at });
    assert_eq!((queues.waiting, queues.longest_line, queues.oldest_mail_at), (expected, 2, None));
    store.accept(vec![typed("more", by_phone(3))], at(9)).await.unwrap();
    assert_eq!(store.queues().await.unwrap().oldest_mail_at, Some(at(9)));
}
