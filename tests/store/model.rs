//! Random operations against a simple model in memory, with crashes in between. A failure names its seed; set
//! `BUTTONHOOK_SEED` to see that one alone.

use std::collections::{BTreeMap, BTreeSet};

use buttonhook::model::{ContactId, Refusal};
use buttonhook::store::Stats;

use super::*;

const SEEDS: u64 = 24;
const MOVES: usize = 160;
const PEOPLE: usize = 5;
const SHORT_LEASE_MS: u64 = 40;

on_every_store! { random_operations_agree_with_a_model }

async fn random_operations_agree_with_a_model(place: &dyn Place) {
    let chosen = std::env::var("BUTTONHOOK_SEED").ok().map(|seed| seed.parse().unwrap());
    let seeds = chosen.map_or(1..=SEEDS, |seed: u64| seed..=seed);
    for seed in seeds {
        let _named = Named(seed);
        // Games follow each other in one store, each with people of its own.
        Game::new(place, seed).await.play().await;
    }
}

struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the store and its model part ways with BUTTONHOOK_SEED={}", self.0);
        }
    }
}

/// What one person's row, mailbox and line should be.
#[derive(Debug, Default)]
struct Person {
    id: Option<ContactId>,
    mail: Vec<String>,
    tail: u64,
    epoch: u64,
    leased_until: Option<i64>,
    timers: Vec<Timer>,
    turns: u64,
    taken: Vec<String>,
    line: Vec<Waiting>,
    line_made: Vec<String>,
    line_ended: Vec<String>,
}

#[derive(Debug)]
struct Waiting {
    key: String,
    due_at: i64,
    sending: bool,
    doubtful: bool,
    tries: u32,
    attempt: u64,
}

impl Person {
    fn wakes(&self) -> Option<Timestamp> {
        self.timers.iter().map(|timer| timer.at).min()
    }
}

struct Game<'a> {
    place: &'a dyn Place,
    store: Arc<dyn Store>,
    seed: u64,
    random: u64,
    now: i64,
    people: Vec<Person>,
    seen: BTreeSet<String>,
    events: u64,
    held: Vec<(usize, Claim)>,
    before: Stats,
    stats: Stats,
    paused_until: i64,
    /// Nothing new is set any more.
    ending: bool,
}

impl<'a> Game<'a> {
    async fn new(place: &'a dyn Place, seed: u64) -> Self {
        let store = place.open().await;
        // Each game empties what it made and counts from what it found. The long step lets the last game's pause end.
        let now = seed as i64 * 10_000_000;
        let before = store.stats(at(now)).await.unwrap();
        let people = (0..PEOPLE).map(|_| Person::default()).collect();
        let (seen, held) = (BTreeSet::new(), Vec::new());
        let stats = Stats::default();
        Self {
            place,
            store,
            seed,
            random: seed,
            now,
            people,
            seen,
            events: 0,
            held,
            before,
            stats,
            paused_until: 0,
            ending: false,
        }
    }

