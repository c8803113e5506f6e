//! The outbox and commit 3: one send per contact at a time, intents, fates, pauses.

use buttonhook::model::Refusal;
use buttonhook::store::ClaimedSends;

use super::*;

on_every_store! {
    a_contacts_sends_leave_one_after_the_other
    a_send_knows_its_person_and_its_last_word
    a_key_is_sent_once
    a_retry_waits_and_holds_up_the_line
    a_lease_that_ran_out_leaves_a_doubt_for_ever
    a_crash_leaves_a_doubt_at_once
    every_fate_ends_the_send_and_frees_the_line
    a_pause_stops_everything_and_only_grows
    a_settlement_that_comes_twice_counts_once
    a_clock_set_back_a_day_holds_nothing_up
}

async fn keys(store: &dyn Store, now: Timestamp) -> Vec<String> {
    let claimed = store.claim_sends(100, LEASE_MS, now).await.unwrap();
    claimed.sends.into_iter().map(|send| send.key.0).collect()
}

async fn a_contacts_sends_leave_one_after_the_other(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["a1", "a2"], at(0)).await;
    turn(&*store, 2, "b", &["b1"], at(1)).await;
    turn(&*store, 1, "c", &["a3"], at(2)).await;
    assert_eq!(store.claim_sends(1, LEASE_MS, at(3)).await.unwrap().sends[0].key.0, "a1", "the oldest first");
    assert_eq!(keys(&*store, at(3)).await, ["b1"]);
    assert!(keys(&*store, at(4)).await.is_empty());
    settle(&*store, "a1", left("w1"), at(5)).await;
    assert_eq!(keys(&*store, at(5)).await, ["a2"]);
    settle(&*store, "a2", left("w2"), at(6)).await;
    assert_eq!(keys(&*store, at(6)).await, ["a3"]);
    let stats = store.stats(at(6)).await.unwrap();
    assert_eq!((stats.outbox, stats.sent), (2, 2));
}

async fn a_send_knows_its_person_and_its_last_word(place: &dyn Place) {
    let store = place.open().await;
    store.accept(vec![typed("a", by_phone(1))], at(0)).await.unwrap();
    let claim = claim_all(&*store, at(0)).await.contacts.remove(0);
    let mut taken = takes(&claim, &["k"]);
    taken.conversation.last_inbound_at = Some(at(-77));
    store.commit(vec![taken], at(0)).await.unwrap();
    let newer = Sender { phone: Some(phone(1)), user_id: Some("ZA.1".to_owned()), name: "Sipho".to_owned() };
    store.accept(vec![typed("b", newer)], at(1)).await.unwrap();
    let sends = store.claim_sends(5, LEASE_MS, at(1)).await.unwrap().sends;
    let claimed = &sends[0];
    assert_eq!((claimed.contact, claimed.last_inbound_at), (claim.contact, Some(at(-77))));
    assert_eq!((claimed.to.user_id.as_deref(), claimed.to.name.as_str()), (Some("ZA.1"), "Sipho"));
    assert_eq!((&claimed.message, claimed.on_unknown), (&send("k").message, OnUnknown::Skip));
    assert_eq!((claimed.tries, claimed.doubtful), (0, false));
}

async fn a_key_is_sent_once(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["k", "k"], at(0)).await;
    turn(&*store, 1, "b", &["k"], at(0)).await;
    assert_eq!(store.stats(at(0)).await.unwrap().outbox, 1);
    assert_eq!(keys(&*store, at(0)).await, ["k"]);
    settle(&*store, "k", left("w"), at(0)).await;
    // Not even after it was settled.
    turn(&*store, 1, "c", &["k"], at(1)).await;
    assert!(keys(&*store, at(1)).await.is_empty());
    let stats = store.stats(at(1)).await.unwrap();
    assert_eq!((stats.outbox, stats.sent), (0, 1));
}

async fn a_retry_waits_and_holds_up_the_line(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["a1", "a2"], at(0)).await;
    assert_eq!(keys(&*store, at(0)).await, ["a1"]);
    settle(&*store, "a1", Fate::Retry { at: at(500), doubtful: false, counts: true }, at(10)).await;
    let early = store.claim_sends(5, LEASE_MS, at(499)).await.unwrap();
    assert!(early.sends.is_empty());
    assert_eq!(early.next_due, Some(at(500)));
    let ClaimedSends { sends, .. } = store.claim_sends(5, LEASE_MS, at(500)).await.unwrap();
    assert_eq!((sends.len(), sends[0].key.0.as_str(), sends[0].tries, sends[0].doubtful), (1, "a1", 1, false));
    // Throttled: the attempt does not count, but its doubt does.
    settle_attempt(&*store, "a1", 2, Fate::Retry { at: at(600), doubtful: true, counts: false }, at(510)).await;
    let sends = store.claim_sends(5, LEASE_MS, at(600)).await.unwrap().sends;
    assert_eq!((sends[0].tries, sends[0].doubtful), (1, true));
    settle_attempt(&*store, "a1", 3, Fate::Retry { at: at(700), doubtful: false, counts: true }, at(610)).await;
    let sends = store.claim_sends(5, LEASE_MS, at(700)).await.unwrap().sends;
    assert_eq!((sends[0].tries, sends[0].doubtful), (2, true), "a doubt is never taken back");
}

