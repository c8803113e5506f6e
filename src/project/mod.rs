//! The directory on disk: read it, watch it, and swap what runs when it changes.
//!
//! Invariants: what runs is replaced only by something that compiled without an error; what is gone is never taken for empty
//! (a project without its directory keeps running and says so); the same mistake is told once; every read has a bound and
//! stays inside the project. It must never interpret a file: that is for `source` and `flow`.
//!
//! Only `watch.rs` knows the watching crate. Everything but [`Watcher::changed`] blocks on files: call it where that is allowed.

mod listing;
mod live;
mod load;
mod reload;
mod watch;

pub use live::{Live, RefusedReport, Report};
pub use load::{LoadError, Loaded, load, load_with_tests};
pub use reload::{NotStarted, Reloaded, open, reload};
pub use watch::{WatchError, Watcher};
