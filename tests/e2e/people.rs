//! People at a desk, on the real binary: they take conversations over and give them back, by the admin API and by writing themselves.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::*;

const DESK: &str = "buttonhook: 1
flow: desk
start: {anything_else: true}
steps:
  menu: {say: \"Menu for {text}.\", end: done}
";

async fn desk(host: &Host, path: &str, body: Value) -> (StatusCode, Value) {
    let request = client::http().post(format!("http://{}{path}", host.admin)).header("x-buttonhook", "1");
    let answer = request.json(&body).send().await.unwrap();
    let status = answer.status();
    (status, answer.json().await.unwrap_or(Value::Null))
}

/// An echo: what a person wrote to contact number `who`.
fn echo(who: u32, nth: u32, text: &str) -> Value {
    let message = json!({
        "from": "15550100000", "to": client::digits(who), "id": format!("wamid.echo.{who}.{nth}"),
        "timestamp": "1781517600", "type": "text", "text": {"body": text},
    });
    let value = json!({"messaging_product": "whatsapp", "message_echoes": [message]});
    json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "smb_message_echoes", "value": value}]}]})
}

fn bodies(sends: &[Value]) -> Vec<&str> {
    sends.iter().map(|send| send["message_body"].as_str().unwrap_or_default()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_held_and_given_back_and_a_restart_forgets_neither() {
    let provider = Provider::start().await;
    let host = Host::start(Setup::new(DESK).provider(provider.address)).await;
    host.post(&text_from(1, 1, "one")).await;
    provider.wait_for(1).await;
    let contact = json!({"phone": format!("+{}", client::digits(1))});
    let accepted = (StatusCode::OK, json!({"status": "accepted"}));
    assert_eq!(desk(&host, "/api/hold", json!({"contact": contact, "minutes": 600})).await, accepted);
    let host = Host::start(host.kill().await).await;
    host.post(&text_from(1, 2, "two")).await;
    host.post(&text_from(2, 1, "somebody else")).await;
    assert_eq!(bodies(&provider.wait_for(2).await), ["Menu for one.", "Menu for somebody else."]);
    assert_eq!(desk(&host, "/api/give-back", json!({"contact": contact})).await, accepted);
    host.post(&text_from(1, 3, "three")).await;
    assert_eq!(bodies(&provider.wait_for(3).await)[2], "Menu for three.");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_writes_takes_the_conversation_and_a_double_of_it_changes_nothing() {
    let provider = Provider::start().await;
    let always = "buttonhook: 1\npeople: {give_back: ['#bot']}\n";
    let host = Host::start(Setup::new(DESK).file("flows/_always.yaml", always).provider(provider.address)).await;
    host.post(&text_from(1, 1, "one")).await;
    provider.wait_for(1).await;
    assert_eq!(host.post(&echo(1, 1, "Hello, this is Meera.")).await, 200);
    host.post(&text_from(1, 2, "two")).await;
    assert_eq!(host.post(&echo(1, 2, "#bot")).await, 200);
    assert_eq!(host.post(&echo(1, 1, "Hello, this is Meera.")).await, 200, "it comes a second time, late");
    host.post(&text_from(1, 3, "three")).await;
    assert_eq!(bodies(&provider.wait_for(2).await), ["Menu for one.", "Menu for three."]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_is_told_what_is_wrong() {
    let provider = Provider::start().await;
    let host = Host::start(Setup::new(DESK).provider(provider.address)).await;
    let contact = json!({"phone": "+15550000001"});
    for (path, body, says) in [
        ("/api/hold", json!({}), "`contact` is missing"),
        ("/api/hold", json!({"contact": {"phone": "12"}}), "no number"),
        ("/api/hold", json!({"contact": contact, "minutes": 0}), "1 to 43200"),
        ("/api/hold", json!({"contact": contact, "hours": 1}), "none of"),
        ("/api/give-back", json!([]), "not an object"),
    ] {
        let (status, answer) = desk(&host, path, body.clone()).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
        assert!(answer["error"].as_str().is_some_and(|error| error.contains(says)), "{body}: {answer}");
    }
    let bare = client::http().post(format!("http://{}/api/hold", host.admin)).json(&json!({"contact": contact}));
    assert_eq!(bare.send().await.unwrap().status(), StatusCode::FORBIDDEN, "no page of another site takes a conversation over");
}
