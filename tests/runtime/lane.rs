use std::time::Duration;

use buttonhook::model::{TappedButton, Timer, TimerKind};

use super::*;

#[tokio::test]
async fn messages_become_turns_in_order_with_their_sends_and_history() {
    let world = World::new();
    world.intake.take_in(vec![typed(1, "a", "one"), typed(2, "b", "uno"), typed(1, "c", "two")]).await.unwrap();
    let took = world.take(&Echo::default()).await;
    assert_eq!((took.contacts, took.turns, took.sends, took.fenced), (2, 3, 3, 0));
    assert_eq!(world.take(&Echo::default()).await.contacts, 0, "nothing is taken twice");

    let history = world.store.history(None, 10).await.unwrap();
    let mut turns: Vec<(i64, u64, &str)> =
        history.iter().map(|row| (row.contact.0, row.turn.turn, row.turn.event.0.as_str())).collect();
    turns.sort_unstable();
    let first = turns[0].0;
    assert_eq!(turns, [(first, 1, "a"), (first, 2, "c"), (turns[2].0, 1, "b")]);
    assert!(history.iter().all(|row| row.turn.revision == "echo" && row.turn.record.contains("\"effects\":[{\"send\"")));
}

#[tokio::test]
async fn a_button_we_signed_comes_back_as_ours_and_any_other_as_foreign() {
    let world = World::new();
    world.decide(&["menu"], OnUnknown::Resend).await;
    let sender = world.sender(Pace::unlimited());
    sender.send_some(8).await.unwrap();
    let id = match &world.channel.sent.lock().unwrap()[0].2 {
        Message::Buttons { buttons, .. } => buttons[0].id.clone(),
        other => panic!("{other:?}"),
    };
    let tap = |event: &str, id: Option<&str>| {
        delivery(0, event, Content::Tapped { id: id.map(str::to_owned), title: "Again".to_owned(), on: None })
    };
    world.intake.take_in(vec![tap("t1", Some(&id)), tap("t2", Some("lookup:7")), tap("t3", None)]).await.unwrap();
    // The one without an id waits a moment for it, and what came before it waits with it.
    world.clock.advance(Duration::from_secs(2));
    assert_eq!(world.take(&Echo::default()).await.turns, 3);
    for _ in 0..3 {
        sender.send_some(8).await.unwrap();
    }
    let bodies = world.channel.bodies();
    assert!(bodies[1].starts_with("Ours"), "{bodies:?}");
    assert_eq!(bodies[2], format!("{:?} Again", TappedButton::Foreign { id: "lookup:7".to_owned() }));
    assert!(bodies[3].starts_with("TitleOnly"), "{bodies:?}");
}

#[tokio::test]
async fn a_message_that_breaks_the_engine_is_taken_with_a_fault_and_holds_nobody_up() {
    let world = World::new();
    world.intake.take_in(vec![typed(1, "a", "one"), typed(1, "b", "poison"), typed(1, "c", "two")]).await.unwrap();
    let took = world.take(&Echo::default()).await;
    assert_eq!((took.turns, took.sends), (3, 2));
    let history = world.store.history(None, 10).await.unwrap();
    let numbers: Vec<u64> = history.iter().map(|row| row.turn.turn).collect();
    assert_eq!(numbers, [3, 2, 1], "each turn has its number, the broken one too");
    assert!(history[1].turn.record.contains("\"faults\":[{"), "{}", history[1].turn.record);
    assert!(!history[0].turn.record.contains("\"faults\":[{"));
}

#[tokio::test]
async fn the_person_is_known_and_the_window_open_even_when_the_turn_broke() {
    let world = World::new();
    world.intake.take_in(vec![typed(7, "a", "poison")]).await.unwrap();
    world.take(&Echo::default()).await;
    world.clock.advance(std::time::Duration::from_secs(60));
    world.intake.take_in(vec![typed(7, "b", "hi")]).await.unwrap();
    let claims = world.store.claim(1, 1_000, world.clock.now()).await.unwrap();
    let conversation = &claims.contacts[0].conversation;
    assert_eq!(conversation.contact.name, "Person 7");
    assert_eq!(conversation.turns, 1);
    assert!(conversation.last_inbound_at.is_some_and(|at| time::millis(at) >= START_MS));
}

