use std::num::NonZeroU32;
use std::time::Duration;

use buttonhook::model::Refusal;
use buttonhook::runtime::{DOUBTFUL_WAIT_MS, SEND_LEASE_MS};
use buttonhook::store::Fate;

use super::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn words() -> String {
    "words".to_owned()
}

#[tokio::test]
async fn a_send_leaves_once_to_the_person_who_asked() {
    let world = World::new();
    world.decide(&["hello"], OnUnknown::Resend).await;
    let sender = world.sender(Pace::unlimited());
    let (sent, _) = sender.send_some(8).await.unwrap();
    assert!(matches!(sent[0].settlement.fate, Fate::Sent { .. }) && sent[0].attempted);
    assert!(sender.send_some(8).await.unwrap().0.is_empty());
    let (_, to, message) = world.channel.sent.lock().unwrap()[0].clone();
    assert_eq!((to.phone, message.body()), (Phone::parse("15550100000"), "hello"));
}

#[tokio::test]
async fn outside_the_window_a_template_leaves_and_nothing_else() {
    let world = World::new();
    world.decide(&["late", "template_late"], OnUnknown::Resend).await;
    world.clock.advance(DAY);
    let (sent, _) = world.sender(Pace::unlimited()).send_some(8).await.unwrap();
    assert_eq!(world.channel.bodies(), ["template_late"]);
    let closed = sent.iter().find(|one| !one.attempted).expect("one is refused before it leaves");
    assert!(matches!(closed.settlement.fate, Fate::Refused { refusal: Refusal::WindowClosed, .. }), "{closed:?}");
    assert_eq!(world.store.stats(world.clock.now()).await.unwrap().refused, 1);
}

#[tokio::test]
async fn a_moment_before_the_window_closes_everything_leaves() {
    let world = World::new();
    world.decide(&["just"], OnUnknown::Resend).await;
    world.clock.advance(DAY - Duration::from_millis(1));
    world.sender(Pace::unlimited()).send_some(8).await.unwrap();
    assert_eq!(world.channel.bodies(), ["just"]);
}

#[tokio::test]
async fn a_429_stops_everybody_until_its_time_is_over_and_nothing_is_lost() {
    let world = World::new();
    world.decide(&["a", "b"], OnUnknown::Resend).await;
    world.channel.will_answer([Outcome::Throttled { retry_after_secs: Some(45) }]);
    let sender = world.sender(Pace::unlimited());
    sender.send_some(1).await.unwrap();
    let (sent, next_due) = sender.send_some(8).await.unwrap();
    assert!(sent.is_empty(), "{sent:?}");
    let until = time::from_millis(START_MS + 45_000);
    assert_eq!(next_due, Some(until));
    world.clock.advance(Duration::from_millis(44_999));
    assert!(sender.send_some(8).await.unwrap().0.is_empty());
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(sender.send_some(8).await.unwrap().0.len(), 2);
    let mut bodies = world.channel.bodies();
    bodies.sort();
    assert_eq!(bodies.len(), 3);
    bodies.dedup();
    assert_eq!(bodies, ["a", "b"]);
}

#[tokio::test]
async fn no_answer_repeats_a_reply_after_a_wait_and_never_what_costs_money() {
    let world = World::new();
    world.channel.will_answer([Outcome::Unknown { detail: words() }]);
    world.decide(&["reply"], OnUnknown::Resend).await;
    let sender = world.sender(Pace::unlimited());
    sender.send_some(8).await.unwrap();
    world.clock.advance(Duration::from_millis(DOUBTFUL_WAIT_MS - 1));
    assert!(sender.send_some(8).await.unwrap().0.is_empty());
    world.clock.advance(Duration::from_millis(1));
    sender.send_some(8).await.unwrap();
    assert_eq!(world.channel.bodies(), ["reply", "reply"]);

    let world = World::new();
    world.channel.will_answer([Outcome::Unknown { detail: words() }]);
    world.decide(&["template_paid"], OnUnknown::Skip).await;
    let sender = world.sender(Pace::unlimited());
    sender.send_some(8).await.unwrap();
    world.clock.advance(Duration::from_secs(3600));
    sender.send_some(8).await.unwrap();
    assert_eq!(world.channel.bodies(), ["template_paid"]);
    assert_eq!(world.store.stats(world.clock.now()).await.unwrap().unknown, 1);
}

#[tokio::test]
async fn a_crash_between_intent_and_answer_repeats_a_reply_and_marks_a_template_unknown() {
    for (on_unknown, sent_again, unknown) in [(OnUnknown::Resend, 1, 0), (OnUnknown::Skip, 0, 1)] {
        let world = World::new();
        world.decide(&["template_x"], on_unknown).await;
        let claimed = world.sender(Pace::unlimited()).claim(8).await.unwrap();
        assert_eq!(claimed.sends.len(), 1);
        let world = world.after_crash().await;
        let (sent, _) = world.sender(Pace::unlimited()).send_some(8).await.unwrap();
        assert_eq!(sent.len(), 1);
        assert_eq!(world.channel.bodies().len(), sent_again, "{on_unknown:?}");
        assert_eq!(world.store.stats(world.clock.now()).await.unwrap().unknown, unknown, "{on_unknown:?}");
    }
}

