//! Plays a conversation: what its lines do, and what they expect.

use std::collections::VecDeque;

use crate::flow::{Flow, Program};
use crate::model::{EventKind, EventName, Fault, FlowName, Message, Sender, StepName, Trace, Value};
use crate::source::Span;

use super::line::{Bot, Line};
use super::read::Scenario;
use super::stage::{Said, Stage, Took};
use super::update::{self, Edit};

/// A conversation as it was played.
#[derive(Debug, Clone)]
pub struct Played {
    /// Everything that was said, in order, up to the failure.
    pub said: Vec<Said>,
    /// What went otherwise than written.
    pub failure: Option<Failure>,
    /// Every step that was entered.
    pub entered: Vec<(FlowName, StepName)>,
    /// Every turn that was taken.
    pub took: Vec<Took>,
}

/// What went otherwise than written.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The line of the conversation.
    pub span: Span,
    /// What went wrong, in a sentence.
    pub message: String,
    /// What was expected, where a text was.
    pub expected: Option<String>,
    /// What came instead, where something came.
    pub came: Option<String>,
    /// Which of the things said it is about.
    pub about: Option<usize>,
    /// Where the text stands that came.
    pub from: Option<Span>,
}

impl Failure {
    pub(super) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), expected: None, came: None, about: None, from: None }
    }
}

/// A conversation while it is being played.
pub(super) struct Play<'p> {
    pub program: &'p Program,
    pub stage: Stage,
    /// Said by the bot and not yet expected by a line: where it stands in what was said.
    open: VecDeque<usize>,
    faults: VecDeque<Fault>,
    /// What of the stage was looked at.
    said: usize,
    took: usize,
    /// What should be written instead, when that is noted and no failure.
    edits: Option<Vec<Edit>>,
    /// The line before.
    last: Option<Line>,
}

/// Plays `scenario` of `flow` against `program`.
pub fn play(program: &Program, flow: &Flow, scenario: &Scenario) -> Played {
    let mut play = Play::new(program, scenario);
    let outcome = play.all(flow, scenario);
    play.finish(outcome.err())
}

/// Plays it and notes what the bot says otherwise, instead of failing.
pub(super) fn play_and_note(program: &Program, flow: &Flow, scenario: &Scenario) -> Vec<Edit> {
    let mut play = Play { edits: Some(Vec::new()), ..Play::new(program, scenario) };
    // What goes wrong beside what is said stays wrong, and is told when it is played again.
    let _ = play.all(flow, scenario);
    play.edits.unwrap_or_default()
}

impl<'p> Play<'p> {
    fn new(program: &'p Program, scenario: &Scenario) -> Self {
        let sender = Sender { phone: scenario.who.phone.clone(), name: scenario.who.name.clone(), user_id: None };
        let mut stage = Stage::new(sender, scenario.begins);
        stage.reads(scenario.who.language.clone());
        let (open, faults) = (VecDeque::new(), VecDeque::new());
        Self { program, stage, open, faults, said: 0, took: 0, edits: None, last: None }
    }

    fn all(&mut self, flow: &Flow, scenario: &Scenario) -> Result<(), Failure> {
        self.stage.follow_schedule_of(flow.name.clone());
        self.begin(scenario)?;
        for line in &scenario.lines {
            line.play(self)?;
            if self.edits.is_some() {
                self.last = Some(line.clone());
            }
        }
        let end = scenario.lines.last().map_or(scenario.span, |line| line.span);
        self.settled(end)?;
        if let Some((_, call)) = self.stage.next_call() {
            let message = format!("the call of {} has no answer; add `- answer: {{status: 200, body: …}}`", call.request.url);
            return Err(Failure::new(end, message));
        }
        self.ended(flow, scenario)
    }

    fn begin(&mut self, scenario: &Scenario) -> Result<(), Failure> {
        for (function, pretended) in &scenario.given {
            self.stage.give(function.clone(), pretended.clone());
        }
        match &scenario.at {
            Some((opening, span)) => {
                let taken = self.stage.open(self.program, opening.clone());
                self.took(*span, taken)
            }
            None => Ok(()),
        }
    }

    /// The contact does something; what the bot says to it waits for the lines that expect it.
    pub fn act(&mut self, line: &Line, shown: String, kind: EventKind) -> Result<(), Failure> {
        self.settled(line.span)?;
        let taken = self.stage.act(self.program, shown, kind);
        self.took(line.span, taken)
    }

    /// The contact taps twice at once; what the bot says to both waits for the lines that expect it.
    pub fn act_twice(&mut self, line: &Line, shown: &str, kind: &EventKind) -> Result<(), Failure> {
        self.settled(line.span)?;
        let first = self.stage.act(self.program, shown.to_owned(), kind.clone());
        let both = first.and_then(|()| self.stage.act_again_at_once(self.program, shown.to_owned(), kind.clone()));
        self.took(line.span, both)
    }

    /// Something happens that the contact did not do; what the bot says to it waits for the lines that expect it.
    pub fn happens(&mut self, line: &Line, kind: EventKind) -> Result<(), Failure> {
        let taken = self.stage.happens(self.program, kind);
        self.took(line.span, taken)
    }

    /// A system of the user's tells something.
    pub fn tell(&mut self, line: &Line, name: &EventName, data: &Value) -> Result<(), Failure> {
        self.settled(line.span)?;
        let taken = self.stage.tell(self.program, name, data);
        self.took(line.span, taken)
    }

