//! Whether something leads on from where a conversation stands, and whether an end can be reached: tried, on copies of it. What the crowd
//! has not seen may still be there, so nothing is told before it has been looked for here.

use std::collections::BTreeMap;
use std::collections::VecDeque;

use crate::flow::Program;
use crate::model::Session;

use super::super::stage::Stage;
use super::Place;
use super::act::Act;
use super::dice::Dice;
use super::law::turns;
use super::repertoire::{Class, Repertoire, place};
use super::ways::{Move, move_of};

/// How often one place is looked at with what is remembered being different.
const LOOKS_MAX: usize = 3;
/// Copies whose ways are tried in one search.
const COPIES_MAX: usize = 200;
/// How often the same is done over and over: more than an author can ask for with `tries`.
const AGAIN_MAX: usize = 24;
/// Walks without a plan, for what only shows after a count, and their length.
const WALKS: u32 = 40;
const WALK_ACTS: usize = 60;
/// What a person may do who looks for a way on.
const CLASSES: [Class; 4] = [Class::Asked, Class::Unasked, Class::Time, Class::Begins];

/// A search in a program.
pub(super) struct Search<'a> {
    pub program: &'a Program,
    pub repertoire: &'a Repertoire,
}

/// Which moves count.
#[derive(Clone, Copy)]
struct Counts {
    time: bool,
    afresh: bool,
}

impl Counts {
    fn counts(self, made: &Move) -> bool {
        (self.time || !made.by_time) && (self.afresh || !made.afresh)
    }
}

/// What an act came to.
enum Came {
    /// Nothing that counts.
    Nothing,
    /// The conversation stands elsewhere, or something is remembered that was not.
    Changed(Box<Stage>),
    /// An end.
    End,
}

impl Search<'_> {
    fn acts(&self, stage: &Stage, time: bool) -> impl Iterator<Item = Act> {
        let classes = CLASSES.into_iter().filter(move |class| time || *class != Class::Time);
        classes.flat_map(|class| self.repertoire.now(stage, class)).collect::<Vec<_>>().into_iter()
    }

    /// Whether anything leads on from the open question of `stage`: another question, an end, or something new that is remembered.
    pub fn leads_on(&self, stage: &Stage) -> bool {
        let counts = Counts { time: true, afresh: false };
        if self.acts(stage, true).any(|act| !matches!(self.tried(stage, &act, counts), Came::Nothing)) {
            return true;
        }
        // What is no answer may lead on after some tries, and silence after some time.
        let again = [Class::Unasked, Class::Asked, Class::Time].into_iter();
        again.filter_map(|class| self.repertoire.now(stage, class).into_iter().next()).any(|act| self.leads_on_again(stage, &act))
    }

    fn leads_on_again(&self, stage: &Stage, act: &Act) -> bool {
        let mut copy = stage.clone();
        (0..AGAIN_MAX).any(|_| {
            let from = copy.took().len();
            let done = act.perform(&mut copy, self.program);
            matches!(done, Ok(Some(_))) && turns(&copy, from).any(|seen| move_of(&seen).is_some_and(|made| !made.afresh))
        })
    }

    fn tried(&self, stage: &Stage, act: &Act, counts: Counts) -> Came {
        let mut copy = stage.clone();
        let from = copy.took().len();
        if !matches!(act.perform(&mut copy, self.program), Ok(Some(_))) {
            return Came::Nothing;
        }
        let before = &stage.conversation().session;
        let moves: Vec<_> = turns(&copy, from).filter_map(|seen| move_of(&seen)).filter(|made| counts.counts(made)).collect();
        if moves.iter().any(|made| made.to.is_none()) {
            return Came::End;
        }
        let (then, now) = (stage.conversation(), copy.conversation());
        let stays = before.as_ref().map(place) == now.session.as_ref().map(place);
        let page = |session: &Option<Session>| session.as_ref().map_or(0, |session| session.page);
        let learnt = now.variables != then.variables
            || now.script_variables != then.script_variables
            || now.language != then.language
            || page(&now.session) != page(before);
        if !moves.is_empty() || stays && learnt { Came::Changed(Box::new(copy)) } else { Came::Nothing }
    }

    /// Whether an end can be reached from `stage`, with or without time passing.
    pub fn ends(&self, stage: &Stage, time: bool) -> bool {
        let counts = Counts { time, afresh: true };
        let mut looks: BTreeMap<Option<Place>, usize> = BTreeMap::new();
        let mut open: VecDeque<Stage> = [stage.clone()].into();
        for _ in 0..COPIES_MAX {
            let Some(stage) = open.pop_front() else { break };
            for act in self.acts(&stage, time) {
                match self.tried(&stage, &act, counts) {
                    Came::End => return true,
                    Came::Nothing => {}
                    Came::Changed(copy) => {
                        let seen = looks.entry(copy.conversation().session.as_ref().map(place)).or_default();
                        *seen += 1;
                        if *seen <= LOOKS_MAX {
                            open.push_back(*copy);
                        }
                    }
                }
            }
        }
        (0..WALKS).any(|walk| self.walks_out(stage, walk, time))
    }

    /// One walk without a plan; the number is its seed.
    fn walks_out(&self, stage: &Stage, walk: u32, time: bool) -> bool {
        let mut dice = Dice::of(0, walk);
        let mut copy = stage.clone();
        for _ in 0..WALK_ACTS {
            let class = match dice.below(10) {
                0..=6 => Class::Asked,
                7 | 8 => Class::Unasked,
                _ if time => Class::Time,
                _ => Class::Unasked,
            };
            let from = copy.took().len();
            let acts = self.repertoire.now(&copy, class);
            let Some(act) = dice.pick(&acts) else { continue };
            if act.perform(&mut copy, self.program).is_err() {
                return false;
            }
            let moves: Vec<_> = turns(&copy, from).filter_map(|seen| move_of(&seen)).collect();
            if moves.iter().any(|made| made.to.is_none() && (time || !made.by_time)) {
                return true;
            }
            if copy.conversation().session.is_none() {
                return false;
            }
        }
        false
    }
}
