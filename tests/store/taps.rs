//! Taps that two webhooks tell of, one of them without the button's id.

use super::*;

on_every_store! {
    an_id_that_comes_in_time_takes_the_place_of_the_title
    where_no_id_ever_came_a_title_waits_for_nothing
    a_title_waits_a_short_time_and_no_longer
    an_id_that_comes_first_makes_the_title_a_double
    an_id_after_a_title_that_led_somewhere_is_a_double
    an_id_after_a_title_that_led_nowhere_is_taken
    an_id_that_comes_while_the_title_is_taken_is_not_lost
    a_held_contact_is_let_go_by_a_clock_set_back
}

/// As [`buttonhook::store`] states in its document: two seconds.
const HELD_MS: i64 = 2_000;

fn tap(event: &str, n: usize, id: Option<&str>) -> Delivery {
    let content = Content::Tapped { id: id.map(str::to_owned), title: "Yes".to_owned(), on: None };
    Delivery::Message(Inbound { id: EventId(event.to_owned()), sender: by_phone(n), sent_at: None, content })
}

fn id_of(claim: &Claim) -> Option<String> {
    match &claim.inbox[0].inbound.content {
        Content::Tapped { id, .. } => id.clone(),
        other => panic!("no tap: {other:?}"),
    }
}

/// A store whose provider tells ids.
async fn with_ids(place: &dyn Place) -> Arc<dyn Store> {
    let store = place.open().await;
    store.accept(vec![tap("earlier", 9, Some("x"))], at(0)).await.unwrap();
    let claim = claim_all(&*store, at(0)).await.contacts.remove(0);
    store.commit(vec![takes(&claim, &[])], at(0)).await.unwrap();
    store
}

/// Accepts one delivery; whether it was fresh.
async fn fresh(store: &dyn Store, delivery: Delivery, ms: i64) -> bool {
    let accepted = store.accept(vec![delivery], at(ms)).await.unwrap();
    assert_eq!(accepted.fresh + accepted.doubles, 1);
    accepted.fresh == 1
}

async fn an_id_that_comes_in_time_takes_the_place_of_the_title(place: &dyn Place) {
    let store = with_ids(place).await;
    assert!(fresh(&*store, tap("t", 1, None), 10).await);
    let held = claim_all(&*store, at(11)).await;
    assert!(held.contacts.is_empty());
    assert_eq!(held.next_due, Some(at(10 + HELD_MS)));
    assert!(!fresh(&*store, tap("t", 1, Some("the id")), 500).await);
    let claim = claim_all(&*store, at(501)).await.contacts.remove(0);
    assert_eq!((claim.inbox.len(), id_of(&claim).as_deref()), (1, Some("the id")));
    store.commit(vec![takes(&claim, &[])], at(502)).await.unwrap();
    assert!(!fresh(&*store, tap("t", 1, Some("the id")), 503).await);
    assert_eq!(store.stats(at(503)).await.unwrap().inbox, 0);
}

async fn where_no_id_ever_came_a_title_waits_for_nothing(place: &dyn Place) {
    let store = place.open().await;
    fresh(&*store, tap("t", 1, None), 10).await;
    assert_eq!(claim_all(&*store, at(10)).await.contacts.len(), 1);
}

async fn a_title_waits_a_short_time_and_no_longer(place: &dyn Place) {
    let store = with_ids(place).await;
    for nth in 0..4 {
        fresh(&*store, tap(&format!("t{nth}"), 1, None), 10 + nth * 600).await;
    }
    fresh(&*store, typed("other", by_phone(2)), 11).await;
    let others = claim_all(&*store, at(1000)).await;
    assert_eq!(others.contacts.len(), 1, "nobody else waits");
    assert!(claim_all(&*store, at(9 + HELD_MS)).await.contacts.is_empty());
    let claims = claim_all(&*store, at(10 + HELD_MS)).await;
    assert_eq!(claims.contacts[0].inbox.len(), 4, "further taps do not prolong it");
}

