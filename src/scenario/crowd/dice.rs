//! Chance that can be had again: the same seed always gives the same numbers, on every machine.

/// A source of numbers (SplitMix64, whose next state is the one before plus a constant).
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    /// The dice of the contact with this number.
    pub fn of(seed: u64, contact: u32) -> Self {
        let mut dice = Self(seed ^ u64::from(contact).wrapping_mul(0xd605_bbb5_8c8a_bc13));
        dice.next();
        dice
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 when there is none.
    pub fn below(&mut self, end: usize) -> usize {
        // What is left of the bias of a remainder is far below what anyone could notice here.
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    /// One of them, where there is one.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_another_does_not() {
        let rolled = |seed, contact| {
            let mut dice = Dice::of(seed, contact);
            (0..20).map(|_| dice.below(1_000)).collect::<Vec<_>>()
        };
        assert_eq!(rolled(7, 3), rolled(7, 3));
        assert_ne!(rolled(7, 3), rolled(7, 4));
        assert_ne!(rolled(7, 3), rolled(8, 3));
        let mut dice = Dice::of(1, 1);
        assert!((0..1_000).all(|_| dice.below(3) < 3) && dice.below(0) == 0);
    }
}
