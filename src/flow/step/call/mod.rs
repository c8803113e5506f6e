//! `call`: asks another system over HTTP. The turn does not wait for it: the answer is an event, and `answers` says what it leads to.

mod answers;
mod body;

use crate::model::{FaultKind, HttpRequest, OpenCall, Resumes, Trace, Wait, limits};
use crate::script::Asked;
use crate::source::{Code, Diagnostic, Node, Span};

use super::super::engine::{Broken, Machine, Next};
use super::super::hosts;
use super::super::keys;
use super::super::program::{Flow, Program};
use super::super::read::{Fields, Reader, Target};
use super::super::text::Text;
use super::super::ways::Look;
use super::Step;
use super::say::address;

use answers::Answers;
pub(in super::super) use body::Body;

/// Calls in a row that a conversation makes without a word from the contact: a circle of calls must end.
pub(in super::super) const CALLS_UNHEARD_MAX: u32 = 50;

/// A call to another system.
#[derive(Debug, Clone)]
pub struct Call {
    method: &'static str,
    url: Text,
    headers: Vec<(String, Text)>,
    body: Option<Body>,
    sign_in: Option<(String, Span)>,
    once_per: Option<Text>,
    wait_ms: u64,
    tries: u32,
    /// What comes of it.
    pub answers: Answers,
    /// Where it goes when no usable answer came, or one that nothing is said of.
    pub if_fails: Option<Target>,
    /// What is said to a contact who writes before the answer is there.
    pub meanwhile: Option<Text>,
    /// Where.
    pub span: Span,
}

