//! Finds the flow that an event starts.

use std::collections::{BTreeSet, HashMap};

use regex::RegexSet;

use crate::model::{AttachmentKind, EventName, FlowName, Language};
use crate::source::{Code, Diagnostic, Span};

use super::pattern::{self, MATCHED_BYTES_MAX, Pattern};
use super::{Start, plain};

/// A flow that takes an event, and its rank among those that would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The flow.
    pub flow: FlowName,
    /// The larger goes first.
    pub priority: u32,
    /// The language whose word it is, where it is one language's.
    pub language: Option<Language>,
}

/// Every trigger of a program.
#[derive(Debug, Default)]
pub struct Triggers {
    words: HashMap<String, Owner>,
    /// Every pattern, and whose it is: larger priorities first, then in the order of the files.
    patterns: Vec<(Pattern, Owner)>,
    /// The same patterns in the same order.
    set: RegexSet,
    buttons: HashMap<String, Owner>,
    /// Ids with `*`, by what stands before their first `*`.
    globs: HashMap<String, Vec<(String, Owner)>>,
    /// How long the keys of `globs` are, so that a look-up tries those lengths only.
    prefix_lengths: Vec<usize>,
    media: HashMap<AttachmentKind, Owner>,
    events: HashMap<EventName, Owner>,
    first_contact: Option<Owner>,
    anything_else: Option<Owner>,
}

/// What flows claim, so that two that claim the same with the same rank are told.
struct Claims<'d> {
    made: HashMap<(&'static str, String), Vec<(Owner, Span)>>,
    diagnostics: &'d mut Vec<Diagnostic>,
}

impl Claims<'_> {
    /// Whether the claim stands: it is the first of its flow, and no other flow claims the same with the same rank.
    fn stands(&mut self, kind: &'static str, (key, written): (String, &str), owner: &Owner, span: Span) -> bool {
        let earlier = self.made.entry((kind, key)).or_default();
        if earlier.iter().any(|(other, _)| other.flow == owner.flow) {
            return false;
        }
        let rival = earlier.iter().find(|(other, _)| other.priority == owner.priority);
        if let Some((other, place)) = rival {
            let what = if written.is_empty() { kind.to_owned() } else { format!("{kind} `{written}`") };
            let message = format!("{what} would start both `{}` and `{}`", other.flow, owner.flow);
            self.diagnostics.push(
                Diagnostic::error(Code::TRIGGER_CONFLICT, span, message)
                    .related(*place, format!("`{}` takes it here", other.flow))
                    .help("take it out of one of them, or say which goes first: `priority: 1` beside it"),
            );
        }
        let stands = rival.is_none();
        earlier.push((owner.clone(), span));
        stands
    }
}

impl Triggers {
    /// Gathers the triggers of all flows; two flows that would take the same event are a mistake that names both, unless
    /// their priorities differ.
    pub(in super::super) fn gather<'f>(
        flows: impl Iterator<Item = (&'f FlowName, &'f Start)>,
        of_languages: impl Iterator<Item = (Owner, &'f [(String, Span)])>,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut triggers = Self::default();
        let mut claims = Claims { made: HashMap::new(), diagnostics };
        for (flow, start) in flows {
            let owner = Owner { flow: flow.clone(), priority: start.priority, language: None };
            triggers.take(owner, start, &mut claims);
        }
        for (owner, words) in of_languages {
            triggers.take_words(&owner, words, &mut claims);
        }
        let lengths: BTreeSet<usize> = triggers.globs.keys().map(String::len).collect();
        triggers.prefix_lengths = lengths.into_iter().collect();
        triggers.patterns.sort_by_key(|(_, owner)| std::cmp::Reverse(owner.priority));
        triggers.set = pattern::together(triggers.patterns.iter().map(|(pattern, _)| pattern), diagnostics);
        triggers
    }

    fn take_words(&mut self, owner: &Owner, words: &[(String, Span)], claims: &mut Claims<'_>) {
        for (word, span) in words {
            if claims.stands("the word", (plain(word), word), owner, *span) {
                outrank(self.words.entry(plain(word)).or_insert_with(|| owner.clone()), owner);
            } else if let Some(known) = self.words.get_mut(&plain(word)).filter(|known| known.language != owner.language) {
                // A word of several languages does not tell which of them is meant.
                known.language = None;
            }
        }
    }

