//! From a saved file to what runs, along the way that the host goes: the watcher notices, everything is listed and read, what
//! changed is compiled, the program is swapped. `cargo bench --bench reload`
//!
//! A harness of its own, because most of what counts is the waiting of a real watcher. It prints medians: how long it takes
//! until the watcher says that the files are quiet (mostly its 100 ms of quiet), what comes after that by part, and what a cold
//! start compiles.
#![allow(clippy::unwrap_used, missing_docs)]

use std::cell::Cell;
use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use buttonhook::flow::{Program, compile, compile_after};
use buttonhook::model::Timestamp;
use buttonhook::project::{Live, Reloaded, Watcher, load, open, reload};
use buttonhook::source::{SourceId, Sources, parse_yaml};
use tempfile::TempDir;

const ROUNDS: usize = 15;
const STEPS: usize = 20;
/// Flows that share a script.
const FLOWS_PER_SCRIPT: usize = 50;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for flows in [1, 1000] {
        let (directory, sources) = project(flows);
        let bytes: usize = sources.iter().map(|(_, file)| file.text.len()).sum();
        println!("{flows} flows of {STEPS} steps, {} files, {} KiB", sources.iter().count(), bytes / 1024);
        let live = cold(directory.path(), &sources);
        runtime.block_on(saves(directory.path(), &live, flows));
        parts(directory.path(), &live);
        println!();
    }
}

/// One flow of 20 steps: a script, then menus that lead on.
fn flow(name: usize, round: usize) -> String {
    let script = name / FLOWS_PER_SCRIPT;
    let mut text = format!(
        "buttonhook: 1\nflow: shop_{name}\nstart:\n  words: [shop {name}]\nremember:\n  price: {{kind: number}}\nsteps:\n  \
         price:\n    run: prices_{script}.quote\n    with: ['\"kochi\"']\n    gives: price\n    go: step_1\n"
    );
    for step in 1..STEPS - 1 {
        let next = step + 1;
        text.push_str(&format!(
            "  step_{step}:\n    say: \"Hello {{contact.name | there}}, this is round {round}\"\n    buttons:\n      \
             on: {{title: Go on, when: price >= {step}, go: step_{next}}}\n      out: {{title: Leave, go: step_{last}}}\n",
            last = STEPS - 1
        ));
    }
    text + &format!("  step_{}:\n    say: Goodbye\n    end: left\n", STEPS - 1)
}

const SCRIPT: &str = r#"
const BASE = #{kochi: 450, delhi: 520};

fn quote(city) {
    let price = BASE[city.to_lower()];
    if price == () { throw "we do not deliver to " + city; }
    let sum = 0.0;
    for piece in 0..5 { if piece > 2 { sum += price * 1.18; } else { sum += price; } }
    sum
}
"#;

fn write(root: &Path, name: usize, round: usize) {
    fs::write(root.join(format!("flows/shop_{name:04}.yaml")), flow(name, round)).unwrap();
}

fn project(flows: usize) -> (TempDir, Sources) {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("flows")).unwrap();
    fs::create_dir(directory.path().join("scripts")).unwrap();
    (0..flows).for_each(|name| write(directory.path(), name, 0));
    for script in 0..flows.div_ceil(FLOWS_PER_SCRIPT) {
        fs::write(directory.path().join(format!("scripts/prices_{script}.rhai")), SCRIPT).unwrap();
    }
    let sources = load(directory.path()).unwrap().sources;
    (directory, sources)
}

fn cold(root: &Path, sources: &Sources) -> Live<Program> {
    let started =
        median(ROUNDS, || timed(|| open(root, Timestamp::UNIX_EPOCH, compile).map_err(|refused| panic!("{refused:?}"))));
    let compiled = median(ROUNDS, || timed(|| compile(sources)));
    println!("  cold start: read, compile everything     {}   of which compile {}", ms(started), ms(compiled));
    open(root, Timestamp::UNIX_EPOCH, compile).unwrap_or_else(|refused| panic!("{refused:?}"))
}

