//! Languages that contacts read.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A language as templates name theirs too: `en`, `hi`, `pt_BR`, `zh_Hans_TW`. Two or three letters, then perhaps a script and
/// a region (BCP 47, section 2.1, without its rarer parts), joined by `_`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Language(Arc<str>);

impl Language {
    /// Reads `pt_BR`, `pt-br` and the like, and keeps them as `pt_BR`; nothing when it is no language.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split(['_', '-']);
        let language = parts.next().filter(|part| matches!(part.len(), 2 | 3) && letters(part))?;
        let mut tag = language.to_ascii_lowercase();
        let mut part = parts.next();
        if let Some(script) = part.filter(|part| part.len() == 4 && letters(part)) {
            tag.extend(['_', script.as_bytes()[0].to_ascii_uppercase().into()]);
            tag.push_str(&script[1..].to_ascii_lowercase());
            part = parts.next();
        }
        if let Some(region) = part {
            let known = match region.len() {
                2 => letters(region),
                3 => region.bytes().all(|byte| byte.is_ascii_digit()),
                _ => false,
            };
            if !known {
                return None;
            }
            tag.push('_');
            tag.push_str(&region.to_ascii_uppercase());
        }
        parts.next().is_none().then(|| Self(tag.into()))
    }

    /// As it is written everywhere.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Itself, then what it is a kind of: `pt_BR`, `pt`.
    pub fn widening(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(Some(self.as_str()), |tag| tag.rsplit_once('_').map(|(wider, _)| wider))
    }
}

fn letters(part: &str) -> bool {
    part.bytes().all(|byte| byte.is_ascii_alphabetic())
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &self.0)
    }
}

impl std::borrow::Borrow<str> for Language {
    fn borrow(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn languages_are_kept_as_templates_write_them() {
        for (written, kept) in [
            ("en", Some("en")),
            ("HI", Some("hi")),
            ("pt-br", Some("pt_BR")),
            ("es_419", Some("es_419")),
            ("zh-hans-tw", Some("zh_Hans_TW")),
            ("fil", Some("fil")),
            ("english", None),
            ("", None),
            ("e", None),
            ("en_", None),
            ("pt_BRA", None),
            ("en_US_x", None),
            ("हिन्दी", None),
        ] {
            assert_eq!(Language::parse(written).as_ref().map(Language::as_str), kept, "{written}");
        }
    }

    #[test]
    fn a_language_widens_to_what_it_is_a_kind_of() {
        let of = |tag: &str| Language::parse(tag).unwrap().widening().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(of("zh_Hans_TW"), ["zh_Hans_TW", "zh_Hans", "zh"]);
        assert_eq!(of("hi"), ["hi"]);
    }
}
