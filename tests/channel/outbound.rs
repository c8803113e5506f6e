//! Messages as requests, and the limits that are held before anything leaves.

use buttonhook::channel::xobito::outbound::{self, Request};
use buttonhook::model::{About, Contact, Media, MediaKind, Message, Outcome, Phone, Refusal, TemplateHeader, WireButton};
use serde_json::json;

use super::sample_json;

pub(super) fn rosa() -> Contact {
    Contact { phone: Phone::parse("+15550100123"), user_id: None, name: "Rosa Sample".to_owned() }
}

pub(super) fn text(body: &str) -> Message<WireButton> {
    Message::Text { body: body.to_owned() }
}

fn buttons(body: &str, buttons: &[(&str, &str)]) -> Message<WireButton> {
    let buttons = buttons.iter().map(|(id, title)| WireButton { id: (*id).to_owned(), title: (*title).to_owned() }).collect();
    Message::Buttons {
        header: Some("Order 4711".to_owned()),
        body: body.to_owned(),
        footer: Some("Reply within a day".to_owned()),
        buttons,
    }
}

fn link(body: &str, label: &str, url: &str) -> Message<WireButton> {
    Message::Link { header: None, body: body.to_owned(), footer: None, label: label.to_owned(), url: url.to_owned() }
}

fn template(name: &str, language: &str, fields: &[&str]) -> Message<WireButton> {
    let fields = fields.iter().map(|field| (*field).to_owned()).collect();
    Message::Template { name: name.to_owned(), language: language.to_owned(), fields, header: None, buttons: vec![] }
}

fn media(kind: MediaKind, url: &str, caption: Option<&str>, filename: Option<&str>) -> Message<WireButton> {
    let (caption, filename) = (caption.map(str::to_owned), filename.map(str::to_owned));
    Message::Media(Media { kind, url: url.to_owned(), caption, filename })
}

const THREE: &[(&str, &str)] =
    &[("order:4711:confirm", "Confirm"), ("order:4711:change", "Change"), ("order:4711:cancel", "Cancel")];

#[test]
fn every_kind_of_message_is_the_sample_request() {
    let mut plain = sample_json("xobito-send-text.request.json");
    // The one member that we never send: it would overwrite the contact's name at the provider.
    assert!(plain.as_object_mut().unwrap().remove("contact").is_some());
    for (message, path, body) in [
        (text("Your order 4711 is ready."), "messages/send", plain),
        (buttons("Is everything right?", THREE), "messages/send", sample_json("xobito-send-interactive.request.json")),
        (
            link("Follow the courier here.", "Track parcel", "https://track.example.com/4711"),
            "messages/send",
            sample_json("xobito-send-cta-url.request.json"),
        ),
        (
            media(MediaKind::Document, "https://files.example.com/4711.pdf", Some("Invoice 4711"), Some("invoice-4711.pdf")),
            "messages/media",
            sample_json("xobito-send-media.request.json"),
        ),
        (
            template("order_ready", "en_US", &["Rosa", "4711"]),
            "messages/template",
            sample_json("xobito-send-template.request.json"),
        ),
    ] {
        assert_eq!(outbound::request(&rosa(), &About::default(), &message), Ok(Request { path, body }));
    }
}

#[test]
fn an_empty_header_or_footer_is_no_member() {
    let message = Message::Link {
        header: Some(String::new()),
        body: "Here.".to_owned(),
        footer: Some("  ".to_owned()),
        label: "Open".to_owned(),
        url: "http://example.com".to_owned(),
    };
    let body = outbound::request(&rosa(), &About::default(), &message).unwrap().body;
    assert!(body.get("header").is_none() && body.get("footer").is_none(), "{body}");
}

#[test]
fn the_longest_numbers_fit_the_template_endpoint_without_their_plus() {
    for (digits, free_form, in_template) in
        [("123456789012345", "+123456789012345", "123456789012345"), ("12345678901234", "+12345678901234", "+12345678901234")]
    {
        let to = Contact { phone: Phone::parse(digits), ..Contact::default() };
        let number = |message: &Message<WireButton>| {
            outbound::request(&to, &About::default(), message).unwrap().body["phone_number"].clone()
        };
        assert_eq!(number(&text("hello")), free_form);
        assert_eq!(number(&template("order_ready", "en_US", &[])), in_template);
    }
}

