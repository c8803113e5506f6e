//! The endpoints: every status with its wire literal, the 200 bodies, the pace, the window.

use super::kit::*;
use buttonhook::sandbox::{IdShape, WindowFailure};
use jiff::SignedDuration;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn every_refusal_has_its_literal() {
    let stage = Stage::new().await;
    let url = |workspace: &str| format!("{}/api/v1/{workspace}/messages/send", stage.base);
    let body = sample("xobito-send-text.request");

    // 400 comes before 401, 401 before 403, 403 before 429, 429 before 422.
    let foreign = answer(stage.http.post(url("elsewhere")).json(&body)).await;
    assert_eq!(foreign, (400, sample("xobito-error-400-subdomain")));
    stage.faults(|f| f.missing_abilities = vec!["messages.send".into()]);
    let missing = answer(stage.http.post(url("sandbox")).json(&body)).await;
    assert_eq!(missing, (401, sample("xobito-error-401-missing-token")));
    let wrong = answer(stage.http.post(url("sandbox")).bearer_auth("apitk_wrong").json(&body)).await;
    assert_eq!(wrong, (401, sample("xobito-error-401-invalid-token")));
    stage.faults(|f| (f.rate_429_after, f.retry_after) = (Some(0), 37));
    assert_eq!(stage.api_post("/messages/send", &body).await, (403, sample("xobito-error-403-ability")));
    stage.faults(|f| f.missing_abilities.clear());
    assert_eq!(stage.api_post("/messages/send", &json!({})).await, (429, sample("xobito-error-429")));
    stage.faults(|f| (f.rate_429_after, f.plan_limit) = (None, true));
    let long = json!({"phone_number": "+15550100777", "message_body": "x".repeat(4097)});
    assert_eq!(stage.api_post("/messages/send", &long).await, (422, sample("xobito-error-422-body-too-long")));
    stage.faults(|f| f.fail_500_next = 1);
    assert_eq!(stage.say("+15550100777", "Hi").await, (403, sample("xobito-error-403-plan-limit")));
    stage.faults(|f| f.plan_limit = false);
    assert_eq!(stage.say("+15550100777", "Hi").await, (500, sample("xobito-error-500-send")));
    assert_eq!(stage.sandbox.faults().fail_500_next, 0, "the plan limit came before the 500");
    assert_eq!(stage.api(Method::DELETE, "/contacts/1").send().await.unwrap().status(), 404);
    assert_eq!(answer(stage.api(Method::DELETE, "/contacts/1")).await, (404, sample("xobito-error-404-contact")));
    assert_eq!(stage.phone_get("/contacts").await["contacts"].as_array().unwrap().len(), 3, "a refused send changes nothing");
}

#[tokio::test]
async fn several_wrong_fields_are_told_at_once() {
    let stage = Stage::new().await;
    let body = json!({"message_type": "interactive", "message_body": "Hi", "buttons": []});
    assert_eq!(stage.api_post("/messages/send", &body).await, (422, sample("xobito-error-422-several-fields")));
}

#[tokio::test]
async fn a_body_that_is_no_json_object_lacks_every_field() {
    let stage = Stage::new().await;
    for body in ["", "{", "[1]", "null"] {
        let request = stage.api(Method::POST, "/messages/send").header("Content-Type", "application/json").body(body);
        let (status, answer) = answer(request).await;
        assert_eq!(status, 422, "{body}");
        assert_eq!(answer["errors"]["phone_number"], json!(["The phone number field is required."]));
        assert_eq!(answer["errors"]["message_body"], json!(["The message body field is required."]));
    }
    let request = stage.api(Method::POST, "/messages/send").body(vec![b' '; 1024 * 1024 + 1]);
    assert_eq!(answer(request).await.0, 413);
}

