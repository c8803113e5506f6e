//! Counts the bytes that live on each thread, so that the fence can stop a script that hoards memory: Rhai's own size limits
//! are per value and have gaps (captured values, `map[key] = value`), the allocator has none.
//!
//! The only file of the package with `unsafe`: it passes every request on to the system's allocator unchanged and adds or
//! takes away its size. No measurable cost (one addition to a thread's own memory).

#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator with a counter in front.
struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

thread_local! {
    /// Bytes taken minus bytes given back by this thread. Negative on a thread that frees what others took.
    static LIVE: Cell<isize> = const { Cell::new(0) };
}

/// Bytes taken minus bytes given back by this thread so far; only differences mean something.
pub(super) fn live_bytes() -> isize {
    LIVE.with(Cell::get)
}

/// No allocation is larger than `isize::MAX` ([`Layout`] promises it), so the cast keeps every size.
fn count(bytes: isize) {
    // A thread that is ending may have given up its counter already: nothing is fenced there.
    let _ = LIVE.try_with(|live| live.set(live.get().wrapping_add(bytes)));
}

// SAFETY: every method hands its arguments unchanged to `System` and returns what `System` returned, so `System` keeps the
// contract. The counter is a plain cell with constant initial value: reaching it neither allocates nor unwinds.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`, which is `System`'s too.
        let pointer = unsafe { System.alloc(layout) };
        if !pointer.is_null() {
            count(layout.size() as isize);
        }
        pointer
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: `pointer` came from `alloc` above with this layout, hence from `System`.
        unsafe { System.dealloc(pointer, layout) };
        count(-(layout.size() as isize));
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as for `alloc`.
        let pointer = unsafe { System.alloc_zeroed(layout) };
        if !pointer.is_null() {
            count(layout.size() as isize);
        }
        pointer
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: `pointer` came from this allocator with this layout; the caller vouches for `new_size`.
        let moved = unsafe { System.realloc(pointer, layout, new_size) };
        if !moved.is_null() {
            count(new_size as isize - layout.size() as isize);
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use super::live_bytes;

    #[test]
    fn what_is_taken_is_counted_and_what_is_given_back_is_not() {
        let before = live_bytes();
        let taken = vec![0u8; 100_000];
        assert!(live_bytes() - before >= 100_000);
        drop(taken);
        assert!(live_bytes() - before < 1_000);
    }
}