    fn take(&mut self, owner: Owner, start: &Start, claims: &mut Claims<'_>) {
        self.take_words(&owner, &start.words, claims);
        for pattern in &start.matches {
            if claims.stands("the pattern", (pattern.source().to_owned(), pattern.source()), &owner, pattern.span) {
                self.patterns.push((pattern.clone(), owner.clone()));
            }
        }
        for (id, span) in &start.buttons {
            if !claims.stands("the button", (id.clone(), id), &owner, *span) {
                continue;
            }
            match id.split_once('*') {
                Some((prefix, _)) => {
                    self.globs.entry(prefix.to_owned()).or_default().push((id.clone(), owner.clone()));
                }
                None => outrank(self.buttons.entry(id.clone()).or_insert_with(|| owner.clone()), &owner),
            }
        }
        for (kind, span) in &start.media {
            if claims.stands("media of the kind", (kind.name().to_owned(), kind.name()), &owner, *span) {
                outrank(self.media.entry(*kind).or_insert_with(|| owner.clone()), &owner);
            }
        }
        for (name, span) in &start.events {
            if claims.stands("the event", (name.to_string(), name.as_str()), &owner, *span) {
                outrank(self.events.entry(name.clone()).or_insert_with(|| owner.clone()), &owner);
            }
        }
        for (what, span, place) in [
            ("the first message of a contact", start.first_contact, &mut self.first_contact),
            ("anything that nobody takes", start.anything_else, &mut self.anything_else),
        ] {
            if span.is_some_and(|span| claims.stands(what, (String::new(), ""), &owner, span)) {
                outrank(place.get_or_insert_with(|| owner.clone()), &owner);
            }
        }
    }

    /// The flow that a typed word starts.
    pub fn word(&self, typed: &str) -> Option<&Owner> {
        self.words.get(&plain(typed))
    }

    /// The patterns that fit a typed text and have at least the priority `least`, in the order in which they take it. A text
    /// longer than [`MATCHED_BYTES_MAX`] fits none.
    pub fn patterns(&self, typed: &str, least: u32) -> impl Iterator<Item = &(Pattern, Owner)> {
        let highest = self.patterns.first().map(|(_, owner)| owner.priority);
        let worth_it = typed.len() <= MATCHED_BYTES_MAX && highest.is_some_and(|highest| highest >= least);
        let fitting = worth_it.then(|| self.set.matches(typed));
        let fitting = fitting.into_iter().flat_map(regex::SetMatches::into_iter).map(|index| &self.patterns[index]);
        fitting.filter(move |(_, owner)| owner.priority >= least)
    }

    /// The flow that a button starts: an exact id before one with `*`; of two with `*` the one with more before its first
    /// `*`, then the longer one. A larger priority goes before all of that.
    pub fn button(&self, id: &str) -> Option<&Owner> {
        let prefixes = self.prefix_lengths.iter().filter_map(|&length| self.globs.get(id.get(..length)?));
        let fitting = prefixes.flatten().filter(|(glob, _)| fits(glob, id));
        let best = fitting.max_by_key(|(glob, owner)| (owner.priority, glob.find('*'), glob.len())).map(|(_, owner)| owner);
        match (self.buttons.get(id), best) {
            (Some(exact), Some(glob)) if glob.priority > exact.priority => Some(glob),
            (exact, best) => exact.or(best),
        }
    }

    /// The flow that something else than text and taps starts.
    pub fn media(&self, kind: AttachmentKind) -> Option<&Owner> {
        self.media.get(&kind)
    }

    /// The flow that an event of the user's own system starts.
    pub fn event(&self, name: &EventName) -> Option<&Owner> {
        self.events.get(name)
    }

    /// Every event that starts a flow.
    pub fn events(&self) -> impl Iterator<Item = &EventName> {
        self.events.keys()
    }

    /// The flow that greets those who have never written before.
    pub fn first_contact(&self) -> Option<&Owner> {
        self.first_contact.as_ref()
    }

    /// The flow that takes what nobody else takes.
    pub fn anything_else(&self) -> Option<&Owner> {
        self.anything_else.as_ref()
    }
}

/// Gives `place` to `owner` if it ranks higher than who has it.
fn outrank(place: &mut Owner, owner: &Owner) {
    if owner.priority > place.priority {
        place.clone_from(owner);
    }
}

/// Whether `id` fits `glob`, in which `*` stands for any run of characters. Linear in both.
fn fits(glob: &str, id: &str) -> bool {
    let mut parts = glob.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = id.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_run() {
        for (glob, id, expected) in [
            ("lookup:*", "lookup:42", true),
            ("lookup:*", "lookup:", true),
            ("lookup:*", "look", false),
            ("order:*:confirm", "order:47:11:confirm", true),
            ("order:*:confirm", "order:confirm", false),
            ("*", "anything", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "acb", false),
            ("aa*aa", "aaa", false),
        ] {
            assert_eq!(fits(glob, id), expected, "{glob} {id}");
        }
    }
}
