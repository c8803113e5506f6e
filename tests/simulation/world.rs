//! One world: people, webhooks, a process that runs the real runtime, and a provider. Everything happens in one thread, one move
//! at a time, and chance decides who moves: which task goes on, what arrives, what fails, when the process dies.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use buttonhook::flow::button::Signer;
use buttonhook::model::{AttachmentKind, Content, Delivery, EventId, Inbound, Phone, SendKey, Sender as Person, Timestamp, time};
use buttonhook::runtime::{CONTACTS_PER_CLAIM_MAX, Clock, Intake, Pace, PairPace, Sender, Took, Wakes, take_some};
use buttonhook::store::{ClaimedSends, Store, StoreError, Verdict};

use super::bugs::Bug;
use super::chaos::{Chaos, Watch};
use super::counts::Counts;
use super::memory::Memory;
use super::network::{Arrived, Network};
use super::project::editions;
use super::random::Random;
use super::witness::Witness;
use crate::store::{EmbeddedPlace, Place};

/// When every world begins.
const START_MS: i64 = 1_800_000_000_000;
const PEOPLE: u64 = 7;
/// Webhooks that were answered and may come again.
const ANSWERED_KEPT: usize = 64;
/// How late a webhook may come again: providers repeat for 7 days.
const REPEATED_FOR_MS: i64 = 8 * 24 * 60 * 60 * 1000;
const LANES: usize = 3;
/// Rounds in which everything must have come to rest.
const ROUNDS_MAX: usize = 20_000;

/// Where the store is.
pub enum Disk {
    Model(Arc<Memory>),
    Embedded(Box<EmbeddedPlace>, Arc<dyn Store>),
}

impl Disk {
    pub fn embedded(place: Box<EmbeddedPlace>) -> Self {
        let store = wait(place.open());
        Disk::Embedded(place, store)
    }

    fn store(&self) -> Arc<dyn Store> {
        match self {
            Disk::Model(memory) => Arc::clone(memory) as Arc<dyn Store>,
            Disk::Embedded(_, store) => Arc::clone(store),
        }
    }

    /// What is there after the process was killed.
    fn crash(self) -> Self {
        match self {
            Disk::Model(memory) => Disk::Model(memory.crash()),
            Disk::Embedded(place, store) => {
                let store = wait(place.crash(store));
                Disk::Embedded(place, store)
            }
        }
    }
}

/// Polls until it is done. Only what waits for a thread of the store is waited for this way; never inside of an async runtime,
/// which has its own ideas of how often a task may be polled.
fn wait<T>(work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => return done,
            Poll::Pending => std::thread::yield_now(),
        }
    }
}

enum Done {
    Took(Result<Took, StoreError>),
    Claimed(Result<ClaimedSends, StoreError>),
    Attempted(SendKey),
    /// Whether it was answered 200.
    Answered(bool),
    Ruled,
}

#[derive(PartialEq, Clone, Copy)]
enum Kind {
    Lane,
    Claim,
    Attempt,
    Webhook,
    Ruling,
}

struct Task {
    kind: Kind,
    /// What a webhook carries, which comes again when nobody answers it.
    carries: Vec<Delivery>,
    work: Pin<Box<dyn Future<Output = Done>>>,
}

/// What dies in a crash.
struct Process {
    clock: Clock,
    store: Arc<Chaos>,
    intake: Intake,
    sender: Sender,
    tasks: Vec<Task>,
}

pub struct World {
    random: Arc<Random>,
    watch: Arc<Watch>,
    network: Arc<Network>,
    bug: Option<Bug>,
    disk: Option<Disk>,
    process: Process,
    edition: usize,
    events: u64,
    /// Webhooks that the provider still has to deliver.
    pending: Vec<Delivery>,
    answered: Vec<(Timestamp, Delivery)>,
    last_took: Option<Took>,
    /// How many sends the last claim gave, and when to look again.
    last_claimed: Option<(usize, Option<Timestamp>)>,
}

impl World {
    pub fn new(seed: u64, bug: Option<Bug>, disk: Disk) -> Self {
        let random = Arc::new(Random::new(seed));
        let watch = Arc::<Watch>::default();
        let network = Network::new(watch.clone(), random.clone());
        let clock = Clock::manual(time::from_millis(START_MS));
        let process = Process::start(disk.store(), clock, &watch, &network, &random);
        Self {
            random,
            watch,
            network,
            bug,
            disk: Some(disk),
            process,
            edition: 0,
            events: 0,
            pending: Vec::new(),
            answered: Vec::new(),
            last_took: None,
            last_claimed: None,
        }
    }

