//! News in the form of Standard Webhooks, verified by a reader of their own.

use buttonhook::model::{Contact, ContactId, Emit, Phone, Value, time};
use buttonhook::web::{News, Receiver, ReceiverError};
use sha2::{Digest, Sha256};

use super::whole::SIGNED_WITH as SECRET;
use super::*;

/// HMAC-SHA256 as RFC 2104 describes it, so that one misreading cannot pass its own test.
fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let pad = |with: u8| -> Vec<u8> { (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ with).collect() };
    let inner = Sha256::digest([&pad(0x36), text].concat());
    Sha256::digest([&pad(0x5c)[..], &inner].concat()).to_vec()
}

async fn tell(client: &Client, at_ms: i64) -> Reply {
    let emit = Emit { nth: 0, name: "ordered".to_owned(), data: Value::Record([("total".to_owned(), Value::Whole(7))].into()) };
    let person = Contact { phone: Phone::parse("+27821234567"), user_id: None, name: "Grüße 👍".to_owned() };
    let news = News { emit: &emit, contact: ContactId(7), person: &person, at: time::from_millis(1_800_000_000_000) };
    client.tell(&RequestKey("7-3-r0".to_owned()), &news, time::from_millis(at_ms)).await
}

fn to(url: &str) -> Client {
    // In earnest: where news go is the operator's own setting, whatever projects may call.
    let mut settings = settings(Hosts::default(), false);
    settings.receiver = Some(Receiver::new(url, SECRET).unwrap());
    Client::new(settings).unwrap()
}

#[tokio::test]
async fn news_are_signed_and_say_who_what_and_when() {
    let shop = Shop::start().await;
    let client = to(&shop.url("/hook"));
    assert!(matches!(tell(&client, 1_800_000_005_000).await, Reply::Answered { status: 200, .. }));
    tell(&client, 1_800_000_305_999).await;
    let seen = shop.seen();
    for (seen, moment) in seen.iter().zip(["1800000005", "1800000305"]) {
        assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/hook"));
        assert_eq!((seen.headers["webhook-id"].as_str(), seen.headers["webhook-timestamp"].as_str()), ("7-3-r0", moment));
        let key: Vec<u8> = (0..24).collect();
        let expected = data_encoding::BASE64.encode(&mac(&key, format!("7-3-r0.{moment}.{}", seen.body).as_bytes()));
        assert_eq!(seen.headers["webhook-signature"], format!("v1,{expected}"));
        assert_eq!(seen.headers["content-type"], "application/json");
    }
    let expected = serde_json::json!({
        "type": "ordered",
        "timestamp": "2027-01-15T08:00:00Z",
        "data": {"total": 7},
        "contact": {"id": 7, "phone": "+27821234567", "user_id": null, "name": "Grüße 👍"},
    });
    assert_eq!(seen[0].json(), expected);
    assert_eq!(seen[0].body, seen[1].body, "an attempt repeats the body to the letter");
}

/// The example of the scheme's own documentation for libraries.
#[test]
fn the_reader_of_these_tests_agrees_with_the_scheme() {
    let key = data_encoding::BASE64.decode(b"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
    let signed = mac(&key, br#"msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#);
    assert_eq!(data_encoding::BASE64.encode(&signed), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

#[tokio::test]
async fn without_a_listener_nothing_leaves() {
    let client = Client::new(settings(Hosts::default(), false)).unwrap();
    let Reply::NotAllowed { detail } = tell(&client, 0).await else { panic!("it was told") };
    assert!(detail.contains("BUTTONHOOK_EMIT_URL"), "{detail}");
}

#[tokio::test]
async fn news_follow_nothing_and_end_in_time_or_doubt() {
    let (shop, canary) = (Shop::start().await, Shop::start().await);
    let client = to(&shop.url("/"));
    shop.will([Act::SaysWith(307, format!("location: {}\r\n", canary.url("/")), Vec::new()), Act::Cuts, Act::Floods]);
    assert!(matches!(tell(&client, 0).await, Reply::Answered { status: 307, .. }));
    assert!(matches!(tell(&client, 0).await, Reply::Lost { .. }));
    assert!(matches!(tell(&client, 0).await, Reply::Answered { status: 200, .. }), "only the status counts");
    assert_eq!(canary.connections(), 0);
}

#[test]
fn a_listener_needs_an_address_and_a_secret() {
    let made = |url: &str, secret: &str| Receiver::new(url, secret).err();
    assert_eq!(made("https://crm.example/hook", SECRET), None);
    assert_eq!(made("http://10.0.0.7:9000/", SECRET.strip_prefix("whsec_").unwrap()), None);
    for url in ["", "crm.example", "ftp://crm.example", "/hook"] {
        assert_eq!(made(url, SECRET), Some(ReceiverError::Url), "{url}");
    }
    for secret in ["", "whsec_", "whsec_short", "whsec_AAEC", "not base64 at all, is it?"] {
        assert_eq!(made("https://crm.example", secret), Some(ReceiverError::Secret), "{secret}");
    }
}