    /// Time passes; what the bot says then waits for the lines that expect it.
    pub fn pass(&mut self, line: &Line, millis: u64) -> Result<(), Failure> {
        self.settled(line.span)?;
        let taken = self.stage.pass(self.program, millis);
        self.took(line.span, taken)
    }

    fn took(&mut self, span: Span, taken: Result<(), String>) -> Result<(), Failure> {
        taken.map_err(|why| Failure::new(span, why))?;
        let said = self.stage.said();
        self.open.extend((self.said..said.len()).filter(|&at| matches!(said[at], Said::Bot(_))));
        self.said = said.len();
        let took = self.stage.took();
        self.faults.extend(took[self.took..].iter().flat_map(|took| took.faults.iter().cloned()));
        self.took = took.len();
        Ok(())
    }

    pub fn next_fault(&mut self) -> Option<Fault> {
        self.faults.pop_front()
    }

    fn message(&self, at: usize) -> Option<&Message> {
        said(&self.stage, at)
    }

    /// The next thing the bot said must be this.
    pub fn expect(&mut self, line: &Line, expected: &Bot) -> Result<(), Failure> {
        let Some((at, message)) = self.open.front().and_then(|&at| Some((at, self.message(at)?))) else {
            if let Some(edits) = &mut self.edits {
                edits.push(update::without(&self.program.sources().get(line.span.source).text, line));
                return Ok(());
            }
            return Err(Failure { expected: Some(expected.words()), ..Failure::new(line.span, "the bot says nothing") });
        };
        if let (true, Some(_)) = (self.edits.is_some(), expected.otherwise(message)) {
            let edit = update::other_words(line, message);
            self.edits.get_or_insert_default().push(edit);
        } else if let Some(otherwise) = expected.otherwise(message) {
            return Err(Failure {
                expected: Some(otherwise.expected),
                came: Some(otherwise.came),
                about: Some(at),
                ..Failure::new(line.span, otherwise.message)
            });
        }
        self.open.pop_front();
        Ok(())
    }

    /// Nothing may be left that no line expected.
    pub fn settled(&mut self, span: Span) -> Result<(), Failure> {
        if let Some(fault) = self.faults.front() {
            return Err(Failure::new(span, format!("something broke at {}: {}", fault.place, fault.message)));
        }
        let Some((at, message)) = self.open.front().and_then(|&at| Some((at, self.message(at)?))) else { return Ok(()) };
        if self.last.is_some() {
            self.note_more();
            return Ok(());
        }
        Err(Failure {
            came: Some(message.body().to_owned()),
            about: Some(at),
            ..Failure::new(span, "the bot says more than is written here")
        })
    }

    /// Notes lines for everything that no line expected.
    fn note_more(&mut self) {
        let messages: Vec<Message> = self.open.drain(..).filter_map(|at| said(&self.stage, at).cloned()).collect();
        let (Some(edits), Some(line)) = (&mut self.edits, &self.last) else { return };
        let text = &self.program.sources().get(line.whole.source).text;
        for message in &messages {
            let edit = update::one_more(text, line, message);
            match edits.last_mut().filter(|last| last.span == edit.span && edit.span.start == edit.span.end) {
                Some(last) => last.text.push_str(&edit.text),
                None => edits.push(edit),
            }
        }
    }

    fn ended(&self, flow: &Flow, scenario: &Scenario) -> Result<(), Failure> {
        let Some((expected, span)) = &scenario.ends else { return Ok(()) };
        if self.stage.ending() == Some(expected) {
            return Ok(());
        }
        let came = self.stage.ending().map(str::to_owned).or_else(|| {
            let session = self.stage.conversation().session.as_ref()?;
            Some(format!("it waits at `{}` of `{}`", session.step, session.flow))
        });
        let message = format!("the flow `{}` does not end like that", flow.name);
        Err(Failure { expected: Some(expected.clone()), came, ..Failure::new(*span, message) })
    }

    fn finish(self, failure: Option<Failure>) -> Played {
        let took = self.stage.took().to_vec();
        let entered: Vec<(FlowName, StepName)> = took
            .iter()
            .flat_map(|took| &took.trace)
            .filter_map(|trace| if let Trace::Entered { flow, step } = trace { Some((flow.clone(), step.clone())) } else { None })
            .collect();
        let said = self.stage.said().to_vec();
        let failure = failure.map(|failure| {
            let text = failure.about.and_then(|at| self.message(at)).map(Message::body);
            let near = took.iter().rev().filter(|took| failure.about.is_some_and(|about| took.said <= about)).flat_map(steps);
            Failure { from: text.and_then(|text| self.program.origin(text, near)), ..failure }
        });
        Played { said, failure, entered, took }
    }
}

fn said(stage: &Stage, at: usize) -> Option<&Message> {
    match stage.said().get(at) {
        Some(Said::Bot(message)) => Some(message),
        Some(Said::They(_) | Said::Pause(_)) | None => None,
    }
}

/// The steps that may have spoken in a turn: those entered, and the one that waited before.
fn steps(took: &Took) -> impl Iterator<Item = (&FlowName, &StepName)> {
    let entered = took.trace.iter().filter_map(|trace| match trace {
        Trace::Entered { flow, step } | Trace::TimerFired { flow, step, .. } | Trace::OldButton { flow, step, .. } => {
            Some((flow, step))
        }
        _ => None,
    });
    entered.chain(took.waited.iter().map(|(flow, step)| (flow, step)))
}
