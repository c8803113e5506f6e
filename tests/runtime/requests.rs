//! What flows ask of other systems: attempts, outcomes, and that the answer is one event whatever happens in between.

use buttonhook::model::{Call, CallAnswer, CallFailure, Emit, HttpRequest, RequestKey, Value};
use buttonhook::runtime::{NEWS_WAITS_MS, REQUEST_LEASE_MS, Requests};
use buttonhook::store::{RequestFate, RequestSettlement};
use buttonhook::web::{News, Reply, Web};

use super::*;

/// Answers what it was told to, then 200, and keeps what it was asked.
#[derive(Default)]
struct Shop {
    replies: Mutex<VecDeque<Reply>>,
    asked: Mutex<Vec<String>>,
}

impl Shop {
    fn next(&self, what: String) -> Reply {
        self.asked.lock().unwrap().push(what);
        self.replies.lock().unwrap().pop_front().unwrap_or(says(200))
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Web for Shop {
    async fn call(&self, key: &RequestKey, call: &Call) -> Reply {
        self.next(format!("{key} {} {}", call.request.method, call.request.url))
    }

    async fn tell(&self, key: &RequestKey, news: &News<'_>, _: Timestamp) -> Reply {
        self.next(format!("{key} {} of {}", news.emit.name, news.person.name))
    }
}

fn says(status: u16) -> Reply {
    Reply::Answered { status, body: Value::from("body"), retry_after_secs: None }
}

fn lost() -> Reply {
    Reply::Lost { late: true, detail: "no answer in time".to_owned() }
}

/// Makes of a text what it says, for example `POST 3 https://…` or `emit ordered`, and of an answer a message that quotes it.
struct Asker;

impl Take for Asker {
    fn revision(&self) -> &str {
        "asker"
    }

    fn advance(&self, _: ContactId, mut conversation: Conversation, event: &Event, _: Timestamp) -> Turn {
        conversation.turns += 1;
        let effect = match &event.kind {
            EventKind::Typed { text } => match text.split(' ').collect::<Vec<_>>()[..] {
                ["emit", name] => Effect::Emit(Emit { nth: 0, name: name.to_owned(), data: Value::Nothing }),
                [method, tries, url] => {
                    let request = HttpRequest { method: method.to_owned(), url: url.to_owned(), ..HttpRequest::default() };
                    Effect::Call(Call { nth: 0, request, wait_ms: 1_000, tries: tries.parse().unwrap() })
                }
                _ => panic!("no such wish: {text}"),
            },
            EventKind::Answered { call, answer } => {
                let said = match answer {
                    CallAnswer::Answered { status, .. } => status.to_string(),
                    CallAnswer::Failed { why, detail } => format!("{why:?}: {detail}"),
                };
                let body = format!("{call} {said}");
                Effect::Send(Send { nth: 0, message: message(body), on_unknown: OnUnknown::Resend, about: Default::default() })
            }
            other => panic!("nobody sent {other:?}"),
        };
        Turn { conversation, effects: vec![effect], trace: vec![], faults: vec![] }
    }
}

struct Asking {
    world: World,
    shop: Arc<Shop>,
    requests: Requests,
}

impl Asking {
    fn around(world: World, shop: Arc<Shop>) -> Self {
        let requests = Requests::new(world.store.clone(), shop.clone(), world.clock.clone(), world.wakes.clone());
        Self { world, shop, requests }
    }

    /// The first person writes `text`, and its turn is taken.
    async fn wants(text: &str, replies: impl IntoIterator<Item = Reply>) -> Self {
        let asking = Self::around(World::new(), Arc::default());
        asking.shop.replies.lock().unwrap().extend(replies);
        asking.world.intake.take_in(vec![typed(0, "wish", text)]).await.unwrap();
        let took = asking.world.take(&Asker).await;
        assert_eq!((took.turns, took.requests), (1, 1));
        asking
    }

    async fn after_crash(self) -> Self {
        let Self { world, shop, requests } = self;
        drop(requests);
        Self::around(world.after_crash().await, shop)
    }

    async fn ask(&self) -> Vec<RequestSettlement> {
        self.requests.ask_some(10).await.unwrap().0
    }

    /// Asks, and again whenever it is time, until nothing is open; gives how long that took.
    async fn ask_to_the_end(&self) -> u64 {
        let began = self.world.clock.now();
        loop {
            self.ask().await;
            let now = self.world.clock.now();
            if self.world.store.stats(now).await.unwrap().requests == 0 {
                return (time::millis(now) - time::millis(began)) as u64;
            }
            let next_due = self.world.store.claim_requests(0, 1, now).await.unwrap().next_due.expect("something is open");
            let left = time::millis(next_due) - time::millis(now);
            self.world.clock.advance(std::time::Duration::from_millis(left as u64));
        }
    }

    /// What the contact hears: the turns that answers lead to, and what those say.
    async fn hears(&self) -> Vec<String> {
        while self.world.take(&Asker).await.turns > 0 {}
        self.world.sender(Pace::unlimited()).send_some(10).await.unwrap();
        self.world.channel.bodies()
    }
}

#[tokio::test]
async fn an_answer_comes_back_as_an_event_and_wakes_a_lane() {
    let asking = Asking::wants("GET 1 https://shop/orders", []).await;
    assert!(asking.hears().await.is_empty());
    let rung = tokio::spawn({
        let wakes = asking.world.wakes.clone();
        async move {
            wakes.lanes.notified().await;
            wakes.lanes.notified().await;
        }
    });
    asking.ask().await;
    // The first ring was the message's, the second is the answer's.
    tokio::time::timeout(std::time::Duration::from_secs(10), rung).await.expect("the bell rings").unwrap();
    assert_eq!(asking.hears().await, ["1-1-r0 200"]);
    assert_eq!(asking.shop.asked(), ["1-1-r0 GET https://shop/orders"]);
    assert!(asking.ask().await.is_empty());
}

#[tokio::test]
async fn what_passes_is_tried_again_as_often_as_the_author_allows() {
    let asking = Asking::wants("POST 3 https://shop/orders", [says(500), lost(), says(201)]).await;
    let took_ms = asking.ask_to_the_end().await;
    assert_eq!(asking.hears().await, ["1-1-r0 201"]);
    assert_eq!(asking.shop.asked().len(), 3);
    assert!((3_000..=6_002).contains(&took_ms), "1 to 2 s and 2 to 4 s are {took_ms} ms");

    let asking = Asking::wants("POST 3 https://shop/orders", [says(500), says(502), says(503), says(200)]).await;
    asking.ask_to_the_end().await;
    assert_eq!((asking.hears().await, asking.shop.asked().len()), (vec!["1-1-r0 503".to_owned()], 3));
}

#[tokio::test]
async fn a_crash_while_a_call_is_under_way_ends_in_one_answer() {
    for (wish, asked, heard) in [
        (
            "POST 1 https://shop",
            0,
            "1-1-r0 TimedOut: Buttonhook stopped while it waited for the answer; the request may have arrived",
        ),
        ("POST 2 https://shop", 1, "1-1-r0 200"),
        ("GET 1 https://shop", 1, "1-1-r0 200"),
    ] {
        let asking = Asking::wants(wish, []).await;
        // Claimed, so its request may have left; and then everything dies.
        assert_eq!(asking.requests.claim(1).await.unwrap().requests.len(), 1);
        let asking = asking.after_crash().await;
        asking.ask_to_the_end().await;
        assert_eq!(asking.hears().await, [heard], "{wish}");
        assert_eq!(asking.shop.asked().len(), asked, "{wish}");
    }
}

#[tokio::test]
async fn a_crash_between_answer_and_turn_loses_nothing() {
    let asking = Asking::wants("POST 1 https://shop", []).await;
    asking.ask().await;
    let asking = asking.after_crash().await;
    assert!(asking.ask().await.is_empty());
    assert_eq!(asking.hears().await, ["1-1-r0 200"]);
}

/// A clock that jumps ends leases of attempts that are alive all the same: they are not made a second time.
#[tokio::test]
async fn a_jump_of_the_clock_repeats_nothing_that_is_under_way() {
    let asking = Asking::wants("POST 5 https://shop", []).await;
    let (hang, hung) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
    struct Slow(Arc<tokio::sync::Notify>, Arc<tokio::sync::Notify>);
    #[async_trait]
    impl Web for Slow {
        async fn call(&self, _: &RequestKey, _: &Call) -> Reply {
            self.1.notify_one();
            self.0.notified().await;
            says(200)
        }
        async fn tell(&self, _: &RequestKey, _: &News<'_>, _: Timestamp) -> Reply {
            unreachable!()
        }
    }
    let world = &asking.world;
    let web = Arc::new(Slow(hang.clone(), hung.clone()));
    let requests = Requests::new(world.store.clone(), web, world.clock.clone(), world.wakes.clone());
    let attempt = tokio::spawn({
        let requests = requests.clone();
        async move { requests.ask_some(1).await.unwrap() }
    });
    hung.notified().await;
    world.clock.advance(std::time::Duration::from_millis(REQUEST_LEASE_MS + 1));
    assert!(requests.claim(5).await.unwrap().requests.is_empty());
    hang.notify_one();
    attempt.await.unwrap();
    assert_eq!(asking.hears().await, ["1-1-r0 200"]);
}

#[tokio::test]
async fn what_may_not_be_asked_is_told_to_the_flow_at_once() {
    let asking = Asking::wants("GET 5 https://shop", [Reply::NotAllowed { detail: "not on the list".to_owned() }]).await;
    asking.ask_to_the_end().await;
    assert_eq!((asking.hears().await, asking.shop.asked().len()), (vec!["1-1-r0 NotAllowed: not on the list".to_owned()], 1));
}

#[tokio::test]
async fn news_are_told_for_a_day_and_then_given_up() {
    let asking = Asking::wants("emit ordered", std::iter::repeat_with(lost).take(8)).await;
    let took_ms = asking.ask_to_the_end().await;
    let least: u64 = NEWS_WAITS_MS.iter().sum();
    assert!((least..least + least / 10 + 10).contains(&took_ms), "{took_ms} ms");
    assert_eq!(asking.shop.asked(), vec!["1-1-r0 ordered of Person 0"; 8]);
    let stats = asking.world.store.stats(asking.world.clock.now()).await.unwrap();
    assert_eq!((stats.given_up, stats.inbox), (1, 0));
    assert!(asking.hears().await.is_empty(), "a flow never hears what became of its news");
}

#[tokio::test]
async fn news_that_are_taken_end_there() {
    let asking = Asking::wants("emit ordered", [says(500), says(202)]).await;
    assert!(asking.ask_to_the_end().await >= 5_000);
    let settled = asking.ask().await;
    assert!(settled.is_empty());
    let stats = asking.world.store.stats(asking.world.clock.now()).await.unwrap();
    assert_eq!((stats.given_up, asking.shop.asked().len()), (0, 2));
}

#[tokio::test]
async fn a_late_settlement_changes_nothing() {
    let asking = Asking::wants("GET 1 https://shop", []).await;
    asking.ask().await;
    let failed = CallAnswer::Failed { why: CallFailure::TimedOut, detail: String::new() };
    let late = RequestSettlement { key: RequestKey("1-1-r0".to_owned()), fate: RequestFate::Answered { answer: failed } };
    asking.world.store.settle_requests(vec![late], asking.world.clock.now()).await.unwrap();
    assert_eq!(asking.hears().await, ["1-1-r0 200"]);
}
