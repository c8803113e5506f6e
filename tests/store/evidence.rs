//! What is known about a send beside its answer: receipts before it, proofs without it, answers after it, a person's word.

use buttonhook::model::{Receipt, ReceiptStatus};
use buttonhook::store::{Cases, Proof, Verdict};

use super::*;

on_every_store! {
    a_receipt_that_comes_before_our_own_answer_is_kept_for_it
    text_and_recipient_together_prove_a_send_that_waits_to_be_repeated
    one_of_the_two_alone_proves_nothing
    a_failure_that_the_network_contradicts_is_not_repeated
    evidence_turns_an_unknown_send_into_one_that_was_sent
    evidence_after_a_repetition_tells_of_the_double
    evidence_during_the_repetition_tells_of_the_double_as_well
    evidence_of_another_text_another_person_or_an_earlier_time_proves_nothing
    a_tap_proves_the_send_that_carried_its_button
    a_tap_on_the_other_copy_tells_of_the_double
    a_late_answer_of_an_earlier_attempt_settles_nothing_and_is_not_forgotten
    a_late_refusal_of_an_earlier_attempt_changes_nothing
    evidence_is_expected_where_it_came_lately
    a_person_who_is_asked_has_it_sent_again_or_drops_it
    an_unknown_send_that_is_proven_asks_nobody_any_more
    what_is_proven_while_it_is_under_way_does_not_leave_again_when_its_owner_dies
    a_proof_for_one_at_the_end_of_the_line_leaves_the_first_alone
}

fn receipt(message: &str, to: Option<usize>, text: Option<&str>) -> Delivery {
    // Both of the provider's webhooks give the same word the same id.
    let id = EventId(format!("{message}:sent"));
    let (message, text) = (MessageId(message.to_owned()), text.map(str::to_owned));
    let to = to.map(phone);
    Delivery::Receipt(Receipt {
        id,
        message,
        status: ReceiptStatus::Sent,
        at: None,
        error: String::new(),
        to,
        text,
        is_free: false,
    })
}

async fn receipts(store: &dyn Store, all: Vec<Delivery>, ms: i64) {
    store.accept(all, at(ms)).await.unwrap();
}

/// Both webhooks tell of the message `id` with the text of send `key` to person 1.
async fn both(store: &dyn Store, id: &str, key: &str, ms: i64) {
    let text = format!("about {key}");
    receipts(store, vec![receipt(id, None, Some(&text)), receipt(id, Some(1), None)], ms).await;
}

fn doubt(ms: i64) -> Fate {
    Fate::Retry { at: at(ms), doubtful: true, counts: true }
}

fn unknown() -> Fate {
    Fate::Unknown { detail: "no answer".to_owned() }
}

async fn claim_one(store: &dyn Store, ms: i64) -> Option<(String, u64)> {
    let sends = store.claim_sends(1, 1000, at(ms)).await.unwrap().sends;
    sends.into_iter().next().map(|send| (send.key.0, send.attempt))
}

/// A send `k` to person 1 whose first attempt, begun at 1, has an unknown end at 2 and waits to be repeated at 100.
async fn in_doubt(place: &dyn Place) -> Arc<dyn Store> {
    let store = place.open().await;
    turn(&*store, 1, "a", &["k", "next"], at(0)).await;
    assert_eq!(claim_one(&*store, 1).await, Some(("k".to_owned(), 1)));
    settle(&*store, "k", doubt(100), at(2)).await;
    store
}

async fn of(store: &dyn Store, key: &str) -> buttonhook::store::SettledSend {
    let all = store.cases(Cases::All, None, 100).await.unwrap();
    all.into_iter().find(|send| send.key.0 == key).expect("it is settled")
}

async fn count(store: &dyn Store) -> (u64, u64, u64, u64) {
    let stats = store.stats(at(0)).await.unwrap();
    (stats.sent, stats.unknown, stats.resent, stats.doubles)
}

async fn a_receipt_that_comes_before_our_own_answer_is_kept_for_it(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["k"], at(0)).await;
    claim_one(&*store, 1).await;
    let read = Delivery::Receipt(Receipt {
        is_free: false,
        id: EventId("w:read".to_owned()),
        message: MessageId("w".to_owned()),
        status: ReceiptStatus::Read,
        at: Some(at(2)),
        error: String::new(),
        to: None,
        text: None,
    });
    receipts(&*store, vec![read, receipt("w", None, None)], 2).await;
    let store = place.crash(store).await;
    claim_one(&*store, 3).await;
    settle_attempt(&*store, "k", 2, left("w"), at(4)).await;
    assert_eq!(of(&*store, "k").await.status, Some(ReceiptStatus::Read));
}

