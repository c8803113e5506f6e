//! Notices that a project changed. The only file that knows the watching crate.
//!
//! It watches directories, never files: editors and deploys replace files, and a watch on a replaced file is deaf. What it
//! says is only "look again": whoever hears it compares contents, so a false alarm costs a read and nothing else. A slow
//! rescan catches what no event tells (a directory replaced far above, a network file system, a queue that overflowed).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode, Event, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task;
use tokio::time::{Instant, sleep, timeout};

use super::listing::{DATA, FLOWS, SCRIPTS, TESTS, fingerprint};

/// A burst of events is over when nothing came for this long.
const QUIET: Duration = Duration::from_millis(100);
/// A burst that does not end is taken as it is after this long.
const CEILING: Duration = Duration::from_secs(1);
/// How often everything is looked at without an event.
const RESCAN_EVERY: Duration = Duration::from_secs(3);
/// Wake-ups that may wait: one says as much as many.
const WAKE_UPS_MAX: usize = 1;

/// Why a project cannot be watched at all.
#[derive(Debug, thiserror::Error)]
#[error("`{}` cannot be watched: {source}. Name the project by a path that can be reached", path.display())]
pub struct WatchError {
    path: PathBuf,
    source: io::Error,
}

/// Watches one project.
#[derive(Debug)]
pub struct Watcher {
    root: PathBuf,
    /// Watches while it lives; nothing when the system refuses, then the rescan alone finds changes.
    events: Option<RecommendedWatcher>,
    targets: Vec<Target>,
    signal: Arc<Signal>,
    wake_ups: Receiver<()>,
    fingerprint: u64,
    /// A wake-up was taken, but nobody was told yet.
    owed: bool,
}

/// How the watching crate's thread reaches us.
#[derive(Debug)]
struct Signal {
    wake: Sender<()>,
    /// A directory itself came, went or was replaced, or events were lost: watch everything anew.
    stale: AtomicBool,
}

/// A directory that is watched.
#[derive(Debug, Clone, PartialEq)]
struct Target {
    path: PathBuf,
    /// Whether all below it counts, too.
    deep: bool,
    /// Which directory this was, so that one put in its place is told from it.
    number: Option<u64>,
}

impl Watcher {
    /// Begins to watch the project at `root`, which need not exist yet.
    ///
    /// # Errors
    /// When `root` is relative and the current directory is gone.
    pub fn new(root: &Path) -> Result<Self, WatchError> {
        let root = std::path::absolute(root).map_err(|source| WatchError { path: root.to_owned(), source })?;
        let (wake, wake_ups) = mpsc::channel(WAKE_UPS_MAX);
        let signal = Arc::new(Signal { wake, stale: AtomicBool::new(false) });
        let mut watcher = Self { root, events: None, targets: Vec::new(), signal, wake_ups, fingerprint: 0, owed: false };
        watcher.watch_anew();
        watcher.fingerprint = fingerprint(&watcher.root);
        Ok(watcher)
    }

    /// Whether events are heard; if not, changes are found within a few seconds by looking.
    pub fn hears_events(&self) -> bool {
        self.events.is_some()
    }

    /// Waits until something may have changed and the burst of changes is over. Dropped before it is done, it forgets nothing.
    pub async fn changed(&mut self) {
        loop {
            if self.owed || matches!(timeout(RESCAN_EVERY, self.wake_ups.recv()).await, Ok(Some(()))) {
                self.owed = true;
                self.settle().await;
            }
            let targets = targets(&self.root);
            if self.signal.stale.swap(false, Ordering::AcqRel) || targets != self.targets || self.events.is_none() {
                self.watch_anew();
            }
            // Taken before anyone reads the files: what changes while they are read is found by the next look.
            let root = self.root.clone();
            let seen = task::spawn_blocking(move || fingerprint(&root)).await.unwrap_or_default();
            if self.owed || seen != self.fingerprint {
                self.fingerprint = seen;
                self.owed = false;
                return;
            }
        }
    }

    /// Waits for the end of a burst.
    async fn settle(&mut self) {
        let ceiling = Instant::now() + CEILING;
        while Instant::now() < ceiling {
            match timeout(QUIET, self.wake_ups.recv()).await {
                Ok(Some(())) => {}
                // The sender lives in `signal`, so the channel is never closed; were it, this must not spin.
                Ok(None) => sleep(QUIET).await,
                Err(_) => return,
            }
        }
    }

