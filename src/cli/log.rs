//! The log: one writer for everything, panics included, which lets no foreign text act on a terminal or forge a line,
//! and no secret out.

use std::io::{self, Write};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::LogFormat;
use crate::config::scrubbed;

/// Starts the log on the standard error stream. `RUST_LOG` says what is in it; the default is `info`, and `warn` with `quiet`.
pub(super) fn start(format: LogFormat, quiet: bool) {
    let usual = if quiet { "warn" } else { "info" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(Clean).with_ansi(false);
    let started = match format {
        LogFormat::Human => log.with_target(false).try_init(),
        LogFormat::Json => log.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
    };
    // Only a second start fails, and then the first one serves.
    drop(started);
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map_or_else(String::new, ToString::to_string);
        // What a panic says may quote a contact's words: only where it happened is told.
        tracing::error!(place, thread = std::thread::current().name(), "Buttonhook itself broke here; please report it");
    }));
}

/// Writes to the standard error stream what [`scrubbed`] and [`cleaned`] leave.
struct Clean;

impl<'a> MakeWriter<'a> for Clean {
    type Writer = CleanStderr;

    fn make_writer(&'a self) -> CleanStderr {
        CleanStderr
    }
}

struct CleanStderr;

impl Write for CleanStderr {
    /// The subscriber hands over one whole record at a time.
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        io::stderr().lock().write_all(cleaned(&scrubbed(&String::from_utf8_lossy(record))).as_bytes())?;
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// The record on one line, without characters that move the cursor, colour the terminal or turn the direction of writing.
fn cleaned(record: &str) -> String {
    let line = record.strip_suffix('\n').unwrap_or(record);
    let harmless = |c: char| if c.is_control() || turns_direction(c) { ' ' } else { c };
    line.chars().map(harmless).chain(std::iter::once('\n')).collect()
}

fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::cleaned;

    #[test]
    fn foreign_text_can_neither_forge_a_line_nor_act_on_the_terminal() {
        assert_eq!(cleaned("a\nINFO forged\r\u{1b}[2J\u{202e}b\n"), "a INFO forged  [2J b\n");
        assert_eq!(cleaned("plain Grüße 👍\n"), "plain Grüße 👍\n");
    }
}
