//! `call`: asks another system over HTTP and goes on by what it `answers`. The turn does not wait: the answer is an event of its own.

use std::collections::BTreeMap;

use crate::model::{CallAnswer, FaultKind, HttpRequest, Resumes, Trace, Value, VariableName, limits};
use crate::script::Asked;
use crate::source::{Code, Diagnostic, Key, Node, Span, nearest};

use super::super::engine::{Broken, Machine, Next};
use super::super::hosts::is_header_name;
use super::super::keys;
use super::super::program::Flow;
use super::super::read::{Computed, Fields, Reader, Target, listed};
use super::super::text::Text;
use super::super::ways::Look;
use super::data::Data;
use super::say::address;
use super::{Set, Step};

/// The names that the expressions of `answers` see beside the flow's variables.
pub(in super::super) const ANSWER_NAMES: [&str; 2] = ["answer", "status"];

/// A call.
#[derive(Debug, Clone)]
pub struct Call {
    method: &'static str,
    url: Text,
    host: Option<String>,
    headers: Vec<(String, Text)>,
    body: Option<Data>,
    sign_in: Option<(String, Span)>,
    wait_ms: u64,
    tries: u32,
    once_per: Option<Text>,
    /// What happens with each answer, the closest first.
    pub(in super::super) answers: Vec<Row>,
    /// Where it leads when no answer comes, or none that a row takes.
    pub(in super::super) if_fails: Target,
    /// Where the call stands.
    pub span: Span,
}

/// What happens with an answer.
#[derive(Debug, Clone)]
pub(in super::super) struct Row {
    status: Status,
    when: Option<Computed>,
    set: Vec<Set>,
    pub(in super::super) go: Target,
}

/// Which answers a row takes; the closest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Status {
    /// `404`
    Exactly(u16),
    /// `4xx`, by its first digit.
    Class(u16),
    /// Whatever no other row takes.
    Otherwise,
}

impl Status {
    fn read(text: &str) -> Option<Self> {
        if text == "otherwise" {
            return Some(Self::Otherwise);
        }
        let class = text.strip_suffix("xx").or_else(|| text.strip_suffix("XX")).and_then(|digit| digit.parse().ok());
        let exactly = || text.parse().ok().filter(|status| text.len() == 3 && (100..600).contains(status)).map(Self::Exactly);
        class.filter(|class| (1..=5).contains(class)).map(Self::Class).or_else(exactly)
    }

    fn takes(self, status: u16) -> bool {
        match self {
            Self::Exactly(exactly) => exactly == status,
            Self::Class(class) => status / 100 == class,
            Self::Otherwise => true,
        }
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exactly(status) => write!(f, "{status}"),
            Self::Class(class) => write!(f, "{class}xx"),
            Self::Otherwise => f.write_str("otherwise"),
        }
    }
}

impl Row {
    fn read(reader: &Reader<'_>, key: &Key, node: &Node) -> Option<Self> {
        let status = Status::read(&key.text);
        if status.is_none() {
            reader.note(
                Diagnostic::error(Code::BAD_VALUE, key.span, format!("no answer has the status `{}`", key.text))
                    .help("write a status, `404`, all that begin alike, `4xx`, or `otherwise`"),
            );
        }
        let mut fields = reader.fields(node, "an answer")?;
        let names: Vec<VariableName> =
            ANSWER_NAMES.iter().map(|name| VariableName::new(name)).chain(reader.variables.iter().cloned()).collect();
        let when = fields.take("when").map(|(_, node)| reader.computed_over(node, "`when`", &names));
        let set = Set::read_over(reader, &mut fields, &names);
        let go = fields.need(reader, "go", "another_step").and_then(|node| reader.target(node, "`go`"));
        fields.finish(reader, &keys::CALL_ANSWER);
        let when = match when {
            Some(when) => Some(when?),
            None => None,
        };
        Some(Self { status: status?, when, set, go: go? })
    }

    /// The name of its way out.
    pub(in super::super) fn name(&self) -> String {
        self.status.to_string()
    }

    fn expressions(&self) -> impl Iterator<Item = &Computed> {
        self.when.iter().chain(self.set.iter().map(Set::value))
    }
}

