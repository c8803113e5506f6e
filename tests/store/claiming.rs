//! Claims and commit 2: leases, fences, order, and that a turn is stored whole or not at all.

use buttonhook::model::{ContactId, Session, Wait};
use buttonhook::store::{INBOX_PER_CLAIM_MAX, NewHistory};

use super::*;

on_every_store! {
    a_claimed_contact_is_nobody_elses_until_its_lease_ends
    a_late_owner_can_write_nothing
    whoever_waits_longest_comes_first
    mail_that_came_during_a_turn_is_due_at_once
    a_large_mailbox_comes_in_parts
    a_clock_set_back_hides_no_mail
    nobody_can_take_mail_that_has_not_come
    a_crash_frees_every_contact
    turns_are_remembered_newest_first
    waiting_sessions_are_counted_by_step
    a_setting_is_made_once
    a_closed_store_says_so
}

async fn a_claimed_contact_is_nobody_elses_until_its_lease_ends(place: &dyn Place) {
    let store = place.open().await;
    store.accept(vec![typed("a", by_phone(1))], at(0)).await.unwrap();
    let claims = store.claim(5, 1000, at(0)).await.unwrap();
    assert_eq!((claims.contacts.len(), claims.next_due), (1, Some(at(1000))));
    let empty = store.claim(5, 1000, at(999)).await.unwrap();
    assert!(empty.contacts.is_empty());
    assert_eq!(empty.next_due, Some(at(1000)));
    let again = store.claim(5, 1000, at(1000)).await.unwrap();
    assert_eq!(ids(&again.contacts[0]), ["a"]);
    assert_eq!(again.contacts[0].epoch, claims.contacts[0].epoch + 1);
    // Given back with nothing left, it sleeps.
    store.commit(vec![takes(&again.contacts[0], &[])], at(1001)).await.unwrap();
    let asleep = store.claim(5, 1000, at(900_000)).await.unwrap();
    assert!(asleep.contacts.is_empty() && asleep.next_due.is_none());
}

async fn a_late_owner_can_write_nothing(place: &dyn Place) {
    let store = place.open().await;
    store.accept(vec![typed("a", by_phone(1)), typed("b", by_phone(2))], at(0)).await.unwrap();
    let late = claim_all(&*store, at(0)).await.contacts;
    let later = at(LEASE_MS as i64);
    let owner = store.claim(1, LEASE_MS, later).await.unwrap().contacts.remove(0);
    assert_eq!(owner.contact, late[0].contact);
    let mut zombie = takes(&late[0], &["from the dead"]);
    zombie.conversation.turns = 666;
    zombie.history.push(history(1));
    // The other contact of the same batch has run out too, but nobody has taken it since.
    let stored = store.commit(vec![zombie.clone(), takes(&late[1], &["alive"])], later).await.unwrap();
    assert_eq!(stored, [false, true]);
    assert_eq!(store.commit(vec![takes(&owner, &["rightful"])], later).await.unwrap(), [true]);
    // Neither can it write now that the contact is free, nor can the rightful owner a second time.
    assert_eq!(store.commit(vec![zombie, takes(&owner, &["twice"])], later).await.unwrap(), [false, false]);
    assert!(store.history(None, 10).await.unwrap().is_empty());
    let mut keys: Vec<_> =
        store.claim_sends(10, LEASE_MS, later).await.unwrap().sends.into_iter().map(|send| send.key.0).collect();
    keys.sort();
    assert_eq!(keys, ["alive", "rightful"]);
    store.accept(vec![typed("c", by_phone(1))], later).await.unwrap();
    assert_eq!(claim_all(&*store, later).await.contacts[0].conversation.turns, 1);
    // A contact that does not exist.
    let nobody = Taken { contact: ContactId(999), ..takes(&owner, &["nobody"]) };
    assert_eq!(store.commit(vec![nobody], later).await.unwrap(), [false]);
}