impl Call {
    /// Reads the call and what belongs to it.
    pub(super) fn read(reader: &Reader<'_>, node: &Node, step: &mut Fields<'_>) -> Option<Self> {
        let answers = step.take("answers").map(|(_, node)| Answers::read(reader, node));
        let if_fails = step.take("if_fails").and_then(|(_, node)| reader.target(node, "`if_fails`"));
        let meanwhile = step.take("meanwhile").and_then(|(_, node)| reader.text(node, "`meanwhile`"));
        let mut fields = reader.fields(node, "`call`")?;
        let url = fields.need(reader, "url", "\"https://api.example.com/orders\"").and_then(|node| read_address(reader, node));
        let body = fields.take("body").and_then(|(_, node)| Body::read(reader, node));
        let method = fields.take("method");
        let method = method.map_or(Some(if body.is_some() { "POST" } else { "GET" }), |(_, node)| read_method(reader, node));
        let headers = fields.take("headers").map(|(_, node)| read_headers(reader, node)).unwrap_or_default();
        let sign_in =
            fields.take("sign_in").and_then(|(_, node)| Some((reader.scalar(node, "`sign_in`")?.to_owned(), node.span)));
        let once_per = fields.take("once_per").and_then(|(_, node)| reader.text(node, "`once_per`"));
        let wait = fields.take("wait").map(|(_, node)| read_wait(reader, node));
        let tries = fields.take("tries").map(|(_, node)| reader.whole(node, "`tries`", 1, limits::CALL_TRIES_MAX));
        fields.finish(reader, &keys::CALL);
        if let (Some(body), Some("GET")) = (&body, method) {
            reader.note(
                Diagnostic::error(Code::TOGETHER, body.span(), "`GET` with a `body`")
                    .help("write `method: POST`, or put the values into the address"),
            );
        }
        if answers.is_none() && if_fails.is_none() {
            reader.note(
                Diagnostic::error(Code::NO_EXIT, node.span, "the call does not say what its answer leads to")
                    .help("add `answers: {200: {go: another_step}}` and `if_fails: another_step`"),
            );
        }
        Some(Self {
            method: method?,
            url: url?,
            headers,
            body,
            sign_in,
            once_per,
            wait_ms: wait.unwrap_or(Some(limits::CALL_WAIT_USUAL_MS))?,
            tries: tries.unwrap_or(Some(HttpRequest::usual_tries(method?)))?,
            answers: answers.unwrap_or_default(),
            if_fails,
            meanwhile,
            span: node.span,
        })
    }

    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow) {
        if let Some(meanwhile) = &self.meanwhile {
            flow.check_length(reader, meanwhile, limits::TEXT_BODY_CHARS_MAX, "the text");
        }
        self.answers.check(reader, flow, self.if_fails.is_some(), self.span);
    }

    /// Checks what only the whole project can tell: the host and the secret.
    pub(in super::super) fn check_hosts(&self, program: &Program, diagnostics: &mut Vec<Diagnostic>) {
        let hosts = program.hosts();
        let host = host_of(self.url.head());
        if !hosts.allows(&host) {
            diagnostics.push(hosts::not_allowed(hosts, &host, self.url.span));
        }
        let Some((name, span)) = &self.sign_in else { return };
        match hosts.sign_in.get(name) {
            None => {
                let message = format!("there is no sign-in `{name}`");
                let mistake = Diagnostic::error(Code::UNKNOWN_SIGN_IN, *span, message);
                diagnostics.push(match crate::source::nearest(name, hosts.sign_in.keys().map(String::as_str)) {
                    Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(*span, near),
                    None => mistake.help(format!("name it in `flows/_always.yaml`: `sign_in: {{{name}: {{}}}}`")),
                });
            }
            Some(sign_in) if hosts.allows(&host) && !sign_in.hosts.iter().any(|pattern| pattern.fits(&host)) => {
                let message = format!("the sign-in `{name}` is not for `{host}`");
                diagnostics.push(Diagnostic::error(Code::HOST_NOT_ALLOWED, *span, message).help(format!(
                    "add the host to its `hosts` in `flows/_always.yaml`, or sign in to `{host}` by another name"
                )));
            }
            Some(_) => {}
        }
    }

    /// What it asks for.
    pub(super) fn method(&self) -> &'static str {
        self.method
    }

    /// The address, with its values by their names.
    pub(super) fn address(&self) -> String {
        self.url.shown()
    }

    /// Every step it can lead to.
    pub(super) fn exits(&self) -> Vec<&Target> {
        self.answers.exits().chain(&self.if_fails).collect()
    }

    pub(super) fn look<'f>(&'f self, look: &mut Look<'f>) {
        let texts = [&self.url].into_iter().chain(&self.once_per).chain(&self.meanwhile);
        texts.chain(self.headers.iter().map(|(_, text)| text)).for_each(|text| look.text(text));
        self.body.iter().for_each(|body| body.look(look));
        look.waits();
        self.answers.look(look);
        self.if_fails.iter().for_each(|target| look.leads(target));
    }

    /// Asks, and waits for the answer.
    pub(super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow, step: &Step) -> Result<Next, Broken> {
        let resumes = Resumes::Step { flow: flow.name.clone(), step: step.name.clone() };
        let called = self.fill(machine, flow).and_then(|request| {
            let asked = Asked { request, wait_ms: self.wait_ms, tries: self.tries };
            machine.call(asked, resumes, &machine.program.place(self.span))
        });
        // A call that cannot even leave has no answer either.
        called.map(Next::Wait).map_err(|broken| match &self.if_fails {
            Some(target) => broken.goes(&target.step),
            None => broken,
        })
    }

    fn fill(&self, machine: &mut Machine<'_>, flow: &Flow) -> Result<HttpRequest, Broken> {
        let mut missing = Vec::new();
        let request = {
            let scope = machine.scope(flow);
            let url = self.url.fill_address(&scope, &mut missing);
            let once_per = self.once_per.as_ref().map(|text| one_line(&text.fill(&scope, &mut missing)));
            // Without its value an address means something else, and two requests would be taken for the same one.
            if let Some(Trace::Missing { name }) = missing.first() {
                let message = format!("`{name}` has no value, and the call needs it; a place can have something to fall back on");
                return Err(Broken::new(machine, FaultKind::Value, self.url.span, message));
            }
            let mut fill = |text: &Text| text.fill(&scope, &mut missing);
            let headers = self.headers.iter().map(|(name, text)| (name.clone(), one_line(&fill(text)))).collect();
            let body = self.body.as_ref().map(|body| body.fill(&scope, &mut missing));
            let sign_in = self.sign_in.as_ref().map(|(name, _)| name.clone());
            HttpRequest { method: self.method.to_owned(), url, headers, body, sign_in, once_per }
        };
        machine.trace.append(&mut missing);
        if request.url.chars().count() > limits::URL_CHARS_MAX {
            let message = format!("the address has more than {} characters with its values", limits::URL_CHARS_MAX);
            return Err(Broken::new(machine, FaultKind::Message, self.url.span, message));
        }
        Ok(request)
    }
}