#[tokio::test]
async fn the_200_has_the_shape_that_is_switched_on() {
    let stage = Stage::new().await;
    stage.types(ROSA, "Hello").await;
    let (status, flat) = stage.say(ROSA, "Hi").await;
    assert_eq!((status, shape(&flat)), (200, shape(&sample("xobito-send-200.flat.inferred"))));
    assert_eq!(flat["data"]["sent_at"], "2026-06-15T10:00:00.000000Z");
    assert_eq!(flat["data"]["contact_id"], 3401);

    stage.faults(|f| f.message_id_shape = IdShape::WhatsappResponse);
    let (_, nested) = stage.say(ROSA, "Hi").await;
    assert_eq!(shape(&nested), shape(&sample("xobito-send-200.whatsapp-response.inferred")));

    stage.faults(|f| f.message_id_shape = IdShape::None);
    let (status, without) = stage.say(ROSA, "Hi").await;
    assert_eq!(status, 200);
    assert!(!without.to_string().contains("wamid."), "{without}");

    stage.faults(|f| f.message_id_shape = IdShape::Flat);
    let (_, media) = stage.api_post("/messages/media", &sample("xobito-send-media.request")).await;
    assert_eq!(shape(&media), shape(&sample("xobito-send-200.media-shape")));
    assert_eq!(media["message"], "Media message sent successfully");
}

#[tokio::test]
async fn the_window_opens_with_a_message_and_closes_after_a_day() {
    let stage = Stage::new().await;
    assert_eq!(stage.say(ROSA, "Hi").await, (500, sample("xobito-error-500-send")));
    stage.types(ROSA, "Hello").await;
    assert_eq!(stage.row(ROSA).await["window_open_until"], "2026-06-16T10:00:00Z");
    assert_eq!(stage.say(ROSA, "Hi").await.0, 200);
    stage.pass(SignedDuration::from_secs(24 * 3600 - 1));
    assert_eq!(stage.say(ROSA, "Hi").await.0, 200);
    stage.pass(SignedDuration::from_secs(1));
    assert_eq!(stage.say(ROSA, "Hi").await.0, 500);
    assert_eq!(stage.row(ROSA).await["window_open_until"], Value::Null);
    assert_eq!(stage.say(OMAR, "Hi").await.0, 500, "the window is a matter of each contact");
    assert_eq!(stage.sandbox.happened("window_closed"), 3);
    // A template goes out regardless, and a reply to it opens the window again.
    assert_eq!(stage.api_post("/messages/template", &sample("xobito-send-template.request")).await.0, 200);
    stage.types(ROSA, "Coming").await;
    assert_eq!(stage.say(ROSA, "Good").await.0, 200);
}

#[tokio::test]
async fn outside_the_window_the_failure_may_come_later() {
    let (stage, mut host) = stage_and_host(|s| s.faults.window_failure = WindowFailure::Later).await;
    let (status, sent) = stage.say(ROSA, "Hi").await;
    assert_eq!(status, 200);
    let hooks = host.all(&stage).await;
    assert_eq!(hooks.len(), 1);
    let mut ours = hooks[0].json();
    assert_eq!(shape(&ours), shape(&sample("meta-status-failed-131047-window-closed")));
    assert_eq!(ours["entry"][0]["changes"][0]["value"]["statuses"][0]["errors"][0].take(), {
        let sample = sample("meta-status-failed-131047-window-closed");
        sample["entry"][0]["changes"][0]["value"]["statuses"][0]["errors"][0].clone()
    });
    let id = sent["data"]["message_id"].as_str().unwrap();
    let (_, told) = stage.api_get(&format!("/messages/{}/status", id.replace('=', "%3D"))).await;
    assert_eq!(told["data"]["error_message"], "Message outside 24-hour window");
    assert_eq!(shape(&told), shape(&sample("xobito-message-status-200.failed")));
    assert_eq!(stage.chat(ROSA).await[0]["ticks"], "failed");
    assert_eq!(stage.row(ROSA).await["unread"], 1);
}

#[tokio::test]
async fn the_status_endpoint_follows_the_receipts() {
    let stage = Stage::with(|s| s.receipt_delay = std::time::Duration::from_secs(3600)).await;
    stage.types(ROSA, "Hello").await;
    let id = stage.menu(ROSA).await;
    let path = format!("/messages/{id}/status");
    assert_eq!(stage.api_get(&path).await.1["data"]["delivery_status"], "pending");
    stage.pass(SignedDuration::from_secs(3));
    stage.phone_post("/read", &json!({"phone": ROSA})).await;
    let (status, told) = stage.api_get(&path).await;
    let mut expected = sample("xobito-message-status-200.read");
    (expected["data"]["message_id"], expected["data"]["last_updated"]) = (json!(id), json!("2026-06-15T10:00:03.000000Z"));
    assert_eq!((status, told), (200, expected));
    let unknown = stage.api_get("/messages/wamid.nothing/status").await;
    assert_eq!(unknown, (404, json!({"status": "error", "message": "Message not found"})));
}