#[test]
fn the_media_endpoint_names_a_shortest_number_too() {
    let picture = media(MediaKind::Image, "https://example.com/p.jpg", None, None);
    for (digits, sent) in [("123456789", Some("+123456789")), ("12345678", None), ("123456789012345", Some("123456789012345"))] {
        let to = Contact { phone: Phone::parse(digits), ..Contact::default() };
        let request = outbound::request(&to, &About::default(), &picture).ok();
        assert_eq!(request.as_ref().and_then(|request| request.body["phone_number"].as_str()), sent, "{digits}");
    }
}

#[test]
fn without_a_number_there_is_nobody_to_send_to() {
    let hidden = Contact { phone: None, user_id: Some("US.1".to_owned()), name: String::new() };
    let refused = outbound::request(&hidden, &About::default(), &text("hello")).unwrap_err();
    assert!(
        matches!(&refused, Outcome::Refused { refusal: Refusal::NoAddress, detail } if detail.contains("phone number")),
        "{refused:?}"
    );
}

#[test]
fn documented_limits_are_held_to_the_character() {
    let of = |count: usize| "é".repeat(count);
    let id = |count: usize| "i".repeat(count);
    let long_url = |count: usize| format!("https://example.com/{}", "u".repeat(count - 20));
    let one = |title: &str, id: &str| buttons("hello", &[(id, title)]);
    let around = |header: &str, footer: &str| Message::Buttons {
        header: Some(header.to_owned()),
        body: "hello".to_owned(),
        footer: Some(footer.to_owned()),
        buttons: vec![WireButton { id: "a".to_owned(), title: "A".to_owned() }],
    };
    let ten: Vec<&str> = vec!["x"; 10];
    for fits in [
        text(&of(4096)),
        buttons(&of(1024), &THREE[..1]),
        link(&of(1024), &of(20), &long_url(2000)),
        around(&of(60), &of(60)),
        one(&of(20), &id(256)),
        template("t", "en", &ten),
        template("t", "zh_Hant_HK", &[]),
        media(MediaKind::Image, &long_url(2000), Some(&of(1024)), None),
        media(MediaKind::Document, "http://example.com/a", None, Some(&of(255))),
        media(MediaKind::Audio, "https://example.com/a", None, None),
        link("hello", "Open", "HTTPS://example.com"),
    ] {
        assert!(outbound::request(&rosa(), &About::default(), &fits).is_ok(), "{fits:?}");
    }
    let eleven: Vec<&str> = vec!["x"; 11];
    for (too_much, says) in [
        (text(&of(4097)), "the text has 4097 characters; at most 4096"),
        (text(""), "the text is empty"),
        (text(" \n\t"), "the text is empty"),
        (buttons(&of(1025), THREE), "the text of a message with buttons has 1025 characters; at most 1024"),
        (link(&of(1025), "Open", "https://example.com"), "the text of a message with buttons has 1025 characters"),
        (around(&of(61), "f"), "the header has 61 characters; at most 60"),
        (around("h", &of(61)), "the footer has 61 characters; at most 60"),
        (buttons("hello", &[]), "the message has 0 buttons; it may have 1 to 3"),
        (buttons("hello", &[("a", "A"), ("b", "B"), ("c", "C"), ("d", "D")]), "the message has 4 buttons"),
        (one(&of(21), "a"), "the button's title has 21 characters; at most 20"),
        (one("", "a"), "the button's title is empty"),
        (one("A", &id(257)), "the id of button \"A\" must have 1 to 256 bytes"),
        (one("A", ""), "the id of button \"A\" must have"),
        (one("A", " a"), "no spaces at its ends"),
        (buttons("hello", &[("a", "A"), ("b", "A")]), "two buttons are called \"A\""),
        (buttons("hello", &[("a", "A"), ("a", "B")]), "button \"B\" has the id of another button"),
        (link("hello", &of(21), "https://example.com"), "the link button's label has 21 characters"),
        (link("hello", "Open", "ftp://example.com"), "no http or https address"),
        (link("hello", "Open", "example.com"), "no http or https address"),
        (link("hello", "Open", "javascript:alert(1)"), "no http or https address"),
        (link("hello", "Open", &long_url(2001)), "the link's address has 2001 characters; at most 2000"),
        (media(MediaKind::Video, "https://example.com", Some(&of(1025)), None), "the caption has 1025 characters"),
        (media(MediaKind::Document, "https://example.com", None, Some(&of(256))), "the file name has 256 characters"),
        (media(MediaKind::Image, &long_url(2001), None, None), "the address has 2001 characters"),
        (media(MediaKind::Image, "file:///etc/passwd", None, None), "the address does not begin with https://"),
        (media(MediaKind::Image, "https://", None, None), "the address has no host"),
        (media(MediaKind::Audio, "https://example.com", Some("words"), None), "a sound takes no caption"),
        (media(MediaKind::Image, "https://example.com", None, Some("a.jpg")), "only documents have a file name"),
        (template(" ", "en", &[]), "the template has no name"),
        (template("t", "e", &[]), "the template's language \"e\""),
        (template("t", "en_US_POSIX", &[]), "the template's language"),
        (template("t", "en", &eleven), "the template gets 11 values; at most 10"),
    ] {
        match outbound::request(&rosa(), &About::default(), &too_much) {
            Err(Outcome::Refused { refusal: Refusal::Invalid, detail }) => {
                assert!(detail.contains(says), "{detail:?} lacks {says:?}")
            }
            other => panic!("{too_much:?} gives {other:?}"),
        }
    }
}

