//! Timers: a contact whose conversation holds one is claimed when it is due, once, also after a crash.

use super::*;

on_every_store! {
    a_contact_sleeps_until_its_first_timer_is_due
    a_timer_is_stored_with_its_turn_or_not_at_all
    a_late_owner_sets_and_cancels_nothing
    mail_goes_before_timers_and_brings_them_along
    a_flood_of_mail_does_not_keep_timers_from_firing
    a_timer_that_fell_due_while_the_process_was_dead_is_due_at_once
    a_claim_that_was_lost_brings_the_timer_again
    timers_due_together_are_all_given_out_once
    a_clock_set_back_makes_timers_later_and_loses_none
}

/// Lets contact `n` take a turn after which these timers are open.
async fn waits(store: &dyn Store, n: usize, event: &str, timers: &[Timer], now: Timestamp) {
    store.accept(vec![typed(event, by_phone(n))], now).await.unwrap();
    let claims = claim_all(store, now).await.contacts;
    let takes = claims.iter().map(|claim| takes_and_waits(claim, timers)).collect();
    assert_eq!(store.commit(takes, now).await.unwrap(), [true]);
}

async fn a_contact_sleeps_until_its_first_timer_is_due(place: &dyn Place) {
    let store = place.open().await;
    let timers = [timer("second", 2000), timer("first", 1000)];
    waits(&*store, 1, "a", &timers, at(0)).await;
    let asleep = claim_all(&*store, at(999)).await;
    assert!(asleep.contacts.is_empty());
    assert_eq!(asleep.next_due, Some(at(1000)));
    let due = claim_all(&*store, at(1000)).await.contacts.remove(0);
    assert!(due.inbox.is_empty());
    assert_eq!(due.conversation.timers, timers);
    assert_eq!(due.conversation.next_timer(), Some(&timers[1]));
    // It fired; the other is still open.
    assert_eq!(store.commit(vec![takes_and_waits(&due, &timers[..1])], at(1000)).await.unwrap(), [true]);
    let asleep = claim_all(&*store, at(1001)).await;
    assert!(asleep.contacts.is_empty());
    assert_eq!(asleep.next_due, Some(at(2000)));
    let due = claim_all(&*store, at(2000)).await.contacts.remove(0);
    store.commit(vec![takes_and_waits(&due, &[])], at(2000)).await.unwrap();
    let over = claim_all(&*store, at(9_000_000)).await;
    assert!(over.contacts.is_empty() && over.next_due.is_none());
}

async fn a_timer_is_stored_with_its_turn_or_not_at_all(place: &dyn Place) {
    let store = place.open().await;
    store.accept(vec![typed("a", by_phone(1))], at(0)).await.unwrap();
    let claim = claim_all(&*store, at(0)).await.contacts.remove(0);
    // Killed before the turn was stored: the message comes again, the timer was never set.
    let store = place.crash(store).await;
    let again = claim_all(&*store, at(5000)).await.contacts.remove(0);
    assert_eq!((ids(&again), again.conversation.timers.len()), (vec!["a"], 0));
    assert_eq!(store.commit(vec![takes_and_waits(&claim, &[timer("x", 1)])], at(5000)).await.unwrap(), [false]);
    store.commit(vec![takes_and_waits(&again, &[timer("x", 6000)])], at(5000)).await.unwrap();
    // Killed after it: both are there.
    let store = place.crash(store).await;
    let asleep = claim_all(&*store, at(5001)).await;
    assert_eq!((asleep.contacts.len(), asleep.next_due), (0, Some(at(6000))));
    assert_eq!(claim_all(&*store, at(6000)).await.contacts[0].conversation.timers, [timer("x", 6000)]);
}

async fn a_late_owner_sets_and_cancels_nothing(place: &dyn Place) {
    let store = place.open().await;
    waits(&*store, 1, "a", &[timer("x", 1000)], at(0)).await;
    let late = store.claim(1, 100, at(1000)).await.unwrap().contacts.remove(0);
    let owner = store.claim(1, 100, at(1100)).await.unwrap().contacts.remove(0);
    assert_eq!(owner.conversation.timers, [timer("x", 1000)], "it fired for nobody yet");
    assert_eq!(store.commit(vec![takes_and_waits(&late, &[timer("y", 1)])], at(1101)).await.unwrap(), [false]);
    assert_eq!(store.commit(vec![takes_and_waits(&owner, &[timer("z", 3000)])], at(1101)).await.unwrap(), [true]);
    assert_eq!(store.commit(vec![takes_and_waits(&late, &[])], at(1102)).await.unwrap(), [false]);
    let asleep = claim_all(&*store, at(2999)).await;
    assert_eq!((asleep.contacts.len(), asleep.next_due), (0, Some(at(3000))));
}

