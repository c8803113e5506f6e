//! The real binary over real HTTP: started, fed, killed and started again.

mod admin;
mod client;
mod disk;
mod failpoints;
pub(crate) mod host;
mod killed;
mod leaving;
mod lifecycle;
mod menus;
mod payloads;
mod people;
mod phone;
mod provider;
mod reload;
mod requests;
mod schedules;
mod slow;
mod timers;
mod told;
mod webhook;
mod whole;
mod wrong;

use client::{signed, text_from};
use host::{Host, Setup};
use provider::Provider;

/// A flow that answers every text.
const ECHO: &str = "buttonhook: 1
flow: echo
start:
  anything_else: true
steps:
  answer:
    say: \"You wrote {text}.\"
    end: done
";

/// A flow that is none.
const BROKEN: &str = "buttonhook: 1
flow: echo
start:
  anything_else: true
steps:
  answer:
    say: \"You wrote {text}.\"
    go: nowhere
";
