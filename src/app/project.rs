//! The project that runs: loaded at the start, watched, and told about.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::watch;

use super::StartError;
use super::stop::stopped;
use crate::flow::{self, Program};
use crate::http::admin::{LiveView, RefusedView};
use crate::model::{ContactId, Conversation, Event, Hosts, Timestamp, Turn};
use crate::project::{self, Live, NotStarted, RefusedReport, Reloaded, Watcher};
use crate::runtime::{Clock, Meter, Take};
use crate::source::{Diagnostic, SourceKind, Sources, render_json};

/// Files named in one line of the log; the others are counted.
const FILES_NAMED_MAX: usize = 5;

/// A project and what people are told about it. A clone is the same project.
#[derive(Clone)]
pub(super) struct Project {
    root: Arc<Path>,
    live: Arc<Live<Running>>,
    view: watch::Sender<Arc<LiveView>>,
    meter: Arc<Meter>,
}

/// A program with what is told about it.
pub(super) struct Running {
    program: Program,
    hosts: Arc<Hosts>,
    warnings: Vec<serde_json::Value>,
}

impl Running {
    /// The program.
    pub(super) fn program(&self) -> &Program {
        &self.program
    }
}

impl Take for Running {
    fn revision(&self) -> &str {
        self.program.revision()
    }

    fn advance(&self, contact: ContactId, conversation: Conversation, event: &Event, now: Timestamp) -> Turn {
        self.program.advance(contact, conversation, event, now)
    }
}

impl Project {
    /// Loads the project at `root`. What is wrong with it is printed.
    pub(super) async fn load(root: PathBuf, clock: &Clock) -> Result<Self, StartError> {
        let now = clock.now();
        let live = project::open(&root, now, |sources| run(sources, None)).map_err(|refused| match refused {
            NotStarted::Refused(report) => {
                eprint!("{}", report.human);
                StartError::Project
            }
            NotStarted::Unreadable(why) => StartError::NoProject(why),
        })?;
        let warnings = live.report().warnings.clone();
        if !warnings.is_empty() {
            eprint!("{warnings}");
        }
        let project = Self { root: root.into(), live: Arc::new(live), view: watch::Sender::default(), meter: Arc::default() };
        project.show();
        project.tell_misfits();
        Ok(project)
    }

    /// What runs now.
    pub(super) fn program(&self) -> Arc<Running> {
        self.live.program()
    }

    /// What is counted; the reloads are counted here.
    pub(super) fn meter(&self) -> Arc<Meter> {
        self.meter.clone()
    }

    /// The hosts that what runs now may call.
    pub(super) fn hosts(&self) -> Arc<Hosts> {
        self.live.program().hosts.clone()
    }

    /// What is told about it; changes with every reload.
    pub(super) fn view(&self) -> watch::Receiver<Arc<LiveView>> {
        self.view.subscribe()
    }

    /// Reloads whenever the files change, until `stop` becomes true.
    pub(super) async fn watch(self, clock: Clock, mut stop: watch::Receiver<bool>) {
        let mut watcher = match Watcher::new(&self.root) {
            Ok(watcher) => watcher,
            Err(error) => {
                tracing::error!(%error, "changes of the project will not be noticed until the next start");
                return;
            }
        };
        // What was saved between the start's reading and the watch would be news to nobody.
        self.reload(&clock).await;
        loop {
            tokio::select! {
                () = watcher.changed() => {}
                () = stopped(&mut stop) => return,
            }
            self.reload(&clock).await;
        }
    }

    async fn reload(&self, clock: &Clock) {
        let (project, now) = (self.clone(), clock.now());
        let began = Instant::now();
        let work = move || {
            let before = project.live.program();
            project::reload(&project.live, &project.root, now, |sources| run(sources, Some(&before.program)))
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(reloaded) => {
                match &reloaded {
                    Reloaded::Unchanged => {}
                    Reloaded::Applied { .. } => self.meter.note_reload(true),
                    _ => self.meter.note_reload(false),
                }
                tell(&reloaded, began);
                if matches!(reloaded, Reloaded::Applied { .. }) {
                    self.tell_misfits();
                }
            }
            Err(_) => return tracing::error!("a reload broke down, what ran before runs on; please report it"),
        }
        self.show();
    }

    /// Says which secrets the project's calls will miss.
    fn tell_misfits(&self) {
        for misfit in super::requests::misfits(&self.hosts()) {
            tracing::warn!("{misfit}");
        }
    }

