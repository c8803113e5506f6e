//! How wide texts are, about: the same on every machine, whatever fonts it has.

/// Columns of a text of `size` pixels, in pixels.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(|letter| size * share(letter)).sum()
}

/// The same in letters of equal width.
pub(super) fn mono_width(text: &str, size: f64) -> f64 {
    text.chars().map(|letter| size * if share(letter) >= 1.0 { 1.2 } else { 0.602 }).sum()
}

/// The share of a letter's width in its height, as in the sans-serif fonts of today's systems and a little more.
fn share(letter: char) -> f64 {
    match letter {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | 'I' => 0.29,
        ' ' | 'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '-' | '"' | '·' => 0.36,
        'm' | 'M' | 'W' | '…' | '→' | '@' => 0.92,
        'w' | 'A'..='Z' => 0.70,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{1f000}'..='\u{1faff}' => 1.05,
        _ => 0.58,
    }
}

/// `text` in at most `most` lines of at most `wide` pixels; what is left out ends in an ellipsis.
pub(super) fn lines(text: &str, size: f64, wide: f64, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut whole = true;
    for paragraph in text.split('\n').filter(|paragraph| !paragraph.trim().is_empty()) {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if line.is_empty() || width(&longer, size) <= wide {
                line = longer;
            } else {
                lines.push(std::mem::replace(&mut line, word.to_owned()));
            }
        }
        lines.push(line);
    }
    if lines.len() > most {
        lines.truncate(most);
        whole = false;
    }
    if let (false, Some(last)) = (whole, lines.last_mut()) {
        last.push_str(" …");
    }
    lines.iter().map(|line| short(line, size, wide)).collect()
}

/// `text` cut to at most `wide` pixels.
pub(super) fn short(text: &str, size: f64, wide: f64) -> String {
    if width(text, size) <= wide {
        return text.to_owned();
    }
    let mut cut = String::new();
    for letter in text.chars() {
        if width(&cut, size) + width("…", size) + size * share(letter) > wide {
            break;
        }
        cut.push(letter);
    }
    format!("{}…", cut.trim_end())
}

#[cfg(test)]
mod tests {
    use super::{lines, short, width};

    #[test]
    fn lines_keep_to_their_width() {
        let text = "one two three four five sixsevenseven eight";
        for line in lines(text, 14.0, 90.0, 3) {
            assert!(width(&line, 14.0) <= 90.0, "{line}");
        }
        assert_eq!(lines("a\n\nb", 14.0, 90.0, 3), ["a", "b"]);
        assert!(short("abcdefghijklmnop", 14.0, 40.0).ends_with('…'));
    }
}
