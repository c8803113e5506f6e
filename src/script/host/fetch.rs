//! `fetch`, `url_part`, `emit`: other systems.
//!
//! `fetch` reads like a plain call and is none: the function stops there, the turn asks, and when the answer has come the function runs
//! again from its start and is given the answers so far. What stops it is no error of Rhai's: `try` cannot catch it, and the fence
//! ends the call at its next operation even where something in between swallows errors.

use std::collections::BTreeMap;

use rhai::{Dynamic, Engine, EvalAltResult, ImmutableString, Map, Position};

use super::Reply;
use super::send::text;
use crate::model::{CallAnswer, Fetched, HttpRequest, Value, limits, name};
use crate::script::desk::Fetching;
use crate::script::fence::{self, Limit};
use crate::script::types::{Asked, Request};
use crate::script::{convert, desk};
use crate::source;

/// What a request may say.
const KEYS: [&str; 8] = ["url", "method", "headers", "body", "sign_in", "wait", "tries", "once_per"];

pub(super) fn register(engine: &mut Engine) {
    engine
        .register_fn("fetch", |request: Map| fetch(&request))
        .register_fn("url_part", |value: Dynamic| url_part(&value))
        .register_fn("emit", |name: &str| emit(name, Value::Nothing))
        .register_fn("emit", |name: &str, data: Dynamic| {
            let data = convert::to_value(&data).map_err(|why| format!("emit: the data is {why}"))?;
            emit(name, data)
        });
}

fn emit(name: &str, data: Value) -> Reply {
    let name = super::change::named("emit", "news", name)?.to_owned();
    desk::with(|desk| desk.ask(Request::Emit(name, data)))
}

fn url_part(value: &Dynamic) -> Reply<ImmutableString> {
    let text = text("url_part", "the value", value)?;
    // A part that is only dots would shorten the address.
    let dots = matches!(text.as_str(), "." | "..");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if dots || text.is_empty() {
        return Err(format!("url_part: \"{text}\" would lead the address somewhere else").into());
    }
    Ok(text
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect::<String>()
        .into())
}

fn fetch(request: &Map) -> Reply<Dynamic> {
    desk::with(|desk| desk.may_ask())?;
    let asked = asked(request)?;
    let came = desk::with(|desk| Ok(desk.fetching.next(&asked)))?;
    match came {
        Some(answer) => Ok(given(&answer)),
        None => {
            desk::with(|desk| {
                desk.fetching.stopped_at(asked);
                Ok(())
            })?;
            fence::trip(Limit::Fetch);
            Err(Box::new(EvalAltResult::ErrorTerminated(Dynamic::from_int(Limit::Fetch as i64), Position::NONE)))
        }
    }
}

impl Fetching {
    /// The answer to the next request, if it has come already and was to this one.
    fn next(&mut self, asked: &Asked) -> Option<CallAnswer> {
        let Fetched { asked: before, answer } = self.answers.get(self.given)?.clone();
        self.given += 1;
        self.other = before != asked.fingerprint();
        (!self.other).then_some(answer)
    }

    /// The function stops at a request. Nothing that a later line asks counts: there is none.
    fn stopped_at(&mut self, asked: Asked) {
        if self.asks.is_none() {
            self.asks = Some(asked);
        }
    }
}

