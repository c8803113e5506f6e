//! `tests:` of a flow: a name, the talk line by line, how it ends.

use regex::Regex;

use super::data;
use crate::flow::read::{Fields, Reader};
use crate::flow::{Flow, Program, keys};
use crate::model::{AttachmentKind, EventName, Phone, Value};
use crate::source::{Code, Diagnostic, Node, NodeKind, Span, nearest, surely};

/// A conversation to be played.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What it is called.
    pub name: String,
    /// Where.
    pub span: Span,
    /// Who talks.
    pub contact_name: String,
    /// Their number; nothing for someone who hides it.
    pub contact_phone: Option<Phone>,
    /// The lines, in order.
    pub lines: Vec<Line>,
    /// How the flow must have ended, if it says.
    pub ends: Option<(String, Span)>,
}

/// A line of a conversation.
#[derive(Debug, Clone)]
pub struct Line {
    /// Where.
    pub span: Span,
    /// What it is.
    pub kind: LineKind,
}

/// What a line is.
#[derive(Debug, Clone)]
pub enum LineKind {
    /// The contact types.
    They(String),
    /// The contact taps a button that was shown, by its name or title; the newest that fits.
    Tap(String),
    /// The contact taps a button that no flow of this project sent, by its id.
    TapId(String),
    /// The contact sends something that is no text.
    Sends(AttachmentKind),
    /// The bot must say this next.
    Bot(Expected),
    /// A system of the user's tells something.
    Event {
        /// What it is called.
        name: EventName,
        /// What it says: a record.
        data: Value,
    },
    /// Time passes, in milliseconds; timers that fall due on the way fire.
    Wait(u64),
    /// Something must have broken in the turn before.
    Fault(Expected),
}

/// What a text must be.
#[derive(Debug, Clone)]
pub enum Expected {
    /// Letter for letter.
    Exactly(String),
    /// Found by `/a regular expression/`.
    Like(Regex),
}

impl Expected {
    /// Whether `text` is as expected.
    pub fn fits(&self, text: &str) -> bool {
        match self {
            Expected::Exactly(expected) => expected == text,
            Expected::Like(pattern) => pattern.is_match(text),
        }
    }
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Expected::Exactly(text) => f.write_str(text),
            Expected::Like(pattern) => write!(f, "/{pattern}/"),
        }
    }
}

/// Bytes that a compiled pattern may take.
const PATTERN_BYTES_MAX: usize = 1024 * 1024;
/// Characters of an expected text that a message quotes.
const SHOWN_CHARS_MAX: usize = 60;

/// The conversations beside `flow`, and what is wrong with them.
pub fn read(program: &Program, flow: &Flow) -> (Vec<Scenario>, Vec<Diagnostic>) {
    let Some(tests) = &flow.tests else { return (Vec::new(), Vec::new()) };
    let reader = Reader::new(program.sources(), program.scripts(), tests.span.source);
    let items = reader.items(tests, "`tests`").unwrap_or_default();
    let scenarios: Vec<Scenario> = items.iter().filter_map(|item| scenario(&reader, item)).collect();
    for (index, scenario) in scenarios.iter().enumerate() {
        if let Some(first) = scenarios[..index].iter().find(|other| other.name == scenario.name) {
            reader.note(
                Diagnostic::error(Code::TEST_NAME, scenario.span, format!("two conversations are called `{}`", scenario.name))
                    .related(first.span, "the first of them")
                    .help("give one of them another name"),
            );
        }
    }
    for (line, text) in scenarios.iter().flat_map(|scenario| &scenario.lines).filter_map(exact) {
        if !program.could_say(text) {
            let said = format!("no text of the project can become `{}`", text.chars().take(SHOWN_CHARS_MAX).collect::<String>());
            let mistake = Diagnostic::warning(Code::TEST_NEVER_SAID, line.span, said);
            reader.note(match nearest(text, program.texts()) {
                Some(near) => mistake.help(format!("the nearest one is `{near}`")),
                None => mistake.help("write what a text of a flow says, or a pattern, `/^Hello/`"),
            });
        }
    }
    tell_of_unknown_events(program, &reader, &scenarios);
    (scenarios, reader.into_diagnostics())
}

/// Notes events in conversations that begin nothing.
fn tell_of_unknown_events(program: &Program, reader: &Reader<'_>, scenarios: &[Scenario]) {
    let by_script = program.scripts().functions().iter().any(|function| function.name == "on_event");
    for line in scenarios.iter().flat_map(|scenario| &scenario.lines) {
        let LineKind::Event { name, .. } = &line.kind else { continue };
        if by_script || program.triggers().event(name).is_some() {
            continue;
        }
        let mistake = Diagnostic::warning(Code::UNKNOWN_EVENT, line.span, format!("no flow begins by the event `{name}`"));
        reader.note(match nearest(name.as_str(), program.triggers().events().map(EventName::as_str)) {
            Some(near) => mistake.label(format!("did you mean `{near}`?")),
            None => mistake.help(format!("let a flow begin by it: `start: {{events: [{name}]}}`")),
        });
    }
}

/// A line that expects words letter for letter, with the words.
fn exact(line: &Line) -> Option<(&Line, &str)> {
    match &line.kind {
        LineKind::Bot(Expected::Exactly(text)) => Some((line, text)),
        _ => None,
    }
}

