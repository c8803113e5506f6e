//! `buttonhook explain`: the page of a diagnostic, or the list of all.

use std::io::stdout;

use clap::Args;

use crate::source::{CODES, Code, FAMILIES, PAGES, nearest};

use super::style::{Paint, say};
use super::{EXIT_OK, EXIT_USAGE, Global};

/// What `explain` takes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The code of a mistake, BH0201, or its number alone; without it all codes are listed
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

/// Columns of a page's text.
const WIDTH: usize = 88;

/// Tells about one diagnostic, or about all in a line each.
pub fn run(arguments: &Arguments, global: &Global) -> u8 {
    let paint = Paint { colour: global.color.is_on(&stdout()) };
    let Some(asked) = &arguments.code else {
        say(&list(paint));
        return EXIT_OK;
    };
    let code = spelled_out(asked);
    match PAGES.iter().find(|(known, _)| known.0 == code) {
        Some((_, page)) => {
            say(&shown(page, paint));
            EXIT_OK
        }
        None => {
            let near = nearest(&code, CODES.iter().map(|(code, _)| code.0));
            let near = near.map_or(String::new(), |near| format!(" Did you mean {near}?"));
            super::wrong(EXIT_USAGE, &format!("there is no mistake `{asked}`.{near} `buttonhook explain` lists them all"))
        }
    }
}

/// `bh0201` and `201` as `BH0201`.
fn spelled_out(asked: &str) -> String {
    let upper = asked.trim().to_uppercase();
    let digits = upper.strip_prefix("BH").unwrap_or(&upper);
    let number = !digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    if number { format!("BH{digits:0>4}") } else { upper }
}

fn list(paint: Paint) -> String {
    let mut text = String::new();
    for (family, about) in FAMILIES {
        text.push_str(&format!("{}\n", paint.bold(&format!("{family}  {about}"))));
        let mut codes: Vec<&(Code, &str)> = CODES.iter().filter(|(code, _)| code.0.starts_with(family)).collect();
        codes.sort();
        for (code, summary) in codes {
            text.push_str(&format!("  {code}  {summary}\n"));
        }
        text.push('\n');
    }
    text.push_str("`buttonhook explain BH0201` tells more about one of them.\n");
    text
}

/// A page for a terminal or a pipe: headings bold, examples indented, texts in lines of a good length.
fn shown(page: &str, paint: Paint) -> String {
    let mut text = String::new();
    let mut example = false;
    let mut paragraph = String::new();
    for line in page.lines() {
        let fence = line.starts_with("```");
        if !example && !fence && !line.is_empty() && !line.starts_with('#') {
            paragraph.push_str(line);
            paragraph.push(' ');
            continue;
        }
        wrap(&std::mem::take(&mut paragraph), &mut text);
        example ^= fence;
        if line.is_empty() {
            text.push('\n');
        } else if example && !fence {
            text.push_str(&format!("    {}\n", paint.dim(line)));
        } else if !fence {
            text.push_str(&format!("{}\n", paint.bold(line.trim_start_matches(['#', ' ']))));
        }
    }
    wrap(&paragraph, &mut text);
    text
}

/// A paragraph in lines of at most [`WIDTH`] columns, unless a word is longer.
fn wrap(paragraph: &str, text: &mut String) {
    let mut column = 0;
    for word in paragraph.split_whitespace() {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > WIDTH {
            text.push('\n');
            column = 0;
        } else if column > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += width;
    }
    if column > 0 {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::{CODES, FAMILIES, Paint, list, spelled_out};

    #[test]
    fn a_code_is_known_however_it_is_typed() {
        for asked in ["BH0201", "bh0201", "201", "0201", " bh201 "] {
            assert_eq!(spelled_out(asked), "BH0201");
        }
        assert_eq!(spelled_out("nonsense"), "NONSENSE");
    }

    #[test]
    fn the_list_holds_every_code_under_its_family() {
        let text = list(Paint { colour: false });
        for (code, summary) in CODES {
            assert!(FAMILIES.iter().any(|(family, _)| code.0.starts_with(family)), "{code}");
            assert!(text.contains(&format!("  {code}  {summary}\n")), "{code} is missing");
        }
    }
}