impl Call {
    pub(super) fn read(reader: &Reader<'_>, key: &Key, node: &Node, step: &mut Fields<'_>) -> Option<Self> {
        let answers = step.need(reader, "answers", "{200: {go: another_step}}").map(|node| read_answers(reader, node));
        let if_fails = step.take("if_fails").map(|(_, node)| reader.target(node, "`if_fails`"));
        if if_fails.is_none() && !step.is_misspelt("if_fails") {
            reader.note(
                Diagnostic::error(Code::NO_EXIT, key.span, "the call does not say where it leads when no answer comes")
                    .help("add `if_fails: another_step` to the step"),
            );
        }
        let mut fields = reader.fields(node, "`call`")?;
        let url = fields.need(reader, "url", "https://api.example.com/orders").and_then(|node| read_address(reader, node));
        let body = fields.take("body").map(|(_, node)| Data::read(reader, node, "`body`"));
        let method = fields.take("method").map(|(_, node)| read_method(reader, node));
        let headers = fields.take("headers").map(|(_, node)| read_headers(reader, node)).unwrap_or_default();
        let sign_in = fields.take("sign_in").and_then(|(_, node)| Some((reader.scalar(node, "`sign_in`")?.to_owned(), node.span)));
        let wait_ms = fields.take("wait").map_or(Some(limits::CALL_WAIT_USUAL_MS), |(_, node)| read_wait(reader, node));
        let tries = fields.take("tries").map(|(_, node)| reader.whole(node, "`tries`", 1, limits::CALL_TRIES_MAX));
        let once_per = fields.take("once_per").and_then(|(_, node)| reader.text(node, "`once_per`"));
        fields.finish(reader, &keys::CALL);
        let method = method.unwrap_or(Some(HttpRequest::usual_method(body.is_some())))?;
        let (url, host) = url?;
        let body = match body {
            Some(body) => Some(body?),
            None => None,
        };
        let tries = tries.unwrap_or(Some(HttpRequest::usual_tries(method)))?;
        let (answers, if_fails) = (answers?, if_fails??);
        let span = key.span;
        Some(Self { method, url, host, headers, body, sign_in, wait_ms: wait_ms?, tries, once_per, answers, if_fails, span })
    }

    /// The host that it goes to, in small letters, and where it is written.
    pub(in super::super) fn host(&self) -> Option<(&str, Span)> {
        self.host.as_deref().map(|host| (host, self.url.span))
    }

