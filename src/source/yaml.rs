//! YAML into a tree that knows where everything stands. The only file that knows the YAML crate.
//!
//! Scalars keep the text that was typed: whether `12:30` is a time or a title is for the schema to say, not for YAML
//! (flow language, rule 4). YAML 1.2 core schema; tags, merge keys, anchors and aliases are refused, duplicate keys are errors.
//!
//! It reads the crate's events and builds the tree itself, without recursion: events alone tell a quoted `"7"` from a plain
//! `7`, an empty value from `~`, and where an unwanted tag or anchor stands. The crate's typed layer would have resolved
//! them before we see them.

use std::ops::Range;

use serde_saphyr::granit_parser::{
    ErrorKind, Event, Marker, Options, Parser, ScalarStyle, Span as Stretch, StrInput, StructureStyle,
};

use super::code::Code;
use super::diagnostic::Diagnostic;
use super::mistake::{self, Trouble, habit};
use super::sources::{SourceId, Span};
use super::tree::{Begin, Node, NodeKind, Stop, Tree};

/// Reads `text`. Gives no node when it is not YAML; the diagnostics then say why, in plain words.
///
/// A node may come with errors: what can be told apart from the rest (a key that stands twice, a tag, a text that begins with
/// a brace) is reported and read on, so that one reading shows all of them.
pub fn parse(source: SourceId, text: &str) -> (Option<Node>, Vec<Diagnostic>) {
    let mut reader = Reader { tree: Tree::new(source, text), documents: 0 };
    let read = reader.read(parser(text));
    let (root, diagnostics) = reader.tree.finish();
    (read.is_ok().then_some(root), diagnostics)
}

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Quoted,
    /// `|` or `>`; its stretch holds the text below, without the header.
    Block,
}

/// Where the scalars of `text` stand, in order; nothing when it is not YAML. Those that nobody wrote are left out.
pub(super) fn scalars(text: &str) -> Option<Vec<(Style, Range<usize>)>> {
    let mut found = Vec::new();
    let byte = |mark: &Marker| text.floor_char_boundary(mark.byte_offset().unwrap_or(text.len()));
    for event in parser(text) {
        let (Event::Scalar(_, style, ..), stretch) = event.ok()? else { continue };
        let style = match style {
            ScalarStyle::Plain => Style::Plain,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
            ScalarStyle::Literal | ScalarStyle::Folded => Style::Block,
        };
        let span = byte(&stretch.start)..byte(&stretch.end).max(byte(&stretch.start));
        if style != Style::Plain || !span.is_empty() {
            found.push((style, span));
        }
    }
    Some(found)
}

fn parser(text: &str) -> Parser<'_, StrInput<'_>> {
    let mut options = Options::default();
    options.set_emit_comments(false);
    // Unknown aliases as events, so that our words and not the crate's refuse them; nesting is bounded by DEPTH_MAX.
    options.emit_unresolved_aliases = true;
    options.bom_inside_document_as_content = true;
    Parser::new_from_str_with_options(text, options)
}

/// Where the parser stops in `text`, if it stops before the end.
fn reach(text: &str) -> Option<usize> {
    parser(text).find_map(|event| event.err().map(|error| error.marker().byte_offset().unwrap_or(0)))
}

/// Turns the parser's events into a tree.
struct Reader<'a> {
    tree: Tree<'a>,
    documents: usize,
}

impl<'a> Reader<'a> {
    /// Takes every event, up to the end or to where the text is not YAML any more.
    fn read(&mut self, mut parser: Parser<'a, StrInput<'a>>) -> Result<(), Stop> {
        while let Some(event) = parser.next_event() {
            let taken = match event {
                Ok((event, stretch)) => self.event(&event, &stretch),
                Err(error) => Err(self.fail(self.byte(error.marker()), &trouble(error.kind()))),
            };
            taken.map_err(|stop| match stop {
                Stop::TooDeep(at) => self.fail(at, &Trouble::TooDeep),
                Stop::Told => stop,
            })?;
        }
        Ok(())
    }

    /// Says why the text is not YAML from the byte `at` on.
    fn fail(&mut self, at: usize, trouble: &Trouble) -> Stop {
        let text = self.tree.text;
        let mut said = mistake::explain(self.tree.source, text, at, trouble);
        // A guess may be wrong: a fix is offered only when the parser gets further with it.
        said.fix = said.fix.filter(|fix| {
            let fixed = [&text[..fix.span.start as usize], &fix.text, &text[fix.span.end as usize..]].concat();
            let behind = fixed.len() - (text.len() - at.max(fix.span.end as usize));
            reach(&fixed).is_none_or(|stopped| stopped > behind)
        });
        self.tree.stop(said)
    }

