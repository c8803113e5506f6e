//! What the phone page does, in a real browser.

use serde_json::{Value, json};

use super::browser::Browser;
use super::mock::{Mock, NASTY};

/// A menu of the day before yesterday, as old messages are.
fn old_menu() -> Value {
    let at = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(40);
    json!({"kind": "buttons", "body": "The old menu", "at": at.to_string(), "buttons": [{"id": "x~9", "title": "Last week's offer"}]})
}

/// The page may not have made the browser complain about anything: a script's error, a breach of the policy, a missing file.
fn assert_quiet(page: &Browser, mock: &Mock) {
    assert_eq!(page.console(), Vec::<String>::new());
    assert_eq!(mock.unmarked(), 0, "a request lacked the header of the studio");
}

#[tokio::test(flavor = "multi_thread")]
async fn typing_and_tapping_travel_and_old_buttons_stay_alive() {
    let mock = Mock::start().await;
    let old = mock.says(old_menu());
    let Some(page) = Browser::open(&mock.base).await else { return };
    page.wait_for_bubble("The old menu").await;
    page.wait_for_ticks("The old menu", "delivered").await;

    page.type_text("hi").await;
    page.wait_for_bubble("You said: hi").await;
    page.wait_for_text("#window-text", "Free-form messages possible until").await;
    page.tap("My order").await;
    page.wait_for_bubble("You chose My order of “You said: hi”").await;

    page.tap_old("The old menu", "Last week's offer").await;
    page.wait_for_bubble("You chose Last week's offer of “The old menu”").await;
    // The tap stands at the right as a reply that quotes the old message, and the button can be tapped once more.
    page.wait_for_text("#log .row.own:nth-last-child(2) .quote", "The old menu").await;
    page.tap_old("The old menu", "Last week's offer").await;
    page.wait_for_bubbles("You chose Last week's offer", 2).await;

    let taps: Vec<Value> = mock.asked().into_iter().filter(|(what, _)| what == "tap").map(|(_, body)| body).collect();
    assert_eq!(taps.len(), 3);
    assert_eq!((&taps[1]["message"], &taps[1]["button"]), (&json!(old), &json!("x~9")));
    let days = page.value("return [...document.querySelectorAll('.day')].length", &[]).await;
    assert_eq!(days, 2, "a separator for each of the two days");
    assert_quiet(&page, &mock);
}

