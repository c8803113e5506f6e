//! `send`, `send_buttons`, `send_link`, `send_template`. The provider's bounds are checked here, where the author's line is
//! known, and never met by cutting.

use rhai::{Array, Dynamic, Engine, Map};

use super::Reply;
use crate::model::{Button, ButtonRef, Message, limits};
use crate::script::{convert, desk, types::Request};

pub(super) fn register(engine: &mut Engine) {
    engine
        .register_fn("send", send)
        .register_fn("send_buttons", |body: Dynamic, buttons: Dynamic| send_buttons(body, buttons, Map::new()))
        .register_fn("send_buttons", send_buttons)
        .register_fn("send_link", |body: Dynamic, label: Dynamic, url: Dynamic| send_link(body, label, url, Map::new()))
        .register_fn("send_link", send_link)
        .register_fn("send_template", |name: Dynamic, language: Dynamic| send_template(name, language, Array::new()))
        .register_fn("send_template", send_template);
}

fn send(body: Dynamic) -> Reply {
    ask(Message::Text { body: bounded("send", "the text", &body, limits::TEXT_BODY_CHARS_MAX)? })
}

fn send_buttons(body: Dynamic, buttons: Dynamic, options: Map) -> Reply {
    const WHO: &str = "send_buttons";
    let body = bounded(WHO, "the text", &body, limits::MENU_BODY_CHARS_MAX)?;
    let pairs = pairs(buttons)?;
    if pairs.is_empty() || pairs.len() > limits::BUTTONS_MAX {
        return Err(format!("{WHO} takes one to {} buttons, not {}", limits::BUTTONS_MAX, pairs.len()).into());
    }
    let mut made: Vec<Button> = Vec::with_capacity(pairs.len());
    for (id, title) in pairs {
        let title = bounded(WHO, "a button's title", &title, limits::BUTTON_TITLE_CHARS_MAX)?;
        let id = text(WHO, "a button's id", &id)?;
        if id.is_empty() || id.len() > limits::NAMED_BUTTON_ID_BYTES_MAX {
            let most = limits::NAMED_BUTTON_ID_BYTES_MAX;
            return Err(format!("{WHO}: a button's id has 1 to {most} bytes, this one has {}", id.len()).into());
        }
        if made.iter().any(|other| other.title == title) {
            return Err(format!("{WHO}: two buttons with the title \"{title}\", and nobody could tell them apart").into());
        }
        let means = ButtonRef::Named(id);
        if made.iter().any(|other| other.means == means) {
            return Err(format!("{WHO}: two buttons with the same id, and their taps would look the same").into());
        }
        made.push(Button { means, title });
    }
    let (header, footer) = header_and_footer(WHO, &options)?;
    ask(Message::Buttons { header, body, footer, buttons: made })
}

fn send_link(body: Dynamic, label: Dynamic, url: Dynamic, options: Map) -> Reply {
    const WHO: &str = "send_link";
    let body = bounded(WHO, "the text", &body, limits::MENU_BODY_CHARS_MAX)?;
    let label = bounded(WHO, "the label", &label, limits::BUTTON_TITLE_CHARS_MAX)?;
    let url = bounded(WHO, "the address", &url, limits::URL_CHARS_MAX)?;
    let after_scheme = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    if after_scheme.is_none_or(|rest| rest.is_empty() || rest.contains(char::is_whitespace)) {
        return Err(format!("{WHO}: an address begins with https:// or http:// and holds no spaces").into());
    }
    let (header, footer) = header_and_footer(WHO, &options)?;
    ask(Message::Link { header, body, footer, label, url })
}

fn send_template(name: Dynamic, language: Dynamic, fields: Array) -> Reply {
    const WHO: &str = "send_template";
    let name = bounded(WHO, "the template's name", &name, limits::TEXT_BODY_CHARS_MAX)?;
    let language = bounded(WHO, "the language", &language, limits::NAME_CHARS_MAX)?;
    if fields.len() > limits::TEMPLATE_FIELDS_MAX {
        return Err(format!("{WHO} takes at most {} fields, not {}", limits::TEMPLATE_FIELDS_MAX, fields.len()).into());
    }
    let fields = fields
        .iter()
        .map(|field| bounded(WHO, "a field", field, limits::MENU_BODY_CHARS_MAX))
        .collect::<Result<Vec<String>, _>>()?;
    ask(Message::Template { name, language, fields })
}

fn ask(message: Message) -> Reply {
    desk::with(|desk| desk.ask(Request::Send(message)))
}

/// Id and title of each button, from `[#{id: …, title: …}]` or `#{id: title}`.
fn pairs(buttons: Dynamic) -> Reply<Vec<(Dynamic, Dynamic)>> {
    if let Some(record) = buttons.read_lock::<Map>() {
        return Ok(record.iter().map(|(id, title)| (id.as_str().into(), title.clone())).collect());
    }
    let wrong = "send_buttons: buttons are a list such as [#{id: \"yes\", title: \"Yes\"}]";
    let Some(list) = buttons.read_lock::<Array>() else {
        return Err(format!("{wrong}, not {}", convert::kind_name(&buttons)).into());
    };
    list.iter()
        .map(|button| {
            let record = button.read_lock::<Map>().ok_or_else(|| format!("{wrong}, with a record for each button"))?;
            if let Some(other) = record.keys().find(|key| !["id", "title"].contains(&key.as_str())) {
                return Err(format!("send_buttons: a button has id and title, not {other}").into());
            }
            match (record.get("id"), record.get("title")) {
                (Some(id), Some(title)) => Ok((id.clone(), title.clone())),
                _ => Err("send_buttons: a button needs both id and title".into()),
            }
        })
        .collect()
}

fn header_and_footer(who: &str, options: &Map) -> Reply<(Option<String>, Option<String>)> {
    if let Some(other) = options.keys().find(|key| !["header", "footer"].contains(&key.as_str())) {
        return Err(format!("{who}: the options are header and footer, not {other}").into());
    }
    let one = |name: &str, most: usize| match options.get(name) {
        Some(value) if !value.is_unit() => bounded(who, &format!("the {name}"), value, most).map(Some),
        _ => Ok(None),
    };
    Ok((one("header", limits::HEADER_CHARS_MAX)?, one("footer", limits::FOOTER_CHARS_MAX)?))
}

/// A text that says something and has at most `most` characters.
fn bounded(who: &str, what: &str, value: &Dynamic, most: usize) -> Reply<String> {
    let text = text(who, what, value)?;
    let length = text.chars().count();
    if text.trim().is_empty() {
        return Err(format!("{who}: {what} is empty").into());
    }
    if length > most {
        return Err(format!("{who}: {what} has {length} characters, the provider takes {most}").into());
    }
    Ok(text)
}

/// The words of a text, number or letter; nothing else is a text.
pub(super) fn text(who: &str, what: &str, value: &Dynamic) -> Reply<String> {
    match value {
        _ if value.is_string() || value.is_char() || value.is_int() || value.is_float() => Ok(value.to_string()),
        _ => Err(format!("{who}: {what} must be a text, not {}", convert::kind_name(value)).into()),
    }
}
