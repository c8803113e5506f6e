//! A saved file runs from the next message on; a saved mistake runs never.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_save_takes_effect_and_a_mistake_does_not() {
    let provider = Provider::start().await;
    let host = Host::start(Setup::new(ECHO).provider(provider.address)).await;
    let first = host.status().await;
    assert_eq!((&first["flows"], &first["scripts"], &first["refused"]), (&1.into(), &0.into(), &().into()));

    host.setup.save(&ECHO.replace("You wrote", "You typed"));
    let second = host.status_when(|status| status["revision"] != first["revision"]).await;
    host.post(&text_from(1, 1, "hi")).await;
    provider.wait_for(1).await;

    host.setup.save(BROKEN);
    let refused = host.status_when(|status| !status["refused"].is_null()).await;
    assert_eq!(refused["revision"], second["revision"]);
    assert_eq!(refused["refused"]["errors"], 1);
    assert!(refused["refused"]["report"].as_str().unwrap().contains("nowhere"), "{refused:#}");
    assert!(refused["refused"]["diagnostics"].as_array().is_some_and(|list| !list.is_empty()));
    host.post(&text_from(1, 2, "ho")).await;
    let sends = provider.wait_for(2).await;
    let bodies: Vec<&str> = sends.iter().filter_map(|send| send["message_body"].as_str()).collect();
    assert_eq!(bodies, ["You typed hi.", "You typed ho."]);

    host.setup.save(ECHO);
    let fixed = host.status_when(|status| status["refused"].is_null()).await;
    assert_eq!(fixed["revision"], first["revision"], "the same files are the same revision");
    host.terminate();
    let (_, _, log) = host.ended().await;
    assert_eq!(log.matches("not reloaded").count(), 1, "a mistake is told once: {log}");
    assert!(log.contains("flows/echo.yaml changed"), "{log}");
}
