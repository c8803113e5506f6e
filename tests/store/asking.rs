//! Requests to other systems: intents, fates, and that an answer is mail once, whatever dies in between.

use buttonhook::model::{Call, CallAnswer, CallFailure, Emit, HttpRequest, RequestKey, Value};
use buttonhook::store::{ClaimedRequest, NewRequest, RequestFate, RequestSettlement, Requested};

use super::*;

on_every_store! {
    requests_are_due_at_once_and_in_no_line
    a_request_comes_back_as_it_was_stored
    an_answer_is_mail_of_its_contact_once
    an_answer_finds_a_contact_that_is_under_way
    news_end_without_a_word_and_are_counted
    a_key_is_stored_once_while_it_is_open
    a_fenced_turn_asks_nothing
    a_retry_waits_and_counts
    a_lease_that_ran_out_is_a_lost_attempt
    a_crash_at_each_step_neither_loses_nor_doubles_the_answer
    requests_hold_up_no_send_and_no_turn
    a_request_clock_set_back_holds_nothing_up
}

fn call(n: u32) -> Requested {
    let mut request =
        HttpRequest { method: "POST".to_owned(), url: "https://shop.example/orders".to_owned(), ..Default::default() };
    request.headers.insert("X-Shop".to_owned(), "north".to_owned());
    request.body = Some(Value::Record([("id".to_owned(), Value::Whole(i64::from(n)))].into()));
    request.sign_in = Some("shop".to_owned());
    Requested::Call(Call { nth: n, request, wait_ms: 5_000, tries: 3 })
}

fn emit(n: u32) -> Requested {
    Requested::Emit(Emit { nth: n, name: "ordered".to_owned(), data: Value::Whole(7) })
}

fn asks(claim: &Claim, what: &[(&str, Requested)]) -> Taken {
    let request = |(key, what): &(&str, Requested)| NewRequest { key: RequestKey((*key).to_owned()), what: what.clone() };
    Taken { requests: what.iter().map(request).collect(), ..takes(claim, &[]) }
}

/// Contact `n` writes, and its turn wants these.
async fn wants(store: &dyn Store, n: usize, event: &str, what: &[(&str, Requested)], now: Timestamp) -> Claim {
    store.accept(vec![typed(event, by_phone(n))], now).await.unwrap();
    let claim = claim_all(store, now).await.contacts.remove(0);
    assert_eq!(store.commit(vec![asks(&claim, what)], now).await.unwrap(), [true]);
    claim
}

async fn claimed(store: &dyn Store, now: Timestamp) -> Vec<ClaimedRequest> {
    store.claim_requests(100, LEASE_MS, now).await.unwrap().requests
}

async fn keys(store: &dyn Store, now: Timestamp) -> Vec<String> {
    claimed(store, now).await.into_iter().map(|request| request.key.0).collect()
}

async fn end(store: &dyn Store, key: &str, fate: RequestFate, now: Timestamp) {
    store.settle_requests(vec![RequestSettlement { key: RequestKey(key.to_owned()), fate }], now).await.unwrap();
}

fn answer(word: &str) -> CallAnswer {
    CallAnswer::Answered { status: 200, body: Value::Text(word.to_owned()) }
}

fn answered(word: &str) -> RequestFate {
    RequestFate::Answered { answer: answer(word) }
}

fn again(ms: i64, doubtful: bool, counts: bool) -> RequestFate {
    RequestFate::Retry { at: at(ms), doubtful, counts }
}

async fn open(store: &dyn Store) -> u64 {
    store.stats(at(0)).await.unwrap().requests
}

