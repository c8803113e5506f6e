//! YAML into a tree that knows where everything stands. The only file that knows the YAML crate.
//!
//! Scalars keep the text that was typed: whether `12:30` is a time or a title is for the schema to say, not for YAML
//! (flow language, rule 4). YAML 1.2 core schema; tags, merge keys, anchors and aliases are refused, duplicate keys are errors.
//!
//! It reads the crate's events and builds the tree itself, without recursion: events alone tell a quoted `"7"` from a plain
//! `7`, an empty value from `~`, and where an unwanted tag or anchor stands. The crate's typed layer would have resolved
//! them before we see them.

use std::collections::HashMap;

use serde_saphyr::granit_parser::{
    ErrorKind, Event, Marker, Options, Parser, ScalarStyle, Span as Stretch, StrInput, StructureStyle,
};

use super::code::Code;
use super::diagnostic::Diagnostic;
use super::mistake::{self, Trouble, habit};
use super::sources::{SourceId, Span};

/// Mappings and lists inside each other. The flow language needs about 10.
const DEPTH_MAX: usize = 48;
/// Keys, values and lists of one file. A file of the greatest length that is anything but brackets has fewer.
const NODES_MAX: usize = 200_000;
/// Diagnostics of one file about its YAML; further ones are left out.
const DIAGNOSTICS_MAX: usize = 50;

/// A node of a YAML file.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Where it stands. A quoted scalar's span includes the quotes.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// Nothing was written.
    Empty,
    /// A text, number, date or whatever else fits one scalar, as typed.
    Scalar {
        /// The text after YAML's own escapes.
        text: String,
        /// Whether it was quoted or a block (`|`, `>`), so that it can only be a text.
        quoted: bool,
        /// The byte of the file at which `text` stands letter for letter; nothing when escapes, folding or indentation came
        /// between, so that places inside the text cannot be told exactly.
        verbatim_at: Option<u32>,
    },
    /// `- a`, `[a, b]`.
    List(Vec<Node>),
    /// `key: value`, in order.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// As typed.
    pub text: String,
    /// Where.
    pub span: Span,
}

/// Reads `text`. Gives no node when it is not YAML; the diagnostics then say why, in plain words.
///
/// A node may come with errors: what can be told apart from the rest (a key that stands twice, a tag, a text that begins with
/// a brace) is reported and read on, so that one reading shows all of them.
pub fn parse(source: SourceId, text: &str) -> (Option<Node>, Vec<Diagnostic>) {
    let mut tree = Tree { source, text, open: Vec::new(), root: None, nodes: 0, documents: 0, diagnostics: Vec::new() };
    let whole = tree.read(parser(text));
    let mut diagnostics = tree.diagnostics;
    Diagnostic::in_order(&mut diagnostics);
    diagnostics.truncate(DIAGNOSTICS_MAX);
    let empty = Node { span: Span::new(source, 0, 0), kind: NodeKind::Empty };
    (whole.then(|| tree.root.unwrap_or(empty)), diagnostics)
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

/// The tree while it grows.
struct Tree<'a> {
    source: SourceId,
    text: &'a str,
    open: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
    documents: usize,
    diagnostics: Vec<Diagnostic>,
}

/// A list or mapping whose end has not come yet.
struct Open {
    start: usize,
    kind: OpenKind,
}

enum OpenKind {
    List(Vec<Node>),
    Map { entries: Vec<(Key, Node)>, seen: HashMap<String, Span>, key: Pending, bare: usize },
}

/// The key whose value comes next.
enum Pending {
    /// A key comes next.
    None,
    /// This key, its value comes next; whether no colon followed it, as in `{city}`.
    Key(Key, bool),
    /// What stood there was reported, its value is dropped.
    Dropped,
}

impl<'a> Tree<'a> {
    /// Takes every event; false when the text is not YAML from some place on.
    fn read(&mut self, mut parser: Parser<'a, StrInput<'a>>) -> bool {
        while let Some(event) = parser.next_event() {
            let going = match event {
                Ok((event, stretch)) => self.event(&event, &stretch),
                Err(error) => {
                    self.fail(self.byte(error.marker()), &trouble(error.kind()));
                    return false;
                }
            };
            if !going {
                return false;
            }
        }
        true
    }