#[tokio::test(flavor = "multi_thread")]
async fn ticks_follow_receipts_and_a_failure_tells_its_reason() {
    let mock = Mock::start().await;
    let Some(page) = Browser::open(&mock.base).await else { return };
    page.wait_for("#empty").await;
    assert!(page.text("#empty").await.contains("Type a message below; your flows answer."));
    let id = mock.says(json!({"body": "On its way", "ticks": "pending"}));
    for ticks in ["pending", "sent", "delivered", "read"] {
        mock.change(&id, json!({"ticks": ticks}));
        page.wait_for_ticks("On its way", ticks).await;
    }
    page.wait_for_none("#empty").await;
    let lost = mock.says(json!({"body": "Going nowhere", "ticks": "sent"}));
    mock.change(&lost, json!({"ticks": "failed", "error": "nobody has this number"}));
    page.wait_for_ticks("Going nowhere", "failed").await;
    page.wait_for_text("#log .why", "Not delivered: nobody has this number").await;
    assert_quiet(&page, &mock);
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_any_text_is_shown_and_never_runs() {
    let mock = Mock::start().await;
    let link = json!({"label": NASTY, "url": "javascript:alert(4)"});
    mock.says(
        json!({"kind": "link", "header": NASTY, "body": NASTY, "footer": NASTY, "link": link, "ticks": "failed", "error": NASTY}),
    );
    mock.says(json!({"kind": "buttons", "body": NASTY, "buttons": [{"id": NASTY, "title": NASTY}]}));
    mock.says(
        json!({"kind": "media", "body": NASTY, "media": {"kind": "image", "url": "javascript:alert(5)", "filename": NASTY}}),
    );
    mock.becomes(json!({"warnings": [NASTY], "refused": {"at": "x", "revision": NASTY, "errors": 1, "report": NASTY}}));
    let Some(page) = Browser::open(&mock.base).await else { return };
    page.wait_for_bubbles("<img src=x onerror=alert(1)><script>alert(2)</script> bold", 3).await;
    page.type_text(NASTY).await;
    page.wait_for_bubbles("<img src=x onerror=alert(1)>", 5).await;
    page.wait_for_text("#report", NASTY).await;
    page.tap(NASTY).await;
    page.wait_for_bubble("You chose <img").await;

    assert!(!page.has_dialog().await, "a script ran");
    let made = "return document.querySelectorAll('#log img, #log script, #people img, #banner img, [onerror]').length";
    assert_eq!(page.value(made, &[]).await, 0);
    let risky = "return [...document.links].filter(a => !/^https?:/u.test(a.href) || !a.rel.includes('noopener')).length";
    assert_eq!(page.value(risky, &[]).await, 0);
    mock.says(json!({"body": "_slanted_ ~gone~ ```fixed``` snake_case_name 2*3*4 https://example.com/a_b_c."}));
    page.wait_for_bubble("slanted gone fixed snake_case_name 2*3*4 https://example.com/a_b_c.").await;
    let marks = "return [...bubbles('slanted')[0].querySelector('.body').children].map(e => e.tagName + ' ' + e.textContent)";
    let expected = json!(["EM slanted", "S gone", "CODE fixed", "A https://example.com/a_b_c"]);
    assert_eq!(page.value(marks, &[]).await, expected);
    let sewn = page.value("return document.querySelector('#log strong').textContent", &[]).await;
    assert_eq!(sewn, "bold", "the marks of WhatsApp are shown as they mean");
    assert_quiet(&page, &mock);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_from_the_keyboard() {
    let mock = Mock::start().await;
    let Some(page) = Browser::open(&mock.base).await else { return };
    page.wait("the line to have the focus", "return document.activeElement.id === 'type' && visible('#who-name')", &[]).await;
    page.press("one\u{e008}\u{e007}\u{e000}two\u{e007}").await;
    page.wait_for_bubble("You said: one\ntwo").await;
    page.chord('\u{e00a}', '2').await;
    page.wait_for_bubble("You chose My order").await;

    // Backwards with Tab from the line the last button of the newest menu is near.
    let mut reached = json!("");
    for _ in 0..6 {
        page.chord('\u{e008}', '\u{e004}').await;
        reached =
            page.value("return document.activeElement.matches('.reply') && document.activeElement.innerText.trim()", &[]).await;
        if reached == "Talk" {
            break;
        }
    }
    assert_eq!(reached, "Talk", "Tab reaches the buttons");
    page.press("\u{e007}").await;
    page.wait_for_bubble("You chose Talk").await;

    page.value("document.getElementById('more').focus(); return null", &[]).await;
    page.press("\u{e007}").await;
    page.wait("the menu to take the focus", "return document.activeElement.id === 'let-pass'", &[]).await;
    page.press("\u{e015}").await;
    page.press("\u{e015}").await;
    page.press("\u{e007}").await;
    page.wait_for("#faults[open] [role=switch]").await;
    page.press("\u{e00c}").await;
    page.wait_for_none("#faults").await;

    page.value("document.querySelector('.person[aria-selected=true]').focus(); return null", &[]).await;
    page.press("\u{e015}").await;
    page.wait_for_text("#who-name", "Omar Sample").await;
    page.wait("the chosen person to keep the focus", "return document.activeElement.innerText.includes('Omar')", &[]).await;
    page.press("\u{e007}").await;
    page.wait("the line to have the focus", "return document.activeElement.id === 'type'", &[]).await;
    page.press("for Omar\u{e007}").await;
    page.wait_for_bubble("You said: for Omar").await;
    assert_eq!(mock.asked().last().unwrap().1["phone"], "+15550100124");
    assert_quiet(&page, &mock);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_reload_shows_its_report_until_it_is_mended() {
    let mock = Mock::start().await;
    let Some(page) = Browser::open(&mock.base).await else { return };
    page.wait_for_text("#strip-text", "Revision aaaa1111").await;
    page.wait_for_none("#banner").await;
    let report = "error: no step is called `chekout`\n  --> flows/shop.yaml:31:17";
    mock.reload(json!({"refused": {"at": "2026-11-24T02:00:00Z", "revision": "bbbb", "errors": 2, "report": report}}));
    page.wait_for("#banner").await;
    page.wait_for_text("#banner-title", "Your last save was refused: 2 errors.").await;
    page.wait_for_text("#report", report).await;
    assert!(page.text("#strip-text").await.contains("aaaa1111"), "the old revision still runs");
    page.click_on("#banner summary").await;
    page.wait_for_none("#report").await;

    mock.reload(json!({"refused": null, "revision": "cccc2222"}));
    page.wait_for_none("#banner").await;
    page.wait_for_text("#notes", "Fixed. Revision cccc2222 is live.").await;
    page.wait_for_text("#strip-text", "Revision cccc2222").await;
    assert_quiet(&page, &mock);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_connection_is_said_and_what_was_missed_appears_after_it() {
    let mock = Mock::start().await;
    let Some(page) = Browser::open(&mock.base).await else { return };
    page.wait_for("#empty").await;
    page.wait_for_none("#lost").await;
    mock.away(true);
    page.wait_for_text("#lost", "Connection lost, trying again").await;
    mock.says(json!({"body": "Said while nobody heard"}));
    page.type_text("anyone?").await;
    page.wait_for("#alerts .note").await;
    let kept = page.value("return document.getElementById('type').value", &[]).await;
    assert_eq!(kept, "anyone?", "a text that was not taken comes back");
    mock.away(false);
    page.wait_for_bubble("Said while nobody heard").await;
    page.wait_for_none("#lost").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_s_own_sentence_is_shown_and_goes_when_it_works_again() {
    let mock = Mock::start().await;
    let Some(page) = Browser::open(&mock.base).await else { return };
    page.wait_for("#empty").await;
    page.type_text("break").await;
    page.wait_for_text("#alerts", "The sandbox is asleep.").await;
    page.value("document.getElementById('type').value = ''; return null", &[]).await;
    page.type_text("awake").await;
    page.wait_for_bubble("You said: awake").await;
    page.wait_for_none("#alerts .note").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_faults_attachments_and_starting_over() {
    let mock = Mock::start().await;
    let Some(page) = Browser::open(&mock.base).await else { return };
    page.click_on("#add-contact").await;
    page.press("Thandi Nkosi\u{e007}").await;
    page.wait_for_text("#who-name", "Thandi Nkosi").await;
    page.click_on("#attach").await;
    page.click_on("#attach-menu [data-kind=voice]").await;
    page.wait_for_bubble("Voice note").await;

    page.click_on("#more").await;
    page.click_on("#open-faults").await;
    page.click_on("#fault-latency_ms").await;
    page.press("\u{e00c}").await;
    page.wait_for_text("#faults-chip", "1 fault on").await;
    let faults = mock.asked().into_iter().rev().find(|(what, _)| what == "faults").unwrap().1;
    assert_eq!((&faults["latency_ms"], &faults["garbage"]), (&json!(3000), &json!("html")), "other settings stay as they are");

    page.click_on("#more").await;
    page.click_on("#let-pass").await;
    page.wait_for_text("#notes", "25 hours have passed").await;
    page.click_on("#more").await;
    page.click_on("#start-over").await;
    page.wait_for("#sure").await;
    assert!(mock.asked().iter().all(|(what, _)| what != "reset"), "it asks first");
    page.click_on("#sure-yes").await;
    page.wait_for("#empty").await;
    assert_quiet(&page, &mock);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_saved_as_a_test() {
    let mock = Mock::start().await;
    let old = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(25 * 60 + 1);
    let menu = |at: jiff::Timestamp| json!({"kind": "buttons", "body": "Where \"to\"?", "at": at.to_string(), "buttons": [{"id": "x~1", "title": "Kochi"}]});
    mock.says(menu(old));
    mock.says(menu(jiff::Timestamp::now()));
    let Some(page) = Browser::open(&mock.base).await else { return };
    page.wait_for_bubbles("Where", 2).await;
    page.tap_old("Where", "Kochi").await;
    page.wait_for_bubble("You chose Kochi").await;
    page.type_text("a: b # {c}").await;
    page.wait_for_bubble("You said: a: b").await;
    page.click_on("#attach").await;
    page.click_on("#attach-menu [data-kind=location]").await;
    page.wait_for_bubble("Location").await;

    page.click_on("#more").await;
    page.click_on("#save-test").await;
    page.wait_for("#recording-text").await;
    let saved = page.value("return document.querySelector('#recording-text').value", &[]).await;
    let saved = saved.as_str().unwrap();
    for part in [
        "    contact: {name: \"Rosa Sample\"}\n    talk:\n      - bot: \"Where \\\"to\\\"?\"\n      - wait: 25 h\n",
        "      - tap: {button: \"Kochi\", on: 1}\n",
        "      - they: \"a: b # {c}\"\n",
        "      - sends: location\n",
    ] {
        assert!(saved.contains(part), "{part} is missing in\n{saved}");
    }
    // It is read as what it is: a list of conversations.
    let flow =
        format!("buttonhook: 1\nflow: tiny\nstart: {{words: [hi]}}\nsteps: {{only: {{say: Hello, end: done}}}}\ntests:\n{saved}");
    let sources = buttonhook::source::Sources::from_texts([("flows/tiny.yaml", flow.as_str())]);
    let program = buttonhook::flow::compile(&sources).0.unwrap();
    let (scenarios, wrong) = buttonhook::scenario::read(&program, program.flows().next().unwrap());
    assert!(scenarios.len() == 1 && !wrong.iter().any(|one| one.is_error()), "{wrong:?}\n{saved}");
    page.click_on("#recording-download").await;
    page.press("\u{e00c}").await;
    page.wait_for_none("#recording").await;
    assert_quiet(&page, &mock);
}

#[tokio::test(flavor = "multi_thread")]
async fn at_phone_width_one_screen_at_a_time_and_colours_are_kept() {
    let mock = Mock::start().await;
    let Some(page) = Browser::open(&mock.base).await else { return };
    page.resize(390, 844);
    page.wait_for_none(".side").await;
    page.click_on("#back").await;
    page.wait_for(".side").await;
    page.wait_for_none(".chat").await;
    page.click_on(".person:last-child").await;
    page.wait_for_text("#who-name", "Omar Sample").await;
    let wider = page.value("return document.documentElement.scrollWidth > innerWidth", &[]).await;
    assert_eq!(wider, false, "nothing reaches beyond the screen");

    page.click_on("#theme").await;
    let chosen = page.value("return document.documentElement.dataset.theme", &[]).await;
    page.go(&mock.base).await;
    page.wait("the colours to be kept", "return document.documentElement.dataset.theme === args[0]", &[chosen]).await;
    assert_quiet(&page, &mock);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_real_provider_there_is_no_phone() {
    let mock = Mock::start().await;
    mock.becomes(json!({"sandbox": false, "channel": {"name": "xobito", "paused_until": null}}));
    let Some(page) = Browser::open(&mock.base).await else { return };
    page.wait_for_text("#provider", "The real provider is connected.").await;
    page.wait_for_text("#provider-name", "xobito").await;
    page.wait_for_none("#phone").await;
    assert_quiet(&page, &mock);
}