    /// Lets people see what runs and what was refused.
    fn show(&self) {
        let (report, running) = (self.live.report(), self.live.program());
        let count = |kind| running.program.sources().iter().filter(|(_, file)| file.kind == kind).count();
        let view = LiveView {
            revision: report.revision.clone(),
            loaded_at: Some(report.loaded_at),
            flows: count(SourceKind::Flow),
            scripts: count(SourceKind::Script),
            warnings: running.warnings.clone(),
            refused: report.refused.as_ref().map(refused_view),
        };
        self.view.send_if_modified(|shown| {
            let news = **shown != view;
            *shown = Arc::new(view);
            news
        });
    }
}

fn run(sources: &Sources, before: Option<&Program>) -> (Option<Running>, Vec<Diagnostic>) {
    let (program, diagnostics) = flow::compile_after(sources, before);
    let running = program.map(|program| {
        let hosts = Arc::new(program.hosts().clone());
        Running { program, hosts, warnings: list(render_json(sources, &diagnostics)) }
    });
    (running, diagnostics)
}

fn refused_view(report: &RefusedReport) -> RefusedView {
    RefusedView {
        at: report.at,
        revision: report.revision.clone(),
        errors: report.errors,
        report: report.human.clone(),
        diagnostics: list(report.json.clone()),
    }
}

fn list(json: serde_json::Value) -> Vec<serde_json::Value> {
    match json {
        serde_json::Value::Array(items) => items,
        other => vec![other],
    }
}

/// Each outcome once: the log gets a line, and whoever wrote the mistake the whole of it.
fn tell(reloaded: &Reloaded<Running>, began: Instant) {
    match reloaded {
        Reloaded::Unchanged => {}
        Reloaded::Applied { before, after, revision, warnings } => {
            let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            tracing::info!(revision, took_ms, "reloaded: {}", changes(before.program.sources(), after.program.sources()));
            eprint!("{warnings}");
        }
        Reloaded::Restored { revision } => tracing::info!(revision, "the project is again the one that runs"),
        Reloaded::Refused(report) => {
            eprint!("{}", report.human);
            tracing::warn!(revision = report.revision, errors = report.errors, "not reloaded; what ran before runs on");
        }
        Reloaded::Unreadable { message } => tracing::warn!("not reloaded, what ran before runs on: {message}"),
    }
}

/// The files that came, went or changed, the first few by name.
fn changes(before: &Sources, after: &Sources) -> String {
    let came = after.iter().filter_map(|(_, file)| match before.at(&file.path) {
        None => Some(format!("{} is new", file.path)),
        Some(was) => (was.text != file.text).then(|| format!("{} changed", file.path)),
    });
    let went = before.iter().filter(|(_, file)| after.at(&file.path).is_none()).map(|(_, file)| format!("{} is gone", file.path));
    let mut told: Vec<String> = came.chain(went).collect();
    let more = told.len().saturating_sub(FILES_NAMED_MAX);
    told.truncate(FILES_NAMED_MAX);
    if more > 0 {
        told.push(format!("{more} more"));
    }
    told.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_saved_before_the_watch_begins_goes_live() {
        let dir = tempfile::tempdir().expect("a directory");
        let save = |text: &str| {
            let flow = format!("buttonhook: 1\nflow: a\nstart: {{words: [hi]}}\nsteps:\n  only: {{say: {text}, end: done}}\n");
            std::fs::create_dir_all(dir.path().join("flows")).expect("a directory");
            std::fs::write(dir.path().join("flows/a.yaml"), flow).expect("a file");
        };
        save("One");
        let clock = Clock::system();
        let project = Project::load(dir.path().to_owned(), &clock).await.expect("it is right");
        let mut view = project.view();
        let first = view.borrow_and_update().revision.clone();
        save("Two");
        let (stop, stopped) = watch::channel(false);
        let watching = tokio::spawn(project.clone().watch(clock, stopped));
        let changed = tokio::time::timeout(std::time::Duration::from_secs(2), view.changed()).await;
        assert!(changed.is_ok(), "it was never noticed");
        assert_ne!(view.borrow().revision, first);
        stop.send_replace(true);
        watching.await.expect("the watch ends");
    }

    #[test]
    fn a_reload_names_the_files_that_came_went_and_changed() {
        let before = Sources::from_texts([("flows/a.yaml", "1"), ("flows/b.yaml", "2"), ("scripts/c.rhai", "3")]);
        let after = Sources::from_texts([("flows/a.yaml", "1"), ("flows/b.yaml", "changed"), ("flows/d.yaml", "4")]);
        assert_eq!(changes(&before, &after), "flows/b.yaml changed, flows/d.yaml is new, scripts/c.rhai is gone");
    }

    #[test]
    fn many_changes_are_counted() {
        let names: Vec<String> = (0..8).map(|index| format!("flows/f{index}.yaml")).collect();
        let after = Sources::from_texts(names.iter().map(|name| (name.as_str(), "")));
        assert!(changes(&Sources::default(), &after).ends_with("flows/f4.yaml is new, 3 more"));
    }
}
