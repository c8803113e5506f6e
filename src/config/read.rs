//! Where settings come from.

use std::collections::BTreeMap;
use std::path::Path;

use super::{ALL, ConfigError, Secret, Setting};
use crate::source::{NodeKind, SourceId, Sources, Span, nearest, parse_yaml};

/// The settings' file in a project.
const FILE: &str = "buttonhook.yaml";
/// Bytes of the settings' file, and of a file that holds a secret.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// What was set, and where.
#[derive(Default)]
pub struct Given {
    values: BTreeMap<&'static str, Value>,
}

struct Value {
    text: Secret,
    place: String,
    from_file: bool,
}

impl Given {
    /// Collects everything that is set; of two places the stronger wins. Empty values count as not set.
    ///
    /// # Errors
    /// When the file holds what is no setting, or a secret's file cannot be read.
    pub fn collect(
        flags: BTreeMap<&'static str, String>,
        env: &dyn Fn(&str) -> Option<String>,
        project: &Path,
    ) -> Result<Self, ConfigError> {
        let mut given = Self::default();
        for (key, text, place) in file_values(project)? {
            given.set(setting_of(&key), &key, text, place, true, project)?;
        }
        for setting in ALL {
            for name in [format!("{}_FILE", setting.env), setting.env.to_owned()] {
                if let Some(text) = env(&name) {
                    let place = format!("environment variable {name}");
                    given.set(Some(*setting), &name, text, place, false, Path::new(""))?;
                }
            }
            if let Some(text) = setting.flag.and_then(|flag| flags.get(flag)) {
                let place = format!("--{}", setting.flag.unwrap_or(setting.key));
                given.set(Some(*setting), setting.key, text.clone(), place, false, Path::new(""))?;
            }
        }
        Ok(given)
    }

    /// The text of an open setting.
    pub fn text(&self, setting: Setting) -> Option<&str> {
        self.values.get(setting.env).map(|value| value.text.expose())
    }

    /// A secret setting.
    pub fn secret(&self, setting: Setting) -> Option<Secret> {
        self.values.get(setting.env).map(|value| value.text.clone())
    }

    /// Where it was set; its variable's name when it was not.
    pub fn place(&self, setting: Setting) -> String {
        self.values.get(setting.env).map_or_else(|| setting.env.to_owned(), |value| value.place.clone())
    }

    /// Whether it was set in the project's file.
    pub fn is_from_file(&self, setting: Setting) -> bool {
        self.values.get(setting.env).is_some_and(|value| value.from_file)
    }

    fn set(
        &mut self,
        setting: Option<Setting>,
        name: &str,
        text: String,
        place: String,
        from_file: bool,
        base: &Path,
    ) -> Result<(), ConfigError> {
        let text = text.trim();
        let Some(setting) = setting.filter(|_| !text.is_empty()) else { return Ok(()) };
        let is_path = setting.flag.is_none() && (name.ends_with("_FILE") || name.ends_with("_file"));
        let text = if is_path { read_secret(&base.join(text), &place)? } else { Secret::new(text) };
        self.values.insert(setting.env, Value { text, place, from_file });
        Ok(())
    }
}

/// The secret in the file at `path`, which `place` names.
///
/// # Errors
/// When there is none.
pub(super) fn read_secret(path: &Path, place: &str) -> Result<Secret, ConfigError> {
    let problem = |why: String| ConfigError::new(place, format!("the file {} {why}", path.display()));
    let length = std::fs::metadata(path).map_err(|error| problem(format!("cannot be read: {error}")))?.len();
    if length > FILE_BYTES_MAX {
        return Err(problem("is far too large for a secret; is it the right one?".to_owned()));
    }
    let text = std::fs::read_to_string(path).map_err(|error| problem(format!("cannot be read: {error}")))?;
    match text.trim() {
        "" => Err(problem("is empty; put the secret into it".to_owned())),
        text => Ok(Secret::new(text)),
    }
}

/// The scalars of `buttonhook.yaml` with their places; nothing when there is no such file.
fn file_values(project: &Path) -> Result<Vec<(String, String, String)>, ConfigError> {
    let path = project.join(FILE);
    let text = match std::fs::metadata(&path) {
        Ok(about) if about.len() > FILE_BYTES_MAX => return Err(ConfigError::new(FILE, "the file is larger than 64 KiB")),
        Ok(_) => std::fs::read_to_string(&path).map_err(|error| ConfigError::new(FILE, format!("cannot be read: {error}")))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(ConfigError::new(FILE, format!("cannot be read: {error}"))),
    };
    let sources = Sources::from_texts([(FILE, text.as_str())]);
    let place = |span: Span| sources.place(span).to_string();
    let (node, diagnostics) = parse_yaml(SourceId(0), &text);
    if let Some(first) = diagnostics.iter().find(|diagnostic| diagnostic.is_error()) {
        return Err(ConfigError::new(place(first.span), first.message.clone()));
    }
    let Some(node) = node else { return Ok(Vec::new()) };
    let entries = match node.kind {
        NodeKind::Empty => Vec::new(),
        NodeKind::Map(entries) => entries,
        NodeKind::Scalar { .. } | NodeKind::List(_) => {
            return Err(ConfigError::new(place(node.span), "write one setting a line, for example `store: ./data`"));
        }
    };
    let read = |(key, value): (crate::source::Key, crate::source::Node)| {
        if setting_of(&key.text).is_none() {
            return Err(ConfigError::new(place(key.span), unknown(&key.text)));
        }
        match value.kind {
            NodeKind::Scalar { text, .. } => Ok((key.text, text, place(value.span))),
            NodeKind::Empty => Ok((key.text, String::new(), place(value.span))),
            NodeKind::List(_) | NodeKind::Map(_) => {
                Err(ConfigError::new(place(value.span), format!("`{}` takes one value on its line", key.text)))
            }
        }
    };
    entries.into_iter().map(read).collect()
}

/// The setting that a key of the file names: its own, or for a secret the one with `_file` behind it.
fn setting_of(key: &str) -> Option<Setting> {
    let file_of = |setting: &Setting| setting.flag.is_none() && key.strip_suffix("_file") == Some(setting.key);
    ALL.iter().find(|setting| setting.key == key || file_of(setting)).copied()
}

fn unknown(key: &str) -> String {
    match nearest(key, ALL.iter().map(|setting| setting.key)) {
        Some(near) => format!("there is no setting `{key}`; did you mean `{near}`?"),
        None => {
            let known: Vec<&str> = ALL.iter().map(|setting| setting.key).collect();
            format!("there is no setting `{key}`; there are {}", known.join(", "))
        }
    }
}
