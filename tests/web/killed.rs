//! A real process with real requests under way, killed with the real signal, again and again.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use buttonhook::model::{CallAnswer, CallFailure, Emit, Value};
use buttonhook::runtime::{Clock, Requests, Wakes};
use buttonhook::store::{Embedded, Requested, Store};

use super::whole::{answers, client, wants};
use super::*;

/// Tells the test, run again as a child, where its store is and where the shop.
const CHILD_STORE: &str = "BUTTONHOOK_TEST_WEB_CHILD";
const CHILD_SHOP: &str = "BUTTONHOOK_TEST_WEB_SHOP";
const KILLS: usize = 4;
/// Requests of each kind.
const EACH: usize = 6;
const NAME: &str = "web::killed::a_kill_while_calls_are_under_way_leads_to_one_answer_each";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_while_calls_are_under_way_leads_to_one_answer_each() {
    if let (Ok(dir), Ok(shop)) = (std::env::var(CHILD_STORE), std::env::var(CHILD_SHOP)) {
        return ask_until_nothing_is_open(Path::new(&dir), &shop).await;
    }
    let dir = tempfile::tempdir().unwrap();
    let shop = Shop::start().await;
    // Each is slow enough that a kill soon after it came finds it under way.
    shop.will(std::iter::repeat_n([Act::Rests(400), Act::Says(200, "")], 4 * EACH * (KILLS + 1)).flatten());
    let kinds = store_wishes(dir.path(), &shop).await;
    let mut kills = 0;
    while kills < KILLS {
        let wanted = shop.seen().len() + 1 + kills;
        let mut child = child(dir.path(), &shop);
        // On a slow machine all may be answered before the last kill, and the child ends by itself.
        while shop.seen().len() < wanted && child.try_wait().unwrap().is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if child.try_wait().unwrap().is_some() {
            break;
        }
        child.kill().unwrap();
        child.wait().unwrap();
        kills += 1;
    }
    assert!(kills > 1, "nothing was left to kill: the run is void");
    assert!(child(dir.path(), &shop).wait().unwrap().success());
    judge(dir.path(), &shop, kinds).await;
}

/// What is asked, by key.
async fn store_wishes(dir: &Path, shop: &Shop) -> BTreeMap<String, &'static str> {
    let (store, clock) = (Embedded::open(dir).unwrap(), Clock::system());
    let mut kinds = BTreeMap::new();
    for n in 0..EACH {
        for (at, kind) in ["GET", "POST once", "POST", "emit"].into_iter().enumerate() {
            let mut call = get(shop.url("/orders"));
            call.request.method = kind.split(' ').next().unwrap().to_owned();
            call.tries = if kind == "POST" { 10 } else { 1 };
            let news = || Emit { nth: 0, name: "ordered".to_owned(), data: Value::Nothing };
            let what = if kind == "emit" { Requested::Emit(news()) } else { Requested::Call(call) };
            kinds.insert(wants(&store, &clock, n * 4 + at, what).await.0, kind);
        }
    }
    store.close().await;
    kinds
}

fn child(dir: &Path, shop: &Shop) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", NAME])
        .env(CHILD_STORE, dir)
        .env(CHILD_SHOP, shop.url(""))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

async fn ask_until_nothing_is_open(dir: &Path, shop: &str) {
    let (store, clock) = (Arc::new(Embedded::open(dir).unwrap()), Clock::system());
    let requests = Requests::new(store.clone(), Arc::new(client(shop)), clock.clone(), Arc::new(Wakes::default()));
    while store.stats(clock.now()).await.unwrap().requests > 0 {
        requests.ask_some(64).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn judge(dir: &Path, shop: &Shop, kinds: BTreeMap<String, &'static str>) {
    let (store, clock) = (Embedded::open(dir).unwrap(), Clock::system());
    let mut heard: BTreeMap<String, CallAnswer> = BTreeMap::new();
    for (key, answer) in answers(&store, &clock).await {
        assert!(heard.insert(key.0.clone(), answer).is_none(), "{key} is answered twice");
    }
    let mut arrived: BTreeMap<String, usize> = BTreeMap::new();
    for seen in shop.seen() {
        let key = seen.headers.get("idempotency-key").or(seen.headers.get("webhook-id")).unwrap();
        *arrived.entry(key.clone()).or_default() += 1;
    }
    let (mut repeated, mut in_doubt) = (0, 0);
    for (key, kind) in &kinds {
        let arrived = arrived.remove(key).unwrap_or(0);
        let heard = heard.remove(key);
        let good = matches!(heard, Some(CallAnswer::Answered { status: 200, .. }));
        let unsure = matches!(heard, Some(CallAnswer::Failed { why: CallFailure::TimedOut, .. }));
        repeated += usize::from(arrived > 1);
        in_doubt += usize::from(unsure);
        match *kind {
            // A kill between the claim and the request leaves a doubt although nothing arrived.
            "POST once" => assert!((good && arrived == 1) || (unsure && arrived <= 1), "{key}: {arrived} times, {heard:?}"),
            // Kills that are more than what a harmless request may be lost to end it as well.
            "GET" => assert!((good || (unsure && KILLS > 3)) && arrived >= 1, "{key}: {arrived} times, {heard:?}"),
            "POST" => assert!(good && arrived >= 1, "{key}: {arrived} times, {heard:?}"),
            _ => assert!(heard.is_none() && arrived >= 1, "{key}: {arrived} times, {heard:?}"),
        }
    }
    assert!(heard.is_empty() && arrived.is_empty(), "nobody asked for {heard:?} {arrived:?}");
    assert!(repeated > 0 && in_doubt > 0, "no kill was ever felt: {repeated} repeated, {in_doubt} in doubt, the run is void");
    let stats = store.stats(clock.now()).await.unwrap();
    assert_eq!((stats.requests, stats.given_up), (0, 0));
    println!("{KILLS} kills, {} requests, {repeated} repeated, {in_doubt} in doubt, each answered once", kinds.len());
}
