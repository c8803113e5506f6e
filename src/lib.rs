//! Buttonhook: button-driven conversations from YAML and Rhai.
//!
//! Two arrows carry the design. Text becomes a [`flow::Program`] or diagnostics, and a program, a conversation, an event and
//! `now` become a [`model::Turn`]. Both are pure; everything that touches the world stands outside of them.
//!
//! The layers, in reading order. Each may import only what stands above it, and less than that: `tests/tidy.rs` holds the table.

// The pure half: no async, files, sockets, clock, randomness or printing.
pub mod flow;
pub mod graph;
pub mod model;
pub mod scenario;
pub mod script;
pub mod source;

// The edges: they act on what the pure half decided.
pub mod channel;
pub mod http;
pub mod project;
pub mod runtime;
pub mod sandbox;
pub mod store;
pub mod studio;
pub mod web;

// The program around them.
pub mod app;
pub mod cli;
pub mod config;

// For the tests of all of it.
pub mod failpoint;