/// What a save took.
struct Save {
    noticed: Duration,
    reload: Duration,
    compile: Duration,
}

/// Saves files before a running watcher and waits until they run.
async fn saves(root: &Path, live: &Live<Program>, flows: usize) {
    let mut watcher = Watcher::new(root).unwrap();
    let mut middle = Vec::new();
    for round in 1..=ROUNDS {
        middle.push(save(&mut watcher, live, root, || write(root, flows / 2, round)).await);
    }
    told("one flow of them saved", &middle);
    let new = root.join("flows/a_new.yaml");
    let text = flow(flows - 1, 0).replace("flow: shop_", "flow: new_").replace("[shop ", "[new ");
    let mut first = Vec::new();
    for _ in 0..ROUNDS.div_ceil(2) {
        first.push(save(&mut watcher, live, root, || fs::write(&new, &text).unwrap()).await);
        first.push(save(&mut watcher, live, root, || fs::remove_file(&new).unwrap()).await);
    }
    told("a file before all others comes or goes", &first);
}

async fn save(watcher: &mut Watcher, live: &Live<Program>, root: &Path, change: impl FnOnce()) -> Save {
    let began = Instant::now();
    change();
    watcher.changed().await;
    let noticed = began.elapsed();
    let compiled = Cell::new(Duration::ZERO);
    let begun = Instant::now();
    let before = live.program();
    let done = reload(live, root, Timestamp::UNIX_EPOCH, |sources| {
        let (spent, compiled_now) = with_time(|| compile_after(sources, Some(&before)));
        compiled.set(spent);
        compiled_now
    });
    assert!(matches!(done, Reloaded::Applied { .. }), "{done:?}");
    Save { noticed, reload: begun.elapsed(), compile: compiled.get() }
}

fn told(what: &str, saves: &[Save]) {
    let middle = |of: fn(&Save) -> Duration| middle(saves.iter().map(of).collect());
    println!("  {what}");
    println!("    until the watcher says quiet           {}", ms(middle(|save| save.noticed)));
    println!("    from then until it runs                {}", ms(middle(|save| save.reload)));
    println!("      list, read, compare, swap            {}", ms(middle(|save| save.reload - save.compile)));
    println!("      compile what changed, check all      {}", ms(middle(|save| save.compile)));
}

/// The parts by themselves.
fn parts(root: &Path, live: &Live<Program>) {
    let sources = load(root).unwrap().sources;
    let program = live.program();
    let (_, file) = sources.iter().next().unwrap();
    let nothing = |_: &Sources| -> (Option<Program>, _) { unreachable!("nothing changed") };
    println!("  parts by themselves");
    println!("    list and read all files                {}", ms(median(ROUNDS, || timed(|| load(root).unwrap()))));
    println!(
        "    list, read and hash all files          {}",
        ms(median(ROUNDS, || timed(|| load(root).unwrap().sources.revision().len())))
    );
    println!(
        "    YAML of one file                       {}",
        ms(median(ROUNDS, || timed(|| parse_yaml(SourceId(0), &file.text))))
    );
    println!(
        "    compile after no change                {}",
        ms(median(ROUNDS, || timed(|| compile_after(&sources, Some(&program)))))
    );
    println!(
        "    a reload that finds nothing changed    {}",
        ms(median(ROUNDS, || timed(|| reload(live, root, Timestamp::UNIX_EPOCH, nothing))))
    );
}

fn with_time<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let began = Instant::now();
    let done = black_box(work());
    (began.elapsed(), done)
}

/// How long `work` takes; dropping what it gives is not counted.
fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    with_time(work).0
}

fn median(rounds: usize, mut once: impl FnMut() -> Duration) -> Duration {
    middle((0..rounds).map(|_| once()).collect())
}

fn middle(mut durations: Vec<Duration>) -> Duration {
    durations.sort_unstable();
    durations[durations.len() / 2]
}

fn ms(duration: Duration) -> String {
    format!("{:>9.2} ms", duration.as_secs_f64() * 1000.0)
}