    /// Takes one event.
    fn event(&mut self, event: &Event<'a>, stretch: &Stretch) -> Result<(), Stop> {
        match event {
            Event::DocumentStart(..) => self.document(stretch),
            Event::Scalar(value, style, anchor, tag) => {
                self.refuse_properties(*anchor, tag.is_some(), stretch);
                let node = self.scalar(value, *style, stretch);
                self.tree.place(node)
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.refuse_properties(*anchor, tag.is_some(), stretch);
                let start = self.span(stretch).start as usize;
                let start = if *style == StructureStyle::Block { self.dash_before(start) } else { start };
                self.tree.push(start, Begin::List)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_properties(*anchor, tag.is_some(), stretch);
                self.tree.push(self.span(stretch).start as usize, Begin::Map)
            }
            Event::SequenceEnd | Event::MappingEnd => self.tree.pop(self.span(stretch).end as usize),
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                let span = self.span(stretch);
                self.tree.report(|text| Some(habit::reserved(text, span)));
                let kind = self.tree.as_typed(span);
                self.tree.place(Node { span, kind })
            }
            _ => Ok(()),
        }
    }

    /// A file holds one document. A second one would be silently ignored, so it is refused where it begins.
    fn document(&mut self, stretch: &Stretch) -> Result<(), Stop> {
        self.documents += 1;
        if self.documents < 2 {
            return Ok(());
        }
        let said =
            Diagnostic::error(Code::YAML_SYNTAX, self.span(stretch), "a second document begins here, but a file holds one");
        Err(self.tree.stop(said.help("Move what follows into a file of its own, or take the line `---` away.")))
    }

    fn scalar(&self, value: &str, style: ScalarStyle, stretch: &Stretch) -> Node {
        let mut span = self.span(stretch);
        let source = &self.tree.text[span.range()];
        if style == ScalarStyle::Plain && source.is_empty() {
            return Node { span, kind: NodeKind::Empty };
        }
        let verbatim_at = match style {
            ScalarStyle::Plain => (source == value).then_some(span.start),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                let inside = source.get(1..source.len().saturating_sub(1));
                (inside == Some(value)).then_some(span.start + 1)
            }
            ScalarStyle::Literal | ScalarStyle::Folded => {
                span = Span::new(self.tree.source, span.start as usize, span.start as usize + source.trim_end().len());
                only_line(source, value).map(|at| span.start + u32::try_from(at).unwrap_or(0))
            }
        };
        let quoted = style != ScalarStyle::Plain;
        Node { span, kind: NodeKind::Scalar { text: value.to_owned(), quoted, verbatim_at } }
    }

    /// A list that is not indented below its key begins for the crate behind its first `-`.
    fn dash_before(&self, start: usize) -> usize {
        let before = self.tree.text[..start].trim_end();
        if !self.tree.text[start..].starts_with('-') && before.ends_with('-') { before.len() - 1 } else { start }
    }

    /// Tags and anchors are YAML that authors meet only by accident: `!important`, `&co`.
    fn refuse_properties(&mut self, anchor: usize, tagged: bool, stretch: &Stretch) {
        if anchor == 0 && !tagged {
            return;
        }
        let node = self.span(stretch);
        let from = stretch.tag_start().map_or(node.start as usize, |mark| self.byte(&mark));
        self.tree.report(|text| Some(habit::property(node.source, text, from, tagged)));
    }

    fn span(&self, stretch: &Stretch) -> Span {
        let start = self.byte(&stretch.start);
        Span::new(self.tree.source, start, self.byte(&stretch.end).max(start))
    }

    /// A place of the crate as a byte of the text, on a character's boundary whatever the crate says.
    fn byte(&self, mark: &Marker) -> usize {
        self.tree.text.floor_char_boundary(mark.byte_offset().unwrap_or(self.tree.text.len()))
    }
}

/// Where the one line of a block's `value` stands inside its `source`; nothing when it has several lines.
fn only_line(source: &str, value: &str) -> Option<usize> {
    let line = value.trim_end_matches('\n');
    if line.is_empty() || line.contains('\n') {
        return None;
    }
    source.rfind(line)
}

/// What the crate says went wrong, as coarse as our words for it.
fn trouble(kind: &ErrorKind) -> Trouble {
    use ErrorKind as E;
    match kind {
        E::UnclosedQuotedScalar | E::DocumentIndicatorInQuotedScalar | E::InvalidQuotedScalarIndent => Trouble::UnclosedQuote,
        E::InvalidTrailingSingleQuotedScalar | E::InvalidTrailingDoubleQuotedScalar => Trouble::AfterQuote,
        E::UnknownQuotedScalarEscape
        | E::InvalidQuotedScalarHexEscape
        | E::InvalidLowSurrogateHexEscape
        | E::InvalidLowSurrogate
        | E::MissingLowSurrogate
        | E::UnpairedLowSurrogate
        | E::InvalidUnicodeEscape => Trouble::Escape,
        E::MappingValueNotAllowed | E::InvalidColonPlacement | E::InvalidMappingValueWhitespace => Trouble::Colon,
        E::SimpleKeyExpected | E::InvalidSimpleKey => Trouble::NoColon,
        E::TabNotAllowed | E::TabInBlockIndentation | E::TabInIndentation | E::TabInPlainScalar | E::TabAtBlockScalarStart => {
            Trouble::Tab
        }
        E::RecursionLimitExceeded => Trouble::TooDeep,
        E::UnclosedFlowCollection { open } => Trouble::Unclosed(*open),
        E::UnexpectedEofFlowSequence => Trouble::Unclosed('['),
        E::UnexpectedEofFlowMapping | E::UnexpectedEofImplicitFlowMapping => Trouble::Unclosed('{'),
        E::ExpectedFlowMappingSeparator
        | E::ExpectedFlowSequenceSeparator
        | E::FlowMappingValueAdjacentCollection
        | E::MisplacedFlowCollectionEnd
        | E::MismatchedFlowCollectionEnd { .. } => Trouble::Bracket,
        E::InvalidIndentation
        | E::ExpectedBlockMappingKey
        | E::ExpectedBlockSequenceEntry
        | E::InvalidFlowScalarIndent
        | E::InvalidBlockScalarIndent => Trouble::Indentation,
        other => Trouble::Other(other.to_string()),
    }
}