async fn requests_are_due_at_once_and_in_no_line(place: &dyn Place) {
    let store = place.open().await;
    let none = store.claim_requests(5, LEASE_MS, at(0)).await.unwrap();
    assert!(none.requests.is_empty() && none.next_due.is_none(), "nobody polls while nothing is open");
    wants(&*store, 1, "a", &[("a1", call(1)), ("a2", emit(2)), ("a3", call(3))], at(0)).await;
    wants(&*store, 2, "b", &[("b1", call(1))], at(1)).await;
    assert_eq!(open(&*store).await, 4);
    let two = store.claim_requests(2, LEASE_MS, at(1)).await.unwrap();
    assert_eq!(two.requests.iter().map(|request| request.key.0.as_str()).collect::<Vec<_>>(), ["a1", "a2"]);
    assert_eq!(keys(&*store, at(2)).await, ["a3", "b1"], "those under way are nobody else's, and hold up none");
    let idle = store.claim_requests(5, LEASE_MS, at(3)).await.unwrap();
    assert_eq!((idle.requests.len(), idle.next_due), (0, Some(at(1 + LEASE_MS as i64))));
    assert!(store.claim_requests(0, LEASE_MS, at(LEASE_MS as i64 + 9)).await.unwrap().requests.is_empty());
}

async fn a_request_comes_back_as_it_was_stored(place: &dyn Place) {
    let store = place.open().await;
    let claim = wants(&*store, 1, "a", &[("k", call(4))], at(5)).await;
    let newer = Sender { phone: Some(phone(1)), user_id: Some("ZA.1".to_owned()), name: "Sipho".to_owned() };
    store.accept(vec![typed("b", newer)], at(6)).await.unwrap();
    let store = place.crash(store).await;
    let request = claimed(&*store, at(7)).await.remove(0);
    assert_eq!((request.contact, request.stored_at, &request.what), (claim.contact, at(5), &call(4)));
    assert_eq!((request.person.user_id.as_deref(), request.person.name.as_str()), (Some("ZA.1"), "Sipho"));
    assert_eq!((request.tries, request.lost, request.doubtful), (0, 0, false));
}

async fn an_answer_is_mail_of_its_contact_once(place: &dyn Place) {
    let store = place.open().await;
    let before = wants(&*store, 1, "a", &[("k", call(1))], at(0)).await;
    claimed(&*store, at(0)).await;
    assert!(claim_all(&*store, at(0)).await.contacts.is_empty(), "while an answer is to come nobody is busy with the contact");
    let failed = CallAnswer::Failed { why: CallFailure::TimedOut, detail: "late".to_owned() };
    let twice = vec![
        RequestSettlement { key: RequestKey("k".to_owned()), fate: answered("one") },
        RequestSettlement { key: RequestKey("k".to_owned()), fate: RequestFate::Answered { answer: failed } },
    ];
    store.settle_requests(twice, at(9)).await.unwrap();
    end(&*store, "k", answered("three"), at(9)).await;
    end(&*store, "never heard of", answered("four"), at(9)).await;
    assert_eq!(open(&*store).await, 0);
    let claim = claim_all(&*store, at(9)).await.contacts.remove(0);
    assert_eq!((claim.contact, ids(&claim)), (before.contact, vec!["answer-k"]));
    let mail = &claim.inbox[0];
    assert_eq!((mail.seq, mail.at), (2, at(9)));
    assert_eq!(mail.inbound.content, Content::Answered { call: RequestKey("k".to_owned()), answer: answer("one") });
    assert_eq!(claim.conversation.contact.phone, Some(phone(1)), "an answer changes nothing of the person");
    store.commit(vec![takes(&claim, &[])], at(9)).await.unwrap();
    assert_eq!(store.stats(at(9)).await.unwrap().inbox, 0);
}

async fn an_answer_finds_a_contact_that_is_under_way(place: &dyn Place) {
    let store = place.open().await;
    wants(&*store, 1, "a", &[("k", call(1))], at(0)).await;
    claimed(&*store, at(0)).await;
    store.accept(vec![typed("b", by_phone(1))], at(1)).await.unwrap();
    let owner = claim_all(&*store, at(1)).await.contacts.remove(0);
    end(&*store, "k", answered("yes"), at(2)).await;
    assert!(claim_all(&*store, at(2)).await.contacts.is_empty(), "its owner has it");
    assert_eq!(store.commit(vec![takes(&owner, &[])], at(3)).await.unwrap(), [true]);
    assert_eq!(ids(&claim_all(&*store, at(3)).await.contacts[0]), ["answer-k"]);
}