    /// SplitMix64.
    fn roll(&mut self, sides: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    async fn play(mut self) {
        for _ in 0..MOVES {
            match self.roll(100) {
                0..25 => self.accept().await,
                25..45 => {
                    let most = self.roll(4) as usize;
                    self.claim(most).await;
                }
                45..60 => self.commit().await,
                60..73 => {
                    let most = self.roll(4) as usize;
                    self.claim_sends(most).await;
                }
                73..85 => self.settle().await,
                85..93 => self.now += self.roll(60) as i64,
                93..95 => self.pause().await,
                _ => self.crash().await,
            }
            self.count().await;
        }
        self.finish().await;
    }

    async fn accept(&mut self) {
        let mut batch = Vec::new();
        let (mut fresh, mut doubles) = (0, 0);
        for _ in 0..=self.roll(4) {
            let who = self.roll(PEOPLE as u64) as usize;
            let again = self.events > 0 && self.roll(4) == 0;
            let number = if again { self.roll(self.events) } else { self.events };
            self.events = self.events.max(number + 1);
            let id = format!("{}-{number}", self.seed);
            batch.push(typed(&id, by_phone(self.seed as usize * PEOPLE + who)));
            if !self.seen.insert(id.clone()) {
                doubles += 1;
                continue;
            }
            fresh += 1;
            let person = &mut self.people[who];
            self.stats.contacts += u64::from(person.tail == 0);
            person.tail += 1;
            person.mail.push(id);
        }
        let accepted = self.store.accept(batch, at(self.now)).await.unwrap();
        assert_eq!((accepted.fresh, accepted.doubles), (fresh, doubles));
    }

    fn claimable(&self, person: &Person) -> bool {
        match person.leased_until {
            Some(until) => until <= self.now,
            None => !person.mail.is_empty() || person.wakes().is_some_and(|due| due <= at(self.now)),
        }
    }

    async fn claim(&mut self, most: usize) {
        let due = self.people.iter().filter(|person| self.claimable(person)).count();
        let claims = self.store.claim(most, SHORT_LEASE_MS, at(self.now)).await.unwrap();
        assert_eq!(claims.contacts.len(), due.min(most));
        for claim in claims.contacts {
            let number = (0..PEOPLE).find(|n| claim.conversation.contact.phone == Some(phone(self.seed as usize * PEOPLE + n)));
            let who = number.expect("a person of this game");
            let until = self.now + SHORT_LEASE_MS as i64;
            assert!(self.claimable(&self.people[who]), "it is somebody else's");
            let person = &mut self.people[who];
            assert_eq!(*person.id.get_or_insert(claim.contact), claim.contact);
            assert!(claim.epoch > person.epoch);
            assert_eq!((claim.conversation.turns, &claim.conversation.timers), (person.turns, &person.timers));
            assert_eq!(ids(&claim), person.mail.iter().take(32).map(String::as_str).collect::<Vec<_>>());
            let first = person.tail + 1 - person.mail.len() as u64;
            assert!(claim.inbox.iter().zip(first..).all(|(mail, seq)| mail.seq == seq));
            person.epoch = claim.epoch;
            person.leased_until = Some(until);
            self.held.push((who, claim));
        }
        let ends = self.people.iter().filter_map(|person| person.leased_until).map(at);
        let asleep = self.people.iter().filter(|person| person.leased_until.is_none() && person.mail.is_empty());
        let next = ends.chain(asleep.filter_map(Person::wakes)).filter(|due| *due > at(self.now)).min();
        assert_eq!(claims.next_due, next);
    }

    /// Commits any claim ever held, so that late owners come by themselves.
    async fn commit(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let at_hand = self.roll(self.held.len() as u64) as usize;
        let (who, claim) = self.held.swap_remove(at_hand);
        let takes_mail = self.roll(claim.inbox.len() as u64 + 1) as usize;
        let sends = self.roll(3);
        let timers: Vec<Timer> = match self.roll(4) {
            number if self.ending || number == 0 => Vec::new(),
            number => (0..number).map(|n| timer(&n.to_string(), self.now + self.roll(90) as i64)).collect(),
        };
        let person = &mut self.people[who];
        let holds = person.epoch == claim.epoch && person.leased_until.is_some();
        // A claim for the sake of a timer knows of no mail; its head is too old to move anything.
        let before = claim.inbox.first().map_or(0, |mail| mail.seq - 1);
        let keys: Vec<String> = (0..sends).map(|n| format!("{}-{}-{n}", claim.contact, claim.conversation.turns + 1)).collect();
        let mut taken = takes(&claim, &keys.iter().map(String::as_str).collect::<Vec<_>>());
        taken.head = before + takes_mail as u64;
        taken.conversation.timers.clone_from(&timers);
        if holds {
            person.leased_until = None;
            person.turns += 1;
            person.timers = timers;
            person.taken.extend(person.mail.drain(..takes_mail));
            for key in keys {
                person.line_made.push(key.clone());
                let waiting = Waiting { key, due_at: self.now, sending: false, doubtful: false, tries: 0, attempt: 0 };
                person.line.push(waiting);
            }
        }
        assert_eq!(self.store.commit(vec![taken], at(self.now)).await.unwrap(), [holds]);
    }

    async fn claim_sends(&mut self, most: usize) {
        let (now, paused) = (self.now, self.paused_until > self.now);
        let heads = self.people.iter().filter_map(|person| person.line.first());
        let due = if paused { 0 } else { heads.filter(|head| head.due_at <= now).count() };
        let claimed = self.store.claim_sends(most, SHORT_LEASE_MS, at(now)).await.unwrap();
        assert_eq!(claimed.sends.len(), due.min(most));
        for send in claimed.sends {
            let person = self.people.iter_mut().find(|person| person.id == Some(send.contact)).unwrap();
            let head = &mut person.line[0];
            assert_eq!(send.key.0, head.key, "always the oldest");
            assert!(head.due_at <= now);
            head.doubtful |= head.sending;
            assert_eq!((send.doubtful, send.tries), (head.doubtful, head.tries));
            head.attempt += 1;
            assert_eq!(send.attempt, head.attempt);
            head.sending = true;
            head.due_at = now + SHORT_LEASE_MS as i64;
        }
        let heads = self.people.iter().filter_map(|person| person.line.first()).map(|head| head.due_at);
        let next = if paused { heads.min().map(|due| due.max(self.paused_until)) } else { heads.filter(|due| *due > now).min() };
        assert_eq!(claimed.next_due, next.map(at));
    }

    async fn settle(&mut self) {
        let fate = self.roll(6);
        let under_way: Vec<usize> =
            (0..PEOPLE).filter(|who| self.people[*who].line.first().is_some_and(|head| head.sending)).collect();
        if under_way.is_empty() {
            return;
        }
        let who = under_way[self.roll(under_way.len() as u64) as usize];
        let (later, doubtful, counts) = (self.now + self.roll(50) as i64, self.roll(2) == 0, self.roll(2) == 0);
        let now = self.now;
        let line = &mut self.people[who].line;
        let (key, attempt) = (line[0].key.clone(), line[0].attempt);
        let detail = String::new();
        let fate = match fate {
            0..2 => {
                let head = &mut line[0];
                (head.sending, head.due_at) = (false, later);
                head.doubtful |= doubtful;
                head.tries += u32::from(counts);
                Fate::Retry { at: at(later), doubtful, counts }
            }
            2 => Fate::Refused { refusal: Refusal::Invalid, detail },
            3 => Fate::Unknown { detail },
            _ => left(&key),
        };
        let count = match &fate {
            Fate::Retry { .. } => None,
            Fate::Refused { .. } => Some(&mut self.stats.refused),
            Fate::Unknown { .. } | Fate::Ask { .. } => Some(&mut self.stats.unknown),
            Fate::Sent { .. } => Some(&mut self.stats.sent),
        };
        if let Some(count) = count {
            *count += 1;
            self.stats.resent += u64::from(line[0].doubtful && matches!(fate, Fate::Sent { .. }));
            line.remove(0);
            if let Some(next) = line.first_mut() {
                next.due_at = now;
            }
            self.people[who].line_ended.push(key.clone());
        }
        settle_attempt(&*self.store, &key, attempt, fate, at(now)).await;
    }

    async fn pause(&mut self) {
        let until = self.now + self.roll(30) as i64;
        self.paused_until = self.paused_until.max(until);
        self.store.pause(at(until)).await.unwrap();
    }

    async fn crash(&mut self) {
        let store = Arc::clone(&self.store);
        self.store = self.place.crash(store).await;
        for person in &mut self.people {
            person.leased_until = None;
            for send in person.line.iter_mut().filter(|send| send.sending) {
                (send.sending, send.doubtful, send.due_at) = (false, true, i64::MIN);
            }
        }
    }

    async fn count(&self) {
        let stats = self.store.stats(at(self.now)).await.unwrap();
        let length = |of: fn(&Person) -> usize| self.people.iter().map(|person| of(person) as u64).sum::<u64>();
        let expected = Stats {
            contacts: self.before.contacts + self.stats.contacts,
            inbox: length(|person| person.mail.len()),
            outbox: length(|person| person.line.len()),
            sent: self.before.sent + self.stats.sent,
            refused: self.before.refused + self.stats.refused,
            unknown: self.before.unknown + self.stats.unknown,
            asked: 0,
            resent: self.before.resent + self.stats.resent,
            doubles: self.before.doubles,
            requests: 0,
            given_up: 0,
            paused_until_ms: if self.paused_until > self.now { time::millis(at(self.paused_until)) } else { 0 },
        };
        assert_eq!(stats, expected);
    }

    /// Works off all that is left: then everything accepted was taken once and in order, and every line ended in its order.
    async fn finish(mut self) {
        let accepted: BTreeMap<usize, Vec<String>> =
            self.people.iter().map(|person| person.taken.iter().chain(&person.mail).cloned().collect()).enumerate().collect();
        self.now += 10_000;
        self.ending = true;
        loop {
            self.claim(PEOPLE).await;
            if self.held.is_empty() {
                break;
            }
            while !self.held.is_empty() {
                self.commit().await;
            }
            self.now += 1;
        }
        while self.people.iter().any(|person| !person.line.is_empty()) {
            self.now += 1000;
            self.claim_sends(PEOPLE).await;
            for _ in 0..PEOPLE {
                self.settle().await;
            }
        }
        self.count().await;
        for (who, person) in self.people.iter().enumerate() {
            assert_eq!(person.taken, accepted[&who]);
            assert_eq!(person.line_ended, person.line_made);
        }
    }
}
