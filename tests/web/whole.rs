//! From what a turn stored to the contact's mail, over real HTTP: whatever the other system does, one answer comes.

use std::time::Duration;

use buttonhook::model::{CallAnswer, CallFailure, Content, Emit, EventId, Inbound, Phone, Sender, Value, time};
use buttonhook::runtime::{Clock, Requests, Wakes};
use buttonhook::store::{Claim, Embedded, NewRequest, Requested, Store, Taken};
use buttonhook::web::Receiver;

use super::*;

/// What news are signed with here: the 24 bytes from 0 to 23.
pub const SIGNED_WITH: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

/// Contact `n` writes, and its turn wants this. The key names the contact.
pub async fn wants(store: &dyn Store, clock: &Clock, n: usize, what: Requested) -> RequestKey {
    let sender = Sender { phone: Phone::parse(&format!("+2782000{n:04}")), ..Sender::default() };
    let typed = Content::Typed { text: "hi".to_owned() };
    let inbound = Inbound { id: EventId(format!("event {n}")), sender, sent_at: None, content: typed };
    store.accept(vec![buttonhook::model::Delivery::Message(inbound)], clock.now()).await.unwrap();
    let Claim { contact, epoch, conversation, inbox } = store.claim(1, 10_000, clock.now()).await.unwrap().contacts.remove(0);
    let key = RequestKey::new(contact, 1, 0);
    let requests = vec![NewRequest { key: key.clone(), what }];
    let head = inbox.last().unwrap().seq;
    let taken = Taken {
        contact,
        epoch,
        head,
        conversation,
        sends: vec![],
        requests,
        history: vec![],
        proofs: vec![],
        led_nowhere: vec![],
    };
    assert_eq!(store.commit(vec![taken], clock.now()).await.unwrap(), [true]);
    key
}

/// Every answer that is mail, by the call's key. Takes the mail.
pub async fn answers(store: &dyn Store, clock: &Clock) -> Vec<(RequestKey, CallAnswer)> {
    let mut answers = Vec::new();
    for claim in store.claim(1_000, 10_000, clock.now()).await.unwrap().contacts {
        for mail in claim.inbox {
            let Content::Answered { call, answer } = mail.inbound.content else { panic!("nobody wrote {:?}", mail.inbound) };
            assert_eq!(mail.inbound.id.0, format!("answer-{call}"));
            answers.push((call, answer));
        }
    }
    answers
}

/// A client for trials that may call loopback, and whose news go to the shop.
pub fn client(shop: &str) -> Client {
    let mut settings = settings(hosts(&["127.0.0.1"]), true);
    settings.receiver = Some(Receiver::new(&format!("{shop}/news"), SIGNED_WITH).unwrap());
    Client::new(settings).unwrap()
}

/// Attempts until nothing is open. The clock is advanced over every wait.
async fn to_the_end(requests: &Requests, store: &dyn Store, clock: &Clock) {
    loop {
        requests.ask_some(64).await.unwrap();
        if store.stats(clock.now()).await.unwrap().requests == 0 {
            return;
        }
        let next_due = store.claim_requests(0, 1, clock.now()).await.unwrap().next_due.unwrap();
        let left = time::millis(next_due) - time::millis(clock.now());
        clock.advance(Duration::from_millis(left.max(0) as u64));
    }
}

#[tokio::test]
async fn whatever_the_other_system_does_one_answer_comes() {
    let answered = |status| CallAnswer::Answered { status, body: Value::Nothing };
    let ok = CallAnswer::Answered { status: 200, body: Value::Record([("ok".to_owned(), Value::YesNo(true))].into()) };
    let failed = |why| CallAnswer::Failed { why, detail: String::new() };
    // What it does, how often it is asked, and the answer.
    let rows: Vec<(Vec<Act>, usize, CallAnswer)> = vec![
        (vec![], 1, ok.clone()),
        (vec![Act::Says(500, ""), Act::Says(200, "")], 2, answered(200)),
        (vec![Act::Says(500, ""), Act::Says(502, ""), Act::Says(500, "")], 3, answered(500)),
        (vec![Act::Says(404, "")], 1, answered(404)),
        (vec![Act::SaysWith(429, "retry-after: 2\r\n".to_owned(), vec![])], 2, ok.clone()),
        (vec![Act::SaysWith(302, "location: http://127.0.0.1:1/\r\n".to_owned(), vec![])], 1, answered(302)),
        (vec![Act::Cuts, Act::Hangs, Act::Writes(b"garbage".to_vec())], 3, failed(CallFailure::Unreadable)),
        (vec![Act::Cuts, Act::Drips(r#"{"slow": "slower than the step waits for it"}"#)], 3, ok),
        (vec![Act::Hangs, Act::Hangs, Act::Hangs], 3, failed(CallFailure::TimedOut)),
        (vec![Act::Floods], 1, failed(CallFailure::Unreadable)),
        (vec![Act::Says(200, "<html>")], 1, CallAnswer::Answered { status: 200, body: Value::from("<html>") }),
    ];
    for (acts, asked, expected) in rows {
        let row = format!("{acts:?}");
        let dir = tempfile::tempdir().unwrap();
        let (store, clock) = (Embedded::open(dir.path()).unwrap(), Clock::manual(time::from_millis(1_800_000_000_000)));
        let store: Arc<dyn Store> = Arc::new(store);
        let shop = Shop::start().await;
        shop.will(acts);
        let call = Call { tries: 3, wait_ms: 300, ..get(shop.url("/orders")) };
        let key = wants(&*store, &clock, 1, Requested::Call(call)).await;
        let web = Arc::new(client(&shop.url("")));
        let requests = Requests::new(store.clone(), web, clock.clone(), Arc::new(Wakes::default()));
        to_the_end(&requests, &*store, &clock).await;
        let mut answer = answers(&*store, &clock).await;
        if let CallAnswer::Failed { detail, .. } = &mut answer[0].1 {
            detail.clear();
        }
        assert_eq!(answer, [(key.clone(), expected)], "{row}");
        assert_eq!(shop.seen().len(), asked, "{row}");
        assert!(shop.seen().iter().all(|seen| seen.headers["idempotency-key"] == key.0), "{row}");
    }
}

#[tokio::test]
async fn a_slow_system_holds_up_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let (store, clock) = (Embedded::open(dir.path()).unwrap(), Clock::system());
    let store: Arc<dyn Store> = Arc::new(store);
    let (slow, quick) = (Shop::start().await, Shop::start().await);
    slow.will([Act::Hangs]);
    wants(&*store, &clock, 1, Requested::Call(Call { wait_ms: 60_000, ..get(slow.url("/")) })).await;
    let web = Arc::new(client(&quick.url("")));
    let requests = Requests::new(store.clone(), web, clock.clone(), Arc::new(Wakes::default()));
    let hanging = tokio::spawn({
        let requests = requests.clone();
        async move { requests.ask_some(1).await }
    });
    slow.has_seen(1).await;
    let key = wants(&*store, &clock, 2, Requested::Call(get(quick.url("/")))).await;
    let news = Requested::Emit(Emit { nth: 0, name: "ordered".to_owned(), data: Value::Nothing });
    wants(&*store, &clock, 3, news).await;
    requests.ask_some(5).await.unwrap();
    let answers = answers(&*store, &clock).await;
    assert_eq!(answers.iter().map(|(key, _)| key).collect::<Vec<_>>(), [&key]);
    assert_eq!(quick.seen().last().map(|seen| seen.method.as_str()), Some("POST"));
    hanging.abort();
}