async fn an_id_that_comes_first_makes_the_title_a_double(place: &dyn Place) {
    let store = place.open().await;
    assert!(fresh(&*store, tap("t", 1, Some("the id")), 10).await);
    assert!(!fresh(&*store, tap("t", 1, None), 11).await);
    let claim = claim_all(&*store, at(12)).await.contacts.remove(0);
    assert_eq!((claim.inbox.len(), id_of(&claim).as_deref()), (1, Some("the id")));
}

async fn an_id_after_a_title_that_led_somewhere_is_a_double(place: &dyn Place) {
    let store = place.open().await;
    fresh(&*store, tap("t", 1, None), 10).await;
    let claim = claim_all(&*store, at(10)).await.contacts.remove(0);
    store.commit(vec![takes(&claim, &[])], at(11)).await.unwrap();
    assert!(!fresh(&*store, tap("t", 1, Some("the id")), 12).await);
    assert!(claim_all(&*store, at(13)).await.contacts.is_empty());
}

async fn an_id_after_a_title_that_led_nowhere_is_taken(place: &dyn Place) {
    let store = place.open().await;
    fresh(&*store, tap("t", 1, None), 10).await;
    let claim = claim_all(&*store, at(10)).await.contacts.remove(0);
    let led_nowhere = vec![claim.inbox[0].seq];
    store.commit(vec![Taken { led_nowhere, ..takes(&claim, &[]) }], at(11)).await.unwrap();
    assert!(!fresh(&*store, tap("t", 1, None), 12).await, "the title again is no news");
    let store = place.crash(store).await;
    assert!(fresh(&*store, tap("t", 1, Some("the id")), 13).await);
    let claim = claim_all(&*store, at(14)).await.contacts.remove(0);
    assert_eq!(id_of(&claim).as_deref(), Some("the id"));
    store.commit(vec![takes(&claim, &[])], at(15)).await.unwrap();
    assert!(!fresh(&*store, tap("t", 1, Some("the id")), 16).await, "once");
}

async fn an_id_that_comes_while_the_title_is_taken_is_not_lost(place: &dyn Place) {
    for (nowhere, turns_more) in [(true, 1), (false, 0)] {
        let store = place.open().await;
        let event = format!("t {nowhere}");
        // Another title before it, so that the numbers are not by chance those of the first.
        fresh(&*store, tap(&format!("before {nowhere}"), 1, None), 10).await;
        fresh(&*store, tap(&event, 1, None), 10).await;
        let claim = claim_all(&*store, at(10 + HELD_MS)).await.contacts.remove(0);
        assert!(!fresh(&*store, tap(&event, 1, Some("the id")), 11 + HELD_MS).await);
        let led_nowhere = if nowhere { claim.inbox.iter().map(|mail| mail.seq).collect() } else { Vec::new() };
        store.commit(vec![Taken { led_nowhere, ..takes(&claim, &[]) }], at(12 + HELD_MS)).await.unwrap();
        let claims = claim_all(&*store, at(13 + HELD_MS)).await;
        assert_eq!(claims.contacts.len(), turns_more, "led nowhere: {nowhere}");
        for claim in claims.contacts {
            assert_eq!((claim.inbox.len(), id_of(&claim).as_deref()), (1, Some("the id")));
            store.commit(vec![takes(&claim, &[])], at(14 + HELD_MS)).await.unwrap();
        }
        assert_eq!(store.stats(at(0)).await.unwrap().inbox, 0);
        drop(store);
    }
}

async fn a_held_contact_is_let_go_by_a_clock_set_back(place: &dyn Place) {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    let store = with_ids(place).await;
    fresh(&*store, tap("t", 1, None), DAY_MS).await;
    assert_eq!(claim_all(&*store, at(5)).await.contacts.len(), 1);
}
