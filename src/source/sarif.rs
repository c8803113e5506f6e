//! Diagnostics as code scanners exchange them: SARIF 2.1.0 (OASIS).

use serde_json::{Value, json};

use super::code::{ALL, Code, PAGES};
use super::diagnostic::{Diagnostic, Severity};
use super::sources::{Sources, Span};

/// A whole SARIF log with one run. `version` is that of this program; `base` stands before every path, so that it is the file's
/// in the repository: empty, or ending with `/`; a whole path for what lies outside of it. Columns count characters from 1.
pub fn render_sarif(sources: &Sources, diagnostics: &[Diagnostic], version: &str, base: &str) -> Value {
    let log = Log { sources, base };
    json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "buttonhook",
                "semanticVersion": version,
                "rules": ALL.iter().map(|(code, summary)| rule(*code, summary)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": diagnostics.iter().map(|diagnostic| log.result(diagnostic)).collect::<Vec<_>>(),
        }],
    })
}

fn rule(code: Code, summary: &str) -> Value {
    let page = PAGES.iter().find(|(known, _)| *known == code).map_or("", |(_, page)| *page);
    json!({
        "id": code.0,
        "shortDescription": {"text": summary},
        "help": {"text": format!("`buttonhook explain {code}` tells more."), "markdown": page},
    })
}

struct Log<'a> {
    sources: &'a Sources,
    base: &'a str,
}

impl Log<'_> {
    fn result(&self, diagnostic: &Diagnostic) -> Value {
        let parts = [&diagnostic.message, &diagnostic.label, &diagnostic.help];
        let said: Vec<&str> = parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        let mut result = json!({
            "ruleId": diagnostic.code.0,
            "ruleIndex": ALL.iter().position(|(code, _)| *code == diagnostic.code),
            "level": match diagnostic.severity { Severity::Error => "error", Severity::Warning => "warning" },
            "message": {"text": said.join("\n")},
            "locations": [{"physicalLocation": self.place(diagnostic.span)}],
        });
        if !diagnostic.related.is_empty() {
            let related = diagnostic.related.iter().enumerate().map(
                |(id, label)| json!({"id": id, "physicalLocation": self.place(label.span), "message": {"text": label.text}}),
            );
            result["relatedLocations"] = related.collect();
        }
        if let Some(fix) = &diagnostic.fix {
            result["fixes"] = json!([{
                "description": {"text": if diagnostic.help.is_empty() { "Write this instead." } else { diagnostic.help.as_str() }},
                "artifactChanges": [{
                    "artifactLocation": self.file(fix.span),
                    "replacements": [{"deletedRegion": self.region(fix.span), "insertedContent": {"text": fix.text}}],
                }],
                "properties": {"sure": fix.sure},
            }]);
        }
        result
    }

    fn place(&self, span: Span) -> Value {
        json!({"artifactLocation": self.file(span), "region": self.region(span)})
    }

    fn file(&self, span: Span) -> Value {
        let path = encoded(&format!("{}{}", self.base, self.sources.get(span.source).path));
        if path.starts_with('/') {
            json!({"uri": format!("file://{path}")})
        } else {
            json!({"uri": path, "uriBaseId": "%SRCROOT%"})
        }
    }

    fn region(&self, span: Span) -> Value {
        let (from, to) = (self.sources.place(span), self.sources.place(Span { start: span.end, ..span }));
        json!({"startLine": from.line, "startColumn": from.column, "endLine": to.line, "endColumn": to.column})
    }
}

/// A path as a relative URI: what may not stand in one as `%XX` (RFC 3986, section 2).
fn encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}
