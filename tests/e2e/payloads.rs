//! Every sample body through the real binary: the status it gets and the turns it makes.

use std::path::Path;

use serde_json::{Value, json};

use super::client::{http, tap_from};
use super::*;

/// The samples that are webhook bodies, with the turns that each makes. Receipts, and what is of no concern to flows, make none.
const TURNS: &[(&str, u64)] = &[
    ("meta-batch-mixed-with-duplicate-and-out-of-order.json", 3),
    ("meta-inbound-button-reply-username-no-phone.json", 1),
    ("meta-inbound-button-reply.json", 1),
    ("meta-inbound-contacts.json", 1),
    ("meta-inbound-document.json", 1),
    ("meta-inbound-flow-nfm-reply.json", 1),
    ("meta-inbound-image.json", 1),
    ("meta-inbound-list-reply-no-description.json", 1),
    ("meta-inbound-list-reply.json", 1),
    ("meta-inbound-location-pin.json", 1),
    ("meta-inbound-location-place.json", 1),
    ("meta-inbound-order.json", 1),
    ("meta-inbound-sticker.json", 1),
    ("meta-inbound-template-quick-reply-label-only.json", 1),
    ("meta-inbound-template-quick-reply-no-context.json", 1),
    ("meta-inbound-template-quick-reply.json", 1),
    ("meta-inbound-text-ad-referral.json", 1),
    ("meta-inbound-text-forwarded.json", 1),
    ("meta-inbound-text-quoted-reply.json", 1),
    ("meta-inbound-text.json", 1),
    ("meta-inbound-unsupported.json", 1),
    ("meta-inbound-video.json", 1),
    ("meta-inbound-voice.json", 1),
    ("xobito-flow-a-message-received.inferred.json", 1),
];

/// Bodies that carry no envelope of the provider's: answers and requests of its own API.
fn is_no_webhook(name: &str) -> bool {
    let flow_a = name.starts_with("xobito-flow-a");
    name.starts_with("telegram") || name.starts_with("signature") || (name.starts_with("xobito") && !flow_a)
}

/// Answers every event, whatever it is, so that turns can be counted by what leaves.
const ANY: &str = "buttonhook: 1
flow: echo
start:
  anything_else: true
steps:
  answer: {say: Taken., end: done}
";

fn samples() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/payloads");
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sample_gets_its_status_and_its_turns() {
    let provider = Provider::start().await;
    let mut seen = 0;
    for (name, body) in samples() {
        seen += 1;
        // A store of its own for each: many samples carry the same message.
        let host = Host::start(Setup::new(ANY).provider(provider.address)).await;
        let mut request = http().post(host.webhook()).body(body.clone());
        if name.starts_with("xobito-flow-a") {
            request = request.header("X-Webhook-Signature", signed(&body));
        }
        let status = request.send().await.unwrap().status().as_u16();
        assert_eq!(status, if is_no_webhook(&name) { 400 } else { 200 }, "{name}");
        let turns = TURNS.iter().find(|(sample, _)| *sample == name).map_or(0, |(_, turns)| *turns);
        let settled = |status: &Value| status["store"]["inbox"] == 0 && status["store"]["outbox"] == 0;
        host.status_when(settled).await;
        let history = http().get(format!("http://{}/api/history", host.admin)).send().await.unwrap();
        let history: Value = history.json().await.unwrap();
        let taken = history.as_array().unwrap_or_else(|| panic!("{history}")).len() as u64;
        assert_eq!(taken, turns, "{name}");
    }
    assert!(seen > 80, "only {seen} samples were found");
    for (name, _) in TURNS {
        assert!(samples().iter().any(|(sample, _)| sample == name), "{name} is gone");
    }
}

/// The flow at the end of the contract, with a foreign button id.
#[tokio::test(flavor = "multi_thread")]
async fn the_lookup_flow_answers_a_foreign_button_with_its_id() {
    let provider = Provider::start().await;
    let setup = Setup::new(include_str!("../flow/lookup.yaml")).provider(provider.address);
    std::fs::write(setup.project().join("scripts/prices.rhai"), "fn lookup(id) { `You asked for ${id}` }").unwrap();
    let host = Host::start(setup).await;
    for (nth, id) in (1..).zip(["lookup:42", "lookup:", "lookup:é 👍 `${x}` {answer}"]) {
        assert_eq!(host.post(&tap_from(1, nth, id, "Look up")).await, 200);
        let send = provider.wait_for(nth as usize).await.pop().unwrap();
        assert_eq!(send["message_body"], format!("You asked for {id}"));
        assert_eq!(send["message_type"], "interactive");
        let titles: Vec<&Value> = send["buttons"].as_array().unwrap().iter().map(|button| &button["title"]).collect();
        assert_eq!(titles, [&json!("Again"), &json!("Menu"), &json!("Stop")]);
    }
    // A button of ours comes back signed and works; the same with a letter changed reaches no step.
    let send = provider.sends().pop().unwrap();
    let id = send["buttons"][1]["id"].as_str().unwrap().to_owned();
    assert_eq!(host.post(&tap_from(1, 4, &id.replace("/menu~", "/stop~"), "Menu")).await, 200);
    let repeated = provider.wait_for(4).await.pop().unwrap();
    assert_ne!(repeated["message_body"], "Bye.", "a forged button must not reach a step");
    assert_eq!(host.post(&tap_from(1, 5, &id, "Menu")).await, 200);
    assert_eq!(provider.wait_for(5).await.pop().unwrap()["message_body"], "Bye.");
}
