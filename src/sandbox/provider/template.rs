//! `POST /messages/template` (reference: xobito-api.md, section 8). Header files need a multipart body, which the sandbox does
//! not read; a header's file is given by its address.

use super::super::Sandbox;
use super::super::message::{Button, Kind};
use super::super::template::{Template, fill};
use super::super::webhook::meta;
use super::Call;
use super::answer::Answer;
use super::fields::Fields;
use super::take::Outgoing;
use serde_json::json;

/// Characters of one field; the rendered body must fit into Meta's 1024 besides.
const FIELD_CHARS: usize = 1_024;
const BODY_CHARS_UPSTREAM: usize = 1_024;

pub(super) fn send(sandbox: &Sandbox, call: &Call) -> Result<Answer, Answer> {
    let mut fields = Fields::of(&call.fields);
    let phone = fields.phone(Some((8, 15)));
    let name = fields.required("template_name", 512);
    let language = fields.required("template_language", 10);
    if language.chars().count() == 1 {
        fields.wrong("template_language", "The template language must be at least 2 characters.");
    }
    let number = fields.text("from_phone_number_id", 64);
    let filename = fields.text("header_document_name", 255);
    let files = ["image", "video", "document"].map(|kind| (kind, fields.address(&format!("header_{kind}_url"), false)));
    let template = Template::find(name, language);
    if !name.is_empty() && !language.is_empty() {
        match template {
            // The texts are unknown; the status 422 for both is stated.
            None => fields.wrong("template_name", "The selected template does not exist in this language."),
            Some(t) if t.status != "APPROVED" => fields.wrong("template_name", "The selected template is not approved."),
            Some(_) => {}
        }
    }
    if number.is_some_and(|number| number != meta::NUMBER_ID) {
        fields.wrong("from_phone_number_id", "The selected from phone number id is invalid.");
    }
    let texts = |fields: &mut Fields, prefix: &str, count: usize| -> Vec<String> {
        (1..=count).map(|n| fields.text(&format!("{prefix}{n}"), FIELD_CHARS).unwrap_or_default().to_owned()).collect()
    };
    let values = texts(&mut fields, "field_", 10);
    let header = texts(&mut fields, "header_field_", 1);
    let payloads: Vec<Option<String>> = (0..10).map(|n| fields.text(&format!("button_{n}"), 256).map(str::to_owned)).collect();
    fields.done()?;
    let template = template.ok_or_else(|| Answer::error(404, "Template not found"))?;

    let mut out = Outgoing::new(phone, Kind::Template);
    out.message.header = fill(template.header.unwrap_or_default(), &header);
    out.message.body = fill(template.body, &values);
    out.message.footer = template.footer.unwrap_or_default().to_owned();
    out.message.category = Some(if template.category == "MARKETING" { "marketing" } else { "utility" });
    // What `button_n` does is unknown: here it is the payload of the n-th quick reply. Without it the payload is the label, as in
    // Meta's samples.
    let payload = |n: usize, label: &str| payloads.get(n).cloned().flatten().unwrap_or_else(|| label.to_owned());
    let labels = template.quick_replies.iter().enumerate();
    out.message.buttons = labels.map(|(n, label)| Button { id: payload(n, label), title: (*label).to_owned() }).collect();
    let of_its_kind = |kind: &str| template.file.is_some_and(|file| file.eq_ignore_ascii_case(kind));
    let file = files.iter().find_map(|(kind, url)| Some((*kind, (*url)?)).filter(|_| of_its_kind(kind)));
    out.message.media = file.map(|(kind, url)| json!({"kind": kind, "url": url, "filename": filename}));
    // A header's file that is missing, or another than the template was approved with: 132012.
    let other_file = files.iter().any(|(kind, url)| url.is_some() && !of_its_kind(kind));
    let wrong_file = other_file || (template.file.is_some() && file.is_none());
    // Meta refuses a parameter count that differs (132000) and a text that does not fit (132005).
    let missing =
        values.iter().take(template.body_params()).chain(header.iter().take(template.header_params())).any(String::is_empty);
    out.refused_upstream = missing || wrong_file || out.message.body.chars().count() > BODY_CHARS_UPSTREAM;
    sandbox.take(out)
}
