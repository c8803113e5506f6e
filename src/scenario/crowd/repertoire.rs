//! What the crowd can do where it stands: what is open to a person there, rightly and wrongly, and what can happen to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::flow::{Kind, Program, Step, Then, Typist, plain};
use crate::model::{AttachmentKind, CallAnswer, CallFailure, EventName, FlowName, Session, StepName, Value, Wait, time};

use super::super::line::LineKind;
use super::super::read::usual_beginning;
use super::super::stage::{Shown, Stage};
use super::super::suite::Suite;
use super::Place;
use super::act::Act;
use super::dice::Dice;
use super::words;

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;
/// Old buttons that a person goes back to.
const OLD_MAX: usize = 6;
/// Words of the project's own conversations that the crowd takes over.
const HEARD_MAX: usize = 200;
/// Statuses that other systems answer with, whatever the flow says of them.
const STATUSES: [u16; 4] = [200, 204, 404, 503];

/// What an act is to a person who stands somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// What they are asked for: a button at hand, an answer that fits; an answer to a call.
    Asked,
    /// What they are not asked for.
    Unasked,
    /// A tap on an old button, or twice on one.
    Old,
    /// Time.
    Time,
    /// What begins a flow, or always holds.
    Begins,
    /// An event of the user's own system.
    News,
}

/// How often each class comes up, of a hundred: with an open question, and without one.
const SHARES: [(Class, [usize; 2]); 6] = [
    (Class::Asked, [52, 0]),
    (Class::Unasked, [14, 10]),
    (Class::Old, [10, 10]),
    (Class::Time, [12, 10]),
    (Class::Begins, [8, 64]),
    (Class::News, [4, 6]),
];

/// What can be done in a project.
#[derive(Debug, Default)]
pub(super) struct Repertoire {
    begins: Vec<Act>,
    unasked: Vec<Act>,
    news: Vec<Act>,
    /// Of each question: what fits, and what does not.
    answers: BTreeMap<Place, (Vec<Act>, Vec<Act>)>,
    /// Of each step with a call: its own answers.
    calls: BTreeMap<Place, Vec<Act>>,
    /// Answers to any call.
    any_call: Vec<Act>,
}

/// Where the open question of a session stands.
pub(super) fn place(session: &Session) -> Place {
    (session.flow.clone(), session.step.clone())
}

impl Repertoire {
    /// What can be done in `program`; the crowd also says what its own conversations say.
    pub fn of(program: &Program, suites: &[Suite]) -> Self {
        let mut repertoire = Self::default();
        let heard = Heard::of(suites);
        repertoire.read_triggers(program, &heard);
        repertoire.read_events(program, &heard);
        repertoire.any_call = any_call(&heard);
        for flow in program.flows() {
            // Which answers fit is only a guess for later days; wrong guesses are tried all the same.
            let typist = Typist { today: program.zone(Some(flow)).day(usual_beginning()), language: None };
            for step in flow.steps.values() {
                repertoire.read_step(&flow.name, step, &typist, |name| flow.remember.get(name));
            }
        }
        repertoire
    }

