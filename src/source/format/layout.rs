//! Tokens set out again: how far each line is indented, and what space stands between two tokens of a line.

use std::ops::Range;

use super::tokens::{Body, Kind, Token};

/// Spaces per level.
const STEP: usize = 2;

/// A block list or mapping that is open.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Level {
    list: bool,
    /// Its column as written.
    old: usize,
    /// Its column in canonical form.
    new: usize,
}

/// What is open at a place.
#[derive(Debug, Clone, Default)]
struct Levels {
    block: Vec<Level>,
    /// Brackets inside each other.
    brackets: usize,
}

/// The canonical form of `text`, whose tokens are `tokens`.
pub(super) fn set_out(text: &str, tokens: &[Token]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut levels = Levels::default();
    for (index, token) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| &tokens[before]);
        let gap = before.map_or(0, |before| before.span.end)..token.span.start;
        let lines = text[gap.clone()].bytes().filter(|&byte| byte == b'\n').count();
        let begins = before.is_none() || lines > 0;
        let rest = &tokens[index..];
        let column = token.span.start - text[..token.span.start].rfind('\n').map_or(0, |at| at + 1);
        if matches!(token.kind, Kind::Body(_)) {
            out.push('\n');
        } else if begins && token.kind == Kind::Comment {
            let indent = levels.for_comment(text, column, &rest[1..]);
            begin_line(&mut out, before.is_some(), lines, indent);
        } else {
            let indent = levels.enter(text, column, rest);
            if begins {
                begin_line(&mut out, before.is_some(), lines, indent);
            } else if let Some(before) = before {
                out.push_str(&between(text, before, token, gap));
            }
        }
        let written = &text[token.span.clone()];
        match &token.kind {
            Kind::Scalar => push_scalar(&mut out, written, levels.continued()),
            Kind::Body(body) => push_body(&mut out, written, *body, &levels),
            Kind::Comment => out.push_str(written.trim_end()),
            _ => out.push_str(written),
        }
        levels.pass(&token.kind);
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

fn begin_line(out: &mut String, any_before: bool, lines: usize, indent: usize) {
    if any_before {
        out.push('\n');
        if lines > 1 {
            out.push('\n');
        }
    }
    out.extend(std::iter::repeat_n(' ', indent));
}

impl Levels {
    /// The column of the innermost block.
    fn parent(&self) -> usize {
        self.block.last().map_or(0, |level| level.new)
    }

    /// The column of what stands inside of it.
    fn inside(&self) -> usize {
        self.block.last().map_or(0, |level| level.new + STEP)
    }

    /// The column of further lines of a scalar, or inside of brackets. Further than the closing bracket, which YAML wants
    /// further than the block around it.
    fn continued(&self) -> usize {
        self.inside() + STEP * self.brackets
    }

    /// Ends and begins blocks as the first of `rest`, at `column`, does. Gives the column for a line that begins with it.
    fn enter(&mut self, text: &str, column: usize, rest: &[Token]) -> usize {
        let Some(token) = rest.first() else { return 0 };
        if self.brackets > 0 {
            return self.continued() - if token.kind == Kind::Close { STEP } else { 0 };
        }
        let list = match token.kind {
            Kind::Dash => true,
            Kind::Scalar if is_key(text, rest) => false,
            Kind::Marker => return 0,
            _ => return self.inside(),
        };
        // A list may stand in the same column as the key above it; the next key then ends it.
        while self.block.pop_if(|level| level.old > column || (level.old == column && level.list && !list)).is_some() {}
        if self.block.last().is_none_or(|level| level.old != column || level.list != list) {
            self.block.push(Level { list, old: column, new: self.inside() });
        }
        self.parent()
    }

    /// What `kind` opens or closes among brackets.
    fn pass(&mut self, kind: &Kind) {
        match kind {
            Kind::Open => self.brackets += 1,
            Kind::Close => self.brackets = self.brackets.saturating_sub(1),
            _ => {}
        }
    }

    /// The column of a comment that has its line for itself: that of what follows, unless it stands deeper, in a block that is
    /// ending; then it stays there.
    fn for_comment(&self, text: &str, column: usize, rest: &[Token]) -> usize {
        if self.brackets > 0 {
            return self.continued();
        }
        let comments = rest.iter().take_while(|token| token.kind == Kind::Comment).count();
        let follows = &rest[comments..];
        let next = follows.first().map(|token| {
            let old = token.span.start - text[..token.span.start].rfind('\n').map_or(0, |at| at + 1);
            (old, self.clone().enter(text, old, follows))
        });
        let deepest = self.block.last().map_or(0, |level| level.old);
        if let Some((old, new)) = next
            && old >= deepest
        {
            return new;
        }
        let ending = |level: &&Level| level.old <= column && next.is_none_or(|(old, _)| level.old > old);
        let stays = self.block.iter().filter(ending).map(|level| level.old).max();
        let level = stays.and_then(|old| self.block.iter().find(|level| level.old == old));
        level.map_or(next.map_or(0, |(_, new)| new), |level| level.new)
    }
}

/// Whether the scalar at the front is a key: its colon follows in the same line.
fn is_key(text: &str, rest: &[Token]) -> bool {
    match rest {
        [key, colon, ..] => colon.kind == Kind::Colon && !text[key.span.start..colon.span.start].contains('\n'),
        _ => false,
    }
}

/// The space between two tokens of a line.
fn between(text: &str, before: &Token, token: &Token, gap: Range<usize>) -> String {
    let width = match (&before.kind, &token.kind) {
        // Comments may be lined up with those above and below.
        (_, Kind::Comment) => text[gap].chars().count().max(1),
        (_, Kind::Colon | Kind::Comma | Kind::Close) | (Kind::Open, _) => 0,
        _ => 1,
    };
    " ".repeat(width)
}

/// A scalar, its further lines at `indent`.
fn push_scalar(out: &mut String, scalar: &str, indent: usize) {
    let mut lines = scalar.split('\n').peekable();
    let mut first = true;
    while let Some(line) = lines.next() {
        let line = if first { line } else { line.trim_start_matches([' ', '\t']) };
        let trimmed = line.trim_end_matches([' ', '\t']);
        // At a line's end YAML drops spaces, but not one that is escaped; and behind the last line they were none.
        let line = if lines.peek().is_none() || trimmed.ends_with('\\') { line } else { trimmed };
        if !first {
            out.push('\n');
            if !line.is_empty() {
                out.extend(std::iter::repeat_n(' ', indent));
            }
        }
        out.push_str(line);
        first = false;
    }
}

/// The lines of a block text. Spaces beyond its indentation, and at the ends of lines, are text.
fn push_body(out: &mut String, lines: &str, body: Body, levels: &Levels) {
    // At the left edge a comment below would become a part of it.
    let indent = body.told.map_or(levels.inside().max(STEP), |told| levels.parent() + told);
    for (index, line) in lines.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        if let Some(content) = line.get(body.indent..).filter(|content| !content.is_empty()) {
            out.extend(std::iter::repeat_n(' ', indent));
            out.push_str(content);
        }
    }
}
