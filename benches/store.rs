//! How fast the embedded store is, with every commit on disk: accepts by the number of submitters, and the whole way of a tap.
//!
//! A harness of its own, because what counts is group commit under concurrency over seconds, not the time of one call.
//! `cargo bench --bench store`; figures depend on the disk more than on the processor.
#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use buttonhook::model::{
    Content, Conversation, Delivery, EventId, Inbound, Message, MessageId, OnUnknown, Phone, Priority, SendKey, Sender,
    Timestamp, time,
};
use buttonhook::store::{Embedded, Fate, NewHistory, NewSend, Settlement, Store, Taken};

const LASTS: Duration = Duration::from_secs(3);
const CONTACTS: u64 = 100_000;

fn now() -> Timestamp {
    Timestamp::now()
}

fn tap(n: u64) -> Delivery {
    // A fixed mixing of n: contacts and ids come in no order, as in life.
    let mixed = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let phone = Phone::parse(&format!("+2782{:07}", mixed % CONTACTS));
    Delivery::Message(Inbound {
        id: EventId(format!("wamid.HBgLMjc4MjEyMzQ1NjcVAgASGBQz{mixed:016x}")),
        sender: Sender { phone, user_id: None, name: "Thandi Nkosi".to_owned() },
        sent_at: Some(now()),
        content: Content::Tapped { id: Some(format!("yes~{mixed:x}")), title: "Yes, please".to_owned(), on: None },
    })
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for submitters in [1, 16, 128] {
        let per_second = runtime.block_on(accepts(submitters));
        println!("accept, {submitters:>3} submitters   {per_second:>9.0} messages/s");
    }
    for submitters in [1, 16, 128] {
        let per_second = runtime.block_on(taps(submitters));
        println!("whole tap, {submitters:>3} submitters {per_second:>9.0} taps/s");
    }
}

/// Submitters that each wait for their answer before the next message.
fn submit(store: &Embedded, submitters: u64, until: Instant, counter: &Arc<AtomicU64>) -> tokio::task::JoinSet<()> {
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..submitters {
        let (store, counter) = (store.clone(), Arc::clone(counter));
        tasks.spawn(async move {
            while Instant::now() < until {
                let n = counter.fetch_add(1, Ordering::Relaxed);
                store.accept(vec![tap(n)], now()).await.unwrap();
            }
        });
    }
    tasks
}

async fn accepts(submitters: u64) -> f64 {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open(dir.path()).unwrap();
    let counter = Arc::new(AtomicU64::new(0));
    let begun = Instant::now();
    submit(&store, submitters, begun + LASTS, &counter).join_all().await;
    counter.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
}

/// Accept, claim, commit, claim the send and settle it, all at once; counted are taps whose send is settled.
async fn taps(submitters: u64) -> f64 {
    let dir = tempfile::tempdir().unwrap();
    let store = Embedded::open(dir.path()).unwrap();
    let begun = Instant::now();
    let until = begun + LASTS;
    let taker = tokio::spawn(take(store.clone(), until));
    let sender = tokio::spawn(send(store.clone(), until));
    submit(&store, submitters, until, &Arc::new(AtomicU64::new(0))).join_all().await;
    taker.await.unwrap();
    let settled = sender.await.unwrap();
    settled as f64 / begun.elapsed().as_secs_f64()
}

async fn take(store: Embedded, until: Instant) {
    while Instant::now() < until {
        let claims = store.claim(64, 60_000, now()).await.unwrap().contacts;
        if claims.is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
            continue;
        }
        let takes = claims.into_iter().map(|claim| {
            let turn = claim.conversation.turns + 1;
            let say = |nth| NewSend {
                key: SendKey::new(claim.contact, turn, nth),
                message: Message::Text { body: "Thank you, your order is on its way.".to_owned() },
                on_unknown: OnUnknown::Resend,
                priority: Priority::Answer,
                about: Default::default(),
            };
            let remember = NewHistory {
                event: claim.inbox[0].inbound.id.clone(),
                turn,
                revision: "5f2c".to_owned(),
                record: "{\"trace\":[{\"entered\":{\"flow\":\"shop\",\"step\":\"thanks\"}}]}".to_owned(),
            };
            Taken {
                contact: claim.contact,
                epoch: claim.epoch,
                head: claim.inbox.last().unwrap().seq,
                sends: (0..claim.inbox.len() as u32).map(say).collect(),
                requests: Vec::new(),
                proofs: Vec::new(),
                led_nowhere: Vec::new(),
                history: vec![remember],
                conversation: Conversation { turns: turn, last_inbound_at: Some(now()), ..claim.conversation },
            }
        });
        store.commit(takes.collect(), now()).await.unwrap();
    }
}

async fn send(store: Embedded, until: Instant) -> u64 {
    let mut settled = 0;
    while Instant::now() < until {
        let sends = store.claim_sends(64, 60_000, now()).await.unwrap().sends;
        if sends.is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
            continue;
        }
        let settlements: Vec<_> = sends
            .into_iter()
            .map(|send| Settlement {
                fate: Fate::Sent { message: Some(MessageId(format!("wamid.{}", send.key))) },
                attempt: send.attempt,
                key: send.key,
                rests_until: None,
            })
            .collect();
        settled += settlements.len() as u64;
        store.settle(settlements, now()).await.unwrap();
    }
    assert_eq!(store.stats(time::from_millis(0)).await.unwrap().sent, settled);
    settled
}
