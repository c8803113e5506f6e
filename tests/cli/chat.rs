//! `buttonhook chat` in a pipe: the same input always gives the same transcript.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use crate::e2e::host::binary;

fn chat(root: &Path, input: &str) -> String {
    let mut child =
        binary().arg("chat").arg(root).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

fn shipped() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for folder in ["flows", "scripts"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        fs::create_dir(root.path().join(folder)).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), root.path().join(folder).join(entry.file_name())).unwrap();
        }
    }
    root
}

#[test]
fn a_conversation_is_led_by_numbers_titles_and_texts() {
    let root = shipped();
    let told = chat(root.path(), "hi\n1\nKochi\n3\n/vars\n/why\n/tap hours\n/wait 20 min\n");
    for part in [
        "hi ▐",
        "▌ [1 Prices] [2 Opening hours] [3 Track a parcel]",
        "[Kochi] ▐",
        "3 ▐",
        "▌ 3 to Kochi: INR 540, picked up tomorrow.",
        "shop.price  INR 540",
        "It waits at offer of shop.",
        "    prices.quote ran and gave 540.\n",
        "    parcels >= 10 does not hold.\n",
        "▌ We are open 9 to 6",
        "· 20 min later ·",
        "· the flow is over: left ·",
    ] {
        assert!(told.contains(part), "{part:?} is missing in\n{told}");
    }
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
    assert_eq!(told, chat(root.path(), "hi\n1\nKochi\n3\n/vars\n/why\n/tap hours\n/wait 20 min\n"));
}

#[test]
fn what_was_led_becomes_a_test_that_goes_as_written() {
    let root = shipped();
    let told = chat(root.path(), "hi\n1\n2\n/tap track\nnot there\n/send voice\n/wait 2 h\n/save from a chat\n");
    assert!(told.contains("Saved in flows/shop.yaml."), "{told}");
    let out = binary().args(["test", "--only", "from a chat"]).arg(root.path()).output().unwrap();
    let told = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success() && told.contains("1 conversation went as written"), "{told}");
}

#[test]
fn what_is_no_command_is_told_with_the_nearest() {
    let told = chat(shipped().path(), "/wyh\n/wait\n/tap nothing\n/save one\n/help\n");
    for part in
        ["Did you mean /why?", "/wait 20 min", "No message has a button nothing.", "Nothing has begun a flow yet", "  a text"]
    {
        assert!(told.contains(part), "{part:?} is missing in\n{told}");
    }
}
