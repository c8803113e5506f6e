//! What may run.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::model::{FlowName, Hosts, Language, StepName, VariableName, Variables, Zone, limits};
use crate::script::Scripts;
use crate::source::{Code, Diagnostic, Node, Sources, Span};

use super::always::{Always, Words};
use super::file::FlowFile;
use super::language::{Branch, Languages};
use super::read::{Reader, Target};
use super::schedule::Planned;
use super::step::{Step, Then};
use super::text::Text;
use super::trigger::{Start, Triggers};
use super::variable::Variable;

/// What the host itself says in a flow's place.
const OWN_TEXTS: [&str; 3] = [super::BROKEN_TEXT, super::GONE_TEXT, super::SPENT_TEXT];

/// How long a value in an event's data is taken to be, in characters: names, numbers and amounts. Nobody promises it, so a longer
/// one may break the message, and the flow goes where `if_broken` says.
const EVENT_VALUE_CHARS: usize = 200;

/// A project, compiled: immutable, shared by all turns that start while it is live.
#[derive(Debug)]
pub struct Program {
    pub(super) revision: String,
    pub(super) sources: Sources,
    pub(super) files: Vec<Arc<FlowFile>>,
    pub(super) flows: IndexMap<FlowName, Arc<Flow>>,
    pub(super) triggers: Triggers,
    pub(super) always: Arc<Always>,
    pub(super) languages: Languages,
    pub(super) scripts: Scripts,
}

/// A flow.
#[derive(Debug)]
pub struct Flow {
    /// Its name.
    pub name: FlowName,
    /// What it is called for people.
    pub title: Option<String>,
    /// Where its name stands.
    pub span: Span,
    /// In which language its texts are written, if it says so.
    pub language: Option<Language>,
    /// Where its texts stand, for other languages.
    pub(super) places: Branch,
    /// The zone whose clocks it means, where it says so itself.
    pub zone: Option<Zone>,
    /// What begins it.
    pub start: Start,
    /// Its variables.
    pub remember: IndexMap<VariableName, Variable>,
    /// Words that lead out of any of its questions.
    pub always: Words<Target>,
    /// Its steps; it begins with the first.
    pub steps: IndexMap<StepName, Step>,
    /// After how many milliseconds without a word from the contact it ends, and where it says so.
    pub end_if_silent: Option<(u64, Span)>,
    /// Where it goes when something breaks.
    pub if_broken: Option<Target>,
    /// Where steps that were renamed are now.
    pub moved: BTreeMap<StepName, Target>,
    /// Where conversations and buttons of removed steps go.
    pub retired: BTreeMap<StepName, Target>,
    /// The conversations written beside it.
    pub tests: Option<Node>,
}

impl Program {
    /// The hash of the sources it came from.
    pub fn revision(&self) -> &str {
        &self.revision
    }

    /// The sources it came from.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The flow called `name`.
    pub fn flow(&self, name: &FlowName) -> Option<&Flow> {
        self.flows.get(name).map(Arc::as_ref)
    }

    /// Every flow, in the order of their files.
    pub fn flows(&self) -> impl Iterator<Item = &Flow> {
        self.flows.values().map(Arc::as_ref)
    }

    /// What begins flows.
    pub fn triggers(&self) -> &Triggers {
        &self.triggers
    }

    /// Which other systems the project may call.
    pub fn hosts(&self) -> &Hosts {
        &self.always.hosts
    }

    /// What holds for every flow.
    pub fn always(&self) -> &Always {
        &self.always
    }

    /// The zone whose clocks `flow` means, or what belongs to no flow: its own, else the project's, else UTC.
    pub fn zone<'a>(&'a self, flow: Option<&'a Flow>) -> &'a Zone {
        let own = flow.and_then(|flow| flow.zone.as_ref());
        own.or(self.always.zone.as_ref()).unwrap_or(Zone::utc())
    }

    /// The flows that begin by the clock.
    pub fn schedules(&self) -> impl Iterator<Item = Planned<'_>> {
        self.flows().filter_map(|flow| self.planned(flow))
    }

    /// When `flow` begins by the clock, if it does.
    pub fn planned<'p>(&'p self, flow: &'p Flow) -> Option<Planned<'p>> {
        let schedule = flow.start.schedule.as_ref()?;
        Some(Planned { flow: &flow.name, schedule, zone: self.zone(Some(flow)) })
    }

    /// The scripts.
    pub fn scripts(&self) -> &Scripts {
        &self.scripts
    }

    /// Whether every flow could be read. Always so for a program that may run.
    pub(super) fn is_whole(&self) -> bool {
        self.files.iter().all(|file| file.is_whole())
    }

    /// Whether the file of `flow` holds no mistake, so that all of the flow is known.
    pub(super) fn is_sound(&self, flow: &Flow) -> bool {
        let of = |file: &&Arc<FlowFile>| file.source == flow.span.source;
        self.files.iter().find(of).is_some_and(|file| !file.diagnostics.iter().any(Diagnostic::is_error))
    }

    /// Whether something in the project could say exactly `said`, whatever its values are. In doubt it could: when scripts send
    /// messages of their own, or when a flow could not be read.
    pub fn could_say(&self, said: &str) -> bool {
        self.scripts.may_say()
            || !self.is_whole()
            || self.could_say_alone(said)
            || self.explains(said)
            // What was expected, and below it the question again.
            || said.match_indices("\n\n").any(|(at, gap)| self.explains(&said[..at]) && self.could_say_alone(&said[at + gap.len()..]))
    }

    fn could_say_alone(&self, said: &str) -> bool {
        OWN_TEXTS.contains(&said)
            || self.said().any(|text| text.could_be(said))
            || self.above_rows().any(|text| begins_with(text, said))
            || self.steps().filter_map(Step::stands_for).any(|words| words == said)
    }

    /// Whether `said` may tell what was expected of an answer that did not fit.
    fn explains(&self, said: &str) -> bool {
        let kinds = self.flows().flat_map(|flow| flow.remember.values()).map(|variable| &variable.kind);
        self.always.not_understood.could_be(said, kinds)
    }

    /// Where the text stands that may have become `said`: first among `steps`, then anywhere in the flows. Nothing for what
    /// scripts say and what the host says in a flow's place.
    pub fn origin<'a>(&self, said: &str, steps: impl Iterator<Item = (&'a FlowName, &'a StepName)>) -> Option<Span> {
        let near = steps.filter_map(|(flow, step)| self.flow(flow)?.step(step));
        near.chain(self.steps()).find_map(|step| step.origin(said))
    }

    /// Every text without values in it, for "did you mean".
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.said().filter_map(Text::literal)
    }

    fn said(&self) -> impl Iterator<Item = &Text> {
        self.steps().flat_map(Step::texts).chain(self.always.texts()).chain(self.languages.texts())
    }

    /// Every text above the rows of a list, in every language.
    fn above_rows(&self) -> impl Iterator<Item = &Text> {
        let above = self.steps().filter_map(Step::above_rows);
        above.flat_map(|text| std::iter::once(text).chain(self.languages.instead_of(text)))
    }

    fn steps(&self) -> impl Iterator<Item = &Step> {
        self.flows().flat_map(|flow| flow.steps.values())
    }

    /// `span` as people read it.
    pub fn place(&self, span: Span) -> String {
        self.sources.place(span).to_string()
    }
}

