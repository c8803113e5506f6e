//! Many things in one body.

use buttonhook::channel::xobito;
use buttonhook::model::{Delivery, limits};
use serde_json::{Value, json};

use super::{line, sample, sample_json, told};

#[test]
fn a_mixed_batch_is_told_in_its_own_order_doubles_included() {
    let deliveries = xobito::decode(&sample("meta-batch-mixed-with-duplicate-and-out-of-order.json")).unwrap();
    let rosa = r#"+15550100123 000000000123 "Rosa Sample""#;
    let expected = [
        format!(r#"tapped order:4711:confirm "Confirm" on QTFEMjUxNzkA | {rosa} | at 1781517610 | M0U1N0EyNwA="#),
        r#"typed "and a coffee" | +15550100124 000000000124 "Omar Sample" | at 1781517611 | NjZFQUFGNwA="#.to_owned(),
        "read QTFEMjUxNzkA | at 1781517630".to_owned(),
        "delivered QTFEMjUxNzkA | at 1781517603".to_owned(),
        "sent QTFEMjUxNzkA | at 1781517601".to_owned(),
        "ignored field message_template_status_update: only the field `messages` concerns conversations".to_owned(),
        "ignored reaction: a reaction is no answer".to_owned(),
        format!(r#"tapped order:4711:cancel "Cancel" on QTFEMjUxNzkA | {rosa} | at 1781517609 | NEEwNEY1QwA="#),
        format!(r#"tapped order:4711:confirm "Confirm" on QTFEMjUxNzkA | {rosa} | at 1781517610 | M0U1N0EyNwA="#),
        "ignored field field_from_the_future: only the field `messages` concerns conversations".to_owned(),
    ];
    assert_eq!(deliveries.iter().map(line).collect::<Vec<_>>(), expected);
    assert_eq!(deliveries[0], deliveries[8], "the store recognises the double by everything it has");
}

#[test]
fn one_odd_part_costs_nothing_but_itself() {
    let good = sample_json("meta-inbound-button-reply.json")["entry"][0]["changes"][0].clone();
    let expected = told(&sample_json("meta-inbound-button-reply.json"));
    let oddities = [
        json!(null),
        json!(7),
        json!("x"),
        json!([]),
        json!({}),
        json!({"id": {}}),
        json!({"type": [1], "value": 3, "changes": 0}),
    ];
    for odd in oddities {
        let mut message = good.clone();
        message["value"]["messages"].as_array_mut().unwrap().insert(0, odd.clone());
        for body in [
            json!({"object": "whatsapp_business_account", "entry": [odd, {"changes": [good]}]}),
            json!({"object": "whatsapp_business_account", "entry": [{"changes": [odd, good]}]}),
            json!({"object": "whatsapp_business_account", "entry": [{"changes": [message]}]}),
        ] {
            let lines = told(&body);
            assert_eq!(lines.len(), 2, "{odd} {lines:?}");
            assert!(lines[0].starts_with("ignored "), "{lines:?}");
            assert_eq!(lines[1..], expected[..], "{odd}");
        }
    }
}

#[test]
fn messages_and_statuses_of_one_value_are_both_read() {
    let mut body = sample_json("meta-inbound-text.json");
    let statuses = sample_json("meta-status-read.json")["entry"][0]["changes"][0]["value"]["statuses"].clone();
    let errors = sample_json("meta-errors-value-level.json")["entry"][0]["changes"][0]["value"]["errors"].clone();
    let value = &mut body["entry"][0]["changes"][0]["value"];
    (value["statuses"], value["errors"]) = (statuses, errors);
    let lines = told(&body);
    assert!(lines[0].starts_with("typed ") && lines[1].starts_with("read ") && lines[2].contains("130429"), "{lines:?}");
    assert_eq!(lines.len(), 3);
}

/// The listener takes no body whose messages could reach the bound, so none that came over HTTP is left out.
#[test]
fn no_body_that_is_taken_reaches_the_bound() {
    let ordinary = json!({"from": "15550100123", "id": "wamid.x", "timestamp": "1", "type": "text", "text": {"body": ""}});
    assert!(limits::WEBHOOK_BODY_BYTES_MAX / ordinary.to_string().len() < limits::WEBHOOK_DELIVERIES_MAX);
}

#[test]
fn a_body_beyond_the_bound_says_how_much_was_left_out() {
    let body = |count: usize| -> Vec<Delivery> {
        let message = json!({"from": "15550100123", "id": "wamid.x", "type": "text", "text": {"body": "hello"}});
        let changes: Vec<Value> = vec![json!({"field": "messages", "value": {"messages": vec![message; count]}})];
        let body = json!({"object": "whatsapp_business_account", "entry": [{"changes": changes}]}).to_string();
        xobito::decode(body.as_bytes()).unwrap()
    };
    let most = limits::WEBHOOK_DELIVERIES_MAX;
    let full = body(most);
    assert!(full.len() == most && full.iter().all(|delivery| matches!(delivery, Delivery::Message(_))));
    let beyond = body(most + 23);
    assert_eq!(beyond.len(), most + 1);
    let last = line(&beyond[most]);
    assert!(last.starts_with("ignored 23 further parts: "), "{last}");
}

#[test]
fn what_holds_nothing_is_no_mistake() {
    for body in [
        json!({"object": "whatsapp_business_account", "entry": []}),
        json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": []}]}),
        json!({"object": "whatsapp_business_account"}),
        json!({"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "messages", "value": {}}]}]}),
        json!({"object": "page", "entry": [{"messaging": []}]}),
        json!({"event": "message.received", "model": "WhatsAppMessage", "data": {}}),
        json!({"event": "message.paused", "model": "WhatsAppMessage", "data": {}}),
        json!({"event": "ticket.opened", "model": "Ticket", "data": null}),
    ] {
        let lines = told(&body);
        assert!(lines.len() == 1 && lines[0].starts_with("ignored "), "{lines:?}");
    }
}

#[test]
fn what_is_no_webhook_at_all_is_unreadable() {
    let deep = format!("{{\"entry\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    for body in [
        "",
        " ",
        "nope",
        "null",
        "[]",
        "[{}]",
        "7",
        "\"entry\"",
        "{}",
        r#"{"a":1}"#,
        r#"{"event":7,"data":{}}"#,
        "{\"entry\":",
        &deep,
    ] {
        let unreadable = xobito::decode(body.as_bytes()).unwrap_err();
        assert!(unreadable.to_string().starts_with("the body is "), "{unreadable}");
    }
    assert!(xobito::decode(&[0xff, 0xfe, 0x00]).is_err());
}

/// It took minutes when each message was looked up in the whole list of people; whoever brings that back will notice.
#[test]
fn many_messages_beside_many_people_are_all_read() {
    let message = json!({"from": "15550100123", "id": "wamid.x", "type": "text", "text": {"body": "hello"}});
    let stranger = json!({"wa_id": "15550100124", "user_id": "US.1"});
    let value = json!({"contacts": vec![stranger; 15_000], "messages": vec![message; 15_000]});
    let body = json!({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).to_string();
    assert_eq!(xobito::decode(body.as_bytes()).unwrap().len(), 15_000);
}
