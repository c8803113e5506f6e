//! A conversation as a chat on a terminal: the bot on the left, the contact on the right, in 80 columns, with or without colour.

use crate::flow::stretch;
use crate::model::Message;
use crate::scenario::Said;

use super::style::Paint;

/// Columns of a chat.
pub(super) const WIDTH: usize = 78;
/// Columns of a text in it, its mark not counted.
const TEXT: usize = 50;

/// A chat: what one side says several times in a row is kept apart. The `marked` one is what the report is about.
pub(super) fn chat(all: &[Said], marked: Option<usize>, paint: Paint) -> String {
    let mut text = String::new();
    for (at, one) in all.iter().enumerate() {
        let again = at > 0 && matches!((&all[at - 1], one), (Said::Bot(_), Said::Bot(_)) | (Said::They(_), Said::They(_)));
        if again {
            text.push('\n');
        }
        text.push_str(&said(one, marked == Some(at), paint));
    }
    text
}

/// Something said, in lines that end with a newline each; `marked` says that it is what the report is about.
pub(super) fn said(said: &Said, marked: bool, paint: Paint) -> String {
    match said {
        Said::They(text) => they(text, paint),
        Said::Pause(millis) => format!("{}\n", paint.dim(&centred(&format!("· {} later ·", stretch(rounded(*millis)))))),
        Said::Bot(message) => bot(message, marked, paint),
    }
}

/// A pause as people speak of it: of hours, seconds do not matter.
fn rounded(millis: u64) -> u64 {
    let unit = match millis {
        0..60_000 => 1_000,
        60_000..86_400_000 => 60_000,
        _ => 3_600_000,
    };
    (millis / unit).max(1) * unit
}

fn centred(text: &str) -> String {
    format!("{}{text}", " ".repeat((WIDTH.saturating_sub(columns(text))) / 2))
}

/// On the right.
fn they(text: &str, paint: Paint) -> String {
    let lines = wrapped(text, TEXT);
    let widest = lines.iter().map(|line| columns(line)).max().unwrap_or(0);
    let line = |line: &String| {
        let before = WIDTH.saturating_sub(widest + 2);
        let after = widest - columns(line);
        format!("{}{}{} {}\n", " ".repeat(before), line, " ".repeat(after), paint.cyan("▐"))
    };
    lines.iter().map(line).collect()
}

/// On the left, its buttons below it.
pub(super) fn bot(message: &Message, marked: bool, paint: Paint) -> String {
    let mark = if marked { paint.red("▌") } else { paint.green("▌") };
    let mut text = String::new();
    let mut put = |line: &str| text.push_str(&format!("    {mark} {line}\n"));
    let (header, footer) = match message {
        Message::Buttons { header, footer, .. } | Message::Link { header, footer, .. } => (header.as_deref(), footer.as_deref()),
        Message::Text { .. } | Message::Media(_) | Message::Template { .. } => (None, None),
    };
    for line in header.iter().flat_map(|header| wrapped(header, TEXT)) {
        put(&paint.bold(&line));
    }
    for line in wrapped(message.body(), TEXT) {
        put(&line);
    }
    for line in footer.iter().flat_map(|footer| wrapped(footer, TEXT)) {
        put(&paint.dim(&line));
    }
    for line in below(message) {
        put(&paint.cyan(&line));
    }
    text
}

/// What stands below the text: buttons, a link, where a medium comes from, the values of a template.
fn below(message: &Message) -> Vec<String> {
    match message {
        Message::Buttons { buttons, .. } => {
            let titles: Vec<String> = buttons.iter().map(|button| format!("[{}]", button.title)).collect();
            packed(&titles)
        }
        Message::Link { label, url, .. } => packed(&[format!("[{label}]"), url.clone()]),
        Message::Media(media) => packed(&[format!("[{}]", media.kind.name()), media.url.clone()]),
        Message::Template { language, fields, .. } => {
            let fields = if fields.is_empty() { String::new() } else { format!(": {}", fields.join(", ")) };
            wrapped(&format!("(template, {language}){fields}"), TEXT)
        }
        Message::Text { .. } => Vec::new(),
    }
}

/// Pieces that are not broken, as many on a line as fit.
fn packed(pieces: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        match lines.last_mut().filter(|line| columns(line) + 1 + columns(piece) <= TEXT) {
            Some(line) => line.push_str(&format!(" {piece}")),
            None => lines.push(piece.clone()),
        }
    }
    lines
}

/// `text` in lines of at most `width` columns; a word that is longer is broken.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n') {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            for piece in broken(word, width) {
                if !line.is_empty() && columns(&line) + 1 + columns(&piece) > width {
                    lines.push(std::mem::take(&mut line));
                }
                if !line.is_empty() {
                    line.push(' ');
                }
                line.push_str(&piece);
            }
        }
        lines.push(line);
    }
    lines
}

fn broken(word: &str, width: usize) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let mut used = 0;
    for letter in word.chars() {
        let wide = columns(letter.encode_utf8(&mut [0; 4]));
        if used + wide > width {
            pieces.push(String::new());
            used = 0;
        }
        used += wide;
        if let Some(piece) = pieces.last_mut() {
            piece.push(letter);
        }
    }
    pieces
}

/// How many columns a terminal gives `text`: two for the letters of East Asia and for emoji, none for what is put on letters.
pub(super) fn columns(text: &str) -> usize {
    text.chars()
        .map(|letter| match u32::from(letter) {
            0x0300..=0x036f | 0x200b..=0x200f | 0xfe00..=0xfe0f | 0x20d0..=0x20ff => 0,
            0x1100..=0x115f | 0x2e80..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff | 0xff00..=0xff60 | 0x1f300..=0x1faff => 2,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::{Paint, Said, columns, rounded, said, wrapped};

    #[test]
    fn nothing_is_wider_than_its_place() {
        let long = "a".repeat(120);
        for text in ["", "one", "one two three four", long.as_str(), "日本語 日本語 日本語", "one\n\ntwo"] {
            for line in wrapped(text, 12) {
                assert!(columns(&line) <= 12, "{line}");
            }
        }
        let line = said(&Said::They(long), false, Paint { colour: false });
        assert!(line.lines().all(|line| columns(line) <= super::WIDTH), "{line}");
    }

    #[test]
    fn pauses_are_told_in_round_numbers() {
        assert_eq!(rounded(1_195_000), 1_140_000);
        assert_eq!(rounded(90_000_000), 90_000_000);
        assert_eq!(rounded(5_000), 5_000);
    }
}
