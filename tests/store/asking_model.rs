//! Random requests against a simple model in memory, with crashes in between. A failure names its seed; set `BUTTONHOOK_SEED` to see
//! that one alone.

use std::collections::BTreeMap;

use buttonhook::model::{Call, CallAnswer, ContactId, Emit, HttpRequest, RequestKey, Value};
use buttonhook::store::{NewRequest, RequestFate, RequestSettlement, Requested};

use super::*;

const SEEDS: u64 = 24;
const MOVES: usize = 120;
const PEOPLE: usize = 4;
const SHORT_LEASE_MS: u64 = 40;

on_every_store! { random_requests_agree_with_a_model }

async fn random_requests_agree_with_a_model(place: &dyn Place) {
    let chosen = std::env::var("BUTTONHOOK_SEED").ok().map(|seed| seed.parse().unwrap());
    let seeds = chosen.map_or(1..=SEEDS, |seed: u64| seed..=seed);
    for seed in seeds {
        println!("BUTTONHOOK_SEED={seed} repeats this game");
        Game::new(place, seed).await.play().await;
    }
}

/// What an open request should be.
#[derive(Debug)]
struct Open {
    call: bool,
    due_at: i64,
    sending: bool,
    tries: u32,
    lost: u32,
    doubtful: bool,
}

struct Game<'a> {
    place: &'a dyn Place,
    store: Arc<dyn Store>,
    seed: u64,
    random: u64,
    now: i64,
    events: u64,
    open: BTreeMap<String, Open>,
    /// Answers that are mail and were not taken yet, and those that were, by contact and in order.
    mail: BTreeMap<ContactId, Vec<String>>,
    ended: u64,
    given_up: u64,
    given_up_before: u64,
}

