//! Members that are missing, odd, or spelled in another of the documented ways.

use serde_json::{Value, json};

use super::{only, sample_json, told};

/// A sample with its first message changed.
fn with(name: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut body = sample_json(name);
    change(&mut body["entry"][0]["changes"][0]["value"]["messages"][0]);
    only(&body)
}

/// A sample with its first value changed.
fn with_value(name: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut body = sample_json(name);
    change(&mut body["entry"][0]["changes"][0]["value"]);
    only(&body)
}

fn remove(value: &mut Value, member: &str) {
    value.as_object_mut().unwrap().remove(member);
}

const TEXT: &str = "meta-inbound-text.json";
const TAP: &str = "meta-inbound-button-reply.json";
const TEMPLATE_TAP: &str = "meta-inbound-template-quick-reply.json";

#[test]
fn times_and_ids_may_be_numbers_and_absurd_times_are_left_out() {
    assert!(with(TEXT, |message| message["timestamp"] = json!(1_781_517_600)).contains("| at 1781517600 |"));
    for absurd in
        [json!("0"), json!("1781517600000"), json!("1230767999"), json!("4102444800"), json!(null), json!({}), json!("noon")]
    {
        assert!(with(TEXT, |message| message["timestamp"] = absurd).contains("| at - |"));
    }
    assert!(with(TEXT, |message| message["timestamp"] = json!("4102444799")).contains("| at 4102444799 |"));
    assert!(with(TEXT, |message| message["id"] = json!(42)).ends_with("| 42"));
    assert!(with(TEXT, |message| message["from"] = json!(15_550_100_123_u64)).contains("+15550100123 "));
    for no_id in [json!(null), json!(""), json!("a\u{0}b"), json!("x".repeat(513)), json!(1.5), json!(["wamid"])] {
        assert!(with(TEXT, |message| message["id"] = no_id).starts_with("ignored text: it has no id"));
    }
}

#[test]
fn a_tap_without_an_id_keeps_its_title_and_one_without_both_is_no_tap() {
    let no_id = with(TAP, |message| remove(&mut message["interactive"]["button_reply"], "id"));
    assert!(no_id.starts_with("tapped (no id) \"Confirm\""), "{no_id}");
    let no_title = with(TAP, |message| remove(&mut message["interactive"]["button_reply"], "title"));
    assert!(no_title.starts_with("tapped order:4711:confirm \"\""), "{no_title}");
    let no_type = with(TAP, |message| remove(&mut message["interactive"], "type"));
    assert!(no_type.starts_with("tapped order:4711:confirm \"Confirm\""), "{no_type}");
    let neither = with(TAP, |message| message["interactive"]["button_reply"] = json!({}));
    assert_eq!(neither, "ignored interactive button_reply: it says neither id nor title");
    let call =
        with(TAP, |message| message["interactive"] = json!({"type": "call_permission_reply", "call_permission_reply": {}}));
    assert_eq!(call, "ignored interactive call_permission_reply: calls are of no concern to flows");

    let label = with(TEMPLATE_TAP, |message| remove(&mut message["button"], "payload"));
    assert!(label.starts_with("tapped Yes, happy \"Yes, happy\""), "{label}");
    let nothing = with(TEMPLATE_TAP, |message| remove(message, "button"));
    assert_eq!(nothing, "ignored button: it says neither payload nor label");
}

