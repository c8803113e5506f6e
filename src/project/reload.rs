//! From files to what runs: read, compare, compile, swap. Any error keeps what ran before.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use serde_json::json;

use super::live::{Live, RefusedReport, Report, State};
use super::load::{Loaded, load, load_after};
use crate::failpoint;
use crate::model::Timestamp;
use crate::source::{Diagnostic, Sources, render_human, render_json};

/// What a reload did. Each but `Unchanged` is worth telling once.
#[derive(Debug)]
pub enum Reloaded<P> {
    /// The files are those that run, or those that were refused already.
    Unchanged,
    /// The files run now.
    Applied {
        /// What ran before.
        before: Arc<P>,
        /// What runs now.
        after: Arc<P>,
        /// Their hash.
        revision: String,
        /// Their warnings, rendered; empty when there are none.
        warnings: String,
    },
    /// Files that had been refused are again those that run.
    Restored {
        /// Their hash.
        revision: String,
    },
    /// Something is wrong with the files; what ran before runs on.
    Refused(RefusedReport),
    /// There are no files to be read; what ran before runs on.
    Unreadable {
        /// Why, and what to do.
        message: String,
    },
}

/// Why a project does not start.
#[derive(Debug)]
pub enum NotStarted {
    /// Something is wrong with the files.
    Refused(RefusedReport),
    /// There are no files to be read; why, and what to do.
    Unreadable(String),
}

/// Reads and compiles the project at `root` for the first time.
///
/// # Errors
/// When it cannot be read, or any diagnostic is an error: a first start has nothing to fall back on.
pub fn open<P>(
    root: &Path,
    now: Timestamp,
    compile: impl Fn(&Sources) -> (Option<P>, Vec<Diagnostic>),
) -> Result<Live<P>, NotStarted> {
    let loaded = load(root).map_err(|error| NotStarted::Unreadable(error.to_string()))?;
    match attempt(&loaded, now, compile) {
        Ok((program, warnings)) => Ok(Live::new(Arc::new(program), loaded.sources, warnings, now)),
        Err(refused) => Err(NotStarted::Refused(refused)),
    }
}

/// Reads the project at `root` again and, when it is another one than runs and nothing is wrong with it, lets it run.
pub fn reload<P>(
    live: &Live<P>,
    root: &Path,
    now: Timestamp,
    compile: impl Fn(&Sources) -> (Option<P>, Vec<Diagnostic>),
) -> Reloaded<P> {
    let _alone = live.lock();
    let state = live.state();
    let loaded = match load_after(root, &state.sources) {
        Ok(loaded) => loaded,
        Err(error) => return unreadable(live, &state, error.to_string(), now),
    };
    let content = content(&loaded);
    if state.refused.as_ref() == Some(&content) {
        return Reloaded::Unchanged;
    }
    let revision = loaded.sources.revision().to_owned();
    if content == state.report.revision {
        if state.refused.is_none() {
            return Reloaded::Unchanged;
        }
        keep(live, &state, None);
        return Reloaded::Restored { revision };
    }
    match attempt(&loaded, now, compile) {
        Ok((program, warnings)) => {
            let after = Arc::new(program);
            let reloads = state.report.reloads + 1;
            let report =
                Report { revision: revision.clone(), loaded_at: now, warnings: warnings.clone(), refused: None, reloads };
            let sources = loaded.sources;
            failpoint::reached("reload.before_swap");
            live.replace(State { program: after.clone(), report: Arc::new(report), sources, refused: None });
            Reloaded::Applied { before: state.program.clone(), after, revision, warnings }
        }
        Err(refused) => {
            keep(live, &state, Some((content, refused.clone())));
            Reloaded::Refused(refused)
        }
    }
}

/// What tells one state of the files from another: their hash, and what is known of those that gave no text.
fn content(loaded: &Loaded) -> String {
    loaded.diagnostics.iter().fold(loaded.sources.revision().to_owned(), |content, one| format!("{content}\n{}", one.message))
}

/// What runs, runs on; what was refused is remembered.
fn keep<P>(live: &Live<P>, state: &State<P>, refused: Option<(String, RefusedReport)>) {
    let (content, refused) = refused.unzip();
    let report = Report { refused, ..(*state.report).clone() };
    let (program, sources) = (state.program.clone(), state.sources.clone());
    live.replace(State { program, report: Arc::new(report), sources, refused: content });
}

fn unreadable<P>(live: &Live<P>, state: &State<P>, message: String, now: Timestamp) -> Reloaded<P> {
    // No revision looks like a message, so the two cannot be taken for each other.
    if state.refused.as_ref() == Some(&message) {
        return Reloaded::Unchanged;
    }
    let refused = without_place(String::new(), message.clone(), now);
    keep(live, state, Some((message.clone(), refused)));
    Reloaded::Unreadable { message }
}

/// Compiles: the program with its warnings, or why it must not run. A panic of the compiler is a refusal too.
fn attempt<P>(
    loaded: &Loaded,
    now: Timestamp,
    compile: impl Fn(&Sources) -> (Option<P>, Vec<Diagnostic>),
) -> Result<(P, String), RefusedReport> {
    let sources = &loaded.sources;
    let refuse = |diagnostics: &[Diagnostic]| RefusedReport {
        at: now,
        revision: sources.revision().to_owned(),
        errors: diagnostics.iter().filter(|one| one.is_error()).count(),
        human: render_human(sources, diagnostics, false),
        json: render_json(sources, diagnostics),
    };
    // What could not be read would be missing everywhere else: one honest error instead of many that follow from it.
    if !loaded.diagnostics.is_empty() {
        return Err(refuse(&loaded.diagnostics));
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| compile(sources))).map_err(|panic| {
        without_place(
            sources.revision().to_owned(),
            format!("the checker failed on these files, which is a mistake of ours: {}", words(&*panic)),
            now,
        )
    })?;
    match outcome {
        (Some(program), diagnostics) if !diagnostics.iter().any(Diagnostic::is_error) => {
            Ok((program, render_human(sources, &diagnostics, false)))
        }
        (_, diagnostics) if diagnostics.iter().any(Diagnostic::is_error) => Err(refuse(&diagnostics)),
        _ => Err(without_place(
            sources.revision().to_owned(),
            "the checker gave neither a program nor an error, which is a mistake of ours".to_owned(),
            now,
        )),
    }
}

/// A refusal that has no place in any file.
fn without_place(revision: String, message: String, now: Timestamp) -> RefusedReport {
    let json = json!([{"severity": "error", "message": message}]);
    RefusedReport { at: now, revision, errors: 1, human: format!("error: {message}\n"), json }
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> &str {
    let owned = panic.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no words")
}