    fn read_step<'f>(
        &mut self,
        flow: &FlowName,
        step: &Step,
        typist: &Typist<'_>,
        variable: impl Fn(&str) -> Option<&'f crate::flow::Variable>,
    ) {
        let place = (flow.clone(), step.name.clone());
        match &step.then {
            Then::Ask(ask) => {
                let Some(variable) = variable(ask.into.as_str()) else { return };
                let (right, wrong) = words::answers(variable, typist);
                let typed = |texts: Vec<Arc<str>>| texts.into_iter().map(Act::Type);
                let sent: &[AttachmentKind] = match &variable.kind {
                    Kind::Location => &[AttachmentKind::Location],
                    Kind::Media { of } => of,
                    _ => &[],
                };
                let right = typed(right).chain(sent.iter().copied().map(Act::Send)).collect();
                self.answers.insert(place, (right, typed(wrong).collect()));
            }
            Then::Call(call) => {
                let statuses = call.answers.rows().map(|(status, _)| status_like(&status));
                let empty = |status| CallAnswer::Answered { status, body: Value::Record(BTreeMap::new()) };
                self.calls.insert(place, statuses.map(|status| Act::Answered(empty(status))).collect());
            }
            Then::Menu(_) | Then::Choose(_) | Then::Enter(_) | Then::Go(_) | Then::End(_) => {}
        }
    }

    fn read_triggers(&mut self, program: &Program, heard: &Heard) {
        let mut typed: BTreeSet<Arc<str>> = ["hi".into()].into();
        for flow in program.flows() {
            let start = &flow.start;
            typed.extend(start.words.iter().map(|(word, _)| Arc::from(word.as_str())));
            let patterns = start.matches.iter().map(|pattern| words::like(pattern.source()));
            let fitting = patterns.filter(|text| program.triggers().patterns(text, 0).next().is_some());
            typed.extend(fitting.map(Arc::from));
            let ids = start.buttons.iter().map(|(id, _)| Act::TapId(id.replace('*', "4711").into()));
            self.begins.extend(ids);
            self.begins.extend(start.media.iter().map(|(kind, _)| Act::Send(*kind)));
            typed.extend(flow.always.keys().map(|word| Arc::from(word.as_str())));
        }
        let always = program.always();
        typed.extend(always.words.keys().map(|word| Arc::from(word.as_str())));
        typed.extend(always.people.back.iter().map(|word| Arc::from(word.as_str())));
        self.begins.extend(typed.into_iter().map(Act::Type));
        self.begins.extend(heard.ids.iter().cloned().map(Act::TapId));
        self.unasked = words::anywhere().into_iter().chain(heard.typed.iter().cloned()).map(Act::Type).collect();
        self.unasked.extend(AttachmentKind::ALL.map(Act::Send));
        self.unasked.push(Act::TapId("nobody:knows:this".into()));
    }

    fn read_events(&mut self, program: &Program, heard: &Heard) {
        let names: BTreeSet<&EventName> = program.triggers().events().collect();
        for name in names {
            let told: Vec<&Value> = heard.events.iter().filter(|(event, _)| event == name).map(|(_, data)| data).collect();
            // What an event says is a matter between the user's systems: nothing is made up where their tests tell it.
            match told.as_slice() {
                [] => self.news.push(Act::Told(name.clone(), Value::Record(BTreeMap::new()))),
                told => self.news.extend(told.iter().map(|data| Act::Told(name.clone(), (*data).clone()))),
            }
        }
    }

    /// Everything of a class that can be done now.
    pub fn now(&self, stage: &Stage, class: Class) -> Vec<Act> {
        let session = stage.conversation().session.as_ref();
        match class {
            Class::Asked => self.asked(stage, session),
            Class::Unasked => {
                let titles = at_hand(stage).iter().flat_map(|shown| {
                    let title = &shown.button.title;
                    [title.to_uppercase(), format!(" {} !", title.to_lowercase())].map(|text| Act::Type(text.into()))
                });
                let wrong = session.and_then(|session| self.answers.get(&place(session))).map(|(_, wrong)| wrong);
                wrong.into_iter().flatten().cloned().chain(titles).chain(self.unasked.iter().cloned()).collect()
            }
            Class::Old => old(stage),
            Class::Time => waits(stage),
            Class::Begins => self.begins.clone(),
            Class::News => self.news.clone(),
        }
    }

    fn asked(&self, stage: &Stage, session: Option<&Session>) -> Vec<Act> {
        let mut acts = Vec::new();
        if stage.next_call().is_some() {
            let own = session.and_then(|session| self.calls.get(&place(session)));
            acts.extend(own.into_iter().flatten().cloned());
            acts.extend(self.any_call.iter().cloned());
        }
        match session.map(|session| (&session.wait, place(session))) {
            Some((Wait::Menu { .. }, _)) => acts.extend(at_hand(stage).iter().map(newest)),
            Some((Wait::Answer, place)) => {
                acts.extend(self.answers.get(&place).into_iter().flat_map(|(right, _)| right.iter().cloned()));
            }
            Some((Wait::Call { .. }, _)) | None => {}
        }
        acts
    }

    /// One of the things that can be done now. Every other time it is one that has been tried least there.
    pub fn choose(&self, stage: &Stage, dice: &mut Dice, mut tried: impl FnMut(&Act) -> u32) -> Option<Act> {
        let alone = usize::from(stage.conversation().session.is_none());
        let mut roll = dice.below(100);
        let class = SHARES.iter().find(|(_, shares)| match roll.checked_sub(shares[alone]) {
            None => true,
            Some(rest) => {
                roll = rest;
                false
            }
        });
        let class = class.map_or(Class::Unasked, |(class, _)| *class);
        let mut acts = self.now(stage, class);
        if acts.is_empty() {
            acts = self.now(stage, if alone == 1 { Class::Begins } else { Class::Unasked });
        }
        if dice.below(2) == 0 {
            return dice.pick(&acts).cloned();
        }
        acts.into_iter().min_by_key(|act| tried(act))
    }
}

