//! A hostile crowd: generated contacts who talk to a project in every way that people do, and laws that must hold whoever talks.
//!
//! Invariants: the same program, seed and number of contacts always give the same report; what is reported was reached by a
//! conversation from its first word, shrunk until nothing can be left out of it, and is played again by the test that is printed;
//! a dead end or a circle is told only when a search from there has found no way either. Must never: need to know the project's
//! purpose, or take a fault that a flow provides for as one.
//!
//! Where to look: `repertoire` is what people do and `words` what they type, `act` does it, `law` judges turns, `ways` and
//! `search` judge where conversations can go, `shrink` makes failures short.

mod act;
mod dice;
mod law;
mod repertoire;
mod search;
mod shrink;
mod ways;
mod words;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::flow::Program;
use crate::model::{EventKind, FlowName, Sender, StepName, Timestamp, Trace};

use super::read::{Who, usual_beginning};
use super::record::{Did, record};
use super::stage::{Said, Stage};
use super::suite::Suite;

pub use act::Act;
pub use law::Law;

use dice::Dice;
use law::{Breach, broken, turns, unanswered};
use repertoire::{Repertoire, named, place};
use search::Search;
use shrink::shortest;
use ways::Ways;

/// Where conversations wait.
type Place = (FlowName, StepName);
/// Something that was done, with what was said after it.
type Part = (Did, Vec<Said>);

/// Breaches that one report tells.
const BREACHES_MAX: usize = 20;
/// What contacts are called: as people are, and as nobody should be.
const NAMES: [&str; 5] = ["Rosa Sample", "Asha", "", "🌸 רוזה", "{contact.name} ${name}"];

/// How large a crowd, and which.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// How many contacts.
    pub contacts: u32,
    /// How many things each of them does.
    pub acts: u32,
    /// Which crowd: another number, other people.
    pub seed: u64,
}

/// What the crowd found.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Conversations that were led.
    pub conversations: u32,
    /// Turns that they took.
    pub turns: u64,
    /// Steps in which somebody stood and waited.
    pub places: usize,
    /// Laws that were broken, each with the shortest conversation that was found.
    pub broken: Vec<Broken>,
    /// What people did that nobody took and nothing answered, with the first who did.
    pub unanswered: Vec<Unanswered>,
}

/// A law that was broken.
#[derive(Debug, Clone)]
pub struct Broken {
    /// Which.
    pub law: Law,
    /// Where in the project: a place in a file, or a script.
    pub place: String,
    /// What happened.
    pub message: String,
    /// Which of the contacts came upon it, from 0.
    pub contact: u32,
    /// The shortest conversation.
    pub said: Vec<Said>,
    /// The same as a file of tests.
    pub test: String,
}

/// Something that nobody took and nothing answered.
#[derive(Debug, Clone)]
pub struct Unanswered {
    /// What it was.
    pub what: &'static str,
    /// What the person did.
    pub did: String,
}

/// Someone came upon something.
#[derive(Debug, Clone)]
struct Witness {
    contact: u32,
    name: &'static str,
    acts: Vec<Act>,
}

impl Witness {
    fn new(contact: u32, acts: &[Act]) -> Self {
        Self { contact, name: name(contact), acts: acts.to_vec() }
    }

    fn with(&self, acts: &[Act]) -> Self {
        Self { acts: acts.to_vec(), ..*self }
    }
}

fn name(contact: u32) -> &'static str {
    NAMES[usize::try_from(contact).unwrap_or(0) % NAMES.len()]
}

/// The crowd while it talks.
struct Crowd<'a> {
    program: &'a Program,
    repertoire: Repertoire,
    size: Size,
    scheduled: Vec<FlowName>,
    ways: Ways,
    /// How often something was done somewhere.
    tried: HashMap<(Option<Place>, u64), u32>,
    breaches: BTreeMap<(Law, String), (Breach, Witness)>,
    /// Who came to a place by the fewest acts.
    came: BTreeMap<Place, Witness>,
    report: Report,
}

