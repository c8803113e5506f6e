//! The bounds of one call, and the one place that enforces those that Rhai leaves open.
//!
//! Rhai counts operations, call levels and the size of single values. It does not know time, and values captured by closures,
//! put in by index or made inside one native function escape its size limits, so a call also has a bound of time and one of
//! live bytes, looked at every few operations. Rhai's progress callback is given nothing but a number: the bounds of the call
//! at hand therefore stand in a thread-local for as long as it runs, and a guard puts back what stood there before.
//!
//! `Instant` is the only clock of the pure half. It bounds a call and never decides a value: a call that ends within its time
//! gives the same answer at every time of day and on every machine.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use rhai::{Dynamic, Engine, EvalAltResult};

use super::memory;

/// The least stack of a thread that runs scripts.
pub const STACK_BYTES_MIN: usize = 16 * 1024 * 1024;

/// Operations of one call, about 3 ms of work.
pub(super) const OPERATIONS_MAX: u64 = 100_000;
/// Functions that may stand inside each other.
pub(super) const CALL_LEVELS_MAX: usize = 32;
/// How deep expressions may nest, outside of functions and inside.
pub(super) const EXPRESSION_DEPTHS_MAX: (usize, usize) = (128, 64);
/// Bytes of one text.
pub(super) const STRING_BYTES_MAX: usize = 64 * 1024;
/// Values in one list or record, with everything inside them.
pub(super) const ITEMS_MAX: usize = 2_000;
/// Variables alive at once.
pub(super) const VARIABLES_MAX: usize = 256;
/// Functions of one script.
pub(super) const FUNCTIONS_MAX: usize = 256;
/// How long a call may work.
pub(super) const TIME_MAX: Duration = Duration::from_millis(50);
/// Bytes a call may hold at once.
pub(super) const MEMORY_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Bytes that may stay behind after a call: more is a closure that holds itself, which Rhai never frees.
pub(super) const LEFT_BEHIND_BYTES_MAX: usize = 32 * 1024;

/// Clock and memory are looked at every so many operations: every one would cost 64 %, every 16th costs about 5 %.
const OPERATIONS_PER_LOOK: u64 = 16;
/// What passes between two looks counts up to this. More means one of two things: the machine set the thread aside, and a
/// contact must not lose a turn because the machine is busy; or one native function was slow, and then the next looks end it.
const COUNTED_PER_LOOK_MAX: Duration = Duration::from_millis(10);

/// Which of the bounds above a call ran into where Rhai has no error of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// [`OPERATIONS_MAX`], counted across callbacks.
    Operations,
    /// [`TIME_MAX`].
    Time,
    /// [`MEMORY_BYTES_MAX`].
    Memory,
    /// [`STRING_BYTES_MAX`] inside something that cannot give an error.
    Text,
    /// No bound: `fetch` has no answer yet, and the call ends until it comes.
    Fetch,
}

/// How a call ended when it did not end well.
#[derive(Debug)]
pub(super) enum Stop {
    /// Rhai says why.
    Error(Box<EvalAltResult>),
    /// Native code of Rhai or ours panicked.
    Panic,
}

#[derive(Clone, Copy)]
struct Bounds {
    operations: u64,
    spent: Duration,
    looked: Instant,
    bytes_before: isize,
    hit: Option<Limit>,
}

thread_local! {
    static BOUNDS: Cell<Option<Bounds>> = const { Cell::new(None) };
}

/// Sets Rhai's own limits, and the callback that looks after the others.
pub(super) fn raise(engine: &mut Engine) {
    engine
        .set_max_operations(OPERATIONS_MAX)
        .set_max_call_levels(CALL_LEVELS_MAX)
        .set_max_expr_depths(EXPRESSION_DEPTHS_MAX.0, EXPRESSION_DEPTHS_MAX.1)
        .set_max_string_size(STRING_BYTES_MAX)
        .set_max_array_size(ITEMS_MAX)
        .set_max_map_size(ITEMS_MAX)
        .set_max_variables(VARIABLES_MAX)
        .set_max_functions(FUNCTIONS_MAX)
        .set_max_modules(0)
        .on_progress(|_| look().map(|limit| Dynamic::from_int(limit as i64)));
}

