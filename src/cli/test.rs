//! `buttonhook test`: plays the conversations written beside the flows.

use std::fmt::Write as _;
use std::io::{stderr, stdout};
use std::time::Instant;

use clap::Args;

use crate::flow::Program;
use crate::model::Message;
use crate::scenario::{self, Failure, Played, Said, Scenario};
use crate::source::render_human;

use super::check::{Whole, whole};
use super::style::{Paint, say};
use super::{EXIT_OK, EXIT_PROJECT, Global, ProjectArgument};

/// What `test` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    project: ProjectArgument,
    /// Play only conversations whose name holds this
    #[arg(long, value_name = "WORDS")]
    only: Option<String>,
}

/// Plays the conversations of the project.
pub fn run(arguments: &Arguments, global: &Global) -> u8 {
    let Whole { sources, program, diagnostics } = match whole(&arguments.project.project) {
        Ok(found) => found,
        Err(why) => return super::wrong(EXIT_PROJECT, &why.to_string()),
    };
    if !diagnostics.is_empty() {
        eprint!("{}", render_human(&sources, &diagnostics, global.color.is_on(&stderr())));
    }
    let Some(program) = program else {
        return EXIT_PROJECT;
    };
    let only = arguments.only.as_deref();
    let paint = Paint { colour: global.color.is_on(&stdout()) };
    let began = Instant::now();
    let (mut passed, mut failed) = (0, 0);
    for flow in program.flows() {
        let (scenarios, _) = scenario::read(&program, flow);
        let wanted = |scenario: &&Scenario| only.is_none_or(|only| scenario.name.contains(only));
        let scenarios: Vec<&Scenario> = scenarios.iter().filter(wanted).collect();
        if scenarios.is_empty() {
            continue;
        }
        let title = flow.title.as_deref().unwrap_or_default();
        say(&format!("\n{}  {}\n", paint.bold(flow.name.as_str()), paint.dim(title)));
        for scenario in scenarios {
            let played = scenario::play(&program, flow, scenario);
            match &played.failure {
                None => passed += 1,
                Some(_) => failed += 1,
            }
            say(&report(&program, scenario, &played, paint));
        }
    }
    if let (Some(only), 0) = (only, passed + failed) {
        return super::wrong(EXIT_PROJECT, &format!("no conversation has `{only}` in its name, so nothing was played"));
    }
    say(&summary(passed, failed, began.elapsed().as_millis(), paint));
    if failed == 0 { EXIT_OK } else { EXIT_PROJECT }
}

fn summary(passed: usize, failed: usize, millis: u128, paint: Paint) -> String {
    let all = passed + failed;
    match (all, failed) {
        (0, _) => "No conversations to play. Write one under `tests:` in a flow.\n".to_owned(),
        (_, 0) => format!("\n{} in {millis} ms\n", paint.green(&format!("{} went as written", conversations(all)))),
        (_, _) => format!("\n{}, {passed} went as written\n", paint.red(&format!("{failed} of {} did not", conversations(all)))),
    }
}

fn conversations(count: usize) -> String {
    if count == 1 { "1 conversation".to_owned() } else { format!("{count} conversations") }
}

fn report(program: &Program, scenario: &Scenario, played: &Played, paint: Paint) -> String {
    let Some(failure) = &played.failure else {
        return format!("  {} {}\n", paint.green("✓"), scenario.name);
    };
    let mut report = format!("  {} {}\n\n", paint.red("✗"), paint.bold(&scenario.name));
    for said in &played.said {
        let _ = writeln!(report, "{}", line(said, paint));
    }
    let _ = writeln!(report, "\n      {}", paint.red(&failure.message));
    report.push_str(&compared(failure, paint));
    let _ = writeln!(report, "      {}\n", paint.dim(&format!("at {}", program.place(failure.span))));
    report
}

fn compared(failure: &Failure, paint: Paint) -> String {
    let part = |what: &str, text: &Option<String>| {
        text.as_ref()
            .map(|text| format!("      {} {}\n", paint.dim(what), text.replace('\n', "\n               ")))
            .unwrap_or_default()
    };
    part("expected", &failure.expected) + &part("came    ", &failure.came)
}

/// A line of the conversation as a chat: the contact on the right, the bot on the left.
fn line(said: &Said, paint: Paint) -> String {
    const WIDTH: usize = 72;
    match said {
        Said::Pause(millis) => format!("{:^WIDTH$}", format!("({} s)", millis / 1000)),
        Said::They(text) => format!("{:>WIDTH$}", text.replace('\n', " ")),
        Said::Bot(message) => {
            let body = message.body().replace('\n', "\n      ");
            let extra = match message {
                Message::Buttons { buttons, .. } => {
                    let titles: Vec<String> = buttons.iter().map(|button| format!("[{}]", button.title)).collect();
                    format!("\n      {}", paint.dim(&titles.join(" ")))
                }
                Message::Link { label, url, .. } => format!("\n      {}", paint.dim(&format!("[{label}] {url}"))),
                Message::Media(media) => format!("\n      {}", paint.dim(&format!("[{}] {}", media.kind.name(), media.url))),
                Message::Text { .. } | Message::Template { .. } => String::new(),
            };
            format!("      {body}{extra}")
        }
    }
}
