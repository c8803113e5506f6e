//! Names that authors give. A name is identity: conversations and buttons on phones refer to steps by it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::limits;

/// Whether `text` may be a name: a lower-case letter, then lower-case letters, digits or `_`, at most
/// [`limits::NAME_CHARS_MAX`] characters.
pub fn is_name(text: &str) -> bool {
    text.len() <= limits::NAME_CHARS_MAX
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes `text` as it is; whoever reads it from a file has asked [`is_name`] first.
            pub fn new(text: &str) -> Self {
                Self(Arc::from(text))
            }

            /// The name as written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &self.0)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )*};
}

names! {
    /// The name of a flow, unique in its project.
    FlowName
    /// The name of a step, unique in its flow.
    StepName
    /// The name of a button inside its menu.
    ChoiceName
    /// The name of a variable, unique in its flow.
    VariableName
    /// The name of a script: its file name without `.rhai`.
    ScriptName
    /// The name of an event that the user's own system tells.
    EventName
}
