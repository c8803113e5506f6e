//! The kinds of things a step can do, a file each: its shape, how it is read, what is checked, how it runs.
//!
//! A step is a card that holds one moment: it does something (`run`, `set`), says something (`say`), then waits for one kind
//! of answer (`buttons`, `ask`) or goes on (`go`, `choose`, `end`). To add a kind: a file here, a line in [`KINDS`], its place
//! in [`Step`] or [`Then`], and its table in `tests/flow/steps`, which a test demands.

mod ask;
mod call;
mod choose;
mod consent;
mod contact;
mod data;
mod emit;
mod hand_off;
mod later;
mod leave;
mod media;
mod menu;
mod run;
mod say;
mod set;
mod silence;

use crate::model::{StepName, Wait, limits};
use crate::source::{Code, Diagnostic, Key, Node, Span};

use super::engine::{Broken, Machine, Next};
use super::keys;
use super::program::Flow;
use super::read::{Reader, Target, listed};
use super::text::Text;
use super::ways::Look;

pub use ask::Ask;
pub use call::Call;
pub use choose::Choose;
pub use consent::Agrees;
pub use contact::Learns;
pub(super) use data::json_bytes;
pub use emit::News;
pub use hand_off::HandOff;
pub(super) use hand_off::NOTE_CHARS_MAX;
pub use later::Later;
pub use leave::Ending;
pub(super) use menu::TRIES_MAX;
pub use menu::{Choice, Menu, Retry};
pub use run::Run;
pub use say::Say;
pub use set::Set;
pub use silence::Silence;

/// Every kind: the key that makes it, and the keys that belong to it.
pub const KINDS: &[(&str, &[&str])] = &[
    ("run", &["with", "gives", "if_fails", "if_none", "meanwhile"]),
    ("call", &["answers", "if_fails", "meanwhile"]),
    ("set", &[]),
    ("say", &["header", "footer", "link"]),
    ("media", &[]),
    ("template", &[]),
    ("buttons", &["if_other", "if_old", "once", "if_silent"]),
    ("ask", &["into", "if_wrong", "if_silent"]),
    ("choose", &[]),
    ("go", &[]),
    ("later", &[]),
    ("contact", &[]),
    ("opt_in", &[]),
    ("opt_out", &[]),
    ("emit", &[]),
    ("hand_off", &[]),
    ("end", &[]),
];

