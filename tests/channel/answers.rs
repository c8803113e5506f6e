//! Every documented answer, every undocumented one we could think of, and what each means.

use buttonhook::channel::xobito::answer::{Attempt, classify};
use buttonhook::model::Outcome;

use super::{folder, sample};

fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Sent { message: Some(id) } => format!("sent {}", &id.0[id.0.len().saturating_sub(4)..]),
        Outcome::Sent { message: None } => "sent".to_owned(),
        Outcome::Throttled { retry_after_secs } => format!("throttled {retry_after_secs:?}"),
        Outcome::Unreached { .. } => "unreached".to_owned(),
        Outcome::Failed { .. } => "failed".to_owned(),
        Outcome::Refused { refusal, .. } => format!("refused {refusal:?}"),
        Outcome::Unknown { .. } => "unknown".to_owned(),
    }
}

fn answered(status: u16, body: &[u8]) -> Outcome {
    classify(Attempt::Answered { status, retry_after: None, body, whole: true })
}

fn detail(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Unreached { detail }
        | Outcome::Failed { detail }
        | Outcome::Refused { detail, .. }
        | Outcome::Unknown { detail } => detail,
        Outcome::Sent { .. } | Outcome::Throttled { .. } => "",
    }
}

#[test]
fn every_sample_answer_has_its_outcome() {
    let table = [
        ("xobito-error-400-subdomain.json", "refused NotFound", "HTTP 400: Validation failed: Invalid tenant subdomain"),
        ("xobito-error-401-invalid-token.json", "refused Unauthorized", "HTTP 401: Invalid API token"),
        ("xobito-error-401-missing-token.json", "refused Unauthorized", "HTTP 401: API token is required"),
        (
            "xobito-error-403-ability.json",
            "refused Forbidden",
            "HTTP 403: Token does not have the required ability: messages.send",
        ),
        ("xobito-error-403-plan-limit.json", "refused Forbidden", "Upgrade to add more contacts."),
        ("xobito-error-404-contact.json", "refused NotFound", "HTTP 404: Contact not found"),
        (
            "xobito-error-422-body-too-long.json",
            "refused Invalid",
            "message_body: The message body may not be greater than 4096 characters.",
        ),
        (
            "xobito-error-422-several-fields.json",
            "refused Invalid",
            "buttons: Send between one and three buttons.: phone_number: The phone number",
        ),
        ("xobito-error-429.json", "throttled Some(37)", ""),
        ("xobito-error-500-send.json", "failed", "HTTP 500: Failed to send message"),
        ("xobito-send-200.flat.inferred.json", "sent NzkA", ""),
        ("xobito-send-200.media-shape.json", "sent RUEA", ""),
        ("xobito-send-200.whatsapp-response.inferred.json", "sent NzkA", ""),
    ];
    for (name, outcome, says) in table {
        let status = name.split(['-', '.']).find_map(|part| part.parse().ok()).unwrap();
        let came = answered(status, &sample(name));
        assert_eq!(told(&came), outcome, "{name} {came:?}");
        assert!(detail(&came).contains(says), "{name} {came:?}");
    }
    let answers = |name: &str| name.starts_with("xobito-error-") || name.starts_with("xobito-send-200.");
    let names = std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    for name in names.filter(|name| answers(name)) {
        assert!(table.iter().any(|row| row.0 == name), "{name} is not in the table");
    }
}