/// The members are those of xobito-api section 8; `button_1` and further are inferred.
#[test]
fn a_template_takes_a_header_and_the_values_of_its_buttons() {
    let whole = |header: Option<TemplateHeader>, buttons: &[&str]| Message::Template {
        name: "t".to_owned(),
        language: "en".to_owned(),
        fields: vec![],
        header,
        buttons: buttons.iter().map(|value| (*value).to_owned()).collect(),
    };
    let url = || "https://example.com/a.pdf".to_owned();
    for (header, expected) in [
        (TemplateHeader::Text("4711".to_owned()), json!({"header_field_1": "4711"})),
        (TemplateHeader::Image(url()), json!({"header_image_url": url()})),
        (TemplateHeader::Video(url()), json!({"header_video_url": url()})),
        (
            TemplateHeader::Document { url: url(), filename: Some("a.pdf".to_owned()) },
            json!({"header_document_url": url(), "header_document_name": "a.pdf"}),
        ),
        (TemplateHeader::Document { url: url(), filename: None }, json!({"header_document_url": url()})),
    ] {
        let request = outbound::request(&rosa(), &About::default(), &whole(Some(header), &["yes:1", "", "no:1"])).unwrap();
        let mut expected = expected;
        expected["phone_number"] = rosa().phone.unwrap().to_string().into();
        expected["template_name"] = "t".into();
        expected["template_language"] = "en".into();
        expected["button_0"] = "yes:1".into();
        expected["button_2"] = "no:1".into();
        assert_eq!((request.path, request.body), ("messages/template", expected));
    }
    let eleven = ["x"; 11];
    let long = "x".repeat(257);
    for (message, part) in [
        (whole(Some(TemplateHeader::Image("example.com".to_owned())), &[]), "address"),
        (whole(Some(TemplateHeader::Text(String::new())), &[]), "empty"),
        (whole(None, &eleven), "at most 10"),
        (whole(None, &[&long]), "256"),
    ] {
        let Err(Outcome::Refused { detail, .. }) = outbound::request(&rosa(), &About::default(), &message) else {
            panic!("{part} was taken")
        };
        assert!(detail.contains(part), "{detail}");
    }
}