/// Which limit `on_progress` put into the error.
pub(super) fn limit_of(token: &Dynamic) -> Option<Limit> {
    let number = token.as_int().ok()?;
    [Limit::Operations, Limit::Time, Limit::Memory, Limit::Text, Limit::Fetch].into_iter().find(|limit| *limit as i64 == number)
}

/// Stops the call at its next operation. For native functions that have no way to give an error.
pub(super) fn trip(limit: Limit) {
    BOUNDS.with(|cell| cell.set(cell.get().map(|bounds| Bounds { hit: bounds.hit.or(Some(limit)), ..bounds })));
}

/// Rhai's own count starts anew in some callbacks; this one does not.
fn look() -> Option<Limit> {
    let mut bounds = BOUNDS.get()?;
    bounds.operations += 1;
    if bounds.hit.is_none() {
        bounds.hit = exceeded(&mut bounds);
    }
    BOUNDS.set(Some(bounds));
    bounds.hit
}

fn exceeded(bounds: &mut Bounds) -> Option<Limit> {
    if bounds.operations > OPERATIONS_MAX {
        return Some(Limit::Operations);
    }
    if !bounds.operations.is_multiple_of(OPERATIONS_PER_LOOK) {
        return None;
    }
    if memory::live_bytes() - bounds.bytes_before > MEMORY_BYTES_MAX as isize {
        return Some(Limit::Memory);
    }
    let now = Instant::now();
    bounds.spent += (now - bounds.looked).min(COUNTED_PER_LOOK_MAX);
    bounds.looked = now;
    (bounds.spent > TIME_MAX).then_some(Limit::Time)
}

/// Runs `run` inside the bounds. A call inside a call has bounds of its own; those outside of it stand still meanwhile.
pub(super) fn fenced<R>(run: impl FnOnce() -> Result<R, Box<EvalAltResult>>) -> Result<R, Stop> {
    struct Restore(Option<Bounds>);
    impl Drop for Restore {
        fn drop(&mut self) {
            BOUNDS.set(self.0);
        }
    }
    let bounds =
        Bounds { operations: 0, spent: Duration::ZERO, looked: Instant::now(), bytes_before: memory::live_bytes(), hit: None };
    let _restore = Restore(BOUNDS.replace(Some(bounds)));
    // A native function may panic (Rust's sort does when a comparer contradicts itself); nothing of the call is kept then,
    // so no half-changed value can be seen afterwards.
    match catch_unwind(AssertUnwindSafe(run)) {
        // A limit hit inside a sort's comparer is swallowed there; what it sorted counts for nothing.
        Ok(Ok(_)) if tripped().is_some() => Err(Stop::Error(terminated())),
        Ok(result) => result.map_err(Stop::Error),
        Err(_) => Err(Stop::Panic),
    }
}

/// What `read` makes of a text; nothing when it panics, as parsers have done on odd input.
pub(super) fn unshaken<R>(read: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(read)).ok()
}

fn tripped() -> Option<Limit> {
    BOUNDS.get().and_then(|bounds| bounds.hit)
}

fn terminated() -> Box<EvalAltResult> {
    let token = tripped().map_or(Dynamic::UNIT, |limit| Dynamic::from_int(limit as i64));
    Box::new(EvalAltResult::ErrorTerminated(token, rhai::Position::NONE))
}

/// Runs `whole` and says whether more bytes stayed behind than its result accounts for: what a reference cycle holds is never
/// freed. Copying the result measures it, and is done only when much stayed.
pub(super) fn leaves_behind<R: Clone>(whole: impl FnOnce() -> R) -> (R, bool) {
    let before = memory::live_bytes();
    let result = whole();
    let stayed = memory::live_bytes() - before;
    if stayed <= LEFT_BEHIND_BYTES_MAX as isize {
        return (result, false);
    }
    let before_copy = memory::live_bytes();
    let copy = result.clone();
    let size = memory::live_bytes() - before_copy;
    drop(copy);
    // Texts and lists may have been given twice the room they need.
    (result, stayed - 2 * size > LEFT_BEHIND_BYTES_MAX as isize)
}
