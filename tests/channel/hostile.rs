//! Bodies that someone spoilt: no input may panic, and a body that still has its shape still has an answer.

use buttonhook::channel::xobito;
use buttonhook::model::{Content, Delivery, limits};
use serde_json::{Value, json};

use super::{folder, sample};

/// Bodies tried, over all samples.
const ROUNDS: usize = 20_000;
const SEED: u64 = 0x5eed_2026;

/// SplitMix64: enough chance for a test, and the same one every time.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}

/// Values of every type, and such as have hurt parsers.
fn odd(chance: &mut Chance) -> Value {
    let all = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(u64::MAX),
        json!(1e308),
        json!(""),
        json!("\u{0}\u{202e}\u{1b}[2J"),
        json!("👍".repeat(5000)),
        json!("9".repeat(400)),
        json!([]),
        json!([[[]], {}]),
        json!({}),
        json!({"id": {"id": []}, "type": 1, "body": null}),
    ];
    all[chance.below(all.len())].clone()
}

/// Replaces, removes or doubles one member somewhere in `value`.
fn spoil(value: &mut Value, chance: &mut Chance) {
    let deeper = chance.below(5) > 0;
    match value {
        Value::Object(members) if deeper && !members.is_empty() => {
            let name = members.keys().nth(chance.below(members.len())).unwrap().clone();
            match chance.below(12) {
                0 => drop(members.remove(&name)),
                _ => spoil(&mut members[&name], chance),
            }
        }
        Value::Array(items) if deeper && !items.is_empty() => {
            let at = chance.below(items.len());
            match chance.below(12) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                _ => spoil(&mut items[at], chance),
            }
        }
        value => *value = odd(chance),
    }
}

fn hold(body: &[u8]) -> usize {
    let Ok(deliveries) = xobito::decode(body) else { return 0 };
    assert!(!deliveries.is_empty());
    for delivery in &deliveries {
        match delivery {
            Delivery::Message(inbound) => {
                let sender = &inbound.sender;
                assert!(sender.phone.is_some() || sender.user_id.is_some());
                assert!(sender.name.chars().count() <= limits::CONTACT_NAME_CHARS_MAX && !sender.name.contains(char::is_control));
                assert!(!inbound.id.0.is_empty() && !inbound.id.0.contains(char::is_control));
                let (Content::Tapped { title: words, .. }
                | Content::Typed { text: words }
                | Content::Attached { caption: words, .. }) = &inbound.content
                else {
                    panic!("a webhook body told what no contact does: {:?}", inbound.content)
                };
                assert!(words.len() <= limits::INBOUND_TEXT_BYTES_MAX && !words.contains('\0'));
            }
            Delivery::Receipt(receipt) => {
                assert!(receipt.error.chars().count() <= 301 && !receipt.error.contains(char::is_control))
            }
            Delivery::NumberChanged { from, to, .. } => assert_ne!(from, to),
            Delivery::Ignored(ignored) => {
                assert!(
                    ignored.what.len() <= 200 && ignored.what.is_ascii() && !ignored.what.contains(char::is_control),
                    "{ignored:?}"
                );
                assert!(!ignored.why.is_empty());
            }
        }
    }
    deliveries.len()
}

#[test]
fn thousands_of_spoilt_bodies_harm_nothing() {
    let all = std::fs::read_dir(folder()).unwrap().map(|entry| sample(entry.unwrap().file_name().to_str().unwrap()));
    let samples: Vec<Vec<u8>> = all.filter(|body| xobito::decode(body).is_ok()).collect();
    let mut chance = Chance(SEED);
    let mut told = 0;
    for round in 0..ROUNDS {
        let mut body = samples[round % samples.len()].clone();
        match round / samples.len() % 3 {
            0 => body.truncate(chance.below(body.len())),
            1 => {
                for _ in 0..=chance.below(4) {
                    let at = chance.below(body.len());
                    body[at] ^= 1 << chance.below(8);
                }
            }
            _ => {
                if let Ok(mut value) = serde_json::from_slice::<Value>(&body) {
                    (0..=chance.below(3)).for_each(|_| spoil(&mut value, &mut chance));
                    body = value.to_string().into_bytes();
                }
            }
        }
        told += hold(&body);
    }
    assert!(told > ROUNDS / 4, "only {told} deliveries came out: the bodies are spoilt so badly that nothing is tested");
}

#[test]
fn an_emoji_cut_in_half_costs_one_character_and_not_the_batch() {
    let body = String::from_utf8(sample("meta-inbound-button-reply.json")).unwrap();
    let body = body.replace("Rosa Sample", r"Rosa \ud83d");
    let deliveries = xobito::decode(body.as_bytes()).unwrap();
    let Delivery::Message(inbound) = &deliveries[0] else { panic!("{deliveries:?}") };
    assert_eq!(inbound.sender.name, "Rosa \u{fffd}");
}