#[tokio::test]
async fn a_turn_taken_again_after_a_lost_lease_is_the_same_turn_and_counts_once() {
    let world = World::new();
    world.intake.take_in(vec![typed(1, "a", "one")]).await.unwrap();
    // A lane claims and dies.
    let lost = world.store.claim(16, 1_000, world.clock.now()).await.unwrap();
    assert_eq!(lost.contacts.len(), 1);
    assert_eq!(world.take(&Echo::default()).await.contacts, 0, "the contact is leased");
    world.clock.advance(std::time::Duration::from_secs(2));
    assert_eq!(world.take(&Echo::default()).await.turns, 1);
    let sender = world.sender(Pace::unlimited());
    sender.send_some(8).await.unwrap();
    sender.send_some(8).await.unwrap();
    assert_eq!(world.channel.bodies(), ["one"]);
}

#[tokio::test]
async fn a_long_mailbox_is_emptied_over_several_claims_without_a_gap() {
    let world = World::new();
    let typed: Vec<Delivery> = (0..100).map(|index| typed(1, &format!("e{index}"), &format!("{index}"))).collect();
    world.intake.take_in(typed).await.unwrap();
    let mut turns = 0;
    for _ in 0..10 {
        turns += world.take(&Echo::default()).await.turns;
    }
    assert_eq!(turns, 100);
    let history = world.store.history(None, 200).await.unwrap();
    let events: Vec<String> = history.iter().rev().map(|row| row.turn.event.0.clone()).collect();
    let expected: Vec<String> = (0..100).map(|index| format!("e{index}")).collect();
    assert_eq!(events, expected);
}

/// Asks "Still there?" a minute after each text, and panics when it is silent about poison.
struct Asks;

impl Take for Asks {
    fn revision(&self) -> &str {
        "asks"
    }

    fn advance(&self, _: ContactId, mut conversation: Conversation, event: &Event, now: Timestamp) -> Turn {
        conversation.turns += 1;
        let mut effects = vec![];
        match &event.kind {
            EventKind::TimerFired { timer } => {
                assert!(conversation.forget_timer(timer), "only what is open fires");
                assert_ne!(timer.step.as_str(), "poison", "the stand-in breaks as it was asked to");
                let message = message(format!("still there, {}?", timer.step));
                effects.push(Effect::Send(Send { nth: 0, message, on_unknown: OnUnknown::Resend, about: Default::default() }));
            }
            EventKind::Typed { text } if text == "enough" => conversation.timers.clear(),
            EventKind::Typed { text } => conversation.set_timer(Timer {
                at: time::after(now, MINUTE.as_millis() as u64),
                kind: TimerKind::Silent,
                flow: FlowName::new("asks"),
                step: StepName::new(text),
                set_in: conversation.turns,
            }),
            _ => {}
        }
        Turn { conversation, effects, trace: vec![], faults: vec![] }
    }
}

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_timer_becomes_a_turn_at_its_time_and_once() {
    let world = World::new();
    world.intake.take_in(vec![typed(1, "a", "one"), typed(2, "b", "two")]).await.unwrap();
    world.take(&Asks).await;
    let idle = world.take(&Asks).await;
    assert_eq!((idle.contacts, idle.next_due), (0, Some(time::after(world.clock.now(), 60_000))));
    world.clock.advance(MINUTE - Duration::from_millis(1));
    assert_eq!(world.take(&Asks).await.contacts, 0, "not before its time");
    world.clock.advance(Duration::from_millis(1));
    let took = world.take(&Asks).await;
    assert_eq!((took.contacts, took.turns, took.sends), (2, 2, 2));
    world.clock.advance(MINUTE);
    let idle = world.take(&Asks).await;
    assert_eq!((idle.contacts, idle.next_due), (0, None));
    let history = world.store.history(None, 10).await.unwrap();
    let fired: Vec<_> = history.iter().filter(|row| row.turn.event.0.starts_with("timer-")).collect();
    assert_eq!(fired.len(), 2);
    assert_ne!(fired[0].turn.event, fired[1].turn.event, "each has a name of its own");
    // A day and half a minute after the texts, a day less half a minute after the timers: those did not open the window.
    world.clock.advance(24 * 60 * MINUTE - Duration::from_secs(90));
    world.sender(Pace::unlimited()).send_some(8).await.unwrap();
    assert!(world.channel.bodies().is_empty());
}

