//! Named places at which tests end the process, as `kill -9` would: the fault programme dies at each of them (`tests/e2e/failpoints.rs`).
//!
//! `BUTTONHOOK_FAIL=name:nth` arms one place: the process aborts when it comes there for the nth time. Only debug builds and builds
//! with the feature `failpoints` look at it; in every other build a place is nothing at all. It must never change what a place does.

/// Where a process can be made to die, in the order in which a message passes them.
pub const PLACES: [&str; 14] = [
    "accept.in_transaction",
    "accept.before_answer",
    "lane.after_claim",
    "lane.in_turn",
    "turn.in_transaction",
    "turn.after_commit",
    "intent.in_transaction",
    "send.after_intent",
    "answer.read",
    "result.in_transaction",
    "result.after_commit",
    "reload.before_swap",
    "log.moving",
    "stop.draining",
];

/// Comes to the place `name`.
#[cfg(any(debug_assertions, feature = "failpoints"))]
pub fn reached(name: &'static str) {
    armed::reached(name, std::process::abort);
}

/// Begins something that takes a moment, at the place `name`: the process dies while it is under way.
#[cfg(any(debug_assertions, feature = "failpoints"))]
pub fn begins(name: &'static str) {
    fn die_soon() {
        // On a thread of its own, so that what begins goes on meanwhile.
        std::thread::spawn(|| {
            std::thread::sleep(std::time::Duration::from_micros(300));
            std::process::abort()
        });
    }
    armed::reached(name, die_soon);
}

/// Comes to the place `name`.
#[cfg(not(any(debug_assertions, feature = "failpoints")))]
#[inline(always)]
pub fn reached(_name: &'static str) {}

/// Begins something that takes a moment, at the place `name`.
#[cfg(not(any(debug_assertions, feature = "failpoints")))]
#[inline(always)]
pub fn begins(_name: &'static str) {}

#[cfg(any(debug_assertions, feature = "failpoints"))]
mod armed {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct Armed {
        name: String,
        left: AtomicU64,
    }

    static ARMED: OnceLock<Option<Armed>> = OnceLock::new();

    /// Dies when this is the armed place and its time has come.
    pub(super) fn reached<T>(name: &'static str, die: fn() -> T) {
        debug_assert!(super::PLACES.contains(&name), "no such place: {name}");
        let Some(armed) = ARMED.get_or_init(read) else { return };
        if armed.name == name && armed.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            eprintln!("failpoint {name} was reached");
            die();
        }
    }

    fn read() -> Option<Armed> {
        let text = std::env::var("BUTTONHOOK_FAIL").ok()?;
        let (name, nth) = text.split_once(':')?;
        Some(Armed { name: name.to_owned(), left: AtomicU64::new(nth.parse().ok().filter(|nth| *nth > 0)?) })
    }
}
