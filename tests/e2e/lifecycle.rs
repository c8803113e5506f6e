//! Started, answered, stopped, killed and started again.

use tokio::sync::watch;

use super::provider::Answer;
use super::*;

fn bodies(sends: &[serde_json::Value]) -> Vec<String> {
    sends.iter().map(|send| send["message_body"].as_str().unwrap_or_else(|| panic!("{send}")).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_answered_once_however_often_it_comes() {
    let provider = Provider::start().await;
    let host = Host::start(Setup::new(ECHO).provider(provider.address)).await;
    for _ in 0..3 {
        assert_eq!(host.post(&text_from(1, 1, "hi")).await, 200);
    }
    assert_eq!(host.post(&text_from(1, 2, "bye")).await, 200);
    let sends = provider.wait_for(2).await;
    assert_eq!(bodies(&sends), ["You wrote hi.", "You wrote bye."]);
    let status = host.status_when(|status| status["store"]["sent"] == 2).await;
    assert_eq!((&status["store"]["outbox"], &status["store"]["inbox"]), (&0.into(), &0.into()));
    assert_eq!(provider.sends().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_finishes_the_send_under_way_and_the_next_start_does_not_repeat_it() {
    let provider = Provider::start().await;
    let (open, gate) = watch::channel(false);
    provider.will([Answer::Held(gate)]);
    let host = Host::start(Setup::new(ECHO).provider(provider.address)).await;
    host.post(&text_from(1, 1, "hi")).await;
    provider.wait_for(1).await;
    host.terminate();
    // The listener closes while the send is still open.
    while tokio::net::TcpStream::connect(host.public).await.is_ok() {
        tokio::task::yield_now().await;
    }
    open.send_replace(true);
    let (setup, status, log) = host.ended().await;
    assert_eq!(status.code(), Some(0), "{log}");

    let host = Host::start(setup).await;
    let status = host.status().await;
    assert_eq!((&status["store"]["sent"], &status["store"]["outbox"]), (&1.into(), &0.into()));
    host.post(&text_from(1, 2, "again")).await;
    assert_eq!(bodies(&provider.wait_for(2).await), ["You wrote hi.", "You wrote again."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_between_request_and_answer_repeats_the_reply() {
    let provider = Provider::start().await;
    let (_never, gate) = watch::channel(false);
    provider.will([Answer::Held(gate)]);
    let host = Host::start(Setup::new(ECHO).provider(provider.address)).await;
    assert_eq!(host.post(&text_from(1, 1, "hi")).await, 200);
    provider.wait_for(1).await;
    let setup = host.kill().await;
    let host = Host::start(setup).await;
    assert_eq!(bodies(&provider.wait_for(2).await), ["You wrote hi."; 2]);
    let status = host.status_when(|status| status["store"]["sent"] == 1).await;
    assert_eq!(status["store"]["outbox"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_before_a_kill_is_answered_after_it() {
    let provider = Provider::start().await;
    let mut setup = Setup::new(ECHO).provider(provider.address);
    const ROUNDS: u32 = 3;
    const EACH: u32 = 20;
    for round in 0..ROUNDS {
        let host = Host::start(setup).await;
        for who in 0..EACH {
            assert_eq!(host.post(&text_from(who, round, &format!("{who} in {round}"))).await, 200);
        }
        setup = host.kill().await;
    }
    let host = Host::start(setup).await;
    host.status_when(|status| status["store"]["inbox"] == 0 && status["store"]["outbox"] == 0).await;
    let sent = bodies(&provider.sends());
    for (round, who) in (0..ROUNDS).flat_map(|round| (0..EACH).map(move |who| (round, who))) {
        let body = format!("You wrote {who} in {round}.");
        assert!(sent.contains(&body), "{body} is lost");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_interrupt_ends_it_at_once() {
    let provider = Provider::start().await;
    let (_never, gate) = watch::channel(false);
    provider.will([Answer::Held(gate)]);
    let host = Host::start(Setup::new(ECHO).provider(provider.address)).await;
    host.post(&text_from(1, 1, "hi")).await;
    provider.wait_for(1).await;
    host.interrupt();
    // The first is taken once the listener is closed; the send that never ends keeps the host busy for long.
    while tokio::net::TcpStream::connect(host.public).await.is_ok() {
        tokio::task::yield_now().await;
    }
    host.interrupt();
    let (_, status, _) = host.ended().await;
    assert_eq!(status.code(), Some(130));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_it_from_starting_is_said_with_what_to_change() {
    let host = Host::start(Setup::new(ECHO)).await;

    let taken = Setup::new(ECHO).env("BUTTONHOOK_LISTEN", host.public.to_string());
    let (code, said) = taken.fails();
    assert_eq!(code, Some(3));
    assert!(said.contains(&host.public.to_string()) && said.contains("BUTTONHOOK_LISTEN"), "{said}");

    let mut locked = host.setup.command();
    let locked = locked.env("BUTTONHOOK_LISTEN", "127.0.0.1:0").env("BUTTONHOOK_ADMIN_LISTEN", "127.0.0.1:0").output().unwrap();
    let said = String::from_utf8_lossy(&locked.stderr).into_owned();
    assert_eq!(locked.status.code(), Some(3));
    assert!(said.contains("BUTTONHOOK_STORE"), "{said}");

    let (code, said) = Setup::new(BROKEN).fails();
    assert_eq!(code, Some(1));
    assert!(said.contains("flows/echo.yaml:8:9"), "{said}");

    let open = Setup::new(ECHO).env("BUTTONHOOK_ADMIN_LISTEN", "0.0.0.0:0");
    let (code, said) = open.fails();
    assert_eq!(code, Some(2));
    assert!(said.contains("BUTTONHOOK_ADMIN_TOKEN"), "{said}");
}
