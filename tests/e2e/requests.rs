//! The real process asks and tells other systems. The turns that want it are put into its store before it starts.

use std::collections::BTreeSet;
use std::sync::Arc;

use buttonhook::model::{Call, Emit, HttpRequest, Value as Said};
use buttonhook::runtime::Clock;
use buttonhook::store::{Embedded, Requested, Store};

use serde_json::Value;

use super::host::SECRET;
use super::*;
use crate::web::shop::{Act, Shop};
use crate::web::whole::{SIGNED_WITH, wants};

const FLOW: &str = "buttonhook: 1\nflow: echo\nstart: {words: [hi]}\nsteps:\n  only: {say: Hello, end: done}\n";

fn news(name: &str) -> Requested {
    Requested::Emit(Emit { nth: 0, name: name.to_owned(), data: Said::Whole(7) })
}

/// A setup whose store holds these wishes, one of each contact, and their keys.
async fn planted(what: impl IntoIterator<Item = Requested>) -> (Setup, Vec<String>) {
    let setup = Setup::new(FLOW);
    let store: Arc<dyn Store> = Arc::new(Embedded::open(&setup.store()).unwrap());
    let mut keys = Vec::new();
    for (n, what) in what.into_iter().enumerate() {
        keys.push(wants(&*store, &Clock::system(), n, what).await.0);
    }
    store.close().await;
    (setup, keys)
}

fn listens(setup: Setup, shop: &Shop) -> Setup {
    setup.env("BUTTONHOOK_EMIT_URL", shop.url("/news")).env("BUTTONHOOK_EMIT_SECRET", SIGNED_WITH)
}

fn nothing_open(status: &Value) -> bool {
    status["store"]["requests"] == 0
}

#[tokio::test(flavor = "multi_thread")]
async fn news_reach_the_listener_and_no_secret_reaches_the_log() {
    let shop = Shop::start().await;
    shop.will([Act::Says(500, ""), Act::Says(200, "")]);
    let (setup, keys) = planted([news("ordered")]).await;
    let host = Host::start(listens(setup, &shop).env("RUST_LOG", "trace")).await;
    // The second attempt comes 5 seconds after the first.
    shop.has_seen(1).await;
    host.status_when(nothing_open).await;
    let seen = shop.seen();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen.iter().map(|seen| &seen.headers["webhook-id"]).collect::<BTreeSet<_>>(), keys.iter().collect());
    assert_eq!(seen[1].json()["type"], "ordered");
    host.terminate();
    let (_, status, log) = host.ended().await;
    assert!(status.success());
    assert!(log.contains("tried again"), "{log}");
    for secret in [SIGNED_WITH, SIGNED_WITH.strip_prefix("whsec_").unwrap(), SECRET] {
        assert!(!log.contains(secret), "the log holds a secret: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn news_that_nobody_hears_are_given_up_and_counted() {
    let (setup, _) = planted([news("ordered"), news("paid")]).await;
    let host = Host::start(setup).await;
    let status = host.status_when(nothing_open).await;
    assert_eq!(status["store"]["given_up"], 2);
    host.terminate();
    let (_, _, log) = host.ended().await;
    assert_eq!(log.matches("BUTTONHOOK_EMIT_URL").count(), 1, "people are told once: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_repeats_news_under_their_id_and_a_stop_repeats_nothing() {
    let shop = Shop::start().await;
    shop.will([Act::Hangs, Act::Rests(1_000), Act::Says(200, "")]);
    let (setup, keys) = planted([news("ordered")]).await;
    let host = Host::start(listens(setup, &shop)).await;
    shop.has_seen(1).await;
    let host = Host::start(host.kill().await).await;
    shop.has_seen(2).await;
    host.terminate();
    let (setup, status, _) = host.ended().await;
    assert!(status.success());
    let host = Host::start(setup).await;
    host.status_when(nothing_open).await;
    let ids: Vec<String> = shop.seen().iter().map(|seen| seen.headers["webhook-id"].clone()).collect();
    assert_eq!(ids, [keys[0].clone(), keys[0].clone()], "what was under way when it was asked to stop had its answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_to_a_host_that_no_project_allows_leaves_nothing_and_is_answered() {
    let shop = Shop::start().await;
    let request = HttpRequest { method: "GET".to_owned(), url: shop.url("/orders"), ..HttpRequest::default() };
    let (setup, keys) = planted([Requested::Call(Call { nth: 0, request, wait_ms: 1_000, tries: 3 })]).await;
    let host = Host::start(setup.env("BUTTONHOOK_CALLS_PRIVATE", "on")).await;
    host.status_when(|status| nothing_open(status) && status["store"]["inbox"] == 0).await;
    let history = client::http().get(format!("http://{}/api/history", host.admin)).send().await.unwrap().text().await.unwrap();
    assert!(history.contains(&format!("answer-{}", keys[0])) && history.contains("not_allowed"), "{history}");
    assert_eq!(shop.connections(), 0);
}

#[test]
fn settings_that_cannot_be_used_are_named_at_the_start() {
    let good = ("https://crm.example/hook", SIGNED_WITH);
    for (url, secret, setting) in [
        ("crm.example", good.1, "BUTTONHOOK_EMIT_URL"),
        (good.0, "whsec_tooshort", "BUTTONHOOK_EMIT_SECRET"),
        (good.0, "not a secret of that kind", "BUTTONHOOK_EMIT_SECRET"),
    ] {
        let setup = Setup::new(FLOW).env("BUTTONHOOK_EMIT_URL", url).env("BUTTONHOOK_EMIT_SECRET", secret);
        let (code, said) = setup.fails();
        assert_eq!(code, Some(3), "{said}");
        assert!(said.contains(&format!("{setting}:")) && !said.contains(secret), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_no_project_wants_is_named() {
    let host = Host::start(Setup::new(FLOW).env("BUTTONHOOK_SECRET_SHOPP", "a-value-that-nobody-may-see")).await;
    host.terminate();
    let (_, _, log) = host.ended().await;
    assert!(log.contains("BUTTONHOOK_SECRET_SHOPP is set, and the project has no sign-in of that name"), "{log}");
    assert!(!log.contains("a-value-that"), "{log}");
}
