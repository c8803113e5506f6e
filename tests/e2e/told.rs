//! Events of the user's own systems on the real binary: what the document says of them holds.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::*;

const DOCUMENT: &str = include_str!("../../docs/events.md");
const TOKENS: &str = "the-first-token-of-two, the-second-token-of-two";
const TOKEN: &str = "the-second-token-of-two";

fn example() -> (String, Value) {
    let flow = crate::flow::documents::flows(DOCUMENT).remove(0);
    let body = DOCUMENT.split("-d '").nth(1).and_then(|rest| rest.split('\'').next()).expect("a request");
    (flow, serde_json::from_str(body).expect("the request's body is JSON"))
}

async fn tell(host: &Host, token: Option<&str>, name: &str, body: impl ToString) -> (StatusCode, Value) {
    let mut request = client::http().post(format!("http://{}/events/{name}", host.public)).body(body.to_string());
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let answer = request.send().await.unwrap();
    let status = answer.status();
    (status, answer.json().await.unwrap_or(Value::Null))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_becomes_a_message_once_also_after_a_kill() {
    let (flow, body) = example();
    let provider = Provider::start().await;
    let host = Host::start(Setup::new(&flow).env("BUTTONHOOK_EVENTS_TOKEN", TOKENS).provider(provider.address)).await;
    assert_eq!(tell(&host, Some(TOKEN), "order_paid", &body).await, (StatusCode::OK, json!({"status": "accepted"})));
    let sends = provider.wait_for(1).await;
    assert!(sends[0].to_string().contains("order_paid") && sends[0].to_string().contains("4711"), "{}", sends[0]);
    assert_eq!(tell(&host, Some(TOKEN), "order_paid", &body).await, (StatusCode::OK, json!({"status": "duplicate"})));
    let host = Host::start(host.kill().await).await;
    assert_eq!(tell(&host, Some(TOKEN), "order_paid", &body).await.1, json!({"status": "duplicate"}));
    // A message of the provider's whose id is the event's is another thing.
    let mut message = text_from(1, 1, "hi");
    message["entry"][0]["changes"][0]["value"]["messages"][0]["id"] = body["id"].clone();
    assert_eq!(host.post(&message).await, 200);
    let status = host.status_when(|status| status["store"]["contacts"] == 2 && status["store"]["inbox"] == 0).await;
    assert_eq!(status["store"]["sent"], 1);
    assert_eq!(provider.sends().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_tells_events_without_a_token() {
    let (flow, body) = example();
    let provider = Provider::start().await;
    let host = Host::start(Setup::new(&flow).provider(provider.address)).await;
    assert_eq!(tell(&host, Some(TOKEN), "order_paid", &body).await.0, StatusCode::NOT_FOUND);
    let setup = host.kill().await.env("BUTTONHOOK_EVENTS_TOKEN", TOKENS);
    let host = Host::start(setup).await;
    for (token, name, body, status, says) in [
        (None, "order_paid", body.to_string(), StatusCode::UNAUTHORIZED, "BUTTONHOOK_EVENTS_TOKEN"),
        (Some("the-first-token-of"), "order_paid", body.to_string(), StatusCode::UNAUTHORIZED, "Bearer"),
        (Some(TOKENS), "order_paid", body.to_string(), StatusCode::UNAUTHORIZED, "Bearer"),
        (Some(TOKEN), "Order.Paid", body.to_string(), StatusCode::BAD_REQUEST, "small letter"),
        (Some(TOKEN), "order_paid", "{".to_owned(), StatusCode::BAD_REQUEST, "not JSON"),
        (Some(TOKEN), "order_paid", json!({"id": "a-canary"}).to_string(), StatusCode::BAD_REQUEST, "`contact` is missing"),
        (Some(TOKEN), "order_paid", " ".repeat(64 * 1024 + 1), StatusCode::PAYLOAD_TOO_LARGE, "64 KiB"),
        (Some("the-first-token-of-two"), "order_paid", body.to_string(), StatusCode::OK, ""),
    ] {
        let (came, answer) = tell(&host, token, name, &body).await;
        assert_eq!(came, status, "{answer}");
        assert!(says.is_empty() || answer["error"].as_str().unwrap().contains(says), "{answer}");
    }
    let got = client::http().get(format!("http://{}/events/order_paid", host.public)).send().await.unwrap();
    assert_eq!(got.status(), StatusCode::NOT_FOUND);
    host.status_when(|status| status["store"]["sent"] == 1).await;
    host.terminate();
    let (_, _, log) = host.ended().await;
    for canary in ["a-canary", "the-first-token", "the-second-token", "15550100123"] {
        assert!(!log.contains(canary), "{canary} stands in the log: {log}");
    }
}
