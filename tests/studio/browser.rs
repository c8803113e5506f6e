//! A person at the studio, for tests: a headless Chromium that types, taps and reads what the page shows.
//!
//! Nothing here sleeps for luck. Every `wait_…` asks the page again and again until it holds or a deadline passes; then the test
//! fails and prints what the page showed.

use std::time::{Duration, Instant};

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::{Element, ElementRef};
use fantoccini::error::CmdError;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use super::driver::{self, Driver};

/// How long a condition may take to hold; a machine under load is slow, a hanging page is not waited for for ever.
const DEADLINE: Duration = Duration::from_secs(20);
const AGAIN: Duration = Duration::from_millis(25);

/// One browser with the page open. Dropped, it ends with its driver.
pub struct Browser {
    client: Client,
    driver: Driver,
}

impl Browser {
    /// Opens a page. `None`, plainly said on standard error, when this machine has no Chromium; with `CI=true` that is a failure.
    pub async fn open(url: &str) -> Option<Browser> {
        let mut driver = match driver::start() {
            Ok(driver) => driver,
            Err(missing) if std::env::var("CI").is_ok_and(|ci| ci == "true") => panic!("no browser to test with: {missing}"),
            Err(missing) => {
                eprintln!("skipped: {missing}");
                return None;
            }
        };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(driver.capabilities()).connect(&driver.address()).await.expect("a session opens");
        driver.owns(client.session_id().await.expect("the session is known").expect("the session has an id"));
        client.goto(url).await.expect("the page opens");
        Some(Browser { client, driver })
    }

    /// Opens another address in the same browser.
    pub async fn go(&self, url: &str) {
        self.client.goto(url).await.expect("the page opens");
    }

    /// Types a text into the message line and sends it with Enter.
    pub async fn type_text(&self, text: &str) {
        let line = self.element("#type").await;
        line.send_keys(text).await.expect("the line takes text");
        line.send_keys("\u{e007}").await.expect("Enter sends");
    }

    /// Keys for whatever has the focus.
    pub async fn press(&self, keys: &str) {
        let focused = self.client.active_element().await.expect("something has the focus");
        focused.send_keys(keys).await.expect("keys are taken");
    }