#[tokio::test]
async fn an_owner_that_vanished_leaves_its_send_to_others_when_its_lease_ends() {
    let world = World::new();
    world.decide(&["hello"], OnUnknown::Resend).await;
    let sender = world.sender(Pace::unlimited());
    assert_eq!(sender.claim(8).await.unwrap().sends.len(), 1);
    assert!(sender.send_some(8).await.unwrap().0.is_empty());
    world.clock.advance(Duration::from_millis(SEND_LEASE_MS));
    assert_eq!(sender.send_some(8).await.unwrap().0.len(), 1);
}

#[tokio::test]
async fn one_person_gets_one_message_at_a_time_in_order() {
    let world = World::new();
    let three = ["1", "2", "3"].map(|text| typed(1, text, text));
    world.intake.take_in(three.into()).await.unwrap();
    world.take(&Echo::default()).await;
    let sender = world.sender(Pace::unlimited());
    // The first fails: the others wait behind it.
    world.channel.will_answer([Outcome::Failed { detail: words() }]);
    assert_eq!(sender.send_some(8).await.unwrap().0.len(), 1);
    assert!(sender.send_some(8).await.unwrap().0.is_empty());
    world.clock.advance(Duration::from_secs(10));
    for _ in 0..3 {
        assert_eq!(sender.send_some(8).await.unwrap().0.len(), 1);
    }
    assert_eq!(world.channel.bodies(), ["1", "1", "2", "3"]);
}

#[tokio::test]
async fn a_failing_provider_is_given_up_after_five_attempts_and_the_next_message_goes_on() {
    let world = World::new();
    world.channel.will_answer(std::iter::repeat_n(Outcome::Failed { detail: words() }, 5));
    world.intake.take_in(vec![typed(1, "a", "bad"), typed(1, "b", "good")]).await.unwrap();
    world.take(&Echo::default()).await;
    let sender = world.sender(Pace::unlimited());
    for _ in 0..8 {
        sender.send_some(8).await.unwrap();
        world.clock.advance(Duration::from_secs(120));
    }
    assert_eq!(world.channel.bodies(), ["bad", "bad", "bad", "bad", "bad", "good"]);
    assert_eq!(world.store.stats(world.clock.now()).await.unwrap().refused, 1);
}

#[tokio::test]
async fn an_unreachable_provider_is_tried_until_the_window_closes() {
    let world = World::new();
    world.channel.will_answer(std::iter::repeat_n(Outcome::Unreached { detail: words() }, 30));
    world.decide(&["patient"], OnUnknown::Resend).await;
    let sender = world.sender(Pace::unlimited());
    for _ in 0..31 {
        sender.send_some(8).await.unwrap();
        world.clock.advance(Duration::from_secs(60));
    }
    let stats = world.store.stats(world.clock.now()).await.unwrap();
    assert_eq!((world.channel.bodies().len(), stats.sent, stats.refused), (31, 1, 0));
}

#[tokio::test]
async fn the_pace_bounds_what_leaves_in_a_minute() {
    let world = World::new();
    let names: Vec<String> = (0..5).map(|index| format!("p{index}")).collect();
    world.decide(&names.iter().map(String::as_str).collect::<Vec<_>>(), OnUnknown::Resend).await;
    let sender = world.sender(Pace::per_minute(NonZeroU32::new(2).unwrap()));
    assert_eq!(sender.send_some(8).await.unwrap().0.len(), 2);
    let (sent, next_due) = sender.send_some(8).await.unwrap();
    assert!(sent.is_empty());
    assert_eq!(next_due, Some(time::from_millis(START_MS + 60_000)));
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(sender.send_some(8).await.unwrap().0.len(), 2);
}

/// Answers only when it is told to.
#[derive(Default)]
struct Held {
    asked: tokio::sync::Notify,
    answers: tokio::sync::Notify,
    requests: std::sync::atomic::AtomicUsize,
}

#[async_trait]
impl Channel for Held {
    async fn send(&self, _: &Contact, _: &About, _: &SendKey, _: &Message<WireButton>) -> Outcome {
        self.requests.fetch_add(1, std::sync::atomic::Ordering::AcqRel);
        self.asked.notify_one();
        self.answers.notified().await;
        Outcome::Sent { message: None }
    }

    fn name(&self) -> &str {
        "held"
    }
}

#[tokio::test]
async fn a_clock_that_jumps_does_not_double_a_send_whose_request_is_under_way() {
    let world = World::new();
    world.decide(&["hello"], OnUnknown::Resend).await;
    let channel = Arc::new(Held::default());
    let sender = Sender::new(world.store.clone(), channel.clone(), world.clock.clone(), Pace::unlimited());
    let first = tokio::spawn({
        let sender = sender.clone();
        async move { sender.send_some(8).await.unwrap().0.len() }
    });
    channel.asked.notified().await;
    world.clock.advance(Duration::from_millis(SEND_LEASE_MS));
    assert!(sender.claim(8).await.unwrap().sends.is_empty(), "it is on its way already");
    channel.answers.notify_one();
    assert_eq!(first.await.unwrap(), 1);
    assert_eq!(channel.requests.load(std::sync::atomic::Ordering::Acquire), 1);
    assert_eq!(world.store.stats(world.clock.now()).await.unwrap().sent, 1);
}