    /// Plays so many moves and then lets everything come to rest.
    ///
    /// # Errors
    /// The first promise that was broken, and after which move.
    pub fn play(mut self, moves: u64) -> Result<Counts, String> {
        for number in 0..moves {
            self.one_move();
            self.watch.ledger().counts.moves += 1;
            if let Some(broken) = self.watch.broken() {
                return Err(format!("after move {number}: {broken}"));
            }
        }
        self.calm_down();
        self.come_to_rest()?;
        // Whoever writes now is answered, as if nothing had ever happened.
        let before: Vec<u64> = (0..PEOPLE).map(|who| self.watch.ledger().arrived_at(&number(who))).collect();
        for who in 0..PEOPLE {
            let content = Content::Typed { text: "hi".to_owned() };
            let delivery = self.delivery(who, content);
            self.post(vec![delivery]);
        }
        self.come_to_rest()?;
        for (who, before) in (0..PEOPLE).zip(before) {
            if self.watch.ledger().arrived_at(&number(who)) <= before {
                return Err(format!("at the end: {} writes and is not answered", number(who)));
            }
        }
        Ok(self.watch.ledger().counts)
    }

    fn one_move(&mut self) {
        match self.random.roll(200) {
            0..24 => self.somebody_acts(),
            24..46 => self.deliver(),
            46..76 => self.start_lane(),
            76..106 => self.start_claim(),
            106..146 => self.go_on(),
            146..186 => drop(self.network.answer_one()),
            186..196 => self.let_time_pass(),
            196..198 => {
                self.edition = 1 - self.edition;
                self.watch.ledger().counts.reloads += 1;
            }
            198 if self.random.one_in(2) => self.crash(),
            199 => self.rule(),
            _ => self.go_on(),
        }
    }

    // People.

    fn somebody_acts(&mut self) {
        const WORDS: [&str; 10] = ["hi", "survey", "4", "because", "stop", "order", "prices", "Yes please", "nonsense", "9"];
        let who = self.random.roll(PEOPLE);
        let phone = self.network.on_phone(&number(who));
        let content = match self.random.roll(12) {
            0..3 => Content::Typed { text: (*self.random.pick(&WORDS)).to_owned() },
            3..8 if !phone.is_empty() => return self.tap(who, &phone),
            8 => Content::Tapped { id: Some("not/ours/at~all~x".to_owned()), title: "Order".to_owned(), on: None },
            9 => Content::Tapped { id: None, title: "Prices".to_owned(), on: None },
            10 => Content::Attached { kind: AttachmentKind::Image, caption: String::new(), details: Default::default() },
            _ => Content::Typed { text: "hi".to_owned() },
        };
        let delivery = self.delivery(who, content);
        self.pending.push(delivery);
    }

    /// Mostly on the newest menu, now and then on an old one, and some fingers press twice.
    fn tap(&mut self, who: u64, phone: &[Arrived]) {
        let menus: Vec<&Arrived> = phone.iter().filter(|arrived| !arrived.buttons.is_empty()).collect();
        let Some(newest) = menus.last() else { return };
        let menu = if self.random.one_in(4) { *self.random.pick(&menus) } else { *newest };
        let button = self.random.pick(&menu.buttons);
        let content = Content::Tapped { id: Some(button.id.clone()), title: button.title.clone(), on: Some(menu.id.clone()) };
        let first = self.delivery(who, content.clone());
        if self.random.one_in(4) {
            let second = self.delivery(who, content);
            self.post(vec![first, second]);
        } else {
            self.pending.push(first);
        }
    }

    fn delivery(&mut self, who: u64, content: Content) -> Delivery {
        self.events += 1;
        let sender = Person { phone: Phone::parse(&number(who)), name: format!("Person {who}"), ..Person::default() };
        Delivery::Message(Inbound { id: EventId(format!("wamid.in.{}", self.events)), sender, sent_at: None, content })
    }

    /// Somebody at the desk says what becomes of a send in doubt.
    fn rule(&mut self) {
        let asked = self.watch.ledger().questions();
        if asked.is_empty() {
            return;
        }
        let key = self.random.pick(&asked).clone();
        let verdict = if self.random.one_in(2) { Verdict::Resend } else { Verdict::Drop };
        let sender = self.process.sender.clone();
        self.start(Kind::Ruling, vec![], async move {
            // One that failed is said again, or never.
            drop(sender.rule(key, verdict).await);
            Done::Ruled
        });
    }

    // Webhooks.

