//! From a saved file to what runs: read everything, compile everything, swap. The quiet time before it (100 ms) is not counted.
//!
//! `cargo bench --bench reload`

use std::fs;
use std::path::Path;

use buttonhook::flow::{Program, compile};
use buttonhook::model::Timestamp;
use buttonhook::project::{Live, Reloaded, open, reload};
use tempfile::TempDir;

fn main() {
    divan::main();
}

/// One flow of 20 steps: asks with buttons, answers, goes on.
fn flow(name: usize, round: usize) -> String {
    let mut text = format!("buttonhook: 1\nflow: shop_{name}\nstart:\n  words: [shop {name}]\nsteps:\n");
    for step in 0..19 {
        let next = step + 1;
        text.push_str(&format!(
            "  step_{step}:\n    say: \"Hello {{contact.name | there}}, this is round {round}\"\n    buttons:\n      \
             on: {{title: Go on, go: step_{next}}}\n      out: {{title: Leave, go: step_19}}\n"
        ));
    }
    text + "  step_19:\n    say: Goodbye\n    end: left\n"
}

fn write(root: &Path, name: usize, round: usize) {
    fs::write(root.join(format!("flows/shop_{name}.yaml")), flow(name, round)).expect("the project can be written");
}

fn project(flows: usize) -> (TempDir, Live<Program>) {
    let directory = tempfile::tempdir().expect("a directory for the project");
    fs::create_dir(directory.path().join("flows")).expect("a directory for the flows");
    (0..flows).for_each(|name| write(directory.path(), name, 0));
    let live = open(directory.path(), Timestamp::UNIX_EPOCH, compile);
    let live = live.map_err(|refused| panic!("{refused:?}")).expect("the project compiles");
    (directory, live)
}

/// One file of the project is saved, then everything is read, compiled and swapped.
#[divan::bench(args = [1, 100, 1000], sample_count = 10, sample_size = 1)]
fn a_saved_file_runs(bencher: divan::Bencher<'_, '_>, flows: usize) {
    let (directory, live) = project(flows);
    let mut round = 0;
    bencher
        .with_inputs(|| {
            round += 1;
            write(directory.path(), 0, round);
        })
        .bench_local_values(|()| {
            let done = reload(&live, directory.path(), Timestamp::UNIX_EPOCH, compile);
            assert!(matches!(done, Reloaded::Applied { .. }));
            done
        });
}

/// Nothing changed: read everything and compare.
#[divan::bench(args = [1, 100, 1000], sample_count = 10, sample_size = 1)]
fn nothing_changed(bencher: divan::Bencher<'_, '_>, flows: usize) {
    let (directory, live) = project(flows);
    bencher.bench_local(|| reload(&live, directory.path(), Timestamp::UNIX_EPOCH, compile));
}
