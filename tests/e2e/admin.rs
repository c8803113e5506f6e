//! The admin listener: for people at this machine, or with the token, and for no page of another site.

use reqwest::{Method, StatusCode};

use super::*;

const TOKEN: &str = "an-admin-token-for-tests";

async fn ask(host: &Host, method: Method, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let request = client::http().request(method, format!("http://{}{path}", host.admin));
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn other_names_and_other_sites_are_turned_away() {
    let host = Host::start(Setup::new(ECHO)).await;
    let own = host.admin.to_string();
    let own_origin = format!("http://{own}");
    let local = format!("localhost:{}", host.admin.port());
    let get: [(&[(&str, &str)], u16); 7] = [
        (&[], 200),
        (&[("host", &local)], 200),
        (&[("host", "evil.test")], 421),
        (&[("host", "127.0.0.1.evil.test:8081")], 421),
        (&[("origin", &own_origin)], 200),
        (&[("origin", "http://evil.test")], 403),
        (&[("origin", "null")], 403),
    ];
    for (headers, status) in get {
        let answer = ask(&host, Method::GET, "/status", headers).await;
        assert_eq!(answer.status(), status, "{headers:?}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert!(answer.headers()["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
    }
    // What would change something needs the header that no form of another site can set.
    assert_eq!(ask(&host, Method::POST, "/api/phone/anything", &[]).await.status(), StatusCode::FORBIDDEN);
    let proven = ask(&host, Method::POST, "/api/phone/anything", &[("x-buttonhook", "1")]).await;
    assert_ne!(proven.status(), StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_token_only_who_knows_it_gets_in() {
    let host = Host::start(Setup::new(ECHO).env("BUTTONHOOK_ADMIN_TOKEN", TOKEN)).await;
    let bearer = format!("Bearer {TOKEN}");
    assert_eq!(ask(&host, Method::GET, "/status", &[]).await.status(), StatusCode::UNAUTHORIZED);
    let wrong = ask(&host, Method::GET, "/status", &[("authorization", "Bearer wrong")]).await;
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(ask(&host, Method::GET, "/status", &[("authorization", &bearer)]).await.status(), StatusCode::OK);

    let page = ask(&host, Method::GET, "/", &[("accept", "text/html")]).await;
    assert_eq!((page.status(), page.headers()["location"].to_str().unwrap()), (StatusCode::SEE_OTHER, "/login"));
    let login = |token: &str| client::http().post(format!("http://{}/login", host.admin)).body(format!("token={token}")).send();
    assert_eq!(login("wrong").await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let welcome = login(TOKEN).await.unwrap();
    assert_eq!(welcome.status(), StatusCode::SEE_OTHER);
    let cookie = welcome.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && !cookie.contains(TOKEN), "{cookie}");
    let session = cookie.split(';').next().unwrap();
    assert_eq!(ask(&host, Method::GET, "/status", &[("cookie", session)]).await.status(), StatusCode::OK);
    assert_eq!(ask(&host, Method::GET, "/status", &[("cookie", "buttonhook=0")]).await.status(), StatusCode::UNAUTHORIZED);

    host.terminate();
    let (_, _, log) = host.ended().await;
    assert!(!log.contains(TOKEN), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_and_the_history_tell_what_runs_and_what_happened() {
    let host = Host::start(Setup::new(ECHO)).await;
    let status = host.status().await;
    assert_eq!(status["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!((&status["sandbox"], &status["channel"]["paused_until"]), (&true.into(), &().into()));
    assert!(status["warnings"].is_array() && status["waiting"].is_array() && status["uptime_secs"].is_u64(), "{status:#}");

    host.post(&text_from(1, 1, "hi")).await;
    host.status_when(|status| status["store"]["inbox"] == 0).await;
    let history: serde_json::Value = ask(&host, Method::GET, "/api/history", &[]).await.json().await.unwrap();
    assert_eq!(history[0]["turn"], 1);
    assert_eq!(history[0]["record"]["event"]["id"], "wamid.in.1.1");
    assert_eq!(history[0]["revision"], status["revision"]);
    let nobody: serde_json::Value = ask(&host, Method::GET, "/api/history?contact=999", &[]).await.json().await.unwrap();
    assert_eq!(nobody, serde_json::json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_tells_the_status_at_once_and_after_a_reload_and_ends_with_the_host() {
    let host = Host::start(Setup::new(ECHO)).await;
    let mut stream = ask(&host, Method::GET, "/api/events", &[]).await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let first = next_event(&mut stream).await;
    assert!(first["refused"].is_null());
    host.setup.save(BROKEN);
    let second = next_event(&mut stream).await;
    assert_eq!((&second["refused"]["errors"], &second["revision"]), (&1.into(), &first["revision"]));
    host.terminate();
    let rest = tokio::time::timeout(host::PATIENCE, async { while let Ok(Some(_)) = stream.chunk().await {} }).await;
    assert!(rest.is_ok(), "the stream holds up the stop");
    assert_eq!(host.ended().await.1.code(), Some(0));
}

async fn next_event(stream: &mut reqwest::Response) -> serde_json::Value {
    let mut text = String::new();
    loop {
        let chunk = tokio::time::timeout(host::PATIENCE, stream.chunk()).await.expect("an event comes").unwrap();
        text.push_str(&String::from_utf8_lossy(&chunk.expect("the stream goes on")));
        if let Some(event) = text.strip_suffix("\n\n").filter(|event| event.contains("event: status")) {
            let data = event.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
            return serde_json::from_str(data).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_webhooks_path_is_told_to_who_may_see_it() {
    let host = Host::start(Setup::new(ECHO)).await;
    let told: serde_json::Value =
        client::http().get(format!("http://{}/api/webhook", host.admin)).send().await.unwrap().json().await.unwrap();
    let posted = client::http().post(format!("http://{}{}", host.public, told["path"].as_str().unwrap()));
    assert_eq!(posted.json(&text_from(1, 1, "hi")).send().await.unwrap().status(), 200);
    let elsewhere = client::http().get(format!("http://{}/api/webhook", host.public)).send().await.unwrap();
    assert_eq!(elsewhere.status(), 404);
}
