//! What the language is made of, as data: every mapping, every key in it, what the key takes and what it is for. The reader
//! refuses what does not stand here, and the schema for editors is made of it: a key cannot be known to one and not the other.
//!
//! To add a key: read it, and add its line in `table`, or in `talk` what belongs to conversations.

mod calls;
mod expected;
mod people;
mod table;
mod talk;

pub use calls::*;
pub use expected::NOT_UNDERSTOOD;
pub use people::*;
pub use table::*;
pub use talk::*;

/// A mapping of the language.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// What an author calls it, `a button`.
    pub what: &'static str,
    /// What it is for, in one line.
    pub about: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
    /// What must hold beside "every key that is needed is there".
    pub rule: Rule,
}

/// A key of a mapping.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Key {
    /// As written.
    pub name: &'static str,
    /// What stands behind its colon.
    pub takes: Takes,
    /// What it is for, in one line.
    pub about: &'static str,
    /// A value as an author would write it, in YAML.
    pub example: &'static str,
    /// Whether the mapping cannot do without it.
    pub needed: bool,
    /// The keys beside which it makes sense, where it does not stand alone: at least one of them must be there.
    pub beside: &'static [&'static str],
    /// What holds without it, in YAML; empty when nothing does.
    pub usually: &'static str,
}

/// What may stand behind a colon.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Takes {
    /// The version of the language.
    Version,
    /// A text of at most so many characters, whatever it looks like to YAML. Values put into it are not counted.
    Text(usize),
    /// A text that begins with `http://` or `https://`.
    Address,
    /// A text that means something only when it is this regular expression (of the common subset of dialects), and what to say
    /// when it is not.
    Like(&'static str, &'static str),
    /// A name that the author makes up or made up: of a step, a variable, a flow.
    Name,
    /// A Rhai expression.
    Expression,
    /// A whole number between the two.
    Whole(u32, u32),
    /// A number.
    Number,
    /// `true` or `false`.
    YesNo,
    /// One of a few words.
    OneOf(&'static [&'static str]),
    /// Anything at all.
    Any,
    /// A mapping from names, of whatever form, to anything.
    Values,
    /// A text, or a mapping.
    TextOr(&'static Shape),
    /// One of a few words, a place that a row of `cases` fills, or a mapping.
    WordOr(&'static [&'static str], &'static Shape),
    /// A list of at most so many, or one alone without the list.
    OneOrMore(&'static Takes, usize),
    /// A list and nothing else.
    List(&'static Takes),
    /// A mapping.
    Of(&'static Shape),
    /// What one of several takes.
    AnyOf(&'static [Takes]),
    /// Texts by keys of another file, at any depth.
    Texts,
    /// A mapping that is one of several: the first that fits says which keys it has.
    Either(&'static [&'static Shape]),
    /// Words that stand in another file, each with this.
    ByWord(&'static Takes),
    /// Keys that are this regular expression, each with a value.
    Keyed(&'static str, &'static Takes),
    /// Names that the author makes up, each with a value; at least and at most so many.
    Named(&'static Takes, usize, usize),
}

/// What must hold in a mapping.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// Nothing more.
    None,
    /// It has exactly one key.
    One,
    /// The author makes up further keys, each of which takes this.
    Rest(&'static Takes),
    /// At least one of these is there.
    Any(&'static [&'static str]),
    /// This key is known here only to be offered: it makes a mapping of another shape.
    Without(&'static str),
    /// Exactly one of these is there. One that is also a part of another (`go` of `ask`) does not count beside it.
    Ending(&'static [Ending]),
}

/// A key that can end a step, and the keys to which it belongs when one of them is there too.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ending {
    /// The key.
    pub key: &'static str,
    /// What it is a part of when that is there.
    pub part_of: &'static [&'static str],
}

/// How an author would write what is called `what`, `` `start` `` or `a button`, where what `begins` so belongs (`{`, `[`);
/// nothing when it is not part of the table.
pub(super) fn example_of(what: &str, begins: &str) -> Option<String> {
    fn shapes(takes: &Takes) -> Vec<&'static Shape> {
        match *takes {
            Takes::OneOrMore(each, _) | Takes::List(each) | Takes::Named(each, _, _) | Takes::ByWord(each) => shapes(each),
            Takes::Of(shape) => vec![shape],
            Takes::Either(several) => several.to_vec(),
            _ => Vec::new(),
        }
    }
    fn find(shape: &'static Shape, fits: &dyn Fn(&Key) -> bool) -> Option<&'static Key> {
        let own = shape.keys.iter().find(|key| fits(key));
        own.or_else(|| shape.keys.iter().flat_map(|key| shapes(&key.takes)).find_map(|inner| find(inner, fits)))
    }
    let name = what.trim_matches('`');
    let in_all = |fits: &dyn Fn(&Key) -> bool| [&FLOW, &ALWAYS, &LANGUAGE].into_iter().find_map(|shape| find(shape, fits));
    let named = |key: &Key| name.len() + 2 == what.len() && key.name == name && key.example.starts_with(begins);
    let holds = |key: &Key| shapes(&key.takes).iter().any(|shape| shape.what == what);
    let key = in_all(&|key| named(key) && holds(key)).or_else(|| in_all(&named)).or_else(|| in_all(&holds))?;
    Some(format!("{}: {}", key.name, key.example))
}

impl Shape {
    /// The names of its keys.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + Clone {
        self.keys.iter().map(|key| key.name)
    }

    /// Whether it has a key `name`.
    pub fn has(&self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }

    /// Whether it is the variable of the kind `name`.
    pub(super) fn is_kind(&self, name: &str) -> bool {
        self.kind() == Some(name)
    }

    /// The kind of variable that it is, if it is one.
    pub fn kind(&self) -> Option<&'static str> {
        self.keys.iter().find_map(|key| match key.takes {
            Takes::OneOf([kind]) if key.name == "kind" => Some(*kind),
            _ => None,
        })
    }
}

impl Key {
    /// A key that may be left out.
    pub(super) const fn may(name: &'static str, takes: Takes, about: &'static str, example: &'static str) -> Self {
        Self { name, takes, about, example, needed: false, beside: &[], usually: "" }
    }

    /// A key that must be there.
    pub(super) const fn need(name: &'static str, takes: Takes, about: &'static str, example: &'static str) -> Self {
        Self { needed: true, ..Self::may(name, takes, about, example) }
    }

    /// It makes sense beside one of `keys` only.
    const fn beside(self, keys: &'static [&'static str]) -> Self {
        Self { beside: keys, ..self }
    }

    /// What holds without it.
    const fn usually(self, value: &'static str) -> Self {
        Self { usually: value, ..self }
    }
}
