//! `buttonhook chat`: a conversation in the terminal, on the real engine, with a clock of its own and without a server.

mod input;
mod session;

use std::io::{BufRead, IsTerminal, Write, stdin, stdout};

use clap::Args;

use super::style::{Paint, say};
use super::{EXIT_OK, EXIT_PROJECT, Global, ProjectArgument};

use session::{Answer, Session};

/// What `chat` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    #[command(flatten)]
    project: ProjectArgument,
    /// The name of who talks
    #[arg(long, value_name = "NAME", default_value = "Rosa Sample")]
    name: String,
}

const GREETING: &str = "Write what a contact would write; a number taps that button. /help tells the rest, /quit leaves.\n";
/// Bytes of one input.
const INPUT_BYTES_MAX: u64 = 64 * 1024;

/// Talks until the input ends.
pub fn run(arguments: &Arguments, global: &Global) -> u8 {
    let paint = Paint { colour: global.color.is_on(&stdout()) };
    let mut session = match Session::open(&arguments.project.project, &arguments.name, paint) {
        Ok(session) => session,
        Err(why) => return super::wrong(EXIT_PROJECT, &why),
    };
    let typed = stdin().is_terminal();
    if typed {
        say(&format!("{}\n", paint.dim(GREETING)));
    }
    let mut lines = stdin().lock();
    loop {
        if typed {
            say(&paint.cyan("› "));
            // A prompt that does not show is no reason to stop.
            let _ = stdout().flush();
        }
        let mut line = String::new();
        match std::io::Read::take(&mut lines, INPUT_BYTES_MAX).read_line(&mut line) {
            Ok(0) => return EXIT_OK,
            Err(why) => return super::wrong(EXIT_PROJECT, &format!("the input cannot be read: {why}")),
            Ok(_) => {}
        }
        // What was typed stands there already on a terminal; it is drawn anew on the contact's side.
        if typed && stdout().is_terminal() {
            say("\u{1b}[1A\u{1b}[2K");
        }
        match session.take(line.trim_end_matches(['\n', '\r'])) {
            Answer::Say(text) => say(&text),
            Answer::Leave => return EXIT_OK,
        }
    }
}