async fn a_lease_that_ran_out_leaves_a_doubt_for_ever(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["a1"], at(0)).await;
    let first = store.claim_sends(5, 1000, at(0)).await.unwrap();
    assert_eq!((first.sends[0].doubtful, first.next_due), (false, Some(at(1000))));
    assert!(store.claim_sends(5, 1000, at(999)).await.unwrap().sends.is_empty());
    assert!(store.claim_sends(5, 1000, at(1000)).await.unwrap().sends[0].doubtful);
    settle_attempt(&*store, "a1", 2, Fate::Retry { at: at(1500), doubtful: false, counts: true }, at(1200)).await;
    // A retry of a send that is not under way is from an owner who is too late.
    settle_attempt(&*store, "a1", 2, Fate::Retry { at: at(9_999_999), doubtful: false, counts: true }, at(1200)).await;
    let sends = store.claim_sends(5, 1000, at(1500)).await.unwrap().sends;
    assert_eq!((sends[0].doubtful, sends[0].tries), (true, 1));
}

async fn a_crash_leaves_a_doubt_at_once(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["under way", "behind it"], at(0)).await;
    turn(&*store, 2, "b", &["not begun"], at(1)).await;
    assert_eq!(store.claim_sends(1, LEASE_MS, at(1)).await.unwrap().sends[0].key.0, "under way");
    let store = place.crash(store).await;
    let sends = store.claim_sends(5, LEASE_MS, at(2)).await.unwrap().sends;
    let found: Vec<_> = sends.iter().map(|send| (send.key.0.as_str(), send.doubtful)).collect();
    assert_eq!(found, [("under way", true), ("not begun", false)]);
}

async fn every_fate_ends_the_send_and_frees_the_line(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["sent", "untraceable", "refused", "unknown", "last"], at(0)).await;
    let detail = || "the provider's words".to_owned();
    let fates = [
        ("sent", left("w")),
        ("untraceable", Fate::Sent { message: None }),
        ("refused", Fate::Refused { refusal: Refusal::WindowClosed, detail: detail() }),
        ("unknown", Fate::Unknown { detail: detail() }),
    ];
    for (key, fate) in fates {
        assert_eq!(keys(&*store, at(1)).await, [key]);
        settle(&*store, key, fate, at(1)).await;
    }
    let store = place.crash(store).await;
    assert_eq!(keys(&*store, at(2)).await, ["last"]);
    let stats = store.stats(at(2)).await.unwrap();
    assert_eq!((stats.sent, stats.refused, stats.unknown, stats.outbox), (2, 1, 1, 1));
}

async fn a_pause_stops_everything_and_only_grows(place: &dyn Place) {
    let store = place.open().await;
    store.pause(at(1000)).await.unwrap();
    let idle = store.claim_sends(5, LEASE_MS, at(0)).await.unwrap();
    assert!(idle.sends.is_empty() && idle.next_due.is_none(), "nothing waits, so nothing falls due");
    turn(&*store, 1, "a", &["k", "l"], at(0)).await;
    store.pause(at(500)).await.unwrap();
    let store = place.crash(store).await;
    let paused = store.claim_sends(5, LEASE_MS, at(999)).await.unwrap();
    assert!(paused.sends.is_empty());
    assert_eq!(paused.next_due, Some(at(1000)));
    assert_eq!(store.stats(at(999)).await.unwrap().paused_until_ms, time::millis(at(1000)));
    assert_eq!(store.stats(at(1000)).await.unwrap().paused_until_ms, 0);
    assert_eq!(keys(&*store, at(1000)).await, ["k"]);
    settle(&*store, "k", Fate::Retry { at: at(5000), doubtful: false, counts: false }, at(1000)).await;
    store.pause(at(2000)).await.unwrap();
    let later = store.claim_sends(5, LEASE_MS, at(1500)).await.unwrap();
    assert_eq!(later.next_due, Some(at(5000)), "the retry falls due after the pause");
}

async fn a_settlement_that_comes_twice_counts_once(place: &dyn Place) {
    let store = place.open().await;
    turn(&*store, 1, "a", &["k", "l"], at(0)).await;
    assert_eq!(keys(&*store, at(0)).await, ["k"]);
    let sent = || settlement("k", 1, left("w"));
    let unknown = settlement("k", 1, Fate::Unknown { detail: String::new() });
    store.settle(vec![sent(), sent(), unknown], at(1)).await.unwrap();
    settle(&*store, "never heard of", left("x"), at(1)).await;
    let stats = store.stats(at(1)).await.unwrap();
    assert_eq!((stats.sent, stats.unknown, stats.outbox), (1, 0, 1));
    assert_eq!(keys(&*store, at(1)).await, ["l"]);
}

async fn a_clock_set_back_a_day_holds_nothing_up(place: &dyn Place) {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    let store = place.open().await;
    turn(&*store, 1, "a", &["k"], at(DAY_MS)).await;
    store.pause(at(DAY_MS + 1000)).await.unwrap();
    assert_eq!(store.stats(at(0)).await.unwrap().paused_until_ms, 0);
    assert_eq!(keys(&*store, at(0)).await, ["k"]);
    assert!(keys(&*store, at(1)).await.is_empty(), "it is leased by today's clock now");
    store.pause(at(1000)).await.unwrap();
    turn(&*store, 2, "b", &["l"], at(2)).await;
    assert!(keys(&*store, at(999)).await.is_empty(), "and a new pause counts by it too");
    assert_eq!(keys(&*store, at(1000)).await, ["l"]);
}
