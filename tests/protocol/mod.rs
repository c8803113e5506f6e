//! The protocol of leases and fences, checked exhaustively: several hosts, one store, deaths, leases that end too early, messages
//! that come twice. Every order of everything within the bounds is tried. The stores keep these rules in SQL and the conformance
//! suite (`tests/store`) holds them to it; here it is shown that the rules are enough, and that none of them is idle.

mod rules;
mod world;

use std::collections::BTreeSet;

use stateright::{Checker, HasDiscoveries, Model, Property};

use self::rules::{Bounds, HOSTS_MAX, Rules, Step, World};

/// What the normal suite tries; `BUTTONHOOK_PROTOCOL=all` tries [`LARGE`] as well: 1.2 million states in half a minute.
const SMALL: Bounds = Bounds { hosts: 2, messages: 2, deliveries: 2, deaths: 1, early: 1, failures: 1 };
const LARGE: Bounds = Bounds { hosts: HOSTS_MAX, messages: 2, deliveries: 2, deaths: 1, early: 2, failures: 1 };

/// The protocol with some rules, within bounds.
#[derive(Debug, Clone, Copy)]
struct Protocol {
    rules: Rules,
    bounds: Bounds,
}

impl Model for Protocol {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self.bounds)]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        steps.extend(world.possible(self.rules, self.bounds));
    }

    fn next_state(&self, world: &World, step: Step) -> Option<World> {
        let mut next = world.clone();
        next.take(step, self.rules);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(APPLIED, |_, world| applied_once_in_order(world)),
            Property::always(TOGETHER, |_, world| sends_match_the_state(world)),
            Property::always(ORDER, |_, world| first_requests_in_order(world)),
            Property::always(DOUBLES, |_, world| doubles_are_known(world)),
            Property::always(ALONE, |_, world| one_attempt_at_a_time(world)),
            Property::always(PROGRESS, |model, world| goes_on(*model, world)),
            Property::sometimes("a late owner is turned away", |_, world: &World| world.fenced),
            Property::sometimes("a send is doubted and repeated", |_, world: &World| world.heard.len() > world.store.mail.len()),
            Property::sometimes("everything is done after deaths and early ends", |model, world| done_in_spite(*model, world)),
        ]
    }
}

const APPLIED: &str = "each accepted message changes the state once, in the order accepted";
const TOGETHER: &str = "no send without its state, no state without its send";
const ORDER: &str = "sends leave in the order decided";
const DOUBLES: &str = "a send that left twice was doubted";
const ALONE: &str = "of one send there is one attempt at a time, but for those whose lease has ended";
const PROGRESS: &str = "whoever has nothing left to do has lost nothing";

fn applied_once_in_order(world: &World) -> bool {
    let once = (1..world.store.mail.len()).all(|at| !world.store.mail[..at].contains(&world.store.mail[at]));
    once && world.store.mail.get(..world.store.head) == Some(&world.store.state)
}

fn sends_match_the_state(world: &World) -> bool {
    let waiting = world.store.line.iter().map(|send| send.to);
    let mut sends: Vec<u8> = world.store.settled.iter().copied().chain(waiting).collect();
    let mut state = world.store.state.clone();
    sends.sort_unstable();
    state.sort_unstable();
    sends == state
}

fn first_requests_in_order(world: &World) -> bool {
    let mut first: Vec<u8> = Vec::new();
    for to in &world.heard {
        if !first.contains(to) {
            first.push(*to);
        }
    }
    world.store.state.starts_with(&first)
}

fn doubles_are_known(world: &World) -> bool {
    let left = |to: u8| world.heard.iter().filter(|heard| **heard == to).count();
    world.heard.iter().all(|to| left(*to) < 2 || world.store.doubted.contains(to))
}

fn one_attempt_at_a_time(world: &World) -> bool {
    let mut under_way: Vec<u8> =
        world.hosts.iter().filter_map(|host| host.attempt).filter(|attempt| !attempt.late).map(|attempt| attempt.to).collect();
    let all = under_way.len();
    under_way.sort_unstable();
    under_way.dedup();
    under_way.len() == all
}

fn all_done(world: &World, bounds: Bounds) -> bool {
    let all: Vec<u8> = (0..bounds.messages).collect();
    world.store.mail == all && world.store.state == all && world.store.line.is_empty() && world.store.settled == all
}

fn goes_on(model: Protocol, world: &World) -> bool {
    !world.work(model.rules, model.bounds).is_empty() || all_done(world, model.bounds)
}

fn done_in_spite(model: Protocol, world: &World) -> bool {
    all_done(world, model.bounds) && world.deaths == model.bounds.deaths && world.early == model.bounds.early
}

fn checked(rules: Rules, bounds: Bounds) -> impl Checker<Protocol> {
    Protocol { rules, bounds }.checker().threads(2).spawn_bfs().join()
}

#[test]
fn the_rules_are_enough() {
    let checked = checked(Rules::ALL, SMALL);
    println!("{} states", checked.unique_state_count());
    checked.assert_properties();
    if std::env::var("BUTTONHOOK_PROTOCOL").is_ok_and(|value| value == "all") {
        let checked = self::checked(Rules::ALL, LARGE);
        println!("{} states", checked.unique_state_count());
        checked.assert_properties();
    }
}

#[test]
fn no_rule_is_idle() {
    let all = Rules::ALL;
    let without = [
        ("dedupe", Rules { dedupe: false, ..all }, APPLIED),
        ("fence", Rules { fence: false, ..all }, TOGETHER),
        ("intent first", Rules { intent_first: false, ..all }, DOUBLES),
        ("only the newest settles", Rules { newest_settles: false, ..all }, ALONE),
        ("line", Rules { line: false, ..all }, ORDER),
        ("head and state together", Rules { together: false, ..all }, APPLIED),
    ];
    for (what, rules, broken) in without {
        // The search ends where the mistake is found.
        let found = HasDiscoveries::AllOf(BTreeSet::from([broken]));
        let checked = Protocol { rules, bounds: SMALL }.checker().finish_when(found).spawn_bfs().join();
        let how = checked.discovery(broken).unwrap_or_else(|| panic!("without '{what}' nothing goes wrong within the bounds"));
        println!("without {what}: {} steps", how.into_actions().len());
    }
}