#[test]
fn a_person_is_found_by_number_or_user_id_and_not_by_position() {
    let other = json!({"profile": {"name": "Omar Sample"}, "wa_id": "15550100124", "user_id": "US.70000000000000000124"});
    let rosa = r#"| +15550100123 000000000123 "Rosa Sample" |"#;
    for change in [
        (|_: &mut Value| {}) as fn(&mut Value),
        |message| {
            remove(message, "from");
            message["from_user_id"] = json!("US.70000000000000000123");
        },
        |message| message["from"] = json!("+1 555-010-0123"),
    ] {
        let line = with_value(TEXT, |value| {
            value["contacts"].as_array_mut().unwrap().insert(0, other.clone());
            change(&mut value["messages"][0]);
        });
        assert!(line.contains(rosa), "{line}");
    }
    // A stranger's entry lends neither name nor id.
    let stranger = with_value(TEXT, |value| value["contacts"] = json!([other, other]));
    assert!(stranger.contains(r#"| +15550100123 - "" |"#), "{stranger}");
    // `from` and `wa_id` may differ for one person: the only entry is theirs all the same,
    let spelled = with_value(TEXT, |value| value["contacts"][0]["wa_id"] = json!("155501000123"));
    assert!(spelled.contains(rosa), "{spelled}");
    // unless its user id is another one's,
    let denied = with_value(TEXT, |value| value["messages"][0]["from_user_id"] = json!("US.9"));
    assert!(denied.contains(r#"| +15550100123 US.9 "" |"#), "{denied}");
    // or the messages are from several people.
    let mut body = sample_json(TEXT);
    let value = &mut body["entry"][0]["changes"][0]["value"];
    value["contacts"][0]["wa_id"] = json!("15550100199");
    let mut second = value["messages"][0].clone();
    second["from"] = json!("15550100124");
    value["messages"].as_array_mut().unwrap().push(second);
    assert!(told(&body).iter().all(|line| line.contains(r#" - "" |"#)), "{:?}", told(&body));
}

#[test]
fn without_number_and_user_id_nobody_can_be_answered() {
    let from_contacts = with_value(TEXT, |value| remove(&mut value["messages"][0], "from"));
    assert!(from_contacts.contains(r#"| +15550100123 000000000123 "Rosa Sample" |"#), "{from_contacts}");
    let nobody = with_value(TEXT, |value| {
        remove(value, "contacts");
        remove(&mut value["messages"][0], "from");
    });
    assert_eq!(nobody, "ignored text: it says neither the sender's number nor their user id");
    let instead = with_value(TEXT, |value| {
        remove(value, "contacts");
        value["messages"][0]["from"] = json!("US.70000000000000000555");
    });
    assert!(instead.contains("| - 000000000555 \"\" |"), "{instead}");
    let garbage = with_value(TEXT, |value| {
        remove(value, "contacts");
        value["messages"][0]["from"] = json!("<script>");
    });
    assert!(garbage.starts_with("ignored text: it says neither"), "{garbage}");
}

#[test]
fn words_are_bounded_and_never_cut() {
    let fits = "é".repeat(8 * 1024);
    assert!(with(TEXT, |message| message["text"]["body"] = json!(fits)).starts_with("typed "));
    let long = json!(format!("{fits}x"));
    let too_long = "a text, caption, title or id in it is longer than any that WhatsApp passes on";
    assert_eq!(with(TEXT, |message| message["text"]["body"] = long.clone()), format!("ignored text: {too_long}"));
    for member in ["id", "title"] {
        let line = with(TAP, |message| message["interactive"]["button_reply"][member] = long.clone());
        assert_eq!(line, format!("ignored interactive button_reply: {too_long}"));
    }
    let caption = with("meta-inbound-image.json", |message| message["image"]["caption"] = long.clone());
    assert_eq!(caption, format!("ignored image: {too_long}"));
    assert!(with(TEXT, |message| message["text"]["body"] = json!("a\u{0}b")).starts_with("typed \"ab\""));
    let name = with_value(TEXT, |value| value["contacts"][0]["profile"]["name"] = json!("Ro\r\nsa".repeat(100)));
    assert!(name.contains(&format!("\"{}\"", "Rosa".repeat(25))), "{name}");
}

#[test]
fn what_people_did_to_old_messages_and_notices_make_no_turn() {
    for (kind, why) in [
        ("request_welcome", "the chat was opened"),
        ("edit", "has already been answered"),
        ("revoke", "has already been answered"),
        ("reaction", "no answer"),
        ("poll\u{1b}[31m", "a kind that this version does not know"),
    ] {
        let line = with(TEXT, |message| message["type"] = json!(kind));
        assert!(line.starts_with("ignored ") && line.contains(why) && !line.contains('\u{1b}'), "{line}");
    }
    assert!(with(TEXT, |message| message["type"] = json!("unknown")).starts_with("attached Unsupported"));
    assert!(with(TEXT, |message| message["type"] = json!("video")).starts_with("attached Video \"\""));
    assert!(with(TEXT, |message| remove(message, "type")).starts_with("ignored message: it has no type"));
    assert!(with(TEXT, |message| remove(message, "text")).starts_with("ignored text: it holds no text"));
    assert!(with("meta-inbound-voice.json", |message| message["audio"]["voice"] = json!(false)).starts_with("attached Audio"));
    // What is told of a place is told as far as it can be one.
    for (member, value, left) in [
        ("latitude", json!("12.5"), "{\"latitude\":12.5,\"longitude\":-65.432109}"),
        ("latitude", json!(90.5), "{\"longitude\":-65.432109}"),
        ("longitude", json!("NaN"), "{\"latitude\":12.345678}"),
        ("longitude", json!([1]), "{\"latitude\":12.345678}"),
        ("name", json!("A\u{202e}\nB"), "\"name\":\"A\u{202e}B\""),
        ("address", json!("x".repeat(10_000)), &format!("\"address\":\"{}\"", "x".repeat(200))),
    ] {
        let line = with("meta-inbound-location-pin.json", |message| message["location"][member] = value);
        assert!(line.contains(left), "{line}");
    }

    const CHANGE: &str = "meta-inbound-system-number-change.json";
    let other = with(CHANGE, |message| message["system"]["type"] = json!("customer_identity_changed"));
    assert!(other.starts_with("ignored system customer_identity_changed: a notice"), "{other}");
    let same = with(CHANGE, |message| message["system"]["wa_id"] = json!("15550100123"));
    assert!(same.starts_with("ignored system user_changed_number: the old and the new"), "{same}");
    let half = with(CHANGE, |message| remove(&mut message["system"], "wa_id"));
    assert!(half.starts_with("ignored system user_changed_number: it does not say both"), "{half}");
}

#[test]
fn a_forwarder_may_take_the_envelope_apart() {
    let body = sample_json(TAP);
    let whole = told(&body);
    let change = &body["entry"][0]["changes"][0];
    assert_eq!(told(change), whole);
    assert_eq!(told(&change["value"]), whole);
    assert_eq!(told(&json!({"entry": body["entry"][0]})), whole, "one entry that is no list");
}

#[test]
fn an_unknown_status_is_ignored_and_a_status_without_id_too() {
    let mut body = sample_json("meta-status-sent.json");
    body["entry"][0]["changes"][0]["value"]["statuses"][0]["status"] = json!("warped");
    assert_eq!(only(&body), "ignored status warped: a status that this version does not know");
    remove(&mut body["entry"][0]["changes"][0]["value"]["statuses"][0], "id");
    assert_eq!(only(&body), "ignored status: it names no message");
}
