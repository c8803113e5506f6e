//! `kill -9` under load, again and again: whatever was answered 200 takes effect once, in its contact's order, and is answered.
//!
//! People write without pause and repeat what got no answer, as a provider would. The flow counts, so that an answer shows how often
//! and in which order the messages before it took effect.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::*;

const KILLS: u32 = 24;
const PEOPLE: u32 = 8;
/// Messages a person gets through at least in a run that counts.
const EACH_MIN: usize = 20;

/// Counts what it took from each contact, for ever.
pub const COUNT: &str = "buttonhook: 1
flow: echo
start:
  anything_else: true
remember:
  count: {kind: number, keep: true}
steps:
  answer:
    set: {count: 'if count == () { 1 } else { count + 1 }'}
    say: \"{count}: {text}\"
    end: done
";

/// Numbers below `below`, the same for the same seed (splitmix64).
struct Random(u64);

impl Random {
    fn below(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % below
    }
}

fn seed() -> u64 {
    let given = std::env::var("BUTTONHOOK_SEED").ok().and_then(|seed| seed.parse().ok());
    given.unwrap_or_else(|| SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64 % 1_000_000)
}

/// A person who writes one message after the other, each until it is answered 200; gives how many were.
async fn write(who: u32, webhook: String, stop: Arc<AtomicBool>, refused: Arc<AtomicUsize>) -> u32 {
    let http = client::http();
    let mut nth = 0;
    while !stop.load(Ordering::Relaxed) {
        nth += 1;
        let body = text_from(who, nth, &format!("message {nth} of {who}"));
        loop {
            let answer = http.post(&webhook).timeout(Duration::from_secs(5)).json(&body).send().await;
            match answer.map(|answer| answer.status().as_u16()) {
                Ok(200) => break,
                Ok(503) => tokio::time::sleep(Duration::from_millis(20)).await,
                Ok(status) => panic!("a good webhook was answered {status}"),
                // Nobody listens, or the answer was cut off by a kill.
                Err(_) => {
                    refused.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        }
    }
    nth
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_moment_loses_nothing_that_was_answered_200() {
    let seed = seed();
    println!("BUTTONHOOK_SEED={seed} repeats the moments of the kills");
    let mut random = Random(seed);
    let provider = Provider::start().await;
    let mut host = Host::start(Setup::new(COUNT).provider(provider.address)).await;
    let (stop, refused) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let people: Vec<_> = (0..PEOPLE).map(|who| tokio::spawn(write(who, host.webhook(), stop.clone(), refused.clone()))).collect();
    for _ in 0..KILLS {
        // Under load the moment falls anywhere between two commits; near zero it falls into the start itself.
        tokio::time::sleep(Duration::from_millis(random.below(120))).await;
        host = Host::start(host.kill().await).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    stop.store(true, Ordering::Relaxed);
    let mut written = Vec::new();
    for person in people {
        written.push(person.await.unwrap());
    }
    host.status_when(|status| status["store"]["inbox"] == 0 && status["store"]["outbox"] == 0).await;
    judge(seed, &written, &provider.sends());
    assert!(refused.load(Ordering::Relaxed) > 0, "seed {seed}: no kill was ever felt, the run is void");
}

/// Every message that was answered 200 has its own count, and the answers' first copies stand in order.
fn judge(seed: u64, written: &[u32], sends: &[serde_json::Value]) {
    let mut first: HashMap<String, Vec<String>> = HashMap::new();
    let mut doubled = 0;
    for send in sends {
        let number = send["phone_number"].as_str().unwrap().to_owned();
        let body = send["message_body"].as_str().unwrap().to_owned();
        let heard = first.entry(number).or_default();
        if heard.contains(&body) {
            doubled += 1;
        } else {
            heard.push(body);
        }
    }
    for (who, count) in (0..).zip(written) {
        let heard = first.remove(&format!("+{}", client::digits(who))).unwrap_or_default();
        let expected: Vec<String> = (1..=*count).map(|nth| format!("{nth}: message {nth} of {who}")).collect();
        assert_eq!(heard, expected, "seed {seed}: person {who} of {} hears each answer, once each, in order", written.len());
        assert!(expected.len() >= EACH_MIN, "seed {seed}: only {} messages, the run is void", expected.len());
    }
    assert!(first.is_empty(), "seed {seed}: answers to people who wrote nothing: {first:?}");
    // One send of a contact is under way at a time: a kill can double no more than that.
    assert!(doubled <= (KILLS * PEOPLE) as usize, "seed {seed}: {doubled} answers doubled by {KILLS} kills");
    println!("{KILLS} kills, {} messages answered, {doubled} answers doubled, none lost", written.iter().sum::<u32>());
}
