//! Commit 1: doubles, order, and who a message is from.

use buttonhook::model::{Delivery, EventId, Ignored, Sender};
use buttonhook::store::Accepted;

use super::*;

on_every_store! {
    doubles_are_known_by_their_id
    parallel_copies_of_a_batch_are_stored_once
    mail_is_numbered_without_gaps_in_the_order_accepted
    the_user_id_decides_and_the_number_comes_second
    two_contacts_of_one_person_go_on_under_the_user_id
    a_new_number_keeps_the_conversation
    a_new_number_reaches_a_turn_that_was_under_way
    what_is_ignored_leaves_nothing
    acceptance_survives_a_crash
}

async fn doubles_are_known_by_their_id(place: &dyn Place) {
    let store = place.open().await;
    let batch = || vec![typed("a", by_phone(1)), typed("b", by_phone(1)), typed("a", by_phone(1))];
    assert_eq!(store.accept(batch(), at(0)).await.unwrap(), Accepted { fresh: 2, doubles: 1 });
    assert_eq!(store.accept(batch(), at(9 * 24 * 3_600_000)).await.unwrap(), Accepted { fresh: 0, doubles: 3 });
    // Taken mail is remembered too.
    let claims = claim_all(&*store, at(1)).await;
    store.commit(vec![takes(&claims.contacts[0], &[])], at(1)).await.unwrap();
    assert_eq!(store.accept(batch(), at(2)).await.unwrap(), Accepted { fresh: 0, doubles: 3 });
    assert_eq!(store.stats(at(2)).await.unwrap().inbox, 0);
}

async fn parallel_copies_of_a_batch_are_stored_once(place: &dyn Place) {
    let store = place.open().await;
    let mut copies = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let store = Arc::clone(&store);
        let batch = (0..10).map(|n| typed(&format!("event {n}"), by_phone(n % 3))).collect();
        copies.spawn(async move { store.accept(batch, at(0)).await.unwrap() });
    }
    let answers = copies.join_all().await;
    assert_eq!(answers.iter().map(|accepted| accepted.fresh).sum::<usize>(), 10);
    assert_eq!(answers.iter().map(|accepted| accepted.doubles).sum::<usize>(), 190);
    assert_eq!(store.stats(at(0)).await.unwrap().inbox, 10);
}

