//! What leaves, as people and their tools see it: doubt and its evidence, a person's word, alarms, metrics, the described API.

use std::collections::BTreeSet;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::client::{digits, http};
use super::host::{PATIENCE, SECRET};
use super::provider::Answer;
use super::*;

/// A flow whose answers a person decides about when nobody can tell whether they left.
const ASKS: &str = "buttonhook: 1
flow: echo
start:
  anything_else: true
steps:
  answer:
    say: \"You wrote {text}.\"
    on_unknown: ask
    end: done
";

fn lost() -> Answer {
    Answer::Says(502, json!({}))
}

async fn get(host: &Host, path: &str) -> Value {
    http().get(format!("http://{}{path}", host.admin)).send().await.unwrap().json().await.unwrap()
}

async fn rule(host: &Host, key: &str, body: &str) -> StatusCode {
    let request = http().post(format!("http://{}/api/sends/{key}", host.admin)).header("x-buttonhook", "1");
    request.header("content-type", "application/json").body(body.to_owned()).send().await.unwrap().status()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_asked_and_has_it_sent_again_or_dropped() {
    let provider = Provider::start().await;
    provider.will([lost(), lost()]);
    let host = Host::start(Setup::new(ASKS).provider(provider.address)).await;
    host.post(&text_from(1, 1, "one")).await;
    host.post(&text_from(2, 1, "two")).await;
    host.status_when(|status| status["store"]["asked"] == 2).await;
    let asked = get(&host, "/api/sends?outcome=asked").await;
    let keys: Vec<&str> = asked.as_array().unwrap().iter().map(|send| send["key"].as_str().unwrap()).collect();
    assert!(asked[0]["outcome"] == "unknown" && asked[0]["detail"].as_str().unwrap().contains("502"), "{asked:#}");

    assert_eq!(rule(&host, keys[0], "{\"do\": \"perhaps\"}").await, StatusCode::BAD_REQUEST);
    assert_eq!(rule(&host, "999-1-0", "{\"do\": \"drop\"}").await, StatusCode::NOT_FOUND);
    let elsewhere = http().post(format!("http://{}/api/sends/{}", host.admin, keys[0])).body("{\"do\": \"drop\"}").send().await;
    assert_eq!(elsewhere.unwrap().status(), StatusCode::FORBIDDEN, "no page of another site may decide");

    assert_eq!(rule(&host, keys[0], "{\"do\": \"resend\"}").await, StatusCode::NO_CONTENT);
    assert_eq!(rule(&host, keys[1], "{\"do\": \"drop\"}").await, StatusCode::NO_CONTENT);
    let status = host.status_when(|status| status["store"]["sent"] == 1).await;
    let counts = ["asked", "unknown", "resent"].map(|name| status["store"][name].as_u64());
    assert_eq!(counts, [Some(0), Some(1), Some(1)]);
    assert_eq!(provider.sends().len(), 3);
    assert_eq!(get(&host, "/api/sends?outcome=resent").await[0]["key"], keys[0]);
    let wrong = http().get(format!("http://{}/api/sends?outcome=lost", host.admin)).send().await.unwrap();
    assert_eq!(wrong.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_both_webhooks_on_a_lost_answer_is_made_up_for() {
    let provider = Provider::start().await;
    provider.will([lost()]);
    let host = Host::start(Setup::new(ECHO).provider(provider.address)).await;
    host.post(&text_from(1, 1, "hi")).await;
    provider.wait_for(1).await;
    let event = json!({"event": "message.sent", "model": "WhatsAppMessage", "timestamp": "2026-06-15T10:00:00+00:00",
        "data": {"message_id": "wamid.lost", "status": "sent", "text": "You wrote hi.", "type": "text"}});
    let event = event.to_string();
    let signature = signed(&event);
    let told = http().post(host.webhook()).header("X-Webhook-Signature", signature).body(event).send().await.unwrap();
    assert_eq!(told.status(), 200);
    let status = json!({"id": "wamid.lost", "status": "sent", "timestamp": "1781517601", "recipient_id": digits(1)});
    let value = json!({"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"}, "statuses": [status]});
    let entry = json!([{"id": "1", "changes": [{"field": "messages", "value": value}]}]);
    assert_eq!(host.post(&json!({"object": "whatsapp_business_account", "entry": entry})).await, 200);
    host.status_when(|status| status["store"]["outbox"] == 0).await;
    let sends = get(&host, "/api/sends").await;
    assert_eq!((&sends[0]["outcome"], &sends[0]["evidence"]), (&json!("sent"), &json!("receipts")), "{sends:#}");
    assert_eq!((provider.sends().len(), &sends[0]["message"]), (1, &json!("wamid.lost")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_is_told_and_nothing_is_lost_by_it() {
    let provider = Provider::start().await;
    provider.will([Answer::Says(401, json!({"status": "error", "message": "Invalid API token"}))]);
    let host = Host::start(Setup::new(ECHO).provider(provider.address)).await;
    host.post(&text_from(1, 1, "hi")).await;
    let status = host.status_when(|status| !status["channel"]["alarm"].is_null()).await;
    assert!(status["channel"]["alarm"]["what"].as_str().unwrap().contains("XOBITO_TOKEN"), "{status:#}");
    let status = host.status_when(|status| !status["channel"]["paused_until"].is_null()).await;
    assert_eq!((&status["store"]["outbox"], &status["store"]["refused"]), (&json!(1), &json!(0)));
    assert_eq!((&status["queue"]["answer"]["sends"], &status["queue"]["empty_at"]), (&json!(1), &Value::Null));
    host.terminate();
    let (_, _, log) = host.ended().await;
    assert_eq!(log.matches("refuses the token").count(), 2, "one line for the alarm, one for the send: {log}");
}

/// Each line of the text format: a comment, or a name with labels and a number.
fn samples(text: &str) -> Vec<(String, f64)> {
    let lines = text.lines().filter(|line| !line.starts_with("# HELP ") && !line.starts_with("# TYPE "));
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no sample: {line}"));
            (name.to_owned(), value.parse().unwrap_or_else(|_| panic!("no number: {line}")))
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_tell_what_happened_and_name_nobody() {
    let provider = Provider::start().await;
    let host = Host::start(Setup::new(ECHO).provider(provider.address)).await;
    host.post(&text_from(1, 1, "hi")).await;
    host.post(&text_from(1, 1, "hi")).await;
    host.setup.save(BROKEN);
    host.status_when(|status| status["store"]["sent"] == 1 && !status["refused"].is_null()).await;
    let answer = http().get(format!("http://{}/metrics", host.admin)).send().await.unwrap();
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/plain; version=0.0.4"));
    let text = answer.text().await.unwrap();
    let samples = samples(&text);
    let value = |name: &str| {
        let found = samples.iter().find(|(sample, _)| sample == name);
        found.unwrap_or_else(|| panic!("{name} is missing: {text}")).1
    };
    for (name, expected) in [
        ("buttonhook_accepted_total", 1.0),
        ("buttonhook_doubles_total", 1.0),
        ("buttonhook_turns_total", 1.0),
        ("buttonhook_faults_total", 0.0),
        ("buttonhook_send_attempts_total", 1.0),
        ("buttonhook_sends{outcome=\"sent\"}", 1.0),
        ("buttonhook_outbox{priority=\"broadcast\"}", 0.0),
        ("buttonhook_reloads_total{outcome=\"refused\"}", 1.0),
        ("buttonhook_project_refused", 1.0),
        ("buttonhook_paused_until_seconds", 0.0),
    ] {
        assert!((value(name) - expected).abs() < f64::EPSILON, "{name}: {text}");
    }
    let commits = value("buttonhook_store_commit_seconds_count");
    assert!(commits >= 4.0 && (value("buttonhook_store_commit_seconds_bucket{le=\"+Inf\"}") - commits).abs() < f64::EPSILON);
    let digits = digits(1);
    assert!(!text.contains(&digits), "a contact stands in the metrics");
    let names: BTreeSet<&str> = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next()).collect();
    assert!(samples.iter().all(|(name, _)| names.iter().any(|known| name.starts_with(known))), "a sample without its type");
}

/// Every route of the admin listener as the source has it: a path and its methods.
fn routes_in_source() -> BTreeSet<(String, String)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/admin");
    let mut found = BTreeSet::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        for part in text.split(".route(").skip(1) {
            let route = part.split(".route(").next().unwrap().split('\n').next().unwrap();
            let path = match route.trim_start().strip_prefix('"') {
                Some(rest) => rest.split('"').next().unwrap().to_owned(),
                None => "/login".to_owned(),
            };
            for method in ["get", "post", "put", "delete", "patch"] {
                if route.contains(&format!("{method}(")) {
                    found.insert((path.clone(), method.to_owned()));
                }
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_is_described_as_it_is() {
    let provider = Provider::start().await;
    let host = Host::start(Setup::new(ECHO).provider(provider.address)).await;
    let document = get(&host, "/api/openapi.json").await;
    assert_eq!(document["openapi"], "3.1.0");
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |method| (path.clone(), method.clone())))
        .collect();
    assert_eq!(described, routes_in_source(), "the document and the routes differ");
    let text = document.to_string();
    for part in text.split("\"$ref\":\"#/").skip(1) {
        let pointer = format!("/{}", part.split('"').next().unwrap());
        assert!(document.pointer(&pointer).is_some(), "{pointer} is not there");
    }
    // What is served has the members that the document promises, and no others.
    host.post(&text_from(1, 1, "hi")).await;
    host.status_when(|status| status["store"]["sent"] == 1).await;
    let sends = get(&host, "/api/sends").await;
    let history = get(&host, "/api/history").await;
    for (schema, value) in [("Status", &host.status().await), ("Send", &sends[0]), ("Turn", &history[0])] {
        same_members(&document["components"]["schemas"][schema], value, schema);
    }
}

fn same_members(schema: &Value, value: &Value, place: &str) {
    let (Some(promised), Some(served)) = (schema["properties"].as_object(), value.as_object()) else { return };
    let names = |members: &serde_json::Map<String, Value>| members.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(promised), names(served), "{place}");
    promised.iter().for_each(|(name, schema)| same_members(schema, &served[name], &format!("{place}.{name}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_downtime_is_told_at_the_next_start() {
    let host = Host::start(Setup::new(ECHO)).await;
    assert!(host.status().await["gap"].is_null(), "before the first start there was nothing to miss");
    let setup = host.kill().await;
    let store = rusqlite::Connection::open(setup.store().join("buttonhook.db")).unwrap();
    store.execute("UPDATE channel SET alive_at = alive_at - 600000", ()).unwrap();
    drop(store);
    let host = Host::start(setup).await;
    let gap = host.status().await["gap"].clone();
    assert!(gap["from"].as_str().unwrap() < gap["to"].as_str().unwrap(), "{gap}");
    host.terminate();
    let (setup, _, log) = host.ended().await;
    assert!(log.contains("messages of that time may be missing"), "{log}");
    let host = Host::start(setup).await;
    assert!(host.status().await["gap"].is_null(), "an orderly stop notes its end");
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_bound_on_bytes_webhooks_are_turned_away_until_there_is_room() {
    let host = Host::start(Setup::new(ECHO)).await;
    let head = format!("POST /webhooks/xobito/{SECRET} HTTP/1.1\r\nHost: {}\r\nContent-Length: 4000000\r\n\r\n{{", host.public);
    // 20 bodies of 4 MB are announced and never come: 16 of them fit into 64 MiB.
    let mut answers = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let mut stream = tokio::net::TcpStream::connect(host.public).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        answers.spawn(async move {
            let mut answer = vec![0; 1024];
            let length = stream.read(&mut answer).await.unwrap_or(0);
            String::from_utf8_lossy(&answer[..length]).to_ascii_lowercase()
        });
    }
    for _ in 0..4 {
        let answer = tokio::time::timeout(PATIENCE, answers.join_next()).await.expect("four are turned away").unwrap().unwrap();
        assert!(answer.starts_with("http/1.1 503") && answer.contains("retry-after: 1"), "{answer}");
    }
    assert_eq!(answers.len(), 16, "the others are waited for");
    assert_eq!(host.post(&text_from(1, 1, "small")).await, 200, "a small one still has room");
    answers.shutdown().await;
    let until = tokio::time::Instant::now() + PATIENCE;
    let whole = async || http().post(host.webhook()).body(vec![b' '; 4_000_000]).send().await.map(|answer| answer.status());
    // One that is turned away may find its connection closed before all of it is written.
    while !matches!(whole().await, Ok(StatusCode::BAD_REQUEST)) {
        assert!(tokio::time::Instant::now() < until, "it never recovered");
    }
    let mut probe = tokio::net::TcpStream::connect(host.public).await.unwrap();
    probe.write_all(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    probe.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