async fn news_end_without_a_word_and_are_counted(place: &dyn Place) {
    let store = place.open().await;
    wants(&*store, 1, "a", &[("k", emit(1)), ("l", emit(2))], at(0)).await;
    claimed(&*store, at(0)).await;
    for _ in 0..2 {
        end(&*store, "k", RequestFate::Delivered, at(1)).await;
        end(&*store, "l", RequestFate::GaveUp, at(1)).await;
    }
    let store = place.crash(store).await;
    let stats = store.stats(at(2)).await.unwrap();
    assert_eq!((stats.requests, stats.given_up, stats.inbox), (0, 1, 0));
    assert!(keys(&*store, at(LEASE_MS as i64 * 2)).await.is_empty());
}

async fn a_key_is_stored_once_while_it_is_open(place: &dyn Place) {
    let store = place.open().await;
    wants(&*store, 1, "a", &[("k", call(1)), ("k", call(2))], at(0)).await;
    wants(&*store, 1, "b", &[("k", call(3))], at(0)).await;
    assert_eq!(open(&*store).await, 1);
    let only = claimed(&*store, at(0)).await;
    assert_eq!((only.len(), &only[0].what), (1, &call(1)));
}

async fn a_fenced_turn_asks_nothing(place: &dyn Place) {
    let store = place.open().await;
    store.accept(vec![typed("a", by_phone(1))], at(0)).await.unwrap();
    let late = claim_all(&*store, at(0)).await.contacts.remove(0);
    let owner = claim_all(&*store, at(LEASE_MS as i64)).await.contacts.remove(0);
    let stored = store.commit(vec![asks(&late, &[("late", call(1))]), asks(&owner, &[("ours", call(1))])], at(0)).await.unwrap();
    assert_eq!(stored, [false, true]);
    assert_eq!((keys(&*store, at(1)).await, open(&*store).await), (vec!["ours".to_owned()], 1));
}

async fn a_retry_waits_and_counts(place: &dyn Place) {
    let store = place.open().await;
    wants(&*store, 1, "a", &[("k", call(1)), ("l", call(2))], at(0)).await;
    claimed(&*store, at(0)).await;
    end(&*store, "k", again(500, false, true), at(10)).await;
    let early = store.claim_requests(5, LEASE_MS, at(499)).await.unwrap();
    assert_eq!((early.requests.len(), early.next_due), (0, Some(at(500))));
    let found = |requests: Vec<ClaimedRequest>| (requests.len(), requests[0].tries, requests[0].lost, requests[0].doubtful);
    assert_eq!(found(claimed(&*store, at(500)).await), (1, 1, 0, false));
    end(&*store, "k", again(600, true, false), at(510)).await;
    assert_eq!(found(claimed(&*store, at(600)).await), (1, 1, 0, true));
    end(&*store, "k", again(700, false, true), at(610)).await;
    // A retry of a request that is not under way is from an owner who is too late.
    end(&*store, "k", again(9_999_999, false, true), at(620)).await;
    assert_eq!(found(claimed(&*store, at(700)).await), (1, 2, 0, true));
}

async fn a_lease_that_ran_out_is_a_lost_attempt(place: &dyn Place) {
    let store = place.open().await;
    wants(&*store, 1, "a", &[("k", call(1))], at(0)).await;
    for lost in 0..3 {
        let request = store.claim_requests(5, 1000, at(lost * 1000)).await.unwrap().requests.remove(0);
        assert_eq!((request.tries, i64::from(request.lost), request.doubtful), (0, lost, lost > 0));
        assert!(store.claim_requests(5, 1000, at(lost * 1000 + 999)).await.unwrap().requests.is_empty());
    }
    end(&*store, "k", again(3000, false, true), at(2500)).await;
    let request = store.claim_requests(5, 1000, at(3000)).await.unwrap().requests.remove(0);
    assert_eq!((request.tries, request.lost, request.doubtful), (1, 2, true), "what was lost is not forgotten");
}