    /// The name by which it signs in, and where it is written.
    pub(in super::super) fn sign_in(&self) -> Option<(&str, Span)> {
        self.sign_in.as_ref().map(|(name, span)| (name.as_str(), *span))
    }

    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow) {
        self.answers.iter().flat_map(|row| &row.set).for_each(|set| set.check(reader, flow));
        for name in ANSWER_NAMES {
            let Some(variable) = flow.remember.get(name) else { continue };
            let hidden = VariableName::new(name);
            let mut expressions = self.answers.iter().flat_map(Row::expressions);
            if let Some(used) = expressions.find(|computed| computed.expression.uses(&hidden)) {
                reader.note(
                    Diagnostic::error(Code::HIDDEN_BY_ANSWER, used.span, format!("`{name}` means the call's answer here"))
                        .related(variable.span, "and not this variable")
                        .help("give the variable another name"),
                );
            }
        }
    }

    pub(super) fn look<'f>(&'f self, look: &mut Look<'f>) {
        look.text(&self.url);
        self.headers.iter().for_each(|(_, value)| look.text(value));
        self.body.iter().for_each(|body| body.look(look));
        self.once_per.iter().for_each(|once_per| look.text(once_per));
        look.waits();
        for row in &self.answers {
            look.aside(|look| {
                look.hiding(&ANSWER_NAMES, |look| {
                    row.when.iter().for_each(|when| look.computed(when));
                    row.set.iter().for_each(|set| set.look(look));
                });
                look.leads(&row.go);
            });
        }
        look.leads(&self.if_fails);
    }

    pub(super) fn exits(&self) -> Vec<&Target> {
        self.answers.iter().map(|row| &row.go).chain([&self.if_fails]).collect()
    }

    /// Asks; what breaks on the way leads where `if_fails` says.
    pub(super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow, step: &Step) -> Result<Next, Broken> {
        let resumes = Resumes::Step { flow: flow.name.clone(), step: step.name.clone() };
        let asked = self.request(machine, flow).and_then(|request| {
            let asked = Asked { request, wait_ms: self.wait_ms, tries: self.tries };
            machine.call(asked, resumes, &machine.program.place(self.span))
        });
        asked.map(Next::Wait).map_err(|broken| broken.goes(&self.if_fails.step))
    }

    fn request(&self, machine: &mut Machine<'_>, flow: &Flow) -> Result<HttpRequest, Broken> {
        let mut missing = Vec::new();
        let (url, once_per, request) = {
            let scope = machine.scope(flow);
            let url = self.url.fill_address(&scope, &mut missing);
            let once_per = self.once_per.as_ref().map(|once_per| once_per.fill_address(&scope, &mut missing));
            // Without its value an address means something else, and two requests would be taken for the same.
            if let Some(Trace::Missing { name }) = missing.first() {
                let message = format!("`{name}` has no value, and the call needs it");
                return Err(Broken::new(machine, FaultKind::Value, self.url.span, message));
            }
            let line = |text: &Text, missing: &mut Vec<Trace>| text.fill(&scope, missing).replace(['\n', '\t'], " ");
            let headers: BTreeMap<String, String> =
                self.headers.iter().map(|(name, value)| (name.clone(), line(value, &mut missing))).collect();
            let body = self.body.as_ref().map(|body| body.fill(&scope, &mut missing));
            let sign_in = self.sign_in.as_ref().map(|(name, _)| name.clone());
            (url, once_per, HttpRequest { method: self.method.to_owned(), headers, body, sign_in, ..HttpRequest::default() })
        };
        machine.trace.append(&mut missing);
        let wrong = |what: String| Err(Broken::new(machine, FaultKind::Value, self.url.span, what));
        if climbs(&url) {
            return wrong("a value would lead the address somewhere else".to_owned());
        }
        let long = url.chars().count();
        if long > limits::URL_CHARS_MAX {
            return wrong(format!("the address has {long} characters with its values, {} are allowed", limits::URL_CHARS_MAX));
        }
        if once_per.as_ref().is_some_and(|once_per| once_per.len() > limits::ONCE_PER_CHARS_MAX) {
            return wrong(format!("`once_per` has more than {} characters with its values", limits::ONCE_PER_CHARS_MAX));
        }
        Ok(HttpRequest { url, once_per, ..request })
    }

    /// Goes where an answer leads.
    pub(in super::super) fn decide(
        &self,
        machine: &mut Machine<'_>,
        flow: &Flow,
        step: &Step,
        answer: &CallAnswer,
    ) -> Result<Next, Broken> {
        let row = match answer {
            CallAnswer::Failed { .. } => None,
            CallAnswer::Answered { status, body } => {
                machine.beside = names(*status, body);
                let row = self.row(machine, flow, *status).and_then(|row| {
                    row.iter().flat_map(|row| &row.set).try_for_each(|set| set.run(machine, flow)).map(|()| row)
                });
                machine.beside.clear();
                row.map_err(|broken| broken.goes(&self.if_fails.step))?
            }
        };
        let (name, go) = row.map_or(("if_fails".to_owned(), &self.if_fails), |row| (row.name(), &row.go));
        machine.trace.push(Trace::AnswerTaken { flow: flow.name.clone(), step: step.name.clone(), row: name });
        Ok(Next::Go(go.step.clone()))
    }

    /// The first row that takes the answer.
    fn row(&self, machine: &mut Machine<'_>, flow: &Flow, status: u16) -> Result<Option<&Row>, Broken> {
        for row in self.answers.iter().filter(|row| row.status.takes(status)) {
            match &row.when {
                Some(when) if !machine.test(flow, when)? => {}
                Some(_) | None => return Ok(Some(row)),
            }
        }
        Ok(None)
    }
}

/// What the expressions of `answers` see of an answer.
fn names(status: u16, body: &Value) -> BTreeMap<VariableName, Value> {
    let [answer, number] = ANSWER_NAMES.map(VariableName::new);
    BTreeMap::from([(answer, body.clone()), (number, Value::Whole(i64::from(status)))])
}

