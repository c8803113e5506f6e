//! Every sample body, and what it brings: `samples.txt` names each file of `tests/payloads` and, below it, its deliveries.
//! With `BUTTONHOOK_BLESS=1` the test writes that file afresh; read the difference before you keep it.

use std::fmt::Write as _;
use std::path::PathBuf;

use buttonhook::channel::xobito;

use super::{folder, line, sample};

fn expected() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/channel/samples.txt")
}

fn rendered() -> String {
    let mut names: Vec<_> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let mut out = String::new();
    for name in names {
        writeln!(out, "{name}").unwrap();
        match xobito::decode(&sample(&name)) {
            Ok(deliveries) => deliveries.iter().for_each(|delivery| writeln!(out, "    {}", line(delivery)).unwrap()),
            // Requests, answers and other providers' bodies: the webhook must not take them for its own.
            Err(unreadable) => writeln!(out, "    unreadable: {unreadable}").unwrap(),
        }
    }
    out
}

#[test]
fn every_sample_brings_what_the_table_says() {
    let rendered = rendered();
    if std::env::var_os("BUTTONHOOK_BLESS").is_some() {
        std::fs::write(expected(), &rendered).unwrap();
    }
    let expected = std::fs::read_to_string(expected()).unwrap();
    for (said, came) in expected.lines().zip(rendered.lines()) {
        assert_eq!(said, came, "a sample reads differently, or is not in the table");
    }
    assert_eq!(expected.lines().count(), rendered.lines().count(), "a sample is missing from the table or from the folder");
}
