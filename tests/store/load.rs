//! Many at once.

use super::*;

on_every_store! {
    order_per_contact_holds_under_concurrent_accepts
    a_thousand_accepts_at_once_are_all_answered
    a_long_outbox_is_no_slower_to_claim_from
}

async fn order_per_contact_holds_under_concurrent_accepts(place: &dyn Place) {
    let store = place.open().await;
    let mut writers = tokio::task::JoinSet::new();
    for contact in 0..16 {
        let store = Arc::clone(&store);
        writers.spawn(async move {
            for n in 0..20 {
                store.accept(vec![typed(&format!("{contact} {n}"), by_phone(contact))], at(n)).await.unwrap();
            }
        });
    }
    writers.join_all().await;
    let claims = claim_all(&*store, at(50)).await;
    assert_eq!(claims.contacts.len(), 16);
    for claim in &claims.contacts {
        let contact = ids(claim)[0].split(' ').next().unwrap().to_owned();
        assert_eq!(ids(claim), (0..20).map(|n| format!("{contact} {n}")).collect::<Vec<_>>());
        assert_eq!(claim.inbox.iter().map(|mail| mail.seq).collect::<Vec<_>>(), (1..=20).collect::<Vec<_>>());
    }
}

async fn a_thousand_accepts_at_once_are_all_answered(place: &dyn Place) {
    let store = place.open().await;
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..1000 {
        let store = Arc::clone(&store);
        writers.spawn(async move { store.accept(vec![typed(&n.to_string(), by_phone(n % 100))], at(0)).await.unwrap() });
    }
    let answers = writers.join_all().await;
    assert_eq!(answers.iter().map(|accepted| accepted.fresh).sum::<usize>(), 1000);
    let store = place.crash(store).await;
    let stats = store.stats(at(0)).await.unwrap();
    assert_eq!((stats.contacts, stats.inbox), (100, 1000));
}

/// By counting what the claims give, and by a bound on time that only a search through all rows would break.
async fn a_long_outbox_is_no_slower_to_claim_from(place: &dyn Place) {
    let store = place.open().await;
    store.accept((0..50).map(|n| typed(&n.to_string(), by_phone(n))).collect(), at(0)).await.unwrap();
    let claims = claim_all(&*store, at(0)).await.contacts;
    let long_line = |claim: &Claim| {
        let sends = (0..2000).map(|n| send(&format!("{}-{n}", claim.contact))).collect();
        Taken { sends, ..takes(claim, &[]) }
    };
    store.commit(claims.iter().map(long_line).collect(), at(0)).await.unwrap();
    assert_eq!(store.stats(at(0)).await.unwrap().outbox, 100_000);
    let begun = std::time::Instant::now();
    for round in 0..40 {
        let sends = store.claim_sends(1000, LEASE_MS, at(round)).await.unwrap().sends;
        assert_eq!(sends.len(), 50, "one of each contact");
        assert!(sends.iter().all(|send| send.key.0.ends_with(&format!("-{round}"))), "always the oldest");
        let settlements = sends.into_iter().map(|send| settlement(&send.key.0, send.attempt, Fate::Sent { message: None }));
        store.settle(settlements.collect(), at(round)).await.unwrap();
    }
    // 2,000 sends of work; generous, because the machine may be busy.
    assert!(begun.elapsed() < std::time::Duration::from_secs(20), "took {:?}", begun.elapsed());
}
