//! The process dies at each named place (design: guarantees, section 4.2, row 1), and what it had answered 200 takes effect once,
//! in order, and is answered; nothing is said twice, unless it died while a request was under way.
//!
//! One person writes, and waits for each answer before the next message, so that every repetition has exactly one kill to blame.
//! `BUTTONHOOK_KILLS` says how often the process dies at each place; the matrix of the design takes 200.

use std::time::Duration;

use buttonhook::failpoint::PLACES;
use tokio::sync::watch;

use super::host::PATIENCE;
use super::killed::COUNT;
use super::provider::Answer;
use super::*;

/// How often the process dies at each place in the normal suite.
const KILLS: u64 = 2;
/// The place that no code of ours has: the provider holds the whole request and has not answered.
const REQUEST_WRITTEN: &str = "request.written";

fn kills() -> u64 {
    std::env::var("BUTTONHOOK_KILLS").ok().map_or(KILLS, |text| text.parse().expect("BUTTONHOOK_KILLS is a number"))
}

/// What a person does until the process dies, and what came of it.
struct Talk {
    provider: Provider,
    webhook: String,
    http: reqwest::Client,
    /// Messages that were answered 200.
    written: u32,
}

impl Talk {
    /// Writes the next message until it is answered 200 and the answer has arrived. False when the host died meanwhile: what was
    /// not answered 200 is written again in its next life.
    async fn write(&mut self, host: &mut Host) -> bool {
        // What the life before left undone comes first, alone: its request under way is not this message's.
        while !self.is_settled(host).await {
            if host.has_ended() {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let nth = self.written + 1;
        let answer = self.http.post(&self.webhook).timeout(PATIENCE).json(&text_from(1, nth, &format!("message {nth}"))).send();
        if !matches!(answer.await.map(|answer| answer.status().as_u16()), Ok(200)) {
            return false;
        }
        self.written = nth;
        let expected = format!("{nth}: message {nth}");
        while !(self.heard().contains(&expected) && self.is_settled(host).await) {
            if host.has_ended() {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        true
    }

    /// Whether the host knows that nothing is under way. Only then is the next kill to blame for the next repetition.
    async fn is_settled(&self, host: &Host) -> bool {
        let Ok(answer) = self.http.get(format!("http://{}/status", host.admin)).send().await else { return false };
        answer
            .json::<serde_json::Value>()
            .await
            .is_ok_and(|status| status["store"]["inbox"] == 0 && status["store"]["outbox"] == 0)
    }

    fn heard(&self) -> Vec<String> {
        self.provider.sends().iter().map(|send| send["message_body"].as_str().unwrap().to_owned()).collect()
    }
}

/// Lets the process die at `place` again and again.
async fn die_at(place: &'static str) {
    let provider = Provider::start().await;
    let mut setup = Setup::new(COUNT).provider(provider.address);
    let mut talk = Talk { provider, webhook: String::new(), http: client::http(), written: 0 };
    let kills = kills();
    for kill in 1..=kills {
        // Not always the first time that a process comes there.
        setup = setup.env("BUTTONHOOK_FAIL", format!("{place}:{}", 1 + kill % 3 * u64::from(comes_often(place))));
        let mut host = Host::start(setup).await;
        talk.webhook = host.webhook();
        setup = match place {
            REQUEST_WRITTEN => killed_while_asking(&mut talk, host).await,
            _ => {
                provoke(place, &mut talk, &mut host, kill).await;
                let (setup, status, log) = host.ended().await;
                assert!(log.contains(&format!("failpoint {place} was reached")), "{place}, kill {kill}: {log}");
                assert!(!status.success());
                setup
            }
        };
    }
    let mut host = Host::start(setup.env("BUTTONHOOK_FAIL", "")).await;
    talk.webhook = host.webhook();
    for _ in 0..2 {
        assert!(talk.write(&mut host).await, "{place}: the last life lives on");
    }
    host.status_when(|status| status["store"]["inbox"] == 0 && status["store"]["outbox"] == 0).await;
    judge(place, &talk, kills);
}

/// Whether a process comes there with every message.
fn comes_often(place: &str) -> bool {
    !matches!(place, "reload.before_swap" | "stop.draining" | "log.moving" | REQUEST_WRITTEN)
}

/// Does whatever makes the process come to the place, until it is dead.
async fn provoke(place: &str, talk: &mut Talk, host: &mut Host, kill: u64) {
    let until = tokio::time::Instant::now() + PATIENCE;
    match place {
        "reload.before_swap" => host.setup.save(&format!("{COUNT}# edited {kill} times\n")),
        "stop.draining" => {
            talk.write(host).await;
            host.terminate();
        }
        _ => {}
    }
    while !host.has_ended() {
        assert!(tokio::time::Instant::now() < until, "{place} is never reached");
        if matches!(place, "stop.draining" | "reload.before_swap") || !talk.write(host).await {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

/// The provider has the request, and the process is killed before it hears the answer.
async fn killed_while_asking(talk: &mut Talk, host: Host) -> Setup {
    let (_never, gate) = watch::channel(false);
    let before = talk.provider.sends().len();
    talk.provider.will([Answer::Held(gate)]);
    let nth = talk.written + 1;
    assert_eq!(host.post(&text_from(1, nth, &format!("message {nth}"))).await, 200);
    talk.written = nth;
    talk.provider.wait_for(before + 1).await;
    host.kill().await
}

fn judge(place: &str, talk: &Talk, kills: u64) {
    let (mut first, mut doubled) = (Vec::new(), Vec::new());
    for body in talk.heard() {
        if first.contains(&body) { doubled.push(body) } else { first.push(body) }
    }
    let expected: Vec<String> = (1..=talk.written).map(|nth| format!("{nth}: message {nth}")).collect();
    assert_eq!(first, expected, "{place}: each message takes effect once and is answered, in order");
    // The answer was on its way to us, or had just come: the two places where nobody can know.
    let may = if matches!(place, REQUEST_WRITTEN | "answer.read" | "result.in_transaction") { kills } else { 0 };
    // A log is moved on a thread of its own, beside whatever is under way at that moment.
    let may = if place == "log.moving" { kills } else { may };
    assert!(doubled.len() as u64 <= may, "{place}: {kills} kills doubled {doubled:?}");
    println!("{place}: {kills} kills, {} messages, {} doubled", talk.written, doubled.len());
}

macro_rules! places {
    ($($test:ident $place:literal)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
            async fn $test() {
                die_at($place).await;
            }
        )*

        #[test]
        fn every_place_is_died_at() {
            let died_at = [$($place),*];
            let missing: Vec<&str> = PLACES.into_iter().filter(|place| !died_at.contains(place)).collect();
            assert!(missing.is_empty(), "no test dies at {missing:?}");
        }
    };
}

places! {
    before_the_commit_of_what_came_in "accept.in_transaction"
    after_the_commit_and_before_the_200 "accept.before_answer"
    after_the_claim_of_a_contact "lane.after_claim"
    in_a_turn "lane.in_turn"
    before_the_commit_of_a_turn "turn.in_transaction"
    after_the_commit_of_a_turn "turn.after_commit"
    before_the_commit_of_the_intent "intent.in_transaction"
    after_the_commit_of_the_intent "send.after_intent"
    with_the_request_at_the_provider "request.written"
    after_the_answer_was_read "answer.read"
    before_the_commit_of_the_result "result.in_transaction"
    after_the_commit_of_the_result "result.after_commit"
    in_a_reload "reload.before_swap"
    while_the_log_is_moved "log.moving"
    in_a_stop "stop.draining"
}