async fn text_and_recipient_together_prove_a_send_that_waits_to_be_repeated(place: &dyn Place) {
    let store = in_doubt(place).await;
    both(&*store, "w", "k", 3).await;
    let send = of(&*store, "k").await;
    assert_eq!((send.outcome.as_str(), send.evidence.as_deref()), ("sent", Some("receipts")));
    assert_eq!(send.message, Some(MessageId("w".to_owned())));
    assert_eq!(claim_one(&*store, 200).await, Some(("next".to_owned(), 1)), "it is not repeated, and the line goes on");
    assert_eq!(count(&*store).await, (1, 0, 0, 0));
    // Later word about it finds it by its id.
    let failed = Receipt {
        is_free: false,
        id: EventId("w:failed".to_owned()),
        message: MessageId("w".to_owned()),
        status: ReceiptStatus::Failed,
        at: None,
        error: "131026".to_owned(),
        to: None,
        text: None,
    };
    receipts(&*store, vec![Delivery::Receipt(failed)], 5).await;
    assert_eq!(of(&*store, "k").await.status, Some(ReceiptStatus::Failed));
}

async fn one_of_the_two_alone_proves_nothing(place: &dyn Place) {
    let store = in_doubt(place).await;
    receipts(&*store, vec![receipt("v", None, Some("about k")), receipt("w", Some(1), None)], 3).await;
    assert_eq!(claim_one(&*store, 200).await, Some(("k".to_owned(), 2)));
}

async fn a_failure_that_the_network_contradicts_is_not_repeated(place: &dyn Place) {
    let failed = || Fate::Retry { at: at(100), doubtful: false, counts: true };
    let throttled = || Fate::Retry { at: at(100), doubtful: false, counts: false };
    // While it waits to be tried again, or already while its attempt is under way; but not what surely did not leave.
    for (nth, (before, fate, leaves)) in
        [(false, failed(), 1), (true, failed(), 1), (false, throttled(), 0), (true, throttled(), 0)].into_iter().enumerate()
    {
        let store = place.open().await;
        let (key, id) = (format!("k{nth}"), format!("w{nth}"));
        turn(&*store, 1, &format!("e{nth}"), &[&key], at(0)).await;
        claim_one(&*store, 1).await;
        if before {
            both(&*store, &id, &key, 2).await;
        }
        settle(&*store, &key, fate, at(3)).await;
        if !before {
            both(&*store, &id, &key, 4).await;
        }
        let sent = store.cases(Cases::All, None, 9).await.unwrap().iter().filter(|send| send.key.0 == key).count();
        assert_eq!(sent, leaves, "{nth}");
        if let Some((again, attempt)) = claim_one(&*store, 200).await {
            settle_attempt(&*store, &again, attempt, left(&format!("again {nth}")), at(201)).await;
        }
    }
}

async fn evidence_turns_an_unknown_send_into_one_that_was_sent(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["k"], at(0)).await;
    claim_one(&*store, 1).await;
    settle(&*store, "k", unknown(), at(2)).await;
    assert_eq!(store.cases(Cases::Unknown, None, 9).await.unwrap().len(), 1);
    both(&*store, "w", "k", 60_000).await;
    assert_eq!(of(&*store, "k").await.outcome, "sent");
    assert!(store.cases(Cases::Unknown, None, 9).await.unwrap().is_empty());
    assert_eq!(count(&*store).await, (1, 0, 0, 0));
}

async fn evidence_after_a_repetition_tells_of_the_double(place: &dyn Place) {
    let store = in_doubt(place).await;
    claim_one(&*store, 100).await;
    settle_attempt(&*store, "k", 2, left("w2"), at(101)).await;
    assert_eq!(count(&*store).await, (1, 0, 1, 0));
    // What our own answer named is no news; the other one is.
    both(&*store, "w2", "k", 102).await;
    assert_eq!(count(&*store).await, (1, 0, 1, 0));
    both(&*store, "w1", "k", 103).await;
    both(&*store, "w1", "k", 104).await;
    assert_eq!(count(&*store).await, (1, 0, 1, 1));
    let double = &store.cases(Cases::Double, None, 9).await.unwrap()[0];
    assert_eq!((double.message.as_ref().unwrap().0.as_str(), double.double.as_ref().unwrap().0.as_str()), ("w2", "w1"));
}

async fn evidence_during_the_repetition_tells_of_the_double_as_well(place: &dyn Place) {
    let store = in_doubt(place).await;
    claim_one(&*store, 100).await;
    both(&*store, "w1", "k", 101).await;
    assert_eq!(claim_one(&*store, 102).await, None, "its own answer is waited for");
    settle_attempt(&*store, "k", 2, left("w2"), at(103)).await;
    assert_eq!(count(&*store).await, (1, 0, 1, 1));
    assert_eq!(of(&*store, "k").await.double, Some(MessageId("w1".to_owned())));
}

