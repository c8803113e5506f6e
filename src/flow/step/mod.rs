//! The kinds of things a step can do, a file each: its shape, how it is read, what is checked, how it runs.
//!
//! A step is a card that holds one moment: it does something (`run`, `set`), says something (`say`), then waits for one kind
//! of answer (`buttons`, `list`, `ask`) or goes on (`go`, `choose`, `enter`, `end`). To add a kind: a file here, a line in [`KINDS`], its place
//! in [`Step`] or [`Then`], and its table in `tests/flow/steps`, which a test demands.

mod ask;
mod call;
mod card;
mod cases;
mod choose;
mod consent;
mod contact;
mod doubt;
mod emit;
mod enter;
mod hand_off;
mod language;
mod later;
mod leave;
mod list;
mod media;
mod menu;
mod page;
mod run;
mod say;
mod set;
mod silence;
mod template;
mod when;

use crate::model::{OnUnknown, StepName, Wait};
use crate::source::{Code, Diagnostic, Key, Node, Span};

use super::engine::{Broken, Machine, Next};
use super::keys;
use super::program::Flow;
use super::read::{Reader, Target, listed};
use super::text::Text;
use super::ways::Look;
use page::Page;

pub use ask::Ask;
pub use call::Call;
pub use card::Card;
pub use choose::Choose;
pub use consent::Agrees;
pub use contact::Learns;
pub use emit::Emit;
pub(super) use enter::Entry;
pub use enter::{Back, Enter};
pub use hand_off::HandOff;
pub(super) use hand_off::NOTE_CHARS_MAX;
pub use language::Speak;
pub use later::Later;
pub use leave::Ending;
pub(super) use list::{List, ROW};
pub use menu::{Choice, Menu, MenuPart, Retry};
pub(super) use menu::{Picked, TRIES_MAX};
pub use run::Run;
pub use say::Say;
pub(super) use say::address;
pub use set::Set;
pub use silence::Silence;
pub(super) use silence::speaks_freely;
pub(super) use when::DAYS_BEFORE_MAX;

/// Every kind: the key that makes it, and the keys that belong to it.
pub const KINDS: &[(&str, &[&str])] = &[
    ("run", &["with", "gives", "if_fails", "if_none"]),
    ("set", &[]),
    ("language", &[]),
    ("say", &["header", "footer", "link", "on_unknown"]),
    ("media", &["on_unknown"]),
    ("template", &["on_unknown"]),
    ("buttons", &["if_other", "if_old", "once", "if_silent"]),
    ("list", &[]),
    ("ask", &["into", "if_wrong", "if_silent", "on_unknown"]),
    ("call", &["answers", "if_fails", "meanwhile"]),
    ("choose", &[]),
    ("enter", &["endings"]),
    ("go", &[]),
    ("emit", &[]),
    ("later", &[]),
    ("contact", &[]),
    ("opt_in", &[]),
    ("opt_out", &[]),
    ("hand_off", &[]),
    ("end", &[]),
];

/// The keys that end a step.
const ENDINGS: [&str; 8] = ["buttons", "list", "ask", "call", "choose", "enter", "end", "go"];

/// One moment of a flow.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its name.
    pub name: StepName,
    /// Where it stands.
    pub span: Span,
    /// What it calls first.
    pub run: Option<Run>,
    /// Which variables it then sets.
    pub set: Vec<Set>,
    /// Which language the contact reads from then on.
    pub speak: Option<Speak>,
    /// What it writes down about the contact.
    pub learns: Option<Learns>,
    /// What the contact agreed to or took back.
    pub agrees: Option<Agrees>,
    /// What it tells the user's own system.
    pub emit: Option<Emit>,
    /// What it says.
    pub say: Option<Say>,
    /// What becomes of a message of its own of which nobody can tell whether it left; the kind of message says it otherwise.
    pub on_unknown: Option<OnUnknown>,
    /// What happens long after that.
    pub later: Option<Later>,
    /// Who has the conversation after that.
    pub hand_off: Option<HandOff>,
    /// What happens after that.
    pub then: Then,
}

/// How a step ends.
#[derive(Debug, Clone)]
pub enum Then {
    /// It waits for a tap, on a button or on a row of a list.
    Menu(Menu),
    /// It waits for an answer in words.
    Ask(Ask),
    /// It waits for what another system answers.
    Call(Box<Call>),
    /// It goes where the first fitting condition leads.
    Choose(Choose),
    /// It goes through another flow and then on.
    Enter(Enter),
    /// It goes to another step.
    Go(Target),
    /// The flow ends.
    End(Ending),
}

