use super::*;

#[tokio::test]
async fn what_is_new_is_stored_and_wakes_a_lane_and_a_double_does_neither_again() {
    let world = World::new();
    let accepted = world.intake.take_in(vec![typed(1, "a", "hi"), typed(1, "a", "hi"), typed(2, "b", "hi")]).await.unwrap();
    assert_eq!((accepted.fresh, accepted.doubles), (2, 1));
    world.wakes.lanes.notified().await;
    let again = world.intake.take_in(vec![typed(1, "a", "hi")]).await.unwrap();
    assert_eq!((again.fresh, again.doubles), (0, 1));
    let silent = tokio::time::timeout(std::time::Duration::ZERO, world.wakes.lanes.notified()).await;
    assert!(silent.is_err(), "a double woke the lanes");
    assert_eq!(world.store.stats(world.clock.now()).await.unwrap().inbox, 2);
}

#[tokio::test]
async fn a_store_that_fails_is_told_and_makes_the_intake_not_ready_for_a_while() {
    let world = World::new();
    assert!(world.intake.is_ready());
    world.store.close().await;
    world.intake.take_in(vec![typed(1, "a", "hi")]).await.unwrap_err();
    assert!(!world.intake.is_ready());
    world.clock.advance(std::time::Duration::from_secs(6));
    assert!(world.intake.is_ready(), "only the next webhook can tell whether the store works again");
}
