//! Attachments of a person. There is no file: a webhook carries an id and a hash only, and a customer of Xobito cannot fetch
//! them (reference: whatsapp-webhooks.md, section 5).

use super::super::Sandbox;
use super::super::chat::{Draft, typed};
use super::super::message::Kind;
use super::act::{Written, written};
use super::{Given, Problem, phone};
use axum::extract::State;
use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

#[derive(Deserialize)]
pub(super) struct Attachment {
    phone: String,
    kind: String,
    #[serde(default)]
    caption: Option<String>,
    /// Where a location is; somewhere when it is left out.
    #[serde(default)]
    place: Option<Place>,
}

/// A place on the map; a dropped pin has neither name nor address.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    latitude: f64,
    longitude: f64,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    address: Option<String>,
}

impl Place {
    /// As Meta tells it; nothing when there is no such place.
    fn wire(&self) -> Option<Value> {
        let there = self.latitude.abs() <= 90.0 && self.longitude.abs() <= 180.0;
        let mut place = json!({"latitude": self.latitude, "longitude": self.longitude});
        for (member, text) in [("name", &self.name), ("address", &self.address)] {
            if let Some(text) = text.as_deref().filter(|text| !text.is_empty()) {
                place[member] = json!(typed(text, 1_000)?);
            }
        }
        there.then_some(place)
    }
}

pub(super) async fn attach(State(sandbox): State<Sandbox>, Given(given): Given<Attachment>) -> Written {
    let phone = phone(&given.phone)?;
    let caption = match given.caption.as_deref().map(str::trim) {
        None | Some("") => None,
        Some(text) => Some(typed(text, 1_024).ok_or_else(|| Problem::bad("caption must have at most 1024 characters."))?),
    };
    let id = {
        let mut world = sandbox.world();
        world.media_made += 1;
        (700_000_000_000_000 + world.media_made).to_string()
    };
    let kinds = "image, video, voice, document, sticker, location, contacts";
    let place = match (&given.place, given.kind.as_str()) {
        (None, _) => None,
        (Some(place), "location") => Some(
            place.wire().ok_or_else(|| Problem::bad("place must be on earth, and its texts have at most 1000 characters."))?,
        ),
        (Some(_), _) => return Err(Problem::bad("place belongs to a location.")),
    };
    let (wire, media) =
        content(&given.kind, &id, caption, place).ok_or_else(|| Problem::bad(format!("kind must be one of {kinds}.")))?;
    let body = caption.unwrap_or_default().to_owned();
    written(&sandbox, &phone, Draft { kind: Kind::Attachment, body, on: None, media: Some(media), wire })
}

type Wire = (&'static str, Value);

/// The Meta member of an attachment, and what the chat shows of it.
fn content(kind: &str, id: &str, caption: Option<&str>, place: Option<Value>) -> Option<(Wire, Value)> {
    let hash = BASE64.encode(&Sha256::digest(id.as_bytes()));
    let file = |mime: &str| json!({"mime_type": mime, "sha256": hash, "id": id});
    let wire: Wire = match kind {
        "image" => ("image", with_caption(file("image/jpeg"), caption)),
        "video" => ("video", with_caption(file("video/mp4"), caption)),
        "voice" | "audio" => {
            let mut audio = file("audio/ogg; codecs=opus");
            audio["voice"] = json!(kind == "voice");
            ("audio", audio)
        }
        "document" => {
            let mut document = with_caption(file("application/pdf"), caption);
            document["filename"] = json!("form.pdf");
            document["url"] = json!(format!("https://media.example.com/attachments/?mid={id}"));
            ("document", document)
        }
        "sticker" => {
            let mut sticker = file("image/webp");
            sticker["animated"] = json!(false);
            ("sticker", sticker)
        }
        // A dropped pin: without name and address, which the samples know as well.
        "location" => ("location", place.unwrap_or_else(|| json!({"latitude": 12.345678, "longitude": -65.432109}))),
        "contacts" => (
            "contacts",
            json!([{
                "name": {"first_name": "Ben", "last_name": "Placeholder", "formatted_name": "Ben Placeholder"},
                "phones": [{"phone": "+1 555-010-0199", "wa_id": "15550100199", "type": "CELL"}],
            }]),
        ),
        _ => return None,
    };
    let shown = json!({"kind": kind, "id": wire.1.get("id"), "filename": wire.1.get("filename")});
    Some((wire, shown))
}

fn with_caption(mut file: Value, caption: Option<&str>) -> Value {
    if let Some(caption) = caption {
        file["caption"] = json!(caption);
    }
    file
}
