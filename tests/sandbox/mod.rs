//! The sandbox, driven over real HTTP from both sides, against the samples in `tests/payloads`.

mod events;
mod faults;
mod kit;
mod phone;
mod provider;
mod rules;
mod webhooks;
