//! A page of a menu: which rows stand on it, as buttons or as numbered lines, and what is written below the text.

use crate::model::{Button, ButtonRef, limits};

use super::super::program::Flow;
use super::Step;
use super::list::{Row, page_name};

/// Rows on a page of buttons that is not the last; the third button leads on.
const ROWS_PER_PAGE: usize = limits::BUTTONS_MAX - 1;

/// What a page adds to the text of its step.
#[derive(Debug, Default)]
pub(super) struct Page {
    /// The lines below the text; empty when there are none.
    pub below: String,
    /// The buttons; none where rows are answered with their number.
    pub buttons: Vec<Button>,
}

/// The rows of the page `page` when they are shown as buttons. A page beyond the last is the last.
pub(super) fn rows_on(page: usize, rows: usize) -> std::ops::Range<usize> {
    let last = rows.saturating_sub(2) / ROWS_PER_PAGE;
    let page = if rows <= limits::BUTTONS_MAX { 0 } else { page.min(last) };
    let first = page * ROWS_PER_PAGE;
    let left = rows - first;
    if left <= limits::BUTTONS_MAX { first..rows } else { first..first + ROWS_PER_PAGE }
}

/// A page of buttons; of rows that have a note, or whose title had to be cut, a line stands in the text.
pub(super) fn of_buttons(flow: &Flow, step: &Step, rows: &[Row], page: usize, cuts: bool, more: &str) -> Page {
    let shown = rows_on(page, rows.len());
    let means = |choice| ButtonRef::Choice { flow: flow.name.clone(), step: step.name.clone(), choice };
    let mut lines: Vec<String> = Vec::new();
    let mut buttons: Vec<Button> = Vec::new();
    for row in &rows[shown.clone()] {
        let title = if cuts { fitting(&row.title, &buttons) } else { row.title.clone() };
        if !row.note.trim().is_empty() || title != row.title {
            lines.push(line(row));
        }
        buttons.push(Button { means: means(row.name.clone()), title });
    }
    if shown.end < rows.len() {
        let next = shown.start / ROWS_PER_PAGE + 1;
        buttons.push(Button { means: means(page_name(next)), title: more.to_owned() });
    }
    Page { below: lines.join("\n"), buttons }
}

/// A page of numbered lines, as many as fit below a text of `text` characters. A page beyond the last is the last.
pub(super) fn of_numbers(rows: &[Row], page: usize, text: usize, more: &str) -> Page {
    let most = limits::MENU_BODY_CHARS_MAX.saturating_sub(text + "\n\n".len());
    let more = format!("0. {more}");
    let lines: Vec<String> = rows.iter().enumerate().map(|(index, row)| format!("{}. {}", index + 1, line(row))).collect();
    let (mut first, mut nth) = (0, 0);
    loop {
        let end = first + fit(&lines[first..], most, more.chars().count());
        if nth == page || end == lines.len() {
            let mut shown = lines[first..end].join("\n");
            if end < lines.len() {
                shown.push('\n');
                shown.push_str(&more);
            }
            return Page { below: shown, buttons: Vec::new() };
        }
        (first, nth) = (end, nth + 1);
    }
}

/// How many of `lines` fit into `most` characters, with a last line of `more` characters where others are left; at least one.
fn fit(lines: &[String], most: usize, more: usize) -> usize {
    let mut used = 0;
    for (index, line) in lines.iter().enumerate() {
        used += line.chars().count() + usize::from(index > 0);
        let rest = if index + 1 == lines.len() { 0 } else { more + 1 };
        if used + rest > most {
            return index.max(1).min(lines.len());
        }
    }
    lines.len()
}

/// A row as a line of text.
pub(super) fn line(row: &Row) -> String {
    if row.note.trim().is_empty() { row.title.clone() } else { format!("{}: {}", row.title, row.note) }
}

/// The title as it fits a button, and unlike those of the other buttons, which the provider demands.
fn fitting(title: &str, others: &[Button]) -> String {
    let title = title.trim();
    let cut = |most: usize| {
        let whole = title.chars().count() <= most;
        if whole { title.to_owned() } else { format!("{}…", title.chars().take(most - 1).collect::<String>().trim_end()) }
    };
    let whole = cut(limits::BUTTON_TITLE_CHARS_MAX);
    if others.iter().all(|other| other.title != whole) {
        return whole;
    }
    let number = others.len() + 1;
    format!("{} {number}", cut(limits::BUTTON_TITLE_CHARS_MAX - 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ChoiceName;

    fn rows(titles: &[&str]) -> Vec<Row> {
        titles.iter().map(|title| Row { name: ChoiceName::new("row"), title: (*title).to_owned(), note: String::new() }).collect()
    }

    #[test]
    fn every_row_stands_on_exactly_one_page() {
        for count in 1..=limits::ROWS_MAX {
            let mut seen = 0;
            for page in 0.. {
                let shown = rows_on(page, count);
                assert_eq!(shown.start, seen, "{count} rows, page {page}");
                assert!(!shown.is_empty() && shown.len() <= limits::BUTTONS_MAX, "{count} rows, page {page}");
                seen = shown.end;
                if seen == count {
                    assert_eq!(rows_on(page + 1, count), shown, "a page beyond the last is the last");
                    break;
                }
                assert_eq!(shown.len(), ROWS_PER_PAGE);
            }
        }
    }

    #[test]
    fn numbered_pages_keep_their_bound_and_hold_every_row_once() {
        let long: Vec<String> = (0..limits::ROWS_MAX).map(|n| format!("{n:0>width$}", width = 1 + n % 60)).collect();
        let rows = rows(&long.iter().map(String::as_str).collect::<Vec<_>>());
        for text in [0, 500, 1_000, 5_000] {
            let mut seen = 0;
            for page in 0..=limits::ROWS_MAX {
                let below = of_numbers(&rows, page, text, "More").below;
                let shown: Vec<&str> = below.lines().filter(|line| !line.starts_with("0. ")).collect();
                assert_eq!(shown[0], format!("{}. {}", seen + 1, long[seen]), "text of {text}, page {page}");
                assert!(shown.len() == 1 || text + 2 + below.chars().count() <= limits::MENU_BODY_CHARS_MAX);
                seen += shown.len();
                if seen == rows.len() {
                    break;
                }
                assert!(below.ends_with("\n0. More"), "{below}");
            }
            assert_eq!(seen, rows.len(), "text of {text}");
        }
    }

    #[test]
    fn titles_are_cut_to_fit_and_stay_apart() {
        let mut buttons: Vec<Button> = Vec::new();
        for expected in ["A very long title o…", "A very long title… 2", "A very long title… 3"] {
            let title = fitting("A very long title of a book", &buttons);
            assert_eq!(title, expected);
            assert!(title.chars().count() <= limits::BUTTON_TITLE_CHARS_MAX);
            buttons.push(Button { means: ButtonRef::Named(String::new()), title });
        }
    }
}