async fn evidence_of_another_text_another_person_or_an_earlier_time_proves_nothing(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 2, "b", &["other"], at(0)).await;
    turn(&*store, 1, "a", &["k"], at(0)).await;
    both(&*store, "before", "k", 0).await;
    let claimed = store.claim_sends(9, 1000, at(1)).await.unwrap().sends;
    assert_eq!(claimed.len(), 2);
    settle(&*store, "k", doubt(100), at(2)).await;
    settle(&*store, "other", doubt(100), at(2)).await;
    let told = [("text", 1, "about something else"), ("person", 3, "about k"), ("whose", 2, "about k")];
    for (id, to, text) in told {
        receipts(&*store, vec![receipt(id, Some(to), Some(text))], 3).await;
    }
    assert_eq!(store.claim_sends(9, 1000, at(200)).await.unwrap().sends.len(), 2, "both are repeated");
}

async fn tapped(store: &dyn Store, event: &str, key: &str, on: Option<&str>, ms: i64) {
    store.accept(vec![typed(event, by_phone(1))], at(ms)).await.unwrap();
    let claim = claim_all(store, at(ms)).await.contacts.remove(0);
    let proof = Proof { key: SendKey(key.to_owned()), on: on.map(|id| MessageId(id.to_owned())) };
    store.commit(vec![Taken { proofs: vec![proof], ..takes(&claim, &[]) }], at(ms)).await.unwrap();
}

async fn a_tap_proves_the_send_that_carried_its_button(place: &dyn Place) {
    let store = in_doubt(place).await;
    tapped(&*store, "tap", "k", Some("w1"), 5).await;
    let send = of(&*store, "k").await;
    assert_eq!((send.outcome.as_str(), send.evidence.as_deref()), ("sent", Some("tap")));
    assert_eq!(claim_one(&*store, 200).await, Some(("next".to_owned(), 1)));
    // One that was not begun yet proves nothing, nor does somebody else's.
    tapped(&*store, "forged", "later", None, 6).await;
    assert_eq!(count(&*store).await, (1, 0, 0, 0));
}

async fn a_tap_on_the_other_copy_tells_of_the_double(place: &dyn Place) {
    let store = in_doubt(place).await;
    claim_one(&*store, 100).await;
    settle_attempt(&*store, "k", 2, left("w2"), at(101)).await;
    tapped(&*store, "one", "k", Some("w2"), 102).await;
    tapped(&*store, "two", "k", None, 103).await;
    assert_eq!(count(&*store).await, (1, 0, 1, 0));
    tapped(&*store, "three", "k", Some("w1"), 104).await;
    assert_eq!(count(&*store).await, (1, 0, 1, 1));
}

async fn a_late_answer_of_an_earlier_attempt_settles_nothing_and_is_not_forgotten(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["k", "next"], at(0)).await;
    claim_one(&*store, 0).await;
    assert_eq!(claim_one(&*store, 1000).await, Some(("k".to_owned(), 2)), "its lease ran out");
    settle_attempt(&*store, "k", 1, left("w1"), at(1001)).await;
    assert_eq!(store.stats(at(1001)).await.unwrap().outbox, 2, "the second attempt is still under way");
    settle_attempt(&*store, "k", 2, unknown(), at(1002)).await;
    let send = of(&*store, "k").await;
    assert_eq!((send.outcome.as_str(), send.evidence.as_deref()), ("sent", Some("late answer")));
    assert_eq!(send.message, Some(MessageId("w1".to_owned())));
    assert_eq!(claim_one(&*store, 1003).await, Some(("next".to_owned(), 1)));
}

async fn a_late_refusal_of_an_earlier_attempt_changes_nothing(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["k"], at(0)).await;
    claim_one(&*store, 0).await;
    claim_one(&*store, 1000).await;
    let refused = Fate::Refused { refusal: buttonhook::model::Refusal::Invalid, detail: String::new() };
    for fate in [refused, unknown(), doubt(5), Fate::Retry { at: at(5), doubtful: false, counts: false }] {
        settle_attempt(&*store, "k", 1, fate, at(1001)).await;
        assert_eq!(store.stats(at(1001)).await.unwrap().outbox, 1);
        assert_eq!(claim_one(&*store, 1002).await, None, "the second attempt is under way");
    }
    settle_attempt(&*store, "k", 2, left("w"), at(1003)).await;
    assert_eq!(of(&*store, "k").await.tries, 1);
}