impl<'a> Game<'a> {
    async fn new(place: &'a dyn Place, seed: u64) -> Self {
        let store = place.open().await;
        let now = seed as i64 * 10_000_000;
        let given_up_before = store.stats(at(now)).await.unwrap().given_up;
        let (open, mail) = (BTreeMap::new(), BTreeMap::new());
        Self { place, store, seed, random: seed, now, events: 0, open, mail, ended: 0, given_up: 0, given_up_before }
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
                0..25 => self.turn().await,
                25..50 => self.claim().await,
                50..78 => self.settle().await,
                78..88 => self.now += self.roll(60) as i64,
                88..94 => self.take_mail().await,
                _ => self.crash().await,
            }
            self.count().await;
        }
        while !self.open.is_empty() {
            self.now += 100;
            self.claim().await;
            self.settle().await;
        }
        self.take_mail().await;
        self.count().await;
        assert!(self.ended > 0, "nothing ever ended, the game is void");
    }

    /// A contact writes, and its turn wants up to three things.
    async fn turn(&mut self) {
        self.take_mail().await;
        let who = self.roll(PEOPLE as u64) as usize;
        self.events += 1;
        let event = format!("ask {}-{}", self.seed, self.events);
        self.store.accept(vec![typed(&event, by_phone(self.seed as usize * PEOPLE + who))], at(self.now)).await.unwrap();
        let claim = claim_all(&*self.store, at(self.now)).await.contacts.remove(0);
        let mut requests = Vec::new();
        for nth in 0..self.roll(4) as u32 {
            let key = RequestKey::new(claim.contact, claim.conversation.turns + 1, nth);
            let call = self.roll(3) > 0;
            let what = if call {
                Requested::Call(Call { nth, request: HttpRequest::default(), wait_ms: 1, tries: 1 })
            } else {
                Requested::Emit(Emit { nth, name: "n".to_owned(), data: Value::Nothing })
            };
            let open = Open { call, due_at: self.now, sending: false, tries: 0, lost: 0, doubtful: false };
            assert!(self.open.insert(key.0.clone(), open).is_none());
            requests.push(NewRequest { key, what });
        }
        let taken = Taken { requests, ..takes(&claim, &[]) };
        assert_eq!(self.store.commit(vec![taken], at(self.now)).await.unwrap(), [true]);
    }

    async fn claim(&mut self) {
        let (most, now) = (self.roll(5) as usize, self.now);
        let due = self.open.values().filter(|open| open.due_at <= now).count();
        let claimed = self.store.claim_requests(most, SHORT_LEASE_MS, at(now)).await.unwrap();
        assert_eq!(claimed.requests.len(), due.min(most));
        for request in claimed.requests {
            let open = self.open.get_mut(&request.key.0).expect("it is open");
            assert!(open.due_at <= now, "it is somebody else's or waits");
            open.lost += u32::from(open.sending);
            open.doubtful |= open.sending;
            assert_eq!((request.tries, request.lost, request.doubtful), (open.tries, open.lost, open.doubtful));
            assert_eq!(matches!(request.what, Requested::Call(_)), open.call);
            (open.sending, open.due_at) = (true, now + SHORT_LEASE_MS as i64);
        }
        let next = self.open.values().map(|open| open.due_at).filter(|due| *due > now).min();
        assert_eq!(claimed.next_due, next.map(at));
    }

    /// Settles one that is under way, and sometimes tells the same again.
    async fn settle(&mut self) {
        let under_way: Vec<String> = self.open.iter().filter(|(_, open)| open.sending).map(|(key, _)| key.clone()).collect();
        if under_way.is_empty() {
            return;
        }
        let key = under_way[self.roll(under_way.len() as u64) as usize].clone();
        let (again, later, doubtful, counts) = (self.roll(3), self.roll(50) as i64, self.roll(2) == 0, self.roll(2) == 0);
        let open = self.open.get_mut(&key).unwrap();
        let fate = if again == 0 {
            (open.sending, open.due_at) = (false, self.now + later);
            open.doubtful |= doubtful;
            open.tries += u32::from(counts);
            RequestFate::Retry { at: at(self.now + later), doubtful, counts }
        } else {
            let call = self.open.remove(&key).unwrap().call;
            self.ended += 1;
            if call {
                let contact = ContactId(key.split('-').next().unwrap().parse().unwrap());
                self.mail.entry(contact).or_default().push(format!("answer-{key}"));
                RequestFate::Answered { answer: CallAnswer::Answered { status: 200, body: Value::Nothing } }
            } else if counts {
                self.given_up += 1;
                RequestFate::GaveUp
            } else {
                RequestFate::Delivered
            }
        };
        let settlement = RequestSettlement { key: RequestKey(key), fate };
        let twice = self.roll(3) == 0 && !matches!(settlement.fate, RequestFate::Retry { .. });
        let settlements = if twice { vec![settlement.clone(), settlement] } else { vec![settlement] };
        self.store.settle_requests(settlements, at(self.now)).await.unwrap();
    }

    async fn take_mail(&mut self) {
        let claims = claim_all(&*self.store, at(self.now)).await.contacts;
        for claim in &claims {
            let expected = self.mail.remove(&claim.contact).expect("it has answers");
            assert_eq!(ids(claim), expected);
        }
        assert!(self.mail.is_empty(), "answers that never came: {:?}", self.mail);
        self.store.commit(claims.iter().map(|claim| takes(claim, &[])).collect(), at(self.now)).await.unwrap();
    }

    async fn crash(&mut self) {
        let store = Arc::clone(&self.store);
        self.store = self.place.crash(store).await;
        for open in self.open.values_mut().filter(|open| open.sending) {
            (open.sending, open.doubtful, open.due_at) = (false, true, i64::MIN);
            open.lost += 1;
        }
    }

    async fn count(&self) {
        let stats = self.store.stats(at(self.now)).await.unwrap();
        assert_eq!(stats.requests, self.open.len() as u64);
        assert_eq!(stats.given_up, self.given_up_before + self.given_up);
        assert_eq!(stats.inbox, self.mail.values().map(|mail| mail.len() as u64).sum::<u64>());
    }
}
