//! `message.received`, whose members nobody documents: every spelling that may come must lead to the same inbound, with the
//! id under which the forwarder brings the same message.

use buttonhook::channel::xobito;
use buttonhook::model::Delivery;
use serde_json::{Value, json};

use super::{only, sample_json, told};

const ID: &str = "wamid.HBgLMTU1NTAxMDAxMjMVAgASGBQ3REM5NkY3NzZDODQyM0U1N0EyNwA=";

fn event(data: Value) -> Value {
    json!({"event": "message.received", "model": "App\\Models\\Tenant\\WhatsAppMessage", "data": data, "timestamp": "2026-06-15T10:00:10+00:00"})
}

#[test]
fn a_tap_is_found_wherever_its_id_stands() {
    for body in [
        json!({"button_id": "order:4711:confirm", "text": "Confirm"}),
        json!({"button": {"id": "order:4711:confirm", "text": "Confirm"}}),
        json!({"type": "button", "button": {"payload": "order:4711:confirm", "text": "Confirm"}}),
        json!({"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "order:4711:confirm", "title": "Confirm"}}}),
        json!({"type": "button_reply", "button_reply": {"id": "order:4711:confirm", "title": "Confirm"}}),
        json!({"message": {"type": "interactive", "interactive": {"button_reply": {"id": "order:4711:confirm", "title": "Confirm"}}}}),
        json!({"type": "text", "text": "Confirm", "button_payload": "order:4711:confirm"}),
    ] {
        let mut data = body;
        (data["message_id"], data["from"]) = (json!(ID), json!("15550100123"));
        let expected = "tapped order:4711:confirm \"Confirm\" on - | +15550100123 - \"\" | at 1781517610 | M0U1N0EyNwA=";
        assert_eq!(only(&event(data.clone())), expected, "{data}");
    }
}

#[test]
fn a_tap_that_tells_only_its_title_is_still_a_tap() {
    for kind in ["interactive", "button", "button_reply", "list_reply"] {
        let line = only(&event(json!({"message_id": ID, "from": "15550100123", "type": kind, "text": "Confirm"})));
        assert!(line.starts_with("tapped (no id) \"Confirm\" on - |"), "{line}");
    }
    let bare = only(&event(json!({"message_id": ID, "from": "15550100123", "type": "interactive"})));
    assert!(bare.starts_with("ignored interactive: it came without its body"), "{bare}");
}

#[test]
fn words_and_sender_are_found_wherever_they_stand() {
    let words = [
        json!({"text": "hello"}),
        json!({"type": "text", "text": {"body": "hello"}}),
        json!({"body": "hello"}),
        json!({"message": "hello"}),
        json!({"message": {"text": "hello"}}),
        json!({"message_type": "text", "message_body": "hello"}),
    ];
    let senders = [
        json!({"from": "15550100123"}),
        json!({"phone": "+15550100123"}),
        json!({"phone_number": "+1 555 010 0123"}),
        json!({"wa_id": 15_550_100_123_u64}),
        json!({"contact": {"phone": "+15550100123"}}),
        json!({"contact": {"wa_id": "15550100123"}}),
    ];
    for words in &words {
        for sender in &senders {
            let mut data = words.clone();
            data.as_object_mut().unwrap().extend(sender.as_object().unwrap().clone());
            data["message_id"] = json!(ID);
            let expected = "typed \"hello\" | +15550100123 - \"\" | at 1781517610 | M0U1N0EyNwA=";
            assert_eq!(only(&event(data.clone())), expected, "{data}");
        }
    }
    let named = json!({"message_id": ID, "text": "hello", "contact": {"id": 3401, "user_id": 12, "firstname": "Rosa", "lastname": "Sample", "phone": "+15550100123"}});
    assert!(only(&event(named)).contains("| +15550100123 - \"Rosa Sample\" |"));
    let hidden = json!({"message_id": ID, "text": "hello", "from_user_id": "US.70000000000000000555"});
    assert!(only(&event(hidden)).contains("| - 000000000555 \"\" |"));
}

#[test]
fn a_raw_meta_body_inside_reads_as_if_it_were_forwarded() {
    for name in ["meta-inbound-button-reply.json", "meta-inbound-image.json", "meta-inbound-reaction.json"] {
        let whole = sample_json(name);
        let value = whole["entry"][0]["changes"][0]["value"].clone();
        for data in [whole.clone(), value.clone(), json!({"payload": whole}), json!({"tenant_id": 41, "raw": value})] {
            assert_eq!(told(&event(data)), told(&whole), "{name}");
        }
    }
    let message = sample_json("meta-inbound-image.json")["entry"][0]["changes"][0]["value"]["messages"][0].clone();
    let line = only(&event(message));
    assert!(
        line.starts_with("attached Image \"Broken hinge\" {\"id\":\"700000000000001\",\"mime\":\"image/jpeg\"} | +15550100123"),
        "{line}"
    );
}

#[test]
fn other_kinds_keep_their_words_and_nothing_is_lost_without_a_reason() {
    let image = json!({"message_id": ID, "from": "15550100123", "type": "image", "caption": "Broken hinge"});
    assert!(only(&event(image)).starts_with("attached Image \"Broken hinge\""));
    let long = json!({"message_id": ID, "from": "15550100123", "text": "x".repeat(20_000)});
    assert!(only(&event(long)).starts_with("ignored message.received: a text, caption, title or id"));
    for (data, why) in [
        (json!({"from": "15550100123", "text": "hello"}), "it has no id"),
        (json!({"message_id": ID, "text": "hello"}), "it says neither the sender's number"),
        (json!({"message_id": ID, "from": "15550100123"}), "it holds no text"),
        (json!({"message_id": ID, "from": "15550100123", "type": "hologram"}), "a kind that this version"),
    ] {
        let line = only(&event(data));
        assert!(line.starts_with("ignored ") && line.contains(why), "{line}");
    }
}

#[test]
fn xobitos_own_key_is_a_last_resort_and_told_apart_from_message_ids() {
    for (key, id) in [(json!(77), "xobito-message:77"), (json!("abc"), "xobito-message:abc"), (json!(ID), ID)] {
        let body = event(json!({"id": key, "from": "15550100123", "text": "hello"})).to_string();
        let deliveries = xobito::decode(body.as_bytes()).unwrap();
        assert!(matches!(&deliveries[..], [Delivery::Message(inbound)] if inbound.id.0 == id), "{deliveries:?}");
    }
}