/// Lets a crowd talk to `program`; it also says what the conversations of `suites` say.
pub fn crowd(program: &Program, suites: &[Suite], size: Size) -> Report {
    let mut crowd = Crowd {
        program,
        repertoire: Repertoire::of(program, suites),
        size,
        scheduled: program.schedules().map(|planned| planned.flow.clone()).collect(),
        ways: Ways::default(),
        tried: HashMap::new(),
        breaches: BTreeMap::new(),
        came: BTreeMap::new(),
        report: Report::default(),
    };
    for contact in 0..size.contacts {
        crowd.talk(contact);
    }
    crowd.look_for_ways();
    crowd.tell()
}

impl Crowd<'_> {
    /// The flow whose schedule comes round for a contact: the one that the printed test is about, if it has any.
    fn schedule(&self, contact: u32) -> Option<&FlowName> {
        self.scheduled.get(usize::try_from(contact).unwrap_or(0) % self.scheduled.len().max(1))
    }

    fn stage(&self, contact: u32, name: &str) -> Stage {
        let sender = Sender { phone: Who::default().phone, name: name.to_owned(), user_id: None };
        let mut stage = Stage::new(sender, usual_beginning());
        if let Some(flow) = self.schedule(contact) {
            stage.follow_schedule_of(flow.clone());
        }
        stage
    }

    /// One contact's whole conversation.
    fn talk(&mut self, contact: u32) {
        let mut dice = Dice::of(self.size.seed, contact);
        let mut stage = self.stage(contact, name(contact));
        let mut acts = Vec::new();
        self.report.conversations += 1;
        for _ in 0..self.size.acts {
            let at = stage.conversation().session.as_ref().map(place);
            let count = |act: &Act| self.tried.get(&(at.clone(), act.mark())).copied().unwrap_or(0);
            let Some(act) = self.repertoire.choose(&stage, &mut dice, count) else { break };
            *self.tried.entry((at, act.mark())).or_default() += 1;
            let (from, said) = (stage.took().len(), stage.said().len());
            acts.push(act.clone());
            let heard = stage.conversation().last_inbound_at;
            if let Err(why) = act.perform(&mut stage, self.program) {
                self.cannot_go_on(&act, why, Witness::new(contact, &acts));
                break;
            }
            self.judge(&stage, (from, said), heard, contact, &acts);
        }
    }

    /// A wait that a schedule fills is only too long; anything else must be kept.
    fn cannot_go_on(&mut self, act: &Act, why: String, witness: Witness) {
        if !matches!(act, Act::Wait(_)) {
            let breach = Breach { law: Law::NoFault, place: String::new(), message: why };
            self.breaches.entry((breach.law, String::new())).or_insert((breach, witness));
        }
    }

    fn judge(&mut self, stage: &Stage, (from, said): (usize, usize), heard: Option<Timestamp>, contact: u32, acts: &[Act]) {
        let witness = || Witness::new(contact, acts);
        for seen in turns(stage, from) {
            self.report.turns += 1;
            self.ways.count(&seen);
            for breach in broken(self.program, &seen, last_heard(&seen, heard)) {
                let key = (breach.law, breach.place.clone());
                let shorter = self.breaches.get(&key).is_none_or(|(_, known)| acts.len() < known.acts.len());
                if shorter {
                    self.breaches.insert(key, (breach, witness()));
                }
            }
            if let Some(what) = unanswered(&seen).filter(|what| self.report.unanswered.iter().all(|known| known.what != *what)) {
                let did = stage.said()[said..]
                    .iter()
                    .find_map(|one| if let Said::They(text) = one { Some(text.clone()) } else { None });
                self.report.unanswered.push(Unanswered { what, did: did.unwrap_or_default() });
            }
        }
        if let Some(at) = stage.conversation().session.as_ref().map(place) {
            self.ways.stands(&at);
            if self.came.get(&at).is_none_or(|known| acts.len() < known.acts.len()) {
                self.came.insert(at, witness());
            }
        }
    }

    /// Judges where people stood: places that nobody left, and those from which nobody came to an end.
    fn look_for_ways(&mut self) {
        let search = Search { program: self.program, repertoire: &self.repertoire };
        let mut found: Vec<(Law, Place, String)> = Vec::new();
        for at in self.ways.without_moves() {
            if self.arrive(at).is_some_and(|stage| !search.leads_on(&stage)) {
                found.push((
                    Law::NoDeadEnd,
                    at.clone(),
                    "nothing leads on: no button, no answer, no word and no time".to_owned(),
                ));
            }
        }
        let dead: Vec<Place> = found.iter().map(|(_, at, _)| at.clone()).collect();
        for (law, time) in [(Law::NoCircle, true), (Law::WayOut, false)] {
            let mut told: Vec<Place> = found.iter().map(|(_, at, _)| at.clone()).collect();
            let mut closed = self.ways.without_end(time);
            // The smallest first: what only leads into a circle is not one itself.
            closed.sort_by_key(|(at, reached)| (reached.len(), self.came.get(*at).map_or(0, |known| known.acts.len())));
            for (at, reached) in closed {
                let known = told.contains(at) || reached.iter().any(|to| told.contains(to) || dead.contains(to));
                if known || self.arrive(at).is_none_or(|stage| search.ends(&stage, time)) {
                    continue;
                }
                told.extend(reached.iter().map(|to| (*to).clone()));
                told.push(at.clone());
                found.push((law, at.clone(), circle(law, at, &reached)));
            }
        }
        for (law, at, message) in found {
            let Some(witness) = self.came.get(&at).cloned() else { continue };
            let breach = Breach { law, place: named(&at.0, &at.1), message };
            self.breaches.insert((law, breach.place.clone()), (breach, witness));
        }
    }

    /// The conversation of the one who came to a place by the fewest acts, standing there.
    fn arrive(&self, at: &Place) -> Option<Stage> {
        let stage = self.played(self.came.get(at)?)?.0;
        (stage.conversation().session.as_ref().map(place).as_ref() == Some(at)).then_some(stage)
    }

    /// A conversation from its first word; each thing done with what was said after it.
    fn played(&self, witness: &Witness) -> Option<(Stage, Vec<Part>)> {
        let mut stage = self.stage(witness.contact, witness.name);
        let mut parts = Vec::with_capacity(witness.acts.len());
        for act in &witness.acts {
            let said = stage.said().len();
            let did = act.perform(&mut stage, self.program).ok()??;
            parts.push((did, stage.said()[said..].to_vec()));
        }
        Some((stage, parts))
    }

    /// How a conversation breaks the same law at the same place, by its last act.
    fn breaks(&self, breach: &Breach, witness: &Witness) -> Option<Breach> {
        match breach.law {
            Law::NoDeadEnd => self.stands(breach, witness, |search, stage| !search.leads_on(stage)),
            Law::NoCircle if breach.is_of_a_place(self.program) => {
                self.stands(breach, witness, |search, stage| !search.ends(stage, true))
            }
            Law::WayOut => self.stands(breach, witness, |search, stage| !search.ends(stage, false)),
            _ => self.breaks_in_a_turn(breach, witness),
        }
    }

    fn stands(&self, breach: &Breach, witness: &Witness, wrong: impl Fn(&Search<'_>, &Stage) -> bool) -> Option<Breach> {
        let (stage, _) = self.played(witness)?;
        let search = Search { program: self.program, repertoire: &self.repertoire };
        let there = stage.conversation().session.as_ref().is_some_and(|at| named(&at.flow, &at.step) == breach.place);
        (there && wrong(&search, &stage)).then(|| breach.clone())
    }

    fn breaks_in_a_turn(&self, breach: &Breach, witness: &Witness) -> Option<Breach> {
        let mut stage = self.stage(witness.contact, witness.name);
        for (nth, act) in witness.acts.iter().enumerate() {
            let last = nth + 1 == witness.acts.len();
            let (from, heard) = (stage.took().len(), stage.conversation().last_inbound_at);
            match act.perform(&mut stage, self.program) {
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(why) => return (last && breach.message == why).then(|| breach.clone()),
            }
            let found = turns(&stage, from).flat_map(|seen| {
                let heard = last_heard(&seen, heard);
                broken(self.program, &seen, heard)
            });
            let same = found.into_iter().find(|one| one.law == breach.law && one.place == breach.place);
            if same.is_some() {
                return same.filter(|_| last);
            }
        }
        None
    }

    fn tell(mut self) -> Report {
        let breaches = std::mem::take(&mut self.breaches);
        let told = breaches.into_values().take(BREACHES_MAX).map(|(breach, witness)| self.broken(breach, &witness));
        let told: Vec<Broken> = told.collect();
        self.report.broken = told;
        self.report.places = self.ways.places();
        self.report
    }

    fn broken(&self, breach: Breach, witness: &Witness) -> Broken {
        let plain = Witness { name: NAMES[0], ..witness.clone() };
        let witness = if self.breaks(&breach, &plain).is_some() { &plain } else { witness };
        let acts = shortest(witness.acts.clone(), |acts| self.breaks(&breach, &witness.with(acts)).is_some());
        let witness = witness.with(&acts);
        let breach = self.breaks(&breach, &witness).unwrap_or(breach);
        let (stage, parts) = self.played(&witness).unwrap_or_else(|| (self.stage(witness.contact, witness.name), Vec::new()));
        let place = self.place(&breach.place);
        let test = self.test(&breach, &place, &witness, &stage, parts);
        Broken { law: breach.law, place, message: breach.message, contact: witness.contact, said: stage.said().to_vec(), test }
    }

    /// `flow.step` as the place where the step stands; anything else as it is.
    fn place(&self, place: &str) -> String {
        let step = place
            .split_once('.')
            .and_then(|(flow, step)| Some(self.program.flow(&FlowName::new(flow))?.step(&StepName::new(step))?.span));
        step.map_or_else(|| place.to_owned(), |span| self.program.place(span))
    }

    /// The conversation as a file of tests. Of a turn that broke only what was done is written, so that the test fails until it is mended.
    fn test(&self, breach: &Breach, place: &str, witness: &Witness, stage: &Stage, parts: Vec<Part>) -> String {
        let (mut parts, contact) = (parts, witness.contact);
        let faulty = stage.took().last().is_some_and(|took| !took.faults.is_empty());
        if let Some((_, said)) = parts.last_mut().filter(|_| faulty) {
            said.clear();
        }
        let seed = self.size.seed;
        let about = self
            .schedule(contact)
            .cloned()
            .or_else(|| flow_of(stage))
            .or_else(|| self.program.flows().next().map(|flow| flow.name.clone()));
        let about = about.map(|flow| flow.to_string()).unwrap_or_default();
        let name = format!("{}, at {place}", breach.law.name());
        format!(
            "# {}: {}.\n# {place}, seed {seed}, contact {contact}\nbuttonhook: 1\ntests_of: {about}\ntests:\n{}",
            breach.law.name(),
            plain_line(&breach.message),
            record(&name, &parts, witness.name)
        )
    }
}