async fn mail_goes_before_timers_and_brings_them_along(place: &dyn Place) {
    let store = place.open().await;
    waits(&*store, 1, "a", &[timer("x", 100)], at(0)).await;
    waits(&*store, 2, "b", &[timer("x", 50)], at(0)).await;
    store.accept(vec![typed("c", by_phone(1))], at(200)).await.unwrap();
    let first = store.claim(1, LEASE_MS, at(200)).await.unwrap().contacts.remove(0);
    assert_eq!((ids(&first), first.conversation.timers.len()), (vec!["c"], 1));
    let second = claim_all(&*store, at(200)).await.contacts;
    assert_eq!(second.len(), 1, "the first is not given out twice");
    assert!(second[0].inbox.is_empty());
    // Whoever answered is not silent: the turn of the mail took the timer out.
    store.commit(vec![takes_and_waits(&first, &[]), takes_and_waits(&second[0], &[])], at(200)).await.unwrap();
    assert!(claim_all(&*store, at(9000)).await.contacts.is_empty());
}

async fn a_flood_of_mail_does_not_keep_timers_from_firing(place: &dyn Place) {
    let store = place.open().await;
    waits(&*store, 99, "a", &[timer("x", 100)], at(0)).await;
    store.accept((0..20).map(|n| typed(&n.to_string(), by_phone(n))).collect(), at(200)).await.unwrap();
    let claims = store.claim(8, LEASE_MS, at(200)).await.unwrap().contacts;
    let timers = claims.iter().filter(|claim| claim.inbox.is_empty()).count();
    assert_eq!((claims.len(), timers), (8, 1));
}

async fn a_timer_that_fell_due_while_the_process_was_dead_is_due_at_once(place: &dyn Place) {
    let store = place.open().await;
    waits(&*store, 1, "a", &[timer("x", 1000)], at(0)).await;
    let store = place.crash(store).await;
    let due = claim_all(&*store, at(86_400_000)).await.contacts.remove(0);
    assert_eq!(due.conversation.timers, [timer("x", 1000)]);
    store.commit(vec![takes_and_waits(&due, &[])], at(86_400_000)).await.unwrap();
    let store = place.crash(store).await;
    assert!(claim_all(&*store, at(90_000_000)).await.contacts.is_empty(), "once");
}

async fn a_claim_that_was_lost_brings_the_timer_again(place: &dyn Place) {
    let store = place.open().await;
    waits(&*store, 1, "a", &[timer("x", 1000)], at(0)).await;
    let lost = store.claim(5, 100, at(1000)).await.unwrap();
    assert_eq!((lost.contacts.len(), lost.next_due), (1, Some(at(1100))));
    assert!(claim_all(&*store, at(1099)).await.contacts.is_empty(), "it is leased");
    let again = claim_all(&*store, at(1100)).await.contacts.remove(0);
    assert_eq!(again.conversation.timers, [timer("x", 1000)]);
    // And after a death in the middle.
    let store = place.crash(store).await;
    assert_eq!(claim_all(&*store, at(1101)).await.contacts.len(), 1);
}

async fn timers_due_together_are_all_given_out_once(place: &dyn Place) {
    let store = place.open().await;
    const ALL: usize = 100;
    store.accept((0..ALL).map(|n| typed(&n.to_string(), by_phone(n))).collect(), at(0)).await.unwrap();
    let claims = claim_all(&*store, at(0)).await.contacts;
    store.commit(claims.iter().map(|claim| takes_and_waits(claim, &[timer("x", 1000)])).collect(), at(0)).await.unwrap();
    let mut fired = std::collections::BTreeSet::new();
    loop {
        let claims = store.claim(16, LEASE_MS, at(1000)).await.unwrap().contacts;
        if claims.is_empty() {
            break;
        }
        assert!(claims.iter().all(|claim| fired.insert(claim.contact)));
        store.commit(claims.iter().map(|claim| takes_and_waits(claim, &[])).collect(), at(1000)).await.unwrap();
    }
    assert_eq!(fired.len(), ALL);
}

async fn a_clock_set_back_makes_timers_later_and_loses_none(place: &dyn Place) {
    let store = place.open().await;
    let years = 12 * 365 * 24 * 3_600_000;
    waits(&*store, 1, "a", &[timer("x", years)], at(years - 1)).await;
    let asleep = claim_all(&*store, at(0)).await;
    assert_eq!((asleep.contacts.len(), asleep.next_due), (0, Some(at(years))));
    assert_eq!(claim_all(&*store, at(years)).await.contacts.len(), 1);
}
