//! `send`, `send_buttons`, `send_link`, `send_template`. A message beyond the provider's bounds is refused here, where the author's
//! line is known, and never met by cutting.

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
    ask("send", Message::Text { body: text("send", "the text", &body)? })
}

fn send_buttons(body: Dynamic, buttons: Dynamic, options: Map) -> Reply {
    const WHO: &str = "send_buttons";
    let body = text(WHO, "the text", &body)?;
    let pairs = pairs(buttons)?;
    let mut made: Vec<Button> = Vec::with_capacity(pairs.len());
    for (id, title) in pairs {
        let title = text(WHO, "a button's title", &title)?;
        let id = text(WHO, "a button's id", &id)?;
        if id.is_empty() || id.len() > limits::NAMED_BUTTON_ID_BYTES_MAX {
            let most = limits::NAMED_BUTTON_ID_BYTES_MAX;
            return Err(format!("{WHO}: a button's id has 1 to {most} bytes, this one has {}", id.len()).into());
        }
        let means = ButtonRef::Named(id);
        if made.iter().any(|other| other.means == means) {
            return Err(format!("{WHO}: two buttons with the same id, and their taps would look the same").into());
        }
        made.push(Button { means, title });
    }
    let (header, footer) = header_and_footer(WHO, &options)?;
    ask(WHO, Message::Buttons { header, body, footer, buttons: made })
}

fn send_link(body: Dynamic, label: Dynamic, url: Dynamic, options: Map) -> Reply {
    const WHO: &str = "send_link";
    let body = text(WHO, "the text", &body)?;
    let label = text(WHO, "the label", &label)?;
    let url = text(WHO, "the address", &url)?;
    let (header, footer) = header_and_footer(WHO, &options)?;
    ask(WHO, Message::Link { header, body, footer, label, url })
}

fn send_template(name: Dynamic, language: Dynamic, fields: Array) -> Reply {
    const WHO: &str = "send_template";
    let name = text(WHO, "the template's name", &name)?;
    let language = bounded(WHO, "the language", &language, limits::NAME_CHARS_MAX)?;
    let fields = fields
        .iter()
        .map(|field| bounded(WHO, "a field", field, limits::MENU_BODY_CHARS_MAX))
        .collect::<Result<Vec<String>, _>>()?;
    ask(WHO, Message::Template { name, language, fields, header: None, buttons: Vec::new() })
}

fn ask(who: &str, message: Message) -> Reply {
    if let Some(broken) = message.broken_limit() {
        return Err(format!("{who}: {broken}").into());
    }
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
    let one = |name: &str| match options.get(name) {
        Some(value) if !value.is_unit() => text(who, &format!("the {name}"), value).map(Some),
        _ => Ok(None),
    };
    Ok((one("header")?, one("footer")?))
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
