//! What runs, and what people may know about it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;

use crate::flow::Program;
use crate::model::Timestamp;
use crate::source::Sources;

/// The program that runs, replaced as a whole. Whoever took it keeps it until done: a turn ends with the program it began with.
#[derive(Debug)]
pub struct Live<P = Program> {
    state: ArcSwap<State<P>>,
    /// Reloads happen one after the other, whoever asks for them.
    reloading: Mutex<()>,
}

/// Program and report change together.
#[derive(Debug)]
pub(super) struct State<P> {
    pub program: Arc<P>,
    pub report: Arc<Report>,
    /// The files that run: the next ones are numbered after them.
    pub sources: Sources,
    /// What the refused files were, so that the same mistake is told once.
    pub refused: Option<String>,
}

/// What runs and what was refused.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The hash of the files that run.
    pub revision: String,
    /// Since when they run.
    pub loaded_at: Timestamp,
    /// Their warnings, rendered; empty when there are none.
    pub warnings: String,
    /// The files on disk, when they are not those that run because something is wrong with them.
    pub refused: Option<RefusedReport>,
    /// How often what runs was replaced.
    pub reloads: u64,
}

/// Files that did not go live.
#[derive(Debug, Clone, PartialEq)]
pub struct RefusedReport {
    /// When they were refused.
    pub at: Timestamp,
    /// Their hash; empty when they could not be read at all.
    pub revision: String,
    /// How many errors they have.
    pub errors: usize,
    /// What is wrong, for people.
    pub human: String,
    /// What is wrong, for programs: an array as `buttonhook check --format json` prints it.
    pub json: serde_json::Value,
}

impl<P> Live<P> {
    /// Runs `program`, which came from `sources`.
    pub fn new(program: Arc<P>, sources: Sources, warnings: impl Into<String>, now: Timestamp) -> Self {
        let revision = sources.revision().to_owned();
        let report = Report { revision, loaded_at: now, warnings: warnings.into(), refused: None, reloads: 0 };
        let state = State { program, report: Arc::new(report), sources, refused: None };
        Self { state: ArcSwap::from_pointee(state), reloading: Mutex::new(()) }
    }

    /// What runs now.
    pub fn program(&self) -> Arc<P> {
        self.state.load().program.clone()
    }

    /// What people may know about it.
    pub fn report(&self) -> Arc<Report> {
        self.state.load().report.clone()
    }

    pub(super) fn state(&self) -> Arc<State<P>> {
        self.state.load_full()
    }

    /// The right to replace the state. A reload that panicked left the state as it was, so its poison means nothing.
    pub(super) fn lock(&self) -> MutexGuard<'_, ()> {
        self.reloading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn replace(&self, state: State<P>) {
        self.state.store(Arc::new(state));
    }
}
