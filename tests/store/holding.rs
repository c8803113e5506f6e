//! A person has a conversation: no send of a flow leaves meanwhile, from the very moment that is accepted.

use buttonhook::model::{About, Fields, Held};

use super::*;

on_every_store! {
    what_a_flow_said_before_it_handed_off_still_leaves
    what_waits_when_a_person_takes_over_never_leaves
    a_turn_that_did_not_know_of_the_person_gives_nothing_back
    a_hold_ends_with_its_time_or_when_it_is_given_back
    what_the_provider_is_told_travels_with_its_send
}

fn held(until: i64) -> Option<Held> {
    Some(Held { since: at(0), until: at(until), to: "front_desk".to_owned(), note: String::new() })
}

fn wrote(id: &str, n: usize) -> Delivery {
    let content = Content::PersonWrote { text: "Hello, this is Meera.".to_owned() };
    Delivery::Message(Inbound { id: EventId(id.to_owned()), sender: by_phone(n), sent_at: None, content })
}

async fn claimed(store: &dyn Store, ms: i64) -> Vec<String> {
    let mut keys = Vec::new();
    // What is refused makes room for the next in line.
    for _ in 0..5 {
        for send in store.claim_sends(100, LEASE_MS, at(ms)).await.unwrap().sends {
            settle(store, &send.key.0, left(&send.key.0), at(ms)).await;
            keys.push(send.key.0);
        }
    }
    keys
}

async fn what_a_flow_said_before_it_handed_off_still_leaves(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["a1"], at(0)).await;
    store.accept(vec![typed("b", by_phone(1))], at(1)).await.unwrap();
    let claim = claim_all(&*store, at(1)).await.contacts.remove(0);
    let mut taken = takes(&claim, &["b1", "b2"]);
    taken.conversation.held = held(10_000);
    store.commit(vec![taken], at(1)).await.unwrap();
    assert_eq!(claimed(&*store, 2).await, ["a1", "b1", "b2"]);
}

async fn what_waits_when_a_person_takes_over_never_leaves(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["a1", "a2"], at(0)).await;
    turn(&*store, 2, "b", &["b1"], at(0)).await;
    store.accept(vec![wrote("p", 1)], at(1)).await.unwrap();
    assert_eq!(claimed(&*store, 2).await, ["b1"], "from the moment that it is accepted, before any turn");
    let stats = store.stats(at(2)).await.unwrap();
    assert_eq!((stats.refused, stats.outbox, stats.sent), (2, 0, 1), "it is told as refused");
    let store = place.crash(store).await;
    turn(&*store, 1, "c", &["c1"], at(3)).await;
    assert_eq!(claimed(&*store, 3).await, ["c1"], "the turn that took the person's message did not hold");
}

async fn a_turn_that_did_not_know_of_the_person_gives_nothing_back(place: &dyn Place) {
    let store = place.open().await;
    store.accept(vec![typed("a", by_phone(1))], at(0)).await.unwrap();
    let claim = claim_all(&*store, at(0)).await.contacts.remove(0);
    store.accept(vec![wrote("p", 1)], at(1)).await.unwrap();
    store.commit(vec![takes(&claim, &["a1"])], at(2)).await.unwrap();
    assert!(claimed(&*store, 3).await.is_empty(), "the claim was older than the person's message");
}

async fn a_hold_ends_with_its_time_or_when_it_is_given_back(place: &dyn Place) {
    let store = place.open().await;
    store.accept(vec![wrote("p", 1), wrote("q", 2)], at(0)).await.unwrap();
    for claim in claim_all(&*store, at(0)).await.contacts {
        let mut taken = takes(&claim, &[]);
        taken.conversation.held = held(1_000);
        store.commit(vec![taken], at(0)).await.unwrap();
    }
    store.accept(vec![typed("a", by_phone(1)), typed("b", by_phone(2))], at(1)).await.unwrap();
    for (claim, free) in claim_all(&*store, at(1)).await.contacts.iter().zip([true, false]) {
        let mut taken = takes(claim, &[&format!("{}-1", claim.contact)]);
        if free {
            taken.conversation.held = None;
        }
        store.commit(vec![taken], at(1)).await.unwrap();
    }
    assert_eq!(claimed(&*store, 2).await, ["1-1"], "the first was given back, the second is a person's");
    turn(&*store, 2, "c", &["c1"], at(1_000)).await;
    assert_eq!(claimed(&*store, 1_000).await, ["c1"]);
}

async fn what_the_provider_is_told_travels_with_its_send(place: &dyn Place) {
    let store = place.open().await;
    store.accept(vec![typed("a", by_phone(1))], at(0)).await.unwrap();
    let claim = claim_all(&*store, at(0)).await.contacts.remove(0);
    let mut taken = takes(&claim, &["a1", "a2"]);
    let fields = Fields { firstname: Some("Rosa".to_owned()), ..Fields::default() };
    taken.sends[0].about = About { fields, groups: Some(["vip".to_owned()].into()) };
    let told = taken.sends[0].about.clone();
    store.commit(vec![taken], at(0)).await.unwrap();
    let store = place.crash(store).await;
    let first = store.claim_sends(5, LEASE_MS, at(1)).await.unwrap().sends.remove(0);
    assert_eq!(first.about, told);
    settle(&*store, "a1", left("w"), at(1)).await;
    assert!(store.claim_sends(5, LEASE_MS, at(2)).await.unwrap().sends[0].about.is_empty());
}
