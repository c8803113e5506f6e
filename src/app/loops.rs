//! The loops around the runtime's functions.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::project::Project;
use super::stop::stopped;
use crate::flow::button::Signer;
use crate::model::Timestamp;
use crate::runtime::{
    CONTACTS_PER_CLAIM_MAX, Clock, Meter, Requests, SENDS_IN_FLIGHT_MAX, Sender, Took, Wakes, hand_out_some, sleep_until_some,
    take_some,
};
use crate::store::{Store, StoreError};

/// Lanes at work. Turns are pure computation, and while one commit waits for the disk the others compute.
pub const LANES: usize = 3;
/// The waits after the store failed: they double from the first to the last, so a full disk that was freed is noticed soon.
const STORE_WAIT_MIN: Duration = Duration::from_millis(100);
const STORE_WAIT_MAX: Duration = Duration::from_secs(2);

/// How long schedules wait for the lanes to catch up.
const HELD_BACK_WAIT: Duration = Duration::from_millis(50);

/// What the loops work with.
pub(super) struct Parts {
    pub(super) store: Arc<dyn Store>,
    pub(super) project: Project,
    pub(super) signer: Signer,
    pub(super) sender: Sender,
    pub(super) requests: Requests,
    pub(super) clock: Clock,
    pub(super) wakes: Arc<Wakes>,
    pub(super) meter: Arc<Meter>,
}

/// Loops under way.
pub(super) struct Loops(JoinSet<()>);

impl Loops {
    /// Returns when every loop has finished what it was doing.
    pub(super) async fn finish(mut self) {
        while let Some(ended) = self.0.join_next().await {
            super::say::ended(ended);
        }
    }
}

/// Starts the lanes, the outbox, the requests and the watch over the project; they end soon after `stop` becomes true.
pub(super) fn start(parts: Parts, stop: &watch::Receiver<bool>) -> Loops {
    let mut loops = JoinSet::new();
    let Parts { store, project, signer, sender, requests, clock, wakes, meter } = parts;
    for _ in 0..LANES {
        let lane = Lane {
            store: store.clone(),
            project: project.clone(),
            signer: signer.clone(),
            clock: clock.clone(),
            wakes: wakes.clone(),
            meter: meter.clone(),
        };
        loops.spawn(lane.run(stop.clone()));
    }
    loops.spawn(super::pulse::beat(store.clone(), clock.clone(), stop.clone()));
    loops.spawn(schedules(
        Scheduler { store, project: project.clone(), clock: clock.clone(), wakes: wakes.clone() },
        stop.clone(),
    ));
    loops.spawn(outbox(sender, clock.clone(), wakes.clone(), stop.clone()));
    loops.spawn(super::requests::run(requests, clock.clone(), wakes, stop.clone()));
    loops.spawn(project.watch(clock, stop.clone()));
    Loops(loops)
}

struct Lane {
    store: Arc<dyn Store>,
    project: Project,
    signer: Signer,
    clock: Clock,
    wakes: Arc<Wakes>,
    meter: Arc<Meter>,
}

impl Lane {
    async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut trouble = Trouble::default();
        while !*stop.borrow() {
            // The turns of one claim all run on the program that was live when they began.
            let program = self.project.program();
            let took = take_some(&*self.store, &*program, &self.signer, self.clock.now(), CONTACTS_PER_CLAIM_MAX).await;
            match took {
                Ok(took) if took.contacts > 0 => {
                    self.meter.note_turns(took.turns, took.faults, took.fenced);
                    trouble.is_over();
                    self.pass_on(took);
                }
                Ok(took) => {
                    trouble.is_over();
                    self.rest(took.next_due, &mut stop).await;
                }
                Err(error) => trouble.wait("turns", &error, &mut stop).await,
            }
        }
    }

    fn pass_on(&self, took: Took) {
        if took.sends > 0 {
            self.wakes.outbox.notify_one();
        }
        if took.requests > 0 {
            self.wakes.requests.notify_one();
        }
        // A full claim means that more may wait than this lane can carry.
        if took.contacts == CONTACTS_PER_CLAIM_MAX {
            self.wakes.lanes.notify_one();
        }
    }

    async fn rest(&self, next_due: Option<Timestamp>, stop: &mut watch::Receiver<bool>) {
        tokio::select! {
            () = self.wakes.lanes.notified() => {}
            () = sleep_until_some(&self.clock, next_due) => {}
            () = stopped(stop) => {}
        }
    }
}

