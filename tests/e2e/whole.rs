//! A whole booking on the real binary and its built-in sandbox: menu, list, subflow, question, script, a call to another system, news, a reminder
//! by template, and a person. The same project's conversations are played by `buttonhook test`.

use std::path::Path;

use serde_json::{Value, json};

use super::*;
use crate::web::shop::{Act, Shop};

const PHONE: &str = "+15550100123";

/// The project, with the pretend system's address in it.
fn project(port: u16) -> Setup {
    let setup = Setup::new(ECHO);
    std::fs::remove_file(setup.project().join("flows/echo.yaml")).unwrap();
    for folder in ["flows", "scripts"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/whole").join(folder);
        for entry in std::fs::read_dir(from).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap().replace("127.0.0.1:4711", &format!("127.0.0.1:{port}"));
            std::fs::write(setup.project().join(folder).join(path.file_name().unwrap()), text).unwrap();
        }
    }
    setup
}

struct Phone<'h>(&'h Host);

impl Phone<'_> {
    async fn post(&self, path: &str, mut body: Value) {
        if path != "advance" {
            body["phone"] = json!(PHONE);
        }
        let request = client::http().post(format!("http://{}/api/phone/{path}", self.0.admin)).header("x-buttonhook", "1");
        let answer = request.json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path} {body}: {}", answer.text().await.unwrap());
    }

    async fn types(&self, text: &str) {
        self.post("type", json!({"text": text})).await;
    }

    async fn messages(&self) -> Vec<Value> {
        let request = client::http().get(format!("http://{}/api/phone/messages?phone=%2B15550100123", self.0.admin));
        let all: Value = request.send().await.unwrap().json().await.unwrap();
        all["messages"].as_array().unwrap().iter().filter(|message| message["from"] == "bot").cloned().collect()
    }

    /// The bot's message number `nth`, once it is there; it must hold `words`.
    async fn hears(&self, nth: usize, words: &str) -> Value {
        let until = tokio::time::Instant::now() + std::time::Duration::from_secs(20);
        loop {
            let messages = self.messages().await;
            if let Some(message) = messages.get(nth) {
                assert!(message.to_string().contains(words), "{words} is not in {message}");
                return message.clone();
            }
            assert!(tokio::time::Instant::now() < until, "{words} never came; what came is {messages:#?}");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// Taps the button called `title` of a message.
    async fn taps(&self, message: &Value, title: &str) {
        let buttons = message["buttons"].as_array().unwrap();
        let button = buttons.iter().find(|button| button["title"] == title).unwrap_or_else(|| panic!("no {title} in {message}"));
        self.post("tap", json!({"message": message["id"], "button": button["id"]})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_booking_from_the_menu_to_the_reminder_and_to_a_person() {
    let shop = Shop::start().await;
    shop.will([Act::Says(500, ""), Act::Says(200, r#"{"slot": "10:30"}"#), Act::Says(200, "")]);
    let setup = project(shop.address.port())
        .env("BUTTONHOOK_CALLS_PRIVATE", "on")
        .env("BUTTONHOOK_EMIT_URL", shop.url("/news"))
        .env("BUTTONHOOK_EMIT_SECRET", "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
        .env("XOBITO_PAIR_PACE", "off");
    let host = Host::start(setup).await;
    let phone = Phone(&host);
    phone.types("hi").await;
    let menu = phone.hears(0, "What can we do for you?").await;
    phone.taps(&menu, "Book a visit").await;
    let list = phone.hears(1, "Dr Asha").await;
    phone.taps(&list, "More").await;
    let rest = phone.hears(2, "Dr Lena").await;
    phone.taps(&rest, "Dr Lena").await;
    phone.hears(3, "For whom?").await;
    phone.types("Rosa").await;
    let confirm = phone.hears(4, "Rosa: is that right?").await;
    phone.taps(&confirm, "That is right").await;
    phone.hears(5, "On which day?").await;
    phone.types("in 5 days").await;
    phone.hears(6, "That is INR 700").await;
    // The first attempt was answered 500: the same wish comes again, under the same key.
    phone.hears(7, "Booked for Rosa").await;
    let seen = shop.seen();
    let wishes: Vec<_> = seen.iter().filter(|seen| seen.path == "/slots").collect();
    assert_eq!(wishes.len(), 2);
    assert_eq!(wishes[0].headers["idempotency-key"], wishes[1].headers["idempotency-key"]);
    assert_eq!(wishes[1].json()["doctor"], "lena");
    shop.has_seen(3).await;
    assert!(shop.seen().iter().any(|seen| seen.path == "/news" && seen.json()["data"]["slot"] == "10:30"));

    // The evening before the day comes, also after a restart, and outside of the 24 hours.
    phone.post("advance", json!({"hours": 120})).await;
    phone.hears(8, "Rosa").await;
    phone.taps(&menu, "A person").await;
    phone.hears(9, "A colleague will write").await;
    phone.types("hello?").await;
    phone.types("robot").await;
    phone.hears(10, "Hello Rosa!").await;
}

#[test]
fn the_same_project_is_right_and_its_conversations_go_as_written() {
    let setup = project(4711);
    for command in ["check", "test"] {
        let done = host::binary().arg(command).arg(setup.project()).output().unwrap();
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success(), "{command}: {said}{}", String::from_utf8_lossy(&done.stderr));
    }
}