    /// One key while another is held, for example Alt and 1.
    pub async fn chord(&self, held: char, key: char) {
        let actions = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value: held })
            .then(KeyAction::Down { value: key })
            .then(KeyAction::Up { value: key })
            .then(KeyAction::Up { value: held });
        self.client.perform_actions(actions).await.expect("keys are taken");
    }

    /// Taps the newest button of this title.
    pub async fn tap(&self, title: &str) {
        self.wait(&format!("a button {title:?}"), "return replies(args[0]).length > 0", &[json!(title)]).await;
        let found = self.script("return replies(args[0]).at(-1)", &[json!(title)]).await.expect("the page answers");
        self.click(found).await;
    }

    /// Taps a button of an old message: the first whose text contains `body`.
    pub async fn tap_old(&self, body: &str, title: &str) {
        let old = "return rows().find(r => r.innerText.includes(args[0]) && named(r, args[1]))";
        self.wait(&format!("{body:?} with a button {title:?}"), &format!("{old} !== undefined"), &[json!(body), json!(title)])
            .await;
        let found = format!("const r = (() => {{ {old} }})(); return named(r, args[1])");
        self.click(self.script(&found, &[json!(body), json!(title)]).await.expect("the page answers")).await;
    }

    /// Clicks the first element of a selector once it can be clicked.
    pub async fn click_on(&self, selector: &str) {
        self.element(selector).await.click().await.unwrap_or_else(|e| panic!("{selector} cannot be clicked: {e}"));
    }

    /// Waits until a bubble contains this text.
    pub async fn wait_for_bubble(&self, text: &str) {
        self.wait_for_bubbles(text, 1).await;
    }

    /// Waits until at least so many bubbles contain this text, for answers that repeat.
    pub async fn wait_for_bubbles(&self, text: &str, count: usize) {
        self.wait(&format!("{count} × {text:?}"), "return bubbles(args[0]).length >= args[1]", &[json!(text), json!(count)])
            .await;
    }

    /// Waits until the newest bubble with this text shows these ticks: `pending`, `sent`, `delivered`, `read` or `failed`.
    pub async fn wait_for_ticks(&self, text: &str, ticks: &str) {
        let seen = "return bubbles(args[0]).at(-1)?.querySelector('.ticks')?.dataset.ticks === args[1]";
        self.wait(&format!("{text:?} as {ticks}"), seen, &[json!(text), json!(ticks)]).await;
    }

    /// Waits until an element of this selector is shown.
    pub async fn wait_for(&self, selector: &str) {
        self.wait(&format!("{selector} to be shown"), "return visible(args[0])", &[json!(selector)]).await;
    }

    /// Waits until no element of this selector is shown.
    pub async fn wait_for_none(&self, selector: &str) {
        self.wait(&format!("{selector} to go"), "return !visible(args[0])", &[json!(selector)]).await;
    }

    /// Waits until an element of this selector contains this text.
    pub async fn wait_for_text(&self, selector: &str, text: &str) {
        let seen = "return [...document.querySelectorAll(args[0])].some(e => e.innerText.includes(args[1]))";
        self.wait(&format!("{text:?} in {selector}"), seen, &[json!(selector), json!(text)]).await;
    }

    /// Waits until a script's `return` is true; `args` holds the given values. `what` says what was waited for.
    pub async fn wait(&self, what: &str, condition: &str, args: &[Value]) {
        let end = Instant::now() + DEADLINE;
        loop {
            // A page that is just loading may refuse a script; it is asked again.
            if matches!(self.script(condition, args).await, Ok(Value::Bool(true))) {
                return;
            }
            if Instant::now() > end {
                let page = self.text("body").await;
                panic!("waited {DEADLINE:?} for {what}. The page shows:\n{page}\nIts console: {:#?}", self.console());
            }
            tokio::time::sleep(AGAIN).await;
        }
    }

    /// What an element shows, or nothing.
    pub async fn text(&self, selector: &str) -> String {
        let text = self.script("return document.querySelector(args[0])?.innerText ?? ''", &[json!(selector)]).await;
        text.ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// The value of a script's `return`; `args` holds the given values.
    pub async fn value(&self, script: &str, args: &[Value]) -> Value {
        self.script(script, args).await.unwrap_or_else(|e| panic!("{script}: {e}"))
    }

    /// What the browser's console holds since it was last asked: errors of scripts, refused loads, breaches of the policy.
    pub fn console(&self) -> Vec<String> {
        let lines = self.driver.command("POST", "/se/log", &json!({"type": "browser"}));
        let lines = lines.as_array().cloned().unwrap_or_default();
        lines.iter().map(|line| format!("{} {}", line["level"], line["message"])).collect()
    }

    /// Makes the page as wide and high as that, down to a phone's size, which a window cannot have.
    pub fn resize(&self, width: u32, height: u32) {
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        let body = json!({"cmd": "Emulation.setDeviceMetricsOverride", "params": metrics});
        self.driver.command("POST", "/goog/cdp/execute", &body);
    }

    /// Whether a dialog of the browser is open, as a script that got in would open one.
    pub async fn has_dialog(&self) -> bool {
        self.client.get_alert_text().await.is_ok()
    }

    async fn element(&self, selector: &str) -> Element {
        self.wait_for(selector).await;
        self.client.find(Locator::Css(selector)).await.unwrap_or_else(|e| panic!("{selector}: {e}"))
    }

    async fn click(&self, element: Value) {
        Element::from_element_id(self.client.clone(), reference(&element)).click().await.expect("the button can be clicked");
    }

    async fn script(&self, script: &str, args: &[Value]) -> Result<Value, CmdError> {
        self.client.execute(&format!("{WORDS}; const args = arguments[0]; {script}"), vec![json!(args)]).await
    }
}

/// Words that the scripts above share.
const WORDS: &str = "
    const rows = () => [...document.querySelectorAll('#log .row')];
    const bubbles = (text) => rows().filter(r => [...r.querySelectorAll('.head, .body, .foot, .media')].some(b => b.innerText.includes(text)));
    const named = (row, title) => [...row.querySelectorAll('button.reply')].find(b => b.innerText.trim() === title);
    const replies = (title) => rows().map(r => named(r, title)).filter(Boolean);
    const visible = (selector) => [...document.querySelectorAll(selector)].some(e => e.checkVisibility({ visibilityProperty: true }));
";

/// The id of an element in a script's answer (WebDriver, section 12.2: one member whose name is fixed).
fn reference(value: &Value) -> ElementRef {
    let id = value.as_object().and_then(|o| o.values().next()).and_then(Value::as_str);
    id.expect("the script returned an element").to_owned().into()
}
