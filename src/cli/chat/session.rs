//! A conversation under way, and what the commands do with it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::flow::Program;
use crate::model::{AttachmentKind, EventKind, FlowName, Message, Phone, Sender, TappedButton};
use crate::scenario::{Did, OnMessage, Said, Shown, Stage, record, told, usual_details, with_test};
use crate::source::{Diagnostic, render_human};

use super::super::check::{Whole, whole};
use super::super::replace::replace;
use super::super::style::Paint;
use super::super::talk;
use super::input::{HELP, Input, read};

/// What the session says to an input.
pub(super) enum Answer {
    Say(String),
    Leave,
}

/// A conversation under way.
pub(super) struct Session {
    root: PathBuf,
    name: String,
    program: Program,
    /// The files that were refused, so that they are told once.
    refused: Option<String>,
    stage: Stage,
    /// What was done, each with what was said after it.
    parts: Vec<(Did, Vec<Said>)>,
    paint: Paint,
}

impl Session {
    /// Reads the project.
    pub fn open(root: &Path, name: &str, paint: Paint) -> Result<Self, String> {
        let Whole { sources, program, diagnostics, .. } = whole(root).map_err(|why| why.to_string())?;
        let Some(program) = program else {
            return Err(format!("the project has mistakes.\n{}", render_human(&sources, &errors(diagnostics), paint.colour)));
        };
        let (root, name, stage) = (root.to_owned(), name.to_owned(), stage(name));
        Ok(Self { root, name, program, refused: None, stage, parts: Vec::new(), paint })
    }

    /// Takes an input.
    pub fn take(&mut self, line: &str) -> Answer {
        let input = read(line);
        let news = self.reload();
        let said = match input {
            Input::Nothing => String::new(),
            Input::Quit => return Answer::Leave,
            Input::Help => HELP.to_owned(),
            Input::Wrong(why) => format!("{}\n", self.paint.red(&why)),
            Input::Why => self.why(),
            Input::Variables => self.variables(),
            Input::Restart => {
                self.stage = stage(&self.name);
                self.parts.clear();
                format!("{}\n", self.paint.dim("Another contact, who has never written."))
            }
            Input::Save(name) => self.save(name).unwrap_or_else(|why| format!("{}\n", self.paint.red(&why))),
            Input::Wait(millis) => self.act(Did::Waited(millis), |stage, program| stage.pass(program, millis)),
            Input::Send(kind) => self.send(kind),
            Input::Number(number, text) => match self.numbered(number).cloned() {
                Some(shown) => self.tap(&shown),
                None => self.typed(text),
            },
            Input::Type(text) => match self.titled(text) {
                Some(shown) => self.tap(&shown),
                None => self.typed(text),
            },
            Input::Tap(button) => match self.stage.button(button, &OnMessage::Newest).cloned() {
                Some(shown) => self.tap(&shown),
                None => format!("{}\n", self.paint.red(&format!("No message has a button {button}."))),
            },
        };
        Answer::Say(news + &said)
    }

    /// The buttons of the last message, where it has any: those a person would tap now.
    fn at_hand(&self) -> &[Shown] {
        let last =
            self.stage.said().iter().rev().find_map(|said| if let Said::Bot(message) = said { Some(message) } else { None });
        let count = last.map_or(0, |message| if let Message::Buttons { buttons, .. } = message { buttons.len() } else { 0 });
        let shown = self.stage.shown();
        &shown[shown.len().saturating_sub(count)..]
    }

    /// The button at hand that has this number.
    fn numbered(&self, number: usize) -> Option<&Shown> {
        self.at_hand().get(number.checked_sub(1)?)
    }

    /// A button at hand with this title: on a phone it would be tapped.
    fn titled(&self, text: &str) -> Option<Shown> {
        self.at_hand().iter().find(|shown| shown.button.title == text).cloned()
    }

