//! How the commands write to a terminal.

use std::io::Write;

/// Writes to standard output; a reader that went away (`| head`) is no mistake of ours.
pub fn say(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// `1 flow`, `2 flows`.
pub fn many(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// ANSI colours, or nothing.
#[derive(Debug, Clone, Copy)]
pub struct Paint {
    /// Whether to colour at all.
    pub colour: bool,
}

impl Paint {
    /// Good.
    pub fn green(self, text: &str) -> String {
        self.wrap("32", text)
    }

    /// Bad.
    pub fn red(self, text: &str) -> String {
        self.wrap("31", text)
    }

    /// Something to act on.
    pub fn cyan(self, text: &str) -> String {
        self.wrap("36", text)
    }

    /// Of little weight.
    pub fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    /// Of great weight.
    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
