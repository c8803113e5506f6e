//! `hosts` and `sign_in` of `flows/_always.yaml`: which other systems the project may call, and how it signs in there.

use std::collections::BTreeMap;

use crate::model::{HostPattern, Hosts, SignIn};
use crate::source::{Code, Diagnostic, Node, Span, nearest};

use super::keys;
use super::read::{Fields, Reader};

/// The place of the secret in a sign-in's value.
const SECRET: &str = "{secret}";
/// How secrets of well-known systems begin, and what a header that holds one begins with.
const SECRET_BEGINS: [&str; 9] = ["apitk_", "sk_live", "sk_test", "whsec_", "ghp_", "xoxb-", "Bearer ", "Basic ", "AKIA"];

/// Reads both keys.
pub(super) fn read(reader: &Reader<'_>, fields: &mut Fields<'_>) -> Hosts {
    let allowed = fields.take("hosts").map(|(_, node)| patterns(reader, node)).unwrap_or_default();
    let mut hosts = Hosts { allowed, sign_in: BTreeMap::new() };
    if let Some(entries) = fields.take("sign_in").and_then(|(_, node)| reader.fields(node, "`sign_in`")) {
        for (key, node) in entries.into_entries() {
            let named = reader.new_name(&key.text, key.span, "a secret");
            let sign_in = sign_in(reader, node, &hosts);
            if let (Some(named), Some(sign_in)) = (named, sign_in) {
                hosts.sign_in.insert(named.to_owned(), sign_in);
            }
        }
    }
    hosts
}

fn patterns(reader: &Reader<'_>, node: &Node) -> Vec<HostPattern> {
    let items = reader.items(node, "`hosts`").unwrap_or_default();
    items.iter().filter_map(|item| pattern(reader, item)).collect()
}

fn pattern(reader: &Reader<'_>, item: &Node) -> Option<HostPattern> {
    let text = reader.scalar(item, "a host")?;
    let pattern = HostPattern::parse(text);
    if pattern.is_none() {
        reader.note(
            Diagnostic::error(Code::BAD_HOST, item.span, format!("`{text}` is not the name of a host"))
                .help("write the name alone, `api.example.com`, without `https://`, port or path; `\"*.example.com\"` stands for all below it"),
        );
    }
    pattern
}

fn sign_in(reader: &Reader<'_>, node: &Node, hosts: &Hosts) -> Option<SignIn> {
    let mut fields = reader.fields(node, "a `sign_in`")?;
    let header = fields.take("header");
    let value = fields.take("value");
    let only = fields.take("hosts");
    fields.finish(reader, &keys::SIGN_IN);
    let header = match header {
        Some((_, node)) => header_name(reader, reader.scalar(node, "`header`")?, node.span)?,
        None => "Authorization".to_owned(),
    };
    let value = match value {
        Some((_, node)) => secret_place(reader, reader.scalar(node, "`value`")?, node.span)?,
        None => format!("Bearer {SECRET}"),
    };
    let Some((_, node)) = only else {
        return Some(SignIn { header, value, hosts: hosts.allowed.clone() });
    };
    let named = reader.items(node, "`hosts`").unwrap_or_default();
    let mut allowed = Vec::new();
    for item in named {
        let Some(pattern) = pattern(reader, item) else { continue };
        if !hosts.allowed.iter().any(|known| *known == pattern || known.fits(pattern.as_str())) {
            reader.note(not_allowed(hosts, pattern.as_str(), item.span));
        }
        allowed.push(pattern);
    }
    Some(SignIn { header, value, hosts: allowed })
}

fn secret_place(reader: &Reader<'_>, text: &str, span: Span) -> Option<String> {
    if text.contains(SECRET) {
        return Some(text.to_owned());
    }
    reader.note(
        Diagnostic::error(Code::SECRET_IN_FILE, span, "the value of a sign-in has no place for the secret")
            .help("write `\"Bearer {secret}\"`: the secret itself is a setting, `BUTTONHOOK_SECRET_` and the name, and never stands in a file of the project"),
    );
    None
}

/// A header's name, unless it is one that the host itself writes.
pub(super) fn header_name(reader: &Reader<'_>, text: &str, span: Span) -> Option<String> {
    const OWN: [&str; 9] = [
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "upgrade",
        "te",
        "trailer",
        "proxy-authorization",
        "idempotency-key",
    ];
    let lower = text.to_ascii_lowercase();
    let good = !text.is_empty() && text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if good && !OWN.contains(&lower.as_str()) {
        return Some(text.to_owned());
    }
    let mistake = Diagnostic::error(Code::BAD_VALUE, span, format!("`{text}` cannot be a header of a call"));
    reader.note(mistake.help(match lower.as_str() {
        "idempotency-key" => "write `once_per` instead: it becomes that header",
        _ if good => "the host writes this one itself",
        _ => "headers are letters, digits and `-`",
    }));
    None
}

/// Notes a text that looks like a secret: it would stand in files, histories and other people's editors.
pub(super) fn no_secret(reader: &Reader<'_>, text: &str, span: Span) {
    if SECRET_BEGINS.iter().any(|begin| text.trim_start().starts_with(begin)) {
        reader.note(
            Diagnostic::error(Code::SECRET_IN_FILE, span, "a secret stands in a flow")
                .label("whoever reads the project reads it")
                .help(
                    "name it in `flows/_always.yaml`, `sign_in: {shop_api: {}}`, give it to the host as `BUTTONHOOK_SECRET_SHOP_API`, \
                     and write `sign_in: shop_api` in the call",
                ),
        );
    }
}

/// What is wrong with a host that the project does not allow.
pub(super) fn not_allowed(hosts: &Hosts, host: &str, span: Span) -> Diagnostic {
    let mistake = Diagnostic::error(Code::HOST_NOT_ALLOWED, span, format!("the project does not call `{host}`"));
    match nearest(host, hosts.allowed.iter().map(HostPattern::as_str)) {
        Some(near) => mistake
            .label(format!("did you mean `{near}`?"))
            .help("hosts that may be called stand in `flows/_always.yaml` under `hosts`"),
        None => mistake.help(format!("allow it in `flows/_always.yaml`: `hosts: [{host}]`")),
    }
}