impl Breach {
    /// Whether it is about a step that waits, and not about a turn.
    fn is_of_a_place(&self, program: &Program) -> bool {
        self.place.split_once('.').is_some_and(|(flow, step)| {
            program.flow(&FlowName::new(flow)).is_some_and(|flow| flow.step(&StepName::new(step)).is_some())
        })
    }
}

/// When the person last did something, seen from a turn.
fn last_heard(seen: &law::Seen<'_>, before: Option<Timestamp>) -> Option<Timestamp> {
    match seen.took.event {
        EventKind::Typed { .. } | EventKind::Tapped { .. } | EventKind::Attached { .. } => Some(seen.took.at),
        _ => before,
    }
}

/// The flow that a conversation was in last.
fn flow_of(stage: &Stage) -> Option<FlowName> {
    let traces = stage.took().iter().rev().flat_map(|took| took.trace.iter().rev());
    let mut entered = traces.filter_map(|trace| if let Trace::Entered { flow, .. } = trace { Some(flow.clone()) } else { None });
    entered.next()
}

/// What a circle is told as.
fn circle(law: Law, at: &Place, reached: &BTreeSet<&Place>) -> String {
    const SHOWN_MAX: usize = 6;
    let mut steps: Vec<&str> = std::iter::once(at.1.as_str()).chain(reached.iter().map(|to| to.1.as_str())).collect();
    steps.sort_unstable();
    steps.dedup();
    let more = if steps.len() > SHOWN_MAX { ", …" } else { "" };
    let steps = steps[..steps.len().min(SHOWN_MAX)].join(", ");
    match law {
        Law::WayOut => format!("only silence ends this: whatever is tapped or typed leads on to {steps}{more}"),
        _ => format!("whoever comes here goes round for ever: {steps}{more}"),
    }
}

/// In one line, so that it can stand in a comment.
fn plain_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
