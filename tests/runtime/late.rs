//! Webhooks that come late, and taps of which only the title comes.

use std::time::Duration;

use buttonhook::model::Trace;

use super::*;

const HOUR_MS: i64 = 60 * 60 * 1000;

fn sent_at(who: usize, id: &str, ms: i64) -> Delivery {
    let Delivery::Message(inbound) = typed(who, id, "hi") else { panic!("a message") };
    Delivery::Message(Inbound { sent_at: Some(time::from_millis(ms)), ..inbound })
}

async fn window_of(world: &World, who: usize) -> i64 {
    world.intake.take_in(vec![typed(who, "look", "x")]).await.unwrap();
    let claims = world.store.claim(1, 1_000, world.clock.now()).await.unwrap();
    time::millis(claims.contacts[0].conversation.last_inbound_at.expect("the person wrote"))
}

#[tokio::test]
async fn the_window_counts_from_when_the_person_wrote() {
    let day_ms = 24 * HOUR_MS;
    for (told, counts) in [
        (START_MS - 3 * HOUR_MS, START_MS - 3 * HOUR_MS),
        (START_MS, START_MS),
        // From a clock ahead of ours, and older than any delivery is repeated: the moment of acceptance counts.
        (START_MS + 1, START_MS),
        (START_MS - 8 * day_ms, START_MS),
        (START_MS - 8 * day_ms + 1, START_MS - 8 * day_ms + 1),
    ] {
        let world = World::new();
        world.intake.take_in(vec![sent_at(1, "a", told)]).await.unwrap();
        world.take(&Echo::default()).await;
        assert_eq!(window_of(&world, 1).await, counts, "{}", told - START_MS);
    }
}

#[tokio::test]
async fn a_late_message_never_turns_the_window_back_and_gets_no_answer_that_may_not_leave() {
    let world = World::new();
    world.intake.take_in(vec![sent_at(1, "new", START_MS), sent_at(1, "old", START_MS - 5 * HOUR_MS)]).await.unwrap();
    world.take(&Echo::default()).await;
    assert_eq!(window_of(&world, 1).await, START_MS);

    let world = World::new();
    world.intake.take_in(vec![sent_at(1, "late", START_MS - 25 * HOUR_MS)]).await.unwrap();
    world.take(&Echo::default()).await;
    let (sent, _) = world.sender(Pace::unlimited()).send_some(8).await.unwrap();
    assert!(!sent[0].attempted && world.channel.bodies().is_empty());
}

/// Takes a tap it knows by id, and nothing that comes by title.
struct ByIdOnly;

impl Take for ByIdOnly {
    fn revision(&self) -> &str {
        "by id only"
    }

    fn advance(&self, _: ContactId, mut conversation: Conversation, event: &Event, _: Timestamp) -> Turn {
        conversation.turns += 1;
        let by_title = matches!(&event.kind, EventKind::Tapped { button: buttonhook::model::TappedButton::TitleOnly, .. });
        let effects = if by_title {
            vec![]
        } else {
            vec![Effect::Send(Send {
                nth: 0,
                message: message("taken".to_owned()),
                on_unknown: OnUnknown::Resend,
                about: Default::default(),
            })]
        };
        Turn { conversation, effects, trace: if by_title { vec![Trace::Nobody] } else { vec![] }, faults: vec![] }
    }
}

#[tokio::test]
async fn the_id_of_a_tap_is_taken_whenever_it_comes_and_once() {
    for gap in [0, 1_500, 2_500] {
        let world = World::new();
        let tap = |event: &str, id: Option<&str>| {
            delivery(1, event, Content::Tapped { id: id.map(str::to_owned), title: "Yes".to_owned(), on: None })
        };
        world.intake.take_in(vec![tap("earlier", Some("x"))]).await.unwrap();
        world.take(&ByIdOnly).await;
        world.intake.take_in(vec![tap("t", None)]).await.unwrap();
        world.take(&ByIdOnly).await;
        world.clock.advance(Duration::from_millis(gap));
        world.take(&ByIdOnly).await;
        for _ in 0..3 {
            world.intake.take_in(vec![tap("t", Some("y"))]).await.unwrap();
            world.take(&ByIdOnly).await;
        }
        assert_eq!(world.store.stats(world.clock.now()).await.unwrap().outbox, 2, "after {gap} ms");
    }
}
