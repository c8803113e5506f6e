//! A token that the provider refuses, a provider that nobody reaches, and how long what waits is kept.

use std::time::Duration;

use buttonhook::model::Refusal;
use buttonhook::runtime::UNAUTHORIZED_WAIT_MS;
use buttonhook::store::Fate;

use super::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn refused(refusal: Refusal) -> Outcome {
    Outcome::Refused { refusal, detail: "Invalid API token".to_owned() }
}

#[tokio::test]
async fn a_refused_token_stops_everything_keeps_everything_and_is_told_until_it_works() {
    let world = World::new();
    world.channel.will_answer(std::iter::repeat_n(refused(Refusal::Unauthorized), 3));
    world.decide(&["a", "template_b", "c"], OnUnknown::Resend).await;
    let sender = world.sender(Pace::unlimited());
    for nth in 1..=3 {
        // Of all that wait, one is tried: at first several would be under way, later one alone finds out.
        let (sent, _) = sender.send_some(if nth == 1 { 1 } else { 8 }).await.unwrap();
        assert_eq!(sent.len(), 1);
        let raised = sender.alarm().raised().expect("people are told");
        assert!(raised.what.contains("XOBITO_TOKEN") && raised.detail.contains("Invalid API token"), "{raised:?}");
        assert_eq!(raised.since, time::from_millis(START_MS), "since the first time");
        assert!(sender.send_some(8).await.unwrap().0.is_empty());
        world.clock.advance(Duration::from_millis(UNAUTHORIZED_WAIT_MS));
    }
    // The token works again: the one that finds out goes first, then all the others.
    assert_eq!(sender.send_some(8).await.unwrap().0.len(), 1);
    assert_eq!(sender.alarm().raised(), None);
    assert_eq!(sender.send_some(8).await.unwrap().0.len(), 2);
    let stats = world.store.stats(world.clock.now()).await.unwrap();
    assert_eq!((stats.sent, stats.refused, stats.outbox), (3, 0, 0));
}

#[tokio::test]
async fn while_the_token_is_refused_one_send_at_a_time_finds_out() {
    let world = World::new();
    world.channel.will_answer([refused(Refusal::Unauthorized)]);
    world.decide(&["a", "b", "c"], OnUnknown::Resend).await;
    let sender = world.sender(Pace::unlimited());
    sender.send_some(1).await.unwrap();
    world.clock.advance(Duration::from_millis(UNAUTHORIZED_WAIT_MS));
    assert_eq!(sender.claim(8).await.unwrap().sends.len(), 1);
    assert!(sender.claim(8).await.unwrap().sends.is_empty(), "its answer is not known yet");
}

#[tokio::test]
async fn a_refusal_that_is_the_sends_own_fault_raises_no_alarm() {
    let world = World::new();
    world.channel.will_answer([refused(Refusal::Forbidden), refused(Refusal::Invalid)]);
    world.decide(&["a", "b"], OnUnknown::Resend).await;
    let sender = world.sender(Pace::unlimited());
    sender.send_some(8).await.unwrap();
    assert_eq!(sender.alarm().raised(), None);
    assert_eq!(world.store.stats(world.clock.now()).await.unwrap().refused, 2);
}

#[tokio::test]
async fn with_a_refused_token_a_free_form_send_waits_until_its_window_closes() {
    let world = World::new();
    world.channel.will_answer(std::iter::repeat_n(refused(Refusal::Unauthorized), 9));
    world.decide(&["free"], OnUnknown::Resend).await;
    let sender = world.sender(Pace::unlimited());
    sender.send_some(8).await.unwrap();
    world.clock.advance(DAY - Duration::from_millis(1));
    let (sent, _) = sender.send_some(8).await.unwrap();
    assert!(matches!(sent[0].settlement.fate, Fate::Retry { .. }));
    world.clock.advance(DAY);
    let (sent, _) = sender.send_some(8).await.unwrap();
    assert!(matches!(sent[0].settlement.fate, Fate::Refused { refusal: Refusal::WindowClosed, .. }) && !sent[0].attempted);
}

#[tokio::test]
async fn a_template_to_a_provider_that_nobody_reaches_is_given_up_after_three_days() {
    let world = World::new();
    world.channel.will_answer(std::iter::repeat_n(Outcome::Unreached { detail: "no route".to_owned() }, 80));
    world.decide(&["template_patient"], OnUnknown::Skip).await;
    let sender = world.sender(Pace::unlimited());
    for _ in 0..71 {
        sender.send_some(8).await.unwrap();
        world.clock.advance(Duration::from_secs(3600));
    }
    assert_eq!(world.channel.bodies().len(), 71);
    world.clock.advance(Duration::from_secs(3600));
    let (sent, _) = sender.send_some(8).await.unwrap();
    assert!(matches!(sent[0].settlement.fate, Fate::Refused { refusal: Refusal::TooOld, .. }) && !sent[0].attempted);
    assert_eq!(world.store.stats(world.clock.now()).await.unwrap().outbox, 0);
}

#[tokio::test]
async fn one_contact_gets_a_burst_and_then_one_at_a_time_while_others_go_on() {
    let world = World::new();
    let many = (0..5).map(|nth| typed(1, &format!("a{nth}"), &format!("a{nth}"))).chain([typed(2, "b", "b")]);
    world.intake.take_in(many.collect()).await.unwrap();
    world.take(&Echo::default()).await;
    let pairs = PairPace::new(Duration::from_secs(6), std::num::NonZeroU32::new(3).unwrap());
    let sender = world.sender(Pace::unlimited()).with_pairs(pairs);
    for _ in 0..6 {
        sender.send_some(8).await.unwrap();
    }
    let mut bodies = world.channel.bodies();
    bodies.sort();
    assert_eq!(bodies, ["a0", "a1", "a2", "b"]);
    world.clock.advance(Duration::from_secs(6));
    sender.send_some(8).await.unwrap();
    let (sent, next_due) = sender.send_some(8).await.unwrap();
    assert!(sent.is_empty());
    assert_eq!(next_due, Some(time::from_millis(START_MS + 12_000)));
    assert_eq!(world.channel.bodies().len(), 5);
}

#[tokio::test]
async fn what_is_not_attempted_costs_nothing_of_the_pace() {
    let world = World::new();
    world.decide(&["late", "template_in_time"], OnUnknown::Resend).await;
    world.clock.advance(DAY);
    let sender = world.sender(Pace::per_minute(std::num::NonZeroU32::new(1).unwrap()));
    sender.send_some(8).await.unwrap();
    sender.send_some(8).await.unwrap();
    assert_eq!(world.channel.bodies(), ["template_in_time"]);
}
