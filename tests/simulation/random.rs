//! Chance that repeats itself: the same seed gives the same run.

use std::sync::{Mutex, PoisonError};

/// SplitMix64, shared by everything in one world.
pub struct Random(Mutex<u64>);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d)))
    }

    /// A number below `sides`.
    pub fn roll(&self, sides: u64) -> u64 {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(*state) % sides
    }

    /// True once in `sides` on average.
    pub fn one_in(&self, sides: u64) -> bool {
        self.roll(sides) == 0
    }

    pub fn pick<'a, T>(&self, from: &'a [T]) -> &'a T {
        &from[self.roll(from.len() as u64) as usize]
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The next link of a chain of events: whoever leaves one out, takes one twice or swaps two ends up elsewhere.
pub fn link(chain: i64, event: &str) -> i64 {
    let hash =
        event.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    // Kept within what every JSON reader takes for a whole number.
    (mix(hash ^ (chain as u64).rotate_left(17)) >> 12) as i64
}
