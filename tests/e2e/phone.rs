//! The first thing a newcomer does, in a real browser on the real binary: type, tap, edit a flow, and read the new answer.

use std::path::Path;

use super::*;
use crate::studio::browser::Browser;

/// The shipped project, copied so that the test can edit it.
fn shipped() -> Setup {
    let setup = Setup::new(ECHO);
    std::fs::remove_file(setup.project().join("flows/echo.yaml")).unwrap();
    for folder in ["flows", "scripts"] {
        for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap() {
            let path = entry.unwrap().path();
            std::fs::copy(&path, setup.project().join(folder).join(path.file_name().unwrap())).unwrap();
        }
    }
    setup
}

#[tokio::test(flavor = "multi_thread")]
async fn typing_tapping_and_editing_on_the_phone() {
    let host = Host::start(shipped()).await;
    let Some(phone) = Browser::open(&format!("http://{}/", host.admin)).await else { return };
    phone.type_text("hi").await;
    phone.wait_for_bubble("What can we do for you?").await;
    phone.tap("Opening hours").await;
    phone.wait_for_bubble("We are open 9 to 6").await;
    phone.wait_for_ticks("hi", "delivered").await;

    let flow = host.setup.project().join("flows/shop.yaml");
    let text = std::fs::read_to_string(&flow).unwrap();
    std::fs::write(&flow, text.replace("We are open 9 to 6", "We are open day and night")).unwrap();
    let before = host.status().await["revision"].clone();
    let status = host.status_when(|status| status["revision"] != before).await;
    assert!(status["refused"].is_null());
    phone.tap_old("What can we do for you?", "Opening hours").await;
    phone.wait_for_bubble("We are open day and night").await;

    std::fs::write(&flow, text.replace("go: hours", "go: huors")).unwrap();
    host.status_when(|status| !status["refused"].is_null()).await;
    phone.wait_for_text("body", "did you mean `hours`?").await;
    phone.type_text("order 4711").await;
    phone.wait_for_bubble("Order 4711 is being packed.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_half_hour_on_the_phone() {
    let host = Host::start(shipped()).await;
    let Some(phone) = Browser::open(&format!("http://{}/", host.admin)).await else { return };
    phone.type_text("hi").await;
    phone.wait_for_bubble("What can we do for you?").await;
    phone.click_on("#more").await;
    phone.click_on("#let-half-hour").await;
    phone.wait_for_bubble("whenever you like").await;
}