#[tokio::test]
async fn an_unknown_number_becomes_a_contact() {
    let stage = Stage::new().await;
    stage.faults(|f| f.window_failure = WindowFailure::Later);
    let body = json!({"phone_number": "+15550100150", "message_body": "Hi", "contact": {"firstname": "Mia", "groups": ["VIP"]}});
    assert_eq!(stage.api_post("/messages/send", &body).await.1["data"]["contact_created"], true);
    assert_eq!(stage.api_post("/messages/send", &body).await.1["data"]["contact_created"], false);
    assert_eq!(stage.row("+15550100150").await["name"], "Mia");
    stage.say("+15550100151", "Hi").await;
    let (_, contacts) = stage.api_get("/contacts").await;
    let names: Vec<_> = contacts["data"]["data"].as_array().unwrap().iter().map(|c| c["firstname"].as_str().unwrap()).collect();
    assert_eq!(names, ["Rosa", "Omar", "Lee", "Mia", "+15550100151"]);
}

#[tokio::test]
async fn the_pace_is_a_fixed_window_of_a_minute() {
    let stage = Stage::with(|s| s.rate_per_minute = 3).await;
    for _ in 0..3 {
        assert_eq!(stage.api_get("/templates").await.0, 200);
        stage.pass(SignedDuration::from_secs(10));
    }
    let refused = stage.api_get("/templates").await;
    assert_eq!(refused, (429, json!({"message": "Too many requests", "retry_after": 30})));
    stage.pass(SignedDuration::from_millis(29_500));
    assert_eq!(stage.api_get("/templates").await.1["retry_after"], 1);
    stage.pass(SignedDuration::from_millis(500));
    assert_eq!(stage.api_get("/templates").await.0, 200);
    assert_eq!(stage.sandbox.happened("rate_limit"), 2);
    // A wrong token does not use up the right one's pace.
    for _ in 0..5 {
        stage.http.get(format!("{}/api/v1/sandbox/templates", stage.base)).bearer_auth("x").send().await.unwrap();
    }
    assert_eq!(stage.api_get("/templates").await.0, 200);
}

#[tokio::test]
async fn templates_are_listed_rendered_and_refused() {
    let stage = Stage::new().await;
    let (_, listed) = stage.api_get("/templates").await;
    let expected = sample("xobito-templates-list-200");
    assert_eq!(listed["data"]["data"][0], expected["data"]["data"][0]);
    for member in expected["data"].as_object().unwrap().keys() {
        assert!(listed["data"].get(member).is_some(), "{member}");
    }
    assert_eq!(stage.api_post("/messages/template", &sample("xobito-send-template.request")).await.0, 200);
    let shown = &stage.chat(ROSA).await[0];
    assert_eq!(shown["body"], "Hi Rosa, order 4711 is ready to collect.");
    assert_eq!((&shown["header"], &shown["kind"]), (&json!("Order update"), &json!("template")));

    let catalogue = json!({"phone_number": ROSA, "template_name": "new_catalogue", "template_language": "en_US", "field_1": "Rosa",
        "header_image_url": "https://example.com/roses.jpg", "button_0": "show:roses"});
    assert_eq!(stage.api_post("/messages/template", &catalogue).await.0, 200);
    let shown = stage.chat(ROSA).await;
    let shown = shown.last().unwrap();
    assert_eq!((&shown["media"]["kind"], &shown["media"]["url"]), (&json!("image"), &json!("https://example.com/roses.jpg")));
    assert_eq!((&shown["buttons"][0]["id"], &shown["buttons"][1]["id"]), (&json!("show:roses"), &json!("Not now")));
    for (member, value, status) in [
        ("header_image_url", json!("roses"), 422),
        ("header_image_url", Value::Null, 500),
        ("header_video_url", json!("https://example.com/roses.mp4"), 500),
    ] {
        let mut wrong = catalogue.clone();
        wrong[member] = value;
        assert_eq!(stage.api_post("/messages/template", &wrong).await.0, status, "{member}");
    }

    let template = |name: &str, language: &str| json!({"phone_number": ROSA, "template_name": name, "template_language": language, "field_1": "a"});
    for (name, language, status) in
        [("spring_offer", "en_US", 422), ("order_ready", "de", 422), ("nothing", "en_US", 422), ("order_ready", "en_US", 500)]
    {
        assert_eq!(stage.api_post("/messages/template", &template(name, language)).await.0, status, "{name} {language}");
    }
    stage.faults(|f| f.fail_500_next = 2);
    let failed = stage.api_get("/templates").await;
    assert_eq!(failed, (500, json!({"status": "error", "message": "Failed to list templates"})));
    assert_eq!(stage.api_get("/sources").await.1["message"], "Failed to list sources");
}

