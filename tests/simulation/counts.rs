//! What happened in a world.

/// Counts of what happened, so that a run in which nothing went wrong is seen to be void.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    pub accepted: u64,
    pub doubles: u64,
    pub turns: u64,
    pub timers: u64,
    pub timers_late: u64,
    pub fenced: u64,
    pub requests: u64,
    pub repeated: u64,
    pub sent: u64,
    pub refused: u64,
    pub unknown: u64,
    pub windows_closed: u64,
    pub crashes: u64,
    pub failed_before: u64,
    pub failed_after: u64,
    pub reloads: u64,
    pub jumps: u64,
    pub set_back: u64,
    pub double_taps: u64,
    pub proven_doubles: u64,
    pub proofs: u64,
    pub proven: u64,
    pub overtaken: u64,
    pub asked: u64,
    pub ruled: u64,
    pub moves: u64,
}

impl Counts {
    /// What happened in all: everything that a world was put through or did.
    pub fn events(&self) -> u64 {
        self.accepted
            + self.doubles
            + self.turns
            + self.requests
            + self.sent
            + self.refused
            + self.unknown
            + self.crashes
            + self.failed_before
            + self.failed_after
            + self.reloads
            + self.jumps
    }

    pub fn add(&mut self, other: &Counts) {
        for (sum, more) in self.all_mut().into_iter().zip(other.all()) {
            *sum += more.1;
        }
    }

    /// Each with its name.
    pub fn all(&self) -> [(&'static str, u64); 26] {
        [
            ("accepted", self.accepted),
            ("doubles", self.doubles),
            ("turns", self.turns),
            ("timers", self.timers),
            ("late timers", self.timers_late),
            ("fenced turns", self.fenced),
            ("requests", self.requests),
            ("repeated requests", self.repeated),
            ("sent", self.sent),
            ("refused", self.refused),
            ("unknown", self.unknown),
            ("closed windows", self.windows_closed),
            ("crashes", self.crashes),
            ("operations failed before their commit", self.failed_before),
            ("operations failed after their commit", self.failed_after),
            ("reloads", self.reloads),
            ("clock jumps", self.jumps),
            ("clocks set back", self.set_back),
            ("double taps", self.double_taps),
            ("messages that arrived twice", self.proven_doubles),
            ("proofs", self.proofs),
            ("sends ended by a proof", self.proven),
            ("late settlements", self.overtaken),
            ("questions", self.asked),
            ("rulings", self.ruled),
            ("moves", self.moves),
        ]
    }

    fn all_mut(&mut self) -> [&mut u64; 26] {
        [
            &mut self.accepted,
            &mut self.doubles,
            &mut self.turns,
            &mut self.timers,
            &mut self.timers_late,
            &mut self.fenced,
            &mut self.requests,
            &mut self.repeated,
            &mut self.sent,
            &mut self.refused,
            &mut self.unknown,
            &mut self.windows_closed,
            &mut self.crashes,
            &mut self.failed_before,
            &mut self.failed_after,
            &mut self.reloads,
            &mut self.jumps,
            &mut self.set_back,
            &mut self.double_taps,
            &mut self.proven_doubles,
            &mut self.proofs,
            &mut self.proven,
            &mut self.overtaken,
            &mut self.asked,
            &mut self.ruled,
            &mut self.moves,
        ]
    }
}
