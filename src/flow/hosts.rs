//! `buttonhook.yaml`, as far as it belongs to the project: which hosts flows and scripts may call, and how they sign in there. The other
//! keys of the file are settings of the host, which are read and judged by whoever starts it.

use std::collections::BTreeMap;

use crate::model::{HostPattern, Hosts, SignIn};
use crate::script::Scripts;
use crate::source::{
    Code, Diagnostic, Node, NodeKind, PROJECT_FILE, PROJECT_KEYS, SourceKind, Sources, Span, nearest, parse_yaml, surely,
};

use super::keys;
use super::program::Program;
use super::read::Reader;
use super::step::Then;

/// What a header carries when the sign-in does not say.
const USUAL_VALUE: &str = "Bearer {secret}";
/// The place of the secret in a header's value.
const SECRET: &str = "{secret}";

/// What the project says of itself.
#[derive(Debug, Default)]
pub(super) struct Project {
    pub(super) hosts: Hosts,
    /// Whether something of it could not be read, so that what it allows is not known.
    in_doubt: bool,
}

/// Reads the project's file, where there is one.
pub(super) fn read(sources: &Sources, scripts: &Scripts, diagnostics: &mut Vec<Diagnostic>) -> Project {
    let Some((id, source)) = sources.iter().find(|(_, source)| source.kind == SourceKind::Project) else {
        return Project::default();
    };
    let (node, mut found) = parse_yaml(id, &source.text);
    let mut project = Project::default();
    let broken = found.iter().any(Diagnostic::is_error);
    if let Some(node) = node.filter(|_| !broken) {
        let reader = Reader::new(sources, scripts, id);
        project.hosts = hosts(&reader, &node);
        found.extend(reader.into_diagnostics());
    }
    project.in_doubt = found.iter().any(Diagnostic::is_error);
    diagnostics.append(&mut found);
    project
}

fn hosts(reader: &Reader<'_>, node: &Node) -> Hosts {
    // An empty file is one without settings; a list is told by whoever reads those.
    let NodeKind::Map(entries) = &node.kind else { return Hosts::default() };
    for (key, _) in entries.iter().filter(|(key, _)| !PROJECT_KEYS.contains(&key.text.as_str())) {
        if let Some(near) = nearest(&key.text, PROJECT_KEYS) {
            let mistake = Diagnostic::error(Code::UNKNOWN_KEY, key.span, format!("`{PROJECT_FILE}` has no key `{}`", key.text));
            let sure = surely(&key.text, near, PROJECT_KEYS);
            reader.note(mistake.label(format!("did you mean `{near}`?")).fix(key.span, near).sure_if(sure));
        }
    }
    let Some(mut fields) = reader.fields(node, "`buttonhook.yaml`") else { return Hosts::default() };
    let allowed = fields.take("hosts").map(|(_, node)| patterns(reader, node)).unwrap_or_default();
    let named = fields.take("sign_in").and_then(|(_, node)| reader.fields(node, "`sign_in`"));
    let mut sign_in = BTreeMap::new();
    for (key, node) in named.map(super::read::Fields::into_entries).unwrap_or_default() {
        let name = reader.new_name(&key.text, key.span, "a sign-in");
        if let (Some(name), Some(read)) = (name, read_sign_in(reader, node, &allowed)) {
            sign_in.insert(name.to_owned(), read);
        }
    }
    Hosts { allowed: allowed.into_iter().map(|(pattern, _)| pattern).collect(), sign_in }
}

fn patterns(reader: &Reader<'_>, node: &Node) -> Vec<(HostPattern, Span)> {
    let items = reader.items(node, "`hosts`").unwrap_or_default();
    if let Some(extra) = items.get(crate::model::limits::HOSTS_MAX) {
        let message = format!("more than {} hosts in one place", crate::model::limits::HOSTS_MAX);
        reader.note(Diagnostic::error(Code::TOO_LONG, extra.span, message));
    }
    items.iter().filter_map(|item| pattern(reader, item)).collect()
}

fn pattern(reader: &Reader<'_>, node: &Node) -> Option<(HostPattern, Span)> {
    let text = reader.scalar(node, "a host")?;
    if let Some(pattern) = HostPattern::parse(text) {
        return Some((pattern, node.span));
    }
    let mistake = Diagnostic::error(Code::BAD_HOST, node.span, format!("`{text}` is no host"));
    // `https://api.example.com:8443/v1` names one.
    let meant = text.split("://").last().and_then(|rest| rest.split(['/', '?', '#', ':']).next()).unwrap_or("");
    reader.note(match HostPattern::parse(meant).filter(|_| meant != text && meant.contains('.')) {
        Some(_) => mistake.label("only the host stands here").fix(node.span, format!("\"{meant}\"")),
        None => mistake.help("write a host alone, `api.example.com`, or all below one, `\"*.example.com\"`"),
    });
    None
}

