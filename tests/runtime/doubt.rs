//! Answers that never come: what is waited for, what is repeated, what a person is asked, and what becomes known later.

use std::time::Duration;

use buttonhook::model::{Receipt, ReceiptStatus};
use buttonhook::runtime::{DOUBTFUL_WAIT_MS, EVIDENCE_WAIT_MS};
use buttonhook::store::{Cases, Fate, Verdict};

use super::*;

fn lost() -> Outcome {
    Outcome::Unknown { detail: "no answer".to_owned() }
}

/// Word of both webhooks about a message to the person of [`World::decide`].
fn word(message: &str, text: &str) -> Vec<Delivery> {
    let receipt = |to: Option<Phone>, text: Option<&str>| {
        Delivery::Receipt(Receipt {
            id: EventId(format!("{message}:sent")),
            message: MessageId(message.to_owned()),
            status: ReceiptStatus::Sent,
            at: None,
            error: String::new(),
            to,
            text: text.map(str::to_owned),
            is_free: false,
        })
    };
    vec![receipt(None, Some(text)), receipt(Phone::parse("15550100000"), None)]
}

#[tokio::test]
async fn evidence_spares_the_person_a_repetition() {
    let world = World::new();
    world.channel.will_answer([lost()]);
    world.decide(&["reply"], OnUnknown::Resend).await;
    let sender = world.sender(Pace::unlimited());
    sender.send_some(8).await.unwrap();
    world.clock.advance(Duration::from_millis(DOUBTFUL_WAIT_MS - 1));
    world.intake.take_in(word("wamid.lost", "reply")).await.unwrap();
    world.clock.advance(Duration::from_secs(60));
    assert!(sender.send_some(8).await.unwrap().0.is_empty());
    let stats = world.store.stats(world.clock.now()).await.unwrap();
    assert_eq!((stats.sent, stats.unknown, stats.resent, stats.outbox), (1, 0, 0, 0));
}

#[tokio::test]
async fn where_evidence_comes_it_is_waited_for_until_the_gateway_must_have_given_up() {
    let world = World::new();
    world.decide(&["first", "second"], OnUnknown::Resend).await;
    let sender = world.sender(Pace::unlimited());
    sender.send_some(1).await.unwrap();
    let told = world.channel.sent.lock().unwrap()[0].0.clone();
    world.intake.take_in(word(&format!("wamid.{told}"), "first")).await.unwrap();
    world.channel.will_answer([lost()]);
    sender.send_some(1).await.unwrap();
    world.clock.advance(Duration::from_millis(EVIDENCE_WAIT_MS - 1));
    assert!(sender.send_some(1).await.unwrap().0.is_empty());
    world.clock.advance(Duration::from_millis(1));
    assert_eq!(sender.send_some(1).await.unwrap().0.len(), 1);
    assert_eq!(world.channel.bodies(), ["first", "second", "second"]);
    // The word comes after all: both left, and people can see it.
    let again = world.channel.sent.lock().unwrap()[1].1.phone.clone();
    let mut late = word("wamid.late", "second");
    if let Delivery::Receipt(receipt) = &mut late[1] {
        receipt.to = again;
    }
    world.intake.take_in(late).await.unwrap();
    let stats = world.store.stats(world.clock.now()).await.unwrap();
    assert_eq!((stats.sent, stats.resent, stats.doubles), (2, 1, 1));
}

#[tokio::test]
async fn a_step_that_asks_leaves_it_to_a_person() {
    for failure in [lost(), Outcome::Failed { detail: "failed".to_owned() }] {
        let world = World::new();
        world.channel.will_answer([failure]);
        world.decide(&["costly"], OnUnknown::Ask).await;
        let sender = world.sender(Pace::unlimited());
        let (sent, _) = sender.send_some(8).await.unwrap();
        assert!(matches!(sent[0].settlement.fate, Fate::Ask { .. }));
        world.clock.advance(Duration::from_secs(3600));
        assert!(sender.send_some(8).await.unwrap().0.is_empty());
        let asked = world.store.cases(Cases::Asked, None, 9).await.unwrap();
        assert_eq!(asked.len(), 1);
        assert!(world.store.rule(asked[0].key.clone(), Verdict::Resend, world.clock.now()).await.unwrap());
        assert_eq!(sender.send_some(8).await.unwrap().0.len(), 1);
        assert_eq!(world.channel.bodies(), ["costly", "costly"]);
        let stats = world.store.stats(world.clock.now()).await.unwrap();
        assert_eq!((stats.sent, stats.unknown, stats.asked, stats.resent), (1, 0, 0, 1));
    }
}

#[tokio::test]
async fn a_crash_during_a_send_whose_step_asks_asks_as_well() {
    let world = World::new();
    world.decide(&["costly"], OnUnknown::Ask).await;
    assert_eq!(world.sender(Pace::unlimited()).claim(8).await.unwrap().sends.len(), 1);
    let world = world.after_crash().await;
    world.sender(Pace::unlimited()).send_some(8).await.unwrap();
    assert!(world.channel.bodies().is_empty());
    assert_eq!(world.store.stats(world.clock.now()).await.unwrap().asked, 1);
}

#[tokio::test]
async fn a_tap_on_a_doubtful_menu_ends_the_doubt() {
    let world = World::new();
    world.channel.will_answer([lost()]);
    world.decide(&["menu"], OnUnknown::Resend).await;
    let sender = world.sender(Pace::unlimited());
    sender.send_some(8).await.unwrap();
    let id = match &world.channel.sent.lock().unwrap()[0].2 {
        Message::Buttons { buttons, .. } => buttons[0].id.clone(),
        other => panic!("{other:?}"),
    };
    let content = Content::Tapped { id: Some(id), title: "Again".to_owned(), on: Some(MessageId("wamid.x".to_owned())) };
    world.intake.take_in(vec![delivery(0, "tap", content)]).await.unwrap();
    world.take(&Echo::default()).await;
    world.clock.advance(Duration::from_secs(60));
    sender.send_some(8).await.unwrap();
    let bodies = world.channel.bodies();
    assert_eq!(bodies.iter().filter(|body| *body == "menu").count(), 1, "{bodies:?}");
    let proven = world.store.cases(Cases::All, None, 9).await.unwrap();
    assert!(proven.iter().any(|send| send.evidence.as_deref() == Some("tap")), "{proven:?}");
}