impl<'p> Machine<'p> {
    /// Puts a call on its way and keeps what goes on when its answer comes. `place` is where it is written.
    pub(in super::super) fn call(&mut self, asked: Asked, resumes: Resumes, place: &str) -> Result<Wait, Broken> {
        let Asked { request, wait_ms, tries } = asked;
        let refused = |kind, message: String| Err(Broken::at(place, kind, message));
        let host = host_of(&request.url);
        if !self.program.hosts().allows(&host) {
            return refused(
                FaultKind::Call,
                format!("the project does not call `{host}`; allow it in `flows/_always.yaml` under `hosts`"),
            );
        }
        if request.walks_up() {
            return refused(FaultKind::Call, "a value in the address is only dots, and would lead it somewhere else".to_owned());
        }
        if self.conversation.calls.len() >= limits::CALLS_OPEN_MAX {
            return refused(FaultKind::State, format!("more than {} calls wait for their answers", limits::CALLS_OPEN_MAX));
        }
        if self.conversation.unheard_calls >= CALLS_UNHEARD_MAX {
            return refused(FaultKind::Loop, format!("more than {CALLS_UNHEARD_MAX} calls without a word from the contact"));
        }
        let bytes = request.body.as_ref().map_or(0, |body| serde_json::to_vec(body).map_or(usize::MAX, |bytes| bytes.len()));
        if bytes > limits::CALL_BODY_BYTES_MAX {
            return refused(FaultKind::Message, format!("the body has more than {} bytes", limits::CALL_BODY_BYTES_MAX));
        }
        self.conversation.unheard_calls += 1;
        self.trace.push(Trace::Called { method: request.method.clone(), host });
        let key = self.push_call(request, wait_ms, tries);
        self.conversation.calls.push(OpenCall { key: key.clone(), resumes });
        Ok(Wait::Call { call: key })
    }
}

/// The host of an address, in small letters and without user and port; empty when there is none.
pub(in super::super) fn host_of(url: &str) -> String {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or("");
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host.split(':').next().unwrap_or("").to_ascii_lowercase()
}

/// Headers have no line breaks.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn read_method(reader: &Reader<'_>, node: &Node) -> Option<&'static str> {
    let text = reader.scalar(node, "`method`")?;
    let known = HttpRequest::METHODS.into_iter().find(|known| *known == text);
    if known.is_none() {
        let mistake = Diagnostic::error(Code::BAD_VALUE, node.span, format!("there is no method `{text}`"));
        reader.note(match HttpRequest::METHODS.into_iter().find(|known| known.eq_ignore_ascii_case(text)) {
            Some(near) => mistake.label("methods are written in capital letters").sure_fix(node.span, near),
            None => mistake.help("write one of GET, POST, PUT, PATCH and DELETE"),
        });
    }
    known
}

/// The address of a call, which names a host and nobody who signs in there.
fn read_address(reader: &Reader<'_>, node: &Node) -> Option<Text> {
    let url = address(reader, node)?;
    let rest = url.head().split_once("://").map_or("", |(_, rest)| rest);
    if !rest.split(['/', '?', '#']).next().unwrap_or("").contains(['@', '\\']) {
        return Some(url);
    }
    reader.note(
        Diagnostic::error(Code::BAD_URL, url.span, "the address holds a user name, a password or a backslash").help(
            "write the host alone; how to sign in is named in `flows/_always.yaml`, and called by that name with `sign_in`",
        ),
    );
    None
}

fn read_headers(reader: &Reader<'_>, node: &Node) -> Vec<(String, Text)> {
    let Some(entries) = reader.fields(node, "`headers`") else { return Vec::new() };
    let read = |(key, node): &(crate::source::Key, Node)| {
        if HttpRequest::SECRET_HEADERS.contains(&key.text.to_ascii_lowercase().as_str()) {
            reader.note(
                Diagnostic::error(Code::SECRET_IN_FILE, key.span, format!("the header `{}` carries a secret", key.text))
                    .label("secrets never stand in a flow")
                    .help(
                        "write `sign_in: shop_api` in the call, and name that in `flows/_always.yaml`: `sign_in: {shop_api: {}}`",
                    ),
            );
            return None;
        }
        let name = hosts::header_name(reader, &key.text, key.span);
        let value = reader.text(node, "a header")?;
        hosts::no_secret(reader, value.head(), value.span);
        Some((name?, value))
    };
    entries.into_entries().iter().filter_map(read).collect()
}

fn read_wait(reader: &Reader<'_>, node: &Node) -> Option<u64> {
    let wait_ms = reader.duration(node, "`wait`")?;
    if wait_ms > limits::CALL_WAIT_MS_MAX {
        reader.note(
            Diagnostic::error(Code::BAD_VALUE, node.span, "a call waits 60 s at most, for each of its `tries`")
                .help("whoever waits on the other side of the phone does not wait longer either"),
        );
        return None;
    }
    Some(wait_ms)
}