async fn mail_is_numbered_without_gaps_in_the_order_accepted(place: &dyn Place) {
    let store = place.open().await;
    store.accept(vec![typed("a1", by_phone(1)), typed("b1", by_phone(2)), typed("a2", by_phone(1))], at(0)).await.unwrap();
    store.accept(vec![typed("a2", by_phone(1)), typed("a3", by_phone(1))], at(7)).await.unwrap();
    let claims = claim_all(&*store, at(8)).await;
    let of_a = &claims.contacts[0];
    assert_eq!(ids(of_a), ["a1", "a2", "a3"]);
    assert_eq!(of_a.inbox.iter().map(|mail| mail.seq).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!((of_a.inbox[0].at, of_a.inbox[2].at), (at(0), at(7)));
    let Delivery::Message(as_sent) = typed("a3", by_phone(1)) else { unreachable!() };
    assert_eq!(of_a.inbox[2].inbound, as_sent);
}

async fn the_user_id_decides_and_the_number_comes_second(place: &dyn Place) {
    let store = place.open().await;
    let both = Sender { phone: Some(phone(1)), user_id: Some("ZA.1".to_owned()), name: "Thandi".to_owned() };
    store.accept(vec![typed("by phone", by_phone(1)), typed("by both", both)], at(0)).await.unwrap();
    // The message with both names linked them, so the hidden number does not matter any more.
    store.accept(vec![typed("by id", by_user_id("ZA.1"))], at(1)).await.unwrap();
    let newer = Sender { phone: Some(phone(2)), user_id: Some("ZA.1".to_owned()), name: String::new() };
    store.accept(vec![typed("from another number", newer)], at(2)).await.unwrap();
    store.accept(vec![typed("by that number", by_phone(2))], at(3)).await.unwrap();
    let claims = claim_all(&*store, at(4)).await;
    assert_eq!(claims.contacts.len(), 1);
    assert_eq!(ids(&claims.contacts[0]), ["by phone", "by both", "by id", "from another number", "by that number"]);
    let person = &claims.contacts[0].conversation.contact;
    assert_eq!((person.phone.as_ref(), person.user_id.as_deref()), (Some(&phone(2)), Some("ZA.1")));
    assert_eq!(person.name, "Thandi", "a message without a name takes none away");
    assert_eq!(store.stats(at(4)).await.unwrap().contacts, 1);
}

async fn two_contacts_of_one_person_go_on_under_the_user_id(place: &dyn Place) {
    let store = place.open().await;
    store.accept(vec![typed("by phone", by_phone(1)), typed("by id", by_user_id("ZA.1"))], at(0)).await.unwrap();
    let both = Sender { phone: Some(phone(1)), user_id: Some("ZA.1".to_owned()), name: String::new() };
    store.accept(vec![typed("by both", both), typed("by phone again", by_phone(1))], at(1)).await.unwrap();
    let claims = claim_all(&*store, at(2)).await;
    let mail: Vec<_> = claims.contacts.iter().map(ids).collect();
    assert_eq!(mail, [vec!["by phone"], vec!["by id", "by both", "by phone again"]]);
}

fn moves(id: &str, from: usize, to: usize) -> Delivery {
    Delivery::NumberChanged { id: EventId(id.to_owned()), from: phone(from), to: phone(to) }
}

async fn a_new_number_keeps_the_conversation(place: &dyn Place) {
    let store = place.open().await;
    let before = turn(&*store, 1, "hello", &["k1"], at(0)).await;
    assert_eq!(store.accept(vec![moves("m", 1, 2)], at(1)).await.unwrap(), Accepted::default());
    assert_eq!(store.accept(vec![moves("m", 1, 2)], at(1)).await.unwrap(), Accepted { fresh: 0, doubles: 1 });
    let sends = store.claim_sends(1, LEASE_MS, at(2)).await.unwrap().sends;
    assert_eq!(sends[0].to.phone, Some(phone(2)), "what waits to leave goes to the new number");
    store.accept(vec![typed("from the new one", by_phone(2))], at(3)).await.unwrap();
    // The old number may be somebody else's by now.
    store.accept(vec![typed("a stranger", by_phone(1))], at(4)).await.unwrap();
    // Nobody is known under this number.
    store.accept(vec![moves("n", 8, 9)], at(4)).await.unwrap();
    let claims = claim_all(&*store, at(5)).await;
    let (known, stranger) = (&claims.contacts[0], &claims.contacts[1]);
    assert_eq!((known.contact, known.conversation.turns), (before.contact, 1));
    assert_eq!(known.conversation.contact.phone, Some(phone(2)));
    assert_eq!((ids(stranger), stranger.conversation.turns), (vec!["a stranger"], 0));
    assert_eq!(store.stats(at(5)).await.unwrap().contacts, 2);
}

async fn a_new_number_reaches_a_turn_that_was_under_way(place: &dyn Place) {
    let store = place.open().await;
    store.accept(vec![typed("hello", by_phone(1))], at(0)).await.unwrap();
    let claim = claim_all(&*store, at(0)).await.contacts.remove(0);
    store.accept(vec![moves("m", 1, 2)], at(1)).await.unwrap();
    store.commit(vec![takes(&claim, &["k"])], at(2)).await.unwrap();
    assert_eq!(store.claim_sends(1, LEASE_MS, at(2)).await.unwrap().sends[0].to.phone, Some(phone(2)));
    store.accept(vec![typed("again", by_phone(2))], at(3)).await.unwrap();
    let again = claim_all(&*store, at(3)).await.contacts.remove(0);
    assert_eq!((again.contact, again.conversation.contact.phone), (claim.contact, Some(phone(2))));
}

async fn what_is_ignored_leaves_nothing(place: &dyn Place) {
    let store = place.open().await;
    let ignored = Delivery::Ignored(Ignored { what: "reaction".to_owned(), why: "no flow waits for it" });
    assert_eq!(store.accept(vec![ignored], at(0)).await.unwrap(), Accepted::default());
    assert_eq!(store.accept(Vec::new(), at(0)).await.unwrap(), Accepted::default());
    assert_eq!(store.stats(at(0)).await.unwrap(), buttonhook::store::Stats::default());
    let claims = claim_all(&*store, at(0)).await;
    assert!(claims.contacts.is_empty() && claims.next_due.is_none());
}

async fn acceptance_survives_a_crash(place: &dyn Place) {
    let store = place.open().await;
    store.accept(vec![typed("a", by_phone(1)), typed("b", by_phone(1))], at(0)).await.unwrap();
    let store = place.crash(store).await;
    assert_eq!(store.accept(vec![typed("b", by_phone(1))], at(1)).await.unwrap().doubles, 1);
    store.accept(vec![typed("c", by_phone(1))], at(1)).await.unwrap();
    assert_eq!(ids(&claim_all(&*store, at(1)).await.contacts[0]), ["a", "b", "c"]);
}
