//! Where people stood and where they went from there: dead ends and circles show when the crowd has been everywhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{EventKind, TimerKind, Trace};

use super::Place;
use super::law::Seen;

/// A move of one turn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Move {
    /// Where to; nothing for the end.
    pub to: Option<Place>,
    /// Whether it needed time to pass.
    pub by_time: bool,
    /// Whether it began another flow by a word or button of that flow: no dead end is mended by that, but it is a way out.
    pub afresh: bool,
}

/// The move that a turn made from the step that waited, if one led from there. What begins the same flow afresh is none, nor is a tap on an
/// old button, or an event that a person cannot bring about. A word that always holds is one.
pub(super) fn move_of(seen: &Seen<'_>) -> Option<Move> {
    let from = seen.took.waited.as_ref()?;
    if seen.after.as_ref() == Some(from) {
        return None;
    }
    let by_time = match seen.took.event {
        EventKind::TimerFired { .. } => true,
        EventKind::Told { .. } | EventKind::Scheduled { .. } => return None,
        _ => false,
    };
    let mut afresh = false;
    for trace in &seen.took.trace {
        match trace {
            Trace::OldButton { .. } => return None,
            Trace::TimerFired { kind: TimerKind::Later, flow, .. } if *flow != from.0 => return None,
            Trace::Started { flow, because } => {
                // By another flow, by a step that enters it, or by a word that always holds.
                let led = ["the flow `", "the step `"].iter().any(|led| because.starts_with(led));
                let leads = led || because.ends_with("wherever one is");
                if !leads && *flow == from.0 {
                    return None;
                }
                afresh |= !leads;
            }
            _ => {}
        }
    }
    Some(Move { to: seen.after.clone(), by_time, afresh })
}

/// Every place in which somebody stood, and the moves that led from there.
#[derive(Debug, Default)]
pub(super) struct Ways {
    moves: BTreeMap<Place, BTreeSet<Move>>,
}

impl Ways {
    /// Somebody stands there.
    pub fn stands(&mut self, place: &Place) {
        if !self.moves.contains_key(place) {
            self.moves.insert(place.clone(), BTreeSet::new());
        }
    }

    /// Counts a turn.
    pub fn count(&mut self, seen: &Seen<'_>) {
        if let (Some(from), Some(made)) = (&seen.took.waited, move_of(seen)) {
            self.moves.entry(from.clone()).or_default().insert(made);
        }
    }

    /// How many places there are.
    pub fn places(&self) -> usize {
        self.moves.len()
    }

    /// The places from which nobody went anywhere within what they had begun.
    pub fn without_moves(&self) -> Vec<&Place> {
        self.moves.iter().filter(|(_, moves)| moves.iter().all(|made| made.afresh)).map(|(place, _)| place).collect()
    }

    /// The places from which nobody came to an end, with what can be reached from each; without time, only what people do counts.
    pub fn without_end(&self, time: bool) -> Vec<(&Place, BTreeSet<&Place>)> {
        let reached = self.moves.keys().map(|place| (place, self.reached(place, time)));
        reached.filter_map(|(place, (reached, ends))| (!ends).then_some((place, reached))).collect()
    }

    fn reached<'a>(&'a self, from: &'a Place, time: bool) -> (BTreeSet<&'a Place>, bool) {
        let (mut reached, mut open, mut ends) = (BTreeSet::new(), vec![from], false);
        while let Some(place) = open.pop() {
            for made in self.moves.get(place).into_iter().flatten().filter(|made| time || !made.by_time) {
                match &made.to {
                    None => ends = true,
                    Some(to) if reached.insert(to) => open.push(to),
                    Some(_) => {}
                }
            }
        }
        (reached, ends)
    }
}
