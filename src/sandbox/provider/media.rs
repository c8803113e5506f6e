//! `POST /messages/media` (reference: xobito-api.md, section 9). Uploads need a multipart body, which the sandbox does not read.

use super::super::Sandbox;
use super::super::message::Kind;
use super::Call;
use super::answer::Answer;
use super::fields::Fields;
use super::take::Outgoing;
use serde_json::{Value, json};

pub(super) fn send(sandbox: &Sandbox, call: &Call) -> Result<Answer, Answer> {
    let mut fields = Fields::of(&call.fields);
    let phone = fields.phone(Some((10, 15)));
    let kind = fields.required("media_type", 20);
    if !kind.is_empty() && !["image", "document", "video", "audio"].contains(&kind) {
        fields.wrong("media_type", "The selected media type is invalid.");
    }
    let url = fields.address("media_url", true).map(str::to_owned);
    let caption = fields.text("caption", 1_024).unwrap_or_default().to_owned();
    let filename = fields.text("filename", 255).map(str::to_owned);
    let contact = fields.contact();
    fields.done()?;

    let mut out = Outgoing::new(phone, Kind::Media);
    out.contact = contact;
    out.said = "Media message sent successfully";
    out.stated_shape = true;
    // Captions belong to image, video and document; a file name to documents.
    let filename = if kind == "document" { json!(filename) } else { Value::Null };
    out.message.media = Some(json!({"kind": kind, "url": url, "filename": filename}));
    if kind != "audio" {
        out.message.body = caption;
    }
    sandbox.take(out)
}