    /// Some of what is pending, in any order, with doubles among it and old ones that were answered long ago.
    fn deliver(&mut self) {
        let mut batch = Vec::new();
        for _ in 0..1 + self.random.roll(3) {
            if !self.pending.is_empty() && batch.len() < 4 {
                let at = self.random.roll(self.pending.len() as u64) as usize;
                batch.push(self.pending.swap_remove(at));
            }
        }
        if !batch.is_empty() && self.random.one_in(8) {
            batch.push(batch[0].clone());
        }
        if !self.answered.is_empty() && self.random.one_in(5) {
            let (at, delivery) = self.random.pick(&self.answered);
            let age = time::millis(self.process.clock.now()) - time::millis(*at);
            if age.abs() < REPEATED_FOR_MS {
                batch.push(delivery.clone());
            }
        }
        if !batch.is_empty() {
            self.post(batch);
        }
    }

    fn post(&mut self, batch: Vec<Delivery>) {
        let intake = self.process.intake.clone();
        let copy = batch.clone();
        self.start(Kind::Webhook, batch, async move {
            let taken = intake.take_in(copy).await;
            Done::Answered(taken.is_ok())
        });
    }

    // The loops, as `app/loops.rs` runs them, except that chance wakes them.

    fn start_lane(&mut self) {
        if self.under_way(Kind::Lane) >= LANES {
            return;
        }
        let clock_now = self.process.clock.now();
        let witness = Witness::new(editions()[self.edition].clone(), self.bug, self.watch.clone(), clock_now);
        let early = if self.bug == Some(Bug::TimersEarly) { 5_000 } else { 0 };
        let now = time::after(clock_now, early);
        let store = self.process.store.clone();
        let most = 1 + self.random.roll(CONTACTS_PER_CLAIM_MAX as u64) as usize;
        self.start(Kind::Lane, vec![], async move {
            let signer = Signer::new(b"the key of this world");
            Done::Took(take_some(&*store, &witness, &signer, now, most).await)
        });
    }

    fn start_claim(&mut self) {
        if self.under_way(Kind::Claim) > 0 {
            return;
        }
        let sender = self.process.sender.clone();
        let most = 1 + self.random.roll(8) as usize;
        self.start(Kind::Claim, vec![], async move { Done::Claimed(sender.claim(most).await) });
    }

    fn under_way(&self, kind: Kind) -> usize {
        self.process.tasks.iter().filter(|task| task.kind == kind).count()
    }

    /// A task goes as far as it can at once, like one that was just spawned.
    fn start(&mut self, kind: Kind, carries: Vec<Delivery>, work: impl Future<Output = Done> + 'static) {
        self.process.tasks.push(Task { kind, carries, work: Box::pin(work) });
        self.poll(self.process.tasks.len() - 1);
    }

    fn go_on(&mut self) {
        let tasks = self.process.tasks.len() as u64;
        if tasks > 0 {
            self.poll(self.random.roll(tasks) as usize);
        }
    }

