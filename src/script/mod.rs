//! Rhai, fenced: rules and calculations in scripts, and the expressions inside flows.
//!
//! Invariants: a script sees what it is given and asks for effects; it cannot reach files, network, clock or randomness, and
//! it cannot use more operations, memory, depth or time than `fence` allows. Every mistake that can be known at load is a
//! diagnostic with its position; what happens later is a [`ScriptFault`]. Only this layer knows Rhai.
//!
//! Must never: block, print, keep state between two calls, or let a value of a contact become source text.
//!
//! **Whoever calls [`Scripts::call`], [`Scripts::handle`], [`Scripts::evaluate`] or [`compile`] does so on a thread with a stack
//! of at least [`STACK_BYTES_MIN`]**: Rhai evaluates, compares and drops nested values by recursion, and a stack that runs out
//! ends the process, which no fence can catch. On 2 MiB a script of three lines can do that; with the bounds of `fence` and
//! this stack none of the known ones can.
//!
//! In reading order: `types` and `scripts` (what others see), `engine` (what Rhai is made of here), `fence`, `memory` and `text`
//! (bounds), `desk` (one call's papers), `given` (contact, tap, now), `data` (the project's data files), `host` (what a script may ask for), `compile` with
//! `constants`, `functions`, `names`, `lint`, `asks` and `syntax` (at load), `call` and `expression` (at run time), `convert`
//! (values in and out), `fault` (errors in the author's words), `definitions` (what editors are told).

mod asks;
mod call;
mod compile;
mod constants;
mod convert;
mod data;
mod definitions;
mod desk;
mod engine;
mod expression;
mod fault;
mod fence;
mod functions;
mod given;
mod host;
mod lint;
mod marks;
mod memory;
mod names;
mod scripts;
mod syntax;
mod text;
mod types;

pub use compile::{compile, compile_after};
pub use definitions::definitions;
pub use expression::Expression;
pub use fence::STACK_BYTES_MIN;
pub use marks::{Marked, marked};
pub use scripts::Scripts;
pub use types::{Answer, Asked, FunctionInfo, Handler, News, Request, ScriptFault, Surroundings, Verdict};

/// Every form of every host function, `send(text)` and so on: for references and editors.
pub fn host_forms() -> impl Iterator<Item = &'static str> {
    host::FUNCTIONS.iter().flat_map(|function| function.forms.iter().copied())
}

/// Everything a script is given by name, `text` and `contact.phone` and so on: for references, editors and "did you mean".
pub fn given_names() -> impl Iterator<Item = String> {
    given::NAMES.into_iter().flat_map(|name| {
        let properties = given::PROPERTIES.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, properties)| properties);
        let own = properties.is_empty().then(|| name.to_owned());
        own.into_iter().chain(properties.iter().map(move |property| format!("{name}.{property}")))
    })
}

/// Whether a flow may call a variable `name`: `contact`, `text` and the like are taken, and words such as `if` or `new` are
/// part of the language of expressions.
pub fn may_name_a_variable(name: &str) -> bool {
    crate::model::name::is_name(name) && !given::NAMES.contains(&name) && expression::reads_as_a_variable(name)
}
