//! The table of limits: what is let through at the edge, what is refused one beyond it, and what only Meta refuses.

use super::kit::*;
use serde_json::{Value, json};

/// What happens to a send.
#[derive(Debug, PartialEq)]
enum Fate {
    Taken,
    /// 422 with complaints about exactly this member.
    Invalid(&'static str),
    /// 500: Xobito accepts it, Meta does not.
    Upstream,
}
use Fate::{Invalid, Taken, Upstream};

async fn fate(stage: &Stage, path: &str, body: &Value) -> (u16, Vec<String>) {
    let (status, answer) = stage.api_post(path, body).await;
    let members = answer["errors"].as_object().map(|errors| errors.keys().cloned().collect()).unwrap_or_default();
    (status, members)
}

async fn check(path: &str, base: Value, cases: Vec<(Value, Fate)>) {
    let stage = Stage::new().await;
    stage.types(ROSA, "Hello").await;
    for (change, expected) in cases {
        let mut body = base.clone();
        for (member, value) in change.as_object().unwrap() {
            body[member] = value.clone();
        }
        let found = fate(&stage, path, &body).await;
        let expected = match expected {
            Taken => (200, vec![]),
            Invalid(member) => (422, vec![member.to_owned()]),
            Upstream => (500, vec![]),
        };
        let shown: String = change.to_string().chars().take(120).collect();
        assert_eq!(found, expected, "{path} {shown}");
    }
}

fn chars(n: usize) -> String {
    // Two bytes and one UTF-16 unit each, so that counting bytes would show.
    "ü".repeat(n)
}

fn buttons(n: usize) -> Value {
    (0..n).map(|n| json!({"id": format!("b{n}"), "title": format!("Title {n}")})).collect()
}

#[tokio::test]
async fn text() {
    let base = json!({"phone_number": ROSA, "message_body": "Hi"});
    let cases = vec![
        (json!({}), Taken),
        (json!({"message_body": chars(4096)}), Taken),
        (json!({"message_body": "🙂".repeat(4096)}), Taken),
        (json!({"message_body": chars(4097)}), Invalid("message_body")),
        (json!({"message_body": ""}), Invalid("message_body")),
        (json!({"message_body": "  \n"}), Invalid("message_body")),
        (json!({"message_body": null}), Invalid("message_body")),
        (json!({"message_body": 7}), Invalid("message_body")),
        (json!({"phone_number": "15550100123"}), Invalid("phone_number")),
        (json!({"phone_number": "+0555010012"}), Invalid("phone_number")),
        (json!({"phone_number": "+1555010012312345"}), Invalid("phone_number")),
        (json!({"phone_number": "+1 555 010"}), Invalid("phone_number")),
        (json!({"phone_number": 15550100123u64}), Invalid("phone_number")),
        (json!({"message_type": "text"}), Taken),
        (json!({"message_type": "list"}), Invalid("message_type")),
        (json!({"message_type": 3}), Invalid("message_type")),
        (json!({"contact": {"firstname": "Rosa", "groups": ["a"]}}), Taken),
        (json!({"contact": "Rosa"}), Invalid("contact")),
        (json!({"contact": {"lastname": chars(256)}}), Invalid("contact.lastname")),
        (json!({"contact": {"email": ["a"]}}), Invalid("contact.email")),
        (json!({"unknown": true}), Taken),
    ];
    check("/messages/send", base, cases).await;
}

#[tokio::test]
async fn reply_buttons() {
    let base = json!({"phone_number": ROSA, "message_body": "Hi", "message_type": "interactive", "buttons": buttons(3)});
    let one = |id: &str, title: &str| json!({"buttons": [{"id": id, "title": title}]});
    let two = |a: (&str, &str), b: (&str, &str)| json!({"buttons": [{"id": a.0, "title": a.1}, {"id": b.0, "title": b.1}]});
    let cases = vec![
        (json!({}), Taken),
        (json!({"message_body": chars(1024)}), Taken),
        // The trap: 4096 pass Xobito, 1024 pass Meta.
        (json!({"message_body": chars(1025)}), Upstream),
        (json!({"message_body": chars(4096)}), Upstream),
        (json!({"message_body": chars(4097)}), Invalid("message_body")),
        (json!({"header": chars(60), "footer": chars(60)}), Taken),
        (json!({"header": chars(61)}), Invalid("header")),
        (json!({"footer": chars(61)}), Invalid("footer")),
        (json!({"buttons": buttons(1)}), Taken),
        (json!({"buttons": buttons(0)}), Invalid("buttons")),
        (json!({"buttons": buttons(4)}), Invalid("buttons")),
        (json!({"buttons": null}), Invalid("buttons")),
        (json!({"buttons": {"id": "a", "title": "A"}}), Invalid("buttons")),
        (one(&chars(256), &chars(20)), Taken),
        (one(&chars(257), "A"), Invalid("buttons.0.id")),
        (one("a", &chars(21)), Invalid("buttons.0.title")),
        (one("", "A"), Invalid("buttons.0.id")),
        (one("a", " "), Invalid("buttons.0.title")),
        (json!({"buttons": [{"id": "a"}]}), Invalid("buttons.0.title")),
        (json!({"buttons": [{"id": 1, "title": "A"}]}), Invalid("buttons.0.id")),
        (two(("a", "A"), ("a", "B")), Upstream),
        (two(("a", "A"), ("b", "A")), Upstream),
        (one(" a", "A"), Upstream),
    ];
    check("/messages/send", base, cases).await;
}

#[tokio::test]
async fn url_button() {
    let base = sample("xobito-send-cta-url.request");
    let cases = vec![
        (json!({}), Taken),
        (json!({"message_body": chars(1025)}), Upstream),
        (json!({"button_text": chars(20)}), Taken),
        (json!({"button_text": chars(21)}), Invalid("button_text")),
        (json!({"button_text": null}), Invalid("button_text")),
        (json!({"button_url": null}), Invalid("button_url")),
        (json!({"button_url": "http://track.example.com"}), Taken),
        (json!({"button_url": "ftp://track.example.com"}), Invalid("button_url")),
        (json!({"button_url": "track.example.com/4711"}), Invalid("button_url")),
        (json!({"button_url": "javascript:alert(1)"}), Invalid("button_url")),
    ];
    check("/messages/send", base, cases).await;
}

#[tokio::test]
async fn templates() {
    let base = sample("xobito-send-template.request");
    let cases = vec![
        (json!({}), Taken),
        // This endpoint states 8 to 15 characters, so the plus is no matter and a number of 15 digits with it is too long.
        (json!({"phone_number": "15550100123"}), Taken),
        (json!({"phone_number": "+123456789012345"}), Invalid("phone_number")),
        (json!({"phone_number": "+123456"}), Invalid("phone_number")),
        (json!({"template_name": null}), Invalid("template_name")),
        (json!({"template_language": null}), Invalid("template_language")),
        (json!({"template_language": "en_US_and_so"}), Invalid("template_language")),
        (json!({"from_phone_number_id": "100200300400501"}), Taken),
        (json!({"from_phone_number_id": "1"}), Invalid("from_phone_number_id")),
        (json!({"field_2": null}), Upstream),
        (json!({"field_1": chars(1024)}), Upstream),
    ];
    check("/messages/template", base, cases).await;
}

#[tokio::test]
async fn media() {
    let base = sample("xobito-send-media.request");
    let cases = vec![
        (json!({}), Taken),
        (json!({"phone_number": "+12345678"}), Invalid("phone_number")),
        (json!({"phone_number": "+123456789012345"}), Invalid("phone_number")),
        (json!({"media_type": "sticker"}), Invalid("media_type")),
        (json!({"media_type": null}), Invalid("media_type")),
        (json!({"media_type": "audio"}), Taken),
        (json!({"media_url": null}), Invalid("media_url")),
        (json!({"media_url": "file.pdf"}), Invalid("media_url")),
        (json!({"caption": chars(1024)}), Taken),
        (json!({"caption": chars(1025)}), Invalid("caption")),
        (json!({"filename": chars(255)}), Taken),
        (json!({"filename": chars(256)}), Invalid("filename")),
    ];
    check("/messages/media", base, cases).await;
}
