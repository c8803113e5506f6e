//! `buttonhook test --crowd`: lets a hostile crowd talk to the project and tells which laws it broke.

use std::fmt::Write as _;
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};

use crate::flow::Program;
use crate::scenario::{Broken, Report, Size, Suite, crowd};

use super::super::style::{Paint, many, say};
use super::super::talk::{self, wrapped};
use super::super::{EXIT_OK, EXIT_PROJECT, EXIT_USAGE};
use super::Format;

/// Columns of a sentence.
const TEXT: usize = 74;
/// Lines of the chat that a report shows; the test below it has all of them.
const SHOWN_MAX: usize = 24;

/// What `--crowd` takes.
#[derive(Debug, Clone, Args)]
pub(super) struct Crowd {
    /// Let a crowd of made-up contacts talk to the project, and tell which laws of good conversations it broke
    #[arg(long, conflicts_with_all = ["coverage", "update", "watch", "only"])]
    pub crowd: bool,
    /// How many contacts
    #[arg(long, default_value_t = 1_000, requires = "crowd", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    contacts: u32,
    /// How many things each of them does
    #[arg(long, default_value_t = 40, requires = "crowd", value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    acts: u32,
    /// Which crowd: the same number is the same crowd
    #[arg(long, default_value_t = 1, requires = "crowd", value_name = "N")]
    seed: u64,
}

/// Lets the crowd talk.
pub(super) fn run(arguments: &Crowd, program: &Program, suites: &[Suite], format: Format, paint: Paint) -> u8 {
    if format == Format::Junit {
        return super::super::wrong(EXIT_USAGE, "the crowd is no list of tests: use `--format human` or `--format json`");
    }
    let size = Size { contacts: arguments.contacts, acts: arguments.acts, seed: arguments.seed };
    let began = Instant::now();
    let report = crowd(program, suites, size);
    let millis = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    match format {
        Format::Json => say(&format!("{:#}\n", machine(&report, size, millis))),
        Format::Human | Format::Junit => say(&human(&report, size, millis, paint)),
    }
    if report.broken.is_empty() { EXIT_OK } else { EXIT_PROJECT }
}

fn human(report: &Report, size: Size, millis: u64, paint: Paint) -> String {
    let mut text = String::new();
    for broken in &report.broken {
        text.push_str(&told(broken, paint));
    }
    for one in &report.unanswered {
        let did: String = one.did.chars().take(40).collect();
        let line = format!("Nobody answers {}, “{did}” for example: let a flow begin by `anything_else`.", one.what);
        let _ = writeln!(text, "\n  {} {}", paint.cyan("!"), wrapped(&line, TEXT).join("\n    "));
    }
    let talked = format!(
        "{}, {}, {} where somebody waited",
        many(usize::try_from(report.conversations).unwrap_or(usize::MAX), "conversation"),
        many(usize::try_from(report.turns).unwrap_or(usize::MAX), "turn"),
        many(report.places, "step")
    );
    let told = match report.broken.len() {
        0 => paint.green("No law was broken"),
        many_broken => paint.red(&format!("{} broken", many(many_broken, "law"))),
    };
    let _ = writeln!(text, "\n{told}: {talked}. {}", paint.dim(&format!("seed {}, {millis} ms", size.seed)));
    text
}

fn told(broken: &Broken, paint: Paint) -> String {
    let mut text = format!("\n  {} {}  {}\n", paint.red("✗"), paint.bold(broken.law.name()), paint.dim(&broken.place));
    for line in wrapped(&sentence(&broken.message), TEXT) {
        let _ = writeln!(text, "    {line}");
    }
    let from = broken.said.len().saturating_sub(SHOWN_MAX);
    let _ = write!(text, "\n{}\n", talk::chat(&broken.said[from..], None, paint));
    let _ = writeln!(text, "    {}\n", paint.dim("As a test, in a file of its own under tests/:"));
    for line in broken.test.lines() {
        let _ = writeln!(text, "{line}");
    }
    text
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().collect::<String>());
    first.map_or_else(String::new, |first| format!("{first}{}.", letters.as_str().trim_end_matches('.')))
}

fn machine(report: &Report, size: Size, millis: u64) -> Value {
    let broken = |one: &Broken| {
        json!({
            "law": one.law.name(),
            "place": one.place,
            "message": one.message,
            "contact": one.contact,
            "test": one.test,
        })
    };
    let unanswered: Vec<Value> = report.unanswered.iter().map(|one| json!({"what": one.what, "for_example": one.did})).collect();
    json!({
        "seed": size.seed,
        "conversations": report.conversations,
        "turns": report.turns,
        "places": report.places,
        "millis": millis,
        "broken": report.broken.iter().map(broken).collect::<Vec<_>>(),
        "unanswered": unanswered,
    })
}
