//! Every integration test, one binary: a module per area, its data beside it.
#![allow(clippy::unwrap_used, missing_docs)]

mod channel;
mod cli;
mod e2e;
mod editor;
mod flow;
mod policy;
mod project;
mod protocol;
mod runtime;
mod sandbox;
mod scenario;
mod script;
mod simulation;
mod source;
mod store;
mod studio;
mod tidy;
mod web;
