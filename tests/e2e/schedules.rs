//! Schedules on the real binary: time is let pass on the phone, and a host that was dead makes up for what it missed, once.

use serde_json::{Value, json};

use super::*;

/// Comes round at every full hour, for whoever has said yes.
const HOURLY: &str = "buttonhook: 1
flow: hourly
start: {words: [yes], anything_else: true, schedule: {cron: \"0 * * * *\", when: wants == true}}
remember:
  wants: {kind: yes_no, keep: true}
steps:
  begin:
    choose:
      - {when: event.name == \"schedule\", go: strikes}
      - {when: text == \"yes\", go: noted}
      - otherwise: hello
  hello: {say: Hello., end: done}
  noted: {set: {wants: \"true\"}, say: Noted., end: done}
  strikes: {say: The clock strikes., end: done}
";

#[tokio::test(flavor = "multi_thread")]
async fn it_comes_when_its_time_has_come_for_those_who_want_it() {
    let host = Host::start(Setup::new(HOURLY)).await;
    let api = |path: &str| format!("http://{}/api/phone/{path}", host.admin);
    let post = async |path: &str, body: Value| {
        let answer = client::http().post(api(path)).header("x-buttonhook", "1").json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json::<Value>().await.unwrap()
    };
    let mut phones = Vec::new();
    for (name, text) in [("Ann Example", "yes"), ("Bob Example", "hi")] {
        let phone = post("contacts", json!({"name": name})).await["phone"].as_str().unwrap().to_owned();
        post("type", json!({"phone": phone, "text": text})).await;
        phones.push(phone);
    }
    host.status_when(|status| status["store"]["sent"] == 2).await;
    post("advance", json!({"seconds": 3_600})).await;
    host.status_when(|status| status["store"]["sent"] == 3).await;
    post("advance", json!({"seconds": 3_600})).await;
    host.status_when(|status| status["store"]["sent"] == 4 && status["store"]["inbox"] == 0).await;
    let last = async |phone: &str| {
        let path = format!("messages?phone={phone}");
        let messages: Value = client::http().get(api(&path)).send().await.unwrap().json().await.unwrap();
        messages["messages"].as_array().unwrap().last().unwrap()["body"].clone()
    };
    assert_eq!((last(&phones[0]).await, last(&phones[1]).await), (json!("The clock strikes."), json!("Hello.")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_is_made_up_for_once_and_nothing_is_kept_of_those_it_is_not_for() {
    let provider = Provider::start().await;
    // Once a year, so that no test ever meets it by accident.
    let yearly = HOURLY.replace("0 * * * *", "0 0 1 1 *");
    let host = Host::start(Setup::new(&yearly).provider(provider.address)).await;
    for who in 1..=40 {
        assert_eq!(host.post(&text_from(who, 1, if who % 2 == 0 { "yes" } else { "hi" })).await, 200);
    }
    host.status_when(|status| status["store"]["sent"] == 40).await;
    let setup = host.kill().await;
    let db = rusqlite::Connection::open(setup.store().join("buttonhook.db")).unwrap();
    // As if it had been down for ten years.
    let ten_years_ms: i64 = 10 * 366 * 86_400_000;
    assert_eq!(db.execute("UPDATE schedule SET done_until = done_until - ?1", (ten_years_ms,)).unwrap(), 1);
    drop(db);
    let host = Host::start(setup).await;
    host.status_when(|status| status["store"]["sent"] == 60 && status["store"]["inbox"] == 0).await;
    // And after the next start there is nothing left to do.
    let setup = host.kill().await;
    let host = Host::start(setup).await;
    assert_eq!(host.post(&text_from(99, 1, "hi")).await, 200);
    host.status_when(|status| status["store"]["sent"] == 61).await;
    let setup = host.kill().await;
    let db = rusqlite::Connection::open(setup.store().join("buttonhook.db")).unwrap();
    let count = |like: &str| -> i64 {
        db.query_row("SELECT count(*) FROM history WHERE record LIKE ?1", (like,), |row| row.get(0)).unwrap()
    };
    assert_eq!((count("%\"scheduled\"%"), count("%\"late_secs\"%")), (20, 20), "no history of those it is not for; late");
    let strikes = provider.sends().iter().filter(|send| send["message_body"] == "The clock strikes.").count();
    assert_eq!(strikes, 20);
}
