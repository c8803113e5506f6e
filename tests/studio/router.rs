//! What is served, without a browser: headers, tags, and pages that hold no inline code.

use buttonhook::studio;
use reqwest::{Client, Response, StatusCode};

async fn serve() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, studio::router()).await });
    base
}

async fn get(url: &str) -> Response {
    Client::builder().no_proxy().build().unwrap().get(url).send().await.unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).unwrap_or_else(|| panic!("no header {name}")).to_str().unwrap()
}

#[tokio::test]
async fn every_file_has_its_type_its_tag_and_the_fences() {
    let base = serve().await;
    let paths = studio::paths();
    assert_eq!(paths[0], "/");
    for path in paths {
        let response = get(&format!("{base}{path}")).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        let expected = match path.rsplit('.').next() {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            _ => "text/html; charset=utf-8",
        };
        assert_eq!(header(&response, "content-type"), expected, "{path}");
        assert_eq!(header(&response, "cache-control"), "no-cache", "{path}");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header(&response, "referrer-policy"), "no-referrer", "{path}");
        let policy = header(&response, "content-security-policy").to_owned();
        for rule in ["default-src 'self'", "frame-ancestors 'none'", "object-src 'none'", "base-uri 'none'"] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        assert!(!response.text().await.unwrap().is_empty(), "{path}");
    }
}

#[tokio::test]
async fn a_known_tag_is_answered_304_and_an_old_one_with_the_file() {
    let base = serve().await;
    let client = Client::builder().no_proxy().build().unwrap();
    let url = format!("{base}/assets/main.js");
    let tag = header(&get(&url).await, "etag").to_owned();
    assert!(tag.len() > 12 && tag.starts_with('"') && tag.ends_with('"'), "{tag}");
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
        let again = client.get(&url).header("if-none-match", &known).send().await.unwrap();
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(header(&again, "etag"), tag);
        assert!(again.headers().contains_key("content-security-policy"));
        assert_eq!(again.bytes().await.unwrap().len(), 0);
    }
    let old = client.get(&url).header("if-none-match", "\"other\"").send().await.unwrap();
    assert_eq!(old.status(), StatusCode::OK);
    assert_ne!(header(&get(&format!("{base}/assets/api.js")).await, "etag"), tag);
}

#[tokio::test]
async fn an_unknown_file_is_404_and_fenced_as_well() {
    let base = serve().await;
    for path in ["/assets/none.js", "/assets/index.html", "/assets/..%2fmod.rs", "/assets/%2e%2e%2fassets.rs"] {
        let response = get(&format!("{base}{path}")).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
    }
}

#[test]
fn every_file_of_the_folder_is_served_and_every_served_one_is_there() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/studio/assets");
    let mut there: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .map(|name| if name == "index.html" { "/".to_owned() } else { format!("/assets/{name}") })
        .collect();
    let mut served = studio::paths();
    there.sort();
    served.sort();
    assert_eq!(served, there);
}

#[tokio::test]
async fn pages_hold_no_inline_code_and_load_nothing_from_elsewhere() {
    let base = serve().await;
    let html = get(&format!("{base}/")).await.text().await.unwrap();
    let inline = regex::Regex::new(r#"\s(?:style|on[a-z]+)\s*="#).unwrap();
    let elsewhere = regex::Regex::new(r#"(?:src|href|import|from|url\()\s*[=(]?\s*["']?(?:https?:)?//"#).unwrap();
    assert!(!html.contains("<style"), "styles belong in files");
    for tag in html.split('<').filter(|tag| !tag.starts_with('!')) {
        let attributes = tag.split('>').next().unwrap();
        assert!(!inline.is_match(attributes), "inline code in <{attributes}>");
        if attributes.starts_with("script") {
            assert!(attributes.contains("src=\"/assets/"), "inline script: <{attributes}>");
            assert!(tag.split('>').nth(1).unwrap().trim().is_empty(), "inline script: <{tag}");
        }
    }
    for path in studio::paths() {
        let text = get(&format!("{base}{path}")).await.text().await.unwrap();
        assert!(!elsewhere.is_match(&text), "{path} loads something from elsewhere");
        for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
            assert!(!text.contains(forbidden), "{path} uses {forbidden}");
        }
        if path != "/" && path.ends_with(".js") {
            assert_served_imports(&path, &text);
        }
    }
}

fn assert_served_imports(path: &str, text: &str) {
    for import in regex::Regex::new(r#"from "\./([^"]+)""#).unwrap().captures_iter(text) {
        let target = format!("/assets/{}", &import[1]);
        assert!(studio::paths().contains(&target), "{path} imports {target}, which is not served");
    }
}