impl Step {
    /// Reads a step; nothing when it has no readable ending, which has been noted then.
    pub(super) fn read(reader: &Reader<'_>, key: &Key, node: &Node) -> Option<Self> {
        let name = StepName::new(reader.new_name(&key.text, key.span, "a step")?);
        let mut fields = reader.fields(node, "a step")?;
        let run = Run::read(reader, &mut fields);
        let set = Set::read_all(reader, &mut fields);
        let speak = Speak::read(reader, &mut fields);
        let learns = Learns::read(reader, &mut fields);
        let agrees = Agrees::read(reader, &mut fields);
        let emit = Emit::read(reader, &mut fields);
        let say = Say::read(reader, &mut fields);
        let on_unknown = doubt::read(reader, &mut fields);
        let later = Later::read(reader, &mut fields);
        let hand_off = HandOff::read(reader, &mut fields);
        let mut endings: Vec<(&Key, &Node)> = ["buttons", "list", "ask", "call", "choose", "enter", "end"]
            .iter()
            .filter_map(|ending| fields.take(ending))
            .collect();
        // The `go` of a question belongs to the question, that of a visit to the visit.
        if !endings.iter().any(|(key, _)| matches!(key.text.as_str(), "ask" | "enter")) {
            endings.extend(fields.take("go"));
        }
        let then = match endings.as_slice() {
            // A misspelt ending is told as such when the step is finished.
            [] if ENDINGS.iter().any(|ending| fields.is_misspelt(ending)) => None,
            [] => {
                reader.note(
                    Diagnostic::error(Code::NO_EXIT, key.span, format!("the step `{name}` leads nowhere"))
                        .help("say what comes next: `go: another_step`, `buttons:`, `ask:`, `choose:` or `end: done`"),
                );
                None
            }
            [(ending, node)] => match ending.text.as_str() {
                "buttons" | "list" => Menu::read(reader, ending, node, &mut fields).map(Then::Menu),
                "ask" => Ask::read(reader, node, &mut fields).map(Then::Ask),
                "call" => Call::read(reader, node, &mut fields).map(|call| Then::Call(Box::new(call))),
                "choose" => Choose::read(reader, node).map(Then::Choose),
                "enter" => {
                    let go = fields.take("go");
                    Enter::read(reader, node, &mut fields, go).map(Then::Enter)
                }
                "go" => reader.target(node, "`go`").map(Then::Go),
                _ => Ending::read(reader, node).map(Then::End),
            },
            [(first, _), .., (last, _)] => {
                let keys: Vec<&str> = endings.iter().map(|(key, _)| key.text.as_str()).collect();
                reader.note(
                    Diagnostic::error(Code::TOGETHER, last.span, format!("a step cannot have {} together", listed(&keys)))
                        .related(first.span, "the first of them")
                        .help("a step holds one moment: put what comes after it into a step of its own"),
                );
                None
            }
        };
        if let (Some(Then::Menu(menu)), None) = (&then, &say) {
            let (key, below) = if menu.list.is_some() { ("list", "rows") } else { ("buttons", "buttons") };
            reader.note(
                Diagnostic::error(Code::MISSING_KEY, menu.span, format!("`{key}` without `say`"))
                    .help(format!("add `say:` with the text above the {below}")),
            );
        }
        fields.finish_strictly(reader, &keys::STEP);
        let then = then?;
        if let Some((span, _)) = on_unknown
            && say.is_none()
            && !matches!(then, Then::Ask(_))
        {
            doubt::nothing_is_said(reader, span);
        }
        let on_unknown = on_unknown.and_then(|(_, on_unknown)| on_unknown);
        if let Some(hand_off) = &hand_off {
            hand_off.check_ending(reader, matches!(then, Then::End(_)));
        }
        Some(Self { name, span: key.span, run, set, speak, learns, agrees, emit, say, on_unknown, later, hand_off, then })
    }