async fn whoever_waits_longest_comes_first(place: &dyn Place) {
    let store = place.open().await;
    for (ms, n) in [(0, 3), (1, 1), (2, 2)] {
        store.accept(vec![typed(&format!("first of {n}"), by_phone(n))], at(ms)).await.unwrap();
    }
    // More mail does not send anyone to the end of the line.
    store.accept(vec![typed("second of 3", by_phone(3))], at(3)).await.unwrap();
    let first = store.claim(2, LEASE_MS, at(4)).await.unwrap().contacts;
    assert_eq!(first.iter().map(ids).collect::<Vec<_>>(), [vec!["first of 3", "second of 3"], vec!["first of 1"]]);
    let second = store.claim(2, LEASE_MS, at(4)).await.unwrap().contacts;
    assert_eq!(second.iter().map(ids).collect::<Vec<_>>(), [vec!["first of 2"]]);
    assert!(store.claim(0, LEASE_MS, at(5)).await.unwrap().contacts.is_empty());
}

async fn mail_that_came_during_a_turn_is_due_at_once(place: &dyn Place) {
    let store = place.open().await;
    store.accept(vec![typed("a", by_phone(1)), typed("b", by_phone(1))], at(0)).await.unwrap();
    let claim = claim_all(&*store, at(0)).await.contacts.remove(0);
    store.accept(vec![typed("c", by_phone(1))], at(1)).await.unwrap();
    assert!(claim_all(&*store, at(1)).await.contacts.is_empty());
    // Only the first message is taken; the conversation is as the turn left it.
    let part = Taken { head: 1, ..takes(&claim, &[]) };
    store.commit(vec![part], at(2)).await.unwrap();
    let rest = claim_all(&*store, at(2)).await.contacts.remove(0);
    assert_eq!(ids(&rest), ["b", "c"]);
    assert_eq!(rest.conversation.turns, 1);
    assert_eq!(store.stats(at(2)).await.unwrap().inbox, 2);
}

async fn a_large_mailbox_comes_in_parts(place: &dyn Place) {
    let store = place.open().await;
    let all = INBOX_PER_CLAIM_MAX + 1;
    store.accept((0..all).map(|n| typed(&n.to_string(), by_phone(1))).collect(), at(0)).await.unwrap();
    let claim = claim_all(&*store, at(0)).await.contacts.remove(0);
    assert_eq!(claim.inbox.len(), INBOX_PER_CLAIM_MAX);
    store.commit(vec![takes(&claim, &[])], at(0)).await.unwrap();
    let rest = claim_all(&*store, at(0)).await.contacts.remove(0);
    assert_eq!(rest.inbox.iter().map(|mail| mail.seq).collect::<Vec<_>>(), [all as u64]);
}

async fn a_clock_set_back_hides_no_mail(place: &dyn Place) {
    let store = place.open().await;
    let years = 12 * 365 * 24 * 3_600_000;
    store.accept(vec![typed("in 2035", by_phone(1))], at(years)).await.unwrap();
    assert_eq!(claim_all(&*store, at(0)).await.contacts.len(), 1);
}

async fn nobody_can_take_mail_that_has_not_come(place: &dyn Place) {
    let store = place.open().await;
    store.accept(vec![typed("a", by_phone(1))], at(0)).await.unwrap();
    let claim = claim_all(&*store, at(0)).await.contacts.remove(0);
    store.commit(vec![Taken { head: 1_000_000, ..takes(&claim, &[]) }], at(0)).await.unwrap();
    store.accept(vec![typed("b", by_phone(1))], at(1)).await.unwrap();
    let claim = claim_all(&*store, at(1)).await.contacts.remove(0);
    assert_eq!((ids(&claim), claim.inbox[0].seq), (vec!["b"], 2));
    // Nor does a head that goes back bring anything to life again.
    store.commit(vec![Taken { head: 0, ..takes(&claim, &[]) }], at(1)).await.unwrap();
    assert_eq!(ids(&claim_all(&*store, at(1)).await.contacts[0]), ["b"]);
}

async fn a_crash_frees_every_contact(place: &dyn Place) {
    let store = place.open().await;
    store.accept(vec![typed("a", by_phone(1))], at(0)).await.unwrap();
    let lost = claim_all(&*store, at(0)).await.contacts.remove(0);
    let store = place.crash(store).await;
    let claim = claim_all(&*store, at(1)).await.contacts.remove(0);
    assert_eq!(ids(&claim), ["a"]);
    assert!(claim.epoch > lost.epoch);
    store.commit(vec![takes(&claim, &["k"])], at(1)).await.unwrap();
    let store = place.crash(store).await;
    assert!(claim_all(&*store, at(2)).await.contacts.is_empty(), "what was taken is not due again");
    store.accept(vec![typed("b", by_phone(1))], at(2)).await.unwrap();
    assert_eq!(claim_all(&*store, at(2)).await.contacts[0].conversation.turns, 1);
}