async fn a_crash_at_each_step_neither_loses_nor_doubles_the_answer(place: &dyn Place) {
    for crash_before in 0..6 {
        let store = place.open().await;
        let (event, key) = (format!("event {crash_before}"), format!("key {crash_before}"));
        let mut life = Life { place, store: Some(store), crash_before };
        wants(&*life.step(0).await, 1, &event, &[(&key, call(1))], at(0)).await;
        let request = claimed(&*life.step(1).await, at(1)).await.remove(0);
        assert!(!request.doubtful, "nothing has left before the first claim");
        let store = life.step(2).await;
        // Whoever comes back finds the request again, and knows of the attempt that died.
        let request = if crash_before == 2 { claimed(&*store, at(2)).await.remove(0) } else { request };
        assert_eq!(
            (request.key.0.as_str(), request.lost, request.doubtful),
            (key.as_str(), (crash_before == 2).into(), crash_before == 2)
        );
        end(&*store, &key, answered(&key), at(3)).await;
        drop(store);
        let store = life.step(3).await;
        end(&*store, &key, answered("settled again after the crash"), at(3)).await;
        assert!(claimed(&*store, at(LEASE_MS as i64 * 3)).await.is_empty());
        drop(store);
        let store = life.step(4).await;
        let mut claim = claim_all(&*store, at(4)).await.contacts.remove(0);
        drop(store);
        let store = life.step(5).await;
        if crash_before == 5 {
            claim = claim_all(&*store, at(5)).await.contacts.remove(0);
        }
        assert_eq!(ids(&claim), [format!("answer-{key}")], "crash before step {crash_before}");
        assert_eq!(store.commit(vec![takes(&claim, &[])], at(5)).await.unwrap(), [true]);
        let stats = store.stats(at(6)).await.unwrap();
        assert_eq!((stats.inbox, stats.requests, stats.given_up), (0, 0, 0));
    }
}

/// A store that dies once.
struct Life<'a> {
    place: &'a dyn Place,
    store: Option<Arc<dyn Store>>,
    crash_before: u32,
}

impl Life<'_> {
    async fn step(&mut self, number: u32) -> Arc<dyn Store> {
        let mut store = self.store.take().unwrap();
        if number == self.crash_before {
            store = self.place.crash(store).await;
        }
        self.store = Some(store.clone());
        store
    }
}

async fn requests_hold_up_no_send_and_no_turn(place: &dyn Place) {
    let store = place.open().await;
    store.accept(vec![typed("a", by_phone(1))], at(0)).await.unwrap();
    let claim = claim_all(&*store, at(0)).await.contacts.remove(0);
    let taken = Taken { sends: vec![send("s")], ..asks(&claim, &[("k", call(1))]) };
    store.commit(vec![taken], at(0)).await.unwrap();
    assert_eq!(keys(&*store, at(0)).await, ["k"]);
    assert_eq!(store.claim_sends(5, LEASE_MS, at(0)).await.unwrap().sends[0].key.0, "s");
    store.pause(at(10_000)).await.unwrap();
    wants(&*store, 1, "b", &[("l", call(2))], at(1)).await;
    assert_eq!(keys(&*store, at(1)).await, ["l"], "a provider's pause is none of other systems");
}

async fn a_request_clock_set_back_holds_nothing_up(place: &dyn Place) {
    const DAY_MS: i64 = 24 * 60 * 60 * 1000;
    let store = place.open().await;
    wants(&*store, 1, "a", &[("k", call(1))], at(2 * DAY_MS)).await;
    assert_eq!(keys(&*store, at(0)).await, ["k"]);
    assert!(keys(&*store, at(1)).await.is_empty(), "it is leased by today's clock now");
    end(&*store, "k", again(DAY_MS / 2, false, true), at(2)).await;
    assert!(keys(&*store, at(3)).await.is_empty(), "and a long wait counts by it");
}