/// What a script is given of an answer.
fn given(answer: &CallAnswer) -> Dynamic {
    let (status, body, failed, detail) = match answer {
        CallAnswer::Answered { status, body } => (i64::from(*status), convert::to_dynamic(body), "", ""),
        CallAnswer::Failed { why, detail } => (0, Dynamic::UNIT, why.as_str(), detail.as_str()),
    };
    let fields: [(&str, Dynamic); 5] = [
        ("ok", (200..300).contains(&status).into()),
        ("status", status.into()),
        ("body", body),
        ("failed", failed.into()),
        ("detail", detail.into()),
    ];
    Dynamic::from_map(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// Reads a request.
fn asked(request: &Map) -> Reply<Asked> {
    if let Some(other) = request.keys().find(|key| !KEYS.contains(&key.as_str())) {
        return Err(match source::nearest(other, KEYS) {
            Some(near) => format!("fetch: a request has no {other}; did you mean {near}?").into(),
            None => format!("fetch: a request has {}, not {other}", KEYS.join(", ")).into(),
        });
    }
    let one = |key: &str| request.get(key).filter(|value| !value.is_unit());
    let words = |key: &str| one(key).map(|value| text("fetch", key, value)).transpose();
    let url = words("url")?.ok_or("fetch: a request needs a url")?;
    if !["https://", "http://"].iter().any(|scheme| url.starts_with(scheme)) || url.contains(char::is_whitespace) {
        return Err("fetch: the url begins with https:// and holds no space; put values in with url_part(value)".into());
    }
    let long = url.chars().count();
    if long > limits::URL_CHARS_MAX {
        return Err(format!("fetch: the url has {long} characters, {} are allowed", limits::URL_CHARS_MAX).into());
    }
    let body = one("body").map(|body| convert::to_value(body).map_err(|why| format!("fetch: the body is {why}"))).transpose()?;
    let method = words("method")?.unwrap_or_else(|| HttpRequest::usual_method(body.is_some()).to_owned());
    if !HttpRequest::METHODS.contains(&method.as_str()) {
        return Err(format!("fetch: the methods are {}, not {method}", HttpRequest::METHODS.join(", ")).into());
    }
    let once_per = words("once_per")?;
    if once_per.as_ref().is_some_and(|once_per| once_per.is_empty() || once_per.chars().count() > limits::ONCE_PER_CHARS_MAX) {
        return Err(format!("fetch: once_per has 1 to {} characters", limits::ONCE_PER_CHARS_MAX).into());
    }
    let sign_in = words("sign_in")?;
    if sign_in.as_deref().is_some_and(|sign_in| !name::is_name(sign_in)) {
        return Err("fetch: sign_in is a name of `sign_in` in flows/_always.yaml".into());
    }
    let request = HttpRequest { headers: headers(one("headers"))?, url, body, sign_in, once_per, method };
    let tries = tries(one("tries"), &request.method)?;
    Ok(Asked { wait_ms: wait(words("wait")?)?, tries, request })
}

fn tries(given: Option<&Dynamic>, method: &str) -> Reply<u32> {
    let Some(given) = given else { return Ok(HttpRequest::usual_tries(method)) };
    let tries = given.as_int().ok().and_then(|tries| u32::try_from(tries).ok());
    tries
        .filter(|tries| (1..=limits::CALL_TRIES_MAX).contains(tries))
        .ok_or_else(|| format!("fetch: tries is a whole number from 1 to {}", limits::CALL_TRIES_MAX).into())
}

/// `10 s`, from 1 to 60 seconds.
fn wait(text: Option<String>) -> Reply<u64> {
    let Some(text) = text else { return Ok(limits::CALL_WAIT_USUAL_MS) };
    let most = limits::CALL_WAIT_MS_MAX / 1000;
    let seconds = text.trim().strip_suffix('s').and_then(|number| number.trim_end().parse::<u64>().ok());
    seconds
        .filter(|seconds| (1..=most).contains(seconds))
        .map(|seconds| seconds * 1000)
        .ok_or_else(|| format!("fetch: wait is a stretch of time from \"1 s\" to \"{most} s\", not \"{text}\"").into())
}

fn headers(given: Option<&Dynamic>) -> Reply<BTreeMap<String, String>> {
    let Some(given) = given else { return Ok(BTreeMap::new()) };
    let record = given.read_lock::<Map>().ok_or("fetch: headers are a record, #{\"Accept-Language\": \"en\"}")?;
    if record.len() > limits::HEADERS_MAX {
        return Err(format!("fetch: a request has at most {} headers", limits::HEADERS_MAX).into());
    }
    let mut headers = BTreeMap::new();
    for (name, value) in record.iter() {
        let lower = name.to_ascii_lowercase();
        if HttpRequest::SECRET_HEADERS.contains(&lower.as_str()) {
            return Err(format!("fetch: the header {name} carries a secret, which no script knows; write sign_in").into());
        }
        let value = text("fetch", &format!("the header {name}"), value)?;
        headers.insert(name.to_string(), value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect());
    }
    Ok(headers)
}
