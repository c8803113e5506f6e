//! `tests:` of a flow: a name, the talk line by line, how it ends.

use jiff::civil::Date;

use crate::flow::read::{Fields, Reader};
use crate::flow::{Flow, Opening, Pretended, Program, keys, read_language};
use crate::model::{EventName, FlowName, Language, Phone, StepName, Timestamp, VariableName, Zone};
use crate::source::{Code, Diagnostic, Key, Node, NodeKind, Span, nearest};

use super::cases::{self, Case};
use super::given;
use super::line::{Line, LineKind};

/// When a conversation begins that does not say when: a Monday morning.
const BEGINS: &str = "2026-01-05T09:00:00Z";
/// Characters of an expected text that a message quotes.
const SHOWN_CHARS_MAX: usize = 60;
/// Conversations of one file, its cases counted.
const SCENARIOS_MAX: usize = 10_000;

/// A conversation to be played.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What it is called.
    pub name: String,
    /// Where.
    pub span: Span,
    /// Who talks.
    pub who: Who,
    /// When it begins.
    pub begins: Timestamp,
    /// What script functions give without being run.
    pub given: Vec<(String, Pretended)>,
    /// The step where it begins, when it does not begin before any flow.
    pub at: Option<(Opening, Span)>,
    /// The lines, in order.
    pub lines: Vec<Line>,
    /// How the flow must have ended, if it says.
    pub ends: Option<(String, Span)>,
    /// Whether it is one row of a table of cases.
    pub is_case: bool,
}

/// The person who talks.
#[derive(Debug, Clone, PartialEq)]
pub struct Who {
    /// The name of the profile.
    pub name: String,
    /// The number; nothing for someone who hides it.
    pub phone: Option<Phone>,
    /// The language that they chose before.
    pub language: Option<Language>,
}

/// What holds for all conversations of a file.
#[derive(Debug, Default)]
pub(super) struct Shared {
    pub who: Option<Who>,
    pub begins: Option<Timestamp>,
    pub given: Vec<(String, Pretended)>,
    pub before: Vec<Line>,
}

/// The conversations beside `flow`, and what is wrong with them.
pub fn read(program: &Program, flow: &Flow) -> (Vec<Scenario>, Vec<Diagnostic>) {
    let Some(tests) = &flow.tests else { return (Vec::new(), Vec::new()) };
    let reader = Reader::new(program.sources(), program.scripts(), tests.span.source);
    let scenarios = all(&reader, program, &[flow], tests, &Shared::default());
    let mut diagnostics = reader.into_diagnostics();
    program.sources().in_order(&mut diagnostics);
    (scenarios, diagnostics)
}

/// The conversations in the list `tests`.
pub(super) fn all(reader: &Reader<'_>, program: &Program, flows: &[&Flow], tests: &Node, shared: &Shared) -> Vec<Scenario> {
    let items = reader.items(tests, "`tests`").unwrap_or_default();
    let mut scenarios: Vec<Scenario> = Vec::new();
    for item in items {
        let found = scenario(reader, program, flows, item, shared);
        if let Some(first) = found.first().and_then(|new| scenarios.iter().find(|other| other.name == new.name)) {
            reader.note(
                Diagnostic::error(Code::TEST_NAME, found[0].span, format!("two conversations are called `{}`", first.name))
                    .related(first.span, "the first of them")
                    .help("give one of them another name"),
            );
        }
        scenarios.extend(found);
        if scenarios.len() > SCENARIOS_MAX {
            reader.note(Diagnostic::error(
                Code::TOO_LONG,
                item.span,
                format!("more than {SCENARIOS_MAX} conversations in one file"),
            ));
            break;
        }
    }
    for line in shared.before.iter().chain(scenarios.iter().flat_map(|scenario| &scenario.lines)) {
        never_said(reader, program, line);
        unknown_event(reader, program, line);
    }
    scenarios
}

/// Notes a line that tells an event which begins nothing.
fn unknown_event(reader: &Reader<'_>, program: &Program, line: &Line) {
    let LineKind::Event(name, _) = &line.kind else { return };
    let by_script = program.scripts().functions().iter().any(|function| function.name == "on_event");
    if by_script || program.triggers().event(name).is_some() {
        return;
    }
    let mistake = Diagnostic::warning(Code::UNKNOWN_EVENT, line.span, format!("no flow begins by the event `{name}`"));
    reader.note(match nearest(name.as_str(), program.triggers().events().map(EventName::as_str)) {
        Some(near) => mistake.label(format!("did you mean `{near}`?")),
        None => mistake.help(format!("let a flow begin by it: `start: {{events: [{name}]}}`")),
    });
}