#[tokio::test]
async fn contacts_can_be_made_changed_and_deleted() {
    let stage = Stage::new().await;
    let mut body = sample("xobito-contact-create.request");
    let (status, taken) = stage.api_post("/contacts", &body).await;
    assert_eq!((status, &taken["errors"]), (422, &json!({"phone": ["The phone has already been taken."]})));
    body["phone"] = json!("+15550100160");
    let (status, made) = stage.api_post("/contacts", &body).await;
    let expected = sample("xobito-contact-create-201");
    assert_eq!((status, &made["message"]), (201, &expected["message"]));
    for member in expected["data"].as_object().unwrap().keys() {
        assert!(made["data"].get(member).is_some(), "{member}");
    }
    let path = format!("/contacts/{}", made["data"]["id"]);
    body["type"] = json!("guest");
    assert_eq!(
        answer(stage.api(Method::PUT, &path).json(&body)).await.1["errors"]["type"],
        json!(["The selected type is invalid."])
    );
    body["type"] = json!("customer");
    assert_eq!(answer(stage.api(Method::PUT, &path).json(&body)).await.1["data"]["type"], "customer");
    let (_, page) = stage.api_get("/contacts?per_page=2&page=2").await;
    let members = |v: &Value| v["data"].as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(members(&page), members(&sample("xobito-contacts-list-200")));
    assert_eq!((&page["data"]["total"], &page["data"]["from"], &page["data"]["to"]), (&json!(4), &json!(3), &json!(4)));
    for member in sample("xobito-contacts-list-200")["data"]["data"][0].as_object().unwrap().keys() {
        assert!(page["data"]["data"][0].get(member).is_some(), "{member}");
    }
    assert_eq!(answer(stage.api(Method::DELETE, &path)).await.0, 200);
    assert_eq!(answer(stage.api(Method::DELETE, &path)).await.0, 404);
}

#[tokio::test]
async fn numbers_are_judged_by_their_form() {
    let stage = Stage::new().await;
    for (given, name) in [("+15550100123", "valid"), ("+155", "invalid")] {
        let told = stage.api_post("/phone/validate", &json!({"phone_number": given})).await;
        assert_eq!(told, (200, sample(&format!("xobito-phone-validate-200.{name}"))));
    }
}

#[tokio::test]
async fn requests_are_kept_without_the_token() {
    let stage = Stage::new().await;
    stage.types(ROSA, "Hello").await;
    let body = sample("xobito-send-text.request");
    answer(stage.api(Method::POST, "/messages/send").header("Idempotency-Key", "k1").json(&body)).await;
    stage.api_get("/templates").await;
    let kept = stage.phone_get("/requests").await;
    let first = &kept["requests"][0];
    assert_eq!((&first["method"], &first["path"]), (&json!("POST"), &json!("/api/v1/sandbox/messages/send")));
    assert_eq!((&first["status"], &first["body"], &first["fault"]), (&json!(200), &body, &Value::Null));
    assert_eq!(first["headers"]["idempotency-key"], "k1");
    assert_eq!(kept["requests"].as_array().unwrap().len(), 2);
    assert!(!kept.to_string().contains(TOKEN));
}
