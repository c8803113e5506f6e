//! Buttons that were tapped, on the recording provider and on the phone of the built-in sandbox.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::client::tap_from;
use super::provider::Answer;
use super::*;

const MENU: &str = "buttonhook: 1
flow: shop
start:
  anything_else: true
steps:
  menu:
    say: \"What can we do for you?\"
    buttons:
      prices: {title: Prices, go: prices}
      bye: {title: Bye, go: bye}
  prices:
    say: \"All is one pound.\"
    go: menu
  bye:
    say: \"Bye.\"
    end: done
";

fn said(send: &Value) -> &str {
    send["message_body"].as_str().unwrap_or_else(|| panic!("{send}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tap_leads_on_a_forged_one_does_not_and_both_survive_a_restart() {
    let provider = Provider::start().await;
    let host = Host::start(Setup::new(MENU).provider(provider.address)).await;
    host.post(&text_from(1, 1, "hi")).await;
    let menu = provider.wait_for(1).await.remove(0);
    let id = menu["buttons"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(menu["buttons"][0]["title"], "Prices");

    // Settled, or the kill would rightly make it leave twice.
    host.status_when(|status| status["store"]["sent"] == 1).await;

    // The key of the buttons lives in the store: what is on phones works after a restart.
    let host = Host::start(host.kill().await).await;
    host.post(&tap_from(1, 2, &id, "Prices")).await;
    let sends = provider.wait_for(3).await;
    assert_eq!([said(&sends[1]), said(&sends[2])], ["All is one pound.", "What can we do for you?"]);

    // Somebody else's button, and a made-up one, reach no step: a flow that takes anything else begins instead.
    host.post(&tap_from(2, 1, &id, "Prices")).await;
    host.post(&tap_from(3, 1, "shop/menu/prices", "Prices")).await;
    host.status_when(|status| status["store"]["sent"] == 5).await;
    assert_eq!(provider.sends()[3..].iter().map(said).collect::<Vec<_>>(), ["What can we do for you?"; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_turns_down_for_now_is_sent_later_and_once() {
    let provider = Provider::start().await;
    provider.will([
        Answer::Says(429, json!({"message": "Too many requests", "retry_after": 1})),
        Answer::Says(500, json!({"status": "error", "message": "Failed to send message"})),
    ]);
    let host = Host::start(Setup::new(ECHO).provider(provider.address)).await;
    host.post(&text_from(1, 1, "hi")).await;
    let status = host.status_when(|status| status["store"]["sent"] == 1).await;
    assert_eq!((&status["store"]["outbox"], &status["store"]["refused"]), (&json!(0), &json!(0)));
    assert_eq!(provider.sends().len(), 3, "two attempts failed and one was taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_of_the_built_in_sandbox_is_answered_and_its_tap_too() {
    let host = Host::start(Setup::new(MENU)).await;
    let api = |path: &str| format!("http://{}/api/phone/{path}", host.admin);
    let post = async |path: &str, body: Value| {
        let answer = client::http().post(api(path)).header("x-buttonhook", "1").json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json::<Value>().await.unwrap()
    };
    let phone = post("contacts", json!({"name": "Ann Example"})).await["phone"].as_str().unwrap().to_owned();
    let chat = async |count: usize| -> Vec<Value> {
        let until = tokio::time::Instant::now() + host::PATIENCE;
        loop {
            let answer = client::http().get(api(&format!("messages?phone={phone}"))).send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK);
            let messages: Value = answer.json().await.unwrap();
            let messages = messages["messages"].as_array().unwrap().clone();
            if messages.len() >= count {
                return messages;
            }
            assert!(tokio::time::Instant::now() < until, "{count} messages never came: {messages:#?}");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    post("type", json!({"phone": phone, "text": "hi"})).await;
    let menu = chat(2).await.remove(1);
    assert_eq!(menu["body"], "What can we do for you?");
    post("tap", json!({"phone": phone, "message": menu["id"], "button": menu["buttons"][1]["id"]})).await;
    assert_eq!(chat(4).await[3]["body"], "Bye.");

    // A day passes on both sides: the clock is shared.
    post("advance", json!({"seconds": 90_000})).await;
    assert!(host.status().await["uptime_secs"].as_i64().is_some_and(|secs| secs >= 90_000));
    let page = client::http().get(format!("http://{}/", host.admin)).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("<!doctype html>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_reaches_the_phone_of_the_built_in_sandbox() {
    let flow = "buttonhook: 1
flow: picture
start: {anything_else: true}
steps:
  only:
    media: {kind: document, url: \"https://example.com/prices.pdf\", caption: Our prices, filename: Prices.pdf}
    end: done
";
    let host = Host::start(Setup::new(flow)).await;
    let api = |path: &str| format!("http://{}/api/phone/{path}", host.admin);
    let post = async |path: &str, body: Value| -> Value {
        client::http().post(api(path)).header("x-buttonhook", "1").json(&body).send().await.unwrap().json().await.unwrap()
    };
    let phone = post("contacts", json!({"name": "Ann Example"})).await["phone"].as_str().unwrap().to_owned();
    post("type", json!({"phone": phone, "text": "hi"})).await;
    host.status_when(|status| status["store"]["sent"] == 1).await;
    let answer = client::http().get(api(&format!("messages?phone={phone}"))).send().await.unwrap();
    let messages: Value = answer.json().await.unwrap();
    let said = &messages["messages"][1];
    assert_eq!((&said["kind"], &said["body"]), (&json!("media"), &json!("Our prices")), "{messages}");
    let media = json!({"kind": "document", "url": "https://example.com/prices.pdf", "filename": "Prices.pdf"});
    assert_eq!(said["media"], media);
}