    /// Checks it against its flow, which is complete now.
    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow) {
        if let Some(say) = &self.say {
            let menu = if let Then::Menu(menu) = &self.then { Some(menu) } else { None };
            say.check(reader, flow, menu);
        }
        for set in &self.set {
            set.check(reader, flow);
        }
        self.learns.iter().for_each(|learns| learns.check(reader, flow));
        self.agrees.iter().for_each(|agrees| agrees.check(reader, flow));
        self.hand_off.iter().for_each(|hand_off| hand_off.check(reader, flow));
        match &self.then {
            Then::Menu(menu) => menu.check(reader, flow),
            Then::Ask(ask) => ask.check(reader, flow),
            Then::Call(call) => call.check(reader, flow),
            Then::Choose(choose) => choose.check(reader, flow),
            Then::Enter(_) | Then::Go(_) | Then::End(_) => {}
        }
        if let Some(later) = &self.later {
            later.check(reader, flow);
        }
        if let Some(silence) = self.if_silent() {
            silence.check(reader, flow);
        }
    }

    /// What it does when the contact does not answer.
    pub fn if_silent(&self) -> Option<&Silence> {
        match &self.then {
            Then::Menu(menu) => menu.if_silent.as_ref(),
            Then::Ask(ask) => ask.if_silent.as_ref(),
            Then::Call(_) | Then::Choose(_) | Then::Enter(_) | Then::Go(_) | Then::End(_) => None,
        }
    }

    /// Every step it can lead to.
    pub fn exits(&self) -> Vec<&Target> {
        let mut exits = self.exits_unwaited();
        exits.extend(self.exits_waited_for());
        exits
    }

    /// Every step it can lead to in the same turn.
    pub(super) fn exits_unwaited(&self) -> Vec<&Target> {
        let mut exits = self.exits_at_once();
        exits.extend(self.run.iter().flat_map(Run::exits));
        exits
    }

    /// Every step it can lead to after somebody or some time was waited for.
    pub(super) fn exits_waited_for(&self) -> Vec<&Target> {
        let mut exits = match &self.then {
            Then::Menu(menu) => menu.exits(),
            Then::Ask(ask) => ask.exits(),
            Then::Enter(enter) => enter.exits(),
            Then::Call(_) | Then::Choose(_) | Then::Go(_) | Then::End(_) => Vec::new(),
        };
        exits.extend(self.later.iter().map(|later| &later.go));
        exits
    }

    /// Every step it can lead to without anybody or any time being waited for, and without a script.
    pub(super) fn exits_at_once(&self) -> Vec<&Target> {
        match &self.then {
            Then::Choose(choose) => choose.exits(),
            Then::Call(call) => call.exits(),
            Then::Go(target) => vec![target],
            Then::Menu(_) | Then::Ask(_) | Then::Enter(_) | Then::End(_) => Vec::new(),
        }
    }

    /// Tells what it does with a variable, in the order in which it does it.
    pub(super) fn look<'f>(&'f self, look: &mut Look<'f>) {
        if let Some(run) = &self.run {
            run.look(look);
        }
        for set in &self.set {
            set.look(look);
        }
        if let Some(speak) = &self.speak {
            speak.look(look);
        }
        self.learns.iter().for_each(|learns| learns.look(look));
        self.agrees.iter().for_each(|agrees| agrees.look(look));
        self.emit.iter().for_each(|emit| emit.look(look));
        self.hand_off.iter().for_each(|hand_off| hand_off.look(look));
        if let Some(say) = &self.say {
            say.look(look);
        }
        if let Some(later) = &self.later {
            later.look(look);
        }
        match &self.then {
            Then::Menu(menu) => menu.look(look),
            Then::Ask(ask) => ask.look(look),
            Then::Call(call) => call.look(look),
            Then::Choose(choose) => choose.look(look),
            Then::Enter(enter) => enter.look(look),
            Then::Go(target) => look.leads(target),
            Then::End(_) => {}
        }
    }

    /// Every text that it may say as a message of its own.
    pub(super) fn texts(&self) -> Vec<&Text> {
        let mut texts: Vec<&Text> = match &self.say {
            Some(Say::Text { body, .. }) => vec![body],
            Some(Say::Media(media)) => media.caption().into_iter().collect(),
            Some(Say::Template(_)) | None => Vec::new(),
        };
        let retry = match &self.then {
            Then::Menu(menu) => {
                texts.extend(menu.if_old.iter().filter_map(|if_old| if_old.say.as_ref()));
                menu.if_other.as_ref()
            }
            Then::Ask(ask) => {
                texts.push(&ask.question);
                ask.if_wrong.as_ref()
            }
            Then::Call(call) => {
                texts.extend(&call.meanwhile);
                None
            }
            Then::Choose(_) | Then::Enter(_) | Then::Go(_) | Then::End(_) => None,
        };
        texts.extend(retry.and_then(|retry| retry.say.as_ref()));
        texts.extend(self.if_silent().and_then(|silence| silence.say.as_ref()));
        texts.extend(self.hand_off.iter().filter_map(|hand_off| hand_off.say.as_ref()));
        texts
    }

    /// The text above the rows of a list.
    pub(super) fn above_rows(&self) -> Option<&Text> {
        match (&self.say, &self.then) {
            (Some(Say::Text { body, .. }), Then::Menu(Menu { list: Some(_), .. })) => Some(body),
            _ => None,
        }
    }

    /// Everything in it that changes the contact's language.
    pub(super) fn speaks(&self) -> impl Iterator<Item = &Speak> {
        let choices = match &self.then {
            Then::Menu(menu) => Some(menu.choices.values()),
            Then::Ask(_) | Then::Call(_) | Then::Choose(_) | Then::Enter(_) | Then::Go(_) | Then::End(_) => None,
        };
        self.speak.iter().chain(choices.into_iter().flatten().filter_map(|choice| choice.speak.as_ref()))
    }

    /// Where what it says stands, if it may have become `said`.
    pub(super) fn origin(&self, said: &str) -> Option<Span> {
        let text = self.texts().into_iter().find(|text| text.could_be(said)).map(|text| text.span);
        text.or_else(|| self.stands_for().filter(|words| *words == said).map(|_| self.span))
    }

    /// What stands for a message that may have no text: the name of a template, the kind of media.
    pub(super) fn stands_for(&self) -> Option<&str> {
        match &self.say {
            Some(Say::Template(template)) => Some(&template.name),
            Some(Say::Media(media)) => Some(media.kind_words()),
            Some(Say::Text { .. }) | None => None,
        }
    }

    /// Runs it: nothing it does counts unless all of it succeeds.
    pub(super) fn run(&self, machine: &mut Machine<'_>, flow: &Flow) -> Result<Next, Broken> {
        if let Some(run) = &self.run
            && let Some(next) = run.run(machine, flow, self)?
        {
            return Ok(next);
        }
        for set in &self.set {
            set.run(machine, flow)?;
        }
        if let Some(speak) = &self.speak {
            speak.run(machine, flow)?;
        }
        if let Some(learns) = &self.learns {
            learns.run(machine, flow)?;
        }
        if let Some(agrees) = &self.agrees {
            agrees.run(machine, flow, self)?;
        }
        if let Some(emit) = &self.emit {
            emit.run(machine, flow)?;
        }
        let next = self.put(machine, flow, 0)?;
        if let Some(later) = &self.later {
            later.run(machine, flow, self)?;
        }
        if let Some(hand_off) = &self.hand_off {
            hand_off.run(machine, flow)?;
        }
        Ok(next)
    }

    /// Puts its question again, without doing again what came before it.
    pub(super) fn ask_again(&self, machine: &mut Machine<'_>, flow: &Flow, page: usize) -> Result<Next, Broken> {
        match self.put(machine, flow, page)? {
            next @ (Next::Wait(_) | Next::Go(_)) => Ok(next),
            Next::Enter(_) | Next::End(_) | Next::Start(_) => Err(Broken::vanished(machine, self.span)),
        }
    }

    /// Says what it says and ends as it ends; of a list it shows the page `page`.
    fn put(&self, machine: &mut Machine<'_>, flow: &Flow, page: usize) -> Result<Next, Broken> {
        machine.on_unknown = self.on_unknown;
        let next = self.put_as_it_says(machine, flow, page);
        machine.on_unknown = None;
        next
    }

    fn put_as_it_says(&self, machine: &mut Machine<'_>, flow: &Flow, page: usize) -> Result<Next, Broken> {
        let page = match &self.then {
            Then::Menu(menu) => match (menu.page(machine, flow, self, page)?, menu.if_empty()) {
                (None, Some(target)) => return Ok(Next::Go(target.step.clone())),
                (page, _) => page.unwrap_or_default(),
            },
            Then::Ask(_) | Then::Call(_) | Then::Choose(_) | Then::Enter(_) | Then::Go(_) | Then::End(_) => Page::default(),
        };
        let sent = self.say.as_ref().map(|say| say.run(machine, flow, page)).transpose()?;
        match &self.then {
            Then::Menu(_) => match sent {
                Some(send) => Ok(Next::Wait(Wait::Menu { send })),
                None => Err(Broken::vanished(machine, self.span)),
            },
            Then::Ask(ask) => ask.run(machine, flow),
            Then::Call(call) => call.run(machine, flow, self),
            Then::Choose(choose) => choose.run(machine, flow),
            Then::Enter(enter) => enter.run(machine, flow, self),
            Then::Go(target) => Ok(Next::Go(target.step.clone())),
            Then::End(ending) => Ok(Next::End(ending.name.clone())),
        }
    }
}