    /// What the parser stopped at. What was found on that line before only follows from it.
    fn fail(&mut self, at: usize, trouble: &Trouble) {
        let mut said = mistake::explain(self.source, self.text, at, trouble);
        // A guess may be wrong: a fix is offered only when the parser gets further with it.
        said.fix = said.fix.filter(|fix| {
            let fixed = [&self.text[..fix.span.start as usize], &fix.text, &self.text[fix.span.end as usize..]].concat();
            let behind = fixed.len() - (self.text.len() - at.max(fix.span.end as usize));
            reach(&fixed).is_none_or(|stopped| stopped > behind)
        });
        let line = |span: Span| self.text[..span.start as usize].rfind('\n');
        let broken = line(said.span);
        self.diagnostics.retain(|one| line(one.span) != broken);
        self.diagnostics.push(said);
    }

    /// Keeps what `find` finds, unless there is enough of it already: then it is not even looked for.
    fn report(&mut self, find: impl FnOnce(&'a str) -> Option<Diagnostic>) {
        if self.diagnostics.len() < DIAGNOSTICS_MAX {
            self.diagnostics.extend(find(self.text));
        }
    }

    /// Takes one event; false when reading should stop.
    fn event(&mut self, event: &Event<'a>, stretch: &Stretch) -> bool {
        match event {
            Event::DocumentStart(..) => return self.document(stretch),
            Event::Scalar(value, style, anchor, tag) => {
                self.refuse_properties(*anchor, tag.is_some(), stretch);
                let node = self.scalar(value, *style, stretch);
                return self.place(node);
            }
            Event::SequenceStart(style, anchor, tag) => {
                self.refuse_properties(*anchor, tag.is_some(), stretch);
                let start = self.span(stretch).start as usize;
                let start = if *style == StructureStyle::Block { self.dash_before(start) } else { start };
                return self.push(start, OpenKind::List(Vec::new()));
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_properties(*anchor, tag.is_some(), stretch);
                let map = OpenKind::Map { entries: Vec::new(), seen: HashMap::new(), key: Pending::None, bare: 0 };
                return self.push(self.span(stretch).start as usize, map);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(node) = self.pop(stretch) {
                    return self.place(node);
                }
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                let span = self.span(stretch);
                self.report(|text| Some(habit::reserved(text, span)));
                let kind = self.as_typed(span);
                return self.place(Node { span, kind });
            }
            _ => {}
        }
        true
    }

    /// A file holds one document. A second one would be silently ignored, so it is refused where it begins.
    fn document(&mut self, stretch: &Stretch) -> bool {
        self.documents += 1;
        if self.documents < 2 {
            return true;
        }
        let span = self.span(stretch);
        self.report(|_| {
            let said = Diagnostic::error(Code::YAML_SYNTAX, span, "a second document begins here, but a file holds one");
            Some(said.help("Move what follows into a file of its own, or take the line `---` away."))
        });
        false
    }

    fn scalar(&self, value: &str, style: ScalarStyle, stretch: &Stretch) -> Node {
        let mut span = self.span(stretch);
        let source = &self.text[span.range()];
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
                span = Span::new(self.source, span.start as usize, span.start as usize + source.trim_end().len());
                only_line(source, value).map(|at| span.start + u32::try_from(at).unwrap_or(0))
            }
        };
        let quoted = style != ScalarStyle::Plain;
        Node { span, kind: NodeKind::Scalar { text: value.to_owned(), quoted, verbatim_at } }
    }

    /// Puts a finished node where it belongs; false when the file holds too many.
    fn place(&mut self, mut node: Node) -> bool {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            let said = Diagnostic::error(Code::YAML_SYNTAX, node.span, format!("the file holds more than {NODES_MAX} values"));
            self.diagnostics.push(said.help("Split it into several files."));
            return false;
        }
        let key = match self.open.last_mut().map(|open| &mut open.kind) {
            Some(OpenKind::Map { key, .. }) => std::mem::replace(key, Pending::None),
            _ => {
                self.look_at_value(&node);
                match self.open.last_mut().map(|open| &mut open.kind) {
                    Some(OpenKind::List(items)) => items.push(node),
                    _ => self.root = Some(node),
                }
                return true;
            }
        };
        match key {
            Pending::None => self.place_key(node),
            Pending::Key(name, is_bare) => {
                if node.kind == NodeKind::Empty && !is_bare {
                    node.span = self.behind_colon(name.span);
                }
                self.look_at_value(&node);
                if let Some(OpenKind::Map { entries, bare, .. }) = self.open.last_mut().map(|open| &mut open.kind) {
                    *bare += usize::from(is_bare);
                    entries.push((name, node));
                }
            }
            Pending::Dropped => {}
        }
        true
    }

    /// Takes the node as the key of the innermost mapping, unless it cannot be one or stands there already.
    fn place_key(&mut self, node: Node) {
        let span = node.span;
        let Some(OpenKind::Map { seen, key, .. }) = self.open.last_mut().map(|open| &mut open.kind) else { return };
        *key = Pending::Dropped;
        let NodeKind::Scalar { text: name, quoted, .. } = node.kind else {
            return self.report(|text| Some(habit::not_a_key(text, span)));
        };
        if name == "<<" && !quoted {
            return self.report(|_| Some(habit::merge_key(span)));
        }
        if let Some(&first) = seen.get(&name) {
            return self.report(|_| Some(habit::second_key(&name, span, first)));
        }
        seen.insert(name.clone(), span);
        let bare = !self.text[span.end as usize..].trim_start().starts_with(':');
        *key = Pending::Key(Key { text: name.clone(), span }, bare);
        if !quoted {
            self.report(|_| habit::odd_space_in_key(&name, span));
        }
    }

    /// Reports what YAML reads in a value, but probably not as meant.
    fn look_at_value(&mut self, node: &Node) {
        let span = node.span;
        match &node.kind {
            NodeKind::Scalar { quoted: false, .. } => {
                self.report(|text| habit::lookalike_in_text(text, span));
                self.report(|text| habit::swallowed_item(text, span));
                self.report(|text| habit::cut_by_comment(text, span));
            }
            NodeKind::Empty => self.report(|text| habit::cut_by_comment(text, span)),
            _ => {}
        }
    }

    /// The place straight behind the colon of a key, where a value that nobody wrote would stand.
    fn behind_colon(&self, key: Span) -> Span {
        let rest = &self.text[key.end as usize..];
        let at = key.end as usize + (rest.len() - rest.trim_start().len() + 1).min(rest.len());
        Span::new(self.source, at, at)
    }

    /// A list that is not indented below its key begins for the crate behind its first `-`.
    fn dash_before(&self, start: usize) -> usize {
        let before = self.text[..start].trim_end();
        if !self.text[start..].starts_with('-') && before.ends_with('-') { before.len() - 1 } else { start }
    }

    fn push(&mut self, start: usize, kind: OpenKind) -> bool {
        if self.open.len() >= DEPTH_MAX {
            self.fail(start, &Trouble::TooDeep);
            return false;
        }
        self.open.push(Open { start, kind });
        true
    }

    fn pop(&mut self, stretch: &Stretch) -> Option<Node> {
        let open = self.open.pop()?;
        let end = (self.span(stretch).end as usize).max(open.start);
        let length = self.text[open.start..end].trim_end().len();
        let span = Span::new(self.source, open.start, open.start + length);
        let kind = match open.kind {
            OpenKind::List(items) => NodeKind::List(items),
            // `{city}`: nobody means a mapping without a single colon, it is a text that lacks its quotes.
            OpenKind::Map { entries, bare, .. } if bare > 0 && bare == entries.len() => {
                self.diagnostics.retain(|one| one.code != Code::YAML_UNQUOTED_BRACE || one.span.start < span.start);
                self.report(|text| Some(habit::unquoted_brace(text, span)));
                self.as_typed(span)
            }
            OpenKind::Map { entries, .. } => NodeKind::Map(entries),
        };
        Some(Node { span, kind })
    }

    /// The stretch as a plain text, so that reading goes on after a mistake.
    fn as_typed(&self, span: Span) -> NodeKind {
        NodeKind::Scalar { text: self.text[span.range()].to_owned(), quoted: false, verbatim_at: Some(span.start) }
    }

    /// Tags and anchors are YAML that authors meet only by accident: `!important`, `&co`.
    fn refuse_properties(&mut self, anchor: usize, tagged: bool, stretch: &Stretch) {
        if anchor == 0 && !tagged {
            return;
        }
        let node = self.span(stretch);
        let from = stretch.tag_start().map_or(node.start as usize, |mark| self.byte(&mark));
        self.report(|text| Some(habit::property(node.source, text, from, tagged)));
    }

    fn span(&self, stretch: &Stretch) -> Span {
        let start = self.byte(&stretch.start);
        Span::new(self.source, start, self.byte(&stretch.end).max(start))
    }

    /// A place of the crate as a byte of the text, on a character's boundary whatever the crate says.
    fn byte(&self, mark: &Marker) -> usize {
        self.text.floor_char_boundary(mark.byte_offset().unwrap_or(self.text.len()))
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
