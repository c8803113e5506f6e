//! The whole runtime, simulated: real flows, the real lanes, outbox and intake, on a model store or the embedded one, with a
//! provider that misbehaves, clocks that jump, reloads, and a process that dies at any moment. One thread, one seed: a failure
//! repeats itself with `BUTTONHOOK_SEED`. `BUTTONHOOK_SIM_EVENTS` says how much is to happen in all.
//!
//! `ledger` and `witness` hold what must never break; `bugs` are mistakes that prove they would notice.

mod bugs;
mod chaos;
mod counts;
mod ledger;
mod line;
mod memory;
mod network;
mod project;
mod random;
mod witness;
mod world;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use bugs::Bug;
use counts::Counts;
use memory::Memory;
use world::{Disk, World};

use crate::store::EmbeddedPlace;

/// What happens in the normal suite.
const EVENTS: u64 = 250_000;
const MOVES_MODEL: u64 = 2_000;
const MOVES_EMBEDDED: u64 = 700;
const WORLDS_EMBEDDED: u64 = 5;
/// Worlds in which a mistake must be noticed.
const WORLDS_PER_BUG: u64 = 40;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

/// What goes wrong by itself must have gone wrong, or nothing was shown.
fn faults_happened(counts: &Counts) {
    println!("{}", counts.all().map(|(name, count)| format!("{count} {name}")).join(", "));
    for (name, count) in counts.all() {
        assert!(count > 0, "the run is void: no {name}");
    }
}

fn model(seed: u64, bug: Option<Bug>) -> Result<Counts, String> {
    World::new(seed, bug, Disk::Model(Memory::new(bug))).play(MOVES_MODEL)
}

#[test]
fn every_promise_holds_whatever_happens() {
    if let Some(seed) = number("BUTTONHOOK_SEED") {
        println!("{:#?}", model(seed, None).unwrap_or_else(|broken| panic!("seed {seed} {broken}")));
        return;
    }
    let wanted = number("BUTTONHOOK_SIM_EVENTS").unwrap_or(EVENTS);
    // A long run is another one each time; the normal suite is always the same.
    let first = if wanted > EVENTS { std::process::id() as u64 * 1_000_000 } else { 1 };
    let (next, sum) = (AtomicU64::new(first), Mutex::new(Counts::default()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, |cores| cores.get()) {
            scope.spawn(|| {
                while sum.lock().unwrap().events() < wanted {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    let counts = model(seed, None);
                    let counts = counts.unwrap_or_else(|broken| panic!("BUTTONHOOK_SEED={seed} repeats this: {broken}"));
                    sum.lock().unwrap().add(&counts);
                }
            });
        }
    });
    let counts = sum.into_inner().unwrap();
    println!("{} events", counts.events());
    faults_happened(&counts);
}

#[test]
fn and_on_the_embedded_store() {
    let mut sum = Counts::default();
    for seed in 1..=WORLDS_EMBEDDED {
        let place = Box::new(EmbeddedPlace::new());
        let disk = Disk::embedded(place);
        let counts = World::new(seed, None, disk).play(MOVES_EMBEDDED);
        sum.add(&counts.unwrap_or_else(|broken| panic!("BUTTONHOOK_SEED={seed} repeats this: {broken}")));
    }
    println!("{} events on the embedded store", sum.events());
    assert!(sum.crashes > 0 && sum.failed_after > 0 && sum.repeated > 0 && sum.timers > 0, "the run is void: {sum:?}");
}

/// The test of the test: each mistake is found.
#[test]
fn every_mistake_is_noticed() {
    let mut unnoticed = Vec::new();
    for bug in Bug::ALL {
        match (1..=WORLDS_PER_BUG).find_map(|seed| model(seed, Some(bug)).err().map(|broken| (seed, broken))) {
            Some((seed, broken)) => println!("{bug:?}: seed {seed} {broken}"),
            None => unnoticed.push(bug),
        }
    }
    assert!(unnoticed.is_empty(), "nobody notices {unnoticed:?}");
}