    fn poll(&mut self, at: usize) {
        let done = loop {
            let task = &mut self.process.tasks[at];
            match task.work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(done) => break done,
                Poll::Pending if self.process.store.is_busy() => std::thread::yield_now(),
                Poll::Pending => return,
            }
        };
        let task = self.process.tasks.swap_remove(at);
        match done {
            Done::Took(took) => self.last_took = took.ok(),
            Done::Claimed(Ok(claimed)) => {
                self.last_claimed = Some((claimed.sends.len(), claimed.next_due));
                for send in claimed.sends {
                    let sender = self.process.sender.clone();
                    let key = send.key.clone();
                    self.start(Kind::Attempt, vec![], async move {
                        sender.attempt(send).await;
                        Done::Attempted(key)
                    });
                }
            }
            Done::Claimed(Err(_)) => self.last_claimed = None,
            Done::Attempted(key) => self.watch.ledger().attempt_over(&key),
            Done::Ruled => {}
            Done::Answered(ok) => self.answered(task.carries, ok),
        }
    }

    fn answered(&mut self, batch: Vec<Delivery>, ok: bool) {
        if !ok {
            // The provider comes again.
            self.pending.extend(batch);
            return;
        }
        let now = self.process.clock.now();
        for delivery in batch {
            let Delivery::Message(inbound) = &delivery else { continue };
            if !self.watch.ledger().knows(&inbound.id.0) {
                self.watch.judge(Err(format!("{} was answered 200 and is not accepted", inbound.id)));
            }
            self.answered.push((now, delivery));
        }
        let surplus = self.answered.len().saturating_sub(ANSWERED_KEPT);
        self.answered.drain(..surplus);
    }

    // Time and death.

    fn let_time_pass(&mut self) {
        let by_ms = match self.random.roll(400) {
            0 => self.random.roll(8 * 24 * 3_600_000),
            1..8 => self.random.roll(30 * 3_600_000),
            8..60 => self.random.roll(20 * 60_000),
            60..200 => self.random.roll(20_000),
            _ => self.random.roll(700),
        };
        self.watch.ledger().counts.jumps += 1;
        self.process.clock.advance(Duration::from_millis(by_ms));
    }

    /// `kill -9`. The next process may find the clock set back.
    fn crash(&mut self) {
        let mut now = time::millis(self.process.clock.now());
        if self.random.one_in(5) {
            now -= self.random.roll(if self.random.one_in(4) { 24 * 3_600_000 } else { 3_600_000 }) as i64;
            self.watch.ledger().counts.set_back += 1;
        }
        for task in std::mem::take(&mut self.process.tasks) {
            self.pending.extend(task.carries);
        }
        self.watch.ledger().crashed();
        let disk = self.disk.take().expect("there is always a disk").crash();
        let clock = Clock::manual(time::from_millis(now));
        self.process = Process::start(disk.store(), clock, &self.watch, &self.network, &self.random);
        self.disk = Some(disk);
        (self.last_took, self.last_claimed) = (None, None);
    }

    fn calm_down(&mut self) {
        self.process.store.calm.store(true, Ordering::Relaxed);
        self.network.behaves.store(true, Ordering::Relaxed);
        let pending = std::mem::take(&mut self.pending);
        for delivery in pending {
            self.post(vec![delivery]);
        }
    }

    /// Lets the loops run by what they are told alone: work until there is none, then sleep until the moment they were given. A
    /// moment that is missing or wrong leaves something undone for ever.
    fn come_to_rest(&mut self) -> Result<(), String> {
        for _ in 0..ROUNDS_MAX {
            self.finish_tasks()?;
            if !self.pending.is_empty() {
                let pending = std::mem::take(&mut self.pending);
                self.post(pending);
                continue;
            }
            self.start_lane();
            self.finish_tasks()?;
            let took = self.last_took.ok_or("a lane fails although all is calm")?;
            self.start_claim();
            self.finish_tasks()?;
            let (sends, sends_due) = self.last_claimed.ok_or("the outbox fails although all is calm")?;
            if took.contacts > 0 || sends > 0 {
                continue;
            }
            let Some(next) = took.next_due.into_iter().chain(sends_due).min() else {
                let stats = wait(self.process.store.stats(self.process.clock.now())).map_err(|error| error.to_string())?;
                let mut ledger = self.watch.ledger();
                let verdict = ledger.at_rest().and_then(|()| ledger.agrees(&stats));
                return verdict.map_err(|broken| format!("at rest: {broken}"));
            };
            let wait_ms = time::millis(next) - time::millis(self.process.clock.now());
            self.process.clock.advance(Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0)));
        }
        Err("it never comes to rest".to_owned())
    }

    fn finish_tasks(&mut self) -> Result<(), String> {
        for _ in 0..ROUNDS_MAX {
            for at in (0..self.process.tasks.len()).rev() {
                if at < self.process.tasks.len() {
                    self.poll(at);
                }
            }
            if let Some(broken) = self.watch.broken() {
                return Err(format!("at the end: {broken}"));
            }
            if self.process.tasks.is_empty() {
                return Ok(());
            }
            if !self.network.answer_one() {
                // Somebody waits before trying the store again.
                self.process.clock.advance(Duration::from_millis(100));
            }
        }
        Err("a task never ends".to_owned())
    }
}

impl Process {
    fn start(store: Arc<dyn Store>, clock: Clock, watch: &Arc<Watch>, network: &Arc<Network>, random: &Arc<Random>) -> Self {
        let fails_one_in = 20 + random.roll(200);
        let store = Chaos::new(store, watch.clone(), random.clone(), fails_one_in);
        let shared: Arc<dyn Store> = store.clone();
        let intake = Intake::new(shared.clone(), clock.clone(), Arc::new(Wakes::default()));
        let pace = if random.one_in(2) { Pace::unlimited() } else { Pace::per_minute(std::num::NonZeroU32::new(600).unwrap()) };
        let rests = PairPace::new(Duration::from_secs(6), std::num::NonZeroU32::new(3).unwrap());
        let pairs = if random.one_in(2) { PairPace::off() } else { rests };
        let sender = Sender::new(shared, network.line(clock.clone()), clock.clone(), pace).with_pairs(pairs);
        Self { clock, store, intake, sender, tasks: Vec::new() }
    }
}

fn number(who: u64) -> String {
    format!("1555010{who:04}")
}