impl Flow {
    /// The step it begins with.
    ///
    /// # Panics
    /// Never for a flow of a [`Program`]: a flow without steps is a mistake at load.
    pub fn first(&self) -> &StepName {
        self.steps.keys().next().expect("a flow without steps does not become a program")
    }

    /// The step called `name`.
    pub fn step(&self, name: &StepName) -> Option<&Step> {
        self.steps.get(name)
    }

    /// Where a conversation or button of the step `name` belongs now: the step itself, or where it was moved or retired to.
    pub fn whereabouts(&self, name: &StepName) -> Option<StepName> {
        if self.steps.contains_key(name) {
            return Some(name.clone());
        }
        self.moved.get(name).or_else(|| self.retired.get(name)).map(|target| target.step.clone())
    }

    /// Whether `name` is a removed step that says where its people go.
    pub fn was_retired(&self, name: &StepName) -> bool {
        !self.steps.contains_key(name) && self.retired.contains_key(name)
    }

    /// Notes a text that is, or can become, longer than the provider takes.
    pub(super) fn check_length(&self, reader: &Reader<'_>, text: &Text, most: usize, what: &str) {
        check_length(reader, text, most, what, &|path| self.longest(path));
    }

    /// The most characters that the value of a dotted name can have.
    pub(super) fn longest(&self, path: &[String]) -> Option<usize> {
        longest_given(path).or_else(|| match self.remember.get(path[0].as_str()) {
            // A variable whose line could not be read has been told already.
            None => Some(0),
            Some(variable) if path.len() == 1 => variable.longest(),
            Some(variable) => variable.longest_part(&path[1]),
        })
    }
}

/// The most characters that the value of a dotted name can have, where the host gives it.
pub(super) fn longest_given(path: &[String]) -> Option<usize> {
    match path[0].as_str() {
        "contact" => Some(limits::CONTACT_NAME_CHARS_MAX),
        "tap" => Some(limits::BUTTON_ID_BYTES_MAX),
        "text" => Some(limits::TEXT_BODY_CHARS_MAX),
        "now" => Some(16),
        "event" => Some(EVENT_VALUE_CHARS),
        _ => None,
    }
}

/// Notes a text that is, or can become, longer than the provider takes; `longest` bounds its values.
pub(super) fn check_length(
    reader: &Reader<'_>,
    text: &Text,
    most: usize,
    what: &str,
    longest: &dyn Fn(&[String]) -> Option<usize>,
) {
    if let Some(role) = reader.texts.borrow_mut().get_mut(&text.span) {
        role.most = Some(most);
    }
    let (least, longest) = text.length(longest);
    if least > most {
        reader.note(
            Diagnostic::error(Code::TOO_LONG, text.span, format!("{what} has {least} characters, the provider takes {most}"))
                .help("shorten it, or split it over two steps"),
        );
    } else if longest.is_none_or(|longest| longest > most) {
        let how = longest.map_or("has no bound".to_owned(), |longest| format!("can become {longest} characters long"));
        reader.note(
            Diagnostic::warning(
                Code::COULD_BE_TOO_LONG,
                text.span,
                format!("{what} {how} with its values, the provider takes {most}"),
            )
            .help("give the variables in it a `longest` under `remember`, so that this cannot happen"),
        );
    }
}

/// Whether `said` can be `text` with the lines of a page below it.
fn begins_with(text: &Text, said: &str) -> bool {
    said.match_indices("\n\n").any(|(at, _)| text.could_be(&said[..at]))
}

impl Step {
    /// Whether it waits for something, so that a conversation may stand there.
    pub fn waits(&self) -> bool {
        match self.then {
            Then::Menu(_) | Then::Ask(_) | Then::Call(_) => true,
            Then::Choose(_) | Then::Enter(_) | Then::Go(_) | Then::End(_) => false,
        }
    }
}

/// The variables of something that has none.
pub(super) fn no_variables() -> &'static Variables {
    static NONE: Variables = Variables::new();
    &NONE
}
