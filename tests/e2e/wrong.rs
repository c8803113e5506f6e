//! Answers that do not fit, on the phone of the built-in sandbox: told, told again, then somewhere else.

use serde_json::{Value, json};

use super::*;

const FLOW: &str = "buttonhook: 1
flow: visit
start: {anything_else: true}
remember:
  hour: {kind: time, earliest: \"09:00\", latest: \"18:00\"}
steps:
  ask: {ask: When?, into: hour, if_wrong: {tries: 2, then: menu}, go: menu}
  menu:
    say: \"Noted: {hour | nothing}.\"
    buttons: {again: {title: Again, go: ask}}
    if_other: {tries: 1, then: bye}
  bye: {say: We call you., end: called}
";

const WHEN: &str = "Please send a time from 09:00 to 18:00.\n\nWhen?";

#[tokio::test(flavor = "multi_thread")]
async fn wrong_twice_and_then_elsewhere() {
    let host = Host::start(Setup::new(FLOW)).await;
    let api = |path: &str| format!("http://{}/api/phone/{path}", host.admin);
    let post = async |path: &str, body: Value| -> Value {
        client::http().post(api(path)).header("x-buttonhook", "1").json(&body).send().await.unwrap().json().await.unwrap()
    };
    let phone = post("contacts", json!({"name": "Ann Example"})).await["phone"].as_str().unwrap().to_owned();
    let mut sent = 0;
    for (typed, answer) in [
        ("hi", "When?"),
        ("soon", WHEN),
        ("20:00", WHEN),
        ("whenever", "Noted: nothing."),
        ("well", "Please tap one of the buttons.\n\nNoted: nothing."),
        ("again", "When?"),
        ("half past three", "Noted: 15:30."),
        ("thanks", "Please tap one of the buttons.\n\nNoted: 15:30."),
        ("bye", "We call you."),
    ] {
        post("type", json!({"phone": phone, "text": typed})).await;
        sent += 1;
        host.status_when(|status| status["store"]["sent"] == sent).await;
        let chat: Value = client::http().get(api(&format!("messages?phone={phone}"))).send().await.unwrap().json().await.unwrap();
        let messages = chat["messages"].as_array().unwrap();
        assert_eq!(messages.len(), 2 * sent, "one message for one: {messages:#?}");
        assert_eq!(messages.last().unwrap()["body"], answer, "{typed}");
    }
}