/// Notes a line that expects what nothing says.
fn never_said(reader: &Reader<'_>, program: &Program, line: &Line) {
    let Some(text) = line.exact().filter(|text| !program.could_say(text)) else { return };
    let said = format!("no text of the project can become `{}`", text.chars().take(SHOWN_CHARS_MAX).collect::<String>());
    let mistake = Diagnostic::warning(Code::TEST_NEVER_SAID, line.span, said);
    reader.note(match nearest(text, program.texts()) {
        _ if ["nothing", "silence", "none"].contains(&text) => mistake.help("that the bot says nothing is `silence: true`"),
        Some(near) => mistake.help(format!("the nearest one is `{near}`")),
        None => mistake.help("write what a text of a flow says, or a pattern, `/^Hello/`"),
    });
}

/// A conversation, or one for each of its cases.
fn scenario(reader: &Reader<'_>, program: &Program, flows: &[&Flow], node: &Node, shared: &Shared) -> Vec<Scenario> {
    let cases = match &node.kind {
        NodeKind::Map(entries) => entries.iter().find(|(key, _)| key.text == "cases").map(|(_, cases)| cases),
        _ => None,
    };
    let Some(table) = cases else { return one(reader, program, flows, node, shared, None).into_iter().collect() };
    let cases = cases::read(reader, table, node);
    cases.iter().filter_map(|case| one(reader, program, flows, node, shared, Some(case))).collect()
}

fn one(
    reader: &Reader<'_>,
    program: &Program,
    flows: &[&Flow],
    node: &Node,
    shared: &Shared,
    case: Option<&Case<'_>>,
) -> Option<Scenario> {
    let filled = case.map(|case| case.fill(node));
    let mut fields = reader.fields(filled.as_ref().unwrap_or(node), "a conversation")?;
    let name = fields.need(reader, "name", "what it shows").and_then(|node| Some((reader.scalar(node, "`name`")?, node.span)));
    fields.take("cases");
    let who = contact(reader, &mut fields).or_else(|| shared.who.clone()).unwrap_or_default();
    let begins = begins(reader, &mut fields).or(shared.begins).unwrap_or_else(usual_beginning);
    let mut given = shared.given.clone();
    given.extend(fields.take("given").and_then(|(_, node)| given::read(reader, node)).unwrap_or_default());
    let at = fields.take("at").and_then(|(_, node)| Some((opening(reader, program, flows, node, begins)?, node.span)));
    let talk = fields.need(reader, "talk", "")?;
    let own = lines(reader, talk, "`talk`")?;
    let ends = fields.take("ends").and_then(|(_, node)| Some((reader.scalar(node, "`ends`")?.to_owned(), node.span)));
    fields.finish(reader, &keys::SCENARIO);
    let (name, span) = name?;
    let lines = shared.before.iter().cloned().chain(own).collect();
    let (name, span) = match case {
        // A name with places has been filled with the rest of the conversation.
        Some(case) if reader.sources.text(span).contains('{') => (name.to_owned(), case.span),
        Some(case) => (case.name(name), case.span),
        None => (name.to_owned(), span),
    };
    Some(Scenario { name, span, who, begins, given, at, lines, ends, is_case: case.is_some() })
}

/// The lines of a talk.
pub(super) fn lines(reader: &Reader<'_>, node: &Node, what: &str) -> Option<Vec<Line>> {
    let NodeKind::List(items) = &node.kind else {
        reader.wrong_shape(node, what, "a list of lines, `- they: hi`,");
        return None;
    };
    Some(items.iter().filter_map(|item| Line::read(reader, item)).collect())
}

impl Default for Who {
    fn default() -> Self {
        Self { name: String::new(), phone: Phone::parse("+15550100123"), language: None }
    }
}

/// Who talks, where that is written.
pub(super) fn contact(reader: &Reader<'_>, fields: &mut Fields<'_>) -> Option<Who> {
    let (_, node) = fields.take("contact")?;
    let mut contact = reader.fields(node, "`contact` of a conversation")?;
    let name = contact.take("name").and_then(|(_, node)| reader.scalar(node, "the name")).unwrap_or_default().to_owned();
    let phone = match contact.take("phone") {
        None => Who::default().phone,
        Some((_, node)) => {
            let phone = reader.scalar(node, "the phone number").and_then(Phone::parse);
            if phone.is_none() {
                reader.note(
                    Diagnostic::error(Code::BAD_VALUE, node.span, "that is not a phone number")
                        .help("write it like +15550100123"),
                );
            }
            phone
        }
    };
    let language = read_language(reader, &mut contact);
    contact.finish(reader, &keys::CONTACT);
    Some(Who { name, phone, language })
}

