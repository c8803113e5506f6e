//! `random`: numbers that grow from the seed of the call, so that a turn taken again is the same turn.

use rhai::Engine;

use super::Reply;
use crate::script::desk;

/// A stream of numbers (SplitMix64).
#[derive(Debug, Clone)]
pub(in crate::script) struct Dice {
    state: u64,
}

impl Dice {
    /// The stream that grows from `seed`.
    pub(in crate::script) fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `from` to `to`, both included, each as likely as any other. `from` must not be above `to`.
    fn between(&mut self, from: i64, to: i64) -> i64 {
        let span = to.abs_diff(from);
        let Some(count) = span.checked_add(1) else {
            return self.next() as i64; // every number there is
        };
        // What is left over after the last whole round would favour the first numbers: throw again. Less than half of all
        // throws are left over, so this ends.
        let whole_rounds = u64::MAX - (u64::MAX % count + 1) % count;
        loop {
            let thrown = self.next();
            if thrown <= whole_rounds {
                return from.wrapping_add((thrown % count) as i64);
            }
        }
    }
}

pub(super) fn register(engine: &mut Engine) {
    engine.register_fn("random", random);
}

fn random(from: i64, to: i64) -> Reply<i64> {
    if from > to {
        return Err(format!("random: {from} is above {to}").into());
    }
    desk::with(|desk| Ok(desk.dice.between(from, to)))
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn every_number_comes_about_as_often_and_none_from_outside() {
        let mut dice = Dice::new(7);
        let mut counts = [0u32; 6];
        for _ in 0..60_000 {
            counts[usize::try_from(dice.between(1, 6) - 1).unwrap()] += 1;
        }
        assert!(counts.iter().all(|count| (9_500..10_500).contains(count)), "{counts:?}");
        for (from, to) in [(i64::MIN, i64::MAX), (i64::MIN, i64::MIN), (0, i64::MAX), (-1, i64::MAX)] {
            let thrown = dice.between(from, to);
            assert!((from..=to).contains(&thrown), "{thrown} is outside of {from}..={to}");
        }
    }
}