async fn evidence_is_expected_where_it_came_lately(place: &dyn Place) {
    const HOUR_MS: i64 = 60 * 60 * 1000;
    let store = place.open().await;
    turn(&*store, 1, "a", &["first", "second", "third", "fourth"], at(0)).await;
    let comes = async |ms| store.claim_sends(1, 1000, at(ms)).await.unwrap().sends[0].evidence_comes;
    assert!(!comes(0).await);
    settle(&*store, "first", left("w"), at(1)).await;
    receipts(&*store, vec![receipt("w", None, Some("about first")), receipt("elsewhere", Some(1), None)], 2).await;
    assert!(!comes(3).await, "of a message of ours only the text came");
    settle(&*store, "second", left("v"), at(4)).await;
    receipts(&*store, vec![receipt("w", Some(1), None)], 5).await;
    assert!(comes(6).await);
    settle(&*store, "third", left("u"), at(7)).await;
    assert!(!comes(3 + HOUR_MS).await, "that was long ago");
}

async fn a_person_who_is_asked_has_it_sent_again_or_drops_it(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["k", "next"], at(0)).await;
    claim_one(&*store, 1).await;
    let ask = || Fate::Ask { detail: "no answer".to_owned() };
    settle(&*store, "k", ask(), at(2)).await;
    let store = place.crash(store).await;
    assert_eq!(store.stats(at(2)).await.unwrap().asked, 1);
    assert_eq!(claim_one(&*store, 3).await, Some(("next".to_owned(), 1)), "nobody behind it waits for the person");
    settle(&*store, "next", left("n"), at(3)).await;
    let key = |key: &str| SendKey(key.to_owned());
    assert!(!store.rule(key("next"), Verdict::Resend, at(4)).await.unwrap());
    assert!(store.rule(key("k"), Verdict::Resend, at(4)).await.unwrap());
    assert!(!store.rule(key("k"), Verdict::Drop, at(4)).await.unwrap(), "once is enough");
    let again = store.claim_sends(1, 1000, at(5)).await.unwrap().sends.remove(0);
    assert_eq!((again.key.0.as_str(), again.attempt, again.doubtful, again.on_unknown), ("k", 2, true, OnUnknown::Resend));
    assert_eq!(again.message, send("k").message);
    settle_attempt(&*store, "k", 2, ask(), at(6)).await;
    assert!(store.rule(key("k"), Verdict::Drop, at(7)).await.unwrap());
    assert_eq!(claim_one(&*store, 8).await, None);
    assert_eq!(count(&*store).await, (1, 1, 0, 0));
    assert!(of(&*store, "k").await.detail.contains("a person"));
}

async fn an_unknown_send_that_is_proven_asks_nobody_any_more(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["k"], at(0)).await;
    claim_one(&*store, 1).await;
    settle(&*store, "k", Fate::Ask { detail: String::new() }, at(2)).await;
    both(&*store, "w", "k", 3).await;
    assert_eq!(store.stats(at(3)).await.unwrap().asked, 0);
    assert!(!store.rule(SendKey("k".to_owned()), Verdict::Resend, at(4)).await.unwrap());
    assert_eq!(count(&*store).await, (1, 0, 0, 0));
}

async fn what_is_proven_while_it_is_under_way_does_not_leave_again_when_its_owner_dies(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["k", "next"], at(0)).await;
    assert_eq!(claim_one(&*store, 1).await, Some(("k".to_owned(), 1)));
    tapped(&*store, "tap", "k", None, 2).await;
    let store = place.crash(store).await;
    assert_eq!(claim_one(&*store, 3).await, None, "its button was tapped: it has arrived");
    assert_eq!(claim_one(&*store, 4).await, Some(("next".to_owned(), 1)));
    let stats = store.stats(at(5)).await.unwrap();
    assert_eq!((stats.sent, stats.unknown, stats.resent, stats.outbox), (1, 0, 0, 1));
}

async fn a_proof_for_one_at_the_end_of_the_line_leaves_the_first_alone(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["k", "next"], at(0)).await;
    claim_one(&*store, 1).await;
    settle(&*store, "k", Fate::Ask { detail: "no answer".to_owned() }, at(2)).await;
    assert!(store.rule(SendKey("k".to_owned()), Verdict::Resend, at(3)).await.unwrap());
    assert_eq!(claim_one(&*store, 4).await, Some(("next".to_owned(), 1)));
    tapped(&*store, "tap", "k", None, 5).await;
    assert_eq!(claim_one(&*store, 6).await, None, "the first is under way and nobody asked for it again");
    settle(&*store, "next", left("w2"), at(7)).await;
    let stats = store.stats(at(8)).await.unwrap();
    assert_eq!((stats.sent, stats.unknown, stats.outbox), (2, 0, 0));
}