/// The keys that end a step.
const ENDINGS: [&str; 6] = ["buttons", "ask", "call", "choose", "end", "go"];

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
    /// What it writes down about the contact.
    pub learns: Option<Learns>,
    /// What the contact agreed to or took back.
    pub agrees: Option<Agrees>,
    /// What the user's own system is told.
    pub news: Option<News>,
    /// What it says.
    pub say: Option<Say>,
    /// What it says to whoever writes while another system is asked.
    pub meanwhile: Option<Text>,
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
    /// It waits for a tap.
    Menu(Menu),
    /// It waits for an answer in words.
    Ask(Ask),
    /// It waits for the answer of another system.
    Call(Call),
    /// It goes where the first fitting condition leads.
    Choose(Choose),
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
        let learns = Learns::read(reader, &mut fields);
        let agrees = Agrees::read(reader, &mut fields);
        let news = News::read(reader, &mut fields);
        let say = Say::read(reader, &mut fields);
        // Only where another system may be asked; elsewhere it is out of place.
        let asks = fields.has("call") || fields.has("run");
        let meanwhile =
            fields.take_if(asks, "meanwhile").and_then(|(_, node)| reader.text(node, "`meanwhile`"));
        let later = Later::read(reader, &mut fields);
        let hand_off = HandOff::read(reader, &mut fields);
        let mut endings: Vec<(&Key, &Node)> =
            ["buttons", "ask", "call", "choose", "end"].iter().filter_map(|ending| fields.take(ending)).collect();
        // The `go` of a question belongs to the question.
        if !endings.iter().any(|(key, _)| key.text == "ask") {
            endings.extend(fields.take("go"));
        }
        let then = match endings.as_slice() {
            // A misspelt ending is told as such when the step is finished.
            [] if ENDINGS.iter().any(|ending| fields.is_misspelt(ending)) => None,
            [] => {
                reader.note(
                    Diagnostic::error(Code::NO_EXIT, key.span, format!("the step `{name}` leads nowhere"))
                        .help("say what comes next: `go: another_step`, `buttons:`, `ask:`, `call:`, `choose:` or `end: done`"),
                );
                None
            }
            [(ending, node)] => match ending.text.as_str() {
                "buttons" => Menu::read(reader, node, &mut fields).map(Then::Menu),
                "ask" => Ask::read(reader, node, &mut fields).map(Then::Ask),
                "call" => Call::read(reader, ending, node, &mut fields).map(Then::Call),
                "choose" => Choose::read(reader, node).map(Then::Choose),
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
            reader.note(
                Diagnostic::error(Code::MISSING_KEY, menu.span, "`buttons` without `say`")
                    .help("add `say:` with the text above the buttons"),
            );
        }
        fields.finish_strictly(reader, &keys::STEP);
        let then = then?;
        if let Some(hand_off) = &hand_off {
            hand_off.check_ending(reader, matches!(then, Then::End(_)));
        }
        Some(Self { name, span: key.span, run, set, learns, agrees, news, say, meanwhile, later, hand_off, then })
    }

    /// Checks it against its flow, which is complete now.
    pub(super) fn check(&self, reader: &Reader<'_>, flow: &Flow) {
        if let Some(say) = &self.say {
            let buttons = matches!(self.then, Then::Menu(_));
            say.check(reader, flow, buttons);
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
            Then::Choose(_) | Then::Go(_) | Then::End(_) => {}
        }
        if let Some(meanwhile) = &self.meanwhile {
            flow.check_length(reader, meanwhile, limits::TEXT_BODY_CHARS_MAX, "the text");
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
            Then::Call(_) | Then::Choose(_) | Then::Go(_) | Then::End(_) => None,
        }
    }

    /// Every step it can lead to.
    pub fn exits(&self) -> Vec<&Target> {
        let mut exits = self.exits_at_once();
        match &self.then {
            Then::Menu(menu) => exits.extend(menu.exits()),
            Then::Ask(ask) => exits.extend(ask.exits()),
            // What a call leads to comes at once, as far as the contact goes.
            Then::Call(_) | Then::Choose(_) | Then::Go(_) | Then::End(_) => {}
        }
        exits.extend(self.run.iter().flat_map(Run::exits));
        exits.extend(self.later.iter().map(|later| &later.go));
        exits
    }

    /// Every step it can lead to without the contact or any time being waited for, and without a script. The answer of another system
    /// comes by itself: steps that only ask each other run for ever.
    pub(super) fn exits_at_once(&self) -> Vec<&Target> {
        match &self.then {
            Then::Call(call) => call.exits(),
            Then::Choose(choose) => choose.exits(),
            Then::Go(target) => vec![target],
            Then::Menu(_) | Then::Ask(_) | Then::End(_) => Vec::new(),
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
        self.learns.iter().for_each(|learns| learns.look(look));
        self.agrees.iter().for_each(|agrees| agrees.look(look));
        self.hand_off.iter().for_each(|hand_off| hand_off.look(look));
        self.news.iter().for_each(|news| news.look(look));
        if let Some(say) = &self.say {
            say.look(look);
        }
        look.aside(|look| self.meanwhile.iter().for_each(|meanwhile| look.text(meanwhile)));
        if let Some(later) = &self.later {
            later.look(look);
        }
        match &self.then {
            Then::Menu(menu) => menu.look(look),
            Then::Ask(ask) => ask.look(look),
            Then::Call(call) => call.look(look),
            Then::Choose(choose) => choose.look(look),
            Then::Go(target) => look.leads(target),
            Then::End(_) => {}
        }
    }

    /// Every text that it may say as a message of its own.
    pub(super) fn texts(&self) -> Vec<&Text> {
        let mut texts: Vec<&Text> = match &self.say {
            Some(Say::Text { body, .. }) => vec![body],
            Some(Say::Media(media)) => media.caption().into_iter().collect(),
            Some(Say::Template { .. }) | None => Vec::new(),
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
            Then::Call(_) | Then::Choose(_) | Then::Go(_) | Then::End(_) => None,
        };
        texts.extend(&self.meanwhile);
        texts.extend(retry.and_then(|retry| retry.say.as_ref()));
        texts.extend(self.if_silent().and_then(|silence| silence.say.as_ref()));
        texts.extend(self.hand_off.iter().filter_map(|hand_off| hand_off.say.as_ref()));
        texts
    }

    /// Where what it says stands, if it may have become `said`.
    pub(super) fn origin(&self, said: &str) -> Option<Span> {
        let text = self.texts().into_iter().find(|text| text.could_be(said)).map(|text| text.span);
        text.or_else(|| self.stands_for().filter(|words| *words == said).map(|_| self.span))
    }

    /// What stands for a message that may have no text: the name of a template, the kind of media.
    pub(super) fn stands_for(&self) -> Option<&str> {
        match &self.say {
            Some(Say::Template { name, .. }) => Some(name),
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
        if let Some(learns) = &self.learns {
            learns.run(machine, flow)?;
        }
        if let Some(agrees) = &self.agrees {
            agrees.run(machine, flow, self)?;
        }
        if let Some(news) = &self.news {
            news.run(machine, flow)?;
        }
        let next = self.put(machine, flow)?;
        if let Some(later) = &self.later {
            later.run(machine, flow, self)?;
        }
        if let Some(hand_off) = &self.hand_off {
            hand_off.run(machine, flow)?;
        }
        Ok(next)
    }

    /// Puts its question again, without doing again what came before it.
    pub(super) fn ask_again(&self, machine: &mut Machine<'_>, flow: &Flow) -> Result<Wait, Broken> {
        match self.put(machine, flow)? {
            Next::Wait(wait) => Ok(wait),
            Next::Go(_) | Next::End(_) | Next::Start(_) => Err(Broken::vanished(machine, self.span)),
        }
    }

    /// Says what it says and ends as it ends.
    fn put(&self, machine: &mut Machine<'_>, flow: &Flow) -> Result<Next, Broken> {
        let buttons = match &self.then {
            Then::Menu(menu) => menu.buttons(machine, flow, self)?,
            Then::Ask(_) | Then::Call(_) | Then::Choose(_) | Then::Go(_) | Then::End(_) => Vec::new(),
        };
        let sent = self.say.as_ref().map(|say| say.run(machine, flow, buttons)).transpose()?;
        match &self.then {
            Then::Menu(_) => match sent {
                Some(send) => Ok(Next::Wait(Wait::Menu { send })),
                None => Err(Broken::vanished(machine, self.span)),
            },
            Then::Ask(ask) => ask.run(machine, flow),
            Then::Call(call) => call.run(machine, flow, self),
            Then::Choose(choose) => choose.run(machine, flow),
            Then::Go(target) => Ok(Next::Go(target.step.clone())),
            Then::End(ending) => Ok(Next::End(ending.name.clone())),
        }
    }
}