#[tokio::test]
async fn mail_is_taken_before_the_timer_that_it_makes_needless() {
    let world = World::new();
    world.intake.take_in(vec![typed(1, "a", "one"), typed(2, "b", "two")]).await.unwrap();
    world.take(&Asks).await;
    // The process was dead when both the timer and the answer came.
    let world = world.after_crash().await;
    world.clock.advance(60 * MINUTE);
    world.intake.take_in(vec![typed(1, "c", "enough")]).await.unwrap();
    let took = world.take(&Asks).await;
    assert_eq!((took.contacts, took.turns, took.sends), (2, 2, 1), "the one who answered is not asked");
    world.sender(Pace::unlimited()).send_some(8).await.unwrap();
    assert_eq!(world.channel.bodies(), ["still there, two?"]);
}

#[tokio::test]
async fn a_timer_whose_lane_died_comes_again_and_one_that_breaks_does_not() {
    let world = World::new();
    world.intake.take_in(vec![typed(1, "a", "one"), typed(2, "b", "poison")]).await.unwrap();
    world.take(&Asks).await;
    world.clock.advance(MINUTE);
    let lost = world.store.claim(16, 1_000, world.clock.now()).await.unwrap();
    assert_eq!(lost.contacts.len(), 2);
    world.clock.advance(Duration::from_secs(1));
    let took = world.take(&Asks).await;
    assert_eq!((took.turns, took.sends), (2, 1));
    assert!(world.store.history(None, 1).await.unwrap().iter().all(|row| row.turn.record.contains("timer_fired")));
    world.clock.advance(60 * MINUTE);
    assert_eq!(world.take(&Asks).await.contacts, 0, "neither fires for ever");
}

/// Takes longer over a turn than scripts should.
struct Slow(Echo);

impl Take for Slow {
    fn revision(&self) -> &str {
        self.0.revision()
    }

    fn advance(&self, contact: ContactId, conversation: Conversation, event: &Event, now: Timestamp) -> Turn {
        std::thread::sleep(std::time::Duration::from_millis(600));
        self.0.advance(contact, conversation, event, now)
    }
}

#[tokio::test]
async fn slow_turns_are_stored_before_the_lease_ends_and_the_rest_comes_later() {
    let world = World::new();
    world.intake.take_in(vec![typed(1, "a", "1"), typed(1, "b", "2"), typed(1, "c", "3"), typed(2, "d", "4")]).await.unwrap();
    let slow = Slow(Echo::default());
    let first = world.take(&slow).await;
    assert_eq!((first.contacts, first.turns, first.fenced), (2, 2, 0));
    assert_eq!(world.take(&Echo::default()).await.turns, 2, "what was left over is due at once");
    let history = world.store.history(None, 10).await.unwrap();
    let mut events: Vec<(i64, u64, &str)> =
        history.iter().map(|row| (row.contact.0, row.turn.turn, row.turn.event.0.as_str())).collect();
    events.sort_unstable();
    assert_eq!(
        events.iter().map(|(_, turn, event)| (*turn, *event)).collect::<Vec<_>>(),
        [(1, "a"), (2, "b"), (3, "c"), (1, "d")]
    );
}