    fn typed(&mut self, text: &str) -> String {
        let kind = EventKind::Typed { text: text.to_owned() };
        self.act(Did::Typed(text.to_owned()), |stage, program| stage.act(program, text.to_owned(), kind))
    }

    fn tap(&mut self, shown: &Shown) -> String {
        let name = shown.called(&self.program).to_owned();
        let newest = self.stage.button(&name, &OnMessage::Newest).is_some_and(|newest| newest.send == shown.send);
        let nth = self.stage.shown().iter().filter(|one| one.called(&self.program) == name);
        let nth = nth.into_iter().position(|one| one.send == shown.send);
        let did = if newest { Did::Tapped(name) } else { Did::TappedOld(name, nth.map_or(1, |nth| nth + 1)) };
        let title = shown.button.title.clone();
        let button = TappedButton::Ours { means: shown.button.means.clone(), send: shown.send.clone() };
        let kind = EventKind::Tapped { button, title: title.clone() };
        self.act(did, |stage, program| stage.act(program, format!("[{title}]"), kind))
    }

    fn send(&mut self, kind: &str) -> String {
        let Ok(known) = serde_json::from_value::<AttachmentKind>(serde_json::Value::from(kind)) else {
            return format!(
                "{}\n",
                self.paint.red(&format!(
                    "Nobody can send a {kind}: image, video, audio, voice, document, sticker, location, contacts, order or form."
                ))
            );
        };
        let event = EventKind::Attached { kind: known, caption: String::new(), details: Box::new(usual_details(known)) };
        self.act(Did::Sent(kind.to_owned()), |stage, program| stage.act(program, format!("[{kind}]"), event))
    }

    /// Does it, and draws what came of it.
    fn act(&mut self, did: Did, act: impl FnOnce(&mut Stage, &Program) -> Result<(), String>) -> String {
        let (said, took) = (self.stage.said().len(), self.stage.took().len());
        if let Err(why) = act(&mut self.stage, &self.program) {
            return format!("{}\n", self.paint.red(&format!("The conversation cannot be kept: {why}.")));
        }
        let new = self.stage.said()[said..].to_vec();
        let mut text = talk::chat(&numbers(new.clone()), None, self.paint);
        for fault in self.stage.took()[took..].iter().flat_map(|took| &took.faults) {
            text.push_str(&format!("    {}\n", self.paint.red(&format!("broken at {}: {}", fault.place, fault.message))));
        }
        if let Some(ending) = self.stage.ending().filter(|_| self.stage.took().len() > took) {
            text.push_str(&format!("    {}\n", self.paint.dim(&format!("· the flow is over: {ending} ·"))));
        }
        self.parts.push((did, new));
        text
    }

    fn why(&self) -> String {
        let Some(took) = self.stage.took().last() else {
            return format!("{}\n", self.paint.dim("Nothing has happened yet."));
        };
        let line = |(line, place): (String, Option<String>)| {
            let mut text: String = talk::wrapped(&line, talk::WIDTH - 4).iter().map(|line| format!("    {line}\n")).collect();
            if let Some(place) = place {
                text.pop();
                text.push_str(&format!("  {}\n", self.paint.dim(&place)));
            }
            text
        };
        told(&self.program, took).into_iter().map(line).collect()
    }

    fn variables(&self) -> String {
        let conversation = self.stage.conversation();
        let mut text = String::new();
        for (flow, variables) in &conversation.variables {
            for (name, value) in variables {
                let shown =
                    self.program.flow(flow).and_then(|flow| flow.remember.get(name.as_str())).map(|known| known.show(value));
                let name = self.paint.bold(&format!("{flow}.{name}"));
                text.push_str(&format!("    {name}  {}\n", shown.unwrap_or_else(|| value.to_string())));
            }
        }
        for (script, variables) in &conversation.script_variables {
            for (name, value) in variables {
                text.push_str(&format!("    {}  {value}\n", self.paint.bold(&format!("scripts/{script}.rhai {name}"))));
            }
        }
        let at = match &conversation.session {
            Some(session) => format!("It waits at {} of {}.", session.step, session.flow),
            None => "No flow is under way.".to_owned(),
        };
        format!("{text}    {}\n", self.paint.dim(&format!("{at} It is {:.0}.", self.stage.now())))
    }

