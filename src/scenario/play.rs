//! Plays a conversation: what its lines do, and what they expect.

use std::collections::VecDeque;

use crate::flow::{Flow, Program};
use crate::model::{EventKind, Fault, FlowName, Message, Sender, StepName, Trace};
use crate::source::Span;

use super::line::{Bot, Line};
use super::read::Scenario;
use super::stage::{Said, Stage, Took};

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
}

/// Plays `scenario` of `flow` against `program`.
pub fn play(program: &Program, flow: &Flow, scenario: &Scenario) -> Played {
    let sender = Sender { phone: scenario.who.phone.clone(), name: scenario.who.name.clone(), user_id: None };
    let stage = Stage::new(sender, scenario.begins);
    let mut play = Play { program, stage, open: VecDeque::new(), faults: VecDeque::new(), said: 0, took: 0 };
    let end = scenario.lines.last().map_or(scenario.span, |line| line.span);
    let outcome = play
        .begin(scenario)
        .and_then(|()| scenario.lines.iter().try_for_each(|line| line.play(&mut play)))
        .and_then(|()| play.settled(end))
        .and_then(|()| play.ended(flow, scenario));
    play.finish(outcome.err())
}

impl Play<'_> {
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

    /// Time passes; what the bot says then waits for the lines that expect it.
    pub fn pass(&mut self, line: &Line, millis: u64) -> Result<(), Failure> {
        self.settled(line.span)?;
        let taken = self.stage.pass(self.program, millis);
        self.took(line.span, taken)
    }

    fn took(&mut self, span: Span, taken: Result<(), String>) -> Result<(), Failure> {
        taken.map_err(|why| Failure::new(span, format!("the conversation does not survive the store: {why}")))?;
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
        match self.stage.said().get(at) {
            Some(Said::Bot(message)) => Some(message),
            Some(Said::They(_) | Said::Pause(_)) | None => None,
        }
    }

    /// The next thing the bot said must be this.
    pub fn expect(&mut self, line: &Line, expected: &Bot) -> Result<(), Failure> {
        let Some((at, message)) = self.open.front().and_then(|&at| Some((at, self.message(at)?))) else {
            return Err(Failure { expected: Some(expected.words()), ..Failure::new(line.span, "the bot says nothing") });
        };
        if let Some(otherwise) = expected.otherwise(message) {
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
        match self.open.front().and_then(|&at| Some((at, self.message(at)?))) {
            None => Ok(()),
            Some((at, message)) => Err(Failure {
                came: Some(message.body().to_owned()),
                about: Some(at),
                ..Failure::new(span, "the bot says more than is written here")
            }),
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
