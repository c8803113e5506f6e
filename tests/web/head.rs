//! What a call carries, and what it never does.

use buttonhook::model::{Value, limits};

use super::*;

fn post(url: String) -> Call {
    let mut call = get(url);
    call.request.method = "POST".to_owned();
    call.request.body = Some(Value::Record(BTreeMap::from([("id".to_owned(), Value::Whole(7))])));
    call
}

fn why(reply: Reply) -> String {
    match reply {
        Reply::NotAllowed { detail } => detail,
        other => panic!("it was asked: {other:?}"),
    }
}

#[tokio::test]
async fn a_call_carries_its_body_its_key_and_the_authors_headers() {
    let shop = Shop::start().await;
    let client = trial(&["127.0.0.1"]);
    let mut call = post(shop.url("/orders/7?q=a%20b#part"));
    call.request.headers.insert("X-Shop".to_owned(), "north, Grüße".to_owned());
    ask(&client, &call).await;
    call.request.once_per = Some("order 7".to_owned());
    call.request.headers.insert("accept".to_owned(), "text/csv".to_owned());
    ask(&client, &call).await;
    let seen = shop.seen();
    let (first, second) = (&seen[0], &seen[1]);
    assert_eq!((first.method.as_str(), first.path.as_str()), ("POST", "/orders/7?q=a%20b"));
    assert_eq!(first.json(), serde_json::json!({"id": 7}));
    let header = |name: &str| first.headers.get(name).map(String::as_str);
    assert_eq!(header("idempotency-key"), Some("7-3-r0"), "the request's own key where the author gives none");
    assert_eq!(second.headers["idempotency-key"], "order 7");
    assert_eq!((header("content-type"), header("x-shop")), (Some("application/json"), Some("north, Grüße")));
    assert!(header("user-agent").unwrap().starts_with("buttonhook/"));
    assert_eq!((header("accept-encoding"), second.headers["accept"].as_str()), (Some("identity"), "text/csv"));
    assert_eq!((header("authorization"), header("cookie"), header("referer")), (None, None, None));
}

#[tokio::test]
async fn no_header_can_steer_the_connection_or_begin_another() {
    let shop = Shop::start().await;
    let client = trial(&["127.0.0.1"]);
    let ours =
        ["Host", "CONNECTION", "Transfer-Encoding", "content-length", "TE", "Upgrade", "Proxy-Authorization", "User-Agent"];
    let odd = ["", "a b", "a:b", "a\r\nb", "ä", "a\0"];
    for name in ours.into_iter().chain(odd) {
        let mut call = get(shop.url("/"));
        call.request.headers.insert(name.to_owned(), "chunked".to_owned());
        why(ask(&client, &call).await);
    }
    for value in ["a\r\nHost: evil", "a\nb", "a\rb", "a\0b", "\u{1b}[2J", &"x".repeat(5_000)] {
        let mut call = get(shop.url("/"));
        call.request.headers.insert("X-Shop".to_owned(), value.to_owned());
        let said = why(ask(&client, &call).await);
        assert!(said.contains("X-Shop") && !said.contains("evil"), "{said}");
        let mut call = get(shop.url("/"));
        call.request.once_per = Some(value.to_owned());
        why(ask(&client, &call).await);
    }
    let mut call = get(shop.url("/"));
    call.request.headers = (0..33).map(|n| (format!("x-{n}"), String::new())).collect();
    why(ask(&client, &call).await);
    assert_eq!(shop.connections(), 0);
}

#[tokio::test]
async fn methods_and_bodies_have_bounds() {
    let shop = Shop::start().await;
    let client = trial(&["127.0.0.1"]);
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
        let mut call = get(shop.url("/"));
        call.request.method = method.to_owned();
        assert!(matches!(ask(&client, &call).await, Reply::Answered { status: 200, .. }));
    }
    // Some servers refuse a request that may have a body and does not say how long it is.
    let lengths: Vec<_> = shop.seen().iter().map(|seen| seen.headers.get("content-length").cloned()).collect();
    assert_eq!(lengths[1..4], [Some("0".to_owned()), Some("0".to_owned()), Some("0".to_owned())]);
    for method in ["", "get", "CONNECT", "TRACE", "OPTIONS", "GET /x HTTP/1.1\r\n"] {
        let mut call = get(shop.url("/"));
        call.request.method = method.to_owned();
        why(ask(&client, &call).await);
    }
    let mut call = post(shop.url("/"));
    call.request.body = Some(Value::Text("x".repeat(limits::CALL_BODY_BYTES_MAX)));
    assert!(why(ask(&client, &call).await).contains("bytes"));
    assert_eq!(shop.seen().len(), 5);
}

#[tokio::test]
async fn a_secret_goes_to_its_hosts_and_nowhere_else() {
    let shop = Shop::start().await;
    let mut elsewhere = hosts(&["127.0.0.1", "localhost"]);
    elsewhere.sign_in.get_mut("shop").unwrap().hosts = vec![HostPattern::parse("localhost").unwrap()];
    let mut missing = hosts(&["127.0.0.1"]);
    let unset = missing.sign_in["shop"].clone();
    missing.sign_in.insert("unset".to_owned(), unset);
    for (hosts, name, expected) in [
        (elsewhere, "shop", "not for 127.0.0.1"),
        (missing.clone(), "unset", "no secret is set"),
        (missing, "other", "no sign-in called other"),
    ] {
        let client = Client::new(settings(hosts, true)).unwrap();
        let mut call = get(shop.url("/"));
        call.request.sign_in = Some(name.to_owned());
        let said = why(ask(&client, &call).await);
        assert!(said.contains(expected) && !said.contains(SECRET), "{said}");
    }
    assert_eq!(shop.connections(), 0);
}

#[tokio::test]
async fn a_secret_signs_in_and_never_comes_back() {
    let shop = Shop::start().await;
    let client = trial(&["127.0.0.1"]);
    shop.will([Act::SaysWith(
        200,
        String::new(),
        format!(r#"{{"headers": {{"authorization": "Bearer {SECRET}"}}}}"#).into_bytes(),
    )]);
    let mut call = get(shop.url("/"));
    call.request.sign_in = Some("shop".to_owned());
    // What the author wrote there does not stand in for the secret.
    call.request.headers.insert("authorization".to_owned(), "Basic guess".to_owned());
    let reply = ask(&client, &call).await;
    assert_eq!(shop.seen()[0].headers["authorization"], format!("Bearer {SECRET}"));
    let told = format!("{reply:?}");
    assert!(told.contains("Bearer ***") && !told.contains(SECRET), "{told}");
}
