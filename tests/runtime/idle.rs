//! Whoever has nothing to do sleeps: told by how often the store is asked.

use std::time::Duration;

use buttonhook::model::Refusal;

use super::*;

/// How often a loop that sleeps until it is told would ask, if it asked whenever the sender says so: the clock is set to each moment
/// that the sender names.
async fn rounds(world: &World, sender: &Sender, until_ms: i64) -> usize {
    let mut rounds = 0;
    loop {
        let (_, next_due) = sender.send_some(64).await.unwrap();
        rounds += 1;
        assert!(rounds < 1_000, "it spins");
        let now = world.clock.now();
        let Some(next) = next_due.filter(|next| time::millis(*next) < START_MS + until_ms) else { return rounds };
        let wait_ms = u64::try_from(time::millis(next) - time::millis(now)).unwrap_or(0);
        world.clock.advance(Duration::from_millis(wait_ms));
    }
}

/// One send each to so many people.
async fn from_people(world: &World, people: usize) {
    world.intake.take_in((0..people).map(|who| typed(who, &format!("from {who}"), "hi")).collect()).await.unwrap();
    while world.take(&Echo::default()).await.contacts > 0 {}
}

#[tokio::test]
async fn a_paused_token_is_asked_about_when_its_pause_is_over_and_not_before() {
    let world = World::new();
    from_people(&world, 200).await;
    let sender = world.sender(Pace::unlimited());
    world.channel.will_answer(std::iter::repeat_n(Outcome::Throttled { retry_after_secs: Some(3600) }, 64));
    sender.send_some(64).await.unwrap();
    assert_eq!(rounds(&world, &sender, 3_599_999).await, 1, "one look says that it is paused until then");
    assert_eq!(world.channel.bodies().len(), 64);
}

#[tokio::test]
async fn a_refused_token_costs_one_request_a_minute() {
    let world = World::new();
    world.decide(&["a", "b", "c"], OnUnknown::Resend).await;
    let refused = Outcome::Refused { refusal: Refusal::Unauthorized, detail: String::new() };
    world.channel.will_answer(std::iter::repeat_n(refused, 100));
    let sender = world.sender(Pace::unlimited());
    let rounds = rounds(&world, &sender, 30 * 60_000).await;
    let requests = world.channel.bodies().len();
    assert!((30..=33).contains(&requests), "{requests} requests in half an hour");
    assert!(rounds < 3 * requests, "{rounds} looks for {requests} requests");
}

#[tokio::test]
async fn a_slow_pace_is_waited_for_asleep() {
    let world = World::new();
    from_people(&world, 50).await;
    let sender = world.sender(Pace::per_minute(std::num::NonZeroU32::new(5).unwrap()));
    let rounds = rounds(&world, &sender, 60 * 60_000).await;
    assert_eq!(world.channel.bodies().len(), 50);
    assert!(rounds <= 25, "{rounds} looks for ten minutes of five sends each");
}

#[tokio::test]
async fn the_estimate_is_when_the_last_can_leave_at_the_earliest() {
    let world = World::new();
    let sender = world.sender(Pace::per_minute(std::num::NonZeroU32::new(10).unwrap()));
    let empty_at = async |world: &World| {
        let queues = world.store.queues().await.unwrap();
        sender.empty_at(&queues, None, world.clock.now()).map(|at| time::millis(at) - START_MS)
    };
    assert_eq!(empty_at(&world).await, None, "nothing waits");
    from_people(&world, 25).await;
    let estimate = empty_at(&world).await.unwrap();
    assert_eq!(estimate, 120_000, "ten now, ten in a minute, five in two");
    rounds(&world, &sender, estimate).await;
    assert!(world.channel.bodies().len() < 25);
    rounds(&world, &sender, estimate + 1).await;
    assert_eq!(world.channel.bodies().len(), 25, "and then they have");
}
