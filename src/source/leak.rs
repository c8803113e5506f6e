//! Secrets that somebody wrote out. A file of a project is shared, shown and kept in histories: a secret in it is none any more.

use super::code::Code;
use super::diagnostic::Diagnostic;
use super::sources::{SourceId, Span};

/// What secrets of well-known systems begin with, and how many characters at least follow.
const BEGINNINGS: &[(&str, usize)] = &[
    ("apitk_", 8),
    ("sk_live_", 8),
    ("sk_test_", 8),
    ("rk_live_", 8),
    ("whsec_", 16),
    ("ghp_", 20),
    ("github_pat_", 20),
    ("xoxb-", 16),
    ("xoxp-", 16),
    ("glpat-", 16),
    ("AKIA", 16),
    ("-----BEGIN PRIVATE KEY", 0),
    ("-----BEGIN RSA PRIVATE KEY", 0),
];
/// How a secret is handed over in a header, and how many characters at least follow: fewer are a word.
const SCHEMES: &[(&str, usize)] = &[("Bearer ", 16), ("Basic ", 16)];
/// Told for one file; whoever has more has them all in one place.
const TOLD_MAX: usize = 10;

/// Notes every stretch of `text` that looks like a secret.
pub fn written_secrets(source: SourceId, text: &str, diagnostics: &mut Vec<Diagnostic>) {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (beginning, least) in BEGINNINGS {
        for (at, _) in text.match_indices(beginning) {
            let before = text[..at].chars().next_back();
            let length = run_length(&text[at + beginning.len()..], |c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
            if length >= *least && !before.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
                found.push((at, at + beginning.len() + length));
            }
        }
    }
    for (scheme, least) in SCHEMES {
        for (at, _) in text.match_indices(scheme) {
            let token = &text[at + scheme.len()..];
            let length = run_length(token, |c| c.is_ascii_alphanumeric() || "-._~+/=".contains(c));
            // A word of a sentence has no digits.
            if length >= *least && token[..length].contains(|c: char| c.is_ascii_digit()) {
                found.push((at, at + scheme.len() + length));
            }
        }
    }
    found.sort_unstable();
    found.dedup_by(|later, earlier| later.0 < earlier.1);
    diagnostics.extend(found.into_iter().take(TOLD_MAX).map(|(start, end)| {
        Diagnostic::error(Code::SECRET_IN_FILE, Span::new(source, start, end), "this looks like a secret")
            .label("whoever sees this file can use it")
            .help(
                "make it invalid where it came from; name it in `flows/_always.yaml`, `sign_in: {shop_api: {}}`, give it to the host \
                 as `BUTTONHOOK_SECRET_SHOP_API`, and write `sign_in: shop_api` in the call",
            )
    }));
}

fn run_length(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        let mut diagnostics = Vec::new();
        written_secrets(SourceId(0), text, &mut diagnostics);
        diagnostics.iter().map(|one| &text[one.span.range()]).collect()
    }

    #[test]
    fn secrets_are_told_from_words() {
        // Put together here, so that nobody who looks for secrets takes these for some.
        let live = format!("sk_{}_{}", "live", "4eC39HqLyjWDarjtT1");
        assert_eq!(found(&format!("headers: {{X-Key: {live}}}")), [live.as_str()]);
        let bearer = format!("Bearer {}", "eyJhbGciOiJIUzI1NiJ9.e30");
        assert_eq!(found(&format!("Authorization: {bearer}")), [bearer.as_str()]);
        let both = format!("Bearer apitk_{}", "0123456789abcdef");
        assert_eq!(found(&both), [both.as_str()], "one secret is told once");
        for good in
            ["Bearer {secret}", "Bearer internationalisation", "the Basic introduction", "apitk_", "task_live_12345678", "AKIA"]
        {
            assert_eq!(found(good), Vec::<&str>::new(), "{good}");
        }
    }
}