fn read_sign_in(reader: &Reader<'_>, node: &Node, allowed: &[(HostPattern, Span)]) -> Option<SignIn> {
    let mut fields = reader.fields(node, "a sign-in")?;
    let hosts = fields.need(reader, "hosts", "[api.example.com]").map(|node| patterns(reader, node));
    let header = fields.take("header").map_or(Some("Authorization"), |(_, node)| header(reader, node));
    let value = fields.take("value").map_or(Some(USUAL_VALUE), |(_, node)| value(reader, node));
    fields.finish(reader, &keys::SIGN_IN);
    let hosts = hosts?;
    for (pattern, span) in &hosts {
        let inside = |all: &HostPattern| all == pattern || all.fits(pattern.as_str().trim_start_matches("*."));
        if !allowed.iter().any(|(all, _)| inside(all)) {
            let message = format!("the project does not call `{}`, so no secret is sent there", pattern.as_str());
            reader.note(
                Diagnostic::error(Code::SIGN_IN_ELSEWHERE, *span, message)
                    .help(format!("add it to `hosts` of this file as well: `hosts: [\"{}\"]`", pattern.as_str())),
            );
        }
    }
    let hosts = hosts.into_iter().map(|(pattern, _)| pattern).collect();
    Some(SignIn { header: header?.to_owned(), value: value?.to_owned(), hosts })
}

fn header<'n>(reader: &Reader<'_>, node: &'n Node) -> Option<&'n str> {
    let text = reader.scalar(node, "the header")?;
    if is_header_name(text) {
        return Some(text);
    }
    reader.note(
        Diagnostic::error(Code::BAD_VALUE, node.span, format!("`{text}` is no name of a header"))
            .help("write its name alone, `Authorization` or `X-Api-Key`"),
    );
    None
}

/// Whether a request can have a header of that name (RFC 9110, section 5.1).
pub(super) fn is_header_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

fn value<'n>(reader: &Reader<'_>, node: &'n Node) -> Option<&'n str> {
    let text = reader.scalar(node, "the header's value")?;
    if text.matches(SECRET).count() == 1 {
        return Some(text);
    }
    reader.note(
        Diagnostic::error(Code::WRITTEN_SECRET, node.span, "the place of the secret, `{secret}`, must stand here once")
            .label("the secret itself never stands in a project")
            .help(format!("write `\"{USUAL_VALUE}\"`, or `\"{SECRET}\"` for the secret alone")),
    );
    None
}

/// Checks every call that is written out against what the project allows.
pub(super) fn check(program: &Program, diagnostics: &mut Vec<Diagnostic>) {
    if program.hosts.in_doubt {
        return;
    }
    for step in program.flows().flat_map(|flow| flow.steps.values()) {
        if let Then::Call(call) = &step.then {
            check_call(&program.hosts.hosts, call.host(), call.sign_in(), diagnostics);
        }
    }
}

/// Checks a call to `host`, which signs in by a name.
fn check_call(hosts: &Hosts, host: Option<(&str, Span)>, sign_in: Option<(&str, Span)>, diagnostics: &mut Vec<Diagnostic>) {
    let named = sign_in.map(|(name, span)| (name, span, hosts.sign_in.get(name)));
    if let Some((name, span, None)) = named {
        let mistake = Diagnostic::error(Code::UNKNOWN_SIGN_IN, span, format!("the project has no sign-in `{name}`"));
        diagnostics.push(match nearest(name, hosts.sign_in.keys().map(String::as_str)) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(span, near),
            None => mistake.help(format!(
                "say in `{PROJECT_FILE}` where it may be used: `sign_in: {{{name}: {{hosts: [{}]}}}}`",
                host.map_or("api.example.com", |(host, _)| host)
            )),
        });
    }
    let Some((host, span)) = host else { return };
    if !hosts.allows(host) {
        let list: Vec<&str> = hosts.allowed.iter().map(HostPattern::as_str).chain([host]).collect();
        let list = list.iter().map(|host| if host.starts_with('*') { format!("\"{host}\"") } else { (*host).to_owned() });
        diagnostics.push(
            Diagnostic::error(Code::HOST_NOT_ALLOWED, span, format!("the project does not allow calls to `{host}`"))
                .help(format!("write in `{PROJECT_FILE}`: `hosts: [{}]`", list.collect::<Vec<_>>().join(", "))),
        );
    } else if let Some((name, at, Some(sign_in))) = named
        && !sign_in.hosts.iter().any(|pattern| pattern.fits(host))
    {
        let message = format!("the sign-in `{name}` is not for `{host}`, so its secret is not sent there");
        diagnostics.push(
            Diagnostic::error(Code::SIGN_IN_ELSEWHERE, at, message)
                .help(format!("add the host to `sign_in.{name}.hosts` in `{PROJECT_FILE}`, or take `sign_in` out of the call")),
        );
    }
}