#[test]
fn success_is_read_in_every_shape_and_never_guessed() {
    for (body, outcome) in [
        (r#"{"status":"success","data":{"message_id":"wamid.abcd"}}"#, "sent abcd"),
        (r#"{"message_id":"wamid.abcd"}"#, "sent abcd"),
        (r#"{"status":"success","message_id":"wamid.abcd"}"#, "sent abcd"),
        (r#"{"data":{"whatsapp_response":{"messages":[{"id":"wamid.abcd"}]}}}"#, "sent abcd"),
        (r#"{"whatsapp_response":{"messages":[{"id":"wamid.abcd"}]}}"#, "sent abcd"),
        (r#"{"messages":[{"id":"wamid.abcd"}]}"#, "sent abcd"),
        (r#"{"status":"success","data":{"message_id":91}}"#, "sent 91"),
        (r#"{"status":"success","data":{"message_id":null,"status":"sent"}}"#, "sent"),
        (r#"{"status":"success","data":[]}"#, "sent"),
        (r#"{"status":"Success","message":"Message sent"}"#, "sent"),
        (r#"{"success":true}"#, "sent"),
        (r#"{"status":"error","message":"Failed to send message"}"#, "failed"),
        (r#"{"status":"error","message":"Something else"}"#, "failed"),
        (r#"{"status":"success","data":{"status":"failed","error_message":"Invalid WhatsApp user"}}"#, "failed"),
        (r#"{"status":"error","message":"Message outside 24-hour window"}"#, "refused WindowClosed"),
        (
            r#"{"status":"success","data":{"message_id":"wamid.abcd","status":"failed","error_message":"131047"}}"#,
            "refused WindowClosed",
        ),
        (r#"{"status":"error","data":{"message_id":"wamid.abcd"}}"#, "unknown"),
        (r#"{"status":"success","data":{"message_id":"wamid.ab"#, "unknown"),
        (r#"{}"#, "unknown"),
        (r#"{"success":false}"#, "unknown"),
        (r#"{"status":"queued"}"#, "unknown"),
        (r#"["success"]"#, "unknown"),
        (r#""success""#, "unknown"),
        ("", "unknown"),
        ("OK", "unknown"),
        ("<!doctype html><title>success</title>", "unknown"),
        ("\u{0}\u{1}", "unknown"),
    ] {
        for status in [200, 201, 202] {
            assert_eq!(told(&answered(status, body.as_bytes())), outcome, "{status} {body}");
        }
    }
    assert_eq!(told(&answered(204, b"")), "unknown");
    let whole = br#"{"status":"success","data":{"message_id":"wamid.abcd"}}"#;
    let cut = classify(Attempt::Answered { status: 200, retry_after: None, body: whole, whole: false });
    assert_eq!(told(&cut), "unknown", "a body that is known to be cut proves nothing, even if it reads well");
}

#[test]
fn every_status_has_a_class() {
    let html = b"<html><h1>Server Error</h1></html>".as_slice();
    let json = br#"{"status":"error","message":"Something else"}"#.as_slice();
    for (status, outcome) in [
        (301, "refused Other"),
        (302, "refused Other"),
        (307, "refused Other"),
        (400, "refused Invalid"),
        (401, "refused Unauthorized"),
        (402, "refused Forbidden"),
        (403, "refused Forbidden"),
        (404, "refused NotFound"),
        (405, "refused Other"),
        (408, "unreached"),
        (410, "refused Other"),
        (413, "refused Invalid"),
        (418, "refused Other"),
        (419, "refused Other"),
        (422, "refused Invalid"),
        (425, "unreached"),
        (429, "throttled None"),
        (500, "unknown"),
        (501, "unknown"),
        (502, "unknown"),
        (503, "unknown"),
        (504, "unknown"),
        (520, "unknown"),
        (599, "unknown"),
    ] {
        for body in [html, json, b"", b"{", b"null"] {
            let came = answered(status, body);
            assert_eq!(told(&came), outcome, "{status}");
            assert!(!detail(&came).contains('<'), "no page in a log: {came:?}");
            let cut = classify(Attempt::Answered { status, retry_after: None, body, whole: false });
            assert_eq!(told(&cut), outcome, "the status of a cut answer still counts: {status}");
        }
    }
    // The words of a failed send count from the application only, not from a gateway before it.
    let failed = br#"{"status":"error","message":"Failed to send message: gateway"}"#;
    for (status, outcome) in [(500, "failed"), (502, "unknown"), (503, "unknown"), (504, "unknown")] {
        assert_eq!(told(&answered(status, failed)), outcome);
    }
}

#[test]
fn a_closed_window_is_recognised_by_code_and_by_words() {
    for words in [
        "(#131047) Re-engagement message",
        "Error 131047",
        "Re-Engagement Message",
        "Message outside 24-hour window",
        "The customer care window has expired",
        "More than 24 hours have passed, outside of the allowed window",
        "Session window closed",
        "24h window is not open",
    ] {
        for (status, body) in [
            (500, format!(r#"{{"status":"error","message":"Failed to send message","errors":"{words}"}}"#)),
            (500, format!(r#"{{"status":"error","message":"{words}"}}"#)),
            (422, format!(r#"{{"status":"error","message":"Validation failed","errors":{{"phone_number":["{words}"]}}}}"#)),
            (400, format!(r#"{{"error":{{"message":"{words}","code":100}}}}"#)),
            (403, format!(r#"{{"message":"{words}"}}"#)),
        ] {
            assert_eq!(told(&answered(status, body.as_bytes())), "refused WindowClosed", "{status} {body}");
        }
    }
    assert_eq!(told(&answered(400, br#"{"error":{"message":"(x)","code":131047}}"#)), "refused WindowClosed");
    for other in ["Failed to send message to 131047123", "Try again in 24 hours", "Failed to send message", "Window"] {
        let body = format!(r#"{{"status":"error","message":"{other}"}}"#);
        assert_ne!(told(&answered(500, body.as_bytes())), "refused WindowClosed", "{other}");
    }
    assert_eq!(told(&answered(401, br#"{"message":"outside 24-hour window"}"#)), "refused Unauthorized");
}

#[test]
fn a_throttle_says_how_long_within_a_bound() {
    for (body, header, secs) in [
        (r#"{"retry_after":45}"#, None, Some(45)),
        (r#"{"retry_after":"45"}"#, None, Some(45)),
        (r#"{"retry_after":" 1.2 "}"#, None, Some(2)),
        (r#"{"retry_after":0.4}"#, None, Some(1)),
        (r#"{"retry_after":0}"#, None, Some(1)),
        (r#"{"retry_after":1e300}"#, None, Some(3600)),
        (r#"{"retry_after":-5}"#, None, None),
        (r#"{"retry_after":"NaN"}"#, None, None),
        (r#"{"retry_after":"soon"}"#, Some("7"), Some(7)),
        (r#"{"retry_after":null}"#, Some("7"), Some(7)),
        (r#"{"retry_after":45}"#, Some("7"), Some(45)),
        (r#"{"message":"Too many requests"}"#, None, None),
        ("<html>", Some(" 90000 "), Some(3600)),
        ("", Some("Wed, 21 Oct 2026 07:28:00 GMT"), None),
        ("", None, None),
    ] {
        let came = classify(Attempt::Answered { status: 429, retry_after: header, body: body.as_bytes(), whole: true });
        assert_eq!(came, Outcome::Throttled { retry_after_secs: secs }, "{body} {header:?}");
    }
}

#[test]
fn what_never_left_and_what_may_have_left_are_two_things() {
    assert_eq!(classify(Attempt::Unreached { detail: "x" }), Outcome::Unreached { detail: "x".to_owned() });
    assert_eq!(classify(Attempt::Lost { detail: "x" }), Outcome::Unknown { detail: "x".to_owned() });
}

#[test]
fn details_are_one_bounded_line() {
    let body = format!(r#"{{"message":"Failed to send\r\n\u001b[31m{}"}}"#, "x".repeat(10_000));
    let came = answered(500, body.as_bytes());
    assert_eq!(told(&came), "failed");
    assert!(detail(&came).chars().count() < 330 && !detail(&came).contains(char::is_control), "{came:?}");
}
