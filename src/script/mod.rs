//! Rhai, fenced: rules and calculations in scripts, and the expressions inside flows.
//!
//! Invariants: a script sees what it is given and asks for effects; it cannot reach files, network, clock or randomness, and
//! it cannot use more operations, memory, depth or time than `limits` allows. Every mistake that can be known at load is a
//! diagnostic with its position; what happens later is a [`ScriptFault`]. Only this layer knows Rhai.
//!
//! Must never: block, print, keep state between two calls, or let a value of a contact become source text.

mod stub;
pub use stub::*;