fn scenario(reader: &Reader<'_>, node: &Node) -> Option<Scenario> {
    let mut fields = reader.fields(node, "a conversation")?;
    let name = fields.need(reader, "name", "what it shows").and_then(|node| Some((reader.scalar(node, "`name`")?, node.span)));
    let (contact_name, contact_phone) = contact(reader, &mut fields);
    let talk = fields.need(reader, "talk", "")?;
    let NodeKind::List(items) = &talk.kind else {
        reader.wrong_shape(talk, "`talk`", "a list of lines, `- they: hi`");
        return None;
    };
    let lines = items.iter().filter_map(|item| line(reader, item)).collect();
    let ends = fields.take("ends").and_then(|(_, node)| Some((reader.scalar(node, "`ends`")?.to_owned(), node.span)));
    fields.finish(reader, &keys::SCENARIO);
    let (name, span) = name?;
    Some(Scenario { name: name.to_owned(), span, contact_name, contact_phone, lines, ends })
}

fn contact(reader: &Reader<'_>, fields: &mut Fields<'_>) -> (String, Option<Phone>) {
    let usual = Phone::parse("+15550100123");
    let Some(mut contact) = fields.take("contact").and_then(|(_, node)| reader.fields(node, "`contact`")) else {
        return (String::new(), usual);
    };
    let name = contact.take("name").and_then(|(_, node)| reader.scalar(node, "the name")).unwrap_or_default().to_owned();
    let phone = match contact.take("phone") {
        None => usual,
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
    contact.finish(reader, &keys::CONTACT);
    (name, phone)
}

fn line(reader: &Reader<'_>, node: &Node) -> Option<Line> {
    let NodeKind::Map(entries) = &node.kind else {
        reader.wrong_shape(node, "a line of a conversation", "`they: hi`, `tap: a_button` or `bot: what it says`");
        return None;
    };
    let [(key, value)] = entries.as_slice() else {
        reader.note(
            Diagnostic::error(Code::TEST_SHAPE, node.span, "a line of a conversation holds one thing")
                .help("begin the next with `- `"),
        );
        return None;
    };
    if key.text == "event" {
        return Some(Line { span: value.span, kind: event(reader, value)? });
    }
    let text = reader.scalar(value, "the line")?;
    let kind = match key.text.as_str() {
        "they" => LineKind::They(text.to_owned()),
        "tap" => LineKind::Tap(text.to_owned()),
        "tap_id" => LineKind::TapId(text.to_owned()),
        "sends" => LineKind::Sends(attachment(reader, text, value.span)?),
        "bot" => LineKind::Bot(expected(reader, text, value.span)?),
        "fault" => LineKind::Fault(expected(reader, text, value.span)?),
        "wait" => LineKind::Wait(reader.duration(value, "`wait`")?),
        other => {
            let mistake = Diagnostic::error(Code::UNKNOWN_KEY, key.span, format!("a conversation has no line `{other}`"));
            reader.note(match nearest(other, keys::LINE.names()) {
                Some(near) => {
                    let sure = surely(other, near, keys::LINE.names());
                    mistake.label(format!("did you mean `{near}`?")).fix(key.span, near).sure_if(sure)
                }
                None => mistake.help("lines are `they`, `tap`, `tap_id`, `sends`, `event`, `bot`, `wait` and `fault`"),
            });
            return None;
        }
    };
    Some(Line { span: value.span, kind })
}

fn event(reader: &Reader<'_>, node: &Node) -> Option<LineKind> {
    let mut fields = reader.fields(node, "`event`")?;
    let name = fields.need(reader, "name", "order_paid").and_then(|node| {
        let name = reader.scalar(node, "the event's name")?;
        reader.new_name(name, node.span, "an event").map(EventName::new)
    });
    let data = match fields.take("data") {
        None => Some(Value::Record(std::collections::BTreeMap::new())),
        Some((_, node)) => match data::value(node) {
            data @ Value::Record(_) => Some(data),
            _ => {
                reader.wrong_shape(node, "`data`", "a mapping, `{order: 7}`");
                None
            }
        },
    };
    fields.finish(reader, &keys::EVENT);
    Some(LineKind::Event { name: name?, data: data? })
}

fn attachment(reader: &Reader<'_>, text: &str, span: Span) -> Option<AttachmentKind> {
    let kind = serde_json::from_value(serde_json::Value::String(text.to_owned())).ok();
    if kind.is_none() {
        reader.note(
            Diagnostic::error(Code::BAD_VALUE, span, format!("nobody can send a `{text}`")).help(
                "people send image, video, audio, voice, document, sticker, location, contacts, order, form or unsupported",
            ),
        );
    }
    kind
}

fn expected(reader: &Reader<'_>, text: &str, span: Span) -> Option<Expected> {
    let Some(pattern) = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')).filter(|pattern| !pattern.is_empty())
    else {
        return Some(Expected::Exactly(text.to_owned()));
    };
    match regex::RegexBuilder::new(pattern).size_limit(PATTERN_BYTES_MAX).build() {
        Ok(pattern) => Some(Expected::Like(pattern)),
        Err(error) => {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or("").trim_start_matches("error: ").to_owned();
            reader.note(Diagnostic::error(Code::TEST_SHAPE, span, "the regular expression cannot be read").label(why));
            None
        }
    }
}