/// Whether a part of the path is `.` or `..`, written as it is or encoded: addresses are shortened by those.
fn climbs(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or("");
    path.split('/').map(|part| part.to_ascii_lowercase().replace("%2e", ".")).any(|part| part == "." || part == "..")
}

fn read_answers(reader: &Reader<'_>, node: &Node) -> Vec<Row> {
    let Some(fields) = reader.fields(node, "`answers`") else { return Vec::new() };
    let entries = fields.into_entries();
    if entries.is_empty() {
        reader.note(
            Diagnostic::error(Code::MISSING_KEY, node.span, "`answers` is empty")
                .help("say where an answer leads: `200: {go: another_step}`, or `otherwise: {go: another_step}` for all"),
        );
    }
    let mut rows: Vec<Row> = entries.iter().filter_map(|(key, node)| Row::read(reader, key, node)).collect();
    rows.sort_by_key(|row| row.status);
    rows
}

/// The address and its host, in small letters.
fn read_address(reader: &Reader<'_>, node: &Node) -> Option<(Text, Option<String>)> {
    let url = address(reader, node)?;
    let head = url.head();
    let rest = head.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    if authority.contains(['@', '\\']) {
        reader.note(
            Diagnostic::error(Code::BAD_URL, url.span, "the address holds a user name, a password or a backslash")
                .help("write the host alone; how to sign in stands in `buttonhook.yaml`, and its name under `sign_in`"),
        );
        return None;
    }
    let host = authority.split(':').next().unwrap_or("").to_ascii_lowercase();
    Some((url, Some(host).filter(|host| !host.is_empty())))
}

fn read_method(reader: &Reader<'_>, node: &Node) -> Option<&'static str> {
    let text = reader.scalar(node, "`method`")?;
    let method = HttpRequest::METHODS.iter().find(|method| **method == text).copied();
    if method.is_none() {
        let mistake = Diagnostic::error(Code::BAD_VALUE, node.span, format!("there is no method `{text}`"));
        let upper = text.to_uppercase();
        reader.note(match nearest(&upper, HttpRequest::METHODS.iter().copied()) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(node.span, near).sure_if(upper == near),
            None => mistake.help(format!("the methods are {}", listed(HttpRequest::METHODS))),
        });
    }
    method
}

fn read_wait(reader: &Reader<'_>, node: &Node) -> Option<u64> {
    let wait_ms = reader.duration(node, "`wait`")?;
    if wait_ms > limits::CALL_WAIT_MS_MAX {
        let most = limits::CALL_WAIT_MS_MAX / 1000;
        reader.note(
            Diagnostic::error(Code::BAD_VALUE, node.span, format!("one attempt takes at most {most} s"))
                .help("make it shorter, and let `tries` say how many attempts are made"),
        );
        return None;
    }
    Some(wait_ms)
}

fn read_headers(reader: &Reader<'_>, node: &Node) -> Vec<(String, Text)> {
    let entries = reader.fields(node, "`headers`").map(Fields::into_entries).unwrap_or_default();
    if let Some((extra, _)) = entries.get(limits::HEADERS_MAX) {
        let message = format!("a call has at most {} headers", limits::HEADERS_MAX);
        reader.note(Diagnostic::error(Code::TOO_LONG, extra.span, message));
    }
    let read = |(key, node): &(Key, Node)| {
        if !is_header_name(&key.text) {
            reader.note(
                Diagnostic::error(Code::BAD_VALUE, key.span, format!("`{}` is no name of a header", key.text))
                    .help("a header's name is letters, digits and `-`, for example `Accept-Language`"),
            );
            return None;
        }
        if HttpRequest::SECRET_HEADERS.contains(&key.text.to_ascii_lowercase().as_str()) {
            reader.note(
                Diagnostic::error(Code::WRITTEN_SECRET, key.span, format!("the header `{}` carries a secret", key.text))
                    .label("secrets never stand in a flow")
                    .help("take it out, write `sign_in: a_name` in the call, and say in `buttonhook.yaml` what that is: `sign_in: {a_name: {hosts: [api.example.com]}}`"),
            );
            return None;
        }
        Some((key.text.clone(), reader.text(node, "a header")?))
    };
    entries.iter().filter_map(read).collect()
}