/// What the schedules' loop works with.
struct Scheduler {
    store: Arc<dyn Store>,
    project: Project,
    clock: Clock,
    wakes: Arc<Wakes>,
}

/// Hands out what schedules bring, as it comes round; a reload may bring others.
async fn schedules(scheduler: Scheduler, mut stop: watch::Receiver<bool>) {
    let Scheduler { store, project, clock, wakes } = scheduler;
    let mut view = project.view();
    let mut trouble = Trouble::default();
    while !*stop.borrow() {
        view.borrow_and_update();
        let came = hand_out_some(&*store, project.program().program(), clock.now()).await;
        let came = match came {
            Ok(came) => came,
            Err(error) => {
                trouble.wait("schedules", &error, &mut stop).await;
                continue;
            }
        };
        trouble.is_over();
        if came.mailed > 0 {
            wakes.lanes.notify_one();
        }
        if came.more && !came.held_back {
            continue;
        }
        let again = async {
            match came.held_back {
                true => tokio::time::sleep(HELD_BACK_WAIT).await,
                false => sleep_until_some(&clock, came.next_due).await,
            }
        };
        tokio::select! {
            () = again => {}
            // Its end means that the project is gone, and so are we soon.
            Ok(()) = view.changed() => {}
            () = stopped(&mut stop) => {}
        }
    }
}

/// Sends what is due, several at once. When it is stopped it starts nothing more and waits for what is under way.
async fn outbox(sender: Sender, clock: Clock, wakes: Arc<Wakes>, mut stop: watch::Receiver<bool>) {
    let mut under_way: JoinSet<()> = JoinSet::new();
    let mut trouble = Trouble::default();
    while !*stop.borrow() {
        // All that have ended make room, not only the one that woke us: each claim is a commit and should carry many.
        while let Some(ended) = under_way.try_join_next() {
            super::say::ended(ended);
        }
        let free = SENDS_IN_FLIGHT_MAX - under_way.len();
        let claimed = if free > 0 { sender.claim(free).await.map(Some) } else { Ok(None) };
        let next_due = match claimed {
            Ok(Some(claimed)) => {
                trouble.is_over();
                for send in claimed.sends {
                    let sender = sender.clone();
                    under_way.spawn(async move { drop(sender.attempt(send).await) });
                }
                claimed.next_due
            }
            Ok(None) => None,
            Err(error) => {
                trouble.wait("sends", &error, &mut stop).await;
                continue;
            }
        };
        tokio::select! {
            () = wakes.outbox.notified() => {}
            () = sleep_until_some(&clock, next_due) => {}
            // A settled send may make its contact's next one due.
            Some(ended) = under_way.join_next() => super::say::ended(ended),
            () = stopped(&mut stop) => {}
        }
    }
    while let Some(ended) = under_way.join_next().await {
        super::say::ended(ended);
    }
}

/// The store's trouble as one loop sees it: told once, waited out longer and longer.
#[derive(Default)]
pub(super) struct Trouble {
    wait: Option<Duration>,
}

impl Trouble {
    pub(super) fn is_over(&mut self) {
        if self.wait.take().is_some() {
            tracing::info!("the store works again");
        }
    }

    pub(super) async fn wait(&mut self, what: &'static str, error: &StoreError, stop: &mut watch::Receiver<bool>) {
        let wait = self.wait.map_or(STORE_WAIT_MIN, |wait| (wait * 2).min(STORE_WAIT_MAX));
        if self.wait.is_none() && !matches!(error, StoreError::Busy) {
            tracing::error!(%error, "no {what} until the store works again");
        }
        self.wait = Some(wait);
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = stopped(stop) => {}
        }
    }
}
