//! A person has a conversation: no send of a flow leaves meanwhile, from the very moment that is accepted.

use buttonhook::model::{About, Fields, Held, Receipt, ReceiptStatus};

use super::*;

on_every_store! {
    what_a_flow_said_before_it_handed_off_still_leaves
    what_waits_when_a_person_takes_over_never_leaves
    a_turn_that_did_not_know_of_the_person_gives_nothing_back
    a_hold_ends_with_its_time_or_when_it_is_given_back
    what_the_provider_is_told_travels_with_its_send
    what_none_of_our_sends_explains_was_written_by_a_person
    what_could_be_ours_is_not_taken_for_a_persons
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

/// Word of both webhooks about a free message that the provider calls `id`: what it says, and that it went to contact number 1.
fn told(id: &str, text: &str) -> Vec<Delivery> {
    let receipt = |text: Option<&str>, to| {
        Delivery::Receipt(Receipt {
            id: EventId(format!("{id}:sent")),
            message: MessageId(id.to_owned()),
            status: ReceiptStatus::Sent,
            at: None,
            error: String::new(),
            to,
            text: text.map(str::to_owned),
            is_free: text.is_some(),
        })
    };
    vec![receipt(Some(text), None), receipt(None, Some(phone(1)))]
}

/// What a person wrote, of the mail that waits for contact number 1.
async fn written(store: &dyn Store, ms: i64) -> Vec<String> {
    let claims = claim_all(store, at(ms)).await;
    let mail = claims.contacts.iter().flat_map(|claim| &claim.inbox);
    let written = mail.filter_map(|mail| match &mail.inbound.content {
        Content::PersonWrote { text } => Some(text.clone()),
        _ => None,
    });
    written.collect()
}

async fn what_none_of_our_sends_explains_was_written_by_a_person(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["a1"], at(0)).await;
    assert_eq!(claimed(&*store, 1).await, ["a1"]);
    let accepted = store.accept(told("wamid.person", "Hello, this is Meera."), at(2)).await.unwrap();
    assert_eq!(accepted.fresh, 1, "the lanes are to be woken");
    let store = place.crash(store).await;
    assert_eq!(written(&*store, 4).await, ["Hello, this is Meera."]);
    // The same again, also as an echo, is the same message.
    let again = wrote("wamid.person", 1);
    store.accept(told("wamid.person", "Hello, this is Meera.").into_iter().chain([again]).collect(), at(5)).await.unwrap();
    assert_eq!(store.stats(at(5)).await.unwrap().inbox, 1);
}

async fn what_could_be_ours_is_not_taken_for_a_persons(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["a1"], at(0)).await;
    // Our own request is under way, and both webhooks are faster than its answer.
    assert_eq!(store.claim_sends(5, LEASE_MS, at(1)).await.unwrap().sends.len(), 1);
    store.accept(told("wamid.ours", "about a1"), at(2)).await.unwrap();
    settle(&*store, "a1", left("wamid.ours"), at(3)).await;
    let read = told("wamid.ours", "about a1");
    store.accept(read, at(4)).await.unwrap();
    // An answer without an id: whatever comes within the hour may be this send.
    turn(&*store, 1, "b", &["b1"], at(5)).await;
    store.claim_sends(5, LEASE_MS, at(5)).await.unwrap();
    settle(&*store, "b1", Fate::Sent { message: None }, at(6)).await;
    store.accept(told("wamid.other", "about b1"), at(7)).await.unwrap();
    assert!(written(&*store, 8).await.is_empty());
}
