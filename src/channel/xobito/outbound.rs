//! A message as the provider takes it (reference: xobito-api sections 7 to 9, whatsapp-webhooks section 9).
//!
//! Every documented limit is held here, before anything leaves: a refusal of our own names the part and the bound, while the
//! provider's may come late, as a failed receipt, or not at all.

use std::collections::HashSet;

use reqwest::Url;
use serde_json::{Map, Value, json};

use crate::model::{About, Contact, Media, Message, Outcome, Phone, Refusal, TemplateHeader, WireButton, limits};

/// A request that is ready to leave.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The path below the workspace.
    pub path: &'static str,
    /// The JSON body.
    pub body: Value,
}

/// Free-form messages.
const SEND: &str = "messages/send";
/// Templates.
const TEMPLATE: &str = "messages/template";
/// Media.
const MEDIA: &str = "messages/media";
/// Longest `phone_number` of templates and media, in characters; the endpoint for free-form messages names no bound.
const PHONE_CHARS_MAX: usize = 15;
/// Shortest `phone_number` of media, in characters.
const MEDIA_PHONE_CHARS_MIN: usize = 10;
/// Fewest and most characters of a template's language.
const LANGUAGE_CHARS: std::ops::RangeInclusive<usize> = 2..=10;

/// The request that says `message` to `to`.
///
/// The optional member `contact` holds what a flow wrote down and nothing else: it would overwrite what people wrote into an existing
/// one (section 7, "create **or update**"), and whoever wrote to us exists there already.
///
/// # Errors
///
/// [`Outcome::Refused`], with [`Refusal::NoAddress`] for a contact without a phone number, which is the only recipient that
/// this provider takes (section 18, last item), and with [`Refusal::Invalid`] for a message beyond a documented limit.
pub fn request(to: &Contact, about: &About, message: &Message<WireButton>) -> Result<Request, Outcome> {
    let Some(phone) = &to.phone else {
        let detail = "the contact shows no phone number, and Xobito can send to nothing else".to_owned();
        return Err(Outcome::Refused { refusal: Refusal::NoAddress, detail });
    };
    let mut request = body(phone, message).map_err(|detail| Outcome::Refused { refusal: Refusal::Invalid, detail })?;
    if let (false, Value::Object(members)) = (about.is_empty(), &mut request.body) {
        members.insert("contact".to_owned(), contact(about));
    }
    Ok(request)
}

/// What the provider is told about the contact. Groups go as one text with commas, as when a contact is created (section 12); of the type
/// inside a send nothing is known.
fn contact(about: &About) -> Value {
    let fields = &about.fields;
    let groups = about.groups.as_ref().map(|groups| groups.iter().map(String::as_str).collect::<Vec<_>>().join(","));
    let named = [
        ("firstname", &fields.firstname),
        ("lastname", &fields.lastname),
        ("email", &fields.email),
        ("country", &fields.country),
        ("assigned_id", &fields.assignee),
        ("groups", &groups),
    ];
    let told = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::from(value.as_deref()?))));
    Value::Object(told.collect())
}

/// What is wrong with a message, for the person who wrote it.
type Complaint = String;

fn body(phone: &Phone, message: &Message<WireButton>) -> Result<Request, Complaint> {
    let mut members = Map::new();
    members.insert("phone_number".to_owned(), phone.to_string().into());
    let path = match message {
        Message::Text { body } => {
            filled("text", body, limits::TEXT_BODY_CHARS_MAX)?;
            members.insert("message_body".to_owned(), body.as_str().into());
            SEND
        }
        Message::Buttons { header, body, footer, buttons } => {
            check_buttons(buttons)?;
            members.insert("message_type".to_owned(), "interactive".into());
            around(&mut members, header.as_deref(), body, footer.as_deref())?;
            let buttons: Vec<_> = buttons.iter().map(|button| json!({"id": button.id, "title": button.title})).collect();
            members.insert("buttons".to_owned(), buttons.into());
            SEND
        }
        Message::Link { header, body, footer, label, url } => {
            filled("link button's label", label, limits::BUTTON_TITLE_CHARS_MAX)?;
            check_url(url)?;
            members.insert("message_type".to_owned(), "cta_url".into());
            around(&mut members, header.as_deref(), body, footer.as_deref())?;
            members.insert("button_text".to_owned(), label.as_str().into());
            members.insert("button_url".to_owned(), url.as_str().into());
            SEND
        }
        Message::Media(media) => {
            members.insert("phone_number".to_owned(), media_phone(phone)?.into());
            add_media(&mut members, media)?;
            MEDIA
        }
        Message::Template { name, language, fields, header, buttons } => {
            members.insert("phone_number".to_owned(), short_phone(phone).into());
            template(&mut members, name, language, fields)?;
            template_around(&mut members, header.as_ref(), buttons)?;
            TEMPLATE
        }
    };
    Ok(Request { path, body: Value::Object(members) })
}

/// Text, header and footer of a message with a button. Xobito lets 4096 characters of text through, Meta takes 1024 and
/// fails the send (section 7, "Trap").
fn around(members: &mut Map<String, Value>, header: Option<&str>, body: &str, footer: Option<&str>) -> Result<(), Complaint> {
    filled("text of a message with buttons", body, limits::MENU_BODY_CHARS_MAX)?;
    members.insert("message_body".to_owned(), body.into());
    for (name, text, most) in [("header", header, limits::HEADER_CHARS_MAX), ("footer", footer, limits::FOOTER_CHARS_MAX)] {
        // An empty line is no line. The member name `footer` is inferred: the page states its limit only.
        if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
            at_most(name, text, most)?;
            members.insert(name.to_owned(), text.into());
        }
    }
    Ok(())
}

