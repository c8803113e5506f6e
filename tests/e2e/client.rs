//! What a provider posts: bodies with ids of their own.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

use super::host::SIGNING_SECRET;

/// A client that follows nothing and takes no proxy. Each test has its own: one that outlives its runtime breaks.
pub fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap()
}

/// The forwarded Meta body (Flow B) of a text that person number `who` typed. The same `who` and `nth` give the same message
/// id, so that a body can come twice.
pub fn text_from(who: u32, nth: u32, text: &str) -> Value {
    message(who, json!({"id": format!("wamid.in.{who}.{nth}"), "type": "text", "text": {"body": text}}))
}

/// The same of a tap on the button with this id.
pub fn tap_from(who: u32, nth: u32, id: &str, title: &str) -> Value {
    let reply = json!({"type": "button_reply", "button_reply": {"id": id, "title": title}});
    message(who, json!({"id": format!("wamid.in.{who}.{nth}"), "type": "interactive", "interactive": reply}))
}

/// The digits of person number `who`.
pub fn digits(who: u32) -> String {
    format!("15550{who:06}")
}

fn message(who: u32, mut message: Value) -> Value {
    message["from"] = json!(digits(who));
    message["timestamp"] = json!("1781517600");
    let value = json!({
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550100000", "phone_number_id": "100200300400501"},
        "contacts": [{"profile": {"name": format!("Person {who}")}, "wa_id": digits(who)}],
        "messages": [message],
    });
    json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]})
}

/// The signature that Xobito puts on `body`.
pub fn signed(body: &str) -> String {
    let mut mac = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(SIGNING_SECRET.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes())
}