    /// Reads the files again; says so when they changed.
    fn reload(&mut self) -> String {
        let Ok(Whole { sources, program, diagnostics, .. }) = whole(&self.root) else { return String::new() };
        let revision = sources.revision().to_owned();
        if self.refused.as_ref() == Some(&revision) || self.program.revision() == revision {
            return String::new();
        }
        match program {
            Some(program) => {
                self.program = program;
                self.refused = None;
                format!("    {}\n", self.paint.dim("· the project was saved; from here on it is the new one ·"))
            }
            None => {
                self.refused = Some(revision);
                let told = render_human(&sources, &errors(diagnostics), self.paint.colour);
                format!("{told}    {}\n", self.paint.dim("· the project has mistakes; it goes on as it was ·"))
            }
        }
    }

    /// Makes a test of the conversation, beside the flow that it came to first.
    fn save(&self, name: &str) -> Result<String, String> {
        let flow = self.flow().ok_or("Nothing has begun a flow yet, so there is nothing to save.")?;
        let test = record(name, &self.parts, &self.name);
        let sources = self.program.sources();
        let flow_file = self.program.flow(flow).map(|flow| sources.get(flow.span.source));
        let own = PathBuf::from("tests").join(format!("{flow}.yaml"));
        let (path, before, after) = match flow_file.and_then(|file| Some((file, with_test(&file.text, &test)?))) {
            Some((file, after)) => (PathBuf::from(&*file.path), Some(file.text.to_string()), after),
            None => {
                let before = fs::read_to_string(self.root.join(&own)).ok();
                let begun = before.clone().unwrap_or_else(|| format!("buttonhook: 1\ntests_of: {flow}\ntests:\n"));
                let after = with_test(&begun, &test).ok_or_else(|| format!("`{}` has no `tests:` at its end.", own.display()))?;
                (own, before, after)
            }
        };
        let told = |why: std::io::Error| format!("{} cannot be written: {why}.", path.display());
        let file = self.root.join(&path);
        match before {
            Some(before) => {
                let file = fs::canonicalize(&file).map_err(told)?;
                if !replace(&file, before.as_bytes(), after.as_bytes()).map_err(told)? {
                    return Err(format!("{} was changed by somebody else at the same time; try again.", path.display()));
                }
            }
            None => {
                fs::create_dir_all(self.root.join("tests")).map_err(told)?;
                fs::write(&file, after).map_err(told)?;
            }
        }
        Ok(format!("{}\n", self.paint.green(&format!("Saved in {}. `buttonhook test` plays it.", path.display()))))
    }

    /// The flow that the conversation came to first.
    fn flow(&self) -> Option<&FlowName> {
        self.stage.took().iter().flat_map(|took| &took.trace).find_map(|trace| match trace {
            crate::model::Trace::Entered { flow, .. } => Some(flow),
            _ => None,
        })
    }
}

fn stage(name: &str) -> Stage {
    let phone = Phone::parse("+15550100123");
    Stage::new(Sender { phone, name: name.to_owned(), user_id: None }, crate::scenario::usual_beginning())
}

fn errors(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics.into_iter().filter(Diagnostic::is_error).collect()
}

/// The buttons of the last message with the numbers that tap them.
fn numbers(mut said: Vec<Said>) -> Vec<Said> {
    let last = said.iter_mut().rev().find_map(|said| if let Said::Bot(message) = said { Some(message) } else { None });
    if let Some(Message::Buttons { buttons, .. }) = last {
        for (at, button) in buttons.iter_mut().enumerate() {
            button.title = format!("{} {}", at + 1, button.title);
        }
    }
    said
}