fn template(members: &mut Map<String, Value>, name: &str, language: &str, fields: &[String]) -> Result<(), Complaint> {
    if name.trim().is_empty() {
        return Err("the template has no name".to_owned());
    }
    if !LANGUAGE_CHARS.contains(&language.chars().count()) {
        return Err(format!("the template's language {language:?} is no language code: write one like `en_US`"));
    }
    if fields.len() > limits::TEMPLATE_FIELDS_MAX {
        return Err(format!("the template gets {} values; at most {} are taken", fields.len(), limits::TEMPLATE_FIELDS_MAX));
    }
    members.insert("template_name".to_owned(), name.into());
    members.insert("template_language".to_owned(), language.into());
    for (index, field) in fields.iter().enumerate() {
        members.insert(format!("field_{}", index + 1), field.as_str().into());
    }
    Ok(())
}

/// What stands above and below a template's text. Only `button_0` is documented, the members of further buttons are inferred, and
/// what their values mean is unknown (section 8).
fn template_around(
    members: &mut Map<String, Value>,
    header: Option<&TemplateHeader>,
    buttons: &[String],
) -> Result<(), Complaint> {
    if let Some(broken) = header.and_then(TemplateHeader::broken_limit) {
        return Err(broken);
    }
    let mut add = |name: &str, value: &str| members.insert(name.to_owned(), value.into());
    match header {
        None => {}
        Some(TemplateHeader::Text(text)) => {
            add("header_field_1", text);
        }
        Some(TemplateHeader::Image(url)) => {
            check_url(url)?;
            add("header_image_url", url);
        }
        Some(TemplateHeader::Video(url)) => {
            check_url(url)?;
            add("header_video_url", url);
        }
        Some(TemplateHeader::Document { url, filename }) => {
            check_url(url)?;
            add("header_document_url", url);
            if let Some(filename) = filename {
                add("header_document_name", filename);
            }
        }
    }
    if buttons.len() > limits::TEMPLATE_BUTTONS_MAX {
        let most = limits::TEMPLATE_BUTTONS_MAX;
        return Err(format!("the template gets the values of {} buttons; at most {most} are taken", buttons.len()));
    }
    for (index, value) in buttons.iter().enumerate().filter(|(_, value)| !value.trim().is_empty()) {
        at_most("value of a template's button", value, limits::BUTTON_ID_BYTES_MAX)?;
        add(&format!("button_{index}"), value);
    }
    Ok(())
}

/// A caption belongs to image, video and document, a file name to documents (section 9).
fn add_media(members: &mut Map<String, Value>, media: &Media) -> Result<(), Complaint> {
    if let Some(broken) = media.broken_limit() {
        return Err(broken);
    }
    check_url(&media.url)?;
    members.insert("media_type".to_owned(), media.kind.name().into());
    members.insert("media_url".to_owned(), media.url.as_str().into());
    for (name, text) in [("caption", &media.caption), ("filename", &media.filename)] {
        // An empty text is none.
        if let Some(text) = text.as_ref().filter(|text| !text.trim().is_empty()) {
            members.insert(name.to_owned(), text.as_str().into());
        }
    }
    Ok(())
}

/// The media endpoint also names a least length, which numbers of a few small countries do not reach.
fn media_phone(phone: &Phone) -> Result<String, Complaint> {
    let number = short_phone(phone);
    if number.len() < MEDIA_PHONE_CHARS_MIN {
        return Err(format!("Xobito sends media to numbers of at least {MEDIA_PHONE_CHARS_MIN} characters only"));
    }
    Ok(number)
}

/// Templates and media bound the number at 15 characters, which the longest numbers keep only without their plus sign.
fn short_phone(phone: &Phone) -> String {
    let signed = phone.to_string();
    if signed.len() > PHONE_CHARS_MAX { phone.digits().to_owned() } else { signed }
}

fn check_buttons(buttons: &[WireButton]) -> Result<(), Complaint> {
    if !(1..=limits::BUTTONS_MAX).contains(&buttons.len()) {
        return Err(format!("the message has {} buttons; it may have 1 to {}", buttons.len(), limits::BUTTONS_MAX));
    }
    let (mut titles, mut ids) = (HashSet::new(), HashSet::new());
    for WireButton { id, title } in buttons {
        filled("button's title", title, limits::BUTTON_TITLE_CHARS_MAX)?;
        if id.is_empty() || id.len() > limits::BUTTON_ID_BYTES_MAX || id.trim() != id {
            let most = limits::BUTTON_ID_BYTES_MAX;
            return Err(format!("the id of button {title:?} must have 1 to {most} bytes and no spaces at its ends"));
        }
        if !titles.insert(title) {
            return Err(format!("two buttons are called {title:?}; WhatsApp wants different titles"));
        }
        if !ids.insert(id) {
            return Err(format!("button {title:?} has the id of another button"));
        }
    }
    Ok(())
}

fn check_url(url: &str) -> Result<(), Complaint> {
    at_most("link's address", url, limits::URL_CHARS_MAX)?;
    let web = Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if web { Ok(()) } else { Err("the link's address is no http or https address".to_owned()) }
}

fn filled(part: &str, text: &str, most: usize) -> Result<(), Complaint> {
    // The provider trims before it looks (Laravel), so that spaces alone are as good as nothing.
    if text.trim().is_empty() {
        return Err(format!("the {part} is empty"));
    }
    at_most(part, text, most)
}

/// The provider does not say in which unit it counts; its framework counts code points.
fn at_most(part: &str, text: &str, most: usize) -> Result<(), Complaint> {
    let count = text.chars().count();
    if count <= most { Ok(()) } else { Err(format!("the {part} has {count} characters; at most {most} are taken: shorten it")) }
}
