//! The tree of a YAML file while it grows, out of the parser's steps: here a value, here a list begins, here it ends.
//!
//! Without recursion, so that no nesting can exhaust a stack; with bounds on depth, size and number of diagnostics; and with
//! what YAML allows but the language does not (keys twice, keys that are lists, texts in braces) told and left out.

use std::collections::HashMap;

use super::code::Code;
use super::diagnostic::Diagnostic;
use super::mistake::habit;
use super::sources::{SourceId, Span};

/// Mappings and lists inside each other. The flow language needs about 10.
const DEPTH_MAX: usize = 48;
/// Keys, values and lists of one file. A file of the greatest length that is anything but brackets has fewer.
const NODES_MAX: usize = 200_000;
/// Errors of one file about its YAML, and as many warnings; further ones are left out. What is left out of the tree is always
/// an error, so that a file with one never goes live.
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

/// The tree while it grows.
pub(super) struct Tree<'a> {
    pub source: SourceId,
    pub text: &'a str,
    open: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
    diagnostics: Vec<Diagnostic>,
    errors: usize,
}

/// What begins.
#[derive(Debug, Clone, Copy)]
pub(super) enum Begin {
    List,
    Map,
}

/// Why reading stopped.
#[derive(Debug)]
pub(super) enum Stop {
    /// It was told already.
    Told,
    /// Too many mappings and lists inside each other, at this byte.
    TooDeep(usize),
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
    pub fn new(source: SourceId, text: &'a str) -> Self {
        Self { source, text, open: Vec::new(), root: None, nodes: 0, diagnostics: Vec::new(), errors: 0 }
    }

    /// The root, and what was found on the way in order of place.
    pub fn finish(mut self) -> (Node, Vec<Diagnostic>) {
        Diagnostic::in_order(&mut self.diagnostics);
        let empty = Node { span: Span::new(self.source, 0, 0), kind: NodeKind::Empty };
        (self.root.unwrap_or(empty), self.diagnostics)
    }

    /// Keeps what `find` finds, unless there is enough of it already: then it is not even looked for.
    pub fn report(&mut self, find: impl FnOnce(&'a str) -> Option<Diagnostic>) {
        if self.errors >= DIAGNOSTICS_MAX {
            return;
        }
        let Some(found) = find(self.text) else { return };
        self.errors += usize::from(found.is_error());
        if found.is_error() || self.diagnostics.len() - self.errors < DIAGNOSTICS_MAX {
            self.diagnostics.push(found);
        }
    }

    /// Keeps the reason why reading stops. What was found on its line before only follows from it.
    pub fn stop(&mut self, said: Diagnostic) -> Stop {
        let line = |span: Span| self.text[..span.start as usize].rfind('\n');
        let broken = line(said.span);
        self.diagnostics.retain(|one| line(one.span) != broken);
        self.diagnostics.push(said);
        Stop::Told
    }

    /// Puts a finished node where it belongs: a key, its value, an item or the root.
    pub fn place(&mut self, mut node: Node) -> Result<(), Stop> {
        self.nodes += 1;
        if self.nodes > NODES_MAX {
            let said = Diagnostic::error(Code::YAML_SYNTAX, node.span, format!("the file holds more than {NODES_MAX} values"));
            return Err(self.stop(said.help("Split it into several files.")));
        }
        let key = match self.open.last_mut().map(|open| &mut open.kind) {
            Some(OpenKind::Map { key, .. }) => std::mem::replace(key, Pending::None),
            _ => {
                self.look_at_value(&node);
                match self.open.last_mut().map(|open| &mut open.kind) {
                    Some(OpenKind::List(items)) => items.push(node),
                    _ => self.root = Some(node),
                }
                return Ok(());
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
        Ok(())
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

    /// Begins a list or mapping at the byte `start`.
    pub fn push(&mut self, start: usize, begin: Begin) -> Result<(), Stop> {
        if self.open.len() >= DEPTH_MAX {
            return Err(Stop::TooDeep(start));
        }
        let kind = match begin {
            Begin::List => OpenKind::List(Vec::new()),
            Begin::Map => OpenKind::Map { entries: Vec::new(), seen: HashMap::new(), key: Pending::None, bare: 0 },
        };
        self.open.push(Open { start, kind });
        Ok(())
    }

    /// Ends the innermost list or mapping before the byte `end`, and puts it where it belongs.
    pub fn pop(&mut self, end: usize) -> Result<(), Stop> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let end = end.max(open.start);
        let length = self.text[open.start..end].trim_end().len();
        let span = Span::new(self.source, open.start, open.start + length);
        let kind = match open.kind {
            OpenKind::List(items) => NodeKind::List(items),
            // `{city}`: nobody means a mapping without a single colon, it is a text that lacks its quotes.
            OpenKind::Map { entries, bare, .. } if bare > 0 && bare == entries.len() => {
                self.forget_braces_inside(span);
                self.report(|text| Some(habit::unquoted_brace(text, span)));
                self.as_typed(span)
            }
            OpenKind::Map { entries, .. } => NodeKind::Map(entries),
        };
        self.place(Node { span, kind })
    }

    /// Of braces in braces (`{{city}}`) only the outermost is told.
    fn forget_braces_inside(&mut self, span: Span) {
        let before = self.diagnostics.len();
        self.diagnostics.retain(|one| one.code != Code::YAML_UNQUOTED_BRACE || one.span.start < span.start);
        self.errors -= before - self.diagnostics.len();
    }

    /// The stretch as a plain text, so that reading goes on after a mistake.
    pub fn as_typed(&self, span: Span) -> NodeKind {
        NodeKind::Scalar { text: self.text[span.range()].to_owned(), quoted: false, verbatim_at: Some(span.start) }
    }
}