/// The buttons of the newest message that has some.
fn at_hand(stage: &Stage) -> &[Shown] {
    let shown = stage.shown();
    let from = shown.last().map_or(0, |last| shown.iter().position(|one| one.send == last.send).unwrap_or(0));
    &shown[from..]
}

fn newest(shown: &Shown) -> Act {
    Act::Tap { button: shown.name().into(), back: 0, twice: false }
}

fn old(stage: &Stage) -> Vec<Act> {
    let twice = at_hand(stage).iter().map(|shown| Act::Tap { button: shown.name().into(), back: 0, twice: true });
    let before = &stage.shown()[..stage.shown().len() - at_hand(stage).len()];
    let backs = before.iter().rev().take(OLD_MAX).enumerate().map(|(nth, shown)| {
        let later = stage.shown()[stage.shown().len() - at_hand(stage).len() - nth..].iter();
        let back = later.filter(|one| one.name() == shown.name()).count();
        Act::Tap { button: shown.name().into(), back, twice: false }
    });
    twice.chain(backs).collect()
}

/// Until the next timer has fired, and stretches that matter: the provider's window closes after 24 hours.
fn waits(stage: &Stage) -> Vec<Act> {
    let next = stage.conversation().next_timer().map(|timer| {
        let millis = u64::try_from(time::millis(timer.at) - time::millis(stage.now())).unwrap_or(0);
        // Tests are written in whole seconds.
        Act::Wait((millis.div_ceil(1_000) * 1_000).clamp(1_000, crate::model::limits::DURATION_MS_MAX))
    });
    let stretches = [MINUTE_MS, HOUR_MS, 25 * HOUR_MS, 8 * 24 * HOUR_MS].map(Act::Wait);
    next.into_iter().chain(stretches).collect()
}

/// A status that a row of `answers` is for.
fn status_like(row: &str) -> u16 {
    row.parse().ok().or_else(|| row.strip_suffix("xx")?.parse::<u16>().ok().map(|hundred| hundred * 100 + 4)).unwrap_or(418)
}

fn any_call(heard: &Heard) -> Vec<Act> {
    let bodies = [Value::Nothing, Value::Record(BTreeMap::new()), "<html>garbage".into(), Value::List(vec![Value::Nothing])];
    let answered =
        STATUSES.iter().flat_map(|status| bodies.iter().map(|body| CallAnswer::Answered { status: *status, body: body.clone() }));
    let failed = CallFailure::ALL.map(|(why, _)| CallAnswer::Failed { why, detail: why.in_words().to_owned() });
    heard.answers.iter().cloned().chain(answered).chain(failed).map(Act::Answered).collect()
}

/// What people and systems say in the project's own conversations.
#[derive(Default)]
struct Heard {
    typed: BTreeSet<Arc<str>>,
    ids: BTreeSet<Arc<str>>,
    events: Vec<(EventName, Value)>,
    answers: Vec<CallAnswer>,
}

impl Heard {
    fn of(suites: &[Suite]) -> Self {
        let mut heard = Self::default();
        let mut words = BTreeSet::new();
        for line in suites.iter().flat_map(|suite| &suite.scenarios).flat_map(|scenario| &scenario.lines) {
            match &line.kind {
                LineKind::They(text) if heard.typed.len() < HEARD_MAX && words.insert(plain(text)) => {
                    heard.typed.insert(text.as_str().into());
                }
                LineKind::TapId(id) if heard.ids.len() < HEARD_MAX => drop(heard.ids.insert(id.as_str().into())),
                LineKind::Event(name, data) if heard.events.len() < HEARD_MAX => {
                    let event = (name.clone(), data.clone());
                    if !heard.events.contains(&event) {
                        heard.events.push(event);
                    }
                }
                LineKind::Answer(answer) if heard.answers.len() < HEARD_MAX && !heard.answers.contains(answer.answer()) => {
                    heard.answers.push(answer.answer().clone());
                }
                _ => {}
            }
        }
        heard
    }
}

/// A step of a flow.
pub(super) fn named(flow: &FlowName, step: &StepName) -> String {
    format!("{flow}.{step}")
}
