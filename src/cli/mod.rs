//! The commands, a file each, and what they share: the form of the command line, exit codes, logs and threads.
//!
//! To add a command: a file with its arguments and a `run`, a variant of [`Command`], and a line in [`Command::run`].

mod backup;
mod chat;
mod check;
mod explain;
mod fix;
mod fmt;
mod graph;
mod log;
mod new;
mod replace;
mod run;
mod sandbox;
mod schema;
mod style;
mod talk;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// The stack of every thread that may run a script: deep scripts and their values need it (design: crates, section 4.3). Only
/// the pages that are touched cost memory.
const STACK_BYTES: usize = 16 * 1024 * 1024;
/// Threads that may be busy with turns while others answer webhooks.
const WORKERS_MIN: usize = 4;

/// Everything was done.
pub const EXIT_OK: u8 = 0;
/// The project has errors, or its tests failed.
pub const EXIT_PROJECT: u8 = 1;
/// The command line or a setting cannot be used.
pub const EXIT_USAGE: u8 = 2;
/// Something outside kept us from starting: a port, the store.
pub const EXIT_START: u8 = 3;

/// Button-driven conversations from YAML and Rhai: edited live, proven before they go out, nothing lost.
#[derive(Debug, Parser)]
#[command(name = "buttonhook", version, about, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    global: Global,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// How the log is written
    #[arg(long, global = true, value_enum, default_value = "human", value_name = "FORMAT")]
    pub log_format: LogFormat,
    /// Print nothing but what is wrong
    #[arg(long, global = true)]
    pub quiet: bool,
    /// Whether to use colours
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: Color,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// A line for people.
    Human,
    /// An object for programs.
    Json,
}

/// Whether to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Also in a pipe or file.
    Always,
    /// Not at all.
    Never,
}

impl Color {
    /// Whether what goes to `stream` is coloured. `NO_COLOR` is respected.
    pub fn is_on(self, stream: &impl std::io::IsTerminal) -> bool {
        match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        }
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the project: take webhooks, answer, reload when a file is saved (the default)
    Run(run::Arguments),
    /// Tell every mistake of the project, and what to write instead
    Check(check::Arguments),
    /// Explain a mistake by its code, or list all codes
    Explain(explain::Arguments),
    /// Play the conversations that are written beside the flows and in `tests/`
    Test(test::Arguments),
    /// Talk to the project in the terminal, without a server
    Chat(chat::Arguments),
    /// Draw flows as pictures
    Graph(graph::Arguments),
    /// Serve the pretend provider alone, with phones in the browser
    Sandbox(sandbox::Arguments),
    /// Copy the store into a file, also while the host runs, and look through the copy
    Backup(backup::Arguments),
    /// Write a starter project into a new directory
    New(new::Arguments),
    /// Put flow files into canonical form; comments stay
    Fmt(fmt::Arguments),
    /// Write what editors need to complete and check flows and scripts
    Schema(schema::Arguments),
}

impl Command {
    fn run(self, global: &Global) -> u8 {
        match self {
            Command::Run(arguments) => run::run(arguments, global),
            Command::Check(arguments) => check::run(&arguments, global),
            Command::Explain(arguments) => explain::run(&arguments, global),
            Command::Test(arguments) => test::run(&arguments, global),
            Command::Chat(arguments) => chat::run(&arguments, global),
            Command::Graph(arguments) => graph::run(&arguments, global),
            Command::Sandbox(arguments) => sandbox::run(arguments, global),
            Command::Backup(arguments) => backup::run(arguments, global),
            Command::New(arguments) => new::run(&arguments),
            Command::Fmt(arguments) => fmt::run(&arguments, global),
            Command::Schema(arguments) => schema::run(&arguments),
        }
    }
}

/// The directory with `flows/` and `scripts/`.
#[derive(Debug, Clone, Args)]
pub struct ProjectArgument {
    /// The directory with `flows/` and `scripts/`
    #[arg(default_value = ".", value_name = "PROJECT")]
    pub project: PathBuf,
}

/// Runs the command that the arguments name.
pub fn main() -> ExitCode {
    let Cli { command, global } = Cli::parse();
    log::start(global.log_format, global.quiet);
    let command = command.unwrap_or_else(|| Command::Run(run::Arguments::default()));
    // The main thread's stack has whatever size the system gives it, and `check` and `test` run scripts too.
    let thread = std::thread::Builder::new().name("command".to_owned()).stack_size(STACK_BYTES);
    let code = match thread.spawn(move || command.run(&global)) {
        // The panic hook has told already.
        Ok(running) => running.join().unwrap_or(EXIT_START),
        Err(error) => wrong(EXIT_START, &format!("the system gives us no thread: {error}")),
    };
    ExitCode::from(code)
}

/// Says on the terminal what kept a command from doing its work.
fn wrong(code: u8, message: &str) -> u8 {
    eprintln!("error: {message}");
    code
}

/// Runs `work` on an async runtime whose threads can run scripts.
fn block_on(work: impl Future<Output = u8>) -> u8 {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads((cores + crate::app::LANES).max(WORKERS_MIN))
        .thread_stack_size(STACK_BYTES)
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(work),
        Err(error) => wrong(EXIT_START, &format!("the system gives us no threads: {error}")),
    }
}
