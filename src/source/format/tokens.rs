//! A YAML file as tokens. The parser says where scalars stand; between them there is nothing but space, comments and marks.

use std::ops::Range;

use super::Unformatted;
use crate::source::yaml::{self, Style};

/// A token.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub kind: Kind,
    /// The bytes it takes.
    pub span: Range<usize>,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// A plain or quoted scalar, perhaps of several lines.
    Scalar,
    /// `|` or `>`, with what may stand behind it.
    Header,
    /// The lines below a header, without the last line's end.
    Body(Body),
    /// `{` or `[`.
    Open,
    /// `}` or `]`.
    Close,
    Comma,
    Colon,
    /// `-` before an item.
    Dash,
    /// `#` to the end of the line.
    Comment,
    /// `---` at the beginning.
    Marker,
}

/// How the lines of a block text are indented.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Body {
    /// How far its text is indented.
    pub indent: usize,
    /// The number in its header, when it has one: how much further than its parent the text is indented.
    pub told: Option<usize>,
}

impl Token {
    /// The text of a comment, without spaces at its end.
    pub fn comment<'t>(&self, text: &'t str) -> Option<&'t str> {
        (self.kind == Kind::Comment).then(|| text[self.span.clone()].trim_end())
    }
}

/// Every token of `text`, which is sound YAML with Unix line ends.
pub(super) fn read(text: &str) -> Result<Vec<Token>, Unformatted> {
    let mut scalars = yaml::scalars(text).ok_or(Unformatted::Mistakes)?.into_iter().peekable();
    let mut tokens = Vec::new();
    let mut at = 0;
    // The body of a block text, until the line with its header ends.
    let mut below: Option<Token> = None;
    while at < text.len() {
        if let Some((style, span)) = scalars.next_if(|(style, span)| span.start == at && *style != Style::Block) {
            let end = if style == Style::Plain { text[..span.end].trim_end().len() } else { span.end };
            tokens.push(Token { kind: Kind::Scalar, span: at..end });
            at = end.max(at + 1);
            continue;
        }
        let mark = text.as_bytes()[at];
        let kind = match mark {
            b'\n' => {
                at += 1;
                if let Some(body) = below.take() {
                    at = body.span.end;
                    tokens.push(body);
                }
                continue;
            }
            b' ' | b'\t' => {
                at += 1;
                continue;
            }
            b'#' => Kind::Comment,
            b'{' | b'[' => Kind::Open,
            b'}' | b']' => Kind::Close,
            b',' => Kind::Comma,
            b':' => Kind::Colon,
            b'-' if is_marker(text, at) => Kind::Marker,
            b'-' => Kind::Dash,
            b'|' | b'>' => {
                let (_, span) = scalars.next().filter(|(style, _)| *style == Style::Block).ok_or(STRANGE)?;
                below = Some(body(text, at, span)?);
                Kind::Header
            }
            b'?' => return Err(Unformatted::Unusual("a key that begins with `?`")),
            b'%' => return Err(Unformatted::Unusual("a line that begins with `%`")),
            _ => return Err(STRANGE),
        };
        let line_end = text[at..].find('\n').map_or(text.len(), |length| at + length);
        let end = match kind {
            Kind::Comment => line_end,
            Kind::Marker => at + 3,
            Kind::Header => at + text[at..line_end].find([' ', '\t']).unwrap_or(line_end - at),
            _ => at + 1,
        };
        tokens.push(Token { kind, span: at..end });
        at = end;
    }
    if scalars.next().is_some() { Err(STRANGE) } else { Ok(tokens) }
}

/// What the tokens above cannot be.
const STRANGE: Unformatted = Unformatted::Unusual("something that the formatter does not know");

/// Whether `---` stands at `at`, alone in its line.
fn is_marker(text: &str, at: usize) -> bool {
    let line = text[at..].lines().next().unwrap_or("");
    let alone = line.strip_prefix("---").is_some_and(|rest| rest.trim().is_empty());
    alone && (at == 0 || text[..at].ends_with('\n'))
}

/// The lines below the header at `header` of a block text whose content the parser sees in `content`.
fn body(text: &str, header: usize, content: Range<usize>) -> Result<Token, Unformatted> {
    const EMPTY: Unformatted = Unformatted::Unusual("a `|` or `>` without a text below it");
    let first = text[header..].find('\n').map(|length| header + length + 1).ok_or(EMPTY)?;
    let head = text[header..first].split('#').next().unwrap_or("").trim_end();
    if text.get(content.clone()).is_none_or(|text| text.trim().is_empty()) || content.start < first {
        return Err(EMPTY);
    }
    let line_start = text[..content.start].rfind('\n').map_or(0, |at| at + 1);
    let indent = content.start - line_start;
    if !text[line_start..content.start].bytes().all(|byte| byte == b' ') {
        return Err(STRANGE);
    }
    let (mut at, mut end) = (first, first);
    for line in text[first..].split_inclusive('\n') {
        let bare = line.strip_suffix('\n').unwrap_or(line);
        let spaces = bare.len() - bare.trim_start_matches(' ').len();
        let blank = spaces == bare.len();
        if !blank && spaces < indent {
            break;
        }
        // Blank lines at the end belong to it when its header says so, or when they are more than indentation.
        if !blank || bare.len() > indent || head.contains('+') {
            end = at + bare.len();
        }
        at += line.len();
    }
    let told = head.bytes().find(u8::is_ascii_digit).map(|digit| usize::from(digit - b'0'));
    Ok(Token { kind: Kind::Body(Body { indent, told }), span: first..end })
}
