//! Time on the real binary: a real second, a kill in between, and "let time pass" on the phone.

use buttonhook::model::{Conversation, time};
use serde_json::{Value, json};

use super::*;

const SHOP: &str = "buttonhook: 1
flow: shop
start: {anything_else: true}
steps:
  menu:
    say: \"Menu.\"
    buttons:
      out: {title: Out, go: out}
    if_silent: {after: AFTER, say: \"Still there?\"}
  out:
    say: \"Out.\"
    end: out
";

fn shop(after: &str) -> Setup {
    Setup::new(&SHOP.replace("AFTER", after))
}

fn bodies(sends: &[Value]) -> Vec<&str> {
    sends.iter().map(|send| send["message_body"].as_str().unwrap_or_else(|| panic!("{send}"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_second_is_noticed_without_anyone_doing_anything() {
    let provider = Provider::start().await;
    let host = Host::start(shop("1 s").provider(provider.address)).await;
    let begun = std::time::Instant::now();
    host.post(&text_from(1, 1, "hi")).await;
    let sends = provider.wait_for(2).await;
    assert_eq!(bodies(&sends), ["Menu.", "Still there?"]);
    assert!(begun.elapsed() >= std::time::Duration::from_secs(1), "not before its time: {:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fell_due_while_the_host_was_dead_happens_once_at_the_next_start() {
    let provider = Provider::start().await;
    let host = Host::start(shop("1 h").provider(provider.address)).await;
    host.post(&text_from(1, 1, "hi")).await;
    host.post(&text_from(2, 1, "hi")).await;
    host.status_when(|status| status["store"]["sent"] == 2).await;
    let setup = host.kill().await;
    two_hours_pass(&setup);
    let host = Host::start(setup).await;
    let status = host.status_when(|status| status["store"]["sent"] == 4).await;
    assert_eq!((&status["store"]["outbox"], &status["store"]["inbox"]), (&json!(0), &json!(0)));
    assert_eq!(bodies(&provider.sends()[2..]), ["Still there?"; 2]);
    let setup = host.kill().await;
    let late: i64 = database(&setup)
        .query_row("SELECT count(*) FROM history WHERE record LIKE '%\"timer_fired\"%\"late_secs\":3%'", (), |row| row.get(0))
        .unwrap();
    assert_eq!(late, 2, "both say that they are an hour late");
}

fn database(setup: &Setup) -> rusqlite::Connection {
    rusqlite::Connection::open(setup.store().join("buttonhook.db")).unwrap()
}

/// Sets back every timer in the store, which is what two hours of being dead come to.
fn two_hours_pass(setup: &Setup) {
    const MS: i64 = 2 * 60 * 60 * 1000;
    let db = database(setup);
    let mut rows = db.prepare("SELECT contact, state FROM conversation").unwrap();
    let rows: Vec<(i64, String)> =
        rows.query_map((), |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap();
    for (contact, state) in rows {
        let mut conversation: Conversation = serde_json::from_str(&state).unwrap();
        for timer in &mut conversation.timers {
            timer.at = time::from_millis(time::millis(timer.at) - MS);
        }
        let state = serde_json::to_string(&conversation).unwrap();
        db.execute("UPDATE conversation SET state = ?2, sum = NULL WHERE contact = ?1", (contact, state)).unwrap();
    }
    assert_eq!(db.execute("UPDATE contact SET wakes_at = wakes_at - ?1", (MS,)).unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn letting_time_pass_on_the_phone_wakes_what_sleeps() {
    let host = Host::start(shop("20 min")).await;
    let api = |path: &str| format!("http://{}/api/phone/{path}", host.admin);
    let post = async |path: &str, body: Value| {
        let answer = client::http().post(api(path)).header("x-buttonhook", "1").json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json::<Value>().await.unwrap()
    };
    let phone = post("contacts", json!({"name": "Ann Example"})).await["phone"].as_str().unwrap().to_owned();
    post("type", json!({"phone": phone, "text": "hi"})).await;
    host.status_when(|status| status["store"]["sent"] == 1).await;
    post("advance", json!({"seconds": 1_201})).await;
    host.status_when(|status| status["store"]["sent"] == 2).await;
    let messages: Value = client::http().get(api(&format!("messages?phone={phone}"))).send().await.unwrap().json().await.unwrap();
    assert_eq!(messages["messages"].as_array().unwrap().last().unwrap()["body"], "Still there?");

    // A day later the menu still does what it says, although no timer could have said anything by then.
    post("advance", json!({"seconds": 90_000})).await;
    post("type", json!({"phone": phone, "text": "out"})).await;
    host.status_when(|status| status["store"]["sent"] == 3).await;
}
