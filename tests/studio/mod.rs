//! The studio: what its router serves, and what its page does in a real browser.

pub mod browser;
mod driver;
mod mock;
mod page;
mod router;
