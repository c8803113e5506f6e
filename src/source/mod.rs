//! Text in, diagnostics out: what an author wrote, where it stands, and what is wrong with it.
//!
//! Invariants: reading never fails, it gives a value and diagnostics; every diagnostic knows its place, its code and what to
//! write instead. Only `yaml.rs` knows the YAML crate. Nothing here touches a disk: `project/load` fills [`Sources`].

mod code;
mod diagnostic;
mod format;
mod github;
mod leak;
mod mistake;
mod near;
mod render;
mod sarif;
mod sources;
mod tree;
mod yaml;

pub use code::{ALL as CODES, Code, FAMILIES, PAGES};
pub use diagnostic::{Diagnostic, Fix, Label, Severity};
pub use format::{Unformatted, format};
pub use github::render_github;
pub use leak::written_secrets;
pub use near::{meant, nearest, surely};
pub use render::{render_human, render_json};
pub use sarif::render_sarif;
pub use sources::{Place, Source, SourceId, SourceKind, Sources, Span};
pub use tree::{Key, Node, NodeKind};
pub use yaml::parse as parse_yaml;