/// When a conversation begins that does not say when.
pub fn usual_beginning() -> Timestamp {
    BEGINS.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}

/// When it begins, where that is written: `2026-03-28T23:00Z`, or `2026-03-28T23:00 Europe/Berlin`.
pub(super) fn begins(reader: &Reader<'_>, fields: &mut Fields<'_>) -> Option<Timestamp> {
    let (_, node) = fields.take("begins")?;
    let text = reader.scalar(node, "`begins`")?.trim();
    let moment = text.parse::<Timestamp>().ok().or_else(|| {
        let (day, zone) = text.split_once(char::is_whitespace)?;
        let day: jiff::civil::DateTime = day.parse().ok()?;
        Zone::named(zone.trim())?.moment(day.date(), day.time())
    });
    if moment.is_none() {
        reader.note(
            Diagnostic::error(Code::BAD_VALUE, node.span, format!("`{text}` is no moment that is known here"))
                .help("write day, time and zone: `2026-03-28T23:00 Europe/Berlin`, or `2026-03-28T22:00Z`"),
        );
    }
    moment
}

/// `at: {step: quote, with: {city: Kochi}}`.
fn opening(reader: &Reader<'_>, program: &Program, flows: &[&Flow], node: &Node, begins: Timestamp) -> Option<Opening> {
    let mut fields = reader.fields(node, "`at`")?;
    let flow = match fields.take("flow") {
        None => flows.first().copied(),
        Some((_, node)) => {
            let name = reader.scalar(node, "`flow`")?;
            let found = program.flow(&FlowName::new(name));
            if found.is_none() {
                unknown_flow(reader, program, name, node.span);
            }
            found
        }
    };
    let step = fields.need(reader, "step", "a_step").and_then(|node| Some((reader.scalar(node, "`step`")?, node.span)));
    let with = fields.take("with").and_then(|(_, node)| reader.fields(node, "`with`"));
    fields.finish(reader, &keys::AT);
    let (flow, (step, span)) = (flow?, step?);
    if flow.step(&StepName::new(step)).is_none() {
        let mistake = Diagnostic::error(Code::UNKNOWN_STEP, span, format!("the flow `{}` has no step `{step}`", flow.name));
        reader.note(match nearest(step, flow.steps.keys().map(StepName::as_str)) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(span, near),
            None => mistake.help("name the step where the conversation begins"),
        });
    }
    let entries = with.map(Fields::into_entries).unwrap_or_default();
    let today = program.zone(Some(flow)).local(begins).date();
    let with = entries.iter().filter_map(|(key, node)| variable(reader, flow, key, node, today)).collect();
    Some(Opening { flow: flow.name.clone(), step: StepName::new(step), with })
}

fn variable(
    reader: &Reader<'_>,
    flow: &Flow,
    key: &Key,
    node: &Node,
    today: Date,
) -> Option<(VariableName, crate::model::Value)> {
    let (name, span) = (key.text.as_str(), key.span);
    let Some(variable) = flow.remember.get(name) else {
        let mistake =
            Diagnostic::error(Code::UNKNOWN_VARIABLE, span, format!("the flow `{}` has no variable `{name}`", flow.name));
        reader.note(match nearest(name, flow.remember.keys().map(VariableName::as_str)) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(span, near),
            None => mistake.help("its variables stand under `remember`"),
        });
        return None;
    };
    let value = given::value(node);
    // `7` is a number to YAML, also where a text is kept.
    let text = || match &node.kind {
        NodeKind::Scalar { text, .. } => variable.accept(text.as_str().into(), Some(today)).ok(),
        _ => None,
    };
    match variable.accept(value, Some(today)) {
        Ok(value) => Some((variable.name.clone(), value)),
        Err(why) => text().map(|value| (variable.name.clone(), value)).or_else(|| {
            reader.note(Diagnostic::error(Code::DOES_NOT_FIT, node.span, format!("the value does not fit `{name}`: {why}")));
            None
        }),
    }
}

pub(super) fn unknown_flow(reader: &Reader<'_>, program: &Program, name: &str, span: Span) {
    let mistake = Diagnostic::error(Code::UNKNOWN_FLOW, span, format!("there is no flow `{name}`"));
    reader.note(match nearest(name, program.flows().map(|flow| flow.name.as_str())) {
        Some(near) => mistake.label(format!("did you mean `{near}`?")).fix(span, near),
        None => mistake.help("name a flow of the project by its `flow:`"),
    });
}