fn history(turn: u64) -> NewHistory {
    let event = EventId(format!("event {turn}"));
    NewHistory { event, turn, revision: "abc".to_owned(), record: format!("{{\"n\":{turn}}}") }
}

async fn turns_are_remembered_newest_first(place: &dyn Place) {
    let store = place.open().await;
    let mut whose = Vec::new();
    for n in 1..=4_u64 {
        store.accept(vec![typed(&format!("event {n}"), by_phone(n as usize % 2))], at(n as i64)).await.unwrap();
        let claim = claim_all(&*store, at(n as i64)).await.contacts.remove(0);
        let taken = Taken { history: vec![history(n)], ..takes(&claim, &[]) };
        store.commit(vec![taken], at(n as i64)).await.unwrap();
        whose.push(claim.contact);
    }
    let all = store.history(None, 3).await.unwrap();
    assert_eq!(all.iter().map(|row| row.turn.turn).collect::<Vec<_>>(), [4, 3, 2]);
    assert_eq!((all[0].contact, all[0].at, &all[0].turn), (whose[3], at(4), &history(4)));
    let of_one = store.history(Some(whose[0]), 100).await.unwrap();
    assert_eq!(of_one.iter().map(|row| row.turn.turn).collect::<Vec<_>>(), [3, 1]);
}

async fn waiting_sessions_are_counted_by_step(place: &dyn Place) {
    let store = place.open().await;
    for (n, step) in [(1, Some("ask")), (2, Some("ask")), (3, Some("menu")), (4, None)] {
        store.accept(vec![typed(&n.to_string(), by_phone(n))], at(0)).await.unwrap();
        let claim = claim_all(&*store, at(0)).await.contacts.remove(0);
        let mut taken = takes(&claim, &[]);
        taken.conversation.session = step.map(|step| Session {
            flow: FlowName::new("shop"),
            step: StepName::new(step),
            wait: Wait::Answer,
            tries: 0,
            silent_turns: 0,
            page: 0,
        });
        store.commit(vec![taken], at(0)).await.unwrap();
    }
    let waits = |step: &str, count| ("shop".to_owned(), step.to_owned(), count);
    assert_eq!(store.waiting().await.unwrap(), [waits("ask", 2), waits("menu", 1)]);
    turn(&*store, 3, "ends it", &[], at(1)).await;
    // `turn` keeps the session; ending it takes it out of the count.
    store.accept(vec![typed("over", by_phone(3))], at(2)).await.unwrap();
    let claim = claim_all(&*store, at(2)).await.contacts.remove(0);
    assert!(claim.conversation.session.is_some());
    let mut taken = takes(&claim, &[]);
    taken.conversation.session = None;
    store.commit(vec![taken], at(2)).await.unwrap();
    assert_eq!(store.waiting().await.unwrap(), [waits("ask", 2)]);
}

async fn a_setting_is_made_once(place: &dyn Place) {
    let store = place.open().await;
    assert_eq!(store.setting("secret", || b"first".to_vec()).await.unwrap(), b"first");
    assert_eq!(store.setting("other", || b"more".to_vec()).await.unwrap(), b"more");
    let store = place.crash(store).await;
    assert_eq!(store.setting("secret", || b"second".to_vec()).await.unwrap(), b"first");
}

async fn a_closed_store_says_so(place: &dyn Place) {
    use buttonhook::store::StoreError::Closed;
    let store = place.open().await;
    let (accepted, ()) = tokio::join!(store.accept(vec![typed("a", by_phone(1))], at(0)), store.close());
    accepted.expect("what was asked before the end is done");
    assert!(matches!(store.accept(vec![typed("b", by_phone(1))], at(0)).await, Err(Closed)));
    assert!(matches!(store.stats(at(0)).await, Err(Closed)));
    store.close().await;
    let store = place.open().await;
    assert_eq!(store.stats(at(0)).await.unwrap().inbox, 1);
}