    /// Replaces the watch by one on the directories that are there now.
    fn watch_anew(&mut self) {
        self.events = None;
        self.targets = targets(&self.root);
        let signal = self.signal.clone();
        let names = Names::of(&self.root);
        let Ok(mut events) = notify::recommended_watcher(move |event| hear(&signal, &names, event)) else { return };
        let mut heard = false;
        for target in &self.targets {
            let mode = if target.deep { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
            match events.watch(&target.path, mode) {
                Ok(()) => heard = true,
                // It vanished meanwhile, or the system's limit of watches is reached: the rescan stands in.
                Err(_) => self.signal.stale.store(target.path.exists(), Ordering::Release),
            }
        }
        self.events = heard.then_some(events);
    }
}

/// The names by which events are told from noise: a project's root may hold the store, its parent anything.
struct Names {
    /// Directories that may be replaced as a whole.
    whole: Vec<PathBuf>,
    /// Directories of which everything counts.
    inside: Vec<PathBuf>,
    /// The root, in which mounted configuration is swapped by a name that begins with two dots.
    root: PathBuf,
}

impl Names {
    fn of(root: &Path) -> Self {
        let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let named = [root.join(FLOWS), root.join(SCRIPTS), root.join(SCRIPTS).join(DATA), root.join(TESTS)];
        let mut whole = vec![real(root)];
        whole.extend(link(root));
        let mut inside = Vec::new();
        for path in named {
            inside.push(real(&path));
            let below = path.strip_prefix(root).map_or_else(|_| path.clone(), |below| real(root).join(below));
            whole.extend([below, real(&path), path]);
        }
        Self { whole, inside, root: real(root) }
    }

    fn is_whole(&self, path: &Path) -> bool {
        let swapped =
            || path.parent() == Some(&self.root) && path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(".."));
        self.whole.iter().any(|whole| whole == path) || swapped()
    }

    fn is_inside(&self, path: &Path) -> bool {
        self.inside.iter().any(|inside| path.starts_with(inside))
    }
}

/// Takes an event on the watching crate's thread.
fn hear(signal: &Signal, names: &Names, event: notify::Result<Event>) {
    let wanted = match &event {
        // After trouble anything may have happened.
        Err(_) => true,
        Ok(event) if event.need_rescan() => true,
        Ok(event) => counts(event.kind) && event.paths.iter().any(|path| names.is_inside(path) || names.is_whole(path)),
    };
    if !wanted {
        return;
    }
    let whole = event.map_or(true, |event| event.need_rescan() || event.paths.iter().any(|path| names.is_whole(path)));
    if whole {
        signal.stale.store(true, Ordering::Release);
    }
    // A full channel holds a wake-up that nobody took yet: it will see this change as well.
    let _ = signal.wake.try_send(());
}

/// Whether an event of this kind can mean other contents. Opening and reading a file are events too, and we read ours.
fn counts(kind: EventKind) -> bool {
    match kind {
        EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) => true,
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        EventKind::Any | EventKind::Other => false,
    }
}

/// The directories to watch: flows and scripts where they really are, the root and its parent for when those are replaced.
fn targets(root: &Path) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    let mut add = |path: Option<PathBuf>, deep: bool| {
        let Some(path) = path.filter(|path| path.is_dir()) else { return };
        if !targets.iter().any(|target| target.path == path) {
            let number = number(&path);
            targets.push(Target { path, deep, number });
        }
    };
    let real = fs::canonicalize(root).ok();
    add(root.join(FLOWS).canonicalize().ok(), true);
    add(root.join(SCRIPTS).canonicalize().ok(), false);
    add(root.join(SCRIPTS).join(DATA).canonicalize().ok(), false);
    add(root.join(TESTS).canonicalize().ok(), false);
    add(real.clone(), false);
    add(real.as_deref().and_then(Path::parent).map(Path::to_owned), false);
    add(link(root).as_deref().and_then(Path::parent).map(Path::to_owned), false);
    targets
}

/// The root by its own name, should it be a link, in a directory named as it really is. Watching one directory under two
/// names would make the system report its events under either.
fn link(root: &Path) -> Option<PathBuf> {
    Some(fs::canonicalize(root.parent()?).ok()?.join(root.file_name()?))
}

#[cfg(unix)]
fn number(path: &Path) -> Option<u64> {
    use std::os::unix::fs::MetadataExt;
    fs::metadata(path).ok().map(|facts| facts.ino())
}

#[cfg(not(unix))]
fn number(_: &Path) -> Option<u64> {
    None
}
